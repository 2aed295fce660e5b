"""Which codes explain which others: one root cause, one finding.

Codes list these under ``suppressed_by``. What concerns records explains the occurrences at the same records alone, and
with ``@field`` those in the same field; what concerns a file or the run explains all.
"""

from __future__ import annotations

MISREAD = (
    "csv/folded-lines", "csv/quoted-lines", "csv/wrong-delimiter", "csv/fixed-width", "csv/wrong-quote",
    "excel/wrong-sheet",
    "excel/unsplit",
)  # fmt: skip
"""Cells aren't what was written as one, or are those of something else than the table."""

SPACED = "csv/spaced-delimiter"
"""A blank is behind each delimiter, and so before each value."""

PADDED = "csv/padded-cells@field"
"""Blanks fill the cells of a column up to its width."""

WRONG_HEADER = ("csv/wrong-header", "excel/wrong-header", "csv/transposed", "excel/transposed")
"""The header is elsewhere, or the first column."""

HEADERLESS = (*MISREAD, *WRONG_HEADER)
"""The columns' names aren't those of the columns."""

SHIFTED = ("csv/extra-cell", "csv/runaway-quote", "csv/header-length")
"""Behind an unquoted delimiter, or a quote out of place, values stand in columns that aren't theirs; or under a header
that lacks a name.
"""

NO_RECORD = (
    "csv/repeated-header",
    "excel/repeated-header",
    "csv/subheader",
    "csv/note",
    "csv/total",
    "csv/program-output",
    "xml/program-output",
    "csv/second-table",
    "excel/subheader",
    "excel/note",
    "excel/total",
    "excel/second-table",
    "csv/section",
    "excel/section",
    "excel/stray-cell",
)
"""The record is none, or of another table, or a program's message stands in it: all of its values may be wrong."""

TABLE = (*MISREAD, *SHIFTED, *NO_RECORD)
"""For whatever is said of a table's values."""

CUT = "csv/missing-cell"
"""The record hasn't got the cell; those that it has may stand in columns that aren't theirs, as in a line of totals."""

GARBLED = ("encoding/invalid", "csv/cut-off")
"""U+FFFD stands where there was something else."""

NO_DETAILS = "access/no-details@field"
"""What the server was asked for of the record, and was to be put into it, isn't there."""

UNREAD = (
    "json/bad-line",
    "json/cut-off",
    "json/not-an-object",
    "json/error-record",
    "json/header-record",
    "json/keyed-records",
    "json/too-deep",
    "json/too-large-node",
    NO_DETAILS,
)
"""Nothing is known of the record, or it's none: each of its fields is absent; or what was to be put into it is."""

BROKEN_OFF = ("json/error-record@run", "csv/program-output@run", "xml/program-output@run")
"""The message of a program stands where records should go on: what follows is missing."""

FILE_UNREAD = ("json/missing-element", "xml/missing-element", "xml/wrong-top-element")
"""A file holds something else than the records that belong into it."""

ALL_BLANK = "rows/all-blank"
"""No record has any value."""

DOCUMENTS = ("json-schema/violation@field", "xsd/violation@field", "relaxng/violation@field")
"""A schema of documents says that the value is wrong."""

OUT_OF_RANGE = ("arrow/out-of-range@field", "parquet/out-of-range@field")
"""A date or time of a typed column that programs can't hold."""

BAD_TYPE = ("schema/type@field", "schema/format@field", *OUT_OF_RANGE, *DOCUMENTS)
"""A schema says that the value isn't of its field's kind."""

DATESTAMP = "oai/datestamp@field"
"""The protocol says that a date isn't one: a warning, which explains no error."""

BAD_VALUE = (*BAD_TYPE, "schema/pattern@field", "schema/enum@field")
"""A schema says that the value is wrong."""

ODD_TEXT = tuple(
    f"{code}@field"
    for code in (
        "text/placeholder",
        "text/whitespace",
        "text/control-character",
        "text/invisible-character",
        "text/markup",
        "text/mojibake",
        "text/program-output",
        "text/unconverted",
        "text/masked",
        "text/synonym",
        "spreadsheet/error-value",
    )
)
"""What is odd about a text whatever it means: among numbers or dates it's none."""

BEYOND = ("schema/minimum@field", "schema/maximum@field")
"""A schema says that the value is too low or too high."""

ASTRAY = ("xml/wrong-path@field", "json/wrong-path@field")
"""No record has the field, since it's called otherwise."""

GONE = "drift/field-removed@field"
"""The last accepted run had the field, and this one hasn't."""

OTHER_NAMES = ("schema/other-names@field", "drift/other-names@field")
"""All columns are called otherwise."""

FILE_DIFFERS = ("csv/header-differs@file", "excel/header-differs@file", "parquet/header-differs@file")
"""One of several files lacks the column; of the others' records it says nothing."""

HEADER_DIFFERS = ("csv/header-differs@field", "excel/header-differs@field", "parquet/header-differs@field")
"""A file lacks the column, or has it though the first one doesn't."""

NO_COLUMN = ("schema/missing-field@field", "keys/missing@field", *ASTRAY, *OTHER_NAMES)
"""The file doesn't have the column: the schema tells, or the key does."""
