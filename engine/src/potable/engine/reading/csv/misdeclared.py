"""A table that isn't written as its definition says: another delimiter, another quote, a header elsewhere or none.

It's told once, from the table's beginning, with what was declared and what is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from potable.engine.findings import Location, Occurrence
from potable.engine.paths import FieldPath, PathError
from potable.engine.reading.csv.cutter import Header
from potable.engine.reading.csv.dialect import Dialect, delimiter_name
from potable.engine.reading.csv.layout import Layout
from potable.engine.reading.csv.looks import is_one_of, is_value
from potable.engine.reading.csv.tokenizer import tokenize
from potable.engine.reading.decoding import UTF8, original_length
from potable.engine.reading.window import count_lines

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition

_DELIMITERS = (b",", b";", b"\t", b"|")
_QUOTES = (b'"', b"'")
_SAMPLE = 20
"""So many records are looked at behind the header."""
_FAR = 100
"""So many records are looked at for a header elsewhere."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A record: offset in the text, physical line from 1, cells."""

    at: int
    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beginning:
    """The beginning of a table.

    :param text: the part's first bytes of text; :param whole: they're all of it.
    :param header: the header as it was read; :param layout: the columns that it tells.
    :param data: offset in the text of the first record.
    :param named: columns that the definition names.
    :param original: the encoding that the text comes from.
    """

    text: bytes
    whole: bool
    header: Header
    layout: Layout
    data: int
    named: frozenset[str]
    original: str = UTF8

    @property
    def place(self) -> Location:
        """The header's."""
        return Location(file=self.layout.file, url=self.layout.url, line=self.header.line, byte=self.header.byte)

    def rows(self, dialect: Dialect, start: int = 0, most: int = _SAMPLE) -> list[_Row]:
        """The first whole records from an offset on."""
        return list(islice(self._rows(dialect, start), most))

    def _rows(self, dialect: Dialect, start: int) -> Iterator[_Row]:
        text = self.text[start:]
        line = count_lines(self.text[:start]) + 1
        for token in tokenize(text, dialect, final=self.whole):
            if token.kind == "incomplete":
                return
            if token.kind == "record":
                yield _Row(start + token.start, line, tuple(c.decode("utf-8", "replace") for c in token.cells))
            line += count_lines(text[token.start : token.stop])

    def header_in(self, dialect: Dialect) -> tuple[str, ...]:
        """The cells of the header's record in another dialect."""
        token = next(tokenize(self.header.text, dialect), None)
        return () if token is None else tuple(c.decode("utf-8", "replace") for c in token.cells)

    def split(self, dialect: Dialect) -> int:
        """Into how many columns a dialect splits the header and the first records alike; 0: not alike."""
        width = len(self.header_in(dialect))
        return width if all(len(row.cells) == width for row in self.rows(dialect, self.data)) else 0


def named_columns(source: SourceDefinition) -> frozenset[str]:
    """Columns that the definition names in its schema, its key and its QC rules."""
    fields = (source.table_schema or {}).get("fields", ())
    names = {f["name"] for f in fields if isinstance(f, dict) and isinstance(f.get("name"), str)}
    if isinstance(source.json_schema, dict) and isinstance(source.json_schema.get("properties"), dict):
        names |= set(source.json_schema["properties"])
    rules = [r for some in source.qc_rules.values() if isinstance(some, list) for r in some if isinstance(r, dict)]
    return frozenset(names | set(_columns([*source.primary_key, *(r.get("path") for r in rules)])))


def _columns(paths: Sequence[Any]) -> Iterator[str]:
    for path in paths:
        try:
            column = FieldPath.parse(path).column if isinstance(path, str) else None
        except PathError:
            continue
        if column is not None:
            yield column


def misdeclared(b: Beginning) -> Occurrence | None:
    """The one thing that a table's beginning shows to be declared wrong, if there's any."""
    header = _wrong_header if b.layout.dialect.header_line else _header_unsaid
    return _wrong_delimiter(b) or _wrong_quote(b) or header(b)


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
        declared += "file has one column" if width == 1 else f"header has {width:,} cells and no record has as many"
        return Occurrence(
            "csv/wrong-delimiter", f"{declared}; {delimiter_name(best)} splits it into {columns}", location=b.place,
            hint=f"Set delimiter to {best!r}.", details={"delimiter": best, "columns": columns},
        )  # fmt: skip
    if width == 1 and len(b.named) > 1 and rows and _header_elsewhere(b) is None:
        told = f"{declared}file has one column, but the definition names {len(b.named)}"
        hint = "Look at the file, and set delimiter to what is between its columns."
        return Occurrence("csv/wrong-delimiter", told, location=b.place, hint=hint)
    return None


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
            byte = b.header.byte + original_length(b.text[b.header.at : first.at], b.original)
            place = replace(b.place, line=first.line, byte=byte)
            return _quote_told(b, quote, place, f"cells in line {first.line} are")
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
        return Occurrence("csv/wrong-header", message, location=b.place, hint=_to_set(b, row, delimiter))
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
    return Occurrence("csv/wrong-header", message, location=b.place, hint=_to_set(b, row, delimiter))


def _to_set(b: Beginning, row: _Row, delimiter: str) -> str:
    split = f" and delimiter: {delimiter!r}" if delimiter != b.layout.dialect.delimiter.decode() else ""
    return f"Set headerLine: {row.line}{split}."


def _header_elsewhere(b: Beginning, *, here: bool = False) -> tuple[_Row, str] | None:
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


def _heads(row: _Row, behind: Sequence[_Row], b: Beginning) -> bool:
    """Whether a record that has but one of the columns looks like a header: the records behind it have as many cells,
    and what is declared to be the header, such as a title, has not.
    """
    width = len(row.cells)
    return 1 < width != b.layout.width and bool(behind) and all(len(r.cells) == width for r in behind[:_SAMPLE])


def _is_data(names: Sequence[str], rows: Sequence[_Row]) -> bool:
    """Whether a header that has none of the columns looked for may be the first record."""
    return any(is_one_of(name, _column(rows, n)) for n, name in enumerate(names))


def _is_surely_data(names: Sequence[str], rows: Sequence[_Row]) -> bool:
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


def _column(rows: Sequence[_Row], number: int) -> list[str]:
    return [row.cells[number] for row in rows if number < len(row.cells)]


def _shown(names: Sequence[str]) -> str:
    shown = ", ".join(repr(n[:40]) for n in names[:3])
    return shown if len(names) <= 3 else f"{shown}, …"
