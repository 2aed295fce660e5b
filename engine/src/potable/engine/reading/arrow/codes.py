"""What can be wrong with an Arrow file or a frame."""

from __future__ import annotations

from potable.engine.findings import Code, Severity
from potable.engine.reading.codes import out_of_range_code
from potable.engine.reading.naming import name_codes

UNREADABLE = Code(
    id="arrow/unreadable",
    severity=Severity.ERROR,
    title="Arrow file that can't be read",
    meaning="The file isn't an Arrow IPC file (Feather, version 2), is damaged, or was cut off.",
    why="None of its records can be had.",
    example="a file whose transfer broke off: its end, which says where everything is, is missing",
    mend="Fetch or export the file again; compare its size with the original's.",
    misses="Damaged values: the format has no checksums.",
    blocking=True,
    suppressed_by=("access/empty", "access/media-type"),
)

NO_RECORDS = Code(
    id="arrow/no-records",
    severity=Severity.ERROR,
    title="No records",
    meaning="The file or frame has no row, or no column.",
    why="An ingest would replace the source with nothing.",
    example="a frame of columns without rows, as a filter leaves it that nothing passes",
    mend="Look at the export or query that made it.",
    blocking=True,
    suppressed_by=("access/empty",),
)
MANY_COLUMNS = Code(
    id="arrow/many-columns",
    severity=Severity.ERROR,
    title="Too many columns",
    meaning="The file or frame has more columns than Limits.columns. It isn't read.",
    why="Such a table is nearly always one that was turned by 90 degrees.",
    example="a frame that was pivoted by mistake: a column for each of 200,000 records",
    mend="Give the table with a row for each record; if it is that wide, raise Limits.columns.",
    blocking=True,
)
OUT_OF_RANGE = out_of_range_code("arrow")

# Columns have their exact names, which can't be there twice.
NAMES = tuple(code for code in name_codes("arrow") if code.id in ("arrow/blank-header", "arrow/made-up-header"))
CODES = (UNREADABLE, NO_RECORDS, MANY_COLUMNS, *NAMES, OUT_OF_RANGE)
