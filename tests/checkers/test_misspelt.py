"""Misspelt categories: slips in long words, rare beside the right one; and words that only look like slips."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.text import TextChecker
from potable.checkers.text.misspellings import misspelt
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CODE = "text/misspelt"
SPECIES = ["Homo sapiens", "Mus musculus", "Danio rerio (zebrafish)", "Saccharomyces cerevisiae"] * 30


def found_in(values: list[str], name: str = "species", **members: Any) -> dict[str, list[int]]:
    source = SourceDefinition(resource_id="test", ingest_method="CSV", **members)
    table: dict[str, list[str | None]] = {name: list(values)}
    found = findings_of(TextChecker, table, source=source)
    return {f.code: [s.location.record or 0 for s in f.samples] for f in found}


@pytest.mark.parametrize(
    "odd", ["Homo sapines", "Mus muscluus", "Danio rerio (zebrafsih)", "Danio rerio (zebrfish)", "Mus muscullus",
            "Saccharomyces cervisiae", "Sacharomyces cerevisiae", "Saccharomyces cerrevisiae"],
)  # fmt: skip
def test_a_slip(odd: str) -> None:
    assert found_in(SPECIES) == {}
    assert found_in([*SPECIES, odd]) == {CODE: [121]}
    assert found_in([*SPECIES[:50], odd, *SPECIES * 40]) == {CODE: [51]}
    assert found_in([*SPECIES * 40, odd, odd]) == {CODE: [4_801, 4_802]}, "behind the first records"


@pytest.mark.parametrize(
    "odd",
    [
        "Homo sapien",  # at the end
        "Homo sapienss",
        "Homo sapins",  # too short for a letter less
        "Omho sapiens",
        "Homo sapeens",  # two
        "Pan paniscus",
        "Saccharomyces cerevisiaa",
    ],
)
def test_what_is_no_slip(odd: str) -> None:
    assert CODE not in found_in([*SPECIES, odd])


@pytest.mark.parametrize(
    ("usual", "other"),
    [
        ("County", "Country"),
        ("licensee", "license"),
        ("licensees", "licenses"),
        ("étudiantes", "étudiants"),
        ("employées", "employés"),
        ("Countries", "Counties"),
        ("Compliant", "Complaint"),
        ("committee", "committe"),
        ("Engineer II", "Engineer III"),
        ("ACGTTGCAACGT", "ACGTTGCACGT"),
        ("acgttgcaacgt", "acgttgcacgt"),
        ("Gruppe Männer", "Gruppe Männer und Frauen"),
        ("sodium sulfate", "sodium sulfite"),
        ("abduction", "adduction"),
    ],
)
def test_words_that_differ_by_a_letter(usual: str, other: str) -> None:
    assert CODE not in found_in([usual, "something else"] * 60 + [other], "v")


@pytest.mark.parametrize("name", ["collector", "Author", "last_name", "Names", "identifiedBy", "gene", "file"])
def test_names_differ_by_a_letter(name: str) -> None:
    assert CODE not in found_in(["Hoffmann", "Anderssen"] * 60 + ["Hofmann"], name)
    for other in ("city", "family", "scientificName", "country_name"):
        assert found_in(["Hoffmann", "Anderssen"] * 60 + ["Hofmann"], other) == {CODE: [121]}


@pytest.mark.parametrize(("number", "found"), [(5, 5), (6, 0)])
def test_what_is_frequent_is_meant(number: int, found: int) -> None:
    values = ["permanent crops", "arable land"] * 100
    more = ["permaennt crops", "arable land"] * number
    assert len(found_in([*values, *more]).get(CODE, [])) == found
    later = ["permanent crops"] * 1_000 + ["arable land"] * 4_000 + ["permannent crops"] * 400
    assert found_in(later) == {}, "a category of which the first records have none"


def test_places_and_words(check: Check) -> None:
    rows = "".join(f'{n},"two\nlines",{species}\n' for n, species in enumerate(SPECIES, start=1))
    report = check(f"id,note,species\n{rows}121,x,Homo sapines\n", primaryKey="id")
    (found,) = report.findings
    sample = found.samples[0]
    assert (found.code, found.field, found.count) == (CODE, "$.species", 1)
    assert (sample.location.record, sample.location.line, sample.value, sample.key) == (121, 242, "Homo sapines", "121")
    assert sample.message.startswith('"Homo sapines" seems to be misspelt')


def test_each_can_be_switched_off_by_itself() -> None:
    values = [*SPECIES, "homo sapiens", "Homo sapines"]
    assert found_in(values) == {CODE: [122], "text/mixed-case": [121]}
    assert found_in(values, severity={CODE: "off"}) == {"text/mixed-case": [121]}
    assert found_in(values, severity={"text/mixed-case": "off", "text/synonym": "off"}) == {CODE: [122]}
    enum = {"fields": [{"name": "species", "constraints": {"enum": ["Homo sapines"]}}]}
    assert CODE not in found_in(values, table_schema=enum)


@given(st.text("abcdefghij", min_size=7, max_size=12), st.integers(20, 900))
@settings(max_examples=200)
def test_a_slip_is_one_edit_within(word: str, number: int) -> None:
    for slip, right in misspelt("v", {word: number}).items():
        assert right == word != slip
        assert (slip[0], slip[-1]) == (word[0], word[-1])
        assert sorted(slip) == sorted(word) if len(slip) == len(word) else abs(len(slip) - len(word)) == 1
    assert misspelt("v", {word: 19}) == {}


def test_any_cutting_gives_the_same() -> None:
    chance = random.Random(9)
    odd = ["Homo sapines", "Mus muscullus", "Mus muscluus", "", None]
    table: dict[str, list[str | None]] = {
        "v": [chance.choice(odd if chance.random() < 0.03 else SPECIES) for _ in range(400)],
        "w": [chance.choice(["Homo sapiens", "x y", "Homo sapines" if n > 360 else "z"]) for n in range(400)],
    }
    check_checker(TextChecker, table, cuttings=8)
