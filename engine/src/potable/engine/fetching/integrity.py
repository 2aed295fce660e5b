"""What a definition declares about its bytes, compared with the bytes: ``bytes`` and ``hash``."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from potable.engine.contracts.reading import part_location
from potable.engine.fetching import codes
from potable.engine.findings import Location, Occurrence

if TYPE_CHECKING:
    from potable.engine.contracts.snapshot import Part
    from potable.engine.definition.model import SourceDefinition

_BY_LENGTH = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
_DECLARED = re.compile(r"(?:(?P<algorithm>[A-Za-z0-9_-]+):)?(?P<digest>[0-9A-Fa-f]+)")


def declared_faults(source: SourceDefinition, parts: Sequence[Part]) -> Iterator[Occurrence]:
    """``access/byte-count`` and ``access/checksum``, where a source's bytes aren't what its definition declares.

    Both are of the bytes as they came, compressed or not. ``bytes`` is the size of all parts together; ``hash``
    (``algorithm:hex``, or hex alone, told by its length) holds for a source of one part.
    """
    expected = _count(source.parameters.get("bytes"))
    size = sum(part.bytes for part in parts)
    at = part_location(parts[0]) if len(parts) == 1 else Location()
    if expected is not None and size != expected:
        words = f"the source has {size:,} bytes where the definition declares {expected:,}"
        yield Occurrence(codes.BYTE_COUNT.id, words, value=str(size), location=at, details={"declared": expected})
    declared = source.parameters.get("hash")
    difference = _difference(str(declared).strip(), parts[0]) if declared and len(parts) == 1 else None
    if difference is not None:
        yield Occurrence(codes.CHECKSUM.id, difference, location=at, details={"declared": str(declared)})


def _difference(declared: str, part: Part) -> str | None:
    match = _DECLARED.fullmatch(declared)
    name = (match["algorithm"] or _BY_LENGTH.get(len(match["digest"]), "")) if match else ""
    algorithm = name.lower().replace("-", "").replace("_", "")
    if match is None or algorithm not in _BY_LENGTH.values():
        known = ", ".join(_BY_LENGTH.values())
        return f"the declared hash {declared[:80]!r} can't be compared: it isn't algorithm:hex with one of {known}"
    digest = _digest(part, algorithm)
    if digest == match["digest"].lower():
        return None
    return f"{part.name} has the {algorithm} checksum {digest}, not the declared {match['digest'].lower()[:128]}"


def _digest(part: Part, algorithm: str) -> str:
    if algorithm == "sha256" and part.sha256 is not None:
        return part.sha256
    with part.path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()


def _count(declared: object) -> int | None:
    try:
        return None if declared is None or isinstance(declared, bool) else int(str(declared))
    except ValueError:
        return None
