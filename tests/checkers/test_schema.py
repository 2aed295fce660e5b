# ruff: noqa: E501
"""Constraints, header and descriptor of a Table Schema."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potable.engine.contracts.report import Report
from potable.engine.findings import Occurrence

Check = Callable[..., Report]
Lint = Callable[..., list[Occurrence]]


def told(
    report: Report, family: str = "schema"
) -> list[tuple[str, str | None, int, list[tuple[int | None, int | None]]]]:
    """(code, field, count, [(record, line)]) of a family's findings, by code and field."""
    found = [f for f in report.findings if f.code.startswith(f"{family}/")]
    return sorted((f.code, f.field, f.count, [(s.location.record, s.location.line) for s in f.samples]) for f in found)


@pytest.mark.parametrize(
    ("code", "field", "right", "wrong"),
    [
        ("schema/required", {"constraints": {"required": True}}, ["x", " "], [""]),
        ("schema/required", {"constraints": {"required": True}, "missingValues": ["-99"]}, ["x", '""'], ["-99"]),
        ("schema/enum", {"constraints": {"enum": ["a", "b"]}}, ["a", "b", ""], ["A", "c"]),
        ("schema/enum", {"type": "integer", "constraints": {"enum": [1, 2]}}, ["1", "02", "+2", ""], ["3"]),
        ("schema/enum", {"type": "number", "constraints": {"enum": ["1.50", 2]}}, ["1.5", "2.0"], ["1.51"]),
        ("schema/enum", {"type": "boolean", "constraints": {"enum": [True]}}, ["true", "1"], ["false", "0"]),
        ("schema/enum", {"type": "date", "format": "%d.%m.%Y", "constraints": {"enum": ["01.02.2020"]}}, ["1.2.2020"], ["2.2.2020"]),
        ("schema/enum", {"categories": [{"value": "a", "label": "A"}, "b"]}, ["a", "b"], ["A"]),
        ("schema/pattern", {"constraints": {"pattern": "[A-Z]{2}"}}, ["AB", ""], ["ABC", "ab"]),
        ("schema/minimum", {"type": "integer", "constraints": {"minimum": 5}}, ["5", "99999999999999999999"], ["4", "-99999999999999999999"]),
        ("schema/minimum", {"type": "number", "constraints": {"exclusiveMinimum": 0}}, ["0.001", "INF", "NaN"], ["0", "-INF"]),
        ("schema/maximum", {"type": "number", "constraints": {"maximum": "1.5"}}, ["1.5", "1.50", "-2"], ["1.5000000000000000001", "1e400"]),
        ("schema/maximum", {"type": "date", "constraints": {"maximum": "2020-01-31"}}, ["2020-01-31"], ["2020-02-01"]),
        ("schema/maximum", {"type": "year", "constraints": {"exclusiveMaximum": 2020}}, ["2019"], ["2020"]),
        ("schema/maximum", {"type": "datetime", "constraints": {"maximum": "2020-01-01T12:00:00Z"}}, ["2020-01-01T13:00:00+02:00"], ["2020-01-01T13:00:00Z"]),
        ("schema/minimum", {"type": "duration", "constraints": {"minimum": "P1D"}}, ["PT24H"], ["PT23H"]),
        ("schema/min-length", {"constraints": {"minLength": 2}}, ["äö", ""], ["ä"]),
        ("schema/max-length", {"constraints": {"maxLength": 2}}, ["äö"], ["abc"]),
        ("schema/max-length", {"type": "list", "delimiter": ";", "constraints": {"maxLength": 2}}, ["a;b"], ["a;b;c"]),
        ("schema/max-length", {"type": "array", "constraints": {"maxLength": 1}}, ["[1]"], ["[1, 2]"]),
    ],
)  # fmt: skip
def test_constraints(check: Check, code: str, field: dict[str, Any], right: list[str], wrong: list[str]) -> None:
    lines = [f"{n},{v}" if v.startswith('"') else f'{n},"{v}"' for n, v in enumerate([*right, *wrong])]
    text = "n,v\n" + "\n".join(lines) + "\n"
    schema = {"fields": [{"name": "n"}, {"name": "v", **field}]}
    report = check(text, schema=schema, checks={"text": False})
    places = [(r, r + 1) for r in range(len(right) + 1, len(right) + len(wrong) + 1)]
    assert told(report) == [(code, "$.v", len(wrong), places)]
    assert not [f for f in report.findings if f.code.startswith("definition/")]


