"""The columns of one part, and how its text is to be read."""

from __future__ import annotations

from dataclasses import dataclass, field

from potable.engine.reading.csv.dialect import Dialect
from potable.engine.reading.csv.scan import Scan
from potable.engine.reading.decoding import Invalid
from potable.engine.reading.naming import column_index, column_paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What all cuts of a part share.

    :param file: the part's name; :param url: where it came from.
    :param dialect: its dialect.
    :param names: the header's cells, or ``column1``, ``column2`` … without a header.
    :param trailing: records end in a delimiter, and the header doesn't.
    :param usual: how many cells the first records all have, where the header has another number; else 0.
    :param paths: canonical paths of the columns.
    :param index: column number by path, from 0; under the spelling with surrounding whitespace too.
    """

    file: str
    url: str | None
    dialect: Dialect
    names: tuple[str, ...]
    trailing: bool = False
    usual: int = 0
    paths: tuple[str, ...] = field(init=False)
    index: dict[str, int] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Derive paths from names."""
        object.__setattr__(self, "paths", column_paths(self.names))
        object.__setattr__(self, "index", column_index(self.names, self.paths))

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.names)

    @property
    def measure(self) -> str:
        """What says how many, as people say it, up to the number."""
        return "the header has" if self.dialect.header_line else "most of the first records have"


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
