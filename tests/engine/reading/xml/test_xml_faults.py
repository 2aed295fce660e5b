"""What isn't well-formed, hostile or in another encoding: the right code at the right place."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potable.engine.limits import Limits

Read = Callable[..., Any]

SIZES = pytest.mark.parametrize("size", [1, 40, 1 << 21])


def place(result: Any) -> tuple[str, int | None, int | None, int | None]:
    at = result.fault.location
    return result.fault.code, at.line, at.column, at.byte


@SIZES
@pytest.mark.parametrize(
    ("text", "records", "line", "column", "byte", "message"),
    [
        ("<r>\n<a>1</a>\n<a>2", 1, 3, 5, 17, "the file breaks off: <a> of line 3 isn't closed"),
        ("<r>\n<a>1</a>\n<a x=", 1, 3, 6, 18, "the file breaks off: a tag of line 3 isn't closed"),
        ("<r>\n<a>1</a>\n", 1, 3, 1, 13, "the file breaks off: <r> isn't closed"),
        ("<r>\n<a>1</a>\n<a><b></a></r>", 1, 3, 7, 19, "<b> is closed by </a>"),
        ("<r>\n<a>1</a>\n<a>P & Q</a></r>", 1, 3, 6, 18, "a & that begins no reference (write &amp; for &)"),
        ("<r>\n<a>1</a>\n<a>é<p:b/></a></r>", 1, 3, 5, 18, "the prefix p of <p:b> isn't declared"),
        ("<r>\n<a>1</a>\n</s>", 1, 3, 1, 13, "<r> is closed by </s>"),
        ("<r>\n<a>1</a>\n</r>\n<r/>", 1, 4, 1, 18, "another root element, <r>: a document has one "),
        ("<r>\n<a>1</a>\n</r>\n<html>x</html>", 1, 4, 1, 18, "behind the root element a program's message stands"),
        ("<r>\n<a>1</a>\n</r>\nDone.", 1, 4, 1, 18, "something stands behind the root element, which was closed"),
        ("<r>\n<a>1</a>\n<a>\0</a></r>", 1, 3, 4, 16, "the character U+0000, which XML doesn't allow"),
        ("<r>\n<a>1</a>\n<!-- -- --></r>", 1, 3, 6, 18, "-- inside a comment"),
        ("<r>\n<a>1</a>\n<a x='1' x='2'/></r>", 1, 3, 10, 22, "the attribute x stands in its tag twice"),
        ("hello", 0, 1, 1, 0, "there is no root element"),
        ("<?xml version='2.0'?>\n<r/>", 0, 1, 20, 19, "Unsupported version '2.0'"),
        ("<r", 0, 1, 3, 2, "the file breaks off: a tag of line 1 isn't closed"),
    ],
)
def test_syntax(
    read: Read, size: int, text: str, records: int, line: int, column: int, byte: int, message: str
) -> None:
    result = read(text.encode(), limits=Limits(chunk_bytes=size), documentElement="a")
    assert place(result) == ("xml/syntax", line, column, byte)
    assert result.fault.message.startswith(message)
    assert len(result.numbers) == records


@SIZES
def test_a_well_formed_document_has_no_finding(read: Read, size: int) -> None:
    text = b'<?xml version="1.0"?>\n<r xml:lang="en"><a x="1">t</a><a x="2">u</a></r>\n<!-- end -->'
    result = read(text, limits=Limits(chunk_bytes=size), documentElement="a")
    assert result.codes == set()
    assert result.column("$.a.'_$'") == ["t", "u"]


# -- hostile ---------------------------------------------------------------------------------------------------------

LAUGHS = (
    '<!DOCTYPE r [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{i} "{("&a" + (str(i - 1) if i else "") + ";") * 10}">' for i in range(12))
    + "]><r><a>&a11;</a></r>"
)
QUADRATIC = f'<!DOCTYPE r [<!ENTITY a "{"x" * 100_000}">]><r><a>{"&a;" * 100_000}</a></r>'


@pytest.mark.parametrize(
    ("text", "byte"),
    [
        ('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><a>&x;</a></r>', 13),
        ('<!DOCTYPE r [\n<!-- <!ENTITY no> --><!ENTITY % x SYSTEM "http://127.0.0.1:1/x">%x;]><r><a/></r>', 35),
        (LAUGHS, 13),
        (QUADRATIC, 13),
        ('<!DOCTYPE r [<!ENTITY x "unfinished', 13),
        ("<r><a>1</a><a>&nbsp;</a></r>", 14),
        ('<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd"><r><a>1</a><a>caf&eacute;</a></r>', 63),
        ('<r><a>1</a><a x="&unknown;"/></r>', 17),
    ],
    ids=["external", "parameter", "laughs", "quadratic", "unfinished", "undeclared", "external-dtd", "attribute"],
)
def test_entities_are_refused(read: Read, text: str, byte: int) -> None:
    result = read(text.encode(), documentElement="a")
    assert result.fault.code == "xml/entity"
    assert result.fault.location.byte == byte
    assert len(result.fault.message) < 200


def test_nothing_is_read_for_a_document_type(read: Read, tmp_path: Path) -> None:
    (tmp_path / "x.dtd").write_text('<!ENTITY x "read">')
    text = f'<!DOCTYPE r SYSTEM "{tmp_path}/x.dtd" [<!ELEMENT a ANY>]><r><a>1</a></r>'
    result = read(text.encode(), documentElement="a")
    assert result.codes == set()
    assert result.column("$.a.'_$'") == ["1"]
    result = read(text.replace("1</a>", "&x;</a>").encode(), documentElement="a")
    assert result.fault.code == "xml/entity"


def test_nothing_is_included(read: Read, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    include = f'<xi:include href="{tmp_path}/secret.txt" parse="text"/>'
    text = f'<r xmlns:xi="http://www.w3.org/2001/XInclude"><a>{include}</a></r>'
    result = read(text.encode(), documentElement="a")
    assert result.codes == {"xml/not-included"}
    assert result.column("$.a.xi:include.@href") == [f"{tmp_path}/secret.txt"]
    assert not any("secret" in str(v) for k, v in result.values.items() if k != "$.a.xi:include.@href")


@SIZES
@pytest.mark.parametrize("depth", [8, 256, 300])
def test_depth(read: Read, size: int, depth: int) -> None:
    def deep(n: int) -> bytes:
        return b"<r>\n<a/>" + b"<a>" + b"<b>" * (n - 2) + b"</b>" * (n - 2) + b"</a></r>"

    limits = Limits(chunk_bytes=size, depth=depth)
    assert read(deep(depth), limits=limits, documentElement="a").codes == set()
    result = read(deep(depth + 1), limits=limits, documentElement="a")
    at = 4 + 4 + 3 + 3 * (depth - 2)
    assert (*place(result), len(result.numbers)) == ("xml/too-deep", 2, at - 3, at, 1)
    assert result.fault.message == f"elements are nested more than {depth} deep (Limits.depth)"


def test_no_document_is_read_that_is_deeper_than_500(read: Read) -> None:
    deep = b"<r>" + b"<a>" * 499 + b"</a>" * 499 + b"</r>"
    limits = Limits(depth=10_000)
    assert read(deep, limits=limits, documentElement="a").numbers == [1]
    deeper = b"<r>" + b"<a>" * 500 + b"</a>" * 500 + b"</r>"
    result = read(deeper, limits=limits, documentElement="a")
    assert place(result) == ("xml/too-deep", 1, 3 * 500 + 1, 3 * 500)
    assert result.fault.message == "elements are nested more than 500 deep (Limits.depth)"


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE r [" + "<!--" * 500_000,
        "<!DOCTYPE r [" + "<?" * 500_000,
        "<!DOCTYPE r [" + "<'" * 500_000,
        "<r>" + "<!--" * 500_000,
        "<r>" + "<![CDATA[" * 300_000,
        "<a " + "x='" * 500_000,
        "<r>" + "<a x" * 500_000,
        "<r><a>" + "<a>" * 500_000,
        "<r><a>" + "<a><a/><!---->" * 200_000,
        "<r>" + "</" * 500_000,
        "<r>" + " " * 5_000_000 + "<a>",
    ],
    ids=lambda text: text[:24],
)
def test_markup_that_never_ends(read: Read, text: str) -> None:
    """What isn't linear would take hours here."""
    result = read(text.encode(), fields=(), documentElement="a")
    assert result.fault.code in ("xml/syntax", "xml/too-deep")
    assert len(result.fault.message) < 1000


