"""The server as a process: it listens, runs what is queued, and stops in good order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from potable.engine.errors import UsageError
from potable.engine.service import Service
from potable.engine.settings import Settings, sqlite_url
from potable.engine.worker import Worker
from potable.server.app import create_app
from potable.server.limits import DEFAULT_LIMITS, HttpLimits
from potable.server.logs import LogFormat, log, logging_to
from potable.server.protocol import Listener

if TYPE_CHECKING:
    from potable.engine.plugins import Plugins

HOST, PORT = "127.0.0.1", 8080
GRACE_SECONDS = 5.0
"""How long runs under way may go on when the server stops; then they're given back to the queue."""


def run(
    service: Service,
    *,
    host: str = HOST,
    port: int = PORT,
    children: int = 2,
    limits: HttpLimits = DEFAULT_LIMITS,
    grace: float = GRACE_SECONDS,
    log_format: LogFormat = "auto",
    log_level: str = "INFO",
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP; then accept nothing more, answer what was asked, give runs back.

    Must be called in the main thread. The service stays the caller's to close; logs go to the standard error stream.

    :param service: does the work; its executor should be ``forkserver``.
    :param port: 0 for any free one.
    :param children: most runs at once; 0 to run none here (another process of the same store does).
    :param grace: seconds that runs under way may still take after the signal.
    :param announce: called once with the server's URL when it listens; prints it by default.
    :raises UsageError: the store has no API key that works, or the address can't be listened on.
    :raises PotableError: catalog, plugins or store can't be used.
    """
    service.ready()
    require_key(service)
    sock = bind(host, port)
    # A busy event loop hands over to the threads of the calls ten times as often as by default: under a flood the
    # median answer to other keys comes in a third of the time.
    sys.setswitchinterval(0.0005)
    with logging_to(style=log_format, level=log_level):
        asyncio.run(_until_signal(service, sock, host, children, limits, grace, announce or _announce))


def run_demo(
    settings: Settings,
    *,
    host: str = HOST,
    port: int = PORT,
    children: int = 2,
    loaded: Callable[[Plugins], None] | None = None,
) -> None:
    """Serve a catalog with a fresh store and a fresh key, both thrown away at the end; prints the calls to try.

    :param settings: its store is left alone.
    :param loaded: as of :class:`~potable.engine.service.Service`.
    :raises PotableError: as :func:`run`.
    """
    with demo_service(settings, loaded) as (service, key):
        sources = [row.resource_id for row in service.sources() if not row.hold and not row.fault]
        if not sources:
            raise UsageError("the catalog has no source that can be run")

        def announce(url: str) -> None:
            _announce(url)
            print(demo_text(url, key, sources), flush=True)  # noqa: T201 - this is the command's result

        run(service, host=host, port=port, children=children, announce=announce)


@contextlib.contextmanager
def demo_service(settings: Settings, loaded: Callable[[Plugins], None] | None = None) -> Iterator[tuple[Service, str]]:
    """A service on a store of its own in a temporary folder, and a key for it."""
    with tempfile.TemporaryDirectory(prefix="potable-demo-") as folder:
        own = replace(settings, store=sqlite_url(Path(folder) / "runs.db"))
        with Service(own, executor="forkserver", loaded=loaded) as service:
            _ = service.plugins  # before there's a connection to the store
            key, _ = service.keys.add("demo")
            yield service, key


def demo_text(url: str, key: str, sources: list[str]) -> str:
    """Both calls, ready to paste, for the first source, and what other sources there are."""
    first, rest = sources[0], sources[1:]
    lines = [
        "",
        f"Open {url} in a browser and sign in with the key {key}",
        "or start a run, then ask how it stands (this key and all runs are gone when the server stops):",
        "",
        f"  curl -X POST '{url}/controller/run?api_key={key}&resourceID={first}'",
        f"  curl '{url}/controller/run_status?api_key={key}&resourceID={first}'",
        "",
    ]
    if rest:
        lines += [f"Other sources: {', '.join(rest)}", ""]
    return "\n".join(lines)


def require_key(service: Service) -> None:
    """Raise :class:`~potable.engine.errors.UsageError` when the store has no API key that works."""
    if not service.keys.any():
        raise UsageError(
            "the store has no API key that works, so nobody could call the server; "
            "make one with: potable api-keys add --name NAME"
        )


def bind(host: str, port: int) -> socket.socket:
    """A listening socket on an address. Raises UsageError where there can't be one."""
    if not 0 <= port <= 0xFFFF:  # getaddrinfo takes it modulo 65536
        raise UsageError(f"there is no port {port}; choose one from 0 (any free one) to 65535")
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=256)
    except OSError as e:
        reason = e.strerror or str(e)
        raise UsageError(f"can't listen on {host}:{port}: {reason}; choose another --host or --port") from None


@contextlib.asynccontextmanager
async def serving(
    service: Service,
    sock: socket.socket,
    *,
    children: int = 2,
    limits: HttpLimits = DEFAULT_LIMITS,
    grace: float = GRACE_SECONDS,
) -> AsyncIterator[None]:
    """Answer on a socket and run what is queued, as long as the block lasts; then stop in good order."""
    listener = Listener(create_app(service, limits), limits)
    worker = Worker(service, children=children) if children else None
    await listener.start(sock)
    try:
        if worker is not None:
            worker.start()
        yield
    finally:
        # Claiming stops and answering drains side by side; a run queued in between waits for the next server.
        stops = [listener.stop()]
        if worker is not None:
            stops.append(asyncio.to_thread(worker.stop, grace))
        for fault in await asyncio.gather(*stops, return_exceptions=True):
            if isinstance(fault, BaseException):
                log.error("stop", exc_info=fault)


async def _until_signal(
    service: Service,
    sock: socket.socket,
    host: str,
    children: int,
    limits: HttpLimits,
    grace: float,
    announce: Callable[[str], None],
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            loop.add_signal_handler(number, stop.set)
    shown = f"[{host}]" if ":" in host else host or "127.0.0.1"
    url = f"http://{shown}:{sock.getsockname()[1]}"
    async with serving(service, sock, children=children, limits=limits, grace=grace):
        log.info("listening", url=url, children=children)
        announce(url)
        await stop.wait()
        log.info("stopping", grace=grace)
    log.info("stopped")


def _announce(url: str) -> None:
    try:
        print(f"Potable listens on {url}", flush=True, file=sys.stdout)  # noqa: T201 - this is the command's result
    except OSError as e:  # where it goes the disk is full, or nobody reads it: who calls isn't concerned
        log.warning("the address can't be printed", reason=e.strerror)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
