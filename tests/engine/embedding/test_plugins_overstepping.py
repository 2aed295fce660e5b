"""Codes of others, files of one name, records that there aren't, endless figures: a plugin's fault, told as such."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from potable.engine import (
    Checker,
    Code,
    Engine,
    Fault,
    Fold,
    Limits,
    Location,
    Occurrence,
    Outcome,
    Sample,
    Severity,
    hookimpl,
)
from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.reading import Chunk, ChunkParser, Cut, Reader, Reading
from potable.engine.contracts.report import Report
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.findings import Tally
from potable.engine.lint import lint_source
from potable.engine.reporting.rendering import rendered
from potable.engine.reporting.text import TextReporter
from potable.engine.toolkit import from_mapping

HERE = r" \(test_plugins_overstepping\.py:\d+\)"


def code(name: str) -> Code:
    return Code(id=name, severity=Severity.ERROR, title="t", meaning="m", why="w", example="e", mend="x")


Say = Callable[[str], Occurrence | Tally | None]
"""What a part of the plugin says at a stage of its work: ``fetch``, ``report``, ``open``, ``chunk``, ``end``, ..."""


def engine(say: Say, names: Sequence[str] = ("a", "b"), files: Sequence[str] = ("a", "b")) -> Engine:
    """A fetcher of two parts of these names, with a line each, and a reader that calls them as ``files``."""

    class Twin(Fetcher):
        name = "twin"
        schemes = frozenset({"twin"})
        codes = (code("twin/x"),)

        def fetch(self, source: Any, context: Any) -> Snapshot:
            parts = []
            for name in ("a", "b"):
                path = context.scratch / name
                path.write_text("1\n")
                parts.append(path)
            if said := say("report"):
                with suppress(Exception):  # as careless authors do
                    context.report(said)
            if said := say("fetch"):
                raise Fault(said)
            return Snapshot(
                parts=tuple(Part(name=n, path=p, bytes=2) for n, p in zip(names, parts, strict=True)),
                fetched="2024-05-31T12:00:00Z",
            )

    class Twins(Reader):
        name = "twins"
        formats = frozenset({"twins"})
        codes = (code("twins/x"),)

        def check_definition(self, source: Any) -> Iterable[Any]:
            return filter(None, [say("definition")])

        def open(self, source: Any, snapshot: Any, context: Any) -> Reading:
            if said := say("open"):
                raise Fault(said)
            return Lines(say, files)

    plugin = SimpleNamespace(
        __name__="twin",
        potable_api=1,
        potable_fetchers=hookimpl(lambda: [Twin]),
        potable_readers=hookimpl(lambda: [Twins]),
    )
    return Engine(plugins=[plugin])


class Lines(Reading):
    typed, columns, codes = False, ("$.a",), ("twins/x",)

    def __init__(self, say: Say, files: Sequence[str]) -> None:
        self.say, self.files = say, files

    def cuts(self) -> Iterator[Cut]:
        for n in (0, 1):
            yield Cut(index=n, part=n, byte=0, line=1, first_record=n + 1, records=1, data=b"1\n")
        if said := self.say("cuts"):
            raise Fault(said)

    def again(self, records: Any = None) -> Iterator[Cut]:
        return self.cuts()

    def parser(self) -> ChunkParser:
        return Parser(self.say, self.files)

    def tallies(self) -> Sequence[Tally]:
        return [*filter(None, [self.say("end")])]  # type: ignore[list-item]

    def metrics(self) -> Any:
        return self.say("metrics") or {}

    def digests(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        pass


class Parser(ChunkParser):
    def __init__(self, say: Say, files: Sequence[str]) -> None:
        self.say, self.files = say, files

    def parse(self, cut: Any, fields: Any = None, records: Any = None) -> Chunk:
        return Line(cut, self.files[cut.part], [*filter(None, [self.say("chunk")])])


class Line(Chunk):
    typed, columns = False, ("$.a",)

    def __init__(self, cut: Cut, file: str, tallies: Any) -> None:
        self.index, self.file, self.tallies = cut.index, file, tallies
        self.frame, self.numbers = pl.DataFrame({"$.a": [str(cut.index)]}), np.array([cut.first_record], np.uint64)

    def locate(self, rows: Sequence[int]) -> list[Location]:
        return [Location(file=self.file, record=int(self.numbers[row])) for row in rows]


def at(stage: str, said: Any) -> Say:
    return lambda where: said if where == stage else None


def checked(found: Engine) -> Report:
    return found.check({"ingestMethod": "TWINS", "ingestURL": "twin:x"})


def crashed(report: Report) -> dict[str, str]:
    assert report.verdict == "inconclusive"
    return {line.checker: line.reason for line in report.coverage if line.status == "crashed"}


@pytest.mark.parametrize(
    ("stage", "where", "words"),
    [
        ("fetch", "access", "the fetcher twin: it reported"),
        ("report", "access", "the fetcher twin: it reported"),
        ("definition", "definition", None),
        ("open", "twins", "it reported"),
        ("cuts", "twins", "it reported"),
    ],
)
@pytest.mark.parametrize("foreign", ["json/syntax", "csv/nosuch"])
def test_a_code_of_others_is_the_plugins_fault(stage: str, where: str, words: str | None, foreign: str) -> None:
    report = checked(engine(at(stage, Occurrence(foreign, "m"))))
    what = "which isn't its own" if foreign == "json/syntax" else "which no plugin documents"
    if words is None:  # of the definition: it's a finding
        [finding] = [f for f in report.findings if f.code == "definition/checker-crashed"]
        words = "the reader twins failed on this definition: it reported"
        said = finding.samples[0].message
    else:
        said = crashed(report)[where]
        assert report.findings == ()
    assert re.fullmatch(f"{words} the code {foreign}, {what}{HERE}", said)


@pytest.mark.parametrize("stage", ["chunk", "end"])
def test_so_it_is_where_it_is_counted(stage: str) -> None:
    report = checked(engine(at(stage, Tally(code="json/syntax", count=1))))
    assert re.fullmatch(f"it reported the code json/syntax, which isn't its own{HERE}", crashed(report)["twins"])


@pytest.mark.parametrize(
    ("stage", "own"),
    [
        ("fetch", "twin/x"),
        ("fetch", "access/not-found"),
        ("fetch", "twins/x"),  # what the format's reader said of a part that the fetcher had counted
        ("report", "twin/x"),
        ("open", "twins/x"),
        ("open", "encoding/invalid"),
        ("cuts", "twins/x"),
    ],
)
def test_its_own_codes_and_shared_ones_are_findings(stage: str, own: str) -> None:
    report = checked(engine(at(stage, Occurrence(own, "m"))))
    assert [f.code for f in report.findings] == [own]
    assert not [line for line in report.coverage if line.status == "crashed"]


def test_lint_tells_of_it_too() -> None:
    plugins = engine(at("definition", Occurrence("json/syntax", "m"))).plugins
    source = from_mapping({"resourceID": "t", "ingestMethod": "TWINS", "ingestURL": "twin:x"}, folder=Path())
    [said] = lint_source(source, plugins)
    assert said.code == "definition/checker-crashed"
    assert "it reported the code json/syntax, which isn't its own" in said.message


def test_two_parts_of_one_name_are_the_fetchers_fault() -> None:
    reason = crashed(checked(engine(at("", None), names=("a", "a"))))["access"]
    told = r"the fetcher twin: ValueError: Snapshot.parts has 2 parts called 'a': nobody could tell in which .*"
    assert re.fullmatch(told + HERE, reason)


def test_chunks_of_two_parts_as_of_one_file_are_the_readers_fault() -> None:
    reason = crashed(checked(engine(at("", None), files=("a", "a"))))["twins"]
    told = r"ValueError: parse gave chunks of two parts of the source as of one file, 'a': the file of a chunk .*"
    assert re.fullmatch(told + HERE, reason)


def test_two_parts_with_names_of_their_own_are_read() -> None:
    report = checked(engine(at("", None)))
    assert (report.verdict, report.counts.records) == ("passed", 2)


@pytest.mark.parametrize("stage", ["chunk", "end"])
def test_a_readers_fault_at_a_record_that_there_is_not(stage: str) -> None:
    report = checked(engine(at(stage, Tally(code="twins/x", count=1, records=(9,)))))
    told = rf"ValueError: its finding twins/x is at record 9, and the last one is [12]{HERE}"
    assert re.fullmatch(told, crashed(report)["twins"])
    assert report.counts.records_with_errors == 0


def test_metrics_of_a_reader_that_are_none() -> None:
    report = checked(engine(at("metrics", {"a": {1}})))
    told = r"TypeError: the metric a holds a value of the type set, which JSON doesn't have"
    assert re.fullmatch(told + HERE, crashed(report)["twins"])
    assert re.fullmatch(
        "TypeError: metrics gave an int: give a mapping from names to figures" + HERE,
        crashed(checked(engine(at("metrics", 3))))["twins"],
    )


def test_metrics_of_a_reader_past_their_bound() -> None:
    report = checked(engine(at("metrics", {"small": 1, "large": "x" * (1 << 20)})))
    assert (report.metrics["small"], "large" in report.metrics) == (1, False)
    [line] = [line for line in report.coverage if line.checker == "twins"]
    assert line.reason == (
        "not in the report: the metric large has 1,048,588 bytes, for which Limits.metrics_bytes (1,048,576) has no "
        "room"
    )


class Ends(Fold[int]):
    """Says at its end what it's told to."""

    name, codes, fields = "ends", ("ends/x",), ("$.a",)

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome

    def start(self) -> int:
        return 0

    def update(self, state: int, chunk: Any) -> int:
        return state + chunk.records

    def merge(self, left: int, right: int) -> int:
        return left + right

    def finish(self, state: int) -> Outcome:
        return self.outcome


