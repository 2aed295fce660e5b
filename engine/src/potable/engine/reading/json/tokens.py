"""The grammar of JSON (RFC 8259), token by token, without recursion: for exact places, and for what isn't a record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal, NamedTuple

from potable.engine.lazyregex import lazy_regex
from potable.engine.paths.pointer import pointer_of

Kind = Literal["{", "}", "[", "]", ",", ":", "string", "number", "true", "false", "null"]

_WHITE = lazy_regex(rb"[ \t\n\r]*")
_STRING = lazy_regex(rb'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*')
_NUMBER = lazy_regex(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_TYPOGRAPHIC = tuple(quote.encode() for quote in "\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb")
_NUMBER_BEGUN = lazy_regex(rb"\.|[eE][+-]?")
_NUMBERISH = lazy_regex(rb"[0-9+\-.eE]*")
_ESCAPE_BEGUN = lazy_regex(rb"\\(?:u[0-9a-fA-F]{0,3})?\Z")
_LONGEST_WORD = 20
_WORD = lazy_regex(rb"[^\s,:\[\]{}\"]{1,%d}" % _LONGEST_WORD)
_LITERALS: dict[int, bytes] = {ord("t"): b"true", ord("f"): b"false", ord("n"): b"null"}
_PUNCTUATION: dict[int, Kind] = {ord(c): c for c in "{}[],:"}  # type: ignore[misc]

Expected = Literal["value", "value or ]", "key", "key or }", ":", ", or ]", ", or }", "end"]


class Token(NamedTuple):
    """A token: ``data[start:stop]``."""

    kind: Kind
    start: int
    stop: int


class Broken(Exception):
    """The text isn't JSON.

    :ivar at: offset of the first byte that can't stand there.
    :ivar reason: what is wrong with it.
    """

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(at, reason)
        self.at, self.reason = at, reason


def skip_white(data: bytes, at: int) -> int:
    """The offset of the next byte that isn't whitespace."""
    return _WHITE.match(data, at).end()  # type: ignore[union-attr]


def token(data: bytes, at: int, *, final: bool) -> Token | None:
    """The next token from ``at`` on; None where the text ends before or inside it.

    :param final: nothing follows ``data``. Then None means that only whitespace is left.

    Raises :class:`Broken`.
    """
    start = skip_white(data, at)
    if start == len(data):
        return None
    first = data[start]
    if (punctuation := _PUNCTUATION.get(first)) is not None:
        return Token(punctuation, start, start + 1)
    if first == 0x22:
        return _string(data, start, final)
    if not final and len(data) - start < _LONGEST_WORD:
        return None  # whatever it is, all of it is told
    if (literal := _LITERALS.get(first)) is not None:
        return _literal(data, start, literal, final)
    if first == 0x2D or 0x30 <= first <= 0x39:
        return _number(data, start, final)
    raise Broken(start, _unexpected(data, start))


def _string(data: bytes, start: int, final: bool) -> Token | None:
    stop = _STRING.match(data, start).end()  # type: ignore[union-attr]
    if stop == len(data):
        if final:
            raise Broken(
                stop,
                f"the text ends inside a string that opens {stop - start:,} byte{'s' * (stop - start != 1)} before",
            )
        return None
    if data[stop] == 0x22:
        return Token("string", start, stop + 1)
    if data[stop] == 0x5C:
        if _ESCAPE_BEGUN.match(data, stop):
            if final:
                raise Broken(len(data), "the text ends inside an escape")
            return None
        raise Broken(stop, f"{_shown(data[stop : stop + 2])} is no escape")
    what = {9: "a tab", 10: "a line break", 13: "a line break"}.get(
        data[stop], f"the control character {data[stop]:02X}"
    )
    raise Broken(stop, f"{what} inside a string: a quote is missing, or it should be escaped")


def _literal(data: bytes, start: int, literal: bytes, final: bool) -> Token | None:
    found = data[start : start + len(literal)]
    if found == literal:
        return Token(literal.decode(), start, start + len(literal))  # type: ignore[arg-type]
    if literal.startswith(found) and start + len(found) == len(data):
        if final:
            raise Broken(len(data), f"the text ends inside {literal.decode()}")
        return None
    raise Broken(start, _unexpected(data, start))


def _number(data: bytes, start: int, final: bool) -> Token | None:
    stop = _NUMBERISH.match(data, start).end()  # type: ignore[union-attr]
    if stop == len(data) and not final:
        return None
    found = _NUMBER.match(data, start)
    if found is None or found.end() != stop:
        at = start if found is None else found.end()
        text = data[start : min(stop, start + 20)]
        ends = stop == len(data) and (found is None or _NUMBER_BEGUN.fullmatch(data, at) is not None)
        if data.startswith(b"-Infinity", start):
            raise Broken(start, _unexpected(data, start))
        if ends:
            raise Broken(stop, "the text ends inside a number")
        raise Broken(min(max(at, start), len(data)), f"{_shown(text)} is no number")
    return Token("number", start, stop)


def _unexpected(data: bytes, at: int) -> str:
    word = _WORD.match(data, at)
    text = word[0] if word else data[at : at + 1]
    if text in (b"NaN", b"Infinity", b"-Infinity", b"undefined", b"None", b"True", b"False"):
        return f"{text.decode()} isn't JSON: write null, true or false, or a text"
    if data[at:] == b"\xef\xbf\xbd":
        return "bytes at its end that are no character: the file is cut off within one, it seems"
    if text.startswith(b"'"):
        return "a single quote: texts and names are in double quotes"
    if text.startswith(_TYPOGRAPHIC):
        return "a typographic quote: texts and names are in straight double quotes"
    if text.startswith((b"//", b"/*", b"#")):
        return "a comment: JSON has none"
    if text.startswith(b"\xef\xbb\xbf"):
        return "a byte order mark: it may stand at the start of a file alone"
    if text.startswith(b"\0"):
        return "a NUL byte: the file was written in part, or isn't text"
    return f"{_shown(text)} can't stand here"


