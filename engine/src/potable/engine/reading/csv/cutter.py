"""One part, from its first byte to its last: the header, then cuts at record boundaries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from potable.engine.contracts.reading import Cut
from potable.engine.findings import Fault, Location, Occurrence, Tally
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.csv.blanks import Blanks
from potable.engine.reading.csv.bottom import Bottom
from potable.engine.reading.csv.dialect import Dialect
from potable.engine.reading.csv.layout import Hints, Layout
from potable.engine.reading.csv.newlines import Newlines
from potable.engine.reading.csv.scan import NO_OFFSETS, Scan, count_plain, line_breaks, scan
from potable.engine.reading.csv.second import SecondTable
from potable.engine.reading.csv.tokenizer import Token, tokenize
from potable.engine.reading.decoding import UTF8, Invalid, original_length
from potable.engine.reading.marks import end_marked
from potable.engine.reading.strays import NOTE
from potable.engine.reading.text import TextStream
from potable.engine.reading.window import count_lines

if TYPE_CHECKING:
    from potable.engine.limits import Limits


_BEHIND_BLANKS = lazy_regex(rb"[\r\n]*([^\r\n]+)")
_NOTE = lazy_regex(NOTE)
_CUT_OFF = "The file is cut off, it seems: get it again, whole. Else close the quote, or empty textQuote."


@dataclass(frozen=True, slots=True)
class Header:
    """The header's record.

    :param cells: its cells, still as bytes.
    :param text: its bytes, with the line break.
    :param line: where it starts; :param byte: likewise; :param at: offset in the text.
    :param invalid: what couldn't be transcoded in it.
    """

    cells: tuple[bytes, ...]
    text: bytes
    line: int
    byte: int
    at: int
    invalid: tuple[Invalid, ...]


@dataclass(frozen=True, slots=True)
class _Records:
    """Whole records at the buffer's start.

    :param end: offset behind them.
    :param lines: how many line breaks are in them.
    :param long: the record behind them is too long.
    :param open_quote: offset of a quote that isn't closed; -1 for none.
    """

    end: int
    records: int
    lines: int
    hints: Hints
    long: bool = False
    open_quote: int = -1


class PartCutter:
    """Cuts one part; call :meth:`header`, then :meth:`cuts`, each once.

    :ivar line: physical line, from 1, of the next byte; :ivar byte: its offset in the decompressed bytes;
        :ivar at: its offset in the text.
    """

    def __init__(self, text: TextStream, part: int, dialect: Dialect, limits: Limits) -> None:
        self.text, self.part, self.dialect, self.limits = text, part, dialect, limits
        self.line, self.byte, self.at = 1, text.encoding.mark, 0
        self._buffer = b""
        self._final = False
        self._invalid: list[Invalid] = []  # not consumed yet; offsets in the text
        self._newlines = Newlines()
        self.blanks = Blanks(limits.samples)
        self._second = SecondTable(dialect)
        self._bottom = Bottom(dialect, limits.samples)
        self._mismatch_line: int | None = 1 if text.mismatch_at == 0 else None
        self._within: list[Tally] | None = None

    def header(self) -> Header | None:
        """The header; for a table without one, its first record (which isn't consumed). None: there's no such line.

        Raises :class:`Fault` where the record is too long or too wide or a quote in it isn't closed.
        """
        d, most = self.dialect, self.limits.columns
        self._skip_lines_before(d.header_line or d.ignore_lines + 1)
        while True:
            token = next(tokenize(self._buffer, d, final=self._final, most=most), None)
            if token is None:
                if self._final:
                    return None
                self._fill(self.limits.chunk_bytes)
            elif token.kind == "incomplete" and len(token.cells) <= most:
                if self._final or len(self._buffer) > self.limits.record_bytes:
                    raise self._too_long(token.open_quote)
                self._fill(max(self.limits.chunk_bytes, len(self._buffer)))
            elif token.kind in ("blank", "comment"):
                if token.kind == "blank":
                    self.blanks.add(np.array([token.start]), self._place)
                self._consume(token.stop, 1)
            else:
                return self._header(token)

    def _header(self, token: Token) -> Header:
        most = self.limits.columns
        if len(token.cells) > most:
            message = f"line {self.line} has more than {most:,} columns (Limits.columns)"
            raise self._fault("csv/many-columns", message, self.line, self.byte)
        if token.stop > self.limits.record_bytes:
            raise self._too_long(-1)
        self.blanks.confirm()
        text = self._buffer[: token.stop]
        header = Header(tuple(token.cells), text, self.line, self.byte, self.at, self._invalid_in(token.stop))
        if self.dialect.header_line:
            found = scan(text, self.dialect)
            self._count_newlines(text, found)
            self._consume(token.stop, found.lines)
            self._skip_lines_before(self.dialect.ignore_lines + 1)
        return header

    def peek(self, size: int = 1 << 16) -> tuple[bytes, bool]:
        """The start of the data, and whether that is all."""
        if not self._final and len(self._buffer) < size:
            self._fill(size - len(self._buffer))
        return self._buffer, self._final

    def cuts(self, layout: Layout, index: int, record: int, bound: int | None = None) -> Iterator[Cut]:
        """The cuts of the data.

        :param layout: the part's.
        :param index: number of the first cut; :param record: of its first record.
        :param bound: number of the last record that is wanted; None: all are. It's the last one of a cut.

        Raises :class:`Fault` where the data can't be read on.
        """
        cells = max(self.limits.cells // layout.width, 1)
        start, _ = self.peek(min(self.limits.chunk_bytes, 1 << 16))
        enough = self._enough(cells, len(start), start.count(b"\n"))
        while True:
            left = None if bound is None or record > bound else bound - record + 1
            if bound is not None and left is None and self._within is None:
                self._within = list(self.tallies())
            if not self._final and len(self._buffer) < enough:
                self._fill(enough - len(self._buffer))
            buffer = self._buffer
            if not buffer:
                break
            most = cells if left is None else min(cells, left)
            found = self._plainly(layout, most) or self._exactly(layout, most, left)
            if found.records:
                enough = self._enough(cells, found.end, found.records)
                cut = self._cut(buffer if found.end == len(buffer) else buffer[: found.end], index, record, found)
                self._bottom.look(cut)
                yield cut
                index += 1
                record += found.records
            self._consume(found.end, found.lines)
            if found.long or (found.end == 0 and (self._final or len(buffer) > self.limits.record_bytes)):
                raise self._too_long(found.open_quote)
            if self._final and not self._buffer:
                break
            if found.end == 0:
                self._fill(len(buffer))
        if bound is None or record <= bound + 1:
            self._within = None  # there were no more than were wanted
        self.text.bytes.finish()

    def _plainly(self, layout: Layout, most: int) -> _Records | None:
        """The records in the buffer where counting lines is enough; None where it isn't, or they're too many."""
        buffer = self._buffer
        counted = count_plain(buffer, self.dialect, final=self._final) if self._is_short() else None
        if counted is None or counted[1] > most:
            return None
        end, records = counted
        lines = records - (buffer[end - 1] != 10) if records else 0
        if records:
            self.blanks.confirm(note=self._is_note(0))
        self._newlines.add("lf", lines, lambda: self._line_and_byte(self._buffer.find(b"\n")))
        return _Records(end, records, lines, Hints(layout=layout, original=self.text.original, plain=True))

    def _exactly(self, layout: Layout, most: int, left: int | None) -> _Records:
        """The first records in the buffer, looked for one by one; ``left``: how many are wanted, None: all."""
        found = scan(self._buffer, self.dialect, final=self._final)
        long = self._before_long(found)
        if len(found.starts) > most:
            self._end_before(found, most)
            long = False
        if left is not None and 0 < len(found.starts) == left:
            self._end_at(found, int(found.stops[-1]))  # what follows belongs to what is behind
            long = False
        records = len(found.starts)
        self._count_newlines(self._buffer, found)
        last = int(found.starts[-1]) if records else -1
        self.blanks.add(found.blanks, self._place, last, self._is_note)
        hints = Hints(
            layout=layout, original=self.text.original, comments=found.comments, strays=bool(found.strays), scan=found
        )
        return _Records(found.end, records, found.lines, hints, long, found.open_quote)

    def tallies(self) -> Iterator[Tally]:
        """Faults of the whole part, of what comes before a bound where that is within; complete when :meth:`cuts` has
        ended.
        """
        if self._within is not None:
            yield from self._within
            return
        file, url = self.text.bytes.part.name, self.text.bytes.part.url
        if (mixed := self._newlines.occurrence(file, url)) is not None:
            yield Tally.of(mixed)
        yield from self.blanks.tallies()
        yield from self._second.tallies()
        yield from self._bottom.tallies()
        if (mark := end_marked(self.text, self._place(len(self._buffer)))) is not None:
            yield Tally.of(mark)
        if (note := self.text.encoding.mismatch) is not None:
            place = Location(file=file, url=url, byte=self.text.mismatch_at, line=self._mismatch_line)
            yield Tally.of(Occurrence("encoding/declared-mismatch", note, location=place))

    def _enough(self, most: int, size: int, records: int) -> int:
        """How many bytes a cut should have, so that it has hardly more than ``most`` records of the size of these."""
        if not records:
            return self.limits.chunk_bytes
        return min(self.limits.chunk_bytes, most * size // records + 1)

    # -- the buffer

    def _fill(self, size: int) -> None:
        text, self._final = self.text.read_lines(size)
        self._buffer = self._buffer + text if self._buffer else text
        self._invalid += self.text.invalid(self.at + len(self._buffer))

    def _consume(self, size: int, lines: int) -> None:
        end = self._byte_at(size)
        if self.byte <= self.text.mismatch_at < end and self.text.encoding.mismatch:
            before = self.text.mismatch_at - self.byte
            if self.text.original != UTF8:  # a single-byte encoding: a character for each byte
                before = len(self._buffer.decode("utf-8", "ignore")[:before].encode())
            self._mismatch_line = self.line + count_lines(self._buffer[:before])
        self.byte = end
        self.line += lines
        if self._invalid:
            self._invalid = [i for i in self._invalid if i.at >= self.at + size]
        self.at += size
        self._buffer = self._buffer[size:]

    def _byte_at(self, size: int) -> int:
        """Offset in the original bytes of an offset in the buffer."""
        original = self.text.original
        if original == UTF8:
            return self.byte + size
        return self.byte + original_length(self._buffer[:size], original, self._invalid_in(size))

    def _invalid_in(self, size: int) -> tuple[Invalid, ...]:
        """What couldn't be transcoded in the first bytes of the buffer, counted from its start."""
        if not self._invalid:
            return ()
        return tuple(replace(i, at=i.at - self.at) for i in self._invalid if i.at < self.at + size)

    def _cut(self, data: bytes, index: int, record: int, found: _Records) -> Cut:
        """The cut of records at the buffer's start, among which a second table is looked for."""
        hints, scanned = found.hints, found.hints.scan
        starts, blanks = (None, NO_OFFSETS) if scanned is None else (scanned.starts, scanned.blanks)
        last = self._final and len(data) == len(self._buffer)
        self._second.look(data, self.at, hints.layout, record, found.records, blanks, starts, self._place, final=last)
        if self._invalid:
            hints = replace(hints, invalid=self._invalid_in(len(data)))
        return Cut(
            index=index, part=self.part, byte=self.byte, line=self.line, first_record=record, records=found.records,
            data=data, hints=hints,
        )  # fmt: skip

    def _is_short(self) -> bool:
        """Whether the buffer can't hold a record that is too long."""
        return len(self._buffer) <= self.limits.record_bytes

    def _skip_lines_before(self, line: int) -> None:
        """Consume whole physical lines, whatever is in them, up to ``line`` or the end."""
        while self.line < line:
            text = np.frombuffer(self._buffer, np.uint8)
            breaks = line_breaks(text, final=self._final) if len(text) else text
            if len(breaks):
                count = min(line - self.line, len(breaks))
                self._consume(int(breaks[count - 1]), count)
            elif self._final:
                self._consume(len(self._buffer), 0)
                return
            elif len(self._buffer) > self.limits.record_bytes:
                raise self._too_long(-1)
            else:
                self._fill(max(self.limits.chunk_bytes, len(self._buffer)))

    # -- what is noted on the way

    def _count_newlines(self, buffer: bytes, found: Scan) -> None:
        """Count line breaks; what is the second half of one is no blank line."""
        breaks = found.breaks[: int(np.searchsorted(found.breaks, found.end, "right"))]
        again = self._newlines.note(buffer, self.at, breaks, self._line_and_byte)
        if len(again):
            found.blanks = np.setdiff1d(found.blanks, again)

    def _is_note(self, offset: int) -> bool:
        """Whether the line behind blank ones is a note, in a cell of its own."""
        match = _BEHIND_BLANKS.match(self._buffer, offset)
        if match is None:
            return False
        text = match[1].rstrip(self.dialect.delimiter + self.dialect.quote + b" ")
        alone = self.dialect.delimiter not in text or (self.dialect.quote and text.startswith(self.dialect.quote))
        return bool(alone) and _NOTE.search(text.decode("utf-8", "replace")) is not None

    def _line_and_byte(self, offset: int) -> tuple[int, int]:
        return self.line + count_lines(self._buffer[:offset]), self._byte_at(offset)

    def _place(self, offset: int) -> Location:
        part, (line, byte) = self.text.bytes.part, self._line_and_byte(offset)
        return Location(file=part.name, url=part.url, line=line, byte=byte)

    def _before_long(self, found: Scan) -> bool:
        """Whether a record is too long; if so, ``found`` is made to end before it."""
        limit = self.limits.record_bytes
        if found.end <= limit:
            return False
        long = np.flatnonzero(found.stops - found.starts > limit)
        if not len(long):
            return False
        self._end_before(found, int(long[0]))
        return True

    def _end_before(self, found: Scan, record: int) -> None:
        """Make ``found`` end before one of its records, by number from 0."""
        end = int(found.starts[record])
        found.starts, found.stops = found.starts[:record], found.stops[:record]
        self._end_at(found, end)

    def _end_at(self, found: Scan, end: int) -> None:
        """Make ``found`` end at an offset behind all of its records."""
        found.end = end
        found.breaks = found.breaks[found.breaks <= found.end]
        found.blanks = found.blanks[found.blanks < found.end]
        found.strays = [at for at in found.strays if at < found.end]
        found.runaways = [pair for pair in found.runaways if pair[1] < found.end]
        found.lines = count_lines(self._buffer[: found.end])
        found.open_quote = -1

    # -- faults

    def _too_long(self, open_quote: int) -> Fault:
        """The record at the buffer's start has no end."""
        limit = self.limits.record_bytes
        if open_quote >= 0:
            line, byte = self._line_and_byte(open_quote)
            where = "the end of the file" if self._final else f"{limit:,} bytes on (Limits.record_bytes)"
            message, hint = f"the quote that opens in line {line} isn't closed up to {where}", None
            if self._final and not count_lines(self._buffer[open_quote:]):
                message, hint = f"{message}, which is in that line, without a line end", _CUT_OFF
            return self._fault("csv/unclosed-quote", message, line, byte, hint)
        message = f"the record that starts in line {self.line} is longer than {limit:,} bytes (Limits.record_bytes)"
        return self._fault("csv/long-record", message, self.line, self.byte)

    def _fault(self, code: str, message: str, line: int, byte: int, hint: str | None = None) -> Fault:
        part = self.text.bytes.part
        at = Location(file=part.name, url=part.url, line=line, byte=byte)
        return Fault(Occurrence(code, message, location=at, hint=hint))
