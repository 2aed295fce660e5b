"""The markup of XML as bytes: just enough of it to know where an element ends.

Extensible Markup Language (XML) 1.0, fifth edition; https://www.w3.org/TR/xml/. In a well-formed document each ``<``
outside comments, CDATA sections and processing instructions begins a tag, for attribute values can't have one. What
isn't well-formed may be taken for anything here: a parser proper looks at every byte afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from potable.engine.lazyregex import lazy_regex

NAME = rb"[^\s<>/!?=&\"']+"
_REST = rb"(?=[\s/>])(?:[^\"'<>]*+(?:\"[^\"<]*+\"|'[^'<]*+')?+)*+>"
"""A start tag behind its name."""
_SPECIAL = rb"(?P<special><!--(?:(?s:.*?)-->)?|<!\[CDATA\[(?:(?s:.*?)\]\]>)?|<\?(?:(?s:.*?)\?>)?)"
"""A comment, a CDATA section, a processing instruction; only its beginning where the end isn't there yet."""
SPECIALS = {b"<!--": "a comment", b"<![CDATA[": "a CDATA section", b"<?": "a processing instruction"}
"""What they are, by how they begin."""

TOKEN = lazy_regex(rb"<(?P<open>%b)%b|</(?P<close>%b)\s*+>|%b" % (NAME, _REST, NAME, _SPECIAL))
"""Any tag, comment, CDATA section or processing instruction."""

_LITERAL = rb"(?:\"[^\"]*+\"|'[^']*+')"
DOCTYPE = lazy_regex(
    rb"<!DOCTYPE\s++[^\s<>\[]++(?:\s++(?P<external>(?:SYSTEM|PUBLIC\s++%b)\s++%b))?+\s*+"
    rb"(?:\[(?P<internal>(?:[^\]\"'<]++|%b|<!--(?s:.*?)-->|<\?(?s:.*?)\?>|<(?!!--|\?))*+)\]\s*+)?+>"
    % (_LITERAL, _LITERAL, _LITERAL)
)
"""A document type declaration, whole."""
_NO_DECLARATION = rb"<!--(?s:.*?)(?:-->|\Z)|<\?(?s:.*?)(?:\?>|\Z)"
ENTITY = lazy_regex(rb"%b|(?P<entity><!ENTITY\b)" % _NO_DECLARATION)
ATTLIST = lazy_regex(rb"%b|(?P<attributes><!ATTLIST\s(?:[^>\"']++|%b)*+>)" % (_NO_DECLARATION, _LITERAL))
"""What the internal part of a document type declares of attributes: types and defaults."""
ENCODING = lazy_regex(rb"<\?xml\s[^<>]*?\bencoding\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)')[^<>]*?\?>")

_WHITE = np.zeros(256, np.bool_)
_WHITE[list(b" \t\r\n\v\f")] = True

_COMMENTS = lazy_regex(rb"<!--(?s:.*?)(?:-->|\Z)|<!\[CDATA\[(?s:.*?)(?:\]\]>|\Z)|<\?(?s:.*?)(?:\?>|\Z)")
_START = lazy_regex(rb"<(%b)(?=[\s/>])" % NAME)


def text_of(name: bytes) -> str:
    """An element's name, which needn't be UTF-8 where the document is broken."""
    return name.decode("utf-8", "replace")


def is_whole(special: bytes) -> bool:
    """Whether a comment, CDATA section or processing instruction that was found has its end."""
    return special not in SPECIALS


def is_empty(data: bytes, end: int) -> bool:
    """Whether the start tag that ends there is an empty element (``<a/>``)."""
    return data[end - 2] == 0x2F


@lru_cache(maxsize=256)
def element(name: bytes) -> re.Pattern[bytes]:
    """The tags of the elements of that name, and what may hide them."""
    name = re.escape(name)
    return re.compile(rb"<(?P<open>%b)%b|</(?P<close>%b)\s*+>|%b" % (name, _REST, name, _SPECIAL))


@lru_cache(maxsize=256)
def start_of(names: tuple[bytes, ...]) -> re.Pattern[bytes]:
    """Whitespace and a start tag of one of these names; the name is group 1."""
    return re.compile(rb"\s*+<(%b)%b" % (b"|".join(map(re.escape, names)), _REST))


@lru_cache(maxsize=256)
def tags(name: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """The beginnings of start tags of that name, and its end tags."""
    name = re.escape(name)
    return re.compile(rb"<%b(?=[\s/>])" % name), re.compile(rb"</%b>" % name)


def only_white(data: bytes, starts: npt.NDArray[np.int64], stops: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether there's nothing but whitespace in each of these stretches, which are in order and don't overlap."""
    text = np.frombuffer(data, np.uint8)
    length = np.maximum(stops - starts, 0)
    if int(length.sum()) > len(data) // 2:  # not what it's for
        return np.array([not data[a:b].strip() for a, b in zip(starts.tolist(), stops.tolist(), strict=True)], np.bool_)
    first = np.cumsum(length) - length
    at = np.arange(int(length.sum())) + np.repeat(starts - first, length)
    odd = np.concatenate(([0], np.cumsum(~_WHITE[text[at]])))
    none: npt.NDArray[np.bool_] = odd[first + length] == odd[first]
    return none


def element_end(data: bytes, at: int, name: bytes, limit: int) -> int:
    """Where the element ends whose start tag ends at ``at``; -1 if that's behind ``limit``."""
    close = b"</" + name
    end = data.find(close, at, limit)
    while end >= 0:
        behind = end + len(close)
        nested = data.find(b"<" + name, at, end) >= 0
        hidden = data.find(b"<!", at, end) >= 0 or data.find(b"<?", at, end) >= 0
        if nested or hidden or data[behind : behind + 1] != b">":
            return _element_end(data, at, name, limit)
        return behind + 1
    return -1


def _element_end(data: bytes, at: int, name: bytes, limit: int) -> int:
    depth = 1
    for token in element(name).finditer(data, at, limit):
        if token["special"] is not None:
            if not is_whole(token["special"]):
                return -1
        elif token["close"] is not None:
            depth -= 1
            if not depth:
                return token.end()
        elif not is_empty(data, token.end()):
            depth += 1
    return -1


def unended(data: bytes, at: int) -> tuple[str, int] | None:
    """What of the text from ``at`` on has no end, and where it begins: ``a comment``, ``a tag``, or the innermost open
    element, ``<a>``; None where all is closed.
    """
    elements: list[tuple[bytes, int]] = []
    while (at := data.find(b"<", at)) >= 0:
        token = TOKEN.match(data, at)
        if token is None:
            return "a tag", at
        if token["special"] is not None:
            if not is_whole(token["special"]):
                return SPECIALS[token["special"]], at
        elif token["close"] is not None:
            del elements[-1:]
        elif not is_empty(data, token.end()):
            elements.append((token["open"], at))
        at = token.end()
    return (f"<{text_of(elements[-1][0])}>", elements[-1][1]) if elements else None


def start_tags(data: bytes) -> list[int]:
    """Offsets of all start tags."""
    return [t.start() for t in TOKEN.finditer(data) if t["open"] is not None]


def element_names(data: bytes) -> frozenset[str]:
    """The names of all elements that begin in ``data``, which may break off."""
    return frozenset(map(text_of, set(_START.findall(_COMMENTS.sub(b"", data)))))


def first_of(data: bytes, names: Sequence[str]) -> int:
    """Where the first element of one of these names begins; 0 where there's none."""
    wanted = {name.encode() for name in names}
    return next((t.start() for t in TOKEN.finditer(data) if t["open"] in wanted), 0)
