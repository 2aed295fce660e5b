"""The second look at a key: the suspects' keys themselves, compared exactly."""

from __future__ import annotations

import heapq
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from pyroaring import BitMap64

from potable.checkers.declared.keys import Key
from potable.checkers.keys.codes import CASE_VARIANT, DUPLICATE
from potable.checkers.keys.joined import joined
from potable.checkers.repeats.confirm import Confirmed, ConfirmFold, Suspect
from potable.checkers.repeats.groups import Grouping, Repeats
from potable.checkers.repeats.hashes import rows_among
from potable.checkers.values.missing import column
from potable.engine.checker import Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.findings import Location, Sample, Tally, clip

KeyText = tuple[str, ...]


@dataclass(slots=True)
class _Variant:
    """A spelling that isn't the first one of its key."""

    number: int
    key: KeyText
    first: int
    first_key: KeyText


class ConfirmKeysFold(ConfirmFold[KeyText]):
    """Counts duplicate keys, and spellings of one key that differ in case, exactly. It's only given records that have a
    key.

    :param variants: whether spellings are looked at.
    :param placed: numbers of those of the ``located`` that are placed at their key's value, in a document or workbook.
    """

    def __init__(
        self,
        key: Key,
        delimiter: str,
        *,
        variants: bool,
        scratch: Path,
        budget: int,
        samples: int,
        located: npt.NDArray[np.uint64],
        placed: npt.NDArray[np.uint64],
        total: int,
    ) -> None:
        self.name = f"keys of {' + '.join(key.paths)}"
        self.codes = (DUPLICATE.id, CASE_VARIANT.id) if variants else (DUPLICATE.id,)
        self.fields = key.paths
        self._key, self._delimiter, self._variants = key, delimiter, variants
        self._placed = placed
        self._joined = key.joined and len(key.paths) > 1
        self._names = ["k"] if self._joined else [f"k{n}" for n in range(len(key.paths))]
        # Spellings of a key are looked at together.
        apart = pl.struct([_folded(n) for n in self._names]).hash(1)
        grouping = Grouping(self._names, apart, scratch=scratch, budget=budget, prefix="keys-")
        super().__init__(grouping, samples=samples, located=located, total=total)

    def update(self, state: Confirmed[KeyText], chunk: Chunk) -> Confirmed[KeyText]:
        fields = [column(chunk, path) for path in self._key.paths]
        columns = [joined(fields, self._delimiter)] if self._joined else fields
        numbers = chunk.numbers
        shown = rows_among(numbers, self._located)
        values, keys = _rows(fields, shown), _rows(columns, shown)
        places = self._places(chunk, shown, values)
        suspects = starmap(Suspect, zip(places, keys, values, strict=True))
        state.shown |= zip(numbers[shown].tolist(), suspects, strict=True)
        self._grouping.add(state.groups, dict(zip(self._names, columns, strict=True)), numbers)
        return state

    def finish(self, state: Confirmed[KeyText]) -> Outcome:
        repeats = Repeats()
        spellings = 0
        others = BitMap64()
        variants: list[_Variant] = []
        for groups in self._grouping.parts(state.groups):
            repeats.add(groups)
            if self._variants:
                spelt = self._spellings(groups)
                spellings += spelt["folded"].n_unique()
                others |= BitMap64(spelt.filter(pl.col("first") != pl.col("base"))["first"].to_numpy())
                variants = heapq.nsmallest(self._samples, [*variants, *self._shown(spelt)], key=lambda v: v.number)
        surplus = state.groups.seen - repeats.firsts
        tallies = []
        if surplus:
            details = {"keys": repeats.different, "records": repeats.records}
            hint = repeats.why(self._total, surplus)
            tallies.append(self._tally(DUPLICATE.id, surplus, self._repeated_samples(state, surplus), details, hint))
        if others:
            samples = [self._variant_sample(state, v) for v in variants]
            tallies.append(self._tally(CASE_VARIANT.id, others, samples, {"keys": spellings}))
        return Outcome(findings=tallies)

    def _places(self, chunk: Chunk, rows: npt.NDArray[np.intp], texts: Sequence[KeyText]) -> list[Location]:
        places = chunk.locate(rows.tolist())
        if chunk.placed:
            for n in rows_among(chunk.numbers[rows], self._placed).tolist():
                places[n] = chunk.locate_field(int(rows[n]), self._key.paths[0], texts[n][0])
        return places

    # -- findings --------------------------------------------------------------------------------------------------

    def _spellings(self, groups: pl.DataFrame) -> pl.DataFrame:
        """Keys that are spelt in several ways, with the first record of any spelling as ``base``."""
        folded = pl.struct([_folded(n) for n in self._names])
        spelt = groups.with_columns(folded=folded)
        several = spelt.group_by("folded").agg(pl.len().alias("ways"), pl.col("first").min().alias("base"))
        return spelt.join(several.filter(pl.col("ways") > 1), on="folded")

    def _shown(self, spelt: pl.DataFrame) -> list[_Variant]:
        others = spelt.filter(pl.col("first") != pl.col("base")).sort("first").head(self._samples)
        bases = spelt.filter(pl.col("first") == pl.col("base"))
        by_base = {row[-1]: row[:-1] for row in bases.select(*self._names, "base").rows()} if others.height else {}
        return [
            _Variant(number, tuple(key), base, by_base[base])
            for *key, number, base in others.select(*self._names, "first", "base").rows()
        ]

    def _repeated_samples(self, state: Confirmed[KeyText], surplus: BitMap64) -> list[Sample]:
        numbers = [n for n, _ in zip(surplus, range(self._samples), strict=False)]
        wanted = {state.shown[n].compared for n in numbers if n in state.shown}
        firsts = self._firsts(state, wanted)
        samples = []
        for number in numbers:
            place, key, values = state.shown.get(number) or Suspect(Location(record=number), ())
            first = firsts.get(key)
            if first is None:
                samples.append(Sample(message="this key was used by an earlier record", location=place))
                continue
            text = self._text(key)
            others = state.shown[first].values if first in state.shown else values
            by = "" if others == values else f" by other values that {self._delimiter!r} joins to the same"
            message = f"key {_quoted(text)} was used before{by}, in {self._told(state, first, place)}"
            samples.append(Sample(message=message, value=text, key=text, location=place))
        return samples

    def _variant_sample(self, state: Confirmed[KeyText], variant: _Variant) -> Sample:
        place = state.shown[variant.number].place if variant.number in state.shown else Location(record=variant.number)
        text, other = self._text(variant.key), self._text(variant.first_key)
        earlier = f"in {self._told(state, variant.first, place)}"
        how = "in case" if _composed(text) != _composed(other) else "in its Unicode normal form"
        message = f"key {_quoted(text)} differs only {how} from {_quoted(other)}, {earlier}"
        return Sample(message=message, value=text, key=text, location=place)

    def _text(self, key: KeyText) -> str:
        return self._delimiter.join(key)

    def _tally(
        self, code: str, records: BitMap64, samples: list[Sample], details: dict[str, int], hint: str | None = None
    ) -> Tally:
        return Tally(
            code=code, field=self._key.paths[0], fields=self._key.paths, rule=self._key.rule, count=len(records),
            samples=tuple(samples), records=records.to_array(), details=details, hint=hint,
        )  # fmt: skip


def _rows(columns: Sequence[pl.Series], rows: npt.NDArray[np.intp]) -> list[KeyText]:
    return list(zip(*(c.gather(rows).to_list() for c in columns), strict=True))


def _folded(name: str) -> pl.Expr:
    """A key's field without case, and with each accent in one character with its letter where there's one."""
    return pl.col(name).str.normalize("NFC").str.to_lowercase()


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _quoted(text: str) -> str:
    return repr(clip(text, 80))
