"""The text of a part looked at, tag by tag: where records are, and what is around them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.xml.layout import Offsets, Run, Seam, Target
from potable.engine.reading.xml.markup import (
    TOKEN,
    element_end,
    is_empty,
    is_whole,
    only_white,
    start_of,
    tags,
    text_of,
)

SEAM = 1 << 18
"""About so many bytes are parsed at once: a tree of them stays in the processor's cache."""

_LISTED = 20  # names of elements that are kept for messages
_DELETED = lazy_regex(rb"<(?:[^\s<>/!?:]+:)?header\s[^<>]*?\bstatus\s*=\s*[\"']deleted[\"']")


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


class Finder:
    """Goes through a part, a stretch of its text after the other; :meth:`go_on` forgets what it noted of the last one.

    :param enough: about so many bytes make a stretch.
    :param deepest: so deep may elements be nested.
    :ivar pos: behind what was looked at, in the stretch's text.
    :ivar starts: offsets of the records in it; :ivar stops: behind them.
    :ivar left_out: which of the records' elements, counted from 0, are no records after all.
    :ivar runs: where in the document the records are.
    :ivar ended: the root is closed.
    :ivar seen_top: whether there was an element that may hold records.
    :ivar outside: names of elements outside records, by the path of their parent without numbers; a few.
    """

    def __init__(self, target: Target, *, enough: int, deepest: int) -> None:
        self.pos = 0
        self.ended = self.seen_top = False
        self.outside: dict[str, dict[str, None]] = {}
        self._target, self._enough, self._deepest = target, enough, deepest
        self._living = target.living
        self._stack: list[_Open] = [_Open(b"", b"", "")]  # above the root
        self._start = re.compile(rb"(?!)")  # the start tag of a record where one is likely
        if target.document and not target.any_prefix:
            self._start = start_of(tuple(n.encode() for n in target.document))
        self._decided: dict[tuple[bytes, bytes], bool] = {}
        self.go_on()

    def go_on(self) -> None:
        """Begin the next stretch, where the last one ends."""
        self.pos = 0
        self.starts: list[int] = []
        self.stops: list[int] = []
        self.left_out: list[int] = []
        self.runs: list[Run] = []
        self._seams = [self._seam(0, 0, 0)]
        self._run: tuple[_Open, bytes] | None = None
        self._run_next = 0

    def holds(self, parent: str) -> bool:
        """Whether elements of that name may hold records."""
        return self._target.holds(parent)

    @property
    def inner(self) -> bytes | None:
        """Name of the innermost element that is open; None: none is."""
        return self._stack[-1].name if len(self._stack) > 1 else None

    def seams(self, size: int) -> tuple[Seam, ...]:
        """Where the stretch may be parted, its end at ``size`` included."""
        rows = len(self.starts)
        return (*self._seams, self._seam(size, rows, rows + len(self.left_out)))

    def take_back(self, row: int) -> int:
        """Forget the records from ``row`` on, which begins at the offset that is returned."""
        at = self.starts[row]
        del self.starts[row:], self.stops[row:]
        self.runs = [r for r in self.runs if r.row < row]
        self._seams = [s for s in self._seams if s.at < at] or self._seams[:1]
        return at

    def look(self, data: bytes, *, final: bool) -> str | None:
        """Look on, for at least one record and about the bytes of a stretch; why that isn't possible, or None.

        :param data: the stretch's text; with a later call more of it.
        :param final: no more follows.
        """
        enough = self._enough
        # The last tag may not be whole yet.
        limit = len(data) if final else max(data.rfind(b"<"), 0)
        stack = self._stack
        holds = self._holds(stack[-1].name)
        while self.pos < limit and not self.ended and (self.pos < enough or not self.starts):
            if holds and not self._siblings(data, limit, enough):
                return None
            if self.pos >= limit or self.ended or (self.pos >= enough and self.starts):
                break
            at = data.find(b"<", self.pos, limit)
            if at < 0:
                return None
            token = TOKEN.match(data, at)
            if token is None:
                if final and data.find(b">", at) < 0:
                    return None
                self.pos = at
                return "this isn't markup that XML knows"
            if token["special"] is not None:
                if not is_whole(token["special"]):
                    return None
                self.pos = token.end()
            elif token["close"] is not None:
                self.pos = at
                if token["close"] != stack[-1].name or len(stack) == 1:
                    return f"</{text_of(token['close'])}> closes nothing that is open"
                self.pos = token.end()
                stack.pop()
                self.ended = len(stack) == 1
                holds = self._holds(stack[-1].name)
            elif self._is_record(token["open"]):
                if not self._record(data, at, token.end(), token["open"], limit):
                    return None
            else:
                self._enter(token["open"], token.group(), empty=is_empty(data, token.end()))
                self.pos = token.end()
                holds = self._holds(stack[-1].name)
                if len(stack) > self._deepest + 1:
                    self.pos -= len(token.group())
                    return f"elements are nested more than {self._deepest} deep (Limits.depth)"
        return None

    def _siblings(self, data: bytes, limit: int, enough: int) -> bool:
        """Note the records that follow each other from here on; False if the next one isn't whole."""
        match, hidden = self._start.match, None
        starts = self.starts
        while self.pos < limit and (self.pos < enough or not starts) and not self.ended:
            found = match(data, self.pos)
            if found is None or found.start(1) > limit:
                break
            name, parent = found[1], self._stack[-1]
            if not self._record(data, found.start(1) - 1, found.end(), name, limit):
                return False
            if self._living or self.ended:
                continue
            # The siblings of one name that follow are the bulk of all data.
            if hidden is None:
                hidden = data.find(b"<!", self.pos, limit) >= 0 or data.find(b"<?", self.pos, limit) >= 0
            before = len(starts)
            if not hidden:
                self._all_alike(data, name, limit, enough)
            self._alike(data, name, limit, enough, hidden=hidden)
            self._run_next += len(starts) - before
            parent.children[name] += len(starts) - before
        return True

    def _all_alike(self, data: bytes, name: bytes, limit: int, enough: int) -> None:
        """Note the elements of one name that follow each other, as far as their tags tell them apart."""
        pos = self.pos
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
        row = len(self.starts)
        self.starts += starts.tolist()
        self.stops += stops.tolist()
        self._sew_along(starts, row)
        self.pos = int(stops[-1])

    def _sew_along(self, starts: Offsets, row: int) -> None:
        """Seams between records, the first of which is in that row."""
        at = 0
        while True:
            at += int(np.searchsorted(starts[at:], self._seams[-1].at + SEAM, "right"))
            if at >= len(starts):
                return
            rows = row + at
            self._seams.append(self._seam(int(starts[at]), rows, rows + len(self.left_out)))

    def _alike(self, data: bytes, name: bytes, limit: int, enough: int, *, hidden: bool) -> None:
        """The same, one by one."""
        match, starts, stops = self._start.match, self.starts, self.stops
        close, nested = b"</%b>" % name, b"<" + name
        pos, next_seam = self.pos, self._seams[-1].at + SEAM
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
        self.pos = pos

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
        self.pos = stop
        if self._living and data.find(b"deleted", start, stop) >= 0 and _DELETED.search(data, start, stop):
            self.left_out.append(len(self.starts) + len(self.left_out))
        else:
            if number != self._run_next or self._run is None or self._run[0] is not parent or self._run[1] != name:
                self.runs.append(Run(len(self.starts), f"{parent.path}/{text_of(name)}", number))
                self._run = parent, name
                self.seen_top = True
            self._run_next = number + 1
            if start - self._seams[-1].at > SEAM:
                self._sew(start)
            self.starts.append(start)
            self.stops.append(stop)
        if len(self._stack) == 1:
            self.ended = True

    def _enter(self, name: bytes, tag: bytes, *, empty: bool) -> None:
        parent = self._stack[-1]
        number = parent.children[name] = parent.children.get(name, 0) + 1
        if len(self.outside) < _LISTED:
            self.outside.setdefault(text_of(parent.name), {})
        known = self.outside.get(text_of(parent.name))
        if known is not None and len(known) < _LISTED:
            known[text_of(name)] = None
        self.seen_top = self.seen_top or self._holds(name)
        if not empty:
            path = f"{parent.path}/{text_of(name)}" + (f"[{number}]" if number > 1 else "")
            self._stack.append(_Open(name, tag, path))
        elif len(self._stack) == 1:
            self.ended = True

    def _is_record(self, name: bytes) -> bool:
        which = (name, self._stack[-1].name)
        if which not in self._decided:
            parent = text_of(which[1]) if which[1] else None
            self._decided[which] = self._target.is_record(text_of(name), parent)
        return self._decided[which]

    def _holds(self, name: bytes) -> bool:
        return self._target.holds(text_of(name) if name else None)

    def _seam(self, at: int, row: int, elements: int) -> Seam:
        inner = self._stack[1:]
        return Seam(at, row, elements, tuple(e.tag for e in inner), tuple(e.name for e in inner))

    def _sew(self, at: int) -> None:
        rows = len(self.starts)
        self._seams.append(self._seam(at, rows, rows + len(self.left_out)))
