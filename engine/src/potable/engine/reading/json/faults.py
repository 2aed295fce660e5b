"""Faults of form in the records of one cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from potable.engine.findings import Sample, Tally, clip
from potable.engine.reading.decoding import UTF8, Invalid, describe_bytes, may_go_on
from potable.engine.reading.json.around import is_message
from potable.engine.reading.json.index import Offsets
from potable.engine.reading.json.instead import holds_json
from potable.engine.reading.json.places import Places, repeated_name
from potable.engine.reading.json.pointing import pointer_at
from potable.engine.reading.json.records import Record
from potable.engine.reading.json.values import Text


@dataclass(slots=True)
class Sound:
    """The records of a cut as a text of objects, and what was wrong with them.

    :param odd: records with something wrong, by row of the cut; those that aren't sound are empty objects in the text.
    :param invalid: bytes that aren't in the encoding, the first of each record, by row: ``at`` in the record.
    """

    text: Text
    odd: dict[int, Record] = field(default_factory=dict)
    invalid: dict[int, Invalid] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Faults:
    """Faults of form in the records of one cut."""

    places: Places
    sound: Sound
    repeated: Offsets
    samples: int

    def tallies(self) -> list[Tally]:
        """One tally a code."""
        odd, found = self.sound.odd, list[Tally]()
        broken = [r for r, o in odd.items() if o.state == "broken"]
        cut_off = broken.pop() if broken and self._is_cut_off(broken[-1]) else None
        found += self._tally("json/bad-line", broken, self._broken)
        if cut_off is not None:
            found += self._tally("json/cut-off", [cut_off], self._broken)
        found += self._tally("json/too-deep", [r for r, o in odd.items() if o.state == "deep"], self._deep)
        found += self._tally("json/too-large-node", [r for r, o in odd.items() if o.state == "large"], self._large)
        found += self._tally("json/not-an-object", [r for r, o in odd.items() if o.state == "other"], self._other)
        found += self._tally("json/lone-surrogate", [r for r, o in odd.items() if o.lone >= 0], self._lone)
        found += self._tally("encoding/invalid", self._not_in_encoding(cut_off), self._invalid)
        if len(self.repeated):
            at = self.sound.text.names.start[self.repeated]
            rows = np.unique(np.searchsorted(self.sound.text.roots.at, at, "right") - 1)
            found += self._tally("json/duplicate-key", rows.tolist(), self._twice)
        return found

    def _tally(self, code: str, rows: Sequence[int], sample: Callable[[int], Sample]) -> Iterator[Tally]:
        if rows:
            samples = tuple(sample(row) for row in rows[: self.samples])
            records = np.array(rows, np.uint64) + np.uint64(self.places.cut.first_record)
            yield Tally(code=code, count=len(rows), samples=samples, records=records)

    def _broken(self, row: int) -> Sample:
        broken = self.sound.odd[row].broken
        assert broken is not None
        place = self.places.place(row, broken.at, None)
        message = f"line {place.line}, column {place.column}: {broken.reason}"
        if is_message(self.places.bytes(row)[broken.at :]):
            message += ": a program's message, it seems"
        if self._is_cut_off(row):
            message += "; the file ends here, without a line end: it was cut off"
        return Sample(message=message, value=self._text(row), location=place)

    def _is_cut_off(self, row: int) -> bool:
        """Whether it's a line that the file ends in, within an object or array."""
        broken, cut = self.sound.odd[row].broken, self.places.cut
        # Cuts end with a line: only the last one of a file may lack its end.
        if row != cut.records - 1 or not self.places.hints.lines or bytes(cut.data[-1:]) in b"\r\n":
            return False
        data = self.places.bytes(row).lstrip(b" \t")
        return broken is not None and broken.reason.startswith("the text ends") and data[:1] in (b"{", b"[")

    def _not_in_encoding(self, cut_off: int | None) -> list[int]:
        """The records with bytes that aren't in the encoding, but for a character that a file is cut off in."""
        rows = dict(self.sound.invalid)
        if cut_off in rows:
            bad = rows[cut_off]
            if bad.at + len(bad.bytes) == len(self.places.bytes(cut_off)) and may_go_on(bad.bytes, UTF8):
                del rows[cut_off]
        return list(rows)

    def _deep(self, row: int) -> Sample:
        return Sample(message="the record is nested too deep (Limits.depth)", location=self.places.record(row))

    def _large(self, row: int) -> Sample:
        at = self.sound.odd[row].large
        message = "a text of the record is too long (Limits.node_bytes)"
        return Sample(message=message, location=self.places.place(row, at, self._holder(row, at)))

    def _other(self, row: int) -> Sample:
        first = self.places.bytes(row)[:1]
        what = {b"[": "an array", b'"': "a text", b"n": "null", b"t": "true", b"f": "false"}.get(first, "a number")
        message = f"the record is {what}, not an object"
        if holds_json(self.places.bytes(row)):
            message += ": JSON as a text, encoded twice"
        return Sample(message=message, value=self._text(row), location=self.places.record(row))

    def _lone(self, row: int) -> Sample:
        at = self.sound.odd[row].lone
        raw = self.places.bytes(row)[at : at + 6].decode("ascii", "replace")
        return Sample(
            message=f"{raw} is half of a character", location=self.places.place(row, at, self._holder(row, at))
        )

    def _invalid(self, row: int) -> Sample:
        bad = self.sound.invalid[row]
        message = f"bytes that aren't in the encoding: {describe_bytes(bad.bytes)}"
        return Sample(message=message, location=self.places.place(row, bad.at, self._holder(row, bad.at)))

    def _twice(self, row: int) -> Sample:
        found = repeated_name(self.places.bytes(row))
        if found is None:  # only once bytes that aren't in the encoding were replaced
            return Sample(message="an object has two members of one name", location=self.places.record(row))
        pointer, name = found
        place = self.places.place(row, name.start, self.places.pointer(row) + pointer)
        return Sample(message=f"{pointer} occurs twice in its object; the last one is used", location=place)

    def _holder(self, row: int, at: int) -> str | None:
        """The pointer of the innermost value that an offset in a record lies in."""
        odd = self.sound.odd.get(row)
        data = self.places.bytes(row) if odd is None else odd.data  # without halves of characters
        return (self.places.pointer(row) + pointer_at(data, at)) or None

    def _text(self, row: int) -> str | None:
        return clip(self.places.bytes(row)[:1000].decode("utf-8", "replace"))
