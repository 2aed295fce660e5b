"""JSON (RFC 8259) with a line for every member, and names given twice noticed."""

from __future__ import annotations

import json
import re
from typing import Any

from potable.engine.definition.document import DEPTH_LIMIT, Document
from potable.engine.errors import DefinitionError
from potable.engine.lazyregex import lazy_regex
from potable.engine.paths.pointer import escape

_TOKEN = lazy_regex(
    r"""[ \t\r\n]*(?:
    (?P<string>"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")
    |(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)
    |(?P<word>true|false|null)
    |(?P<mark>[][{}:,]))""",
    re.VERBOSE,
)
_BLANKS = lazy_regex(r"[ \t\r\n]*")
_WORDS = {"true": True, "false": False, "null": None}
_DIGITS_LIMIT = 400
"""Longer integers are read as floats: to make an int of digits takes time by their square."""


def load_json(text: str, file: str | None = None) -> Document:
    """The document of a JSON text; raises :class:`DefinitionError` with the line of what isn't JSON."""
    return _Parser(text, file).document()


class _Parser:
    def __init__(self, text: str, file: str | None) -> None:
        self.text, self.file = text, file
        self.at = 0
        self.line = 1
        self.counted = 0
        self.out = Document()

    def document(self) -> Document:
        self.out.lines[""] = self.line_at(_end_of_blanks(self.text, 0))
        self.out.value = self.value(*self.token("a value"), "", 0)
        end = _end_of_blanks(self.text, self.at)
        if end < len(self.text):
            raise self.error("something follows the end of the value", end)
        return self.out

    def token(self, wanted: str) -> tuple[str, str]:
        """The next token's kind (its own text for marks) and text."""
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            raise self.error(f"{wanted} must stand here", _end_of_blanks(self.text, self.at))
        kind = str(match.lastgroup)
        self.at = match.end()
        text = match.group(kind)
        return (text if kind == "mark" else kind), text

    def value(self, kind: str, text: str, pointer: str, depth: int) -> Any:
        if kind == "string":
            return _string(text)
        if kind == "number":
            self.out.spelled[pointer] = text
            digits = text.lstrip("-").isdigit()
            return int(text) if digits and len(text) <= _DIGITS_LIMIT else float(text)
        if kind == "word":
            self.out.spelled[pointer] = text
            return _WORDS[text]
        if kind not in "{[":
            raise self.error("a value must stand here", self.at - 1)
        if depth >= DEPTH_LIMIT:
            raise self.error(f"nested more than {DEPTH_LIMIT} levels deep", self.at - 1)
        return self.mapping(pointer, depth + 1) if kind == "{" else self.items(pointer, depth + 1)

    def mapping(self, pointer: str, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        kind, text = self.token("a name in double quotes, or '}',")
        while kind != "}":
            if kind != "string":
                raise self.error("a name in double quotes must stand here", self.at - len(text))
            name = _string(text)
            inner = f"{pointer}/{escape(name)}"
            line = self.line_at(self.at)
            if name in out:
                self.out.duplicates.append((inner, line))
                for table in (self.out.lines, self.out.spelled):
                    for known in [k for k in table if k == inner or k.startswith(inner + "/")]:
                        del table[known]
            self.out.lines[inner] = line
            if self.token("':'")[0] != ":":
                raise self.error("':' must stand here", self.at - 1)
            out[name] = self.value(*self.token("a value"), inner, depth)
            kind, text = self.token("',' or '}'")
            if kind == ",":
                kind, text = self.token("a name in double quotes")
                if kind == "}":
                    raise self.error("a comma before '}': take it away", self.at - 1)
            elif kind != "}":
                raise self.error("',' or '}' must stand here", self.at - len(text))
        return out

    def items(self, pointer: str, depth: int) -> list[Any]:
        out: list[Any] = []
        kind, text = self.token("a value, or ']',")
        while kind != "]":
            inner = f"{pointer}/{len(out)}"
            self.out.lines[inner] = self.line_at(self.at)
            out.append(self.value(kind, text, inner, depth))
            kind, text = self.token("',' or ']'")
            if kind == ",":
                kind, text = self.token("a value")
                if kind == "]":
                    raise self.error("a comma before ']': take it away", self.at - 1)
            elif kind != "]":
                raise self.error("',' or ']' must stand here", self.at - len(text))
        return out

    def line_at(self, position: int) -> int:
        """The line of a position; positions come in ascending order."""
        self.line += self.text.count("\n", self.counted, position)
        self.counted = position
        return self.line

    def error(self, problem: str, position: int) -> DefinitionError:
        line = self.text.count("\n", 0, position) + 1
        column = position - (self.text.rfind("\n", 0, position) + 1) + 1
        if position >= len(self.text):
            problem = f"the text ends where {problem}"
        return DefinitionError(f"not JSON: {problem} (column {column})", self.file, line)


def _string(text: str) -> str:
    """The value of a JSON string literal; lone surrogates become replacement characters."""
    if "\\" not in text:
        return text[1:-1]
    value: str = json.loads(text)
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _end_of_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return at if match is None else match.end()
