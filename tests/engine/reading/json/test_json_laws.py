"""Whatever the chunks, records, values, places and findings are the same, and those that Python's parser gives."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.engine.contracts.reading import KIND_SUFFIX
from potable.engine.limits import Limits
from potable.engine.paths import FieldPath
from potable.engine.paths.steps import spelled
from potable.engine.reading.json.index import Brackets, names
from potable.engine.reading.json.tokens import nodes

Drain = Callable[..., Any]

WHITE = st.sampled_from(["", "", "", " ", "  ", "\n", "\r\n", "\t", " \n "])
INLINE_WHITE = st.sampled_from(["", "", " ", "\t"])
NAMES = st.sampled_from(
    ['"a"', '"b"', '"a b"', '"\\u0061"', '"caf\u00e9"', '"caf\\u00e9"', '"a long name of more than sixteen bytes"',
     '"a long name of more than sixteen byteS"', '""', '"q\\"x"', '"b\\\\"', '"a/b~c"', '"{"', '":"']
)  # fmt: skip
NUMBERS = st.sampled_from(
    ["0", "-0", "1", "12", "1.50", "1e5", "1E+5", "-1.5e-3", "18446744073709551616", "1e400",
     "123456789012345678901234", "0.1234567890123456789", "9007199254740993"]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=20).map(json.dumps),
    st.text(st.characters(codec="utf-8", exclude_characters='"\\', min_codepoint=32), max_size=20).map('"{}"'.format),
    st.sampled_from(
        ['"x"', '"[{"', '"}]"', '"a\\\\"', '"\\\\\\""', '"\\/"',
         '"\\ud83d\\ude00"', '","', '"twelve bytes"', '"thirteen byte"', '"a\\u0000b"']
    ),
)  # fmt: skip
SCALARS = st.one_of(st.sampled_from(["null", "true", "false"]), NUMBERS, TEXTS)


def values(white: st.SearchStrategy[str] = WHITE) -> st.SearchStrategy[str]:
    """Any value."""
    return st.recursive(SCALARS, lambda inner: arrays(inner, white) | objects(inner, white), max_leaves=8)


def _joined(parts: list[str], white: list[str], brackets: str) -> str:
    w = iter(white)
    return brackets[0] + ",".join(next(w) + p + next(w) for p in parts) + next(w) + brackets[1]


def arrays(inner: st.SearchStrategy[str], white: st.SearchStrategy[str] = WHITE) -> st.SearchStrategy[str]:
    """An array of these."""
    return st.lists(inner, max_size=4).flatmap(
        lambda parts: st.lists(white, min_size=9, max_size=9).map(lambda w: _joined(parts, w, "[]"))
    )


def objects(
    inner: st.SearchStrategy[str], white: st.SearchStrategy[str] = WHITE, *, unique: bool = True
) -> st.SearchStrategy[str]:
    """An object of these."""
    member = st.tuples(NAMES, white, white, inner)
    by = (lambda m: json.loads(m[0])) if unique else None
    return st.lists(member, max_size=5, unique_by=by).flatmap(
        lambda members: st.lists(white, min_size=11, max_size=11).map(
            lambda w: _joined([f"{n}{a}:{b}{v}" for n, a, b, v in members], w, "{}")
        )
    )


def records(white: st.SearchStrategy[str] = WHITE, *, unique: bool = True) -> st.SearchStrategy[str]:
    """An object of any values."""
    return objects(values(white), white, unique=unique)


class Number:
    """A number as it is spelt."""

    def __init__(self, text: str) -> None:
        self.text = text


ORACLE = json.JSONDecoder(parse_int=Number, parse_float=Number)


def told(value: Any) -> tuple[str | None, str]:
    """A value's text and kind as frames have them."""
    match value:
        case str():
            return value, "string"
        case Number():
            return value.text, "number"
        case bool():
            return str(value).lower(), "boolean"
        case None:
            return None, "null"
        case dict():
            return None, "object"
        case _:
            return None, "array"


def everything(value: Any, path: str = "$") -> dict[str, list[tuple[str | None, str]]]:
    """All values inside a value, by path, with ``[*]`` for an array's items."""
    found: dict[str, list[tuple[str | None, str]]] = {}
    inside: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        inside = [(f"{path}.{spelled(name)}", v) for name, v in value.items()]
    elif isinstance(value, list):
        inside = [(f"{path}[*]", v) for v in value]
    for below, v in inside:
        found.setdefault(below, []).append(told(v))
        for deeper, values in everything(v, below).items():
            found.setdefault(deeper, []).extend(values)
    return found


