"""The exact reading of delimited text, one record at a time: the standard that the fast paths are held to.

The grammar is RFC 4180 with the usual leniency, the same as that of Python's ``csv`` (not strict) and PyArrow:

- A cell that starts with the quote runs to the next quote that isn't doubled. What follows up to the delimiter or
  line break belongs to the cell, literally; the quote is then *stray*.
- A quote anywhere else in a cell is literal, and stray.
- The escape takes the next byte literally, inside quotes and outside.
- LF, CR LF and CR end a line. A line without characters is no record. A comment is known at a record's start only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.csv.dialect import Dialect

Kind = Literal["record", "blank", "comment", "incomplete"]


@dataclass(slots=True)
class Token:
    """A stretch of text from a record's start to behind its line break.

    :ivar kind: ``incomplete``: the text ends before the record does.
    :ivar start: offset of its first byte.
    :ivar stop: offset behind its line break.
    :ivar cells: the cells of a record, unquoted and unescaped.
    :ivar strays: offsets of stray quotes.
    :ivar runaways: offsets (opening, closing) of quoted cells that hold a line break and whose closing quote is stray.
    :ivar open_quote: where the quote opened that isn't closed, or -1.
    :ivar ended: a line break ends it, not the end of the text.
    """

    kind: Kind
    start: int
    stop: int
    cells: list[bytes] = field(default_factory=list)
    strays: list[int] = field(default_factory=list)
    runaways: list[tuple[int, int]] = field(default_factory=list)
    open_quote: int = -1
    ended: bool = True


@lru_cache(maxsize=64)
def _patterns(d: Dialect) -> tuple[re.Pattern[bytes], re.Pattern[bytes] | None]:
    outside = [re.escape(d.delimiter), rb"\r\n?", rb"\n"]
    inside = []
    if d.escape:
        outside.insert(0, re.escape(d.escape))
        inside.append(re.escape(d.escape))
    if d.quote:
        inside.append(re.escape(d.quote))
    return re.compile(b"|".join(outside)), re.compile(b"|".join(inside)) if d.quote else None


def tokenize(data: bytes, dialect: Dialect, *, final: bool = True, most: int | None = None) -> Iterator[Token]:
    """The records, blank lines and comments of ``data``, which starts at a record's start.

    :param final: nothing follows ``data``. Else what isn't ended by a line break comes as ``incomplete``.
    :param most: a record of more cells is given up behind that many; its ``stop`` means nothing then.
    """
    at, size = 0, len(data)
    comment = dialect.comment
    while at < size:
        if comment and data.startswith(comment, at):
            token = _comment(data, at, final)
        else:
            token = _record(data, at, dialect, final, most)
        yield token
        at = token.stop


_BREAK = lazy_regex(rb"\r\n?|\n")


def _comment(data: bytes, at: int, final: bool) -> Token:
    found = _BREAK.search(data, at)
    size = len(data)
    if found is None or (not final and found.end() == size and data[size - 1] == 13):
        return Token("comment" if final else "incomplete", at, size, ended=False)
    return Token("comment", at, found.end())


def _record(data: bytes, start: int, d: Dialect, final: bool, most: int | None) -> Token:
    outside, inside = _patterns(d)
    token = Token("record", start, start)
    at = start
    while True:  # once for each cell
        pieces: list[bytes] = []
        if inside is not None and data.startswith(d.quote, at):
            behind = _quoted(data, at, d, inside, token, pieces)
            if behind < 0:
                return Token("incomplete", start, len(data), open_quote=at, ended=False)
            at = behind
        found, at = _literally(data, at, d, outside, token, pieces)
        token.cells.append(b"".join(pieces))
        if found is None:
            token.kind = "record" if final else "incomplete"
            token.stop, token.ended = len(data), False
            return token
        if found[0] == d.delimiter:
            if most is not None and len(token.cells) > most:
                token.stop = at
                return token
            continue
        if not final and found[0] == b"\r" and at == len(data):  # it may be half of a CR LF
            return Token("incomplete", start, len(data))
        token.stop = at
        if found.start() == start:
            token.kind = "blank"
        return token


def _quoted(data: bytes, at: int, d: Dialect, inside: re.Pattern[bytes], token: Token, pieces: list[bytes]) -> int:
    """Take what is in the quotes that open at an offset; the offset behind them, -1 where they aren't closed."""
    opened = at
    at += len(d.quote)
    while True:  # once for each quote or escape
        found = inside.search(data, at)
        if found is None:
            return -1
        pieces.append(data[at : found.start()])
        at = found.end()
        if found[0] == d.escape:
            pieces.append(data[at : at + 1])
            at += 1
        elif data.startswith(d.quote, at):
            pieces.append(d.quote)
            at += len(d.quote)
        else:
            break
    if at < len(data) and not data.startswith(d.delimiter, at) and data[at] not in b"\r\n":
        closed = found.start()
        token.strays.append(closed)
        if _BREAK.search(data, opened, closed):
            token.runaways.append((opened, closed))
    return at


def _literally(
    data: bytes, at: int, d: Dialect, outside: re.Pattern[bytes], token: Token, pieces: list[bytes]
) -> tuple[re.Match[bytes] | None, int]:
    """Take the rest of a cell as it stands: what ends it (None: the text does), and the offset behind that."""
    while True:  # once for each escape
        found = outside.search(data, at)
        end = len(data) if found is None else found.start()
        pieces.append(data[at:end])
        if d.quote:
            stray = data.find(d.quote, at, end)
            while stray >= 0:
                token.strays.append(stray)
                stray = data.find(d.quote, stray + len(d.quote), end)
        if found is None or not d.escape or found[0] != d.escape:
            return found, end if found is None else found.end()
        pieces.append(data[found.end() : found.end() + 1])
        at = min(found.end() + 1, len(data))
