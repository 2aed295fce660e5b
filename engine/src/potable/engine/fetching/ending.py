"""Data whose server didn't say how long they are: whether they came to their end, or the transfer broke off.

A body without a length ends where the connection does (RFC 9112 §6.3), and so does one that was cut. Only TLS tells
the two apart, where the server closes it in good order (§9.8).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from potable.engine.fetching import codes
from potable.engine.fetching.faults import occurrence
from potable.engine.findings import Occurrence, clip

if TYPE_CHECKING:
    from potable.engine.contracts.snapshot import Part, Snapshot

_TAIL = 4096
_LINES = frozenset({"csv", "tsv", "jsonl"})
"""Formats of records in lines: what was cut off behind one can't be missed. All others' end shows by itself."""


def unproven(snapshot: Snapshot, format_: str, open_ended: Collection[str]) -> list[Part]:
    """The parts of which nobody can say whether they are whole.

    :param format_: the data's format.
    :param open_ended: URLs, as shown, of answers that ended with the connection.
    """
    if not open_ended or snapshot.not_modified or snapshot.originals:  # an archive's directory stands at its end
        return []
    return [p for p in snapshot.parts if p.url in open_ended and (format_ in _LINES or _has_lines(p.path))]


def doubtful(parts: Collection[Part]) -> Iterator[Occurrence]:
    """What looks as if the end were missing: all lines but the last one have a line end."""
    for part in parts:
        lines = _lines(part.path)
        if len(lines) < 2 or not lines[-1] or _is_whole(lines[-1]):
            continue
        last = clip(lines[-1].decode("utf-8", "replace"), 100)
        words = f"the server announces no length, and the data end within a line, perhaps too early: {last!r}"
        yield occurrence(codes.UNPROVEN_END, part.url or part.name, words)


def _has_lines(file: Path) -> bool:
    """Whether it's JSON Lines, by whatever name."""
    lines = [line for line in _lines(file) if line.strip()]
    return len(lines) > 1 and all(line.lstrip().startswith(b"{") for line in lines[1:])


def _is_whole(line: bytes) -> bool:
    """Whether it's a record of JSON Lines."""
    line = line.strip()
    return line.startswith(b"{") and line.endswith(b"}")


def _lines(file: Path) -> list[bytes]:
    """The last lines, without their ends; empty where they're those of something else than text."""
    with file.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _TAIL))
        tail = stream.read(_TAIL).replace(b"\0", b"")  # UTF-16
    if any(byte < 9 or 13 < byte < 32 for byte in tail.rstrip(b"\x1a")):
        return []
    return tail.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
