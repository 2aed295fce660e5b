"""Lines that were broken at a width, by a mail program, a terminal or an editor: records go on in the next line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from potable.engine.findings import Occurrence
from potable.engine.reading.csv.layout import Layout
from potable.engine.reading.csv.opening.beginning import FEW, Beginning, Row
from potable.engine.reading.csv.tokenizer import tokenize

_MOST = 300
"""So many lines are looked at."""
_NARROWEST = 40
"""Shorter lines aren't broken."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A physical line.

    :param row: the record that it begins or goes on in, as it's read.
    :param cells: of that record, where it ends with the line; 0: it goes on in the next line, within quotes.
    """

    text: str
    row: Row
    cells: int


def folded(b: Beginning) -> Occurrence | None:
    """``csv/folded-lines``, if records that are put together again have as many cells as the header, and each line that
    a record goes on behind is as long as a line may be: of that length, or the next word wouldn't have fitted.
    """
    if b.layout.width < 2 or not b.layout.dialect.header_line or not _may_be(b):
        return None
    lines = list(_lines(b, b.rows(replace(b.layout.dialect, header_line=1), b.header.at, most=_MOST)))
    longest = max(len(line.text) for line in lines)
    if sum(line.cells != b.layout.width for line in lines) < FEW:
        return None
    for header in (
        (1, 2) if _is_full(lines[0].text, lines[1].text, longest) else (1,)
    ):  # the header may go over two lines itself
        width = sum(line.cells for line in lines[:header]) - header + 1
        broken = _broken(lines[header:], width, longest)
        if broken is not None and len(broken) >= FEW:
            break
    else:
        return None
    soft = all(line.text.endswith("=") for line in broken)
    exact = all(len(line.text) == longest for line in broken)
    how = (
        "end in = there, as in quoted-printable mail" if soft else "are broken " + ("" if exact else "between words, ")
    )
    how += "" if soft else f"at {longest} characters"
    first = broken[0].row
    message = f"lines {how}: the record in line {first.line} goes on in the next one, as {len(broken):,} of the first "
    message += f"{len(lines):,} lines do"
    hint = "Decode it (quoted-printable), or get the file as it was exported." if soft else None
    return Occurrence("csv/folded-lines", message, location=b.at(first), hint=hint, details={"columns": longest})


def _may_be(b: Beginning) -> bool:
    """Whether enough of the lines are as long as one may be, and enough of them no whole record, seen without splitting
    all of them into cells.
    """
    text = b.text[b.header.at :].decode("utf-8", "replace")
    lines = text.splitlines()[: _MOST + 1]
    lines = lines if b.whole else lines[:-1]
    longest = max(map(len, lines), default=0)
    if longest < _NARROWEST or len({*map(len, lines)}) == 1:
        return False
    full = sum(_is_full(line, following, longest) for line, following in pairwise(lines))
    return full >= FEW and sum(not _is_whole(line, b.layout) for line in lines) >= FEW


def _is_whole(line: str, layout: Layout) -> bool:
    """Whether a line alone is a record of as many cells as the header's."""
    dialect = layout.dialect
    if dialect.escape or (dialect.quote and dialect.quote.decode() in line):
        token = next(tokenize(line.encode(), dialect), None)
        return token is not None and token.kind == "record" and len(token.cells) == layout.width
    return line.count(dialect.delimiter.decode()) == layout.width - 1


def _lines(b: Beginning, rows: Sequence[Row]) -> Iterator[_Line]:
    for row in rows:
        *inner, last = b.text[row.at : row.stop].decode("utf-8", "replace").rstrip("\r\n").splitlines() or [""]
        yield from (_Line(text, row, 0) for text in inner)
        yield _Line(last, row, len(row.cells))


def _broken(lines: Sequence[_Line], width: int, longest: int) -> list[_Line] | None:
    """The lines behind which a record goes on, where all lines are parts of records of so many cells."""
    broken: list[_Line] = []
    cells = 0
    for n, line in enumerate(lines[:-1]):
        following = lines[n + 1]
        cells += line.cells - 1 if cells and line.cells else line.cells
        if cells > width:
            return None
        full = _is_full(line.text, following.text, longest)
        if line.cells > 0 and cells == width and not (following.cells == 1 and full):
            cells = 0
        elif not full:
            return None
        else:
            broken.append(line)
    return broken


def _is_full(line: str, following: str, longest: int) -> bool:
    """Whether a line is as long as one may be: the first word of the following one wouldn't have fitted."""
    size = len(line)
    return size == longest or (
        2 * size > longest and " " in line and size + 1 + len(following.split(" ", 1)[0]) > longest
    )
