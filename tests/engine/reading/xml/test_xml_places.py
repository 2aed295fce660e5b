"""Where what is wrong with XML is told: line, column and byte of the first character of the fault, in any encoding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from potable.engine.findings import Location
from potable.engine.limits import Limits

Read = Callable[..., Any]

SIZES = pytest.mark.parametrize("size", [1, 40, 1 << 21])
BEFORE = "<r>\n<a>1</a>\n<a>é😀"

INSIDE = "inside the document (are there several documents in one file?)"

# What follows BEFORE, with ^ where the fault begins.
FAULTS = {
    "P ^& Q</a></r>": "a & that begins no reference (write &amp; for &)",
    "P ^&amp Q</a></r>": "a reference without its ; (write &amp; for &)",
    "P ^&#xZZ; Q</a></r>": "&#xZZ; is no character that XML allows",
    "P ^&#0; Q</a></r>": "&#0; is no character that XML allows",
    "^&#xD800;</a></r>": "&#xD800; is no character that XML allows",
    "^&nbsp;</a></r>": "the entity &nbsp; is used, which XML doesn't know by itself",
    "x ^< y</a></r>": "a < that begins no tag (write &lt; for <)",
    "^<1/></a></r>": "a < that begins no tag (write &lt; for <)",
    "<b>^< /b></a></r>": "a < that begins no tag (write &lt; for <)",
    "a^]]>b</a></r>": "]]> in a text (write ]]&gt;)",
    "<b>^</a></r>": "<b> is closed by </a>",
    "</a>^</a></r>": "<r> is closed by </a>",
    "<b>^</b x='1'></a></r>": "a tag that isn't closed by >",
    "^<p:b/></a></r>": "the prefix p of <p:b> isn't declared",
    "<b y='' ^p:x='1'/></a></r>": "the prefix p of the attribute p:x isn't declared",
    "<b x='1' ^x='2'/></a></r>": "the attribute x stands in its tag twice",
    "<b xmlns:p='u' xmlns:q='u' p:x='1' ^q:x='2'/></a></r>": "the attribute x stands in its tag twice",
    "<b y='' ^x/></a></r>": "the attribute x has no value",
    "<b x=^1/></a></r>": "the value of an attribute isn't in quotes",
    "<b x='^<'/></a></r>": "a < in the value of an attribute (write &lt; for <)",
    "<b x='1'^y='2'/></a></r>": "attributes must be set apart by blanks",
    "<b ^xmlns:p=''/></a></r>": "xmlns:p: Empty XML namespace is not allowed",
    "^\x01</a></r>": "the character U+0001, which XML doesn't allow",
    "<b x='^\x01'/></a></r>": "the character U+0001, which XML doesn't allow",
    "^\ufffe</a></r>": "the character U+FFFE, which XML doesn't allow",
    "<!-- a ^-- b --></a></r>": "-- inside a comment",
    "^<?xml version='1.0'?></a></r>": f"an XML declaration {INSIDE}",
    "^<!DOCTYPE x></a></r>": f"a document type declaration {INSIDE}",
    "</a></r>\n^text": "something stands behind the root element, which was closed",
    "</a></r>\n^<r/>": "another root element, <r>: a document has one (are there several in one file?)",
    "</a></r>\n^<html><h1>500</h1></html>": "behind the root element a program's message stands, it seems",
    "</a></r>\n^Fatal error: x": "behind the root element a program's message stands, it seems",
    "x^": "the file breaks off: <a> of line 3 isn't closed",
    "<b>\n<c/>^": "the file breaks off: <b> of line 3 isn't closed",
    "</a>\n^": "the file breaks off: <r> isn't closed",
    "\n<!-- x ^": "the file breaks off: a comment of line 4 isn't closed",
    "<![CDATA[ x\n^": "the file breaks off: a CDATA section of line 3 isn't closed",
    "<?p x^": "the file breaks off: a processing instruction of line 3 isn't closed",
    "<b x='^": "the file breaks off: a tag of line 3 isn't closed",
    "</a></r>\n<!-- x^": "the file breaks off: a comment of line 4 isn't closed",
    "</a></r><?p x^": "the file breaks off: a processing instruction of line 3 isn't closed",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("behind", FAULTS)
def test_where_a_document_isnt_well_formed(read: Read, behind: str, encoding: str) -> None:
    text = BEFORE + behind.replace("^", "")
    before = BEFORE + behind[: behind.index("^")]
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    column = len(before) - before.rfind("\n")
    byte = len(mark) + len(before.encode(encoding))
    for size in (1, 1 << 21):
        result = read(mark + text.encode(encoding), limits=Limits(chunk_bytes=size), documentElement="a")
        assert result.fault.message == FAULTS[behind]
        assert result.fault.code == ("xml/entity" if "nbsp" in behind else "xml/syntax")
        assert result.fault.location == Location(file="data.xml", line=before.count("\n") + 1, column=column, byte=byte)
        assert len(result.numbers) == (2 if behind.startswith("</a>") else 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("^hello", "there is no root element, but 'hello'"),
        ("<?xml version='1.0'?>\n^{}", "there is no root element, but '{}'"),
        ("<!-- -->^", "there is no root element"),
        ("<?xml version='1.0' enc^", "the file breaks off: the XML declaration of line 1 isn't closed"),
        ("<?xm^", "the file breaks off: the XML declaration of line 1 isn't closed"),
        ("<?xml version='1.0'?>\n<!-- x^", "the file breaks off: a comment of line 2 isn't closed"),
        ("<?xml version='1.0'?>\n<?p x^", "the file breaks off: a processing instruction of line 2 isn't closed"),
        ("<!DOCTYPE r [\n^", "the file breaks off: the document type declaration of line 1 isn't closed"),
        ("\n<!DOC^", "the file breaks off: the document type declaration of line 2 isn't closed"),
        ("\n^<?xml version='1.0'?><r/>", "an XML declaration behind blanks: it must be the first thing in the file"),
        ("<!DOCTYPE r [\n^<!ENTITY x 'y'>]><r/>", "the document type declares entities"),
    ],
)
def test_where_a_prolog_isnt_well_formed(read: Read, text: str, message: str) -> None:
    before = text[: text.index("^")].encode()
    result = read(text.replace("^", "").encode(), documentElement="a")
    at = result.fault.location
    column = len(before) - before.rfind(b"\n") - (3 if text[0] == "\ufeff" else 0)
    assert (result.fault.message, at.line, at.column, at.byte) == (
        message, before.count(b"\n") + 1, column, len(before),
    )  # fmt: skip


# -- encodings ---------------------------------------------------------------------------------------------------------


@SIZES
@pytest.mark.parametrize(
    ("encoding", "bad"), [("utf-8", b"\xe9"), ("utf-16", b"\x00\xd8"), ("utf-16-be", b"\xd8\x00"), ("cp1252", b"\x81")]
)
def test_bytes_that_arent_in_the_encoding(read: Read, size: int, encoding: str, bad: bytes) -> None:
    prolog = f"<?xml version='1.0' encoding='{encoding.removesuffix('-be')}'?>\n"
    before, behind = prolog + "<r>\n<a>é</a>\n<a>é ", " </a></r>"
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    start = mark + before.encode(encoding)
    plain = encoding.replace("utf-16", "utf-16-le").replace("-le-be", "-be")
    result = read(start + bad + behind.encode(plain), limits=Limits(chunk_bytes=size), documentElement="a")
    (found,) = result.found("encoding/invalid")
    assert (found.count, list(found.records)) == (1, [2])
    assert found.samples[0].location == Location(
        file="data.xml", line=4, column=6, byte=len(start), record=2, path="/r/a[2]"
    )
    assert result.codes == {"encoding/invalid"}


@pytest.mark.parametrize(
    ("data", "code", "line", "byte"),
    [
        (b"\xef\xbb\xbf<r>\n<a/></r>", "encoding/byte-order-mark", 1, 0),
        ("<r>\n<a>é</a></r>".encode("utf-16-le"), "encoding/declared-mismatch", 1, 0),
        ("<?xml version='1.0' encoding='latin1'?>\n<r>\n<a>é</a></r>".encode(), "encoding/declared-mismatch", 3, 47),
        (b"<?xml version='1.0' encoding='utf-16'?>\n<r>\n<a/></r>", "encoding/declared-mismatch", 1, 0),
        (b"<?xml version='1.0' encoding='klingon'?>\n<r>\n<a/></r>", "encoding/declared-mismatch", 1, 0),
    ],
)
def test_where_an_encoding_is_told(read: Read, data: bytes, code: str, line: int, byte: int) -> None:
    result = read(data, documentElement="a")
    assert result.codes == {code}
    (found,) = result.tallies
    at = found.samples[0].location
    assert (found.count, at.file, at.line, at.byte) == (1, "data.xml", line, byte)


# -- other codes of form -----------------------------------------------------------------------------------------------

MIXED = b"<r>\n<a><s>1</s></a>\n<a><t/></a>\n<a><s>2</s>\n<s>3</s></a></r>"


@SIZES
def test_where_arity_is_mixed(read: Read, size: int) -> None:
    source = {"primary_key": ("$.a.s",)}
    result = read(MIXED, limits=Limits(chunk_bytes=size), documentElement="a", source=source)
    (found,) = result.found("xml/mixed-arity")
    assert [(s.location.line, s.location.byte, s.location.record, s.location.path) for s in found.samples] == [
        (4, MIXED.index(b"<a><s>2"), 3, "/r/a[3]"),
        (2, MIXED.index(b"<a><s>1"), 1, "/r/a[1]"),
    ]


def test_where_there_are_too_many_fields(read: Read) -> None:
    text = b"<r>\n<a>%b</a>\n</r>" % b"".join(b"<b%d>1</b%d>" % (n, n) for n in range(9))
    (found,) = read(text, limits=Limits(columns=8), documentElement="a").found("xml/many-fields")
    at = found.samples[0].location
    assert (found.count, at.line, at.byte, at.path) == (1, 2, 4, "/r/a[1]")
    assert read(text, limits=Limits(columns=9), documentElement="a").codes == set()


@pytest.mark.parametrize("size", [1, 40, 90, 1 << 20])
@pytest.mark.parametrize("before", ["", "<sé><é ö='ü'>1</é></sé>" * 3, "<é>漢</é>\n<!-- 😀 --><s/>"])
@pytest.mark.parametrize(
    "bad",
    [
        '<s a="é|<b">x</s>',
        '<s aé="1" 𐐀="x|<y">x</s>',
        '<é a="é |& b">x</é>',
        '<s é="1" |é="2">x</s>',
        "<s é=|1>x</s>",
        "<sé>x|</sö>",
        '<s é="1">é|\x01</s>',
        "<é>é|]]></é>",
        '<s é="1">|<é:x/></s>',
        "<é>é |< b</é>",
        "<é>é|&#x1F;</é>",
        "<é>é|&nbsp;</é>",
        "<s |é>x</s>",
        "<é><ü><ö>\ufffd</ö></ü>|\ufffe</é>",
    ],
)
def test_where_a_fault_is_behind_names_that_arent_ascii(read: Read, before: str, bad: str, size: int) -> None:
    start = f"<r>\n{before}{bad[: bad.index('|')]}"
    text = f"<r>\n{before}{bad.replace('|', '')}\n<s>2</s></r>"
    fault = read(text.encode(), limits=Limits(chunk_bytes=size), topElement="r").fault
    assert fault is not None
    at = fault.location
    lines = start.split("\n")
    assert (at.line, at.column, at.byte) == (len(lines), len(lines[-1]) + 1, len(start.encode()))
