"""Runs whose chunks are worked on by copies of their process: the report is that of one process."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("resource", reason="a run's own process needs a POSIX system")
if sys.platform != "linux":
    pytest.skip("reads /proc", allow_module_level=True)

from potable.engine.contracts.report import Report
from potable.engine.limits import Limits
from potable.engine.runs import RunState
from potable.engine.service import Service
from potable.engine.settings import Settings, sqlite_url

PLUGIN = """
import os, threading
from potable.engine import Checker, Code, Fold, Occurrence, Outcome, Rule, Severity, hookimpl

potable_api = 1


def code(name):
    return Code(id=f"{name}/told", severity=Severity.INFO, title="t", meaning="m", why="w", example="e", mend="d")


class Pids(Fold):
    name = "pids"
    fields = ("id",)
    codes = ("pids/told",)

    def start(self):
        return frozenset()

    def update(self, state, chunk):
        return state | {os.getpid()}

    def merge(self, left, right):
        return left | right

    def finish(self, state):
        return Outcome(metrics={"pids": len(state), "here": os.getpid() in state})


class PidsChecker(Checker):
    name = "pids"
    codes = (code("pids"),)

    def folds(self, source):
        return [Pids()]


class Unpicklable(Pids):
    name = "unpicklable"
    codes = ("unpicklable/told",)

    def update(self, state, chunk):
        return threading.Lock()

    def merge(self, left, right):
        return left

    def finish(self, state):
        return Outcome()


class UnpicklableChecker(Checker):
    name = "unpicklable"
    codes = (code("unpicklable"),)

    def folds(self, source):
        return [Unpicklable()]


class Deadly(Pids):
    name = "deadly"
    codes = ("deadly/told",)

    def update(self, state, chunk):
        if chunk.index == 3:
            os.abort()
        return state


class DeadlyChecker(Checker):
    name = "deadly"
    codes = (code("deadly"),)

    def folds(self, source):
        return [Deadly()]


class Raising(Pids):
    name = "raising"
    codes = ("raising/told",)

    def update(self, state, chunk):
        raise RuntimeError(f"chunk {chunk.index}")


class RaisingChecker(Checker):
    name = "raising"
    codes = (code("raising"),)

    def folds(self, source):
        return [Raising()]


@hookimpl
def potable_checkers():
    return [PidsChecker, UnpicklableChecker, DeadlyChecker, RaisingChecker]
