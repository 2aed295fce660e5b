"""What a column of numbers holds, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np
import polars as pl

from potable.checkers.folds.columns import SHARE, ColumnFold, Seen
from potable.checkers.folds.hits import Hits, together
from potable.checkers.folds.spans import Spans, joined, records_of
from potable.checkers.names.words import speaks_of
from potable.checkers.numbers import floats, quoted, units
from potable.checkers.numbers.coded import NUMBER, are_codes, code_votes
from potable.checkers.numbers.codes import (
    CODES,
    COORDINATE,
    MIXED_DECIMAL,
    MIXED_EPOCH,
    NO_NUMBER,
    ODD_SPELLING,
    OUTLIER,
    SENTINEL,
    UNIT,
)
from potable.checkers.numbers.coordinates import Degrees, axis_of, is_sure, nowhere, partners, wrong
from potable.checkers.numbers.decimals import COMMA, GROUPED, POINT, Commas, DecimalFold, may_be_grouped
from potable.checkers.numbers.epochs import mixed
from potable.checkers.numbers.found import Numbers
from potable.checkers.numbers.mixture import mixtures
from potable.checkers.numbers.outliers import apart, shown
from potable.checkers.numbers.ranges import Outside, Spelled, Within
from potable.checkers.numbers.reading import Reading
from potable.checkers.numbers.sentinels import sentinels
from potable.checkers.numbers.spelling import GREAT, MAYBE_CODE, ODD, SIGN_BEHIND, no_numbers
from potable.checkers.numbers.units import WITH_ANY_LETTER, WITH_LETTER, WITH_UNIT
from potable.checkers.numbers.written import Written
from potable.checkers.values.strings import TEXT, Values, numbers
from potable.engine.checker import Late, Outcome, Rule
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


_NULL = "Write null at the source, or leave the value out: missingValues lists texts, and here it's a number."
_POINT = ord(".")
_COMMAS, _DOTTED = "comma", "dotted"
"""Votes: numbers with a decimal comma, and with a decimal point."""
FEW, FEW_WHOLE, ONE = 10, 50, 20
"""At most one value of so many is no number, where some have decimals and where none has, or a single one of so many:
else the field holds something else, too.
"""


class NumbersFold(ColumnFold[Numbers]):
    """See the module.

    :param no_outliers: canonical paths of fields in which no outlier is looked for.
    :param strict: fields of which the schema says that all values are numbers: others are the schema's business.
    :param written: of these, such as are written otherwise than 1234.5.
    """

    numbers_too = True

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
        # Shared by the threads of a scan; it only saves work: `finish` decides for itself.
        self._commas: dict[str, bool] = {}
        self._coded: set[str] = set()
        self._mixed: set[str] = set()
        self._spelled: dict[str, Spelled] = {}
        self._others: dict[str, tuple[str, Degrees | None]] = {}
        self._quoting = Quoting(source.values)

    def votes(self, name: str, texts: pl.Series) -> Mapping[str, int]:
        bare = texts.cast(pl.Float64, strict=False).is_not_null()
        comma = texts.str.contains(COMMA)
        alike = bare | comma | texts.str.contains(f"{GROUPED}|{WITH_UNIT}|{WITH_LETTER}|{SIGN_BEHIND}")
        signs = {_COMMAS: int(comma.sum()), _DOTTED: int(texts.str.contains(POINT).sum())}
        return {NUMBER: int(alike.sum()), **signs, **code_votes(texts)}

    def keep(self, name: str, seen: Seen[Numbers]) -> None:
        self._commas[name] = seen.votes[_COMMAS] > seen.votes[_DOTTED]

    def look(self, name: str, values: Values) -> Numbers | None:
        texts, span = values.texts, values.span
        found = Numbers(filled=len(texts), typed=values.chunk.typed)
        written = None if values.chunk.typed else self._written.get(name)
        all_read = quick = (texts if written is None else written.plain(texts)).cast(pl.Float64, strict=False)
        if quick.null_count():
            quick = quick.drop_nulls()
        bare = quick.to_numpy()
        finite = bare[np.isfinite(bare)]
        if len(finite) < len(texts) and name not in self._strict:
            self._look_closely(name, found, values, all_read)
        found.bare = len(bare)
        if len(bare) and name not in self._strict:
            found.units.note_bare(span)
        if values.chunk.typed and name not in self._strict and (texts_among := quoted.quoted(values.chunk, name)):
            found.quoted = texts_among
            found.quotes.add(*span)
        found.great = int(((finite >= GREAT) | (finite <= -GREAT)).sum())
        found.plain.pointed = int((np.floor(finite) != finite).sum())
        has_point = found.plain.pointed > 0 or values.may_have(_POINT)  # 2.0 has one, too
        if has_point:
            found.points.add(*span)
            found.dotted = int(texts.str.contains(POINT).sum()) if self.is_chosen(name) else 0
            if not (found.plain.pointed or values.chunk.typed or name in self._strict):
                found.floats.note(texts)
        found.floats.missing = values.chunk.records - len(texts)
        is_quantity, on_globe = self._spreads and self._is_quantity(name), self._is_on_globe(name)
        if values.chunk.typed and (is_quantity or on_globe):  # a text is no quantity, though it looks like a number
            own = numbers(values.chunk, name).cast(pl.Float64, strict=False).drop_nulls().to_numpy()
            finite = own[np.isfinite(own)]
        found.plain.note(finite, span, is_quantity=is_quantity, on_globe=on_globe)
        # 1,234 says nothing of how it's written, and is another number where commas stand before decimals.
        other = found.comma or found.grouped or (has_point and may_be_grouped(texts))
        if other and self._may_have_commas(name, values):
            read = texts.to_frame("text").select(Commas.plain(TEXT).cast(pl.Float64, strict=False))["text"].to_numpy()
            finite = read[np.isfinite(read)]
            found.foreign = Reading(pointed=int((np.floor(finite) != finite).sum()))
            found.foreign.note(finite, span, is_quantity=is_quantity, on_globe=on_globe)
        return found

    def join(self, left: Numbers, right: Numbers) -> Numbers:
        left.append(right, self.recorder.most)
        return left

    def judge(self, name: str, found: Numbers) -> Iterator[Tally | tuple[Rule, Spans]]:
        if not self._holds_numbers(name, found):
            return
        with_unit = [found.unit] if found.other else [found.unit, found.letter]
        if UNIT.id in self.codes and 0 < sum(len(u.records) for u in with_unit) < found.bare:
            message = '"{value}" has a unit, most values of the field are bare numbers'
            yield together(with_unit, self.recorder.most).tally(UNIT.id, name, message)
        elif UNIT.id in self.codes and not found.other:
            yield from units.rules(name, found.units, found.filled)
        odd = [found.odd, found.groups] if found.great and not found.comma else [found.odd]
        if (
            name not in self._mixed
            and ODD_SPELLING.id in self.codes
            and 0 < sum(len(h.records) for h in odd) < found.bare
        ):
            message = '"{value}" is a number, spelled otherwise than most of the field'
            yield together(odd, self.recorder.most).tally(ODD_SPELLING.id, name, message)
        if ODD_SPELLING.id in self.codes and not (found.plain.pointed or found.comma):
            more = floats.rules(name, found.floats, bare=found.bare, filled=found.filled)
            yield from ((rule, found.points) for rule in more)
        if ODD_SPELLING.id in self.codes:
            yield from ((rule, found.quotes) for rule in quoted.rules(name, found.quoted, found.bare))
        if NO_NUMBER.id in self.codes and name not in self._coded:
            yield from self._no_numbers(name, found)
        read, written = self._read(name, found)
        if name not in self._coded and read.spread.total:
            yield from self._spread(name, found, read, written)
        partner, others = self._others.get(name, (None, None))
        spelled = written, self._spelled.get(partner or "")
        if read.degrees.beyond_90:
            for w in wrong(name, read.degrees, partner, others, spelled) if is_sure(name, partner) else ():
                yield Rule(COORDINATE.id, w.fields, w.test, w.message, id=w.rule), read.beyond
        if (
            0 < read.degrees.zero < read.degrees.total
            and axis_of(name) == "latitude"
            and partner
            and others is not None
        ):
            w = nowhere(name, partner, spelled)
            yield Rule(COORDINATE.id, w.fields, w.test, w.message, id=w.rule), read.zeros

    def _no_numbers(self, name: str, found: Numbers) -> Iterator[Tally]:
        """Texts among numbers, where they are few."""
        has_decimals = found.comma or found.plain.pointed
        told = together([found.none, found.maybe] if has_decimals else [found.none], self.recorder.most)
        all_of_them = len(found.none.records | found.maybe.records)
        few = found.filled >= all_of_them * (FEW if has_decimals else FEW_WHOLE)
        few = found.filled >= ONE and (few or all_of_them == 1)
        most_have = 2 * (found.comma + found.plain.pointed) >= found.bare + found.comma  # 1809,1829 are two phone codes
        if told.records and few and ((has_decimals and most_have) or self._is_quantity(name)):
            yield told.tally(NO_NUMBER.id, name, '"{value}" is no number, nearly all other values of the field are')

    def _spread(self, name: str, found: Numbers, read: Reading, written: Spelled) -> Iterator[tuple[Rule, Spans]]:
        """What the numbers say together."""
        outer, but = apart(read.spread) if self._outliers else None, None
        is_open = self._quoting.policy(name) == "shown"
        missing = sentinels(name, read.spread, read.listed) if SENTINEL.id in self.codes else None
        if missing is not None and (outer is None or not all(outer.has_number(low) for low, _ in missing.ranges)):
            message = '"{value}" seems to stand for a missing value: it recurs, and lies far from all others'
            if is_open:
                low, high = shown(*missing.hull, whole=not read.pointed)
                message += f", which lie between {low} and {high}"
            but = Within(missing.ranges, written)
            hint = _NULL if found.typed else None
            yield Rule(SENTINEL.id, [name], but, message, hint=hint), read.spans(missing.has_any)
            outer = apart(missing.rest) if self._outliers else None
        epochs = mixed(read.spread) if MIXED_EPOCH.id in self.codes else None
        if epochs is not None:
            message = (
                f'"{{value}}" is a time in another unit than most of the field, which are {epochs.usual} since 1970'
            )
            yield Rule(MIXED_EPOCH.id, [name], Within(epochs.rare, written), message), read.spans(epochs.has_any)
        if outer is not None:
            message = '"{value}" lies far from all others'
            if is_open:
                low, high = outer.half(whole=not read.pointed)
                message += f": at least half of them lie between {low} and {high}"
            yield (
                Rule(OUTLIER.id, [name], Outside(outer.below, outer.above, but, written), message),
                read.spans(outer.has_any),
            )

    def finish(self, state: dict[str, Seen[Numbers]]) -> Outcome:
        self.let_go(state)
        self._mixed = mixtures(state)
        self._coded = {name for name, seen in state.items() if are_codes(seen.votes)} | self._mixed
        all_found = {name: seen.found for name, seen in state.items() if seen.found is not None}
        self._spelled = {name: self._spelling(name, found, state[name]) for name, found in all_found.items()}
        read = {name: self._read(name, found)[0].degrees for name, found in all_found.items()}
        held = {name: degrees for name, degrees in read.items() if degrees.total}
        pairs = partners([name for name in held if self.is_chosen(name) or self.may_hold(state[name])])
        for name, other in pairs.items():  # of a list it isn't known which belong together
            self._others[name] = other, held[other] if FieldPath.parse(other).singular else None
        return self._with_decimals(super().finish(state), state)

    def _with_decimals(self, outcome: Outcome, state: dict[str, Seen[Numbers]]) -> Outcome:
        """The outcome, and a second pass over the fields that have decimal commas and may have decimal points."""
        in_doubt = {
            name: found
            for name, seen in sorted(state.items())
            if (found := seen.found) is not None
            and (self.is_chosen(name) or self.may_hold(seen))
            and found.comma
            and (found.plain.pointed or found.grouped)
            and self._holds_numbers(name, found)
        }
        if MIXED_DECIMAL.id not in self.codes or not in_doubt:
            return outcome
        fold = DecimalFold(tuple(in_doubt), self._source, self.recorder.most)
        spans = [s for found in in_doubt.values() for s in (found.commas, found.points)]
        records = records_of(*spans)
        late = joined(outcome.late, Late(folds=[fold], records=records))
        return Outcome(findings=outcome.findings, late=late)

    def _may_have_commas(self, name: str, values: Values) -> bool:
        """Whether the field's decimals may turn out to stand behind commas, as far as is known by now."""
        return self._commas.get(name, True) and not values.chunk.typed and name not in self._strict

    def _spelling(self, name: str, found: Numbers, seen: Seen[Numbers]) -> Spelled:
        """How the field's numbers are written."""
        votes = seen.votes
        if found.typed or name in self._strict:
            return self._written.get(name)
        by_comma = found.comma > found.dotted if self.is_chosen(name) else votes[_COMMAS] > votes[_DOTTED]
        return Commas() if by_comma else None

    def _read(self, name: str, found: Numbers) -> tuple[Reading, Spelled]:
        """What the field's numbers are, and how they are written."""
        written = self._spelled.get(name)
        return found.foreign if isinstance(written, Commas) and found.foreign is not None else found.plain, written

    def _holds_numbers(self, name: str, found: Numbers) -> bool:
        alike = found.bare + found.comma + found.grouped + len(found.unit.records) + len(found.letter.records)
        alike += len(found.odd.records)
        return self.is_chosen(name) or 100 * alike >= SHARE * found.filled

    def _is_quantity(self, name: str) -> bool:
        return name not in self._no_outliers and (self.is_chosen(name) or not speaks_of(name, NO_QUANTITY))

    def _is_on_globe(self, name: str) -> bool:
        return COORDINATE.id in self.codes and axis_of(name) is not None

    def _look_closely(self, name: str, found: Numbers, values: Values, read: pl.Series) -> None:
        """Sort what isn't a plain number.

        :param read: the values as numbers; null: it's none.
        """
        at = read.is_null().arg_true().to_numpy()
        texts = values.texts.gather(at)
        comma = texts.str.contains(COMMA).to_numpy()
        found.comma = int(comma.sum())
        unit, letter = texts.str.contains(WITH_UNIT).to_numpy(), texts.str.contains(WITH_LETTER).to_numpy()
        if unit.any() or letter.any():
            found.units.note(texts.filter(pl.Series(unit | letter)), values.span)
        any_letter = texts.str.contains(WITH_ANY_LETTER).to_numpy()
        found.other = int(any_letter.sum()) - int(letter.sum())
        odd, grouped = texts.str.contains(ODD).to_numpy() & ~unit & ~letter, texts.str.contains(GROUPED).to_numpy()
        found.grouped = int(grouped.sum())
        for number, spans in ((found.comma, found.commas), (found.grouped, found.points)):
            if number:
                spans.add(*values.span)
        wanted = {UNIT.id: at[unit], WITH_LETTER: at[letter], ODD_SPELLING.id: at[odd], GROUPED: at[grouped]}
        if NO_NUMBER.id in self.codes:
            left = np.flatnonzero(~(comma | unit | letter | odd | grouped))
            none, maybe = no_numbers(texts.gather(left))
            infinite = read.is_infinite().fill_null(value=False).arg_true().to_numpy()
            wanted |= {NO_NUMBER.id: np.sort(np.concatenate([at[left[none]], infinite])), MAYBE_CODE: at[left[maybe]]}
        hits = self.hits(name, values, wanted)
        found.odd, found.groups = hits.get(ODD_SPELLING.id, Hits()), hits.get(GROUPED, Hits())
        found.unit, found.letter = hits.get(UNIT.id, Hits()), hits.get(WITH_LETTER, Hits())
        found.none, found.maybe = hits.get(NO_NUMBER.id, Hits()), hits.get(MAYBE_CODE, Hits())
