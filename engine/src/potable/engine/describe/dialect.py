"""How a table is written down, told from its beginning: delimiter, quote, comments, where the header stands.

After van den Burg, Nazábal, Sutton, *Wrangling messy CSV files by detecting row and type patterns* (2019): that dialect
is the likeliest which splits all rows alike and leaves cells that look like values. The rows are cut by the reader's
own tokenizer, so what is found here is what is read later.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.above import header_below
from potable.engine.reading.csv.dialect import Dialect
from potable.engine.reading.csv.opening.title import separator_line
from potable.engine.reading.csv.tokenizer import tokenize
from potable.engine.reading.looks import is_figure, is_moment, is_value

SAMPLE_BYTES = 1 << 17
"""So much of a file's beginning is looked at."""
ROWS = 500
"""So many records are looked at, in each dialect that may be meant."""
MOST_COLUMNS = 5_000
"""A dialect that gives more cells isn't looked at further."""
PREAMBLE = 200
"""Most lines above the header."""
FEW_ABOVE = 5
"""Most lines of several cells above the header, and fewest records under it that show these."""
STEPS = 5
"""So many figures don't ascend by chance."""

DELIMITERS = (",", "\t", ";", "|", "^", "~", "\x1f")
_WORDS = lazy_regex(r"[\w@%&#*()'/.:+ -]*")
_DIGITS = lazy_regex("[+-]?[0-9]+")
_YEAR = lazy_regex(r"1[0-9]{3}|20[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Row:
    """A record: its physical line, from 1, and its cells."""

    line: int
    cells: tuple[str, ...]


def sniff_dialect(text: bytes, *, whole: bool) -> dict[str, Any]:
    """The members of a definition that say how a table is written, where that isn't the default.

    :param text: its beginning, in UTF-8.
    :param whole: it's all of it.
    """
    told, above = separator_line(text), 0
    if told is not None:
        text, above = text[told[1] :], 1
    comment = _comment(text)
    found: dict[str, Any] = {"comment": comment} if comment else {}
    delimiter, quote = _best(text, comment, whole)
    if told is not None and told[0] in text:
        delimiter = told[0].decode()
    if delimiter != ",":
        found["delimiter"] = delimiter
    if quote != '"':
        found["textQuote"] = quote
    rows = list(_rows(text, delimiter, quote, comment, whole))
    width = _usual_width(rows)
    first = next((n for n, row in enumerate(rows) if len(row.cells) == width), 0)
    if all(len(row.cells) == 1 for row in rows[:first]) or _is_above(rows[:first], rows[first:]):
        rows = rows[first:]
    rows = rows[header_below([row.cells for row in rows]) or 0 :]
    widths = {width, max((len(row.cells) for row in rows), default=1)}
    names = _commented_names(text, rows, delimiter, widths) if comment and rows else []
    if len(names) in widths and not _has_comments(text, rows):
        del found["comment"]
        found["headerLine"] = rows[0].line + above - 1
    elif names:
        found["headerLine"] = 0
    elif rows and not _is_header(rows):
        found["headerLine"] = 0
        if rows[0].line + above > 1 and not comment:
            found["ignoreLines"] = rows[0].line + above - 1
    elif rows and rows[0].line + above > 1 and not _all_comments(text, rows[0].line - 1, comment):
        found["headerLine"] = rows[0].line + above
    return found


def _comment(text: bytes) -> str:
    """``#``, where the file begins with lines of comment."""
    lines = text.split(b"\n", 2)
    return "#" if lines[0].startswith(b"#") and len(lines) > 1 and not _is_one_header(lines[0]) else ""


def _all_comments(text: bytes, lines: int, comment: str) -> bool:
    """Whether the first lines are all comments: the header behind them is found however many there are."""
    mark = comment.encode()
    return bool(mark) and all(line.startswith(mark) for line in text.split(b"\n", lines)[:lines])


def _commented_names(text: bytes, rows: Sequence[Row], delimiter: str, widths: set[int]) -> list[str]:
    """The names of the columns where the last of the lines of comment, right above the first record, has them.

    They are as many as the columns, or as those of the longest record; with more, which are blank, the line is no
    header that the reader could take.
    """
    lines = text.split(b"\n")
    last = rows[0].line - 2
    if last < 0 or not lines[last].startswith(b"#"):
        return []
    cells = [cell.strip() for cell in lines[last].decode("utf-8", "replace").split(delimiter)]
    names = [cell for cell in cells if cell.strip("#")]
    sound = len(set(names)) == len(names) > 1 and len(names) in widths and not any(map(is_value, names))
    return cells if sound else []


def _has_comments(text: bytes, rows: Sequence[Row]) -> bool:
    """Whether lines of comment are among the records: these need ``comment``, under which a header can't be one."""
    return any(line.startswith(b"#") for line in text.split(b"\n")[rows[0].line - 1 :])


def _is_one_header(line: bytes) -> bool:
    """Whether a first line that begins with ``#`` is rather the header, as in ``#CHROM<TAB>POS``."""
    return b"\t" in line and not line.startswith(b"##") and b":" not in line


def _best(text: bytes, comment: str, whole: bool) -> tuple[str, str]:
    """The likeliest delimiter and quote."""
    scored = []
    for n, delimiter in enumerate(DELIMITERS):
        if delimiter.encode() not in text:
            continue
        for quote in ('"', "'"):
            if quote == "'" and not re.search(rb"(?:^|[\r\n]|" + re.escape(delimiter.encode()) + rb")'", text):
                continue
            rows = list(_rows(text, delimiter, quote, comment, whole))
            quoted_else = quote == '"' and _all_in(rows, "'")
            scored.append((*_score(rows), not quoted_else, quote == '"', -n, delimiter, quote))
    if not scored:
        return ",", '"'
    best = max(scored)
    return (best[-2], best[-1]) if best[1] > 0 else (",", '"')


def _score(rows: Sequence[Row]) -> tuple[bool, float]:
    """Whether all rows are split alike, into several cells; and how well on the whole."""
    if not rows:
        return False, 0.0
    widths = Counter(len(row.cells) for row in rows)
    width, count = widths.most_common(1)[0]
    alike = len(widths) == 1 and width > 1
    if width == 1:
        return False, 0.0
    pattern = sum(n * max(w - 1, 1e-3) / w for w, n in widths.items()) / len(widths)
    cells = [cell for row in rows[:100] for cell in row.cells[:100]]
    known = sum(1 for cell in cells if _looks_known(cell)) / max(len(cells), 1)
    return alike, pattern * (known + 0.01) * count / len(rows)


def _looks_known(cell: str) -> bool:
    cell = cell.strip()
    return (
        is_figure(cell)
        or is_moment(cell)
        or _WORDS.fullmatch(cell) is not None
        or cell.startswith(("http://", "https://"))
    )


def _all_in(rows: Sequence[Row], quote: str) -> bool:
    """Whether the cells of the first rows stand in a quote."""
    cells = [cell for row in rows[:20] for cell in row.cells if cell]
    inside = sum(1 for cell in cells if len(cell) > 1 and cell[0] == cell[-1] == quote)
    return bool(cells) and inside * 2 > len(cells)


def _rows(text: bytes, delimiter: str, quote: str, comment: str, whole: bool) -> Iterator[Row]:
    dialect = Dialect(delimiter=delimiter.encode(), quote=quote.encode(), comment=comment.encode())
    line, count = 1, 0
    for token in tokenize(text, dialect, final=whole, most=MOST_COLUMNS):
        if token.kind == "incomplete" or count == ROWS or len(token.cells) > MOST_COLUMNS:
            return
        if token.kind == "record":
            yield Row(line, tuple(cell.decode("utf-8", "replace") for cell in token.cells))
            count += 1
        taken = text[token.start : token.stop]
        line += taken.count(b"\n") + taken.count(b"\r") - taken.count(b"\r\n")


def _usual_width(rows: Sequence[Row]) -> int:
    widths = Counter(len(row.cells) for row in rows[:PREAMBLE])
    return max(widths, key=lambda w: (widths[w] * w, w), default=1)


def _is_above(above: Sequence[Row], rows: Sequence[Row]) -> bool:
    """Whether first rows of fewer cells than all others are no header: they say of the whole what a program wants to
    know (a station and where it is, how many records there are), and have figures, or stand above a header.
    """
    width = len(rows[0].cells) if rows else 0
    if not 0 < len(above) <= FEW_ABOVE or len(rows) <= FEW_ABOVE:
        return False
    if any(len(row.cells) >= width for row in above) or any(len(row.cells) != width for row in rows):
        return False
    below = rows[1:]
    headed = not any(map(is_value, rows[0].cells)) and any(_is_of_values(below, n) for n in range(width))
    return headed or all(any(map(is_value, row.cells)) for row in above)


def _is_header(rows: Sequence[Row]) -> bool:
    """Whether the first row names the columns.

    It doesn't where one of its cells is a figure or a date as those below it are, unless these are the years of a wide
    table, or steps; nor where one differs from nearly all below it in its digits alone, and has several runs of these
    (+4230+00131); or where all its cells stand again below themselves, unless it's in one record, and one of the
    cells is above figures or dates: then it's the header of a file that was joined to it.
    """
    first, below = rows[0].cells, rows[1:]
    if len(first) > 2 and list(first[1:]) == [row.cells[0] for row in below[: len(first) - 1]]:
        return True  # a matrix, whose columns are called as its rows
    figures = [n for n, cell in enumerate(first) if is_value(cell)]
    if not below:
        return not figures
    if _are_steps(first, figures, below):
        figures = [] if len(figures) > 1 and len(figures) < len(first) else figures
    for n in figures:
        if _is_of_values(below, n):
            return False
    if any(_is_made_as(cell, below, n) for n, cell in enumerate(first)):
        return False
    if first in [row.cells for row in below] and any(_is_of_values(below, n) for n in range(len(first))):
        return True
    again = [any(n < len(row.cells) and row.cells[n] == cell for row in below) for n, cell in enumerate(first)]
    return not (len(first) > 1 and all(again))


def _is_of_values(rows: Sequence[Row], n: int) -> bool:
    column = [row.cells[n] for row in rows if n < len(row.cells) and row.cells[n].strip()]
    return bool(column) and sum(map(is_value, column)) * 2 > len(column)


def _is_made_as(cell: str, rows: Sequence[Row], n: int) -> bool:
    make = _DIGITS.sub("0", cell.strip())
    if make.count("0") < 2 or len(rows) < FEW_ABOVE or is_value(cell):
        return False
    alike = sum(_DIGITS.sub("0", row.cells[n].strip()) == make for row in rows if n < len(row.cells))
    return alike * 10 > len(rows) * 9 and len({row.cells[n] for row in rows if n < len(row.cells)}) * 2 > len(rows)


def _are_steps(first: Sequence[str], figures: Sequence[int], below: Sequence[Row]) -> bool:
    """Whether these cells are the years of a wide table, or ascending steps that the figures below them aren't."""
    if not _ascending([first[n] for n in figures]):
        return False
    if all(_YEAR.fullmatch(first[n].strip()) for n in figures):
        return True
    like = sum(_ascending([row.cells[n] for n in figures if n < len(row.cells)]) for row in below)
    return len(figures) >= STEPS and 2 * like < len(below)


def _ascending(cells: Sequence[str]) -> bool:
    try:
        return all(float(a) < float(b) for a, b in pairwise(cells))
    except ValueError:
        return False