@SIZES
def test_depth_outside_records(read: Read, size: int) -> None:
    result = read(b"<b>\n" * 100_000, limits=Limits(chunk_bytes=size), documentElement="a")
    assert place(result) == ("xml/too-deep", 257, 1, 256 * 4)


LARGE = "x" * 10_000_001


@pytest.mark.parametrize(
    ("text", "what", "column", "path", "records"),
    [
        ("<r><a>1</a>\n<a><b>{}</b></a></r>", "a text of <b>", 4, "/r/a[2]/b", 1),
        ("<r><a>1</a>\n<a><![CDATA[{}]]></a></r>", "a text of <a>", 1, "/r/a[2]", 1),
        ("<r><a>1</a>\n<a>x<b/>{}</a></r>", "a text of <a>", 1, "/r/a[2]", 1),
        ("<r><a>1</a>\n<a x='{}'/></r>", "an attribute of <a>", 1, "/r/a[2]", 1),
        ("<r><a>1</a>\n<a><!--{}--></a></r>", "a comment", 4, None, 1),
        ("<r><a>1</a>\n<a><?p {}?></a></r>", "a processing instruction", 4, None, 1),
        ("<r><a>1</a>\n<!--{}--><a/></r>", "a comment", 1, None, 1),
        ("<r><a>1</a>\n<?p {}?><a/></r>", "a processing instruction", 1, None, 1),
        ("<r><a>1</a>\n<c>{}</c><a/></r>", "a text", 4, None, 1),
        ("<r><a>1</a>\n<c x='{}'/><a/></r>", "an attribute", 1, None, 1),
        ("<r><a>1</a></r>\n<!--{}-->", "a comment", 1, None, 1),
        ("<?xml version='1.0'?>\n<!--{}--><r><a>1</a></r>", "a comment", 1, None, 0),
        ("<?xml version='1.0'?>\n<?p {}?><r><a>1</a></r>", "a processing instruction", 1, None, 0),
        ("<c>\n<!--{}--></c>", "a comment", 1, None, 0),
    ],
)
def test_large_nodes(read: Read, text: str, what: str, column: int, path: str | None, records: int) -> None:
    """By default as large as libxml2 takes them, and by no other measure where a definition's operator sets one."""
    result = read(text.format(LARGE).encode(), fields=(), documentElement="a")
    at = text.index("\n") + column
    assert (*place(result), len(result.numbers)) == ("xml/too-large-node", 2, column, at, records)
    assert result.fault.message == f"{what} is longer than 10,000,000 bytes (Limits.node_bytes)"
    assert result.fault.location.path == path
    small = read(text.format("x" * 101).encode(), fields=(), limits=Limits(node_bytes=100), documentElement="a")
    assert (*place(small), len(small.numbers)) == ("xml/too-large-node", 2, column, at, records)
    assert "xml/too-large-node" not in read(text.format("x" * 90).encode(), limits=Limits(node_bytes=100)).codes
    raised = read(text.format(LARGE).encode(), limits=Limits(node_bytes=10_000_020), fields=(), documentElement="a")
    assert raised.fault is None


