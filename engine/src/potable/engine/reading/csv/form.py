"""What there is to know of the form of a cut's records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from potable.engine.reading.csv.chunk import Places
from potable.engine.reading.csv.table import Table
from potable.engine.reading.decoding import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What there is to know of a cut.

    :param places: its places.
    :param table: its cells; :param wanted: numbers of the columns that the table has.
    :param invalid: bytes that aren't in the encoding: ``at`` in the cut, ``byte`` in the part.
    :param keys: numbers of the key's columns, where the cut has a NUL byte.
    """

    places: Places
    table: Table
    wanted: Sequence[int]
    invalid: Sequence[Invalid]
    keys: Sequence[int] = ()
