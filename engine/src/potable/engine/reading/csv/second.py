"""A second table in one file: behind a blank row another header, and records of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from potable.engine.findings import Location, Sample, Tally
from potable.engine.reading.above import heads, may_head
from potable.engine.reading.csv.dialect import Dialect
from potable.engine.reading.csv.layout import Layout
from potable.engine.reading.csv.quotes import Offsets
from potable.engine.reading.csv.tokenizer import tokenize

_BLANKS = 20
"""So many blank rows are looked behind."""
_PADDED_WITHIN = 8 << 20
"""Blank rows of delimiters alone are sought in so many bytes: spreadsheets write them, whose tables are small, and
seeking them in all data would take a tenth of a run."""
_ROWS = 6
"""So many rows are looked at behind each."""
_FEW = 2
"""Fewer records behind a header are no table."""


class SecondTable:
    """Looks for it in the buffers of one part, in order."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._looked = 0
        self._pending: list[tuple[bytes, int, int, Location | None]] = []  # what the last buffer ended in
        self._found: tuple[int, Sample] | None = None  # its first record, a blank one maybe
        self._last = 0
        self._padded = 0  # rows of delimiters alone that the last buffer ended in

    def look(
        self, data: bytes, at: int, layout: Layout, first: int, records: int, blanks: Offsets, starts: Offsets | None,
        place: Callable[[int], Location], *, final: bool,
    ) -> None:  # fmt: skip
        """Look at whole records.

        :param at: offset of the data in the part's text.
        :param first: number of the first one; :param records: how many there are.
        :param blanks: where lines without characters start.
        :param starts: where records start; None: one in each line.
        :param place: the place of an offset.
        :param final: nothing comes behind them.
        """
        self._last = first + records - 1
        if self._found is not None or layout.width < 2 or not self._dialect.header_line:
            return
        pending, self._pending = self._pending, []
        for text, number, above, begun in pending:
            self._judge(text + data, layout, number, above, begun or place(0), final=final)
        seen = set()
        for offset in self._behind(data, at, layout, blanks):
            before = int(np.searchsorted(starts, offset)) if starts is not None else data.count(b"\n", 0, offset)
            if self._found is not None or self._looked == _BLANKS or before in seen:
                continue
            seen.add(before)
            self._looked += 1
            above = self._padded_above(data, offset, layout)
            if before == records:
                self._pending.append((b"", first + before, above, None))
                continue
            start = int(starts[before]) if starts is not None else offset
            self._judge(data[start:], layout, first + before, above, place(start), final=final)
        self._padded = self._padded_above(data, len(data), layout)

    def tallies(self) -> Iterator[Tally]:
        """``csv/second-table``, if there is one; complete when all was looked at."""
        if self._found is not None:
            first, sample = self._found
            records = np.arange(first, self._last + 1, dtype=np.uint64)
            yield Tally(code="csv/second-table", count=len(records), samples=(sample,), records=records)

    def _behind(self, data: bytes, start: int, layout: Layout, blanks: Offsets) -> Iterator[int]:
        """Offsets behind blank rows."""
        yield from blanks[:_BLANKS].tolist()
        within = _PADDED_WITHIN - start
        for end in (b"\n", b"\r\n") if within > 0 else ():
            blank = b"\n" + self._dialect.delimiter * (layout.width - 1) + end
            if data.startswith(blank[1:]):
                yield len(blank) - 1
            at = -1
            while self._looked < _BLANKS and (at := data.find(blank, at + 1, within)) >= 0:
                yield at + len(blank)

    def _padded_above(self, data: bytes, offset: int, layout: Layout) -> int:
        """How many records right above an offset are rows of delimiters alone."""
        row, count = self._dialect.delimiter * (layout.width - 1), 0
        while data.endswith((row + b"\n", row + b"\r\n"), 0, offset):
            begin = data.rfind(b"\n", 0, offset - 1) + 1
            if data[begin:offset].rstrip(b"\r\n") != row:
                break
            offset, count = begin, count + 1
        return count if offset else count + self._padded

    def _judge(self, text: bytes, layout: Layout, record: int, above: int, at: Location, *, final: bool) -> None:
        rows: list[list[str]] = []
        lengths: set[int] = set()
        ended = final
        for token in tokenize(text, self._dialect, final=True, most=layout.width + 1_000):
            cells = [c.decode("utf-8", "replace").strip() for c in token.cells]
            while cells and not cells[-1]:
                cells.pop()
            ended = ended or token.kind != "record" or not cells or len(rows) > _ROWS
            if ended and (token.kind != "record" or not cells or len(rows) > _ROWS):
                break
            rows.append(cells)
            lengths.add(len(token.cells))
        if not ended:
            self._pending.append((text, record, above, at))
            return
        names = rows[0] if rows else []
        behind = [row + [""] * (len(names) - len(row)) for row in rows[1:]]
        if len(names) < 2 or tuple(names) == layout.names or len(behind) < _FEW:
            return
        apart = lengths == {len(names)} and len(names) != layout.width  # each row of another length than the header
        if not heads(names, behind) and not (apart and may_head(names)):
            return
        shown = ", ".join(repr(name[:40]) for name in names[:3]) + (", …" if len(names) > 3 else "")
        message = f"line {at.line} begins another table, of {len(names)} columns: {shown}"
        place = replace(at, record=record)
        self._found = record - above, Sample(message=message, location=place)
