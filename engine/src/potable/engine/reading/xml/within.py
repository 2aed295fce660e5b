"""Where elements of a name stand that aren't elements: in a comment, or as text."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from potable.engine.findings import Location
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.streams import ByteStream
from potable.engine.reading.window import place_after
from potable.engine.reading.xml.names import local

if TYPE_CHECKING:
    from potable.engine.contracts.snapshot import Part
    from potable.engine.limits import Limits

_MOST = 1 << 20
"""So many bytes of a part are looked into."""
_HIDDEN = lazy_regex(
    rb"<!--(?P<comment>.*?)-->|<!\[CDATA\[(?P<cdata>.*?)\]\]>|(?P<escaped>&(?:lt|#60|#[xX]3[cC]);[^\s<>&]{1,200})",
    re.DOTALL,
)
_COMMENTED = "Take the <!-- and --> around the records away, or ask the source's owner why they're commented out."
_WRAPPED = "Have them written as XML: what puts them there escapes them (&lt;), or wraps them in CDATA."


@dataclass(frozen=True, slots=True)
class Within:
    """Where the first of them is.

    :param words: in what, as a clause.
    :param hint: what to do about it.
    """

    words: str
    hint: str
    location: Location


def within(part: Part, name: str | None, limits: Limits) -> Within | None:
    """Where the first element of that name stands that is none; None: there is no such. For well-formed documents whose
    encoding is a kind of ASCII. Raises as :class:`ByteStream`.
    """
    if not name:
        return None
    with closing(ByteStream(part, limits, hashed=False)) as stream:
        text = stream.read(_MOST)
    named = rb"(?:[\w.-]{1,100}:)?" + re.escape(local(name).encode())
    tag, escaped = re.compile(rb"<" + named + rb"[\s/>]"), re.compile(rb"&[^;]*;" + named + rb"(?![\w.-])")
    for found in _HIDDEN.finditer(text):
        kind = found.lastgroup or ""
        hit = (escaped if kind == "escaped" else tag).search(found[kind])
        if hit is None:
            continue
        at = found.start(kind) + hit.start()
        line, column = place_after(text[:at].removeprefix(b"\xef\xbb\xbf"), 1, 1)
        where = Location(file=part.name, url=part.url, line=line, column=column, byte=at)
        if kind == "comment":
            return Within(f"the records stand in a comment, from line {line} on", _COMMENTED, where)
        how = "in a CDATA section" if kind == "cdata" else "escaped"
        return Within(f"the records stand in it as text, {how}, from line {line} on", _WRAPPED, where)
    return None
