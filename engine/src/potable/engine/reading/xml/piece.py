"""A stretch of a document, made a document of its own, and what libxml2 has to say against it."""

from __future__ import annotations

import string
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.decoding import mend_utf8
from potable.engine.reading.xml.broken import Broken, broken

if TYPE_CHECKING:
    from lxml import etree

DEEPEST = 500
"""Nothing is read that is nested deeper, whatever ``Limits.depth`` says."""
OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "remove_comments": True,
    "remove_pis": True,
    "remove_blank_text": True,
    "collect_ids": False,
    "encoding": "utf-8",
}
"""Nothing is fetched or expanded. Blank text is ignorable where it's removed."""

_USUAL, _HUGE = 256, 2048
"""How deep libxml2 nests elements (``xmlParserMaxDepth``), without and with ``XML_PARSE_HUGE``."""
_NODE = 10_000_000
"""Without it, no text, attribute, comment or instruction is longer (``XML_MAX_TEXT_LENGTH``)."""
_LETTERS = string.ascii_letters.encode()
_ASCII = bytes(range(0x80)) + (_LETTERS + string.digits.encode() + b"_.") + b"__" + _LETTERS + b"__________"
"""For each byte one that a name may have too: bytes that begin a character become letters, others all differ."""
_PLACE = lazy_regex(r",? line (\d+), column \d+\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a document.

    :param before: start tags of the elements that are open where it begins.
    :param behind: names of those that are open where it ends.
    :param depth: how deep elements may be nested; None: nothing is put around it.
    :param doctype: of the whole document; "" for none.
    :param tail: what closes it, besides ``behind``.
    """

    data: bytes
    before: Sequence[bytes] = ()
    behind: Sequence[bytes] = ()
    depth: int | None = None
    doctype: bytes = b""
    tail: bytes = b""

    def parse(self) -> etree._Element | Broken:
        """The root of the document that it makes, or why it makes none."""
        from lxml import etree  # heavy: only XML needs it

        try:
            return etree.fromstring(self._head + self._text + self._tail, etree.XMLParser(**self._options))
        except etree.XMLSyntaxError as e:
            return self._broken(e)

    def start(self) -> tuple[etree._Element | None, frozenset[etree._Element]]:
        """The root, as far as the document is well-formed, and the elements that weren't closed by then."""
        from lxml import etree  # heavy: only XML needs it

        parser = etree.XMLPullParser(("start", "end"), **self._options)
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
    def _options(self) -> dict[str, Any]:
        return {**OPTIONS, "huge_tree": self._huge, "attribute_defaults": bool(self.doctype)}

    @property
    def extra(self) -> int:
        """How many elements are put around it, so that libxml2's own bound on nesting is ``depth``."""
        if self.depth is None:
            return 0
        return (_HUGE if self._huge else _USUAL) - min(self.depth, DEEPEST)

    @property
    def _huge(self) -> bool:
        """Whether libxml2's own bounds would be met before those of ``Limits``, by which large nodes are judged."""
        return (self.depth or 0) > _USUAL or len(self.data) > _NODE

    @property
    def _head(self) -> bytes:
        return mend_utf8(self.doctype)[0] + b"<w>" * self.extra + mend_utf8(b"".join(self.before))[0]

    @property
    def _text(self) -> bytes:
        return self.data if self.data.isascii() else mend_utf8(self.data)[0]

    @property
    def _tail(self) -> bytes:
        return b"".join(b"</%b>" % n for n in reversed(self.behind)) + b"</w>" * self.extra + self.tail

    def _broken(self, e: Any) -> Broken:
        head, text = self._head, self._text
        at = self._noticed(e, head + text) - len(head)
        # Lines that it names are those of the piece: the last place is told apart.
        found = broken(e.code, _PLACE.sub("", e.msg or ""), text, at, min(self.depth or DEEPEST, DEEPEST))
        return replace(found, at=self._original(found.at))

    def _noticed(self, e: Any, before: bytes) -> int:
        """The offset of an error. Of names beyond ASCII libxml2 counts some in bytes, others in characters: it's asked
        again with as many letters of ASCII in place of theirs, and believed where it then says the same.
        """
        from lxml import etree  # heavy: only XML needs it

        if not before.isascii():
            try:
                etree.fromstring(_ascii(before + self._tail), etree.XMLParser(**self._options))
            except etree.XMLSyntaxError as error:
                again: Any = error  # its stubs know less
                if (again.code, again.lineno) == (e.code, e.lineno):
                    return _offset(_ascii(before), again.lineno or 1, again.offset or 0)
        return _offset(before, e.lineno or 1, e.offset or 0)

    def _original(self, at: int) -> int:
        """The offset in the data of one in the text, which has U+FFFD where bytes aren't UTF-8."""
        for bad in [] if self.data.isascii() else mend_utf8(self.data)[1]:
            if bad.at >= at:
                break
            at -= 3 - len(bad.bytes)
        return min(at, len(self.data))


def _ascii(data: bytes) -> bytes:
    """A text of ASCII, as long, in which libxml2 finds what it finds in ``data``."""
    for bad in (b"\xef\xbf\xbe", b"\xef\xbf\xbf"):  # U+FFFE and U+FFFF, which XML doesn't have
        data = data.replace(bad, b"\x01__")
    return data.translate(_ASCII)


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
