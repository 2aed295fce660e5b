"""From a cut to a chunk: values and record numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.engine.checker import EACH_FIELD
from potable.engine.contracts.reading import ChunkParser, Cut, TooManyCells
from potable.engine.findings import Sample, Tally
from potable.engine.paths import FieldPath
from potable.engine.reading.decoding import Invalid, is_utf8, mend_utf8
from potable.engine.reading.json.chunk import CutRecords, JsonChunk, TextRecords
from potable.engine.reading.json.faults import Faults, Sound
from potable.engine.reading.json.fields import discover, frame_of, spell, twice, unspell
from potable.engine.reading.json.index import Brackets, skip_white
from potable.engine.reading.json.places import Places
from potable.engine.reading.json.quick import Learnt, quick_frame
from potable.engine.reading.json.records import DEEPEST, Record, check, items, lines, may_have_lone
from potable.engine.reading.json.values import Text

_EMPTY = b"{}"


@dataclass(frozen=True, slots=True)
class JsonParser(ChunkParser):
    """Parses the cuts of one reading.

    :param samples: most samples of one tally.
    :param depth: deepest nesting of a record.
    :param columns: most fields that are found where all are asked for.
    :param cells: most fields of all records together.
    :param node_bytes: longest text of a record.
    :param learnt: what was learnt of the records on the way.
    :param found: see :meth:`ChunkParser.again`.
    """

    samples: int
    depth: int
    columns: int
    cells: int
    node_bytes: int
    learnt: Learnt = field(default_factory=Learnt, compare=False, repr=False)
    found: frozenset[str] = frozenset()

    def parse(
        self, cut: Cut, fields: frozenset[str] | None = None, records: npt.NDArray[np.uint64] | None = None
    ) -> JsonChunk:
        """See :meth:`ChunkParser.parse`. ``$.*`` among the fields asks for all that there are, too."""
        places = Places(cut)
        named = [FieldPath.parse(f) for f in sorted((fields or frozenset()) - {EACH_FIELD} - self.found)]
        asked = [FieldPath.parse(f) for f in sorted(self.found.intersection(fields or ()))]
        every = fields is None or EACH_FIELD in fields
        if records is None:
            chunk = self._quickly(places, [*named, *asked], every=every)
            if chunk is not None:
                return chunk
            rows = np.arange(cut.records)
        else:
            lo, hi = np.searchsorted(records, [cut.first_record, cut.first_record + cut.records])
            rows = np.asarray(records[lo:hi]).astype(np.int64) - cut.first_record
        sound = self._sound(places, rows if records is not None else None)
        repeated, shadowed = twice(sound.text)
        found, complete = asked, True
        if every:
            others, complete = discover(sound.text, shadowed, self.columns)
            found = [*asked, *(path for path in others if path not in asked)]
        width = len(named) + len(found)
        fits = len(rows) < 2 or width * len(rows) <= self.cells
        frame = frame_of(sound.text, named, found) if fits else pl.DataFrame(height=len(rows))
        tallies: list[Tally] = []
        if records is None:
            tallies = Faults(places, sound, repeated, self.samples).tallies()
        unsound = frozenset(
            n for n, row in enumerate(rows.tolist()) if row in sound.odd and sound.odd[row].state != "sound"
        ) if sound.odd else frozenset[int]()  # fmt: skip
        many = None if complete or records is not None else self._many_fields(places)
        chunk = JsonChunk(places, TextRecords(sound.text, unsound), rows, frame, tallies, many)
        if not fits:
            raise TooManyCells(chunk, self.cells // width)
        return chunk

    def again(self, found: frozenset[str]) -> JsonParser:
        """See :meth:`ChunkParser.again`."""
        return replace(self, found=found)

    def _quickly(self, places: Places, named: list[FieldPath], *, every: bool) -> JsonChunk | None:
        """The chunk of a cut in which nothing is wrong; None where that isn't sure."""
        cut, hints = places.cut, places.hints
        if not hints.together or hints.invalid or self._has_large(places) or not is_utf8(cut.data):
            return None
        depth = min(self.depth, DEEPEST)
        made = quick_frame(places, named, self.learnt, every=every, depth=depth, most=self.columns, cells=self.cells)
        if made is None:
            return None
        frame, complete = made
        many = None if complete else self._many_fields(places)
        return JsonChunk(places, CutRecords(places), np.arange(cut.records), frame, [], many)

    def _has_large(self, places: Places) -> bool:
        """Whether a record may hold a text that is too long."""
        starts, stops = places.spans
        return len(places.cut.data) > self.node_bytes and bool((stops - starts > self.node_bytes).any())

    def _many_fields(self, places: Places) -> Tally:
        message = f"more than {self.columns:,} different fields (Limits.columns)"
        sample = Sample(message=message, location=places.record(0))
        return Tally(code="json/many-fields", count=1, samples=(sample,))

    def _sound(self, places: Places, rows: npt.NDArray[np.int64] | None) -> Sound:
        cut = places.cut
        if rows is None and places.hints.together and not places.hints.invalid and is_utf8(cut.data):
            b = places.hints.brackets or Brackets(cut.data)
            if self._all_sound(places, b):
                text = Text(b, cut.records)
                if not _has_escaped_names(text):
                    return Sound(text)
        return self._one_by_one(places, range(cut.records) if rows is None else rows.tolist())

    def _all_sound(self, places: Places, b: Brackets) -> bool:
        """Whether all records are sound objects, proved for all at once."""
        starts, data = places.spans[0], places.cut.data
        if self._has_large(places) or b.deepest > min(self.depth, DEEPEST) or not (b.depth >= 0).all():
            return False
        tops, _ = b.inside(0, len(b.at), 0)
        if len(tops) != len(starts):
            return False
        first = skip_white(b.text, starts)
        if not ((tops == first) & (b.text[tops] == 0x7B)).all():
            return False
        # So no object goes beyond its line or comma; and where as many values are read, there's nothing else.
        if places.hints.lines:
            return lines(data) == len(starts)
        return not may_have_lone(data) or items(data, first=True) == len(starts)

    def _one_by_one(self, places: Places, rows: Sequence[int]) -> Sound:
        pieces: list[bytes] = []
        odd: dict[int, Record] = {}
        invalid: dict[int, Invalid] = {}
        for row in rows:
            data, bad = mend_utf8(places.bytes(row))
            if bad:
                invalid[row] = bad[0]
            elif places.hints.invalid:
                _note_replaced(places, row, invalid)
            record = check(data if not bad else places.bytes(row), min(self.depth, DEEPEST), self.node_bytes)
            if record.state != "sound" or record.lone >= 0:
                odd[row] = record
            if record.state != "sound":
                pieces.append(_EMPTY)
            else:
                pieces.append(record.data if not bad else mend_utf8(record.data)[0])
        return Sound(_respelled(pieces), odd, invalid)


