"""Encodings: the right finding at the right byte and line, and the right text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.engine.limits import Limits
from potable.engine.reading.codes import ENCODING_CODES
from potable.engine.reading.decoding import Transcoder, codec, detect, is_utf8, mend_utf8, original_length

Read = Callable[..., Any]
SIZES = pytest.mark.parametrize("size", [1, 7, 1 << 21])


@SIZES
def test_invalid_utf8_is_told_with_its_bytes_and_the_likely_encoding(read: Read, size: int) -> None:
    data = b'id,name\n1,"x\ncaf\xe9",\n2,\xc3\xa9\n3,na\xefve \xff\n'
    result = read(data, limits=Limits(chunk_bytes=size))
    assert result.rows == [("1", "x\ncaf\ufffd"), ("2", "é"), ("3", "na\ufffdve \ufffd")]
    found = result.found["encoding/invalid"]
    assert (found.count, found.records) == (2, [1, 3])
    assert found.places == [(1, 3, 16), (3, 5, 29)]
    assert data[16:17] == b"\xe9"
    assert data[29:30] == b"\xef"
    assert found.samples[0].message == "bytes that aren't in the encoding: E9 (é in windows-1252, È in Mac Roman)"


def test_invalid_bytes_in_the_header(read: Read) -> None:
    result = read(b"id,caf\xe9\n1,2\n")
    assert result.columns == ("$.id", "$.'caf\ufffd'")
    assert result.found["encoding/invalid"].places == [(None, 1, 6)]


def test_invalid_bytes_behind_comments_are_at_their_place(read: Read) -> None:
    result = read(b"a,b\n1,2\n# \xe9\n3,\xe9\n", comment="#")
    assert result.rows == [("1", "2"), ("3", "\ufffd")]
    assert result.found["encoding/invalid"].places == [(2, 4, 14)]


@SIZES
def test_a_byte_order_mark_hides_no_key(read: Read, size: int) -> None:
    result = read(b'\xef\xbb\xbf"id",name\n1,a\n', limits=Limits(chunk_bytes=size))
    assert result.columns == ("$.id", "$.name")
    assert result.lines == [(2, 13)]
    assert result.found.pop("encoding/byte-order-mark").places == [(None, 1, 0)]
    assert result.found == {}


@SIZES
@pytest.mark.parametrize("mark", ["\ufeff\ufeff", "ï»¿", "\ufeffï»¿"])
def test_a_mark_that_was_copied_or_encoded_again_is_one_mark(read: Read, size: int, mark: str) -> None:
    start = len(mark.encode())
    result = read(f"{mark}id,name\n1,a\n".encode(), limits=Limits(chunk_bytes=size))
    assert result.columns == ("$.id", "$.name")
    assert result.lines == [(2, start + 8)]
    (sample,) = result.found.pop("encoding/byte-order-mark").samples
    assert (sample.location.line, sample.location.byte) == (1, 0)
    assert f"({start} bytes)" in sample.message
    assert result.found == {}


@SIZES
def test_nul_bytes(read: Read, size: int) -> None:
    result = read(b'id,name\n1,a\0b\0\n2,"\n\0"\n3,c\n', limits=Limits(chunk_bytes=size))
    assert result.rows == [("1", "a\0b\0"), ("2", "\n\0"), ("3", "c")]
    found = result.found.pop("encoding/nul-byte")
    assert (found.count, found.records, found.places) == (2, [1, 2], [(1, 2, 11), (2, 4, 19)])
    assert result.found == {}


@SIZES
def test_mixed_newlines(read: Read, size: int) -> None:
    result = read(b'a,b\r\n1,"x\ny"\r\n3,4\n5,6\r7,8\r\n', limits=Limits(chunk_bytes=size))
    assert result.rows == [("1", "x\ny"), ("3", "4"), ("5", "6"), ("7", "8")]
    assert [p[0] for p in result.lines] == [2, 4, 5, 6]
    found = result.found.pop("encoding/mixed-newlines")
    assert (found.count, found.places) == (1, [(None, 4, 17)])
    assert found.samples[0].message == ("lines end in CR LF up to line 4, which ends in LF (3 × CR LF, 1 × LF, 1 × CR)")
    assert result.found == {}


UTF = ["utf-16", "utf-16-le", "utf-16-be", "utf-32"]


@SIZES
@pytest.mark.parametrize("name", UTF)
def test_wide_encodings_by_mark_declaration_or_pattern(read: Read, size: int, name: str) -> None:
    text = 'id,name\r\n1,"é\r\n😀"\r\n2\r\n3,日本\r\n'
    data = text.encode(name)
    width = len("x".encode(name[:6] + "-le"))
    mark = width if name in ("utf-16", "utf-32") else 0
    declared = read(data, limits=Limits(chunk_bytes=size), encoding=name)
    assert declared.columns == ("$.id", "$.name")
    assert declared.rows == [("1", "é\r\n😀"), ("2", None), ("3", "日本")]
    starts = [mark + len(text[:i].encode(name[:6] + "-le")) for i in (9, 19, 22)]
    assert declared.lines == list(zip([2, 4, 5], starts, strict=True))
    assert list(declared.found) == ["csv/missing-cell"]
    undeclared = read(data, limits=Limits(chunk_bytes=size))
    assert undeclared.rows == declared.rows
    assert undeclared.lines == declared.lines
    expected = {"csv/missing-cell"} if mark else {"csv/missing-cell", "encoding/declared-mismatch"}
    assert set(undeclared.found) == expected


@SIZES
def test_a_declared_single_byte_encoding(read: Read, size: int) -> None:
    data = "id,name\n1,café\n2,naïve\n3,x".encode("windows-1252") + b"\x81\n"
    result = read(data, limits=Limits(chunk_bytes=size), encoding="windows-1252")
    assert result.rows == [("1", "café"), ("2", "naïve"), ("3", "x\ufffd")]
    assert result.lines == [(2, 8), (3, 15), (4, 23)]
    assert result.found.pop("encoding/invalid").places == [(3, 4, 26)]
    assert result.found == {}


@SIZES
def test_the_servers_charset_is_believed_unless_the_bytes_contradict_it(read: Read, size: int) -> None:
    limits = Limits(chunk_bytes=size)
    right = read("id,name\n1,café\n".encode("latin-1"), limits=limits, charset="iso-8859-1")
    assert right.rows == [("1", "café")]
    assert right.found == {}
    wrong = read("id,name\n1,café\n".encode(), limits=limits, charset="iso-8859-1")
    assert wrong.rows == [("1", "café")]
    assert wrong.found.pop("encoding/declared-mismatch").places == [(None, 2, 13)]
    assert wrong.found == {}


@pytest.mark.parametrize("encoded", ["utf-8", "latin-1"])
def test_a_charset_is_judged_by_the_first_bytes_beyond_ascii(read: Read, encoded: str) -> None:
    lines = ["id,name\n"] + [f"{i:06d},x\n" for i in range(200_000)] + ["7,café\n"]
    data = "".join(lines).encode(encoded)
    result = read(data, limits=Limits(chunk_bytes=1 << 16), charset="iso-8859-1")
    assert result.rows[-1] == ("7", "café")
    places = result.found["encoding/declared-mismatch"].places if result.found else None
    assert places == ([(None, 200_002, len(data) - 3)] if encoded == "utf-8" else None)


def test_a_wrong_declaration_is_obeyed_and_reported(read: Read) -> None:
    result = read("id,name\n1,café\n".encode(), encoding="windows-1252")
    assert result.rows == [("1", "cafÃ©")]
    assert result.found["encoding/declared-mismatch"].places == [(None, 2, 13)]


@pytest.mark.parametrize(
    ("encoding", "data", "line", "byte"),
    [
        ("ascii", "id,name\n1,café\n", 2, 13),
        ("us-ascii", "id,é\n1,x\n", 1, 3),
        ("utf-16", "id,name\n1,café\n", 2, 13),
        ("utf-16-le", "id,name\n1,café\n", 2, 13),
        ("utf-32", "id,name\n1,cafe\n", 1, 0),
    ],
)
def test_utf8_that_was_declared_otherwise_is_read_as_utf8(
    read: Read, encoding: str, data: str, line: int, byte: int
) -> None:
    result = read(data.encode(), encoding=encoding)
    assert result.rows == [tuple(data.splitlines()[1].split(","))]
    found = result.found.pop("encoding/declared-mismatch")
    assert found.places == [(None, line, byte)]
    assert found.samples[0].message == f"the bytes are valid UTF-8, the definition says {encoding}"
    assert result.found == {}


def test_ascii_and_wide_texts_that_are_what_was_declared_say_nothing(read: Read) -> None:
    for encoding in ("ascii", "utf-16-le", "utf-16-be", "utf-32-le"):
        assert read("id,name\n1,cafe\n".encode(encoding), encoding=encoding).found == {}
    for text in ("編號,名稱\n一,二三四五六\n", "a,b\n1,2\n"):
        assert read(text.encode("utf-16-le"), encoding="utf-16").found == {}


def test_an_unknown_encoding_is_a_fault_of_the_definition(read: Read) -> None:
    assert read(b"a\n1\n", encoding="utf-9").fault.code == "definition/bad-value"
    assert list(read(b"a,b\n1,2\n", charset="utf-9").found) == ["encoding/declared-mismatch"]


def test_names_of_encodings() -> None:
    assert codec("UTF8") == codec("us-ascii") == codec("utf-8-sig") == "utf-8"
    assert codec("Windows-1252") == "cp1252"
    assert codec("rot13") is codec("punycode") is codec("") is codec("no such") is None


def test_a_mark_that_contradicts_the_declaration() -> None:
    assert detect(b"\xef\xbb\xbfa", "utf-8", None).mismatch is None
    assert detect(b"\xff\xfea\0", "utf-16", None).mismatch is None
    assert detect(b"\xfe\xff\0a", "utf-16", None).mismatch is None
    told = detect(b"\xef\xbb\xbfa", "latin-1", None)
    assert (told.name, told.mark) == ("utf-8", 3)
    assert told.mismatch == "the byte order mark tells utf-8, the definition says latin-1"


@settings(max_examples=200)
@given(data=st.binary(max_size=40), text=st.text(max_size=10))
def test_large_and_small_texts_are_checked_alike(data: bytes, text: str) -> None:
    for sample in (data, text.encode("utf-8", "surrogatepass") + data):
        try:
            sample.decode()
            valid = True
        except UnicodeDecodeError:
            valid = False
        assert is_utf8(sample) is is_utf8(b"x" * 20_000 + sample) is valid


@settings(max_examples=300)
@given(data=st.binary(max_size=60))
def test_mending_keeps_what_is_valid(data: bytes) -> None:
    mended, invalid = mend_utf8(data)
    mended.decode("utf-8")
    rebuilt, done = b"", 0
    for i in invalid:
        assert data[i.byte : i.byte + len(i.bytes)] == i.bytes
        rebuilt += data[done : i.byte] + b"\xef\xbf\xbd"
        done = i.byte + len(i.bytes)
    assert rebuilt + data[done:] == mended


@settings(max_examples=300)
@given(
    data=st.binary(max_size=60),
    name=st.sampled_from(
        [
            "utf-16-le",
            "utf-16-be",
            "utf-32-le",
            "utf-32-be",
            "ascii",
            "cp1252",
            "cp1257",
            "koi8_r",
            "tis_620",
            "cp932",
            "gbk",
            "big5",
        ]
    ),
    step=st.integers(1, 60),
)
def test_transcoding_doesnt_depend_on_blocks_and_can_be_counted_back(data: bytes, name: str, step: int) -> None:
    whole, pieces = Transcoder(name), Transcoder(name)
    text = whole.decode(data, final=True)
    cut = b"".join(pieces.decode(data[i : i + step], final=False) for i in range(0, len(data), step))
    assert cut + pieces.decode(b"", final=True) == text
    assert pieces.invalid == whole.invalid
    assert original_length(text, name, tuple(whole.invalid)) == len(data)


def test_every_code_is_documented() -> None:
    for code in ENCODING_CODES:
        assert code.family == "encoding"
        assert all((code.title, code.meaning, code.why, code.example, code.mend)), code.id
