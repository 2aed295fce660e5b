"""What a run's process does in these tests, by the ``do`` of the source's parameters; imported there by name."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from potable.engine.contracts.report import Counts, Report, RunInfo, SourceInfo

Emit = Callable[[Mapping[str, Any]], None]


def report(job: Mapping[str, Any], verdict: Any = "passed", records: int = 3) -> dict[str, Any]:
    options, source = job["options"], job["source"]
    limit = options["limit_records"]
    return Report(
        run=RunInfo(
            run_id=options["run_id"], resource_id=source.resource_id, user_id=options["user_id"],
            started="2026-01-01T00:00:00Z", ended="2026-01-01T00:00:01Z", seconds=1.0,
        ),
        verdict=verdict,
        why=(),
        source=SourceInfo(
            name=source.name, ingest_method="CSV", ingest_url=None, definition={"shape": "s"},
            sample=None if limit is None else {"mode": "head", "size": limit}, snapshot=None,
        ),
        counts=Counts(records=records),
        findings=(),
        coverage=(),
        metrics={
            "history": [r.records for r in options["history"].runs],
            "select": list(options["select"]),
            "pid": os.getpid(),
            "scratch": str(options["scratch"]),
            "limits": options["limits"].samples,
        },
    ).to_dict()  # fmt: skip


def step(source: Any, emit: Emit, **more: Any) -> None:
    emit(
        {"resource_id": source.resource_id, "stage": "scan", "bytes": 1, "total": 2, "records": 1, "errors": 0, **more}
    )


def work(job: Mapping[str, Any], emit: Emit, plugins: object = None) -> dict[str, Any]:
    source = job["source"]
    p = source.parameters
    Path(job["options"]["scratch"], "spilled").write_text("x")
    step(source, emit)
    if "pidfile" in p:
        with Path(p["pidfile"]).open("a") as f:
            f.write(f"{os.getpid()}\n")
    do = p.get("do")
    if do == "exit":
        os._exit(0)
    if do == "raise":
        raise ValueError("no")
    if do == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if do == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if do == "hang":
        time.sleep(3600)
    if do == "garbage":
        return {"verdict": "passed"}
    while do == "wait" and not Path(p["file"]).exists():
        time.sleep(0.01)
    if do == "steps":
        for n in range(100):
            step(source, emit, bytes=n)
            time.sleep(0.05)
    return report(job, p.get("verdict", "passed"), p.get("records", 3))
