"""A table that isn't written as its definition says: another delimiter, another quote, a header elsewhere or none.

It's told once, from the table's beginning, with what was declared and what is there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from potable.engine.findings import Location, Occurrence
from potable.engine.reading.above import header_below, heads, is_grouped
from potable.engine.reading.csv.aligned import fixed_width, markdown
from potable.engine.reading.csv.beginning import FEW, SAMPLE, Beginning, Row
from potable.engine.reading.csv.dialect import Dialect, delimiter_name
from potable.engine.reading.csv.escaped import escaped_quotes, html_quotes, quoted_twice
from potable.engine.reading.csv.length import header_length, usual_length
from potable.engine.reading.csv.runs import blanks_in_header, blanks_in_records, blanks_in_values, runs_of_blanks
from potable.engine.reading.csv.session import session
from potable.engine.reading.csv.title import separator_line
from potable.engine.reading.csv.tokenizer import tokenize
from potable.engine.reading.csv.turned import turned
from potable.engine.reading.looks import is_one_of, is_value
from potable.engine.reading.strays import OUTPUT

_OUTPUT = re.compile(OUTPUT)
_DELIMITERS = (b",", b";", b"\t", b"|")
_QUOTES = (b'"', b"'")
HEADER_LINE = "headerLine"
"""The detail of a ``csv/wrong-header`` that says in which line the header is."""
_FAR = 100
"""So many records are looked at for a header elsewhere."""


def misdeclared(b: Beginning) -> Occurrence | None:
    """The one thing that a table's beginning shows to be declared wrong, if there's any."""
    header = _wrong_header if b.layout.dialect.header_line else _header_unsaid
    split = session(b) or _quoted_lines(b) or markdown(b) or _wrong_delimiter(b) or runs_of_blanks(b) or fixed_width(b)
    split = split or _blanks_between(b) or blanks_in_records(b) or blanks_in_header(b) or blanks_in_values(b)
    split = split or _no_delimiter(b)
    written = split or _blank_behind(b) or _wrong_quote(b) or escaped_quotes(b) or html_quotes(b)
    written = written or quoted_twice(b)
    said = _separator_line(b) or written or header(b) or _below_title(b) or header_length(b)
    return said or turned(b) or _spaced(b)


# -- lines in quotes


def _quoted_lines(b: Beginning) -> Occurrence | None:
    """Lines that are quoted as a whole, each with the same number of cells inside."""
    dialect = b.layout.dialect
    if b.layout.width != 1 or not dialect.quote or not b.header.text.startswith(dialect.quote):
        return None
    rows = b.rows(dialect, b.data)
    lines = [b.layout.names[0].encode(), *(row.cells[0].encode() for row in rows if len(row.cells) == 1)]
    if len(rows) < 2 or len(lines) != len(rows) + 1:
        return None
    for delimiter in (dialect.delimiter, *(d for d in _DELIMITERS if d != dialect.delimiter)):
        inner = replace(dialect, delimiter=delimiter)
        tokens = [next(tokenize(line, inner), None) for line in lines]
        cells = [[] if t is None else [c.decode() for c in t.cells] for t in tokens]
        width = len(cells[0])
        named = b.named.intersection(c.strip() for c in cells[0])
        # Where no column is looked for, one column of texts with a comma in each looks like two.
        enough = width > 1 if named else width > 2 and not b.named
        if not enough or any(len(c) != width for c in cells):
            continue
        name = delimiter_name(delimiter.decode())
        return Occurrence(
            "csv/quoted-lines", f"each line is quoted as a whole: inside, {name} splits it into {width}",
            location=b.place, details={"delimiter": delimiter.decode(), "columns": width},
        )  # fmt: skip
    return None


# -- the delimiter


def _wrong_delimiter(b: Beginning) -> Occurrence | None:
    dialect, width = b.layout.dialect, b.layout.width
    rows = b.rows(dialect, b.data)
    if width > 1 and (not rows or any(len(row.cells) == width for row in rows)):
        return None
    others = [replace(dialect, delimiter=d) for d in _DELIMITERS if d != dialect.delimiter and d in b.header.text]
    better = [(n, other.delimiter.decode()) for other in others if (n := b.split(other)) > 1]
    declared = f"split at {dialect.delimiter_name} the "
    if better:
        columns, best = max(better, key=lambda found: found[0])
        if _is_spaced(b, replace(dialect, delimiter=best.encode()), columns):
            best += " "
        declared += "file has one column" if width == 1 else f"header has {width:,} cells and no record has as many"
        return Occurrence(
            "csv/wrong-delimiter", f"{declared}; {delimiter_name(best)} splits it into {columns}", location=b.place,
            hint=f"Set delimiter to {best!r}.", details={"delimiter": best, "columns": columns},
        )  # fmt: skip
    return None


def _blanks_between(b: Beginning) -> Occurrence | None:
    """Cells that a blank separates, as R's ``write.table`` writes them: names in quotes, or cells of figures mostly."""
    dialect = b.layout.dialect
    blank = replace(dialect, delimiter=b" ")
    if b.layout.width != 1 or not dialect.header_line or b" " not in b.header.text:
        return None
    names, rows = b.header_in(blank), [row.cells for row in b.rows(blank, b.data)]
    lengths = {len(cells) for cells in rows}
    if len(rows) < FEW or len(lengths) != 1 or "" in names or any("" in cells for cells in rows):
        return None
    columns = lengths.pop()
    if _is_quoted(b.header.text, blank):
        fits = len(names) > 1 and columns - len(names) in (0, 1)
    else:
        figures = all(2 * sum(map(is_value, cells)) >= columns for cells in rows)
        figures = figures and all(is_value(a[0]) or len(set(a)) > 1 for a in zip(*rows, strict=True))  # no "3 of 7"
        fits = len(names) == columns > 2 and figures and not any(map(is_value, names))
    if not fits:
        return None
    message = f"split at {dialect.delimiter_name} the file has one column; a blank splits it into {columns}"
    return Occurrence(
        "csv/wrong-delimiter", message, location=b.place, hint="Set delimiter to ' '.",
        details={"delimiter": " ", "columns": columns},
    )  # fmt: skip


