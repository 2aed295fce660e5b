"""Countries under two names: in fields that are called so and hold nothing else, and nowhere else."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.text import TextChecker
from potable.checkers.text.countries import _known, other_names
from potable.checkers.text.spellings import _is_word
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CODE = "text/synonym"
NAMES = ["Germany", "France", "Peru", "United States", "Côte d'Ivoire"]


def found_in(values: list[str], name: str = "country", **members: Any) -> dict[str, list[int]]:
    source = SourceDefinition(resource_id="test", ingest_method="CSV", **members)
    table: dict[str, list[str | None]] = {name: list(values)}
    found = findings_of(TextChecker, table, source=source)
    return {f.code: [s.location.record or 0 for s in f.samples] for f in found}


def of_style(style: int) -> list[str]:
    return [text for text, (of, _) in _known().items() if of == style]


TWO, THREE = ([text for text in of_style(style) if text != "NA"] for style in (2, 3))


@pytest.mark.parametrize(
    ("values", "odd"),
    [
        (["DE", "FR", "Germany"], {"Germany"}),
        (["DE", "DEU", "DE", "Germany"], {"DEU", "Germany"}),
        (["France", "FR", "FRA", "France", "PE", "PE", "Peru"], {"FR", "FRA", "Peru"}),
        (["DE", "FRA", "Peru"], set()),
    ],
)
def test_codes_and_names_in_equal_parts(values: list[str], odd: set[str]) -> None:
    all_of = values * 3
    told = [n for n, text in enumerate(all_of, 1) if text in odd]
    assert found_in(all_of) == ({CODE: told} if told else {})


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        (["DE", "FR", "PE"] * 20, ["DEU", "Germany", "USA", "United States of America", "U.K."]),
        (["GB", "FR", "PE"] * 20, ["UK"]),
        (["DEU", "FRA", "PER"] * 20, ["DE", "US", "Peru", "Ivory Coast"]),
        (NAMES * 20, ["DE", "DEU", "USA", "US", "United States of America", "Cote d'Ivoire"]),
        (TWO * 3, ["DEU"]),
        (THREE * 3, ["DE"]),
        (of_style(0), []),
    ],
)
@pytest.mark.parametrize("name", ["country", "birthCountry", "iso2"])
def test_another_name(usual: list[str], odd: list[str], name: str) -> None:
    assert found_in(usual, name) == {}
    for text in odd:
        assert found_in([*usual, text], name) == {CODE: [len(usual) + 1]}, text
        assert found_in([*usual[:40], text, *usual * 40], name) == {CODE: [41]}
        assert found_in([*usual * 40, text], name) == {CODE: [40 * len(usual) + 1]}, "behind the first records"


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        (NAMES * 20, "UK"),  # the only name of it that is there
        (NAMES * 20, "BRA"),
        (["DE", "FR", "PE"] * 20, "GER"),  # of sports
        (["DE", "FR", "PE"] * 20, "UK"),  # of the EU
        (["DEU", "FRA", "PER"] * 20, "UAE"),
        (["DE", "FR", "PE"] * 20, "EU"),
        (["DE", "FR", "PE"] * 20, "de"),
        (["Deutschland", "France", "Peru"] * 20, "DE"),
        (["Korea", "Congo", "Peru"] * 20, "KOR"),
        (["USA"] * 90 + ["CAN"] * 5 + ["Peru", "Mexico"] * 2, "Cuba"),
        (["US"] * 90 + ["Peru", "Mexico"] * 2, "Cuba"),
        (["DE", "FR"] * 50, "Cuba"),
        (["DE", "FR", "PE", "Cuba"] * 50, "Mexico"),
        (["DE", "FR"], "DEU"),  # too few to tell what is usual
    ],
)
def test_what_is_no_other_name(usual: list[str], odd: str) -> None:
    assert CODE not in found_in([*usual, odd])


@pytest.mark.parametrize("name", ["team", "state", "language", "v"])
def test_fields_of_something_else(name: str) -> None:
    assert CODE not in found_in([*["DE", "FR", "PE"] * 20, "DEU"], name)
    assert CODE not in found_in([*TWO * 3, "DEU"], name)


def test_places_and_words(check: Check) -> None:
    rows = "".join(f'{n},"two\nlines",{country}\n' for n, country in enumerate(["DE", "DE", "FR", "PE"] * 15, start=1))
    report = check(f"id,note,country\n{rows}61,x,DEU\n", primaryKey="id")
    (found,) = report.findings
    sample = found.samples[0]
    assert (found.code, found.field, found.count) == (CODE, "$.country", 1)
    assert (sample.location.record, sample.location.line, sample.value, sample.key) == (61, 122, "DEU", "61")
    assert sample.message == '"DEU" is another name for a value of the field: most are DE, FR, PE'


def test_the_list_is_sound() -> None:
    assert len(of_style(2)) == len(of_style(3)) == 249
    assert all(len(text) == 2 and text.isupper() for text in of_style(2))
    assert all(len(text) == 3 and text.isupper() for text in of_style(3))
    assert all(_is_word(text) for text in _known())
    assert {country for _, country in _known().values()} == set(of_style(2))


@given(st.dictionaries(st.sampled_from(sorted(_known())), st.integers(1, 9), max_size=30))
@settings(max_examples=200)
def test_the_usual_name_is_of_the_same_country_and_is_no_other(votes: dict[str, int]) -> None:
    others = other_names(votes)
    assert all(_known()[text][1] == _known()[usual][1] for text, usual in others.items())
    assert others.keys().isdisjoint(others.values())


def test_any_cutting_gives_the_same() -> None:
    chance = random.Random(8)
    table: dict[str, list[str | None]] = {
        "country": [chance.choice([*TWO, *TWO, "DEU", "", None, "Germany"]) for _ in range(300)],
        "nation": [chance.choice(["Germany", "Peru", "PE", "x"][: 3 + (n > 280)]) for n in range(300)],
        "team": [chance.choice(TWO) for _ in range(300)],
    }
    check_checker(TextChecker, table, cuttings=8)