def folded(*outcomes: Outcome) -> type[Checker]:
    members = {
        "name": "ends",
        "codes": (code("ends/x"),),
        "folds": lambda self, source: [Ends(outcome) for outcome in outcomes],
    }
    return type("Odd", (Checker,), members)


def tally(*records: Any, **more: Any) -> Tally:
    return Tally(code="ends/x", count=3, records=records, **more)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (tally(1, 3), "at record 3, and the last one is 2"),
        (Tally(code="ends/x", count=3, records=np.array([3, 1], np.uint64)), "at record 3, and the last one is 2"),
        (
            Tally(code="ends/x", count=3, records=np.array([0, 1], np.uint64)),
            "at record 0: records are counted from 1",
        ),
        (
            tally(1, samples=(Sample(message="m", location=Location(record=1_000)),)),
            "at record 1,000, and the last one is 2",
        ),
        (Occurrence("ends/x", "m", location=Location(record=3)), "at record 3, and the last one is 2"),
    ],
)
def test_a_finding_at_a_record_that_there_is_not(said: Any, told: str) -> None:
    report = Engine(plugins=folded(Outcome(findings=[said]))).check({"a": ["1", "2"]})
    assert re.fullmatch(f"its finding ends/x is {told}{HERE}", crashed(report)["ends"])
    assert report.findings == ()


