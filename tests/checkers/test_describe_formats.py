"""Drafts of any table in any container, and of any XML, lint clean and pass on the data they were drafted from."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import math
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.loopback import serving

from potable.engine import Engine, Report, UsageError
from potable.engine.limits import Limits

from .test_describe import BLANK, FORM, TWICE, WORDS, tables, told

SETTINGS = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=20, deadline=None
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(roots=[tmp_path_factory.getbasetemp()], limits=Limits(chunk_bytes=64), allow_hosts=["127.0.0.1"])


def judged(engine: Engine, place: Path | str) -> tuple[dict[str, Any], Report]:
    """The draft, and the report of a run with it, which lint has nothing to say of."""
    definition = engine.describe(place)
    report = engine.check(
        {**definition, **TWICE, "ingestURL": str(place)}, select=[*FORM, "excel", "parquet", "xml"], ignore=BLANK
    )
    assert [f.samples[0].message for f in report.findings if f.code.startswith("definition/")] == []
    assert told(report) == []
    return definition, report


def written(table: list[list[str]], delimiter: str = ",", newline: str = "\r\n") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=newline).writerows(table)
    return text.getvalue()


def zipped(data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("data.csv", data)
    return target.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {".csv": bytes, ".csv.gz": gzip.compress, ".zip": zipped}


@SETTINGS
@given(
    table=tables(), encoding=st.sampled_from(["utf-8-sig", "utf-16", "cp1252"]), suffix=st.sampled_from(sorted(PACKED)),
    delimiter=st.sampled_from(",;\t|"), newline=st.sampled_from(["\n", "\r\n"]),
)  # fmt: skip
def test_any_table_in_any_container_passes(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], encoding: str, suffix: str,
    delimiter: str, newline: str,
) -> None:  # fmt: skip
    text = written(table, delimiter, newline)
    place = tmp_path_factory.mktemp("describe") / f"data{suffix}"
    place.write_bytes(PACKED[suffix](text.encode(encoding, "replace")))
    _, report = judged(engine, place)
    assert report.verdict == "passed"


VALUES: list[st.SearchStrategy[Any]] = [
    WORDS.filter(lambda t: t.isprintable()), st.integers(-(10**15), 10**15), st.booleans(), st.dates(),
    st.floats(allow_nan=False, allow_infinity=False, width=32), st.datetimes(datetime.datetime(1950, 1, 1)),
    st.sampled_from(["male", "female"]), st.sampled_from(["NA", "x", "-"]),
]  # fmt: skip


@st.composite
def columns(draw: st.DrawFn) -> dict[str, list[Any]]:
    """Columns of real types, some of them with nothing in some rows."""
    height = draw(st.integers(1, 30))
    made = {}
    for name in draw(st.lists(st.sampled_from(["id", "name", "when", "x y", "Größe"]), min_size=1, unique=True)):
        kind = draw(st.sampled_from(VALUES))
        kind = st.one_of(kind, st.none()) if draw(st.booleans()) else kind
        made[name] = [draw(kind) for _ in range(height)]
    return made


@SETTINGS
@given(made=columns())
def test_any_parquet_file_passes(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, made: dict[str, list[Any]]
) -> None:
    place = tmp_path_factory.mktemp("describe") / "data.parquet"
    pl.DataFrame(made, strict=False).write_parquet(place)
    _, report = judged(engine, place)
    assert report.verdict == "passed"


@SETTINGS
@given(made=columns())
def test_any_workbook_passes(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, made: dict[str, list[Any]]
) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    place = tmp_path_factory.mktemp("describe") / "data.xlsx"
    with xlsxwriter.Workbook(place, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet("one")
        for column, (name, values) in enumerate(made.items()):
            sheet.write_string(0, column, name)
            for row, value in enumerate(values, 1):
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif isinstance(value, float):  # beyond 2^53 a key may have lost digits: an error, whatever is drafted
                    sheet.write(row, column, math.fmod(value, 2**53))
                elif value is not None:
                    sheet.write(row, column, value)
    if all(v is None or v == "" for values in made.values() for v in values):
        return  # there is no record
    _, report = judged(engine, place)
    assert report.verdict == "passed"


TEXTS = st.text("abcXYZ 0123456789.-äöü&<>'\"", max_size=8)
ELEMENTS = st.dictionaries(
    st.sampled_from(["name", "tag", "p:at", "p:x-y"]), st.lists(TEXTS, min_size=1, max_size=2), max_size=3
)
ENTRIES = st.tuples(st.dictionaries(st.sampled_from(["id", "p:ref", "xml:lang"]), TEXTS, max_size=2), ELEMENTS)


def element(record: str, entry: tuple[dict[str, str], dict[str, list[str]]]) -> str:
    attributes, inner = entry
    head = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    body = "".join(f"<{name}>{escape(text)}</{name}>" for name, texts in inner.items() for text in texts)
    return f"<{record}{head}>{body}</{record}>"


@settings(SETTINGS, max_examples=8)
@given(
    entries=st.lists(ENTRIES, min_size=2, max_size=12), record=st.sampled_from(["stock", "p:stock"]),
    root=st.sampled_from(['<all xmlns:p="urn:p">', '<all xmlns="urn:d" xmlns:p="urn:p">']),
    encoding=st.sampled_from(["utf-8", "utf-16", "iso-8859-1"]), nested=st.booleans(), again=st.sampled_from([1, 20]),
)  # fmt: skip
def test_any_xml_passes(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, entries: list[Any], record: str, root: str,
    encoding: str, nested: bool, again: int,
) -> None:  # fmt: skip
    records = "\n".join(element(record, entry) for entry in entries * again)
    records = f"<n>{len(entries)}</n><list>{records}</list>" if nested else records
    place = tmp_path_factory.mktemp("describe") / "data.xml"
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n{root}{records}</all>'
    place.write_bytes(text.encode(encoding))
    _, report = judged(engine, place)
    assert (report.verdict, report.counts.records) == ("passed", len(entries) * again)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder, and the address at which it's served."""
    folder = tmp_path_factory.mktemp("site")
    with serving(folder) as address:
        yield folder, address


