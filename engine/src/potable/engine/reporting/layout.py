"""Lines for a terminal: wrapped to a width, aligned, coloured only when asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from potable.engine.reporting.inert import cut, width

_SGR = {
    "bold": "1", "dim": "2", "error": "31", "warning": "33", "info": "36", "good": "32",
    "failed": "1;37;41", "passed": "1;30;42", "inconclusive": "1;30;43",
}  # fmt: skip
_ASCII = str.maketrans({"…": "~", "·": "-", "×": "x", "✗": "x", "✓": "v", "–": "-", "—": "-", "’": "'", "─": "-"})


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours text, or leaves it plain.

    :param colour: whether to write ANSI colour sequences.
    """

    colour: bool = False

    def __call__(self, style: str, text: str) -> str:
        """``text`` in a style: bold, dim, error, warning, info, good, failed, passed, inconclusive."""
        return f"\x1b[{_SGR[style]}m{text}\x1b[0m" if self.colour and text else text


def wrap(text: str, columns: int, first: str = "", rest: str = "") -> list[str]:
    """``text`` in lines of at most ``columns`` columns; a word too long for a line is broken, blanks are kept.

    :param first: what the first line starts with.
    :param rest: what the others start with.
    """
    lines: list[str] = []
    line, fresh = first, True
    for word in text.split(" "):
        gap = "" if fresh else " "
        if width(line) + len(gap) + width(word) <= columns:
            line, fresh = line + gap + word, False
            continue
        if not fresh:
            lines.append(line)
            line = rest
        while width(line) + width(word) > columns and word:
            piece = cut(word, columns - width(line) + 1)[:-1] or word[0]
            lines.append(line + piece)
            line, word = rest, word[len(piece) :]
        line, fresh = line + word, False
    return [*lines, line]


def pad(text: str, columns: int) -> str:
    """``text`` with blanks up to ``columns`` columns."""
    return text + " " * max(columns - width(text), 0)


def at_most(lines: list[str], most: int, columns: int) -> list[str]:
    """The first ``most`` lines, the last of them ending in an ellipsis where others are left out."""
    if len(lines) <= most:
        return lines
    last = lines[most - 1] + " …"
    return [*lines[: most - 1], last if width(last) <= columns else cut(last, columns)]


LAST_CELL = 20
"""Columns that the last cell of a table has at least, unless it's said otherwise."""

MOST_INDENT = 16
"""How far cells are indented under first ones that all stand alone."""


def table(
    rows: Iterable[Sequence[str]],
    columns: int,
    indent: str = "  ",
    gap: str = "  ",
    most: int = 99,
    keep: bool = False,
    widest: int = 0,
    tint: Callable[[str], str] | None = None,
    last: int = LAST_CELL,
) -> list[str]:
    """Rows as aligned lines; the last cell wraps under itself, the others are cut where there's no room.

    :param columns: the widest line.
    :param most: lines that the last cell of a row may take, and a first one that stands alone.
    :param keep: no other cell is cut: identifiers are there to be copied, and a verdict to be read. A first one for
        which there's no room beside the others stands above them, whole: one long identifier leaves the other rows as
        they are. Where that's not enough all last cells stand below the others.
    :param widest: columns that a first cell that's kept may have beside the others; 0: as many as there are.
    :param last: columns that the last cell has at least, where it needs as many.
    :param tint: colours the cells between the first and the last.
    """
    rows = [list(r) for r in rows]
    if not rows:
        return []
    sizes = [max(width(r[i]) for r in rows) for i in range(len(rows[0]) - 1)]
    taken = len(indent) + len(gap) * len(sizes)
    if keep:
        room = max(columns - taken - sum(sizes[1:]) - last, MOST_INDENT)
        room = min(room, widest or room)
        sizes[0] = max((size for r in rows if (size := width(r[0])) <= room), default=min(sizes[0], MOST_INDENT))
        if taken + sum(sizes) + min(last, max(width(r[-1]) for r in rows)) > columns:
            return _stacked(rows, columns, indent, gap, most, tint)
    while not keep and columns - taken - sum(sizes) < last and max(sizes, default=0) > 8:
        sizes[sizes.index(max(sizes))] -= 1  # the widest one gives way to the last cell
    lines: list[str] = []
    for row in rows:
        first = row[0]
        if keep and width(first) > sizes[0]:
            lines += _alone(first, columns, indent, most)
            first = ""
        cells = [pad(cut(c, s), s) + gap for c, s in zip([first, *row[1:]], sizes, strict=False)]
        head = indent + "".join(cells)
        shown = [x.rstrip() for x in at_most(wrap(row[-1], columns, head, " " * width(head)), most, columns)]
        if tint is not None:
            inked = "".join(_tinted(c, tint) for c in cells[1:])
            shown[0] = (indent + "".join(cells[:1]) + inked + shown[0][len(head) :]).rstrip()
        lines += shown
    return lines