@pytest.mark.parametrize("node", ["&#233;" * 100, "<b>x</b>" * 100, "<b/>" + " " * 1000 + "<b/>", " " * 1000])
def test_what_is_written_at_length_is_no_large_node(read: Read, node: str) -> None:
    """References, many elements, and blanks."""
    text = b"<r><a>1</a><a>%b</a></r>" % node.encode()
    assert len(read(text, fields=(), limits=Limits(node_bytes=200), documentElement="a").numbers) == 2
    assert read(text, fields=(), limits=Limits(node_bytes=200), documentElement="a").fault is None


@pytest.mark.parametrize("size", [1, 100, 1 << 21])
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("alike", [True, False])
def test_long_record(read: Read, size: int, closed: bool, alike: bool) -> None:
    """A record of more bytes than it may have, as one of many that are alike or alone, and one without an end."""
    limits = Limits(chunk_bytes=size, record_bytes=2000)
    long = b"<a>" + b"<b>1</b>" * (300 if closed else 500_000) + b"</a>"
    text = b"<r>\n<a>1</a>\n  " + (b"" if alike else b"<c/><!-- -->") + long + b"<a>2</a></r>"
    result = read(text, limits=limits, fields=(), documentElement="a")
    assert place(result) == ("xml/long-record", 3, 3 if alike else 15, text.index(long))
    assert result.fault.message == "<a> goes on for more than 2,000 bytes (Limits.record_bytes)"
    assert len(result.numbers) == 1
    exact = Limits(chunk_bytes=size, record_bytes=len(long))
    assert not closed or read(text, limits=exact, fields=(), documentElement="a").codes == set()


