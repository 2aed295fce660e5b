"""Streams: hashed while read, unpacked by their first bytes, never past a bound, never changed unnoticed."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from potable.engine.contracts.snapshot import Part
from potable.engine.findings import Fault
from potable.engine.limits import Limits
from potable.engine.reading.streams import ByteStream

Read = Callable[..., Any]
DATA = b"id,name\n" + b"".join(b"%d,name %d\n" % (i, i) for i in range(50_000))


def zstd(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


PACKERS = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "zstd": zstd}
packed = pytest.mark.parametrize("name", PACKERS)


def part_of(folder: Path, data: bytes) -> Part:
    path = folder / "data"
    path.write_bytes(data)
    return Part(name="data", path=path, bytes=len(data), mtime_ns=path.stat().st_mtime_ns)


def whole(stream: ByteStream, size: int = 9999) -> bytes:
    return b"".join(iter(lambda: stream.read(size), b""))


def test_plain_bytes_are_hashed_while_read(tmp_path: Path) -> None:
    stream = ByteStream(part_of(tmp_path, DATA), Limits())
    assert stream.compressed is None
    assert whole(stream) == DATA
    assert stream.position == len(DATA)
    assert stream.digest == hashlib.sha256(DATA).hexdigest()
    stream.finish()
    stream.close()


@packed
def test_compressed_bytes_are_known_by_their_first_bytes(tmp_path: Path, name: str) -> None:
    data = PACKERS[name](DATA)
    stream = ByteStream(part_of(tmp_path, data), Limits())
    assert stream.compressed == name
    assert whole(stream) == DATA
    stream.drain()
    assert stream.digest == hashlib.sha256(data).hexdigest()
    stream.close()


@packed
def test_members_in_a_row_are_one_stream(tmp_path: Path, name: str) -> None:
    data = PACKERS[name](DATA) + PACKERS[name](b"more") + (b"\0" * 600 if name != "zstd" else b"")
    stream = ByteStream(part_of(tmp_path, data), Limits())
    assert whole(stream) == DATA + b"more"
    stream.close()


@packed
def test_compressed_data_that_break_off(tmp_path: Path, name: str) -> None:
    data = PACKERS[name](DATA)[:-20]
    stream = ByteStream(part_of(tmp_path, data), Limits())
    with pytest.raises(Fault, match=r"breaks off after [\d,]+ bytes") as caught:
        whole(stream)
    assert caught.value.occurrence.code == "access/compression"
    assert "get it again, whole" in str(caught.value.occurrence.hint)
    stream.close()


@pytest.mark.parametrize("name", ["gzip", "bzip2", "xz"])  # zstd has no checksum unless its writer adds one
def test_compressed_data_that_are_corrupt(tmp_path: Path, name: str) -> None:
    data = bytearray(PACKERS[name](DATA))
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(b ^ 0x55 for b in data[middle : middle + 40])
    stream = ByteStream(part_of(tmp_path, bytes(data)), Limits())
    with pytest.raises(Fault) as caught:
        whole(stream)
    assert caught.value.occurrence.code == "access/compression"
    stream.close()


def read_all(stream: ByteStream) -> None:
    while stream.read(1 << 20):
        pass


def bomb(name: str, megabytes: int) -> bytes:
    out = io.BytesIO()
    block = bytes(1 << 20)
    if name == "gzip":
        z = zlib.compressobj(9, zlib.DEFLATED, 31)
        return b"".join(z.compress(block) for _ in range(megabytes)) + z.flush()
    if name == "zstd":
        return zstd(block * megabytes)
    opener: Any = {"bzip2": bz2.BZ2File, "xz": lzma.LZMAFile}[name]
    with opener(out, "wb") as f:
        for _ in range(megabytes):
            f.write(block)
    return out.getvalue()


@packed
def test_a_bomb_is_stopped_at_the_cap_with_flat_memory(tmp_path: Path, name: str) -> None:
    part = part_of(tmp_path, bomb(name, 64))
    assert part.bytes < 1 << 17
    stream = ByteStream(part, Limits(inflated_bytes=32 << 20))
    tracemalloc.start()
    with pytest.raises(Fault, match=r"Limits\.inflated_bytes") as caught:
        read_all(stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.occurrence.code == "access/compression"
    assert peak < 12 << 20  # xz has a dictionary of 8 MiB
    stream.close()


def test_a_text_that_starts_like_bzip2_is_text(tmp_path: Path) -> None:
    stream = ByteStream(part_of(tmp_path, b"BZh1,x\n1,2\n"), Limits())
    assert stream.compressed is None
    stream.close()


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        ByteStream(Part(name="x", path=tmp_path / "x", bytes=1), Limits())
    assert caught.value.occurrence.code == "access/not-found"


def test_a_file_changed_since_it_was_fetched(tmp_path: Path) -> None:
    part = part_of(tmp_path, DATA)
    part.path.write_bytes(DATA + b"x")
    with pytest.raises(Fault) as caught:
        ByteStream(part, Limits())
    assert caught.value.occurrence.code == "access/changed"


def test_a_file_changed_while_it_is_read(tmp_path: Path) -> None:
    part = part_of(tmp_path, DATA)
    stream = ByteStream(part, Limits())
    whole(stream)
    os.utime(part.path, ns=(1, 1))
    with pytest.raises(Fault) as caught:
        stream.finish()
    assert caught.value.occurrence.code == "access/changed"
    stream.close()


@packed
def test_a_compressed_table(read: Read, name: str) -> None:
    data = PACKERS[name](b"a,b\n1,2\n\n3\n")
    result = read(data)
    assert result.rows == [("1", "2"), ("3", None)]
    assert result.lines == [(2, 4), (4, 9)]
    assert result.digests == {"data.csv": hashlib.sha256(data).hexdigest()}


@packed
def test_a_compressed_table_that_breaks_off_gives_what_it_has(read: Read, name: str) -> None:
    result = read(PACKERS[name](DATA)[:-9], limits=Limits(chunk_bytes=1 << 14))
    assert result.fault.code == "access/compression"
    assert result.digests.keys() == {"data.csv"}
