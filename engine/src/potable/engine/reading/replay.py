"""Cuts once more: without their data they are small enough to be kept, and the data can be read again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from potable.engine.contracts.reading import Cut, beginning_of
from potable.engine.contracts.snapshot import Part
from potable.engine.findings import Fault, Occurrence
from potable.engine.reading.text import TextStream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyroaring import BitMap

    from potable.engine.limits import Limits

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Seen:
    """A cut without its data, and how to get these again.

    :param at: offset in the part's text; :param size: length of the data.
    """

    cut: Cut
    at: int
    size: int

    @classmethod
    def of(cls, cut: Cut, at: int) -> Seen:
        """This cut, from that offset in the part's text."""
        return cls(replace(cut, data=b""), at, len(cut.data))


class Piece(Protocol):
    """What is read again: see :class:`Seen`."""

    @property
    def cut(self) -> Cut: ...
    @property
    def at(self) -> int: ...
    @property
    def size(self) -> int: ...


def replay(
    seen: Iterable[Piece],
    parts: Sequence[Part],
    encodings: Mapping[int, str | None],
    limits: Limits,
    records: BitMap | None = None,
) -> Iterator[Cut]:
    """Cuts with their data, only those that hold one of these records (None: all).

    :param encodings: the encoding that each part was taken to be in, by number.

    Raises :class:`Fault` (``access/changed``) where a file was changed since.
    """
    text: TextStream | None = None
    part = -1
    try:
        for one in seen:
            cut = one.cut
            if not cut.holds(records):
                continue
            if text is None or part != cut.part:
                if text is not None:
                    text.bytes.finish()
                    text.bytes.close()
                part = cut.part
                text = TextStream(parts[part], limits, encodings.get(part), hashed=False)
            yield replace(cut, data=_reread(text, one))
        if text is not None:
            text.bytes.finish()
    finally:
        if text is not None:
            text.bytes.close()


def digests_of_rest(parts: Sequence[Part], known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """After a fault, name and digest of each part that has none yet: the report is to name exact bytes."""
    for part in parts:
        if part.sha256 is None and part.name not in known:
            with suppress(OSError), part.path.open("rb") as f:
                yield part.name, hashlib.file_digest(f, "sha256").hexdigest()


def _reread(text: TextStream, seen: Piece) -> bytes:
    if text.direct:
        text.bytes.seek(seen.cut.byte)
        data = text.bytes.read(seen.size)
    else:
        while text.position < seen.at and text.read(min(seen.at - text.position, _BLOCK)):
            pass
        data = text.read(seen.size)
    if len(data) != seen.size:
        part = text.bytes.part
        place = beginning_of(part)
        raise Fault(Occurrence("access/changed", f"{part.name} became shorter while it was read", location=place))
    return data
