"""The engine inside a program: paths, mappings, frames, async, events, daemonic workers."""

from __future__ import annotations

import asyncio
import datetime as dt
import inspect
import json
import multiprocessing
import os
import pickle
import re
import sys
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from potable.engine import Checker, Code, DocumentCheck, Engine, Fold, Outcome, Report, Rule, Severity, VerdictError
from potable.engine.contracts.catalog import Reporter
from potable.engine.errors import PluginError, UnknownSource, UsageError
from potable.engine.limits import Limits
from potable.engine.plugins import load_plugins
from potable.engine.reporting.formats import REPORTERS, SarifReporter


def code(name: str, severity: Severity = Severity.ERROR) -> Code:
    return Code(id=name, severity=severity, title="t", meaning="m", why="w", example="e", mend="mend it")


class Ages(Checker):
    """Wrong: an age that is no integer."""

    name = "ages"
    codes = (code("ages/odd"),)

    def rules(self, source: Any) -> Iterable[Rule]:
        yield Rule("ages/odd", ["age"], lambda age: age.present & age.integer.is_null(), "age is {value}")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    folder = tmp_path / "catalog"
    folder.mkdir()
    (folder / "people.csv").write_text("name,age\nAnn,7\nBob,x\n\nCid,n/a\n")
    definition = {
        "resourceID": "P1", "name": "People", "ingestMethod": "CSV", "ingestURL": "people.csv",
        "primaryKey": "name", "missingValues": ["", "n/a"],
    }  # fmt: skip
    (folder / "p1.json").write_text(json.dumps(definition))
    return Engine(catalog=folder, plugins=[Ages])


def odd(report: Report) -> list[tuple[int | None, int | None, str | None, str | None]]:
    return [
        (s.location.record, s.location.line, s.key, s.value)
        for f in report.findings
        if f.code == "ages/odd"
        for s in f.samples
    ]


def test_run_finds_the_fault_at_its_place(engine: Engine) -> None:
    report = engine.run("P1")
    assert report.verdict == "failed"
    assert odd(report) == [(2, 3, "Bob", "x")]
    assert report.counts.records == 3
    assert report.counts.records_with_errors == 1
    assert report.source.definition["file"] == "p1.json"
    with pytest.raises(VerdictError) as e:
        report.raise_for_verdict()
    assert e.value.verdict == "failed"
    again = pickle.loads(pickle.dumps(e.value))
    assert (again.report, str(again)) == (report, f"P1: failed: {' '.join(report.why)}")


def test_data_without_a_resource_id_are_called_by_their_name_or_url(engine: Engine, tmp_path: Path) -> None:
    pytest.importorskip("potable.checkers")
    (tmp_path / "people.csv").write_text("id\na\na\n")
    place = str(tmp_path / "people.csv")
    one = {"id": ["a", "a"]}
    for report, called in (
        (engine.check(place, primary_key="id"), "people.csv"),
        (Engine(roots=tmp_path).check({"ingestMethod": "CSV", "ingestURL": place}, primary_key="id"), place),
        (engine.check(one, primary_key="id"), "frame"),
        (engine.check(one, primary_key="id", name="People"), "People"),
        (engine.check(one, primary_key="id", resourceID="people", name="People"), "people"),
    ):
        with pytest.raises(VerdictError) as e:
            report.raise_for_verdict()
        assert str(e.value).startswith(f"{called}: failed: 1 error"), str(e.value)
        assert repr(report).startswith(f"<Report {called}: failed"), repr(report)


