"""The worker: queued runs are run, several at once; whoever is killed, each run ends."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from potable.engine.errors import CatalogError, RunOngoing, StoreUnavailable
from potable.engine.executors.inline import InlineExecutor
from potable.engine.limits import Limits
from potable.engine.running import owner
from potable.engine.running.supervision import Pace, Supervision
from potable.engine.running.sweeping import Leaps, Watch
from potable.engine.runs import Reason, RunState
from potable.engine.service import Service
from potable.engine.settings import Settings
from potable.engine.store.queue import BATCH
from potable.engine.store.steady import Steady
from potable.engine.store.store import Lease, Store
from potable.engine.worker import Trouble, Worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def work(make: Callable[..., Service]) -> Iterator[Callable[..., Worker]]:
    """Starts workers; stops them."""
    workers: list[Worker] = []

    def work(service: Service, children: int = 2) -> Worker:
        workers.append(Worker(service, children=children))
        workers[-1].start()
        return workers[-1]

    yield work
    for worker in workers:
        worker.stop(grace=0.0)


def ended(service: Service, run_id: str) -> Callable[[], bool]:
    return lambda: not service.run(run_id).ongoing


def test_a_queued_run_is_run(service: Service, work: Any, until: Any) -> None:
    work(service)
    run = service.start("A", 7)
    until(ended(service, run.run_id))
    assert service.run(run.run_id).state is RunState.FINISHED
    assert service.report("A").run.user_id == 7
    assert service.status("A").status == "Finished"


def test_what_was_queued_before_and_by_others_is_run(make: Any, work: Any, until: Any) -> None:
    before = make().start("A")
    service = make()
    work(service)
    other = make().start("B")
    for run in (before, other):
        until(ended(service, run.run_id))
        assert service.run(run.run_id).verdict == "passed"


def test_bad_runs_do_not_harm_their_neighbours(service: Service, shelf: Any, work: Any, until: Any) -> None:
    does = ["exit", "segfault", "raise", "garbage", None, "die"]
    for n, do in enumerate(does):
        shelf.put(f"S{n}", do=do)
    runs = [service.start(f"S{n}") for n in range(len(does))]
    worker = work(service, children=3)
    for run in runs:
        until(ended(service, run.run_id))
    assert [service.run(r.run_id).reason for r in runs] == [
        Reason.CRASHED, Reason.CRASHED, Reason.FAULT, Reason.CRASHED, None, Reason.LOST,
    ]  # fmt: skip
    assert service.run(runs[4].run_id).state is RunState.FINISHED
    until(lambda: worker.running == ())


def test_a_run_that_kills_its_process_each_time_is_lost_after_three(
    service: Service, shelf: Any, work: Any, until: Any
) -> None:
    shelf.put("A", do="die")
    work(service)
    run = service.start("A")
    until(ended(service, run.run_id))
    after = service.run(run.run_id)
    assert (after.state, after.reason, after.attempt, after.losses) == (RunState.ERROR, Reason.LOST, 3, 3)
    assert after.message == "the run's process was killed by SIGKILL: out of memory, or by hand"


def test_at_most_so_many_at_once(service: Service, shelf: Any, work: Any, until: Any, tmp_path: Path) -> None:
    go = tmp_path / "go"
    for n in range(5):
        shelf.put(f"S{n}", do="wait", file=str(go))
    runs = [service.start(f"S{n}") for n in range(5)]
    worker = work(service, children=2)
    until(lambda: len(worker.running) == 2)
    assert [service.run(r.run_id).state.value for r in runs] == ["running"] * 2 + ["queued"] * 3
    go.touch()
    for run in runs:
        until(ended(service, run.run_id))


def test_a_definition_that_went_away_ends_the_run(make: Any, shelf: Any, work: Any, until: Any) -> None:
    service = make(pace=replace(make().carrier.pace, abandon=0.0))
    runs = [service.start(name) for name in "ABC"]
    del shelf.sources["A"]
    shelf.sources["B"] = "broken meanwhile"
    shelf.put("C", hold=True)
    work(service)
    for run in runs:
        until(ended(service, run.run_id))
    assert [(r.reason, r.message) for r in (service.run(run.run_id) for run in runs)] == [
        (Reason.FAULT, "no source 'A'"),
        (Reason.FAULT, "x.yaml: broken meanwhile"),
        (Reason.FAULT, "Specified resource is on HOLD"),
    ]


def test_servers_of_several_catalogs_share_a_store(
    make: Any, shelf: Any, work: Any, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Each takes the runs of its own sources, and leaves the others queued, whoever has asked for them."""
    others = type(shelf)()
    for name in ("X", "Y"):
        others.put(name)
    here, there = make(), make(catalog=others)
    foreign = [there.start(name) for name in "XY"]
    run = here.start("A")
    worker = work(here)
    until(ended(here, run.run_id))
    until(lambda: worker.running == ())
    assert [here.run(r.run_id) for r in foreign] == foreign  # as they were, never claimed
    told = [message for message in caplog.messages if "left queued" in message]
    assert [message.split(":")[0] for message in told] == [
        f"run {r.run_id} is left queued for a server whose catalog has its source" for r in foreign
    ]
    late = here.start("B")
    workers = [work(there), work(make(catalog=others)), work(make())]
    for r in (*foreign, late):
        until(ended(here, r.run_id))
        assert (here.run(r.run_id).verdict, here.run(r.run_id).attempt) == ("passed", 1)
    until(lambda: not any(w.running for w in workers))


