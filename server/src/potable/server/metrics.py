"""``GET /metrics``: the store's runs in figures, for Prometheus.

They are those of the store, whoever carries its runs out: each of several servers gives the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from potable.engine.store.apikey import Scope
from potable.server.answers import Refused
from potable.server.auth import Gate
from potable.server.calls import Calls
from potable.server.limits import HttpLimits
from potable.server.params import read_params

if TYPE_CHECKING:
    from potable.engine.service import Service


class Metrics:
    """The handler, on one service; a key of the scope ``read`` lets in."""

    def __init__(self, service: Service, calls: Calls, gate: Gate, limits: HttpLimits) -> None:
        self._service, self._calls, self._gate, self._limits = service, calls, gate, limits

    async def show(self, request: web.Request) -> web.Response:
        """``GET /metrics``. Refuses (501) where prometheus_client isn't installed."""
        params = await read_params(request, self._limits.body_seconds)
        await self._gate.enter(request, params, Scope.READ)
        try:
            from potable.server.exposition import MEDIA_TYPE, exposition  # heavy: an extra
        except ImportError:
            words = "Not Implemented: metrics need prometheus_client: pip install 'potable-server[metrics]'"
            raise Refused(501, words) from None
        figures = await self._calls.known(self._service.figures)
        return web.Response(body=exposition(figures), headers={"Content-Type": MEDIA_TYPE})
