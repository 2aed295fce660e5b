"""One response of an OAI-PMH repository, read from its file in one go, in flat memory.

OAI-PMH 2.0, http://www.openarchives.org/OAI/openarchivesprotocol.html: §3.2 (XML), §3.5 (flow control), §3.6 (errors).
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from potable.engine.definition.veil import NONE, Veil
from potable.engine.fetching.faults import quote_text
from potable.engine.reading.decoding import UTF8
from potable.engine.reading.parts import head_of
from potable.engine.reading.text import TextStream
from potable.engine.reading.xml.prolog import prolog_encoding

if TYPE_CHECKING:
    from potable.engine.contracts.snapshot import Part
    from potable.engine.limits import Limits

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
LISTED = 10_000
"""Most names (of sets, of formats) that are kept of a response."""

_PROLOG = 4096
"""In so many bytes a document type is looked for, which no response has."""
_VALUES = frozenset({"setSpec", "metadataPrefix"})


class NotOai(Exception):
    """A body that isn't an OAI-PMH response; ``str()`` says what it is instead.

    :ivar line: where it shows.
    """

    def __init__(self, words: str, line: int | None = None) -> None:
        super().__init__(words)
        self.line = line


class _TooLong(Exception):
    """A record goes on and on."""


@dataclass(frozen=True, slots=True)
class Header:
    """A record's header.

    :param line: where it begins.
    """

    identifier: str
    datestamp: str
    deleted: bool
    line: int | None


@dataclass(frozen=True, slots=True)
class Token:
    """A resumption token; an empty text ends the list."""

    text: str
    size: int | None = None
    expires: str | None = None


@dataclass(slots=True)
class Response:
    """What a response says.

    :ivar verbs: the elements that hold its payload (``ListRecords``).
    :ivar errors: code and words of each error.
    :ivar records: how many there are, deleted ones too; :ivar deleted: how many of them are deleted.
    :ivar digest: of the records' identifiers and datestamps.
    :ivar values: the set specs or metadata prefixes that it lists.
    :ivar date: the repository's time.
    :ivar known: its root element is that of an OAI-PMH response.
    :ivar unread: it couldn't be read on: it breaks off, isn't well-formed, or holds what is larger or deeper than it
        may be. Its reader will say so, at the place.
    """

    verbs: list[str] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    records: int = 0
    deleted: int = 0
    token: Token | None = None
    digest: str = ""
    values: list[str] = field(default_factory=list)
    date: str = ""
    known: bool = False
    unread: bool = False

    def error(self, code: str) -> str | None:
        """The words of the error with this code, None without one."""
        return next((words for found, words in self.errors if found == code), None)


class _File:
    """The text of a part as lxml reads it: what its bytes are isn't lxml's to find out, and no bad ones are in it.

    :param most: so many bytes may come before :attr:`since` is set back.
    :ivar since: how many came since then.
    """

    def __init__(self, text: TextStream, most: int) -> None:
        self._text, self._most = text, most
        self._decoder = codecs.getincrementaldecoder(UTF8)("replace")
        self.since = 0

    def read(self, size: int = -1) -> bytes:
        if self.since > self._most:
            raise _TooLong
        data = self._text.read(size if size > 0 else 1 << 16)
        self.since += len(data)
        text = self._decoder.decode(data, final=not data).encode()
        return text or (self.read(size) if data else b"")


def read_response(
    part: Part, limits: Limits, response: Response | None = None, veil: Veil = NONE, declared: str | None = None
) -> Iterator[Header]:
    """Go through a response: its records' headers one by one, all else into ``response``.

    :param veil: keeps secrets out of what the repository says.
    :param declared: the encoding that the definition declares.

    Raises :class:`NotOai`, and ``Fault`` where the file can't be unpacked. Nothing that it refers to is read.
    """
    from lxml import etree  # heavy: only XML needs it

    into = response if response is not None else Response()
    said, wrong = prolog_encoding(head_of(part, limits)) if not declared else (None, None)
    text = TextStream(part, limits, declared or said or (UTF8 if wrong else None), hashed=False)
    try:
        if b"<!DOCTYPE" in text.peek()[0][:_PROLOG]:
            raise NotOai("it declares a document type, which no OAI-PMH response does")
        yield from _events(etree, _File(text, limits.record_bytes), into, veil)
    except _TooLong:
        into.unread = True
    except etree.XMLSyntaxError as error:
        if into.known:
            into.unread = True
            return
        told: Any = error  # its stubs know less
        line, column = told.position
        words = quote_text((told.msg or "").rpartition(", line ")[0] or told.msg or "there is no element", veil)
        place = f"line {line}, column {column}: " if line else ""
        raise NotOai(f"it isn't well-formed XML ({place}{words})", line or None) from None
    finally:
        text.bytes.close()


def _events(etree: Any, source: _File, into: Response, veil: Veil) -> Iterator[Header]:
    # What libxml2 bounds by itself is the reader's to judge, by Limits.
    events = etree.iterparse(
        source, events=("start", "end"), encoding=UTF8, resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=True, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    digest, depth = hashlib.sha256(), 0
    for event, element in events:
        if event == "start":
            depth += 1
            if depth == 1:
                _check_root(element, veil)
                into.known = True
            elif depth == 2 and _local(element) not in ("responseDate", "request", "error"):
                into.verbs.append(_local(element))
            continue
        depth -= 1
        name = _local(element)
        if depth == 1:
            _note(element, name, into, veil)
        elif depth == 2:
            if name == "record":
                header = _header(element)
                into.records += 1
                into.deleted += header.deleted
                digest.update(f"{header.identifier}\0{header.datestamp}\0".encode())
                yield header
            elif name == "resumptionToken":
                into.token = _token(element)
            elif name in ("set", "metadataFormat"):
                values = (_text(child) for child in element if _local(child) in _VALUES)
                into.values += [v for v in values if v and len(into.values) < LISTED]
        if depth in (1, 2):
            _forget(element)
            source.since = 0
    into.digest = digest.hexdigest()


def _check_root(element: Any, veil: Veil) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise NotOai("it declares a document type, which no OAI-PMH response does")
    if _local(element) != "OAI-PMH":
        raise NotOai(f"its root element is {veil.hide(_local(element))[:100]!r}, not 'OAI-PMH'")
    namespace = str(element.tag).rpartition("}")[0].lstrip("{")
    if namespace not in (NAMESPACE, ""):
        raise NotOai(
            f"it's of another protocol version: its namespace is {veil.hide(namespace)[:200]!r}, not {NAMESPACE!r}"
        )


def _note(element: Any, name: str, into: Response, veil: Veil) -> None:
    if name == "error":
        into.errors.append((veil.hide(element.get("code") or "")[:100], quote_text(_text(element), veil)))
    elif name == "responseDate":
        into.date = _text(element)


def _header(record: Any) -> Header:
    header = next((child for child in record if _local(child) == "header"), None)
    if header is None:
        return Header("", "", False, record.sourceline)
    values = {_local(child): _text(child) for child in header}
    deleted = header.get("status") == "deleted"
    return Header(values.get("identifier", ""), values.get("datestamp", ""), deleted, header.sourceline)


def _token(element: Any) -> Token:
    size = (element.get("completeListSize") or "").strip()
    known = size.isascii() and size.isdigit() and len(size) < 16
    return Token(_text(element), int(size) if known else None, element.get("expirationDate"))


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Any) -> str:
    return (element.text or "").strip()


def _forget(element: Any) -> None:
    """Free what has been read."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