def test_runs_behind_many_of_another_catalog_are_found(make: Any, shelf: Any, work: Any, until: Any) -> None:
    others = type(shelf)()
    for n in range(BATCH + 1):
        others.put(f"X{n}")
    there, here = make(catalog=others), make()
    foreign = [there.start(f"X{n}") for n in range(BATCH + 1)]
    run = here.start("A")
    work(here)
    until(ended(here, run.run_id))
    assert here.run(run.run_id).verdict == "passed"
    assert {here.run(r.run_id).state for r in foreign} == {RunState.QUEUED}


def test_a_source_that_comes_to_the_catalog_later_is_run(
    make: Any, shelf: Any, work: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("potable.engine.running.claiming.AGAIN", 0.0)
    others = type(shelf)()
    others.put("X")
    run = make(catalog=others).start("X")
    service = make()
    work(service)
    other = service.start("A")
    until(ended(service, other.run_id))
    assert service.run(run.run_id).state is RunState.QUEUED
    shelf.put("X")
    until(ended(service, run.run_id))
    assert service.run(run.run_id).verdict == "passed"


@pytest.mark.parametrize("by", ["same service", "another"])
def test_cancel_while_running(make: Any, shelf: Any, work: Any, until: Any, tmp_path: Path, by: str) -> None:
    pidfile = tmp_path / "pid"
    shelf.put("A", do="hang", pidfile=str(pidfile))
    service = make(pace=replace(make().carrier.pace, watch=3600.0)) if by == "same service" else make()
    worker = work(service)
    run = service.start("A")
    pid = int(until(lambda: pidfile.exists() and pidfile.read_text().strip()))
    cancelled = (service if by == "same service" else make()).cancel(run.run_id)
    assert cancelled.state is RunState.CANCELLED
    until(lambda: worker.running == ())
    assert not Path(f"/proc/{pid}").exists()
    assert service.run(run.run_id) == cancelled
    service.start("A")


def test_cancel_while_queued(service: Service, work: Any) -> None:
    run = service.start("A")
    assert service.cancel(run.run_id).state is RunState.CANCELLED
    work(service).stop()
    assert service.run(run.run_id).attempt == 0


def test_stop_drains(service: Service, shelf: Any, work: Any, until: Any, tmp_path: Path) -> None:
    """What is under way may end, what is queued stays queued."""
    go = tmp_path / "go"
    shelf.put("A", do="wait", file=str(go))
    worker = work(service, children=1)
    first, second = service.start("A"), service.start("B")
    until(lambda: worker.running == (first.run_id,))
    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    go.touch()
    stopping.join()
    assert service.run(first.run_id).state is RunState.FINISHED
    assert service.run(second.run_id) == second


def test_stop_gives_back_what_does_not_end(make: Any, shelf: Any, work: Any, until: Any, tmp_path: Path) -> None:
    pidfile = tmp_path / "pid"
    shelf.put("A", do="hang", pidfile=str(pidfile))
    service = make()
    worker = work(service)
    run = service.start("A")
    pid = int(until(lambda: pidfile.exists() and pidfile.read_text().strip()))
    worker.stop(grace=0.0)
    worker.stop(grace=0.0)
    after = service.run(run.run_id)
    assert (after.state, after.attempt, after.losses, after.owner) == (RunState.QUEUED, 1, 0, None)
    assert not Path(f"/proc/{pid}").exists()
    shelf.put("A")
    successor = make()
    work(successor)
    until(ended(service, run.run_id))
    assert (service.run(run.run_id).state, service.run(run.run_id).attempt) == (RunState.FINISHED, 2)


def test_a_worker_that_never_started_stops(service: Service) -> None:
    Worker(service).stop()


def test_the_deadline_holds(make: Any, shelf: Any, work: Any, until: Any) -> None:
    shelf.put("A", do="hang")
    service = make(limits=Limits(run_seconds=0.5))
    work(service)
    run = service.start("A")
    until(ended(service, run.run_id))
    assert service.run(run.run_id).reason is Reason.TIMED_OUT


def worker_process(settings: Any, tmp_path: Path, lease: float = 1.0, **parameters: Any) -> subprocess.Popen[bytes]:
    """A worker in a process of its own, for source A; says so when it has started."""
    program = tmp_path / "worker.py"
    program.write_text(
        "import json, sys, threading\n"
        "from pathlib import Path\n"
        "from potable.engine.definition.model import SourceDefinition\n"
        "from potable.engine.service import Service\n"
        "from potable.engine.settings import Settings\n"
        "from potable.engine.running.supervision import Pace\n"
        "from potable.engine.worker import Worker\n"
        "a = json.loads(sys.argv[1])\n"
        "sys.path.insert(0, a['path'])\n"
        "class Shelf:\n"
        "    def get(self, name):\n"
        "        return SourceDefinition(resource_id=name, parameters=a['parameters'])\n"
        "settings = Settings(catalog=None, store=a['store'], state=Path())\n"
        f"pace = Pace(lease={lease}, heartbeat=0.2, sweep=0.2, poll=0.05, watch=0.1)\n"
        "service = Service(settings, catalog=Shelf(), executor='forkserver', pace=pace, work='potable_test_run:work')\n"
        "Worker(service).start()\n"
        "print('started', flush=True)\n"
        "threading.Event().wait()\n"
    )
    given = {"path": str(Path(__file__).parent), "store": settings.store, "parameters": parameters}
    process = subprocess.Popen([sys.executable, program, json.dumps(given)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"started\n"
    process.stdout.close()
    return process


def test_kill_9_of_the_worker_again_and_again(
    service: Service, settings: Any, shelf: Any, until: Any, tmp_path: Path
) -> None:
    """Nothing of it survives, and the run is queued again until its attempts are used up."""
    pidfile = tmp_path / "pids"
    run = service.start("A")
    for attempt in (1, 2, 3):
        # Whether it's alive isn't told by its lease here, which a busy machine might let end.
        process = worker_process(settings, tmp_path, lease=60.0, do="hang", pidfile=str(pidfile))
        try:
            pids = until(
                lambda n=attempt: pidfile.exists() and (p := pidfile.read_text().split()) and len(p) == n and p
            )
            assert service.run(run.run_id).attempt == attempt
        finally:
            process.kill()
            process.wait()
        until(lambda pid=pids[-1]: not Path(f"/proc/{pid}").exists())
        (swept,) = service.carrier.sweep()
        assert swept.state is (RunState.QUEUED if attempt < 3 else RunState.ERROR)
    assert (swept.reason, swept.losses) == (Reason.LOST, 3)
    assert service.status("A").status == "Finished"


def _stopped(process: subprocess.Popen[bytes], store: str) -> bool:
    """Stop a worker, unless it's just writing to the store, which would stay locked: then let it go on."""
    process.send_signal(signal.SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)  # all of its threads are stopped
    with closing(sqlite3.connect(store.removeprefix("sqlite:///"), timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            process.send_signal(signal.SIGCONT)
            return False
    return True


def test_a_worker_stopped_past_its_lease_is_fenced(
    service: Service, settings: Any, shelf: Any, until: Any, tmp_path: Path
) -> None:
    """SIGSTOP: it's alive but doesn't renew its lease; what it says later counts for nothing."""
    pidfile, go = tmp_path / "pids", tmp_path / "go"
    run = service.start("A")
    # A lease that a busy machine doesn't let end before the worker is stopped.
    process = worker_process(
        settings, tmp_path, lease=5.0, do="wait", file=str(go), pidfile=str(pidfile), verdict="failed"
    )
    try:
        until(lambda: pidfile.exists() and pidfile.read_text())
        until(lambda: _stopped(process, settings.store))
        go.touch()
        (swept,) = until(service.carrier.sweep)
        assert (swept.run_id, swept.state, swept.attempt) == (run.run_id, RunState.QUEUED, 1)
        here = service.store.claim("here", lease=60, seconds=60)
        assert here is not None
        assert here.attempt == 2
        process.send_signal(signal.SIGCONT)
        pid = int(pidfile.read_text())
        until(lambda: not Path(f"/proc/{pid}").exists())
        assert service.store.holds(run.run_id, "here", 2)
    finally:
        process.kill()
        process.wait()
    assert service.run(run.run_id) == here


def test_a_run_tells_of_a_store_that_does_not_answer_at_intervals(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Store(settings.store)) as store:
        run = store.begin("A", owner="me", lease=60, seconds=60)
        supervision = Supervision(store, InlineExecutor(lambda *_: {}), run, seconds=60, pace=Pace(watch=0.0))
        (tmp_path / "runs.db").rename(tmp_path / "aside.db")
        assert not any(supervision._stop() for _ in range(5))
    assert caplog.text.count("which was moved or removed") == 1


def test_a_service_whose_catalog_is_gone_is_not_ready(settings: Settings, tmp_path: Path) -> None:
    folder, aside = tmp_path / "catalog", tmp_path / "aside"
    folder.mkdir()
    with Service(replace(settings, catalog=str(folder))) as service:
        service.ready()
        folder.rename(aside)
        with pytest.raises(CatalogError, match="catalog isn't there any more: put it back"):
            service.ready()
        aside.rename(folder)
        service.ready()


def test_trouble_with_the_store_is_told_once_and_when_it_is_over(
    service: Service, work: Any, until: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="potable.engine.worker")
    service.ready()
    work(service)
    file = settings.store.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None, timeout=60)) as other:
        other.execute("ALTER TABLE potable_runs RENAME TO elsewhere")
        until(lambda: "no such table: potable_runs" in caplog.text)
        other.execute("ALTER TABLE elsewhere RENAME TO potable_runs")
    until(lambda: "the run store answers again" in caplog.text)
    assert caplog.text.count("no such table") == 1


@pytest.mark.parametrize(("again", "times"), [(0.0, 5), (3600.0, 1)])
def test_trouble_that_stays_is_told_at_intervals(
    again: float, times: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("potable.engine.worker.AGAIN", again)
    trouble = Trouble()
    for n in range(5):
        trouble.tell(StoreUnavailable(f"try {n}"))
    assert len(caplog.messages) == times


def test_leaps_of_the_clock_are_noticed_once_and_small_ones_are_none() -> None:
    apart = iter([100.0, 100.5, 3700.5, 3700.0, 3691.0, -90_000.0, -90_000.0])
    leaps = Leaps(10.0, lambda: next(apart))
    assert [leaps.one() for _ in range(6)] == [False, True, False, False, True, False]
    assert not Leaps(10.0).one()


def elsewhere(service: Service, **arguments: Any) -> Store:
    """The service's store, as another machine has it open."""
    return Store(service.settings.store, steady=Steady("another boot", lambda: 0), **arguments)


@pytest.mark.parametrize("pause", [False, True], ids=["leap", "pause"])
def test_after_a_leap_of_the_clock_or_a_pause_leases_are_left_alone_for_as_long_as_one_lasts(
    make: Any, work: Any, until: Any, monkeypatch: pytest.MonkeyPatch, pause: bool
) -> None:
    """Whoever lives renews them; who is known to be gone is given up at once."""
    service = make(pace=Pace(lease=0.5, heartbeat=0.1, sweep=0.05, poll=0.02))
    with closing(elsewhere(service)) as there:
        late = there.begin("A", owner="elsewhere", lease=-10.0, seconds=60.0)
    dead = service.store.begin("B", owner=f"{owner.me().rsplit('/', 3)[0]}/1/0/gone", lease=60.0, seconds=60.0)
    with monkeypatch.context() as leapt:
        if pause:  # as if the next sweep had been due an hour ago
            leapt.setattr(service.carrier._sweeping, "_due", time.monotonic() - 3600.0)
        else:
            leapt.setattr(Leaps, "one", lambda _: True)
        assert [run.run_id for run in service.carrier.sweep()] == [dead.run_id]
    assert service.run(late.run_id).state is RunState.RUNNING
    work(service)
    until(lambda: not service.run(late.run_id).ongoing)
    assert service.run(late.run_id).reason is Reason.LOST


def test_what_does_not_change_is_noticed_by_ones_own_clock() -> None:
    now = [0.0]
    watch = Watch(30.0, lambda: now[0])
    one, two = Lease("r1", "w", 10**15), Lease("r2", "w", 5)
    assert watch.still([one, two]) == []
    now[0] = 29.0
    assert watch.still([one, Lease("r2", "w", 6)]) == []
    now[0] = 31.0
    assert watch.still([one, Lease("r2", "w", 6)]) == [one]
    assert watch.still([two]) == []


def test_a_lease_that_was_made_far_ahead_of_the_time_ends(make: Any, work: Any, until: Any) -> None:
    """Its machine's time of day was wrong, and it's another machine, or was started anew."""
    service = make(pace=Pace(lease=0.3, heartbeat=0.1, sweep=0.05, poll=0.02))
    with closing(elsewhere(service, clock=lambda: 4_000_000_000_000)) as there:
        ahead = there.begin("A", owner="elsewhere", lease=30.0, seconds=60.0)
    assert service.status("A").status == "Running"
    work(service)
    until(lambda: not service.run(ahead.run_id).ongoing)
    assert service.run(ahead.run_id).reason is Reason.LOST


def test_it_is_no_obstacle_to_a_command_either(make: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Which waits for as long as a lease lasts, since there may be no worker."""
    service = make(pace=Pace(lease=0.3, heartbeat=0.1))
    with closing(elsewhere(service, clock=lambda: 4_000_000_000_000)) as there:
        ahead = there.begin("A", owner="elsewhere", lease=30.0, seconds=60.0)
    run, _ = service.run_now("A")
    assert (run.state, service.run(ahead.run_id).reason) == (RunState.FINISHED, Reason.LOST)
    assert "A has an ongoing run of another machine, and one of the two has the wrong time" in caplog.text


def test_it_is_one_where_it_is_renewed(make: Any) -> None:
    """Its machine has the wrong time, but is at work."""
    service, ended = make(pace=Pace(lease=5.0, heartbeat=0.1)), threading.Event()
    with closing(elsewhere(service, clock=lambda: time.time_ns() // 10**6 + 10**9)) as there:
        ahead = there.begin("A", owner="elsewhere", lease=30.0, seconds=60.0)

        def renew() -> None:
            while not ended.wait(0.05):
                there.heartbeat(ahead.run_id, "elsewhere", 1, lease=30.0)

        thread = threading.Thread(target=renew)
        thread.start()
        try:
            with pytest.raises(RunOngoing):
                service.run_now("A")
        finally:
            ended.set()
            thread.join()
    assert service.run(ahead.run_id).state is RunState.RUNNING
