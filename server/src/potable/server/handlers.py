"""The calls of the contract: start a run, ask how it stands, read its report, accept it."""

from __future__ import annotations

import base64
import hashlib
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from aiohttp import web

from potable.engine.errors import (
    DefinitionError,
    NotAcceptable,
    RunOngoing,
    SecretNotSet,
    SourceOnHold,
    StoreDamaged,
    StoreError,
    StoreUnavailable,
    UnknownRun,
    UnknownSource,
    UsageError,
)
from potable.engine.reporting.rendering import rendered
from potable.engine.runs import AUTO_USER, Run, RunState
from potable.engine.store.apikey import Scope
from potable.server.answers import SECURITY_HEADERS, Refused, answer, failed
from potable.server.auth import DENIED, Gate
from potable.server.calls import Calls
from potable.server.limits import HttpLimits
from potable.server.logs import FACTS, log
from potable.server.params import Params, read_params

if TYPE_CHECKING:
    from potable.engine.contracts.report import Report
    from potable.engine.service import Service

REPORT_PATH = "/controller/runs/{runID}/report"
_RUN_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class Controller:
    """The handlers, on one service.

    :param service: does the work.
    :param calls: the threads it's called in.
    :param gate: lets in by key.
    """

    def __init__(self, service: Service, calls: Calls, gate: Gate, limits: HttpLimits) -> None:
        self._service, self._calls, self._gate, self._limits = service, calls, gate, limits

    async def run(self, request: web.Request) -> web.Response:
        """``POST /controller/run``: 200 once the run is committed."""
        _, resource_id, named = await self._asked(request)
        try:
            run = await self._calls.known(self._service.start, resource_id, named)
        except UnknownSource:
            raise Refused(404, "Invalid Resource") from None
        except RunOngoing as e:
            request[FACTS].update(resource=resource_id, run=e.run_id)
            raise failed(e, runID=e.run_id, resourceID=resource_id) from None
        except (SourceOnHold, DefinitionError, SecretNotSet) as e:
            request[FACTS].update(resource=resource_id)
            raise failed(e, resourceID=resource_id) from None
        request[FACTS].update(resource=resource_id, run=run.run_id)
        return answer(
            {
                "message": "Your Request started",
                "runID": run.run_id,
                "resourceID": run.resource_id,
                "userID": run.user_id,
            }
        )

    async def accept(self, request: web.Request) -> web.Response:
        """``POST /controller/accept``: a finished run, the source's last one unless named, becomes a baseline."""
        params, resource_id, named = await self._asked(request)
        request[FACTS].update(resource=resource_id)
        run_id = await self._calls.known(self._finished, resource_id, params.one("runID"))
        request[FACTS].update(run=run_id)
        try:
            await self._calls.known(self._service.accept, run_id)
        except NotAcceptable as e:
            raise failed(e, runID=run_id, resourceID=resource_id) from None
        base = await self._calls.known(self._service.baseline, resource_id)
        return answer(
            {
                "message": "Accepted",
                "runID": run_id,
                "resourceID": resource_id,
                "userID": named,
                "baseline": base and base.run_id,
            }
        )

    async def cancel(self, request: web.Request) -> web.Response:
        """``POST /controller/cancel``: stop the source's ongoing run, or the one that's named."""
        params, resource_id, named = await self._asked(request)
        request[FACTS].update(resource=resource_id)
        run = await self._calls.known(self._stop, resource_id, params.one("runID"))
        request[FACTS].update(run=run.run_id)
        known = {"runID": run.run_id, "resourceID": resource_id}
        if run.state is not RunState.CANCELLED:
            raise failed(f"run {run.run_id} had ended already: {run.state.value}", **known)
        return answer({"message": "Cancelled", **known, "userID": named})

    def _stop(self, resource_id: str, run_id: str | None) -> Run:
        """Cancel a run of this source; gives it as it is then. Refuses (404, 400) where there's none to stop."""
        if run_id is None:
            try:
                last = self._service.status(resource_id).run
            except UnknownSource:
                raise Refused(404, "Invalid Resource") from None
            if last is None or not last.ongoing:
                raise failed(f"{resource_id} has no ongoing run", resourceID=resource_id)
            run_id = last.run_id
        return self._service.cancel(self._own(resource_id, run_id))

    def _own(self, resource_id: str, run_id: str) -> str:
        """The run, being one of this source. Refuses (404) another."""
        with suppress(UnknownRun):
            if _RUN_ID.fullmatch(run_id) and self._service.run(run_id).resource_id == resource_id:
                return run_id
        raise Refused(404, "Invalid Run")

    async def _asked(self, request: web.Request) -> tuple[Params, str, int]:
        """The parameters of a call that changes something, its source, and who asks."""
        params = await read_params(request, self._limits.body_seconds)
        key = await self._gate.enter(request, params, Scope.RUN)
        user_id = _named_user(params)
        if user_id is not None and not key.may_be(user_id):
            raise Refused(403, DENIED)
        params.check_once()
        resource_id = params.resource_id()
        named = params.user_id()
        if named is None:
            named = AUTO_USER if key.user_id is None else key.user_id
        return params, resource_id, named

    def _finished(self, resource_id: str, run_id: str | None) -> str:
        """The run that is meant: of this source. Refuses (404) one that isn't there."""
        try:
            last = self._service.last_finished(resource_id)
        except UnknownSource:
            raise Refused(404, "Invalid Resource") from None
        return self._own(resource_id, (last or "") if run_id is None else run_id)

    async def run_status(self, request: web.Request) -> web.Response:
        """``GET /controller/run_status``: the source's ongoing run, else its last one."""
        params = await read_params(request, self._limits.body_seconds)
        await self._gate.enter(request, params, Scope.READ)
        params.check_once()
        resource_id = params.resource_id()
        params.user_id()
        try:
            status = await self._calls.known(self._service.status, resource_id)
        except UnknownSource:
            raise Refused(404, "Invalid Resource") from None
        request[FACTS].update(resource=resource_id)
        url = None if status.run is None else REPORT_PATH.format(runID=status.run.run_id)
        return answer({**status.to_dict(url), "resourceID": resource_id})

    async def report(self, request: web.Request) -> web.Response:
        """The report of a run, as JSON or in the ``format`` of any reporter."""
        params = await read_params(request, self._limits.body_seconds)
        await self._gate.enter(request, params, Scope.READ)
        params.check_once()
        style = params.one("format") or "json"
        run_id = request.match_info["runID"]
        known = await self._calls.known(lambda: sorted({"json", *self._service.plugins.reporters}))
        if style not in known:
            raise failed(f"format must be one of {', '.join(known)}")
        report = await self._calls.known(self._find, run_id)
        request[FACTS].update(run=run_id, resource=report.run.resource_id)
        if style == "json":
            return answer(await self._calls.known(report.to_dict))
        reporter = self._service.plugins.reporters[style]
        try:
            text = await self._calls.known(lambda: rendered(reporter(), [report]))
        except UsageError as e:  # it needs what isn't installed
            raise failed(e) from None
        media_type, _, _ = reporter.media_type.partition(";")
        headers = {"Content-Security-Policy": _policy(text)} if media_type == "text/html" else None
        return web.Response(text=text, content_type=media_type, charset="utf-8", headers=headers)

    def _find(self, run_id: str) -> Report:
        if not _RUN_ID.fullmatch(run_id):
            raise Refused(404, "Invalid Run")
        try:
            run = self._service.run(run_id)
            if not run.has_report:
                raise Refused(404, f"This run has no report: it is {run.state.value}", extra={"state": run.state.value})
            return self._service.report(run.resource_id, run_id)
        except (StoreUnavailable, StoreDamaged):
            raise
        except StoreError as e:
            log.info("no such report", reason=str(e))
            raise Refused(404, "Invalid Run") from None


def _named_user(params: Params) -> int | None:
    """The ``userID`` where it's given once and well-formed: the key's right is looked at before the parameters."""
    try:
        return params.user_id() if len(params.all("userID")) == 1 else None
    except Refused:
        return None


def _policy(page: str) -> str:
    """The page's content policy: nothing but the style sheet in its head, which the data can't reach."""
    head, _, _ = page.partition("</head>")
    digests = (hashlib.sha256(sheet.encode()).digest() for sheet in _STYLE.findall(head))
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    return f"{policy}; style-src {hashes}" if hashes else policy
