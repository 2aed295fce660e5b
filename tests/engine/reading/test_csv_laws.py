"""Laws: any cutting gives the same, and all of it is what the tokenizer says of the whole text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from potable.engine.limits import Limits
from potable.engine.reading.csv.dialect import Dialect
from potable.engine.reading.csv.opening.beginning import FEW
from potable.engine.reading.csv.tokenizer import tokenize

Read = Callable[..., Any]

marks = ['"', '""', ",", "\n", "\r\n", "\r", "x", "\\", "#", "||", "é", " "]
pieces = [
    *marks,
    '","',
    '"\n"',
    '\n"',
    '",',
    '""",',
    'a "b" c',
    '"a\nb"',
    "1,2\n",
    "3,4\r\n",
    '"5",6\n',
    ",\n",
    '"",""\n',
    "\n1,2,3\n",
]
bodies = st.lists(st.sampled_from(pieces), max_size=40).map(lambda p: "".join(p).encode())
dialects = st.sampled_from(
    [
        {},
        {"escapeCharacter": "\\"},
        {"comment": "#"},
        {"delimiter": "||"},
        {"textQuote": ""},
        {"comment": "#", "escapeCharacter": "\\"},
    ]
)
cutting = st.one_of(st.integers(1, 40), st.just(1 << 20))

relaxed = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def model(text: bytes, parameters: dict[str, str]) -> dict[str, Any] | None:
    """The whole text read by the tokenizer alone; None where it isn't whole."""
    d = Dialect(
        delimiter=parameters.get("delimiter", ",").encode(),
        quote=parameters.get("textQuote", '"').encode(),
        escape=parameters.get("escapeCharacter", "").encode(),
        comment=parameters.get("comment", "").encode(),
    )
    header = None
    rows, places, short, long, blanks, pending, strays, runaways = [], [], [], [], [], [], [], []
    sizes = []
    for t in tokenize(text, d):
        line = 1 + len(re.findall(rb"\r\n?|\n", text[: t.start]))
        if t.kind == "incomplete":
            return None
        doubled = header is not None and text[t.start : t.stop] == b"\r\n" and text[t.start - 1 : t.start] == b"\r"
        if t.kind == "blank" and not doubled:
            pending.append((None, line, t.start))
        if t.kind != "record":
            continue
        blanks += pending
        pending = []
        if header is None:
            header = t.cells
            continue
        rows.append(tuple(c.decode() for c in (t.cells + [None] * len(header))[: len(header)] if c is not None))
        rows[-1] += (None,) * (len(header) - len(rows[-1]))
        record = len(rows)
        place = (record, line, t.start)
        places.append(place)
        end = text[t.start : t.stop].removesuffix(b"\n").removesuffix(b"\r")
        ends = end.endswith(d.delimiter) and not (d.escape and end.endswith(d.escape + d.delimiter))
        sizes.append((len(t.cells) - len(header), t.cells[-1], ends))
        if len(t.cells) != len(header):
            (short if len(t.cells) < len(header) else long).append(place)
        elif not b"".join(t.cells):
            source = (
                text[t.start : t.stop].rstrip(b"\r\n").replace(b'""', b"")
                if d.quote
                else text[t.start : t.stop].rstrip(b"\r\n")
            )
            if source == d.delimiter * (len(header) - 1):
                blanks.append(place)
        if t.runaways:
            runaways.append(place)
        elif t.strays:
            strays.append(place)
    if header is None:
        return None
    first = [more == 1 and not last for more, last, _ in sizes[:20]]
    trailing = []
    if len(first) >= FEW and 10 * sum(first) >= 9 * len(first):
        trailing = [place for place, (more, _, ends) in zip(places, sizes, strict=True) if more == 1 and ends]
    return {
        "rows": rows,
        "places": places,
        "csv/missing-cell": short,
        "csv/extra-cell": [place for place in long if place not in trailing],
        "csv/trailing-delimiter": trailing,
        "csv/blank-row": sorted(blanks, key=lambda p: p[2]),
        "csv/stray-quote": strays,
        "csv/runaway-quote": runaways,
    }


