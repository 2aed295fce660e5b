"""A checker of anybody's says by ``format`` which of its options name fields."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from potable.engine import Checker, Engine, Fold, Outcome
from potable.engine.checker import FIELD_PATH
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition

_FIELD = {"type": "string", "format": FIELD_PATH}


class _Nothing(Fold[int]):
    name = "nothing"

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.fields = fields

    def start(self) -> int:
        return 0

    def update(self, state: int, chunk: Chunk) -> int:
        return state

    def merge(self, left: int, right: int) -> int:
        return 0

    def finish(self, state: int) -> Outcome:
        return Outcome()


class Weighing(Checker):
    name = "weighing"
    options_schema: ClassVar[dict[str, Any]] = {
        "type": "object",
        "properties": {
            "by": _FIELD,
            "units": {"type": "object", "propertyNames": _FIELD, "additionalProperties": {"type": "string"}},
            "deeper": {"type": "object", "properties": {"keys": {"type": "array", "items": {"anyOf": [_FIELD]}}}},
            "name": {"type": "string"},
        },
    }

    def folds(self, source: SourceDefinition) -> list[Fold[int]]:
        return [_Nothing((self.options["by"], *self.options["units"], *self.options["deeper"]["keys"]))]


OPTIONS = {"by": "mass", "units": {"$.wieght": "kg", "id": "-"}, "deeper": {"keys": ["id", "acc"]}, "name": "absent"}


def told(tmp_path: Path, method: str, text: str) -> list[tuple[str | None, str, str | None]]:
    (tmp_path / "data").write_text(text)
    definition = {"ingestMethod": method, "ingestURL": str(tmp_path / "data"), "checks": {"weighing": OPTIONS}}
    report = Engine(roots=[tmp_path], plugins=[Weighing]).check(definition)
    found = [f for f in report.findings if f.code == "definition/unknown-field"]
    return sorted((f.field, f.samples[0].message, f.samples[0].location.path) for f in found)


def test_columns(tmp_path: Path) -> None:
    why = "but the table has no such column"
    assert told(tmp_path, "CSV", "id,weight\n1,3\n") == [
        ("$.acc", f"checks.weighing.deeper.keys names $.acc, {why}", "/checks/weighing/deeper/keys/1"),
        ("$.mass", f"checks.weighing.by names $.mass, {why}", "/checks/weighing/by"),
        ("$.wieght", f"checks.weighing.units names $.wieght, {why}", "/checks/weighing/units/$.wieght"),
    ]


def test_members_of_records(tmp_path: Path) -> None:
    found = told(tmp_path, "JSON", '[{"id": 1, "weight": 3}, {"id": 2, "acc": null}]')
    # the reader has told of the one that is nearly another
    assert found == [("$.mass", "checks.weighing.by names $.mass, but no record has it", "/checks/weighing/by")]


def test_no_records_lack_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, "CSV", "id,weight\n") == []
