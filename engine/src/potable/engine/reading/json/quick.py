"""The quick way to a chunk of records: by types, where it's proved that nothing of the text is lost on the way.

A decoder forgets members that an object has twice, and takes any depth. So it's counted: of as many members as there
can be in the text all were kept, and no record has more brackets than it may be deep. Where the sums don't agree (a
text may hold a colon behind a blank), or the records aren't of the shape that others had, the slower way decides,
which looks at each byte.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import orjson
import polars as pl

from potable.engine.lazyregex import lazy_regex
from potable.engine.paths import FieldPath
from potable.engine.reading.json.index import Bytes, Offsets
from potable.engine.reading.json.places import Places
from potable.engine.reading.json.shape import Shape, join, learn
from potable.engine.reading.json.shredding import discover, frame_of
from potable.engine.reading.json.typed import Place, Records, Unfit, Wanted, place_of

_QUOTE, _COLON, _OPEN, _SPACE, _CLOSE = 0x22, 0x3A, 0x7B, 0x20, 0x7D
_CASE = np.uint8(0x20)  # [ is { without it
_STRETCH = 64  # bytes: eight times eight
_ONES, _TOP = np.uint64(0x0101010101010101), np.uint64(56)  # to add up the bytes of a word
_BLOCK = 1 << 18  # what is made of so many bytes stays near the processor
_EXAMPLES = 200
"""So many records of a cut are looked at for what records look like."""
_ATTEMPTS = 6
"""How often a cut is tried again with what it has taught."""
_PATIENCE = 8
"""So many more failures than successes, and it isn't tried any more."""
_RECORD = lazy_regex(r" - at `\$\[(\d+)\]")


@dataclass(slots=True)
class Learnt:
    """What is known of the records of a source; it makes readings faster, and changes no result.

    :ivar shape: of those that were looked at.
    :ivar failures: how often in vain the quick way was tried; :ivar successes: how often not in vain.
    """

    shape: Shape | None = None
    failures: int = 0
    successes: int = 0
    _places: dict[Wanted, tuple[Shape, Place]] = field(default_factory=dict)

    @property
    def hopeless(self) -> bool:
        """Whether it isn't worth trying."""
        return self.failures > _PATIENCE + self.successes

    def place(self, wanted: Wanted) -> Place:
        """The types for the records. Raises :class:`Unfit`."""
        shape = self.shape
        if shape is None or shape.members is None:
            raise Unfit
        known = self._places.get(wanted)
        if known is None or known[0] is not shape:
            known = self._places[wanted] = (shape, place_of(shape, wanted))
        return known[1]

    def learn(self, places: Places, rows: range) -> bool:
        """Look at records of a cut, by row; whether there was anything new."""
        examples = []
        for row in rows:
            try:
                examples.append(orjson.loads(places.bytes(row)))
            except orjson.JSONDecodeError:
                continue
        before, shape = self.shape, learn(examples)
        if shape is not None and before is not None:
            shape = join(before, shape)
        self.shape = shape
        return shape != before

    def __reduce__(self) -> tuple[type[Learnt], tuple[()]]:
        return Learnt, ()


def quick_frame(
    places: Places, named: list[FieldPath], learnt: Learnt, *, every: bool, depth: int, most: int, cells: int
) -> tuple[pl.DataFrame, bool] | None:
    """The frame of a cut in which nothing is wrong, and whether it has all fields; None where that isn't sure.

    :param named: fields to extract; ``every``: besides all others, at most so many.
    :param depth: how deep a record may be.
    :param cells: most fields of all records together.
    """
    if learnt.hopeless or not _may_be(places, depth):
        return None
    rows = range(places.cut.records)
    some = rows[:: max(1, len(rows) // _EXAMPLES)]
    if learnt.shape is None:
        learnt.learn(places, some)
    wanted = Wanted.of(named, every=every)
    for attempt in range(_ATTEMPTS + 1):
        try:
            place = learnt.place(wanted)
            if every and place.size * places.cut.records > cells:
                return None
            records = _decoded(places, place)
            found, complete = discover(records, most) if every else ([], True)
            frame = frame_of(records, [*named, *(path for path in found if path not in named)])
        except Unfit as unfit:
            if attempt == _ATTEMPTS:
                break
            # The one that didn't fit tells what is new, up to a point.
            one = unfit.record if attempt < _ATTEMPTS - 1 else None
            if not learnt.learn(places, some if one is None else range(one, one + 1)):
                break
        else:
            learnt.successes += 1
            return frame, complete
    learnt.failures += 1
    return None


def _decoded(places: Places, place: Place) -> Records:
    data = places.cut.data
    try:
        if places.hints.lines:
            records: list[Any] = place.decoder.decode_lines(data)
        else:
            records = place.array_decoder.decode(b"".join((b"[", data, b"]")))
    except msgspec.ValidationError as e:
        at = _RECORD.search(str(e))
        raise Unfit(int(at[1]) if at else None) from None
    except (msgspec.DecodeError, RecursionError):
        raise Unfit from None
    if len(records) != places.cut.records:
        raise Unfit
    decoded = Records(place, records)
    if decoded.members() != _most_members(np.frombuffer(data, np.uint8)):
        raise Unfit
    return decoded


def _may_be(places: Places, depth: int) -> bool:
    """Whether each record is an object of its own, as far as its edges tell, and none can be too deep."""
    text = np.frombuffer(places.cut.data, np.uint8)
    starts, stops = places.spans
    if not (text[starts] == _OPEN).all() or not (text[stops - 1] == _CLOSE).all():
        return False  # between } and { no value is inside another, so that none goes beyond its line
    return _most_brackets(text, starts, stops) <= depth


def _most_brackets(text: Bytes, starts: Offsets, stops: Offsets) -> int:
    """The most brackets that a record may have: those of the stretches that it touches, inside texts too."""
    counts = np.zeros(-(-len(text) // _STRETCH) + 1, np.int64)
    for first in range(0, len(text), _BLOCK):
        block = text[first : first + _BLOCK]
        opening = (block | _CASE) == _OPEN
        whole = len(block) // _STRETCH
        eights = opening[: whole * _STRETCH].view(np.uint64)  # a byte is 1 for a bracket, and they don't overflow
        sums = eights[0::8] + eights[1::8]
        for n in range(2, 8):
            sums += eights[n::8]
        at = first // _STRETCH + 1
        counts[at : at + whole] = sums * _ONES >> _TOP
        if whole * _STRETCH < len(block):
            counts[at + whole] = np.count_nonzero(opening[whole * _STRETCH :])
    before = np.cumsum(counts)
    return int((before[-(-stops // _STRETCH)] - before[starts // _STRETCH]).max(initial=0))


def _most_members(text: Bytes) -> int:
    """How many members there are at the most: inside a text there may be such colons too."""
    most = 0
    for start in range(0, len(text), _BLOCK):
        block = text[max(start - 1, 0) : start + _BLOCK]
        before = block[:-1]
        after_name = (before == _QUOTE) | (before <= _SPACE)
        most += int(np.count_nonzero(after_name & (block[1:] == _COLON)))
    return most