def test_a_value_of_the_wrong_type_is_one_finding(check: Check) -> None:
    constraints = {"minimum": 1, "maximum": 2, "enum": [1, 2], "pattern": "[12]"}
    schema = {"fields": [{"name": "v", "type": "integer", "constraints": constraints}]}
    assert told(check("v\n1\nx\n2\n", schema=schema)) == [("schema/type", "$.v", 1, [(2, 3)])]


def test_cells_that_a_ragged_row_lacks_are_not_required(check: Check) -> None:
    schema = {"fields": [{"name": "a"}, {"name": "b", "constraints": {"required": True}}]}
    report = check("a,b\n1,2\n3\n4,\n", schema=schema)
    assert told(report) == [("schema/required", "$.b", 1, [(3, 4)])]
    assert told(report, "csv")[0][:1] == ("csv/missing-cell",)


def test_lines_of_records_with_line_breaks_and_crlf(check: Check) -> None:
    text = 'id,note,age\r\n1,"two\r\nlines",7\r\n\r\n2,x,old\r\n3,"a""b",8\r\n4,y,x\r\n'
    schema = {"fields": [{"name": "id"}, {"name": "note"}, {"name": "age", "type": "integer"}]}
    report = check(text, schema=schema)
    assert told(report) == [("schema/type", "$.age", 2, [(2, 5), (4, 7)])]


def test_missing_values_of_field_schema_and_definition(check: Check) -> None:
    number = {"type": "integer"}
    fields = [{"name": "a", **number}, {"name": "b", **number, "missingValues": ["x"]}, {"name": "c", **number}]
    text = "a,b,c\n-,x,1\nn/a,2,-\n"
    report = check(text, schema={"fields": fields, "missingValues": ["-"]}, missingValues=["n/a"])
    assert told(report) == [("schema/type", "$.a", 1, [(2, 3)])]
    report = check(text, schema={"fields": fields}, missingValues=["", "n/a"])
    assert [t[1:] for t in told(report)] == [("$.a", 1, [(1, 2)]), ("$.c", 1, [(2, 3)])]


FIELDS = [{"name": "a"}, {"name": "b"}, {"name": "c"}]


@pytest.mark.parametrize(
    ("match", "header", "expected"),
    [
        (None, "a,b,c", []),
        (None, "a,c,b", [("schema/field-order", None)]),
        (None, "a,b,c,d", [("schema/extra-field", "$.d")]),
        (None, "a,b", [("schema/missing-field", "$.c")]),
        (None, "a,b,C", [("schema/missing-field", "$.c")]),
        ("equal", "c,b,a", []),
        ("equal", "a,b", [("schema/missing-field", "$.c")]),
        ("subset", "d,c,b,a", []),
        ("subset", "a,b,zzz", [("schema/missing-field", "$.c")]),
        ("superset", "b", []),
        ("superset", "b,zzz", [("schema/extra-field", "$.zzz")]),
        ("partial", "zzz,b", []),
        (["partial"], "zzz,yyy", [("schema/missing-field", f"$.{n}") for n in "abc"]),
    ],
)
def test_headers(check: Check, match: Any, header: str, expected: list[tuple[str, str | None]]) -> None:
    schema: dict[str, Any] = {"fields": FIELDS} if match is None else {"fields": FIELDS, "fieldsMatch": match}
    report = check(f"{header}\n{','.join('x' * (header.count(',') + 1))}\n", schema=schema)
    assert [t[:2] for t in told(report)] == expected
    assert all(t[2:] == (1, [(None, 1)]) for t in told(report))


def test_of_a_superset_only_required_columns_must_be_there(check: Check) -> None:
    constraints = [{"required": True}, {"required": False}, {}]
    fields = [{"name": n, "constraints": c} for n, c in zip("abc", constraints, strict=True)]
    report = check("x\n1\n", schema={"fields": [*fields, {"name": "x"}], "fieldsMatch": "superset"})
    assert [t[:2] for t in told(report)] == [("schema/missing-field", "$.a")]


