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
        ("<r>\n<a>1</a>\n<a>2", 1, 3, 5, 17, "the file breaks off: <a> isn't closed"),
        ("<r>\n<a>1</a>\n<a x=", 1, 3, 6, 18, "the file breaks off: <r> isn't closed"),
        ("<r>\n<a>1</a>\n", 1, 3, 1, 13, "the file breaks off: <r> isn't closed"),
        ("<r>\n<a>1</a>\n<a><b></a></r>", 1, 3, 11, 23, "<b> is closed by </a>"),
        ("<r>\n<a>1</a>\n<a>P & Q</a></r>", 1, 3, 7, 19, "xmlParseEntityRef: no name"),
        ("<r>\n<a>1</a>\n<a>é<p:b/></a></r>", 1, 3, 9, 22, "Namespace prefix p on b is not defined"),
        ("<r>\n<a>1</a>\n</s>", 1, 3, 5, 17, "<r> is closed by </s>"),
        ("<r>\n<a>1</a>\n</r>\n<r/>", 1, 4, 1, 18, "Extra content at the end of the document"),
        ("<r>\n<a>1</a>\n<a>\0</a></r>", 1, 3, 4, 16, "Invalid character: Char 0x0 out of allowed range"),
        ("<r>\n<a>1</a>\n<!-- -- --></r>", 1, 3, 6, 18, "Double hyphen within comment: <!--"),
        ("<r>\n<a>1</a>\n<a x='1' x='2'/></r>", 1, 3, 15, 27, "Attribute x redefined"),
        ("hello", 0, 1, 1, 0, "Start tag expected, '<' not found"),
        ("<?xml version='2.0'?>\n<r/>", 0, 1, 20, 19, "Unsupported version '2.0'"),
        ("<r", 0, 1, 3, 2, "the file breaks off"),
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
        ("<r><a>1</a><a>&nbsp;</a></r>", 20),
        ('<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd"><r><a>1</a><a>caf&eacute;</a></r>', 71),
        ('<r><a>1</a><a x="&unknown;"/></r>', 26),
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
    assert result.codes == set()
    assert result.column("$.a.xi:include.@href") == [f"{tmp_path}/secret.txt"]
    assert not any("secret" in str(v) for k, v in result.values.items() if k != "$.a.xi:include.@href")


@SIZES
def test_depth(read: Read, size: int) -> None:
    def deep(n: int) -> bytes:
        return b"<r>\n<a/>" + b"<a>" + b"<b>" * (n - 2) + b"</b>" * (n - 2) + b"</a></r>"

    assert read(deep(256), limits=Limits(chunk_bytes=size), documentElement="a").codes == set()
    result = read(deep(257), limits=Limits(chunk_bytes=size), documentElement="a")
    assert (result.fault.code, len(result.numbers)) == ("xml/too-deep", 1)
    assert result.fault.message == "elements are nested more than 256 deep"
    result = read(deep(9), limits=Limits(chunk_bytes=size, depth=8), documentElement="a")
    assert (result.fault.code, len(result.numbers)) == ("xml/too-deep", 1)
    assert read(deep(8), limits=Limits(chunk_bytes=size, depth=8), documentElement="a").codes == set()


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


def test_depth_outside_records(read: Read) -> None:
    result = read(b"<b>" * 100_000, documentElement="a")
    assert result.fault.code == "xml/too-deep"


def test_large_nodes(read: Read) -> None:
    big = b"x" * 11_000_000
    for text in (b"<r><a>1</a><a>%b</a></r>", b'<r><a>1</a><a x="%b"/></r>', b"<r><a>1</a><a><!--%b--></a></r>"):
        result = read(text % big, fields=(), documentElement="a")
        assert (result.fault.code, len(result.numbers)) == ("xml/too-large-node", 1)
        assert len(result.fault.message) < 100
    result = read(b"<r><a>1</a><a><b>%b</b></a></r>" % (b"x" * 101), limits=Limits(node_bytes=100), documentElement="a")
    assert (result.fault.code, len(result.numbers)) == ("xml/too-large-node", 1)
    assert result.fault.message == "a text of <b> is longer than 100 bytes (Limits.node_bytes)"
    sound = b"<r><a>1</a><a><b>%b</b></a></r>" % (b"x" * 100)
    assert read(sound, limits=Limits(node_bytes=100), documentElement="a").codes == set()


@pytest.mark.parametrize("size", [1, 100, 1 << 21])
def test_long_record(read: Read, size: int) -> None:
    limits = Limits(chunk_bytes=size, record_bytes=2000)
    text = b"<r>\n<a>1</a>\n<a>" + b"<b>1</b>" * 500_000 + b"</a></r>"
    result = read(text, limits=limits, documentElement="a")
    assert place(result)[0] == "xml/long-record"
    assert (result.fault.location.line, result.fault.location.byte, len(result.numbers)) == (2, 12, 1)


def test_many_fields(read: Read) -> None:
    text = b"<r>" + b"".join(b"<a><n%d>1</n%d></a>" % (i, i) for i in range(30)) + b"</r>"
    result = read(text, limits=Limits(columns=10), fields=["$.*", "$.a.n29"], documentElement="a")
    assert [t.count for t in result.found("xml/many-fields")] == [1]
    assert len(result.values) == 11
    assert result.column("$.a.n29")[29] == "1"


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
