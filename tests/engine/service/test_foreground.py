"""The façade, in the foreground: each call, each refusal, each way a run can end."""

from __future__ import annotations

import os
import re
import resource
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from potable.engine.contracts.events import Progress
from potable.engine.definition.model import SourceDefinition
from potable.engine.errors import (
    DefinitionError,
    EngineFault,
    RunOngoing,
    SourceOnHold,
    StoreError,
    StoreFull,
    UnknownSource,
    UsageError,
)
from potable.engine.limits import Limits
from potable.engine.plugins import load_plugins
from potable.engine.running import owner
from potable.engine.runs import Reason, RunState
from potable.engine.service import Service
from potable.engine.store.steady import of_this_machine
from potable.engine.store.store import Store

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a POSIX system")


def test_run_now_records_run_and_report(service: Service) -> None:
    events: list[Progress] = []
    run, report = service.run_now("A", 7, progress=events.append)
    assert (run.state, run.verdict, run.user_id, run.attempt) == (RunState.FINISHED, "passed", 7, 1)
    assert run.counts == {"records": 3, "recordsWithErrors": 0, "errors": 0, "warnings": 0, "infos": 0}
    assert run.accepted
    assert (report.run.run_id, report.run.user_id, report.verdict) == (run.run_id, 7, "passed")
    assert report.metrics["pid"] != os.getpid()
    assert events == [Progress(resource_id="A", stage="scan", bytes=1, total=2, records=1, errors=0)]
    assert service.report("A") == service.report("A", run.run_id) == report
    assert service.run(run.run_id) == run
    assert service.history("A") == [run]
    assert service.status("A").to_dict("/reports/1")["report"] == "/reports/1"


@pytest.mark.parametrize("executor", ["inline", "fork", "forkserver", None])
def test_every_executor_serves(make: Callable[..., Service], executor: Any) -> None:
    _, report = make(executor=executor).run_now("A")
    assert (report.metrics["pid"] == os.getpid()) is (executor == "inline")


def test_options_and_limits_reach_the_run(make: Callable[..., Service]) -> None:
    service = make(limits=Limits(samples=5))
    run, report = service.run_now("A", limit_records=2, select=["keys"], ignore=["text"])
    assert (run.sample, run.accepted, report.source.sample) == (True, False, {"mode": "head", "size": 2})
    assert (report.metrics["select"], report.metrics["limits"]) == (["keys"], 5)
    assert run.options == {"limit_records": 2, "select": ["keys"], "ignore": ["text"]}


def test_history_is_passed_in_newest_first(service: Service, shelf: Any) -> None:
    for records in (10, 20, 30):
        shelf.put("A", records=records)
        _, report = service.run_now("A")
    assert report.metrics["history"] == [20, 10]


def test_scratch_is_gone_afterwards(service: Service, shelf: Any) -> None:
    _, report = service.run_now("A")
    assert not Path(report.metrics["scratch"]).exists()


@pytest.mark.parametrize(
    ("do", "reason", "message"),
    [
        ("exit", Reason.CRASHED, "the run's process exited with status 0 before it had a report"),
        ("segfault", Reason.CRASHED, r"the run's process was killed by SIGSEGV \(in work, potable_test_run\.py:\d+\)"),
        ("die", Reason.LOST, "the run's process was killed by SIGKILL: out of memory, or by hand"),
        ("raise", Reason.FAULT, r"ValueError: no \(in work, potable_test_run\.py:\d+\)"),
        (
            "garbage",
            Reason.CRASHED,
            "the run's process sent a report that can't be read: .* 'schemaVersion' is a required property",
        ),
    ],
)
def test_a_run_without_a_report_is_an_error(
    service: Service, shelf: Any, do: str, reason: Reason, message: str
) -> None:
    shelf.put("A", do=do)
    with pytest.raises(EngineFault, match=f"^A: {reason}: "):
        service.run_now("A")
    (run,) = service.history("A")
    assert (run.state, run.reason) == (RunState.ERROR, reason)
    assert re.fullmatch(message, run.message), run.message
    assert service.status("A").status == "Finished"
    with pytest.raises(StoreError, match=f"no report yet: its last run, {run.run_id}, is error"):
        service.report("A")
    shelf.put("A")
    assert service.run_now("A")[0].state is RunState.FINISHED  # the source is free again