def test_a_missing_column_names_the_likely_one(check: Check) -> None:
    report = check("a,b,nmae\n1,2,3\n", schema={"fields": [{"name": "a"}, {"name": "b"}, {"name": "name"}]})
    assert [f.samples[0].message for f in report.findings] == ["there is no column 'name'; did you mean 'nmae'?"]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("id,born,sex", {"$.birthday": "born"}),
        ("id,birthday,male", {"$.sex": "male"}),
        ("key,birthday,sex", {"$.id": "key"}),
        ("id,born,male", {"$.birthday": "born", "$.sex": "male"}),
        ("id,sex", {"$.birthday": None}),
        ("id,sex,born", {"$.birthday": None}),
        ("id,born,note,sex", {"$.birthday": None}),
        ("id,,sex", {"$.birthday": None}),
        ("id,birthdya,male", {"$.birthday": None, "$.sex": "male"}),
    ],
)
def test_a_missing_column_names_the_undeclared_one_in_its_place(
    check: Check, header: str, said: dict[str, str | None]
) -> None:
    row = ",".join("x" * (header.count(",") + 1))
    report = check(f"{header}\n{row}\n", schema={"fields": ["id", "birthday", "sex"]})
    found = [f for f in report.findings if f.code == "schema/missing-field"]
    place = "; in its place stands {!r}, which the schema doesn't have"
    for f in found:
        name = said[f.field]
        assert f.samples[0].message.endswith(place.format(name)) if name else "in its place" not in f.samples[0].message
    assert {f.field for f in found} == set(said)
    extra = {f.field for f in report.findings if f.code == "schema/extra-field"}
    assert {f"$.{name}" for name in said.values() if name} <= extra


@pytest.mark.parametrize(
    ("names", "header", "said"),
    [
        (["id", "id"], "id", [("$.'id'[2]", "the schema has 2 fields called 'id', and one column is called so")]),
        (["id", "a", "b", "c", "id"], "a,b,c", [("$.id", "there is no column 'id'"),
                                  ("$.'id'[2]", "the schema has 2 fields called 'id', and no column is called so")]),
        (["id", "id", "id"], "id,id",
         [("$.'id'[3]", "the schema has 3 fields called 'id', and 2 columns are called so")]),
        (["id", "id"], "id,id", []),
    ],
)  # fmt: skip
def test_fields_of_one_name_and_too_few_columns(
    check: Check, names: list[str], header: str, said: list[tuple[str, str]]
) -> None:
    row = ",".join("1" * (header.count(",") + 1))
    report = check(f"{header}\n{row}\n", schema={"fields": [{"name": n} for n in names]})
    found = [f for f in report.findings if f.code == "schema/missing-field"]
    assert {f.field: f.samples[0].message for f in found} == dict(said)


def test_fields_of_one_name_where_names_are_given_once(lint: Lint) -> None:
    schema = {"fields": ["id", {"name": "a"}, {"name": "id"}]}
    [found] = lint(schema=schema, ingestMethod="JSONL")
    assert (found.code, found.location.path) == ("definition/bad-value", "/schema/fields/2")
    assert found.message == "the schema's fields 1 and 3 are both called 'id'"
    assert lint(schema=schema) == []  # a table may have two columns of one name


def test_constraints_that_nothing_checks_are_told(lint: Lint) -> None:
    field = {"name": "a", "type": "array", "constraints": {"enum": [[1]], "maxLength": 2, "required": True}}
    found = lint(schema={"fields": [field]}, ingestMethod="JSONL")
    assert [(f.code, f.location.path) for f in found] == [
        ("definition/unknown-key", f"/schema/fields/0/constraints/{name}") for name in ("enum", "maxLength")
    ]
    assert lint(schema={"fields": [field]}) == []  # in a table they're texts, which are read


def test_a_wrong_delimiter_is_one_finding(check: Check) -> None:
    schema = {"fields": [{"name": n, "type": "integer", "constraints": {"required": True}} for n in "abc"]}
    report = check("a;b;c\n1;2;3\n4;5;6\n", schema=schema, primaryKey="a")
    assert [f.code for f in report.findings] == ["csv/wrong-delimiter"]


def test_without_a_schema_it_is_skipped_with_the_reason(check: Check) -> None:
    report = check("a\n1\n")
    assert {(c.checker, c.status, c.reason) for c in report.coverage} >= {("schema", "skipped", "no schema declared")}


def test_all_columns_missing_is_never_a_vacuous_pass(check: Check) -> None:
    report = check("1,2\n3,4\n", headerLine=0, schema={"fields": [{"name": "a"}, {"name": "b"}]})
    assert report.verdict == "failed"
    assert [t[:2] for t in told(report) if t[0] == "schema/missing-field"] == [
        ("schema/missing-field", "$.a"),
        ("schema/missing-field", "$.b"),
    ]


