"""Each code at its exact place in real files, and nothing on sound ones.

A CSV file with quoted line breaks before the fault and lines that end in CR LF: record, line and byte are the record's.
A JSON array over many lines: line, byte and pointer are the value's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from potable.engine.checker import Checker
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import clip
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

Run = Callable[..., Report]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(name: str, data: bytes, **definition: Any) -> Report:
        (tmp_path / name).write_bytes(data)
        members = {"resourceID": "t", "ingestURL": name, **definition}
        return run_source(from_mapping(members, folder=tmp_path), load_plugins(), RunOptions(scratch=tmp_path))

    return run


@dataclass(frozen=True, kw_only=True)
class Case:
    """A column ``x`` of sound values with one odd among them.

    :param code: what is told of it.
    :param before: sound values; :param odd: the odd one; :param after: sound ones behind it.
    :param value: the value that the sample shows; default: the odd one as a text.
    :param json: the odd one in JSON, where it's another than in CSV.
    :param formats: those in which there is such a fault.
    """

    code: str
    before: Sequence[Any]
    odd: Any
    after: Sequence[Any] = ()
    definition: Mapping[str, Any] = field(default_factory=dict)
    value: Any = ...
    json: Any = ...
    formats: Sequence[str] = ("csv", "json")


def schema(**of_x: Any) -> dict[str, Any]:
    return {"schema": {"fields": [{"name": "n"}, {"name": "pad"}, {"name": "x", **of_x}]}}


def limited(**constraints: Any) -> dict[str, Any]:
    return schema(type="integer" if constraints.keys() & {"minimum", "maximum"} else "string", constraints=constraints)


def checks(**of_checkers: Any) -> dict[str, Any]:
    return {"checks": of_checkers}


WORDS = ["wren", "robin", "blackbird"]
WEIGHTS = [f"{50 + n % 7}.{n % 9 + 1}" for n in range(40)]
DAYS = [f"2024-03-{n:02}" for n in range(1, 10)]
ORCIDS = ["0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"]
TERMS = ["GO:0008150", "GO:0005575", "GO:0003674", "GO:0016020"]
GENES = ["ENSG00000141510", "ENSG00000139618", "ENSG00000157764"]
VALUE_RULE = {"qcRules": {"ValueExists": [{"path": "x", "valueRegex": "[a-z]+"}]}}

CASES = [
    Case(code="spreadsheet/date-mangled-symbol", before=["TP53", "BRCA1", "EGFR", "HLA-A"], odd="2-Sep"),
    Case(code="spreadsheet/scientific-notation-id", before=["2310008H09Rik", "2310009E13", "2310001A20Rik"],
         odd="2.31E+13"),
    Case(code="spreadsheet/scientific-notation-id", before=["123456789012", "123456789013", "123456789014"],
         odd="1e+11"),
    Case(code="spreadsheet/error-value", before=WORDS, odd="#REF!"),
    Case(code="spreadsheet/truncated-cell", before=WORDS, odd="é" * 255, value=clip("é" * 255)),
    Case(code="spreadsheet/broken-sequence", before=[1, 2, 3], odd=7, after=[8, 9], value="7",
         definition=checks(spreadsheet={"sequences": {"x": 1}})),
    Case(code="dates/mixed-formats", before=DAYS, odd="07.03.2024"),
    Case(code="dates/ambiguous", before=["05/05/2024", "06/06/2024"], odd="03/04/2024"),
    Case(code="dates/future", before=DAYS, odd="2204-03-06", definition=checks(dates={"today": "2024-06-01"})),
    Case(code="dates/implausible", before=DAYS, odd="2023-02-30"),
    Case(code="dates/not-a-date", before=DAYS * 3, odd="soon"),
    Case(code="dates/mixed-zones", before=[f"{day}T10:00Z" for day in DAYS], odd="2024-03-10T10:00"),
    Case(code="numbers/outlier", before=WEIGHTS, odd="4810.5", json=4810.5),
    Case(code="numbers/mixed-decimal", before=["1.5", "2.5", "3.5"], odd="2,5"),
    Case(code="numbers/unit-in-number", before=["5.2", "6.1", "7", "8"], odd="5 kg"),
    Case(code="numbers/unit-in-number", before=["5.2 kg", "610 g"] * 15, odd="11 lbs"),
    Case(code="numbers/unit-in-number", before=["5.2 kg", "610 g"] * 15, odd="11", json=11),
    Case(code="numbers/odd-spelling", before=["52", "61", "7", "8"], odd="12*"),
    Case(code="numbers/odd-spelling", before=[f"{1990 + n}" for n in range(30)], odd="2012.0", formats=["csv"]),
    Case(code="numbers/inexact", before=[2**53 + 2 * n for n in range(9)], odd=2**53 + 1, formats=["json"]),
    Case(code="numbers/not-a-number", before=WEIGHTS, odd="off", after=["51.5"]),
    Case(code="identifiers/malformed", before=[f"10.1000/a{n}" for n in range(5)], odd="10.1/x"),
    Case(code="identifiers/mixed-forms", before=[f"10.1000/a{n}" for n in range(5)], odd="https://doi.org/10.1000/b"),
    Case(code="identifiers/odd-shape", before=[f"SMP-{n:04}" for n in range(60)], odd="SMP_0060"),
    Case(code="identifiers/checksum", before=ORCIDS, odd="0000-0002-1825-0098",
         definition=checks(identifiers={"fields": {"x": "orcid"}})),
    Case(code="identifiers/unknown-prefix", before=TERMS, odd="GOO:0008150"),
    Case(code="identifiers/deprecated-prefix", before=TERMS, odd="kegg:hsa00190"),
    Case(code="identifiers/version-suffix", before=GENES, odd="ENSG00000139618.2",
         definition=checks(identifiers={"fields": {"x": "ensembl"}})),
    Case(code="text/whitespace", before=WORDS, odd=" owl"),
    Case(code="text/invisible-character", before=WORDS, odd="o\u200bwl"),
    Case(code="text/control-character", before=WORDS, odd="o\x07wl"),
    Case(code="text/mojibake", before=WORDS, odd="ZÃ¼rich"),
    Case(code="text/program-output", before=WORDS, odd="Notice: Undefined index: name in /var/www/a.php on line 45"),
    Case(code="text/unconverted", before=WORDS, odd="[object Object]"),
    Case(code="text/lost-character", before=WORDS, odd="M?ller"),
    Case(code="text/escaped", before=WORDS, odd="M\\u00fcller"),
    Case(code="text/synonym", before=["male", "female"] * 20, odd="M"),
    Case(code="text/misspelt", before=["Homo sapiens", "Mus musculus"] * 25, odd="Homo sapines"),
    Case(code="text/decomposed", before=["Mérida", "Huế"], odd="Me\u0301rida"),
    Case(code="text/masked", before=WORDS, odd="[REDACTED]"),
    Case(code="text/markup", before=WORDS, odd="barn<br/>owl"),
    Case(code="text/placeholder", before=WORDS, odd="N/A"),
    Case(code="text/non-ascii", before=WORDS, odd="José", definition={"severity": {"text/non-ascii": "info"}}),
    Case(code="text/forbidden-value", before=WORDS, odd="dodo",
         definition=checks(text={"forbidden": {"x": ["dodo"]}})),
    Case(code="text/odd-length", before=WORDS * 40, odd="w" * 80,
         definition={"severity": {"text/odd-length": "warning"}}),
    Case(code="schema/type", before=[1, 2, 3], odd="x1", definition=schema(type="integer")),
    Case(code="schema/type", before=["a"], odd=["b"], value=None, formats=["json"], definition=schema(type="string")),
    Case(code="schema/format", before=["a@b.org"], odd="b.org", definition=schema(type="string", format="email")),
    Case(code="schema/required", before=WORDS, odd="", json=None, definition=limited(required=True)),
    Case(code="schema/enum", before=["m", "f"], odd="x", definition=limited(enum=["m", "f"])),
    Case(code="schema/pattern", before=WORDS, odd="owl2", definition=limited(pattern="[a-z]+")),
    Case(code="schema/minimum", before=[1, 2], odd=-1, definition=limited(minimum=0)),
    Case(code="schema/maximum", before=[1, 2], odd=9, definition=limited(maximum=5)),
    Case(code="schema/min-length", before=WORDS, odd="o", definition=limited(minLength=2)),
    Case(code="schema/max-length", before=WORDS, odd="nightingale", definition=limited(maxLength=9)),
    Case(code="keys/missing", before=WORDS, odd="", json=None, definition={"primaryKey": "x"}),
    Case(code="keys/duplicate", before=WORDS, odd="robin", definition={"primaryKey": "x"}, formats=["csv"]),
    Case(code="keys/case-variant", before=WORDS, odd="Robin", definition={"primaryKey": "x"}, formats=["csv"]),
    Case(code="keys/not-scalar", before=WORDS, odd=["owl", "kite"], value=None, definition={"primaryKey": "x"},
         formats=["json"]),
    Case(code="keys/whitespace", before=WORDS, odd="owl ", definition={"primaryKey": "x"}),
    Case(code="keys/invisible-character", before=WORDS, odd="o\u200bwl", definition={"primaryKey": "x"}),
    Case(code="keys/look-alike", before=WORDS, odd="\u043ewl", definition={"primaryKey": "x"}),
    Case(code="keys/nul-character", before=WORDS, odd="o\0wl", definition={"primaryKey": "x"}, formats=["json"]),
    Case(code="keys/foreign-missing", before=["1", "2"], odd="99",
         definition=checks(keys={"foreign_keys": [{"fields": "x", "reference": {"fields": "n"}}]})),
    Case(code="rows/constraint", before=[1, 2], odd=12, definition=checks(rows={"constraints": ["x < 10"]})),
    Case(code="rules/value-missing", before=WORDS, odd="", json=None, definition=VALUE_RULE),
    Case(code="rules/value-mismatch", before=WORDS, odd="owl7", definition=VALUE_RULE),
    Case(code="json-schema/violation", before=WORDS, odd="owl7",
         definition={"jsonSchema": {"properties": {"x": {"pattern": "^[a-z]+$"}}}}),
]  # fmt: skip

PADS = ["two\r\nlines", 'a "quoted"\nword', "plain"]


def csv_of(values: Sequence[Any]) -> list[str]:
    """Lines of a table: a number, a text with line breaks in the first records, and the value."""
    rows = []
    for n, value in enumerate(values, start=1):
        pad = PADS[n - 1] if n <= len(PADS) else f"p{n}"
        cells = [str(n), '"' + pad.replace('"', '""') + '"', '"' + str(value).replace('"', '""') + '"']
        rows.append(",".join(cells) + "\r\n")
    return ["n,pad,x\r\n", *rows]


def json_of(values: Sequence[Any]) -> list[tuple[str, str]]:
    """Of each record what stands before its value, and the value."""
    rows = []
    for n, value in enumerate(values, start=1):
        start = f' {{\r\n  "n": "{n}", "pad": "p{n}",\r\n  "x": '
        rows.append((start, json.dumps(value, ensure_ascii=False)))
    return rows


def told(report: Report, code: str) -> tuple[str | None, int, Any]:
    """(field, count, the only sample) of the only finding."""
    assert [f.code for f in report.findings] == [code], [(f.code, f.samples[:1]) for f in report.findings]
    (found,) = report.findings
    assert len(found.samples) == 1
    return found.field, found.count, found.samples[0]


def names(case: Case) -> str:
    return f"{case.code}-{str(case.odd)[:12]!a}"


@pytest.mark.parametrize("case", [c for c in CASES if "csv" in c.formats], ids=names)
def test_csv(run: Run, case: Case) -> None:
    values = [*case.before, case.odd, *(case.after or case.before[-1:] if "keys" not in case.code else ["kite"])]
    if case.code == "keys/foreign-missing":
        values = [*case.before, case.odd, "1"]
    lines = csv_of(values)
    report = run("d.csv", "".join(lines).encode(), ingestMethod="CSV", **case.definition)
    name, count, sample = told(report, case.code)
    record = len(case.before) + 1
    before = "".join(lines[:record])
    place = sample.location
    assert (name, count) == ("$.x", 1)
    assert (place.file, place.record) == ("d.csv", record)
    assert (place.line, place.byte) == (before.count("\n") + 1, len(before.encode()))
    assert sample.value == (str(case.odd) if case.value is ... else case.value)


@pytest.mark.parametrize("case", [c for c in CASES if "json" in c.formats], ids=names)
def test_json(run: Run, case: Case) -> None:
    odd = case.odd if case.json is ... else case.json
    sound = [float(v) for v in case.before] if case.code == "numbers/outlier" else case.before
    rows = json_of([*sound, odd, *(case.after or sound[-1:] if "keys" not in case.code else ["kite"])])
    if case.code == "keys/foreign-missing":
        rows = json_of([*sound, odd, "1"])
    text = "[\r\n" + ",\r\n".join(f"{start}{value}\r\n }}" for start, value in rows) + "\r\n]\r\n"
    report = run("d.json", text.encode(), ingestMethod="JSON", **case.definition)
    name, count, sample = told(report, case.code)
    record = len(case.before) + 1
    before = (
        "[\r\n" + "".join(f"{start}{value}\r\n }},\r\n" for start, value in rows[: record - 1]) + rows[record - 1][0]
    )
    place = sample.location
    assert (name.removesuffix("[*]") if name else name, count) == ("$.x", 1)
    assert (place.file, place.record, place.path) == ("d.json", record, f"/{record - 1}/x")
    assert (place.line, place.byte) == (before.count("\n") + 1, len(before.encode()))
    shown = None if odd is None else str(odd)
    assert sample.value == (shown if case.value is ... else case.value)


@pytest.mark.parametrize("case", CASES, ids=names)
def test_sound_values_say_nothing(run: Run, case: Case) -> None:
    values = [*case.before, *(() if case.code == "spreadsheet/broken-sequence" else case.after)]
    if "csv" in case.formats:
        data = "".join(csv_of(values)).encode()
        assert run("d.csv", data, ingestMethod="CSV", **case.definition).findings == ()
    if "json" in case.formats:
        sound = [float(v) for v in values] if case.code == "numbers/outlier" else values
        text = "[" + ",".join(f"{start}{value}}}" for start, value in json_of(sound)) + "]"
        assert run("d.json", text.encode(), ingestMethod="JSON", **case.definition).findings == ()


# -- what a whole column tells of some values --------------------------------------------------------------------------

SECONDS = [1_711_929_600 + 60 * n for n in range(20)]


@pytest.mark.parametrize(
    ("code", "name", "sound", "odd"),
    [
        ("numbers/sentinel", "x", [50 + n % 7 for n in range(30)], [-9999] * 4),
        ("numbers/mixed-epoch", "x", SECONDS, [1_711_929_600_000] * 3),
        ("text/mixed-case", "x", ["Male", "Female"] * 10, ["male", "FEMALE"]),
        ("text/ditto", "x", ["Elbe", "Saale"] * 10, ["〃", "〃", "do."]),
        ("spreadsheet/lost-zeros", "x", ["02139", "90210", "02140"] * 5, ["2139", "501"]),
        ("dates/sentinel", "x", [f"2024-03-{n:02}" for n in range(1, 20)], ["1970-01-01"] * 3),
        ("dates/serial-number", "x", [f"2024-03-{n:02}" for n in range(1, 20)], ["45350", "45351"]),
        ("numbers/bad-coordinate", "latitude", [50.5 + n % 7 for n in range(30)], [-122.5, 95.5]),
    ],
)  # fmt: skip
def test_several_of_a_column(run: Run, code: str, name: str, sound: list[Any], odd: list[Any]) -> None:
    values = [*sound, *odd, *sound]
    lines = ["n,pad," + name + "\r\n", *(f'{n},"two\r\nlines",{v}\r\n' for n, v in enumerate(values))]
    report = run("d.csv", "".join(lines).encode(), ingestMethod="CSV")
    (found,) = report.findings
    place = found.samples[0].location
    record, before = len(sound) + 1, "".join(lines[: len(sound) + 1])
    assert (found.code, found.field, found.count) == (code, f"$.{name}", len(odd))
    assert [s.value for s in found.samples] == [str(v) for v in odd]
    assert (place.record, place.line, place.byte) == (record, before.count("\n") + 1, len(before))
    rows = [f'{{"n": {n},\n"{name}": {json.dumps(v)}}}' for n, v in enumerate(values)]
    report = run("d.json", ("[" + ",\n".join(rows) + "]").encode(), ingestMethod="JSON")
    (found,) = report.findings
    place = found.samples[0].location
    assert (found.code, found.field, found.count) == (code, f"$.{name}", len(odd))
    assert (place.record, place.line, place.path) == (record, 2 * record, f"/{record - 1}/{name}")
    lines = [line for n, line in enumerate(lines) if not len(sound) < n <= len(sound) + len(odd)]
    rows = [row for n, row in enumerate(rows) if not len(sound) <= n < len(sound) + len(odd)]
    assert run("d.csv", "".join(lines).encode(), ingestMethod="CSV").findings == ()
    assert run("d.json", ("[" + ",\n".join(rows) + "]").encode(), ingestMethod="JSON").findings == ()


# -- of files and headers ----------------------------------------------------------------------------------------------

FOREIGN = {"fields": "x", "reference": {"fields": "id"}}
HEADED = b'# a note\r\nn,pad,x\r\n1,"two\r\nlines",3\r\n2,b,4\r\n'


@pytest.mark.parametrize(
    ("code", "name", "definition"),
    [
        ("schema/missing-field", "$.y", {"schema": {"fields": ["n", "pad", "x", "y"]}}),
        ("schema/extra-field", "$.x", {"schema": {"fields": ["n", "pad"]}}),
        ("schema/other-names", None, {"schema": {"fields": ["one", "more", "way"]}}),
        ("schema/field-order", None, {"schema": {"fields": ["pad", "n", "x"]}}),
        ("keys/missing", "$.id", {"primaryKey": "id"}),
        ("keys/foreign-missing", "$.id", checks(keys={"foreign_keys": [FOREIGN]})),
        ("rows/field-count", None, checks(rows={"fields": 4})),
        ("rows/constraint", "$.y", checks(rows={"constraints": ["x < y"]})),
        ("rules/value-missing", "$.id", {"qcRules": {"ValueExists": [{"path": "id"}]}}),
        ("json-schema/violation", "$.id", {"jsonSchema": {"required": ["id"]}}),
        ("spreadsheet/broken-sequence", "$.no", checks(spreadsheet={"sequences": {"no": 1}})),
        ("text/required-value", "$.sex", checks(text={"required": {"sex": ["f"]}})),
    ],
)  # fmt: skip
def test_of_a_header(run: Run, code: str, name: str | None, definition: dict[str, Any]) -> None:
    report = run("d.csv", HEADED, ingestMethod="CSV", headerLine=2, **definition)
    found, count, sample = told(report, code)
    assert (found, count, sample.value) == (name, 1, None)
    assert (sample.location.file, sample.location.line, sample.location.record) == ("d.csv", 2, None)


def test_of_two_fields(run: Run) -> None:
    rows = b"".join(b'%d,"two\r\nlines",2024-01-0%d,2024-02-0%d\r\n' % (n, n % 9 + 1, n % 9 + 1) for n in range(40))
    head = b"n,pad,start,end\r\n" + rows
    report = run("d.csv", head + b"40,x,2024-03-05,2024-03-03\r\n41,x,2024-03-05,2024-03-06\r\n", ingestMethod="CSV")
    name, count, sample = told(report, "rows/reversed")
    assert (name, count, sample.value) == ("$.end", 1, "2024-03-03")
    at = sample.location
    assert (at.record, at.line, at.byte) == (41, 82, len(head))


def test_of_a_whole_source(run: Run) -> None:
    report = run("d.csv", HEADED, ingestMethod="CSV", headerLine=2, records={"min": 3})
    assert told(report, "rows/count")[:2] == (None, 1)
    report = run("d.csv", b"n\r\n" + b"".join(b"%d\r\n" % n for n in range(65_535)), ingestMethod="CSV")
    assert told(report, "rows/capped")[:2] == (None, 1)
    report = run("d.csv", HEADED, ingestMethod="CSV", headerLine=2, checks={"text": {"required": {"pad": ["b", "c"]}}})
    name, count, sample = told(report, "text/required-value")
    assert (name, count, sample.value) == ("$.pad", 1, "c")
    reference = {"file": "gone.csv", "fields": "n"}
    checks = {"keys": {"foreign_keys": [{"fields": "x", "reference": reference}]}}
    report = run("d.csv", HEADED, ingestMethod="CSV", headerLine=2, checks=checks)
    assert told(report, "keys/foreign-unread")[:2] == ("$.x", 1)
    assert report.verdict == "inconclusive"
    sound = {"records": {"min": 2}, "checks": {"text": {"required": {"pad": ["b"]}}, "rows": {"fields": 3}}}
    assert run("d.csv", HEADED, ingestMethod="CSV", headerLine=2, **sound).findings == ()


def test_records_that_are_there_twice(run: Run) -> None:
    lines = ["a,b\r\n", '1,"two\r\nlines"\r\n', "2,x\r\n", '1,"two\r\nlines"\r\n', "3,y\r\n"]
    name, count, sample = told(run("d.csv", "".join(lines).encode(), ingestMethod="CSV"), "rows/duplicate")
    before = "".join(lines[:3])
    assert (name, count, sample.value, sample.message) == (None, 1, None, "the record equals record 1 (line 2)")
    place = sample.location
    assert (place.record, place.line, place.byte) == (3, before.count("\n") + 1, len(before))
    rows = ['{"a": 1, "b": [1]}', '{"a": 2}', '{"b": [1], "a": 1}']
    text = "[\n" + ",\n".join(rows) + "\n]"
    name, count, sample = told(run("d.json", text.encode(), ingestMethod="JSON"), "rows/duplicate")
    place = sample.location
    assert (count, place.record, place.line, place.byte, place.path) == (1, 3, 4, text.rindex("{"), "/2")


def test_blank_records(run: Run) -> None:
    text = '[\n {"n": 1},\n {},\n {"n": null, "of": {"x": ""}},\n {"n": 0}\n]'
    (found,) = run("d.json", text.encode(), ingestMethod="JSON").findings
    assert (found.code, found.count, found.field) == ("rows/blank", 2, None)
    places = [s.location for s in found.samples]
    assert [(p.record, p.line, p.byte, p.path) for p in places] == [
        (2, 3, text.index("{}"), "/1"), (3, 4, text.index('{"n": null'), "/2"),
    ]  # fmt: skip
    text = "<t>\n<s><n>1</n></s>\n<s/>\n<s><n> </n></s>\n<s n='1'/></t>"
    (found,) = run("d.xml", text.encode(), ingestMethod="XML", documentElement="s").findings
    assert [(p.record, p.line, p.path) for p in (s.location for s in found.samples)] == [
        (2, 3, "/t/s[2]"), (3, 4, "/t/s[3]"),
    ]  # fmt: skip
    report = run("d.json", b'[{"n": 1}, {"n": false}, {"of": [0]}, {"of": {"x": "y"}}]', ingestMethod="JSON")
    assert report.findings == ()
    (found,) = run("d.json", b'[{"n": 1}, {}]', ingestMethod="JSON", primaryKey="$.n").findings
    assert found.code == "keys/missing"


@pytest.mark.parametrize(
    ("data", "definition", "place"),
    [
        ("id,name\r\n,\r\n,\r\n,\r\n", {"ingestMethod": "CSV"}, (2, 9)),
        ("id,name\r\n,\r\n,\r\n,\r\n", {"ingestMethod": "CSV", "primaryKey": "id"}, (2, 9)),
        ('[\n{"id": null, "name": ""},\n{}, {"name": []}]', {"ingestMethod": "JSON"}, (2, 2)),
        ('{"id": null}\n{}\n{"name": ""}\n', {"ingestMethod": "JSONL", "primaryKey": "id"}, (1, 0)),
        ("<r>\n<a><id/></a>\n<a/>\n<a> </a>\n</r>", {"ingestMethod": "XML", "documentElement": "a"}, (2, 4)),
    ],
)
def test_a_source_of_blank_records_alone(
    run: Run, data: str, definition: Mapping[str, Any], place: tuple[int, int]
) -> None:
    report = run("d", data.encode(), **definition)
    (found,) = report.findings
    assert (found.code, found.count, report.verdict) == ("rows/all-blank", 3, "failed")
    assert report.counts.records_with_errors == 3
    (sample,) = found.samples
    assert sample.message == "none of the 3 records has any value"
    assert (sample.location.record, sample.location.line, sample.location.byte) == (1, *place)


# -- XML and its schemas -----------------------------------------------------------------------------------------------

STOCKS = b"<stocks>\r\n<stock><name>wren</name></stock>\r\n<stock>\r\n<name>ow7</name></stock></stocks>\r\n"
RNG = "http://relaxng.org/ns/structure/1.0"
SCHEMAS = {
    "xsd": """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="stocks"><xs:complexType>
      <xs:sequence><xs:element name="stock" maxOccurs="9"><xs:complexType><xs:sequence><xs:element name="name">
      <xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[a-z]+"/></xs:restriction></xs:simpleType>
      </xs:element></xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>""",
    "relaxng": f"""<element name="stocks" xmlns="{RNG}" datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
      <oneOrMore><element name="stock"><element name="name"><data type="string"><param name="pattern">[a-z]+</param>
      </data></element></element></oneOrMore></element>""",
    "schematron": """<schema xmlns="http://purl.oclc.org/dsdl/schematron"><pattern><rule context="name">
      <assert test="not(contains(., '7'))">no digit</assert></rule></pattern></schema>""",
}


@pytest.mark.parametrize(
    ("kind", "code", "unread"),
    [
        ("xsd", "xsd/violation", "xsd/not-checked"),
        ("relaxng", "relaxng/violation", "relaxng/not-checked"),
        ("schematron", "schematron/violation", "schematron/not-checked"),
    ],
)
def test_xml(run: Run, kind: str, code: str, unread: str) -> None:
    definition = {
        "ingestMethod": "XML",
        "topElement": "stocks",
        "documentElement": "stock",
        "primaryKey": "$.stock.name.'_$'",
    }
    of_schema = {kind: SCHEMAS[kind]}
    name, count, sample = told(run("d.xml", STOCKS, **definition, **of_schema), code)
    start = STOCKS.rindex(b"<stock>")
    place = sample.location
    assert (name, count, sample.value, sample.key) == ("$.stock.name", 1, "ow7", "ow7")
    assert (place.record, place.line, place.byte, place.path) == (2, 4, start, "/stocks/stock[2]/name")
    assert run("d.xml", STOCKS.replace(b"7", b"l"), **definition, **of_schema).findings == ()
    if kind != "xsd":
        options = {"checks": {kind: {"megabytes": 0.00001}}}
        report = run("d.xml", STOCKS, **definition, **of_schema, **options)
        name, count, sample = told(report, unread)
        assert (name, count, sample.location.file, sample.location.record) == (None, 1, "d.xml", None)
        assert report.verdict == "inconclusive"


@pytest.mark.parametrize("kind", ["xsd", "relaxng", "schematron"])
def test_a_part_that_is_no_xml(run: Run, kind: str) -> None:
    """What the reader can make nothing of, it tells of; the schema's checker says nothing besides."""
    definition = {"ingestMethod": "XML", "documentElement": "stock", kind: SCHEMAS[kind]}
    broken = STOCKS.replace(b"7", b"l").replace(b"</stock></stocks>", b"</stok></stocks>")
    report = run("d.xml", broken, **definition)
    assert [f.code for f in report.findings] == ["xml/syntax"]
    assert report.metrics["suppressed"] == {f"{kind}/not-checked": 1}


def test_no_code_is_left_out(all_checkers: Sequence[type[Checker]]) -> None:
    """Of the checkers that look at single values."""
    here = Path(__file__).read_text()
    looked = {
        "spreadsheet",
        "dates",
        "numbers",
        "identifiers",
        "text",
        "schema",
        "keys",
        "rows",
        "rules",
        "json-schema",
    }
    codes = [c.id for k in all_checkers if k.name in looked for c in k.codes]
    assert [code for code in codes if f'"{code}"' not in here] == []
