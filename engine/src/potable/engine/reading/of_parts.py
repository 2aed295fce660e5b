"""What readings have in common that go through a snapshot's parts, one after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from potable.engine.contracts.reading import Reading, beginning_of
from potable.engine.findings import Location, Occurrence, Tally
from potable.engine.reading.parts import unchanged
from potable.engine.reading.replay import digests_of_rest

if TYPE_CHECKING:
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.limits import Limits
    from potable.engine.reading.streams import ByteStream


class PartsReading(Reading):
    """Keeps the parts, and what is wrong with their files."""

    def __init__(self, snapshot: Snapshot, limits: Limits) -> None:
        self._limits = limits
        self._parts = list(snapshot.parts)
        self._found: list[Tally] = []

    def tallies(self) -> Sequence[Tally]:
        """See :meth:`Reading.tallies`."""
        return tuple(self._found)

    def _note(self, *occurrences: Occurrence | None) -> None:
        """Keep what is told of files, where there is something."""
        self._found += [Tally.of(o) for o in occurrences if o is not None]

    def _part_names(self) -> str:
        """The names of the first parts, as a message begins that is about all of them."""
        return ", ".join(part.name for part in self._parts[:3])

    def _beginning(self) -> Location:
        """The first place in the data; nowhere, if there is no part."""
        return beginning_of(self._parts[0]) if self._parts else Location()


class StreamedReading(PartsReading):
    """Reads each part from its start to its end, and so knows its digest."""

    def __init__(self, snapshot: Snapshot, limits: Limits) -> None:
        super().__init__(snapshot, limits)
        self._digests: dict[str, str] = {}

    def digests(self) -> dict[str, str]:
        """See :meth:`Reading.digests`."""
        return dict(self._digests)

    def _keep_digest(self, stream: ByteStream) -> None:
        """Of a part that was read to its end."""
        if stream.digest is not None:
            self._digests[stream.part.name] = stream.digest

    def _hash_the_rest(self) -> None:
        """After a fault: what wasn't read has a digest all the same, so that the report names exact bytes."""
        self._digests.update(digests_of_rest(self._parts, self._digests))


class SoughtReading(PartsReading):
    """Looks into files here and there: none is hashed, and a file that was changed is known by its size and time."""

    def digests(self) -> dict[str, str]:
        """None: no file is read from its start to its end."""
        return {}

    def _unchanged(self, number: int) -> None:
        """Raise :class:`Fault` (``access/changed``) where the file isn't the one that was opened first."""
        self._parts[number] = unchanged(self._parts[number], self._limits)
