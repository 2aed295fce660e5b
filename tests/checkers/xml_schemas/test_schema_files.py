"""Schemas of XML that can't be used, and what they may include."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from potable.engine.findings import Occurrence
from potable.engine.plugins import load_plugins

from .conftest import EXPECTED, FAULTY, RNG, SCH, SOUND, XSD, XSD_RECORD, Run, places


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
