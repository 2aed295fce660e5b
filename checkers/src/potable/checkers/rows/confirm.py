"""The second look at records that may be equal: digests of all that is in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from pyroaring import BitMap64

from potable.checkers.repeats.confirm import Confirmed, ConfirmFold, Suspect
from potable.checkers.repeats.groups import Grouping, Repeats
from potable.checkers.repeats.hashes import rows_among
from potable.checkers.rows.codes import DUPLICATE
from potable.engine.checker import EACH_FIELD, Outcome
from potable.engine.contracts.reading import KIND_SUFFIX, Chunk
from potable.engine.findings import Sample, Tally

Halves = tuple[int, int]
"""Of a record's digest."""
_ONE, _TWO = "one", "two"


class ConfirmRowsFold(ConfirmFold[Halves]):
    """Counts records that equal an earlier one, by 128 bits of BLAKE2b of their values."""

    name = "equal records"
    codes = (DUPLICATE.id,)
    fields = (EACH_FIELD,)

    def __init__(self, scratch: Path, budget: int, samples: int, located: npt.NDArray[np.uint64], total: int) -> None:
        grouping = Grouping((_ONE, _TWO), pl.col(_ONE), scratch=scratch, budget=budget, prefix="rows-")
        super().__init__(grouping, samples=samples, located=located, total=total)

    def update(self, state: Confirmed[Halves], chunk: Chunk) -> Confirmed[Halves]:
        rows, digests = _digests(chunk)
        numbers = chunk.numbers[rows]
        halves = np.frombuffer(b"".join(digests), "<u8").reshape(-1, 2)
        shown = rows_among(numbers, self._located).tolist()
        for n, place in zip(shown, chunk.locate([rows[n] for n in shown]), strict=True):
            one, two = halves[n].tolist()
            state.shown[int(numbers[n])] = Suspect(place, (one, two))
        self._grouping.add(state.groups, {_ONE: pl.Series(halves[:, 0]), _TWO: pl.Series(halves[:, 1])}, numbers)
        return state

    def finish(self, state: Confirmed[Halves]) -> Outcome:
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

    def _sampled(self, state: Confirmed[Halves], surplus: BitMap64) -> Iterator[Sample]:
        shown = [state.shown[n] for n, _ in zip(surplus, range(self._samples), strict=False)]
        firsts = self._firsts(state, {suspect.compared for suspect in shown})
        for place, halves, _ in shown:
            yield Sample(message=f"the record equals {self._told(state, firsts[halves], place)}", location=place)


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