"""
ADDED = ("unpicklable", "deadly", "raising")
RUN = Callable[..., Report]


def records() -> list[dict[str, Any]]:
    """Ten faults of each kind, spread over all chunks."""
    made: list[dict[str, Any]] = []
    for n in range(2_000):
        record: dict[str, Any] = {"id": f"r{n}", "age": n, "tags": ["a", "b"], "text": "lorem ipsum " * 5}
        if n % 200 == 7:
            record["age"] = "old"
        if n % 200 == 11:
            record["id"] = f"r{n - 1}"
        if n % 200 == 13:
            del record["text"]
        made.append(record)
    return made


def as_jsonl() -> bytes:
    return b"".join(json.dumps(r).encode() + b"\n" for r in records())


def as_json() -> bytes:
    return b'{"data": {"all": [\n' + b",\n".join(json.dumps(r).encode() for r in records()) + b"\n]}}\n"


def as_xml() -> bytes:
    lines = []
    for r in records():
        text = f"<text>{r['text']}</text>" if "text" in r else ""
        tags = "<tag>a</tag><tag>b</tag>" if r["id"].endswith("3") else "<tag>a</tag>"
        lines.append(f'<stock id="{r["id"]}"><age>{r["age"]}</age>{text}{tags}</stock>\n')
    return b"<all>\n" + "".join(lines).encode() + b"</all>\n"


SCHEMA = {"fields": [{"name": "age", "type": "integer"}, {"name": "text", "type": "string",
                                                          "constraints": {"required": True}}]}  # fmt: skip
SOURCES: dict[str, tuple[bytes, dict[str, Any]]] = {
    "jsonl": (as_jsonl(), {"ingestMethod": "JSONL", "primaryKey": "id", "schema": SCHEMA}),
    "json": (as_json(), {"ingestMethod": "JSON", "documentElement": "all", "primaryKey": "id", "schema": SCHEMA}),
    "xml": (
        as_xml(),
        {"ingestMethod": "XML", "topElement": "all", "documentElement": "stock", "primaryKey": "$.stock.@id"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Service]]:
    """``service(jobs)``: one for all tests, over the definitions in ``catalog``; each has a store of its own."""
    folder = tmp_path_factory.mktemp("copies")
    (folder / "catalog").mkdir()
    (folder / "plugin.py").write_text(PLUGIN)
    with ExitStack() as stack:

        @cache
        def service(jobs: int) -> Service:
            settings = Settings(
                catalog=str(folder / "catalog"), store=sqlite_url(folder / f"{jobs}.db"), state=folder,
                plugins=(folder / "plugin.py",), jobs=jobs,
            )  # fmt: skip
            limits = Limits(chunk_bytes=16_384)
            return stack.enter_context(Service(settings, limits=limits, executor="forkserver"))

        yield service


@pytest.fixture
def run(service: Callable[[int], Service], request: pytest.FixtureRequest) -> RUN:
    """``run(data, definition, jobs=2, with_=("deadly",))``: the report of a run in a process of its own."""
    name = re.sub(r"\W", "-", request.node.name)

    def run(data: bytes, definition: dict[str, Any], *, jobs: int, with_: tuple[str, ...] = (), **how: Any) -> Report:
        catalog = Path(str(service(jobs).settings.catalog))
        (catalog / f"{name}.data").write_bytes(data)
        left_out = dict.fromkeys((name for name in ADDED if name not in with_), False)
        source = {"resourceID": name, "ingestURL": f"{name}.data", "checks": {"pids": True, **left_out}, **definition}
        (catalog / f"{name}.json").write_text(json.dumps(source))
        done, report = service(jobs).run_now(name, **how)
        assert done.state is RunState.FINISHED
        return report

    return run


def coverage(report: Report) -> dict[str, tuple[str, str | None]]:
    return {line.checker: (line.status, line.reason) for line in report.coverage}


def comparable(report: Report) -> dict[str, Any]:
    told = report.to_dict()
    return {key: told[key] for key in ("verdict", "counts", "findings")}


def pids(report: Report) -> dict[str, Any]:
    return dict(report.metrics["pids"])


@pytest.mark.parametrize("form", SOURCES)
def test_the_report_is_that_of_one_process(run: RUN, form: str) -> None:
    data, definition = SOURCES[form]
    alone, together = run(data, definition, jobs=1), run(data, definition, jobs=3)
    assert comparable(together) == comparable(alone)
    assert {f.code for f in together.findings} >= {"keys/duplicate"}
    assert pids(alone) == {"pids": 1, "here": True}
    assert pids(together)["here"] is False
    assert 2 <= pids(together)["pids"] <= 3


@pytest.mark.parametrize("form", SOURCES)
def test_where_the_data_break_off(run: RUN, form: str) -> None:
    data, definition = SOURCES[form]
    data = data[: len(data) // 2]
    alone, together = run(data, definition, jobs=1), run(data, definition, jobs=2)
    assert comparable(together) == comparable(alone)
    assert pids(together)["here"] is False


@pytest.mark.parametrize("form", SOURCES)
def test_a_sample(run: RUN, form: str) -> None:
    data, definition = SOURCES[form]
    alone, together = (run(data, definition, jobs=jobs, limit_records=777) for jobs in (1, 2))
    assert comparable(together) == comparable(alone)
    assert together.counts.records == 777


def test_filtered_records(run: RUN) -> None:
    data, definition = SOURCES["jsonl"]
    definition = {**definition, "filterJsonPath": "$.age", "filterValue": r"re::^\d*7$"}
    alone, together = (run(data, definition, jobs=jobs) for jobs in (1, 2))
    assert comparable(together) == comparable(alone)
    assert 0 < together.counts.records < 1_000


def test_a_state_that_does_not_pickle_is_a_crash_of_its_checker(run: RUN) -> None:
    report = run(*SOURCES["jsonl"], jobs=2, with_=("unpicklable",))
    status, reason = coverage(report)["unpicklable"]
    assert status == "crashed"
    assert reason is not None
    assert re.fullmatch(r"the state of the fold unpicklable can't be pickled: TypeError: .* \(plugin\.py:\d+\)", reason)
    assert pids(report)["pids"] == 2


def test_an_exception_in_a_copy_is_a_crash_of_its_checker(run: RUN) -> None:
    report = run(*SOURCES["jsonl"], jobs=2, with_=("raising",))
    status, reason = coverage(report)["raising"]
    assert status == "crashed"
    assert re.fullmatch(r"RuntimeError: chunk 0 \(plugin\.py:\d+\)", reason or "")
    assert pids(report)["pids"] == 2


def test_the_death_of_a_copy_is_that_of_the_run_which_is_made_again(run: RUN) -> None:
    report = run(*SOURCES["jsonl"], jobs=2, with_=("deadly",))
    status, reason = coverage(report)["deadly"]
    assert status == "crashed"
    assert reason is not None
    assert reason.startswith("it ended its process: signal 6 (SIGABRT)")
    assert comparable(report) == comparable(run(*SOURCES["jsonl"], jobs=1))


def test_tables_are_left_to_threads(run: RUN) -> None:
    rows = "".join(f"r{n},{n}\n" for n in range(5_000))
    report = run(b"id,n\n" + rows.encode(), {"ingestMethod": "CSV", "primaryKey": "id"}, jobs=2)
    assert pids(report) == {"pids": 1, "here": True}
