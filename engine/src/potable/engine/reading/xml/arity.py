"""What is learnt of all chunks: elements that occur once in some parents and several times in others, and whether there
are more fields than are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from potable.engine.findings import Location, Occurrence, Sample, Tally
from potable.engine.paths import FieldPath

MOST = 20_000
"""Element paths that are watched."""


@dataclass(frozen=True, slots=True)
class Arity:
    """How often an element occurs in its parents.

    :param once: parents that have one; :param several: parents that have several.
    :param once_row: row of a record with one that stands alone, -1 if there's none; :param several_row: likewise.
    """

    once: int
    several: int
    once_row: int
    several_row: int


class Lesson:
    """The arities of a chunk's elements. A record's place is worked out when it's asked for, or when this is pickled.

    :param arities: by the canonical path of the element.
    :param place: of the record in a row.
    :param many: says that the chunk has too many fields, where it has.
    :param fields: those that were asked for by name.
    :param mixed: row of the first record whose element has text with elements in it, by the element's canonical path.
    """

    def __init__(
        self,
        arities: Mapping[str, Arity],
        place: Callable[[int], Location],
        many: Tally | None,
        fields: frozenset[str],
        mixed: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.arities, self.place, self.many, self.fields, self.mixed = arities, place, many, fields, mixed

    def __reduce__(self) -> tuple[Any, ...]:
        rows = {row for arity in self.arities.values() for row in (arity.once_row, arity.several_row) if row >= 0}
        places = {row: self.place(row) for row in sorted(rows.union(self.mixed.values()))}
        return _placed, (dict(self.arities), places, self.many, self.fields, dict(self.mixed))


def _placed(
    arities: Mapping[str, Arity], places: Mapping[int, Location], many: Tally | None, fields: frozenset[str],
    mixed: Mapping[str, int],
) -> Lesson:  # fmt: skip
    return Lesson(arities, places.__getitem__, many, fields, mixed)


@dataclass(slots=True)
class _Known:
    once: int = 0
    several: int = 0
    once_sample: Sample | None = None
    several_sample: Sample | None = None


class Arities:
    """How often each element occurs, chunk after chunk in order."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._many: Tally | None = None
        self._mixed: dict[str, Location] = {}

    def add(self, lesson: Lesson) -> None:
        """Take in what a chunk of all its records has."""
        self._many = self._many or lesson.many
        for path in lesson.mixed.keys() - self._mixed.keys() if len(self._mixed) < MOST else ():
            self._mixed[path] = lesson.place(lesson.mixed[path])
        for path, arity in lesson.arities.items():
            known = self._known.get(path)
            if known is None:
                if len(self._known) >= MOST:
                    continue
                known = self._known[path] = _Known()
            known.once += arity.once
            known.several += arity.several
            if arity.once_row >= 0 and known.once_sample is None:
                known.once_sample = _sample(lesson.place(arity.once_row), path, "once")
            if arity.several_row >= 0 and known.several_sample is None:
                known.several_sample = _sample(lesson.place(arity.several_row), path, "several times")

    def tallies(self) -> Iterator[Tally]:
        """A tally for each element whose number varies, and one if there are too many fields."""
        if self._many is not None:
            yield self._many
        for path, known in sorted(self._known.items()):
            if known.once and known.several and known.once_sample and known.several_sample:
                yield Tally(
                    code="xml/mixed-arity", field=path, fields=(path,), count=1,
                    samples=(known.several_sample, known.once_sample),
                    details={"once": known.once, "several": known.several},
                )  # fmt: skip

    def odd(self) -> Iterator[Occurrence]:
        """Texts with elements in them; elements in records that look like records themselves."""
        for path, place in sorted(self._mixed.items()):
            message = f"{path} has text with elements in it: what is in those isn't part of the text that is read"
            yield Occurrence("xml/mixed-content", message, path, location=place)
        roots = dict.fromkeys(_root(path) for path in self._known)
        for root in roots:
            inner = self._record_within(root)
            if inner is not None:
                known = self._known[inner]
                first, several = known.once_sample, known.several_sample
                place = min((s.location for s in (first, several) if s is not None), key=lambda at: at.record or 0)
                message = f"{inner} is inside a record and looks like one: it isn't counted or checked as a record"
                yield Occurrence("xml/nested-record", message, inner, location=place)

    def _record_within(self, root: str) -> str | None:
        """The first path of an element in a record that has the record's name, and a child as the record has one.

        Each path is taken apart once, however many there are of the record's name.
        """
        name, found = root[1:], set[str]()
        for path in self._known:
            at = path.find(f"{name}.", len(root)) if path.startswith(f"{root}.") else -1
            while at >= 0:
                inner, child = path[: at + len(name)], path[at + len(name) :]
                if inner in self._known and f"{root}{child}" in self._known and not child.endswith(name):
                    found.add(inner)
                at = path.find(f"{name}.", at + 1)
        return min(found, default=None)


def _root(path: str) -> str:
    """The path of the record's element."""
    return FieldPath(FieldPath.parse(path).steps[:1]).canonical


def _sample(place: Location, path: str, how: str) -> Sample:
    return Sample(message=f"{path} occurs {how} in record {place.record} (line {place.line})", location=place)
