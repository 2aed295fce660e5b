# ruff: noqa: E501
"""Types and formats of a Table Schema, against tables of cases and against Python as an oracle."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from potable.checkers.schema import SchemaChecker
from potable.checkers.types.base import Type
from potable.checkers.types.layouts import Layout
from potable.checkers.types.moments import MomentType, moment_type
from potable.checkers.types.numbers import IntegerType, NumberType
from potable.checkers.types.structured import DurationType
from potable.engine.definition.model import SourceDefinition
from potable.engine.testing import findings_of

CASES: list[tuple[dict[str, Any], str, list[str], list[str]]] = [
    ({"type": "string"}, "schema/type", ["", "x", " "], []),
    ({"type": "any"}, "schema/type", ["", "x"], []),
    ({}, "schema/type", ["x"], []),
    ({"type": "integer"}, "schema/type", ["0", "-1", "+7", "007", " 5 ", "9" * 30], ["1.0", "1e3", "a", "1_000", "٣", "-", "1 2"]),
    ({"type": "integer", "groupChar": ","}, "schema/type", ["1,000", "12"], ["1.000", "a"]),
    ({"type": "integer", "bareNumber": False}, "schema/type", ["€ 5", "12 %", "-3"], ["x", "five"]),
    ({"type": "number"}, "schema/type", ["1", "-1.5", ".5", "5.", "1e5", "1E-5", "1e400", "NaN", "INF", "-INF"], ["inf", "nan", "Infinity", "1,5", "0x1", "1e", ".", "--1", "1 000"]),
    ({"type": "number", "decimalChar": ",", "groupChar": "."}, "schema/type", ["1,5", "1.000,5", "1.000"], ["1,5,5", "a"]),
    (
        {"type": "number", "decimalChar": ",", "groupChar": "."}, "schema/type",
        [" 1.000.000 ", "12.34.567,8", "1.0000e3"], ["1,000.5", "1.5", "1.55", "1..000", "1.000.", ".000", "1.000.5"],
    ),
    ({"type": "number", "decimalChar": ","}, "schema/type", ["1,5"], ["1.5"]),
    ({"type": "number", "bareNumber": False}, "schema/type", ["$ 1.5", "3.2 kg", "-4%"], ["none"]),
    ({"type": "boolean"}, "schema/type", ["true", "True", "TRUE", "1", "false", "False", "FALSE", "0"], ["yes", "tRue", " true"]),
    ({"type": "boolean", "trueValues": ["y"], "falseValues": ["n"]}, "schema/type", ["y", "n"], ["true", "Y"]),
    ({"type": "date"}, "schema/type", ["2020-02-29", "1999-12-31", "0001-01-01"], ["2021-02-29", "2020-2-3", "2020-13-01", "20200101", "2020-01-01T00:00:00", "01.02.2020", "0000-01-01", "1900-02-29"]),
    ({"type": "date", "format": "%d.%m.%Y"}, "schema/format", ["29.02.2020", "1.2.2020"], ["29.02.2021", "2020-02-29", "31.04.2020", "x"]),
    ({"type": "date", "format": "%d %B %Y"}, "schema/format", ["1 March 2020", "01 march 2020"], ["1 Mar 2020", "30 February 2020"]),
    ({"type": "date", "format": "any"}, "schema/format", ["2020-02-29", "29/02/2020", "02/29/2020", "Feb 3, 2020", "3 February 2020", "20200229"], ["soon", "2020-02-30", "30/30/2020", "2020-13-01", "2020-00-01", "2020-01-00", "2020111", "20201301", "0000-01-01"]),
    ({"type": "time"}, "schema/type", ["12:30:45", "23:59:59.5", "00:00:00Z", "12:00:00+02:00", "24:00:00"], ["12:30", "24:00:01", "12:60:00", "7:00:00"]),
    ({"type": "time", "format": "%I:%M %p"}, "schema/format", ["07:30 PM", "7:30 am"], ["19:30", "13:00 PM"]),
    (
        {"type": "time", "format": "any"}, "schema/format",
        ["12:30:45", "7:30", "7:30 PM", "123045", "24:00:00", "12:30:45.5", "12:30:45Z"],
        ["25:00:00", "24:00:01", "12:60:00", "12:00:60", "0000", "20200", "12:30:45+15:00"],
    ),
    ({"type": "time", "format": "%H:%M:%S%z"}, "schema/format", ["12:30:45+23:59"], ["12:30:60Z", "12:30:45+24:00"]),
    (
        {"type": "datetime", "format": "any"}, "schema/format",
        ["2020-02-29T12:30:45Z", "29/02/2020 12:30", "2020-02-29", "2020-01-01T24:00:00"],
        ["2020-01-01T24:00:01", "2020-01-01T00:00:60", "2020-13-01T00:00:00", "2020-01-01T00:60:00Z"],
    ),
    ({"type": "datetime"}, "schema/type", ["2020-02-29T12:30:45", "2020-02-29T12:30:45.123Z", "2020-02-29T12:30:45-05:00"], ["2020-02-29", "2020-02-29 12:30:45", "2021-02-29T12:30:45", "2020-02-29T25:00:00"]),
    ({"type": "datetime", "format": "%Y-%m-%d %H:%M"}, "schema/format", ["2020-02-29 12:30"], ["2020-02-29T12:30", "2020-02-30 12:30"]),
    ({"type": "year"}, "schema/type", ["2020", "0800", "-0044", "12020"], ["20", "202", "20x0", "0000", "-0000", "02020"]),
    ({"type": "yearmonth"}, "schema/type", ["2020-01", "2020-12", "-0001-01"], ["0000-01", "2020-13", "2020-1", "2020"]),
    ({"type": "duration"}, "schema/type", ["P1Y", "P1Y2M3DT4H5M6.7S", "PT0S", "-P1D"], ["P", "PT", "P1Y2", "1Y", "P1S", "P1YT", "P2W"]),
    ({"type": "geopoint"}, "schema/type", ["90.50, 45.50", "-180,90", "180,-90", "0,0"], ["90.5", "181,0", "-181,0", "0,91", "0,-91", "a,b", "1,2,3"]),
    ({"type": "geopoint", "format": "array"}, "schema/type", ["[90.5, 45.5]"], ["90.5, 45.5", "[1]", '["a", 1]']),
    ({"type": "geopoint", "format": "object"}, "schema/type", ['{"lon": 90.5, "lat": 45.5}'], ['{"lon": 1}', "[1, 2]"]),
    ({"type": "object"}, "schema/type", ["{}", '{"a": 1}'], ["[]", "{", "1", '{"a": NaN}', "x"]),
    ({"type": "array"}, "schema/type", ["[]", "[1]"], ["{}", "[", "[" * 100_000]),
    ({"type": "geojson"}, "schema/type", ['{"type": "Point", "coordinates": [1, 2]}', '{"type": "Feature", "geometry": null, "properties": {}}', '{"type": "FeatureCollection", "features": []}', '{"type": "GeometryCollection", "geometries": []}'], ['{"type": "Point"}', '{"type": "Pont", "coordinates": [1, 2]}', '{"type": "Polygon", "coordinates": [1, 2]}', '{"type": "FeatureCollection", "features": [{"type": "Feature"}]}', "{}", "[]"]),
    (
        {"type": "geojson"}, "schema/type",
        [
            '{"type": "LineString", "coordinates": [[0, 0], [1, 1]]}', '{"type": "LineString", "coordinates": []}',
            '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [0, 0]]]}',
            '{"type": "MultiPolygon", "coordinates": [[[[0, 0, 5], [1, 1, 5], [0, 1, 5], [0, 0, 5]]]]}',
            '{"type": "Feature", "geometry": {"type": "MultiPoint", "coordinates": [[0, 0]]}, "properties": null}',
        ],
        [
            '{"type": "LineString", "coordinates": [[0, 0]]}', '{"type": "MultiLineString", "coordinates": [[[0, 0]]]}',
            '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1]]]}',
            '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [2, 2]]]}',
            '{"type": "Point", "coordinates": []}', '{"type": "Point", "coordinates": [0, "1"]}',
            '{"type": "Feature", "geometry": null, "properties": [1]}',
        ],
    ),
    ({"type": "geojson", "format": "topojson"}, "schema/type", ['{"type": "Topology", "objects": {}, "arcs": []}'], ["{}"]),
    ({"type": "list"}, "schema/type", ["a,b", "a"], []),
    ({"type": "list", "itemType": "integer"}, "schema/type", ["1,2", "1"], ["1,x", "1,"]),
    ({"type": "list", "itemType": "date", "delimiter": ";"}, "schema/type", ["2020-01-01;2020-01-02"], ["2020-01-01,2020-01-02"]),
    ({"type": "string", "format": "email"}, "schema/format", ["a@b.de", "first.last+tag@sub.example.org", "jö@exämple.de"], ["a", "a@", "@b.de", "a@b", "a b@c.de", "a@b..de", ".a@b.de", "a@-b.de "]),
    ({"type": "string", "format": "uri"}, "schema/format", ["http://example.org", "https://example.org/a?b=c#d", "urn:isbn:123", "mailto:a@b.de", "ftp://x/y"], ["example.org", "http://", "http:// x", "//x", "ht tp://x", "http://exa<mple"]),
    ({"type": "string", "format": "uuid"}, "schema/format", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g"]),
    ({"type": "string", "format": "binary"}, "schema/format", ["YWJj", "YWI=", "YQ=="], ["YWJ", "a b=", "YQ="]),
]  # fmt: skip


@pytest.mark.parametrize(("field", "code", "right", "wrong"), CASES, ids=[str(c[0]) for c in CASES])
def test_values_are_judged_by_type_and_format(
    field: dict[str, Any], code: str, right: list[str], wrong: list[str]
) -> None:
    source = SourceDefinition(
        resource_id="test", ingest_method="CSV", table_schema={"fields": [{"name": "v", **field}]}
    )
    assert findings_of(SchemaChecker, {"v": right}, source=source) == ()
    found = findings_of(SchemaChecker, {"v": [*right, *wrong]}, source=source)
    records = [s.location.record for f in found for s in f.samples]
    assert [f.code for f in found] == ([code] if wrong else [])
    assert records == list(range(len(right) + 1, len(right) + len(wrong) + 1))


def judged(kind: Type, text: str) -> bool:
    return bool(kind.valid(pl.Series([text])).fill_null(value=False)[0])


NUMBERISH = st.text("0123456789+-.eE ", max_size=12)


@given(NUMBERISH | st.integers().map(str))
def test_integers_are_those_of_python(text: str) -> None:
    try:
        int(text)
        right = True
    except ValueError:
        right = False
    assert judged(IntegerType(), text) == right


@given(NUMBERISH | st.decimals(allow_nan=False, allow_infinity=False).map(str) | st.floats(allow_nan=False).map(repr))
@example("1e-400")
def test_numbers_are_those_of_python(text: str) -> None:
    try:
        right = Decimal(text).is_finite()
    except InvalidOperation:
        right = False
    assert judged(NumberType(), text) == right


DECIMALS = st.decimals(min_value=-5, max_value=5, places=3, allow_nan=False) | st.decimals(
    allow_nan=False, allow_infinity=False
)
CLOSE = st.sampled_from(
    ["0.1", "0.10", "0.1000000000000000055", "0.10000000000000001", "9007199254740993", "9007199254740992", "1e-400", "0",
     "-0", "1e400", "2e400", "100", "1e2", "99999999999999999999", "9223372036854775807", "9223372036854775808"]
)  # fmt: skip
WHICH = st.sampled_from(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"])


def _beyond(value: Decimal, which: str, bound: Decimal) -> bool:
    match which:
        case "minimum":
            return value < bound
        case "maximum":
            return value > bound
        case "exclusiveMinimum":
            return value <= bound
    return value >= bound


@given(DECIMALS.map(str) | CLOSE, WHICH, DECIMALS.map(str) | CLOSE)
def test_numbers_are_compared_exactly(text: str, which: Any, bound: str) -> None:
    found = NumberType().beyond(pl.Series([text, None, "x"]), which, bound).fill_null(value=False)
    assert found.to_list() == [_beyond(Decimal(text), which, Decimal(bound)), False, False]


@given(st.integers() | st.integers(-3, 3), WHICH, st.integers() | st.integers(-3, 3))
def test_integers_are_compared_exactly(value: int, which: Any, bound: int) -> None:
    found = IntegerType().beyond(pl.Series([str(value), None, "x"]), which, bound).fill_null(value=False)
    assert found.to_list() == [_beyond(Decimal(value), which, Decimal(bound)), False, False]


@given(st.lists(DECIMALS.map(str) | CLOSE, min_size=1, max_size=4), DECIMALS.map(str) | CLOSE)
def test_listed_numbers_are_compared_exactly(listed: list[str], text: str) -> None:
    found = NumberType().listed(pl.Series([text]), listed).fill_null(value=False)
    assert found[0] == any(Decimal(text) == Decimal(v) for v in listed)


@given(st.dates().map(str) | st.from_regex(r"[0-9]{4}-[0-3][0-9]-[0-3][0-9]", fullmatch=True))
def test_dates_are_those_of_python(text: str) -> None:
    try:
        day: date | None = date.fromisoformat(text)
    except ValueError:
        day = None
    kind = moment_type("date", "default")
    assert judged(kind, text) == (day is not None)
    moment = kind.moments(pl.Series([text]))[0]
    assert moment == (None if day is None else (day - date(1970, 1, 1)).days * 86_400_000_000)


@pytest.mark.parametrize("kind", ["date", "time", "datetime", "year", "yearmonth"])
@pytest.mark.parametrize("fmt", ["default", "any"])
@settings(max_examples=20)
@given(st.data())
def test_what_is_right_has_a_place_in_the_order(kind: str, fmt: str, data: st.DataObject) -> None:
    date_text = st.from_regex(r"-?[0-2]{1,5}(-[0-3][0-9]){0,2}", fullmatch=True)
    time_text = st.from_regex(
        r"[0-2][0-9]:?[0-6][0-9](:?[0-6][0-9](\.[0-9]+)?(Z|[+-][01][0-9]:[0-6][0-9])?)?", fullmatch=True
    )
    text = st.one_of(date_text, time_text, st.tuples(date_text, time_text).map("T".join))
    texts = data.draw(st.lists(text, min_size=1, max_size=10))  # each call tries many formats, whatever their number
    judge = moment_type(kind, fmt)
    assert (
        judge.valid(pl.Series(texts)).fill_null(value=False).to_list()
        == judge.moments(pl.Series(texts)).is_not_null().to_list()
    )


@given(st.datetimes(), st.integers(-14 * 60, 14 * 60))
def test_moments_sort_as_times_do(moment: datetime, offset: int) -> None:
    sign = "-" if offset < 0 else "+"
    text = f"{moment.isoformat()}{sign}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    kind = moment_type("datetime", "default")
    whole = moment - datetime(1970, 1, 1)
    expected = (whole.days * 86_400 + whole.seconds - offset * 60) * 1_000_000 + whole.microseconds
    assert kind.moments(pl.Series([text]))[0] == expected


FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%y", "%d %b %Y", "%B %d, %Y", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%H:%M", "%I:%M %p",
           "%d/%m/%Y %H:%M:%S.%f", "%Y-%j", "%Y-%m-%dT%H:%M:%S%z"]  # fmt: skip


@given(st.sampled_from(FORMATS), st.datetimes(datetime(1970, 1, 1), datetime(2060, 1, 1)), st.data())
def test_custom_formats_are_those_of_strptime(fmt: str, moment: datetime, data: st.DataObject) -> None:
    text = moment.strftime(fmt)
    if fmt.endswith("%z"):
        text += "+01:30"
    if text and data.draw(st.booleans()):  # spoil it
        at = data.draw(st.integers(0, len(text) - 1))
        text = text[:at] + data.draw(st.sampled_from("0139 /x")) + text[at + 1 :]
    try:
        datetime.strptime(text, fmt)
        right = True
    except ValueError:
        right = False
    assert (Layout.of(fmt).moments(pl.Series([text]))[0] is not None) == right, (fmt, text)


def test_custom_formats_have_an_order() -> None:
    kind = MomentType("a date", [Layout.of("%d.%m.%Y")])
    texts = pl.Series(["01.01.2020", "31.12.2019", "30.02.2020", None])
    assert kind.beyond(texts, "minimum", "01.01.2020").fill_null(value=False).to_list() == [False, True, False, False]


SHAPED = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%y", "%Y%m%d", "%Y-%m-%dT%H:%M:%SZ", "%d.%m.%Y %H:%M", "%H%M", "%Y", "%m-%d")


@given(
    st.sampled_from(SHAPED),
    st.lists(st.fixed_dictionaries({d: st.integers(0, 99) for d in "YymdHMS"}) | st.none(), max_size=20),
    st.sampled_from(["02", "1"]),
)
def test_the_quick_way_to_moments_is_the_slow_one(fmt: str, numbers: list[dict[str, int] | None], digits: str) -> None:
    def written(number: dict[str, int]) -> str:
        full = {d: f"{n:{digits}}" for d, n in number.items()} | {"Y": f"{number['Y'] * 101 % 10_000:04}"}
        return re.sub("%(.)", lambda m: full[m[1]], fmt)

    texts = pl.Series([n and written(n) for n in numbers] * 2 + ["", "x"], dtype=pl.String)
    layout = Layout.of(fmt)
    assert layout.shapes
    assert layout.moments(texts.clear()).dtype == layout.moments(texts).dtype == pl.Int64
    assert layout.moments(texts).to_list() == replace(layout, shapes=()).moments(texts).to_list()


@given(st.times(), st.times())
def test_times_have_an_order(one: time, other: time) -> None:
    found = moment_type("time", "default").beyond(pl.Series([one.isoformat()]), "maximum", other.isoformat())
    assert found[0] == (one > other)


def test_durations_are_compared_where_they_have_an_order() -> None:
    texts = pl.Series(["P1M", "P32D", "P27D", "P1Y", "P30D", "PT1S", "nonsense"])
    found = DurationType().beyond(texts, "maximum", "P1M").fill_null(value=False)
    # P30D is longer than a February and shorter than a March: neither more nor less
    assert found.to_list() == [False, True, False, True, False, False, False]
