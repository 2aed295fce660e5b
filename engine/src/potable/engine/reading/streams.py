"""The bytes of a part, decompressed and hashed while they are read."""

from __future__ import annotations

import bz2
import hashlib
import lzma
import os
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any, Protocol

from potable.engine.contracts.snapshot import Part
from potable.engine.findings import Fault, Location, Occurrence

if TYPE_CHECKING:
    from potable.engine.limits import Limits

RAW_PIECE = 1 << 18
"""Bytes read at once from a compressed file."""

_WINDOW = 1 << 12
"""A line end is looked for in so many bytes."""


class ByteStream:
    """The decompressed bytes of a part, once from start to end.

    gzip, bzip2, xz and zstd are known by their first bytes, whatever the file is called; several members in a row are
    one stream. Raises :class:`Fault`: ``access/not-found`` or ``access/unreachable`` when the file can't be opened or
    read, ``access/compression`` when it can't be unpacked or unpacks to more than ``Limits.inflated_bytes``,
    ``access/changed`` when it isn't the file any more that the fetcher saw.

    :ivar compressed: None, ``gzip``, ``bzip2``, ``xz`` or ``zstd``.
    :ivar position: decompressed bytes read so far.
    """

    def __init__(self, part: Part, limits: Limits, *, hashed: bool = True) -> None:
        """Open ``part``; ``hashed``: compute its SHA-256."""
        self.part = part
        self.position = 0
        self._limit = limits.inflated_bytes
        self._hash = hashlib.sha256() if hashed else None
        try:
            self._file: IO[bytes] = part.path.open("rb", buffering=0)
            self._stat = os.fstat(self._file.fileno())
            head = os.pread(self._file.fileno(), 16, 0)
        except OSError as e:
            raise self._unreadable(e) from None
        self.compressed = compression(head)
        self._inflater: _Inflater | None = None
        if self.compressed == "zstd":
            self._inflater = _Zstd(self._raw)
        elif self.compressed is not None:
            self._inflater = _Members(_MAKERS[self.compressed], self._raw)
        try:
            self._check(self._stat)
        except Fault:
            self._file.close()
            raise

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes; fewer only at the end."""
        if self._inflater is None:
            data = self._raw(size)
            if 0 < len(data) < size:  # a file may give less than asked for
                pieces = [data]
                while (missing := size - sum(map(len, pieces))) and (more := self._raw(missing)):
                    pieces.append(more)
                data = b"".join(pieces)
        else:
            data = self._inflate(self._inflater, size)
        self.position += len(data)
        return data

    def to_line_end(self, size: int) -> int:
        """At most ``size``: how many of the next bytes end with a line, if one ends near; else ``size``.

        Asking for just so many saves the caller from moving megabytes about.
        """
        if self._inflater is None and size > _WINDOW:
            try:
                window = os.pread(self._file.fileno(), _WINDOW, self.position + size - _WINDOW)
            except OSError as e:
                raise self._unreadable(e) from None
            behind = window.rfind(b"\n") + 1
            if len(window) == _WINDOW and behind:
                return size - _WINDOW + behind
        return size

    def seek(self, position: int) -> None:
        """Go to an offset of an uncompressed part (it isn't hashed then)."""
        assert self._inflater is None
        assert self._hash is None
        self._file.seek(position)
        self.position = position

    def drain(self) -> None:
        """Hash what is left of the file."""
        if self._hash is not None:
            while self._raw(1 << 21):
                pass

    def finish(self) -> None:
        """Check that the file is still as it was when it was opened. Raises ``access/changed``."""
        self._check(os.fstat(self._file.fileno()))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def seen(self) -> Part:
        """The part with the size and time that its file had when it was opened."""
        return replace(self.part, bytes=self._stat.st_size, mtime_ns=self._stat.st_mtime_ns)

    @property
    def digest(self) -> str | None:
        """SHA-256 (hex) of the file's bytes read so far; None when it isn't hashed."""
        return None if self._hash is None else self._hash.hexdigest()

    def _raw(self, size: int) -> bytes:
        try:
            data = self._file.read(size)
        except OSError as e:
            raise self._unreadable(e) from None
        if self._hash is not None:
            self._hash.update(data)
        return data

    def _inflate(self, inflater: _Inflater, size: int) -> bytes:
        pieces: list[bytes] = []
        missing = size
        try:
            while missing and (piece := inflater.read(missing)):
                pieces.append(piece)
                missing -= len(piece)
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as e:
            at = self.position + sum(map(len, pieces))
            cut_off = isinstance(e, EOFError)
            what = "breaks off" if cut_off else f"can't be unpacked ({_reason(e)})"
            message = f"the {self.compressed} data {what} after {at:,} bytes"
            raise self._fault("access/compression", message, at, _CUT_OFF if cut_off else None) from None
        if self.position + size - missing > self._limit:
            raise self._fault(
                "access/compression",
                f"{self.part.bytes:,} bytes of {self.compressed} unpack to more than {self._limit:,} bytes "
                "(Limits.inflated_bytes)",
                self._limit,
            )
        return b"".join(pieces) if len(pieces) != 1 else pieces[0]

    def _check(self, now: os.stat_result) -> None:
        part, first = self.part, self._stat
        before = (part.bytes if part.mtime_ns is not None else first.st_size, part.mtime_ns or first.st_mtime_ns)
        if (now.st_size, now.st_mtime_ns) != before:
            size = f"{before[0]:,} bytes before, {now.st_size:,} now" if now.st_size != before[0] else "its time"
            raise self._fault("access/changed", f"{part.name} was changed while it was read ({size})", None)

    def _unreadable(self, e: OSError) -> Fault:
        code = "access/not-found" if isinstance(e, FileNotFoundError) else "access/unreachable"
        return self._fault(code, f"{self.part.name} can't be read: {e.strerror or e}", None)

    def _fault(self, code: str, message: str, byte: int | None, hint: str | None = None) -> Fault:
        place = Location(file=self.part.name, url=self.part.url, byte=byte)
        return Fault(Occurrence(code, message, location=place, hint=hint))


_CUT_OFF = "The file is cut off: get it again, whole; if it's no longer at the source, tell its owner."


def compression(head: bytes) -> str | None:
    """The compression that a file's first bytes tell: ``gzip``, ``bzip2``, ``xz``, ``zstd`` or None."""
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if head.startswith(b"BZh") and head[4:10] in (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return "zstd"
    return None


class _Inflater(Protocol):
    def read(self, size: int) -> bytes:
        """At most ``size`` bytes; b"" at the end. Raises EOFError where the input breaks off."""


class _Gzip:
    """zlib's decompressor with the interface of those of bz2 and lzma."""

    def __init__(self) -> None:
        self._z = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._rest = b""
        self._full = False

    def decompress(self, data: bytes, max_length: int) -> bytes:
        out = self._z.decompress(self._rest + data if self._rest else data, max_length)
        self._rest = self._z.unconsumed_tail
        self._full = len(out) == max_length
        return out

    @property
    def eof(self) -> bool:
        return self._z.eof

    @property
    def needs_input(self) -> bool:
        return not self._rest and not self._full

    @property
    def unused_data(self) -> bytes:
        return self._z.unused_data


_MAKERS: dict[str, Callable[[], Any]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=1 << 28),
}


class _Members:
    """Members of a compressed file one after the other, and zeros behind them."""

    def __init__(self, make: Callable[[], Any], raw: Callable[[int], bytes]) -> None:
        self._make, self._raw = make, raw
        self._member: Any = make()
        self._input = b""
        self._fresh = False  # behind a whole member

    def read(self, size: int) -> bytes:
        while True:
            if self._fresh:
                self._input = (self._input or self._raw(RAW_PIECE)).lstrip(b"\0")
                if not self._input:
                    if not (more := self._raw(RAW_PIECE)):
                        return b""
                    self._input = more
                    continue
                self._member, self._fresh = self._make(), False
            out: bytes = self._member.decompress(self._input, size)
            self._input = b""
            if self._member.eof:
                self._input, self._fresh = self._member.unused_data, True
            elif not out and self._member.needs_input:
                self._input = self._raw(RAW_PIECE)
                if not self._input:
                    raise EOFError
            if out:
                return out


class _Zstd:
    """zstd by way of Arrow, which unpacks piece by piece."""

    def __init__(self, raw: Callable[[int], bytes]) -> None:
        import pyarrow as pa  # heavy

        self._stream = pa.CompressedInputStream(pa.PythonFile(_RawFile(raw), mode="r"), "zstd")  # type: ignore[arg-type]

    def read(self, size: int) -> bytes:
        try:
            data: bytes = self._stream.read(size)
        except OSError as e:
            if "runcated" in str(e):
                raise EOFError from None
            raise
        return data


class _RawFile:
    """What Arrow needs of a file."""

    closed = False

    def __init__(self, raw: Callable[[int], bytes]) -> None:
        self._raw = raw

    def read(self, size: int) -> bytes:
        return self._raw(size)

    def close(self) -> None:
        self.closed = True


def _reason(e: Exception) -> str:
    return str(e).strip().splitlines()[0][:120] if str(e).strip() else type(e).__name__
