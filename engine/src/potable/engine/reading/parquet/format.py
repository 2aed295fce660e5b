"""Parquet as a format: what is to be known of it before a source is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from potable.engine.contracts.reading import ReadContext, Reader
from potable.engine.findings import Code
from potable.engine.reading.parquet.codes import PARQUET_CODES

if TYPE_CHECKING:
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.reading.parquet.reader import ParquetReading


class ParquetReader(Reader):
    """Reads Apache Parquet: a record for each row, a field for each column of the top level."""

    name: ClassVar[str] = "parquet"
    formats: ClassVar[frozenset[str]] = frozenset({"parquet"})
    codes: ClassVar[tuple[Code, ...]] = PARQUET_CODES

    def open(self, source: SourceDefinition, snapshot: Snapshot, context: ReadContext) -> ParquetReading:
        """See :meth:`Reader.open`. Raises :class:`Fault` for a first file that can't be read."""
        from potable.engine.reading.parquet.reader import ParquetReading  # heavy: only a source of this format needs it

        return ParquetReading(snapshot, context.limits)
