"""Text whose columns stand below each other: of fixed width, with nothing but blanks or drawn lines between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from potable.engine.findings import Occurrence
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.csv.opening.beginning import FEW, Beginning
from potable.engine.reading.csv.opening.runs import expanded
from potable.engine.reading.strays import NOTE

_RULER = lazy_regex(r"[-=+|\s]*-{2}[-=+|\s]*|[=+|\s]*={2}[=+|\s]*")
_UNDER = lazy_regex(r"\|?(?:\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?")
_NOTE = lazy_regex(NOTE)
_PADDED = lazy_regex(r"\S {2,}\S")
_LEAST = 3
"""Fewer columns are as likely two words in each line."""


def markdown(b: Beginning) -> Occurrence | None:
    """``csv/fixed-width``, if the table is written in Markdown."""
    declared = b.layout.dialect
    if not declared.header_line or (declared.delimiter == b"|" and b.named.intersection(b.layout.names)):
        return None
    texts = [b.header.text, *(b.text[row.at : row.stop] for row in b.rows(declared, b.data, most=_LEAST))]
    columns = _markdown([t.decode("utf-8", "replace").strip() for t in texts])
    if columns is None:
        return None
    message = f"the table is written in Markdown, with bars between its {len(columns)} columns: "
    message += ", ".join(repr(name[:40]) for name in columns[:3]) + ", …" * (len(columns) > 3)
    return Occurrence("csv/fixed-width", message, location=b.place, details={"columns": len(columns)})


def fixed_width(b: Beginning) -> Occurrence | None:
    """``csv/fixed-width``, if the table is written so."""
    if b.layout.width != 1 or not b.layout.dialect.header_line or b.named.intersection(b.layout.names):
        return None
    rows = b.rows(b.layout.dialect, b.data)
    if any(len(row.cells) > 1 for row in rows):
        return None
    texts = [b.header.text, *(b.text[row.at : row.stop] for row in rows)]
    lines = [t.decode("utf-8", "replace").rstrip().expandtabs() for t in texts]
    rulers = [line for line in lines if _RULER.fullmatch(line)]
    lines = [line for line in lines if line and line not in rulers and not _NOTE.search(line)]
    if len(lines) <= FEW or any(c in line for line in lines for c in "\r\n"):
        return None
    columns = _named(_columns(lines), lines[0])
    if len(columns) < _LEAST or not (rulers or 2 * sum(1 for t in lines if _PADDED.search(t)) >= len(lines)):
        return None
    cells = [[line[a:b].strip() for a, b in columns] for line in lines]
    if not all(cells[0]) or 10 * sum(1 for row in cells for c in row if c) < 7 * len(columns) * len(lines):
        return None
    told = "with lines drawn between them" if rulers else "with nothing but blanks between them"
    stops = not rulers and _at_tab_stops(lines)
    found = _split_at_stops(lines[0]) if stops else (not rulers and expanded(b)) or cells[0]
    message = (
        f"split at {b.layout.dialect.delimiter_name} the file has one column; {len(found)} columns of fixed width "
    )
    names = ", ".join(repr(name[:40]) for name in found[:3])
    return Occurrence(
        "csv/fixed-width", f"{message}stand in it, {told}: {names}{', …' * (len(found) > 3)}", location=b.place,
        hint=_TABS if stops else None, details={"columns": len(found)},
    )  # fmt: skip


_TABS = "Have the table exported with its tabs: a program has turned them into blanks, up to each eighth character."


def _at_tab_stops(lines: Sequence[str]) -> bool:
    """Whether all that stands behind two blanks begins where a tab stops."""
    return all(found.end() % 8 == 0 for line in lines for found in re.finditer(r" {2,}(?=\S)", line))


def _split_at_stops(header: str) -> list[str]:
    """The names in a header whose tabs are blanks now."""
    edges = [0, *(found.end() for found in re.finditer(r" +(?=\S)", header) if found.end() % 8 == 0), len(header)]
    return [header[a:z].strip() for a, z in pairwise(edges)]


def _markdown(lines: Sequence[str]) -> list[str] | None:
    """The names of a table's columns that is written in Markdown."""
    if len(lines) < _LEAST or not _UNDER.fullmatch(lines[1].strip()) or "|" not in lines[1]:
        return None
    if not all("|" in line for line in lines[:_LEAST]):
        return None
    names = [name.strip() for name in lines[0].strip().strip("|").split("|")]
    return names if len(names) == len(lines[1].strip().strip("|").split("|")) else None


def _named(columns: Sequence[tuple[int, int]], header: str) -> list[tuple[int, int]]:
    """The columns, but that one without a name is a part of the one beside it, if one blank is between them: each of
    its cells has two words, as in ``12 years``.
    """
    found: list[tuple[int, int]] = []
    nameless = False
    for start, stop in columns:
        beside, named = bool(found) and start - found[-1][1] == 1, bool(header[start:stop].strip())
        if beside and (nameless or not named):
            found[-1], nameless = (found[-1][0], stop), nameless and not named
        else:
            found.append((start, stop))
            nameless = not named
    return found


def _columns(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Where columns start and end: between them no line has anything but a blank or a bar."""
    width = max(map(len, lines))
    filled = [any(n < len(line) and line[n] not in " |" for line in lines) for n in range(width)]
    starts = [n for n in range(width) if filled[n] and not (n and filled[n - 1])]
    stops = [n + 1 for n in range(width) if filled[n] and not (n + 1 < width and filled[n + 1])]
    return list(zip(starts, stops, strict=True))
