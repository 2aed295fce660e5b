"""What a definition declares about its bytes, compared with the bytes as they came: ``bytes``, ``hash``,
``compression``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from potable.engine.contracts.reading import part_location
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.fetching import codes
from potable.engine.fetching.sniffing.signatures import binary_kind
from potable.engine.findings import Fault, Location, Occurrence
from potable.engine.lazyregex import lazy_regex

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Part
    from potable.engine.definition.model import SourceDefinition

DECLARED = ("hash", "bytes")
"""Parameters that only all of the data can be compared with."""

_BY_LENGTH = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
_DECLARED = lazy_regex(r"(?:(?P<algorithm>[A-Za-z0-9_-]+):)?(?P<digest>[0-9A-Fa-f]+)")
_PACKED = {"gzip": "gzip", "bzip2": "bz2", "xz": "xz", "zstd": "zstd", "zip": "zip", "excel": "zip"}
_MADE_HERE = frozenset({"SQL", "DISCO", "INLINE"})
"""Methods whose bytes nobody has compressed."""


def declared_faults(source: SourceDefinition, parts: Sequence[Part]) -> Iterator[Occurrence]:
    """``access/byte-count``, ``access/checksum`` and ``access/compression``, where a source's bytes aren't what its
    definition declares.

    All are of the bytes as they came: of an archive, not of what it holds. ``bytes`` is the size of all parts together;
    ``hash`` is ``algorithm:hex``, or hex alone, told by its length. Of several parts it's the SHA-256 that a report
    gives as ``source.snapshot.sha256``.

    :param parts: as they came (:attr:`~potable.engine.contracts.snapshot.Snapshot.came`).
    """
    expected = _count(source.parameters.get("bytes"))
    size = sum(part.bytes for part in parts)
    at = part_location(parts[0]) if len(parts) == 1 else Location()
    if expected is not None and size != expected:
        words = f"the source has {size:,} bytes where the definition declares {expected:,}"
        yield Occurrence(codes.BYTE_COUNT.id, words, value=str(size), location=at, details={"declared": expected})
    declared = source.parameters.get("hash")
    difference = _difference(str(declared).strip(), parts) if declared else None
    if difference is not None:
        yield Occurrence(codes.CHECKSUM.id, difference, location=at, details={"declared": str(declared)})
    packed = source.parameters.get("compression")
    if packed and source.ingest_method not in _MADE_HERE:
        for part in parts:
            yield from _compression(source, str(packed), part)


@contextmanager
def compared_anyway(source: SourceDefinition, parts: Sequence[Part], context: FetchContext) -> Iterator[None]:
    """Around what takes parts apart: where that fails, the declarations tell why."""
    try:
        yield
    except Fault:
        for said in declared_faults(source, parts):
            context.report(said)
        raise


def _difference(declared: str, parts: Sequence[Part]) -> str | None:
    match = _DECLARED.fullmatch(declared)
    name = (match["algorithm"] or _BY_LENGTH.get(len(match["digest"]), "")) if match else ""
    algorithm = name.lower().replace("-", "").replace("_", "")
    if match is None or algorithm not in _BY_LENGTH.values():
        known = ", ".join(_BY_LENGTH.values())
        return f"the declared hash {declared[:80]!r} can't be compared: it isn't algorithm:hex with one of {known}"
    if len(parts) > 1 and algorithm != "sha256":
        return f"the declared hash can't be compared: of a source of {len(parts):,} parts there's only the SHA-256"
    digest = _digest(parts[0], algorithm) if len(parts) == 1 else _of_several(parts)
    if digest == match["digest"].lower():
        return None
    what = parts[0].name if len(parts) == 1 else f"the list of the {len(parts):,} parts"
    return f"{what} has the {algorithm} checksum {digest}, not the declared {match['digest'].lower()[:128]}"


def _digest(part: Part, algorithm: str) -> str:
    if algorithm == "sha256" and part.sha256 is not None:
        return part.sha256
    with part.path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()


def _of_several(parts: Sequence[Part]) -> str | None:
    hashed = tuple(replace(part, sha256=_digest(part, "sha256")) for part in parts)
    return Snapshot(parts=hashed, fetched="").sha256


def _compression(source: SourceDefinition, declared: str, part: Part) -> Iterator[Occurrence]:
    with part.path.open("rb") as file:
        kind = binary_kind(file.read(1 << 13))
    if kind == "excel" and source.format == "excel":
        kind = None  # it's how such a file is, not how it's packed
    found = _PACKED.get(kind or "", "none")
    if found != declared:
        is_what = "isn't compressed" if found == "none" else f"is compressed by {found}"
        words = f"{part.name} {is_what}, where the definition declares compression: {declared}"
        hint = f"Correct compression in the definition (or leave it out: it's told from the bytes), here: {found}."
        details = {"declared": declared, "found": found}
        yield Occurrence(
            codes.COMPRESSION.id, words, value=found, location=part_location(part, byte=0), hint=hint, details=details
        )


def _count(declared: object) -> int | None:
    try:
        return None if declared is None or isinstance(declared, bool) else int(str(declared))
    except ValueError:
        return None
