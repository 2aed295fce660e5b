"""The workloads: data with faults at known places, the same for everyone.

Each is made from a fixed seed, so that two machines measure the same bytes. :class:`CsvWorkload` is the CSV one;
another format is another class with the same members.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.engine.plugins import load_plugins

MEASURED = ("schema", "keys")
"""The checkers of the ten rules; all others are off."""
SEED = 20_240_229
BATCH = 500_000
SHARE_OF_FAULTS = 0.0005

SPECIES = ("Homo sapiens", "Mus musculus", "Rattus norvegicus", "Danio rerio", "Xenopus laevis", "Gallus gallus")
WORDS = (
    "alpha beta gamma delta kidney liver marrow retina spleen thymus cortex lumen stroma clonal primary adherent",
    "suspension diploid murine human frozen passage donor healthy treated control serum medium glucose",
)

SCHEMA: dict[str, Any] = {
    "fields": [
        {"name": "id", "type": "string", "constraints": {"pattern": "CVCL_[0-9]{8}"}},
        {"name": "name", "type": "string", "constraints": {"required": True}},
        {"name": "species", "type": "string", "constraints": {"enum": list(SPECIES)}},
        {"name": "age", "type": "integer", "constraints": {"maximum": 120}},
        {"name": "score", "type": "number"},
        {"name": "collected", "type": "date"},
        {"name": "email", "type": "string", "format": "email"},
        {"name": "url", "type": "string", "constraints": {"pattern": "https://[a-z.]+/.*"}},
        {"name": "batch", "type": "string"},
        {"name": "comment", "type": "string"},
    ],
}
"""Nine of the ten rules; the tenth is the unique key ``id``."""

RULES = (
    ("keys/duplicate", "id"),
    ("schema/pattern", "id"),
    ("schema/required", "name"),
    ("schema/enum", "species"),
    ("schema/type", "age"),
    ("schema/maximum", "age"),
    ("schema/type", "score"),
    ("schema/type", "collected"),
    ("schema/format", "email"),
    ("schema/pattern", "url"),
)
"""The ten rules: Potable's code, and the column."""

FAULTY = {
    ("schema/pattern", "id"): "CVCL-{n}",
    ("schema/required", "name"): "",
    ("schema/enum", "species"): "Homo sapeins",
    ("schema/type", "age"): "{n} years",
    ("schema/maximum", "age"): "1{n}",
    ("schema/type", "score"): "0,{n}",
    ("schema/type", "collected"): "2021-02-30",
    ("schema/format", "email"): "curator{n}.example.org",
    ("schema/pattern", "url"): "ftp//example.org/{n}",
}
"""What stands in a faulty cell; ``{n}`` is the record's number, from 100 on."""


