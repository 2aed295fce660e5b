"""The columns of one part, and how its text is to be read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from potable.engine.paths import column_path
from potable.engine.reading.csv.dialect import Dialect
from potable.engine.reading.csv.scan import Scan
from potable.engine.reading.decoding import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What all cuts of a part share.

    :param file: the part's name; :param url: where it came from.
    :param dialect: its dialect.
    :param names: the header's cells, or ``column1``, ``column2`` … without a header.
    :param paths: canonical paths of the columns.
    :param index: column number by path, from 0; under the spelling with surrounding whitespace too.
    """

    file: str
    url: str | None
    dialect: Dialect
    names: tuple[str, ...]
    paths: tuple[str, ...] = field(init=False)
    index: dict[str, int] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Derive paths from names."""
        object.__setattr__(self, "paths", column_paths(self.names))
        index = {path: i for i, path in enumerate(self.paths)}
        for i, name in enumerate(self.names):
            index.setdefault(column_path(name), i)
        object.__setattr__(self, "index", index)

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the cutter knows of a cut.

    :param layout: its part's.
    :param original: the encoding that the text was transcoded from; ``utf-8``: it wasn't.
    :param invalid: what couldn't be transcoded, ``at`` counted from the cut's start.
    :param plain: records are lines: no quotes, escapes, CRs, blank lines or comments.
    :param comments: there are lines of comment in it.
    :param strays: there are stray quotes in it.
    :param scan: its records, where the cutter had to look for them.
    """

    layout: Layout
    original: str
    invalid: tuple[Invalid, ...] = ()
    plain: bool = False
    comments: bool = False
    strays: bool = False
    scan: Scan | None = None


def column_paths(names: tuple[str, ...]) -> tuple[str, ...]:
    """Canonical paths for the names of a header: trimmed where that name is free, equal ones numbered."""
    spelled = set(names)
    seen: Counter[str] = Counter()
    paths = []
    for name in names:
        trimmed = name.strip()
        if trimmed != name and trimmed and trimmed in spelled:
            trimmed = name
        seen[trimmed] += 1
        paths.append(column_path(trimmed, seen[trimmed]))
    return tuple(paths)


def numbered(width: int) -> tuple[str, ...]:
    """Names for the columns of a table without a header."""
    return tuple(f"column{i}" for i in range(1, width + 1))
