"""A table whose header isn't where its definition says: in another line, behind a title, or nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from potable.engine.findings import Occurrence
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.above import header_below, heads, is_grouped
from potable.engine.reading.csv.dialect import DELIMITERS
from potable.engine.reading.csv.opening.beginning import FEW, SAMPLE, Beginning, Row
from potable.engine.reading.csv.opening.length import usual_length
from potable.engine.reading.csv.opening.title import separator_line
from potable.engine.reading.headless import MEND, is_record, may_be_record
from potable.engine.reading.stacked import stacked
from potable.engine.reading.strays import OUTPUT

_OUTPUT = lazy_regex(OUTPUT)
HEADER_LINE = "headerLine"
"""The detail of a ``csv/wrong-header`` that says in which line the header is."""
_COMMENTS = (b"#", b"##", b"%", b"//", b"!")
_FAR = 100
"""So many records are looked at for a header elsewhere."""


def wrong_header(b: Beginning) -> Occurrence | None:
    """A header that has none of the columns that the definition names, or is but the first record."""
    if any(name.strip() in b.named for name in b.layout.names):
        return None
    line = b.header.line
    lacking = f"line {line} has none of the {len(b.named):,} columns that the definition names"
    if len(b.named) == 1:
        lacking = f"line {line} hasn't the column that the definition names"
    elsewhere = header_elsewhere(b)
    if elsewhere is not None:
        row, delimiter = elsewhere
        message = f"{lacking}; line {row.line} has {_shown([c for c in row.cells if c.strip() in b.named])}"
        return _header_told(b, row, delimiter, message)
    rows = [row.cells for row in b.rows(b.layout.dialect, b.data) if row.cells != b.layout.names]
    if b.named and may_be_record(b.layout.names, rows):
        message = f"{lacking}, and its cells ({_shown(b.layout.names)}) look like those of the lines behind it"
    elif not b.named and is_record(b.layout.names, rows):
        message = f"line {line} is read as the header, but its cells ({_shown(b.layout.names)}) look like values"
    else:
        return None
    return Occurrence("csv/wrong-header", message, location=b.place, hint=f"Give the file a header; or {MEND}")


def header_unsaid(b: Beginning) -> Occurrence | None:
    """A header where none is declared."""
    if any(name in b.named for name in b.layout.names):
        return None
    found = header_elsewhere(b, here=True)
    if found is None:
        return None
    row, delimiter = found
    shown = _shown([c for c in row.cells if c.strip() in b.named])
    message = f"headerLine is 0, but line {row.line} has {shown}, which the definition names"
    return _header_told(b, row, delimiter, message)


def noted_delimiter(b: Beginning) -> Occurrence | None:
    """A first line that tells spreadsheets the delimiter, and is read as the header."""
    told = separator_line(b.text) if b.layout.dialect.header_line and b.header.line == 1 else None
    if told is None:
        return None
    delimiter, start = told
    rows = b.rows(replace(b.layout.dialect, delimiter=delimiter, header_line=1), start, most=1)
    if not rows:
        return None
    message = f"line 1 is a note to spreadsheets, 'sep={delimiter.decode('utf-8', 'replace')}'; "
    message += f"line {rows[0].line} has {_shown(rows[0].cells)}"
    return _header_told(b, rows[0], delimiter.decode("utf-8", "replace"), message)


def below_title(b: Beginning) -> Occurrence | None:
    """A line of title that is read as the header, or one of the names of groups of columns; above a table of one column
    maybe with another delimiter.
    """
    declared = b.layout.dialect
    if not declared.header_line or any(name.strip() in b.named for name in b.layout.names):
        return None
    if usual_length(b):
        first, *behind = b.rows(declared, b.data)
        if heads(first.cells, [row.cells for row in behind]):
            message = f"line {b.header.line} has {b.layout.width} names, for {len(first.cells)} columns; "
            message += f"line {first.line} has {_shown(first.cells)}"
            return _header_told(b, first, declared.delimiter.decode(), message)
    others = DELIMITERS if b.layout.width == 1 else ()
    for delimiter in (declared.delimiter, *(d for d in others if d != declared.delimiter)):
        dialect = replace(declared, delimiter=delimiter)
        rows = b.rows(dialect, b.data, most=_FAR)
        n = header_below([b.header_in(dialect), *(row.cells for row in rows)])
        if n is None:
            continue
        row, behind = rows[n - 1], rows[n:]
        sure = len(behind) >= FEW and all(len(r.cells) == len(row.cells) for r in behind)
        if sure or delimiter == declared.delimiter:
            if _OUTPUT.search(b.header.text.decode("utf-8", "replace")):
                return _below_output(b, row)
            above = "names groups of" if is_grouped(b.header_in(dialect)) else "has one name, for"
            message = f"line {b.header.line} {above} {len(row.cells)} columns; line {row.line} has "
            return _header_told(b, row, delimiter.decode(), message + _shown(row.cells))
    return None


def in_two_lines(b: Beginning) -> Occurrence | None:
    """Names of groups of columns that are read as the header, above those of the columns."""
    if not b.layout.dialect.header_line:
        return None
    rows = b.rows(b.layout.dialect, b.data)
    found = stacked(b.layout.names, [row.cells for row in rows])
    if found is None:
        return None
    line = rows[0].line
    upper, lower = (_shown([c for c in row if c.strip()]) for row in (b.layout.names, rows[0].cells))
    message = f"the columns' names stand in lines {b.header.line} and {line}: {upper} above {lower}"
    return Occurrence(
        "csv/wrong-header", message, location=b.place, hint=found.mend(line), details={HEADER_LINE: line}
    )  # fmt: skip


def _below_output(b: Beginning, row: Row) -> Occurrence:
    message = f"line {b.header.line} is a message of a program; line {row.line} has {_shown(row.cells)}"
    hint = f"Get the file again: the message says what failed. If nothing is missing, set headerLine: {row.line}."
    return Occurrence("csv/wrong-header", message, location=b.place, hint=hint, details={HEADER_LINE: row.line})


def _header_told(b: Beginning, row: Row, delimiter: str, message: str) -> Occurrence:
    split = f" and delimiter: {delimiter!r}" if delimiter != b.layout.dialect.delimiter.decode() else ""
    mark = _comment_above(b, row, delimiter)
    hint = f'Set comment: "{mark}"{split}.' if mark else f"Set headerLine: {row.line}{split}."
    return Occurrence("csv/wrong-header", message, location=b.place, hint=hint, details={HEADER_LINE: row.line})


def _comment_above(b: Beginning, row: Row, delimiter: str) -> str | None:
    """What all lines above a header begin with, and no record: as comments they may be more, or fewer, another day."""
    dialect = b.layout.dialect
    if dialect.comment or dialect.header_line != 1:
        return None
    above = b.text[: row.at].splitlines()  # bytes: at CR and LF alone
    records = [r for r in b.rows(replace(dialect, delimiter=delimiter.encode()), row.at) if len(r.cells) > 1]
    marks = [mark for mark in _COMMENTS if all(line.startswith(mark) for line in above if line.strip())]
    return next((mark.decode() for mark in marks if not any(b.text.startswith(mark, r.at) for r in records)), None)


def header_elsewhere(b: Beginning, *, here: bool = False) -> tuple[Row, str] | None:
    """The record near the beginning that has most of the columns that the definition names, and how it's split."""
    if not b.named:
        return None
    dialect = replace(b.layout.dialect, header_line=1)
    for delimiter in (dialect.delimiter, *(d for d in DELIMITERS if d != dialect.delimiter)):
        rows = b.rows(replace(dialect, delimiter=delimiter), most=_FAR)
        for number, row in enumerate(rows):
            there = {c.strip() for c in row.cells} & b.named
            several = len(there) > 1 or len(row.cells) == len(b.named) or _heads(row, rows[number + 1 :], b)
            if (here or row.line != b.header.line) and several and 2 * len(there) >= len(b.named):
                return row, delimiter.decode()
    return None


def _heads(row: Row, behind: Sequence[Row], b: Beginning) -> bool:
    """Whether a record that has but one of the columns looks like a header: the records behind it have as many cells,
    and what is declared to be the header, such as a title, has not.
    """
    width = len(row.cells)
    return 1 < width != b.layout.width and bool(behind) and all(len(r.cells) == width for r in behind[:SAMPLE])


def _shown(names: Sequence[str]) -> str:
    shown = ", ".join(repr(n[:40]) for n in names[:3])
    return shown if len(names) <= 3 else f"{shown}, …"
