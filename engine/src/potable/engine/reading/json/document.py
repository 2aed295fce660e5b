"""One JSON document: found in it are the arrays (or objects) that hold the records, cut between records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from potable.engine.contracts.reading import Cut
from potable.engine.findings import Fault, Location, Occurrence
from potable.engine.paths.pointer import pointer_of
from potable.engine.reading.json.around import hint_around, hint_within
from potable.engine.reading.json.array import TooLong, depth_of, items_from, one_by_one, unended
from potable.engine.reading.json.index import Brackets
from potable.engine.reading.json.instead import KEYED, Members, keys_of_records, lists_of_objects
from potable.engine.reading.json.layout import Hints, Run, Spans
from potable.engine.reading.json.missing import listed, missing
from potable.engine.reading.json.records import check
from potable.engine.reading.json.tokens import Broken, Grammar, Token, name_of, nodes, skip_white, token
from potable.engine.reading.window import Window

if TYPE_CHECKING:
    from potable.engine.limits import Limits


@dataclass(slots=True)
class _Pending:
    """Records that were found in the window, and aren't cut yet."""

    spans: Spans
    run: Run


class DocumentCutter:
    """Cuts one document; call :meth:`cuts` once.

    :ivar at: offset of the last cut in the part's text.
    :ivar records: how many records were found.
    :ivar missing: why there is nothing that holds records, a sentence; None: there is.
    :ivar hint: how to mend that.
    :ivar twice: places where an object has the element twice.
    :ivar keyed: objects of records that are read as one record each, by their first names.
    :ivar wrapped: that the first record is an object that holds a list of objects; None: it isn't.
    """

    def __init__(self, window: Window, part: int, limits: Limits, element: str) -> None:
        self.window, self.at, self.records = window, 0, 0
        self.missing: str | None = None
        self.hint: str | None = None
        self.twice: list[Occurrence] = []
        self.keyed: list[tuple[tuple[str, ...], Occurrence]] = []
        self.wrapped: Occurrence | None = None
        self._part, self._limits, self._element = part, limits, element
        self._depth = depth_of(limits)
        self._p = 0  # what is before it in the window was understood
        self._grammar = Grammar()
        self._path: list[str | int] = []
        self._had: list[bool] = []  # per open container: the element was seen in it
        self._members = Members()
        self._occurrences = 0
        self._pending: list[_Pending] = []
        self._count = 0  # records pending
        self._brackets: Brackets | None = None
        self._index, self._record = 0, 1

    def cuts(self, index: int, record: int) -> Iterator[Cut]:
        """The cuts; ``index`` is the number of the first, ``record`` that of its first record.

        Raises :class:`Fault` where the document isn't well-formed, or a record is too long.
        """
        self._index, self._record = index, record
        first = record
        try:
            yield from self._document()
        except Broken as broken:
            found = self._syntax(broken)
            yield from self._flush()
            raise found from None
        except TooLong as long:
            found = self._too_long(long.at)
            yield from self._flush()
            raise found from None
        except Fault:
            yield from self._flush()
            raise
        yield from self._flush()
        self.records = self._record - first
        if self.missing is None:
            if not self._occurrences:
                self._say_missing()
            self.window.text.bytes.finish()

    def _document(self) -> Iterator[Cut]:
        w, grammar = self.window, self._grammar
        while True:
            t = token(w.data, self._p, final=w.final)
            if t is None:
                self._p = skip_white(w.data, self._p)
                if w.final:
                    break
                if len(w.data) - self._p > self._limits.record_bytes:
                    raise TooLong(self._p)
                yield from self._more()
                continue
            naming = grammar.expected in ("key", "key or }")
            grammar.feed(t)
            self._p = t.stop
            if t.kind in ("}", "]"):
                self._leave()
            elif t.kind == ",":
                if isinstance(self._path[-1], int):
                    self._path[-1] += 1
            elif t.kind == ":":
                pass
            elif naming:
                self._name(t)
            elif self._wanted():
                yield from self._records(t)
                if self.missing is not None:
                    return
            else:
                self._value(t)
        if grammar.expected != "end":
            raise grammar.broken_off(len(w.data))

    # -- outside the records

    def _wanted(self) -> bool:
        """Whether the value that comes now holds the records."""
        return self._path[-1:] == [self._element] if self._element else not self._path

    def _name(self, t: Token) -> None:
        name = self._path[-1] = name_of(self.window.data[t.start : t.stop])
        if self._element and name == self._element:
            if self._had[-1]:
                message = f"the object has {name!r} twice; the records of both are read"
                self.twice.append(Occurrence("json/duplicate-key", message, location=self.window.place(t.start)))
            self._had[-1] = True

    def _value(self, t: Token) -> None:
        """Enter a value that holds no records itself."""
        if self._path and isinstance(self._path[-1], str):
            self._members.note(self._path[-1], t)
        if t.kind in ("{", "["):
            if len(self._path) >= self._depth:
                message = f"the document is nested deeper than {self._depth:,} levels (Limits.depth)"
                place = self.window.place(t.start)
                raise Fault(Occurrence("json/too-deep", message, location=place))
            self._path.append("" if t.kind == "{" else 0)
            self._had.append(False)

    def _leave(self) -> None:
        self._path.pop()
        self._had.pop()

    # -- records

    def _records(self, t: Token) -> Iterator[Cut]:
        """The value that starts with this token holds the records."""
        if not self._element and t.kind != "[":
            self._say_missing(t)
            return
        self._occurrences += 1
        if t.kind == "[":
            self._path.append(0)
            self._had.append(False)
            yield from self._array()
            self._leave()
            self._grammar.open.pop()
            self._grammar.value_done()
        elif t.kind == "{":
            yield from self._object()
        elif t.kind != "null":
            self._add((np.array([t.start]), np.array([t.stop])), pointer_of(self._path), -1)

    def _object(self) -> Iterator[Cut]:
        """An object is a record, unless it holds the element itself. Its brace was just read."""
        w, most = self.window, self._limits.record_bytes
        self._p -= 1
        while True:
            b, start = self._scan(), self._p
            partner = int(b.partner[np.searchsorted(b.at, start)])
            if partner >= 0 or w.final or len(w.data) - start > most:
                break
            yield from self._more()
        stop = int(b.at[partner]) + 1 if partner >= 0 else len(w.data)
        if partner < 0 or stop - start > most:
            raise unended(w.data, start, self._limits, final=w.final)
        data = w.data[start:stop]
        found = check(data, self._depth, self._limits.node_bytes)
        if found.broken is not None:
            raise Broken(start + found.broken.at, found.broken.reason)
        if self._holds_element(data):
            self._p += 1
            self._path.append("")
            self._had.append(False)
            return
        if names := keys_of_records(data):
            self._note_keyed(start, names)
        elif self._record + self._count == 1 and (lists := lists_of_objects(data)):
            self._note_wrapped(start, lists)
        self._add((np.array([start]), np.array([stop])), pointer_of(self._path), -1)
        self._p = stop
        self._grammar.open.pop()
        self._grammar.value_done()

    def _holds_element(self, data: bytes) -> bool:
        name = self._element
        if b'"' + name.encode("utf-8", "surrogatepass") + b'"' not in data:
            return False
        return any(
            n.key >= 0 and data[n.value] in b"{[" and name_of(data[n.key : token(data, n.key, final=True).stop]) == name  # type: ignore[union-attr]
            for n in nodes(data)
        )

    def _array(self) -> Iterator[Cut]:
        """The items of an array whose bracket was just read, up to its end."""
        w, most = self.window, self._limits.record_bytes
        first, item, base = True, 0, pointer_of(self._path[:-1])
        exactly = False
        while True:
            find = one_by_one if exactly else items_from
            piece = find(w.data, self._p, self._scan(), self._limits, first=first, final=w.final)
            count = len(piece.spans[0])
            if count:
                self._add(piece.spans, base, item)
                first, item = False, item + count
            self._p = piece.end
            self._path[-1] = item
            if piece.broken is not None:
                raise piece.broken
            if piece.closed:
                return
            if w.final or len(w.data) - piece.next > most:
                if exactly:
                    raise unended(w.data, piece.next, self._limits, final=w.final)
                exactly = True  # to know what the window ends in
                continue
            exactly = False
            yield from self._more()

    def _add(self, spans: Spans, base: str, item: int) -> None:
        self._pending.append(_Pending(spans, Run(self._count, base, item)))
        self._count += len(spans[0])

    # -- the window

    def _scan(self) -> Brackets:
        if self._brackets is None:
            self._brackets = Brackets(self.window.data)
        return self._brackets

    def _more(self) -> Iterator[Cut]:
        """Cut what is pending, and read on."""
        yield from self._flush()
        w = self.window
        w.consume(self._p)
        stuck = not self._p
        self._p, self._brackets = 0, None
        size = self._limits.chunk_bytes - len(w.data)
        w.fill(max(size, len(w.data) if stuck or size <= 0 else 1, 1))

    def _flush(self) -> Iterator[Cut]:
        if not self._pending:
            return
        w, pending = self.window, self._pending
        starts = np.concatenate([p.spans[0] for p in pending])
        stops = np.concatenate([p.spans[1] for p in pending])
        first, last = int(starts[0]), int(stops[-1])
        brackets = self._scan().part(first, last)
        w.consume(first)
        self._p, self._brackets = self._p - first, None
        self.at = w.at
        runs = tuple(p.run for p in pending)
        together = all(a.item >= 0 and a.pointer == b.pointer and b.item > 0 for a, b in pairwise(runs))
        hints = Hints(
            file=w.part.name, url=w.part.url, column=w.column, original=w.text.original,
            invalid=w.invalid(0, last - first), spans=(starts - first, stops - first), brackets=brackets,
            runs=runs[:1] if together else runs, together=together,
        )  # fmt: skip
        cut = Cut(
            index=self._index, part=self._part, byte=w.byte, line=w.line, first_record=self._record,
            records=len(starts), data=brackets.data, hints=hints,
        )  # fmt: skip
        self._pending, self._count = [], 0
        self._index, self._record = self._index + 1, self._record + len(starts)
        yield cut

    # -- faults

    def _syntax(self, broken: Broken) -> Fault:
        w = self.window
        place = w.place(broken.at)
        hint = None
        if not self._grammar.open and broken.at < len(w.data):
            if w.data[broken.at] == 0x7B:
                hint = "If each line is a document of its own (JSON Lines), set ingestMethod: JSONL."
            elif w.data[broken.at] == 0x5B:
                hint = "There are several documents, one behind the other: join their arrays into one."
            else:
                hint = hint_around(w.data[broken.at : broken.at + 400])
        hint = hint or hint_within(broken.reason, w.data[broken.at : broken.at + 400])
        message = f"line {place.line}, column {place.column}: {broken.reason}"
        return Fault(Occurrence("json/syntax", message, location=place, hint=hint))

    def _too_long(self, at: int) -> Fault:
        place = self.window.place(at)
        what = "the record" if self._occurrences else "the text"
        limit = f"{self._limits.record_bytes:,} bytes (Limits.record_bytes)"
        message = f"{what} that starts in line {place.line} is longer than {limit}"
        hint = KEYED if self._occurrences and keys_of_records(self.window.data[at:]) else None
        return Fault(Occurrence("json/long-record", message, location=place, hint=hint))

    def _say_missing(self, root: Token | None = None) -> None:
        self.missing, self.hint = missing(self.window, root, self._members, self._element, self._limits.chunk_bytes)

    def _note_keyed(self, start: int, names: tuple[str, ...]) -> None:
        message = f"an object of records, called by their keys ({listed(names)}), is read as one record"
        said = Occurrence("json/keyed-records", message, location=self._place_of(start), hint=KEYED)
        self.keyed.append((names, said))

    def _note_wrapped(self, start: int, lists: list[str]) -> None:
        many = "lists of objects" if len(lists) > 1 else "a list of objects"
        message = f"the only record is an object that holds {many}: {', '.join(map(repr, lists))}"
        hint = f"Set documentElement: {lists[0]}" if len(lists) == 1 else None
        self.wrapped = Occurrence("json/wrapped-records", message, location=self._place_of(start), hint=hint)

    def _place_of(self, start: int) -> Location:
        """The place of a record that begins there, and comes next."""
        number = self._record + self._count
        return replace(self.window.place(start), record=number, path=pointer_of(self._path) or None)
