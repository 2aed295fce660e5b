"""Runs that somebody follows end when nobody does any more."""

from __future__ import annotations

import asyncio
import contextvars
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.loopback import Handler, serving

from potable.engine import Checker, Engine, Limits, Rule, following
from potable.engine.contracts.events import Progress
from potable.engine.errors import UnknownSource, UsageError

RECORDS = 20_000


class Gate(Checker):
    """Waits before the second chunk until it's let on, and counts those that it sees."""

    name = "gate"
    seen = 0
    reached: threading.Event
    opened: threading.Event

    def folds(self, source: Any) -> Iterable[Any]:
        from potable.engine import Fold, Outcome

        class Counted(Fold[int]):
            name = "counted"

            def start(self) -> int:
                return 0

            def update(self, state: int, chunk: Any) -> int:
                Gate.seen += 1
                if Gate.seen == 2:
                    Gate.reached.set()
                    assert Gate.opened.wait(60)
                return state

            def merge(self, left: int, right: int) -> int:
                return left + right

            def finish(self, state: int) -> Outcome:
                return Outcome()

        return [Counted()]


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def engine(tmp_path: Path, scratch: Path) -> Iterator[Engine]:
    catalog = tmp_path / "catalog"
    catalog.mkdir()
    (catalog / "data.csv").write_text("id\n" + "".join(f"{n}\n" for n in range(RECORDS)))
    (catalog / "r.json").write_text('{"resourceID": "R", "ingestMethod": "CSV", "ingestURL": "data.csv"}')
    Gate.seen, Gate.reached, Gate.opened = 0, threading.Event(), threading.Event()
    yield Engine(catalog, plugins=Gate, jobs=1, limits=Limits(chunk_bytes=1000))
    Gate.opened.set()
    for thread in runs():
        thread.join(60)


def runs() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "potable-run"]


def stopped(scratch: Path) -> bool:
    """Whether the run ended soon after it was let on, and left nothing."""
    Gate.opened.set()
    for thread in runs():
        thread.join(60)
    return Gate.seen < 5 and not runs() and list(scratch.iterdir()) == []


def test_cancelling_arun_stops_the_run(engine: Engine, scratch: Path) -> None:
    async def cancelled() -> None:
        task = asyncio.create_task(engine.arun("R"))
        await asyncio.to_thread(Gate.reached.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert runs(), "the await doesn't wait for the run, which is held up"

    asyncio.run(cancelled())
    assert stopped(scratch)


def test_cancelling_acheck_stops_the_run(engine: Engine, scratch: Path, tmp_path: Path) -> None:
    seen: list[Progress] = []

    async def impatient() -> None:
        task = asyncio.create_task(engine.acheck(tmp_path / "catalog/data.csv", progress=seen.append))
        await asyncio.to_thread(Gate.reached.wait, 60)
        await asyncio.wait_for(task, 0)

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())
    assert runs()
    assert stopped(scratch)
    assert {event.stage for event in seen} >= {"fetch", "scan"}


def test_acheck_checks_as_check_does(engine: Engine) -> None:
    rows = [{"id": "a"}, {"id": "a"}]
    Gate.opened.set()
    report = asyncio.run(engine.acheck(rows, primary_key="id", ignore="csv", errPerc=50))
    assert report.verdict == "passed"
    assert [f.code for f in report.findings] == [f.code for f in engine.check(rows, primary_key="id").findings]
    with pytest.raises(UsageError, match="progress: 3 can't be called"):
        asyncio.run(engine.acheck(rows, progress=3))  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        asyncio.run(engine.acheck(rows, progress=lambda event: print(1 / 0)))


def test_a_timeout_stops_the_run_and_the_loop_ends_without_it(engine: Engine, scratch: Path) -> None:
    async def impatient() -> None:
        task = asyncio.create_task(engine.arun("R"))
        await asyncio.to_thread(Gate.reached.wait, 60)
        await asyncio.wait_for(task, 0)

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())
    assert runs()
    assert stopped(scratch)