@relaxed
@given(body=bodies, parameters=dialects, size=cutting, head=st.sampled_from([b"a,b\n", b'"a",b\r\n', b"a||b\n", b""]))
@example(body=b"\\\n", parameters={"escapeCharacter": "\\"}, size=1 << 20, head=b"a,b\n")
@example(body=b"1,2,\n3,4,\n5,6,7\n", parameters={}, size=3, head=b"a,b\n")
@example(body=b"1,2,\n3,4,\n" * 9 + b"5,6,7\n8,9\n", parameters={}, size=30, head=b"a,b\n")
@example(body=b"1||2||\r\n3||4||\r\n", parameters={"delimiter": "||"}, size=3, head=b"a||b\n")
@example(body=b"1,2\r\r\n3,4\r\r\r\n\r\n5,6\r\r\n\r\r\n7,8", parameters={}, size=1, head=b"a,b\r\r\n")
@example(body=b'1,"2\n3"\n4,5,6\n\n7\n', parameters={}, size=3, head=b"a,b\n")
def test_a_reading_is_what_the_tokenizer_says(
    read: Read, body: bytes, parameters: dict[str, str], size: int, head: bytes
) -> None:
    text = head + body
    expected = model(text, parameters)
    assume(expected is not None)
    limits = Limits(chunk_bytes=size, samples=1000)
    result = read(text, limits=limits, **parameters)
    if not expected["rows"]:
        assert "csv/no-records" in result.found
        return
    assert result.fault is None
    assert result.rows == expected["rows"]
    assert result.numbers == list(range(1, len(expected["rows"]) + 1))
    assert [(p.record, p.line, p.byte) for p in result.places] == expected["places"]
    for code in expected.keys() - {"rows", "places"}:
        found = result.found.get(code)
        places = sorted(found.places, key=lambda p: p[2]) if found else []
        assert places == expected[code], code
        if found:
            assert found.count == len(places)
            assert found.records == [p[0] for p in places if p[0] is not None]


@relaxed
@given(
    body=st.lists(st.one_of(st.sampled_from([p.encode() for p in pieces]), st.binary(max_size=3)), max_size=30).map(
        b"".join
    ),
    size=cutting,
    encoding=st.sampled_from([None, "windows-1252", "utf-16", "shift_jis"]),
)
@example(body=b'\n,"', size=1, encoding=None)
def test_any_cutting_gives_the_same(read: Read, body: bytes, size: int, encoding: str | None) -> None:
    text = b"a,b\n" + body if encoding != "utf-16" else "a,b\n".encode("utf-16") + body
    parameters = {"encoding": encoding} if encoding else {}
    whole = read(text, limits=Limits(samples=1000), **parameters)
    cut = read(text, limits=Limits(samples=1000, chunk_bytes=size), **parameters)
    whole.cuts = cut.cuts = 0
    for result in (whole, cut):
        for found in result.found.values():
            found.samples.sort(key=lambda s: s.location.byte or 0)
            found.records.sort()
        for fields in result.fields.values():
            fields[:] = sorted(set(map(str, fields)))
    assert cut == whole


@relaxed
@given(rows=st.lists(st.lists(st.text(max_size=5), min_size=3, max_size=3), min_size=1, max_size=12), size=cutting)
def test_well_formed_data_come_back_as_they_were_written(read: Read, rows: list[list[str]], size: int) -> None:
    cells = [[c.encode("utf-8", "replace").decode().replace("\0", "") for c in row] for row in rows]
    text = "a,b,c\r\n" + "".join(",".join('"' + c.replace('"', '""') + '"' for c in row) + "\r\n" for row in cells)
    result = read(text.encode(), limits=Limits(chunk_bytes=size))
    assert result.rows == [tuple(row) for row in cells]
    blank = sum(not any(row) for row in cells)
    result.found.pop("csv/note", None)  # such as "n=1",,
    assert {code: f.count for code, f in result.found.items()} == ({"csv/blank-row": blank} if blank else {})