@settings(max_examples=50, deadline=None)
@given(
    docs=st.lists(records(INLINE_WHITE, unique=False), max_size=4),
    size=st.integers(1, 60),
    end=st.sampled_from(["", "\n"]),
)
def test_lines_are_what_pythons_parser_makes_of_them(drain: Drain, docs: list[str], size: int, end: str) -> None:
    data = ("\n".join(docs) + end).encode()
    check(drain, data, docs, "JSONL", size)


@settings(max_examples=50, deadline=None)
@given(
    docs=st.lists(records(unique=False), max_size=4),
    white=st.lists(WHITE, min_size=20, max_size=20),
    size=st.integers(1, 60),
    wrap=st.sampled_from(["", "items", "deep"]),
)
def test_an_array_is_what_pythons_parser_makes_of_it(
    drain: Drain, docs: list[str], white: list[str], size: int, wrap: str
) -> None:
    array = _joined(docs, white, "[]")
    before = {"": "", "items": '{"n": [{"x": "]"}], "it\\u0065ms" : ', "deep": '[{"m": 1}, {"data": {"items":'}[wrap]
    after = {"": " ", "items": ', "z": {}}', "deep": "}}]"}[wrap]
    element = {} if not wrap else {"documentElement": "items"}
    check(drain, (before + array + after).encode(), docs, "JSON", size, **element)


def check(drain: Drain, data: bytes, docs: list[str], method: str, size: int, **parameters: Any) -> None:
    result = drain(data, method, limits=Limits(chunk_bytes=size), **parameters)
    whole = drain(data, method, **parameters)
    assert result.fault is None
    assert result.numbers == list(range(1, len(docs) + 1))
    told_of = ("json/no-records",) if not docs else ()
    assert set(result.found) - {"json/duplicate-key"} == set(told_of)
    assert result.found == whole.found
    assert result.values == whole.values
    assert result.places == whole.places
    for n, doc in enumerate(docs):
        expected = ORACLE.decode(doc)
        place = result.places[n]
        raw = doc.strip().encode()
        assert data[place.byte : place.byte + len(raw)] == raw
        head = data[: place.byte].decode()
        lines = head.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert (place.line, place.column) == (len(lines), len(lines[-1]) + 1)
        if place.path is not None:
            assert found_at(json.loads(data, parse_int=str, parse_float=str), place.path) == json.loads(
                doc, parse_int=str, parse_float=str
            )
        found = {
            path: list(zip(texts, kinds, strict=True)) if isinstance(texts, list) else [(texts, kinds)]
            for path, (texts, kinds) in result.values[n].items()
        }
        assert found == everything(expected)
    twice = [n for n, doc in enumerate(docs, 1) if has_twice(doc)]
    assert (result.found["json/duplicate-key"].records if twice else []) == twice


