"""From the path of a node inside a record, as a check of documents tells it, to the node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from potable.engine.lazyregex import lazy_regex
from potable.engine.paths.pointer import unescape
from potable.engine.reading.xml.values import TEXT, name_of

if TYPE_CHECKING:
    from lxml import etree

_STEP = lazy_regex(r"([^\[\]]+)(?:\[(\d+)\])?")


def element_at(record: etree._Element, path: str) -> tuple[etree._Element, str] | None:
    """The element, and which part of it (``@name``, ``_$``, "" for itself); None where the path leads nowhere.

    :param path: an element path below the record, or one that starts with its name; or a JSON Pointer into the record
        as an object (:func:`~potable.engine.reading.xml.values.record_object`).
    """
    steps = [s for s in path.split("/") if s not in ("", ".")]
    found = _follow(record, steps)
    if found is None and steps and _STEP.fullmatch(steps[0]) and steps[0].partition("[")[0] == name_of(record):
        found = _follow(record, steps[1:]) or _point(record, [unescape(s) for s in steps[1:]])
    return found


def _follow(element: etree._Element, steps: list[str]) -> tuple[etree._Element, str] | None:
    for n, text in enumerate(steps):
        if n == len(steps) - 1 and (text.startswith("@") or text in (TEXT, "text()")):
            return element, TEXT if text == "text()" else text
        step = _STEP.fullmatch(text)
        if step is None:
            return None
        twins = [child for child in element if name_of(child) == step[1]]
        number = int(step[2] or 1)
        if not 0 < number <= len(twins):
            return None
        element = twins[number - 1]
    return element, ""


def _point(element: etree._Element, tokens: list[str]) -> tuple[etree._Element, str] | None:
    while tokens:
        token, *tokens = tokens
        if not tokens and (token.startswith("@") or token == TEXT):
            return element, token
        twins = [child for child in element if name_of(child) == token]
        number = 0
        if len(twins) > 1 and tokens and tokens[0].isdecimal():
            number = int(tokens[0])
            tokens = tokens[1:]
        if number >= len(twins):
            return None
        element = twins[number]
    return element, ""
