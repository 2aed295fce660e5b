"""What the server answers: JSON bodies, refusals, and the headers that go with every answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

SECURITY_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "Server": "Potable",
    "X-Content-Type-Options": "nosniff",
}
"""Sent with every answer; a handler may set one of them otherwise."""


class Refused(Exception):
    """The call is refused.

    :param status: HTTP status.
    :param message: the answer's ``message``.
    :param headers: further headers of the answer.
    :param extra: further members of the answer.
    :param close: whether the connection can't be used any more.
    """

    def __init__(
        self,
        status: int,
        message: str,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
        close: bool = False,
    ) -> None:
        super().__init__(status, message, headers, extra, close)
        self.status, self.message, self.headers, self.extra, self.close = status, message, headers, extra, close

    def answer(self) -> web.Response:
        """The refusal as a response."""
        response = answer({"message": self.message, **(self.extra or {})}, self.status, self.headers)
        if self.close:
            response.force_close()
        return response


def failed(reason: object, **extra: Any) -> Refused:
    """The contract's 400 ``Failed Request : <reason>``."""
    return Refused(400, f"Failed Request : {reason}", extra=extra)


def answer(members: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A JSON object as a response, with a line break at its end for terminals."""
    body = json.dumps(members, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    return web.Response(body=body, status=status, headers=headers, content_type="application/json", charset="utf-8")


async def add_security_headers(_request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Signal handler of ``on_response_prepare``."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = SECURITY_HEADERS["Server"]  # aiohttp names itself and Python, with their versions
