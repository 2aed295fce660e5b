"""XML against XML Schema, RELAX NG and Schematron: whole files, and record by record."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Finding, Occurrence
from potable.engine.lint import lint_source
from potable.engine.options import RunOptions
from potable.engine.pipeline import run_source
from potable.engine.plugins import load_plugins

Run = Callable[..., Report]

SOUND = b"""<?xml version="1.0"?>
<stocks>
 <stock id="a"><name>wren</name><year>2020</year></stock>
 <stock id="b"><name>robin</name></stock>
</stocks>
"""
FAULTY = b"""<?xml version="1.0"?>
<stocks>
 <stock id="a"><name>wren</name><year>MMXX</year></stock>
 <stock id="b"><name>robin</name></stock><stock
   id="c"><nmae/></stock>
 <stock><name>owl</name></stock>
</stocks>
"""
RECORD = """<xs:element name="stock"><xs:complexType><xs:sequence>
 <xs:element name="name" type="xs:string"/><xs:element name="year" type="xs:gYear" minOccurs="0"/>
</xs:sequence><xs:attribute name="id" use="required"/></xs:complexType></xs:element>"""
XSD_RECORD = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{RECORD}</xs:schema>'
XSD = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{RECORD}
<xs:element name="stocks"><xs:complexType><xs:sequence><xs:element ref="stock" maxOccurs="unbounded"/></xs:sequence>
</xs:complexType></xs:element></xs:schema>"""
RNG_STOCK = """<element name="stock"><attribute name="id"/><element name="name"><text/></element>
<optional><element name="year"><data type="gYear"/></element></optional></element>"""
RNG_HEAD = 'xmlns="http://relaxng.org/ns/structure/1.0" datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes"'
RNG = f'<element name="stocks" {RNG_HEAD}><oneOrMore>{RNG_STOCK}</oneOrMore></element>'
RNG_RECORD = f'<grammar {RNG_HEAD}><start><ref name="s"/></start><define name="s">{RNG_STOCK}</define></grammar>'
SCH = """<schema xmlns="http://purl.oclc.org/dsdl/schematron"><pattern><rule context="stock">
<assert id="named" test="name">a stock without a name: <value-of select="@id"/></assert>
<report test="year = 'MMXX'">Roman figures</report>
<report test="name = 'owl'" role="info">an owl</report>
</rule></pattern></schema>"""


@pytest.fixture
def check(tmp_path: Path) -> Run:
    """``check(data, xsd=...)``: the report of a run over an XML file of stocks."""

    def run(data: bytes, name: str = "data.xml", options: RunOptions | None = None, **definition: Any) -> Report:
        (tmp_path / name).write_bytes(data)
        members = {
            "resourceID": "t", "ingestMethod": "XML", "ingestURL": name, "topElement": "stocks",
            "documentElement": "stock", "checks": {"text": "off"}, **definition,
        }  # fmt: skip
        source = from_mapping(members, folder=tmp_path)
        return run_source(source, load_plugins(), options or RunOptions(scratch=tmp_path))

    return run


@pytest.fixture
def lint(tmp_path: Path) -> Callable[..., list[Occurrence]]:
    def run(**definition: Any) -> list[Occurrence]:
        members = {"resourceID": "t", "ingestMethod": "XML", "ingestURL": "x", "documentElement": "stock"}
        return lint_source(from_mapping({**members, **definition}, folder=tmp_path), load_plugins())

    return run


def found(report: Report, checker: str) -> list[Finding]:
    assert {c.checker: c.status for c in report.coverage}[checker] == "ran"
    return [f for f in report.findings if f.checker == checker]


def places(report: Report, checker: str) -> list[tuple[str | None, int | None, int | None, str | None]]:
    samples = [(f.field, s.location) for f in found(report, checker) for s in f.samples]
    return sorted(((f, p.record, p.line, p.path) for f, p in samples), key=lambda p: (p[2] or 0, p[3] or ""))


# -- XML Schema --------------------------------------------------------------------------------------------------------

