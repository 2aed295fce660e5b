"""From a cut to a chunk: values, record numbers, and the faults of form in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.engine.checker import EACH_FIELD
from potable.engine.contracts.reading import KIND_SUFFIX, ChunkParser, Cut, TooManyCells
from potable.engine.findings import Sample, Tally
from potable.engine.lazyregex import lazy_regex
from potable.engine.limits import Limits
from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child, Filter
from potable.engine.reading.decoding import Invalid, describe_bytes, mend_utf8
from potable.engine.reading.xml.arity import Arity
from potable.engine.reading.xml.bulk import Bulk, Learnt
from potable.engine.reading.xml.chunk import XmlChunk
from potable.engine.reading.xml.columns import column
from potable.engine.reading.xml.feeds import FeedColumns
from potable.engine.reading.xml.mixed import mixed
from potable.engine.reading.xml.names import unprefixed
from potable.engine.reading.xml.places import Places
from potable.engine.reading.xml.plan import Place, Plan, Values
from potable.engine.reading.xml.records import Records
from potable.engine.reading.xml.values import name_of
from potable.engine.reading.xml.walk import Walk

if TYPE_CHECKING:
    from lxml import etree

_NAMESPACE = lazy_regex(rb"\bxmlns(?::([^\s=]+))?\s*=\s*(\"[^\"]*\"|'[^']*')")
_TAIL = lazy_regex(rb"</[^>]*+>\s*+(?:[^\s<]|<[!?])")
_TAIL_OF_EMPTY = lazy_regex(rb"/>\s*+(?:[^\s<]|<[!?])")
"""Perhaps text behind an element."""


@dataclass(frozen=True, slots=True)
class XmlParser(ChunkParser):
    """Parses the cuts of one reading.

    :param spelled: how the definition spells fields, by their names.
    :param learnt: what was learnt of the records on the way.
    """

    limits: Limits
    spelled: Mapping[tuple[str, ...], str]
    learnt: Learnt = field(default_factory=Learnt, compare=False, repr=False)

    def parse(
        self, cut: Cut, fields: frozenset[str] | None = None, records: npt.NDArray[np.uint64] | None = None
    ) -> XmlChunk:
        """See :meth:`ChunkParser.parse`. ``$.*`` among the fields asks for all that there are, too."""
        places = Places(cut)
        found = Records(places, self.limits)
        named = sorted((fields or frozenset()) - {EACH_FIELD})
        every = fields is None or EACH_FIELD in fields
        wanted = None
        if records is not None:
            lo, hi = np.searchsorted(records, [cut.first_record, cut.first_record + cut.records])
            wanted = np.asarray(records[lo:hi]).astype(np.int64) - cut.first_record
        columns: Plan | FeedColumns
        walk: Walk | Bulk | FeedColumns
        if places.hints.layout.target.feed:
            columns = walk = FeedColumns(named, every=every)
        else:
            columns = self._plan(places, named, every=every)
            walk = self._walk(places, columns, wanted is not None)
        read = 0
        for first, elements in found.groups(wanted):
            read = first + len(elements)
            if wanted is not None:
                elements = [elements[row - first] for row in wanted[(wanted >= first) & (wanted < read)].tolist()]
            walk.over(elements)
            del elements  # the next ones are made where these were
        rows = np.arange(read) if wanted is None else wanted[wanted < read]
        width = len(columns.columns)
        fits = len(rows) < 2 or width * len(rows) <= self.limits.cells
        frame = _frame(columns.columns, frozenset(named), len(rows)) if fits else pl.DataFrame(height=len(rows))
        tallies: list[Tally] = []
        arities: Mapping[str, Arity] = {}
        texts: Mapping[str, int] = {}
        many: Tally | None = None
        if wanted is None:
            tallies += _invalid(places, read, self.limits.samples)
            if isinstance(columns, Plan):
                arities = dict(_arities(columns.root, found, read))
                texts = mixed(columns.root, Records(places, self.limits)) if every else {}  # found has told its fault
                if not columns.complete:
                    many = _many_fields(places, self.limits.columns)
                if places.hints.first:
                    tallies += _prefixes(places, named)
        chunk = XmlChunk(places, found, rows, frame, tallies, arities, found.fault, many, frozenset(named), texts)
        if not fits:
            raise TooManyCells(chunk, self.limits.cells // width)
        return chunk

    def _walk(self, places: Places, plan: Plan, some: bool) -> Walk | Bulk:
        """What fills the columns; ``some``: not all records are taken."""
        one_prefix, plain = _prefixed(places)
        data = places.cut.data
        # Only where the text of every element is wanted it pays to know beforehand that few have any.
        mixed = not plan.every or _TAIL.search(data) is not None or _TAIL_OF_EMPTY.search(data) is not None
        walk = Walk(plan, one_prefix=one_prefix, mixed=mixed)
        return walk if some else Bulk(plan, walk, self.learnt, plain=plain, one_prefix=one_prefix)

    def _plan(self, places: Places, named: Sequence[str], *, every: bool) -> Plan:
        return Plan(named, places.hints.layout.names, every=every, spelled=self.spelled, most=self.limits.columns)


def _prefixed(places: Places) -> tuple[bool, bool]:
    """Whether each namespace has one prefix in the cut, so that an element's namespace and name tell its prefix; and
    whether there are no namespaces at all.
    """
    cut = places.cut
    if b"xmlns" in places.hints.layout.doctype:  # declared by default
        return False, False
    declared: dict[bytes, bytes] = {}
    for text in (*(tag for seam in places.hints.seams for tag in seam.tags), cut.data):
        if b"xmlns" in text:
            for prefix, uri in set(_NAMESPACE.findall(text)):
                if declared.setdefault(uri[1:-1], prefix) != prefix:
                    return False, False
    return True, not declared


def _frame(columns: Mapping[str, Values], named: frozenset[str], height: int) -> pl.DataFrame:
    made: list[pl.Series] = []
    for path, values in columns.items():
        texts, *kinds = column(values, height, kinds=path in named)
        made.append(texts.alias(path))
        made += [k.alias(path + KIND_SUFFIX) for k in kinds]
    return pl.DataFrame(made)


def _arities(root: Place, records: Records, read: int) -> Iterator[tuple[str, Arity]]:
    stack = [child for record in root.by_name.values() for child in record.by_name.values()]
    while stack:
        place = stack.pop()
        stack += place.by_name.values()
        once = place.parents - place.several
        once_row = place.row if once else -1
        if once and place.several_row == place.row:
            once_row = next(row for row in range(place.row, read) if _has_one(records.element(row), place.names))
        yield place.path, Arity(once, place.several, once_row, place.several_row)


def _has_one(record: etree._Element, names: tuple[str, ...]) -> bool:
    """Whether an element of that path stands alone in its parent."""
    if name_of(record) != names[0]:
        return False
    parents = [record]
    for name in names[1:-1]:
        parents = [child for parent in parents for child in parent if name_of(child) == name]
    return any(sum(name_of(child) == names[-1] for child in parent) == 1 for parent in parents)


def _many_fields(places: Places, most: int) -> Tally:
    message = f"more than {most:,} different fields (Limits.columns)"
    sample = Sample(message=message, location=places.record(0))
    return Tally(code="xml/many-fields", count=1, samples=(sample,))


def _prefixes(places: Places, named: Sequence[str]) -> Iterator[Tally]:
    """Names without a prefix where all elements have one."""
    layout = places.hints.layout
    for path in named:
        for step in FieldPath.parse(path).steps:
            names = [step.name] if isinstance(step, Child) else [*step.names] if isinstance(step, Filter) else []
            for name in names:
                if prefixed := layout.names.prefixed(name):
                    said = unprefixed(path, name, prefixed, places.offset(0))
                    yield Tally.of(replace(said, field=path))


def _invalid(places: Places, read: int, samples: int) -> Iterator[Tally]:
    """Bytes that aren't in the encoding: one occurrence for each record, and each outside of records.

    :param read: how many records of the cut could be read; what is behind them isn't looked at.
    """
    hints, data = places.hints, places.cut.data
    found: Sequence[Invalid] = hints.invalid
    if not found and not data.isascii():
        found = mend_utf8(data)[1]
    end = int(hints.starts[read]) if read < len(hints.starts) else len(data)
    firsts: dict[int, Invalid] = {}
    outside: list[tuple[int | None, Invalid]] = []
    for bad in found:
        row = places.row(bad.at)
        if bad.at >= end:
            break
        if row is None:
            outside.append((None, bad))
        else:
            firsts.setdefault(row, bad)
    for group in (outside, list(firsts.items())):
        if group:
            yield Tally(
                code="encoding/invalid",
                count=len(group),
                samples=tuple(_bad(places, row, bad) for row, bad in group[:samples]),
                records=[row + places.cut.first_record for row, _ in group if row is not None],
            )


def _bad(places: Places, row: int | None, bad: Invalid) -> Sample:
    message = f"bytes that aren't in the encoding: {describe_bytes(bad.bytes)}"
    at = places.exact(bad.at)
    if row is not None:
        at = replace(at, record=places.cut.first_record + row, path=places.path(row))
    return Sample(message=message, location=at)
