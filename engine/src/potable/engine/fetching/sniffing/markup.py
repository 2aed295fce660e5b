"""Telling HTML, XML and JSON from plain text by how a body begins, without crying wolf at a cell of markup."""

from __future__ import annotations

import codecs
import json
import re
from contextlib import suppress
from itertools import islice

from potable.engine.lazyregex import lazy_regex

_PROLOG = lazy_regex(r"\s+|<!--.*?-->|<\?(?!xml-stylesheet\b)[a-zA-Z][^>]*?\?>|<\?xml-stylesheet[^>]*\?>", re.DOTALL)
_DECLARATION = lazy_regex(r"<\?xml\s+version\s*=", re.IGNORECASE)
_DOCTYPE = lazy_regex(r"<!doctype\s+([A-Za-z_][\w:.-]*)", re.IGNORECASE)
_DOCTYPE_WHOLE = lazy_regex(r"<!doctype\s[^>\[]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_NAME = r"[A-Za-z_][\w:.-]*"
_TAG = lazy_regex(rf"<(?P<end>/)?(?P<name>{_NAME})(?:\s(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)?(?P<alone>/)?>")
_HEADER = lazy_regex(rf"<{_NAME}>[ \t]*[,;|]")  # "<name>,<age>": column names in angle brackets
# What no text but markup has: an end tag, an empty element, a namespace.
_ENDED = lazy_regex(r"</|/>|\bxmlns\b")
_SKIP = lazy_regex(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
_HTML_ROOTS = frozenset({"html", "head", "body", "title", "meta", "script", "style", "base", "frameset"})
_HTML_BLOCKS = _HTML_ROOTS | {
    "h1", "h2", "h3", "h4", "h5", "h6", "div", "p", "table", "center", "form", "ul", "ol", "pre", "hr", "section",
    "main", "header", "article", "nav", "iframe", "noscript", "link",
}  # fmt: skip
_VOID = frozenset({"br", "hr", "img", "meta", "link", "input", "base", "area", "col", "embed", "source", "wbr"})
_RAW = lazy_regex(r"<(script|style)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TITLE = lazy_regex(r"<title[^>]*>(.*?)(?:</title|\Z)", re.IGNORECASE | re.DOTALL)
_XHTML = "http://www.w3.org/1999/xhtml"
# How JSON begins: {} or {"name":, [] or [{ or [[; a cell of text in brackets doesn't.
_JSON_OBJECT = lazy_regex(r'\{\s*(?:\}|"(?:[^"\\\n]|\\.)*"\s*:)')
_JSON_ARRAY = lazy_regex(r'\[\s*(?:\]|\{\s*(?:\}|"(?:[^"\\\n]|\\.)*"\s*:)|\[)')
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip


_CHARSET = lazy_regex(
    rb"""<(?:meta\b[^>]*?\bcharset|\?xml\b[^>]*?\bencoding)\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE
)

MOST_BYTES = 1 << 14
"""Most bytes that are looked at: some patterns here take quadratic time on hostile text."""


def as_text(head: bytes) -> str:
    """The head's first 16 KiB as text, byte order mark removed; what can't be decoded is replaced."""
    head = head[:MOST_BYTES]
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "replace")
    if len(head) >= 4 and head[1] == 0 and head[3] == 0 and head[0] and head[2]:
        return head.decode("utf-16-le", "replace")
    if len(head) >= 4 and head[0] == 0 and head[2] == 0 and head[1] and head[3]:
        return head.decode("utf-16-be", "replace")
    return head.decode("utf-8", "replace")


def page_text(body: bytes, charset: str | None) -> str:
    """All of an HTML page as text: by its byte order mark, the charset that the server or the page itself declares,
    UTF-8, or else Windows-1252. What can't be decoded is replaced.

    :param charset: what the server announced.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    declared = _CHARSET.search(body[:MOST_BYTES])
    for name in (charset, declared[1].decode("ascii") if declared else None):
        with suppress(LookupError):
            known = codecs.lookup((name or "?").strip()).name
            # the web's Latin-1 has the letters of Windows-1252 (WHATWG, Encoding, §4.2)
            return body.decode("cp1252" if known in ("iso8859-1", "ascii") else known, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def text_kind(text: str) -> str:
    """``html``, ``xml``, ``json``, ``text``, or ``empty`` for nothing but blanks."""
    if not text.strip("\ufeff \t\r\n\f\v\0"):
        return "empty"
    text = text.lstrip("\ufeff \t\r\n\f\v")
    if text[0] == "<":
        return _markup_kind(text)
    return "json" if _is_json(text) else "text"


def title_of(text: str) -> str | None:
    """An HTML page's title on one line, at most 200 characters; None without one."""
    match = _TITLE.search(text)
    title = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", match[1])).strip() if match else ""
    return title[:200] or None


def is_xhtml(text: str) -> bool:
    """Whether a page that is HTML is XML as well."""
    return _DECLARATION.match(text.lstrip("\ufeff \t\r\n")) is not None or _XHTML in text[:4096]


def root_of(text: str) -> str | None:
    """Name of the first element, as written; None where none is in sight."""
    rest, _ = _after_prolog(text)
    match = re.match(rf"<({_NAME})", rest)
    return match[1] if match else None


def _after_prolog(text: str) -> tuple[str, str | None]:
    """What comes after blanks, comments, processing instructions and the document type, and that type's name."""
    at, kind = 0, None
    while True:
        match = _PROLOG.match(text, at)
        if match is None and kind is None and (doctype := _DOCTYPE.match(text, at)):
            kind = doctype[1]
            match = _DOCTYPE_WHOLE.match(text, at)
            if match is None:
                return "", kind
        if match is None or match.end() == at:
            return text[at:], kind
        at = match.end()


def _markup_kind(text: str) -> str:
    rest, doctype = _after_prolog(text)
    root = re.match(rf"<({_NAME})(?=[\s/>])", rest)
    name = root[1].lower() if root else None
    if (doctype or "").lower() == "html" or name == "html":
        return "html"
    if doctype is not None or _DECLARATION.match(text):
        return "xml"
    if name is None:
        # a comment that doesn't end in sight: markup in any case, and a reader of XML sees how it goes on
        return "xml" if rest[:4] == "<!--" else "text"
    if _HEADER.match(rest):
        return "text"
    shape = _shape(rest)
    if name in _HTML_BLOCKS and shape in ("one", "open", "several"):
        return "html"
    return "xml" if shape == "one" or (shape == "open" and _ENDED.search(rest)) else "text"


def _shape(text: str) -> str:
    """How the elements of a text without prolog lie: ``one`` root, still ``open`` at the end, ``several``, or ``mixed``
    with text outside of all elements, as in a table whose cells hold markup.
    """
    text = _RAW.sub(lambda m: f"<{m[1]}></{m[1]}>", _SKIP.sub("", text))
    depth, roots, at = 0, 0, 0
    for tag in _TAG.finditer(text):
        if depth == 0 and text[at : tag.start()].strip():
            return "mixed"
        at = tag.end()
        if tag["end"]:
            depth = max(0, depth - 1)
        elif tag["alone"] or tag["name"].lower() in _VOID:
            roots += depth == 0
        else:
            roots += depth == 0
            depth += 1
    tail = text[at:].strip()
    if depth:
        return "open" if roots == 1 else "several"
    if tail and not re.match(r"</?[A-Za-z!?]?[^<>]*\Z", tail):
        return "mixed"
    return "one" if roots == 1 else "several"


def _is_json(text: str) -> bool:
    if text[0] == "{":
        return _JSON_OBJECT.match(text) is not None
    if text[0] != "[" or _JSON_ARRAY.match(text) is None:
        return False
    # "[[a],b" may be a table's header: what's in sight must be JSON as far as it goes
    inner = re.match(r"[\s\[]*", text)
    first = text[inner.end() : inner.end() + 1] if inner else ""
    if first == "{" or "".join(islice(text.split(), 2)) == "[]":
        return True
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
