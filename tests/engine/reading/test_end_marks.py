"""End marks of DOS behind a text: taken off, and told at their place."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.engine.contracts.snapshot import Part
from potable.engine.limits import Limits
from potable.engine.reading import text as texts
from potable.engine.reading.text import TextStream

Read = Callable[..., Any]
SIZES = pytest.mark.parametrize("size", [1, 3, 13, 1 << 21])
ROWS = [("1", "a"), ("2", "b")]


@SIZES
@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"id,n\n1,a\n2,b\n\x1a", (4, 13)),
        (b"id,n\r\n1,a\r\n2,b\r\n\x1a", (4, 16)),
        (b"id,n\r1,a\r2,b\r\x1a", (4, 13)),
        (b"id,n\n1,a\n2,b\x1a", (3, 12)),
        (b'id,n\n1,a\n2,"b"\x1a', (3, 14)),
        (b"id,n\n1,a\n2,b\n\n\x1a", (5, 14)),
        (b"id,n\n1,a\n2,b\n" + 113 * b"\x1a", (4, 13)),
        (b"\xef\xbb\xbfid,n\n1,a\n2,b\n\x1a", (4, 16)),
    ],
)
def test_it_is_no_record_and_no_value(read: Read, data: bytes, place: tuple[int, int], size: int) -> None:
    result = read(data, limits=Limits(chunk_bytes=size))
    assert result.rows == ROWS
    assert result.found["encoding/end-mark"].places == [(None, *place)]
    assert data[place[1] :].strip(b"\x1a") == b""
    assert set(result.found) - {"encoding/byte-order-mark"} == {"encoding/end-mark"}


@SIZES
@pytest.mark.parametrize(
    ("encoding", "packed", "byte"),
    [
        ("utf-16", None, 28), ("utf-16-be", None, 26), ("utf-32-le", None, 52), ("latin-1", None, 13),
        ("cp1252", gzip.compress, 13), ("utf-8", gzip.compress, 14), ("utf-8", bz2.compress, 14),
        ("utf-16-le", lzma.compress, 26), ("shift-jis", None, 13),
    ],
)  # fmt: skip
def test_its_place_in_other_encodings_and_packed(
    read: Read, encoding: str, packed: Callable[[bytes], bytes] | None, byte: int, size: int
) -> None:
    letter = "b" if encoding == "shift-jis" else "é"
    data = f"id,n\n1,a\n2,{letter}\n\x1a".encode(encoding)
    declared = {} if encoding in ("utf-8", "utf-16") else {"encoding": encoding}
    result = read(packed(data) if packed else data, limits=Limits(chunk_bytes=size), **declared)
    assert result.rows == [("1", "a"), ("2", letter)]
    assert result.found["encoding/end-mark"].places == [(None, 4, byte)]
    assert data[byte:].decode(encoding.removesuffix("-le") if encoding == "utf-32-le" else encoding) == "\x1a"


def test_inside_an_open_quote(read: Read) -> None:
    result = read(b'id,n\n1,a\n2,"b\n\x1a')
    assert result.fault.code == "csv/unclosed-quote"
    assert result.found["encoding/end-mark"].places == [(None, 4, 14)]


@pytest.mark.parametrize("data", [b"\x1a", b"id,n\n\x1a", b"id,n\x1a"])
def test_without_records(read: Read, data: bytes) -> None:
    result = read(data)
    assert result.rows == []
    assert "csv/no-records" in {*result.found, *([result.fault.code] if result.fault else [])}
    assert "\x1a" not in "".join(result.columns)


@pytest.mark.parametrize(
    "data", [b"id,n\n1,\x1aa\n2,b\n", b"id,n\n1,a\n2,b\x1a\n", b"id,n\n1,a\n2,b\n" + 5000 * b"\x1a"]
)
@SIZES
def test_elsewhere_it_is_text(read: Read, data: bytes, size: int) -> None:
    result = read(data, limits=Limits(chunk_bytes=size))
    assert "encoding/end-mark" not in result.found
    assert "\x1a" in "".join(str(cell) for row in result.rows for cell in row)


def test_each_file_has_its_own(read: Read) -> None:
    result = read({"a.csv": b"id,n\n1,a\n\x1a", "b.csv": b"id,n\n2,b\x1a"})
    assert result.rows == ROWS
    samples = result.found["encoding/end-mark"].samples
    assert [(s.location.file, s.location.line, s.location.byte) for s in samples] == [("a.csv", 3, 9), ("b.csv", 2, 8)]


PIECES = st.sampled_from([b"a", b"\n", b"\x1a", b"\x1a\x1a", b"b,c\n"])


@pytest.mark.parametrize("encoding", [None, "latin-1"])
@given(st.lists(PIECES, max_size=8).map(b"".join), st.lists(st.integers(1, 4), min_size=1), st.booleans())
@settings(max_examples=150, deadline=None)
def test_whatever_is_asked_for_at_a_time(encoding: str | None, data: bytes, sizes: list[int], peeked: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for name, value in (("_HEAD", 3), ("_BLOCK", 4), ("_MOST_END_MARKS", 2)):
            patch.setattr(texts, name, value)
        path = Path(folder) / "data"
        path.write_bytes(data)
        part = Part(name="data", path=path, bytes=len(data))
        stream = TextStream(part, Limits(), encoding, unmarked=True)
        head, whole = stream.peek() if peeked else (b"", False)
        text, n = b"", 0
        while True:
            size = sizes[n % len(sizes)]
            piece = stream.read(size)
            text, n = text + piece, n + 1
            if len(piece) < size:
                break
        stream.bytes.close()
    marks = len(data) - len(data.rstrip(b"\x1a"))
    marks = marks if marks <= 2 else 0
    assert (text, stream.end_marks) == (data[: len(data) - marks], marks)
    assert text.startswith(head.rstrip(b"\x1a"))
    assert head == text or not whole
