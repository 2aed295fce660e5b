"""Parameters of a call, from the query string and from a form body; each may be given once."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from potable.engine.definition.native import RESOURCE_ID
from potable.engine.runs import LARGEST_USER
from potable.server.answers import Refused, failed

NAMES = ("api_key", "resourceID", "userID", "runID", "format")
MOST_FIELDS = 100
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_USER_ID = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class Params:
    """The parameters as they were sent: (name, value) in order, the query string's before the body's.

    :ivar hint: members of a refusal that say why a body wasn't read; none where it was, or where there is none.
    """

    pairs: tuple[tuple[str, str], ...]
    hint: Mapping[str, str] = field(default_factory=dict)

    def all(self, name: str) -> list[str]:
        """All values of a parameter."""
        return [value for key, value in self.pairs if key == name]

    def check_once(self) -> None:
        """Refuse (400) a call that gives one of Potable's parameters twice, in whatever places."""
        counts = Counter(name for name, _ in self.pairs)
        for name in NAMES:
            if counts[name] > 1:
                raise failed(f"{name} is given {counts[name]} times; give it once")

    def one(self, name: str) -> str | None:
        """The value of a parameter, None when it isn't given. Call :meth:`check_once` before."""
        return next(iter(self.all(name)), None)

    def resource_id(self) -> str:
        """The ``resourceID``. Refuses (400) a missing or a malformed one."""
        text = self.one("resourceID")
        if not text:
            raise Refused(400, "Specify ResourceID", extra=self.hint)
        if not RESOURCE_ID.fullmatch(text):
            raise Refused(400, "Invalid Resource")
        return text

    def user_id(self) -> int | None:
        """The ``userID``, None when it isn't given. Refuses (400) what isn't a whole number from 0 to 2³¹-1."""
        text = self.one("userID")
        if text is None:
            return None
        if not _USER_ID.fullmatch(text) or int(text) > LARGEST_USER:
            raise failed(f"userID must be a whole number from 0 to {LARGEST_USER}, such as 4")
        return int(text)


async def read_params(request: web.Request, body_seconds: float) -> Params:
    """The call's parameters. Reads the body, whatever it is, so that its size and its pace are bounded.

    Refuses a compressed body (400), one past the application's ``client_max_size`` (413), one that hasn't come
    within ``body_seconds`` (408), and a form that can't be taken apart (400). Bodies of other kinds are ignored;
    the refusal of a call that misses a parameter says so.
    """
    hint: dict[str, str] = {}
    pairs = _parse(request.rel_url.raw_query_string)
    if request.body_exists:
        coding = request.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in ("", "identity"):
            raise failed("the body is compressed; send it without Content-Encoding")
        if (request.content_length or 0) > request.client_max_size:
            raise web.HTTPRequestEntityTooLarge(request.client_max_size)
        try:
            async with asyncio.timeout(body_seconds):
                pairs += await _form(request)
        except TimeoutError:
            raise Refused(408, "Request Timeout: the body didn't come in time", close=True) from None
        except (HttpProcessingError, web.RequestPayloadError, ValueError, LookupError, RuntimeError, AssertionError):
            # aiohttp's form parser raises all of these
            raise Refused(400, "Bad Request: the body can't be read", close=True) from None
        if request.content_type not in _FORMS and await request.read():  # which it has read
            said = f"a body of {request.content_type[:100]} isn't read"
            hint["hint"] = f"{said}: send the parameters in the query string, or as a form body"
    return Params(tuple(pairs), hint)


def _parse(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
    except ValueError:
        raise failed(f"more than {MOST_FIELDS} parameters") from None


async def _form(request: web.Request) -> list[tuple[str, str]]:
    if request.content_type == "multipart/form-data" and request.method == "POST":
        pairs = []
        for name, value in (await request.post()).items():
            if isinstance(value, str):
                pairs.append((name, value))
            elif isinstance(value, web.FileField):
                value.file.close()  # an upload is no parameter
        return pairs
    body = await request.read()
    if request.content_type == "application/x-www-form-urlencoded":
        return _parse(body.decode("utf-8", "replace"))
    return []
