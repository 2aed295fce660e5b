"""Streams of JSON that a server broke off: with a message of an error in place of a record, or a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from potable.engine import Engine
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.limits import Limits
from potable.engine.pipeline.run import RunOptions, run_source
from potable.engine.plugins import load_plugins

RECORDS: list[dict[str, Any]] = [{"id": n, "name": f"é{n}", "status": "ok"} for n in range(1, 21)]
ERRORS: list[dict[str, Any]] = [
    {"error": "Internal server error", "status": 500},
    {"errors": [{"message": "timeout", "code": 3}]},
    {"error": {"code": 429, "message": "Too many requests"}},
    {"timestamp": "2024-05-01T12:00:00Z", "status": 500, "error": "Internal Server Error", "path": "/export"},
    {"success": False, "error_message": "out of memory"},
    {"exception": "java.lang.OutOfMemoryError", "stack_trace": "at a.b.C(D.java:3)"},
]


def lines(records: list[Any]) -> str:
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)


def check(tmp_path: Path, text: str, method: str = "JSONL", **definition: Any) -> Report:
    (tmp_path / "x").write_text(text, encoding="utf-8")
    return Engine(roots=[tmp_path]).check({"ingestMethod": method, "ingestURL": str(tmp_path / "x"), **definition})


@pytest.mark.parametrize("error", ERRORS)
def test_the_message_of_an_error_behind_the_records(tmp_path: Path, error: dict[str, Any]) -> None:
    text = lines([*RECORDS, error])
    report = check(tmp_path, text, primaryKey="$.id")
    (finding,) = report.findings
    (sample,) = finding.samples
    assert (finding.code, finding.severity, finding.count) == ("json/error-record", "error", 1)
    place = sample.location
    assert (place.line, place.column, place.byte, place.record) == (21, 1, len(lines(RECORDS).encode()), 21)
    assert sample.value == json.dumps(error)[:200]


def test_the_same_in_an_array(tmp_path: Path) -> None:
    text = json.dumps({"data": [*RECORDS, ERRORS[0]]}, ensure_ascii=False)
    report = check(tmp_path, text, "JSON", documentElement="data", primaryKey="$.id")
    (finding,) = report.findings
    assert (finding.code, finding.count) == ("json/error-record", 1)
    place = finding.samples[0].location
    assert (place.path, place.record, place.byte) == ("/data/20", 21, text.encode().index(b'{"error"'))


def test_a_file_of_nothing_but_a_message(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, lines(ERRORS[:1])).findings
    assert (finding.code, finding.samples[0].location.record) == ("json/error-record", 1)


def test_a_page_that_is_a_message(tmp_path: Path) -> None:
    for name, records in (("a", RECORDS), ("b", ERRORS[:1])):
        (tmp_path / f"{name}.jsonl").write_text(lines(records))
    definition = {"ingestMethod": "JSONL", "ingestURL": str(tmp_path), "filenamePattern": "jsonl$"}
    (finding,) = Engine(roots=[tmp_path]).check(definition).findings
    place = finding.samples[0].location
    assert (finding.code, Path(str(place.file)).name, place.line, place.record) == (
        "json/error-record",
        "b.jsonl",
        1,
        21,
    )


@pytest.mark.parametrize(
    "records",
    [
        RECORDS,
        [*RECORDS, {"id": 21, "name": "x", "status": "failed", "error": "no such cell line"}],
        [*RECORDS, {"name": "x", "error": "y"}],
        [*RECORDS, {"status": "ok", "error": None}],
        [*RECORDS, {"error": "", "code": 0}],
        [*RECORDS, {"error": 0.03, "mean": 4.1}],
        [{"time": "12:00", "message": "start"}, {"time": "12:01", "message": "stop", "error": "disk full"}],  # a log
        [{"message": "start", "code": 1}],
        [{"status": 200, "title": "a"}, {"status": 500, "title": "b"}],
    ],
)
def test_records_that_are_no_messages(tmp_path: Path, records: list[Any]) -> None:
    assert "json/error-record" not in {f.code for f in check(tmp_path, lines(records)).findings}


@pytest.mark.parametrize("size", [1, 50, 300])
@pytest.mark.parametrize("method", ["JSON", "JSONL"])
def test_any_cutting_gives_the_same(tmp_path: Path, method: str, size: int) -> None:
    records = [*RECORDS, ERRORS[0]]
    (tmp_path / "x").write_text(lines(records) if method == "JSONL" else json.dumps(records), encoding="utf-8")
    told = []
    for limits in (Limits(), Limits(chunk_bytes=size)):
        source = from_mapping({"resourceID": "t", "ingestMethod": method, "ingestURL": "x"}, folder=tmp_path)
        report = run_source(source, load_plugins(), RunOptions(scratch=tmp_path, limits=limits))
        told.append([(f.code, f.count, f.samples) for f in report.findings])
    assert told[0] == told[1]
    assert [code for code, _, _ in told[0]] == ["json/error-record"]


def test_a_page_behind_lines_is_called_a_message(tmp_path: Path) -> None:
    report = check(tmp_path, lines(RECORDS) + "<!DOCTYPE html>\n<html>\n<h1>Bad Gateway</h1>\n")
    (finding,) = report.findings
    assert (finding.code, finding.count, finding.samples[0].location.line) == ("json/bad-line", 3, 21)
    assert finding.samples[0].message.endswith("'<!DOCTYPE' can't stand here: a program's message, it seems")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('[{"id": 1},\n<html><title>502</title></html>', "the document broke off"),
        ('[{"id": 1},\nFatal error: Allowed memory size in /x.php on line 3', "the document broke off"),
        ('[{"id": 1}, {"id": ', "breaks off: get it again"),
        ('[{"id": NaN}]', "Write null where there's no number"),
        ('[{"id": None}]', "json.dumps()"),
        ("[{'id': 1}]", "as print()"),
        ('[\n// one\n{"id": 1}]', "JSON5"),
        ('[{"id": 1},]', "JSON5"),
        ('[{"id": "a\nb"}]', "Write line breaks"),
        ('[{"id": 1}\n{"id": 2}]', "Mend the document at that place"),
    ],
)
def test_the_hint_names_what_wrote_it(tmp_path: Path, text: str, hint: str) -> None:
    (finding,) = check(tmp_path, text, "JSON").findings
    assert finding.code == "json/syntax"
    assert hint in finding.hint


WRAPPED = json.dumps({"total": 20, "page": 1, "data": {"items": RECORDS}}, indent=1)
LONG = json.dumps({"total": 9000, "data": {"items": [{**r, "id": n} for n in range(450) for r in RECORDS]}})


@pytest.mark.parametrize("text", [WRAPPED, LONG], ids=["short", "beyond what is looked at"])
@pytest.mark.parametrize("chunk_bytes", [97, 6 << 20])
def test_an_object_that_breaks_off_before_its_records_are_known(tmp_path: Path, text: str, chunk_bytes: int) -> None:
    def findings(text: str) -> Any:
        (tmp_path / "x").write_text(text, encoding="utf-8")
        source = from_mapping({"resourceID": "x", "ingestMethod": "JSON", "ingestURL": "x"}, folder=tmp_path)
        options = RunOptions(scratch=tmp_path, limits=Limits(chunk_bytes=chunk_bytes))
        return run_source(source, load_plugins(), options).findings

    cut = text[: text.rindex('"name"')]
    (finding,) = findings(cut)
    (sample,) = finding.samples
    at = sample.location
    assert (finding.code, at.line, at.byte) == ("json/syntax", cut.count("\n") + 1, len(cut.encode()))
    assert "the text ends inside an object" in sample.message
    assert "there are 'total', " in sample.message
    assert finding.hint.startswith("The file breaks off: get it again, whole. Then set documentElement")
    assert [f.code for f in findings(text)] == ["json/no-records"]
