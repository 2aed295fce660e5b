"""A table that isn't written as its definition says: another delimiter, another quote, another header.

It's told once, from the table's beginning, with what was declared and what is there.
"""

from __future__ import annotations

from dataclasses import replace

from potable.engine.findings import Location, Occurrence
from potable.engine.reading.csv.dialect import CONTROLS, DELIMITERS, RARER, Dialect, delimiter_name
from potable.engine.reading.csv.opening.aligned import fixed_width, markdown
from potable.engine.reading.csv.opening.beginning import FEW, Beginning
from potable.engine.reading.csv.opening.drawn import drawn
from potable.engine.reading.csv.opening.escaped import escaped_quotes, html_quotes, quoted_twice
from potable.engine.reading.csv.opening.folded import folded
from potable.engine.reading.csv.opening.length import header_length
from potable.engine.reading.csv.opening.misheaded import (
    below_title,
    header_elsewhere,
    header_unsaid,
    in_two_lines,
    noted_delimiter,
    wrong_header,
)
from potable.engine.reading.csv.opening.padded import padded
from potable.engine.reading.csv.opening.runs import (
    blanks_in_header,
    blanks_in_records,
    blanks_in_values,
    runs_of_blanks,
)
from potable.engine.reading.csv.opening.session import session
from potable.engine.reading.csv.tokenizer import tokenize
from potable.engine.reading.looks import is_value
from potable.engine.reading.turned import MOST, turned

_QUOTES = (b'"', b"'")


def misdeclared(b: Beginning) -> Occurrence | None:
    """The one thing that a table's beginning shows to be declared wrong, if there's any."""
    header = wrong_header if b.layout.dialect.header_line else header_unsaid
    looks = (
        noted_delimiter,
        folded,
        *_SPLIT,
        *_QUOTED,
        header,
        below_title,
        in_two_lines,
        header_length,
        _turned,
        _spaced,
        padded,
    )
    return next((said for look in looks if (said := look(b)) is not None), None)


# -- on its side


def _turned(b: Beginning) -> Occurrence | None:
    if not b.whole or not b.layout.dialect.header_line:
        return None
    below = [row.cells for row in b.rows(b.layout.dialect, b.data, most=MOST)]
    return turned("csv", b.layout.names, below, b.named, b.place)


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
    for delimiter in (dialect.delimiter, *(d for d in DELIMITERS if d != dialect.delimiter)):
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
    others = [d for d in (*DELIMITERS, *RARER) if d != dialect.delimiter and d in b.header.text]
    better = [(n, d.decode()) for d in others if (n := b.split(replace(dialect, delimiter=d))) > _least(b, d)]
    declared = f"split at {dialect.delimiter_name} the "
    if better:
        columns, best = _doubled(b, *max(better, key=lambda found: found[0]))
        if _is_spaced(b, replace(dialect, delimiter=best.encode()), columns):
            best += " "
        declared += "file has one column" if width == 1 else f"header has {width:,} cells and no record has as many"
        return Occurrence(
            "csv/wrong-delimiter", f"{declared}; {delimiter_name(best)} splits it into {columns}", location=b.place,
            hint=f"Set delimiter to {best!r}.", details={"delimiter": best, "columns": columns},
        )  # fmt: skip
    return None


def _least(b: Beginning, delimiter: bytes) -> int:
    """More columns than these a delimiter must split a table into: texts hold the rarer ones as well (std::sort), but
    hardly with nothing but figures before or behind them.
    """
    other = replace(b.layout.dialect, delimiter=delimiter)
    names = b.header_in(other) if delimiter in RARER else ()
    rows = [row.cells for row in b.rows(other, b.data)]
    if not names or b.named.intersection(n.strip() for n in names):
        return 1
    figures = any(all(n < len(row) and is_value(row[n]) for row in rows) for n in range(len(names)))
    return 1 if len(rows) >= FEW and (figures or delimiter in CONTROLS) else 2


def _doubled(b: Beginning, columns: int, delimiter: str) -> tuple[int, str]:
    """A delimiter that stands twice everywhere is one of two characters: number of columns, and the delimiter."""
    twice = delimiter.encode() * 2
    if delimiter.encode() in b.header.text.replace(twice, b""):
        return columns, delimiter
    fewer = b.split(replace(b.layout.dialect, delimiter=twice))
    return (fewer, twice.decode()) if fewer > 1 else (columns, delimiter)


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
    if several and b.rows(dialect, b.data) and header_elsewhere(b) is None:
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


# What explains most comes first: where the cells aren't parted, neither quotes nor names can be told.
_SPLIT = (
    session, _quoted_lines, markdown, drawn, _wrong_delimiter, runs_of_blanks, fixed_width, _blanks_between,
    blanks_in_records, blanks_in_header, blanks_in_values, _no_delimiter, _blank_behind,
)  # fmt: skip
_QUOTED = (_wrong_quote, escaped_quotes, html_quotes, quoted_twice)
