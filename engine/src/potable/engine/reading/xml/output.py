"""Messages of programs in a document that is well-formed all the same: what printed it has failed on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from potable.engine.findings import Sample, Tally
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.window import Window
from potable.engine.reading.xml.layout import Offsets
from potable.engine.reading.xml.prolog import place

_KINDS = rb"(?:PHP )?(?:Fatal error|Parse error|Warning|Notice|Deprecated|Strict Standards)"
_MARKED = lazy_regex(
    rb"<b>%b</b>:\s[^<]{0,600}(?:<(?!b>)[^<>]{0,80}>[^<]{0,200}){0,8} in <b>[^<]{1,400}</b> on line <b>[0-9]{1,9}</b>"
    % _KINDS
)
"""As PHP writes it for browsers: its tags are well-formed, and no other text has such."""
_PLAIN = lazy_regex(
    rb"(?:\A|>)\s*(%b:\s[^<]{1,600}? in [^<\s][^<]{0,400}? on line [0-9]{1,9}|"
    rb"Traceback \(most recent call last\):\s+File [^<]{0,200}|"
    rb"[\w.$]{1,200}(?:Exception|Error)(?::[^<\n]{0,400})?\r?\n\s+at [\w.$]{1,300}\([^<\n]{0,100}|"
    rb"(?:PDOException: )?SQLSTATE\[\w{5}\][^<]{0,200}|ORA-[0-9]{5}: [^<]{0,200})" % _KINDS
)
"""As it's written for people: between records, where no text belongs."""
_LEAST = 20
"""Shorter gaps between records hold no message."""
_LONGEST = 4096
_TAG = lazy_regex(r"<[^<>]*>")
_NEAR = 1 << 16  # so far before it a section that it's in begins
_HIDDEN = ((b"<![CDATA[", b"]]>"), (b"<!--", b"-->"))


@dataclass(slots=True)
class Output:
    """What was found of such messages in one part.

    :param samples: most samples that are kept.
    """

    samples: int
    _count: int = 0
    _records: list[int] = field(default_factory=list)
    _found: list[Sample] = field(default_factory=list)

    def look(self, w: Window, pos: int, starts: Offsets, stops: Offsets, record: int) -> None:
        """Look at the window's text up to an offset. A message that begins before it may go on behind it: so much is
        read.

        :param starts: offsets of the records; :param stops: behind them.
        :param record: the number of the first one.
        """
        self._read_on(w, pos)
        for at, stop, row in sorted(_messages(w.data, pos, starts, stops)):
            self._count += 1
            number = None if row is None else record + row
            if number is not None and self._records[-1:] != [number]:
                self._records.append(number)
            if len(self._found) < self.samples:  # a place takes long: all before it is gone through
                where = replace(place(w, at), record=number)
                words = " ".join(_TAG.sub("", w.data[at:stop].decode("utf-8", "replace")).split())
                what = "between the records" if row is None else "in the record"
                self._found.append(Sample(message=f"a message of a program stands {what}: {words[:200]!r}",
                                          value=words[:200], location=where))  # fmt: skip

    def tallies(self) -> Iterator[Tally]:
        """``xml/program-output``, if there was any."""
        if self._count:
            numbers = np.array(self._records, np.uint64)
            yield Tally(code="xml/program-output", count=self._count, samples=tuple(self._found), records=numbers)

    @staticmethod
    def _read_on(w: Window, pos: int) -> None:
        """Read on where a message may begin right before ``pos``."""
        begun = max(pos - _LONGEST, 0)
        while not w.final and len(w.data) - pos < _LONGEST and w.data.find(b"<b>", begun, pos) >= 0:
            w.fill(_LONGEST)


def _messages(data: bytes, pos: int, starts: Offsets, stops: Offsets) -> Iterator[tuple[int, int, int | None]]:
    """Start, end and record (from 0; None: between them) of each message that begins before ``pos``."""
    behind = min(pos + _LONGEST, len(data))
    if data.find(b" on line <b>", 0, behind) >= 0:
        for found in _MARKED.finditer(data, 0, behind):
            if found.start() < pos and not hidden(data, found.start()):
                yield found.start(), found.end(), inside(found.start(), starts, stops)
    before, after = np.concatenate(([0], stops)), np.concatenate((starts, [pos]))
    wide = after - before >= _LEAST
    for a, b in zip(before[wide].tolist(), after[wide].tolist(), strict=True):
        for found in _PLAIN.finditer(data[a:b]):
            if not hidden(data, a + found.start(1)):
                yield a + found.start(1), a + found.end(1), None


def inside(at: int, starts: Offsets, stops: Offsets) -> int | None:
    """The record, from 0, that an offset is in; None: none."""
    row = int(np.searchsorted(starts, at, "right")) - 1
    return row if row >= 0 and at < stops[row] else None


def hidden(data: bytes, at: int) -> bool:
    """Whether it stands in a CDATA section or a comment: it may well be quoted there."""
    near = max(at - _NEAR, 0)
    return any(data.rfind(opening, near, at) > data.rfind(closing, near, at) for opening, closing in _HIDDEN)
