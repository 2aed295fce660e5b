"""What a column of numbers holds, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.columns import SHARE, ColumnFold, Seen
from potable.checkers.hits import Hits, together
from potable.checkers.names import speaks_of
from potable.checkers.numbers.bins import Histogram
from potable.checkers.numbers.coded import NUMBER, are_codes, code_votes
from potable.checkers.numbers.codes import (
    CODES,
    COORDINATE,
    MIXED_DECIMAL,
    MIXED_EPOCH,
    ODD_SPELLING,
    OUTLIER,
    SENTINEL,
    UNIT,
)
from potable.checkers.numbers.coordinates import Degrees, axis_of, is_sure, partners, wrong
from potable.checkers.numbers.decimals import COMMA, GROUPED, DecimalFold
from potable.checkers.numbers.epochs import mixed
from potable.checkers.numbers.outliers import apart, shown
from potable.checkers.numbers.ranges import Outside, Within
from potable.checkers.numbers.sentinels import counted, sentinels
from potable.checkers.numbers.spelling import GREAT, ODD
from potable.checkers.numbers.units import WITH_ANY_LETTER, WITH_LETTER, WITH_UNIT
from potable.checkers.numbers.written import Written
from potable.checkers.spans import Spans, joined, records_of
from potable.checkers.strings import Values, numbers, scalars
from potable.engine.checker import Late, Outcome, Rule
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Tally
from potable.engine.paths import FieldPath
from potable.engine.toolkit import Quoting

NO_QUANTITY = frozenset(
    {
        "id", "code", "zip", "zipcode", "postcode", "postal", "phone", "fax", "number", "no", "nr", "num", "key",
        "index", "suffix", "suffixes", "prefix", "accession", "pmid", "taxid", "uid", "isbn", "issn", "barcode", "rank",
        "lat", "lon", "lng", "latitude", "longitude",
    }
)  # fmt: skip
"""Words in the names of fields whose numbers are no quantities, or whose spread says nothing."""


@dataclass(slots=True)
class Numbers:
    """What was seen of a column.

    :param filled: values that aren't missing.
    :param typed: the format tells numbers from texts.
    :param bare: of these, numbers.
    :param pointed: of these, such as aren't integers.
    :param spread: how the numbers are spread.
    :param listed: how often each number occurs that may stand for a missing value, by its index.
    :param degrees: where the numbers lie on the globe, in fields of latitudes and longitudes; ``beyond``: where those
        are that may lie on none.
    :param reach: by chunk, roughly, its first and last record and its least and greatest bin.
    :param comma: numbers with a decimal comma.
    :param unit: numbers with a unit; ``letter``: those with a unit of one letter.
    :param other: numbers followed by a letter that is no unit.
    :param grouped: numbers with grouped digits; ``groups``: where they are.
    :param great: of the bare numbers, such as might be grouped.
    :param odd: numbers that are spelled otherwise.
    """

    filled: int = 0
    typed: bool = False
    bare: int = 0
    pointed: int = 0
    comma: int = 0
    other: int = 0
    grouped: int = 0
    great: int = 0
    groups: Hits = field(default_factory=Hits)
    odd: Hits = field(default_factory=Hits)
    unit: Hits = field(default_factory=Hits)
    letter: Hits = field(default_factory=Hits)
    spread: Histogram = field(default_factory=Histogram)
    listed: Counter[int] = field(default_factory=Counter)
    degrees: Degrees = field(default_factory=Degrees)
    beyond: Spans = field(default_factory=Spans)
    reach: list[tuple[int, int, int, int]] = field(default_factory=list)
    commas: Spans = field(default_factory=Spans)
    points: Spans = field(default_factory=Spans)


MOST_REACHES = 1_000
_NULL = "Write null at the source, or leave the value out: missingValues lists texts, and here it's a number."
_POINT = ord(".")


class NumbersFold(ColumnFold[Numbers]):
    """See the module.

    :param no_outliers: canonical paths of fields in which no outlier is looked for.
    :param strict: fields of which the schema says that all values are numbers: others are the schema's business.
    :param written: of these, such as are written otherwise than 1234.5.
    """

    def __init__(
        self,
        source: SourceDefinition,
        samples: int,
        on: Collection[str],
        no_outliers: Collection[str],
        strict: Collection[str],
        *,
        written: Mapping[str, Written] | None = None,
        chosen: Collection[str],
        left_out: Collection[str],
    ) -> None:
        super().__init__(
            "numbers", [c.id for c in CODES if c.id in on], source, samples, chosen=chosen, left_out=left_out
        )
        self._no_outliers, self._strict, self._source = frozenset(no_outliers), frozenset(strict), source
        self._outliers = OUTLIER.id in on
        self._spreads = bool({OUTLIER.id, SENTINEL.id, MIXED_EPOCH.id}.intersection(on))
        self._written = dict(written or {})
        self._coded: set[str] = set()
        self._others: dict[str, tuple[str, Degrees | None]] = {}
        self._quoting = Quoting(source.values)

    def values(self, chunk: Chunk, name: str) -> Values:
        return Values(chunk, scalars(chunk, name), self.missing_values(name))

    def votes(self, name: str, texts: pl.Series) -> Mapping[str, int]:
        bare = texts.cast(pl.Float64, strict=False).is_not_null()
        alike = bare | texts.str.contains(f"{COMMA}|{GROUPED}|{WITH_UNIT}|{WITH_LETTER}")
        return {NUMBER: int(alike.sum()), **code_votes(texts)}

    def look(self, name: str, values: Values) -> Numbers | None:
        texts, span = values.texts, values.span
        found = Numbers(filled=len(texts), typed=values.chunk.typed)
        written = None if values.chunk.typed else self._written.get(name)
        quick = (texts if written is None else written.plain(texts)).cast(pl.Float64, strict=False)
        if quick.null_count():
            if name not in self._strict:
                self._look_closely(name, found, values, quick.is_null().arg_true().to_numpy())
            quick = quick.drop_nulls()
        bare = quick.to_numpy()
        finite = bare[np.isfinite(bare)]
        found.bare = len(bare)
        found.great = int(((finite >= GREAT) | (finite <= -GREAT)).sum())
        found.pointed = int((np.floor(finite) != finite).sum())
        if found.pointed or values.may_have(_POINT):  # 2.0 has one, too
            found.points.add(*span)
        is_quantity, on_globe = self._spreads and self._is_quantity(name), self._is_on_globe(name)
        if values.chunk.typed and (is_quantity or on_globe):  # a text is no quantity, though it looks like a number
            own = numbers(values.chunk, name).cast(pl.Float64, strict=False).drop_nulls().to_numpy()
            finite = own[np.isfinite(own)]
        if is_quantity and len(finite):
            found.spread = Histogram.of(finite)
            found.listed = counted(finite, found.spread)
            found.reach = [(*span, int(found.spread.bins.min()), int(found.spread.bins.max()))]
        if on_globe:
            found.degrees = Degrees.of(finite)
            if found.degrees.beyond_90:
                found.beyond.add(*span)
        return found

    def join(self, left: Numbers, right: Numbers) -> Numbers:
        for count in ("filled", "bare", "pointed", "comma", "other", "grouped", "great"):
            setattr(left, count, getattr(left, count) + getattr(right, count))
        left.unit.append(right.unit, self.recorder.most)
        left.letter.append(right.letter, self.recorder.most)
        left.groups.append(right.groups, self.recorder.most)
        left.odd.append(right.odd, self.recorder.most)
        left.spread = left.spread.plus(right.spread)
        left.listed.update(right.listed)
        left.degrees.add(right.degrees)
        left.reach += right.reach
        if len(left.reach) > MOST_REACHES:
            pairs = zip(left.reach[::2], [*left.reach[1::2], left.reach[-1]], strict=False)
            left.reach = [(a[0], b[1], min(a[2], b[2]), max(a[3], b[3])) for a, b in pairs]
        for spans in ("commas", "points", "beyond"):
            getattr(left, spans).append(getattr(right, spans))
        return left

    def judge(self, name: str, found: Numbers) -> Iterator[Tally | tuple[Rule, Spans]]:
        if not self._holds_numbers(name, found):
            return
        units = [found.unit] if found.other else [found.unit, found.letter]
        if UNIT.id in self.codes and 0 < sum(len(u.records) for u in units) < found.bare:
            message = '"{value}" has a unit, most values of the field are bare numbers'
            yield together(units, self.recorder.most).tally(UNIT.id, name, message)
        odd = [found.odd, found.groups] if found.great and not found.comma else [found.odd]
        if ODD_SPELLING.id in self.codes and 0 < sum(len(h.records) for h in odd) < found.bare:
            message = '"{value}" is a number, spelled otherwise than most of the field'
            yield together(odd, self.recorder.most).tally(ODD_SPELLING.id, name, message)
        if name not in self._coded and found.spread.total:
            yield from self._spread(name, found)
        if found.degrees.beyond_90:
            partner, others = self._others.get(name, (None, None))
            for w in wrong(name, found.degrees, partner, others) if is_sure(name, partner) else ():
                yield Rule(COORDINATE.id, w.fields, w.test, w.message, id=w.rule), found.beyond

    def _spread(self, name: str, found: Numbers) -> Iterator[tuple[Rule, Spans]]:
        """What the numbers say together."""
        outer, but = apart(found.spread) if self._outliers else None, None
        written = self._written.get(name)
        is_open = self._quoting.policy(name) == "shown"
        missing = sentinels(name, found.spread, found.listed) if SENTINEL.id in self.codes else None
        if missing is not None and (outer is None or not all(outer.has_number(low) for low, _ in missing.ranges)):
            message = '"{value}" seems to stand for a missing value: it recurs, and lies far from all others'
            if is_open:
                low, high = shown(*missing.hull, whole=not found.pointed)
                message += f", which lie between {low} and {high}"
            but = Within(missing.ranges, written)
            hint = _NULL if found.typed else None
            yield Rule(SENTINEL.id, [name], but, message, hint=hint), _spans(found, missing.has_any)
            outer = apart(missing.rest) if self._outliers else None
        epochs = mixed(found.spread) if MIXED_EPOCH.id in self.codes else None
        if epochs is not None:
            message = (
                f'"{{value}}" is a time in another unit than most of the field, which are {epochs.usual} since 1970'
            )
            yield Rule(MIXED_EPOCH.id, [name], Within(epochs.rare, written), message), _spans(found, epochs.has_any)
        if outer is not None:
            message = '"{value}" lies far from all others'
            if is_open:
                low, high = outer.half(whole=not found.pointed)
                message += f": at least half of them lie between {low} and {high}"
            yield (
                Rule(OUTLIER.id, [name], Outside(outer.below, outer.above, but, written), message),
                _spans(found, outer.has_any),
            )

    def finish(self, state: dict[str, Seen[Numbers]]) -> Outcome:
        self._coded = {name for name, seen in state.items() if are_codes(seen.votes)}
        held = {name: s.found for name, s in state.items() if s.found is not None and s.found.degrees.total}
        pairs = partners([name for name in held if self.is_chosen(name) or self.may_hold(state[name])])
        for name, other in pairs.items():  # of a list it isn't known which belong together
            self._others[name] = other, held[other].degrees if FieldPath.parse(other).singular else None
        return self._with_decimals(super().finish(state), state)

    def _with_decimals(self, outcome: Outcome, state: dict[str, Seen[Numbers]]) -> Outcome:
        """The outcome, and a second pass over the fields that have decimal commas and may have decimal points."""
        in_doubt = {
            name: found
            for name, seen in sorted(state.items())
            if (found := seen.found) is not None
            and (self.is_chosen(name) or self.may_hold(seen))
            and found.comma
            and (found.pointed or found.grouped)
            and self._holds_numbers(name, found)
        }
        if MIXED_DECIMAL.id not in self.codes or not in_doubt:
            return outcome
        fold = DecimalFold(tuple(in_doubt), self._source, self.recorder.most)
        spans = [s for found in in_doubt.values() for s in (found.commas, found.points)]
        records = records_of(*spans)
        late = joined(outcome.late, Late(folds=[fold], records=records))
        return Outcome(findings=outcome.findings, late=late)

    def _holds_numbers(self, name: str, found: Numbers) -> bool:
        alike = found.bare + found.comma + found.grouped + len(found.unit.records) + len(found.letter.records)
        alike += len(found.odd.records)
        return self.is_chosen(name) or 100 * alike >= SHARE * found.filled

    def _is_quantity(self, name: str) -> bool:
        return name not in self._no_outliers and (self.is_chosen(name) or not speaks_of(name, NO_QUANTITY))

    def _is_on_globe(self, name: str) -> bool:
        return COORDINATE.id in self.codes and axis_of(name) is not None

    def _look_closely(self, name: str, found: Numbers, values: Values, at: npt.NDArray[np.int64]) -> None:
        texts = values.texts.gather(at)
        found.comma = int(texts.str.contains(COMMA).sum())
        unit, letter = texts.str.contains(WITH_UNIT).to_numpy(), texts.str.contains(WITH_LETTER).to_numpy()
        found.other = int(texts.str.contains(WITH_ANY_LETTER).sum()) - int(letter.sum())
        odd, grouped = texts.str.contains(ODD).to_numpy() & ~unit & ~letter, texts.str.contains(GROUPED).to_numpy()
        found.grouped = int(grouped.sum())
        for number, spans in ((found.comma, found.commas), (found.grouped, found.points)):
            if number:
                spans.add(*values.span)
        wanted = {UNIT.id: at[unit], WITH_LETTER: at[letter], ODD_SPELLING.id: at[odd], GROUPED: at[grouped]}
        hits = self.hits(name, values, wanted)
        found.odd, found.groups = hits.get(ODD_SPELLING.id, Hits()), hits.get(GROUPED, Hits())
        found.unit, found.letter = hits.get(UNIT.id, Hits()), hits.get(WITH_LETTER, Hits())


def _spans(found: Numbers, has_any: Callable[[int, int], bool]) -> Spans:
    """The chunks whose least and greatest bin say that they may have some."""
    return Spans([(first, last) for first, last, *bins in found.reach if has_any(*bins)])
