"""The workloads of documents: JSON Lines, one JSON array, and XML. Each record stands in a line of its own, so that a
fault's line is known; see :mod:`benchmarks.workload` for the CSV one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from benchmarks.workload import SEED, SHARE_OF_FAULTS
from potable.engine.plugins import load_plugins

WORDS = "lorem ipsum dolor sit amet consectetur adipiscing elit " * 4
CITIES = ("Rome", "Oslo", "Lima", "Bern")
MEASURED = ("json-schema", "rules")
"""The checkers that look for what is measured; all others are off."""

JSON_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "age"],
    "properties": {
        "id": {"type": "string", "pattern": "^RRID:"},
        "age": {"type": "integer", "minimum": 0},
        "score": {"type": "number"},
        "active": {"type": "boolean"},
        "owner": {"type": "object", "properties": {"email": {"type": "string"}}},
    },
}

VIOLATION, MISSING, MISMATCH = "json-schema/violation", "rules/value-missing", "rules/value-mismatch"
Rule = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A fault: in a record's line ``sound`` is replaced by ``faulty``. ``token``: what stands at its place in the file;
    empty: only the record is known. ``{n}`` is the record's number.
    """

    sound: str
    faulty: str
    token: str = ""


@dataclass(frozen=True)
class DocumentWorkload:
    """200 bytes of text and a dozen values a record, 0.05 % of the records with one fault each.

    :param folder: where the data and the definition go.
    :param records: how many.
    """

    folder: Path
    records: int
    form: ClassVar[str]
    method: ClassVar[str]
    head: ClassVar[bytes] = b""
    between: ClassVar[bytes] = b"\n"
    tail: ClassVar[bytes] = b"\n"
    members: ClassVar[dict[str, Any]]
    spoilt: ClassVar[dict[Rule, Spoilt]]

    @property
    def resource_id(self) -> str:
        """The source's name."""
        return f"bench-{self.form}-{self.records}"

    @property
    def file(self) -> Path:
        """The data."""
        return self.folder / f"{self.resource_id}.{self.form}"

    @property
    def definition(self) -> Path:
        """The definition."""
        return self.folder / f"{self.resource_id}.yaml"

    @cached_property
    def faults(self) -> dict[Rule, list[int]]:
        """The records, from 1 and ascending, that break each rule, by code and field."""
        rng = np.random.default_rng((SEED, self.records))
        each = max(1, round(self.records * SHARE_OF_FAULTS / len(self.spoilt)))
        chosen = 1 + rng.choice(self.records, size=(len(self.spoilt), each), replace=False)
        return {rule: sorted(row.tolist()) for rule, row in zip(self.spoilt, chosen, strict=True)}

    def line_of(self, record: int) -> int:
        """The line, from 1, that a record stands in."""
        return record + self.head.count(b"\n")

    def starts(self) -> list[tuple[int, bytes]]:
        """Byte offset of each record, and its line from there."""
        found, at = [], 0
        with self.file.open("rb") as lines:
            for line in lines:
                found.append((at + len(line) - len(line.lstrip()), line.strip()))
                at += len(line)
        before = self.head.count(b"\n")
        return found[before : before + self.records]

    def make(self) -> None:
        """Write the data, unless they are there, and the definition."""
        self.folder.mkdir(parents=True, exist_ok=True)
        definition = {"resourceID": self.resource_id, "ingestMethod": self.method, "ingestURL": self.file.name}
        others = [name for name in load_plugins().checkers if name not in MEASURED]
        definition |= self.members | {"checks": dict.fromkeys(others, False)}
        self.definition.write_text(json.dumps(definition), encoding="utf-8")
        if not self.file.exists():
            part = self.file.with_suffix(".part")
            with part.open("wb") as out:
                out.write(self.head)
                for n, line in enumerate(self._lines(), 1):
                    out.write(line.encode() + (self.between if n < self.records else self.tail))
            part.replace(self.file)

    def _lines(self) -> Iterator[str]:
        wrong = {n: rule for rule, records in self.faults.items() for n in records}
        for n in range(1, self.records + 1):
            line = self.record(n)
            if n in wrong:
                how = self.spoilt[wrong[n]]
                line = line.replace(how.sound.format(n=n), how.faulty.format(n=n), 1)
            yield line

    def record(self, n: int) -> str:
        """A sound record."""
        raise NotImplementedError


