"""Who calls, and what they may."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from potable.server.answers import Refused
from potable.server.calls import Calls
from potable.server.limits import HttpLimits, RateLimit
from potable.server.logs import FACTS
from potable.server.params import Params

if TYPE_CHECKING:
    from potable.engine.service import Service
    from potable.engine.store.apikey import ApiKey, Scope

_PLAUSIBLE = re.compile(r"[!-~]{1,200}")
_BEARER = re.compile(r"(?i:bearer) +(\S+) *")

DENIED = "Access Denied"


def presented(request: web.Request, params: Params) -> str:
    """The API key of a call: from ``api_key`` (query or form), ``X-API-Key``, or a bearer token.

    "" where there's none, where it can't be one (not ASCII, far too long), and where two differ: whatever is wrong
    with a key, the store is asked all the same, and the answer and its time tell nothing.
    """
    bearers = (_BEARER.fullmatch(value) for value in request.headers.getall("Authorization", ()))
    given = {
        *params.all("api_key"),
        *request.headers.getall("X-API-Key", ()),
        *(match[1] for match in bearers if match),
    } - {""}
    if len(given) != 1:
        return ""
    key = given.pop()
    return key if _PLAUSIBLE.fullmatch(key) else ""


class Gate:
    """Lets calls in by their API key. Each call asks the store, so that revoking works at once.

    :param service: holds the keys.
    :param calls: where the look-ups run.
    """

    def __init__(self, service: Service, calls: Calls, limits: HttpLimits) -> None:
        self._service, self._calls = service, calls
        self._rate = RateLimit(limits.rate, limits.burst)
        self._salt = secrets.token_bytes(16)

    async def enter(self, request: web.Request, params: Params, scope: Scope) -> ApiKey:
        """The caller's key. Refuses 429 (too many requests with a good key), 401 and 403 (not that right)."""
        # The hint depends on the body's kind alone, and tells nothing of keys.
        return await self.admit(request, presented(request, params), scope, params.hint)

    async def admit(
        self, request: web.Request, text: str, scope: Scope, hint: Mapping[str, str] | None = None
    ) -> ApiKey:
        """The key that ``text`` is; refuses as :meth:`enter` does.

        :param hint: members of the refusal of a key that doesn't work.
        """
        # Buckets are found by a salted hash: no key stays in memory.
        digest = hashlib.blake2b(text.encode(), key=self._salt, digest_size=16).digest()
        known = digest in self._rate
        if wait := self._rate.take(digest):
            raise _too_many(wait)
        key = await (self._calls.known if known else self._calls.stranger)(self._verify, text)
        if key is None:
            self._rate.bad(digest)
            raise Refused(401, "Unauthorized access", {"WWW-Authenticate": 'Bearer realm="potable"'}, hint)
        if not known and (wait := self._rate.good(digest)):
            raise _too_many(wait)
        request[FACTS]["key"] = key.id
        if not key.allows(scope):
            raise Refused(403, DENIED)
        return key

    def _verify(self, text: str) -> ApiKey | None:
        return self._service.keys.verify(text)


def _too_many(wait: int) -> Refused:
    return Refused(429, f"Too Many Requests: wait {wait} s", {"Retry-After": str(wait)})
