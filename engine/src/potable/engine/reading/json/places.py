"""Where records, and values inside them, are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import numpy as np

from potable.engine.contracts.reading import Cut
from potable.engine.findings import Location
from potable.engine.reading.decoding import UTF8, characters, original_length
from potable.engine.reading.json.index import Brackets, Offsets
from potable.engine.reading.json.layout import Hints, Spans
from potable.engine.reading.json.lines import record_lines
from potable.engine.reading.json.pointing import value_at
from potable.engine.reading.json.tokens import Broken, Node, Token, nodes, token


class Places:
    """The places in one cut."""

    def __init__(self, cut: Cut) -> None:
        self.cut = cut
        self.hints: Hints = cut.hints
        self.spans: Spans = self.hints.spans if self.hints.spans is not None else _found_again(cut)
        self._breaks: Offsets | None = None

    def record(self, row: int) -> Location:
        """The place of a record of the cut."""
        return self.place(row, 0, self.pointer(row) or None)

    def place(self, row: int, offset: int, path: str | None) -> Location:
        """The place of an offset in a record; whitespace before the record isn't a part of it."""
        cut, hints = self.cut, self.hints
        at = self.start(row) + offset
        data = cut.data
        if self._breaks is None:
            self._breaks = self.spans[1] + 1 if hints.dense else _line_breaks(data)
        line = int(np.searchsorted(self._breaks, at, "right"))
        start = int(self._breaks[line - 1]) if line else 0
        column = (1 if line else hints.column) + characters(data[start:at])
        byte = cut.byte + at
        if hints.original != UTF8:
            byte = cut.byte + original_length(data[:at], hints.original, tuple(i for i in hints.invalid if i.at < at))
        return Location(
            file=hints.file, url=hints.url, line=cut.line + line, column=column, byte=byte,
            record=cut.first_record + row, path=path,
        )  # fmt: skip

    def start(self, row: int) -> int:
        """The offset in the cut of a record's first byte."""
        start = int(self.spans[0][row])
        data = self.cut.data
        while start < len(data) and data[start] in b" \t":
            start += 1
        return start

    def pointer(self, row: int) -> str:
        """The record's JSON Pointer in its document; "" for a line."""
        number = bisect_right(self.hints.runs, row, key=lambda run: run.row)
        if not number:
            return ""
        run = self.hints.runs[number - 1]
        return run.pointer if run.item < 0 else f"{run.pointer}/{run.item + row - run.row}"

    def bytes(self, row: int) -> bytes:
        """A record's bytes."""
        return self.cut.data[self.start(row) : int(self.spans[1][row])]

    def inner(self, row: int, path: str) -> Location:
        """The place of the value that a JSON Pointer names inside a record; the nearest one above it where it isn't."""
        data = self.bytes(row)
        try:
            at = value_at(data, path)
        except (IndexError, AttributeError):  # it isn't well-formed: as far as it is
            at = _nearest(data, path)
        return replace(self.place(row, at, None), path=(self.pointer(row) + path) or None)


def _nearest(data: bytes, path: str) -> int:
    best = Node("", -1, 0, -1)
    for node in _nodes(data):
        if (path == node.pointer or path.startswith(node.pointer + "/")) and len(node.pointer) >= len(best.pointer):
            best = node
    return best.value


def repeated_name(data: bytes) -> tuple[str, Token] | None:
    """The first member of a record whose object has an earlier one of its name: its JSON Pointer, and the name."""
    seen: set[tuple[int, str]] = set()
    for node in _nodes(data):
        if node.key >= 0:
            if (node.parent, node.pointer) in seen:
                name = token(data, node.key, final=True)
                assert name is not None
                return node.pointer, name
            seen.add((node.parent, node.pointer))
    return None


def _nodes(data: bytes) -> Iterator[Node]:
    """The values of a record, as far as it's well-formed."""
    with suppress(Broken):
        yield from nodes(data)


def _found_again(cut: Cut) -> Spans:
    """The records of a cut whose hints don't have them: lines, or the items of a piece of an array."""
    if cut.hints.lines:
        return record_lines(cut.data)[0]
    b = Brackets(cut.data)
    spans = b.inside(0, len(b.at), 0)
    if len(spans[0]) == cut.records:
        return spans
    commas = np.flatnonzero(b.text == ord(","))
    commas = commas[np.searchsorted(b.quotes, commas) & 1 == 0]
    before = np.searchsorted(b.at, commas)
    depth = np.where(before > 0, b.depth[np.maximum(before - 1, 0)] if len(b.at) else 0, 0)
    commas = commas[depth == 0]
    edges = zip([0, *(commas + 1).tolist()], [*commas.tolist(), len(cut.data)], strict=True)
    pieces = [(a, cut.data[a:z]) for a, z in edges]
    white = b" \t\n\r"
    starts = [a + len(p) - len(p.lstrip(white)) for a, p in pieces]
    stops = [a + len(p.rstrip(white)) for a, p in pieces]
    return np.array(starts, np.int64), np.array(stops, np.int64)


def _line_breaks(data: bytes) -> Offsets:
    """Offsets behind the line breaks: LF, CR LF and CR."""
    text = np.frombuffer(data, np.uint8)
    is_break = text == 10
    if b"\r" in data:
        returns = text == 13
        is_break[:-1] |= returns[:-1] & ~is_break[1:]
        is_break[-1] |= returns[-1]
    return np.flatnonzero(is_break) + 1
