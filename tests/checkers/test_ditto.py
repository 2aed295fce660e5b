"""Signs for the value above; and texts that look like one."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from potable.checkers.text import TextChecker
from potable.checkers.text.words import DITTO, PLACEHOLDERS, spellings
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CODE = "text/ditto"
SITES = ["Elbe", "Saale near Jena", "Unstrut", "Rhine (left bank)"] * 5


def found_in(values: list[str | None], options: dict[str, Any] | None = None, **members: Any) -> dict[str, list[int]]:
    source = SourceDefinition(resource_id="test", ingest_method="CSV", **members)
    found = findings_of(TextChecker, {"v": list(values)}, source=source, options=options or {})
    return {f.code: [s.location.record or 0 for s in f.samples] for f in found}


@pytest.mark.parametrize("mark", DITTO)
def test_marks_for_the_value_above(mark: str) -> None:
    assert found_in([*SITES, mark, "Elbe", mark]) == {CODE: [21, 23]}
    assert found_in(["Elbe", mark, mark]) == {CODE: [2, 3]}
    assert found_in([*SITES * 100, mark, mark]) == {CODE: [2_001, 2_002]}, "behind the first records"
    assert mark not in spellings(PLACEHOLDERS)


@pytest.mark.parametrize(
    "values",
    [
        ["Bulbasaur", "Ditto", "Mew"] * 1,  # a name
        ['"', "Elbe", '"'],  # there's none above
        ["The", "wren", ",", '"', "she", "said", '"', "."],  # a text, word by word
        ["'", '"', "°", '"'] * 5,  # units
        ['"', '"'],
        ['5"', '7"', '5"'],
        ["do", "re", "mi", "do", "idem dito"] * 3,
        [*SITES, '"'],
    ],
)
def test_what_is_none(values: list[str | None]) -> None:
    assert CODE not in found_in(values)


def test_beside_placeholders() -> None:
    values: list[str | None] = [*SITES, "〃", "-", "〃", "n/a"]
    assert found_in(values) == {CODE: [21, 23], "text/placeholder": [22, 24]}
    assert found_in(values, severity={"text/placeholder": "off"}) == {CODE: [21, 23]}
    assert found_in(values, severity={CODE: "off"}) == {"text/placeholder": [22, 24]}
    assert found_in(values, {"placeholders": []}) == {CODE: [21, 23]}
    assert found_in(values, {"placeholders": ["〃"]}) == {"text/placeholder": [21, 23]}
    assert found_in(values, missing_values=("〃", "-", "n/a")) == {}


def test_places_and_words(check: Check) -> None:
    rows = "".join(f'{n},"two\nlines",{site}\n' for n, site in enumerate(SITES, start=1))
    report = check(f'id,note,site\n{rows}21,x,""""\n22,y,""""\n', primaryKey="id")
    (found,) = report.findings
    sample = found.samples[0]
    assert (found.code, found.field, found.count) == (CODE, "$.site", 2)
    assert (sample.location.record, sample.location.line, sample.value, sample.key) == (21, 42, '"', "21")
    assert sample.message == "'\"' seems to stand for the value above it"


def test_any_cutting_gives_the_same() -> None:
    chance = random.Random(6)
    table: dict[str, list[str | None]] = {
        "v": [chance.choice([*SITES, '"', "n/a", "", None]) for _ in range(200)],
        "w": [chance.choice(["a", "〃", "," if n > 150 else "b"]) for n in range(200)],
    }
    check_checker(TextChecker, table, cuttings=8)
