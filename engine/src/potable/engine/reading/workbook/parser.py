"""From rows to a chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from potable.engine.contracts.reading import KIND_SUFFIX, Chunk, ChunkParser, Cut
from potable.engine.findings import Location, Sample, Tally, clip
from potable.engine.reading.workbook.inside import is_note
from potable.engine.reading.workbook.layout import Rows, cell
from potable.engine.reading.workbook.values import PRECISE, NoResult, is_inexact, spelled

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class WorkbookParser(ChunkParser):
    """Parses the cuts of one reading; a cut's ``hints`` are its :class:`Rows`.

    :param columns: canonical paths of the source's columns.
    :param samples: most samples of one tally.
    :param keys: canonical paths of the primary key.
    """

    columns: tuple[str, ...]
    samples: int
    keys: tuple[str, ...] = ()

    def parse(
        self, cut: Cut, fields: frozenset[str] | None = None, records: npt.NDArray[np.uint64] | None = None
    ) -> WorkbookChunk:
        """See :meth:`ChunkParser.parse`."""
        rows: Rows = cut.hints
        numbers = np.arange(cut.first_record, cut.first_record + cut.records, dtype=np.uint64)
        picked = range(cut.records)
        if records is not None:
            lo, hi = np.searchsorted(records, [cut.first_record, cut.first_record + cut.records])
            numbers = np.asarray(records[lo:hi], np.uint64)
            picked = (numbers - np.uint64(cut.first_record)).astype(np.int64).tolist()
        frame = self._frame(rows, picked, fields)
        lines = [rows.lines[i] for i in picked]
        tallies = (*self._blank(rows), *self._odd(cut, rows)) if records is None else ()
        return WorkbookChunk(cut.index, rows, frame, numbers, lines, tallies)

    def _frame(self, rows: Rows, picked: Sequence[int], fields: frozenset[str] | None) -> pl.DataFrame:
        import polars as pl  # heavy

        names: Sequence[str] = self.columns
        if fields is not None:
            known = [c for c in self.columns if c in fields]
            names = known + sorted(fields.difference(known))
        series = []
        for name in names:
            at = rows.layout.index.get(name)
            cells = [spelled(rows.rows[i][at]) if at is not None else ("absent", None) for i in picked]
            series.append(pl.Series(name, [text for _, text in cells], dtype=pl.String))
            series.append(pl.Series(name + KIND_SUFFIX, [kind for kind, _ in cells], dtype=pl.String))
        return pl.DataFrame(series)

    def _blank(self, rows: Rows) -> tuple[Tally, ...]:
        if not rows.blank:
            return ()
        layout = rows.layout
        samples = tuple(
            Sample(message="a row without any value", location=cell(layout, 0, line))
            for line in rows.blank[: self.samples]
        )
        return (Tally(code="excel/blank-row", count=len(rows.blank), samples=samples, details={"sheet": layout.sheet}),)

    def _odd(self, cut: Cut, rows: Rows) -> Iterator[Tally]:
        """Formulas without a result, numbers that may have lost digits, and rows that are notes."""
        found: dict[tuple[str, int], list[int]] = {}
        notes = []
        for n, row in enumerate(rows.rows):
            if is_note(row):
                notes.append(n)
            for column, value in enumerate(row):
                kind = type(value)
                if kind is float:
                    if (value >= PRECISE or value <= -PRECISE) and is_inexact(value):
                        is_key = rows.layout.paths[column] in self.keys
                        code = "excel/inexact-key" if is_key else "excel/inexact-number"
                        found.setdefault((code, column), []).append(n)
                elif kind is NoResult:
                    found.setdefault(("excel/no-result", column), []).append(n)
        if notes:
            yield self._notes(cut, rows, notes)
        for (code, column), at in sorted(found.items()):
            samples = []
            for n in at[: self.samples]:
                text = spelled(rows.rows[n][column])[1]
                message = "a formula without a result" if text is None else f"{text} may have lost its last digits"
                place = cell(rows.layout, column, rows.lines[n], cut.first_record + n)
                samples.append(Sample(message=message, value=text, location=place))
            numbers = [cut.first_record + n for n in at]
            yield Tally(
                code=code, field=rows.layout.paths[column], count=len(at), samples=tuple(samples), records=numbers
            )

    def _notes(self, cut: Cut, rows: Rows, at: Sequence[int]) -> Tally:
        samples = []
        for n in at[: self.samples]:
            text = rows.rows[n][0]
            place = cell(rows.layout, 0, rows.lines[n], cut.first_record + n)
            message = f"the row is a note, not a record: {clip(text, 80)!r}"
            samples.append(Sample(message=message, value=text, location=place))
        numbers = [cut.first_record + n for n in at]
        return Tally(code="excel/note", count=len(at), samples=tuple(samples), records=numbers)


class WorkbookChunk(Chunk):
    """Rows of a sheet; see :class:`Chunk`."""

    typed = True

    def __init__(
        self,
        index: int,
        rows: Rows,
        frame: pl.DataFrame,
        numbers: npt.NDArray[np.uint64],
        lines: Sequence[int],
        tallies: Sequence[Tally],
    ) -> None:
        self.index, self.file, self.columns = index, rows.layout.part.name, rows.layout.paths
        self.frame, self.numbers, self.tallies = frame, numbers, tallies
        self._rows, self._lines = rows, lines

    @property
    def placed(self) -> bool:
        """Each value is in a cell."""
        return True

    def locate(self, rows: Sequence[int]) -> list[Location]:
        """Places of the records in these rows: ``line`` is the row's number in the sheet."""
        return [cell(self._rows.layout, 0, self._lines[r], int(self.numbers[r])) for r in rows]

    def locate_field(self, row: int, field: str, value: str | None = None) -> Location:
        """The place of a record's cell."""
        column = self._rows.layout.index.get(field, 0)
        return cell(self._rows.layout, column, self._lines[row], int(self.numbers[row]))
