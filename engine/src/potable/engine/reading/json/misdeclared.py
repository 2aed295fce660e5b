"""What is declared as JSON Lines and is none, seen at its beginning: so that not every line of it is called wrong."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.json.tokens import Broken, Grammar, fault, name_of, skip_white, token
from potable.engine.reading.window import count_lines

_FAR = 3
"""So many lines a value goes over at least where its end isn't seen: a line that breaks off goes over fewer."""
_SAMPLE = 20
"""So many lines are looked at for commas at their ends."""
_LINE = lazy_regex(rb"[^\r\n]+")
_ACTION = lazy_regex(rb'\s*\{\s*"(?:index|create|update)"\s*:\s*\{[^{}]*\}\s*\}\s*\Z')
_OBJECT, _ARRAY = 0x7B, 0x5B
_SEPARATOR = b"\x1e"


@dataclass(frozen=True, slots=True)
class NotLines:
    """What is there instead of lines.

    :param at: where it starts.
    :param message: what is wrong, a sentence.
    :param hint: how to mend that.
    """

    at: int
    message: str
    hint: str


def not_lines(text: bytes, *, whole: bool) -> NotLines | None:
    """Whether a text isn't JSON Lines because its first value goes over several lines, is an array of all records, or
    has a comma behind it, as all of the first lines have; because all values stand in one line, or each behind a record
    separator; or because every other line tells a search engine what to do with the next.

    :param text: the beginning; :param whole: it's all of it.
    """
    at = start = skip_white(text, 0)
    if text.startswith(_SEPARATOR, start):
        message = "each record begins with a record separator (1E): this is a JSON text sequence, not JSON Lines"
        return NotLines(start, message, "Take the byte 1E before each record away.")
    if start == len(text) or text[start] not in (_OBJECT, _ARRAY):
        return None
    grammar, element, name = Grammar(), "", ""
    try:
        while grammar.expected != "end" and (t := token(text, at, final=whole)) is not None:
            outer = len(grammar.open) == 1 and grammar.open[0] == _OBJECT
            naming = grammar.expected in ("key", "key or }")
            grammar.feed(t)
            at = t.stop
            if outer and naming and t.kind == "string":
                name = name_of(text[t.start : t.stop])
            elif outer and t.kind == "[" and not element:
                element = name
    except Broken:
        return None
    ended = grammar.expected == "end"
    over = count_lines(text[start:at])
    follows = text[skip_white(text, at) :][:1] if ended else b""
    if not over and follows == b",":
        return _commas(text, whole=whole)
    if not over and follows == b"{" and not count_lines(text[at:].rstrip()):
        message = "all values stand in one line, one behind the other: this isn't JSON Lines"
        return NotLines(start, message, "Write a line break behind each value.")
    if not over and _is_bulk(text):
        message = "every other line says what to do with the next one, as in a bulk request to Elasticsearch"
        return NotLines(start, message, "Leave the lines of actions out: each other line is a record.")
    if over >= (1 if ended else _FAR):
        until = f"up to line {count_lines(text[:at]) + 1}" if ended else "over many lines"
        first = count_lines(text[:start]) + 1
        if follows:
            message = f"the value that begins in line {first} goes on {until}: these are documents, not JSON Lines"
            return NotLines(start, message, "Write each record on one line, or all of them as one array (JSON).")
        message = f"the value that begins in line {first} goes on {until}: this is one JSON document, not JSON Lines"
        return NotLines(start, message, _hint(text[start], element))
    if ended and whole and not follows and text[start] == _ARRAY and _holds_an_object(text, start):
        message = "the only line is an array of all records: this is a JSON document, not JSON Lines"
        return NotLines(start, message, _hint(_ARRAY, ""))
    return None


def _is_bulk(text: bytes) -> bool:
    """Whether the first and the third line are actions of a bulk request, and the second is none."""
    lines = [line[0] for line in islice(_LINE.finditer(text), 4)]
    return len(lines) == 4 and [_ACTION.match(line) is not None for line in lines[:3]] == [True, False, True]


def _commas(text: bytes, *, whole: bool) -> NotLines | None:
    """Whether each of the first lines is an object and a comma; the last one of all need have none."""
    lines = [found for found in islice(_LINE.finditer(text), _SAMPLE) if found[0].strip(b" \t")]
    if lines and lines[-1].end() == len(text) and not whole:
        lines.pop()  # it may go on
    values = [line[0].strip(b" \t") for line in lines]
    if sum(value.endswith(b",") for value in values) < 2:
        return None
    if whole and not text[lines[-1].end() :].strip():
        values[-1] = values[-1].removesuffix(b",") + b","
    if not all(v.startswith(b"{") and v.endswith(b",") for v in values):
        return None
    if any(fault(value[:-1]) for value in values):
        return None
    at = lines[0].start() + lines[0][0].rindex(b",")
    message = "a comma is behind the value of each line: these are the elements of an array, not JSON Lines"
    return NotLines(at, message, "Take the comma at the end of each line away.")


def _holds_an_object(text: bytes, start: int) -> bool:
    return text[skip_white(text, start + 1) :][:1] == b"{"


def _hint(first: int, element: str) -> str:
    more = f" and documentElement: {element}" if element and first == _OBJECT else ""
    return f"Set ingestMethod: JSON{more}."
