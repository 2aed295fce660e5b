"""Where the records of a document are, told from its beginning."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from potable.engine.lazyregex import lazy_regex

_TOKEN = lazy_regex(rb'"(?:[^"\\]|\\.)*"|[\[\]{}:]', re.DOTALL)


def json_element(text: bytes) -> str | None:
    """The member that holds the records: the outermost array of objects, of several the first; None where the document
    is itself an array, or has none.

    :param text: the beginning, in UTF-8.
    """
    found: list[tuple[int, str]] = []
    names: list[str | None] = []  # of what is open: an object's or array's member name, None in an array
    last, key, before = "", "", b""
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in b"{[":
            if before == b"[" and token == b"{" and names[-1:] and names[-1] is not None and names[-1] != "":
                found.append((len(names), str(names[-1])))
            if token == b"[" and not names:
                return None
            names.append(key if before == b":" else None)
        elif token in b"}]":
            del names[-1:]
        elif token == b":":
            key = last
        elif token[:1] == b'"':
            last = _unquoted(token)
        before = token
    return min(found, key=lambda f: f[0])[1] if found else None


def _unquoted(token: bytes) -> str:
    try:
        text: str = json.loads(token)
    except ValueError:
        return ""
    return text


def xml_elements(text: bytes) -> dict[str, Any]:
    """``topElement`` and ``documentElement``: the outermost element that occurs again and again with something in it,
    and what holds it. Where none does, the innermost one that is alone.

    :param text: the beginning, in UTF-8.
    """
    from lxml import etree  # heavy: 30 ms, and needed for XML alone

    parser = etree.XMLPullParser(
        ("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    parser.feed(_without_declaration(text))
    path: list[str] = []
    counts: Counter[tuple[str, ...]] = Counter()
    full: set[tuple[str, ...]] = set()
    events: Iterable[tuple[str, Any]] = parser.read_events()
    for event, element in events:
        if not isinstance(element.tag, str):
            continue
        if event == "end":
            del path[-1:]
            continue
        full.add(tuple(path))
        path.append(_written(element))
        counts[tuple(path)] += 1
        if element.attrib:
            full.add(tuple(path))
    inner = [p for p in counts if len(p) > 1]
    best = min(inner, key=lambda p: (counts[p] == 1, p not in full, len(p), -counts[p]), default=None)
    return {} if best is None else {"topElement": best[-2], "documentElement": best[-1]}


def _written(element: Any) -> str:
    """A name as it's written, with its prefix."""
    local = str(element.tag).rpartition("}")[2]
    return f"{element.prefix}:{local}" if element.prefix else local


def _without_declaration(text: bytes) -> bytes:
    """The text is UTF-8 by now, whatever it says of itself."""
    if text.lstrip().startswith(b"<?xml"):
        return text.partition(b"?>")[2].lstrip()
    return text
