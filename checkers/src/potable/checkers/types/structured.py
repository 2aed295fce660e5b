"""Values with an inside: durations, places, lists, and JSON in a cell."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import polars as pl

from potable.checkers.types.base import BEYOND, BadSetting, Bound, Type, as_text, each, only
from potable.engine.toolkit import lazy_regex

DURATION = r"^-?P(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?$"
_DURATION_PARTS = lazy_regex(r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_STARTS = (date(1696, 9, 1), date(1697, 2, 1), date(1903, 3, 1), date(1903, 7, 1))
"""The dates that XML Schema compares durations from (Part 2, 3.2.6.2)."""


class DurationType(Type):
    """XML Schema's duration, ``P1Y2M3DT4H5M6.7S``."""

    noun = "a duration"
    ordered = True

    def valid(self, texts: pl.Series) -> pl.Series:
        return texts.str.contains(DURATION) & ~texts.str.ends_with("P") & ~texts.str.ends_with("T")

    def beyond(self, texts: pl.Series, which: Bound, bound: Any) -> pl.Series:
        limit, test = as_text(bound), BEYOND[which]
        if not self.valid(pl.Series([limit]))[0]:
            raise BadSetting(f"{limit!r} isn't a duration")
        ends = _ends(limit)
        # two durations have an order only where all four starts agree
        return each(only(texts, self.valid(texts)), lambda t: all(map(test, _ends(t), ends)))


def _ends(text: str) -> list[Fraction]:
    """Seconds from each of the starts to its end."""
    found = _DURATION_PARTS.fullmatch(text)
    if found is None:
        return []
    sign = -1 if found[1] else 1
    years, months, days, hours, minutes, seconds = (Fraction(p or 0) for p in found.groups()[1:])
    whole = sign * int(years * 12 + months)
    rest = sign * (days * 86400 + hours * 3600 + minutes * 60 + seconds)
    return [_after(start, whole) + rest for start in _STARTS]