def _shown(text: bytes) -> str:
    return ascii(text.decode("utf-8", "replace"))


class Grammar:
    """Which token may follow, and the containers that are open. It is fed each token in turn.

    :ivar expected: what may come next.
    :ivar open: the brackets that are open, outermost first.
    """

    __slots__ = ("expected", "open")

    def __init__(self) -> None:
        self.expected: Expected = "value"
        self.open = bytearray()

    def feed(self, t: Token) -> None:
        """Take a token. Raises :class:`Broken` where it can't stand."""
        kind, expected = t.kind, self.expected
        if kind == ",":
            if expected == ", or }":
                self.expected = "key"
                return
            if expected == ", or ]":
                self.expected = "value"
                return
        elif kind == ":":
            if expected == ":":
                self.expected = "value"
                return
        elif kind == "string" and expected in ("key", "key or }"):
            self.expected = ":"
            return
        elif kind in ("}", "]"):
            if expected in ((", or }", "key or }") if kind == "}" else (", or ]", "value or ]")):
                self.open.pop()
                self.value_done()
                return
        elif expected in ("value", "value or ]"):
            if kind in ("{", "["):
                self.open.append(ord(kind))
                self.expected = "key or }" if kind == "{" else "value or ]"
            else:
                self.value_done()
            return
        raise Broken(t.start, self._wrong(t))

    def value_done(self) -> None:
        """A whole value was taken."""
        self.expected = "end" if not self.open else ", or }" if self.open[-1] == 0x7B else ", or ]"

    def broken_off(self, at: int) -> Broken:
        """The text ends here, too early."""
        if not self.open and self.expected == "value":
            return Broken(at, "there is no value")
        what = {0x7B: "an object", 0x5B: "an array"}[self.open[-1]] if self.open else "a value"
        return Broken(at, f"the text ends inside {what} ({len(self.open)} not closed)")

    def _wrong(self, t: Token) -> str:
        shown = {"string": "a text", "number": "a number"}.get(t.kind, t.kind)
        if self.expected == "end" and t.kind == ",":
            return "a comma behind the end of the value"
        if self.expected == "end":
            return "there is more behind the end of the value"
        if t.kind == "}" and self.expected == "value" and self.open[-1:] == b"{":
            return "a name without a value"
        if t.kind in ("}", "]") and self.expected in ("key", "value") and self.open:
            return (
                "a comma before the closing bracket" if _closes(t.kind, self.open[-1]) else "the wrong closing bracket"
            )
        if t.kind in ("}", "]") and self.open and not _closes(t.kind, self.open[-1]):
            return f"{t.kind} where {'}' if self.open[-1] == 0x7B else ']'} must close"
        if self.expected in ("key", "key or }"):
            return f"{shown} where a name in double quotes must stand"
        must = {"value": "a value", "value or ]": "a value or ]"}.get(self.expected, self.expected)
        return f"{shown} where {must} must stand"


def _closes(kind: str, bracket: int) -> bool:
    return (kind == "}") == (bracket == 0x7B)


def fault(data: bytes) -> Broken | None:
    """What is wrong with a text that should be one value; None where it's well-formed."""
    grammar, at = Grammar(), 0
    try:
        while (t := token(data, at, final=True)) is not None:
            grammar.feed(t)
            at = t.stop
    except Broken as broken:
        return broken
    return None if grammar.expected == "end" else grammar.broken_off(len(data))


class Node(NamedTuple):
    """A value inside a document.

    :ivar pointer: its JSON Pointer; built from the names as they are spelt once unescaped.
    :ivar key: offset of its name's opening quote, -1 for an array's item and the root.
    :ivar value: offset of its first byte.
    :ivar parent: number of the object or array that it is in, counted from 0 in order; -1 for the root.
    """

    pointer: str
    key: int
    value: int
    parent: int


def nodes(data: bytes) -> Iterator[Node]:
    """All values of a document, parents before their children, in the order of the text. Raises :class:`Broken`."""
    path: list[str | int] = []  # per open container the name or number of its current child
    numbers: list[int] = []
    count, at, key, in_array = 0, 0, -1, False
    naming = False
    grammar = Grammar()
    while (t := token(data, at, final=True)) is not None:
        grammar.feed(t)
        at = t.stop
        if t.kind in ("}", "]"):
            path.pop()
            numbers.pop()
            in_array = bool(path) and isinstance(path[-1], int)
            naming = False
        elif t.kind == ",":
            if in_array:
                path[-1] += 1  # type: ignore[operator]
            else:
                naming = True
        elif t.kind == ":":
            naming = False
        elif naming:
            path[-1], key = name_of(data[t.start : t.stop]), t.start
        else:
            yield Node(pointer_of(path), -1 if in_array or not path else key, t.start, numbers[-1] if numbers else -1)
            if t.kind in ("{", "["):
                in_array, naming = t.kind == "[", t.kind == "{"
                path.append(0 if in_array else "")
                numbers.append(count)
                count += 1


def name_of(raw: bytes) -> str:
    """A string as it reads, or as it stands where an escape in it is wrong; ``raw``: with its quotes."""
    text = raw[1:-1].decode("utf-8", "replace")
    return text if "\\" not in text else _unescape(text)


def _unescape(text: str) -> str:
    try:
        value: str = json.loads(f'"{text}"', strict=False)
    except ValueError:
        return text
    return value
