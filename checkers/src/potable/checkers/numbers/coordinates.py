"""Latitudes and longitudes: fields whose names say so, and degrees that there aren't."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.names.words import name_of, words_of
from potable.checkers.numbers.ranges import Spelled, number_of
from potable.engine.fields import Field

Axis = Literal["latitude", "longitude"]

_AXES: dict[str, Axis] = {
    "latitude": "latitude", "lat": "latitude",
    "longitude": "longitude", "lon": "longitude", "lng": "longitude", "long": "longitude",
}  # fmt: skip
_SURE = ("latitude", "longitude")
"""Of these a name tells by itself; lat may be a latency, and lateral, long an adjective."""
MOST = 5
"""At most one number in so many lies beyond the globe; else they're no degrees."""


def axis_of(name: str) -> Axis | None:
    """What the field holds by its name."""
    told = {_AXES[word] for word in words_of(name) if word in _AXES}
    return told.pop() if len(told) == 1 else None


def partners(names: Collection[str]) -> dict[str, str]:
    """By each field of a latitude or longitude, the one that has the other of the same place."""
    by_place: dict[object, dict[Axis, str]] = {}
    twice = set()
    for name in names:
        axis = axis_of(name)
        if axis is None:
            continue
        before, _, behind = name.rpartition(name_of(name))
        place = before, behind, tuple("°" if word in _AXES else word for word in words_of(name))
        if axis in by_place.setdefault(place, {}):
            twice.add(place)
        by_place[place][axis] = name
    pairs = [(p["latitude"], p["longitude"]) for place, p in by_place.items() if len(p) == 2 and place not in twice]
    return {one: other for pair in pairs for one, other in (pair, pair[::-1])}


def is_sure(name: str, partner: str | None) -> bool:
    """Whether the field does hold degrees of an axis, as far as names tell."""
    return partner is not None or any(word in _SURE for word in words_of(name))


@dataclass(slots=True)
class Degrees:
    """How many numbers lie where.

    :param total: all.
    :param beyond_90, beyond_180: farther from zero than that.
    :param west: of a half turn, below zero.
    :param east: above a half turn, up to a whole one.
    :param zero: just zero.
    :param nowhere: on no globe, as longitudes: below a half turn to the west, above a whole one to the east.
    """

    total: int = 0
    beyond_90: int = 0
    beyond_180: int = 0
    west: int = 0
    east: int = 0
    nowhere: int = 0
    zero: int = 0

    @classmethod
    def of(cls, numbers: npt.NDArray[np.float64]) -> Degrees:
        """Those of finite numbers."""
        if not len(numbers):
            return cls()
        least, greatest = float(numbers.min()), float(numbers.max())
        if least >= -90 and greatest <= 90:
            zero = int((numbers == 0).sum()) if least <= 0 <= greatest else 0
            return cls(total=len(numbers), west=int(least < 0), zero=zero)
        size = np.abs(numbers)
        return cls(
            total=len(numbers),
            beyond_90=int((size > 90).sum()),
            beyond_180=int((size > 180).sum()),
            west=int(((numbers < 0) & (numbers >= -180)).sum()),
            east=int(((numbers > 180) & (numbers <= 360)).sum()),
            nowhere=int(((numbers < -180) | (numbers > 360)).sum()),
            zero=int((numbers == 0).sum()),
        )

    def add(self, more: Degrees) -> None:
        """Those of further numbers."""
        for count in fields(self):
            setattr(self, count.name, getattr(self, count.name) + getattr(more, count.name))


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with the numbers of an axis.

    :param rule: its id.
    :param fields: those that ``test`` takes.
    :param message: a template.
    """

    rule: str
    fields: tuple[str, ...]
    test: Beyond | Swapped | Origin
    message: str


def nowhere(name: str, partner: str, written: tuple[Spelled, Spelled]) -> Wrong:
    """What to look for in a field of latitudes, some of which are zero."""
    message = '"{value}" and the longitude of the record are both 0: they seem to stand for no place'
    return Wrong("origin", (name, partner), Origin(*written), message)


def wrong(
    name: str,
    degrees: Degrees,
    partner: str | None,
    others: Degrees | None,
    written: tuple[Spelled, Spelled] = (None, None),
) -> Iterator[Wrong]:
    """What to look for in a field of degrees.

    :param partner: the field with the other half; ``others``: its numbers.
    :param written: how the numbers of the field and of its partner are written.
    """
    if axis_of(name) == "longitude":
        bound = 180 if degrees.west else 360
        beyond = degrees.nowhere + (degrees.east if degrees.west else 0)
        if 0 < MOST * beyond <= degrees.total:
            yield Wrong(
                "longitude",
                (name,),
                Beyond(-180, bound, written[0]),
                f'"{{value}}" is no longitude: it lies beyond {bound}°',
            )
        return
    swaps = partner is not None and others is not None and others.total > others.beyond_90
    if 0 < MOST * degrees.beyond_90 <= degrees.total:
        if swaps and partner is not None:
            yield Wrong(
                "latitude",
                (name, partner),
                Swapped(*written, are=False),
                '"{value}" is no latitude: it lies beyond 90°',
            )
        else:
            yield Wrong(
                "latitude", (name,), Beyond(-90, 90, written[0]), '"{value}" is no latitude: it lies beyond 90°'
            )
    elif not swaps or not degrees.beyond_90 or degrees.beyond_180 or (others is not None and others.beyond_90):
        return
    if swaps and partner is not None:
        message = '"{value}" is no latitude, while the longitude of the record may be one: they seem to be swapped'
        yield Wrong("swapped", (name, partner), Swapped(*written, are=True), message)


def _number(f: Field, written: Spelled) -> pl.Expr:
    number = number_of(f, written)
    number = pl.when(number.is_finite() & f.present).then(number)
    return pl.when(f.kind == "number").then(number) if f.typed else number


class Beyond:
    """Wrong where the number is none between these."""

    def __init__(self, low: float, high: float, written: Spelled) -> None:
        self._low, self._high, self._written = low, high, written

    def __call__(self, f: Field) -> pl.Expr:
        number = _number(f, self._written)
        return (number < self._low) | (number > self._high)


class Swapped:
    """Wrong where the latitude is none, though it may be a longitude, and the longitude may be a latitude.

    :param are: False: where the latitude is none otherwise.
    """

    def __init__(self, of_latitude: Spelled, of_longitude: Spelled, *, are: bool) -> None:
        self._written, self._are = (of_latitude, of_longitude), are

    def __call__(self, latitude: Field, longitude: Field) -> pl.Expr:
        of_latitude, of_longitude = self._written
        size, other = _number(latitude, of_latitude).abs(), _number(longitude, of_longitude).abs()
        swapped = ((size <= 180) & (other <= 90)).fill_null(value=False)
        return (size > 90) & (swapped if self._are else ~swapped)


class Origin:
    """Wrong where latitude and longitude are both zero: a point in the Gulf of Guinea, far from any land."""

    def __init__(self, of_latitude: Spelled, of_longitude: Spelled) -> None:
        self._written = of_latitude, of_longitude

    def __call__(self, latitude: Field, longitude: Field) -> pl.Expr:
        of_latitude, of_longitude = self._written
        return (_number(latitude, of_latitude) == 0) & (_number(longitude, of_longitude) == 0)
