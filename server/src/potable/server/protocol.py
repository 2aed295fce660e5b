"""aiohttp's connection handler, with its bounds set and its answers to malformed requests made safe.

aiohttp quotes a malformed request in its log and in its answer; that may hold an API key. Here neither does.
"""

from __future__ import annotations

import asyncio
import errno
import math
import socket
import time
from collections.abc import Iterator
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from potable.server.answers import SECURITY_HEADERS, answer
from potable.server.limits import HttpLimits, bounded
from potable.server.logs import AccessLogger, log

_STARVED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_AGAIN = 60.0
"""Seconds after which it's told again that no connection can be accepted."""
_WAITING = 256
"""Connections that may wait to be accepted."""


class Connection(web.RequestHandler):
    """One connection."""

    __slots__ = ("_most", "_send_seconds")

    def __init__(self, manager: web.Server, *, most: int, send_seconds: float, **options: Any) -> None:
        super().__init__(manager, **options)
        self._most, self._send_seconds = most, send_seconds

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        manager = self._manager
        super().connection_made(transport)
        if manager is not None and len(manager.connections) > self._most:
            log.warning("too many connections", most=self._most)
            # Whoever opens many and says nothing, or half a request, must not lock the others out.
            next(_idle(manager), self).force_close()

    @property
    def idle(self) -> bool:
        """Whether it waits for a request, or for the rest of one's headers."""
        return self._waiter is not None and not self._waiter.done()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what couldn't be parsed, or to a handler that raised."""
        if isinstance(exc, HttpProcessingError) or status == 400:
            log.warning("malformed request", remote=request.remote, kind=type(exc).__name__)
            text = "Bad Request"
        else:
            log.error("request failed", remote=request.remote, exc_info=exc)
            text = "Internal Server Error"
        response = answer({"message": text}, status, SECURITY_HEADERS)
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer. What aiohttp refuses before any middleware (an unknown ``Expect``) is quoted by it, too."""
        if isinstance(resp, web.HTTPException):
            resp = answer({"message": resp.reason}, resp.status, SECURITY_HEADERS)
        try:
            async with asyncio.timeout(self._send_seconds):
                return await super().finish_response(request, resp, start_time)
        except TimeoutError:
            self.force_close()
            raise ConnectionResetError("the client doesn't take its answer") from None

    def force_close(self) -> None:
        """Close now: what the client hasn't taken so far is dropped, else it could hold the connection for ever."""
        transport = self.transport
        super().force_close()
        if isinstance(transport, asyncio.WriteTransport) and transport.get_write_buffer_size():
            transport.abort()


def _idle(manager: web.Server) -> Iterator[Connection]:
    """The connections that wait for a request, those first that were opened first."""
    return (c for c in manager.connections if isinstance(c, Connection) and c.idle)


class Listener:
    """An application on a socket.

    :param app: the application.
    :param limits: its bounds.
    """

    def __init__(self, app: web.Application, limits: HttpLimits) -> None:
        self._limits = bounded(limits)
        self._told = -math.inf
        self._runner = web.AppRunner(app, access_log_class=AccessLogger, shutdown_timeout=limits.drain_seconds)
        self._server: asyncio.Server | None = None

    async def start(self, sock: socket.socket) -> None:
        """Begin to answer on a bound socket."""
        await self._runner.setup()
        manager = self._runner.server
        assert manager is not None
        limits, loop = self._limits, asyncio.get_running_loop()

        def connection() -> Connection:
            return Connection(
                manager,
                most=limits.connections,
                send_seconds=limits.send_seconds,
                loop=loop,
                keepalive_timeout=limits.idle_seconds,
                lingering_time=limits.linger_seconds,
                max_line_size=limits.line_bytes,
                max_field_size=limits.header_bytes,
                access_log_class=AccessLogger,
                # A compressed body is refused by its header; it must never be inflated.
                auto_decompress=False,
            )

        loop.set_exception_handler(self._fault)
        # asyncio accepts so many at a time, and where none can be, it says so and tries again that many times over: one
        # at a time, else it does nothing else any more.
        self._server = await loop.create_server(connection, sock=sock, backlog=1)
        sock.listen(_WAITING)

    def _fault(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What the event loop has met; it tries to accept again in a second."""
        fault = context.get("exception")
        if not (isinstance(fault, OSError) and fault.errno in _STARVED and "socket" in context):
            loop.default_exception_handler(context)
            return
        if (now := time.monotonic()) - self._told >= _AGAIN:
            self._told = now
            log.warning("no connection can be accepted", reason=fault.strerror)
        manager = self._runner.server
        if manager is not None and (idle := next(_idle(manager), None)) is not None:
            idle.force_close()

    async def stop(self) -> None:
        """Accept nothing more, answer what has been asked, close."""
        if self._server is not None:
            self._server.close()
        await self._runner.cleanup()
