"""Identifiers: malformed ones at their place, check digits as a well-kept library computes them, prefixes."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import stdnum.ean
import stdnum.isbn
import stdnum.issn
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from potable.checkers.identifiers import IdentifiersChecker, checksums, registry
from potable.checkers.identifiers.kinds import SHAPES, Curie, Verdict, kind_of
from potable.engine.contracts.report import Report
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
Found = dict[str, list[int]]
MIXED = "identifiers/mixed-forms"


def found_in(values: list[str | None], name: str = "v", kind: str | None = None, **options: Any) -> Found:
    if kind is not None:
        options["fields"] = {name: kind}
    findings = findings_of(IdentifiersChecker, {name: values}, options=options)
    return {f.code: [s.location.record or 0 for s in f.samples] for f in findings}


def test_places_and_words(check: Check) -> None:
    terms = "".join(f"{n},GO:00081{n}\n" for n in range(50, 70))
    report = check(f"id,term\n{terms}1,GO:815\n2,GOO:0008150\n", primaryKey="id")
    told = [(f.code, str(f.severity), f.field, f.count, f.samples[0], f.details) for f in report.findings]
    assert [(c, v, n, k, s.location.record, s.location.line, s.value, s.key, d) for c, v, n, k, s, d in told] == [
        ("identifiers/malformed", "error", "$.term", 1, 21, 22, "GO:815", "1", {"kind": "curie"}),
        ("identifiers/unknown-prefix", "warning", "$.term", 1, 22, 23, "GOO:0008150", "2", {"kind": "curie"}),
    ]
    assert told[0][4].message == '"GO:815" isn\'t an identifier of its prefix'
    assert report.metrics["identifiers"]["kinds"] == {"$.term": "curie"}
    assert report.metrics["identifiers"]["registry"].startswith("bioregistry ")


@pytest.mark.parametrize(
    ("checks", "told", "kinds"),
    [
        ({}, {"$.mail": "schema/format", "$.code": "schema/pattern"}, {}),
        (
            {"schema": False},
            {"$.mail": "identifiers/malformed", "$.code": "identifiers/odd-shape"},
            {"$.mail": "email"},
        ),
    ],
    ids=["schema", "without"],
)
def test_what_a_schema_says_of_a_fields_form_is_told_by_its_checker(
    check: Check, checks: dict[str, Any], told: dict[str, str], kinds: dict[str, str]
) -> None:
    rows = "".join(f"{n},p{n}@example.org,SMP-{n:04}\n" for n in range(60))
    mail = {"name": "mail", "type": "string", "format": "email"}
    code = {"name": "code", "type": "string", "constraints": {"pattern": "SMP-[0-9]{4}"}}
    schema = {"fields": [{"name": "id"}, mail, code]}
    report = check(f"id,mail,code\n{rows}60,p60@example,SMP_0060\n", tableSchema=schema, checks=checks)
    assert {f.field: f.code for f in report.findings} == told
    assert [s.location.record for f in report.findings for s in f.samples] == [61, 61]
    assert report.metrics.get("identifiers", {}).get("kinds", {}) == kinds


WELL_FORMED = {
    "rrid": ["RRID:AB_2534069", "RRID:SCR_013731", "RRID:CVCL_0007", "RRID:Addgene_44362", "RRID:IMSR_JAX:000664",
             "RRID:NXR_1019", "RRID:MGI:3694817", "RRID:SAMN08179121", "AB_2534069", "RRID:nif-0000-30467"],
    "doi": ["10.1038/s41597-022-01807-3", "doi:10.1000/182", "https://doi.org/10.1000/182", "10.1002/(SICI)1097-4571"],
    "orcid": ["0000-0002-1825-0097", "0000-0002-1694-233X", "https://orcid.org/0000-0002-1825-0097"],
    "pmid": ["1", "36302776", "PMID:36302776", "https://pubmed.ncbi.nlm.nih.gov/36302776/"],
    "uuid": ["550e8400-e29b-41d4-a716-446655440000", "{550E8400-E29B-41D4-A716-446655440000}"],
    "issn": ["0378-5955", "2049-3630", "ISSN 0378-5955", "1050-124X"],
    "isbn": ["978-3-16-148410-0", "9783161484100", "0-306-40615-2", "080442957X", "ISBN 978-3-16-148410-0"],
    "url": ["https://example.org", "http://a.b/c?d=e#f", "ftp://x.org/y", "http://[::1]:8080/", "https://münchen.de/ä",
            "HTTPS://EXAMPLE.ORG/", "https://user@example.org:80/"],
    "email": ["ann@example.org", "a.b+c@sub.example.co.uk", "mailto:ann@example.org", "Ann Lee <ann@example.org>",
              "a@b.de; c@d.de", "müller@köln.de", "x@[192.0.2.1]", "o'neil_1@example.museum"],
    "curie": ["GO:0008150", "chebi:15377", "CHEBI:15377", "HGNC:16793", "mesh:C000100", "ncbitaxon:9606"],
    "hgnc": ["16793", "HGNC:16793", "hgnc:1"],
    "ensembl": ["ENSG00000139618", "ensembl:ENSG00000139618"],
}  # fmt: skip
MALFORMED = {
    "rrid": ["RRID:SCR_13731", "RRID:AB2534069", "RRID: AB_1", "RRID:CVCL_007", "unknown", "RRID:", "rrid:AB_1"],
    "doi": ["10.1/x", "10.1038", "doi.org/10.1038/x y", "11.1038/x", "x"],
    "orcid": ["0000-0002-1825-009", "0000000218250097", "0000-0002-1825-00977", "x"],
    "pmid": ["0", "012", "PMC123456", "123456789", "36302776.1"],
    "uuid": ["550e8400-e29b-41d4-a716-44665544000", "550e8400e29b41d4a716446655440000",
             "550g8400-e29b-41d4-a716-446655440000"],
    "issn": ["03785955", "0378-595", "0378-59555", "x"],
    "isbn": ["978-3-16-148410", "123", "977-3-16-148410-0", "x"],
    "url": ["www.example.org", "https//example.org", "http://", "https://exa mple.org", "https://example.org/a b",
            "mailto:a@b.de"],
    "email": ["ann@example", "ann at example.org", "ann@@example.org", "ann@example,org", "@example.org",
              "ann example@example.org", "ann@example..org", "ann(at)example.org", "x"],
    "curie": ["GO0008150", "GO:815", "GO:00081500", "HGNC:x1", "http://example.org", ":1"],
    "hgnc": ["x", "1234567", "GO:0008150"],
}  # fmt: skip


@pytest.mark.parametrize("kind", WELL_FORMED)
def test_well_formed_ones(kind: str) -> None:
    assert found_in([*WELL_FORMED[kind], None, ""], kind=kind).keys() <= {MIXED}


@pytest.mark.parametrize("kind", MALFORMED)
def test_malformed_ones(kind: str) -> None:
    for text in MALFORMED[kind]:
        found = found_in([*WELL_FORMED[kind], text], kind=kind)
        found.pop(MIXED, None)
        assert found == {"identifiers/malformed": [len(WELL_FORMED[kind]) + 1]}, text


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [("orcid", "0000-0002-1825-0098"), ("issn", "0378-5954"), ("isbn", "9783161484101"), ("isbn", "0306406153")],
)
def test_check_digits(kind: str, wrong: str) -> None:
    assert found_in([WELL_FORMED[kind][0], wrong], kind=kind) == {"identifiers/checksum": [2]}


@pytest.mark.parametrize("odd", ["ann@example", "ann at example.org", "ann [at] example.org", "ann@example,org"])
def test_what_is_meant_as_an_address_in_a_field_that_nobody_names(odd: str) -> None:
    addresses: list[str | None] = [f"a{n}@example.org" for n in range(20)]
    assert found_in([*addresses, odd]) == {"identifiers/malformed": [21]}
    assert found_in([*addresses, "none", "Ann Lee", "at home", ""]) == {}


@pytest.mark.parametrize("odd", ["https://example.org/a b", "www.example.org/x", "/page/17", "https//example.org/a"])
def test_what_is_meant_as_a_url_in_a_field_that_nobody_names(odd: str) -> None:
    urls: list[str | None] = [f"https://example.org/{n}" for n in range(20)]
    assert found_in([*urls, odd]) == {"identifiers/malformed": [21]}
    assert found_in([*urls, "none", "https://a.org https://b.org", "see https://a.org", "a/b", ""]) == {}


def digits(size: int) -> st.SearchStrategy[str]:
    return st.from_regex(rf"[0-9]{{{size - 1}}}[0-9X]", fullmatch=True)


@given(st.lists(digits(16), min_size=1), st.lists(digits(8), min_size=1), st.lists(digits(10) | digits(13), min_size=1))
def test_check_digits_are_those_of_another_library(orcids: list[str], issns: list[str], isbns: list[str]) -> None:
    dashed = [f"{t[:4]}-{t[4:8]}-{t[8:12]}-{t[12:]}" for t in orcids]
    assert checksums.orcid(pl.Series(dashed)).to_list() == [mod_11_2.is_valid(t) for t in orcids]
    dashed = [f"{t[:4]}-{t[4:]}" for t in issns]
    assert checksums.issn(pl.Series(dashed)).to_list() == [stdnum.issn.is_valid(t) for t in dashed]
    for text, fits in zip(isbns, checksums.isbn(pl.Series(isbns)), strict=True):
        valid = stdnum.isbn.is_valid(text)
        assert fits == valid or (len(text) == 13 and text[:3] not in ("978", "979"))


@given(st.from_regex(r"97[89][0-9]{9}", fullmatch=True))
def test_one_check_digit_fits_an_isbn(stem: str) -> None:
    fits = checksums.isbn(pl.Series([stem + last for last in "0123456789X"])).to_list()
    assert [n for n, right in enumerate(fits) if right] == [int(stdnum.ean.calc_check_digit(stem))]


def test_what_is_missing_has_no_check_digit() -> None:
    for fits in (checksums.isbn, checksums.issn, checksums.orcid):
        assert fits(pl.Series([None, "", None], dtype=pl.String)).to_list() == [False] * 3


def test_an_x_stands_for_ten_at_the_end_alone() -> None:
    assert checksums.isbn(pl.Series(["0X00000009", "080442957X"])).to_list() == [False, True]
    assert checksums.issn(pl.Series(["0X000007", "0000000X"])).to_list() == [False, False]


def test_columns_are_taken_for_what_they_hold() -> None:
    for kind in ("rrid", "doi", "orcid", "uuid", "url"):
        plain = [t for t in WELL_FORMED[kind] if not t.startswith("AB_")]
        values: list[str | None] = [*plain * 5, *["see note"] * 2]
        kinds = findings_metrics(values)
        assert kinds == {"$.v": kind}
    assert findings_metrics(["0378-5955"] * 9) == {}
    assert findings_metrics(["0378-5955"] * 9, name="ISSN") == {"$.ISSN": "issn"}
    assert findings_metrics(["36302776"] * 9) == {}
    assert findings_metrics(["36302776"] * 9, name="pubmed_id") == {"$.pubmed_id": "pmid"}
    assert findings_metrics(["a:1", "b:2", "note:x"] * 9) == {}


def findings_metrics(values: list[str | None], name: str = "v") -> dict[str, str]:
    from potable.engine import Engine

    report = Engine().check(pl.DataFrame({name: values, "n": range(len(values))}))
    kinds: dict[str, str] = report.metrics.get("identifiers", {}).get("kinds", {})
    return kinds


@pytest.mark.parametrize(
    ("sound", "said", "wrong"),
    [
        ("0000-0002-1825-0097", ["n/a", "unknown author"], "0000-0002-1825-009"),
        ("10.1038/x", ["in press", "https://example.org"], "10.1038"),
        ("https://example.org/x", ["see text", "none", "https://a.b/ and https://c.d/"], "http:/example.org"),
        ("RRID:AB_2534069", ["homemade", "gift"], "RRID:AB2534069"),
        ("GO:0008150", ["none", "no term: unknown"], "GO:815"),
    ],
)
def test_in_fields_that_nobody_named_only_what_is_meant_as_one(sound: str, said: list[str | None], wrong: str) -> None:
    values: list[str | None] = [*[sound] * 20, *said]
    assert found_in(values) == {}
    assert found_in([*values, wrong]) == {"identifiers/malformed": [len(values) + 1]}
    assert found_in([*values, wrong], **{"except": ["v"]}) == {}


def test_deprecated_prefixes() -> None:
    assert found_in(["GO:0008150"] * 9 + ["kegg:hsa00190"]) == {"identifiers/deprecated-prefix": [10]}


def test_versions() -> None:
    code = "identifiers/version-suffix"
    assert found_in(["HGNC:16793"] * 9 + ["HGNC:16793.1"]) == {code: [10]}
    assert found_in(["ENSG00000139618", "ENSG00000141510", "ENSG00000139618.2"], kind="ensembl") == {code: [3]}
    assert found_in(["ENSG00000139618.2", "ENSG00000141510.1"], kind="ensembl") == {}
    assert found_in(["NM_000546.6", "NM_000546.5", "NM_000546"], kind="refseq") == {}


def test_a_kind_that_is_not_known(lint: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    (said,) = lint(checks={"identifiers": {"fields": {"a": "orcidd"}}})
    assert (said.code, said.message) == (
        "definition/bad-value", "'orcidd' is no known kind of identifier; did you mean orcid?",
    )  # fmt: skip
    assert [o.code for o in lint(checks={"identifiers": {"fields": {"$.a b": "doi"}}})] == ["definition/bad-path"]


def test_without_the_registry(check: Check, lint: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "PACKAGE", "no_such_package")
    registry.registry.cache_clear()
    kind_of.cache_clear()
    try:
        text = "a,b\n" + "GO:0008150,0000-0002-1825-0098\n" * 9
        report = check(text, checks={"rows": False})
        assert [f.code for f in report.findings] == ["identifiers/checksum"]
        assert report.metrics["identifiers"] == {"kinds": {"$.b": "orcid"}, "registry": "not installed"}
        (said,) = lint(checks={"identifiers": {"fields": {"a": "hgnc"}}})
        assert "potable-checkers[identifiers]" in said.message
    finally:
        registry.registry.cache_clear()
        kind_of.cache_clear()


def test_the_registry_s_own_examples_are_well_formed() -> None:
    """Each record of the Bioregistry has an example: none of them may be called malformed."""
    spec = find_spec("bioregistry")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    records = json.loads(Path(spec.submodule_search_locations[0], "data", "bioregistry.json").read_text())
    examples = [
        f"{prefix}:{r['example']}" for prefix, r in records.items() if r.get("example") and " " not in r["example"]
    ]
    assert len(examples) > 1000
    curie = kind_of("curie")
    assert isinstance(curie, Curie)
    verdicts = curie.verdicts(pl.Series(examples), named=False).to_list()
    wrong = [
        e for e, v in zip(examples, verdicts, strict=True) if v in (Verdict.MALFORMED, Verdict.UNKNOWN, Verdict.VERSION)
    ]
    assert wrong == []


def test_shapes_are_told_apart() -> None:
    for shape in SHAPES:
        if shape.name in ("pmid", "issn", "isbn"):
            continue
        for kind, texts in WELL_FORMED.items():
            if kind != shape.name and kind in ("orcid", "uuid", "rrid"):
                plain = pl.Series([t for t in texts if not t.startswith(("http", "AB_"))])
                assert not shape.alike(plain).any(), (shape.name, kind)


VALUES = st.sampled_from(
    ["GO:0008150", "GO:0032571", "GO:815", "GOO:1", "kegg:hsa00190", "HGNC:1.1", "0000-0002-1825-0097", "", None, "x",
     "0000-0002-1825-0098", "https://example.org", "http:/x", "10.1038/x"]
)  # fmt: skip


@given(
    st.lists(VALUES, max_size=25), st.lists(st.sampled_from(["GO:0008150", "GO:815", "GO:0032571", "x"]), max_size=25)
)
@settings(max_examples=15)
def test_any_cutting_gives_the_same(one: list[str | None], other: list[str]) -> None:
    size = min(len(one), len(other))
    table: dict[str, list[str | None]] = {"a": one[:size], "b": list(other[:size])}
    check_checker(IdentifiersChecker, table, cuttings=3)
    check_checker(IdentifiersChecker, table, options={"fields": {"a": "curie", "b": "go"}}, cuttings=3)


# -- one kind, written in several ways


MANY = 2_500


def numbered(*forms: str) -> list[str | None]:
    return [forms[n % len(forms)].format(n=n) for n in range(MANY)]


@pytest.mark.parametrize("kind", ["rrid", None])
@pytest.mark.parametrize("row", [0, 1_500, MANY - 1])
def test_one_that_is_written_otherwise(kind: str | None, row: int) -> None:
    values = numbered("RRID:AB_{n}")
    values[row] = f"AB_{row}"
    options = {"fields": {"v": kind}} if kind is not None else {}
    (finding,) = findings_of(IdentifiersChecker, {"v": values}, options=options)
    told = (finding.code, finding.severity, finding.field, finding.rule, finding.count)
    assert told == (MIXED, "warning", "$.v", "written bare", 1)
    assert finding.samples[0].message == f'"AB_{row}" is written bare, others of the field with RRID:'
    assert finding.samples[0].location.record == row + 1
    assert finding.details == {"kind": "rrid", "forms": {"with RRID:": MANY - 1, "bare": 1}}


def test_half_of_them_are_written_otherwise() -> None:
    (finding,) = findings_of(IdentifiersChecker, {"v": numbered("SCR_01{n:04}", "RRID:SCR_01{n:04}")})
    assert (finding.rule, finding.count, finding.samples[1].location.record) == ("written bare", MANY // 2, 3)


@pytest.mark.parametrize("bounds", [(), (200,), (1, 2, 150, 200, 1_100), (200, 600, 900)])
def test_the_usual_way_is_that_of_all_values_wherever_their_kind_showed(bounds: tuple[int, ...]) -> None:
    """Of the first 200 values too few are RRIDs for telling by themselves what these are."""
    early = [text for n in range(100) for text in (f"AB_{n}", "see the note")]
    late = [f"RRID:AB_{n}" if n < 899 else f"AB_{n}" for n in range(900, 0, -1)]
    table: dict[str, list[str | None]] = {"v": [*early, *late, *(f"AB_{n}" for n in range(795))]}
    (finding,) = [f for f in findings_of(IdentifiersChecker, table, bounds=bounds) if f.code == MIXED]
    assert (finding.rule, finding.count, finding.samples[0].location.record) == ("written bare", 897, 1)
    assert finding.details == {"kind": "rrid", "forms": {"with RRID:": 898, "bare": 897}}


def test_a_sample_of_the_source_does_not_tell_which_way_is_usual() -> None:
    assert {c.id: c.dataset for c in IdentifiersChecker.codes}[MIXED]


def test_each_other_way_is_a_finding_of_its_own() -> None:
    values = numbered("10.1234/a{n}", "10.1234/b{n}", "https://doi.org/10.1234/{n}", "doi:10.1234/{n}", "see note {n}")
    found = findings_of(IdentifiersChecker, {"v": values})
    assert [(f.rule, f.count) for f in found] == [("written as a URL", MANY // 5), ("written with doi:", MANY // 5)]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (numbered("AB_{n}"), None),
        (numbered("RRID:AB_{n}", "RRID:SCR_01{n:04}"), None),
        (numbered("RRID:AB_{n}", "RRID:AB_{n}", "RRID:AB_{n}", "RRID:AB_{n}", "not known"), None),
        (numbered("10.1234/{n}", "10.1234/b{n}", "10.1234/c{n}", "10.1234/d{n}", "https://example.org/{n}"), None),
        (numbered("https://doi.org/10.1234/{n}", "http://dx.doi.org/10.1234/b{n}"), "doi"),
        (numbered("https://example.org/{n}", "http://example.org/{n}"), None),
        (numbered("GO:000{n:04}"), "go"),
        (numbered("000{n:04}"), "go"),
    ],
)
def test_all_are_written_in_one_way(values: list[str | None], kind: str | None) -> None:
    options = {"fields": {"v": kind}} if kind is not None else {}
    assert findings_of(IdentifiersChecker, {"v": [*values, None, ""]}, options=options) == ()


def test_any_cutting_finds_the_same_ways() -> None:
    values = numbered("10.1234/{n}", "10.1234/b{n}", "doi:10.1234/{n}", "10.1234/c{n}")
    check_checker(IdentifiersChecker, {"v": values[:60], "w": [*values[2:20], *[None] * 42]}, cuttings=3)
    check_checker(IdentifiersChecker, {"v": values[:60]}, options={"fields": {"v": "doi"}}, cuttings=3)


def test_forms_that_occur_only_where_the_kind_was_not_known_yet() -> None:
    plain, others = [f"doi:10.1000/a{n}" for n in range(20)], [f"x{n}" for n in range(5)]
    values = [*plain, *others, "10.1000/z", "10.1000/y", "x6", *plain]
    for bounds in ((), (20, 28), range(4, 48, 4)):
        found = [f for f in findings_of(IdentifiersChecker, {"v": values}, bounds=bounds) if f.code.endswith("forms")]
        assert [(f.count, [s.location.record for s in f.samples]) for f in found] == [(2, [26, 27])]
