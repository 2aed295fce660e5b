"""The second look at records that may be equal: digests of all that is in them."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from pyroaring import BitMap64

from potable.checkers.earlier import earlier
from potable.checkers.keys.again import why_all_again
from potable.checkers.keys.hashes import rows_among
from potable.checkers.rows.codes import DUPLICATE
from potable.engine.checker import EACH_FIELD, Fold, Outcome
from potable.engine.contracts.reading import KIND_SUFFIX, Chunk
from potable.engine.findings import Location, Sample, Tally

PARTS = 64
"""Files that digests are spread over when they're too many for memory."""
RECORD = np.dtype([("one", "<u8"), ("two", "<u8"), ("number", "<u8")])
"""Both halves of a record's digest, and its number."""

Digests = npt.NDArray[np.void]


@dataclass(slots=True)
class Confirmed:
    """The digests of suspects.

    :param pending: arrays of :data:`RECORD`.
    :param places: places of the suspects that may be shown, by number.
    :param spilled: files of such arrays, by part.
    """

    pending: list[Digests] = field(default_factory=list)
    in_memory: int = 0
    places: dict[int, Location] = field(default_factory=dict)
    spilled: dict[int, list[Path]] = field(default_factory=dict)


class ConfirmFold(Fold[Confirmed]):
    """Counts records that equal an earlier one, by 128 bits of BLAKE2b of their values.

    :param located: numbers of the records that get a full place, ascending.
    :param total: how many records there are.
    """

    name = "equal records"
    codes = (DUPLICATE.id,)
    fields = (EACH_FIELD,)

    def __init__(self, scratch: Path, budget: int, samples: int, located: npt.NDArray[np.uint64], total: int) -> None:
        self._scratch, self._budget, self._samples, self._located = scratch, budget, samples, located
        self._total = total

    def start(self) -> Confirmed:
        return Confirmed()

    def update(self, state: Confirmed, chunk: Chunk) -> Confirmed:
        rows, digests = _digests(chunk)
        found = np.empty(len(rows), RECORD)
        halves = np.frombuffer(b"".join(digests), "<u8").reshape(-1, 2)
        found["one"], found["two"], found["number"] = halves[:, 0], halves[:, 1], chunk.numbers[rows]
        shown = [rows[n] for n in rows_among(found["number"], self._located).tolist()]
        for row, place in zip(shown, chunk.locate(shown), strict=True):
            state.places[int(chunk.numbers[row])] = place
        state.pending.append(found)
        state.in_memory += found.nbytes
        return self._bounded(state)

    def merge(self, left: Confirmed, right: Confirmed) -> Confirmed:
        left.pending += right.pending
        left.in_memory += right.in_memory
        left.places |= right.places
        for part, files in right.spilled.items():
            left.spilled.setdefault(part, []).extend(files)
        return self._bounded(left)

    def finish(self, state: Confirmed) -> Outcome:
        surplus = BitMap64()
        groups = records = last_first = 0
        often: set[int] = set()
        firsts: dict[int, int] = {}
        for part in self._parts(state):
            again, first, of_part = _repeated(part)
            if of_part:
                alike = np.unique(first, return_counts=True)[1]
                often |= {int(alike.min()) + 1, int(alike.max()) + 1}
                last_first = max(last_first, int(first.max()))
            surplus |= BitMap64(again)
            groups += of_part
            records += of_part + len(again)
            shown = np.argsort(again)[: self._samples]
            firsts |= dict(zip(again[shown].tolist(), first[shown].tolist(), strict=True))
        if not surplus:
            return Outcome()
        shown_numbers = [n for n, _ in zip(surplus, range(self._samples), strict=False)]
        tally = Tally(
            code=DUPLICATE.id, count=len(surplus), records=surplus.to_array(),
            samples=tuple(self._sample(state, n, firsts[n]) for n in shown_numbers),
            details={"different": groups, "records": records},
            hint=why_all_again(
                total=self._total, different=groups, records=records, often=often, last_first=last_first,
                first_again=shown_numbers[0],
            ),
        )  # fmt: skip
        return Outcome(findings=[tally])

    def _sample(self, state: Confirmed, number: int, first: int) -> Sample:
        place = state.places.get(number, Location(record=number))
        return Sample(message=f"the record equals {earlier(first, state.places.get(first), place)}", location=place)

    # -- state ---------------------------------------------------------------------------------------------------

    def _bounded(self, state: Confirmed) -> Confirmed:
        if state.in_memory > self._budget:
            self._spill(state)
        return state

    def _spill(self, state: Confirmed) -> None:
        whole = np.concatenate(state.pending)
        whole = whole[np.argsort(whole["one"])]
        bounds = np.searchsorted(whole["one"], np.arange(1, PARTS, dtype=np.uint64) * np.uint64((1 << 64) // PARTS))
        for part, (start, end) in enumerate(pairwise([0, *bounds.tolist(), len(whole)])):
            if end > start:
                with tempfile.NamedTemporaryFile(dir=self._scratch, prefix="rows-", delete=False) as file:
                    file.write(whole[start:end].data)
                state.spilled.setdefault(part, []).append(Path(file.name))
        state.pending, state.in_memory = [], 0

    def _parts(self, state: Confirmed) -> Iterator[Digests]:
        """All digests, so that equal ones are in one part."""
        if state.spilled and state.pending:
            self._spill(state)
        if state.pending:
            yield np.concatenate(state.pending)
        for files in state.spilled.values():
            yield np.concatenate([np.fromfile(f, RECORD) for f in files])


def _repeated(found: Digests) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], int]:
    """(numbers of the surplus records, for each the first that it equals, how many different ones there are)."""
    ordered = found[np.lexsort((found["number"], found["two"], found["one"]))]
    same = (ordered["one"][1:] == ordered["one"][:-1]) & (ordered["two"][1:] == ordered["two"][:-1])
    again = np.concatenate([np.zeros(min(1, len(ordered)), dtype=bool), same])
    start = np.maximum.accumulate(np.where(again, 0, np.arange(len(ordered))))
    numbers = ordered["number"]
    return numbers[again], numbers[start[again]], len(np.unique(start[again]))


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
