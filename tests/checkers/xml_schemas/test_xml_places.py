"""Faults that the schemas of XML find are told at their exact places, with value and key."""

from __future__ import annotations

import pytest

from potable.engine.contracts.report import Report

from .conftest import RECORD, RNG_HEAD, XSD_RECORD, Run, found

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
