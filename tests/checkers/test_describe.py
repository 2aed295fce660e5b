"""What ``describe`` drafts passes on the data that it was drafted from, judged by all checkers."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from potable.engine import Engine, Report
from potable.engine.definition.writing import to_yaml
from potable.engine.limits import Limits

DATA = Path(__file__).parents[2] / "examples" / "catalog" / "data"
FORM = ["schema", "keys", "rules", "definition", "csv", "json", "encoding", "access", "rows"]
BLANK = "rows/all-blank"
"""No definition mends that."""
TWICE = {"dupPerc": 10}
"""A field that is the key by its name may have duplicates, as the draft's notes say: one record in ten."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(roots=[tmp_path_factory.getbasetemp()], limits=Limits(chunk_bytes=64))


def passes(engine: Engine, place: Path, tmp_path: Path) -> tuple[dict[str, Any], Report]:
    """The draft, and the report of a run with it, read again from the YAML that it's written as."""
    drafted = engine.description(place, folder=tmp_path)
    (tmp_path / "draft.yaml").write_text(to_yaml(drafted.definition, drafted.notes), encoding="utf-8")
    catalog = Engine(catalog=tmp_path, roots=[place.parent])
    return dict(drafted.definition), catalog.run(drafted.definition["resourceID"])


def told(report: Report) -> list[Any]:
    return [
        (f.code, f.field, f.count, f.samples[:1]) for f in report.findings if f.severity == "error" and not f.tolerated
    ]


@pytest.mark.parametrize("name", sorted(p.name for p in DATA.iterdir() if p.suffix in (".csv", ".tsv", ".json")))
def test_real_tables_pass(name: str, tmp_path: Path) -> None:
    definition, report = passes(Engine(), DATA / name, tmp_path)
    form = {"csv/duplicate-header"}  # of the data: no definition mends that
    assert [t for t in told(report) if t[0] not in form] == []
    assert report.counts.records > 200
    assert len(definition["schema"]["fields"]) >= 7


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
NAMES = (
    st.text("abcdefghijklmnopqrstuvwxyzABC _0123456789äß", min_size=1, max_size=8)
    .map(str.strip)
    .filter(lambda n: n and not n[0].isdigit())
)
EMPTY = st.sampled_from(["", "NA", "N/A", "-", "?", "null", "."])
CELLS: list[st.SearchStrategy[str]] = [
    WORDS,
    st.integers(-(10**20), 10**20).map(str),
    st.integers(0, 99).map(lambda n: f"{n:03}"),
    st.floats(allow_nan=False).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**6), max_value=10**6).map(str),
    st.floats(0, 1000).map(lambda x: f"{x:.2f}".replace(".", ",")),
    st.dates().map(str),
    st.dates().map(lambda d: f"{d.day}.{d.month}.{d.year:04}"),
    st.dates().map(lambda d: f"{d.month:02}/{d.day:02}/{d.year:04}"),
    st.dates().map(lambda d: d.strftime("%d %b %Y")),
    st.datetimes().map(lambda d: d.isoformat()),
    st.datetimes().map(lambda d: d.isoformat(" ", "minutes")),
    st.times().map(lambda t: t.isoformat("seconds")),
    st.booleans().map(str),
    st.sampled_from(["male", "female"]),
    st.sampled_from(["yes", "no", "NA"]),
    st.uuids().map(str),
    st.emails(),
    st.integers(1000, 2100).map(str),
    st.sampled_from(["https://example.org/a?b=c#d", "http://x.y/%20", "ftp://h", "https://example.org/ä"]),
    st.from_regex(r"\A *[+-]?[0-9]{1,3} *\Z"),
]


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(1, 4))
    names = draw(st.lists(NAMES, min_size=width, max_size=width, unique=True))
    kinds = [draw(st.sampled_from(CELLS)) for _ in names]
    kinds = [st.one_of(k, EMPTY) if draw(st.booleans()) else k for k in kinds]
    height = draw(st.integers(1, 8))
    rows = [[draw(k) for k in kinds] for _ in range(height)]
    return [names, *(rows * draw(st.sampled_from([1, 1, 30])))]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=25)
@given(table=tables(), delimiter=st.sampled_from(",;\t|"))
@example(table=[["a"], ["2024-01-02"], ["-"]], delimiter=",")
@example(table=[["a", "b"], ["-0", "1e400"], ["90.00000000000000000001", "x"]], delimiter=",")
@example(table=[["latitude", "b"], *[["89.99999999999999999999", "x"]] * 30], delimiter=",")
def test_any_table_passes(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], delimiter: str
) -> None:
    place = tmp_path_factory.mktemp("describe") / "data.csv"
    with place.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerows(table)
    definition = engine.describe(place)
    report = engine.check({**definition, **TWICE, "ingestURL": str(place)}, select=FORM, ignore=BLANK)
    assert told(report) == []
    assert report.verdict == "passed"
    if len(table[0]) > 1:
        assert definition.get("delimiter", ",") == delimiter


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), WORDS, EMPTY,
    st.dates().map(str), st.uuids().map(str),
)  # fmt: skip
RECORDS = st.dictionaries(
    st.sampled_from(["id", "name", "x y", "$a", "deep"]),
    st.one_of(
        SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(st.sampled_from(["a", "b"]), SCALARS, max_size=2)
    ),
    min_size=1,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=25)
@given(records=st.lists(RECORDS, min_size=1, max_size=8), lines=st.booleans())
def test_any_json_passes(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], lines: bool
) -> None:
    place = tmp_path_factory.mktemp("describe") / "data.json"
    text = "\n".join(map(json.dumps, records)) if lines and len(records) > 1 else json.dumps({"n": 1, "items": records})
    place.write_text(text, encoding="utf-8")
    definition = engine.describe(place)
    report = engine.check({**definition, **TWICE, "ingestURL": str(place)}, select=FORM, ignore=BLANK)
    assert told(report) == []
    assert (report.verdict, report.counts.records) == ("passed", len(records))


def test_xml_passes(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("describe") / "stocks.xml"
    records = "".join(
        f"<s:stock id='S{n}'><s:name> N{n} </s:name>{'<s:tag>a</s:tag>' * (n % 3)}<s:at><s:lat>{n}.5</s:lat></s:at>"
        f"{'<s:note/>' if n % 2 else '<s:note>x</s:note>'}</s:stock>"
        for n in range(30)
    )
    place.write_text(f"<s:all xmlns:s='urn:s'><s:made>2024</s:made>{records}</s:all>")
    definition = engine.describe(place)
    report = engine.check({**definition, "ingestURL": str(place)})
    assert told(report) == []
    assert (report.verdict, report.counts.records) == ("passed", 30)
    assert definition["primaryKey"] == "$.s:stock.@id"
    assert len(definition["qcRules"]["ValueExists"]) == 3
