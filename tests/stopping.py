"""Runs that are told to stop while a server holds them up."""

from __future__ import annotations

import asyncio
import select
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from potable.engine import Engine, Limits, following

PATIENT = Limits(connect_seconds=3600, read_seconds=3600, fetch_seconds=7200, run_seconds=7200)


@dataclass
class Dam:
    """In front of a real server: lets so many of its bytes through, then no more, though the connection stays."""

    port: int
    most: int
    held: threading.Event = field(default_factory=threading.Event)

    def serve(self, listener: socket.socket, ended: threading.Event) -> None:
        while not ended.is_set():
            with suppress(OSError):
                client, _ = listener.accept()
                threading.Thread(target=self._pass, args=(client, ended), daemon=True).start()

    def _pass(self, client: socket.socket, ended: threading.Event) -> None:
        with client, socket.create_connection(("127.0.0.1", self.port)) as server, suppress(OSError):
            left = self.most
            while not ended.is_set():
                ready, _, _ = select.select([client, *([server] if left else [])], [], [], 0.05)
                for one in ready:
                    data = one.recv(min(left, 4096) if one is server else 4096)
                    if not data:
                        return
                    (client if one is server else server).sendall(data)
                    if one is server:
                        left -= len(data)
                        if not left:
                            self.held.set()


@contextmanager
def dam(port: int, most: int) -> Iterator[tuple[int, threading.Event]]:
    """A dam's port, and what is set once it holds."""
    ended, made = threading.Event(), Dam(port, most)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=made.serve, args=(listener, ended), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], made.held
        finally:
            ended.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(60)


def ends_when_told(source: Mapping[str, Any], held: threading.Event) -> bool:
    """Whether the run of a source, stopped when it's held up, ends though its limits and its server wouldn't end it."""
    engine = Engine(limits=PATIENT, allow_hosts="127.0.0.1", without=["checkers"])

    async def cancelled() -> None:
        task = asyncio.create_task(following.followed(lambda tell: engine.check(source, progress=tell)))
        assert await asyncio.to_thread(held.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    before = set(threading.enumerate())
    asyncio.run(cancelled())
    runs = [t for t in threading.enumerate() if t.name == "potable-run" and t not in before]
    for thread in runs:
        thread.join(60)
    return not any(thread.is_alive() for thread in runs)