def _note_replaced(places: Places, row: int, invalid: dict[int, Invalid]) -> None:
    start, stop = places.start(row), int(places.spans[1][row])
    replaced = places.hints.invalid
    n = bisect_left(replaced, start, key=lambda i: i.at)
    if n < len(replaced) and replaced[n].at < stop:
        first = replaced[n]
        invalid[row] = Invalid(first.at - start, first.byte, first.bytes)


def _has_escaped_names(text: Text) -> bool:
    if not len(text.brackets.slashes):
        return False
    n = text.names
    return bool(
        (np.searchsorted(text.brackets.slashes, n.start) != np.searchsorted(text.brackets.slashes, n.stop)).any()
    )


def _respelled(pieces: list[bytes]) -> Text:
    """The text of these objects, with names escaped in one way."""
    data = b"\n".join(pieces)
    text = Text(Brackets(data), len(pieces))
    if not _has_escaped_names(text):
        return text
    n = text.names
    changed = np.flatnonzero(
        np.searchsorted(text.brackets.slashes, n.start) != np.searchsorted(text.brackets.slashes, n.stop)
    )
    out: list[bytes] = []
    done = 0
    for start, stop in zip(n.start[changed].tolist(), n.stop[changed].tolist(), strict=True):
        out += (data[done:start], spell(unspell(data[start:stop])))
        done = stop
    data = b"".join((*out, data[done:]))
    return Text(Brackets(data), len(pieces))