EXPECTED = [
    ("$.stock.year", 1, 3, "/stocks/stock[1]/year"),
    ("$.stock.nmae", 3, 5, "/stocks/stock[3]/nmae"),
    ("$.stock.@id", 4, 6, "/stocks/stock[4]"),
]


def test_a_file_as_a_whole(check: Run) -> None:
    report = check(FAULTY, xsd=XSD)
    assert places(report, "xsd") == EXPECTED
    rules = {f.rule: f.samples[0].message for f in found(report, "xsd")}
    assert rules == {
        "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "Element 'year': 'MMXX' is not a valid value of the atomic type "
        "'xs:gYear'.",
        "SCHEMAV_ELEMENT_CONTENT": "Element 'nmae': This element is not expected. Expected is ( name ).",
        "SCHEMAV_CVC_COMPLEX_TYPE_4": "Element 'stock': The attribute 'id' is required but missing.",
    }
    assert (report.verdict, report.counts.records_with_errors) == ("failed", 3)


def test_record_by_record(check: Run) -> None:
    report = check(FAULTY, xsd=XSD_RECORD)
    assert [(f, r, p) for f, r, _, p in places(report, "xsd")] == [(f, r, p) for f, r, _, p in EXPECTED]
    assert report.counts.records_with_errors == 3


@pytest.mark.parametrize("xsd", [XSD, XSD_RECORD])
def test_sound_data_say_nothing(check: Run, xsd: str) -> None:
    assert found(check(SOUND, xsd=xsd), "xsd") == []


def test_the_scope_may_be_said(check: Run) -> None:
    report = check(SOUND, xsd=XSD_RECORD, checks={"xsd": {"scope": "file"}})
    assert [(f.rule, f.count) for f in found(report, "xsd")] == [("SCHEMAV_CVC_ELT_1", 1)]
    report = check(FAULTY, xsd=XSD, checks={"xsd": {"scope": "record"}})
    assert [r for _, r, _, _ in places(report, "xsd")] == [1, 3, 4]


def test_text_between_elements_is_that_of_the_element_around_them(check: Run) -> None:
    data = b'<stocks>\n<stock id="a">\n\nwords <name>wren</name>\n<year>2020</year>\n</stock>\n</stocks>'
    for xsd in (XSD, XSD_RECORD):
        assert places(check(data, xsd=xsd), "xsd") == [("$.stock", 1, 2, "/stocks/stock[1]")]


def test_identity_across_records(check: Run) -> None:
    unique = '<xs:unique name="u"><xs:selector xpath="stock"/><xs:field xpath="@id"/></xs:unique>'
    stocks = b"".join(b"<stock id='%c'><name/></stock>\n" % c for c in b"aba")
    xsd = XSD.replace("</xs:element></xs:schema>", f"{unique}</xs:element></xs:schema>")
    report = check(b"<stocks>\n" + stocks + b"</stocks>", xsd=xsd)
    assert places(report, "xsd") == [("$.stock", 3, 4, "/stocks/stock[3]")]


