"""No false alarms: all default checkers over clean tables of the real world.

The tables come with packages that others keep, and with the examples. What is reported of them was looked at one by
one: it's true, and it stays what it is.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from potable.engine import Engine
from potable.engine.contracts.report import Report

ROOT = Path(__file__).parents[2]
DATA = ROOT / "examples" / "catalog" / "data"
NEW = ("spreadsheet", "dates", "numbers", "identifiers", "drift", "accounting")


def package(name: str, *path: str) -> Path:
    spec = find_spec(name)
    assert spec is not None, f"the package {name} isn't installed; it's in the group test"
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0], *path)


def told(report: Report) -> list[tuple[str, str | None, int]]:
    return sorted((f.code, f.field, f.count) for f in report.findings)


def test_airports() -> None:
    """28,000 airports: names, codes, places, time zones (airportsdata, MIT)."""
    report = Engine().check(package("airportsdata", "airports.csv"), primary_key="icao")
    assert report.verdict == "passed"
    assert report.counts.records > 28_000
    assert [f.code for f in report.findings if f.checker in NEW] == []
    assert report.counts.errors == 0
    codes = {(f.code, f.field) for f in report.findings}
    # NA is Namibia, NAN is Nadi, Nan a province of Thailand
    assert codes <= {
        ("text/whitespace", "$.name"),  # blanks that are doubled indeed
        ("text/whitespace", "$.city"),
        ("text/invisible-character", "$.name"),  # a soft hyphen
        ("text/lost-character", "$.name"),  # L?liang is Lüliang
        ("text/lost-character", "$.city"),  # and C?bano is Cóbano
    }


def test_papers() -> None:
    """Papers and the ORCID iDs of their curators (bioregistry, CC0)."""
    report = Engine().check(package("bioregistry", "data", "curated_papers.tsv"))
    assert (report.verdict, told(report)) == ("passed", [])
    assert report.metrics["identifiers"]["kinds"] == {"$.orcid": "orcid", "$.pubmed": "pmid"}


@pytest.mark.parametrize(
    ("standard", "key", "records"),
    [
        ("3166-1", "alpha_2", 200),  # countries, among them Namibia, NA
        ("3166-2", "code", 4_000),  # their provinces
        ("3166-3", "alpha_4", 30),  # countries that are no more
        ("4217", "alpha_3", 150),  # currencies
        ("639-3", "alpha_3", 7_000),  # languages, among them nan
        ("639-5", "alpha_3", 100),  # families of languages
        ("15924", "alpha_4", 200),  # scripts
    ],
)
def test_codes_of_the_iso(standard: str, key: str, records: int) -> None:
    """Countries, currencies, languages, scripts, with their names in their own spelling (pycountry, LGPL)."""
    file = package("pycountry", "databases", f"iso{standard}.json")
    report = Engine().check(file, documentElement=standard, primary_key=key)
    apart = [("text/decomposed", "$.name", 1)] if standard == "639-3" else []  # Daatsʼíin, beside Apalaí
    assert (report.verdict, told(report)) == ("passed", apart)
    assert report.counts.records >= records


@pytest.mark.parametrize(
    "language", ["ar", "de", "el", "fa", "fr", "he", "hi", "ja", "ka", "ko", "pl", "ru", "th", "tr", "vi", "zh"]
)
def test_names_of_countries(language: str) -> None:
    """In many scripts (country-list, MIT)."""
    file = package("country_list", "country_data", "data", language, "country.csv")
    report = Engine().check(file, primary_key="id")
    assert (report.verdict, told(report)) == ("passed", [])
    assert report.counts.records > 240


def test_currencies_as_the_agency_publishes_them() -> None:
    """ISO 4217's list one (iso4217, public domain), XML. A name ends in a no-break space, and some units are N.A."""
    report = Engine().check(
        package("iso4217", "table.xml"), ingestMethod="XML", topElement="CcyTbl", documentElement="CcyNtry"
    )
    assert (report.verdict, report.counts.errors) == ("passed", 0)
    found = {(f.code, f.field): [s.value for s in f.samples] for f in report.findings}
    assert found.keys() == {
        ("text/invisible-character", "$.CcyNtry.CtryNm.'_$'"),
        ("text/placeholder", "$.CcyNtry.CcyMnrUnts.'_$'"),
    }
    assert found["text/invisible-character", "$.CcyNtry.CtryNm.'_$'"] == ["INTERNATIONAL MONETARY FUND (IMF)\u00a0"]
    assert set(found["text/placeholder", "$.CcyNtry.CcyMnrUnts.'_$'"]) == {"N.A."}


@pytest.mark.parametrize(
    ("file", "records", "findings"),
    [
        ("countries.csv", 250, [
            ("text/whitespace", "$.'translations.kor.official'", 1),
            ("text/whitespace", "$.'translations.pol.official'", 1),
            ("text/whitespace", "$.'translations.urd.official'", 3),
        ]),
        ("penguins.csv", 344, [("text/placeholder", f"$.{f}", n) for f, n in (
            ("bill_depth_mm", 2), ("bill_length_mm", 2), ("body_mass_g", 2), ("flipper_length_mm", 2), ("sex", 11))]),
    ],
)  # fmt: skip
def test_examples(file: str, records: int, findings: list[tuple[str, str, int]]) -> None:
    report = Engine().check(DATA / file)
    assert (report.verdict, report.counts.records, report.counts.errors) == ("passed", records, 0)
    assert told(report) == findings


def test_the_examples_as_their_definitions_say() -> None:
    """Countries, penguins, raw penguins with dates and units, negative mappings with CURIEs and ORCID iDs."""
    engine = Engine(catalog=ROOT / "examples" / "catalog")
    reports = [engine.run(source) for source in engine.sources()]
    assert sum(r.counts.records for r in reports) > 3_000
    assert [told(r) for r in reports if any(f.checker in NEW for f in r.findings)] == []
    assert [c for r in reports for c in r.coverage if c.status == "crashed"] == []
