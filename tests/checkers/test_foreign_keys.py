"""Foreign keys: to the same source, to a file beside it, to another source of the catalogue."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.keys import KeysChecker
from potable.checkers.keys.absent import Absent
from potable.checkers.keys.distinct import Distinct, hashes, without
from potable.engine import Engine
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Finding
from potable.engine.limits import Limits
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
Lint = Callable[..., Any]


def keys(report: Report) -> list[Finding]:
    assert {c.checker: c.status for c in report.coverage}["keys"] == "ran"
    return [f for f in report.findings if f.checker == "keys"]


def told(report: Report) -> list[tuple[str, str | None, int, list[tuple[int | None, int | None, str | None]]]]:
    return [
        (f.code, f.field, f.count, [(s.location.record, s.location.line, s.value) for s in f.samples])
        for f in keys(report)
    ]


def to_self(fields: Any, targets: Any) -> dict[str, Any]:
    return {"keys": {"foreign_keys": [{"fields": fields, "reference": {"fields": targets}}]}}


# -- the same source ---------------------------------------------------------------------------------------------------


def test_a_field_of_the_same_source(check: Check) -> None:
    report = check("id,parent\n1,\n2,1\n3,9\n4,5\n5,3\n6,9\n", checks=to_self("parent", "id"))
    assert told(report) == [("keys/foreign-missing", "$.parent", 2, [(3, 4, "9"), (6, 7, "9")])]
    (found,) = keys(report)
    assert (found.rule, found.samples[0].message) == ("$.parent -> $.id", "there is no '9' in $.id")
    assert (report.verdict, report.counts.records_with_errors) == ("failed", 2)


def test_the_record_is_named_by_its_own_key(check: Check) -> None:
    report = check("id,lab,parent\n1,a,\n2,a,9\n3,a,8\n", primaryKey=["lab", "id"], checks=to_self("parent", "id"))
    (found,) = [f for f in keys(report) if f.code == "keys/foreign-missing"]
    assert [(s.location.record, s.key, s.value) for s in found.samples] == [(2, "a:2", "9"), (3, "a:3", "8")]


def test_a_reference_forward_is_fine(check: Check) -> None:
    assert told(check("id,parent\n1,2\n2,1\n", checks=to_self("parent", "id"))) == []


def test_keys_of_several_fields(check: Check) -> None:
    text = "a,b,x,y\n1,2,1,2\n1,3,1,3\n2,2,2,3\n3,3,3,\n"
    report = check(text, checks=to_self(["x", "y"], ["a", "b"]))
    assert told(report) == [("keys/foreign-missing", "$.x", 1, [(3, 4, "2:3")])]
    assert keys(report)[0].fields == ("$.x", "$.y")


def test_the_schema_says_so(check: Check) -> None:
    fields = [{"name": "id"}, {"name": "parent", "missingValues": ["", "none"]}]
    foreign = [{"fields": "parent", "reference": {"resource": "", "fields": "id"}}]
    report = check("id,parent\n1,none\n2,7\n", schema={"fields": fields, "foreignKeys": foreign})
    assert told(report) == [("keys/foreign-missing", "$.parent", 1, [(2, 3, "7")])]


def test_a_missing_column_is_told_once(check: Check) -> None:
    report = check("id,parnt\n1,2\n2,3\n", checks=to_self("parent", "id"))
    assert [(f.code, f.count, f.samples[0].message) for f in keys(report)] == [
        ("keys/foreign-missing", 1, "there is no column 'parent', which a foreign key needs; did you mean 'parnt'?")
    ]


def test_each_of_several_values_counts(tmp_path: Path) -> None:
    lines = [{"id": "a", "see": ["b", "x"]}, {"id": "b", "see": ["a"]}, {"id": "c"}, {"id": "d", "see": ["y", "z"]}]
    (tmp_path / "d.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    report = Engine().check(tmp_path / "d.jsonl", checks=to_self("$.see[*]", "id"))
    assert told(report) == [("keys/foreign-missing", "$.see[*]", 2, [(1, 1, "x"), (4, 4, "y")])]


@pytest.mark.parametrize(
    ("path", "nested", "absent"),
    [("refs", [2, 3], [5]), ("$.refs[*]", [6], [2, 3]), ("$.refs.k", [], [3])],
)
def test_what_is_no_value_is_told(tmp_path: Path, path: str, nested: list[int], absent: list[int]) -> None:
    refs = ["a", ["a", "q"], {"k": "z"}, None, "q", [["a"]]]
    lines = [json.dumps({"id": name, "refs": ref}) for name, ref in zip("abcdef", refs, strict=True)]
    if path == "refs":
        lines.pop()
    (tmp_path / "d.jsonl").write_text("\n".join(lines))
    report = Engine().check(tmp_path / "d.jsonl", primary_key="id", checks=to_self(path, "id"))
    found = {code: places for code, _, _, places in told(report)}
    assert [record for record, _, _ in found.get("keys/not-scalar", [])] == nested
    assert [record for record, _, _ in found["keys/foreign-missing"]] == absent


UNIQUE = {"fields": [{"name": "id", "type": "any"}, {"name": "refs", "type": "any"}], "uniqueKeys": [["refs", "id"]]}


@pytest.mark.parametrize("how", [{"checks": {"keys": {"unique": ["refs"]}}}, {"schema": UNIQUE}])
def test_a_further_key_that_is_no_value_is_told(tmp_path: Path, how: dict[str, Any]) -> None:
    refs = ["a", ["a", "q"], {"k": "z"}, None, ["a", "q"]]
    lines = [json.dumps({"id": n, "refs": ref}) for n, ref in enumerate(refs)]
    (tmp_path / "d.jsonl").write_text("\n".join(lines))
    report = Engine().check(tmp_path / "d.jsonl", primary_key="id", **how)
    assert told(report) == [("keys/not-scalar", "$.refs", 3, [(2, 2, None), (3, 3, None), (5, 5, None)])]


def test_a_sample_does_not_decide(check: Check) -> None:
    report = check("id,parent\n1,2\n2,1\n", checks=to_self("parent", "id"), maxDocs=1)
    assert report.findings == ()
    left_out = [c for c in report.coverage if c.reason == "only a part of the source was read"]
    assert "keys/foreign-missing" in next(c.codes for c in left_out if c.checker == "keys")


# -- files and sources -------------------------------------------------------------------------------------------------


def test_a_file_beside_the_definition(check: Check, tmp_path: Path) -> None:
    (tmp_path / "species.csv").write_text("code;name\nW;wren\nR;robin\n")
    reference = {"file": "species.csv", "fields": "code"}
    checks = {"keys": {"foreign_keys": [{"fields": "s", "reference": reference}]}}
    report = check("s;n\nW;1\nX;2\nR;3\n", checks=checks, delimiter=";")
    assert told(report) == [("keys/foreign-missing", "$.s", 1, [(2, 3, "X")])]
    assert keys(report)[0].samples[0].message == "there is no 'X' in $.code of species.csv"


@pytest.fixture
def catalog(tmp_path: Path) -> Callable[..., Report]:
    """``catalog(reference)``: the report of a source that refers to another one."""
    folder = tmp_path / "catalog"
    folder.mkdir()
    (folder / "species.jsonl").write_text('{"id": "W"}\n{"id": "R"}\n')
    (folder / "species.yaml").write_text("resourceID: SPECIES\ningestMethod: JSONL\ningestURL: species.jsonl\n")
    (folder / "gone.yaml").write_text("resourceID: GONE\ningestMethod: CSV\ningestURL: gone.csv\n")
    (folder / "table.yaml").write_text("resourceID: TABLE\ningestMethod: CSV\ningestURL: ids.csv\n")
    (folder / "ids.csv").write_text("Id\nW\n")
    (folder / "seen.csv").write_text("s,n\nW,1\nX,2\n,3\n")

    def run(**reference: str) -> Report:
        schema = {
            "fields": ["s", "n"],
            "foreignKeys": [{"fields": ["s"], "reference": {"fields": ["id"], **reference}}],
        }
        members = {"resourceID": "SEEN", "ingestMethod": "CSV", "ingestURL": "seen.csv", "tableSchema": schema}
        (folder / "seen.json").write_text(json.dumps(members))
        return Engine(folder).run("SEEN")

    return run


def test_another_source_of_the_catalog(catalog: Callable[..., Report]) -> None:
    report = catalog(resource="SPECIES")
    assert told(report) == [("keys/foreign-missing", "$.s", 1, [(2, 3, "X")])]
    assert keys(report)[0].rule == "$.s -> $.id of SPECIES"


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        ("NOWHERE", "there is no source NOWHERE in the catalogue"),
        ("GONE", "(access/not-found)"),
        ("TABLE", "it has no column $.id; did you mean 'Id'?"),
    ],
)
def test_what_cannot_be_looked_at_is_not_passed(catalog: Callable[..., Report], resource: str, why: str) -> None:
    report = catalog(resource=resource)
    (found,) = keys(report)
    assert (found.code, found.field, report.verdict) == ("keys/foreign-unread", "$.s", "inconclusive")
    assert found.samples[0].message.startswith(f"{resource}, which a foreign key refers to, can't be looked at: ")
    assert found.samples[0].message.endswith(why)


def test_a_data_package(tmp_path: Path) -> None:
    foreign = [{"fields": "s", "reference": {"resource": "species", "fields": "id"}}]
    package = {
        "name": "birds",
        "resources": [
            {"name": "species", "path": "species.csv", "schema": {"fields": [{"name": "id"}]}},
            {"name": "seen", "path": "seen.csv", "schema": {"fields": [{"name": "s"}], "foreignKeys": foreign}},
        ],
    }
    (tmp_path / "datapackage.json").write_text(json.dumps(package))
    (tmp_path / "species.csv").write_text("id\nW\n")
    (tmp_path / "seen.csv").write_text("s\nW\nX\n")
    report = Engine(tmp_path / "datapackage.json").run("birds:seen")
    assert told(report) == [("keys/foreign-missing", "$.s", 1, [(2, 3, "X")])]


# -- the definition ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("foreign", "message"),
    [
        ({"fields": "id"}, "must have `fields` and a `reference`"),
        ({"fields": ["id", "x"], "reference": {"fields": "id"}}, "has 2 fields where its reference has 1"),
        ({"fields": "id", "reference": {}}, "must name `fields`, and those of its `reference`"),
        ({"fields": "id", "reference": {"file": "a.csv", "resource": "A", "fields": "id"}},
         "names both a file and a resource: leave one of them out"),
        ({"fields": "y", "reference": {"fields": "id"}}, "names the field $.y, which the schema doesn't have"),
    ],
)  # fmt: skip
def test_faults_of_the_schema(lint: Lint, foreign: Any, message: str) -> None:
    (found,) = lint(tableSchema={"fields": ["id", "x"], "foreignKeys": [foreign]})
    assert (found.code, found.message) == ("definition/bad-value", f"the foreign key {message}")
    assert found.location.path == "/tableSchema/foreignKeys/0"


def test_a_faulty_foreign_key_does_not_end_the_check_of_others(check: Check) -> None:
    foreign = [{"fields": "id", "reference": {}}, {"fields": "x", "reference": {"fields": "id"}}]
    report = check("id,x\n1,1\n2,3\n", schema={"fields": ["id", "x"], "foreignKeys": foreign})
    assert [(f.code, f.count) for f in keys(report)] == [("keys/foreign-missing", 1)]


def test_faults_of_the_options(lint: Lint) -> None:
    reference = {"file": "https://example.org/x.csv", "fields": "id"}
    (found,) = lint(checks={"keys": {"foreign_keys": [{"fields": "x", "reference": reference}]}})
    assert found.message == "the foreign key can't refer to a URL: name the source's resourceID"
    assert found.location.path == "/checks/keys/foreign_keys/0"


# -- laws --------------------------------------------------------------------------------------------------------------


VALUES = st.sampled_from(["", "a", "b", "c", "A", "é", "ab"])


@given(st.lists(st.tuples(VALUES, VALUES), max_size=30), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_number_is_that_of_a_plain_look(records: list[tuple[str, str]], small: bool) -> None:
    table = {"x": [r[0] for r in records], "id": [r[1] for r in records]}
    source = SourceDefinition(resource_id="t", ingest_method="CSV")
    options = to_self("x", "id")["keys"]
    limits = Limits(state_bytes=2) if small else Limits()
    found = findings_of(
        KeysChecker, table, options=options, source=source, limits=limits, bounds=range(0, len(records), 3)
    )
    there = {r[1] for r in records}
    assert sum(f.count for f in found) == sum(1 for r in records if r[0] and r[0] not in there)


def test_it_keeps_the_law() -> None:
    table = {"x": list("abcdeabx"), "id": list("abcdfghi")}
    check_checker(KeysChecker, table, options=to_self("x", "id")["keys"])


def test_sets_that_spill_are_the_same(tmp_path: Path) -> None:
    def made(numbers: range, *, spilled: bool) -> Distinct:
        found = Distinct(("k0",), tmp_path, 1 << 20)
        for n in numbers:
            found.add(pl.DataFrame({"k0": [str(n), str(n)]}))
            if spilled and n % 7 == 0:
                found.spill()
        return found

    for one in (False, True):
        for other in (False, True):
            gone = [
                k
                for f, _ in without(made(range(50), spilled=one), made(range(20, 90), spilled=other))
                for (k,) in f.rows()
            ]
            assert sorted(map(int, gone)) == list(range(20))


def test_equal_hashes_are_no_proof(tmp_path: Path) -> None:
    here, there = (Distinct(("k0",), tmp_path, 1 << 20) for _ in range(2))
    here.add(pl.DataFrame({"k0": ["gone", "known"]}))
    there.add(pl.DataFrame({"k0": ["known"]}))
    absent = Absent.of(here, there)
    both = pl.DataFrame({"k0": ["gone", "known"]})
    collided = Absent(hashes(both, 0).sort().to_numpy(), pl.DataFrame({"k0": ["known"]}))
    assert absent.mask(both).to_list() == collided.mask(both).to_list() == [True, False]