def test_facets_are_told_once(check: Run) -> None:
    xsd = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="stocks"><xs:complexType>
      <xs:sequence><xs:element name="stock" maxOccurs="9"><xs:simpleType><xs:restriction base="xs:string">
      <xs:pattern value="[a-z]+"/><xs:maxLength value="3"/>
      </xs:restriction></xs:simpleType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>"""
    report = check(b"<stocks><stock>abc</stock><stock>AB</stock></stocks>", xsd=xsd)
    assert [(f.rule, f.count) for f in found(report, "xsd")] == [("SCHEMAV_CVC_PATTERN_VALID", 1)]


def test_namespaces(check: Run) -> None:
    xsd = XSD.replace('Schema">', 'Schema" targetNamespace="urn:s" xmlns="urn:s" elementFormDefault="qualified">', 1)
    for prefix in ("", "s:"):
        data = FAULTY.replace(b"<stocks", f"<{prefix}stocks xmlns{':s' if prefix else ''}='urn:s'".encode())
        for name in (b"stock ", b"stock>", b"stock\n", b"name", b"nmae", b"year", b"stocks>"):
            data = data.replace(b"<" + name, b"<" + prefix.encode() + name)
            data = data.replace(b"</" + name, b"</" + prefix.encode() + name)
        report = check(data, xsd=xsd, topElement=f"{prefix}stocks", documentElement=f"{prefix}stock")
        wanted = [(r, line) for _, r, line, _ in EXPECTED]
        assert [(r, line) for _, r, line, _ in places(report, "xsd")] == wanted


def test_compressed_and_utf16(check: Run) -> None:
    report = check(gzip.compress(FAULTY), name="data.xml.gz", xsd=XSD)
    assert places(report, "xsd") == EXPECTED
    report = check(FAULTY.decode().encode("utf-16"), xsd=XSD)
    assert sum(f.count for f in found(report, "xsd")) == 3


def test_several_files(check: Run, tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    (tmp_path / "many/a.xml").write_bytes(SOUND)
    (tmp_path / "many/b.xml").write_bytes(FAULTY)
    report = check(b"", xsd=XSD, ingestURL="many", filenamePattern=r".*\.xml$")
    assert [(r, line) for _, r, line, _ in places(report, "xsd")] == [(3, 3), (5, 5), (6, 6)]
    assert {s.location.file for f in found(report, "xsd") for s in f.samples} == {"many/b.xml"}


def test_tolerated_like_other_errors_of_records(check: Run) -> None:
    assert check(FAULTY, xsd=XSD, errPerc=75).verdict == "passed"


def test_xml_that_breaks_off_is_the_readers_business(check: Run) -> None:
    report = check(SOUND[:-20], xsd=XSD)
    assert [f.code for f in report.findings] == ["xml/syntax"]
    assert report.verdict == "inconclusive"


def test_entities_are_not_expanded(check: Run, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("2020")
    doctype = b'<!DOCTYPE stocks [<!ENTITY x SYSTEM "secret.txt">]>\n'
    data = SOUND.replace(b"<stocks>", doctype + b"<stocks>", 1).replace(b"2020", b"&x;")
    assert check(data, xsd=XSD).verdict == "inconclusive"


def test_a_large_file_is_streamed(check: Run) -> None:
    many = b"".join(b"<stock id='%d'><name>n</name><year>2020</year></stock>\n" % n for n in range(30_000))
    data = b"<stocks>\n" + many + b"<stock id='x'><name/><year>x</year></stock></stocks>"
    assert places(check(data, xsd=XSD), "xsd") == [("$.stock.year", 30_001, 30_002, "/stocks/stock[30001]/year")]


def test_no_xml_no_check(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a\n1\n")
    source = from_mapping({"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "d.csv", "xsd": XSD}, folder=tmp_path)
    report = run_source(source, load_plugins())
    assert {c.checker: c.reason for c in report.coverage}["xsd"] == "the source is csv, not XML"


# -- RELAX NG ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("relaxng", [RNG, RNG_RECORD])
def test_relaxng(check: Run, relaxng: str) -> None:
    report = check(FAULTY, relaxng=relaxng)
    assert [(f, r, p) for f, r, _, p in places(report, "relaxng")] == [
        ("$.stock.year", 1, "/stocks/stock[1]/year"),
        ("$.stock.nmae", 3, "/stocks/stock[3]/nmae"),
        ("$.stock", 4, "/stocks/stock[4]"),
    ]
    messages = sorted(f.samples[0].message for f in found(report, "relaxng"))
    assert messages[-1] == "Type gYear doesn't allow value 'MMXX'"
    assert report.counts.records_with_errors == 3


@pytest.mark.parametrize("relaxng", [RNG, RNG_RECORD])
def test_relaxng_on_sound_data(check: Run, relaxng: str) -> None:
    assert found(check(SOUND, relaxng=relaxng), "relaxng") == []


def test_lines_of_relaxng(check: Run) -> None:
    assert [line for _, _, line, _ in places(check(FAULTY, relaxng=RNG), "relaxng")] == [3, 5, 6]


@pytest.mark.parametrize(("kind", "schema"), [("relaxng", RNG), ("schematron", SCH)])
def test_a_file_too_large_for_a_tree_is_not_passed(check: Run, kind: str, schema: str) -> None:
    report = check(SOUND, **{kind: schema}, checks={kind: {"megabytes": 0.0001}})
    (one,) = found(report, kind)
    assert (one.code, one.samples[0].message) == (f"{kind}/not-checked", "data.xml is larger than 0.0001 MiB")
    assert (report.verdict, report.counts.records) == ("inconclusive", 2)
    report = check(gzip.compress(SOUND * 1), name="d.gz", **{kind: schema}, checks={kind: {"megabytes": 0.00012}})
    assert [f.code for f in found(report, kind)] == [f"{kind}/not-checked"]


# -- Schematron --------------------------------------------------------------------------------------------------------


def test_schematron(check: Run) -> None:
    report = check(FAULTY, schematron=SCH)
    told = [(f.rule, f.field, f.count, f.samples[0].message) for f in found(report, "schematron")]
    assert told == [
        ("named", "$.stock", 1, "a stock without a name: c"),
        ("year = 'MMXX'", "$.stock", 1, "Roman figures"),
    ]
    assert places(report, "schematron") == [
        ("$.stock", 1, 3, "/stocks/stock[1]"),
        ("$.stock", 3, 4, "/stocks/stock[3]"),
    ]
    assert found(check(SOUND, schematron=SCH), "schematron") == []


def test_schematron_by_record(check: Run) -> None:
    report = check(FAULTY, schematron=SCH, checks={"schematron": {"scope": "record"}, "text": "off"})
    assert [(r, p) for _, r, _, p in places(report, "schematron")] == [(1, "/stocks/stock[1]"), (3, "/stocks/stock[3]")]


def test_schematron_with_namespaces_and_attributes(check: Run) -> None:
    sch = """<schema xmlns="http://purl.oclc.org/dsdl/schematron"><ns prefix="x" uri="urn:s"/><pattern>
      <rule context="x:stock/@id"><assert test=". != 'b'">not b</assert></rule></pattern></schema>"""
    data = SOUND.replace(b"<stocks>", b"<stocks xmlns='urn:s'>")
    assert [(r, line) for _, r, line, _ in places(check(data, schematron=sch), "schematron")] == [(2, 4)]


def test_a_schematron_reads_no_other_document(
    check: Run, lint: Callable[..., list[Occurrence]], tmp_path: Path
) -> None:
    (tmp_path / "other.xml").write_text("<x/>")
    sch = SCH.replace('test="name"', "test=\"document('other.xml')\"")
    (one,) = lint(schematron=sch)
    assert one.message == "\"document('other.xml')\" reads another document, which no assertion may (line 2 of it)"
    hidden = SCH.replace("<pattern>", "<let name='d' value=\"'other.xml'\"/><pattern>").replace(
        'test="name"', 'test="doc&#x75;ment ($d)"'
    )
    assert [o.code for o in lint(schematron=hidden)] == ["definition/bad-value"]
    assert check(SOUND, schematron=hidden).verdict == "failed"


@pytest.mark.parametrize(("kind", "schema"), [("xsd", XSD), ("schematron", SCH)])
def test_many_faults(check: Run, kind: str, schema: str) -> None:
    data = b"<stocks>" + b"<stock id='x'/>\n" * 9_000 + b"</stocks>"
    (one,) = found(check(data, **{kind: schema}), kind)
    assert (one.count, one.samples[19].location.line, one.samples[19].location.record) == (9_000, 20, 20)


def test_too_many_faults_for_xsd(check: Run) -> None:
    data = b"<stocks>" + b"<stock id='x'/>\n" * 30_000 + b"</stocks>"
    first, second = found(check(data, xsd=XSD), "xsd")
    assert (first.code, second.code) == ("xsd/broken-off", "xsd/violation")
    assert 10_000 < second.count < 20_000


def test_too_many_faults_for_relaxng(check: Run) -> None:
    sound, faulty = b"<stock id='x'><name/></stock>\n", b"<stock id='x'/>\n"
    report = check(b"<stocks>" + sound * 100 + faulty * 30_000 + b"</stocks>", relaxng=RNG)
    assert [(f.code, f.count, f.samples[0].location.line) for f in found(report, "relaxng")] == [
        ("relaxng/broken-off", 1, None),
        ("relaxng/violation", 900, 101),
    ]
    assert report.verdict == "failed"
    report = check(b"<stocks>" + sound * 25_000 + faulty * 3 + b"</stocks>", relaxng=RNG)
    assert [(f.code, f.count, f.samples[0].location.line) for f in found(report, "relaxng")] == [
        ("relaxng/violation", 3, 25_001)
    ]


# -- exact places, values and keys -------------------------------------------------------------------------------------

KEYED = b"""<?xml version="1.0"?>\r
<!-- <stock id="no"> > -->\r
<stocks note="a>b"><stock id="1" sex="m"><name>wren</name></stock>\r
<stock\r
 id="zwei" sex="x"><name>robin</name><year>MMXX</year></stock><stock id="3" odd="&gt;"><name>too long a name</name>\r
