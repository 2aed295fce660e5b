"""Where the lines and records of a delimited text are, found on whole arrays."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from potable.engine.reading.csv.dialect import Dialect
from potable.engine.reading.csv.quotes import Offsets, pair
from potable.engine.reading.csv.tokenizer import tokenize

Bytes = npt.NDArray[np.uint8]

_CR, _LF = 13, 10
NO_OFFSETS: Offsets = np.empty(0, np.int64)


@dataclass(slots=True)
class Scan:
    """The lines of a text that starts at a record's start.

    :ivar end: offset behind the last whole record, blank line or comment.
    :ivar starts: where records start; :ivar stops: where they end, their line break included.
    :ivar blanks: where lines without characters start.
    :ivar breaks: offsets behind the line breaks that end a record, blank line or comment.
    :ivar lines: physical line breaks before ``end``.
    :ivar comments: there are comments between the records.
    :ivar strays: offsets of stray quotes, ascending.
    :ivar runaways: quoted cells (opening, closing) with a line break inside whose closing quote is stray.
    :ivar open_quote: where a quote opened that nothing closes, or -1.
    """

    end: int
    starts: Offsets
    stops: Offsets
    breaks: Offsets
    blanks: Offsets = field(default_factory=lambda: NO_OFFSETS)
    lines: int = 0
    comments: bool = False
    strays: list[int] = field(default_factory=list)
    runaways: list[tuple[int, int]] = field(default_factory=list)
    open_quote: int = -1


def count_plain(data: bytes, dialect: Dialect, *, final: bool) -> tuple[int, int] | None:
    """The end of the last whole record and the number of records, where that is a matter of counting LFs.

    None where it isn't: there are quotes, escapes, CRs, blank lines or (maybe) comments.
    """
    if (dialect.quote and dialect.quote in data) or b"\r" in data:
        return None
    if (dialect.escape and dialect.escape in data) or (dialect.comment and dialect.comment in data):
        return None
    is_break = np.frombuffer(data, np.uint8) == _LF
    if not len(is_break) or is_break[0] or (is_break[1:] & is_break[:-1]).any():
        return None
    records = int(np.count_nonzero(is_break))
    if final and not is_break[-1]:
        return len(data), records + 1
    return data.rfind(b"\n") + 1, records


def scan(data: bytes, dialect: Dialect, *, final: bool = True) -> Scan:
    """Find the records of ``data``; ``final``: nothing follows it, so its end ends the last record too."""
    quoted = bool(dialect.quote) and dialect.quote in data
    escaped = bool(dialect.escape) and dialect.escape in data
    commented = has_comments(data, dialect)
    if (quoted or escaped) and (commented or not dialect.simple):
        if commented or not (unit := dialect.unit_for(data)):
            return _scan_exactly(data, dialect, final)
        data = data.replace(dialect.delimiter, unit * len(dialect.delimiter))  # offsets stay
        dialect = replace(dialect, delimiter=unit)
    raw = np.frombuffer(data, np.uint8)
    text = _neutral(raw, dialect) if escaped else raw
    returns = b"\r" in data
    stops = line_breaks(text, final=final, returns=returns)
    every = line_breaks(raw, final=final, returns=returns) if escaped else stops
    found = Scan(0, NO_OFFSETS, NO_OFFSETS, NO_OFFSETS)
    quotes = np.flatnonzero(text == dialect.quote[0]) if quoted else NO_OFFSETS
    if len(quotes):
        q = pair(text, quotes, dialect.delimiter[0], dialect.quote[0])
        inside = np.searchsorted(q.active, stops) & 1
        stops = stops[inside == 0]
        found.strays, found.open_quote = q.strays, q.open_quote
        found.runaways = [(o, c) for o, c in q.suspects if b"\n" in data[o:c] or b"\r" in data[o:c]]
    found.breaks = stops
    if final and found.open_quote < 0 and len(data) > (stops[-1] if len(stops) else 0):
        stops = np.append(stops, len(data))
    found.end = int(stops[-1]) if len(stops) else 0
    found.lines = int(np.searchsorted(every, found.end, "right"))
    starts = np.empty_like(stops)
    if len(stops):
        starts[0] = 0
        starts[1:] = stops[:-1]
    found.starts, found.stops = starts, stops
    _drop_blanks(found, text)
    if commented:
        _drop_comments(found, data, dialect.comment)
    if found.open_quote < found.end:
        found.open_quote = -1  # decided by text that a later scan will see whole
    if found.strays or found.runaways:
        found.strays = [s for s in found.strays if s < found.end]
        found.runaways = [r for r in found.runaways if r[1] < found.end]
    return found


def has_comments(data: bytes, dialect: Dialect) -> bool:
    """Whether some line starts as a comment does (it may be inside a quoted cell)."""
    mark = dialect.comment
    if not mark or mark not in data:
        return False
    return data.startswith(mark) or b"\n" + mark in data or b"\r" + mark in data


def line_breaks(text: Bytes, *, final: bool = True, returns: bool = True) -> Offsets:
    """Offsets behind all line breaks: LF, CR LF and CR.

    :param final: nothing follows ``text``; else a CR at its end may be half of a CR LF and doesn't count.
    :param returns: False where it's known that there are no CRs.
    """
    is_break = text == _LF
    if returns and len(text):
        is_cr = text == _CR
        is_break[:-1] |= is_cr[:-1] & ~is_break[1:]
        if final:
            is_break[-1] |= is_cr[-1]
    offsets = np.flatnonzero(is_break)
    offsets += 1
    return offsets


def _neutral(raw: Bytes, dialect: Dialect) -> Bytes:
    """A copy in which escapes and the bytes that they escape are letters."""
    escapes = np.flatnonzero(raw == dialect.escape[0])
    new_run = np.empty(len(escapes), np.bool_)
    new_run[0] = True
    np.not_equal(escapes[1:], escapes[:-1] + 1, out=new_run[1:])
    first = np.maximum.accumulate(np.where(new_run, escapes, 0))
    active = escapes[(escapes - first) % 2 == 0]  # of a run, each second one is itself escaped
    special = dialect.delimiter + dialect.quote + dialect.escape
    letter = next(c for c in b"abcd" if c not in special)
    text = raw.copy()
    text[active] = letter
    behind = active + 1
    text[behind[behind < len(text)]] = letter
    return text


def _drop_blanks(found: Scan, text: Bytes) -> None:
    starts, stops = found.starts, found.stops
    small = np.flatnonzero(stops - starts <= 2)
    if not len(small):
        return
    first, size = text[starts[small]], (stops - starts)[small]
    blank = (size == 1) & ((first == _LF) | (first == _CR))
    blank |= (size == 2) & (first == _CR) & (text[stops[small] - 1] == _LF)
    keep = np.ones(len(starts), np.bool_)
    keep[small[blank]] = False
    found.blanks = starts[~keep]
    found.starts, found.stops = starts[keep], stops[keep]


def _drop_comments(found: Scan, data: bytes, mark: bytes) -> None:
    candidates = np.flatnonzero(np.frombuffer(data, np.uint8)[found.starts] == mark[0])
    lines = [i for i in candidates.tolist() if data.startswith(mark, int(found.starts[i]))]
    if lines:
        found.comments = True
        keep = np.ones(len(found.starts), np.bool_)
        keep[lines] = False
        found.starts, found.stops = found.starts[keep], found.stops[keep]


def _scan_exactly(data: bytes, dialect: Dialect, final: bool) -> Scan:
    starts, stops, breaks, blanks = [], [], [], []
    found = Scan(0, NO_OFFSETS, NO_OFFSETS, NO_OFFSETS)
    for token in tokenize(data, dialect, final=final):
        if token.kind == "incomplete":
            found.open_quote = token.open_quote
            break
        found.end = token.stop
        if token.ended:
            breaks.append(token.stop)
        if token.kind == "record":
            starts.append(token.start)
            stops.append(token.stop)
            found.strays += token.strays
            found.runaways += token.runaways
        elif token.kind == "blank":
            blanks.append(token.start)
        else:
            found.comments = True
    found.lines = len(line_breaks(np.frombuffer(data, np.uint8)[: found.end])) if found.end else 0
    found.starts, found.stops = np.array(starts, np.int64), np.array(stops, np.int64)
    found.breaks, found.blanks = np.array(breaks, np.int64), np.array(blanks, np.int64)
    return found
