"""What stands before the root element and behind it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from potable.engine.findings import Fault, Location, Occurrence
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.decoding import byte_order, codec
from potable.engine.reading.xml.broken import Broken, no_root
from potable.engine.reading.xml.markup import ATTLIST, DOCTYPE, ENCODING, ENTITY, TOKEN
from potable.engine.reading.xml.nodes import large_node, too_large
from potable.engine.reading.xml.piece import Piece

if TYPE_CHECKING:
    from potable.engine.limits import Limits
    from potable.engine.reading.window import Window

_WHITE = b" \t\r\n"
_ANOTHER = lazy_regex(rb"\s*(<\?xml\s)")
_MARKUP = (
    (b"<?xml", b"?>", "the XML declaration"),
    (b"<?", b"?>", "a processing instruction"),
    (b"<!--", b"-->", "a comment"),
    (b"<!DOCTYPE", b">", "the document type declaration"),
)
"""How what may stand before and behind the root begins and ends."""
_SHOWN = 4096
"""So many bytes behind a prolog the parser gets to see, to tell what is wrong."""
_DECLARED = 1024
_WIDE = ("utf-16", "utf-32", "utf_16", "utf_32", "ucs-2", "ucs-4")


def prolog_encoding(head: bytes) -> tuple[str | None, str | None]:
    """The encoding that the XML declaration tells, and what is wrong with it.

    Text of 16 or 32 bits says so by its byte order mark: what such a text declares isn't looked at. Without the mark
    the declaration counts.
    """
    wide = byte_order(head[:_DECLARED])
    if wide is not None:
        head = head[:_DECLARED].decode(wide, "replace").encode()
    found = ENCODING.match(head.removeprefix(b"\xef\xbb\xbf"))
    if found is None:
        return None, None
    name = (found[1] or found[2] or b"").decode("ascii", "replace")
    if wide is not None:
        told = codec(name)
        known = told is not None and (told in (wide, wide[:6]) or not told.startswith(_WIDE))
        return (name if known else None), None
    if codec(name) is None:
        return None, f"the XML declaration says {name[:40]!r}, which is no known encoding; read as UTF-8"
    if name.lower().startswith(_WIDE):
        return None, f"the XML declaration says {name}, the bytes aren't; read as UTF-8"
    return name, None


def prolog_end(window: Window, limits: Limits) -> bytes:
    """Consume what stands before the root's start tag, once it's proved to be well-formed.

    Gives the document type that each piece of the document needs, as it declares attributes' types and defaults.
    Raises :class:`Fault`: ``xml/entity`` where the document type declares entities, ``xml/syntax``.
    """
    at, doctype = 0, None
    while True:
        if not window.data and not window.final:
            window.fill(1 << 16)
        at, state, found = _look(window.data, at, final=window.final)
        doctype = found or doctype
        if state == "more" and not window.final and len(window.data) - at <= limits.record_bytes:
            window.fill(max(len(window.data), 1 << 16))
            continue
        break
    if b"<!DOCTYPE" in window.data[at : at + 9]:  # it has no end
        _refuse_entities(window, at, len(window.data))
    if doctype is not None:
        _refuse_entities(window, *doctype)
    if state != "root" and window.final:
        _refuse_open(window, at)
    _prove(window, at, doctype, limits, well=state == "root")
    declared = _attributes(window.data[slice(*doctype)]) if doctype is not None else b""
    window.consume(at)
    return declared


def _attributes(doctype: bytes) -> bytes:
    """A document type that says of attributes what this one says, and nothing else."""
    lists = [found["attributes"] for found in ATTLIST.finditer(doctype) if found["attributes"] is not None]
    return b"<!DOCTYPE w [%b]>" % b"".join(lists) if lists else b""


def prove_epilog(window: Window, limits: Limits) -> None:
    """What stands behind the root, which was consumed, must be comments and processing instructions.

    Raises :class:`Fault` (``xml/syntax``).
    """
    while not window.final and len(window.data) <= limits.record_bytes:
        window.fill(max(len(window.data), 1 << 16))
    if (found := _ANOTHER.match(window.data)) is not None:
        message = "another XML document begins behind the root element (are there several documents in one file?)"
        raise Fault(Broken("xml/syntax", message, found.start(1)).told(place(window, found.start(1))))
    if window.final:
        _refuse_open(window, _look(window.data, 0, final=True)[0])
    _raise(window, Piece(data=window.data, before=(b"<r/>",)), limits)
    window.consume(len(window.data))


def place(window: Window, at: int) -> Location:
    """The place of an offset in the window."""
    return window.place(min(at, len(window.data)))


def _look(data: bytes, at: int, *, final: bool) -> tuple[int, str, tuple[int, int] | None]:
    """From ``at`` on to the root's start tag: where it begins; ``root``, ``more`` or ``bad``; the document type."""
    doctype = None
    while True:
        while at < len(data) and data[at] in _WHITE:
            at += 1
        if at == len(data) or (not final and len(data) - at < 9):
            return at, "more", doctype
        if data.startswith((b"<?", b"<!--"), at):
            token = TOKEN.match(data, at)
            if token is None or token.end() - at <= 4:
                return at, "more", doctype
            at = token.end()
        elif data.startswith(b"<!DOCTYPE", at):
            found = DOCTYPE.match(data, at)
            if found is None:
                return at, "more", doctype
            doctype = found.span()
            at = found.end()
        elif data[at : at + 1] == b"<" and data[at + 1 : at + 2] not in b"!/?=<> \t\r\n":
            return at, "root", doctype
        else:
            return at, "bad", doctype


def _refuse_open(window: Window, at: int) -> None:
    """Say that the file breaks off, if it ends in the markup that begins at an offset."""
    rest = window.data[at:]
    for begin, end, what in _MARKUP:
        if rest and ((rest.startswith(begin) and end not in rest) or begin.startswith(rest)):
            message = f"the file breaks off: {what} of line {place(window, at).line} isn't closed"
            raise Fault(Broken("xml/syntax", message, at).told(place(window, len(window.data))))


def _refuse_entities(window: Window, start: int, end: int) -> None:
    for found in ENTITY.finditer(window.data, start, end):
        if found["entity"] is not None:
            message = "the document type declares entities"
            raise Fault(Occurrence("xml/entity", message, location=place(window, found.start())))


def _prove(window: Window, end: int, doctype: tuple[int, int] | None, limits: Limits, *, well: bool) -> None:
    data = window.data[:end]
    if doctype is not None:
        found = DOCTYPE.match(data, doctype[0])
        assert found is not None
        if found["external"] is not None:  # libxml2 would look for it
            first, last = found.span("external")
            data = data[:first] + re.sub(rb"[^ \t\r\n]", b" ", data[first:last]) + data[last:]
    if not well and window.data.startswith(b"<!DOCTYPE", end):
        message = "the document type declaration isn't well-formed"
        raise Fault(Occurrence("xml/syntax", message, location=place(window, end)))
    rest = b"" if well else window.data[end : end + _SHOWN]
    _raise(window, Piece(data=data + rest, tail=b"<r/>" if well else b""), limits)
    if not well:
        raise Fault(Occurrence("xml/syntax", no_root(window.data[end:]), location=place(window, end)))


def _raise(window: Window, piece: Piece, limits: Limits) -> None:
    """Raise what is wrong with a piece that begins where the window does."""
    outcome = piece.parse()
    if isinstance(outcome, Broken):
        raise Fault(outcome.told(place(window, outcome.at)))
    large = large_node(piece.data, 0, len(piece.data), limits.node_bytes)
    if large is not None:
        raise Fault(too_large(large[0], limits.node_bytes, place(window, large[1])))