</stock>
<stock sex="f"><name>owl</name></stock></stocks>
"""
MANY = ' maxOccurs="unbounded"'
TYPED_STOCK = f"""<xs:element name="stock"{MANY}><xs:complexType><xs:sequence>
<xs:element name="name"><xs:simpleType><xs:restriction base="xs:string"><xs:maxLength value="5"/></xs:restriction>
</xs:simpleType></xs:element><xs:element name="year" type="xs:gYear" minOccurs="0"/></xs:sequence>
<xs:attribute name="id" type="xs:integer" use="required"/><xs:attribute name="sex"><xs:simpleType>
<xs:restriction base="xs:string"><xs:enumeration value="m"/><xs:enumeration value="f"/></xs:restriction>
</xs:simpleType></xs:attribute></xs:complexType></xs:element>"""
TYPED = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="stocks"><xs:complexType>
<xs:sequence>{TYPED_STOCK}</xs:sequence><xs:attribute name="note"/></xs:complexType></xs:element></xs:schema>"""
TYPED_RNG = f"""<element name="stocks" {RNG_HEAD}><attribute name="note"/><oneOrMore><element name="stock">
<attribute name="id"><data type="integer"/></attribute>
<optional><attribute name="sex"><choice><value>m</value><value>f</value></choice></attribute></optional>
<element name="name"><data type="string"><param name="maxLength">5</param></data></element>
<optional><element name="year"><data type="gYear"/></element></optional></element></oneOrMore></element>"""
ASSERTED = """<schema xmlns="http://purl.oclc.org/dsdl/schematron"><pattern>
<rule context="stock/@id"><assert test="number(.) = ."  id="numbered">an id that is no number</assert></rule>
<rule context="year"><assert test="number(.) = ." id="year">a year that is no number</assert></rule></pattern>
</schema>"""