def test_leaving_a_loop_over_events_stops_the_run(
    engine: Engine, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PATIENCE", 60.0)  # on a busy machine, too

    def open_when_told_to_stop() -> None:
        assert Gate.reached.wait(60)
        while not any(thread in following._STOPPING for thread in runs()):
            threading.Event().wait(0.001)
        Gate.opened.set()

    opener = threading.Thread(target=open_when_told_to_stop, daemon=True)
    opener.start()
    events = engine.events("R")
    for event in events:
        if event.stage == "scan":
            break
    opener.join(60)
    assert runs() == [], "a plain loop waits for the run's end"
    assert events.report is None
    assert stopped(scratch)


@pytest.mark.parametrize("how", ["break", "close", "cancel"])
def test_leaving_an_asynchronous_loop_over_events_stops_the_run(how: str, engine: Engine, scratch: Path) -> None:
    events = engine.events("R")

    async def leave() -> None:
        if how == "close":
            steps = aiter(events)
            assert (await anext(steps)).stage == "definition"
            await steps.aclose()  # type: ignore[attr-defined]
            return
        if how == "break":
            async for event in events:
                if event.stage == "scan":
                    break
            return

        async def follow() -> None:
            async for _ in events:
                pass

        task = asyncio.create_task(follow())
        await asyncio.to_thread(Gate.reached.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert events.report is None
    assert stopped(scratch)


@pytest.mark.parametrize("how", ["no answer", "half a body", "come back later"])
def test_a_server_that_hangs_holds_no_stopped_run(how: str, scratch: Path) -> None:
    """Its patience is longer than this test's."""
    asked, ended = threading.Event(), threading.Event()

    class Hanging(Handler):
        def answer(self) -> None:
            if how == "come back later":
                self.say(503, Retry_After="3600")
            elif how == "half a body":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nid,name\n")
            asked.set()
            if how != "come back later":
                ended.wait(120)

    async def cancelled(address: str) -> None:
        limits = Limits(read_seconds=3600, fetch_seconds=7200)
        engine = Engine(limits=limits, allow_hosts="127.0.0.1", without=["checkers"])
        source = {"ingestMethod": "CSV", "ingestURL": f"{address}/a.csv"}
        task = asyncio.create_task(following.followed(lambda tell: engine.check(source, progress=tell)))
        await asyncio.to_thread(asked.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with serving(Hanging) as address:
        try:
            asyncio.run(cancelled(address))
            for thread in runs():
                thread.join(60)
            assert (runs(), list(scratch.iterdir())) == ([], [])
        finally:
            ended.set()


def test_each_iteration_is_a_run(engine: Engine) -> None:
    Gate.opened.set()
    events = engine.events("R")
    for _ in range(2):
        stages = [e.stage for e in events]
        assert stages[-1] == "finish"
        assert events.report is not None
        assert events.report.counts.records == RECORDS


def test_several_at_once_in_one_loop(engine: Engine) -> None:
    Gate.opened.set()

    async def all_of_them() -> list[int]:
        return [r.counts.records for r in await asyncio.gather(*(engine.arun("R") for _ in range(4)))]

    assert asyncio.run(all_of_them()) == [RECORDS] * 4


def test_what_a_run_raises_is_raised_where_it_is_followed(engine: Engine) -> None:
    with pytest.raises(UnknownSource, match="no source 'S'"):
        asyncio.run(engine.arun("S"))


VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("VARIABLE", default="")


def test_a_run_has_the_context_of_its_task(engine: Engine) -> None:
    seen = []

    class Asks(Checker):
        """Notes what it can see."""

        name = "asks"

        def rules(self, source: Any) -> Iterable[Rule]:
            seen.append(VARIABLE.get())
            return ()

    VARIABLE.set("here")
    catalog = engine.catalog
    asyncio.run(Engine(catalog, plugins=Asks).arun("R"))
    assert set(seen) == {"here"}


def test_what_progress_raises_ends_the_run(engine: Engine, scratch: Path) -> None:
    Gate.opened.set()

    class Enough(Exception):
        pass

    def tell(event: Progress) -> None:
        if event.stage == "scan":
            raise Enough

    with pytest.raises(Enough):
        engine.check(Path(engine.catalog.get("R").resolve("data.csv")), progress=tell)
    assert stopped(scratch)


def test_a_program_ends_although_a_run_is_held_up(tmp_path: Path) -> None:
    """One that hangs and was cancelled doesn't keep the program; one that can end may tidy up before."""
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            """
            import asyncio, sys, tempfile, threading, time
            from potable.engine import Checker, Engine, Fold, Outcome, Limits, following

            following.PATIENCE = float(sys.argv[1])
            reached = threading.Event()

            class Slow(Checker):
                name = "slow"

                def folds(self, source):
                    class Waits(Fold):
                        name = "waits"
                        def start(self): return 0
                        def update(self, state, chunk):
                            reached.set()
                            threading.Event().wait(float(sys.argv[2]))
                            return 0
                        def merge(self, a, b): return 0
                        def finish(self, state): return Outcome()
                    return [Waits()]

            async def main():
                engine = Engine(plugins=Slow, catalog=sys.argv[3], jobs=1)
                task = asyncio.create_task(engine.arun("R"))
                await asyncio.to_thread(reached.wait)
                task.cancel()
                try:
                    await task
                except asyncio.CancelledError:
                    print("cancelled", flush=True)

            asyncio.run(main())
            """
        )
    )
    (tmp_path / "data.csv").write_text("id\n1\n")
    (tmp_path / "r.json").write_text('{"resourceID": "R", "ingestMethod": "CSV", "ingestURL": "data.csv"}')
    for patience, wait, left in (("60", "0.2", 0), ("0", "1000", 1)):
        scratch = tmp_path / f"tmp{left}"
        scratch.mkdir()
        ran = subprocess.run(
            [sys.executable, str(program), patience, wait, str(tmp_path / "r.json")],
            env={"TMPDIR": str(scratch), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "cancelled\n", "")
        assert len(list(scratch.iterdir())) == left