@settings(SETTINGS, max_examples=10)
@given(table=tables(), suffix=st.sampled_from(sorted(PACKED)))
def test_any_table_of_the_web_passes(
    engine: Engine, site: tuple[Path, str], table: list[list[str]], suffix: str
) -> None:
    folder, root = site
    (folder / f"data{suffix}").write_bytes(PACKED[suffix](written(table).encode()))
    definition, report = judged(engine, f"{root}/data{suffix}?x=1")
    assert (report.verdict, definition["ingestURL"]) == ("passed", f"{root}/data{suffix}?x=1")


def test_a_title_above_a_sheets_header(tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    place = tmp_path / "herd.xlsx"
    with xlsxwriter.Workbook(place) as book:
        sheet = book.add_worksheet("herd")
        sheet.merge_range(0, 0, 0, 2, "Survey of the herd, 2023")
        sheet.write_row(2, 0, ["animal", "sex", "weight"])
        for n in range(30):
            sheet.write_row(3 + n, 0, [f"H{n}", "mf"[n % 2], 40.5 + n])
    drafted = Engine().description(place, folder=tmp_path)
    assert (drafted.definition["headerLine"], drafted.definition["primaryKey"]) == (3, "animal")
    assert [f["name"] for f in drafted.definition["schema"]["fields"]] == ["animal", "sex", "weight"]
    assert drafted.notes == ()
    assert Engine(roots=[tmp_path]).check({**drafted.definition, "ingestURL": str(place)}).verdict == "passed"


def test_names_that_are_blank_may_stand_in_another_row(tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    place = tmp_path / "herd.xlsx"
    with xlsxwriter.Workbook(place) as book:
        sheet = book.add_worksheet("herd")
        sheet.write_row(0, 0, ["Survey"])
        sheet.write_row(1, 0, ["animal", None, "weight", "weight"])
        for n in range(30):
            sheet.write_row(2 + n, 0, [f"H{n}", "mf"[n % 2], 40.5 + n, 41.5 + n])
    assert Engine().description(place, folder=tmp_path).notes[0] == (
        "The data have 3 x excel/blank-header, first in line 1: no definition mends that, unless the header is in "
        "another row: say headerLine."
    )


def test_the_sheet_behind_a_cover_is_drafted_with_its_header(tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    place = tmp_path / "herd.xlsx"
    with xlsxwriter.Workbook(place) as book:
        book.add_worksheet("README").write_row(0, 0, ["Samples of the lab"])
        sheet = book.add_worksheet("Samples 2024")
        sheet.write_row(0, 0, ["Samples, exported in May"])
        for row, cells in enumerate([["id", "organ", "mass"], *([f"S{n}", "liver", n / 8] for n in range(30))], 2):
            sheet.write_row(row, 0, cells)
    drafted = Engine().description(place)
    assert {name: drafted.definition[name] for name in ("sheet", "headerLine", "primaryKey")} == {
        "sheet": "Samples 2024", "headerLine": 3, "primaryKey": "id",
    }  # fmt: skip
    assert drafted.records == 30
    (note,) = drafted.notes
    assert note.startswith("Sheet 'README' is read, as the first one: by its name it holds no records; there is")
    assert "no definition mends that" not in note
    report = Engine(roots=[tmp_path]).check({**drafted.definition, "ingestURL": str(place)})
    assert report.passed
    with pytest.raises(
        UsageError, match="no row with a value behind row 1 of sheet 'README'"
    ):  # a sheet given is meant
        Engine().describe(place, sheet="README")