Exact = tuple[str | None, int | None, int | None, int | None, str | None, str | None, str | None]


def exact(report: Report, checker: str) -> list[Exact]:
    """(field, record, line, byte, path, value, key) of each sample."""
    told = [(f.field, s) for f in found(report, checker) for s in f.samples]
    places = [
        (f, s.location.record, s.location.line, s.location.byte, s.location.path, s.value, s.key) for f, s in told
    ]
    return sorted(places, key=lambda p: (p[1] or 0, p[4] or ""))


def at(number: int) -> int:
    """The byte at which the record of that number begins."""
    starts = [n for n in range(len(KEYED)) if KEYED[n : n + 6] == b"<stock" and KEYED[n + 6] in b" \r"]
    return starts[number]  # the first one is in a comment


SECOND, THIRD, FOURTH = "/stocks/stock[2]", "/stocks/stock[3]", "/stocks/stock[4]"


@pytest.mark.parametrize("scope", ["file", "record"])
def test_xsd_at_exact_places(check: Run, scope: str) -> None:
    schema = TYPED if scope == "file" else XSD_RECORD.replace(RECORD, TYPED_STOCK.replace(MANY, ""))
    report = check(KEYED, xsd=schema, primaryKey="$.stock.name", checks={"xsd": {"scope": scope}, "text": "off"})
    assert exact(report, "xsd") == [
        ("$.stock.@id", 2, 4, at(2), f"{SECOND}/@id", "zwei", "robin"),
        ("$.stock.@sex", 2, 4, at(2), f"{SECOND}/@sex", "x", "robin"),
        ("$.stock.year", 2, 5, at(2), f"{SECOND}/year", "MMXX", "robin"),
        ("$.stock.@odd", 3, 5, at(3), f"{THIRD}/@odd", ">", "too long a name"),
        ("$.stock.name", 3, 5, at(3), f"{THIRD}/name", "too long a name", "too long a name"),
        ("$.stock.@id", 4, 7, at(4), FOURTH, None, "owl"),
    ]