def test_many_fields(read: Read) -> None:
    text = b"<r>" + b"".join(b"<a><n%d>1</n%d></a>" % (i, i) for i in range(30)) + b"</r>"
    result = read(text, limits=Limits(columns=10), fields=["$.*", "$.a.n29"], documentElement="a")
    assert [t.count for t in result.found("xml/many-fields")] == [1]
    assert len(result.values) == 11
    assert result.column("$.a.n29")[29] == "1"


@pytest.mark.parametrize("size", [1, 40, 1 << 20])
def test_many_fields_are_told_once(read: Read, size: int) -> None:
    text = b"<r>" + b"".join(b"<a><i>1</i><j>2</j><k%d>1</k%d></a>" % (i, i) for i in range(9)) + b"</r>"
    (found,) = read(text, limits=Limits(columns=2, chunk_bytes=size), documentElement="a").found("xml/many-fields")
    assert (found.count, found.samples[0].location.path) == (1, "/r/a[1]")


def test_memory_is_flat(read: Read) -> None:
    """A file of many megabytes of what isn't a record, gzipped to little."""
    text = gzip.compress(b"<r>" + b"<skip><b>%b</b></skip>\n" % (b"x" * 2000) * 20_000 + b"<a>1</a></r>")
    tracemalloc.start()
    result = read(text, fields=(), limits=Limits(chunk_bytes=1 << 18), documentElement="a")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(result.numbers) == 1
    assert peak < 8_000_000
    bomb = read(text, limits=Limits(inflated_bytes=1 << 20), documentElement="a")
    assert bomb.fault.code == "access/compression"


# -- encodings -------------------------------------------------------------------------------------------------------


@SIZES
def test_latin_1_declared_in_the_prolog(read: Read, size: int) -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<r><a>é</a>\n<a>ü</a></r>'
    result = read(text.encode("latin-1"), limits=Limits(chunk_bytes=size), documentElement="a")
    assert result.codes == set()
    assert result.column("$.a.'_$'") == ["é", "ü"]
    assert [(p.line, p.byte) for p in result.places] == [(2, 47), (3, 56)]


