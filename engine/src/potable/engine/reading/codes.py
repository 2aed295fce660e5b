"""The ``encoding/*`` codes: what can be wrong with the bytes of a text, whatever its format; and what columns of types
have in common.
"""

from __future__ import annotations

from functools import partial

from potable.engine.findings import Code, Severity

_error = partial(Code, severity=Severity.ERROR)
_warning = partial(Code, severity=Severity.WARNING)

INVALID = _error(
    id="encoding/invalid",
    title="Bytes that aren't in the encoding",
    meaning="A record (or the header) holds bytes that aren't text in the source's encoding, UTF-8 unless the "
    "definition says another. It is read on with U+FFFD in their place.",
    why="Whoever ingests the data stops there, or stores damaged names that nobody finds again.",
    example="caf\\xE9   (a Latin-1 é in a UTF-8 file)",
    mend="Save the file as UTF-8, or set encoding to the one in which the letters make sense.",
    misses="Bytes that happen to be valid in the wrong encoding: any byte is valid Latin-1.",
)
BYTE_ORDER_MARK = _warning(
    id="encoding/byte-order-mark",
    title="Byte order mark before the text",
    meaning="The UTF-8 text starts with the bytes EF BB BF. Potable reads on behind them. Before the name of a column "
    "of the primary key it's an error.",
    why="Many readers take the mark for a part of the first column's name, and then lose that column: where it is "
    "the primary key, every record loses its key.",
    example="\\xEF\\xBB\\xBFid,name",
    mend="Save the file as UTF-8 without a byte order mark ('CSV UTF-8' of spreadsheets writes one).",
)
END_MARK = _warning(
    id="encoding/end-mark",
    title="End mark of DOS behind the text",
    meaning="The last byte of a table or of JSON Lines is 1A (Ctrl-Z); or the last ones are, at most 4,096. It is left "
    "out.",
    why="Programs of DOS and CP/M ended texts so. Others read it as a record of its own, or as part of the last value.",
    example="id,name\\n1,HeLa\\n\\x1A",
    mend="Remove the byte at the end of the file, or have the export write none.",
    misses="An end mark with something behind it, as a line break. Behind a JSON document it's json/syntax, in XML "
    "xml/syntax.",
    suppressed_by=("csv/no-records", "json/no-records"),
    dataset=True,
)
NUL_BYTE = _warning(
    id="encoding/nul-byte",
    title="NUL byte in the text",
    meaning="A record (or the header) holds a byte 00. It is kept in the cell. In a value of the primary key, and in "
    "the name of a column that the definition names, it's an error; the column is known by the name without it.",
    why="Databases refuse it, and programs in C take it for the end of the text: other keys, or the same one twice.",
    example="CVCL_0007\\x00,HeLa",
    mend="Remove it at its source; it comes from fixed-width exports, binary data, or UTF-16 read as UTF-8.",
)
MIXED_NEWLINES = _warning(
    id="encoding/mixed-newlines",
    title="Lines end in several ways",
    meaning="Some records of the file end in CR LF, others in LF or CR alone. Line breaks inside quotes don't count. "
    "CR CR LF is a kind of its own, and makes no blank line.",
    why="The file was patched together, or edited on another system; readers that know one ending only see two "
    "records as one.",
    example="a,b\\r\\n1,2\\n",
    mend="Write the file again with one kind of line ending.",
)
DOUBLED_RETURN = _warning(
    id="encoding/doubled-return",
    title="Lines that end in CR CR LF",
    meaning="All lines of a table end in CR CR LF. They count as ended once: no blank lines are between the records.",
    why="Readers differ: some see a blank line behind each record, some an empty record, some keep a CR in the last "
    "cell.",
    example="id,name\\r\\r\\n1,HeLa\\r\\r\\n",
    mend="Write the file again with one kind of line ending: a program on Windows wrote CR LF in text mode, which made "
    "another CR of it (in Python: open(..., newline='')).",
)
DECLARED_MISMATCH = _warning(
    id="encoding/declared-mismatch",
    title="Another encoding than was declared",
    meaning="The bytes tell another encoding than the definition or the server's Content-Type: by a byte order mark, "
    "by valid UTF-8 where a single-byte encoding, ASCII or UTF-16 was declared, or by UTF-16 that nobody declared.",
    why="Readers that believe the declaration show é as Ã©.",
    example="Content-Type: text/csv; charset=iso-8859-1   over UTF-8 data",
    mend="Set encoding in the definition to the real one; tell the source's owner that the server's charset is wrong.",
    misses="Two single-byte encodings can't be told apart.",
)

ENCODING_CODES: tuple[Code, ...] = (
    INVALID,
    BYTE_ORDER_MARK,
    END_MARK,
    NUL_BYTE,
    MIXED_NEWLINES,
    DOUBLED_RETURN,
    DECLARED_MISMATCH,
)
"""All of them, in the order of the reference."""


def out_of_range_code(family: str) -> Code:
    """The code of dates and times beyond what programs can hold, for a format of typed columns."""
    return Code(
        id=f"{family}/out-of-range",
        severity=Severity.ERROR,
        title="Date or time of no year from 1 to 9999",
        meaning="A date or time stamp of the column, also inside a nested value, lies before the year 1 or after the "
        "year 9999. Its text has a sign where the year is longer than four digits, and it's in UTC.",
        why="Python, JavaScript and most databases have no such date: whoever reads the column gets an error, or "
        "another date.",
        example="+56178-11-19T01:13:20   (milliseconds, in a column of seconds)",
        mend="Look at the export: nearly always a number is in another unit than its column, or stands for no date.",
        misses="Columns that no check looks at; time stamps in nanoseconds, which reach from 1677 to 2262 only.",
    )
