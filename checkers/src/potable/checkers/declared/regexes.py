r"""Regular expressions of definitions, in the one syntax of a linear-time engine.

Definitions carry patterns of two dialects: Java's (QC rules) and that of Table Schema (XML Schema's on paper, with
``^`` and ``$`` as everybody writes them). Both are translated to the syntax of Rust's ``regex``, which Polars uses:
matching is linear in the text, so no pattern can hang a run. What can't be translated is refused, never approximated.

Differences that the translation takes care of: ``\d``, ``\w``, ``\s`` are ASCII in Java; ``.`` leaves out more line
ends than ``\n``; escaped punctuation is itself (``\<`` is a word boundary in Rust); ``a*+`` is possessive, not nested;
``\Q…\E``, ``\uXXXX``, POSIX classes, class subtraction.

Sources: java.util.regex.Pattern (Java SE 21); XML Schema Part 2, appendix G; Rust crate regex 1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from potable.engine.toolkit import plainly_sound

Dialect = Literal["java", "schema"]

_SPACE = r"\t\n\x0B\f\r "
_LINE = r"\n\x0B\f\r\x{85}\x{2028}\x{2029}"
_BLANK = r" \t\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}"
_JAVA_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": _SPACE, "h": _BLANK, "v": _LINE}
_SCHEMA_CLASSES = {"d": r"\d", "w": r"\w", "s": r"\s", "i": r"_:\p{L}", "c": r"\-.:_\x{B7}\p{L}\p{N}\p{M}"}
_DOT = {"java": r"[^\n\r\x{85}\x{2028}\x{2029}]", "schema": r"[^\n\r]"}
_POSIX = {
    "Lower": "a-z", "Upper": "A-Z", "ASCII": r"\x00-\x7F", "Alpha": "A-Za-z", "Digit": "0-9", "Alnum": "A-Za-z0-9",
    "Punct": r"!-/:-@\[-`{-\x7E", "Graph": r"!-\x7E", "Print": r" -\x7E", "Blank": r" \t", "Cntrl": r"\x00-\x1F\x7F",
    "XDigit": "0-9A-Fa-f", "Space": _SPACE, "IsBasicLatin": r"\x00-\x7F", "InBasicLatin": r"\x00-\x7F",
}  # fmt: skip
_CONTROLS = {"t": r"\t", "n": r"\n", "r": r"\r", "f": r"\f", "a": r"\x07", "e": r"\x1B"}


class BadRegex(ValueError):
    """A pattern that can't be used.

    :param reason: what is wrong with it, a clause.
    :param column: where, in characters from 1; None where the engine didn't say.
    """

    def __init__(self, reason: str, column: int | None = None) -> None:
        super().__init__(reason, column)
        self.reason, self.column = reason, column

    def __str__(self) -> str:
        return self.reason if self.column is None else f"{self.reason} (at character {self.column})"


@lru_cache(maxsize=1024)
def whole(pattern: str, dialect: Dialect) -> str:
    """The pattern for a whole value, as ``Expr.str.contains`` takes it. Raises :class:`BadRegex`."""
    translation = _Translation(pattern, dialect)
    inner = translation.translate()
    _try(inner)  # by itself first: "a)|(b" is only wrong until it's wrapped
    end = "\n" if translation.verbose else ""  # else a comment would swallow the bracket
    wrapped = f"\\A(?:{inner}{end})\\z"
    _try(wrapped)
    return wrapped


@lru_cache(maxsize=1024)
def within(pattern: str, dialect: Dialect) -> str:
    """The pattern for any part of a value, as ``Expr.str.contains`` takes it. Raises :class:`BadRegex`."""
    inner = _Translation(pattern, dialect).translate()
    _try(inner)
    return inner


def _try(pattern: str) -> None:
    if plainly_sound(pattern):
        return
    import polars as pl  # heavy: only where a pattern isn't plain

    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError as e:
        said = [line.removeprefix("error:").strip() for line in str(e).splitlines() if line.startswith("error:")]
        raise BadRegex(said[0] if said else str(e).splitlines()[0]) from None


class _Translation:
    """One pattern, translated from left to right.

    :ivar verbose: whether white space means nothing at the pattern's end (flag ``x``).
    """

    def __init__(self, pattern: str, dialect: Dialect) -> None:
        self._pattern = pattern
        self._java = dialect == "java"
        self._dot = _DOT[dialect]
        self._classes = _JAVA_CLASSES if self._java else _SCHEMA_CLASSES
        self._at = 0
        self._out: list[str] = []
        self._flags = [frozenset[str]()]  # of each open group

    @property
    def verbose(self) -> bool:
        return "x" in self._flags[-1]

    def translate(self) -> str:
        while self._at < len(self._pattern):
            self._item()
        return "".join(self._out)

    def _peek(self, n: int = 1) -> str:
        return self._pattern[self._at : self._at + n]

    def _take(self, n: int = 1) -> str:
        taken = self._peek(n)
        self._at += n
        return taken

    def _bad(self, reason: str, back: int = 0) -> BadRegex:
        return BadRegex(reason, self._at + 1 - back)

    def _item(self) -> None:
        c = self._take()
        if c == "\\":
            self._escape()
        elif c == "[":
            self._class()
        elif c == "(":
            self._group()
        elif c == ")":
            if len(self._flags) > 1:
                self._flags.pop()
            self._out.append(")")
        elif c == ".":
            self._out.append("(?s:.)" if "s" in self._flags[-1] else self._dot)
        elif c in "*+?" or (c == "{" and self._is_counted()):
            self._quantifier(c)
        elif c == "{" and not self._java:
            self._out.append(r"\{")
        elif c == "#" and self.verbose:
            end = self._pattern.find("\n", self._at)
            self._at = len(self._pattern) if end < 0 else end
        else:
            self._out.append(c)

    def _is_counted(self) -> bool:
        count, closed, _ = self._pattern[self._at :].partition("}")
        low, _, high = count.partition(",")
        return bool(closed) and low.isascii() and low.isdigit() and (high == "" or (high.isascii() and high.isdigit()))

    def _quantifier(self, c: str) -> None:
        if c == "{":
            c += self._take(self._pattern.index("}", self._at) + 1 - self._at)
        if self._peek() == "+":
            raise self._bad("possessive quantifiers need backtracking, which no linear-time engine does")
        lazy = self._take() if self._peek() == "?" else ""
        if self._peek() and self._peek() in "*+?":
            raise self._bad("there is nothing to repeat before this quantifier")
        self._out.append(c + lazy)

    def _group(self) -> None:
        if self._peek() != "?":
            self._open("(")
            return
        for start, what in (
            ("?=", "look-ahead"), ("?!", "look-ahead"), ("?<=", "look-behind"), ("?<!", "look-behind"),
            ("?>", "an atomic group"), ("?P=", "a backreference"), ("?P>", "recursion"), ("?(", "a conditional group"),
        ):  # fmt: skip
            if self._peek(len(start)) == start:
                raise self._bad(f"{what} needs backtracking, which no linear-time engine does", back=1)
        if self._peek(2) == "?#":
            end = self._pattern.find(")", self._at)
            if end < 0:
                raise self._bad("this comment isn't closed", back=1)
            self._at = end + 1
        elif self._peek(2) == "?<" or self._peek(3) == "?P<":
            end = self._pattern.find(">", self._at)
            if end < 0:
                raise self._bad("this group's name isn't closed", back=1)
            self._open("(" + self._take(end + 1 - self._at))
        else:
            self._inline_flags()

    def _open(self, text: str) -> None:
        self._flags.append(self._flags[-1])
        self._out.append(text)

    def _inline_flags(self) -> None:
        self._take()
        start = self._at
        while self._peek() and self._peek() not in ":)":
            self._at += 1
        letters, minus, off = self._pattern[start : self._at].partition("-")
        unknown = set(letters + off) - set("imsxu")
        if unknown or (minus and not off) or not self._peek():
            raise BadRegex(f"the flags {self._pattern[start : self._at]!r} aren't supported", start + 1)
        flags = (self._flags[-1] | set(letters)) - set(off)
        # Unicode is always on in the engine, and "s" is spelt out at each dot.
        on, away = (text.replace("u", "").replace("s", "") for text in (letters, off))
        spelt = on + (f"-{away}" if away else "")
        if self._take() == ":":
            self._open(f"(?{spelt}:")
            self._flags[-1] = flags
        else:
            self._flags[-1] = flags
            if spelt:
                self._out.append(f"(?{spelt})")

    # -- escapes -----------------------------------------------------------------------------------------------

    def _escape(self) -> None:
        """An escape outside a class; the backslash is taken."""
        c = self._escaped()
        if (found := self._named_class(c)) is not None:
            self._out.append(found)
        elif c in "123456789k":
            raise self._bad("a backreference needs backtracking, which no linear-time engine does", back=2)
        elif c in "bBAz":
            self._out.append("\\" + c)
        elif c == "Z":
            self._out.append(r"\z")
        elif c == "R" and self._java:
            self._out.append(f"(?:\\r\\n|[{_LINE}])")
        elif c == "Q" and self._java:
            self._out.append("".join(map(_literal, self._quoted())))
        else:
            self._out.append(self._character(c))

    def _escaped(self) -> str:
        """The character behind a backslash, which is taken."""
        c = self._take()
        if not c:
            raise BadRegex("a backslash stands at the end", self._at - 1)
        return c

    def _named_class(self, c: str) -> str | None:
        r"""The class that an escape stands for, as ``\d``, ``\W`` and ``\p{Lu}`` do; None where it stands for none."""
        if c in self._classes:
            return f"[{self._classes[c]}]"
        if c.lower() in self._classes:
            return f"[^{self._classes[c.lower()]}]"
        return f"[{'^' if c == 'P' else ''}{self._property()}]" if c in "pP" else None

    def _quoted(self) -> str:
        end = self._pattern.find("\\E", self._at)
        if end < 0:
            return self._take(len(self._pattern) - self._at)
        text = self._take(end - self._at)
        self._at += 2
        return text

    def _property(self) -> str:
        """What stands between the brackets of a class for a property; ``p`` is taken."""
        name = self._take()
        if name == "{":
            end = self._pattern.find("}", self._at)
            if end < 0:
                raise self._bad("this property isn't closed")
            name = self._take(end - self._at)
            self._at += 1
        if name in _POSIX:
            return _POSIX[name]
        if name.startswith(("In", "java", "block=", "blk=")):
            raise self._bad(f"the property {name!r} isn't supported; name its characters instead")
        return f"\\p{{{name.removeprefix('Is')}}}"

    def _character(self, c: str) -> str:
        """A single character's escape, wherever it stands; ``c`` is taken."""
        if c in _CONTROLS:
            return _CONTROLS[c]
        if c == "v":
            return r"\x0B"
        if c == "x":
            return _code(self._braced() if self._peek() == "{" else self._hex(2))
        if c == "u":
            code = self._hex(4)
            if 0xD800 <= code < 0xDC00 and self._peek(2) == "\\u":
                self._at += 2
                code = 0x10000 + ((code - 0xD800) << 10) + (self._hex(4) - 0xDC00)
            return _code(code)
        if c == "0" and self._java:
            digits = ""
            while (
                self._peek() and self._peek() in "01234567" and len(digits) < 3 and int(digits + self._peek(), 8) < 256
            ):
                digits += self._take()
            if digits:
                return _code(int(digits, 8))
        if c == "c" and self._java and self._peek():
            return _code(ord(self._take()) ^ 64)
        if c.isascii() and c.isalnum():
            raise self._bad(f"the escape \\{c} isn't supported", back=2)
        return _literal(c)

    def _hex(self, digits: int) -> int:
        text = self._take(digits)
        try:
            return int(text, 16)
        except ValueError:
            raise self._bad(f"{text!r} aren't {digits} hexadecimal digits", back=len(text)) from None

    def _braced(self) -> int:
        end = self._pattern.find("}", self._at)
        text = self._pattern[self._at + 1 : end]
        self._at = end + 1
        try:
            return int(text, 16) if end > 0 else -1
        except ValueError:
            raise BadRegex(f"{text!r} isn't a hexadecimal number", self._at) from None

    # -- classes -----------------------------------------------------------------------------------------------

    def _class(self) -> None:
        """A class; its opening bracket is taken."""
        start = self._at
        self._out.append("[")
        if self._peek() == "^":
            self._out.append(self._take())
        first = True
        while True:
            c = self._take()
            if not c:
                raise BadRegex("this class isn't closed", start)
            if c == "]" and not first:
                self._out.append("]")
                return
            first = False
            if c == "\\":
                self._class_escape()
            elif c == "[" and self._java:
                self._class()
            elif c == "-" and self._peek() == "[" and not self._java:
                self._at += 1
                self._out.append("--")
                self._class()
            elif c == "&" and self._java:
                self._out.append("&")
            elif c == "-" and self._peek() != "-":
                self._out.append("-")
            elif c in "[]&~-:" or (c == "#" and self.verbose):  # they mean something to Rust that they don't here
                self._out.append("\\" + c if c != ":" else _code(ord(c)))
            else:
                self._out.append(c)

    def _class_escape(self) -> None:
        """An escape inside a class; the backslash is taken."""
        c = self._escaped()
        if (found := self._named_class(c)) is not None:
            self._out.append(found)
        elif c == "Q" and self._java:
            self._out.append("".join(map(_literal, self._quoted())))
        elif c == "b" and not self._java:
            self._out.append(r"\x08")
        else:
            self._out.append(self._character(c))


def _literal(c: str) -> str:
    """A character that means itself, anywhere in a pattern."""
    return c if c.isalnum() or c == "_" or not c.isascii() else _code(ord(c))


def _code(code: int) -> str:
    if code < 0 or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise BadRegex(f"there is no character {code:x}")
    return f"\\x{{{code:X}}}"
