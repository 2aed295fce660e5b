"""A document that is declared as JSON Lines: seen at its beginning, so that not every line of it is called wrong."""

from __future__ import annotations

from dataclasses import dataclass

from potable.engine.reading.json.tokens import Broken, Grammar, name_of, skip_white, token
from potable.engine.reading.window import count_lines

_FAR = 3
"""So many lines a value goes over at least where its end isn't seen: a line that breaks off goes over fewer."""
_OBJECT, _ARRAY = 0x7B, 0x5B


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
    """Whether a text isn't JSON Lines because its first value goes over several lines, or is an array of all records.

    :param text: the beginning; :param whole: it's all of it.
    """
    at = start = skip_white(text, 0)
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


def _holds_an_object(text: bytes, start: int) -> bool:
    return text[skip_white(text, start + 1) :][:1] == b"{"


def _hint(first: int, element: str) -> str:
    more = f" and documentElement: {element}" if element and first == _OBJECT else ""
    return f"Set ingestMethod: JSON{more}."
