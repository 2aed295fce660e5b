"""What the cutter of JSON tells its parser, and where the records of a cut are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from potable.engine.reading.decoding import Invalid
from potable.engine.reading.json.index import Brackets

Spans = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
"""Offsets of the records' first bytes, and behind their last ones."""


@dataclass(frozen=True, slots=True)
class Run:
    """Records that follow each other in one array, or a single one.

    :param row: the first one's row in the cut, from 0.
    :param pointer: JSON Pointer of the array, or of the single record.
    :param item: the first one's number in the array; -1: a single record.
    """

    row: int
    pointer: str
    item: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the cutter knows of a cut.

    :param file: the part's name; :param url: where it came from.
    :param column: column of the cut's first byte in its line, in characters from 1.
    :param original: the encoding that the text was transcoded from; ``utf-8``: it wasn't.
    :param invalid: what couldn't be transcoded, ``at`` counted from the cut's start.
    :param runs: where in their document the records are; empty for JSON Lines.
    :param spans: where the records are in the cut's bytes; None: they are found again in the bytes.
    :param brackets: those of the cut's bytes, where the cutter found them anyway.
    :param dense: each record is a line, and each line a record.
    :param together: between the records are only commas and whitespace.
    """

    file: str
    url: str | None
    column: int
    original: str
    invalid: tuple[Invalid, ...] = ()
    runs: tuple[Run, ...] = ()
    spans: Spans | None = None
    brackets: Brackets | None = field(default=None, compare=False, repr=False)
    together: bool = True
    dense: bool = False

    @property
    def lines(self) -> bool:
        """Whether the records are lines, not parts of a document."""
        return not self.runs
