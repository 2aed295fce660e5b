"""Records of RSS and Atom: one set of fields for both."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from potable.engine.contracts.reading import Reading
from potable.engine.limits import Limits

from .conftest import Result

Read = Callable[..., Result]
Open = Callable[..., Reading]

SIZES = pytest.mark.parametrize("size", [1, 60, 1 << 21])

RSS = b"""<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Feed</title>
<item><title>One &amp; two</title><link> https://example.org/1 </link><description><![CDATA[<p>Text</p>]]></description>
<author>ann@example.org</author><category>a</category><category domain="x">b</category>
<comments>https://example.org/1#c</comments><guid isPermaLink="false">id-1</guid>
<pubDate>Sun, 06 Nov 1994 08:49:37 GMT</pubDate></item>
<item><title/><dc:creator>Bo</dc:creator></item>
</channel></rss>"""

ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Feed</title>
<entry><id>urn:1</id><title type="html">One</title><link rel="edit" href="/e"/><link href="https://example.org/1"/>
<summary>Short</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Long <b>text</b></div></content>
<author><name>Ann</name><email>a@example.org</email></author><category term="x" label="X"/>
<published>2024-01-01T00:00:00Z</published><updated>2024-02-01T00:00:00Z</updated></entry>
<entry><id>urn:2</id><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Long <b>text</b></div></content>
<updated>2024-02-01T00:00:00Z</updated></entry></feed>"""

EACH = ["guid", "title", "link", "description", "author", "comments", "pubDate"]


@SIZES
def test_items_of_rss(read: Read, size: int) -> None:
    result = read(RSS, limits=Limits(chunk_bytes=size), method="RSS")
    assert [result.column(f"$.{n}")[0] for n in EACH] == [
        "id-1", "One & two", "https://example.org/1", "<p>Text</p>", "ann@example.org", "https://example.org/1#c",
        "Sun, 06 Nov 1994 08:49:37 GMT",
    ]  # fmt: skip
    assert [result.column(f"$.{n}")[1] for n in EACH] == [None, "", None, None, "Bo", None, None]
    assert result.values["$.categories"] == [["a", "b"], [None]]
    assert [(p.line, p.path) for p in result.places] == [(3, "/rss/channel/item[1]"), (7, "/rss/channel/item[2]")]
    assert result.codes == set()


@SIZES
def test_entries_of_atom(read: Read, size: int) -> None:
    result = read(ATOM, fields=["$.guid", "$.categories[*]", "$.*"], limits=Limits(chunk_bytes=size), method="RSS")
    assert [result.column(f"$.{n}")[0] for n in EACH] == [
        "urn:1", "One", "https://example.org/1", "Short", "Ann", None, "2024-01-01T00:00:00Z",
    ]  # fmt: skip
    assert [result.column(f"$.{n}")[1] for n in EACH] == [
        "urn:2", None, None, "Long text", None, None, "2024-02-01T00:00:00Z",
    ]  # fmt: skip
    assert result.values["$.categories[*]"] == [["x"], [None]]
    assert result.kinds["$.guid"] == [["string"], ["string"]]


def test_a_feed_of_rdf_and_a_prefixed_one(read: Read) -> None:
    rdf = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
    <channel/><item rdf:about="https://example.org/1"><title>One</title></item></rdf:RDF>"""
    result = read(rdf, method="RSS")
    assert (result.column("$.guid"), result.column("$.title")) == (["https://example.org/1"], ["One"])
    atom = b'<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:id>1</a:id></a:entry></a:feed>'
    result = read(atom, method="RSS")
    assert result.column("$.guid") == ["1"]
    assert result.codes == set()


def test_a_feed_gives_documents_as_objects(opened: Open) -> None:
    reading = opened(RSS, method="RSS")
    (cut,) = reading.cuts()
    chunk = reading.parser().parse(cut, frozenset(["$.guid"]))
    documents = dict(chunk.documents())
    assert documents[0]["categories"] == ["a", "b"]
    assert documents[1] == {"title": "", "author": "Bo"}
    reading.close()


def test_an_empty_feed(read: Read) -> None:
    result = read(b"<rss><channel><title>Feed</title></channel></rss>", method="RSS")
    (found,) = result.tallies
    assert found.code == "xml/no-records"
    assert found.samples[0].message == "data.xml has no <item> or <entry>; there is <rss>, <channel>, <title>"
    assert found.hint is not None
    assert found.hint.startswith("The feed is empty")
    (found,) = read(b"<urlset><url><loc>x</loc></url></urlset>", method="RSS").tallies
    assert found.hint is not None
    assert found.hint.startswith("This is no feed")