@pytest.mark.parametrize("said", [tally(1, 2), tally(), Occurrence("ends/x", "m", location=Location(record=2))])
def test_one_at_the_last_record_is_none_of_those(said: Any) -> None:
    report = Engine(plugins=folded(Outcome(findings=[said]))).check({"a": ["1", "2"]})
    assert [f.code for f in report.findings] == ["ends/x"]


@pytest.mark.parametrize(("record", "found"), [(1, True), (2, False)])
def test_of_a_filtered_source_those_that_are_left_count(record: int, found: bool, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"a": "1"}, {"a": "2"}, {"a": "3"}]')
    given = {"ingestMethod": "JSON", "ingestURL": str(tmp_path / "a.json"), "filterJsonPath": "a", "filterValue": "2"}
    report = Engine(plugins=folded(Outcome(findings=[tally(record)])), roots=tmp_path).check(given)
    assert ("ends/x" in [f.code for f in report.findings]) is found


def test_metrics_past_their_bound_are_left_out_and_told() -> None:
    outcomes = [
        Outcome(metrics={"few": {"n": 1}, "many": {str(n): n for n in range(100)}}),
        Outcome(metrics={"last": 1}),
    ]
    found = Engine(plugins=folded(*outcomes), limits=Limits(metrics_bytes=100))
    report = found.check({"a": ["1", "2"]})
    assert report.verdict == "passed"
    assert report.metrics["ends"] == {"few": {"n": 1}, "last": 1}
    [line] = [line for line in report.coverage if line.checker == "ends"]
    assert (line.status, line.reason) == (
        "ran",
        "not in the report: the metric many has 790 bytes, for which Limits.metrics_bytes (100) has no room",
    )


def saying(said: Occurrence, limits: Limits | None = None) -> Report:
    return Engine(plugins=folded(Outcome(findings=[said])), limits=limits).check({"a": ["1", "2"]})


