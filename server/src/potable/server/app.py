"""The aiohttp application: routes, and what every call has in common."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import HttpVersion10, HttpVersion11, web

from potable.engine.errors import CatalogError, PotableError, StoreError
from potable.server.answers import Refused, add_security_headers, answer
from potable.server.auth import Gate
from potable.server.calls import Calls, store_trouble, unavailable
from potable.server.handlers import REPORT_PATH, Controller
from potable.server.limits import DEFAULT_LIMITS, HttpLimits
from potable.server.logs import FACTS, log
from potable.server.metrics import Metrics
from potable.server.openapi import document
from potable.server.web.pages import Pages
from potable.server.web.render import page

if TYPE_CHECKING:
    from potable.engine.service import Service

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_HINTS = {
    404: "Not Found: the calls are POST /controller/run, GET /controller/run_status, POST /controller/accept and POST "
    "/controller/cancel; see /openapi.json",
    413: "Request Entity Too Large",
}


def create_app(service: Service, limits: HttpLimits = DEFAULT_LIMITS) -> web.Application:
    """The application on a service, which stays the caller's to close. It starts no worker.

    :param service: does the work; its calls run in threads.
    :param limits: bounds of the HTTP layer. Those of connections are :class:`~potable.server.protocol.Listener`'s.
    """
    app = web.Application(middlewares=[_refusals], client_max_size=limits.body_bytes)
    calls = Calls(limits)
    gate = Gate(service, calls, limits)
    controller = Controller(service, calls, gate, limits)
    health = Health(service, calls)
    pages = Pages(service, calls, gate, limits)
    app.add_routes(
        [
            web.post("/controller/run", controller.run),
            web.get("/controller/run_status", controller.run_status),
            web.post("/controller/accept", controller.accept),
            web.post("/controller/cancel", controller.cancel),
            web.get(REPORT_PATH, controller.report),
            web.get("/healthz", health.alive),
            web.get("/readyz", health.ready),
            web.get("/metrics", Metrics(service, calls, gate, limits).show),
            web.get("/openapi.json", _openapi),
            *pages.routes(),
        ]
    )
    app.on_startup.append(pages.prepare)
    app.on_response_prepare.append(add_security_headers)

    async def close(_: web.Application) -> None:
        calls.close()

    app.on_cleanup.append(close)
    return app


class Health:
    """Whether the server lives, and whether it can do its work; anybody may ask.

    :param service: what is checked.
    """

    FRESH_SECONDS = 1.0

    def __init__(self, service: Service, calls: Calls) -> None:
        self._service, self._calls = service, calls
        self._fault: str | None = None
        self._asked = float("-inf")

    async def alive(self, _request: web.Request) -> web.Response:
        """``GET /healthz``: the event loop answers."""
        return answer({"status": "ok"})

    async def ready(self, _request: web.Request) -> web.Response:
        """``GET /readyz``: catalog, plugins and store can be used, and runs recorded; tried at most once a second."""
        if time.monotonic() - self._asked >= self.FRESH_SECONDS:
            self._asked = time.monotonic()
            try:
                await self._calls.stranger(self._service.ready, recording=True)
                self._fault = None
            except (PotableError, Refused) as e:
                self._fault = "store" if isinstance(e, StoreError) else "configuration"
                log.warning("not ready", reason=str(e))
        if self._fault is None:
            return answer({"status": "ready"})
        return answer({"status": "not ready", "fault": self._fault}, 503, {"Retry-After": "5"})


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into a JSON answer."""
    resource = request.match_info.route.resource
    facts: dict[str, object] = {"route": None if resource is None else resource.canonical}
    request[FACTS] = facts
    try:
        if request.version not in (HttpVersion10, HttpVersion11):
            raise Refused(505, "HTTP Version Not Supported: use HTTP/1.1", close=True)
        return await handler(request)
    except Refused as e:
        return e.answer()
    except web.HTTPMethodNotAllowed as e:
        allowed = ", ".join(sorted(e.allowed_methods))
        return answer({"message": f"Method Not Allowed: use {allowed}"}, 405, {"Allow": allowed})
    except web.HTTPException as e:
        if e.status == 404 and _of_a_person(request):
            return page(request, "message", 404, heading="Not found", said="There is no such page.")
        refusal = Refused(e.status, _HINTS.get(e.status, e.reason), close=e.status == 413)
        return refusal.answer()
    except StoreError as e:
        log.warning("store unavailable", reason=str(e))
        return unavailable(store_trouble(e)).answer()
    except CatalogError as e:
        log.error("catalog unavailable", reason=str(e))
        return unavailable("the catalog can't be read").answer()
    except Exception as e:  # noqa: BLE001 - a fault of ours ends this call, not the server
        log.error("request failed", exc_info=e)
        return answer({"message": "Internal Server Error"}, 500)


def _of_a_person(request: web.Request) -> bool:
    """Whether a browser asks for a page."""
    asked = request.headers.get("Accept", "")
    return request.method == "GET" and "text/html" in asked and not request.path.startswith("/controller/")


async def _openapi(_request: web.Request) -> web.Response:
    return answer(document())
