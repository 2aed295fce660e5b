"""From the text of a part to cuts: where records begin and end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from potable.engine.contracts.reading import Cut
from potable.engine.findings import Fault, Occurrence
from potable.engine.reading.window import Window
from potable.engine.reading.xml.broken import Broken
from potable.engine.reading.xml.layout import Hints, Layout, Offsets, Run, Seam, Target
from potable.engine.reading.xml.markup import (
    TOKEN,
    element_end,
    is_empty,
    is_whole,
    only_white,
    start_of,
    tags,
    unended,
)
from potable.engine.reading.xml.names import Names
from potable.engine.reading.xml.nodes import large_node, too_large
from potable.engine.reading.xml.piece import DEEPEST, Piece
from potable.engine.reading.xml.prolog import place, prolog_end, prove_epilog

if TYPE_CHECKING:
    from potable.engine.limits import Limits

HEAD = 1 << 20
"""So much of a part tells the names of its elements."""

SEAM = 1 << 18
"""About so many bytes are parsed at once: a tree of them stays in the processor's cache."""

_SHOWN = 4096  # bytes behind a fault that the parser gets to see
_EMPTIED = 1 << 16  # so much without a record is proved and let go
_LISTED = 20  # names of elements that are kept for messages
_BLANK = re.compile(rb"\s*+")
_DELETED = re.compile(rb"<(?:[^\s<>/!?:]+:)?header\s[^<>]*?\bstatus\s*=\s*[\"']deleted[\"']")


@dataclass(slots=True, eq=False)
class _Open:
    """An element that is open.

    :param tag: its start tag; :param path: its element path.
    :param children: how many children of each name it has had.
    """

    name: bytes
    tag: bytes
    path: str
    children: dict[bytes, int] = field(default_factory=dict)


