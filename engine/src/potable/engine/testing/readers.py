"""The laws of a reader, tried on a file."""

from __future__ import annotations

import hashlib
import pickle
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from pyroaring import BitMap

from potable.engine.contracts.reading import Chunk, ChunkParser, Cut, Reader, Reading
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Fault, Location, Occurrence, Tally
from potable.engine.handed import each
from potable.engine.limits import Limits
from potable.engine.plugins.classes import SHARED_FAMILIES, InvalidPlugin, check_class, own_codes
from potable.engine.scan.chunks import fault_of
from potable.engine.testing.laws import stage

SIZES = (1 << 20, 1_000, 100, 16)
"""Chunk sizes that are tried, in bytes."""
NOWHERE = "$.'no such field'"


@dataclass
class _Lent:
    """What a reader under test is lent."""

    limits: Limits
    said: list[Occurrence] = field(default_factory=list)

    def report(self, occurrence: Occurrence) -> None:
        self.said.append(occurrence)


@dataclass
class _Read:
    """All that came of a reading.

    :ivar whole: it was read to its end.
    """

    columns: tuple[str, ...] | None = None
    records: list[dict[str, Any]] = field(default_factory=list)
    places: list[Location] = field(default_factory=list)
    whole: bool = True
    faults: dict[tuple[str, str | None, str | None], tuple[int, list[int]]] = field(default_factory=dict)

    def count(self, said: Tally | Occurrence) -> None:
        tally = Tally.of(said) if isinstance(said, Occurrence) else said
        key = (tally.code, tally.field, tally.rule)
        count, records = self.faults.get(key, (0, []))
        self.faults[key] = (count + tally.count, [*records, *map(int, tally.records)])


def check_reader(
    reader: type[Reader], data: bytes, *, definition: Mapping[str, Any] | None = None, sizes: Sequence[int] = SIZES
) -> None:
    """Raise AssertionError unless the reader keeps the contract on this file; the message says what is broken.

    - Cuts follow one another, record by record; a chunk has a row, a number and a place for each of them.
    - Records, places and faults are the same for any ``Limits.chunk_bytes``.
    - The parser and its cuts pickle; a chunk is the same whatever was parsed before it.
    - What is asked for of a chunk, fields or records, is what it has; a field that isn't there is a column of nulls.
    - Of two parts each has its own name, lines and bytes, and records are counted on from the one to the other.
    - The cuts come again, all of them or those that hold some records; the file's hash is right.
    - Faults are of codes that the reader declares.

    :param data: the file, decompressed.
    :param definition: members of the definition besides ``ingestURL``; default: the first format as ``ingestMethod``.
    :param sizes: values of ``Limits.chunk_bytes`` that are tried.
    """
    try:
        check_class(reader)
        own_codes(Reader, reader)
    except InvalidPlugin as e:
        raise AssertionError(f"{getattr(reader, 'name', reader.__name__)}: {e}") from None
    given = {"resourceID": "test", "ingestMethod": sorted(reader.formats)[0].upper(), **(definition or {})}
    with tempfile.TemporaryDirectory(prefix="potable-test-") as folder:
        path = Path(folder, "data")
        path.write_bytes(data)
        parts = tuple(Part(name=name, path=path, bytes=len(data)) for name in ("data", "data again"))
        snapshot = Snapshot(parts=parts[:1], fetched="2024-01-01T00:00:00Z")
        source = from_mapping({**given, "ingestURL": str(path)})
        first: _Read | None = None
        for size in sizes:
            with stage(reader, f"with Limits.chunk_bytes of {size:,} it"):  # type: ignore[arg-type]
                found = _read(reader, source, snapshot, replace(Limits(), chunk_bytes=size))
            first = first or found
            for what in ("columns", "records", "places", "faults"):
                one, other = getattr(first, what), getattr(found, what)
                _assure(one == other, reader, _difference(what, one, other, size))
        if first is not None and first.whole:
            with stage(reader, "with a file of two parts it"):  # type: ignore[arg-type]
                both = _read(reader, source, replace(snapshot, parts=parts), replace(Limits(), chunk_bytes=sizes[0]))
            if both.whole:  # else it has said that it can't
                _two_parts(reader, parts, first, both)


