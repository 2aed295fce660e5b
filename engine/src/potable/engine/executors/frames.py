"""Messages between a run's process and its supervisor: a length of four bytes, big-endian, then so much JSON.

JSON, not pickle: what a checker may have tampered with is never unpickled.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from potable.engine.jsontext import dumps

FRAME_BYTES = 256 << 20
"""Longest frame: a report with all its samples is far below."""

_LENGTH = struct.Struct(">I")


class FrameError(Exception):
    """What came is no frame, or one that is too long."""


def encode(message: Mapping[str, Any], limit: int = FRAME_BYTES) -> bytes:
    """A message as a frame. Raises FrameError when it's too long."""
    body = dumps(message).encode("ascii")
    return header(len(body), limit) + body


def header(length: int, limit: int = FRAME_BYTES) -> bytes:
    """A frame's first four bytes. Raises FrameError for a length past the limit."""
    if length > limit:
        raise FrameError(f"a message of {length:,} bytes is past the limit of {limit:,}")
    return _LENGTH.pack(length)


class Frames:
    """Cuts a stream of bytes into messages."""

    def __init__(self, limit: int = FRAME_BYTES) -> None:
        self._limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The messages that ``data`` completes. Raises FrameError for what is none."""
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if length > self._limit:
                raise FrameError(f"it announced a message of {length:,} bytes")
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            try:
                message = json.loads(body)
            except (ValueError, RecursionError):
                raise FrameError("it sent a message that isn't JSON") from None
            if not isinstance(message, dict):
                raise FrameError("it sent a message that isn't an object")
            yield message
