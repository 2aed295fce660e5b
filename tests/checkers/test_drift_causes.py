"""What has changed since the last accepted run, told once: as the change, and not as all that it breaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potable.engine.contracts.history import History
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Severity
from potable.engine.judging.summary import summarise
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

Compare = Callable[..., Report]


@pytest.fixture
def compare(tmp_path: Path) -> Compare:
    """``compare(before, now, **definition)``: the report of the second of two runs, the first one accepted."""

    def run(before: str, now: str, **definition: Any) -> Report:
        history = History()
        source = from_mapping({"resourceID": "x", "ingestURL": "data", **definition}, folder=tmp_path)
        for text in (before, now):
            (tmp_path / "data").write_text(text)
            report = run_source(source, load_plugins(), RunOptions(scratch=tmp_path, history=history))
            summary = summarise(Report.from_dict(json.loads(json.dumps(report.to_dict()))), accepted=True)
            history = History(runs=(summary,))
        return report

    return run


def errors(report: Report) -> list[tuple[str, str | None, int]]:
    return [(f.code, f.field, f.count) for f in report.findings if f.severity is Severity.ERROR]


def records(**names: str) -> str:
    return json.dumps(
        [{names.get(n, n): v for n, v in (("id", k), ("organism", "x"), ("note", "y"))} for k in range(20)]
    )


SCHEMA = {"type": "object", "required": ["id", "organism"], "properties": {"id": {}, "organism": {}, "note": {}}}


def test_a_required_member_that_is_gone(compare: Compare) -> None:
    report = compare(records(), records(organism="species"), ingestMethod="JSON", jsonSchema=SCHEMA)
    assert errors(report) == [("drift/field-removed", "$.organism", 1)]
    assert report.metrics["suppressed"] == {"json-schema/violation": 20}
    assert (report.verdict, report.counts.records_with_errors) == ("failed", 0)


def test_other_violations_are_told_beside_it(compare: Compare) -> None:
    schema = {**SCHEMA, "properties": {"id": {"type": "string"}}}
    report = compare(records(), records(organism="species"), ingestMethod="JSON", jsonSchema=schema)
    assert errors(report) == [("drift/field-removed", "$.organism", 1), ("json-schema/violation", "$.id", 20)]


def test_it_was_missing_before(compare: Compare) -> None:
    now = records(organism="species")
    report = compare(now, now, ingestMethod="JSON", jsonSchema=SCHEMA)
    assert errors(report) == [("json-schema/violation", "$.organism", 20)]


@pytest.mark.parametrize("method", ["JSON", "CSV"])
def test_the_key_is_gone(compare: Compare, method: str) -> None:
    def text(name: str) -> str:
        if method == "JSON":
            return records(id=name)
        return f"{name},organism\n" + "".join(f"K{n},x\n" for n in range(20))

    report = compare(text("id"), text("accession"), ingestMethod=method, primaryKey="$.id")
    assert errors(report) == [("drift/field-removed", "$.id", 1)]


def stocks(prefix: str, declared: str = "") -> str:
    p = prefix
    inner = "".join(f"<{p}item id='{n}'><{p}title>T{n}</{p}title><note>x</note></{p}item>" for n in range(20))
    return f"<items{declared}>{inner}</items>"


def test_elements_under_another_prefix(compare: Compare) -> None:
    now = stocks("e:", " xmlns:e='http://example.org/e'")
    definition = {"ingestMethod": "XML", "documentElement": "item", "primaryKey": "$.item.@id"}
    report = compare(stocks(""), now, **definition)
    ((code, field, count),) = errors(report)
    assert (code, field, count) == ("drift/field-removed", None, 1)
    (found,) = [f for f in report.findings if f.code == code]
    assert found.details == {"fields": 2}
    assert found.samples[0].message == (
        "$.item.note.'_$' of the last accepted run is called $.e:item.note.'_$' now, and 1 more field has another "
        "prefix too"
    )
    assert "drift/field-added" not in {f.code for f in report.findings}
    assert errors(compare(now, now, **definition)) == []


def test_an_element_that_is_gone_beside_others_under_another_prefix(compare: Compare) -> None:
    now = stocks("e:", " xmlns:e='http://example.org/e'").replace("<note>x</note>", "")
    report = compare(stocks(""), now, ingestMethod="XML", documentElement="item", primaryKey="$.item.@id")
    assert ("drift/field-removed", "$.item.note.'_$'", 1) in errors(report)


def test_two_columns_of_one_name_but_for_the_prefix_have_not_both_become_a_third(compare: Compare) -> None:
    report = compare("id,a:title,b:title\n1,x,y\n", "id,c:title\n1,x\n", ingestMethod="CSV")
    assert errors(report) == [("drift/field-removed", "$.a:title", 1), ("drift/field-removed", "$.b:title", 1)]


def test_members_that_never_had_a_value_may_go(compare: Compare) -> None:
    before = records().replace('"y"', "null")
    now = json.dumps([{"id": k, "organism": "x"} for k in range(20)])
    assert errors(compare(before, now, ingestMethod="JSON")) == []
    assert errors(compare(records(), now, ingestMethod="JSON")) == [("drift/field-removed", "$.note", 1)]
    assert errors(compare("id,note\n1,\n2,\n", "id\n1\n2\n", ingestMethod="CSV")) == [
        ("drift/field-removed", "$.note", 1)
    ]


def test_a_path_of_the_definition_under_another_name(compare: Compare) -> None:
    now = stocks("").replace("title>", "name>")
    definition = {"ingestMethod": "XML", "documentElement": "item", "primaryKey": "$.item.title.'_$'"}
    assert errors(compare(stocks(""), stocks(""), **definition)) == []
    report = compare(stocks(""), now, **definition)
    assert errors(report) == [("drift/field-removed", "$.item.title.'_$'", 1)]
    assert report.metrics["suppressed"]["keys/missing"] == 20
    report = compare(stocks(""), stocks("").replace("title>", "titel>"), **definition, topElement="items")
    (found,) = report.findings
    assert found.code == "xml/wrong-path"
    assert report.metrics["suppressed"]["drift/field-removed"] == 1


# -- fields that are called otherwise ----------------------------------------------------------------------------------

NAMES = ("id", "name", "age", "town")
OTHERS = ("Kennung", "Bezeichnung", "Alter", "Ort")
OF_TABLE = {"schema": {"fields": [{"name": n} for n in NAMES]}}


def people(*names: str, sep: str = ",") -> str:
    return sep.join(names) + "\n" + "".join(sep.join((f"K{n}", f"Ann {n}", str(n), "Ulm")) + "\n" for n in range(30))


@pytest.mark.parametrize("definition", [{}, {"primaryKey": "id"}])
def test_a_header_that_was_translated_is_one_finding(compare: Compare, definition: dict[str, Any]) -> None:
    report = compare(people(*NAMES), people(*OTHERS), ingestMethod="CSV", **definition)
    (found,) = report.findings
    assert (found.code, found.field, found.count, report.verdict) == ("drift/other-names", None, 1, "failed")
    assert found.samples[0].message == (
        "all 4 fields of the last accepted run are called otherwise, or are others: 'Kennung' in place of 'id', "
        "'Bezeichnung' in place of 'name', 'Alter' in place of 'age', …"
    )
    report = compare(people(*NAMES), people(*OTHERS), ingestMethod="CSV", **OF_TABLE, **definition)
    (found,) = report.findings
    assert (found.code, found.field, found.count) == ("schema/other-names", None, 1)
    assert (found.samples[0].location.file, found.samples[0].location.line) == ("data", 1)
    assert found.samples[0].message.startswith("none of the 4 fields of the schema is there ('id', 'name', 'age', …)")


def test_a_header_of_which_some_names_were_translated(compare: Compare) -> None:
    now = people("id", *OTHERS[1:])
    (found,) = compare(people(*NAMES), now, ingestMethod="CSV", primaryKey="id").findings
    assert found.code == "drift/other-names"
    assert found.samples[0].message.startswith("3 of 4 fields of the last accepted run")
    (found,) = compare(people(*NAMES), now, ingestMethod="CSV", primaryKey="id", **OF_TABLE).findings
    assert found.code == "schema/other-names"


def test_what_else_is_wrong_is_told_beside_other_names(compare: Compare) -> None:
    now = people("id", *OTHERS[1:]).replace("K7,", ",")
    report = compare(people(*NAMES), now, ingestMethod="CSV", primaryKey="id", **OF_TABLE)
    assert errors(report) == [("keys/missing", "$.id", 1), ("schema/other-names", None, 1)]


def test_two_names_are_told_one_by_one(compare: Compare) -> None:
    report = compare(people(*NAMES), people("id", "name", *OTHERS[2:]), ingestMethod="CSV")
    assert errors(report) == [("drift/field-removed", "$.age", 1), ("drift/field-removed", "$.town", 1)]
    (found, _) = (f for f in report.findings if f.severity is Severity.ERROR)
    assert found.samples[0].message == "the field 'age' of the last accepted run is gone; in its place stands 'Alter'"


def test_members_that_are_all_called_otherwise(compare: Compare) -> None:
    now = records(id="Kennung", organism="Art", note="Notiz")
    report = compare(records(), now, ingestMethod="JSON", primaryKey="$.id")
    (found,) = report.findings
    assert (found.code, found.count, report.metrics["suppressed"]) == ("drift/other-names", 1, {"keys/missing": 20})


def test_a_file_with_other_columns_is_one_finding(compare: Compare, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "b.csv").write_text(people("id", "name", "years", "town"))
    (tmp_path / "files" / "a.csv").write_text(people(*NAMES))
    definition = {"ingestMethod": "CSV", "ingestURL": "files", "filenamePattern": "*.csv", **OF_TABLE}
    report = run_source(
        from_mapping({"resourceID": "x", **definition}, folder=tmp_path), load_plugins(), RunOptions(scratch=tmp_path)
    )
    (found,) = report.findings
    assert (found.code, found.samples[0].location.file) == ("csv/header-differs", "files/b.csv")
    assert report.metrics["suppressed"] == {"schema/missing-field": 1, "schema/extra-field": 1}
    warned = {**definition, "resourceID": "x", "severity": {"csv/header-differs": "warning"}}
    report = run_source(from_mapping(warned, folder=tmp_path), load_plugins(), RunOptions(scratch=tmp_path))
    assert errors(report) == [("schema/missing-field", "$.age", 1)]


@pytest.mark.parametrize("definition", [{}, OF_TABLE])
def test_a_file_without_the_key_column_hides_no_record_of_another(tmp_path: Path, definition: dict[str, Any]) -> None:
    (tmp_path / "files").mkdir()
    a, b = tmp_path / "files" / "a.csv", tmp_path / "files" / "b.csv"
    a.write_text(people(*NAMES))
    b.write_text(people("code", *NAMES[1:]))
    members = {"resourceID": "x", "ingestMethod": "CSV", "ingestURL": "files", "filenamePattern": "*.csv",
               **definition, "primaryKey": "id"}  # fmt: skip

    def told() -> list[tuple[str, str | None, int]]:
        source = from_mapping(members, folder=tmp_path)
        return errors(run_source(source, load_plugins(), RunOptions(scratch=tmp_path)))

    assert told() == [("csv/header-differs", None, 1)]
    lines = a.read_text().splitlines(keepends=True)
    a.write_text("".join([*lines, "," + lines[1].partition(",")[2]]))
    assert ("keys/missing", "$.id", 1) in told()
    members["severity"] = {"csv/header-differs": "off", "schema": "off"}
    assert told() == [("keys/missing", "$.id", 2)]


@pytest.mark.parametrize("definition", [{}, OF_TABLE])
def test_keys_of_a_later_file_are_read_though_the_first_has_none(tmp_path: Path, definition: dict[str, Any]) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.csv").write_text(people("code", *NAMES[1:]))
    lines = people(*NAMES).splitlines(keepends=True)
    (tmp_path / "files" / "b.csv").write_text("".join([*lines, lines[1], "," + lines[1].partition(",")[2]]))
    members = {"resourceID": "x", "ingestMethod": "CSV", "ingestURL": "files", "filenamePattern": "*.csv",
               **definition, "primaryKey": "id"}  # fmt: skip
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins(), RunOptions(scratch=tmp_path))
    found = {f.code: [s.location.line for s in f.samples] for f in report.findings if f.severity is Severity.ERROR}
    assert found == {
        "csv/header-differs": [1], "keys/duplicate": [len(lines) + 1], "keys/missing": [len(lines) + 2],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("other", "hint"),
    [
        (people(*NAMES).partition("\n")[2], "It has no header, it seems, and its first record is taken for one"),
        (
            people(*NAMES, sep=";"),
            "Have it written with a comma between the cells, as files/a.csv is: a semicolon stands",
        ),
        (people(*OTHERS), "Give all files the same header"),
    ],
)
def test_how_a_file_came_by_other_columns(tmp_path: Path, other: str, hint: str) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.csv").write_text(people(*NAMES))
    (tmp_path / "files" / "b.csv").write_text(other)
    definition = {"resourceID": "x", "ingestMethod": "CSV", "ingestURL": "files", "filenamePattern": "*.csv"}
    report = run_source(from_mapping(definition, folder=tmp_path), load_plugins(), RunOptions(scratch=tmp_path))
    (found,) = report.findings
    assert found.code == "csv/header-differs"
    assert (found.hint or "").startswith(hint)


# -- fields of documents that change together --------------------------------------------------------------------------


def documents(change: Callable[[int, dict[str, Any]], object] = lambda n, record: None) -> str:
    records = [
        {"id": n, "name": f"Ann {n}", "price": n * 1.5, "tags": ["a", f"b{n}"], "at": {"lat": 40 + n, "lon": -70 - n}}
        for n in range(1, 41)
    ]
    for n, record in enumerate(records):
        change(n, record)
    return json.dumps(records)


def only(report: Report) -> tuple[str, str | None, str]:
    (found,) = report.findings
    return found.code, found.field, found.samples[0].message


OF_DOCUMENTS = {"ingestMethod": "JSON", "primaryKey": "$.id"}
CHANGES: dict[str, tuple[Callable[[int, dict[str, Any]], object], tuple[str, str | None, str]]] = {
    "a list is one value": (
        lambda n, r: r.update(tags=r["tags"][0]),
        ("drift/field-removed", "$.tags[*]", "'tags' had lists of values in the last accepted run, and has none now"),
    ),
    "some lists are": (
        lambda n, r: r.update(tags="a") if n % 5 == 0 else None,
        ("drift/type-changed", "$.tags", "the values were arrays, now they are of several kinds"),
    ),
    "an object is null": (
        lambda n, r: r.update(at=None),
        ("drift/field-removed", "$.at", "the 2 fields in 'at' of the last accepted run are gone: $.at.lat, $.at.lon"),
    ),
    "a number is an object": (
        lambda n, r: r.update(price={"amount": r["price"], "currency": "EUR"}),
        ("drift/type-changed", "$.price", "the values were numbers, now they are objects"),
    ),
    "an object is made flat": (
        lambda n, r: (r.update({f"at_{k}": v for k, v in r.pop("at").items()})),
        (
            "drift/other-names", None,
            "2 fields of the last accepted run stand at another place in the records: 'at_lat' in place of $.at.lat, "
            "'at_lon' in place of $.at.lon",
        ),
    ),
    "all is inside of something": (
        lambda n, r: (inner := dict(r), r.clear(), r.update(source=inner)),
        (
            "drift/other-names", None,
            "6 fields of the last accepted run stand at another place in the records: $.source.at.lat in place of "
            "$.at.lat, $.source.at.lon in place of $.at.lon, $.source.id in place of 'id', …",
        ),
    ),
    "all names have capitals": (
        lambda n, r: (inner := dict(r), r.clear(), r.update({k.title(): v for k, v in inner.items()})),
        (
            "drift/other-names", None,
            "all 6 fields of the last accepted run are called otherwise, or are others: $.At.lat, $.At.lon, 'Id', … in "
            "place of $.at.lat, $.at.lon, 'id', …",
        ),
    ),
    "something new": (
        lambda n, r: r.update(owner={"name": f"Bob {n}", "town": f"Ulm {n}", "of": {"age": n}}),
        ("drift/field-added", "$.owner", "the field 'owner' and 3 fields in it weren't there in the last accepted run"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_together_is_one_finding(compare: Compare, change: str) -> None:
    do, expected = CHANGES[change]
    assert only(compare(documents(), documents(do), **OF_DOCUMENTS)) == expected
    assert compare(documents(do), documents(do), **OF_DOCUMENTS | {"primaryKey": []}).findings == ()


def test_a_field_that_has_several_values_in_one_record_is_not_gone(compare: Compare) -> None:
    now = stocks("").replace("<note>x</note>", "<note>x</note><note>y</note>", 1)
    report = compare(stocks(""), now, ingestMethod="XML", documentElement="item", primaryKey="$.item.@id")
    assert not [f for f in report.findings if f.checker == "drift"]


def test_figures_of_a_version_that_told_nothing_of_lists(compare: Compare, tmp_path: Path) -> None:
    (tmp_path / "data").write_text(documents())
    source = from_mapping({"resourceID": "x", "ingestURL": "data", **OF_DOCUMENTS}, folder=tmp_path)
    first = run_source(source, load_plugins(), RunOptions(scratch=tmp_path))
    kept = json.loads(json.dumps(first.to_dict()))
    del kept["metrics"]["drift"]["several"]
    history = History(runs=(summarise(Report.from_dict(kept), accepted=True),))
    assert run_source(source, load_plugins(), RunOptions(scratch=tmp_path, history=history)).findings == ()