def found_at(value: Any, pointer: str) -> Any:
    """What a JSON Pointer leads to."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def has_twice(doc: str) -> bool:
    """Whether an object has two members of one name."""
    twice = False

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        twice = twice or len(dict(members)) < len(members)
        return dict(members)

    json.loads(doc, object_pairs_hook=pairs, parse_int=str, parse_float=str)
    return twice


PATHS = st.sampled_from(
    ["$.a", "$.b", "$.'a b'", "$.a.b", "$.a.a.a", "$.a[*]", "$.a[0]", "$.a[-1]", "$.a[*].b", "$.b[*][*]", "$..a",
     "$.a..b", "$[*]", "$.'caf\u00e9'", "$.'q\"x'", "$.'b\\\\'.a", "$.'a/b~c'", "$.'{'", "$.''", "$.b[1].a",
     "$.a[?(@.'b'='x')]",
     "$.'a long name of more than sixteen bytes'", "$.none", "$.a[?(@.'a'='1')].b"]
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(
    docs=st.lists(records(INLINE_WHITE), min_size=1, max_size=4),
    paths=st.sets(PATHS, max_size=4),
    size=st.integers(1, 60),
)
def test_named_fields_are_what_the_plain_evaluator_finds(
    drain: Drain, docs: list[str], paths: set[str], size: int
) -> None:
    fields = frozenset(FieldPath.parse(p).canonical for p in paths)
    result = drain("\n".join(docs).encode(), "JSONL", fields=fields, limits=Limits(chunk_bytes=size))
    assert all({c.removesuffix(KIND_SUFFIX) for c in k.frame.columns} == fields for k in result.chunks)
    for n, doc in enumerate(docs):
        for field in fields:
            path = FieldPath.parse(field)
            found = [told(v) for v, _ in path.find(ORACLE.decode(doc))]
            texts, kinds = result.values[n].get(field, ([], []) if not path.singular else (None, "absent"))
            pairs = list(zip(texts, kinds, strict=True)) if not path.singular else [(texts, kinds)]
            assert pairs == (found if found or not path.singular else [(None, "absent")])


@settings(max_examples=50, deadline=None)
@given(docs=st.lists(records(), min_size=1, max_size=5), data=st.data(), size=st.integers(1, 60))
def test_a_second_reading_gives_the_same_records(drain: Drain, docs: list[str], data: st.DataObject, size: int) -> None:
    keep = sorted(data.draw(st.sets(st.integers(1, len(docs)), min_size=1)))
    result = drain(("[" + ",".join(docs) + "]").encode(), limits=Limits(chunk_bytes=size))
    parser = pickle.loads(pickle.dumps(result.parser))
    again = {}
    for cut in result.again:
        wanted = [k for k in keep if cut.first_record <= k < cut.first_record + cut.records]
        cut = pickle.loads(pickle.dumps(cut))
        chunk = parser.parse(cut, None, np.array(wanted, np.uint64))
        assert chunk.numbers.tolist() == wanted
        assert list(chunk.tallies) == []
        for number, values, place in zip(wanted, result.told(chunk), chunk.locate(range(len(wanted))), strict=True):
            again[number] = (values, place)
    assert again == {k: (result.values[k - 1], result.places[k - 1]) for k in keep}


@settings(max_examples=50, deadline=None)
@given(
    docs=st.lists(st.one_of(records(INLINE_WHITE, unique=False), SCALARS), max_size=4),
    size=st.integers(1, 40),
    junk=st.binary(max_size=30),
    at=st.integers(0, 400),
)
def test_damaged_data_give_the_same_whatever_the_chunks(
    drain: Drain, docs: list[str], size: int, junk: bytes, at: int
) -> None:
    for method, whole in (("JSONL", "\n".join(docs)), ("JSON", "[" + ",\n".join(docs) + "]")):
        data = whole.encode()
        data = data[:at] + junk + data[at + 1 :]
        a = drain(data, method, limits=Limits(chunk_bytes=size))
        b = drain(data, method)
        assert (a.values, a.places, a.found, a.fault, a.documents) == (
            b.values,
            b.places,
            b.found,
            b.fault,
            b.documents,
        )
        assert a.digests == b.digests
        if (
            method == "JSON"
            and a.fault is None
            and not {"encoding/invalid", "json/lone-surrogate"} & set(a.found)
            and "json/no-records" not in a.found
        ):
            assert isinstance(json.loads(data, parse_int=str, parse_float=str), list | dict | str | int | None)


@settings(max_examples=50, deadline=None)
@given(text=values())
def test_brackets_and_names_are_those_of_a_plain_walk(text: str) -> None:
    data = ("[" + text + "]").encode()
    b = Brackets(data)
    depth, inside, skip, seen = 0, False, False, []
    for at, c in enumerate(data):
        if skip:
            skip = False
        elif inside:
            skip, inside = c == 0x5C, c != 0x22
        elif c == 0x22:
            inside = True
        elif c in b"[{]}":
            depth += 1 if c in b"[{" else -1
            seen.append((at, depth))
    assert list(zip(b.at.tolist(), b.depth.tolist(), strict=True)) == seen
    stack = []
    for number, (_, opens) in enumerate(zip(b.at, b.opens, strict=True)):
        if opens:
            stack.append(number)
        else:
            assert b.partner[stack.pop()] == number
    keys = [(n.key, n.value) for n in nodes(data) if n.key >= 0]
    found = names(b)
    assert list(zip((found.start - 1).tolist(), found.value.tolist(), strict=True)) == keys
    for start in range(len(data)):
        outside = np.searchsorted(b.quotes, start) % 2 == 0
        if outside and b.depth[np.searchsorted(b.at, start) - 1] == 1 and data[start : start + 1] in (b"[", b"{"):
            part = b.part(start, len(data))
            fresh = Brackets(data[start:])
            assert (part.at == fresh.at).all()
            assert (part.depth == fresh.depth).all()
            assert (part.quotes == fresh.quotes).all()
            assert (part.strings_before == fresh.strings_before).all()
