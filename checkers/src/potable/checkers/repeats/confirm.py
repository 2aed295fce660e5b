"""The second look at what may occur several times: the suspects themselves, in groups of what is exactly equal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.repeats.groups import Grouping, Groups
from potable.engine.checker import Fold
from potable.engine.findings import Location

Compared = TypeVar("Compared", bound="tuple[str | int, ...]")
"""What records are compared by, a value for each column of the grouping."""


class Suspect(NamedTuple, Generic[Compared]):
    """A suspect that may be shown.

    :ivar values: as the source has them, where these aren't what is compared.
    """

    place: Location
    compared: Compared
    values: tuple[str, ...] = ()


@dataclass(slots=True)
class Confirmed(Generic[Compared]):
    """What was seen of the suspects.

    :param groups: what occurs, in which record first, and how often.
    :param shown: the suspects that may be shown, by number.
    """

    groups: Groups = field(default_factory=Groups)
    shown: dict[int, Suspect[Compared]] = field(default_factory=dict)


class ConfirmFold(Fold[Confirmed[Compared]], Generic[Compared]):
    """Groups suspects, and keeps those of them that may be shown.

    :param samples: most records to be shown.
    :param located: numbers of the records that get a full place, ascending.
    :param total: how many records there are.
    """

    def __init__(self, grouping: Grouping, *, samples: int, located: npt.NDArray[np.uint64], total: int) -> None:
        self._grouping, self._samples, self._located, self._total = grouping, samples, located, total

    def start(self) -> Confirmed[Compared]:
        return Confirmed()

    def merge(self, left: Confirmed[Compared], right: Confirmed[Compared]) -> Confirmed[Compared]:
        left.shown |= right.shown
        self._grouping.extend(left.groups, right.groups)
        return left

    def _firsts(self, state: Confirmed[Compared], wanted: Collection[Compared]) -> Mapping[Compared, int]:
        """The numbers of the records where these occur first."""
        found: dict[Compared, int] = {}
        if not wanted:
            return found
        asked: pl.DataFrame | None = None
        for groups in self._grouping.parts(state.groups):
            names = self._grouping.names
            if asked is None:
                asked = pl.DataFrame(list(wanted), schema={n: groups.schema[n] for n in names}, orient="row")
            rows = groups.join(asked, on=names, how="semi").select(*names, "first").rows()
            found |= {row[:-1]: row[-1] for row in rows}
        return found

    def _told(self, state: Confirmed[Compared], number: int, here: Location) -> str:
        """How a message at ``here`` names an earlier record: ``record 3 (a.csv, line 4)``, or only its number."""
        place = state.shown[number].place if number in state.shown else None
        if place is None or place.line is None:
            return f"record {number}"
        file = f"{place.file}, " if place.file and place.file != here.file else ""
        return f"record {number} ({file}line {place.line})"