def _no_delimiter(b: Beginning) -> Occurrence | None:
    """One column that the definition doesn't name, where it names several."""
    dialect = b.layout.dialect
    several = b.layout.width == 1 and len(b.named) > 1 and not b.named.intersection(b.layout.names)
    if several and b.rows(dialect, b.data) and _header_elsewhere(b) is None:
        told = f"split at {dialect.delimiter_name} the file has one column, but the definition names {len(b.named)}"
        hint = "Look at the file, and set delimiter to what is between its columns."
        return Occurrence("csv/wrong-delimiter", told, location=b.place, hint=hint)
    return None


def _blank_behind(b: Beginning) -> Occurrence | None:
    """A delimiter that has a blank behind it, nearly everywhere, and quotes behind the blank: they quote nothing."""
    dialect = b.layout.dialect
    texts = [b.header.text, *(b.text[row.at : row.stop] for row in b.rows(dialect, b.data))]
    if not dialect.quote or not any(dialect.delimiter + b" " + dialect.quote in text for text in texts):
        return None
    return _spaced(b, "csv/wrong-delimiter")


def _spaced(b: Beginning, code: str = "csv/spaced-delimiter") -> Occurrence | None:
    """A delimiter that has a blank behind it, nearly everywhere."""
    dialect = b.layout.dialect
    if b.layout.width < 2 or not _is_spaced(b, dialect, b.layout.width):
        return None
    best, name = dialect.delimiter.decode() + " ", dialect.delimiter_name
    return Occurrence(
        code, f"{name} and a blank separate the cells, not {name} alone", location=b.place,
        hint=f"Set delimiter to {best!r}.", details={"delimiter": best, "columns": b.layout.width},
    )  # fmt: skip


def _is_spaced(b: Beginning, dialect: Dialect, width: int) -> bool:
    """Whether one blank is behind each delimiter, in the header and in nearly all of the first records."""
    if dialect.delimiter.endswith(b" "):
        return False
    wide = replace(dialect, delimiter=dialect.delimiter + b" ")
    rows = b.rows(wide, b.data)

    def fits(text: bytes) -> bool:
        token = next(tokenize(text, wide), None)
        if token is None or len(token.cells) != width or token.strays:
            return False
        if any(cell.startswith(b" ") for cell in token.cells):
            return False
        quoted = dialect.quote != b"" and dialect.quote in text
        return quoted or not any(dialect.delimiter in cell for cell in token.cells)

    fitting = sum(fits(b.text[row.at : row.stop]) for row in rows)
    return fits(b.header.text) and len(rows) >= FEW and 10 * fitting >= 9 * len(rows)


# -- the quote


def _wrong_quote(b: Beginning) -> Occurrence | None:
    dialect, width = b.layout.dialect, b.layout.width
    for quote in _QUOTES:
        if quote == dialect.quote or quote in dialect.delimiter:
            continue
        other = replace(dialect, quote=quote)
        if _is_quoted(b.header.text, other):
            return _quote_told(b, quote, b.place, "the names in the header are")
        ragged = [row for row in b.rows(dialect, b.data) if len(row.cells) != width]
        if not ragged or b.split(other) != width:
            continue
        first = next((row for row in ragged if any(cell.startswith(quote.decode()) for cell in row.cells)), None)
        if first is not None:
            return _quote_told(b, quote, b.at(first), f"cells in line {first.line} are")
    return None


def _is_quoted(text: bytes, other: Dialect) -> bool:
    """Whether all names of a header stand in a quote that isn't the declared one."""
    raw = next(tokenize(text, replace(other, quote=b"")), None)
    cells = [] if raw is None else [c for c in raw.cells if c]
    return bool(cells) and all(len(c) > 2 and c.startswith(other.quote) and c.endswith(other.quote) for c in cells)