def test_relaxng_at_exact_places(check: Run) -> None:
    report = check(KEYED, relaxng=TYPED_RNG, primaryKey="$.stock.name")
    told = exact(report, "relaxng")
    assert {(f.field, f.rule) for f in found(report, "relaxng")} >= {
        ("$.stock.@id", "RELAXNG_ERR_TYPEVAL"), ("$.stock", "RELAXNG_ERR_ATTRVALID")
    }  # fmt: skip
    assert told == [
        ("$.stock.@id", 2, 4, at(2), f"{SECOND}/@id", "zwei", "robin"),
        ("$.stock.year", 2, 5, at(2), f"{SECOND}/year", "MMXX", "robin"),
        ("$.stock.@odd", 3, 5, at(3), f"{THIRD}/@odd", ">", "too long a name"),
        ("$.stock.name", 3, 5, at(3), f"{THIRD}/name", "too long a name", "too long a name"),
        ("$.stock", 4, 7, at(4), FOURTH, None, "owl"),
    ]


@pytest.mark.parametrize("scope", ["file", "record"])
def test_schematron_at_exact_places(check: Run, scope: str) -> None:
    checks = {"schematron": {"scope": scope}, "text": "off"}
    report = check(KEYED, schematron=ASSERTED, primaryKey="$.stock.name", checks=checks)
    assert exact(report, "schematron") == [
        ("$.stock.@id", 2, 4, at(2), f"{SECOND}/@id", "zwei", "robin"),
        ("$.stock.year", 2, 5, at(2), f"{SECOND}/year", "MMXX", "robin"),
    ]


@pytest.mark.parametrize(("kind", "schema"), [("xsd", TYPED), ("relaxng", TYPED_RNG), ("schematron", ASSERTED)])
def test_records_in_order_say_nothing(check: Run, kind: str, schema: str) -> None:
    data = b"<stocks note='>'><stock id='1' sex='m'><name>wren</name><year>2020</year></stock></stocks>"
    assert found(check(data, **{kind: schema}), kind) == []


def test_one_wrong_attribute_is_one_finding(check: Run) -> None:
    data = KEYED.replace(b' sex="x"', b"").replace(b"MMXX", b"2020")
    report = check(data, relaxng=TYPED_RNG)
    assert [(f.rule, f.field, f.count) for f in found(report, "relaxng") if f.samples[0].location.record == 2] == [
        ("RELAXNG_ERR_TYPEVAL", "$.stock.@id", 1)
    ]


