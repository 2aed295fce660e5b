"""Where a streamed document is, and what is wrong there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from potable.checkers.markup.elements import RecordNames, name_of
from potable.checkers.markup.libxml import Element
from potable.checkers.markup.records import Keys
from potable.checkers.markup.schema import Violation
from potable.checkers.xsd.errors import about, element_of, is_new, violation

WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
"""What text of 16 bits begins with."""
MOST_HELD = 20_000
"""Of a record with more elements than so many the key isn't told."""


def let_go(element: Element) -> None:
    """Let go of an element that has ended, and of those before it."""
    parent = element.getparent()
    element.clear()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def _line_breaks(piece: bytes) -> int:
    """How many lines end in a piece that doesn't end between CR and LF."""
    ends = piece.count(b"\n")
    return ends + piece.count(b"\r") - piece.count(b"\r\n") if b"\r" in piece else ends


@dataclass(slots=True)
class _Open:
    """An open element: its step, and how often each name has occurred in it.

    :param byte: where its start tag is; None where that isn't known.
    :param record: whether it's a record; :param record_number: its number, where they're counted.
    :param whole: whether all of it has been held.
    """

    name: str
    number: int
    line: int
    byte: int | None
    record: bool
    record_number: int | None
    element: Element
    children: dict[str, int] = field(default_factory=dict)
    ended: bool = False
    whole: bool = True

    @property
    def local(self) -> str:
        """Its name without a prefix."""
        return self.name.rpartition(":")[2]


_Steps = tuple[_Open, ...]


class Track:
    """Follows a document tag by tag.

    Elements of a record are held up to its end, for its key may come behind what is wrong.
    """

    def __init__(self, records: RecordNames, keys: Keys) -> None:
        self._records, self._keys = records, keys
        self._open: list[_Open] = []
        self._line, self._byte = 1, 0
        self._tag: tuple[int, int] = (1, 0)
        self._wide: bool | None = None
        self._counted = self._held = 0
        self._record: _Open | None = None
        self._touched: list[_Steps] = []
        self._ended: list[Element] = []
        self._found: list[tuple[Violation, _Open | None]] = []

    @property
    def waiting(self) -> bool:
        """Whether something was found that isn't told yet."""
        return bool(self._found)

    def follow(self, pull: Any, piece: bytes) -> None:
        """Take the events of a piece, which was fed."""
        for element in self._ended:
            let_go(element)
        self._ended, self._touched = [], []
        if self._wide is None:
            self._wide = piece.startswith(WIDE)
        at = piece.rfind(b"<")
        if at >= 0:
            self._tag = self._line + _line_breaks(piece[:at]), self._byte + at
        for event, element in pull.read_events():
            if event == "start":
                self._start(element)
                self._touched.append(tuple(self._open))
            else:
                self._touched.append(tuple(self._open))
                self._end(element)
        self._line += _line_breaks(piece)
        self._byte += len(piece)

    def note(self, entries: list[Any]) -> None:
        """Take the schema's errors that the last piece brought up."""
        seen: set[str] = set()
        for entry in entries:
            if entry.domain_name != "SCHEMASV" or not is_new(entry, about(entry), seen):
                continue
            steps = self._concerned(entry)
            if not steps:
                continue
            path = [(s.name, s.number if s.number > 1 or s.record else 0) for s in steps]
            found = replace(violation(entry, path, steps[-1].element), line=steps[-1].line)
            record = next((s for s in steps if s.record), None)
            if record is not None:
                found = replace(found, record=record.record_number, byte=record.byte)
            self._found.append((found, record))

    def told(self, *, ended: bool = False) -> Iterator[Violation]:
        """What was found and is complete, with the keys of its records; all of it when the document has ended."""
        if not self._found or not (ended or self._record is None or any(r is None or r.ended for _, r in self._found)):
            return
        left: list[tuple[Violation, _Open | None]] = []
        for found, record in self._found:
            if record is None:
                yield found
            elif record.ended or ended:
                key = self._keys.of(record.element) if record.ended and record.whole else None
                yield replace(found, key=key)
            else:
                left.append((found, record))
        self._found = left

    def _start(self, element: Element) -> None:
        name, parent = name_of(element), self._open[-1] if self._open else None
        number = 1
        if parent is not None:
            number = parent.children[name] = parent.children.get(name, 0) + 1
        record = self._record is None and self._records.is_record(name, None if parent is None else parent.name)
        counted = None
        if record and self._records.counted:
            self._counted += 1
            counted = self._counted
        line, byte = self._tag
        step = _Open(name, number, line, None if self._wide else byte, record, counted, element)
        if record:
            self._record, self._held = step, 0
        self._open.append(step)

    def _end(self, element: Element) -> None:
        step = self._open.pop()
        step.ended = True
        record = self._record
        if step is record:
            self._record = None
        elif record is not None:
            self._held += 1
            if self._held <= MOST_HELD:
                return
            record.whole = False
        self._ended.append(element)

    def _concerned(self, entry: Any) -> _Steps:
        """The elements from the top down to the one that an error is about."""
        name = element_of(entry)
        for steps in reversed(self._touched):
            if name is None or steps[-1].local == name:
                return steps
        for steps in reversed(self._touched):  # text before a child that has just begun is its parent's
            for depth in range(len(steps) - 1, 0, -1):
                if steps[depth - 1].local == name:
                    return steps[:depth]
        return self._touched[-1] if self._touched else tuple(self._open)
