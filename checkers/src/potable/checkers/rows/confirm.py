"""The second look at records that may be equal: digests of all that is in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from pyroaring import BitMap64

from potable.checkers.repeats.earlier import earlier
from potable.checkers.repeats.groups import Grouping, Groups, Repeats
from potable.checkers.repeats.hashes import rows_among
from potable.checkers.rows.codes import DUPLICATE
from potable.engine.checker import EACH_FIELD, Fold, Outcome
from potable.engine.contracts.reading import KIND_SUFFIX, Chunk
from potable.engine.findings import Location, Sample, Tally

Halves = tuple[int, int]
"""Of a record's digest."""
_ONE, _TWO = "one", "two"


@dataclass(slots=True)
class Confirmed:
    """The digests of suspects.

    :param groups: which there are, the first record of each, how often each occurs.
    :param places: place and digest of the suspects that may be shown, by number.
    """

    groups: Groups = field(default_factory=Groups)
    places: dict[int, tuple[Location, Halves]] = field(default_factory=dict)


class ConfirmFold(Fold[Confirmed]):
    """Counts records that equal an earlier one, by 128 bits of BLAKE2b of their values.

    :param located: numbers of the records that get a full place, ascending.
    :param total: how many records there are.
    """

    name = "equal records"
    codes = (DUPLICATE.id,)
    fields = (EACH_FIELD,)

    def __init__(self, scratch: Path, budget: int, samples: int, located: npt.NDArray[np.uint64], total: int) -> None:
        self._samples, self._located, self._total = samples, located, total
        self._grouping = Grouping((_ONE, _TWO), pl.col(_ONE), scratch=scratch, budget=budget, prefix="rows-")

    def start(self) -> Confirmed:
        return Confirmed()

    def update(self, state: Confirmed, chunk: Chunk) -> Confirmed:
        rows, digests = _digests(chunk)
        numbers = chunk.numbers[rows]
        halves = np.frombuffer(b"".join(digests), "<u8").reshape(-1, 2)
        shown = rows_among(numbers, self._located).tolist()
        for n, place in zip(shown, chunk.locate([rows[n] for n in shown]), strict=True):
            one, two = halves[n].tolist()
            state.places[int(numbers[n])] = place, (one, two)
        self._grouping.add(state.groups, {_ONE: pl.Series(halves[:, 0]), _TWO: pl.Series(halves[:, 1])}, numbers)
        return state

    def merge(self, left: Confirmed, right: Confirmed) -> Confirmed:
        left.places |= right.places
        self._grouping.extend(left.groups, right.groups)
        return left

    def finish(self, state: Confirmed) -> Outcome:
        repeats = Repeats()
        for groups in self._grouping.parts(state.groups):
            repeats.add(groups)
        surplus = state.groups.seen - repeats.firsts
        if not surplus:
            return Outcome()
        tally = Tally(
            code=DUPLICATE.id, count=len(surplus), records=surplus.to_array(),
            samples=tuple(self._sampled(state, surplus)),
            details={"different": repeats.different, "records": repeats.records},
            hint=repeats.why(self._total, surplus),
        )  # fmt: skip
        return Outcome(findings=[tally])

    def _sampled(self, state: Confirmed, surplus: BitMap64) -> Iterator[Sample]:
        shown = {n: state.places[n] for n, _ in zip(surplus, range(self._samples), strict=False)}
        wanted = pl.DataFrame(
            list({halves for _, halves in shown.values()}), schema={_ONE: pl.UInt64, _TWO: pl.UInt64}, orient="row"
        )
        firsts: dict[Halves, int] = {}
        for groups in self._grouping.parts(state.groups):
            found = groups.join(wanted, on=[_ONE, _TWO], how="semi")
            firsts |= {(one, two): first for one, two, first in found.select(_ONE, _TWO, "first").rows()}
        for place, halves in shown.values():
            first = firsts[halves]
            known = state.places[first][0] if first in state.places else None
            yield Sample(message=f"the record equals {earlier(first, known, place)}", location=place)


def _digests(chunk: Chunk) -> tuple[list[int], list[bytes]]:
    """Rows and digests of a chunk's records."""
    if chunk.columns is not None and not _has_nested(chunk.frame):
        frame = chunk.frame.select(sorted(set(chunk.columns).intersection(chunk.frame.columns)))
        texts = frame.select(pl.struct(pl.all()).struct.json_encode()).to_series()
        return list(range(frame.height)), [_digest(t.encode()) for t in texts]
    rows, digests = [], []
    for row, document in chunk.documents():
        rows.append(row)
        digests.append(_digest(_canonical(document)))
    return rows, digests


def _has_nested(frame: pl.DataFrame) -> bool:
    """Whether there are values without a text: the document alone tells these."""
    kinds = [frame[c] for c in frame.columns if c.endswith(KIND_SUFFIX) and frame[c].dtype == pl.String]
    return any(k.is_in(["object", "array"]).any() for k in kinds)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def _canonical(document: Any) -> bytes:
    """A record in one spelling: a JSON object or an XML element."""
    if isinstance(document, dict):
        return json.dumps(document, sort_keys=True, default=str).encode()
    from lxml import etree  # heavy: only for XML

    # Not Canonical XML: it has no spelling for a namespace whose name is a relative reference.
    parts: list[str] = []
    for event, element in etree.iterwalk(document, events=("start", "end")):
        if event == "start":
            parts.append(repr((element.tag, sorted(element.items()), element.text or "")))
        else:
            parts.append(repr(element.tail or "") if element is not document else "")
    return ")".join(parts).encode()
