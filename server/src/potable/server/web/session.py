"""Who looks at a page: an API key in a cookie that scripts can't read and other sites can't use."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie

from aiohttp import web

COOKIE = "potable_key"
_KEY = re.compile(r"[A-Za-z0-9._-]{1,200}")
_GOAL = re.compile(r"(?:sources|runs)/[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")


def key_of(request: web.Request) -> str:
    """The key in the cookie; "" where there's none, or something that can't be one."""
    text = request.cookies.get(COOKIE, "")
    return text if _KEY.fullmatch(text) else ""


def plausible(key: str) -> bool:
    """Whether a text that somebody typed in may be a key at all."""
    return _KEY.fullmatch(key) is not None


def cookie(request: web.Request, key: str) -> dict[str, str]:
    """The header that keeps a key until the browser is closed; that forgets it where it's "".

    Without a path the cookie is for what lies beside the call, behind a proxy's prefix too. ``Lax``: a link in a mail
    finds one signed in, but another site's form doesn't.
    """
    jar: SimpleCookie = SimpleCookie({COOKIE: key})
    morsel = jar[COOKIE]
    morsel["httponly"], morsel["samesite"] = True, "Lax"
    if request.secure or request.headers.get("X-Forwarded-Proto", "").lower() == "https":
        morsel["secure"] = True
    if not key:
        morsel["max-age"] = 0
    return {"Set-Cookie": morsel.OutputString()}


def from_elsewhere(request: web.Request) -> bool:
    """Whether another site's page has made the browser send this."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")


def goal(text: str) -> str:
    """The page to go to after signing in: one of ours, else the first."""
    return text if _GOAL.fullmatch(text) else ""
