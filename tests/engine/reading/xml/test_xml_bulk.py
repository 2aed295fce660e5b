"""Many records at once give what a walk over them gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.engine.reading.xml.test_xml_laws import FIELDS, attributes, documents, hidden, relaxed, seams, sizes, texts

from potable.engine.limits import Limits
from potable.engine.reading.xml import bulk, finder
from potable.engine.reading.xml.bulk import Bulk
from potable.engine.reading.xml.markup import only_white

Read = Callable[..., Any]

PLAIN = ("$.rec.a", "$.rec.a.'_$'", "$.rec.a.'@x'", "$.rec.'@x'", "$.rec.a[*].b", "$.rec.c.d.'_$'", "$.rec.c.'@y'",
         "$.rec", "$.rec.'_$'", "$.rec.none.'@x'", "$.rec.c.d")  # fmt: skip
leaf = st.builds(
    "<{0}{1}>{2}</{0}>".format, st.sampled_from("abd"), attributes.filter(lambda a: "xmlns" not in a), texts
)
child = st.one_of(
    leaf,
    st.builds("<c y='2'>{}</c>".format, st.lists(st.one_of(leaf, texts), max_size=3).map("".join)),
    st.sampled_from(["<a/>", "<a><b>t</b></a>", "<d>x</d>", "<c/>", "<a x=''/>"]),
    texts,
    hidden,
)
alike = st.builds(
    lambda head, records: head + "".join(f"<rec{a}>{''.join(c)}</rec>\n" for a, c in records) + "</top>",
    st.sampled_from(["<top>", '<top xmlns="urn:t">', '<top xmlns:p="urn:p" p:z="1">', "<w><top>"]),
    st.lists(st.tuples(st.sampled_from(["", ' x="1"', ' x="2" w="3"']), st.lists(child, max_size=4)), max_size=8),
).map(lambda d: d + "</w>" if d.startswith("<w>") else d)


def told(read: Read, data: bytes, *, walking: bool, **how: Any) -> Any:
    """Everything that a reading gives, and how many groups were taken at once."""
    taken = 0
    over = Bulk._over

    def counted(self: Bulk, records: Any) -> bool:
        nonlocal taken
        found = False if walking else over(self, records)
        taken += found
        return found

    with patch.object(Bulk, "_over", counted):
        r = read(data, documentElement="rec", **how)
    tallies = sorted((t.code, t.field or "", t.count, repr(t.samples), repr(t.details)) for t in r.tallies)
    return (r.filled, r.kinds, r.numbers, r.places, tallies, r.fault), taken


@relaxed
@given(
    document=st.one_of(alike, alike, documents),
    fields=st.one_of(st.lists(st.sampled_from(PLAIN), max_size=4), st.lists(st.sampled_from(FIELDS), max_size=3)),
    every=st.booleans(),
    size=sizes,
    seam=seams,
)
@example(document="<top><rec><a>1</a></rec><rec><a>2</a><a>3</a></rec></top>", fields=["$.rec.a"], every=False,
         size=1 << 21, seam=1 << 18)  # fmt: skip
def test_they_are_what_a_walk_gives(
    read: Read, document: str, fields: list[str], every: bool, size: int, seam: int
) -> None:
    asked = [*fields, "$.*"] if every else fields
    with patch.object(finder, "SEAM", seam):
        how: dict[str, Any] = {"fields": asked, "limits": Limits(chunk_bytes=size)}
        assert (
            told(read, document.encode(), walking=False, **how)[0]
            == told(read, document.encode(), walking=True, **how)[0]
        )


STOCK = '<stock id="S{n}"><name>n {n}</name>{more}<at taxon="9606">Homo &amp; sapiens</at></stock>\n'


def stocks(head: str) -> bytes:
    more = ["", "<syn>a</syn>", "<syn>a</syn><syn>b</syn>"]
    records = (STOCK.format(n=n, more=more[n % 3]).replace("stock", "rec") for n in range(60))
    return (head + "".join(records) + "</top>").encode()


@pytest.mark.parametrize("head", ["<top>", '<top xmlns="urn:x" xmlns:p="urn:p">'])
@pytest.mark.parametrize("fields", [["$.*"], ["$.rec.name", "$.rec.'@id'", "$.rec.syn", "$.rec.at.'@taxon'"]])
def test_plain_records_are_taken_at_once(read: Read, head: str, fields: list[str]) -> None:
    with patch.object(finder, "SEAM", 1000):
        at_once, taken = told(read, stocks(head), walking=False, fields=fields)
        assert at_once == told(read, stocks(head), walking=True, fields=fields)[0]
    assert taken >= 2


def test_what_was_never_seen_is_walked_over(read: Read) -> None:
    late = stocks("<top>").replace(b"<name>n 59</name>", b"<name>n 59</name><new y='1'>x</new>")
    with patch.object(finder, "SEAM", 1000):
        at_once, taken = told(read, late, walking=False, fields=["$.*"])
    assert at_once[0]["$.rec.new.'_$'"][-1] == ["x"]
    assert at_once[0]["$.rec.new.@y"][-1] == ["1"]
    assert taken >= 1


def test_too_many_kinds_of_elements_are_walked_over(read: Read) -> None:
    data = b"<top>" + b"".join(b"<rec><e%d/></rec>" % n for n in range(50)) + b"</top>"
    with patch.object(bulk, "MOST", 20), patch.object(finder, "SEAM", 100):
        assert told(read, data, walking=False, fields=["$.*"])[1] == 0


@given(st.lists(st.tuples(st.sampled_from(["", " ", "\n\t ", " x ", "x", "\u00a0"]), st.sampled_from(["", "<a>"]))))
def test_white_stretches(parts: list[tuple[str, str]]) -> None:
    data, starts, stops, white = b"", [], [], []
    for stretch, behind in parts:
        starts.append(len(data))
        data += stretch.encode()
        stops.append(len(data))
        white.append(not stretch.strip(" \t\r\n"))
        data += behind.encode()
    assert only_white(data, np.array(starts, np.int64), np.array(stops, np.int64)).tolist() == white