def _quote_told(b: Beginning, quote: bytes, place: Location, where: str) -> Occurrence:
    declared = b.layout.dialect.quote.decode()
    said = f"textQuote is {declared}" if declared else "no textQuote is declared"
    return Occurrence(
        "csv/wrong-quote", f"{said}, but {where} quoted by {quote.decode()}", location=place,
        hint=f"Set textQuote to {quote.decode()}", details={"quote": quote.decode()},
    )  # fmt: skip


# -- the header


def _wrong_header(b: Beginning) -> Occurrence | None:
    if any(name.strip() in b.named for name in b.layout.names):
        return None
    line = b.header.line
    lacking = f"line {line} has none of the {len(b.named):,} columns that the definition names"
    if len(b.named) == 1:
        lacking = f"line {line} hasn't the column that the definition names"
    elsewhere = _header_elsewhere(b)
    if elsewhere is not None:
        row, delimiter = elsewhere
        message = f"{lacking}; line {row.line} has {_shown([c for c in row.cells if c.strip() in b.named])}"
        return _header_told(b, row, delimiter, message)
    rows = [row for row in b.rows(b.layout.dialect, b.data) if row.cells != b.layout.names]
    if b.named and _is_data(b.layout.names, rows):
        message = f"{lacking}, and its cells ({_shown(b.layout.names)}) look like those of the lines behind it"
    elif not b.named and _is_surely_data(b.layout.names, rows):
        message = f"line {line} is read as the header, but its cells ({_shown(b.layout.names)}) look like values"
    else:
        return None
    hint = "Give the file a header; or set headerLine: 0, and call the fields column1, column2 … in the definition."
    return Occurrence("csv/wrong-header", message, location=b.place, hint=hint)


def _header_unsaid(b: Beginning) -> Occurrence | None:
    """A header where none is declared."""
    if any(name in b.named for name in b.layout.names):
        return None
    found = _header_elsewhere(b, here=True)
    if found is None:
        return None
    row, delimiter = found
    shown = _shown([c for c in row.cells if c.strip() in b.named])
    message = f"headerLine is 0, but line {row.line} has {shown}, which the definition names"
    return _header_told(b, row, delimiter, message)


def _separator_line(b: Beginning) -> Occurrence | None:
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


def _below_title(b: Beginning) -> Occurrence | None:
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
    others = _DELIMITERS if b.layout.width == 1 else ()
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


def _below_output(b: Beginning, row: Row) -> Occurrence:
    message = f"line {b.header.line} is a message of a program; line {row.line} has {_shown(row.cells)}"
    hint = f"Get the file again: the message says what failed. If nothing is missing, set headerLine: {row.line}."
    return Occurrence("csv/wrong-header", message, location=b.place, hint=hint, details={HEADER_LINE: row.line})


def _header_told(b: Beginning, row: Row, delimiter: str, message: str) -> Occurrence:
    split = f" and delimiter: {delimiter!r}" if delimiter != b.layout.dialect.delimiter.decode() else ""
    hint = f"Set headerLine: {row.line}{split}."
    return Occurrence("csv/wrong-header", message, location=b.place, hint=hint, details={HEADER_LINE: row.line})


def _header_elsewhere(b: Beginning, *, here: bool = False) -> tuple[Row, str] | None:
    """The record near the beginning that has most of the columns that the definition names, and how it's split."""
    if not b.named:
        return None
    dialect = replace(b.layout.dialect, header_line=1)
    for delimiter in (dialect.delimiter, *(d for d in _DELIMITERS if d != dialect.delimiter)):
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


def _is_data(names: Sequence[str], rows: Sequence[Row]) -> bool:
    """Whether a header that has none of the columns looked for may be the first record."""
    return any(is_one_of(name, _column(rows, n)) for n, name in enumerate(names))


def _is_surely_data(names: Sequence[str], rows: Sequence[Row]) -> bool:
    """The same where no column is looked for: half of its cells are figures or dates above such, and no series of
    numbers, as that of a wide table's years.
    """
    if len(names) < 2:
        return False
    values = [n for n, name in enumerate(names) if is_value(name)]
    alike = all(is_one_of(names[n], _column(rows, n)) for n in values)
    return bool(rows) and alike and 2 * len(values) >= len(names) and not _is_series(names, values)


def _is_series(names: Sequence[str], columns: Sequence[int]) -> bool:
    """Whether these names are whole numbers side by side that rise, or years."""
    cells = [names[n].strip() for n in columns]
    if not all(c.isdecimal() and c.isascii() for c in cells):
        return False
    side_by_side = all(b - a == 1 for a, b in pairwise(columns))
    rising = all(int(a) < int(b) for a, b in pairwise(cells))
    return (side_by_side and rising and len(cells) > 1) or all(1000 < int(c) < 2200 for c in cells)


def _column(rows: Sequence[Row], number: int) -> list[str]:
    return [row.cells[number] for row in rows if number < len(row.cells)]


def _shown(names: Sequence[str]) -> str:
    shown = ", ".join(repr(n[:40]) for n in names[:3])
    return shown if len(names) <= 3 else f"{shown}, …"
