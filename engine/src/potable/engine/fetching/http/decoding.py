"""Content codings of HTTP (RFC 9110 §8.4.1): a body is unpacked piece by piece, never past a bound."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Literal

from potable.engine.findings import Fault

PIECE = 1 << 18
"""Most bytes that one step of unpacking gives."""

_NONE = frozenset({
    "", "identity", "none", "utf-8", "utf8", "iso-8859-1", "us-ascii", "7bit", "8bit", "binary", "aws-chunked",
})  # fmt: skip
"""What is no coding: all but the first two are seen in the wild, where a charset, a coding of mail or what an upload to
object storage used is taken for one."""
_GZIP = ("gzip", "x-gzip")
_ARROW: dict[str, Literal["brotli", "zstd"]] = {"br": "brotli", "zstd": "zstd"}
_SUFFIXES = {"gzip": (".gz", ".tgz"), "x-gzip": (".gz", ".tgz"), "br": (".br",), "zstd": (".zst", ".tzst")}


class BadCoding(Exception):
    """A body that isn't what its content coding says, or has an unknown one; ``str()`` says what."""


def codings_of(header: str, path: str) -> tuple[str, ...]:
    """The codings to undo, the last applied one first.

    A file that is itself called ``.gz`` and sent as ``Content-Encoding: gzip`` is kept as it is: a common server
    configuration says so of files that are stored compressed, and its checksum is that of the compressed file.
    """
    codings = [c for c in (part.strip().lower() for part in header.split(",")) if c not in _NONE]
    if len(codings) == 1 and path.lower().endswith(_SUFFIXES.get(codings[0], ())):
        return ()
    return tuple(reversed(codings))


def decode(
    pieces: Iterator[bytes], codings: tuple[str, ...], most: int, too_large: Callable[[], Fault]
) -> Iterator[bytes]:
    """The body with its codings undone, in pieces of at most 256 KiB.

    :param most: most bytes to give; past them ``too_large()`` is raised.

    Raises :class:`BadCoding`.
    """
    if len(codings) > 2:
        raise BadCoding(f"{len(codings)} content codings on top of each other are too many")
    for coding in codings:
        pieces = _bounded(_undo(pieces, coding), most, too_large)
    return pieces


def _bounded(pieces: Iterator[bytes], most: int, too_large: Callable[[], Fault]) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > most:
            raise too_large()
        yield piece


def _undo(pieces: Iterator[bytes], coding: str) -> Iterator[bytes]:
    if coding in _GZIP:
        return _inflate(pieces, coding, lambda _: zlib.decompressobj(16 + zlib.MAX_WBITS), members=True)
    if coding == "deflate":
        return _inflate(pieces, coding, _deflate, members=False)
    if coding in _ARROW:
        return _arrow(pieces, coding)
    raise BadCoding(f"the content coding {coding[:40]!r} is unknown")


def _deflate(start: bytes) -> Any:
    # "deflate" means the zlib format, but some servers send the bare stream: its first byte can't be a zlib header.
    wrapped = start[0] & 0x0F == 8 and (len(start) < 2 or int.from_bytes(start[:2], "big") % 31 == 0)
    return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)


def _inflate(pieces: Iterator[bytes], coding: str, new: Callable[[bytes], Any], *, members: bool) -> Iterator[bytes]:
    engine: Any = None
    try:
        for piece in pieces:
            left, more = piece, False
            while left or more:
                if engine is None:
                    engine = new(left)
                out = engine.decompress(left, PIECE)
                if out:
                    yield out
                if engine.eof:
                    if not members:
                        return
                    left, more, engine = engine.unused_data.lstrip(b"\0"), False, None
                else:  # a full piece may have been cut, its rest still inside the engine
                    left, more = engine.unconsumed_tail, len(out) == PIECE
    except zlib.error as error:
        raise BadCoding(f"the body isn't valid {coding} ({error})") from None
    if engine is not None:
        raise BadCoding(f"the {coding} body breaks off before its end")


class _Pieces(io.RawIOBase):
    """Pieces as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def _arrow(pieces: Iterator[bytes], coding: str) -> Iterator[bytes]:
    import pyarrow as pa  # heavy, and such bodies are rare

    caught: list[Exception] = []

    def guarded() -> Iterator[bytes]:
        try:
            yield from pieces
        except Exception as error:
            caught.append(error)  # Arrow would wrap it
            raise

    try:
        with pa.CompressedInputStream(pa.PythonFile(_Pieces(guarded()), mode="r"), _ARROW[coding]) as stream:
            while piece := stream.read(PIECE):
                yield piece
    except (OSError, pa.ArrowException) as error:
        if caught:
            raise caught[0] from None
        if "Truncated" in str(error):
            raise BadCoding(f"the {coding} body breaks off before its end") from None
        raise BadCoding(f"the body isn't valid {coding} ({str(error)[:200]})") from None
