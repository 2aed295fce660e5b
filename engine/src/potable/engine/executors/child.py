"""A run's own process, from the moment it is forked: confines itself, does the job, says *done*, ends.

Whatever a checker does to this process (raise, exit, crash, hang, print) stays in it. It contains faults, not malice.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import pickle
import signal
import socket
import struct
import sys
import time
from collections.abc import Mapping
from typing import Any, NoReturn

from potable.engine.errors import PotableError
from potable.engine.executors import frames, kernel, lessons
from potable.engine.executors.board import Board
from potable.engine.executors.contract import Work, told
from potable.engine.executors.own import OwnProcess
from potable.engine.settings import SECRET_VARIABLES

PROGRESS_SECONDS = 0.1
"""Least time between two messages of progress of one stage."""


def main(channel: int, trace: int, board: int, lesson: int, work: Work, memory: int | None, parent: int) -> NoReturn:
    """Do the job that comes over ``channel``; never returns.

    :param channel: descriptor of a stream socket to the supervisor.
    :param trace: descriptor of a file that takes the place of a fatal signal.
    :param board: descriptor of the file for the :class:`~potable.engine.executors.board.Board`.
    :param lesson: descriptor of the pipe for what this process imports; see :mod:`.lessons`.
    :param memory: see :func:`kernel.confine`.
    :param parent: process id of the process that forked this one.
    """
    try:
        os.setsid()
        kernel.die_with_parent(parent)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        kernel.blank(keep=(channel, trace, board, lesson), also=(0, 1, 2))
        # The copied objects may be anything: a notebook's, a test runner's.
        sys.stdin, sys.stdout, sys.stderr = (open(n, "r" if n == 0 else "w", closefd=False) for n in (0, 1, 2))  # noqa: SIM115
        kernel.confine(memory)
        forget_secrets()
        gc.enable()  # a command may have switched it off for its own short life
        faulthandler.enable(trace, all_threads=False)
        known = frozenset(sys.modules)
        if _serve(socket.socket(fileno=channel), work, Board(board)):
            lessons.write(lesson, known)
    finally:
        # Neither exit handlers nor other threads get a say: they belong to the process that was copied.
        os._exit(0)


def forget_secrets() -> None:
    """Take the credentials of the store out of this process's environment."""
    for name in [n for n in os.environ if SECRET_VARIABLES.fullmatch(n)]:
        del os.environ[name]


def _serve(channel: socket.socket, work: Work, board: Board) -> bool:
    """Do the job and say how it ended; whether it's done."""
    done = False
    try:
        job = pickle.loads(_receive(channel))  # from the supervisor  # noqa: S301
        job = {**job, "host": OwnProcess(board)}
        last = ("", 0.0)

        def emit(progress: Mapping[str, Any]) -> None:
            nonlocal last
            stage, now = str(progress.get("stage")), time.monotonic()
            if stage != last[0] or now - last[1] >= PROGRESS_SECONDS:
                last = (stage, now)
                channel.sendall(frames.encode({"type": "progress", "progress": progress}))

        message = frames.encode({"type": "done", "report": work(job, emit)})
        done = True
    except PotableError as e:
        message = frames.encode({"type": "error", "message": str(e)})
    except BaseException as e:  # noqa: BLE001 - SystemExit too: only a report is a success
        message = frames.encode({"type": "error", "message": told(e), "starved": isinstance(e, MemoryError)})
    channel.sendall(message)
    return done


def _receive(channel: socket.socket) -> bytes:
    with channel.makefile("rb") as stream:
        (length,) = struct.unpack(">I", stream.read(4))
        return stream.read(length)