class PartCutter:
    """Cuts one part; call :meth:`cuts` once.

    :ivar at: offset of the last cut in the part's text.
    :ivar layout: what all cuts share, once there's one.
    :ivar seen_top: whether there was an element that may hold records.
    :ivar outside: names of elements outside records, by the path of their parent without numbers; a few.
    :ivar broken: the document can't be read on behind the last cut.
    """

    def __init__(
        self, window: Window, part: int, limits: Limits, choose: Callable[[bytes], tuple[Names, Target]]
    ) -> None:
        """``choose`` tells from the head of the text which elements are records."""
        self.window, self.at = window, 0
        self.layout: Layout | None = None
        self.seen_top = self.broken = False
        self.outside: dict[str, dict[str, None]] = {}
        self._part, self._limits, self._choose = part, limits, choose
        self._deepest = min(limits.depth, DEEPEST)
        self._stack: list[_Open] = [_Open(b"", b"", "")]  # above the root
        self._first = True
        self._start = re.compile(rb"(?!)")  # the start tag of a record where one is likely
        self._decided: dict[tuple[bytes, bytes], bool] = {}
        self._living = False
        self._ended = False  # the root is closed
        self._shown: int | None = None  # so far the parser gets to see a cut behind whose records isn't read on
        self._pos = 0  # behind what was looked at
        self._seams: list[Seam] = []
        self._run: tuple[_Open, bytes] | None = None
        self._run_next = 0
        self._clear()

    def cuts(self, index: int, record: int) -> Iterator[Cut]:
        """The cuts; ``index`` is the number of the first, ``record`` that of its first record.

        Raises :class:`Fault` where the part can't be read on and there was no record since the last cut.
        """
        w, limits = self.window, self._limits
        self._begin(prolog_end(w, limits))
        while not self._ended:
            if not w.final and len(w.data) < limits.chunk_bytes:
                w.fill(limits.chunk_bytes - len(w.data))
            before = self._pos
            reason, code = self._scan(), "xml/syntax"
            if reason is None and self._pos == before and not self._ended:
                if w.final:
                    reason, self._pos = self._breaks_off(), len(w.data)
                elif len(w.data) - before > limits.record_bytes:
                    reason, code = self._too_long(self._pos), "xml/long-record"
                else:
                    w.fill(max(len(w.data), 1))
                    continue
            if (row := self._long_record()) is not None:
                reason, code = self._too_long(self._starts[row]), "xml/long-record"
                self._take_back(row)
            broken = None
            if reason is not None:
                broken = Occurrence(code, reason, location=place(w, self._pos))
                self.broken = True
            cut = None
            if self._starts:
                self.at = w.at
                cut = self._cut(index, record, broken)
                index, record = index + 1, record + cut.records
                yield cut
            elif broken is not None or self._ended or self._pos >= max(limits.chunk_bytes, _EMPTIED):
                self._prove(broken)
            else:
                continue
            if self.broken:
                return
            w.consume(self._pos)
            self._pos = 0
            self._clear()
        prove_epilog(w, limits)
        w.text.bytes.finish()

    def _begin(self, doctype: bytes) -> None:
        w = self.window
        while len(w.data) < HEAD and not w.final:
            w.fill(HEAD - len(w.data))
        names, target = self._choose(w.data[:HEAD])
        self.layout = Layout(file=w.part.name, url=w.part.url, names=names, target=target, doctype=doctype)
        self._living = target.living
        if target.document and not target.any_prefix:
            self._start = start_of(tuple(n.encode() for n in target.document))

    def holds(self, parent: str) -> bool:
        """Whether elements of that name may hold records."""
        return self.layout is not None and self.layout.target.holds(parent)

    # -- looking at the text -------------------------------------------------------------------------------------

    def _scan(self) -> str | None:
        """Look on, for at least one record and about the bytes of a chunk; why that isn't possible, or None."""
        w = self.window
        data, enough = w.data, self._limits.chunk_bytes
        # The last tag may not be whole yet.
        limit = len(data) if w.final else max(data.rfind(b"<"), 0)
        stack = self._stack
        holds = self._holds(stack[-1].name)
        while self._pos < limit and not self._ended and (self._pos < enough or not self._starts):
            if holds and not self._siblings(data, limit, enough):
                return None
            if self._pos >= limit or self._ended or (self._pos >= enough and self._starts):
                break
            at = data.find(b"<", self._pos, limit)
            if at < 0:
                return None
            token = TOKEN.match(data, at)
            if token is None:
                if w.final and data.find(b">", at) < 0:
                    return None
                self._pos = at
                return "this isn't markup that XML knows"
            if token["special"] is not None:
                if not is_whole(token["special"]):
                    return None
                self._pos = token.end()
            elif token["close"] is not None:
                self._pos = at
                if token["close"] != stack[-1].name or len(stack) == 1:
                    return f"</{_text(token['close'])}> closes nothing that is open"
                self._pos = token.end()
                stack.pop()
                self._ended = len(stack) == 1
                holds = self._holds(stack[-1].name)
            elif self._is_record(token["open"]):
                if not self._record(data, at, token.end(), token["open"], limit):
                    return None
            else:
                self._enter(token["open"], token.group(), empty=is_empty(data, token.end()))
                self._pos = token.end()
                holds = self._holds(stack[-1].name)
                if len(stack) > self._deepest + 1:
                    self._pos -= len(token.group())
                    return f"elements are nested more than {self._deepest} deep (Limits.depth)"
        return None

    def _siblings(self, data: bytes, limit: int, enough: int) -> bool:
        """Note the records that follow each other from here on; False if the next one isn't whole."""
        match, hidden = self._start.match, None
        starts = self._starts
        while self._pos < limit and (self._pos < enough or not starts) and not self._ended:
            found = match(data, self._pos)
            if found is None or found.start(1) > limit:
                break
            name, parent = found[1], self._stack[-1]
            if not self._record(data, found.start(1) - 1, found.end(), name, limit):
                return False
            if self._living or self._ended:
                continue
            # The siblings of one name that follow are the bulk of all data.
            if hidden is None:
                hidden = data.find(b"<!", self._pos, limit) >= 0 or data.find(b"<?", self._pos, limit) >= 0
            before = len(starts)
            if not hidden:
                self._all_alike(data, name, limit, enough)
            self._alike(data, name, limit, enough, hidden=hidden)
            self._run_next += len(starts) - before
            parent.children[name] += len(starts) - before
        return True

    def _all_alike(self, data: bytes, name: bytes, limit: int, enough: int) -> None:
        """Note the elements of one name that follow each other, as far as their tags tell them apart."""
        pos = self._pos
        opening, closing = (
            np.array([m.start() for m in tag.finditer(data, pos, limit)], np.int64) for tag in tags(name)
        )
        count = min(len(opening), len(closing))
        if not count:
            return
        starts, stops = opening[:count], closing[:count] + len(name) + 3
        apart = starts < closing[:count]  # none is inside another
        apart[:-1] &= stops[:-1] <= starts[1:]
        if len(opening) > count:
            apart[-1] &= stops[-1] <= opening[count]
        before = np.concatenate(([pos], stops[:-1]))
        apart &= only_white(data, before, starts)
        apart &= before < enough
        count = count if apart.all() else int(apart.argmin())
        if not count:
            return
        starts, stops = starts[:count], stops[:count]
        row = len(self._starts)
        self._starts += starts.tolist()
        self._stops += stops.tolist()
        self._sew_along(starts, row)
        self._pos = int(stops[-1])

    def _sew_along(self, starts: Offsets, row: int) -> None:
        """Seams between records, the first of which is in that row."""
        at = 0
        while True:
            at += int(np.searchsorted(starts[at:], self._seams[-1].at + SEAM, "right"))
            if at >= len(starts):
                return
            rows = row + at
            self._seams.append(self._seam(int(starts[at]), rows, rows + len(self._left_out)))

    def _alike(self, data: bytes, name: bytes, limit: int, enough: int, *, hidden: bool) -> None:
        """The same, one by one."""
        match, starts, stops = self._start.match, self._starts, self._stops
        close, nested = b"</%b>" % name, b"<" + name
        pos, next_seam = self._pos, self._seams[-1].at + SEAM
        while pos < enough:
            found = match(data, pos)
            if found is None or found[1] != name or found.start(1) > limit:
                break
            start, behind = found.start(1) - 1, found.end()
            if data[behind - 2] == 0x2F:
                pos = behind
            else:
                stop = data.find(close, behind, limit) + len(close)
                if hidden or stop < len(close) or data.find(nested, behind, stop) >= 0:
                    stop = element_end(data, behind, name, limit)
                    if stop < 0:
                        break
                pos = stop
            if start > next_seam:
                self._sew(start)
                next_seam = start + SEAM
            starts.append(start)
            stops.append(pos)
        self._pos = pos

    def _record(self, data: bytes, start: int, behind: int, name: bytes, limit: int) -> bool:
        """Note the record that starts at ``start``, whose start tag ends at ``behind``; False if it isn't whole."""
        stop = behind if is_empty(data, behind) else element_end(data, behind, name, limit)
        if stop >= 0:
            self._note(data, name, start, stop)
        return stop >= 0

    def _note(self, data: bytes, name: bytes, start: int, stop: int) -> None:
        """Note a record."""
        parent = self._stack[-1]
        number = parent.children[name] = parent.children.get(name, 0) + 1
        self._pos = stop
        if self._living and data.find(b"deleted", start, stop) >= 0 and _DELETED.search(data, start, stop):
            self._left_out.append(len(self._starts) + len(self._left_out))
        else:
            if number != self._run_next or self._run is None or self._run[0] is not parent or self._run[1] != name:
                self._runs.append(Run(len(self._starts), f"{parent.path}/{_text(name)}", number))
                self._run = parent, name
                self.seen_top = True
            self._run_next = number + 1
            if start - self._seams[-1].at > SEAM:
                self._sew(start)
            self._starts.append(start)
            self._stops.append(stop)
        if len(self._stack) == 1:
            self._ended = True

    def _enter(self, name: bytes, tag: bytes, *, empty: bool) -> None:
        parent = self._stack[-1]
        number = parent.children[name] = parent.children.get(name, 0) + 1
        if len(self.outside) < _LISTED:
            self.outside.setdefault(_text(parent.name), {})
        known = self.outside.get(_text(parent.name))
        if known is not None and len(known) < _LISTED:
            known[_text(name)] = None
        self.seen_top = self.seen_top or self._holds(name)
        if not empty:
            path = f"{parent.path}/{_text(name)}" + (f"[{number}]" if number > 1 else "")
            self._stack.append(_Open(name, tag, path))
        elif len(self._stack) == 1:
            self._ended = True

    def _is_record(self, name: bytes) -> bool:
        which = (name, self._stack[-1].name)
        if which not in self._decided:
            assert self.layout is not None
            parent = _text(which[1]) if which[1] else None
            self._decided[which] = self.layout.target.is_record(_text(name), parent)
        return self._decided[which]

    def _holds(self, name: bytes) -> bool:
        assert self.layout is not None
        return self.layout.target.holds(_text(name) if name else None)

    # -- cutting ----------------------------------------------------------------------------------------------------

    def _clear(self) -> None:
        self._seams = [self._seam(0, 0, 0)]
        self._starts: list[int] = []
        self._stops: list[int] = []
        self._left_out: list[int] = []
        self._runs: list[Run] = []
        self._run = None

    def _cut(self, index: int, record: int, broken: Occurrence | None) -> Cut:
        w, size = self.window, self._size(broken)
        assert self.layout is not None
        hints = Hints(
            layout=self.layout, original=w.text.original, column=w.column, seams=self._parted(size, broken),
            starts=np.array(self._starts, np.int64), stops=np.array(self._stops, np.int64), runs=tuple(self._runs),
            left_out=frozenset(self._left_out), invalid=w.invalid(0, size), first=self._first, broken=broken,
        )  # fmt: skip
        self._first = False
        return Cut(
            index=index, part=self._part, byte=w.byte, line=w.line, first_record=record, records=len(self._starts),
            data=w.data[:size], hints=hints,
        )  # fmt: skip

    def _prove(self, broken: Occurrence | None) -> None:
        """What has no record is looked at here. Raises :class:`Fault` where it isn't well-formed."""
        w = self.window
        size = self._size(broken)
        first, *_, last = self._parted(size, broken)
        assert self.layout is not None
        piece = Piece(
            data=w.data[:size], before=first.tags, behind=last.names, depth=self._limits.depth,
            doctype=self.layout.doctype,
        )  # fmt: skip
        found = piece.parse()
        if isinstance(found, Broken) and not (found.open and broken is not None):
            broken = Occurrence(found.code, found.message, location=place(w, found.at))
        elif (large := large_node(w.data, 0, size, self._limits.node_bytes)) is not None:
            broken = too_large(large[0], self._limits.node_bytes, place(w, large[1]))
        if broken is not None:
            raise Fault(broken)

    def _size(self, broken: Occurrence | None) -> int:
        if broken is None:
            return self._pos
        if self._shown is not None:
            return self._shown
        if broken.code == "xml/long-record":  # perhaps a parser finds out why it goes on
            return len(self.window.data)
        return min(self._pos + _SHOWN, len(self.window.data))

    def _seam(self, at: int, row: int, elements: int) -> Seam:
        inner = self._stack[1:]
        return Seam(at, row, elements, tuple(e.tag for e in inner), tuple(e.name for e in inner))

    def _sew(self, at: int) -> None:
        rows = len(self._starts)
        self._seams.append(self._seam(at, rows, rows + len(self._left_out)))

    def _parted(self, size: int, broken: Occurrence | None) -> tuple[Seam, ...]:
        rows = len(self._starts)
        last = self._seam(size, rows, rows + len(self._left_out))
        return (*self._seams, last if broken is None else replace(last, tags=(), names=()))

    def _breaks_off(self) -> str:
        found = unended(self.window.data, self._pos)
        if found is not None:
            what = f"{found[0]} of line {self.window.place(found[1]).line:,}"
        elif len(self._stack) > 1:
            what = f"<{_text(self._stack[-1].name)}>"
        else:
            return "the file breaks off"
        return f"the file breaks off: {what} isn't closed"

    def _long_record(self) -> int | None:
        """The first whole record that is longer than it may be."""
        sizes = np.array(self._stops, np.int64) - np.array(self._starts, np.int64)
        long = sizes > self._limits.record_bytes
        return int(long.argmax()) if long.any() else None

    def _take_back(self, row: int) -> None:
        """Forget the records from ``row`` on."""
        at = self._starts[row]
        tag = TOKEN.match(self.window.data, at)
        assert tag is not None
        self._shown = tag.end()
        del self._starts[row:], self._stops[row:]
        self._runs = [r for r in self._runs if r.row < row]
        self._seams = [s for s in self._seams if s.at < at] or self._seams[:1]

    def _too_long(self, at: int) -> str:
        """Why it can't be read on from ``at``, where the record begins, or blanks before it."""
        data = self.window.data
        blank = _BLANK.match(data, at)
        assert blank is not None
        self._pos = at = blank.end()
        found = TOKEN.match(data, at)
        name = found["open"] if found is not None else None
        what = f"<{_text(name)}>" if name else "this"
        return f"{what} goes on for more than {self._limits.record_bytes:,} bytes (Limits.record_bytes)"


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
