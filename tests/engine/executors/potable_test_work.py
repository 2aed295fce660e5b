"""Jobs that behave badly; a child process imports this by name. ``job["do"]`` names the function."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Emit = Callable[[Mapping[str, Any]], None]


def work(job: Mapping[str, Any], emit: Emit) -> dict[str, Any]:
    return globals()[job["do"]](job, emit) or {"did": job["do"]}


def echo(job: Mapping[str, Any], emit: Emit) -> dict[str, Any]:
    return {"got": job["value"], "pid": os.getpid()}


def steps(job: Mapping[str, Any], emit: Emit) -> None:
    for stage in ("definition", "fetch", "scan"):
        emit({"stage": stage})


def many_steps(job: Mapping[str, Any], emit: Emit) -> None:
    for n in range(10_000):
        emit({"stage": "scan", "bytes": n})


def surroundings(job: Mapping[str, Any], emit: Emit) -> dict[str, Any]:
    import resource

    return {
        "environ": {k: v for k, v in os.environ.items() if k.startswith(("POTABLE_", "PG"))},
        "leads_session": os.getsid(0) == os.getpid(),
        "links": [str(Path(f"/proc/self/fd/{n}").readlink()) for n in (0, 1, 2)],
        "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
        "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "sockets": sum(
            str(p.readlink()).startswith("socket:") for p in Path("/proc/self/fd").iterdir() if p.is_symlink()
        ),
    }


def raises(job: Mapping[str, Any], emit: Emit) -> None:
    raise ValueError("not\ntoday")


def usage(job: Mapping[str, Any], emit: Emit) -> None:
    from potable.engine.errors import UsageError

    raise UsageError("write it so")


def system_exit(job: Mapping[str, Any], emit: Emit) -> None:
    sys.exit(0)


def hard_exit(job: Mapping[str, Any], emit: Emit) -> None:
    os._exit(job.get("status", 0))


def segfault(job: Mapping[str, Any], emit: Emit) -> None:
    ctypes.string_at(0)


def kill_self(job: Mapping[str, Any], emit: Emit) -> None:
    os.kill(os.getpid(), getattr(signal, job["signal"]))
    time.sleep(60)


def stop_self(job: Mapping[str, Any], emit: Emit) -> None:
    emit({"stage": "scan"})
    os.kill(os.getpid(), signal.SIGSTOP)


def hang(job: Mapping[str, Any], emit: Emit) -> None:
    emit({"stage": "scan", "pid": os.getpid()})
    time.sleep(3600)


def hang_in_c(job: Mapping[str, Any], emit: Emit) -> None:
    """Holds the interpreter's lock: no other thread of the process runs any more."""
    emit({"stage": "scan", "pid": os.getpid()})
    ctypes.PyDLL(None).sleep(3600)


def deaf(job: Mapping[str, Any], emit: Emit) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    hang(job, emit)


def prints(job: Mapping[str, Any], emit: Emit) -> None:
    while True:
        print("x" * 10_000, flush=True)
        print("x" * 10_000, file=sys.stderr, flush=True)


def prints_a_bit(job: Mapping[str, Any], emit: Emit) -> None:
    print("noise", flush=True)
    os.write(1, b"noise")
    assert sys.stdin.read() == ""


def thread_stays(job: Mapping[str, Any], emit: Emit) -> None:
    threading.Thread(target=time.sleep, args=(3600,)).start()


def closes_everything(job: Mapping[str, Any], emit: Emit) -> None:
    os.closerange(3, 4096)
    time.sleep(3600)


def writes_garbage(job: Mapping[str, Any], emit: Emit) -> None:
    for path in Path("/proc/self/fd").iterdir():
        if path.is_symlink() and str(path.readlink()).startswith("socket:"):
            os.write(int(path.name), job["bytes"])
    time.sleep(3600)


def huge(job: Mapping[str, Any], emit: Emit) -> dict[str, Any]:
    return {"text": "x" * job["size"]}


def eats_memory(job: Mapping[str, Any], emit: Emit) -> None:
    hoard = []
    while True:
        hoard.append(bytearray(16 << 20))


def leaves_children(job: Mapping[str, Any], emit: Emit) -> dict[str, Any]:
    """50 processes: some in the group, some in sessions of their own, some orphans."""
    pids = []
    for n in range(50):
        command = [sys.executable, "-S", "-c", "import time; time.sleep(3600)"]
        pids.append(subprocess.Popen(command, start_new_session=n % 2 == 0).pid)
    emit({"stage": "scan", "pids": pids})
    if job["then"] == "hang":
        time.sleep(3600)
    return {"pids": pids}


def imports(job: Mapping[str, Any], emit: Emit) -> dict[str, Any]:
    """Which of the modules weren't there yet, before they're imported."""
    new = [name for name in job["names"] if name not in sys.modules]
    report = {"new": new, "may_fork": job["host"].may_fork, "nursery": os.getppid()}
    for name in job["names"]:
        importlib.import_module(name)
    return report


def given(job: Mapping[str, Any], emit: Emit, thing: Callable[[], str]) -> dict[str, Any]:
    return {"got": thing()}


def at_work(job: Mapping[str, Any], emit: Emit) -> dict[str, Any] | None:
    """Two checkers are at work when ``then`` is done, a third one has been."""
    with job["host"].at_work("done-before"):
        pass
    with job["host"].at_work("one"), job["host"].at_work("two"), job["host"].at_work("two"):
        return globals()[job["then"]](job, emit)


def starved(job: Mapping[str, Any], emit: Emit) -> None:
    with contextlib.suppress(MemoryError), job["host"].at_work("greedy"):
        raise MemoryError
    with job["host"].at_work("modest"):
        pass
    raise MemoryError("nothing left for others")
