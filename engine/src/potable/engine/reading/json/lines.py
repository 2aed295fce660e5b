"""JSON Lines: one part, cut at line breaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from potable.engine.contracts.reading import Cut
from potable.engine.findings import Fault, Location, Occurrence
from potable.engine.reading.decoding import original_length
from potable.engine.reading.json.layout import Hints, Spans
from potable.engine.reading.json.misdeclared import not_lines
from potable.engine.reading.window import Window, place_after

if TYPE_CHECKING:
    from potable.engine.limits import Limits

_LF, _CR, _SPACE = 10, 13, 32


class LinesCutter:
    """Cuts a part of JSON Lines; call :meth:`cuts` once.

    :ivar at: offset of the last cut in the part's text.
    """

    def __init__(self, window: Window, part: int, limits: Limits) -> None:
        self.window, self.at = window, 0
        self._part, self._limits = part, limits

    def cuts(self, index: int, record: int) -> Iterator[Cut]:
        """The cuts; ``index`` is the number of the first, ``record`` that of its first record.

        Raises :class:`Fault` for a line that is too long, and for a document that isn't lines at all.
        """
        self._look_ahead()
        w, most = self.window, self._limits.record_bytes
        while True:
            if not w.final:
                w.fill(max(self._limits.chunk_bytes - len(w.data), 1))
            while not (end := _whole(w.data, final=w.final)) and not w.final and len(w.data) <= most:
                w.fill(max(len(w.data), 1))
            spans, breaks = record_lines(w.data[:end])
            starts, stops = spans
            long = np.flatnonzero(stops - starts > most)
            if len(long):
                spans = starts[: long[0]], stops[: long[0]]
            if len(spans[0]):
                self.at = w.at
                dense = breaks == len(starts)
                size = end if not len(long) else int(spans[1][-1])
                yield Cut(
                    index=index, part=self._part, byte=w.byte, line=w.line, first_record=record,
                    records=len(spans[0]), data=w.data[:size], hints=self._hints(spans, size, dense=dense),
                )  # fmt: skip
                index, record = index + 1, record + len(spans[0])
            if len(long) or (not end and not w.final):
                raise self._too_long(int(starts[long[0]]) if len(long) else 0, record)
            w.consume(end, breaks)
            if w.final and not w.data:
                break
        w.text.bytes.finish()

    def _look_ahead(self) -> None:
        text, whole = self.window.text.peek()
        found = not_lines(text, whole=whole)
        if found is not None:
            w, before = self.window, text[: found.at]
            line, column = place_after(before, w.line, w.column)
            byte = w.byte + original_length(before, w.text.original)
            at = Location(file=w.part.name, url=w.part.url, line=line, column=column, byte=byte)
            raise Fault(Occurrence("json/not-lines", found.message, location=at, hint=found.hint))

    def _hints(self, spans: Spans, size: int, *, dense: bool) -> Hints:
        w = self.window
        return Hints(
            file=w.part.name, url=w.part.url, column=w.column, original=w.text.original, invalid=w.invalid(0, size),
            spans=spans, dense=dense,
        )  # fmt: skip

    def _too_long(self, offset: int, record: int) -> Fault:
        place = self.window.place(offset, record)
        message = f"line {place.line} is longer than {self._limits.record_bytes:,} bytes (Limits.record_bytes)"
        return Fault(Occurrence("json/long-record", message, location=place))


def _whole(data: bytes, *, final: bool) -> int:
    """The end of the last whole line."""
    if final:
        return len(data)
    end = data.rfind(b"\n") + 1
    if b"\r" in data:  # one at the end may be half of a CR LF
        end = max(end, data.rfind(b"\r", 0, len(data) - 1) + 1)
    return end


def record_lines(data: bytes) -> tuple[Spans, int | None]:
    """The lines that aren't blank, without their line breaks; and how many line breaks there are, where that's seen.

    It's seen where each line ends with a line feed, the last one too.
    """
    text = np.frombuffer(data, np.uint8)
    if not len(text):
        return (np.empty(0, np.int64), np.empty(0, np.int64)), None
    is_break = text == _LF
    returns = b"\r" in data
    if returns:
        is_break |= text == _CR
    stops = np.flatnonzero(is_break)
    breaks = len(stops) if is_break[-1] and not returns else None
    if not is_break[-1]:
        stops = np.append(stops, len(text))
    starts = np.empty_like(stops)
    starts[0] = 0
    starts[1:] = stops[:-1] + 1
    keep = stops > starts
    for i in np.flatnonzero(keep & (text[np.minimum(starts, len(text) - 1)] <= _SPACE)).tolist():
        keep[i] = bool(data[starts[i] : stops[i]].strip(b" \t"))
    return ((starts, stops) if keep.all() else (starts[keep], stops[keep])), breaks
