"""The pages' handlers: the list of sources, a source and its runs, a report; signing in and out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from aiohttp import web

from potable.engine.errors import (
    CatalogError,
    DefinitionError,
    NotAcceptable,
    RunOngoing,
    SourceOnHold,
    StoreError,
    UnknownRun,
    UnknownSource,
    UsageError,
)
from potable.engine.fetching.addresses import shown_address
from potable.engine.reporting.formats import HtmlReporter
from potable.engine.reporting.html import policy
from potable.engine.runs import AUTO_USER
from potable.engine.store.apikey import Scope
from potable.server.answers import Refused
from potable.server.auth import Gate
from potable.server.calls import Calls, store_trouble
from potable.server.limits import HttpLimits
from potable.server.logs import FACTS, log
from potable.server.params import Params, read_params
from potable.server.web.listing import Listing
from potable.server.web.render import addressable, page, root_of
from potable.server.web.session import cookie, from_elsewhere, goal, key_of, plausible
from potable.server.web.several import cancel_all, start_all

if TYPE_CHECKING:
    from potable.engine.service import Service
    from potable.engine.store.apikey import ApiKey

RUNS, ALL_RUNS = 20, 500
"""Runs that a source's page lists, and that it lists where all are asked for."""

_ACTIONS = ("run", "cancel", "accept")

Handler = Callable[["Pages", web.Request], Awaitable[web.Response]]

_HEADINGS = {403: "Not allowed", 404: "Not found", 429: "Too many requests", 503: "Just now that's impossible"}


def shown(handler: Handler) -> Handler:
    """What a handler refuses, as a page; without a good key, the page to sign in at."""

    @wraps(handler)
    async def wrapped(self: Pages, request: web.Request) -> web.Response:
        try:
            return await handler(self, request)
        except Refused as e:
            status, said, headers = e.status, e.message, dict(e.headers or {})
        except StoreError as e:
            log.warning("store unavailable", reason=str(e))
            status, said, headers = 503, f"{_capital(store_trouble(e))}: try again.", {"Retry-After": "5"}
        except CatalogError as e:
            log.error("catalog unavailable", reason=str(e))
            status, said, headers = 503, "The catalog can't be read: try again.", {"Retry-After": "5"}
        if status == 401:
            headers.pop("WWW-Authenticate", None)  # it's for programs
            told = "This key doesn't work, or no longer." if key_of(request) else ""
            # The first page welcomes everybody.
            status = 200 if request.path == "/" and not told else status
            return _sign_in(request, status, told, goal("/".join(request.path.split("/")[1:3])))
        heading = _HEADINGS.get(status, "That didn't work")
        return page(request, "message", status, headers, said=said, heading=heading)

    return wrapped


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