class JsonLines(DocumentWorkload):
    """JSON Lines: a JSON Schema and five field rules."""

    form, method = "jsonl", "JSONL"
    members: ClassVar = {
        "schema": JSON_SCHEMA,
        "qcRules": {
            "ValueExists": [
                {"path": "$.url"},
                {"path": "$.owner.name"},
                {"path": "$.date", "valueRegex": "[0-9]{4}-[0-9]{2}-[0-9]{2}"},
                {"path": "$.owner.email", "valueRegex": "[^@]+@example.org"},
                {"path": "$.owner.address.zip", "valueRegex": "[0-9]{5}"},
            ]
        },
    }
    spoilt: ClassVar = {
        (VIOLATION, "$.id"): Spoilt('"RRID:', '"RRID-', '"RRID-'),
        (VIOLATION, "$.age"): Spoilt('"age": ', '"age": -1', "-1"),
        (VIOLATION, "$.score"): Spoilt('"score": {n}.5', '"score": "{n},5"', '"{n},5"'),
        (VIOLATION, "$.active"): Spoilt('"active": ', '"active": null, "was": ', "null"),
        (MISSING, "$.url"): Spoilt('"url"', '"uri"'),
        (MISSING, "$.owner.name"): Spoilt('"Some Body"', '""', '""'),
        (MISMATCH, "$.date"): Spoilt('"date": "20', '"date": "20{n}', '"20{n}'),
        (MISMATCH, "$.owner.email"): Spoilt("@", " at ", '"a{n} at example.org"'),
        (MISMATCH, "$.owner.address.zip"): Spoilt('"zip": "', '"zip": "I-', '"I-'),
    }

    def record(self, n: int) -> str:
        """A sound record; strings, numbers, true and false, a list, objects in objects."""
        tags = ["alpha", "beta", "gamma"][: n % 4]
        owner = {
            "name": "Some Body",
            "email": f"a{n}@example.org",
            "address": {"city": CITIES[n % 4], "zip": f"{n % 99_000:05}"},
        }
        return json.dumps(
            {
                "id": f"RRID:CVCL_{n:07}",
                "name": f"Name of thing {n}",
                "age": 1 + n % 99,
                "score": n + 0.5,
                "active": n % 3 == 0,
                "tags": tags,
                "owner": owner,
                "description": WORDS[n % 8 :],
                "date": f"20{n % 25:02}-{1 + n % 12:02}-{1 + n % 28:02}",
                "url": f"https://example.org/{n}",
            }
        )


class JsonArray(JsonLines):
    """The same records as one JSON array."""

    form, method = "json", "JSON"
    head, between, tail = b"[\n", b",\n", b"\n]\n"


class Xml(DocumentWorkload):
    """XML: five field rules."""

    form, method = "xml", "XML"
    head, tail = b'<?xml version="1.0" encoding="UTF-8"?>\n<stocks>\n', b"\n</stocks>\n"
    members: ClassVar = {
        "topElement": "stocks",
        "documentElement": "stock",
        "qcRules": {
            "ValueExists": [
                {"path": "$.stock.name"},
                {"path": "$.stock.@id", "valueRegex": "S[0-9]+"},
                {"path": "$.stock.species", "value": "Homo sapiens"},
                {"path": "$.stock.genotype", "valueRegex": ".*attP2.*"},
                {"path": "$.stock.created", "valueRegex": "[0-9]{4}-[0-9]{2}-[0-9]{2}"},
            ]
        },
    }
    spoilt: ClassVar = {
        (MISSING, "$.stock.name"): Spoilt("<name>Stock line {n} of organism</name>", ""),
        (MISMATCH, "$.stock.@id"): Spoilt('id="S', 'id="s'),
        (MISMATCH, "$.stock.species"): Spoilt("Homo sapiens", "Homo sapeins"),
        (MISMATCH, "$.stock.genotype"): Spoilt("attP2", "attB2"),
        (MISMATCH, "$.stock.created"): Spoilt("<created>20", "<created>20{n}"),
    }

    def record(self, n: int) -> str:
        """A sound record; attributes, entities, an element inside another, one or two of a name."""
        return (
            f'  <stock id="S{n}" status="live"><name>Stock line {n} of organism</name>'
            f'<species taxon="9606">Homo sapiens</species>'
            f"<genotype>w[1118]; P{{w+mC}}={n % 7} attP2 something longer here to fill</genotype>"
            f"<synonym>syn-{n}</synonym>{f'<synonym>alt-{n}</synonym>' if n % 2 else ''}"
            f"<donor><name>Lab {n % 50}</name><email>lab{n % 50}@example.org</email></donor>"
            f"<created>20{n % 25:02}-{1 + n % 12:02}-{1 + n % 28:02}</created>"
            f"<comment>Received from the centre; kept at 18 degrees &amp; flipped monthly, as asked for</comment>"
            f"<price>{n % 90}.50</price></stock>"
        )


DOCUMENTS: dict[str, type[DocumentWorkload]] = {w.form: w for w in (JsonLines, JsonArray, Xml)}
"""By form."""
