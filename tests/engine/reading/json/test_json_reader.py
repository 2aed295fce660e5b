"""Numbers, places inside records, parts, second readings, hostile data."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from potable.engine.limits import Limits

Read = Callable[..., Any]


def test_numbers_keep_their_spelling(read: Read) -> None:
    big = "9" * 5000
    numbers = ["1.50", "1e400", "-0", "18446744073709551616", "9007199254740993", "0.1234567890123456789", big, "1E+2"]
    result = read(("[" + ",".join(f'{{"n": {n}}}' for n in numbers) + "]").encode())
    assert [v["$.n"] for v in result.values] == [(n, "number") for n in numbers]
    documents = [d["n"] for d in result.documents.values()]
    assert documents[3:5] == [18446744073709551616, 9007199254740993]
    assert documents[6] == Decimal(big)
    assert documents[1] == Decimal("1e400")
    assert documents[0] == 1.5


@pytest.mark.parametrize("digits", [18, 19, 20, 21, 30])
@pytest.mark.parametrize("shift", range(12))
def test_integers_in_documents_are_exact(read: Read, digits: int, shift: int) -> None:
    number = int("9" * digits)
    data = f'{{"a": "{"x" * shift}", "n": {number}, "m": [-{number}]}}'
    result = read(data.encode(), "JSONL")
    assert result.documents == {1: {"a": "x" * shift, "n": number, "m": [-number]}}
    assert isinstance(result.documents[1]["n"], int)


def test_a_place_inside_a_record(read: Read) -> None:
    data = b'{"x": 1}\n{"a": {"b": [1,\t{"c/d": "\xc3\xa9", "e": null}]}}\n'
    (chunk,) = read(data, "JSONL").chunks
    place = chunk.locate_path(1, "/a/b/1/e")
    assert (place.record, place.line, place.column, place.byte, place.path) == (2, 2, 35, 44, "/a/b/1/e")
    assert data[place.byte : place.byte + 4] == b"null"
    place = chunk.locate_path(1, "/a/b/1/c~1d")
    assert data[place.byte : place.byte + 4] == b'"\xc3\xa9"'
    absent = chunk.locate_path(1, "/a/b/7/z")
    assert (absent.byte, absent.path) == (21, "/a/b/7/z")
    assert data[absent.byte : absent.byte + 2] == b"[1"


def test_a_place_inside_a_record_of_a_document(read: Read) -> None:
    data = b'{"n": 2, "items": [{"x": 1},\n {"a": [1, 2, 3]}]}'
    (chunk,) = read(data, documentElement="items").chunks
    place = chunk.locate_field(1, "$.a[*]", "3")
    assert (place.record, place.line, place.column, place.path) == (2, 2, 15, "/items/1/a/2")
    assert data[place.byte : place.byte + 1] == b"3"
    assert chunk.locate_field(1, "$.none") == chunk.locate([1])[0]
    assert chunk.locate_field(0, "$.x").byte == 25


def test_a_place_in_a_record_that_isnt_sound(read: Read) -> None:
    (chunk,) = read(b'{"a": 1}\n{"a": {"b": 1}, "c"}', "JSONL").chunks
    assert chunk.locate_field(1, "$.a") == chunk.locate([1])[0]
    assert chunk.locate_path(1, "/a/b").byte == 21


def test_parts_are_documents_of_their_own(read: Read) -> None:
    data = {"1.json": b'[{"a": 1}, {"a": 2}]', "2.json": b"[]", "3.json": b'[{"a": 3}]'}
    result = read(data)
    assert result.texts("$.a") == ["1", "2", "3"]
    assert [(p.file, p.record, p.path) for p in result.places] == [
        ("1.json", 1, "/0"), ("1.json", 2, "/1"), ("3.json", 3, "/0")
    ]  # fmt: skip
    assert result.found == {}
    assert sorted(result.digests) == ["1.json", "2.json", "3.json"]


def test_a_page_that_is_an_error_message(read: Read) -> None:
    data = {"1.json": b'{"items": [{"a": 1}]}', "2.json": b'{"error": "rate limit"}', "3.json": b'{"items": []}'}
    result = read(data, documentElement="items")
    assert result.texts("$.a") == ["1"]
    (sample,) = result.found.pop("json/missing-element").samples
    assert sample.message == "2.json is the message of an error, and no data"
    assert sample.value == '{"error": "rate limit"}'
    assert (sample.location.file, sample.location.line, sample.location.byte) == ("2.json", 1, 0)
    assert result.found == {}


def test_a_second_reading_of_parts_and_compressed_data(read: Read, tmp_path: Any) -> None:
    import gzip

    lines = b"".join(b'{"a": %d}\n' % i for i in range(50))
    result = read({"1.jsonl": lines, "2.jsonl": gzip.compress(lines)}, "JSONL", limits=Limits(chunk_bytes=100))
    assert [c.data for c in result.again] == [c.data for c in result.cuts]
    assert [c.first_record for c in result.again] == [c.first_record for c in result.cuts]
    assert result.texts("$.a") == [str(i) for i in range(50)] * 2


def test_a_chunk_keeps_the_tallies_of_the_rows_kept(read: Read) -> None:
    import numpy as np

    (chunk,) = read(b'{"a": 1}\n{"a"}\n{"a": 2, "a": 3}', "JSONL").chunks
    kept = chunk.keep(np.array([0, 2], np.uint64))
    assert [(t.code, t.count, list(t.records)) for t in kept.tallies] == [("json/duplicate-key", 1, [3])]
    assert [row for row, _ in kept.documents()] == [0, 1]


@pytest.mark.parametrize("method", ["JSON", "JSONL"])
@pytest.mark.parametrize("closed", [True, False])
def test_a_hundred_thousand_brackets(read: Read, method: str, closed: bool) -> None:
    data = b"[" * 100_000 + b"]" * (100_000 * closed)
    result = read(data, method)
    if closed:
        assert result.found["json/too-deep"].count == 1
        assert result.fault is None
    elif method == "JSONL":
        assert result.found["json/cut-off"].places == [(1, 1, 100_001, 100_000, None)]
    else:
        assert (result.fault.code, result.fault.location.byte) == ("json/syntax", 100_000)


def test_deep_values_in_records(read: Read) -> None:
    data = b'[{"a": 1}, {"a": ' + b'{"b":' * 50_000 + b"1" + b"}" * 50_000 + b'}, {"a": 2}]'
    result = read(data)
    assert result.texts("$.a") == ["1", None, "2"]
    assert result.found["json/too-deep"].records == [2]


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":' + b" " * 3_000_000 + b"1}\n" + b"\n" * 3_000_000 + b'{"a": 2}',
        b'{"a": 1, "z": "' + b"\\\\" * 1_500_000 + b'"}\n{"a": 2}',
        b'{"a": 1, "z": "' + b'\\"' * 1_500_000 + b'"}\n{"a": 2}',
        b'{"a": 1, "z": [' + b"1," * 1_500_000 + b'1]}\n{"a": 2}',
        b'{"a": 1, "z": [' + b"{}," * 1_000_000 + b'1]}\n{"a": 2}',
        b'{"a": 1, "z": {' + b",".join(b'"k%d":0' % i for i in range(200_000)) + b'}}\n{"a": 2}',
    ],
    ids=["whitespace", "backslashes", "quotes", "numbers", "objects", "names"],
)
def test_odd_bulk_is_read_in_time(read: Read, data: bytes) -> None:
    result = read(data, "JSONL", fields=frozenset({"$.a"}))
    assert result.texts("$.a") == ["1", "2"]
    assert result.found == {}


def test_an_array_of_numbers(read: Read) -> None:
    result = read(b"[" + b"1," * 29_999 + b"1]", fields=frozenset({"$.a"}), limits=Limits(chunk_bytes=1 << 14))
    assert len(result.values) == 30_000
    assert result.found["json/not-an-object"].count == 30_000
    assert max(len(c.data) for c in result.cuts) <= 1 << 14


def test_a_file_that_is_no_json_at_all(read: Read) -> None:
    data = random.Random(1).randbytes(1 << 20)
    for method in ("JSON", "JSONL"):
        result = read(data, method, fields=frozenset({"$.a"}))
        if method == "JSON":
            assert (result.fault.code, result.fault.location.byte) == ("json/syntax", 0)
        else:
            assert sum(result.found[c].count for c in ("json/bad-line", "json/not-an-object")) == len(result.numbers)
