"""Data of which neither a definition nor the name says how to read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.loopback import Handler, serving

from potable.engine import Engine
from potable.engine.guess import guess, json_method

ITEMS = [{"id": "a", "n": 1}, {"id": "b", "n": 2}]
ANSWERS = {
    "/items": json.dumps(ITEMS).encode(),
    "/found": json.dumps({"total": 2, "items": ITEMS}).encode(),
    "/export.php": b"".join(json.dumps(item).encode() + b"\n" for item in ITEMS),
    "/linked": json.dumps(ITEMS, indent=1).encode(),
    "/feed": b"<r><i><id>a</id></i><i><id>b</id></i></r>",
    "/table": b"id,n\na,1\nb,2\n",
    "/page": json.dumps({"items": ITEMS, "next": "https://example.org/?page=2"}).encode(),
}
asked: list[str] = []


class _Server(Handler):
    def answer(self) -> None:
        asked.append(self.path)
        body = ANSWERS.get(self.path.partition("?")[0])
        link = {"Link": '<https://example.org/?page=2>; rel="next"'} if self.path == "/linked" else {}
        self.say(200 if body is not None else 404, body or b"", Content_Type="application/octet-stream", **link)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving(_Server) as url:
        yield url


@pytest.mark.parametrize(
    ("path", "given", "method"),
    [
        ("/items?q=1", {}, "JSON"),
        ("/found", {"documentElement": "items"}, "JSON"),
        ("/export.php", {"primary_key": "id"}, "JSONL"),
        ("/feed", {}, "XML"),
        ("/feed", {"documentElement": "i"}, "XML"),
        ("/table", {}, "CSV"),
    ],
)
def test_the_first_bytes_of_a_url_say_what_it_is(server: str, path: str, given: dict[str, str], method: str) -> None:
    asked.clear()
    report = Engine(allow_hosts="127.0.0.1").check(server + path, **given)
    assert (report.verdict, report.counts.records, report.source.ingest_method) == ("passed", 2, method)
    assert ([f.code for f in report.findings], asked) == ([], [path])  # fetched once


def test_what_is_known_of_the_answer_counts_for_what_it_is(server: str) -> None:
    for path, given in (("/page", {"documentElement": "items"}), ("/linked", {})):
        report = Engine(allow_hosts="127.0.0.1").check(server + path, **given)
        assert [(f.code, f.count, f.details["received"]) for f in report.findings] == [
            ("access/incomplete-pages", 1, 2)
        ]


@pytest.mark.parametrize("name", ["data", "data.txt", "data.php"])
def test_so_do_those_of_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(ANSWERS["/items"])
    report = Engine().check(tmp_path / name)
    assert (report.counts.records, report.source.ingest_method) == (2, "JSON")


@pytest.mark.parametrize("path", ["/table", "/none"])
def test_what_has_elements_was_not_meant_as_a_table(server: str, path: str) -> None:
    report = Engine(allow_hosts="127.0.0.1").check(server + path, documentElement="items")
    (finding,) = report.findings
    assert finding.code in ("access/not-found", "access/media-type", "json/syntax")


def test_a_name_that_says_it_is_a_promise(server: str, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(ANSWERS["/items"])
    for given in ({}, {"ingestMethod": "CSV"}):
        report = Engine().check(tmp_path / "data.csv", **given)
        assert (report.verdict, [f.code for f in report.findings]) == ("inconclusive", ["access/media-type"])
    report = Engine(allow_hosts="127.0.0.1").check(server + "/items", ingestMethod="CSV")
    assert [f.code for f in report.findings] == ["access/media-type"]


def test_a_suffix_may_be_the_name_of_a_plugins_format() -> None:
    assert guess("a/s.fasta.gz", ["fasta"]) == {"ingestMethod": "FASTA"}
    assert guess("https://example.org/s.fasta?x=1") == {"ingestMethod": "CSV"}
    assert guess("s.tsv", ["tsv"]) == {"ingestMethod": "CSV", "delimiter": "\t"}


@pytest.mark.parametrize(
    ("text", "told", "method"),
    [
        ('{"a": 1}\n{"a": 2}\n', "JSON", "JSONL"),
        ('{"a": 1}\n', "JSONL", "JSONL"),
        ('{"a": 1}\n', "JSON", "JSON"),
        ('[\n{"a": 1},\n{"a": 2}]', "JSONL", "JSON"),
        (json.dumps({"a": [{"b": 1}]}, indent=1), "JSONL", "JSON"),
        ("", "JSON", "JSON"),
    ],
)
def test_json_or_lines_of_it(text: str, told: str, method: str) -> None:
    assert json_method(text.encode(), told) == method


@pytest.mark.parametrize("name", ["a.json-seq", "a.geojsons", "a.txt", "a"])
def test_a_text_sequence_is_no_table(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b'\x1e{"id": 1}\n\x1e{"id": 2}\n')
    report = Engine().check(tmp_path / name)
    assert (report.verdict, [f.code for f in report.findings]) == ("inconclusive", ["json/not-lines"])
