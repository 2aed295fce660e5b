"""Workbooks as a format: what is to be known of it before a source is opened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from potable.engine.contracts.reading import ReadContext, Reader
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.findings import Code, Occurrence
from potable.engine.reading.parameters import faults_of, header_lines, sheet_of
from potable.engine.reading.workbook.codes import EXCEL_CODES

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.reading.workbook.reader import WorkbookReading


class WorkbookReader(Reader):
    """Reads a sheet of a workbook: a record for each row with a value."""

    name: ClassVar[str] = "excel"
    formats: ClassVar[frozenset[str]] = frozenset({"excel"})
    codes: ClassVar[tuple[Code, ...]] = EXCEL_CODES

    def check_definition(self, source: SourceDefinition) -> Iterable[Occurrence]:
        """See :meth:`Reader.check_definition`."""
        return faults_of(source, sheet_of, header_lines)

    def open(self, source: SourceDefinition, snapshot: Snapshot, context: ReadContext) -> WorkbookReading:
        """See :meth:`Reader.open`. Raises :class:`Fault` for an unusable parameter, or a first file that can't be
        read; UsageError where python-calamine isn't installed.
        """
        from potable.engine.reading.workbook.reader import WorkbookReading  # heavy

        return WorkbookReading(source, snapshot, context.limits)
