"""From the text of a part to cuts: where records begin and end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from potable.engine.contracts.reading import Cut
from potable.engine.findings import Fault, Occurrence
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.window import Window
from potable.engine.reading.xml.broken import Broken, mend
from potable.engine.reading.xml.finder import Finder
from potable.engine.reading.xml.includes import Includes
from potable.engine.reading.xml.layout import Hints, Layout, Offsets, Seam, Target
from potable.engine.reading.xml.markup import TOKEN, text_of, unended
from potable.engine.reading.xml.names import Names
from potable.engine.reading.xml.nodes import large_node, too_large
from potable.engine.reading.xml.output import Output
from potable.engine.reading.xml.piece import DEEPEST, Piece
from potable.engine.reading.xml.prolog import place, prolog_end, prove_epilog

if TYPE_CHECKING:
    from potable.engine.limits import Limits

HEAD = 1 << 20
"""So much of a part tells the names of its elements."""

_SHOWN = 4096  # bytes behind a fault that the parser gets to see
_EMPTIED = 1 << 16  # so much without a record is proved and let go
_BLANK = lazy_regex(rb"\s*+")


class PartCutter:
    """Cuts one part; call :meth:`cuts` once.

    :ivar at: offset of the last cut in the part's text.
    :ivar layout: what all cuts share.
    :ivar finder: what it knows of the rest of the part.
    :ivar broken: the document can't be read on behind the last cut.
    :ivar output: messages of programs in it.
    """

    def __init__(
        self, window: Window, part: int, limits: Limits, choose: Callable[[bytes, bytes], tuple[Names, Target]]
    ) -> None:
        """``choose`` tells from the head of the text, and what the document type says of attributes, which elements are
        records.

        Raises :class:`Fault` where the part doesn't begin as a document does.
        """
        self.window, self.at, self.broken = window, 0, False
        self._part, self._limits = part, limits
        self.output = Output(limits.samples)
        self.includes = Includes(limits.samples)
        doctype = prolog_end(window, limits)
        while len(window.data) < HEAD and not window.final:
            window.fill(HEAD - len(window.data))
        names, target = choose(window.data[:HEAD], doctype)
        self.layout = Layout(file=window.part.name, url=window.part.url, names=names, target=target, doctype=doctype)
        self.finder = Finder(target, enough=limits.chunk_bytes, deepest=min(limits.depth, DEEPEST))
        self._first = True
        self._shown: int | None = None  # so far the parser gets to see a cut behind whose records isn't read on

    def cuts(self, index: int, record: int) -> Iterator[Cut]:
        """The cuts; ``index`` is the number of the first, ``record`` that of its first record.

        Raises :class:`Fault` where the part can't be read on and there was no record since the last cut.
        """
        w, finder, limits = self.window, self.finder, self._limits
        while not finder.ended:
            if not w.final and len(w.data) < limits.chunk_bytes:
                w.fill(limits.chunk_bytes - len(w.data))
            before = finder.pos
            reason, code = finder.look(w.data, final=w.final), "xml/syntax"
            if reason is None and finder.pos == before and not finder.ended:
                if w.final:
                    reason, finder.pos = self._breaks_off(), len(w.data)
                elif len(w.data) - before > limits.record_bytes:
                    reason, code = self._too_long(finder.pos), "xml/long-record"
                else:
                    w.fill(max(len(w.data), 1))
                    continue
            if (row := self._long_record()) is not None:
                reason, code = self._too_long(finder.starts[row]), "xml/long-record"
                self._take_back(row)
            broken = None
            if reason is not None:
                broken = Occurrence(code, reason, location=place(w, finder.pos), hint=mend(reason))
                self.broken = True
            cut = None
            starts, stops = np.array(finder.starts, np.int64), np.array(finder.stops, np.int64)
            self.output.look(w, finder.pos, starts, stops, record)
            self.includes.look(w, finder.pos, starts, stops, record)
            if len(starts):
                self.at = w.at
                cut = self._cut(index, record, starts, stops, broken)
                index, record = index + 1, record + cut.records
                yield cut
            elif broken is not None or finder.ended or finder.pos >= max(limits.chunk_bytes, _EMPTIED):
                self._prove(broken)
            else:
                continue
            if self.broken:
                return
            w.consume(finder.pos)
            finder.go_on()
        prove_epilog(w, limits)
        w.text.bytes.finish()

    def _cut(self, index: int, record: int, starts: Offsets, stops: Offsets, broken: Occurrence | None) -> Cut:
        w, finder, size = self.window, self.finder, self._size(broken)
        hints = Hints(
            layout=self.layout, original=w.text.original, column=w.column, seams=self._parted(size, broken),
            starts=starts, stops=stops, runs=tuple(finder.runs),
            left_out=frozenset(finder.left_out), invalid=w.invalid(0, size), first=self._first, broken=broken,
        )  # fmt: skip
        self._first = False
        return Cut(
            index=index, part=self._part, byte=w.byte, line=w.line, first_record=record, records=len(starts),
            data=w.data[:size], hints=hints,
        )  # fmt: skip

    def _prove(self, broken: Occurrence | None) -> None:
        """What has no record is looked at here. Raises :class:`Fault` where it isn't well-formed."""
        w = self.window
        size = self._size(broken)
        first, *_, last = self._parted(size, broken)
        piece = Piece(
            data=w.data[:size], before=first.tags, behind=last.names, depth=self._limits.depth,
            doctype=self.layout.doctype,
        )  # fmt: skip
        found = piece.parse()
        if isinstance(found, Broken) and not (found.open and broken is not None):
            broken = found.told(place(w, found.at))
        elif (large := large_node(w.data, 0, size, self._limits.node_bytes)) is not None:
            broken = too_large(large[0], self._limits.node_bytes, place(w, large[1]))
        if broken is not None:
            raise Fault(broken)

    def _size(self, broken: Occurrence | None) -> int:
        if broken is None:
            return self.finder.pos
        if self._shown is not None:
            return self._shown
        if broken.code == "xml/long-record":  # perhaps a parser finds out why it goes on
            return len(self.window.data)
        return min(self.finder.pos + _SHOWN, len(self.window.data))

    def _parted(self, size: int, broken: Occurrence | None) -> tuple[Seam, ...]:
        *seams, last = self.finder.seams(size)
        return (*seams, last if broken is None else replace(last, tags=(), names=()))

    def _breaks_off(self) -> str:
        found = unended(self.window.data, self.finder.pos)
        if found is not None:
            what = f"{found[0]} of line {self.window.place(found[1]).line:,}"
        elif self.finder.inner is not None:
            what = f"<{text_of(self.finder.inner)}>"
        else:
            return "the file breaks off"
        return f"the file breaks off: {what} isn't closed"

    def _long_record(self) -> int | None:
        """The first whole record that is longer than it may be."""
        sizes = np.array(self.finder.stops, np.int64) - np.array(self.finder.starts, np.int64)
        long = sizes > self._limits.record_bytes
        return int(long.argmax()) if long.any() else None

    def _take_back(self, row: int) -> None:
        """Forget the records from ``row`` on."""
        tag = TOKEN.match(self.window.data, self.finder.take_back(row))
        assert tag is not None
        self._shown = tag.end()

    def _too_long(self, at: int) -> str:
        """Why it can't be read on from ``at``, where the record begins, or blanks before it."""
        data = self.window.data
        blank = _BLANK.match(data, at)
        assert blank is not None
        self.finder.pos = at = blank.end()
        found = TOKEN.match(data, at)
        name = found["open"] if found is not None else None
        what = f"<{text_of(name)}>" if name else "this"
        return f"{what} goes on for more than {self._limits.record_bytes:,} bytes (Limits.record_bytes)"
