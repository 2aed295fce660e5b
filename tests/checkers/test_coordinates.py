"""Latitudes and longitudes that there aren't, and fields that only look as if they held some."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.numbers import NumbersChecker
from potable.engine import Engine
from potable.engine.definition.model import SourceDefinition
from potable.engine.testing import check_checker, findings_of

CHANCE = random.Random(5)
NORTH = [f"{CHANCE.uniform(-60, 80):.4f}" for _ in range(50)]
EAST = [f"{CHANCE.uniform(-180, 180):.4f}" for _ in range(50)]
CODE = "numbers/bad-coordinate"


def told(table: Mapping[str, Sequence[str]]) -> dict[tuple[str | None, str | None], list[int]]:
    """By field and rule, the records."""
    return {
        (f.field, f.rule): [s.location.record or 0 for s in f.samples]
        for f in findings_of(NumbersChecker, table)
        if f.code == CODE
    }


@pytest.mark.parametrize(
    ("lat", "lon"),
    [("lat", "lon"), ("decimalLatitude", "decimalLongitude"), ("Start Lat", "Start Lng"), ("LAT", "LONG")],
)
def test_degrees_that_there_are_not(lat: str, lon: str) -> None:
    assert told({lat: NORTH, lon: EAST}) == {}
    quoted = {name: f"$.'{name}'" if " " in name else f"$.{name}" for name in (lat, lon)}
    spoilt = {lat: [*NORTH, "91", "10", "-90.0001"], lon: [*EAST, "100", "-180.5", "170"]}
    assert told(spoilt) == {(quoted[lat], "latitude"): [51, 53], (quoted[lon], "longitude"): [52]}
    swapped = {lat: [*NORTH, "-122.4194", "90", "-90"], lon: [*EAST, "37.7749", "180", "-180"]}
    assert told(swapped) == {(quoted[lat], "swapped"): [51]}


@pytest.mark.parametrize("zero", ["0", "0.0", "-0.00000", "0e0"])
def test_a_place_of_which_both_are_zero(zero: str) -> None:
    table = {"lat": [*NORTH, zero, zero, "12.5"], "lon": [*EAST, zero, "12.5", zero]}
    assert told(table) == {("$.lat", "origin"): [51]}
    assert told({"lat": table["lat"]}) == {}, "a place on the equator"
    assert told({"lat": [zero] * 9, "lon": [zero] * 9}) == {}, "they are no places"
    commas = {name: [v.replace(".", ",") for v in values] for name, values in table.items()}
    assert told(commas) == {("$.lat", "origin"): [51]}
    (found,) = [f for f in findings_of(NumbersChecker, table) if f.code == CODE]
    said = f'"{zero}" and the longitude of the record are both 0: they seem to stand for no place'
    assert found.samples[0].message == said


def test_what_is_said_and_where(tmp_path: Path) -> None:
    places = [
        {"id": n, "at": {"lat": float(a), "lng": float(b)}} for n, (a, b) in enumerate(zip(NORTH, EAST, strict=True))
    ]
    places[7]["at"] = {"lat": -122.5, "lng": 37.75}
    places[9]["at"] = {"lat": 95, "lng": 181}
    (tmp_path / "d.json").write_text(json.dumps(places))
    findings = Engine().check(tmp_path / "d.json", select=[CODE]).findings
    said = {(f.field, f.rule): (f.count, f.samples[0].location.path, f.samples[0].message) for f in findings}
    assert said == {
        ("$.at.lat", "latitude"): (1, "/9/at/lat", '95 is no latitude: it lies beyond 90°'),
        ("$.at.lat", "swapped"): (
            1, "/7/at/lat",
            '-122.5 is no latitude, while the longitude of the record may be one: they seem to be swapped',
        ),
        ("$.at.lng", "longitude"): (1, "/9/at/lng", '181 is no longitude: it lies beyond 180°'),
    }  # fmt: skip


def test_elements_of_xml(tmp_path: Path) -> None:
    rows = [*zip(NORTH, EAST, strict=True), ("-122.5", "37.5")]
    (tmp_path / "d.xml").write_text("<r>" + "".join(f"<i><lat>{a}</lat><lon>{b}</lon></i>" for a, b in rows) + "</r>")
    (found,) = Engine().check(tmp_path / "d.xml", select=[CODE]).findings
    assert (found.field, found.rule, found.count) == ("$.i.lat.'_$'", "swapped", 1)


def test_longitudes_of_a_whole_turn() -> None:
    around = [f"{float(x) % 360:.4f}" for x in EAST]
    assert told({"lat": NORTH, "lon": around}) == {}
    assert told({"lat": [*NORTH, "1", "1"], "lon": [*around, "361", "-9999"]}) == {("$.lon", "longitude"): [51, 52]}


def test_two_columns_that_are_swapped() -> None:
    west = [f"{CHANCE.uniform(-120, -95):.4f}" for _ in range(50)]
    assert told({"lat": west, "lon": NORTH})["$.lat", "swapped"] == [*range(1, 21)]
    assert told({"lat": [*west, "-200"], "lon": [*NORTH, "1"]}) == {}  # metres, or whatever


@pytest.mark.parametrize(
    "table",
    [
        {"lat": [*NORTH, "120"], "weight": [*EAST, "1"]},
        {"lat": ["412", "388", "95.5"] * 10, "lon": ["1012", "13", "99"] * 10},
        {"latitude": ["522345", "133456"] * 10},
        {"lat_long": [*NORTH, "120"]},
        {"plate": [*NORTH, "120"], "plong": [*EAST, "190"]},
        {"lat": ["+", "-", "0"] * 10, "long": ["1"] * 30},
    ],
    ids=["latencies", "no degrees", "packed degrees", "both", "other words", "features"],
)
def test_what_only_looks_like_degrees(table: dict[str, list[str]]) -> None:
    assert told(table) == {}


def test_lists_have_no_partners(tmp_path: Path) -> None:
    records = [{"lat": [float(a)], "lon": [float(b)]} for a, b in zip(NORTH, EAST, strict=True)]
    records[3] = {"lat": [1, -122.5], "lon": [2, 37.5]}
    (tmp_path / "d.json").write_text(json.dumps(records))
    (found,) = Engine().check(tmp_path / "d.json", select=[CODE]).findings
    assert (found.field, found.rule, found.count) == ("$.lat[*]", "latitude", 1)


DEGREES = st.sampled_from(["1.5", "-80", "95", "-122", "181", "200", "-9999", "", "x"])


@given(st.lists(st.tuples(DEGREES, DEGREES), max_size=30), st.sampled_from(["lat", "latitude", "x"]))
@settings(max_examples=30, deadline=None)
def test_any_cutting_gives_the_same(rows: list[tuple[str, str]], name: str) -> None:
    source = SourceDefinition(resource_id="test", ingest_method="CSV")
    sound = list(zip(NORTH, EAST, strict=True))
    table = {name: [a for a, _ in [*sound, *rows]], "longitude": [b for _, b in [*sound, *rows]]}
    check_checker(NumbersChecker, table, source=source, cuttings=3)


# -- GeoJSON

SHAPES = {"Point": 0, "LineString": 1, "MultiPoint": 1, "Polygon": 2, "MultiPolygon": 3}


def features(shape: str, *positions: tuple[float, float]) -> str:
    """A collection of features of a shape, each of one position."""
    made = []
    for n, position in enumerate(positions):
        nested: object = list(position)
        for _ in range(SHAPES[shape]):
            nested = [nested]
        made.append({"type": "Feature", "id": n, "geometry": {"type": shape, "coordinates": nested}, "properties": {}})
    return json.dumps({"type": "FeatureCollection", "features": made})


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["d.geojson", "d.json"])
def test_positions_of_geojson_with_the_latitude_first(tmp_path: Path, shape: str, name: str) -> None:
    (tmp_path / name).write_text(features(shape, (100.5, 12.25), (12.25, 100.5), (13.5, -170.0), (-170, -89)))
    (finding,) = Engine().check(tmp_path / name, documentElement="features", select=[CODE]).findings
    nested = "/0" * SHAPES[shape]
    assert (finding.code, finding.rule, finding.count) == (CODE, "swapped", 2)
    assert [(s.location.path, s.value) for s in finding.samples] == [
        (f"/features/1/geometry/coordinates{nested}/1", "100.5"),
        (f"/features/2/geometry/coordinates{nested}/1", "-170.0"),
    ]
    assert "the first number of a position in GeoJSON is the longitude" in finding.samples[0].message


@pytest.mark.parametrize("positions", [[(500000.5, 4100000.0)], [(100, 100)], [(12, 90)], [(179, -45)]])
def test_other_positions_of_geojson(tmp_path: Path, positions: list[tuple[float, float]]) -> None:
    (tmp_path / "d.geojson").write_text(features("Point", *positions))
    assert Engine().check(tmp_path / "d.geojson", documentElement="features").findings == ()