@pytest.mark.parametrize(
    ("stock", "rules"),
    [
        (b"<stock id='x' sex='m'><name>a</name></stock>", ["RELAXNG_ERR_TYPEVAL"]),
        (b"<stock sex='m'><name>a</name></stock>", ["RELAXNG_ERR_ATTRVALID"]),
        (b"<stock id='1' odd='2'><name>a</name></stock>", ["RELAXNG_ERR_INVALIDATTR"]),
        (b"<stock id='1'><name>too long</name></stock>", ["RELAXNG_ERR_DATATYPE"]),
        (b"<stock id='1'><name>a</name><year>x</year></stock>", ["RELAXNG_ERR_TYPEVAL"]),
        (b"<stock id='1'><foo/></stock>", ["RELAXNG_ERR_ELEMWRONG"]),
        (b"<stock id='1'></stock>", ["RELAXNG_ERR_NOELEM"]),
    ],
)
def test_one_fault_is_one_finding_of_relaxng(check: Run, stock: bytes, rules: list[str]) -> None:
    sound = b"<stock id='1'><name>a</name></stock>\n"
    for around in (sound, b""):
        report = check(b"<stocks note='x'>\n" + around + stock + around + b"</stocks>", relaxng=TYPED_RNG)
        assert [(f.rule, f.count) for f in found(report, "relaxng")] == [(rule, 1) for rule in rules]


def test_what_lies_outside_of_records_has_no_byte(check: Run) -> None:
    report = check(b"<stocks not='x'>\n<stock id='1'><name>owl</name></stock></stocks>", xsd=TYPED)
    assert exact(report, "xsd") == [(None, None, 1, None, "/stocks/@not", "x", None)]


def test_a_missing_child_is_told_of_its_own_field(check: Run) -> None:
    report = check(b"<stocks>\n<stock id='1'></stock></stocks>", xsd=TYPED, primaryKey="$.stock.name")
    assert [e[:2] for e in exact(report, "xsd")] == [("$.stock.name", 1)]
    assert [f.code for f in report.findings] == ["xsd/violation"]


def test_a_record_of_very_many_elements_has_no_key(check: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("potable.checkers.xsd.track.MOST_HELD", 1)
    report = check(KEYED, xsd=TYPED, primaryKey="$.stock.name")
    assert [(e[1], e[6]) for e in exact(report, "xsd")] == [
        (2, None), (2, None), (2, None), (3, "too long a name"), (3, "too long a name"), (4, "owl")
    ]  # fmt: skip


# -- the schemas themselves --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "schema", "message", "line"),
    [
        ("xsd", "<xs:schema", "the schema isn't well-formed XML", 1),
        ("xsd", XSD.replace('ref="stock"', 'ref="stok"'), "the schema can't be used: Element", 4),
        ("xsd", "<a/>", "the schema can't be used: The XML document", None),
        ("relaxng", RNG.replace("gYear", "gYeer"), "the schema can't be used: Error type 'gYeer'", 2),
        ("schematron", SCH.replace('test="name"', 'test="name ="'), "'name =' isn't XPath", 2),
        ("schematron", SCH.replace("<schema ", "<schema queryBinding='xslt2' "), "the query language 'xslt2'", 1),
        ("schematron", "<schema xmlns='http://www.ascc.net/xml/schematron'/>", "this isn't an ISO Schematron", 1),
    ],
)
def test_faults_of_schemas(
    lint: Callable[..., list[Occurrence]], tmp_path: Path, kind: str, schema: str, message: str, line: int | None
) -> None:
    (tmp_path / "schema.xml").write_text(schema)
    one = lint(**{kind: "schema.xml"})[0]
    assert (one.code, one.message[: len(message)], one.location.file) == ("definition/bad-value", message, "schema.xml")
    assert line is None or one.location.line == line
    (inline,) = lint(**{kind: schema.replace("\n", " ")})[:1]
    assert (inline.code, inline.location.path) == ("definition/bad-value", f"/{kind}")


def test_an_unusable_schema_is_not_a_pass(check: Run) -> None:
    report = check(SOUND, xsd="<a/>")
    assert report.verdict == "failed"
    assert {c.checker: c.reason for c in report.coverage}["xsd"] == "the schema can't be used"


def test_the_compact_syntax_is_refused(lint: Callable[..., list[Occurrence]], tmp_path: Path) -> None:
    (tmp_path / "s.rnc").write_text("element stocks { text }")
    (one,) = lint(relaxng="s.rnc")
    assert (one.code, one.location.file) == ("definition/bad-value", "s.rnc")


