"""Columns of a source's own identifiers, nearly all of which are built alike: those that aren't are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.folds.columns import ColumnFold, Seen
from potable.checkers.folds.hits import Hits, Recorder
from potable.checkers.folds.spans import Spans, joined, records_of
from potable.checkers.identifiers.codes import ODD_SHAPE
from potable.checkers.identifiers.shapes import Shape, shape_votes, usual_shape
from potable.checkers.names.words import is_of_time, speaks_of
from potable.checkers.values.strings import Values, strings
from potable.engine.checker import Fold, Late, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Tally

FEWEST = 50
"""Of fewer values nothing is told."""
ALIKE, LIKELY = 98, 80
"""In percent: so many of a source's first values are built alike, and of a chunk's, where these haven't spoken yet."""
FEW = 50
"""At most one value of so many is built otherwise."""
GLIMPSE = 200
"""So many of a chunk's values are asked, which are enough to tell four in five from half."""
_OTHERS = frozenset(
    {"version", "ver", "release", "build", "revision", "firmware", "dose", "size", "dimension", "model"}
)


@dataclass(slots=True)
class Shaped:
    """What was seen of a column.

    :param odd: by the shape that values were compared with, those that aren't built so.
    :param looked: by shape, the records that were compared with it; ``unclear``: with none.
    """

    filled: int = 0
    odd: dict[Shape, Hits] = field(default_factory=dict)
    looked: dict[Shape, Spans] = field(default_factory=dict)
    unclear: Spans = field(default_factory=Spans)


class ShapeFold(ColumnFold[Shaped]):
    """See the module."""

    def __init__(self, source: SourceDefinition, samples: int, left_out: Sequence[str]) -> None:
        super().__init__("shapes", (ODD_SHAPE.id,), source, samples, left_out=left_out)
        self._source = source
        # Shared by the threads of a scan; it only saves work, and a second look.
        self._known: dict[str, Shape] = {}

    def votes(self, name: str, texts: pl.Series) -> Mapping[str, int]:
        return {} if speaks_of(name, _OTHERS) or is_of_time(name) else shape_votes(texts)

    def may_hold(self, seen: Seen[Shaped]) -> bool:
        return usual_shape(seen.votes, seen.filled, ALIKE) is not None

    def keep(self, name: str, seen: Seen[Shaped]) -> None:
        shape = usual_shape(seen.votes, seen.filled, ALIKE)
        if shape is not None:
            self._known[name] = shape

    def look(self, name: str, values: Values) -> Shaped:
        texts = values.texts
        found = Shaped(filled=len(texts))
        head = texts.head(GLIMPSE)
        shape = self._known.get(name) or usual_shape(Counter(self.votes(name, head)), len(head), LIKELY)
        if shape is None:
            found.unclear.add(*values.span)
            return found
        found.looked[shape] = Spans([values.span])
        found.odd = self.hits(name, values, {shape: _odd(texts, shape)})
        return found

    def join(self, left: Shaped, right: Shaped) -> Shaped:
        left.filled += right.filled
        left.unclear.append(right.unclear)
        for shape, spans in right.looked.items():
            left.looked.setdefault(shape, Spans()).append(spans)
        for shape, hits in right.odd.items():
            left.odd.setdefault(shape, Hits()).append(hits, self.recorder.most)
        return left

    def judge(self, name: str, found: Shaped) -> Iterator[Tally]:
        shape = self._known[name]
        if not _elsewhere(found, shape):  # else a second look tells
            yield from told(name, shape, found.odd.get(shape, Hits()), found.filled)

    def finish(self, state: dict[str, Seen[Shaped]]) -> Outcome:
        self._known.clear()
        for name, seen in state.items():
            self.keep(name, seen)
        outcome = super().finish(state)
        columns: dict[str, Unsure] = {}
        where: list[Spans] = []
        for name, shape in self._known.items():
            found = state[name].found
            if found is not None and (others := _elsewhere(found, shape)):
                columns[name] = Unsure(shape, found.filled, self.missing_values(name))
                where += [*others, found.looked.get(shape, Spans())]
        if not columns:
            return outcome
        fold = AgainFold(columns, self._source, self.recorder.most)
        late = joined(outcome.late, Late(folds=[fold], records=records_of(*where)))
        return Outcome(findings=outcome.findings, late=late)


@dataclass(frozen=True, slots=True)
class Unsure:
    """A column to look at once more, all of it."""

    shape: Shape
    filled: int
    missing_values: Sequence[str]


class AgainFold(Fold[dict[str, Hits]]):
    """In a second pass: columns parts of which were looked at before their shape was known."""

    name = "shapes again"
    codes = (ODD_SHAPE.id,)

    def __init__(self, columns: Mapping[str, Unsure], source: SourceDefinition, samples: int) -> None:
        self._columns = dict(columns)
        self.fields = (*self._columns, *source.primary_key)
        self._recorder = Recorder(source, samples)

    def start(self) -> dict[str, Hits]:
        return {}

    def update(self, state: dict[str, Hits], chunk: Chunk) -> dict[str, Hits]:
        for name, column in self._columns.items():
            values = Values(chunk, strings(chunk, name), column.missing_values)
            at = _odd(values.texts, column.shape)
            if len(at):
                wanted = {name: (values.rows(at), values.texts.gather(at))}
                hits = self._recorder.hits(chunk, name, wanted)[name]
                state.setdefault(name, Hits()).append(hits, self._recorder.most)
        return state

    def merge(self, left: dict[str, Hits], right: dict[str, Hits]) -> dict[str, Hits]:
        for name, hits in right.items():
            left.setdefault(name, Hits()).append(hits, self._recorder.most)
        return left

    def finish(self, state: dict[str, Hits]) -> Outcome:
        columns = self._columns
        return Outcome(
            findings=[
                t for n, hits in sorted(state.items()) for t in told(n, columns[n].shape, hits, columns[n].filled)
            ]
        )


def told(name: str, shape: Shape, odd: Hits, filled: int) -> Iterator[Tally]:
    """The finding, where they are few enough."""
    count = len(odd.records)
    if count and filled >= FEWEST and FEW * count <= filled:
        message = f'"{{value}}" isn\'t built as nearly all others of the field, {shape.text}'
        yield odd.tally(ODD_SHAPE.id, name, message, details={"shape": shape.text})


def _odd(texts: pl.Series, shape: Shape) -> npt.NDArray[np.int64]:
    return (~texts.str.contains(shape.pattern)).arg_true().to_numpy().astype(np.int64)


def _elsewhere(found: Shaped, shape: Shape) -> list[Spans]:
    """Where values weren't compared with this shape."""
    return [s for s in (found.unclear, *(s for other, s in found.looked.items() if other != shape)) if s.bounds]