def _after(start: date, months: int) -> Fraction:
    """Seconds from a first of a month to so many months later."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    cycles, within = divmod(year - 1, 400)  # the calendar repeats every 400 years, and Python's ends at 9999
    days = (date(within + 1, month + 1, 1) - date(1, 1, 1)) // timedelta(days=1) + cycles * 146097
    return Fraction((days - (start - date(1, 1, 1)) // timedelta(days=1)) * 86400)


class GeopointType(Type):
    """A place on Earth, longitude first: ``90.5, 45.5``, or as a JSON array or object."""

    noun = "a geopoint (longitude, latitude)"

    def __init__(self, fmt: str = "default") -> None:
        if fmt not in ("default", "array", "object"):
            raise BadSetting(f"{fmt!r} is no format of a geopoint; there are default, array and object")
        self._format = fmt
        self.kinds = frozenset({"string" if fmt == "default" else fmt})

    def valid(self, texts: pl.Series) -> pl.Series:
        return each(texts, self._is_place)

    def _is_place(self, text: str) -> bool:
        if self._format == "default":
            parts: Any = [_plain_number(p) for p in text.split(",")]
        else:
            parts = loads(text)
            if self._format == "object":
                parts = (
                    [parts["lon"], parts["lat"]] if isinstance(parts, dict) and parts.keys() == {"lon", "lat"} else None
                )
            parts = [_number_of(p) for p in parts] if isinstance(parts, list) else []
        if len(parts) != 2 or None in parts:
            return False
        return bool(-180 <= parts[0] <= 180 and -90 <= parts[1] <= 90)


def _plain_number(text: str) -> float | None:
    return (
        float(text) if re.fullmatch(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*", text) else None
    )


def _number_of(value: Any) -> float | None:
    if isinstance(value, str):
        return _plain_number(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


class ListType(Type):
    """Items of one type in a cell, between delimiters (version 2)."""

    noun = "a list"
    kinds = frozenset({"string", "array", "many"})

    def __init__(self, item: Type | None, delimiter: str = ",") -> None:
        if not delimiter:
            raise BadSetting("the delimiter of a list is empty")
        self._item, self._delimiter = item, delimiter
        if item is not None:
            self.noun = f"a list whose items are each {item.noun}"

    def valid(self, texts: pl.Series) -> pl.Series:
        if self._item is None:
            return texts.is_not_null()
        rows = pl.DataFrame({"row": range(len(texts)), "item": texts.str.split(self._delimiter)})
        items = rows.filter(pl.col("item").is_not_null()).explode("item")
        right = items.with_columns(right=self._item.valid(items["item"]).fill_null(value=False))
        by_row = right.group_by("row").agg(pl.col("right").all())
        return rows.join(by_row, on="row", how="left", maintain_order="left")["right"]

    def lengths(self, texts: pl.Series) -> pl.Series:
        return texts.str.split(self._delimiter).list.len()


class JsonType(Type):
    """An object, an array, or GeoJSON: in a table as JSON text."""

    _test: Callable[[Any], bool]

    def __init__(self, kind: str, fmt: str = "default") -> None:
        if kind == "geojson":
            if fmt not in ("default", "topojson"):
                raise BadSetting(f"{fmt!r} is no format of GeoJSON; there are default and topojson")
            self.noun = "TopoJSON" if fmt == "topojson" else "GeoJSON"
            self._test = _is_topojson if fmt == "topojson" else is_geojson
        else:
            self.noun = f"a JSON {kind}"
            wanted = dict if kind == "object" else list
            self._test = lambda value: isinstance(value, wanted)
        self.kinds = frozenset({"array", "many"} if kind == "array" else {"object"})

    def valid(self, texts: pl.Series) -> pl.Series:
        return each(texts, lambda t: self._test(loads(t)))

    def listed(self, texts: pl.Series, values: Sequence[Any]) -> pl.Series:
        wanted = [loads(v) if isinstance(v, str) else v for v in values]
        return each(texts, lambda t: loads(t) in wanted)

    def check_listed(self, values: Sequence[Any]) -> None:
        self.listed(pl.Series([], dtype=pl.String), values)

    def lengths(self, texts: pl.Series) -> pl.Series:
        found = [len(v) if isinstance(v := loads(t), dict | list) else None for t in texts]
        return pl.Series(found, dtype=pl.Int64)


def loads(text: str | None) -> Any:
    """A JSON text's value; None where it isn't JSON (RFC 8259), or too deep to be read."""
    try:
        return None if text is None else json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} isn't JSON")


def is_geojson(value: Any) -> bool:
    """Whether a value is a GeoJSON object (RFC 7946)."""
    if not isinstance(value, dict):
        return False
    match value.get("type"):
        case "FeatureCollection":
            return _all(
                value.get("features"), lambda f: isinstance(f, dict) and f.get("type") == "Feature" and is_geojson(f)
            )
        case "Feature":
            geometry = value.get("geometry", value)
            described = "properties" in value and isinstance(value["properties"], dict | None)
            return described and (geometry is None or (geometry is not value and _is_geometry(geometry)))
        case _:
            return _is_geometry(value)


def _is_geometry(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    if value.get("type") == "GeometryCollection":
        return _all(value.get("geometries"), _is_geometry)
    inside = _COORDINATES.get(str(value.get("type")))
    coordinates = value.get("coordinates")
    return inside is not None and (inside(coordinates) or (coordinates == [] and inside is not _is_position))


def _is_position(value: Any) -> bool:
    return _all(value, lambda v: not isinstance(v, str) and _number_of(v) is not None) and len(value) >= 2


def _are(inside: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: _all(value, inside)


def _is_line(value: Any) -> bool:
    return _all(value, _is_position) and len(value) >= 2


def _is_ring(value: Any) -> bool:
    return _all(value, _is_position) and len(value) >= 4 and value[0] == value[-1]


_COORDINATES: dict[str, Callable[[Any], bool]] = {
    "Point": _is_position, "MultiPoint": _are(_is_position), "LineString": _is_line,
    "MultiLineString": _are(_is_line), "Polygon": _are(_is_ring), "MultiPolygon": _are(_are(_is_ring)),
}  # fmt: skip
"""What a geometry's coordinates are; RFC 7946 lets an empty array stand for no place."""


def _all(values: Any, test: Callable[[Any], bool]) -> bool:
    return isinstance(values, list) and all(map(test, values))


def _is_topojson(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and value.get("type") == "Topology"
        and isinstance(value.get("objects"), dict)
        and isinstance(value.get("arcs"), list)
    )
