"""A sketch of a source's keys: small, and good for the share of keys that two runs have in common.

It holds the least hashes of the different keys (a KMV sketch, Bar-Yossef et al. 2002). Of two sketches the hashes up to
the lesser of their greatest ones are a random sample of both runs' keys, the same keys in both.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.values.missing import column
from potable.engine.checker import Fold, Outcome
from potable.engine.contracts.reading import Chunk

SIZE = 512
"""Hashes in a sketch: the share of keys in common is told within about two percent (one standard deviation)."""
_WIDTH = 6
"""Bytes that are kept of a hash: enough to tell keys apart, and a report carries them all."""
_SHIFT = np.uint64(64 - 8 * _WIDTH)
METHOD = f"polars {pl.__version__}"
"""Hashes of different versions can't be compared."""

Hashes = npt.NDArray[np.uint64]


@dataclass(slots=True)
class Least:
    """The least hashes, ascending, all different."""

    hashes: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))


class KeySketchFold(Fold[Least]):
    """Makes the sketch of a key."""

    name = "keys"
    codes = ()

    def __init__(self, paths: Sequence[str]) -> None:
        self.fields = tuple(paths)
        # Shared by the threads of a scan, and only to save work: greater hashes can't be among the least any more.
        self._bound: np.uint64 | None = None

    def start(self) -> Least:
        return Least()

    def update(self, state: Least, chunk: Chunk) -> Least:
        frame = pl.DataFrame({str(n): column(chunk, path) for n, path in enumerate(self.fields)})
        hashes = (frame.to_series() if frame.width == 1 else frame.hash_rows()).hash().to_numpy() >> _SHIFT
        missing = frame.select(pl.any_horizontal(pl.all().is_null() | (pl.all() == ""))).to_series().to_numpy()
        wanted = ~missing if self._bound is None else ~missing & (hashes <= self._bound)
        hashes = hashes[wanted]
        return self.merge(state, Least(np.unique(hashes)[:SIZE]))

    def merge(self, left: Least, right: Least) -> Least:
        hashes = np.union1d(left.hashes, right.hashes)[:SIZE].astype(np.uint64)
        if len(hashes) == SIZE:
            self._bound = hashes[-1]
        return Least(hashes)

    def finish(self, state: Least) -> Outcome:
        packed = state.hashes.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 8 - _WIDTH :].tobytes()
        sketch = {"fields": list(self.fields), "by": METHOD, "least": base64.b64encode(packed).decode("ascii")}
        return Outcome(metrics={"keys": sketch})


@dataclass(frozen=True, slots=True)
class Shared:
    """How the keys of an earlier run compare with those of this one.

    :param looked_at: keys of the earlier run that could be looked for.
    :param gone: of these, those that aren't there any more.
    :param new: keys of this run that weren't there, as many as could be looked for likewise.
    :param exact: these are all of the keys, no sample.
    """

    looked_at: int
    gone: int
    new: int
    exact: bool

    @property
    def replaced(self) -> int:
        """Keys that are gone and have others in their place: where there are fewer keys, some are just gone."""
        return min(self.gone, self.new)


def shared(before: Mapping[str, Any], now: Mapping[str, Any]) -> Shared | None:
    """Compare two sketches; None where they can't be."""
    if before.get("fields") != now.get("fields") or before.get("by") != now.get("by"):
        return None
    old, new = (_unpacked(sketch.get("least")) for sketch in (before, now))
    if old is None or new is None or not len(old):
        return None
    full = [hashes[-1] for hashes in (old, new) if len(hashes) == SIZE]
    if full:
        old, new = (hashes[hashes <= min(full)] for hashes in (old, new))
    if not len(old):
        return None
    kept = len(np.intersect1d(old, new, assume_unique=True))
    return Shared(len(old), len(old) - kept, len(new) - kept, not full)


def _unpacked(text: object) -> Hashes | None:
    if not isinstance(text, str):
        return None
    try:
        packed = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
    except ValueError:
        return None
    if len(packed) % _WIDTH:
        return None
    wide = np.zeros((len(packed) // _WIDTH, 8), np.uint8)
    wide[:, 8 - _WIDTH :] = packed.reshape(-1, _WIDTH)
    return wide.reshape(-1).view(">u8").astype(np.uint64)