def _stacked(
    rows: Sequence[Sequence[str]], columns: int, indent: str, gap: str, most: int, tint: Callable[[str], str] | None
) -> list[str]:
    """Rows of which the last cells stand below the others, and these below a first one that leaves them no room."""
    sizes = [max(width(r[i]) for r in rows) for i in range(1, len(rows[0]) - 1)]
    room = columns - len(indent) - sum(sizes) - len(gap) * len(sizes)
    sizes.insert(0, max((size for r in rows if (size := width(r[0])) <= room), default=0))
    below = indent + "    "
    lines: list[str] = []
    for first, *middle, last in rows:
        if width(first) <= room:
            head = [pad(c, s) for c, s in zip([first, *middle], sizes, strict=True)]
            head[-1] = head[-1].rstrip()
            lines.append(indent + gap.join([head[0], *(_tinted(c, tint) for c in head[1:])]))
        else:
            lines += _alone(first, columns, indent, most)
            rest = wrap(gap.join(middle), columns, below, below) if middle else []
            if tint is not None and len(rest) == 1:
                rest = [below + gap.join(map(tint, middle))]
            lines += rest
        lines += at_most(wrap(last, columns, below, below), most, columns) if last else []
    return lines


def _tinted(cell: str, tint: Callable[[str], str] | None) -> str:
    """A padded cell, its text coloured."""
    text = cell.rstrip()
    return cell if tint is None else tint(text) + cell[len(text) :]


def _alone(first: str, columns: int, indent: str, most: int) -> list[str]:
    """A first cell on lines of its own; one without blanks on one, however long."""
    whole = [indent + first] if " " not in first else wrap(first, columns, indent, indent)
    return at_most(whole, most, max(columns, width(whole[0])))


def ascii_only(text: str) -> str:
    """``text`` with the layout's own signs in ASCII, for an output that can't encode them."""
    return text.translate(_ASCII)


def number(value: int) -> str:
    """An integer with thousands separators."""
    return f"{value:,}"


def many(count: int, noun: str, plural: str = "") -> str:
    """``1 record``, ``1,234 records``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


MOST_NAMES = 3
"""Names that :func:`few` tells."""


def few(names: Sequence[str]) -> str:
    """The first names, and how many more there are: ``a, b, c, 2 more``; to say one more takes as much as its name."""
    named = names if len(names) == MOST_NAMES + 1 else names[:MOST_NAMES]
    more = [f"{number(len(names) - len(named))} more"] if len(names) > len(named) else []
    return ", ".join([*named, *more])


def size(count: int) -> str:
    """A number of bytes as people say it: ``512 bytes``, ``1.2 kB``, ``160 MB`` (powers of 1000)."""
    if count < 1000:
        return many(count, "byte")
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            break
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:,.0f} {unit}"


def duration(seconds: float) -> str:
    """A length of time: ``85 ms``, ``1.2 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def when(moment: str) -> str:
    """An ISO 8601 time in UTC as ``2026-01-02 03:04:05 UTC``; anything else as it is."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00:00)", moment)
    return f"{found[1]} {found[2]} UTC" if found else moment
