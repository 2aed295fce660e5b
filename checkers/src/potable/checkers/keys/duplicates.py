"""The first look at a key: hashes of all records, and the suspects among them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from potable.checkers.declared.keys import Key
from potable.checkers.keys.codes import CASE_VARIANT, DUPLICATE
from potable.checkers.keys.confirm import ConfirmKeysFold
from potable.checkers.keys.joined import hash_as_joined
from potable.checkers.repeats.hashes import Hashes, Suspects, combined
from potable.checkers.repeats.suspects import SuspectsFold
from potable.checkers.values.bytewise import Column
from potable.checkers.values.missing import column, missing_text
from potable.engine.contracts.reading import Chunk

PLACED = 500
"""So many surplus records, and the first ones like them, are placed at their key's value in a document: that takes
longer than to place a record.
"""


class DuplicateFold(SuspectsFold):
    """Finds records that may have one key.

    :param variants: whether keys that differ only in case are looked for too; then case doesn't enter the hashes.
    :param samples: most samples of a finding.
    """

    def __init__(
        self, key: Key, delimiter: str, *, variants: bool, scratch: Path, state_bytes: int, samples: int
    ) -> None:
        super().__init__(scratch, state_bytes)
        self.name = f"duplicates of {' + '.join(key.paths)}"
        self.codes = (DUPLICATE.id, CASE_VARIANT.id) if variants else (DUPLICATE.id,)
        self.fields = key.paths
        self._key, self._delimiter, self._variants, self._samples = key, delimiter, variants, samples

    def hashes(self, chunk: Chunk) -> Hashes:
        lacking = np.zeros(chunk.records, dtype=bool)
        fields = []
        for path, values in zip(self._key.paths, self._key.missing_values, strict=True):
            texts = column(chunk, path)
            lacking |= missing_text(texts, values).to_numpy()
            fields.append(without_case(texts) if self._variants else texts)
        hashes = combined([texts.hash(0).to_numpy() for texts in fields], lacking)
        if self._key.joined and len(fields) > 1:
            delimiter = self._delimiter.lower().upper() if self._variants else self._delimiter
            hash_as_joined(hashes, fields, delimiter)
        return hashes

    def confirm(self, suspects: Suspects) -> ConfirmKeysFold:
        return ConfirmKeysFold(
            self._key, self._delimiter, variants=self._variants, scratch=self._scratch, budget=self._budget,
            samples=self._samples, located=suspects.shown(), placed=suspects.shown(PLACED), total=suspects.of,
        )  # fmt: skip


def without_case(texts: pl.Series) -> pl.Series:
    """Texts that are equal where those are that differ in case or normal form alone: in capitals, as most identifiers
    are anyway.
    """
    greatest = Column(texts).greatest
    if greatest < ord("a"):
        return texts
    # Beyond ASCII letters have several small forms, or none: those that are one in small letters are one after this.
    return (texts if greatest < 0x80 else texts.str.normalize("NFC").str.to_lowercase()).str.to_uppercase()
