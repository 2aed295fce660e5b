"""The second look at a key: the suspects' keys themselves, compared exactly."""

from __future__ import annotations

import heapq
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from pyroaring import BitMap64

from potable.checkers.earlier import earlier
from potable.checkers.keys.again import why_all_again
from potable.checkers.keys.codes import CASE_VARIANT, DUPLICATE
from potable.checkers.keys.declared import Key
from potable.checkers.keys.hashes import rows_among
from potable.checkers.missing import column
from potable.engine.checker import Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.findings import Location, Sample, Tally, clip

PARTS = 64
"""Files that keys are spread over when they're too many for memory."""
PENDING = 500_000
"""Rows that are gathered before they're grouped."""

KeyText = tuple[str, ...]


@dataclass(slots=True)
class Confirmed:
    """The keys of suspects: which there are, the first record of each, how often each occurs.

    :param pending: frames of columns k0, k1, …, first, n.
    :param rows: rows in ``pending`` since they were last grouped.
    :param seen: numbers of all suspects that have a key.
    :param places: place and key of the suspects that may be shown, by number.
    :param spilled: files of such frames, by part.
    """

    pending: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0
    seen: BitMap64 = field(default_factory=BitMap64)
    places: dict[int, tuple[Location, KeyText]] = field(default_factory=dict)
    spilled: dict[int, list[Path]] = field(default_factory=dict)


@dataclass(slots=True)
class _Variant:
    """A spelling that isn't the first one of its key."""

    number: int
    key: KeyText
    first: int
    first_key: KeyText


