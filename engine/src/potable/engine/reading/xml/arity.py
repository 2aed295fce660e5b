"""What is learnt of all chunks: elements that occur once in some parents and several times in others, and whether there
are more fields than are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from potable.engine.findings import Location, Sample, Tally

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
    """

    def __init__(
        self,
        arities: Mapping[str, Arity],
        place: Callable[[int], Location],
        many: Tally | None,
        fields: frozenset[str],
    ) -> None:
        self.arities, self.place, self.many, self.fields = arities, place, many, fields

    def __reduce__(self) -> tuple[Any, ...]:
        rows = {row for arity in self.arities.values() for row in (arity.once_row, arity.several_row) if row >= 0}
        places = {row: self.place(row) for row in sorted(rows)}
        return _placed, (dict(self.arities), places, self.many, self.fields)


def _placed(
    arities: Mapping[str, Arity], places: Mapping[int, Location], many: Tally | None, fields: frozenset[str]
) -> Lesson:
    return Lesson(arities, places.__getitem__, many, fields)


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

    def add(self, lesson: Lesson) -> None:
        """Take in what a chunk of all its records has."""
        self._many = self._many or lesson.many
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


def _sample(place: Location, path: str, how: str) -> Sample:
    return Sample(message=f"{path} occurs {how} in record {place.record} (line {place.line})", location=place)
