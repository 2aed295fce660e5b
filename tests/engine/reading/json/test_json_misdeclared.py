"""Documents that are declared as JSON Lines, and lines that are declared as a document: one finding, at its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from potable.engine.limits import Limits

Read = Callable[..., Any]
SIZES = pytest.mark.parametrize("size", [1, 7, 1 << 21])
DOCS = [{"id": n, "name": "Ann"} for n in range(1, 5)]
LINES = "".join(json.dumps(d) + "\n" for d in DOCS)


def place(result: Any) -> tuple[int | None, int | None, int | None]:
    """Line, column and byte of what stopped the reading."""
    at = result.fault.location
    return at.line, at.column, at.byte


@SIZES
@pytest.mark.parametrize(
    ("text", "told", "hint"),
    [
        (json.dumps(DOCS, indent=2), "up to line 18: this is one JSON document", "Set ingestMethod: JSON."),
        (json.dumps(DOCS, indent=2).replace("\n", "\r\n"), "up to line 18: this is one", "Set ingestMethod: JSON."),
        (json.dumps(DOCS, indent=2).replace("\n", "\r"), "up to line 18: this is one", "Set ingestMethod: JSON."),
        (json.dumps(DOCS * 2000, indent=1), "over many lines: this is one JSON document", "Set ingestMethod: JSON."),
        ("[\n" + LINES.replace("}\n", "},\n")[:-2] + "\n]", "up to line 6: this is one", "Set ingestMethod: JSON."),
        (
            json.dumps({"total": 4, "rows": DOCS}, indent=1),
            "up to line 21: this is one JSON document",
            "Set ingestMethod: JSON and documentElement: rows.",
        ),
        ("\n".join(json.dumps(d, indent=1) for d in DOCS), "up to line 4: these are documents", "Write each record on"),
        (json.dumps(DOCS), "the only line is an array of all records", "Set ingestMethod: JSON."),
    ],
)
def test_a_document_declared_as_lines(read: Read, text: str, told: str, hint: str, size: int) -> None:
    result = read(text.encode(), method="JSONL", limits=Limits(chunk_bytes=size))
    assert result.fault.code == "json/not-lines"
    assert place(result) == (1, 1, 0)
    assert told in result.fault.message
    assert result.fault.hint.startswith(hint)
    assert result.numbers == []


def test_its_place_is_where_it_begins(read: Read) -> None:
    result = read("\n  [\n{},\n{}\n]".encode("utf-16"), method="JSONL")
    assert (result.fault.code, place(result)) == ("json/not-lines", (2, 3, 8))


@SIZES
@pytest.mark.parametrize(
    ("text", "records"),
    [
        (LINES, []),
        (json.dumps(DOCS[0]), []),
        ('{"id": 1,\n{"id": 2}\n{"id": 3}\n', [1]),  # a line that breaks off
        ('{"id": [1,\n{"id": 2}\n{"id": 3}\n', [1]),
        ("[\n", [1]),
    ],
)
def test_lines_are_read_as_lines(read: Read, text: str, records: list[int], size: int) -> None:
    result = read(text.encode(), method="JSONL", limits=Limits(chunk_bytes=size))
    assert result.fault is None
    assert len(result.numbers) == len(text.splitlines())
    assert {code: found.records for code, found in result.found.items()} == (
        {"json/bad-line": records} if records else {}
    )


COMMAS = LINES.replace("}\n", "},\n")


@SIZES
@pytest.mark.parametrize("text", [COMMAS, COMMAS * 9000, COMMAS.replace("\n", "\r\n"), COMMAS[:-2], COMMAS[:-2] + "\n"])
def test_a_comma_behind_each_line(read: Read, text: str, size: int) -> None:
    result = read(f"\n{text}".encode(), method="JSONL", limits=Limits(chunk_bytes=size))
    assert (result.fault.code, place(result)) == ("json/not-lines", (2, 25, 25))
    assert "a comma is behind the value of each line" in result.fault.message
    assert result.fault.hint == "Take the comma at the end of each line away."
    assert (result.numbers, result.found) == ([], {})


@SIZES
@pytest.mark.parametrize(
    ("text", "records"),
    [
        (LINES.replace("}\n", "},\n", 1), [1]),
        (COMMAS + LINES, [1, 2, 3, 4]),
        (COMMAS.replace("id", "\\id", 1), [1, 2, 3, 4]),
        (COMMAS.splitlines()[0] + "\n" + LINES.splitlines()[1], [1]),
        ("1,\n2,\n", [1, 2]),
    ],
)
def test_commas_behind_some_lines(read: Read, text: str, records: list[int], size: int) -> None:
    result = read(text.encode(), method="JSONL", limits=Limits(chunk_bytes=size))
    assert result.fault is None
    assert result.found["json/bad-line"].records == records


@SIZES
def test_lines_declared_as_a_document(read: Read, size: int) -> None:
    plain = read(LINES.encode(), method="JSON", limits=Limits(chunk_bytes=size))
    assert [(code, f.count) for code, f in plain.found.items()] == [("json/no-records", 1)]
    assert "it looks like JSON Lines" in plain.found["json/no-records"].samples[0].message
    named = read(LINES.encode(), method="JSON", limits=Limits(chunk_bytes=size), documentElement="rows")
    assert (named.fault.code, place(named)) == ("json/syntax", (2, 1, len(json.dumps(DOCS[0])) + 1))
    assert "set ingestMethod: JSONL" in named.fault.hint


def test_documents_one_behind_the_other(read: Read) -> None:
    result = read(b'[{"id": 1}]\n[{"id": 2}]\n', method="JSON")
    assert (result.fault.code, place(result)) == ("json/syntax", (2, 1, 12))
    assert result.fault.hint.startswith("There are several documents")


@pytest.mark.parametrize(
    ("text", "place_", "reason"),
    [
        (b'{"id": 1},\n', (1, 10, 9), "a comma behind the end of the value"),
        (b'{"id": 1}\n\xef\xbb\xbf{"id": 2}\n', (2, 1, 10), "a byte order mark: it may stand at the start of a file"),
        (b'{"id": 1}\n\0\0\0', (2, 1, 10), "a NUL byte: the file was written in part, or isn't text"),
    ],
)
def test_what_is_wrong_with_a_line(read: Read, text: bytes, place_: tuple[int, int, int], reason: str) -> None:
    result = read(text, method="JSONL")
    (sample,) = result.found["json/bad-line"].samples
    assert (sample.location.line, sample.location.column, sample.location.byte) == place_
    assert reason in sample.message


ACTIONS = "".join(f'{{"index": {{"_id": {n}}}}}\n{json.dumps(doc)}\n' for n, doc in enumerate(DOCS))


@SIZES
@pytest.mark.parametrize(
    ("text", "said", "at"),
    [
        (LINES.replace("\n", ""), "all values stand in one line", 0),
        (LINES.replace("\n", "") + "\n", "all values stand in one line", 0),
        ("".join(f"\x1e{line}\n" for line in LINES.splitlines()), "each record begins with a record separator", 0),
        (ACTIONS, "every other line says what to do with the next one", 0),
    ],
)
def test_other_streams_of_documents(read: Read, text: str, said: str, at: int, size: int) -> None:
    result = read(text.encode(), method="JSONL", limits=Limits(chunk_bytes=size))
    assert (result.fault.code, place(result)) == ("json/not-lines", (1, 1, at))
    assert result.fault.message.startswith(said)
    assert (result.numbers, result.found) == ([], {})


@SIZES
@pytest.mark.parametrize(
    "text",
    [
        LINES.replace("\n", "", 1),  # two values in one of the lines
        LINES + "\x1e" + LINES,
        "".join(f'{{"index": {{"_id": {n}}}}}\n' for n in range(5)),
    ],
)
def test_a_few_such_lines_are_lines(read: Read, text: str, size: int) -> None:
    assert read(text.encode(), method="JSONL", limits=Limits(chunk_bytes=size)).fault is None