class Pages:
    """The handlers, on one service.

    :param service: does the work.
    :param calls: the threads it's called in.
    :param gate: lets in by key.
    """

    def __init__(self, service: Service, calls: Calls, gate: Gate, limits: HttpLimits) -> None:
        self._service, self._calls, self._gate, self._limits = service, calls, gate, limits
        self._listing = Listing(service)

    async def prepare(self, _: web.Application) -> None:
        """Begin with what the first page needs."""
        self._listing.prepare()

    def routes(self) -> list[web.RouteDef]:
        """All pages."""
        source = "/sources/{resourceID}"
        forms = ("/sign-in", "/sign-out", "/run-all", "/cancel-all", *(f"{source}/{a}" for a in _ACTIONS))
        return [
            *(web.get(form, self.back) for form in forms),
            web.get("/", self.sources),
            web.post("/run-all", self.run_all),
            web.post("/cancel-all", self.cancel_all),
            web.post("/sign-in", self.sign_in),
            web.post("/sign-out", self.sign_out),
            web.get(source, self.source),
            web.post(f"{source}/run", self.run),
            web.post(f"{source}/cancel", self.cancel),
            web.post(f"{source}/accept", self.accept),
            web.get("/runs/{runID}", self.report),
        ]

    @shown
    async def sign_in(self, request: web.Request) -> web.Response:
        """``POST /sign-in``: a good key becomes a cookie."""
        params = await self._form(request)
        key, to = _first(params, "api_key").strip(), goal(_first(params, "to"))
        try:
            await self._gate.admit(request, key if plausible(key) else "", Scope.READ)
        except Refused as e:
            if e.status != 401:
                raise
            return _sign_in(request, 401, "This key doesn't work: it's mistyped, expired or revoked.", to)
        return _onward(root_of(request) + to, cookie(request, key))

    @shown
    async def sign_out(self, request: web.Request) -> web.Response:
        """``POST /sign-out``."""
        await self._form(request)
        return _onward(root_of(request), cookie(request, ""))

    @shown
    async def back(self, request: web.Request) -> web.Response:
        """``GET`` of what a form is sent to, as somebody does who reloads what it answered: to the page it's on."""
        return _onward(f"{root_of(request)}sources/{_id(request)}" if request.match_info else root_of(request))

    @shown
    async def sources(self, request: web.Request) -> web.Response:
        """``GET /``: the sources and how they stand, ``q`` to find some, ``standing`` to choose, ``page``."""
        params = await read_params(request, self._limits.body_seconds)
        key = await self._enter(request, Scope.READ)
        return await self._sources(request, key, params)

    @shown
    async def run_all(self, request: web.Request) -> web.Response:
        """``POST /run-all`` with ``q`` and ``standing``: a run of each of these sources that may be run now."""
        params, key = await self._asked(request)
        user = AUTO_USER if key.user_id is None else key.user_id
        rows = await self._calls.known(self._listing.chosen, *_choice(params), fresh=True)
        started, refused = await start_all(self._calls.known, self._service, rows, user)
        request[FACTS].update(started=started)
        if not started and (refused or not any(row.run is not None and row.run.ongoing for row in rows)):
            why = refused or "None of these sources may be run as it is: on hold, or its definition needs mending"
            return await self._sources(request, key, params, 400, f"No run was started. {why}.")
        return _onward(f"{root_of(request)}?standing=running")

    @shown
    async def cancel_all(self, request: web.Request) -> web.Response:
        """``POST /cancel-all`` with ``q`` and ``standing``: the ongoing runs of these sources are stopped."""
        params, _ = await self._asked(request)
        rows = await self._calls.known(self._listing.chosen, *_choice(params))
        request[FACTS].update(cancelled=await cancel_all(self._calls.known, self._service, rows))
        return _onward(root_of(request))

    @shown
    async def source(self, request: web.Request) -> web.Response:
        """``GET /sources/{resourceID}``: how its run stands, and the runs before."""
        key = await self._enter(request, Scope.READ)
        return await self._source(request, key)

    @shown
    async def run(self, request: web.Request) -> web.Response:
        """``POST /sources/{resourceID}/run``"""
        _, key = await self._asked(request)
        user = AUTO_USER if key.user_id is None else key.user_id
        return await self._done(request, key, lambda: self._service.start(_id(request), user))

    @shown
    async def cancel(self, request: web.Request) -> web.Response:
        """``POST /sources/{resourceID}/cancel`` with ``runID``."""
        params, key = await self._asked(request)
        run_id = _first(params, "runID")
        return await self._done(request, key, lambda: self._service.cancel(self._own(request, run_id)))

    @shown
    async def accept(self, request: web.Request) -> web.Response:
        """``POST /sources/{resourceID}/accept`` with ``runID``."""
        params, key = await self._asked(request)
        run_id = _first(params, "runID")
        return await self._done(request, key, lambda: self._service.accept(self._own(request, run_id)))

    @shown
    async def report(self, request: web.Request) -> web.Response:
        """``GET /runs/{runID}``: the report."""
        await self._enter(request, Scope.READ)
        run_id = request.match_info["runID"]

        def text() -> str:
            try:
                run = self._service.run(run_id)
                report = self._service.report(run.resource_id, run_id) if run.has_report else None
            except UnknownRun:
                raise Refused(404, "There is no such run.") from None
            if report is None:
                raise Refused(404, f"This run has no report: it is {run.state.value}.")
            known = addressable(run.resource_id)
            home = f"{root_of(request)}sources/{run.resource_id}" if known else root_of(request)
            return HtmlReporter().render_all([report], home)

        headers = {"Content-Security-Policy": f"{policy()}; frame-ancestors 'none'"}
        body = await self._calls.known(text)
        return web.Response(text=body, headers=headers, content_type="text/html", charset="utf-8")

    async def _form(self, request: web.Request) -> Params:
        """The form's fields. Refuses what another site sends."""
        if from_elsewhere(request):
            raise Refused(403, "This was sent by a page of another site.")
        return await read_params(request, self._limits.body_seconds)

    async def _enter(self, request: web.Request, scope: Scope) -> ApiKey:
        return await self._gate.admit(request, key_of(request), scope)

    async def _asked(self, request: web.Request) -> tuple[Params, ApiKey]:
        """The fields of a form that asks for something to be done, and who asks."""
        params = await self._form(request)
        return params, await self._enter(request, Scope.RUN)

    def _own(self, request: web.Request, run_id: str) -> str:
        """The run, being one of the source."""
        if self._service.run(run_id).resource_id != _id(request):
            raise UnknownRun(run_id)
        return run_id

    async def _done(self, request: web.Request, key: ApiKey, do: Callable[[], Any]) -> web.Response:
        """Do it, and go on to the source's page, or say there why it wasn't done."""
        try:
            await self._calls.known(do)
        except UnknownSource:
            raise Refused(404, "There is no such source.") from None
        except (RunOngoing, SourceOnHold, DefinitionError, NotAcceptable, UnknownRun, UsageError) as e:
            return await self._source(request, key, 400, f"That wasn't done: {e}.")
        return _onward(f"{root_of(request)}sources/{_id(request)}")

    async def _sources(
        self, request: web.Request, key: ApiKey, params: Params, status: int = 200, said: str = ""
    ) -> web.Response:
        text, group = _choice(params)
        number = _first(params, "page")
        at = int(number) if number.isdecimal() and len(number) < 7 else 1

        def shown() -> web.Response:  # a thread's work too: a long page would hold up all other calls
            view = self._listing.view(text, group, at)
            return page(request, "sources", status, view=view, said=said, may_run=key.allows(Scope.RUN))

        return await self._calls.known(shown)

    async def _source(self, request: web.Request, key: ApiKey, status: int = 200, said: str = "") -> web.Response:
        resource_id = _id(request)

        most = ALL_RUNS if request.query.get("runs") == "all" else RUNS

        def shown() -> web.Response:
            row = self._service.source(resource_id)
            run, runs = row.run, self._service.history(resource_id, most + 1)
            return page(
                request,
                "source",
                status,
                row=row,
                address=None if row.source is None else shown_address(row.source),
                why=self._service.report(resource_id, run.run_id).why if run is not None and run.has_report else (),
                runs=runs[:most],
                earlier=len(runs) > most,
                most=most,
                all_runs=most == ALL_RUNS,
                baseline=self._service.status(resource_id).baseline,
                may_run=key.allows(Scope.RUN),
                said=said,
            )

        try:
            return await self._calls.known(shown)
        except UnknownSource:
            raise Refused(404, "There is no such source.") from None


def _first(params: Params, name: str) -> str:
    return next(iter(params.all(name)), "")


def _choice(params: Params) -> tuple[str, str]:
    """What is looked for in the list, and the standing that is chosen; "" for all."""
    return _first(params, "q")[:200], _first(params, "standing")


def _id(request: web.Request) -> str:
    """The source that the URL names. Refuses what no source can be called."""
    text = request.match_info["resourceID"]
    if not addressable(text):
        raise Refused(404, "There is no such source.")
    request[FACTS].update(resource=text)
    return text


def _sign_in(request: web.Request, status: int, said: str, to: str) -> web.Response:
    return page(request, "sign_in", status, said=said, to=to)


def _onward(to: str, headers: dict[str, str] | None = None) -> web.Response:
    """On to another page, with GET."""
    return web.Response(status=303, headers={"Location": to} | (headers or {}))
