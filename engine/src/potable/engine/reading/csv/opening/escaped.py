"""Quotes in cells that aren't written as declared: behind a backslash, or as a reference of HTML."""

from __future__ import annotations

from dataclasses import replace

from potable.engine.findings import Occurrence
from potable.engine.reading.csv.opening.beginning import FEW, Beginning
from potable.engine.reading.csv.tokenizer import tokenize

_HTML = (b"&quot;", b"&#34;", b"&#034;", b"&#x22;")


def escaped_quotes(b: Beginning) -> Occurrence | None:
    """``csv/wrong-quote``, where the first records are right once a backslash escapes their quotes."""
    declared, width = b.layout.dialect, b.layout.width
    if not declared.quote or declared.escape:
        return None
    sign = b"\\" + declared.quote
    with_it = [row for row in b.rows(declared, b.data) if sign in b.text[row.at : row.stop]]
    odd = [row for row in with_it if _is_odd(b, row.at, row.stop)]
    if not odd:
        return None
    other = replace(declared, escape=b"\\")
    rows = b.rows(other, b.data)
    if b.header_in(other) != b.layout.names or any(len(row.cells) != width for row in rows):
        return None
    if any(token.strays for row in rows for token in tokenize(b.text[row.at : row.stop], other)):
        return None
    message = f"no escapeCharacter is declared, but in line {odd[0].line} a backslash stands before quotes in a cell"
    hint = "Set escapeCharacter to a backslash."
    return Occurrence("csv/wrong-quote", message, location=b.at(odd[0]), hint=hint, details={"escape": "\\"})


def quoted_twice(b: Beginning) -> Occurrence | None:
    """The same, where all of the first records' cells stand in quotes that are their own."""
    quote, rows = b.layout.dialect.quote.decode(), b.rows(b.layout.dialect, b.data)
    if not quote or b.layout.width < 2 or len(rows) < FEW:
        return None
    cells = [cell for row in rows for cell in row.cells if cell]
    within = all(len(c) > 1 and c.startswith(quote) and c.endswith(quote) for c in cells)
    if not within or any(all(not cell for cell in row.cells[1:]) for row in rows):
        return None
    message = f"all cells of the first {len(rows)} records are quoted twice, as {cells[0][:40]!r}"
    hint = "Have the cells quoted once: a program quotes what another one has quoted already."
    return Occurrence("csv/wrong-quote", message, location=b.at(rows[0]), hint=hint)


def html_quotes(b: Beginning) -> Occurrence | None:
    """The same, where delimiters stand between references of HTML that are to be quotes."""
    if not b.layout.dialect.quote:
        return None
    for name in _HTML:
        with_them = [row for row in b.rows(b.layout.dialect, b.data) if name in b.text[row.at : row.stop]]
        ragged = [row for row in with_them if len(row.cells) != b.layout.width]
        if not ragged:
            continue
        mended = [b.text[row.at : row.stop].replace(name, b.layout.dialect.quote) for row in ragged]
        tokens = [next(tokenize(text, b.layout.dialect), None) for text in mended]
        if all(t is not None and len(t.cells) == b.layout.width and not t.strays for t in tokens):
            message = f"in line {ragged[0].line} quotes around cells are written as {name.decode()}"
            hint = "Have the table written as CSV, not as HTML: quotes around cells as they are, and doubled in them."
            return Occurrence("csv/wrong-quote", message, location=b.at(ragged[0]), hint=hint)
    return None


def _is_odd(b: Beginning, start: int, stop: int) -> bool:
    """Whether a record has another number of cells than the header, or quotes out of place."""
    token = next(tokenize(b.text[start:stop], b.layout.dialect), None)
    return token is None or len(token.cells) != b.layout.width or bool(token.strays)
