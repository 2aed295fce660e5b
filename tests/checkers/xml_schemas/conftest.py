"""XML of stocks, schemas of it, and how it's checked with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Finding, Occurrence
from potable.engine.lint import lint_source
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
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
EXPECTED = [
    ("$.stock.year", 1, 3, "/stocks/stock[1]/year"),
    ("$.stock.nmae", 3, 5, "/stocks/stock[3]/nmae"),
    ("$.stock.@id", 4, 6, "/stocks/stock[4]"),
]
"""Field, record, line and path of what XML Schema finds in these."""
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