@pytest.mark.parametrize(
    ("field", "code", "pointer"),
    [
        ({"type": "integr"}, "definition/bad-value", "/type"),
        ({"type": "string", "format": "emial"}, "definition/bad-value", "/format"),
        ({"type": "date", "format": "%Q"}, "definition/bad-value", "/format"),
        ({"type": "date", "format": "DD/MM"}, "definition/bad-value", "/format"),
        ({"type": "number", "decimalChar": ",,"}, "definition/bad-value", ""),
        ({"constraints": {"pattern": "(?=a)"}}, "definition/bad-regex", "/constraints/pattern"),
        ({"constraints": {"pattern": 5}}, "definition/bad-value", "/constraints/pattern"),
        ({"constraints": {"enum": []}}, "definition/bad-value", "/constraints/enum"),
        ({"type": "integer", "constraints": {"enum": ["x"]}}, "definition/bad-value", "/constraints/enum"),
        ({"type": "integer", "constraints": {"minimum": "x"}}, "definition/bad-value", "/constraints/minimum"),
        ({"type": "date", "constraints": {"maximum": "2020-02-30"}}, "definition/bad-value", "/constraints/maximum"),
        ({"type": "string", "constraints": {"minimum": 1}}, "definition/bad-value", "/constraints/minimum"),
        ({"type": "integer", "constraints": {"minLength": 1}}, "definition/bad-value", "/constraints/minLength"),
        ({"constraints": {"maxLength": -1}}, "definition/bad-value", "/constraints/maxLength"),
        ({"constraints": {"requird": True}}, "definition/unknown-key", "/constraints/requird"),
        ({"constraints": {"required": "yes"}}, "definition/bad-value", "/constraints/required"),
        ({"constraints": {"jsonSchema": {}}}, "definition/unknown-key", "/constraints/jsonSchema"),
        ({"constrains": {"required": True}}, "definition/unknown-key", "/constrains"),
        ({"required": True}, "definition/unknown-key", "/required"),
        ({"type": "boolean", "trueValues": "yes"}, "definition/bad-value", "/trueValues"),
        ({"missingValues": "-"}, "definition/bad-value", "/missingValues"),
        ({"format": "email"}, "definition/unknown-key", "/format"),
    ],
)
def test_what_is_wrong_with_a_descriptor(lint: Lint, field: dict[str, Any], code: str, pointer: str) -> None:
    said = [o for o in lint(schema={"fields": [{"name": "v", **field}]}) if o.code.startswith("definition/")]
    assert [(o.code, o.location.path) for o in said] == [(code, f"/schema/fields/0{pointer}")]


def test_members_of_anybody_are_let_be_and_slips_are_told(lint: Lint) -> None:
    schema = {"fields": [{"name": "v", "unit": "mm", "Titel": "V"}], "rights": "mine", "primarykey": ["v"]}
    assert [(o.code, o.location.path, o.message) for o in lint(schema=schema)] == [
        ("definition/unknown-key", "/schema/fields/0/Titel",
         "the schema's field 'v' has the member 'Titel', which has no effect; did you mean title?"),
        ("definition/unknown-key", "/schema/primarykey",
         "the schema's member 'primarykey' has no effect; did you mean primaryKey?"),
    ]  # fmt: skip


def test_a_fault_in_a_schemas_own_file_has_its_line_there(lint: Lint, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"fields": [\n {"name": "v",\n  "type": "integr"}],\n "fieldMatch": "subset"}')
    said = [(o.code, o.location.file, o.location.line, o.location.path) for o in lint(schema="s.json")]
    assert said == [
        ("definition/bad-value", "s.json", 3, "/fields/0/type"),
        ("definition/unknown-key", "s.json", 4, "/fieldMatch"),
    ]


def test_a_key_of_the_schema_that_it_does_not_have(lint: Lint) -> None:
    said = lint(schema={"fields": [{"name": "id"}], "primaryKey": ["ID"]})
    assert [(o.code, o.location.path) for o in said] == [("definition/bad-value", "/schema/primaryKey")]


def test_a_right_descriptor_says_nothing(lint: Lint) -> None:
    fields = [
        {
            "name": "a",
            "type": "integer",
            "constraints": {"required": True, "unique": True, "minimum": "0", "maximum": 9},
        },
        {"name": "b", "type": "date", "format": "%d.%m.%Y", "constraints": {"minimum": "01.01.1900"}},
        {"name": "c", "type": "string", "format": "email", "constraints": {"pattern": r"^\S+@\S+$", "maxLength": 99}},
    ]
    assert lint(schema={"fields": fields, "primaryKey": "a", "missingValues": ["", "NA"]}) == []


def test_a_wide_header_with_other_names_is_told_in_time(check: Check) -> None:
    header = ",".join(f"column_{n}" for n in range(400))
    schema = {"fields": [{"name": f"colum_{n}"} for n in range(400)] + [{"name": "COLUMN_7"}]}
    report = check(f"{header}\n{header}\n", schema=schema, checks={"text": False})
    by_code = {
        code: sum(f.count for f in report.findings if f.code == code)
        for code in ("schema/missing-field", "schema/extra-field", "schema/other-names")
    }
    assert by_code == {"schema/missing-field": 0, "schema/extra-field": 0, "schema/other-names": 1}
