"""The codes of the ``rows`` checker."""

from __future__ import annotations

from potable.checkers.explained import HEADERLESS, NO_COLUMN, TABLE, UNREAD
from potable.engine.findings import Code, Severity

COUNT = Code(
    id="rows/count",
    severity=Severity.ERROR,
    title="Unexpected number of records",
    meaning="The source has fewer records than `records.min`, or more than `records.max`.",
    why="A source that shrinks has usually lost records on the way; one that grows at once often has them twice.",
    example="records: {min: 10000}    # and the file has 312 records",
    mend="Find out whether the source was delivered whole; change the bounds where the new number is right.",
    dataset=True,
)
CAPPED = Code(
    id="rows/capped",
    severity=Severity.WARNING,
    title="Exactly as many records as a limit lets through",
    meaning="The number of records is that of the rows of a spreadsheet (65,535 or 1,048,575 beside the header), or, "
    "in data that a server answered, a limit that is often set there: 1,000, 2,000, 10,000, 32,000, 50,000, 100,000.",
    why="The program that wrote the data stops there without a word: whatever would follow is lacking.",
    example="(a table of 1,048,576 lines, saved by a spreadsheet)",
    mend="Compare with the number of records at the source. Fetch the data in pages, or have the database export them; "
    "where the number is right, switch this code off.",
    misses="Other limits, and data of several files or pages that were each cut off.",
    suppressed_by=("rows/count",),
    dataset=True,
)
DUPLICATE = Code(
    id="rows/duplicate",
    severity=Severity.WARNING,
    title="Record that is there twice",
    meaning="A record equals an earlier one in every value. Counted are the surplus records, each at its own place; "
    "`details` tells how many different records are concerned, and how many records in all.",
    why="Sums and counts take it twice; often a page was fetched, or a file appended, twice.",
    example="site,species,count\nA,wren,2\nA,wren,2      # the second record",
    mend="Remove the surplus records; where records may well be alike, switch this code off.",
    misses="Records of nothing but missing values, which rows/blank and csv/blank-row tell of. In a table of a few "
    "categories without an identifier equal records are natural. Cells beyond the header aren't compared.",
    suppressed_by=("keys/duplicate", *TABLE),
    dataset=True,
)
BLANK = Code(
    id="rows/blank",
    severity=Severity.WARNING,
    title="Record without any value",
    meaning="A record of JSON, XML, a database or a frame has nothing in it: no member or element at all, or none that "
    "isn't empty. In text tables and workbooks that's csv/blank-row and excel/blank-row.",
    why="It counts as a record and is none: the program that wrote it has lost what was in it.",
    example='[{"id": 1, "name": "HeLa"}, {}]',
    mend="Find out what the record was before it was written; remove it at the source where it was never any.",
    misses="Records with a constant, such as a type, beside nothing else.",
    suppressed_by=(
        *TABLE,
        "rows/all-blank",
        "keys/missing",
        "schema/required",
        "json-schema/violation",
        "xsd/violation",
        "relaxng/violation",
        "rules/value-missing",
    ),
)
ALL_BLANK = Code(
    id="rows/all-blank",
    severity=Severity.ERROR,
    title="No record with a value",
    meaning="The source has records, and all of them are blank. Each counts as an error.",
    why="An ingest would replace the source with records of nothing.",
    example="id,name\n,\n,\n,",
    mend="Ask the source's owner for the data: an export of a view without rights, or of the wrong sheet, looks so.",
    misses="Records with a constant, such as a type, beside nothing else; values that stand for missing ones (n/a).",
    suppressed_by=(*TABLE, *UNREAD),
    dataset=True,
)
REVERSED = Code(
    id="rows/reversed",
    severity=Severity.WARNING,
    title="End before its beginning",
    meaning="Of two fields whose names say which one comes first (start and end, born and died, shipped and delivered, "
    "min and max), a record has the later day, or the greater number, in the first. It's reported in the second field.",
    why="One of the two is wrong, or they are swapped: durations become negative, and periods lack the record.",
    example="shipped,delivered\n2024-03-05,2024-03-08\n2024-03-09,2024-03-07",
    mend="Find out which of the two is wrong, or swap them. Where it may be so, switch this code off for the field; "
    "what must hold belongs under `checks: rows: constraints`.",
    misses="Days that aren't written YYYY-MM-DD, times of one day, fields of other names, and pairs that fewer than 20 "
    "records have, or that more than one in twenty has so.",
    suppressed_by=(
        *TABLE,
        "rows/constraint",
        "dates/implausible",
        "dates/future",
        "dates/sentinel",
        "numbers/outlier",
        "numbers/sentinel",
        "schema/minimum",
        "schema/maximum",
    ),
    dataset=True,
)
CONSTRAINT = Code(
    id="rows/constraint",
    severity=Severity.ERROR,
    title="Record that breaks a constraint",
    meaning="An expression over several fields, which the definition says must hold, is false for a record. The "
    "finding's `rule` is the constraint's `id`, or the expression.",
    why="The values may each be right and yet can't be right together: an end before its start, parts that don't add "
    "up.",
    example='start,end\n2024-05-02,2024-05-01     # checks: {rows: {constraints: ["start <= end"]}}',
    mend="Find out which of the fields is wrong, or correct the constraint.",
    misses="Records in which a value that decides is missing, or isn't of the type that the expression needs: as in "
    "SQL a constraint that is neither true nor false isn't broken.",
    suppressed_by=(
        *TABLE,
        *NO_COLUMN,
        "json-schema/violation@field",
        "rules/value-missing@field",
        "keys/foreign-missing@field",
    ),
)
FIELD_COUNT = Code(
    id="rows/field-count",
    severity=Severity.ERROR,
    title="Unexpected number of columns",
    meaning="A file has fewer or more columns than `checks: rows: fields` says; told once a file, at its header.",
    why="A column was lost or added where the data were exported, or the delimiter isn't the right one.",
    example="checks: {rows: {fields: 12}}    # and the header has 11 names",
    mend="Find out what became of the column; change the number where the new one is right.",
    misses="Records that are longer or shorter than the header (csv/extra-cell, csv/missing-cell), and formats without "
    "columns (JSON, XML).",
    suppressed_by=(
        *HEADERLESS,
        "csv/blank-header",
        "csv/duplicate-header",
        "schema/missing-field",
        "keys/missing",
        "json-schema/violation",
        "rules/value-missing",
        "keys/foreign-missing",
        "rows/constraint",
    ),
)

CODES = (COUNT, CAPPED, DUPLICATE, BLANK, ALL_BLANK, REVERSED, CONSTRAINT, FIELD_COUNT)