def test_a_hang_ends_at_the_deadline(make: Callable[..., Service], shelf: Any) -> None:
    shelf.put("A", do="hang")
    service = make(limits=Limits(run_seconds=0.5))
    with pytest.raises(EngineFault, match=r"A: timed-out: no end after 0\.5 seconds: it was stopped"):
        service.run_now("A")


def test_an_interrupt_cancels(service: Service, shelf: Any, tmp_path: Path) -> None:
    shelf.put("A", do="hang", pidfile=str(tmp_path / "pid"))

    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        service.run_now("A", progress=interrupt)
    (run,) = service.history("A")
    assert (run.state, run.message) == (RunState.CANCELLED, "interrupted")


def test_what_progress_raises_is_an_error(service: Service, shelf: Any) -> None:
    shelf.put("A", do="hang")

    def broken(_: Progress) -> None:
        raise BrokenPipeError("gone")

    with pytest.raises(BrokenPipeError):
        service.run_now("A", progress=broken)
    (run,) = service.history("A")
    assert (run.state, run.reason, run.message) == (RunState.ERROR, Reason.FAULT, "BrokenPipeError: gone")


def test_cancel_from_another_process_stops_it(make: Callable[..., Service], shelf: Any) -> None:
    shelf.put("A", do="hang")
    here, there = make(), make()
    done: list[Any] = []

    def cancel(_: Progress) -> None:
        done.append(there.cancel(there.history("A")[0].run_id))

    with pytest.raises(EngineFault, match=r"A: run \w+ was cancelled"):
        here.run_now("A", progress=cancel)
    assert here.history("A") == done
    assert done[0].state is RunState.CANCELLED


def test_cancel_of_an_ended_run_changes_nothing(service: Service) -> None:
    run, _ = service.run_now("A")
    assert service.cancel(run.run_id) == run
    with pytest.raises(StoreError, match="no run 'nope'"):
        service.cancel("nope")


@pytest.mark.parametrize("call", ["start", "run_now"])
def test_refusals(service: Service, call: str) -> None:
    begin = getattr(service, call)
    with pytest.raises(UnknownSource):
        begin("nope")
    with pytest.raises(SourceOnHold, match=r"^Specified resource is on HOLD$"):
        begin("held")
    with pytest.raises(DefinitionError):
        begin("broken")
    with pytest.raises(UsageError, match="at least 1, not 0"):
        begin("A", limit_records=0)
    first = service.start("A")
    with pytest.raises(RunOngoing) as refused:
        begin("A")
    assert refused.value.run_id == first.run_id
    assert [r.run_id for r in service.history("A")] == [first.run_id]


def test_a_definition_that_is_at_hand_isnt_looked_for(service: Service, shelf: Any) -> None:
    source, held = service.definition("A"), service.definition("held")
    del shelf.sources["A"]
    assert service.start("A", source=source).resource_id == "A"
    with pytest.raises(SourceOnHold):
        service.start("held", source=held)


def test_status(service: Service) -> None:
    with pytest.raises(UnknownSource):
        service.status("nope")
    assert service.status("A").status == "No ongoing run"
    assert service.status("broken").status == "No ongoing run"
    run = service.start("A")
    assert service.status("A").run == run
    assert service.status("A").status == "Running"


def test_reports_that_are_not_there(service: Service) -> None:
    with pytest.raises(UnknownSource):
        service.report("nope")
    with pytest.raises(StoreError, match=r"A has no report: it was never run \(potable run A\)"):
        service.report("A")
    run, _ = service.run_now("A")
    with pytest.raises(StoreError, match=f"run {run.run_id} is of A, not of B"):
        service.report("B", run.run_id)
    with pytest.raises(StoreError, match="no run 'nope'"):
        service.report("A", "nope")
    queued = service.start("A")
    with pytest.raises(StoreError, match="has no report: it's queued"):
        service.report("A", queued.run_id)
    assert service.report("A").run.run_id == run.run_id


def test_sources_are_listed_with_their_standing(service: Service) -> None:
    run, _ = service.run_now("B")
    rows = {row.resource_id: row for row in service.sources()}
    assert list(rows) == ["A", "B", "C", "broken", "held"]
    assert (rows["A"].name, rows["A"].ingest_method, rows["A"].run) == ("Source A", "CSV", None)
    assert rows["B"].run == run
    assert rows["held"].hold
    assert (rows["broken"].name, rows["broken"].fault) == ("", "x.yaml: no resourceID")


