"""Drafts of real files, and over HTTP: how they are read, what is told, what is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.loopback import serving

from potable.engine import Engine
from potable.engine.describe.drafting import identifier
from potable.engine.errors import UsageError


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(allow_hosts=["127.0.0.1"])


@pytest.fixture
def draft(engine: Engine, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """``draft(name, content)``: the draft of a file of that name."""

    def describe(name: str, content: str | bytes, **given: Any) -> dict[str, Any]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return engine.describe(path, folder=tmp_path, **given)

    return describe


Draft = Callable[..., dict[str, Any]]


def fields(definition: dict[str, Any]) -> dict[str, Any]:
    return {f.pop("name"): f for f in (dict(f) for f in definition["schema"]["fields"])}


def table(*columns: list[Any], names: str) -> str:
    return "\n".join([names, *(",".join(map(str, row)) for row in zip(*columns, strict=True))]) + "\n"


def test_a_table(draft: Draft) -> None:
    count = range(1, 41)
    text = table(
        [f"S{n:03}" for n in count],
        ["yes" if n % 2 else "no" for n in count],
        [n / 4 if n % 5 else "NA" for n in count],
        [f"2024-01-{n % 28 + 1:02}" for n in count],
        [n - 20 for n in count],
        [n * 2 for n in count],
        ["" if n == 7 else f"text {n}" for n in count],
        names="sample_id,kept,weight,day,change,latitude,remark",
    )
    assert draft("lab samples.csv", text) == {
        "resourceID": "lab-samples",
        "name": "lab samples.csv",
        "ingestMethod": "CSV",
        "ingestURL": "lab samples.csv",
        "primaryKey": "sample_id",
        "missingValues": ["", "NA"],
        "schema": {
            "fields": [
                {"name": "sample_id", "type": "string", "constraints": {"required": True}},
                {"name": "kept", "type": "string", "constraints": {"required": True, "enum": ["no", "yes"]}},
                {"name": "weight", "type": "number", "constraints": {"minimum": 0}},
                {"name": "day", "type": "date", "constraints": {"required": True}},
                {"name": "change", "type": "integer", "constraints": {"required": True}},
                {
                    "name": "latitude",
                    "type": "integer",
                    "constraints": {"required": True, "minimum": -90, "maximum": 90},
                },
                {"name": "remark", "type": "string"},
            ]
        },
    }  # fmt: skip


def test_types_and_formats(draft: Draft) -> None:
    text = (
        "a;b;c;d;e;f;g;h;i\n"
        "1,5;true;1.2.2024;12:30;https://a.org/;a@b.org;2024-01-02 10:00:00;007;3/4/2024\n"
        "2,25;false;31.12.2024;00:00;http://b.org/x?y=z;c.d@e.org;2024-01-02 11:30:00;012;5/6/2024\n"
    )
    drafted = draft("x.csv", text)
    assert drafted["delimiter"] == ";"
    assert [{n: v for n, v in f.items() if n != "constraints"} for f in fields(drafted).values()] == [
        {"type": "number", "decimalChar": ","},
        {"type": "boolean"},
        {"type": "date", "format": "%d.%m.%Y"},
        {"type": "time", "format": "%H:%M"},
        {"type": "string", "format": "uri"},
        {"type": "string", "format": "email"},
        {"type": "datetime", "format": "%Y-%m-%d %H:%M:%S"},
        {"type": "string"},
        {"type": "string"},
    ]


def test_days_and_months_that_cannot_be_told_apart(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("when\n3/4/2024\n5/6/2024\n")
    assert engine.description(path).notes == (
        "No value occurs twice in when.",
        "when holds dates whose day and month can't be told apart: say type: date and format: '%d/%m/%Y' or "
        "'%m/%d/%Y'.",
    )
    path.write_text("when\n3/4/2024\n25/6/2024\n")
    assert fields(engine.describe(path))["when"]["format"] == "%d/%m/%Y"


def test_a_sign_that_means_something_elsewhere_is_missing_in_one_column_only(draft: Draft) -> None:
    drafted = draft("x.csv", "strand,score\n+,1.5\n-,-\n-,2.5\n")
    assert "missingValues" not in drafted
    assert fields(drafted) == {
        "strand": {"type": "string", "constraints": {"required": True}},
        "score": {"type": "number", "missingValues": ["", "-"]},
    }


def test_numbers_whose_digits_are_grouped(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "a;b;c;d;e;f;g\n1.234,5;1,234;1\u00a0234,5;12,345,678;1'234.5;0,123;612 345 678\n2;5,678;3,25;-1;7;1,500;1\n"
    )
    drafted = engine.describe(path)
    found = {n: {k: v for k, v in f.items() if k != "constraints"} for n, f in fields(drafted).items()}
    number = {"type": "number"}
    assert found == {
        "a": {**number, "decimalChar": ",", "groupChar": "."},
        "b": {"type": "string"},
        "c": {**number, "decimalChar": ",", "groupChar": "\u00a0"},
        "d": {**number, "groupChar": ","},
        "e": {**number, "groupChar": "'"},
        "f": {**number, "decimalChar": ","},
        "g": {"type": "string"},
    }
    assert [n for n in engine.description(path).notes if n.startswith("b holds")] == [
        "b holds numbers whose comma may stand before decimals or between thousands: say type: number and "
        "decimalChar: ',' or groupChar: ','."
    ]
    assert engine.check(path, delimiter=";", schema=drafted["schema"]).verdict == "passed"


def test_without_a_header(draft: Draft) -> None:
    drafted = draft("x.csv", "1,Ann\n2,Bob\n")
    assert drafted["headerLine"] == 0
    assert list(fields(drafted)) == ["column1", "column2"]


def test_below_other_lines(draft: Draft) -> None:
    drafted = draft("x.tsv", "Report of 2024\n\nid\tname\n1\tAnn\n2\tBob\n")
    assert (drafted["delimiter"], drafted["headerLine"], drafted["primaryKey"]) == ("\t", 3, "id")
    assert list(fields(drafted)) == ["id", "name"]


def test_compressed(draft: Draft) -> None:
    drafted = draft("x.csv.gz", gzip.compress(b"id|n\n1|x\n2|y\n"))
    assert (drafted["resourceID"], drafted["delimiter"], drafted["ingestURL"]) == ("x", "|", "x.csv.gz")


@pytest.mark.parametrize(
    ("content", "encoding"),
    [("name\nä\n", None), ("name\nä\n".encode("utf-16"), None), ("name\nMüller\n".encode("cp1252"), "windows-1252"),
     (b"name\n" + b"x\n" * 200_000 + b"M\x81\n", "iso-8859-1")],
)  # fmt: skip
def test_encodings(draft: Draft, content: str | bytes, encoding: str | None) -> None:
    assert draft("x.csv", content).get("encoding") == encoding


def test_a_file_of_two_encodings_is_read_in_that_of_most_lines(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("name\nä\nö\nü\n".encode() + "ß\nx\n".encode("cp1252"))
    found = engine.description(path)
    assert "encoding" not in found.definition
    assert found.notes[-1] == "The data have 1 x encoding/invalid, first in line 5: no definition mends that."


def test_a_byte_order_mark_is_told(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("\ufeffid,n\na,1\nb,1\n")
    assert any("(encoding/byte-order-mark)" in note for note in engine.description(path).notes)


def test_json_with_its_records_inside(draft: Draft) -> None:
    records = [{"id": n, "name": f"N{n}", "tags": ["a"], "at": {"lat": 1.5}, "note": None} for n in range(12)]
    assert draft("x.json", json.dumps({"total": 12, "found": {"items": records}})) == {
        "resourceID": "x",
        "name": "x.json",
        "ingestMethod": "JSON",
        "ingestURL": "x.json",
        "documentElement": "items",
        "primaryKey": "id",
        "schema": {
            "fields": [
                {"name": "at", "type": "object", "constraints": {"required": True}},
                {"name": "id", "type": "integer", "constraints": {"required": True}},
                {"name": "name", "type": "string", "constraints": {"required": True}},
                {"name": "note"},
                {"name": "tags", "type": "array", "constraints": {"required": True}},
            ]
        },
        "qcRules": {"ValueExists": [{"path": "$.at.lat"}]},
    }


def test_json_lines_whatever_the_name(draft: Draft) -> None:
    drafted = draft("x.json", '{"id": "a"}\n{"id": "b"}\n')
    assert (drafted["ingestMethod"], drafted["primaryKey"]) == ("JSONL", "id")


def test_xml(draft: Draft) -> None:
    records = "".join(f"<stock id='S{n}'><name>N{n}</name><tag>a</tag><tag>b</tag></stock>" for n in range(12))
    drafted = draft("x.xml", f"<?xml version='1.0'?><export><date>2024</date><stocks>{records}</stocks></export>")
    assert drafted["ingestMethod"] == "XML"
    assert (drafted["topElement"], drafted["documentElement"]) == ("stocks", "stock")
    assert drafted["primaryKey"] == "$.stock.@id"
    assert drafted["qcRules"] == {"ValueExists": [{"path": "$.stock.@id"}, {"path": "$.stock.name.'_$'"}]}


def test_what_is_given_is_not_guessed(draft: Draft) -> None:
    drafted = draft("x.csv", "a;b\n1;2\n", delimiter=",", resourceID="SCR_1", primaryKey="a;b")
    assert (drafted["resourceID"], drafted["delimiter"], drafted["primaryKey"]) == ("SCR_1", ",", "a;b")
    assert list(fields(drafted)) == ["a;b"]


def test_faults_of_form_are_told(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n3\n4,5\n6\n")
    assert engine.description(path).notes[-1] == (
        "The data have 2 x csv/missing-cell, first in line 3: no definition mends that."
    )


def test_faults_of_one_kind_are_told_once(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,,\n1,2,3\n4,5,6\n")
    assert [n for n in engine.description(path).notes if "The data" in n] == [
        "The data have 2 x csv/blank-header, first in line 1: no definition mends that."
    ]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("x.csv", "", "access/empty"), ("x.csv", "a,b\n", "csv/no-records"), ("x.json", "[{]", "json/syntax"),
     ("x.json", '{"a": 1}', "json/no-records"),
     ("x.csv", b"<!DOCTYPE html><html><body>no</body></html>", "media-type")],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(draft: Draft, name: str, content: str, words: str) -> None:
    with pytest.raises(UsageError, match=rf"{name} can't be described: .*{words}"):
        draft(name, content)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("lab.db", b"SQLite format 3\x00" + bytes(84), r"\(access/media-type\)\. In a definition set ingestMethod to SQL"),
     ("x.csv", "a,b\n", r"\(csv/no-records\)\. Look at the file; if it has data, correct headerLine"),
     ("oai", '<OAI-PMH><request verb="x">u</request><error code="badVerb">no such verb</error></OAI-PMH>',
      r"it is an error of an OAI-PMH repository .*'badVerb: no such verb' \(access/media-type\)\. "
      "To harvest the repository set ingestMethod: OAI")],
)  # fmt: skip
def test_a_refusal_says_what_to_do(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str,
                                   content: str | bytes, words: str) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(UsageError, match=words):
        engine.describe(name)


def test_so_does_that_of_an_address() -> None:
    with pytest.raises(UsageError, match=r"\(access/blocked-address\)\. Use a public address; .*POTABLE_ALLOW_HOSTS"):
        Engine(allow_hosts=[]).describe("http://127.0.0.1:9/x.csv")


def test_a_file_that_is_not_there(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "birds.csv").write_text("a\n1\n")
    with pytest.raises(UsageError, match=r"access/not-found\)\. Did you mean .*birds\.csv"):
        engine.describe(tmp_path / "bird.csv")


def test_frames(engine: Engine) -> None:
    frame = pl.DataFrame({"id": range(30), "kind": ["a", "b"] * 15, "score": [None, 1.5] * 15})
    drafted = engine.describe(frame)
    assert drafted == {
        "primaryKey": "id",
        "schema": {
            "fields": [
                {"name": "id", "type": "integer", "constraints": {"required": True, "minimum": 0}},
                {"name": "kind", "type": "string", "constraints": {"required": True, "enum": ["a", "b"]}},
                {"name": "score", "type": "number"},
            ]
        },
    }


def test_the_draft_is_the_same_whatever_the_chunks(tmp_path: Path) -> None:
    from potable.engine.limits import Limits

    path = tmp_path / "x.csv"
    path.write_text(table(list(range(500)), ["a", "b"] * 250, [n / 8 for n in range(500)], names="id,kind,x"))
    drafts = [
        Engine(limits=Limits(chunk_bytes=size), jobs=jobs).describe(path)
        for size, jobs in [(400, 1), (400, 4), (1 << 20, 1)]
    ]
    assert drafts[0] == drafts[1] == drafts[2]
    assert drafts[0]["primaryKey"] == "id"


@pytest.mark.parametrize(
    ("place", "name"),
    [("data/x.csv", "x"), ("a b.tsv.gz", "a-b"), ("https://h/v1/x.json?k=1", "x"), ("https://h/", "h"),
     ("..", "source"), ("v1.2/data", "data"), ("ä.csv", "source"), ("x.sssom.tsv", "x"), ("2024.01.csv", "2024.01")],
)  # fmt: skip
def test_identifiers(place: str, name: str) -> None:
    assert identifier(place) == name


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    folder = tmp_path / "site"
    folder.mkdir()
    with serving(folder) as address:
        yield address, folder


def test_over_http_it_is_fetched_once_and_secrets_are_not_written_down(engine: Engine, site: tuple[str, Path]) -> None:
    url, folder = site
    (folder / "birds.csv").write_text("id;name\n1;Ann\n2;Bob\n")
    drafted = engine.description(f"{url}/birds.csv?api_key=tell-nobody&x=1")
    assert drafted.definition["ingestURL"] == f"{url}/birds.csv?api_key=${{API_KEY}}&x=1"
    assert (drafted.definition["delimiter"], drafted.records) == (";", 2)
    assert "tell-nobody" not in str(drafted)
    assert drafted.notes[-1] == "The value of api_key isn't written down: set the variable API_KEY of the environment."


@pytest.mark.parametrize(("sign", "others", "listed"), [("-", "ok", False), ("–", "ok", False), ("-", "+", True)])
def test_a_sign_among_words_is_listed_as_no_value(draft: Draft, sign: str, others: str, listed: bool) -> None:
    text = table([f"S{n}" for n in range(40)], [sign if n % 3 else others for n in range(40)], names="id,state")
    constraints = fields(draft("x.csv", text))["state"]["constraints"]
    assert ("enum" in constraints) is listed


def test_a_page_of_several_is_told(engine: Engine, site: tuple[str, Path], tmp_path: Path) -> None:
    url, folder = site
    (folder / "api.json").write_text(json.dumps({"total": 90, "items": [{"id": n} for n in range(30)]}))
    drafted = engine.description(f"{url}/api.json", folder=tmp_path)
    assert drafted.notes[0] == (
        "30 records came in one answer, and the member /total announces 90 (access/incomplete-pages). If the server "
        "takes an offset, name its parameters by offsetParam, limitParam and limitValue: all pages are asked for then. "
        "Else have the address ask for all records in one answer, as by a larger limit."
    )