def _two_parts(reader: type[Reader], parts: Sequence[Part], one: _Read, both: _Read) -> None:
    """Of a file that comes twice, the second part is as the first one."""
    said = f"of two equal parts it gives {len(both.records):,} records, of one {len(one.records):,}"
    _assure(both.records == [*one.records, *one.records], reader, said)
    more = [replace(p, file=parts[1].name, record=n) for n, p in enumerate(one.places, len(one.places) + 1)]
    for wanted, given in zip([*one.places, *more], both.places, strict=True):
        _assure(wanted == given, reader, f"of two equal parts, {given} is told, where {wanted} belongs")


def _read(reader: type[Reader], source: SourceDefinition, snapshot: Snapshot, limits: Limits) -> _Read:
    found, lent = _Read(), _Lent(limits)
    made = reader()
    for said in each(made.check_definition(source), Occurrence, "check_definition", made.check_definition):
        raise AssertionError(f"{reader.name}: the definition can't be used: {said.message}")
    try:
        reading = made.open(source, snapshot, lent)
        _assure(isinstance(reading, Reading), reader, f"open gave {reading!r} where a Reading belongs")
        try:
            found.columns = reading.columns
            _chunks(reader, reading, snapshot, found)
        finally:
            reading.close()
    except Fault as fault:
        found.whole = False
        found.count(fault.occurrence)
    for said in lent.said:
        found.count(said)
    declared = {code.id for code in reader.codes}
    for code, _, _ in found.faults:
        known = code in declared or code.partition("/")[0] in SHARED_FAMILIES
        _assure(known, reader, f"it reports the code {code}, which it doesn't declare")
    return found


def _chunks(reader: type[Reader], reading: Reading, snapshot: Snapshot, found: _Read) -> None:
    cuts: list[Cut] = []
    try:
        for cut in each(reading.cuts(), Cut, "cuts", reading.cuts):
            before = cuts[-1] if cuts else None
            index, record = (before.index + 1, before.first_record + before.records) if before else (0, 1)
            said = f"cut {cut.index} with first_record {cut.first_record:,}, where cut {index} with {record:,} belongs"
            _assure((cut.index, cut.first_record) == (index, record), reader, said)
            _assure(cut.part in range(len(snapshot.parts)), reader, f"cut {index} is of a part {cut.part}")
            follows = before is None or before.part <= cut.part
            _assure(follows, reader, f"cut {index} is of part {cut.part}, after one of part {before and before.part}")
            cuts.append(pickle.loads(pickle.dumps(cut)))  # noqa: S301 - our own bytes
    finally:
        parser: ChunkParser = pickle.loads(pickle.dumps(reading.parser()))  # noqa: S301
        chunks = [_chunk(reader, reading, parser, cut) for cut in cuts]
        for cut in reversed(cuts):
            same = parser.parse(cut).frame.equals(chunks[cut.index].frame)
            _assure(same, reader, f"cut {cut.index} gives something else when it's parsed after later ones")
        for cut, chunk in zip(cuts, chunks, strict=True):
            name = snapshot.parts[cut.part].name
            _assure(chunk.file == name, reader, f"a chunk of the part {name!r} has the file {chunk.file!r}")
            found.records += map(_there, chunk.frame.iter_rows(named=True))
            found.places += chunk.locate(range(chunk.records))
            for tally in chunk.tallies:
                found.count(tally)
    for tally in each(reading.tallies(), Tally, "tallies", reading.tallies):
        found.count(tally)
    for a, b in pairwise(found.places):
        ordered = (a.line or 0, a.byte or 0) <= (b.line or 0, b.byte or 0)
        _assure(ordered or a.file != b.file, reader, f"record {b.record} lies before record {a.record}: {b}, {a}")
    for part in snapshot.parts:
        digest = reading.digests().get(part.name)
        right = hashlib.sha256(part.path.read_bytes()).hexdigest()
        _assure(digest in (None, right), reader, f"digests has {digest} for {part.name}, whose SHA-256 is {right}")
    _again(reader, reading, cuts)


