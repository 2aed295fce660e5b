"""How a table is written down: delimiter, quote, escape, comment, header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from potable.engine.reading.parameters import bad_value, header_lines

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition

NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", ":": "colon", " ": "blank"}
"""What people call the usual delimiters."""

DELIMITERS = (b",", b";", b"\t", b"|")
"""Those that are looked for where the declared one splits nothing."""

RARER = (b"^", b"~", b"\x01", b"\x1f", b"::", "¦".encode())
"""Further ones, looked for where nothing else is amiss."""

CONTROLS = (b"\x01", b"\x1f")
"""Those of them that no text holds."""

UNITS = (b"\x1f", b"\x1e", b"\x1d", b"\x1c")
"""Separators of ASCII, which texts hardly ever hold."""

_SPELLINGS = {"\\t": "\t", "tab": "\t", "TAB": "\t"}  # single-quoted YAML doesn't resolve \t


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The special strings of a table, in UTF-8, and where its data start.

    :param delimiter: separates cells; one or more characters.
    :param quote: encloses cells, doubled inside them (RFC 4180); b"" for none.
    :param escape: takes the next byte literally, inside quotes and outside; b"" for none.
    :param comment: a line that starts with it is no record; b"" for none.
    :param header_line: physical line, from 1, of the header; 0 for none.
    :param ignore_lines: physical lines to skip before the data, counted from the start of the file.
    """

    delimiter: bytes = b","
    quote: bytes = b'"'
    escape: bytes = b""
    comment: bytes = b""
    header_line: int = 1
    ignore_lines: int = 0

    @property
    def simple(self) -> bool:
        """Every special string is one byte: Arrow and the vectorised scan can take it."""
        return len(self.delimiter) == 1 and len(self.quote) <= 1 and len(self.escape) <= 1

    def unit_for(self, data: bytes) -> bytes:
        """A byte that can stand for the delimiter of several bytes wherever that occurs in ``data``; b"" if none can.

        An occurrence holds no quote and no line break, so each is either wholly inside a quoted cell or a delimiter;
        only an escape could divide one.
        """
        if len(self.quote) > 1 or len(self.escape) > 1 or (self.escape and self.escape in data):
            return b""
        return next((u for u in UNITS if u not in data), b"")

    @property
    def delimiter_name(self) -> str:
        """The delimiter as people say it: ``a comma``, or quoted."""
        return delimiter_name(self.delimiter.decode())

    @classmethod
    def of(cls, source: SourceDefinition) -> Dialect:
        """The dialect that a definition describes.

        Raises :class:`Fault` (``definition/bad-value``) for a parameter that can't be used.
        """
        delimiter = _text(source, "delimiter", "\t" if source.tab_separated else ",")
        delimiter = _SPELLINGS.get(delimiter, delimiter)
        quote = _text(source, "textQuote", '"')
        escape = _text(source, "escapeCharacter", "")
        comment = _text(source, "comment", "")
        if not delimiter or any(c in delimiter for c in "\r\n"):
            raise bad_value(source, "delimiter", delimiter, "one or more characters, none of them a line break")
        for name, text in (("textQuote", quote), ("escapeCharacter", escape)):
            if len(text) > 1 or text in ("\r", "\n"):
                raise bad_value(source, name, text, "one character, or empty for none")
        if quote and quote in delimiter:
            raise bad_value(source, "textQuote", quote, "a character that isn't in the delimiter")
        if escape and escape in delimiter:
            raise bad_value(source, "escapeCharacter", escape, "a character that isn't in the delimiter")
        header_line, ignore_lines = header_lines(source)
        return cls(
            delimiter=delimiter.encode(),
            quote=quote.encode(),
            escape=b"" if escape == quote else escape.encode(),  # doubling is understood anyway
            comment=comment.encode(),
            header_line=header_line,
            ignore_lines=ignore_lines,
        )


def delimiter_name(delimiter: str) -> str:
    """A delimiter as people say it."""
    return f"a {NAMES[delimiter]}" if delimiter in NAMES else repr(delimiter)


def _text(source: SourceDefinition, name: str, default: str) -> str:
    value = source.parameters.get(name, default)
    if value is None or value is False:
        return ""
    if not isinstance(value, str):
        raise bad_value(source, name, value, "a text")
    return value
