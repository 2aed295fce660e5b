"""Records of XML: which elements they are, what their fields are, and where."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from potable.engine.contracts.reading import KIND_SUFFIX, Reading
from potable.engine.findings import Location
from potable.engine.limits import Limits
from potable.engine.reading.xml.codes import XML_CODES
from potable.engine.reading.xml.values import record_object

from .conftest import Result, read_again

Read = Callable[..., Result]
Open = Callable[..., Reading]

SIZES = pytest.mark.parametrize("size", [1, 60, 1 << 21])

STOCKS = b"""<?xml version="1.0" encoding="UTF-8"?>
<stocks>
  <!-- <stock id="0"/> -->
  <stock id="1" status="live">
    <name> HeLa </name>
    <synonym>a</synonym>
    <synonym lang="en">b</synonym>
    <donor><name>Ann</name></donor>
  </stock>
  <stock id="2"><name/><synonym>c</synonym><donor><name>Bo</name><name>Cy</name></donor></stock>
  <info><stock id="9"/></info>
  <stock id="3"/>
</stocks>
"""


@SIZES
def test_records_are_children_of_the_top_element(read: Read, size: int) -> None:
    fields = ["$.stock.'@id'", "$.stock.name", "$.stock.synonym", "$.stock.donor", "$.stock.donor.name.'_$'"]
    limits = Limits(chunk_bytes=size)
    result = read(STOCKS, fields=fields, limits=limits, topElement="stocks", documentElement="stock")
    assert result.column("$.stock.@id") == ["1", "2", "3"]
    assert result.column("$.stock.name") == ["HeLa", "", None]
    assert result.kinds["$.stock.name"] == [["string"], ["string"], ["absent"]]
    assert result.values["$.stock.synonym"] == [["a", "b"], ["c"], [None]]
    assert result.kinds["$.stock.donor"] == [["object"], ["object"], ["absent"]]
    assert result.values["$.stock.donor.name.'_$'"] == [["Ann"], ["Bo", "Cy"], [None]]
    assert [(p.file, p.record, p.line, p.byte, p.path) for p in result.places] == [
        ("data.xml", 1, 4, STOCKS.index(b'<stock id="1"'), "/stocks/stock[1]"),
        ("data.xml", 2, 10, STOCKS.index(b'<stock id="2"'), "/stocks/stock[2]"),
        ("data.xml", 3, 12, STOCKS.index(b'<stock id="3"'), "/stocks/stock[3]"),
    ]
    assert result.fault is None


@SIZES
def test_without_a_top_element_records_are_anywhere(read: Read, size: int) -> None:
    result = read(STOCKS, fields=["$.stock.'@id'"], limits=Limits(chunk_bytes=size), documentElement="stock")
    assert result.column("$.stock.@id") == ["1", "2", "9", "3"]
    assert [p.path for p in result.places][2:] == ["/stocks/info/stock[1]", "/stocks/stock[3]"]


@SIZES
def test_several_top_elements(read: Read, size: int) -> None:
    text = b"<r><p><i>1</i></p><p><i>2</i><i>3</i><p><i>4</i></p></p><q><i>5</i></q></r>"
    result = read(text, limits=Limits(chunk_bytes=size), topElement="p", documentElement="i")
    assert result.column("$.i.'_$'") == ["1", "2", "3", "4"]
    assert [p.path for p in result.places] == ["/r/p/i[1]", "/r/p[2]/i[1]", "/r/p[2]/i[2]", "/r/p[2]/p/i[1]"]


def test_the_record_may_be_the_root(read: Read) -> None:
    result = read(b"<r x='1'>\n<a>2</a></r>\n", documentElement="r")
    assert result.column("$.r.@x") == ["1"]
    assert result.column("$.r.a.'_$'") == ["2"]
    assert result.places == [Location(file="data.xml", line=1, byte=0, record=1, path="/r[1]")]


@pytest.mark.parametrize(
    ("text", "parameters", "records"),
    [
        (b"<r><h/><i>1</i><i>2</i></r>", {}, ["$.i.'_$'"]),
        (b"<r><s><i><a>1</a><a>2</a></i><i/></s></r>", {}, ["$.i.a.'_$'"]),
        (b"<r><s><h/><i>1</i><i>1</i></s></r>", {"topElement": "s"}, ["$.i.'_$'"]),
        (b"<r><a>1</a></r>", {}, ["$.r.a.'_$'"]),
    ],
)
def test_the_likely_record(read: Read, text: bytes, parameters: dict[str, str], records: list[str]) -> None:
    result = read(text, **parameters)
    assert list(result.values) == records


def test_files_of_a_folder_are_records(read: Read) -> None:
    files = {"a.xml": b"<m><id>1</id></m>", "b.xml": b"<m><id>2</id><id>3</id></m>", "c.xml": b"<n><id>4</id></n>"}
    result = read(files, fields=["$..id"], method="WAF")
    assert result.values["$..id"] == [["1"], ["2", "3"], ["4"]]
    assert [(p.file, p.record, p.path) for p in result.places] == [
        ("a.xml", 1, "/m[1]"),
        ("b.xml", 2, "/m[1]"),
        ("c.xml", 3, "/n[1]"),
    ]


# -- fields ------------------------------------------------------------------------------------------------------------


@SIZES
def test_all_fields_have_one_spelling(read: Read, size: int) -> None:
    result = read(STOCKS, limits=Limits(chunk_bytes=size), topElement="stocks", documentElement="stock")
    assert result.values == {
        "$.stock.@id": [["1"], ["2"], ["3"]],
        "$.stock.@status": [["live"], [None], [None]],
        "$.stock.name.'_$'": [["HeLa"], [None], [None]],
        "$.stock.synonym.'_$'": [["a", "b"], ["c"], [None]],
        "$.stock.synonym.@lang": [["en"], [None], [None]],
        "$.stock.donor.name.'_$'": [["Ann"], ["Bo", "Cy"], [None]],
    }


def test_a_field_that_is_named_isnt_found_again(read: Read) -> None:
    text = b"<r><i k='1'><a>1</a><b>2</b></i></r>"
    result = read(text, fields=["$.i.a", "$.i.'@k'", "$..b", "$.*"], documentElement="i")
    assert set(result.values) == {"$.i.a", "$.i.@k", "$..b", "$.i.b.'_$'"}


def test_fields_are_spelled_as_the_definition_masks_them(read: Read) -> None:
    text = b"<r><i><a>1</a><b>2</b></i></r>"
    source = {"values": {"$.i.a": "masked"}, "primary_key": ("$.i.b",)}
    result = read(text, source=source, documentElement="i")
    assert set(result.values) == {"$.i.a", "$.i.b"}


def test_values(read: Read) -> None:
    text = b"""<r><i>
      <text>\t two  words\n</text> <empty/> <blank> </blank> <attributes x=" 1 "/> <both x="1">b</both>
      <mixed>The <b>E. coli</b> genome</mixed> <cdata><![CDATA[ <x> ]]>&amp;</cdata> <ref>&#233;&lt;</ref>
      <comment>a<!-- - -->b<?p?>c</comment> <children><b/></children>
    </i></r>"""
    names = ["text", "empty", "blank", "attributes", "both", "mixed", "cdata", "ref", "comment", "children", "none"]
    result = read(text, fields=[f"$.i.{n}" for n in names], documentElement="i")
    found = {n: (result.values[f"$.i.{n}"][0][0], result.kinds[f"$.i.{n}"][0][0]) for n in names}
    assert found == {
        "text": ("two  words", "string"),
        "empty": ("", "string"),
        "blank": ("", "string"),
        "attributes": (None, "object"),
        "both": ("b", "string"),
        "mixed": ("The genome", "string"),
        "cdata": ("<x> &", "string"),
        "ref": ("é<", "string"),
        "comment": ("abc", "string"),
        "children": (None, "object"),
        "none": (None, "absent"),
    }
    result = read(text, fields=[f"$.i.{n}.'_$'" for n in names] + ["$.i.attributes.'@x'"], documentElement="i")
    assert [n for n in names if result.kinds[f"$.i.{n}.'_$'"] == [["absent"]]] == [
        "empty", "blank", "attributes", "children", "none",
    ]  # fmt: skip
    assert result.column("$.i.attributes.@x") == [" 1 "]


def test_a_record_as_an_object() -> None:
    record = etree.fromstring(
        b'<p:s xmlns:p="urn:p" p:k="1" xml:lang="en" n="2">t<a>1</a><b/><a x="3"><c/>u</a><a/> v</p:s>'
    )
    assert record_object(record) == {
        "p:s": {
            "@p:k": "1",
            "@xml:lang": "en",
            "@n": "2",
            "_$": "t v",
            "a": [{"_$": "1"}, {"@x": "3", "_$": "u", "c": {}}, {}],
            "b": {},
        }
    }


DOCTYPE = """<!DOCTYPE r PUBLIC "-//X//Y" "http://127.0.0.1:1/x.dtd" [
<!-- <!ATTLIST a no CDATA "no"> --><!ELEMENT a ANY>
<!ATTLIST a lang CDATA "en" id NMTOKEN #IMPLIED note (x|y) 'y' more CDATA ">">
<!ATTLIST r xmlns:d CDATA #FIXED "urn:d">]>
"""


@SIZES
def test_attributes_have_the_defaults_that_the_document_type_declares(read: Read, size: int) -> None:
    text = DOCTYPE + "<r>" + "<a id=' 1 '><d:t>é</d:t></a>\n<a lang='de' note='x'/><b/>\n" * 20 + "</r>"
    result = read(text.encode(), limits=Limits(chunk_bytes=size), documentElement="a")
    assert result.codes == set()
    assert result.values == {
        "$.a.@lang": [["en"], ["de"]] * 20,
        "$.a.@note": [["y"], ["x"]] * 20,
        "$.a.@more": [[">"], [">"]] * 20,
        "$.a.@id": [["1"], [None]] * 20,
        "$.a.d:t.'_$'": [["é"], [None]] * 20,
    }
    assert [p.line for p in result.places] == [n for i in range(20) for n in (5 + 2 * i, 6 + 2 * i)]
    fault = read(f"{DOCTYPE}<r><a>\n<e:t/></a></r>".encode(), documentElement="a").fault
    assert fault is not None
    assert (fault.message, fault.location.line) == ("the prefix e of <e:t> isn't declared", 6)


# -- names -------------------------------------------------------------------------------------------------------------

OAI = b"""<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>
<record><header><identifier>oai:1</identifier></header><metadata>
<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>One</dc:title><dc:title xml:lang="de">Eins</dc:title></oai_dc:dc></metadata></record>
<record><header status="deleted"><identifier>oai:2</identifier></header></record>
<record><header status='new'><identifier>oai:deleted</identifier></header></record>
<resumptionToken/></ListRecords></OAI-PMH>"""


@SIZES
def test_oai_records_without_those_deleted(read: Read, size: int) -> None:
    fields = ["$.record.header.identifier", "$.record.metadata.oai_dc:dc.dc:title", "$.*"]
    result = read(OAI, fields=fields, limits=Limits(chunk_bytes=size), method="OAI")
    assert result.column("$.record.header.identifier") == ["oai:1", "oai:deleted"]
    assert result.values["$.record.metadata.oai_dc:dc.dc:title"] == [["One", "Eins"], [None]]
    assert result.values["$.record.metadata.oai_dc:dc.dc:title.@xml:lang"] == [["de"], [None]]
    assert [(p.record, p.line, p.path) for p in result.places] == [
        (1, 2, "/OAI-PMH/ListRecords/record[1]"),
        (2, 6, "/OAI-PMH/ListRecords/record[3]"),
    ]
    assert result.codes == set()


@SIZES
def test_a_name_without_the_prefix_that_all_elements_have(read: Read, size: int) -> None:
    text = b'<p:r xmlns:p="urn:p">\n<p:i><p:a>1</p:a><q:a xmlns:q="urn:q">2</q:a><b>3</b></p:i></p:r>'
    limits = Limits(chunk_bytes=size)
    result = read(text, fields=["$.i.a", "$.p:i.b"], limits=limits, topElement="r", documentElement="i")
    assert result.values["$.i.a"] == [["1", "2"]]
    assert result.column("$.p:i.b") == ["3"]
    found = result.found("xml/unprefixed-name")
    assert sorted((t.field or "", t.samples[0].message) for t in found) == [
        ("", "documentElement says i, the file has only <p:i>"),
        ("", "topElement says r, the file has only <p:r>"),
        ("$.i.a", "$.i.a says a, the file has only <p:a>, <q:a>"),
        ("$.i.a", "$.i.a says i, the file has only <p:i>"),
    ]
    assert {t.count for t in found} == {1}
    at = {t.samples[0].message.split()[0]: t.samples[0].location for t in found if not t.field}
    assert {k: (p.line, p.column, p.byte) for k, p in at.items()} == {
        "documentElement": (2, 1, 22), "topElement": (1, 1, 0),
    }  # fmt: skip
    assert {(t.samples[0].location.line, t.samples[0].location.byte) for t in found if t.field} == {(1, 0)}
    sound = read(text, fields=["$.p:i.p:a"], limits=limits, topElement="p:r", documentElement="p:i")
    assert sound.codes == set()


def test_an_unprefixed_name_means_unprefixed_elements_where_there_are_any(read: Read) -> None:
    text = b'<r xmlns:p="urn:p"><p:i>0</p:i><i><p:a>1</p:a><a>2</a></i><i><p:a>3</p:a></i></r>'
    result = read(text, fields=["$.i.a"], documentElement="i")
    assert result.values["$.i.a"] == [["2"], [None]]
    assert result.codes == set()


@SIZES
def test_one_namespace_with_several_prefixes(read: Read, size: int) -> None:
    text = (
        b'<r xmlns="urn:a" xmlns:p="urn:a"><i><a>1</a><p:a>2</p:a></i>'
        b'<i><q:a xmlns:q="urn:a">3</q:a><p:a xmlns:p="urn:b">4</p:a></i></r>'
    )
    result = read(text, limits=Limits(chunk_bytes=size), documentElement="i")
    assert result.values == {
        "$.i.a.'_$'": [["1"], [None]],
        "$.i.p:a.'_$'": [["2"], ["4"]],
        "$.i.q:a.'_$'": [[None], ["3"]],
    }


# -- findings of form --------------------------------------------------------------------------------------------------


@SIZES
def test_mixed_arity(read: Read, size: int) -> None:
    method = {"limits": Limits(chunk_bytes=size), "topElement": "stocks", "documentElement": "stock"}
    assert read(STOCKS, **method).found("xml/mixed-arity") == []  # nobody asks for any element
    rules = {"qc_rules": {"ValueExists": [{"path": "$..synonym"}, {"path": "$.stock.donor.name.'_$'"}]}}
    result = read(STOCKS, **method, source=rules)
    found = {t.field: t for t in result.found("xml/mixed-arity")}
    assert set(found) == {"$.stock.synonym", "$.stock.donor.name"}
    synonym = found["$.stock.synonym"]
    assert (synonym.count, synonym.details, list(synonym.records)) == (1, {"once": 1, "several": 1}, [])
    assert [(s.message, s.location.record, s.location.line) for s in synonym.samples] == [
        ("$.stock.synonym occurs several times in record 1 (line 4)", 1, 4),
        ("$.stock.synonym occurs once in record 2 (line 10)", 2, 10),
    ]


@SIZES
def test_arity_that_isnt_mixed(read: Read, size: int) -> None:
    text = b"<r><i><a/><a/><b/><c><d/></c><c/></i><i><c/><a/><c/><a/><a/></i></r>"
    result = read(text, limits=Limits(chunk_bytes=size), documentElement="i")
    assert result.codes == set()


@SIZES
def test_no_records(read: Read, size: int) -> None:
    limits = Limits(chunk_bytes=size)
    result = read(b"<stocks><Stock/><info/></stocks>", limits=limits, topElement="stocks", documentElement="stock")
    (found,) = result.tallies
    assert (found.code, found.count) == ("xml/no-records", 1)
    assert found.samples[0].message == "data.xml has no <stock> in <stocks>; there is <Stock>, <info>"
    assert found.hint == "Did you mean Stock?"
    assert found.samples[0].location == Location(file="data.xml", line=1, byte=0)
    assert read(b"<r/>", limits=limits, documentElement="a").codes == {"xml/no-records"}


def test_records_that_are_elsewhere(read: Read) -> None:
    text = b'<p:r xmlns:p="urn:p"><p:list><a><n/></a><a/></p:list><info/></p:r>'
    found = {}
    for top, document in (("r", "a"), ("p:r", "n"), ("info", "list"), ("list", "A")):
        (tally,) = read(text, topElement=top, documentElement=document).found("xml/no-records")
        found[top, document] = tally.samples[0].message.partition(" has ")[2], tally.hint
    assert found == {
        ("r", "a"): ("no <a> in <r>; there is <p:list>, <info>", "<a> is inside <p:list>: set topElement to p:list."),
        ("p:r", "n"): ("no <n> in <p:r>; there is <p:list>, <info>", "<n> is inside <a>: set topElement to a."),
        ("info", "list"): (
            "no <list> in <info>; there is <p:r>, <p:list>, <info>, <a>, <n>",
            "<list> is inside <p:r>: set topElement to p:r.",
        ),
        ("list", "A"): ("no <A> in <list>; there is <a>", "Did you mean a?"),
    }


@pytest.mark.parametrize(
    "name", ["rows/row", "$.rows.row", "//row", "{urn:x}row", "<row>", "row[1]", "row,item", "*", "5"]
)
def test_what_is_no_name_of_an_element_is_left_to_the_definitions_check(read: Read, name: str) -> None:
    """See tests/engine/test_lint.py: what the definition says wrong isn't told a second time."""
    result = read(b"<rows><row/></rows>", documentElement=name)
    assert (result.codes, result.numbers, set(result.digests)) == (set(), [], {"data.xml"})


@SIZES
def test_wrong_top_element(read: Read, size: int) -> None:
    files = {"a.xml": b"<rows><row>1</row></rows>", "b.xml": b"<error>busy</error>", "c.xml": b"<rows/>"}
    result = read(files, limits=Limits(chunk_bytes=size), topElement="rows", documentElement="row")
    (found,) = result.tallies
    assert (found.code, found.samples[0].location.file) == ("xml/wrong-top-element", "b.xml")
    assert found.samples[0].message == "b.xml has no element <rows>; it has <error>"
    assert result.numbers == [1]
    for document in ({"documentElement": "row"}, {}):
        alone = read(b"<Rows><row>1</row></Rows>", topElement="rows", **document)
        # the second is explained by the first, and blocks: nothing was read
        assert [(t.code, t.hint) for t in alone.tallies] == [
            ("xml/wrong-top-element", "Did you mean Rows?"), ("xml/no-records", None),
        ]  # fmt: skip
    (empty,) = read(b"<rows> </rows>", topElement="rows").tallies
    assert (empty.code, empty.samples[0].message) == (
        "xml/no-records", "data.xml has no record in <rows>: its only element is <rows>",
    )  # fmt: skip


@SIZES
@pytest.mark.parametrize("top", ["rows", ""])
def test_other_elements_in_place_of_records(read: Read, size: int, top: str) -> None:
    row, line = b"<row><id>1</id></row>", b"<line><id>2</id></line>"
    files = {
        "a.xml": b"<rows>%b</rows>" % row, "b.xml": b"<rows>%b</rows>" % (2 * line), "c.xml": b"<rows/>",
        "d.xml": b"<rows>%b</rows>" % line, "e.xml": b"<rows><n>1</n><n>2</n></rows>",
    }  # fmt: skip
    given = {"limits": Limits(chunk_bytes=size), "documentElement": "row"} | ({"topElement": top} if top else {})
    result = read(files, **given)
    (found,) = result.tallies
    assert (found.code, found.count, found.samples[0].location) == (
        "xml/missing-element", 1, Location(file="b.xml", line=1, byte=0),
    )  # fmt: skip
    assert found.samples[0].message == "b.xml has no <row>; it has several <line> there"
    assert result.numbers == [1]
    beside = files | {"a.xml": b"<rows>%b%b</rows>" % (row, line)}
    assert read(beside, **given).codes == set()


@SIZES
def test_texts_with_elements_in_them(read: Read, size: int) -> None:
    data = (
        b"<rows>\n<row><t>plain</t><t><i>no</i></t><d>1</d></row>\n<row><d>2<br/></d><t><b> </b>x</t></row>\n"
        b"<row><t>Loss of <i>TP53</i> in mice</t></row>\n<row><t>Gain <i>of</i> it</t></row></rows>"
    )
    result = read(data, limits=Limits(chunk_bytes=size), documentElement="row", topElement="rows")
    (found,) = [t for t in result.tallies if t.code != "xml/mixed-arity"]
    assert (found.code, found.field, found.count) == ("xml/mixed-content", "$.row.t", 1)
    at = found.samples[0].location
    assert (at.record, at.line, at.byte) == (3, 4, data.index(b"<row><t>Loss"))


@SIZES
def test_records_inside_records(read: Read, size: int) -> None:
    data = b"<rows>\n<row><id>1</id></row>\n<row><id>2</id><sub><row><id>3</id></row></sub></row></rows>"
    result = read(data, limits=Limits(chunk_bytes=size), documentElement="row", topElement="rows")
    (found,) = result.tallies
    assert (found.code, found.field, found.count) == ("xml/nested-record", "$.row.sub.row", 1)
    assert (found.samples[0].location.record, found.samples[0].location.line) == (2, 3)
    assert result.numbers == [1, 2]
    empty = b"".join(b"<e%d><row/></e%d>" % (n, n) for n in range(500))
    many = b"<rows><row><id>1</id>" + empty + b"<z><row><id>3</id></row></z></row></rows>"
    result = read(many, limits=Limits(chunk_bytes=size), documentElement="row", topElement="rows")
    assert [(t.code, t.field) for t in result.tallies] == [("xml/nested-record", "$.row.z.row")]
    for sound in (b"<row><id>2</id><row>3</row></row>", b"<row><id>2</id><row><no>3</no></row></row>"):
        assert read(b"<rows>" + sound * 2 + b"</rows>", documentElement="row", topElement="rows").codes == set()


STRAY = {"a.xml": b"<s><id>1</id></s>", "b.xml": b"<tt><id>2</id></tt>"}
ONE = b"<r><s><id>1</id></s><s><id>2</id></s></r>"
FEED = b"<rss><channel><item><guid>1</guid></item></channel></rss>"


@SIZES
@pytest.mark.parametrize(
    ("data", "method", "field", "hint"),
    [
        (ONE, "XML", "$.id", "Did you mean $.s.id?"),
        (ONE, "XML", "$.ss.id", "Did you mean $.s.id?"),
        (STRAY, "WAF", "$.id", None),
        (STRAY, "WAF", "$.ttt.id", "Did you mean $.tt.id?"),
        (FEED, "RSS", "$.id", "Did you mean $.guid?"),
        (FEED, "RSS", "$.item.title", "Did you mean $.title?"),
        (FEED, "RSS", "$.x", "Name one of these."),
    ],
)
def test_a_path_that_no_record_can_have(
    read: Read, data: bytes | dict[str, bytes], method: str, field: str, hint: str | None, size: int
) -> None:
    parameters = {"topElement": "r"} if method == "XML" else {}
    named = {"checks": {"some": [{"of": f"{field} > 0"}]}}
    limits = Limits(chunk_bytes=size)
    result = read(data, method=method, fields=[field], limits=limits, source=named, **parameters)
    (found,) = result.found("xml/wrong-path")
    assert (found.field, found.count, found.hint) == (field, 1, hint)
    # a checker's own field, of which the definition says nothing
    others = read(data, method=method, fields=["$.none"], limits=limits, source={"checks": {"nones": 1}}, **parameters)
    assert others.found("xml/wrong-path") == []


@SIZES
@pytest.mark.parametrize("field", ["$.s.none", "$..none", "$[0].none", "$.o:s.none"])
def test_a_path_that_a_record_may_have(read: Read, field: str, size: int) -> None:
    text = b'<r xmlns:o="u"><o:s><id>1</id></o:s></r>'
    limits = Limits(chunk_bytes=size)
    source = {"primary_key": (field,)}
    assert read(text, fields=[field], limits=limits, source=source, topElement="r").found("xml/wrong-path") == []


def test_codes_are_documented() -> None:
    for code in XML_CODES:
        assert code.id.startswith("xml/")
        assert all((code.title, code.meaning, code.why, code.example, code.mend))


# -- several parts, a second reading -----------------------------------------------------------------------------------


@SIZES
def test_pages_are_one_source(read: Read, size: int) -> None:
    files = {f"page{n}.xml": b"<r>" + b"<i>%d</i>\n" % n * n + b"</r>" for n in range(1, 4)}
    result = read(files, limits=Limits(chunk_bytes=size), documentElement="i")
    assert result.column("$.i.'_$'") == ["1", "2", "2", "3", "3", "3"]
    assert result.numbers == [1, 2, 3, 4, 5, 6]
    assert [(p.file, p.record, p.line, p.byte, p.path) for p in result.places][3:] == [
        ("page3.xml", 4, 1, 3, "/r/i[1]"),
        ("page3.xml", 5, 2, 12, "/r/i[2]"),
        ("page3.xml", 6, 3, 21, "/r/i[3]"),
    ]
    assert result.digests.keys() == files.keys()


@SIZES
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_a_second_reading_finds_the_same(opened: Open, size: int, encoding: str) -> None:
    text = '<?xml version="1.0" encoding="' + encoding + '"?>\n<r>' + "".join(
        f"<i><a>é{n}</a></i>\n<!-- {n} -->" for n in range(1, 21)
    ) + "</r>"  # fmt: skip
    reading = opened(text.encode(encoding), limits=Limits(chunk_bytes=size), documentElement="i")
    fields = frozenset(["$.i.a"])
    parser = pickle.loads(pickle.dumps(reading.parser()))
    first = [pickle.loads(pickle.dumps(cut)) for cut in reading.cuts()]
    rows = [text for cut in first for text in parser.parse(cut, fields).frame["$.i.a"]]
    assert rows == [f"é{n}" for n in range(1, 21)]
    assert read_again(reading, [3, 4, 17], fields) == [[n, f"é{n}"] for n in (3, 4, 17)]
    reading.close()


def test_a_field_that_isnt_there_and_no_field_at_all(opened: Open) -> None:
    reading = opened(STOCKS, documentElement="stock")
    (cut,) = reading.cuts()
    chunk = reading.parser().parse(cut, frozenset(["$.stock.nothing", "$.stock.a[3]", "$..none"]))
    texts = chunk.frame.select(["$.stock.nothing", "$.stock.a[3]", "$..none"])
    assert texts.schema == {"$.stock.nothing": pl.String, "$.stock.a[3]": pl.String, "$..none": pl.String}
    assert texts.null_count().row(0) == (4, 4, 4)
    assert chunk.frame["$..none" + KIND_SUFFIX].to_list() == ["absent"] * 4
    assert reading.parser().parse(cut, frozenset()).records == 4
    reading.close()


def test_a_file_that_changes_while_it_is_read(opened: Open, tmp_path: Path) -> None:
    reading = opened(STOCKS, documentElement="stock")
    list(reading.cuts())
    (tmp_path / "data.xml").write_bytes(STOCKS[:100])
    with pytest.raises(Exception, match="access/changed"):
        list(reading.again())
    reading.close()


# -- places ------------------------------------------------------------------------------------------------------------


@SIZES
def test_places_of_nodes(opened: Open, size: int) -> None:
    reading = opened(STOCKS, limits=Limits(chunk_bytes=size), topElement="stocks", documentElement="stock")
    parser = reading.parser()
    cut = next(iter(reading.cuts()))
    chunk = parser.parse(cut, frozenset(["$.stock.name"]))
    byte = STOCKS.index(b'<stock id="1"')

    def place(line: int, path: str) -> Location:
        return Location(file="data.xml", line=line, byte=byte, record=1, path=f"/stocks/stock[1]{path}")

    assert chunk.locate_field(0, "$.stock.name", "HeLa") == place(5, "/name")
    assert chunk.locate_field(0, "$.stock.synonym", "b") == place(7, "/synonym[2]")
    assert chunk.locate_field(0, "$.stock.synonym.@lang") == place(7, "/synonym[2]/@lang")
    assert chunk.locate_field(0, "$.stock.donor.name.'_$'") == place(8, "/donor/name")
    assert chunk.locate_field(0, "$.stock.nothing") == place(4, "")
    assert chunk.locate_field(0, "$.stock.donor.'_$'") == place(8, "/donor")
    assert chunk.locate_path(0, "donor/name") == place(8, "/donor/name")
    assert chunk.locate_path(0, "/synonym[2]") == place(7, "/synonym[2]")
    assert chunk.locate_path(0, "/stock/synonym[2]/@lang") == place(7, "/synonym[2]/@lang")
    assert chunk.locate_path(0, "/stock/synonym/1/_$") == place(7, "/synonym[2]")
    assert chunk.locate_path(0, "/nowhere/@x") == place(4, "/nowhere/@x")
    assert chunk.locate_path(0, "") == place(4, "")
    reading.close()


def test_documents_are_elements(opened: Open) -> None:
    reading = opened(STOCKS, topElement="stocks", documentElement="stock")
    (cut,) = reading.cuts()
    chunk = reading.parser().parse(cut, frozenset())
    assert [(row, e.tag, e.get("id")) for row, e in chunk.documents()] == [
        (0, "stock", "1"),
        (1, "stock", "2"),
        (2, "stock", "3"),
    ]
    reading.close()


@pytest.mark.parametrize(
    ("text", "at", "said", "hint"),
    [
        ("<r><a/></r>\n<?xml version='1.0'?><r/>", (2, 12), "another XML document begins behind", "Files were joined"),
        ("<r><a/></r>\n<r/>", (2, 12), "another root element, <r>", "Files were joined"),
        ("\n<?xml version='1.0'?><r><a/></r>", (2, 1), "an XML declaration behind blanks", "Take the blanks before"),
        ("<r><a/><a>", (1, 10), "the file breaks off", "Get the file again, whole"),
    ],
)
def test_how_to_mend_what_is_not_well_formed(read: Read, text: str, at: tuple[int, int], said: str, hint: str) -> None:
    result = read(text.encode(), topElement="r", documentElement="a")
    assert result.fault is not None
    assert result.fault.code == "xml/syntax"
    assert result.fault.message.startswith(said)
    assert (result.fault.hint or "").startswith(hint)
    assert (result.fault.location.line, result.fault.location.byte) == at
