"""Records without any value, in formats whose readers don't tell of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from pyroaring import BitMap64

from potable.checkers.folds.hits import Hits, Room
from potable.checkers.rows.codes import BLANK
from potable.checkers.rows.duplicates import blank
from potable.engine.checker import EACH_FIELD, Fold, Outcome
from potable.engine.contracts.reading import KIND_SUFFIX, Chunk
from potable.engine.findings import Sample, Tally

_NESTED = ["object", "array"]


class BlankFold(Fold[Hits]):
    """Finds the records that have no value at all.

    :param samples: most samples of a finding.
    """

    name = "blank records"
    codes = (BLANK.id,)
    fields = (EACH_FIELD,)

    def __init__(self, samples: int) -> None:
        self._samples, self._room = samples, Room(samples)

    def start(self) -> Hits:
        return Hits()

    def update(self, state: Hits, chunk: Chunk) -> Hits:
        rows = blank_rows(chunk)
        if len(rows):
            shown = rows[: self._room.take(BLANK.id, chunk, len(rows))].tolist()
            samples = [Sample(message="the record has no value", location=place) for place in chunk.locate(shown)]
            state.append(Hits(BitMap64(chunk.numbers[rows]), samples), self._samples)
        return state

    def merge(self, left: Hits, right: Hits) -> Hits:
        left.append(right, self._samples)
        return left

    def finish(self, state: Hits) -> Outcome:
        if not state.records:
            return Outcome()
        records = state.records
        tally = Tally(code=BLANK.id, count=len(records), records=records.to_array(), samples=tuple(state.samples))
        return Outcome(findings=[tally])


def blank_rows(chunk: Chunk) -> npt.NDArray[np.int64]:
    """The rows of the records that have nothing in them."""
    likely = blank(chunk)
    if not likely.any():
        return np.empty(0, np.int64)
    if chunk.columns is not None:
        return np.flatnonzero(likely & ~_with_nested(chunk))
    # Its columns are the fields that have a text, and perhaps not all of these: the document alone tells.
    return np.array([row for row, document in chunk.documents() if likely[row] and _is_blank(document)], np.int64)


def _with_nested(chunk: Chunk) -> npt.NDArray[np.bool_]:
    """Which records have objects or arrays in their columns."""
    nested = np.zeros(chunk.records, dtype=bool)
    for name in chunk.frame.columns:
        kinds = chunk.frame[name]
        if name.endswith(KIND_SUFFIX) and kinds.dtype != pl.List:
            nested |= kinds.is_in(_NESTED).fill_null(value=False).to_numpy()
    return nested


def _is_blank(document: Any) -> bool:
    """Whether nothing is in it: an object, or an element of XML, without anything but blanks and other such ones."""
    if isinstance(document, dict | list):
        inside: Iterator[Any] = iter(document.values() if isinstance(document, dict) else document)
        return all(_is_blank(value) for value in inside)
    if document is None or isinstance(document, str):
        return not document
    if not hasattr(document, "iter"):
        return False  # a number, a boolean
    texts = [text for node in document.iter() for text in (node.text, node.tail if node is not document else None)]
    return not any(text and text.strip() for text in texts) and not any(any(n.values()) for n in document.iter("*"))