INCLUDE = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="{}"/>{}</xs:schema>'
TOP = XSD[XSD.index('<xs:element name="stocks">') :].removesuffix("</xs:schema>")


def test_included_files(check: Run, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/stock.xsd").write_text(INCLUDE.format("deep/stock.xsd", ""))
    (tmp_path / "parts/deep").mkdir()
    (tmp_path / "parts/deep/stock.xsd").write_text(XSD_RECORD)
    (tmp_path / "top.xsd").write_text(INCLUDE.format("parts/stock.xsd", TOP))
    assert places(check(FAULTY, xsd="top.xsd"), "xsd") == EXPECTED


@pytest.mark.parametrize(
    "name", ["http://127.0.0.1:9/s.xsd", "../outside.xsd", "gone.xsd", "link.xsd", "file:///etc/passwd"]
)
def test_files_that_are_not_taken(lint: Callable[..., list[Occurrence]], tmp_path: Path, name: str) -> None:
    outside = tmp_path.parent / "outside.xsd"
    outside.write_text(XSD_RECORD)
    (tmp_path / "link.xsd").symlink_to(outside)
    (tmp_path / "top.xsd").write_text(INCLUDE.format(name, "\n<xs:element name='stock'/>"))
    found = lint(xsd="top.xsd")
    assert [(o.code, o.location.file, o.location.line) for o in found] == [("definition/missing-file", "top.xsd", 1)]


def test_an_include_of_an_include_is_looked_at_too(lint: Callable[..., list[Occurrence]], tmp_path: Path) -> None:
    (tmp_path / "a.xsd").write_text(INCLUDE.format("b.xsd", "<xs:element name='stock'/>"))
    (tmp_path / "b.xsd").write_text(INCLUDE.format("http://127.0.0.1:9/c.xsd", ""))
    (one,) = lint(xsd="a.xsd")
    assert (one.code, one.location.file) == ("definition/missing-file", "b.xsd")


def test_entities_in_a_schema_are_refused(lint: Callable[..., list[Occurrence]], tmp_path: Path) -> None:
    (tmp_path / "s.xsd").write_text('<!DOCTYPE a [<!ENTITY x SYSTEM "/etc/passwd">]>' + XSD_RECORD)
    (one,) = lint(xsd="s.xsd")
    assert one.message == "the schema's document type declares entities, which aren't taken"


def test_messages_name_files_as_the_definition_does(lint: Callable[..., list[Occurrence]], tmp_path: Path) -> None:
    head = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    (tmp_path / "my parts").mkdir()
    (tmp_path / "my parts/b.xsd").write_text(f'{head} targetNamespace="urn:b"><xs:element name="a"/></xs:schema>')
    include = '<xs:include schemaLocation="my%20parts/b.xsd"/>'
    (tmp_path / "c.xsd").write_text(f'{head} targetNamespace="urn:c">{include}</xs:schema>')
    (one,) = lint(xsd="c.xsd")
    assert "'my parts/b.xsd'" in one.message.replace("%20", " ")
    assert str(tmp_path) not in one.message
    assert tmp_path.name not in one.message
    assert (one.location.file, one.location.line) == ("c.xsd", 1)


def test_a_line_that_is_not_known_is_none(lint: Callable[..., list[Occurrence]], tmp_path: Path) -> None:
    (tmp_path / "empty.rng").write_text("<grammar xmlns='http://relaxng.org/ns/structure/1.0'/>")
    told = lint(relaxng="empty.rng")
    assert [o.code for o in told] == ["definition/bad-value"] * len(told) != []
    assert all(o.location.line is None or o.location.line > 0 for o in told)


def test_a_hint_names_options_that_there_are() -> None:
    codes = load_plugins().codes
    for kind in ("xsd", "relaxng", "schematron"):
        options = load_plugins().checkers[kind].options_schema["properties"]
        code = codes[f"{kind}/not-checked"]
        assert ("megabytes" in f"{code.mend} {code.example}") == ("megabytes" in options)