def _chunk(reader: type[Reader], reading: Reading, parser: ChunkParser, cut: Cut) -> Chunk:
    """A cut's chunk, looked at as a whole and in parts."""
    chunk = parser.parse(cut)
    _assure(not (fault := fault_of(chunk, None)), reader, f"parse gave {fault}")
    numbers = list(range(cut.first_record, cut.first_record + cut.records))
    given = chunk.numbers.tolist()
    _assure(given == numbers, reader, f"the numbers of cut {cut.index} are {given[:5]}…, where {numbers[:5]}… belong")
    places = chunk.locate(range(chunk.records))
    _assure(len(places) == chunk.records, reader, f"locate gave {len(places)} places for {chunk.records} rows")
    for number, place in zip(numbers, places, strict=True):
        said = f"locate gave the record {place.record} of the file {place.file} for record {number} of {chunk.file}"
        _assure((place.record, place.file) == (number, chunk.file), reader, said)
    names = [name for name in chunk.frame.columns if name in (reading.columns or ())]
    asked = frozenset({*names[:1], NOWHERE})
    part = parser.parse(cut, asked)
    _assure(not (fault := fault_of(part, asked)), reader, f"parse gave {fault}")
    nothing = part.frame[NOWHERE].null_count() == part.records
    _assure(nothing, reader, "a field that the source doesn't have has values")
    for name in names[:1]:
        _assure(part.frame[name].equals(chunk.frame[name]), reader, f"{name}, asked for by itself, has other values")
    some = chunk.numbers[::2].copy()
    kept = parser.parse(cut, None, some)
    _assure(not (fault := fault_of(kept, None)), reader, f"parse gave {fault}")
    rows = np.arange(0, chunk.records, 2, dtype=np.uint64)
    same = kept.numbers.tolist() == some.tolist() and kept.frame.equals(chunk.frame[rows])
    _assure(same, reader, f"of cut {cut.index}, records asked for by number are others than before")
    _assure(not kept.tallies, reader, "a chunk of some records has tallies, which are told twice then")
    _assure(kept.locate(range(kept.records)) == places[::2], reader, "records asked for by number have other places")
    return chunk


def _again(reader: type[Reader], reading: Reading, cuts: Sequence[Cut]) -> None:
    def told(several: Sequence[Cut]) -> list[tuple[int, int, bytes]]:
        return [(cut.first_record, cut.records, cut.data) for cut in several]

    again = list(each(reading.again(), Cut, "again", reading.again))
    _assure(told(again) == told(cuts), reader, "again gives other cuts than cuts did")
    for cut in cuts[-1:]:
        one = list(reading.again(BitMap([cut.first_record])))
        _assure(told(one) == told([cut]), reader, f"again gives other cuts than the one that holds {cut.first_record}")


def _there(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a record has: in a source without columns a chunk has those of its own records alone."""
    return {name: value for name, value in row.items() if value not in (None, "absent", [None], ["absent"])}


def _difference(what: str, one: Any, other: Any, size: int) -> str:
    said = f"{what} are others when Limits.chunk_bytes is {size:,}"
    if isinstance(one, list) and isinstance(other, list):
        at = next((n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
        if at is None:
            return f"{said}: {len(other):,} in place of {len(one):,}"
        return f"{said}: of record {at + 1}, {other[at]} in place of {one[at]}"
    return f"{said}: {other} in place of {one}"


def _assure(holds: bool, reader: type[Reader], said: str) -> None:
    if not holds:
        raise AssertionError(f"{reader.name}: {said}")
