"""The ``parquet/*`` codes: what can be wrong with a Parquet file."""

from __future__ import annotations

from potable.engine.findings import Code, Severity
from potable.engine.reading.codes import out_of_range_code
from potable.engine.reading.naming import name_codes

UNREADABLE = Code(
    id="parquet/unreadable",
    severity=Severity.ERROR,
    title="Parquet file that can't be read",
    meaning="The file isn't a Parquet file, is damaged, was cut off, or is encrypted. Reading stops there.",
    why="What is behind the place is missing, and nothing says how much it would have been.",
    example="a file whose transfer broke off: its last bytes, which say where everything is, are missing",
    mend="Fetch or export the file again; compare its size with the original's.",
    misses="A damaged page that can still be decoded, where the file has no checksums of its pages.",
    blocking=True,
    suppressed_by=("access/empty", "access/media-type"),
)
NO_RECORDS = Code(
    id="parquet/no-records",
    severity=Severity.ERROR,
    title="No records",
    meaning="The files have no row, or no column.",
    why="An ingest would replace the source with nothing.",
    example="a file of columns without rows",
    mend="Look at the export that made the file.",
    blocking=True,
    suppressed_by=("access/empty",),
)
MANY_COLUMNS = Code(
    id="parquet/many-columns",
    severity=Severity.ERROR,
    title="Too many columns",
    meaning="The file has more columns than Limits.columns. Reading stops there.",
    why="Such a table is nearly always one that was turned by 90 degrees.",
    example="a matrix with a column for each of 200,000 records",
    mend="Export the table with a row for each record; if it is that wide, raise Limits.columns.",
    blocking=True,
)

OUT_OF_RANGE = out_of_range_code("parquet")

PARQUET_CODES: tuple[Code, ...] = (
    UNREADABLE, NO_RECORDS, MANY_COLUMNS, OUT_OF_RANGE, *name_codes("parquet"),
)  # fmt: skip
"""All of them, in the order of the reference."""
