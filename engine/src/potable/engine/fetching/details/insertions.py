"""Texts that were put into a part, and where everything else in it really stands.

A list with its records' details in it is the list as it came, but for the details: a place in it is told as that of
the list, or of the details' own address.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from itertools import accumulate
from pathlib import Path

from potable.engine.findings import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertion:
    """A text that was put in. It has no line break.

    :param start: offset of its first byte in the part, the texts before it included.
    :param length: in bytes.
    :param chars: in characters.
    :param line: the line that it's in.
    :param path: JSON Pointer of what it is, in the part.
    :param url: where that came from, as shown.
    :param pointer: its JSON Pointer there.
    """

    start: int
    length: int
    chars: int
    line: int
    path: str
    url: str
    pointer: str


def write_insertions(file: Path, insertions: Iterable[Insertion]) -> None:
    """Write them down, a line each, in order of their places."""
    with file.open("w", encoding="utf-8") as out:
        for insertion in insertions:
            out.write(json.dumps(asdict(insertion), ensure_ascii=False) + "\n")


@dataclass(slots=True)
class Insertions:
    """The insertions of one part, read from their file when they are first asked for.

    :param file: as :func:`write_insertions` writes it.
    """

    file: Path
    _all: list[Insertion] | None = None
    _starts: list[int] = field(default_factory=list)
    _lines: list[int] = field(default_factory=list)
    _bytes: list[int] = field(default_factory=list)
    _chars: list[int] = field(default_factory=list)

    def original(self, at: Location) -> Location:
        """Where something in the part really stands."""
        if at.byte is None:
            return at
        found = self._read()
        count = bisect_right(self._starts, at.byte)
        if count and at.byte < self._starts[count - 1] + found[count - 1].length:
            return _of(found[count - 1], at)
        column = at.column
        if column is not None and at.line is not None:
            column -= self._chars[count] - self._chars[min(bisect_left(self._lines, at.line), count)]
        return replace(at, byte=at.byte - self._bytes[count], column=column)

    def _read(self) -> list[Insertion]:
        if self._all is None:
            with self.file.open(encoding="utf-8") as lines:
                found = [Insertion(**json.loads(line)) for line in lines]
            self._starts, self._lines = [i.start for i in found], [i.line for i in found]
            self._bytes = [0, *accumulate(i.length for i in found)]
            self._chars = [0, *accumulate(i.chars for i in found)]
            self._all = found
        return self._all


def _of(insertion: Insertion, at: Location) -> Location:
    """A place inside an insertion: that of the value where it came from."""
    inside = at.path is not None and (at.path == insertion.path or at.path.startswith(insertion.path + "/"))
    pointer = insertion.pointer + (str(at.path)[len(insertion.path) :] if inside else "")
    return Location(url=insertion.url, record=at.record, path=pointer or None)
