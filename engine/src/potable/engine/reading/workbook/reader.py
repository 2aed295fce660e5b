"""One reading of workbooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from potable.engine.contracts.reading import Cut, part_location
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.findings import Fault, Location, Occurrence, Sample, Tally
from potable.engine.reading.named import named_columns
from potable.engine.reading.naming import name_faults, names_differ, numbered
from potable.engine.reading.of_parts import SoughtReading
from potable.engine.reading.parameters import header_lines, sheet_of
from potable.engine.reading.subheader import SAMPLE, mend, subheaders
from potable.engine.reading.workbook.apart import beside, strays, told_sections, told_strays
from potable.engine.reading.workbook.book import Sheet, open_sheet, sheets_told
from potable.engine.reading.workbook.codes import EXCEL_CODES
from potable.engine.reading.workbook.hidden import hidden
from potable.engine.reading.workbook.inside import inside, is_note, looked_at
from potable.engine.reading.workbook.layout import Layout, Rows, cell
from potable.engine.reading.workbook.misread import misread
from potable.engine.reading.workbook.parser import WorkbookParser
from potable.engine.reading.workbook.values import address, spelled, texts

if TYPE_CHECKING:
    from pyroaring import BitMap

    from potable.engine.definition.model import SourceDefinition
    from potable.engine.limits import Limits

CELLS = 200_000
"""Most cells of a chunk."""


class WorkbookReading(SoughtReading):
    """One reading of workbooks; see :class:`Reading`."""

    typed = True
    codes = tuple(c.id for c in EXCEL_CODES)

    def __init__(self, source: SourceDefinition, snapshot: Snapshot, limits: Limits) -> None:
        super().__init__(snapshot, limits)
        self._wanted, self._keys = sheet_of(source), tuple(source.primary_key)
        self._named = named_columns(source)
        self._header, ignored = header_lines(source)
        self._behind = max(self._header, ignored)
        self._first: Layout | None = None
        self._seen: list[tuple[int, int]] = []
        self._below = 0  # the row of the real header: blank rows above it aren't told
        self._looked: set[int] = set()
        self._strays: dict[str, set[int]] = {}  # by the part's name: rows of cells that stand alone
        self._sheet: tuple[int, Sheet, Layout] | None = None
        if self._parts:
            self._begin(0, 1)
        self.columns: tuple[str, ...] = self._first.paths if self._first is not None else ()

    def cuts(self) -> Iterator[Cut]:
        """See :meth:`Reading.cuts`."""
        for cut in self._all():
            self._seen.append((cut.first_record, cut.records))
            yield cut
        if not self._seen:
            self._note(self._no_records())

    def parser(self) -> WorkbookParser:
        """See :meth:`Reading.parser`."""
        return WorkbookParser(self.columns, self._limits.samples, self._keys)

    def again(self, records: BitMap | None = None) -> Iterator[Cut]:
        """See :meth:`Reading.again`. Raises :class:`Fault` (``access/changed``) where a file was changed since."""
        last = max((first + count for first, count in self._seen), default=0)
        for cut in self._all():
            if cut.first_record >= last:
                return
            if cut.holds(records):
                yield cut

    def close(self) -> None:
        """See :meth:`Reading.close`."""
        self._sheet = None

    def _all(self) -> Iterator[Cut]:
        index, record = 0, 1
        for number in range(len(self._parts)):
            sheet, layout = self._begin(number, record)
            for rows in self._runs(sheet, layout):
                yield Cut(
                    index=index, part=number, byte=0, line=rows.lines[0], first_record=record, records=len(rows.rows),
                    data=b"", hints=rows,
                )  # fmt: skip
                index, record = index + 1, record + len(rows.rows)
            self._unchanged(number)

    def _runs(self, sheet: Sheet, layout: Layout) -> Iterator[Rows]:
        most = max(1, CELLS // max(sheet.width, 1))
        run = Rows(layout, [], [], [])
        blank: list[int] = []
        for number, row in sheet.rows():
            if number <= self._behind:
                continue
            if not any(cell != "" for cell in row):
                if number > self._below:
                    blank.append(number)
                continue
            if is_note(row) or number in self._strays.get(layout.part.name, ()):  # which is told
                blank.clear()
            if len(run.rows) == most:
                yield run
                run = Rows(layout, [], [], [])
            run.blank.extend(blank)
            blank.clear()
            run.lines.append(number)
            run.rows.append(row)
        if run.rows:
            yield run

    def _begin(self, number: int, record: int) -> tuple[Sheet, Layout]:
        """The sheet of a part; the first time its columns are looked at.

        :param record: number of its first record.
        """
        if self._sheet is not None and self._sheet[0] == number:
            return self._sheet[1:]
        self._sheet = None  # two of them needn't be in memory
        self._unchanged(number)
        part = self._parts[number]
        sheet = open_sheet(part, self._wanted, self._limits)
        layout = Layout(part, sheet.name, sheet.left, self._names(part, sheet), max(self._header, 1))
        self._sheet = number, sheet, layout
        if number not in self._looked:
            self._looked.add(number)
            self._look(sheet, layout, record)
        return sheet, layout

    def _names(self, part: Part, sheet: Sheet) -> tuple[str, ...]:
        """The header's cells. Raises :class:`Fault` where there is no header."""
        first = next((n for n, row in sheet.rows() if any(cell != "" for cell in row)), None)
        if first is not None and not self._header:
            return numbered(sheet.width)
        header = next((row for n, row in sheet.rows() if n == self._header), [])
        if any(cell != "" for cell in header):
            return tuple(spelled(cell)[1] or "" for cell in header)
        if first is None:
            words, hint = f"sheet {sheet.name!r} is empty", self._other_sheet(sheet)
        else:
            words = f"there is no header in row {self._header:,} of sheet {sheet.name!r}"
            behind = ((n, row) for n, row in sheet.rows() if n > self._header)
            there = next(((n, row) for n, row in behind if any(cell != "" for cell in row)), None)
            hint = None
            if there is not None:
                cells = [repr(spelled(cell)[1]) for cell in there[1] if cell != ""]
                listed = ", ".join(cells[:3]) + (", …" if cells[3:] else "")
                which = "first" if there[0] == first else "next"
                hint = f"The {which} row with a value is {there[0]:,} ({listed}): set headerLine to it."
        message = f"{part.name}: {words}; its sheets: {sheets_told(sheet.names)}"
        at = part_location(part, line=self._header or None)
        raise Fault(Occurrence("excel/no-records", message, location=at, hint=hint))

    def _look(self, sheet: Sheet, layout: Layout, record: int) -> None:
        """Note what is wrong with the columns of a part, and what of its workbook isn't read."""
        part, line = layout.part, max(self._header, 1)

        def place(column: int) -> Location:
            return cell(layout, column - 1, line)

        if self._header:
            self._look_inside(sheet, layout, record, place)
            opened = None if self._wanted is not None else partial(open_sheet, part, limits=self._limits)
            wrong = misread(sheet, layout, line, self._named, opened)
            self._below = (wrong.header or 0) if wrong is not None else 0
            self._note(*([wrong.told] if wrong is not None else self._under(sheet, layout, record)))
        if self._first is None:
            self._first = layout
        else:
            first = self._first
            names = (layout.names, layout.paths), (first.names, first.paths)
            self._note(names_differ("excel", *names, (part.name, first.part.name), place(1)))
        if self._wanted is None and sheet.unread:
            told = [f"{name[:60]!r}{' (hidden)' * hidden}" for name, hidden in sheet.unread]
            message = f"sheet {sheet.name!r} is read; not read: {', '.join(told[:20])}"
            message += f" and {len(told) - 20:,} more" if len(told) > 20 else ""
            self._note(Occurrence("excel/other-sheets", message, location=part_location(part)))
        self._note_merged(sheet, layout)
        if any(sheet.hidden):
            self._found += hidden(sheet, layout, list(self._filled(sheet)), record, self._limits.samples)

    def _look_inside(self, sheet: Sheet, layout: Layout, record: int, place: Callable[[int], Location]) -> None:
        """Note what is wrong with the names of columns, and which rows and cells are none of the table's."""
        rows, samples = looked_at(layout, self._filled(sheet)), self._limits.samples
        alone = strays(rows)
        self._strays[layout.part.name] = {rows[n][0] for n in alone}
        nameless, stray = beside(layout, rows, alone)
        named = slice(len(layout.names) - nameless)
        self._note(*name_faults("excel", layout.names[named], layout.paths[named], place), stray)
        table = rows[: alone[0]] if alone else rows
        self._found += [
            *told_strays(layout, rows, alone, record),
            *told_sections(layout, table, record, samples),
            *inside(layout, table, record, samples),
        ]

    def _under(self, sheet: Sheet, layout: Layout, record: int) -> Iterator[Occurrence]:
        """``excel/subheader``, of each of the first records that is such a row."""
        rows = list(islice(self._filled(sheet), SAMPLE))
        cells = [texts(row) for _, row in rows]
        found = subheaders(layout.names, cells)
        for n, what in enumerate(found):
            yield Occurrence(
                "excel/subheader", f"the row under the header is {what}, no record",
                value=" | ".join(cells[n]), location=cell(layout, 0, rows[n][0], record + n),
                hint=mend(what, rows[len(found) - 1][0]),
            )  # fmt: skip

    def _filled(self, sheet: Sheet) -> Iterator[tuple[int, list[Any]]]:
        """The rows of the records."""
        return ((n, row) for n, row in sheet.rows() if n > self._behind and any(c != "" for c in row))

    def _note_merged(self, sheet: Sheet, layout: Layout) -> None:
        """Note the merged cells that reach into the header or the data."""
        inside = [m for m in sorted(sheet.merged) if m[2] >= self._header - 1 and m[3] >= sheet.left]
        samples = []
        for top, left, bottom, right in inside[: self._limits.samples]:
            at = cell(layout, left - sheet.left, top + 1)
            last = address("", right, bottom + 1).partition("!")[2]
            samples.append(Sample(message=f"{at.path}:{last} are merged: only the first has a value", location=at))
        if inside:
            self._found.append(Tally(code="excel/merged-cells", count=len(inside), samples=tuple(samples)))

    def _no_records(self) -> Occurrence:
        names = self._part_names()
        if self._sheet is None:
            return Occurrence("excel/no-records", f"{names}: no sheet")
        _, sheet, layout = self._sheet
        message = (
            f"{names}: no row with a value behind row {self._behind:,} of sheet {sheet.name!r}; "
            f"its sheets: {sheets_told(sheet.names)}"
        )
        at = part_location(layout.part, line=self._behind + 1)
        return Occurrence("excel/no-records", message, location=at, hint=self._other_sheet(sheet))

    def _other_sheet(self, sheet: Sheet) -> str | None:
        """What to do where a sheet that nobody asked for by its name has nothing."""
        shown = [name for name, hidden in sheet.unread if not hidden]
        return f"Set sheet to the one that holds the records: {shown[0]!r}?" if shown and self._wanted is None else None