LOOKING = """\
from pathlib import Path
from potable.engine.checker import Checker
from potable.engine.findings import Code, Occurrence, Severity
from potable.engine.hookspecs import hookimpl
potable_api = 1
FILE = Path(__file__).with_name("said")
class Looking(Checker):
    name = "looking"
    codes = (Code(id="looking/said", severity=Severity.ERROR, title="Said", meaning="It is said to be wrong.",
                  why="It matters.", example="wrong", mend="Say nothing."),)
    def check_definition(self, source):
        yield from (Occurrence("looking/said", said) for said in FILE.read_text().split())
@hookimpl
def potable_checkers():
    return [Looking]
"""


def test_what_is_wrong_with_an_unchanged_definition_is_found_out_now_and_then(
    make: Callable[..., Service], shelf: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin, said = tmp_path / "looking.py", tmp_path / "said"
    plugin.write_text(LOOKING)
    said.write_text("")
    service = make(plugins=load_plugins([plugin], ["checkers"]), executor="inline")
    shelf.sources.clear()

    def put(*names: str) -> None:
        for name in names:
            shelf.sources[name] = SourceDefinition(resource_id=name, ingest_method="CSV", ingest_url="x.csv")

    put("A", "B", "C")

    def looked() -> list[str]:
        return [row.resource_id for row in service.sources() if "wrong" in row.error]

    assert looked() == []
    said.write_text("wrong")
    assert looked() == []
    put("B", "D")  # another definition, if of the same words
    assert looked() == ["B", "D"]
    assert "wrong" in service.source("A").error
    monkeypatch.setattr("potable.engine.running.sources.HELD_SECONDS", 0.0)
    put("C")
    said.write_text("")
    assert looked() == ["B", "D"]
    put("B", "D")
    assert looked() == []
    said.write_text("wrong")
    assert looked() == ["B", "C", "D"]


def test_sources_are_listed_without_a_store(make: Callable[..., Service], settings: Any) -> None:
    service = make()
    service.settings = replace(settings, store="nonsense")
    assert [row.resource_id for row in service.sources()] == ["A", "B", "C", "broken", "held"]


def test_accept(service: Service, shelf: Any) -> None:
    shelf.put("A", verdict="failed")
    run, _ = service.run_now("A")
    assert not run.accepted
    assert service.accept(run.run_id).accepted


def test_no_catalog_is_a_usage_error(settings: Any) -> None:
    with Service(settings) as service, pytest.raises(UsageError, match="--catalog PATH or POTABLE_CATALOG"):
        service.start("A")


def test_given_plugins_need_this_process_or_its_copy(settings: Any) -> None:
    from potable.engine.plugins import Plugins

    with pytest.raises(UsageError, match="name them in the settings"):
        Service(settings, plugins=Plugins(), executor="forkserver")


def test_a_plugin_hears_of_the_end(make: Callable[..., Service]) -> None:
    from potable.engine import hookimpl
    from potable.engine.plugins import load_plugins

    heard: list[Any] = []

    class Listener:
        potable_api = 1

        @hookimpl
        def potable_run_finished(self, run: Any, report: Any) -> None:
            heard.append((run, report))
            raise ValueError("its own fault")

    plugins = load_plugins(entry_points=False, modules=[Listener()])
    _, report = make(plugins=plugins, executor="fork").run_now("A")
    assert heard == [(report.run, report)]


def dead_owner() -> str:
    """The name of a process of this machine that has ended."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(write, owner.me().encode())
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        return pipe.read().decode()


def test_a_run_of_a_killed_process_is_no_obstacle(service: Service) -> None:
    """Although its lease hasn't ended yet."""
    stale = service.store.begin("A", owner=dead_owner(), lease=3600, seconds=3600)
    run, _ = service.run_now("A")
    assert run.state is RunState.FINISHED
    ended = service.run(stale.run_id)
    assert (ended.state, ended.reason, ended.message) == (
        RunState.ERROR, Reason.LOST, "its worker vanished without a word",
    )  # fmt: skip


def test_status_of_a_run_of_a_killed_process_is_not_running(service: Service) -> None:
    service.store.begin("A", owner=dead_owner(), lease=3600, seconds=3600)
    assert service.status("A").status == "Finished"


def test_start_is_not_refused_for_a_run_of_a_killed_process(service: Service) -> None:
    stale = service.store.begin("A", owner=dead_owner(), lease=3600, seconds=3600)
    assert service.start("A").run_id != stale.run_id


def test_a_queued_run_that_nobody_takes_is_taken_over(make: Callable[..., Service]) -> None:
    service = make()
    queued = service.start("A", 7)
    with pytest.raises(RunOngoing):
        service.run_now("A")  # a worker may be on its way
    service.carrier.pace = replace(service.carrier.pace, lease=-1.0)
    with pytest.raises(RunOngoing):
        service.run_now("A", limit_records=1)  # it isn't what was asked for
    service.carrier.pace = replace(service.carrier.pace, lease=-0.001)
    claimed = service.store.take(queued.run_id, "x", lease=9, seconds=9, waiting=-1)
    assert claimed is not None
    service.store.release(queued.run_id, "x", 1)
    run, report = service.run_now("A")
    assert (run.run_id, run.user_id, run.attempt, report.run.run_id) == (queued.run_id, 7, 2, queued.run_id)


def test_a_run_of_a_living_process_is_an_obstacle(service: Service) -> None:
    ongoing = service.store.begin("A", owner=owner.me(), lease=3600, seconds=3600)
    with pytest.raises(RunOngoing) as refused:
        service.run_now("A")
    assert refused.value.run_id == ongoing.run_id


@pytest.mark.parametrize("leap", [86_400_000, -86_400_000], ids=["forward", "back"])
def test_a_leap_of_the_clock_gives_no_living_run_up(service: Service, leap: int) -> None:
    """A command that has just begun can't know of it; nor is a dead lease kept for a day."""
    steady = of_this_machine()
    with closing(Store(service.settings.store, clock=lambda: time.time_ns() // 10**6 - leap, steady=steady)) as before:
        alive = before.begin("A", owner=owner.me(), lease=60, seconds=60)
        late = before.begin("B", owner=owner.me(), lease=-1, seconds=60)
    with pytest.raises(RunOngoing) as refused:
        service.run_now("A")
    assert refused.value.run_id == alive.run_id
    service.run_now("B")
    assert service.run(late.run_id).reason is Reason.LOST


def test_the_lease_is_kept_and_progress_stored(make: Callable[..., Service], shelf: Any, until: Any) -> None:
    """A run much longer than its lease isn't given up, and others see how far it is."""
    here, there = make(pace=replace(make().carrier.pace, lease=0.6, heartbeat=0.1, watch=0.05)), make()
    shelf.put("A", do="steps")
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(here.run_now("A")))
    thread.start()
    until(lambda: (run := there.store.latest("A")) and run.progress and run.progress["bytes"] > 20)
    while thread.is_alive():
        assert there.carrier.sweep() == []
    thread.join()
    assert results[0][0].attempt == 1


def test_a_fenced_run_stops_and_publishes_nothing(make: Callable[..., Service], shelf: Any, tmp_path: Path) -> None:
    """Its lease ended while it was away: another attempt has it now."""
    here, there = make(), make()
    shelf.put("A", do="wait", file=str(tmp_path / "go"))

    def lose(_: Progress) -> None:
        run = there.history("A")[0]
        assert run.owner is not None
        there.store.release(run.run_id, run.owner, run.attempt)
        assert there.store.claim("another", lease=60, seconds=60) is not None

    with pytest.raises(EngineFault, match="was lost to this process; it's running now"):
        here.run_now("A", progress=lose)
    (run,) = here.history("A")
    assert (run.state, run.attempt, run.owner) == (RunState.RUNNING, 2, "another")


def test_a_store_without_room_is_waited_for_less_long(make: Callable[..., Service]) -> None:
    service = make(pace=replace(make().carrier.pace, publish=3600.0, room=0.0))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(_: Progress) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))  # as on a full disk

    try:
        with pytest.raises(StoreFull, match="takes nothing more: disk I/O error: free space on the disk of "):
            service.run_now("A", progress=fill)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_closing_twice_is_fine(make: Callable[..., Service]) -> None:
    service = make()
    service.run_now("A")
    service.close()
    service.close()


def test_kill_9_of_the_process_again_and_again(service: Service, shelf: Any, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    shelf.put("A", do="hang", pidfile=str(pids))

    def kill(_: Progress) -> None:
        until_there(pids)
        os.kill(int(pids.read_text().split()[-1]), signal.SIGKILL)

    def until_there(path: Path) -> None:
        while not (path.exists() and path.read_text().count("\n") > len(service.history("A")) - 1):
            pass

    for n in range(1, 6):
        with pytest.raises(EngineFault, match="A: lost: "):
            service.run_now("A", progress=kill)
        assert len(service.history("A")) == n
    assert {r.reason for r in service.history("A")} == {Reason.LOST}
