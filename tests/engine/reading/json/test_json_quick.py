"""The quick way to a chunk gives what the slow one gives, or nothing."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.reading.json.test_json_laws import PATHS, records, values
from tests.engine.reading.opening import open_data

from potable.engine.contracts.reading import Chunk
from potable.engine.findings import Fault
from potable.engine.limits import Limits
from potable.engine.reading.json import JsonReader
from potable.engine.reading.json.numbers import exact
from potable.engine.reading.json.pointing import value_at
from potable.engine.reading.json.quick import Learnt
from potable.engine.reading.json.shape import join, learn
from potable.engine.reading.json.tokens import nodes

LEAF = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False, allow_infinity=False), st.text()
)
NAMES = st.sampled_from(["id", "name", "a b", "é", "n", ":", "z\u0001"])
ALIKE = st.fixed_dictionaries(
    {"id": st.integers(), "name": st.text(max_size=5)},
    optional={
        "tags": st.lists(st.text(max_size=3), max_size=3),
        "score": st.floats(allow_nan=False, allow_infinity=False) | st.none(),
        "owner": st.fixed_dictionaries({"name": st.text(max_size=3)}, optional={"zip": LEAF}),
        "parts": st.lists(st.fixed_dictionaries({}, optional={"n": st.integers(), "x": st.booleans()}), max_size=3),
        "grid": st.lists(st.lists(st.integers(0, 3), max_size=2), max_size=2),
        "note": LEAF,
    },
)
ANY = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
UNLIKE = st.dictionaries(NAMES, ANY, max_size=4)
FIELDS = st.none() | st.frozensets(
    st.sampled_from(["$.id", "$.name", "$.owner.name", "$.tags[*]", "$.parts[*].n", "$.grid[*][*]", "$.grid[0][1]",
                     "$.tags[0]", "$.tags", "$.score", "$.owner", "$.note", "$.none", "$.parts[1].x", "$.*"]),
    max_size=4,
)  # fmt: skip


def _pieces(array: bytes) -> list[bytes]:
    return [bytes(raw) for raw in msgspec.json.decode(array, type=list[msgspec.Raw])]


def told(chunk: Chunk) -> list[Any]:
    return [(t.code, t.count, list(t.records), t.samples) for t in chunk.tallies]


def both(folder: Path, data: bytes, method: str, fields: frozenset[str] | None, size: int) -> int:
    """Parse each cut in both ways; how often the quick one was taken."""
    reading = open_data(JsonReader, folder, data, method=method, limits=Limits(chunk_bytes=size))
    quick, slow = reading.parser(), reading.parser()
    slow.learnt.failures = 1 << 30
    cuts = []
    with suppress(Fault):
        cuts += reading.cuts()
    reading.close()
    for cut in cuts:
        a, b = quick.parse(cut, fields), slow.parse(cut, fields)
        assert a.frame.schema == b.frame.schema
        assert a.frame.equals(b.frame), (a.frame, b.frame)
        assert repr(list(a.documents())) == repr(list(b.documents()))
        assert told(a) == told(b)
        rows = range(a.records)
        assert a.locate(rows) == b.locate(rows)
        for row, document in a.documents():
            assert repr(a.document(row)) == repr(document)
        if a.json is not None:
            assert repr(list(map(exact, _pieces(a.json.array(0, a.records))))) == repr([d for _, d in b.documents()])
    assert slow.learnt.successes == 0
    return int(quick.learnt.successes)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("quick")


@settings(max_examples=75, deadline=None)
@given(
    docs=st.lists(ALIKE, max_size=8) | st.lists(UNLIKE, max_size=5) | st.lists(ALIKE | UNLIKE, max_size=6),
    fields=FIELDS,
    size=st.integers(1, 300),
    ascii_only=st.booleans(),
    lines=st.booleans(),
)
def test_it_gives_what_the_slow_way_gives(
    folder: Path, docs: list[Any], fields: frozenset[str] | None, size: int, ascii_only: bool, lines: bool
) -> None:
    texts = [json.dumps(d, ensure_ascii=ascii_only) for d in docs]
    whole = "\n".join(texts) if lines else "[" + ",".join(texts) + "]"
    both(folder, whole.encode("utf-8", "surrogatepass"), "JSONL" if lines else "JSON", fields, size)


@settings(max_examples=75, deadline=None)
@given(
    docs=st.lists(records(st.sampled_from(["", " ", "\t"]), unique=False), max_size=4),
    size=st.integers(1, 60),
    fields=st.none() | st.frozensets(PATHS, max_size=3),
    at=st.integers(0, 200),
    junk=st.binary(max_size=3),
)
def test_so_it_does_for_odd_and_damaged_data(
    folder: Path, docs: list[str], size: int, fields: frozenset[str] | None, at: int, junk: bytes
) -> None:
    data = "\n".join(docs).encode()
    both(folder, data, "JSONL", fields, size)
    both(folder, data[:at] + junk + data[at + 1 :], "JSONL", fields, size)


def test_plain_records_take_it(folder: Path) -> None:
    docs = [
        {"id": n, "name": f"n {n}", "at": {"lat": n / 7, "ok": n % 3 == 0}, "tags": ["x"] * (n % 3)} for n in range(99)
    ]
    lines = "\n".join(map(json.dumps, docs)).encode()
    assert both(folder, lines, "JSONL", None, 700) > 5
    assert both(folder, b"[" + lines.replace(b"\n", b",") + b"]", "JSON", None, 700) > 5
    assert both(folder, lines, "JSONL", frozenset(["$.at.lat"]), 1 << 20) == 1


@pytest.mark.parametrize(
    "odd",
    [
        b'{"a": 1, "a": 2}\n{"a": 3}',
        b'{"a": {"b": 1, "b": 2}}\n{"a": {"b": 3}}',
        b'{"a": 1, "a" :2}\n{"a": 3}',
        b'{"a": [{"b": 1, "b": 2}]}\n{"a": []}',
        b'{"a": 1}\n{"a": {"a": 1, "a": 2}}',
        b'{"a": {}\n,"b": 1}\n{"a": {}, "b": 2} {"a": {}, "b": 3}',
        b'{"a": 1} {"a": 2}\n{"a": [\n3]}',
        b'{"a": ' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"a": "\xff"}\n{"a": "b"}',
        b'{"a": "\\ud800"}\n{"a": "b"}',
        b'{"a": -0, "b": 0}\n{"a": 0, "b": -0.0}',
        b'{"a": 123456789012345678901234567890}\n{"a": 1e400}',
        b'{"a": "x"}\n{"a": 1.50}\n{"a": null}\n{"a": [1, "y"]}\n{"a": {}}\n{}',
        b' {"a": 1} \n\t{"a": 2}\r\n\r\n{"a": 3}\r{"a": 4}',
        b'{"": 1, "a\\u0062": 2}\n{"ab": 3, "": 4}',
    ],
)
def test_nothing_is_lost_on_it(folder: Path, odd: bytes) -> None:
    for size in (20, 1 << 20):
        both(folder, odd, "JSONL", None, size)
        both(folder, odd, "JSONL", frozenset(["$.a", "$.a.b", "$.b"]), size)


@given(st.lists(UNLIKE, max_size=6), st.integers(0, 6))
def test_what_is_learnt_piece_by_piece_is_what_is_learnt_at_once(docs: list[Any], at: int) -> None:
    one, other, whole = learn(docs[:at]), learn(docs[at:]), learn(docs)
    assert one is not None
    assert other is not None
    assert join(one, other) == whole


def test_names_that_are_keys_have_no_shape() -> None:
    assert learn([{str(n): n for n in range(1000)}]) is None


@given(values())
def test_a_pointer_leads_where_the_plain_walk_leads(text: str) -> None:
    data = text.encode()
    places = {node.pointer: node.value for node in nodes(data)}  # of equal names the last one
    for pointer, at in places.items():
        if all(pointer.count("/") and places.get(p) is not None for p in [pointer.rpartition("/")[0]] if pointer):
            assert value_at(data, pointer) == at
    assert value_at(data, "/none/such") in places.values()


def test_a_frame_of_nothing_has_its_rows(folder: Path) -> None:
    reading = open_data(JsonReader, folder, b'{"a": 1}\n{"a": 2}', method="JSONL")
    parser = reading.parser()
    [cut] = reading.cuts()
    assert parser.parse(cut, frozenset()).frame.height == 2
    assert isinstance(parser.parse(cut, frozenset(["$.a"])).frame, pl.DataFrame)
    assert Learnt().hopeless is False
    reading.close()
