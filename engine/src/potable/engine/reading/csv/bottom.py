"""Rows of totals in a table, and such as name groups: looked for once its end is read, in parts that aren't large."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from potable.engine.contracts.reading import Cut
from potable.engine.findings import Location, Sample, Tally, clip
from potable.engine.reading.csv.chunk import Places
from potable.engine.reading.csv.dialect import Dialect
from potable.engine.reading.csv.layout import Layout
from potable.engine.reading.csv.tokenizer import tokenize
from potable.engine.reading.sections import SECTION, sections
from potable.engine.reading.totals import MAY_BE, totals

_MOST = 1 << 20
"""Parts of more text aren't looked at: who adds up in a spreadsheet has less, and all of it is held until the end."""
_TAIL = 4096
"""So many of the last bytes tell whether a row of totals may be there."""


class Bottom:
    """Gathers the cuts of one part, in order.

    :param samples: most samples.
    """

    def __init__(self, dialect: Dialect, samples: int) -> None:
        self._dialect, self._samples = dialect, samples
        self._cuts: list[Cut] = []
        self._size = 0

    def look(self, cut: Cut) -> None:
        """Look at whole records."""
        layout: Layout = cut.hints.layout
        self._size += len(cut.data)
        if self._size > _MOST or layout.width < 2 or not self._dialect.header_line:
            self._cuts.clear()
        else:
            self._cuts.append(cut)

    def tallies(self) -> Iterator[Tally]:
        """``csv/total`` and ``csv/section``, if there are such; complete when all was looked at."""
        text = b"".join(cut.data for cut in self._cuts)
        if not text or self._size > _MOST or not (self._may_be(text) or self._may_begin(text)):
            return
        tokens = [t for t in tokenize(text, self._dialect, final=True) if t.kind == "record"]
        names = self._cuts[0].hints.layout.names
        rows = [[c.decode("utf-8", "replace") for c in t.cells] for t in tokens]
        values = [text[t.start : t.stop] for t in tokens]
        found = totals(names, rows) if self._may_be(text) else {}
        yield from self._told("csv/total", {n: f"the record is a row of totals: {found[n]}" for n in found}, values)
        of_groups = sections(names, rows) if self._may_begin(text) else []
        yield from self._told("csv/section", {n: SECTION.format(clip(rows[n][0], 80)) for n in of_groups}, values)

    def _told(self, code: str, messages: Mapping[int, str], values: Sequence[bytes]) -> Iterator[Tally]:
        """One tally: by the number of a record, from 0, what is said of it."""
        if not messages:
            return
        samples = []
        for n in sorted(messages)[: self._samples]:
            value = values[n].decode("utf-8", "replace").rstrip("\r\n")
            samples.append(Sample(message=messages[n], value=clip(value), location=self._place(n)))
        records = np.array(sorted(messages), np.uint64) + np.uint64(self._cuts[0].first_record)
        yield Tally(code=code, count=len(messages), samples=tuple(samples), records=records)

    def _may_begin(self, text: bytes) -> bool:
        """Whether the first record may be a row that names a group."""
        first, delimiter = text.replace(b"\r", b"\n").partition(b"\n")[0], self._dialect.delimiter
        return first.endswith(delimiter * (self._cuts[0].hints.layout.width - 1)) or delimiter not in first

    def _may_be(self, text: bytes) -> bool:
        """Whether there may be such a row at the end, seen without splitting all of it into cells."""
        tail = text[-_TAIL:]
        last = tail.rstrip(b"\r\n").replace(b"\r", b"\n").rpartition(b"\n")[2]
        delimiter, quote = self._dialect.delimiter, self._dialect.quote
        return MAY_BE.search(tail) is not None or last.startswith((delimiter, quote * 2 + delimiter, b" "))

    def _place(self, record: int) -> Location:
        for cut in self._cuts:
            if record < cut.records:
                return Places(cut).record(record)
            record -= cut.records
        raise IndexError(record)  # a record that no cut has
