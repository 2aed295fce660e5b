"""XML against XML Schema, RELAX NG and Schematron: whole files, and record by record."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Occurrence
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

from .conftest import EXPECTED, FAULTY, RNG, RNG_RECORD, SCH, SOUND, XSD, XSD_RECORD, Run, found, places

# -- XML Schema --------------------------------------------------------------------------------------------------------


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
