"""Readings of another reading."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from potable.engine.contracts.reading import ChunkParser, Cut, Reading
from potable.engine.findings import Tally

if TYPE_CHECKING:
    from pyroaring import BitMap


class WrappedReading(Reading):
    """Leaves to another reading whatever a subclass doesn't override.

    :ivar inner: that one.
    """

    def __init__(self, inner: Reading) -> None:
        self.inner = inner
        self.columns, self.typed, self.codes = inner.columns, inner.typed, inner.codes
        self.holds_lock, self.nested = inner.holds_lock, inner.nested

    def bound(self, records: int) -> None:
        """See :meth:`Reading.bound`."""
        self.inner.bound(records)

    def cuts(self) -> Iterator[Cut]:
        """See :meth:`Reading.cuts`."""
        return self.inner.cuts()

    def parser(self) -> ChunkParser:
        """See :meth:`Reading.parser`."""
        return self.inner.parser()

    def again(self, records: BitMap | None = None) -> Iterator[Cut]:
        """See :meth:`Reading.again`."""
        return self.inner.again(records)

    def learn(self, lesson: Any) -> None:
        """See :meth:`Reading.learn`."""
        self.inner.learn(lesson)

    def lacked(self, fields: Mapping[str, bool], found: Collection[str]) -> None:
        """See :meth:`Reading.lacked`."""
        self.inner.lacked(fields, found)

    def tallies(self) -> Sequence[Tally]:
        """See :meth:`Reading.tallies`."""
        return self.inner.tallies()

    def metrics(self) -> Mapping[str, Any]:
        """See :meth:`Reading.metrics`."""
        return self.inner.metrics()

    def digests(self) -> dict[str, str]:
        """See :meth:`Reading.digests`."""
        return self.inner.digests()

    def close(self) -> None:
        """See :meth:`Reading.close`."""
        self.inner.close()