def test_the_report_survives_json(engine: Engine) -> None:
    report = engine.run("P1")
    assert Report.from_dict(json.loads(json.dumps(report.to_dict()))) == report


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"run": None}, "at /run: None is not of type 'object'"),
        ({"findings": [{"code": "x/y"}]}, "at /findings/0: 'severity' is a required property"),
        ({"verdict": "ok"}, "at /verdict: 'ok' is not one of"),
        ({"coverage": [{"checker": "x", "status": "off", "reason": "", "codes": [], "records": 1, "seconds": 0}]},
         "at /coverage/0/status: 'off' is not one of"),
        ({"schemaVersion": "2"}, "this report has the schemaVersion '2'; this Potable reads '1'"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(engine: Engine, changed: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        Report.from_dict({**engine.run("P1").to_dict(), **changed})
    for odd in ({}, None, "{}", []):
        with pytest.raises(UsageError, match="report"):
            Report.from_dict(odd)  # type: ignore[arg-type]


def test_a_report_is_neither_true_nor_false(engine: Engine) -> None:
    report = engine.run("P1")
    with pytest.raises(TypeError, match=r"ask report\.passed"):
        assert report
    assert not report.passed


def test_findings_as_a_frame(engine: Engine) -> None:
    frame = engine.run("P1").to_polars().filter(pl.col("code") == "ages/odd")
    assert frame.select("field", "count", "line", "record", "value").rows() == [("$.age", 1, 3, 2, "x")]


def test_a_source_that_is_not_there(engine: Engine) -> None:
    with pytest.raises(UnknownSource, match="did you mean P1"):
        engine.run("p1")


def test_no_catalog() -> None:
    with pytest.raises(UsageError, match="has no catalog"):
        Engine().run("X")


def test_a_plugin_file_that_is_not_there() -> None:
    with pytest.raises(PluginError, match="no such file"):
        Engine(plugins=["gone.py"])


@pytest.mark.parametrize(("at_once", "awaited"), [(Engine.run, Engine.arun), (Engine.check, Engine.acheck)])
def test_what_can_be_awaited_is_asked_alike(at_once: Callable[..., Any], awaited: Callable[..., Any]) -> None:
    assert inspect.signature(at_once) == inspect.signature(awaited)


def test_arun(engine: Engine) -> None:
    assert odd(asyncio.run(engine.arun("P1"))) == [(2, 3, "Bob", "x")]


def test_events(engine: Engine) -> None:
    events = engine.events("P1")
    stages = [e.stage for e in events]
    assert stages[0] == "definition"
    assert stages[-1] == "finish"
    assert events.report is not None
    assert events.report.verdict == "failed"


def test_events_asynchronously(engine: Engine) -> None:
    async def follow() -> tuple[list[str], Report | None]:
        events = engine.events("P1")
        return [e.stage async for e in events], events.report

    stages, report = asyncio.run(follow())
    assert stages[-1] == "finish"
    assert report is not None


def test_check_a_path(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "data.tsv"
    file.write_text("name\tage\nAnn\tx\n")
    report = engine.check(file, primary_key="name")
    assert odd(report) == [(1, 2, "Ann", "x")]
    assert odd(engine.check(str(file))) == [(1, 2, None, "x")]


def test_check_xml_of_which_nobody_says_what_a_record_is(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "data.xml"
    file.write_text("<people><who><age>x</age></who><who><age>7</age></who></people>")
    for given in ({}, {"severity": {"ages/odd": "warning"}}):
        report = engine.check(file, **given)
        assert (report.verdict, report.findings, report.counts.records) == ("passed", (), 2)
    report = engine.check({"ingestMethod": "XML", "ingestURL": str(file)})
    assert "definition/missing-parameter" in [f.code for f in report.findings]


def test_check_a_definition_as_a_mapping(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("name;age\nAnn;x\n")
    report = engine.check(
        {"resourceID": "M", "ingestMethod": "CSV", "ingestURL": str(file)}, delimiter=";"
    )  # fmt: skip
    assert report.run.resource_id == "M"
    assert report.verdict in ("failed", "inconclusive")


def test_check_columns_and_frames(engine: Engine) -> None:
    columns = {"name": ["Ann", "Bob"], "age": ["7", "x"]}
    assert odd(engine.check(columns, primary_key="name")) == [(1, None, "Ann", "7"), (2, None, "Bob", "x")]
    frame = pl.DataFrame({"name": ["Ann", "Bob", "Cid"], "age": [7, None, 8]})
    report = engine.check(frame, primary_key="name")
    assert (odd(report), report.verdict, report.counts.records) == ([], "passed", 3)
    assert engine.check(frame.lazy()).counts.records == 3
    assert engine.check(frame.to_arrow()).counts.records == 3


def test_values_of_a_frame_are_spelled_as_in_iso_8601(engine: Engine) -> None:
    frame = pl.DataFrame({"age": [dt.datetime(2024, 1, 2, 3, 4, 5), None]})
    assert odd(engine.check(frame)) == [(1, None, None, "2024-01-02T03:04:05.000000")]


def test_members_that_only_later_rows_have_are_columns(engine: Engine) -> None:
    rows = [{"name": f"n{n}"} for n in range(300)] + [{"name": "last", "age": "x"}]
    for data in (rows, iter(rows)):
        report = engine.check(data, primary_key="name")
        assert (odd(report), report.counts.records) == ([(301, None, "last", "x")], 301)


def test_each_sequence_is_a_row(engine: Engine) -> None:
    assert engine.check([(n,) for n in range(201)]).counts.records == 201
    assert engine.check([("Ann", 7, 1.5), ("Bob", 8, 2.5)]).counts.records == 2


def test_whole_numbers_of_128_bits(engine: Engine) -> None:
    report = engine.check({"n": [2**68, 2**70]}, primary_key="n")
    assert (report.verdict, report.counts.records) == ("passed", 2)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (["a.csv", "b.csv"], "can't check a list of texts or paths"),
        ([Path("a.csv")], "can't check a list of texts or paths"),
        (pl.DataFrame({"fine": [1], "things": pl.Series([object()], dtype=pl.Object)}), "the column 'things'"),
        (pl.DataFrame, "can't check the class DataFrame: give a path"),
    ],
)
def test_what_has_no_text_of_its_own_is_refused(engine: Engine, data: Any, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        engine.check(data)


@pytest.mark.parametrize("size", ["5", 5.0, True, 0, -1])
def test_sizes_of_a_sample_are_whole_numbers(engine: Engine, size: Any) -> None:
    with pytest.raises(UsageError, match="must be a whole number of at least 1, not"):
        engine.check({"age": ["1"]}, limit_records=size)


@pytest.mark.parametrize("value", [0, -1, True, "64", 1.5, None])
def test_limits_are_numbers_above_nought(value: Any) -> None:
    with pytest.raises(UsageError, match=r"Limits: chunk_bytes is .*; it must be a whole number above 0"):
        Limits(chunk_bytes=value)


def test_a_root_given_as_a_text_is_one_folder(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, outside, tmp_path / "catalog"):
        folder.mkdir()
        (folder / "data.csv").write_text("id,age\n1,7\n")
    for name, folder in (("IN", inside), ("OUT", outside)):
        definition = {"resourceID": name, "ingestMethod": "CSV", "ingestURL": str(folder / "data.csv")}
        (tmp_path / "catalog" / f"{name}.json").write_text(json.dumps(definition))
    for roots in (str(inside), inside, [inside]):
        engine = Engine(tmp_path / "catalog", roots=roots, plugins=Ages, without="ages")
        assert engine.run("IN").verdict == "passed"
        assert {f.code for f in engine.run("OUT").findings} == {"access/blocked-address"}
        assert "ages" not in engine.plugins.checkers


def test_check_nothing_of_the_kind(engine: Engine) -> None:
    with pytest.raises(UsageError, match="can't check an object"):
        engine.check(object())
    with pytest.raises(UsageError, match="can't check bytes: write them to a file"):
        engine.check(b"id,age\n1,2\n")
    with pytest.raises(UsageError, match="at least 1"):
        engine.run("P1", limit_records=0)


@pytest.mark.parametrize("data", [None, Ages])
def test_what_would_pass_for_a_table_by_accident_is_refused(engine: Engine, data: Any) -> None:
    with pytest.raises(UsageError, match=r"can't check (None|the class Ages): give a path"):
        engine.check(data)


def test_a_code_that_nobody_has_selects_nothing_and_is_refused(engine: Engine) -> None:
    frame = pl.DataFrame({"id": ["a", "a"]})
    with pytest.raises(UsageError, match="there is no code 'agez'; did you mean ages"):
        engine.check(frame, select=["agez"])
    assert engine.check(frame, select="ages").verdict == "passed"


def test_a_resource_id_that_is_no_text(engine: Engine) -> None:
    with pytest.raises(UsageError, match="a resourceID is a text, not int"):
        engine.run(5)  # type: ignore[arg-type]


def test_reports_as_text(engine: Engine) -> None:
    report = engine.run("P1")
    assert {"github", "html", "json", "junit", "markdown", "sarif", "text"} <= set(engine.formats)
    assert "P1" in engine.render(report, "markdown")
    assert json.loads(engine.render(report.to_dict(), "json")) == report.to_dict()
    assert engine.render([report, report], "junit").count("<testsuite ") == 2
    for given, form, words in (
        (report, "htlm", "there is no form of reports 'htlm'; did you mean html?"),
        (report, 3, "there is no form of reports 3; there are github, html, "),
        ([], "text", "report: there is none to be rendered"),
        ("P1", "text", "report: 'P1' is no list of reports"),
    ):
        with pytest.raises(UsageError, match=re.escape(words)):
            engine.render(given, form)  # type: ignore[arg-type]


def test_an_engine_pickles_as_what_it_was_made_of(engine: Engine, tmp_path: Path) -> None:
    again = pickle.loads(pickle.dumps(Engine(catalog=tmp_path / "catalog", jobs=1, plugins=[Ages])))
    assert again.run("P1").verdict == engine.run("P1").verdict


def _in_a_copy(answers: Any, folder: str) -> None:
    try:
        answers.put(Engine(catalog=folder, plugins=[Ages]).run("P1").verdict)
    except UsageError as e:
        answers.put(str(e))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system doesn't tell of threads")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_in_a_copy_without_the_threads_of_polars_a_run_is_refused(engine: Engine, tmp_path: Path) -> None:
    pl.DataFrame({"a": [1, 2]}).lazy().filter(pl.col("a") > 1).collect()
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    process = context.Process(target=_in_a_copy, args=(answers, str(tmp_path / "catalog")))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert "this process was forked from one in which Polars had run" in answers.get()


def test_a_sample_says_so(engine: Engine) -> None:
    report = engine.run("P1", limit_records=1)
    assert report.source.sample == {"mode": "limit-records", "size": 1}
    assert (report.verdict, report.counts.records) == ("passed", 1)
    assert engine.run("P1", limit_records=3).source.sample is None


def test_values_that_are_not_shown(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_text("name,age\nAnn,hush-hush\n")
    shown = json.dumps(engine.check(file, primary_key="name", values="none").to_dict())
    assert "hush" not in shown
    assert "Ann" not in shown


def test_chunks_do_not_show_in_the_report(tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_text("name,age\n" + "".join(f'"n\n{n}",{n if n % 7 else "x"}\n' for n in range(500)))
    reports = [Engine(plugins=[Ages], limits=Limits(chunk_bytes=size), jobs=jobs).check(file, primary_key="name")
               for size, jobs in ((1 << 21, 1), (64, 2), (999, 3))]  # fmt: skip
    found = [[(f.code, f.count, f.samples) for f in r.findings] for r in reports]
    assert found[0] == found[1] == found[2]
    assert reports[0].findings[0].count == 72
    assert reports[0].findings[0].samples[1].location.line == 2 + 2 * 7


def _in_a_daemon(folder: str, answers: Any) -> None:
    answers.put((multiprocessing.current_process().daemon, Engine(catalog=folder, plugins=[Ages]).run("P1").verdict))


def test_inside_a_daemonic_worker(engine: Engine, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    answers = context.SimpleQueue()
    process = context.Process(target=_in_a_daemon, args=(str(tmp_path / "catalog"), answers), daemon=True)
    process.start()
    assert answers.get() == (True, "failed")
    process.join()


def test_nothing_is_left_behind(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    before = dict(os.environ)
    engine.run("P1")
    assert list(scratch.iterdir()) == []
    assert dict(os.environ) == before


def test_a_broken_plugin_does_not_let_a_source_pass(engine: Engine, tmp_path: Path) -> None:
    broken = types.SimpleNamespace(__name__="broken", potable_api=2)
    file = tmp_path / "clean.csv"
    file.write_text("name,age\nAnn,7\n")
    with pytest.raises(PluginError, match=r"^plugins: broken: it states potable_api = 2; this engine needs "):
        Engine(plugins=[Ages, broken])  # type: ignore[list-item]
    engine.plugins = load_plugins(modules=[broken])  # as one that is installed
    report = engine.check(file)
    assert report.verdict == "inconclusive"
    [line] = [c for c in report.coverage if c.checker == "broken"]
    assert (line.status, line.reason[:24]) == ("crashed", "the plugin can't be used")


def panic(*_: Any) -> Any:
    """What a bug of Polars raises: it doesn't derive from Exception."""
    raise pl.exceptions.PanicException("index out of bounds")


class Odd(Fold[int]):
    """A fold whose outcome isn't one of findings."""

    name = "odd"

    def start(self) -> int:
        return 0

    def update(self, state: int, chunk: Any) -> int:
        return state

    def merge(self, left: int, right: int) -> int:
        return left

    def finish(self, state: int) -> Outcome:
        return Outcome(findings=["nothing"])  # type: ignore[list-item]


class Panics(Odd):
    """A fold that runs into a bug of Polars at its end."""

    def finish(self, state: int) -> Outcome:
        raise panic()


@pytest.mark.parametrize(
    ("stage", "what", "reason"),
    [
        ("skip_reason", lambda *_: sys.exit(0), "it called exit(0)"),
        ("check_definition", lambda *_: [7], "TypeError: check_definition gave an int where an Occurrence belongs"),
        ("check_definition", lambda *_: sys.exit(0), "SystemExit: 0"),
        ("check_definition", panic, "PanicException: index out of bounds"),
        ("skip_reason", panic, "PanicException: index out of bounds"),
        ("check_access", panic, "PanicException: index out of bounds"),
        ("folds", lambda *_: [Panics()], "PanicException: index out of bounds"),
        ("rules", lambda *_: [7], "TypeError: rules gave an int where a Rule belongs"),
        ("folds", lambda *_: [None], "TypeError: folds gave None where a Fold belongs"),
        (
            "documents",
            lambda *_: [DocumentCheck(codes=["other/x"], check=lambda record: ["it is wrong"])],
            "TypeError: a check of records gave a str where an Occurrence belongs",
        ),
        ("folds", lambda *_: [Odd()], "TypeError: Outcome.findings holds a str where an Occurrence or a Tally belongs"),
    ],
)
def test_a_checker_that_hands_in_something_else_crashes_alone(
    stage: str, what: Callable[..., Any], reason: str, tmp_path: Path
) -> None:
    class Other(Checker):
        """Hands in something else."""

        name = "other"
        codes = (code("other/x"),)

    setattr(Other, stage, what)
    file = tmp_path / "people.csv"
    file.write_text("name,age\nAnn,7\nBob,x\n")
    report = Engine(plugins=[Ages, Other]).check(file, primary_key="name")
    assert report.verdict == "failed"
    assert report.counts.records == 2
    assert "ages/odd" in {f.code for f in report.findings}
    told = [c.reason for c in report.coverage if c.checker == "other"]
    told += [s.message for f in report.findings for s in f.samples if f.code == "definition/checker-crashed"]
    assert any(reason in one for one in told)


@pytest.mark.parametrize("what", [lambda *_: sys.exit(0), panic])
@pytest.mark.parametrize(
    ("method", "part"), [("reading.csv.CsvReader.open", "csv"), ("fetching.files.fetcher.FileFetcher.fetch", "access")]
)
def test_a_reader_or_fetcher_that_exits_does_not_end_the_program(
    method: str, part: str, what: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"potable.engine.{method}", what)
    file = tmp_path / "people.csv"
    file.write_text("name,age\nAnn,7\n")
    report = Engine().check(file)
    assert report.verdict == "inconclusive"
    assert part in {c.checker for c in report.coverage if c.status == "crashed"}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are Unicode")
def test_a_module_that_is_installed_as_a_plugin_too_may_be_given(tmp_path: Path) -> None:
    from potable.engine import builtins

    engine = Engine(plugins=[builtins, Ages])
    assert engine.check([{"name": "a"}]).verdict == "passed"
    [again] = [record for record in engine.plugins.records if record.name == "builtins"]
    assert (again.status, again.reason) == ("disabled", "it's loaded already, as potable-engine:engine")


@pytest.mark.parametrize("reporter", REPORTERS)
def test_a_file_whose_name_is_not_unicode(engine: Engine, tmp_path: Path, reporter: type[Reporter]) -> None:
    if reporter.name == "html":
        pytest.importorskip("jinja2", reason="HTML reports are an extra: potable-engine[html]")
    file = tmp_path / os.fsdecode(b"caf\xe9 1.csv")
    file.write_text("name,age\nAnn,x\n")
    report = engine.check(file)
    assert odd(report) == [(1, 2, None, "x")]
    assert reporter().render(report).encode("utf-8", "backslashreplace")
    [place, *_] = json.loads(SarifReporter().render(report))["runs"][0]["results"][0]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"].endswith("caf%E9%201.csv")
