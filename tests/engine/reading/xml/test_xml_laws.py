"""Laws: any cutting gives the same; what is read is what the whole tree says; what no parser reads is a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from potable.engine.limits import Limits
from potable.engine.paths import canonical
from potable.engine.reading.xml import finder

Read = Callable[..., Any]

relaxed = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
sizes = st.one_of(st.integers(1, 60), st.just(1 << 21))
seams = st.sampled_from([1, 30, 1 << 18])

NAMES = ["rec", "recs", "top", "a", "b", "p:rec", "p:a"]
FIELDS = (
    "$.rec.a", "$.rec.a.'_$'", "$.rec.a.'@x'", "$.rec.'@x'", "$.rec", "$..b", "$..'@x'", "$.rec.a[*].b", "$.rec.a[1]",
    "$.rec.a[?(@.'b'='t')].'_$'", "$.p:rec.p:a", "$.rec.p:a.a", "$..rec.b", "$.rec[*]", "$.rec.a[-1].'_$'",
)  # fmt: skip

texts = st.sampled_from(["", "", "\n ", "t", " t ", "a b", "é😀", "&lt;&#233;", "x>y", "\r\n", "\r", "]"])
hidden = st.sampled_from(
    ["<!-- <rec> </rec> -->", "<![CDATA[<rec>]]>", "<![CDATA[ ]]>", "<?p </rec>?>", "<!---->", "<?x?>"]
)
attributes = st.sampled_from(
    [
        "",
        "",
        ' x="1"',
        " x='&quot;>'",
        ' x="/>" y = "2"',
        "\n x=' t '",
        ' p:x="3"',
        ' xmlns="urn:d"',
        ' xmlns:p="urn:o"',
    ]
)


@dataclass
class Element:
    name: str
    attributes: str
    content: list[Any] = field(default_factory=list)
    space: str = ""

    def text(self) -> str:
        start = f"<{self.name}{self.attributes}{self.space}"
        if not self.content:
            return start + "/>"
        return (
            start
            + ">"
            + "".join(c if isinstance(c, str) else c.text() for c in self.content)
            + f"</{self.name}{self.space}>"
        )


def elements(names: list[str]) -> st.SearchStrategy[Element]:
    leaf = st.builds(Element, st.sampled_from(names), attributes, st.lists(st.one_of(texts, hidden), max_size=3))

    def grow(inner: st.SearchStrategy[Element]) -> st.SearchStrategy[Element]:
        content = st.lists(st.one_of(inner, inner, texts, hidden), max_size=6)
        return st.builds(Element, st.sampled_from(names), attributes, content, st.sampled_from(["", " ", "\n"]))

    return st.recursive(leaf, grow, max_leaves=14)


documents = st.builds(
    lambda head, root, tail: head + root + tail,
    st.sampled_from(["", '<?xml version="1.0"?>\n', "<!-- <rec/> -->\n", "<!DOCTYPE top>", "\ufeff"]),
    st.lists(st.one_of(elements(NAMES), elements(NAMES), texts.filter(lambda t: t != "]"), hidden), max_size=6).map(
        lambda c: Element("top", ' xmlns:p="urn:p"', [*c, "\n"]).text()
    ),
    st.sampled_from(["", "\n", "<!-- <rec/> --> \n"]),
)


def tree(data: bytes) -> etree._Element | None:
    """The whole document, where it's well-formed."""
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, encoding="utf-8"))
    except etree.XMLSyntaxError:
        return None


# -- the model: what a path means, on the whole tree ---------------------------------------------------------------


def qname(e: etree._Element) -> str:
    local = etree.QName(e).localname
    return f"{e.prefix}:{local}" if e.prefix else local


def children(e: etree._Element) -> list[etree._Element]:
    return [c for c in e if isinstance(c.tag, str)]


def own_text(e: etree._Element) -> str:
    pieces: list[str] = [""]
    pieces[0] = e.text or ""
    for c in e:
        if isinstance(c.tag, str):
            pieces.append("")
        pieces[-1] += c.tail or ""
    return " ".join(p for p in (p.strip(" \t\r\n") for p in pieces) if p)


def attributes_of(e: etree._Element) -> dict[str, str]:
    out = {}
    for key, value in e.items():
        q = etree.QName(key)
        prefix = next((p for p, uri in e.nsmap.items() if p and uri == q.namespace), None)
        out[f"@{prefix}:{q.localname}" if prefix else f"@{q.localname}"] = value
    return out


def records(e: etree._Element, top: str) -> Iterator[etree._Element]:
    for c in children(e):
        if qname(c) == "rec" and (not top or qname(e) == top):
            yield c
        else:
            yield from records(c, top)


def value(e: etree._Element) -> tuple[str | None, str]:
    text = own_text(e)
    return (text, "string") if text or not (children(e) or e.items()) else (None, "object")


def below(e: etree._Element) -> list[etree._Element]:
    return [d for d in e.iter() if isinstance(d.tag, str)]


def named(e: etree._Element, name: str) -> list[etree._Element]:
    return [c for c in children(e) if qname(c) == name]


def texts_of(es: list[etree._Element]) -> list[tuple[str | None, str]]:
    return [(t, "string") for e in es if (t := own_text(e))]