class ConfirmFold(Fold[Confirmed]):
    """Counts duplicate keys, and spellings of one key that differ in case, exactly. It's only given records that have a
    key.

    :param variants: whether spellings are looked at.
    :param located: numbers of the records that get a full place, ascending.
    :param placed: those of them that are placed at their key's value, in a document.
    :param total: how many records there are.
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
        self._scratch, self._budget, self._samples = scratch, budget, samples
        self._located, self._placed, self._total = located, placed, total
        self._names = [f"k{n}" for n in range(len(key.paths))]

    def start(self) -> Confirmed:
        return Confirmed()

    def update(self, state: Confirmed, chunk: Chunk) -> Confirmed:
        columns = {n: column(chunk, p) for n, p in zip(self._names, self._key.paths, strict=True)}
        numbers = chunk.numbers
        once = np.ones(len(numbers), np.uint64)
        keys = pl.DataFrame(columns | {"first": pl.Series(numbers), "n": pl.Series(once)})
        state.seen |= BitMap64(numbers)
        shown = rows_among(numbers, self._located)
        texts = list(zip(*(c.gather(shown).to_list() for c in columns.values()), strict=True))
        for number, place, key in zip(numbers[shown].tolist(), self._places(chunk, shown, texts), texts, strict=True):
            state.places[number] = (place, key)
        state.pending.append(keys)
        state.rows += keys.height
        return self._bounded(state)

    def merge(self, left: Confirmed, right: Confirmed) -> Confirmed:
        left.pending += right.pending
        left.rows += right.rows
        left.seen |= right.seen
        left.places |= right.places
        for part, files in right.spilled.items():
            left.spilled.setdefault(part, []).extend(files)
        return self._bounded(left)

    def finish(self, state: Confirmed) -> Outcome:
        firsts = BitMap64()
        keys = records = spellings = 0
        others = BitMap64()
        often: set[int] = set()
        last_first = 0
        variants: list[_Variant] = []
        for groups in self._parts(state):
            firsts |= BitMap64(groups["first"].to_numpy())
            repeated = groups.filter(pl.col("n") > 1)
            keys += repeated.height
            records += int(repeated["n"].sum())
            if repeated.height:
                least, most, first = repeated.select(
                    pl.col("n").min().alias("least"), pl.col("n").max().alias("most"), pl.col("first").max()
                ).row(0)
                often |= {least, most}
                last_first = max(last_first, first)
            if self._variants:
                spelt = self._spellings(groups)
                spellings += spelt["folded"].n_unique()
                others |= BitMap64(spelt.filter(pl.col("first") != pl.col("base"))["first"].to_numpy())
                variants = heapq.nsmallest(self._samples, [*variants, *self._shown(spelt)], key=lambda v: v.number)
        surplus = state.seen - firsts
        tallies = []
        if surplus:
            details = {"keys": keys, "records": records}
            hint = why_all_again(
                total=self._total, different=keys, records=records, often=often, last_first=last_first,
                first_again=surplus[0],
            )  # fmt: skip
            tallies.append(self._tally(DUPLICATE.id, surplus, self._repeated_samples(state, surplus), details, hint))
        if others:
            samples = [self._variant_sample(state, v) for v in variants]
            tallies.append(self._tally(CASE_VARIANT.id, others, samples, {"keys": spellings}))
        return Outcome(findings=tallies)

    def _places(self, chunk: Chunk, rows: npt.NDArray[np.intp], texts: Sequence[KeyText]) -> list[Location]:
        places = chunk.locate(rows.tolist())
        if chunk.columns is None:
            for n in rows_among(chunk.numbers[rows], self._placed).tolist():
                places[n] = chunk.locate_field(int(rows[n]), self._key.paths[0], texts[n][0])
        return places

    # -- state ---------------------------------------------------------------------------------------------------

    def _bounded(self, state: Confirmed) -> Confirmed:
        if state.rows < PENDING:
            return state
        groups = self._grouped(state.pending)
        state.pending, state.rows = [groups], 0
        if groups.estimated_size() > self._budget:
            self._spill(state, groups)
            state.pending = []
        return state

    def _grouped(self, frames: list[pl.DataFrame]) -> pl.DataFrame:
        whole = pl.concat(frames)
        return whole.group_by(self._names).agg(pl.col("first").min(), pl.col("n").sum())

    def _spill(self, state: Confirmed, groups: pl.DataFrame) -> None:
        folded = pl.struct([_folded(n) for n in self._names])
        parts = groups.with_columns(part=(folded.hash(1) % PARTS).cast(pl.UInt8)).partition_by(
            "part", as_dict=True, include_key=False
        )
        for (part,), frame in parts.items():
            with tempfile.NamedTemporaryFile(dir=self._scratch, prefix="keys-", suffix=".arrow", delete=False) as file:
                frame.write_ipc(file)
            state.spilled.setdefault(int(part), []).append(Path(file.name))

    def _parts(self, state: Confirmed) -> Iterator[pl.DataFrame]:
        """All keys, grouped, in parts that have no key in common, in whatever case."""
        if not state.spilled:
            if state.pending:
                yield self._grouped(state.pending)
            return
        if state.pending:
            self._spill(state, self._grouped(state.pending))
            state.pending = []
        for files in state.spilled.values():
            yield self._grouped([pl.read_ipc(f) for f in files])

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

    def _repeated_samples(self, state: Confirmed, surplus: BitMap64) -> list[Sample]:
        numbers = [n for n, _ in zip(surplus, range(self._samples), strict=False)]
        wanted = {state.places[n][1] for n in numbers if n in state.places}
        firsts = self._firsts(state, wanted)
        samples = []
        for number in numbers:
            place, key = state.places.get(number, (Location(record=number), ()))
            first = firsts.get(key)
            if first is None:
                samples.append(Sample(message="this key was used by an earlier record", location=place))
                continue
            text = self._text(key)
            message = f"key {_quoted(text)} was used before, {self._place(state, first, place)}"
            samples.append(Sample(message=message, value=text, key=text, location=place))
        return samples

    def _firsts(self, state: Confirmed, wanted: set[KeyText]) -> Mapping[KeyText, int]:
        if not wanted:
            return {}
        asked = pl.DataFrame(list(wanted), schema=dict.fromkeys(self._names, pl.String), orient="row")
        found: dict[KeyText, int] = {}
        for groups in self._parts(state):
            rows = groups.join(asked, on=self._names, how="semi").select(*self._names, "first").rows()
            found |= {row[:-1]: row[-1] for row in rows}
        return found

    def _variant_sample(self, state: Confirmed, variant: _Variant) -> Sample:
        place, _ = state.places.get(variant.number, (Location(record=variant.number), ()))
        text, other = self._text(variant.key), self._text(variant.first_key)
        earlier = self._place(state, variant.first, place)
        how = "in case" if _composed(text) != _composed(other) else "in its Unicode normal form"
        message = f"key {_quoted(text)} differs only {how} from {_quoted(other)}, {earlier}"
        return Sample(message=message, value=text, key=text, location=place)

    def _text(self, key: KeyText) -> str:
        return self._delimiter.join(key)

    def _place(self, state: Confirmed, number: int, here: Location) -> str:
        """Where an earlier record is, as told at ``here``."""
        place = state.places[number][0] if number in state.places else None
        return f"in {earlier(number, place, here)}"

    def _tally(
        self, code: str, records: BitMap64, samples: list[Sample], details: dict[str, int], hint: str | None = None
    ) -> Tally:
        return Tally(
            code=code, field=self._key.paths[0], fields=self._key.paths, rule=self._key.rule, count=len(records),
            samples=tuple(samples), records=records.to_array(), details=details, hint=hint,
        )  # fmt: skip


def _folded(name: str) -> pl.Expr:
    """A key's field without case, and with each accent in one character with its letter where there's one."""
    return pl.col(name).str.normalize("NFC").str.to_lowercase()


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _quoted(text: str) -> str:
    return repr(clip(text, 80))
