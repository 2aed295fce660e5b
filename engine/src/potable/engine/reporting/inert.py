"""Text from data, made harmless to show: nothing in it can move a cursor, colour a line, hide or reorder letters, or
command a CI system that reads the log.
"""

from __future__ import annotations

import re
import unicodedata

from potable.engine.lazyregex import lazy_regex

_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and marks that look like nothing
_PLAIN = lazy_regex(r"[ -~]*")
_COMMAND = lazy_regex(r"#(?=#(?:vso|teamcity)?\[)")  # of GitHub's, Azure's and TeamCity's, anywhere in a line
_FIRST = lazy_regex(r"(?m)^([ \t]*):(?=:[A-Za-z])")  # of GitHub's, at its beginning


def _hidden(char: str) -> bool:
    """Whether a character is a control, a format or an invisible one, or would not print alike everywhere."""
    category = unicodedata.category(char)
    if category[0] == "C" or category in ("Zl", "Zp"):
        return True
    if category == "Zs":
        return char != " "
    code = ord(char)
    return char in _FILLERS or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF or 0x180B <= code <= 0x180F


def _escape(char: str) -> str:
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def inert(text: object) -> str:
    r"""``text`` on one line, with every control, format (bidi, zero-width) and odd blank character spelt out.

    ``\x1b[31m`` shows as those seven characters, a right-to-left override as ``\u202e``, a line break as ``\n``.
    Backslashes of the text itself stay single: regular expressions and paths are to be read, not parsed. ``##[`` and
    its kin, with which commands to CI systems begin, become ``\x23#[``.
    """
    text = str(text)
    if "##" in text:
        text = _COMMAND.sub(r"\\x23", text)
    if _PLAIN.fullmatch(text):
        return text
    return "".join(_escape(c) if _hidden(c) else c for c in text)


def uncommanding(text: str) -> str:
    """Inert lines, none of which begins as a workflow command: however they were wrapped."""
    return _FIRST.sub(r"\1\\x3a", text) if "::" in text else text


def inert_json(text: str) -> str:
    """JSON text whose strings hold no character that a terminal could obey: those become ``\\uXXXX`` escapes.

    The JSON stays equal: inside a string an escape is the same character, and elsewhere JSON has only ASCII.
    """
    if "##" in text:
        text = _COMMAND.sub(r"\\u0023", text)
    if text.isascii() and "\x7f" not in text:
        return text

    def escape(found: re.Match[str]) -> str:
        char = found.group()
        if not _hidden(char):
            return char
        units = char.encode("utf-16-be", "surrogatepass").hex()
        return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))

    return re.sub(r"[^\x00-\x7e]", escape, text)


def width(text: str) -> int:
    """Columns that ``text`` takes in a terminal: two for wide East Asian characters, none for combining marks."""
    if text.isascii():
        return len(text)
    return sum(_columns(c) for c in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, columns: int) -> str:
    """``text`` in at most ``columns`` columns, an ellipsis as the last one where something is left out."""
    if width(text) <= columns:
        return text
    kept, used = [], 0
    for char in text:
        used += _columns(char)
        if used > columns - 1:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


def cut_middle(text: str, columns: int) -> str:
    """``text`` in at most ``columns`` columns, an ellipsis in its middle: both ends of a path or URL tell something."""
    if width(text) <= columns:
        return text
    tail = cut(text[::-1], columns - columns // 2 + 1)[:-1][::-1]
    return cut(text, columns // 2) + tail