def model(r: etree._Element, path: str) -> list[tuple[str | None, str]]:
    """Texts and kinds that a path finds in a record named ``rec``."""
    a = named(r, "a")
    at = [(v, "string") for e in a for k, v in attributes_of(e).items() if k == "@x"]
    match path:
        case "$.rec" | "$.rec[*]":
            return [value(r)]
        case "$.rec.a":
            return [value(e) for e in a]
        case "$.rec.a.'_$'":
            return texts_of(a)
        case "$.rec.a.'@x'":
            return at
        case "$.rec.'@x'":
            return [(v, "string") for k, v in attributes_of(r).items() if k == "@x"]
        case "$..b":
            return [value(e) for e in below(r) if e is not r and qname(e) == "b"]
        case "$..'@x'":
            return [(v, "string") for e in below(r) for k, v in attributes_of(e).items() if k == "@x"]
        case "$.rec.a[*].b":
            return [value(b) for e in a for b in named(e, "b")]
        case "$.rec.a[1]":
            return [value(e) for e in a[1:2]]
        case "$.rec.a[?(@.'b'='t')].'_$'":
            return texts_of([e for e in a if any(own_text(b) == "t" for b in named(e, "b"))])
        case "$.rec.a[-1].'_$'":
            return texts_of(a[-1:])
        case "$.rec.p:a.a":
            return [value(i) for e in named(r, "p:a") for i in named(e, "a")]
        case "$..rec.b":
            return [value(b) for b in below(r) if b is not r and qname(b) == "b" and qname(b.getparent()) == "rec"]
        case "$.p:rec.p:a":
            return []
    raise AssertionError(path)


def sound_names(whole: etree._Element) -> bool:
    """All names of the fields are in the document without a prefix, so that no name stands for a prefixed one."""
    return {"a", "b", "rec"} <= {qname(e) for e in below(whole)}


FILLER = "<recs><a/><b/><recs><rec/></recs></recs>"


@relaxed
@given(document=documents, size=sizes, seam=seams, top=st.sampled_from(["", "top", "recs"]))
@example(document='<top xmlns:p="urn:p"><rec>x<!-- c -->y<a/> <b/>z</rec></top>', size=1, seam=1, top="")
@example(document='<top xmlns:p="urn:p"><rec><rec><b>1</b></rec><b>2</b></rec></top>', size=1, seam=1, top="")
def test_a_reading_is_what_the_whole_tree_says(read: Read, document: str, size: int, seam: int, top: str) -> None:
    document = document.replace("</top>", FILLER + "</top>", 1) if document.count("</top>") == 1 else document
    data = document.encode()
    whole = tree(data)
    with patch.object(finder, "SEAM", seam):
        result = read(
            data, fields=[*FIELDS, "$.*"], limits=Limits(chunk_bytes=size), documentElement="rec", topElement=top
        )
    if whole is None:
        assert result.fault is not None
        return
    assert result.fault is None
    if not sound_names(whole):
        return
    found = list(records(whole, top))
    assert result.numbers == list(range(1, len(found) + 1))
    for path in FIELDS:
        wanted = [model(r, path) or [(None, "absent")] for r in found]
        path = canonical(path)
        assert result.values.get(path, []) == [[t for t, _ in row] for row in wanted], path
        assert result.kinds.get(path, []) == [[k for _, k in row] for row in wanted], path
    original = data.removeprefix(b"\xef\xbb\xbf")
    shift = len(data) - len(original)
    for number, (place, record) in enumerate(zip(result.places, found, strict=True), start=1):
        assert place.record == number
        assert place.byte is not None
        start = place.byte - shift
        assert original[start : start + 4] == b"<rec"
        lines = original[:start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")
        assert place.line == lines + 1
        same = [c for c in children(record.getparent()) if qname(c) == "rec"]
        assert place.path is not None
        assert place.path.endswith(f"/rec[{same.index(record) + 1}]")
    bytes_ = [p.byte for p in result.places]
    assert bytes_ == sorted(set(bytes_))


edits = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.sampled_from(["", "<", ">", "&", "&x;", '"', "</rec>", "<rec>", "<a", "]]>", "<!--", "\0", "\x0b"]),
    ),
    min_size=1,
    max_size=2,
)


@relaxed
@given(document=documents, edit=edits, cut=st.integers(0, 600), size=sizes, seam=seams)
@example(document="<top><rec>1</rec>" + FILLER + "</top>", edit=[(400, "")], cut=30, size=1, seam=1)
@example(document="<top><rec>1</rec><rec><a></rec><rec/></top>", edit=[(400, "")], cut=600, size=20, seam=1)
@example(document="<!DOCTYPE top><top><rec/></top>", edit=[(10, "&")], cut=600, size=1, seam=1)
@example(
    document='<top xmlns:p="urn:p"><rec/><recs><rec>\n </rec></recs>\n</top>', edit=[(0, "")], cut=46, size=1, seam=1
)
@example(document="<top>\n<rec/>\n<rec\n x='1'", edit=[(400, "")], cut=600, size=1, seam=1)
def test_what_no_parser_reads_is_a_fault_at_one_place(
    read: Read, document: str, edit: list[tuple[int, str]], cut: int, size: int, seam: int
) -> None:
    for at, text in edit:
        document = document[:at] + text + document[at:]
    data = document[:cut].encode()
    with patch.object(finder, "SEAM", seam):
        small = read(data, fields=["$.rec.a", "$.*"], limits=Limits(chunk_bytes=size), documentElement="rec")
    large = read(data, fields=["$.rec.a", "$.*"], documentElement="rec")
    assert (small.fault is None) == (tree(data) is not None)
    assert (large.fault is None) == (small.fault is None)
    assert small.numbers == large.numbers
    assert small.places == large.places
    assert small.filled == large.filled
    if small.fault is not None and large.fault is not None:
        assert (small.fault.code, small.fault.message, small.fault.location) == (
            large.fault.code,
            large.fault.message,
            large.fault.location,
        )
    told = [
        sorted((t.code, t.field or "", t.count, t.details.get("once", 0)) for t in r.tallies) for r in (small, large)
    ]
    assert told[0] == told[1]