def test_details_past_their_bound_are_left_out_and_told() -> None:
    said = Occurrence("ends/x", "m", details={"few": 1, "many": "x" * 100, "more": 1})
    report = saying(said, Limits(details_bytes=100))
    assert report.findings[0].details == {"few": 1}
    [line] = [line for line in report.coverage if line.checker == "ends"]
    assert (line.status, line.reason) == (
        "ran",
        "not in the report: the details of ends/x: many has 111 bytes, for which Limits.details_bytes (100) has no "
        "room",
    )
    assert line.reason in " ".join(rendered(TextReporter(), [report]).split())


def test_details_that_add_up_need_no_more_room() -> None:
    outcomes = [Outcome(findings=[Occurrence("ends/x", "m", details={"n": 7, "of": "a"})]) for _ in range(30)]
    report = Engine(plugins=folded(*outcomes), limits=Limits(details_bytes=20)).check({"a": ["1"]})
    assert report.findings[0].details == {"n": 210, "of": "a"}
    assert [line.reason for line in report.coverage if line.checker == "ends"] == [""]


def test_no_text_of_a_finding_is_endless() -> None:
    endless, place = "x" * 100_000, Location(file="f" * 100_000, url="u" * 100_000, path="p" * 100_000)
    said = Occurrence("ends/x", endless, endless, rule=endless, hint=endless, location=place, fields=(endless,))
    [found] = saying(said).to_dict()["findings"]
    assert found["hint"] == "x" * 1_999 + "…"
    assert found["samples"][0]["message"] == "x" * 1_999 + "…"
    assert len(json.dumps(found, ensure_ascii=False)) < 60_000


def test_a_number_that_few_readers_of_json_take() -> None:
    def findings(self: Any, source: Any) -> Iterator[Occurrence]:
        yield Occurrence("odd/x", "m", details={"n": 10**5_000})

    odd = type("Odd", (Checker,), {"name": "odd", "codes": (code("odd/x"),), "check_definition": findings})
    told = crashed(Engine(plugins=odd).check({"a": ["1"]}))["odd"]
    assert re.fullmatch(
        f".*: TypeError: Occurrence.details holds a whole number of more than 1,000 digits.*{HERE}", told
    )


def test_what_a_checker_could_not_look_at_is_shown() -> None:
    unchecked = [f"the {n}th {'x' * 1_000}" for n in range(1_000)]
    report = Engine(plugins=folded(Outcome(unchecked=["the sea", *unchecked]))).check({"a": ["1"]})
    [line] = [line for line in report.coverage if line.checker == "ends"]
    assert line.reason.startswith("not checked: the sea; the 0th x")
    assert line.reason.endswith("…; and 901 more")
    assert len(line.reason) < 60_000
    assert "ends  in part: the sea; the 0th x" in " ".join(rendered(TextReporter(), [report]).split()).replace(
        "ends in", "ends  in"
    )


def test_a_checker_that_said_something_before_the_data_still_tells_what_it_left_out() -> None:
    odd = folded(Outcome(unchecked=["the sea"]))
    odd.check_definition = lambda self, source: []  # type: ignore[method-assign]
    odd.check_access = lambda self, source, snapshot: []  # type: ignore[method-assign]
    report = Engine(plugins=odd).check({"a": ["1"]})
    assert [line.reason for line in report.coverage if line.checker == "ends"] == ["not checked: the sea"]


def test_metrics_within_their_bound_are_all_there() -> None:
    many = {str(n): n for n in range(1_000)}
    report = Engine(plugins=folded(Outcome(metrics={"many": many}))).check({"a": ["1", "2"]})
    assert report.metrics["ends"] == {"many": many}
    assert [line.reason for line in report.coverage if line.checker == "ends"] == [""]


@pytest.mark.parametrize(("size", "right"), [(2, True), (3, False)])
def test_a_part_is_as_large_as_its_file(size: int, right: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    found = engine(at("", None))
    kind = found.plugins.fetchers["twin"]
    before = kind.fetch

    def fetch(self: Any, source: Any, context: Any) -> Snapshot:
        made = before(self, source, context)
        return replace(made, parts=tuple(replace(part, bytes=size) for part in made.parts))

    monkeypatch.setattr(kind, "fetch", fetch)
    report = checked(found)
    if right:
        assert report.verdict == "passed"
    else:
        told = "the fetcher twin: ValueError: the part 'a' has bytes=3, and its file 2"
        assert re.fullmatch(told + HERE, crashed(report)["access"])