@SIZES
@pytest.mark.parametrize("name", ["utf-16", "utf-16-be", "utf-16-le"])
def test_utf_16(read: Read, size: int, name: str) -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?>\n<r><a>é😀</a>\n<a>ü</a></r>'
    mark = "" if name == "utf-16" else "\ufeff"
    result = read((mark + text).encode(name), limits=Limits(chunk_bytes=size), documentElement="a")
    assert result.codes == set()
    assert result.column("$.a.'_$'") == ["é😀", "ü"]
    assert [(p.line, p.byte) for p in result.places] == [(2, 2 + 43 * 2), (3, 2 + 43 * 2 + 22)]


@SIZES
@pytest.mark.parametrize("name", ["utf-16-be", "utf-16-le", "utf-32-be"])
@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("{name}", None),
        ("{name:.6}", None),
        ("UTF-8", "the XML declaration says UTF-8"),
        ("ISO-8859-1", "the XML declaration says ISO-8859-1"),
        ("UTF-16BE", None),
        ("UTF-32LE", "and nothing declares it"),
        ("klingon", "and nothing declares it"),
    ],
)
def test_what_is_declared_in_utf_16_without_a_mark(
    read: Read, size: int, name: str, declared: str, said: str | None
) -> None:
    if declared == "UTF-16BE" and name != "utf-16-be":
        said = "and nothing declares it"
    text = f'<?xml version="1.0" encoding="{declared.format(name=name)}"?>\n<r><a>é</a></r>'
    result = read(text.encode(name), limits=Limits(chunk_bytes=size), documentElement="a")
    assert result.column("$.a.'_$'") == ["é"]
    messages = [s.message for t in result.tallies for s in t.samples]
    assert messages == ([f"the bytes are {name} without a byte order mark, {said}"] if said else [])


@SIZES
def test_a_declaration_that_the_bytes_deny(read: Read, size: int) -> None:
    limits = Limits(chunk_bytes=size)
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<r><a>é</a></r>'.encode()
    result = read(text, limits=limits, documentElement="a")
    assert result.column("$.a.'_$'") == ["Ã©"]
    (found,) = result.found("encoding/declared-mismatch")
    assert found.samples[0].message == "the bytes are valid UTF-8, the XML declaration says ISO-8859-1"
    assert (found.samples[0].location.line, found.samples[0].location.byte) == (2, 50)
    for wrong in ("UTF-16", "klingon"):
        result = read(text.replace(b"ISO-8859-1", wrong.encode()), limits=limits, documentElement="a")
        assert result.column("$.a.'_$'") == ["é"]
        assert result.codes == {"encoding/declared-mismatch"}


def test_the_definition_knows_better_than_the_prolog(read: Read) -> None:
    text = '<?xml version="1.0" encoding="UTF-8"?><r><a>é</a></r>'.encode("latin-1")
    result = read(text, documentElement="a", encoding="windows-1252")
    assert result.column("$.a.'_$'") == ["é"]
    assert result.codes == set()


@SIZES
def test_invalid_bytes(read: Read, size: int) -> None:
    text = b"<r>\n<a>1</a>\n<a>caf\xe9 \xff</a>\xfe<a><b>\n\xe9</b></a></r>"
    result = read(text, limits=Limits(chunk_bytes=size), documentElement="a")
    assert result.fault is None
    found = sorted((s for t in result.found("encoding/invalid") for s in t.samples), key=lambda s: s.location.byte)
    assert [(s.location.byte, s.location.line, s.location.record) for s in found] == [
        (19, 3, 2),
        (26, 3, None),
        (34, 4, 3),
    ]
    assert found[0].message == "bytes that aren't in the encoding: E9 (é in windows-1252, È in Mac Roman)"
    assert result.values["$.a.'_$'"][1] == ["caf\ufffd \ufffd"]
    assert sum(t.count for t in result.found("encoding/invalid")) == 3


def test_a_byte_order_mark(read: Read) -> None:
    result = read(b"\xef\xbb\xbf<?xml version='1.0'?><r><a>1</a></r>", documentElement="a")
    assert result.codes == {"encoding/byte-order-mark"}
    assert result.places[0].byte == 27
