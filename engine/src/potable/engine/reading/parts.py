"""What can be asked of a part without reading it as data."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from potable.engine.contracts.snapshot import Part
from potable.engine.reading.streams import ByteStream

if TYPE_CHECKING:
    from potable.engine.limits import Limits

HEAD = 8192


def head_of(part: Part, limits: Limits) -> bytes:
    """The first bytes of a part, decompressed: at most 8 KiB. Raises as :class:`ByteStream`."""
    with closing(ByteStream(part, limits, hashed=False)) as stream:
        return stream.read(HEAD)


def digest_of(part: Part, limits: Limits) -> str | None:
    """SHA-256 (hex) of a part's file. Raises as :class:`ByteStream`."""
    with closing(ByteStream(part, limits)) as stream:
        stream.drain()
        return stream.digest


def unchanged(part: Part, limits: Limits) -> Part:
    """A part with the size and time of its file. Raises :class:`Fault` (``access/changed``) where it had others."""
    with closing(ByteStream(part, limits, hashed=False)) as stream:
        return stream.seen
