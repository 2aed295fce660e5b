"""A stretch of a document, made a document of its own, and what libxml2 has to say against it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from potable.engine.reading.decoding import mend_utf8

if TYPE_CHECKING:
    from lxml import etree

DEEPEST = 256
"""libxml2 doesn't nest deeper (``xmlParserMaxDepth``)."""
OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
    "remove_blank_text": True,
    "collect_ids": False,
    "encoding": "utf-8",
}
"""Nothing is fetched or expanded, and what libxml2 bounds stays bounded. Blank text is ignorable where it's removed."""

_UNFINISHED = 77  # XML_ERR_TAG_NOT_FINISHED
_MISMATCH = 76
_ENTITIES = (26, 27)  # XML_ERR_UNDECLARED_ENTITY, XML_WAR_UNDECLARED_ENTITY
_RESOURCE = 114
_LARGE = (45, 110)  # a comment, a name
_PLACE = re.compile(r",? line (\d+), column \d+\s*$")
_LINE = re.compile(r" line \d+")
_QUOTED = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a piece isn't well-formed.

    :param at: offset in the piece.
    :param open: it only lacks its end.
    """

    code: str
    message: str
    at: int
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a document.

    :param before: start tags of the elements that are open where it begins.
    :param behind: names of those that are open where it ends.
    :param depth: how deep elements may be nested.
    :param tail: what closes it, besides ``behind``.
    """

    data: bytes
    before: Sequence[bytes] = ()
    behind: Sequence[bytes] = ()
    depth: int = DEEPEST
    tail: bytes = b""

    def parse(self) -> etree._Element | Broken:
        """The root of the document that it makes, or why it makes none."""
        from lxml import etree  # heavy: only XML needs it

        try:
            return etree.fromstring(self._head + self._text + self._tail, etree.XMLParser(**OPTIONS))
        except etree.XMLSyntaxError as e:
            return self._broken(e)

    def start(self) -> tuple[etree._Element | None, frozenset[etree._Element]]:
        """The root, as far as the document is well-formed, and the elements that weren't closed by then."""
        from lxml import etree  # heavy: only XML needs it

        parser = etree.XMLPullParser(("start", "end"), **OPTIONS)
        with suppress(etree.XMLSyntaxError):
            parser.feed(self._head + self._text)
        root: etree._Element | None = None
        unfinished: list[etree._Element] = []
        events: Any = parser.read_events()
        for event, element in events:
            if event == "start":
                root = element if root is None else root
                unfinished.append(element)
            else:
                unfinished.pop()
        return root, frozenset(unfinished)

    @property
    def extra(self) -> int:
        return max(DEEPEST - self.depth, 0)

    @property
    def _head(self) -> bytes:
        return b"<w>" * self.extra + mend_utf8(b"".join(self.before))[0]

    @property
    def _text(self) -> bytes:
        return self.data if self.data.isascii() else mend_utf8(self.data)[0]

    @property
    def _tail(self) -> bytes:
        return b"".join(b"</%b>" % n for n in reversed(self.behind)) + b"</w>" * self.extra + self.tail

    def _broken(self, e: Any) -> Broken:
        head, text = self._head, self._text
        at = _offset(head + text, e.lineno or 1, e.offset or 0) - len(head)
        is_open = e.code == _UNFINISHED or (e.code != _MISMATCH and not text[max(at, 0) :].strip())
        at = self._original(max(at, 0))
        # Lines that it names are those of the piece, the last place is told apart.
        message = _LINE.sub("", _PLACE.sub("", e.msg or "")).strip()
        code = "xml/syntax"
        if e.code in _ENTITIES or "amplification" in message:
            code = "xml/entity"
            name = _QUOTED.search(message)
            message = (
                f"the entity &{name[1]}; is used, which XML doesn't know by itself" if name else "entities are used"
            )
        elif e.code == _RESOURCE and "depth" in message:
            code, message = "xml/too-deep", f"elements are nested more than {min(self.depth, DEEPEST)} deep"
        elif e.code in (_RESOURCE, *_LARGE):
            code, message = "xml/too-large-node", f"{_what(e.code, message)} is longer than libxml2 takes"
        elif e.code == _MISMATCH and (m := re.search(r": (\S+) and (\S+)", message)):
            message = f"<{m[1]}> is closed by </{m[2]}>"
        return Broken(code, message, at, is_open and code == "xml/syntax")

    def _original(self, at: int) -> int:
        """The offset in the data of one in the text, which has U+FFFD where bytes aren't UTF-8."""
        for bad in [] if self.data.isascii() else mend_utf8(self.data)[1]:
            if bad.at >= at:
                break
            at -= 3 - len(bad.bytes)
        return min(at, len(self.data))


def _offset(data: bytes, line: int, column: int) -> int:
    """The offset of a place as libxml2 tells it: lines end in LF; characters of the line before it."""
    at = 0
    for _ in range(line - 1):
        behind = data.find(b"\n", at) + 1
        if not behind:
            return len(data)
        at = behind
    end = data.find(b"\n", at)
    row = data[at : len(data) if end < 0 else end]
    return at + (column if row.isascii() else len(row.decode("utf-8", "replace")[:column].encode()))


def _what(code: int, message: str) -> str:
    if code == _LARGE[0]:
        return "a comment"
    if code == _LARGE[1]:
        return "a name"
    return "a text" if "ext node" in message else "an attribute"