@dataclass(frozen=True, slots=True)
class CsvWorkload:
    """Ten columns of about 160 bytes a record, ten rules, 0.05 % of the records with one fault each.

    :param folder: where the data and the definitions go.
    :param records: how many.
    """

    folder: Path
    records: int

    @property
    def resource_id(self) -> str:
        """The source's name."""
        return f"bench-csv-{self.records}"

    @property
    def file(self) -> Path:
        """The data."""
        return self.folder / f"{self.resource_id}.csv"

    @property
    def schema_file(self) -> Path:
        """The Table Schema with the key, for peers that read one."""
        return self.folder / "schema.json"

    @property
    def faults(self) -> dict[tuple[str, str], list[int]]:
        """The records, from 1 and ascending, that break each rule. Record n stands in line n + 1."""
        places = _places(self.records)
        return {rule: [int(n) for n in places[i]] for i, rule in enumerate(RULES)}

    def make(self) -> None:
        """Write the data, the schema and two definitions, unless they are there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        key = {"primaryKey": ["id"]}
        self.schema_file.write_text(json.dumps(SCHEMA | key), encoding="utf-8")
        base = {"ingestMethod": "CSV", "ingestURL": self.file.name, **key, "schema": SCHEMA}
        others = [name for name in load_plugins().checkers if name not in MEASURED]
        for suffix, checks in (("", dict.fromkeys(others, False)), ("-all", {})):
            definition = {"resourceID": self.resource_id + suffix, **base, "checks": checks}
            (self.folder / f"{self.resource_id}{suffix}.yaml").write_text(json.dumps(definition), encoding="utf-8")
        if not self.file.exists():
            part = self.file.with_suffix(".part")
            with part.open("wb") as out:
                for start in range(0, self.records, BATCH):
                    frame = self._batch(start, min(BATCH, self.records - start))
                    frame.write_csv(out, include_header=start == 0)
            part.replace(self.file)

    def _batch(self, start: int, size: int) -> pl.DataFrame:
        rng = np.random.default_rng((SEED, start))
        number = np.arange(start, start + size, dtype=np.int64)
        pool = _phrases()
        day = np.datetime64("2010-01-01") + rng.integers(0, 5000, size).astype("timedelta64[D]")
        frame = pl.DataFrame(
            {
                "id": identifiers(number),
                "name": pool["short"].gather(rng.integers(0, len(pool), size)),
                "species": pl.Series(SPECIES).gather(rng.integers(0, len(SPECIES), size)),
                "age": pl.Series(rng.integers(0, 121, size)).cast(pl.String),
                "score": pl.Series(rng.integers(1_000, 1_000_000, size) / 1e6).cast(pl.String),
                "collected": pl.Series(day).cast(pl.Date).cast(pl.String),
                "email": "curator" + pl.Series(rng.integers(0, 10_000, size)).cast(pl.String) + "@example.org",
                "url": "https://example.org/cells/" + pl.Series(number).cast(pl.String),
                "batch": "B" + pl.Series(rng.integers(0, 1000, size)).cast(pl.String),
                "comment": pool["long"].gather(rng.integers(0, len(pool), size)),
            }
        )
        return self._spoil(frame, start, size)

    def _spoil(self, frame: pl.DataFrame, start: int, size: int) -> pl.DataFrame:
        columns: dict[str, pl.Series] = {}
        for (code, column), records in self.faults.items():
            here = np.array([n for n in records if start < n <= start + size], dtype=np.int64)
            if not len(here):
                continue
            if code == "keys/duplicate":  # the identifier of the record 50 before
                texts = identifiers(here - 51).to_list()
            else:
                texts = [FAULTY[code, column].format(n=n + 99) for n in here]
            columns[column] = columns.get(column, frame[column]).scatter(here - start - 1, texts)
        return frame.with_columns(**columns)


def identifiers(number: npt.NDArray[np.int64]) -> pl.Series:
    """Unique and in no order: multiplication by a number that has no factor in common with 10 ** 8."""
    return "CVCL_" + pl.Series(number * 48_271_013 % 10**8).cast(pl.String).str.zfill(8)


def _phrases() -> pl.DataFrame:
    """A pool of 10,000 short and long phrases; one long one in twenty has commas, and so is quoted in the file."""
    rng = np.random.default_rng(SEED)
    words = [word for line in WORDS for word in line.split()]
    short = [" ".join(rng.choice(words, 2)) for _ in range(10_000)]
    long = [(", " if i % 20 == 0 else " ").join(rng.choice(words, int(rng.integers(4, 8)))) for i in range(10_000)]
    return pl.DataFrame({"short": short, "long": long})


def _places(records: int) -> npt.NDArray[np.int64]:
    """A row per rule: record numbers, each used once, none among the first 100 (a duplicate repeats an earlier one)."""
    rng = np.random.default_rng((SEED, records))
    each = max(1, round(records * SHARE_OF_FAULTS / len(RULES)))
    chosen = 101 + rng.choice(max(records - 100, 0), size=(len(RULES), each), replace=False)
    # A duplicate repeats the identifier 51 records before: that one must be sound.
    spoilt = set(chosen[1:].ravel().tolist())
    taken = spoilt | set(chosen[0].tolist())
    for i, n in enumerate(chosen[0].tolist()):
        while n - 50 in taken or (n in taken and n != chosen[0, i]) or n > records:
            n = 101 + (n + 7) % (records - 100)
        chosen[0, i] = n
        taken.add(n)
    return np.sort(chosen, axis=1)
