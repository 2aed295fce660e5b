"""Each fault of form is found at its exact place, and none in clean data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from potable.engine.limits import Limits
from potable.engine.reading.json.codes import JSON_CODES
from potable.engine.reading.json.instead import KEYED

Read = Callable[..., Any]
SIZES = pytest.mark.parametrize("size", [1, 7, 1 << 21])

CLEAN = {
    "lines": ("JSONL", b'{"id": 1, "n": "a"}\n{"id": 2, "n": "b"}\n', {}),
    "lines-crlf": ("JSONL", b'{"id": 1, "n": "a"}\r\n{"id": 2, "n": "b"}\r\n', {}),
    "lines-cr": ("JSONL", b'{"id": 1, "n": "a"}\r{"id": 2, "n": "b"}', {}),
    "lines-blank": ("JSONL", b'\n \n{"id": 1, "n": "a"}\n\t\n\n  {"id": 2, "n": "b"}  \n\n', {}),
    "array": ("JSON", b'[{"id": 1, "n": "a"}, {"id": 2, "n": "b"}]', {}),
    "array-pretty": ("JSON", b'[\n  {\n    "id": 1,\n    "n": "a"\n  },\n  {\n    "id": 2,\n    "n": "b"\n  }\n]', {}),
    "element": ("JSON", b'{"total": 2, "i": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}]}', {"documentElement": "i"}),
    "deep": ("JSON", b'[{"x": {"i": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}]}}]', {"documentElement": "i"}),
    "occurrences": (
        "JSON", b'{"p": [{"i": [{"id": 1, "n": "a"}]}, {"i": []}, {"i": {"id": 2, "n": "b"}}]}',
        {"documentElement": "i"},
    ),
    "objects": ("JSON", b'[{"r": {"id": 1, "n": "a"}}, {"r": {"id": 2, "n": "b"}}]', {"documentElement": "r"}),
    "nested-name": (
        "JSON", b'{"hits": {"total": 2, "hits": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}]}}',
        {"documentElement": "hits"},
    ),
    "name-of-a-value": (
        "JSON", b'[{"id": {"id": 1, "n": "a"}}, {"id": {"id": 2, "n": "b"}}]', {"documentElement": "id"},
    ),
    "mime-type": ("JSONL", b'{"id":1,"n":"a"}\n{"id":2,"n":"b"}', {}),
}  # fmt: skip


@pytest.mark.parametrize(("method", "data", "parameters"), CLEAN.values(), ids=CLEAN)
@SIZES
def test_clean_data_have_no_fault(read: Read, method: str, data: bytes, parameters: dict[str, str], size: int) -> None:
    result = read(data, method, limits=Limits(chunk_bytes=size), **parameters)
    assert (result.texts("$.id"), result.texts("$.n")) == (["1", "2"], ["a", "b"])
    assert result.documents == {1: {"id": 1, "n": "a"}, 2: {"id": 2, "n": "b"}}
    assert result.found == {}
    assert result.fault is None


def test_records_have_pointers_lines_columns_and_bytes(read: Read) -> None:
    data = '{"é": 1, "a/b": {"~": [\n {"id": 1},\r\n\t{"id": 2}, {"id": 3}]}}'.encode()
    result = read(data, documentElement="~")
    assert result.spots == [
        (1, 2, 2, 26, "/a~1b/~0/0"), (2, 3, 2, 39, "/a~1b/~0/1"), (3, 3, 13, 50, "/a~1b/~0/2")
    ]  # fmt: skip
    assert [data[b : b + 9] for _, _, _, b, _ in result.spots] == [b'{"id": 1}', b'{"id": 2}', b'{"id": 3}']


SYNTAX = {
    b'[{"a": 1}, {"a": 2 "b": 3}]': (1, 20, 19, 1, 'a text where , or } must stand'),
    b'[{"a": 1},\n {"a": 2},]': (2, 11, 21, 2, "a comma before the closing bracket"),
    b'[{"a": 1},\n {"a": }]': (2, 8, 18, 1, "a name without a value"),
    b'[{"a": 1} {"a": 2}]': (1, 11, 10, 1, "{ where , or ] must stand"),
    b'[{"a": 1}, {"a": -Infinity}]': (1, 18, 17, 1, "-Infinity isn't JSON: write null, true or false, or a text"),
    b'[{"a": 1}, {"a": NaN}]': (1, 18, 17, 1, "NaN isn't JSON: write null, true or false, or a text"),
    "[{“a”: 1}]".encode(): (1, 3, 2, 0, "a typographic quote: texts and names are in straight double quotes"),
    b"[{'a': 1}]": (1, 3, 2, 0, "a single quote: texts and names are in double quotes"),
    b'[{"a": 01}]': (1, 9, 8, 0, "'01' is no number"),
    b'[{"a": 1.}]': (1, 9, 8, 0, "'1.' is no number"),
    b'[{"a": "x\ny"}]': (1, 10, 9, 0, "a line break inside a string: a quote is missing, or it should be escaped"),
    b'[{"a": "\\x"}]': (1, 9, 8, 0, "'\\\\x' is no escape"),
    b'[{"a": 1}, // no\n{"a": 2}]': (1, 12, 11, 1, "a comment: JSON has none"),
    b'[{"a": 1}, {"a": [1, 2}]': (1, 23, 22, 1, "} where ] must close"),
    b'[{"a": 1}, {"a": 2}] x': (1, 22, 21, 2, "'x' can't stand here"),
    b'[{"a": 1}, {"a": 2}] []': (1, 22, 21, 2, "there is more behind the end of the value"),
    b'[{"a": 1}, {"a": 2}': (1, 20, 19, 2, "the text ends inside an array"),
    b'[{"a": 1}, {"a": 2,': (1, 20, 19, 1, "the text ends inside an object (1 not closed)"),
    b'[{"a": 1}, {"a": "\xc3\xa9\xc3\xa9x': (1, 22, 23, 1, "the text ends inside a string that opens 6 bytes before"),
    b'[{"a": 1},': (1, 11, 10, 1, "the text ends inside an array"),
    b'[{"a": 1}, tru': (1, 15, 14, 1, "the text ends inside true"),
    b'[{"a": 1}}': (1, 10, 9, 1, "} where ] must close"),
    b"   ": (1, 4, 3, 0, "there is no value"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), SYNTAX.items())
@SIZES
def test_a_document_that_isnt_well_formed(read: Read, data: bytes, expected: tuple[Any, ...], size: int) -> None:
    result = read(data, limits=Limits(chunk_bytes=size))
    line, column, byte, records, reason = expected
    assert result.fault.code == "json/syntax"
    place = result.fault.location
    assert (place.line, place.column, place.byte) == (line, column, byte)
    assert result.fault.message == f"line {line}, column {column}: {reason}"
    assert len(result.values) == records
    assert list(result.digests) == ["data.json"]


@SIZES
def test_a_wrapper_that_breaks_off_behind_the_records(read: Read, size: int) -> None:
    result = read(b'{"items": [{"a": 1}], "z": {"y": ', documentElement="items", limits=Limits(chunk_bytes=size))
    assert result.texts("$.a") == ["1"]
    assert (result.fault.code, result.fault.location.byte) == ("json/syntax", 33)


@SIZES
def test_bad_lines_are_stepped_over(read: Read, size: int) -> None:
    data = b'{"a": 1}\n{"a": 2,\n\n{"a": "x\xe9", "a"}\n{"a": 3} {"a": 4}\n{"a": 5}\nNaN\n{"a":\n6}\n{"a": 7}'
    result = read(data, "JSONL", limits=Limits(chunk_bytes=size))
    assert result.fault is None
    assert result.texts("$.a") == ["1", None, None, None, "5", None, None, None, "7"]
    assert sorted(result.documents) == [1, 5, 9]
    found = result.found.pop("json/bad-line")
    assert (found.count, found.records) == (6, [2, 3, 4, 6, 7, 8])
    assert found.places == [
        (2, 2, 9, 17, None), (3, 4, 16, 34, None), (4, 5, 10, 45, None), (6, 7, 1, 63, None), (7, 8, 6, 72, None),
        (8, 9, 2, 74, None),
    ]  # fmt: skip
    assert found.samples[2].message == "line 5, column 10: there is more behind the end of the value"
    assert found.samples[2].value == '{"a": 3} {"a": 4}'
    assert result.found.pop("encoding/invalid").places == [(3, 4, 9, 27, "/a")]
    assert result.found == {}


@SIZES
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_lines_of_a_file_that_breaks_off_in_its_last(read: Read, size: int, end: bytes) -> None:
    data = b'{"a": 1}\n{"a": 2, "b": "x\n{"a": 3}\n{"a": "y' + end
    result = read(data, "JSONL", limits=Limits(chunk_bytes=size))
    message = "line {}: the text ends inside a string that opens 2 bytes before"
    inside = result.found["json/bad-line"]
    assert inside.samples[0].message == message.format("2, column 17")
    if end:
        assert inside.records == [2, 4]
        assert "json/cut-off" not in result.found
        return
    last = result.found["json/cut-off"]
    assert (inside.records, last.records, last.places) == ([2], [4], [(4, 4, 9, 43, None)])
    assert last.samples[0].message == message.format("4, column 9") + (
        "; the file ends here, without a line end: it was cut off"
    )


@SIZES
@pytest.mark.parametrize(
    "last",
    [b'{"a": "\xc3', b'{"a": "\\u00', b'{"a": tru', b'{"a": -', b'{"a": 1.', b'{"a": 1e+', b'{"a"', b"{", b"[1,"],
)
def test_a_file_is_cut_off_wherever_its_last_line_ends(read: Read, size: int, last: bytes) -> None:
    data = b'{"a": 1}\n{"a": 2}\n'
    result = read(data + last, "JSONL", limits=Limits(chunk_bytes=size))
    assert {code: found.records for code, found in result.found.items()} == {"json/cut-off": [3]}
    assert result.found["json/cut-off"].places == [(3, 3, len(last) + 1, len(data + last), None)]


@SIZES
@pytest.mark.parametrize(
    "last", [b'{"a": 3}', b'{"a": 3} x', b'"abc', b'{"a": 3]', b"tru", b'{"a": 3}\n', b'{"a": 3,\n']
)
def test_other_last_lines_are_not_cut_off(read: Read, size: int, last: bytes) -> None:
    result = read(b'{"a": 1}\n{"a": 2}\n' + last, "JSONL", limits=Limits(chunk_bytes=size))
    assert "json/cut-off" not in result.found


@SIZES
def test_duplicate_members(read: Read, size: int) -> None:
    data = b'[{"a": 1, "b": {"x": 1}, "a": 2}, {"a": 3, "x": {"a": 4}},\n{"c": [{"y": 1, "\\u0079": 2}], "a": 5}]'
    result = read(data, limits=Limits(chunk_bytes=size))
    assert result.texts("$.a") == ["2", "3", "5"]
    assert result.documents[1] == {"a": 2, "b": {"x": 1}}
    found = result.found.pop("json/duplicate-key")
    assert (found.count, found.records) == (2, [1, 3])
    assert found.places == [(1, 1, 26, 25, "/0/a"), (3, 2, 17, 75, "/2/c/0/y")]
    assert found.samples[0].message == "/a occurs twice in its object; the last one is used"
    assert result.found == {}


def test_the_element_twice_in_one_object(read: Read) -> None:
    result = read(b'{"items": [{"a": 1}],\n "items": [{"a": 2}]}', documentElement="items")
    assert result.texts("$.a") == ["1", "2"]
    assert [p.path for p in result.places] == ["/items/0", "/items/0"]
    assert result.found["json/duplicate-key"].places == [(None, 2, 2, 23, None)]


@SIZES
def test_records_that_arent_objects(read: Read, size: int) -> None:
    result = read(b'[{"a": 1}, null, 5, "x", [{"a": 2}], {"a": 3}, true]', limits=Limits(chunk_bytes=size))
    assert result.texts("$.a") == ["1", None, None, None, None, "3", None]
    assert result.documents == {1: {"a": 1}, 6: {"a": 3}}
    found = result.found.pop("json/not-an-object")
    assert (found.count, found.records) == (5, [2, 3, 4, 5, 7])
    assert [s.value for s in found.samples] == ["null", "5", '"x"', '[{"a": 2}]', "true"]
    assert found.places[0] == (2, 1, 12, 11, "/1")
    assert found.samples[3].message == "the record is an array, not an object"
    assert result.found == {}


def test_an_element_that_isnt_a_container(read: Read) -> None:
    result = read(b'[{"i": 5}, {"i": null}, {"i": [{"a": 1}]}]', documentElement="i")
    assert result.numbers == [1, 2]
    assert result.found["json/not-an-object"].places == [(1, 1, 8, 7, "/0/i")]


@SIZES
def test_nesting_beyond_the_limit_is_stepped_over(read: Read, size: int) -> None:
    limits = Limits(depth=5, chunk_bytes=size)
    deep, fine = b'{"a":[[[[[1]]]]]}', b'{"a":[[[[1]]]]}'
    for method, data in (
        ("JSONL", b"\n".join([fine, deep, fine])),
        ("JSON", b"[" + b",".join([fine, deep, fine]) + b"]"),
    ):
        result = read(data, method, limits=limits)
        assert result.fault is None
        assert sorted(result.documents) == [1, 3]
        found = result.found.pop("json/too-deep")
        assert (found.count, found.records) == (1, [2])
        assert result.found == {}


def test_wrappers_beyond_the_limit(read: Read) -> None:
    result = read(b'{"a":{"a":{"a":{"a":{"i":[]}}}}}', documentElement="i", limits=Limits(depth=3))
    assert (result.fault.code, result.fault.location.byte) == ("json/too-deep", 15)


WHY_EMPTY = "Ask the source's owner why there are none, and check the parameters in ingestURL."
REFUSED = (
    "The server says why it gives no data: mend what it names, such as credentials, a parameter or the pace of "
    "requests, and run again."
)
WHY_NOTHING = (
    "Nothing in it holds records: look at the document; an object with an error message comes from the server."
)
KEYED_BY_ID = b"{" + b", ".join(b'"K%d": {"id": %d, "x%d": [{}]}' % (n, n, n) for n in range(30)) + b"}"
NOTHING = {
    "empty-array": (b" [ ] ", {}, "data.json: the array is empty", WHY_EMPTY),
    "empty-element": (
        b'{"n": 0, "items": []}', {"documentElement": "items"}, "data.json: 'items' is empty", WHY_EMPTY,
    ),
    "other-element": (
        b'{"n": 0, "items": [{"a": 1}], "b": {}}', {"documentElement": "records"},
        "data.json: no member is called 'records'; there are 'n', 'items' (an array), 'a', 'b' (an object)",
        "Set documentElement: items",
    ),
    "near-element": (
        b'{"meta": {}, "tags": [], "results": [{"a": 1}], "resulted": 1}', {"documentElement": "result"},
        "data.json: no member is called 'result'; there are 'meta' (an object), 'tags' (an array), "
        "'results' (an array), 'a', 'resulted'", "Set documentElement: results",
    ),
    "path-as-element": (
        b'{"response": {"numFound": 3, "docs": [{"a": 1}]}}', {"documentElement": "response.docs"},
        "data.json: no member is called 'response.docs'; there are 'response' (an object), 'numFound', "
        "'docs' (an array), 'a'", "Set documentElement: docs",
    ),
    "object": (
        b'{"n": 0, "items": [{"a": 1}], "b": {}}', {},
        "data.json: the root is an object, not an array of records; "
        "there are 'n', 'items' (an array), 'b' (an object)", "Set documentElement: items",
    ),
    "array-inside": (
        b'{"n": 0, "x": [], "of": {"head": {"a": [1]}, "body": {"items": [{"b": [{"c": 1}]}], "d": [[{}]]}}}', {},
        "data.json: the root is an object, not an array of records; "
        "there are 'n', 'x' (an array), 'of' (an object), 'items' (an array in of.body)", "Set documentElement: items",
    ),
    "several-arrays": (
        b'{"items": [{"a": 1}], "of": {"facets": [{"a": 1}]}, "tags": [1]}', {},
        "data.json: the root is an object, not an array of records; "
        "there are 'items' (an array), 'of' (an object), 'tags' (an array), 'facets' (an array in of)",
        "Set documentElement: items",
    ),
    "text": (b'"x"', {}, "data.json: the root is a text, not an array of records", WHY_NOTHING),
    "no-member": (b"{}", {}, "data.json: the root is an object, not an array of records", WHY_NOTHING),
    "error": (
        b'{"error": "quota"}', {"documentElement": "items"},
        "data.json is the message of an error, and no data", REFUSED,
    ),
    "error-of-api": (
        b'{"error": {"code": 429, "message": "API rate limit exceeded", "items": []}}', {"documentElement": "records"},
        "data.json is the message of an error, and no data", REFUSED,
    ),
    "empty-error": (
        b'{"error": null, "message": "ok"}', {"documentElement": "items"},
        "data.json: no member is called 'items'; there are 'error', 'message'", WHY_NOTHING,
    ),
    "keyed": (
        KEYED_BY_ID, {},
        "data.json: the root is an object of records, called by their keys ('K0', 'K1', 'K2', 'K3', …), not an array",
        KEYED,
    ),
    "lines": (
        b'{"a": 1}\n{"a": 2}\n', {},
        "data.json: there are several objects, one behind the other: it looks like JSON Lines",
        "Set ingestMethod: JSONL",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "parameters", "message", "hint"), NOTHING.values(), ids=NOTHING)
@SIZES
def test_no_records(
    read: Read, data: bytes, parameters: dict[str, str], message: str, hint: str | None, size: int
) -> None:
    result = read(data, limits=Limits(chunk_bytes=size), **parameters)
    assert result.values == []
    assert list(result.found) == ["json/no-records"]
    assert result.found["json/no-records"].places == [(None, 1, None, 0, None)]
    assert [s.message for s in result.found["json/no-records"].samples] == [message]
    assert result.hints["json/no-records"] == hint


def wrapped(data: bytes) -> bytes:
    return b'{"n": 1,\n "items": ' + data + b"}"


@SIZES
def test_an_object_of_records_is_told(read: Read, size: int) -> None:
    result = read(wrapped(KEYED_BY_ID), limits=Limits(chunk_bytes=size), documentElement="items")
    assert len(result.values) == 1
    assert set(result.found) == {"json/keyed-records"}
    assert result.found["json/keyed-records"].places == [(1, 2, 11, 19, "/items")]
    assert result.found["json/keyed-records"].records == [1]
    assert result.hints["json/keyed-records"] == KEYED


@SIZES
@pytest.mark.parametrize(
    ("inside", "said", "hint"),
    [
        (b'"docs": [{"a": 1}, {"a": 2}]', "a list of objects: 'docs'", "Set documentElement: docs"),
        (b'"q": {"b": [{}, {}]}, "c": [{"d": [{}, {}]}, {}]', "lists of objects: 'b', 'c'", None),
    ],
)
def test_an_object_around_the_records_is_told(
    read: Read, inside: bytes, said: str, hint: str | None, size: int
) -> None:
    result = read(wrapped(b"{" + inside + b"}"), limits=Limits(chunk_bytes=size), documentElement="items")
    assert len(result.values) == 1
    assert set(result.found) == {"json/wrapped-records"}
    (sample,) = result.found["json/wrapped-records"].samples
    assert sample.message == f"the only record is an object that holds {said}"
    assert result.found["json/wrapped-records"].places == [(1, 2, 11, 19, "/items")]
    assert result.hints["json/wrapped-records"] == hint


@SIZES
@pytest.mark.parametrize(
    "data",
    [
        wrapped(b'{"docs": [{"a": 1}], "tags": ["x", "y"], "of": [[{}, {}]]}'),
        b'{"of": [{"items": {"docs": [{"a": 1}, {"a": 2}]}}, {"items": {"docs": [{"a": 3}, {"a": 4}]}}]}',
        wrapped(b'[{"docs": [{"a": 1}, {"a": 2}]}]'),
    ],
    ids=["no-list", "several-records", "array-of-one"],
)
def test_lists_inside_of_records_are_fine(read: Read, data: bytes, size: int) -> None:
    assert dict(read(data, limits=Limits(chunk_bytes=size), documentElement="items").found) == {}


@SIZES
def test_an_object_of_records_that_is_too_long_is_told(read: Read, size: int) -> None:
    limits = Limits(chunk_bytes=size, record_bytes=400)
    result = read(wrapped(KEYED_BY_ID), limits=limits, documentElement="items")
    assert result.fault is not None
    assert (result.fault.code, result.fault.hint) == ("json/long-record", KEYED)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": {"v": 1}, "b": {"v": 1}, "c": {"v": 1}, "d": {"v": 1}}',  # few
        b'{"a": {"v": 1}, "b": {"v": 1}, "c": {"v": 1}, "d": {"v": 1}, "e": {"w": 1}}',
        b'{"a": {"v": 1}, "b": {"v": 1}, "c": {"v": 1}, "d": {"v": 1}, "e": {"v": 1}, "f": 1}',
        b'{"a": [1], "b": [1], "c": [1], "d": [1], "e": [1], "f": [1]}',
    ],
)
def test_a_record_of_objects_is_a_record(read: Read, data: bytes) -> None:
    assert read(wrapped(data), documentElement="items").found == {}


def test_records_of_the_same_objects_are_records(read: Read) -> None:
    """Names that come again are fields, and no keys."""
    pages = {f"{n}.json": wrapped(KEYED_BY_ID) for n in range(2)}
    assert read(pages, documentElement="items").found == {}


def test_no_lines(read: Read) -> None:
    assert read(b"\n \n", "JSONL").found["json/no-records"].samples[0].message == "data.json: no line"


def test_a_lone_surrogate_is_half_of_a_character(read: Read) -> None:
    data = b'[{"a": "\\ud83d\\ude00"}, {"a": "x\\ud83d", "b\\uDE00": "\\\\ud83d"}]'
    result = read(data)
    assert result.texts("$.a") == ["\U0001f600", "x\ufffd"]
    assert result.values[1]["$.'b\ufffd'"] == ("\\ud83d", "string")
    found = result.found.pop("json/lone-surrogate")
    assert found.places == [(2, 1, 33, 32, "/1/a")]
    assert found.samples[0].message == "\\ud83d is half of a character"
    assert result.found == {}


@SIZES
@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        (b'[{"k": [{"x": 0}, {"a/b~": "caf\xe9"}]}]', "/0/k/1/a~1b~0"),
        (b'[{"k": {"x": [1, "\xe9"], "y": 2}}]', "/0/k/x/1"),
        (b'[{"k": {"\xe9": 1}}]', "/0/k/\ufffd"),
        (b'[{"a": 1, "n\\udc00": 2}]', "/0/n\ufffd"),
        (b'[{"a": ["x", {"b": "\\ud800"}]}]', "/0/a/1/b"),
        (b'[["a", "\xe9"]]', "/0/1"),
    ],
)
def test_what_is_wrong_with_a_text_is_placed_at_its_value(read: Read, data: bytes, pointer: str, size: int) -> None:
    result = read(data, limits=Limits(chunk_bytes=size))
    result.found.pop("json/not-an-object", None)
    ((code, found),) = result.found.items()
    at = data.index(b"\xe9" if code == "encoding/invalid" else b"\\u")
    assert found.places == [(1, 1, at + 1, at, pointer)]


@SIZES
@pytest.mark.parametrize("method", ["JSON", "JSONL"])
def test_a_text_longer_than_the_limit_is_stepped_over(read: Read, size: int, method: str) -> None:
    docs = [b'{"id": 1, "t": "%b"}' % (b"x" * 60), b'{"id": 2, "s": ["a", {"t": "%b"}]}' % (b"y" * 61), b'{"id": 3}']
    data = b"[" + b",\n".join(docs) + b"]" if method == "JSON" else b"\n".join(docs)
    result = read(data, method, limits=Limits(chunk_bytes=size, node_bytes=60))
    assert result.texts("$.id") == ["1", None, "3"]
    assert sorted(result.documents) == [1, 3]
    found = result.found.pop("json/too-large-node")
    at = data.index(b'"yyy')
    pointer = "/1/s/1/t" if method == "JSON" else "/s/1/t"
    assert (found.count, found.places) == (1, [(2, 2, at - data.index(b"\n"), at, pointer)])
    assert found.samples[0].message == "a text of the record is too long (Limits.node_bytes)"
    assert result.found == {}


@SIZES
def test_a_record_longer_than_the_limit(read: Read, size: int) -> None:
    long = b'{"a": "' + b"x" * 100 + b'"}'
    limits = Limits(chunk_bytes=size, record_bytes=64)
    for method, data, byte in (
        ("JSONL", b'{"a": 1}\n' + long, 9),
        ("JSONL", b'{"a": 1}\n' + long + b"\n{}", 9),
        ("JSON", b'[{"a": 1},\n ' + long + b"]", 12),
        ("JSON", b'[{"a": 1},\n ' + long[:-2], 12),
        ("JSON", b'[{"a": 1},\n "' + long[7:-1] + b"]", 12),
    ):
        result = read(data, method, limits=limits)
        assert result.texts("$.a") == ["1"]
        assert (result.fault.code, result.fault.location.byte) == ("json/long-record", byte)
    result = read(b'{"i": ' + long + b"}", documentElement="i", limits=limits)
    assert (result.fault.code, result.fault.location.byte) == ("json/long-record", 6)


def test_a_missing_quote_is_a_fault_of_syntax_however_far_the_record_seems_to_go(read: Read) -> None:
    data = b'[{"a": 1},\n{"a": "x},\n' + b'{"a": "y"},\n' * 100 + b"{}]"
    result = read(data, limits=Limits(record_bytes=100))
    assert result.texts("$.a") == ["1"]
    assert (result.fault.code, result.fault.location.line, result.fault.location.byte) == ("json/syntax", 2, 21)


def test_too_many_fields(read: Read) -> None:
    result = read(b'{"a": 1, "b": 2, "c": {"d": 1}}', "JSONL", limits=Limits(columns=3))
    assert list(result.values[0]) == ["$.a", "$.b", "$.c"]
    assert result.found["json/many-fields"].count == 1
    assert [p[:2] for p in result.found["json/many-fields"].places] == [(1, 1)]


@pytest.mark.parametrize("method", ["JSON", "JSONL"])
@pytest.mark.parametrize("size", [1, 40, 1 << 20])
def test_too_many_fields_are_told_once(read: Read, method: str, size: int) -> None:
    records = [b'{"a": %d, "b": 2, "c": 3, "d%d": 1}' % (n, n) for n in range(9)]
    data = b"\n".join(records) if method == "JSONL" else b"[" + b",\n".join(records) + b"]"
    result = read(data, method, limits=Limits(columns=3, chunk_bytes=size))
    assert result.found["json/many-fields"].count == 1
    assert [p[:2] for p in result.found["json/many-fields"].places] == [(1, 1)]


def test_a_byte_order_mark(read: Read) -> None:
    result = read(b'\xef\xbb\xbf[{"a": 1}]')
    assert result.spots == [(1, 1, 2, 4, "/0")]
    assert list(result.found) == ["encoding/byte-order-mark"]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("method", ["JSON", "JSONL"])
def test_other_encodings(read: Read, codec: str, method: str) -> None:
    text = '{"a": "é", "b": 1}\r\n{"a": "ü", "é": 2}'
    data = (text if method == "JSONL" else "[" + text.replace("}\r", "},\r") + "]").encode(codec)
    result = read(data, method, encoding=codec if codec == "cp1252" else None)
    assert result.texts("$.a") == ["é", "ü"]
    assert result.texts("$.'é'") == [None, "2"]
    assert [(p.line, p.column) for p in result.places] == [(1, 1 + (method == "JSON")), (2, 1)]
    for place in result.places:
        width = 2 if "16" in codec else 4 if "32" in codec else 1
        assert data[place.byte : place.byte + width].strip(b"\0") == b"{"


@SIZES
def test_bytes_that_arent_in_the_encoding(read: Read, size: int) -> None:
    data = b'[{"a": "x"},\n {"a": "caf\xe9 \xff", "b\xe9": 1}, {"a": "\xed\xa0\x80"}]'
    result = read(data, limits=Limits(chunk_bytes=size))
    assert result.texts("$.a") == ["x", "caf\ufffd \ufffd", "\ufffd"]
    assert result.values[1]["$.'b\ufffd'"] == ("1", "number")
    found = result.found.pop("encoding/invalid")
    assert (found.count, found.records) == (2, [2, 3])
    assert found.places == [(2, 2, 12, 24, "/1/a"), (3, 2, 35, 47, "/2/a")]
    assert found.samples[0].message == "bytes that aren't in the encoding: E9 (é in windows-1252, È in Mac Roman)"
    assert result.found == {}


def test_bytes_that_arent_in_another_encoding(read: Read) -> None:
    data = b'[{"a": "caf\xe9"},\n {"b": "\xe9", "a": "x\x81y"}]'
    result = read(data, encoding="cp1252")
    assert result.texts("$.a") == ["café", "x\ufffdy"]
    assert result.found.pop("encoding/invalid").places == [(2, 2, 20, 35, "/1/a")]
    assert data[35:36] == b"\x81"
    assert result.found == {}


def test_every_code_is_documented() -> None:
    for code in JSON_CODES:
        assert code.id.startswith("json/")
        assert all((code.title, code.meaning, code.why, code.example, code.mend))


@pytest.mark.parametrize("size", [1, 7, 1 << 21])
@pytest.mark.parametrize(
    ("end", "place"), [(b"\n\x1a", (3, 1, 18)), (b"\x1a", (2, 9, 17)), (b"\r\n\x1a\x1a", (3, 1, 19))]
)
def test_an_end_mark_behind_lines(read: Read, end: bytes, place: tuple[int, int, int], size: int) -> None:
    result = read(b'{"id":1}\n{"id":2}' + end, "JSONL", limits=Limits(chunk_bytes=size))
    assert len(result.values) == 2
    assert set(result.found) == {"encoding/end-mark"}
    assert result.found["encoding/end-mark"].places == [(None, *place, None)]


HEADER = '{"version": 2, "total": 9}'


@SIZES
@pytest.mark.parametrize("method", ["JSON", "JSONL"])
def test_a_first_record_that_tells_of_the_others(read: Read, size: int, method: str) -> None:
    def texts(*records: str) -> bytes:
        return (f"[{', '.join(records)}]" if method == "JSON" else "\n".join(records)).encode()

    rows = [f'{{"id": {n}, "name": "n{n}", "odd{n}": 1}}' for n in range(4)]
    result = read({"a": texts(*rows), "b": texts(HEADER, *rows)}, method, limits=Limits(chunk_bytes=size))
    [(code, found)] = result.found.items()
    assert (code, found.count, found.records) == ("json/header-record", 1, [5])
    [sample] = found.samples
    assert (sample.value, sample.location.record, sample.location.file, sample.location.byte) == (
        HEADER, 5, "b", 1 if method == "JSON" else 0,
    )  # fmt: skip
    for sound in ([HEADER, *rows[:2]], [HEADER, *rows, '{"id": 9, "version": 1, "name": ""}'], ["{}", *rows],
                  [HEADER, *rows[:3], '{"id": 5}'], rows):  # fmt: skip
        assert read(texts(*sound), method, limits=Limits(chunk_bytes=size)).found == {}
