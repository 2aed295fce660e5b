"""The manifest of a kept snapshot as JSON: its parts, what its fetch reported, and whose it is."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.findings import Location, Sample, Tally

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is known of a kept snapshot.

    :param resource_id: whose it is.
    :param place: see :meth:`potable.engine.snapshots.Snapshots.keep`.
    :param told: what its fetch reported.
    """

    resource_id: str
    place: str
    snapshot: Snapshot
    told: tuple[Tally, ...] = ()


def files_of(snapshot: Snapshot) -> Iterator[tuple[Path, str | None]]:
    """The files that a snapshot stands on, each with its SHA-256 where that's known."""
    for part in (*snapshot.parts, *snapshot.originals):
        yield part.path, part.sha256
        if part.insertions is not None:
            yield part.insertions, None


def write_manifest(file: Path, manifest: Manifest, digests: Mapping[Path, str]) -> None:
    """Write a manifest; files are named by their digests."""
    snapshot = manifest.snapshot
    members = {f.name: getattr(snapshot, f.name) for f in dataclasses.fields(snapshot)}
    for name in ("parts", "originals"):
        members[name] = [_part(part, digests) for part in getattr(snapshot, name)]
    data = {
        "format": FORMAT, "resourceID": manifest.resource_id, "place": manifest.place, "snapshot": members,
        "told": [_tally(tally) for tally in manifest.told],
    }  # fmt: skip
    file.write_text(json.dumps(data, ensure_ascii=False, default=_plain), encoding="utf-8")


def read_manifest(file: Path, blob: Callable[[str], Path], *, whole: bool = True) -> Manifest | None:
    """Read a manifest; None where it can't be, or (``whole``) a file that it names is missing or of another size.

    :param blob: the file of a digest.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            return None
        members = dict(data["snapshot"])
        for name in ("parts", "originals"):
            members[name] = tuple(_read_part(part, blob) for part in members[name])
        told = tuple(map(_read_tally, data["told"]))
        found = Manifest(resource_id=data["resourceID"], place=data["place"], snapshot=Snapshot(**members), told=told)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return found if not whole or all(map(_is_there, (*found.snapshot.parts, *found.snapshot.originals))) else None


def _is_there(part: Part) -> bool:
    try:
        put_in = part.insertions is None or part.insertions.is_file()
        return put_in and part.path.stat().st_size == part.bytes
    except OSError:
        return False


def _part(part: Part, digests: Mapping[Path, str]) -> dict[str, Any]:
    members = {f.name: getattr(part, f.name) for f in dataclasses.fields(part)}
    put_in = None if part.insertions is None else digests[part.insertions]
    return {**members, "path": digests[part.path], "insertions": put_in, "headers": dict(part.headers)}


def _read_part(members: Mapping[str, Any], blob: Callable[[str], Path]) -> Part:
    put_in = None if members["insertions"] is None else blob(members["insertions"])
    return Part(**{**members, "path": blob(members["path"]), "insertions": put_in})


def _tally(tally: Tally) -> dict[str, Any]:
    members = {f.name: getattr(tally, f.name) for f in dataclasses.fields(tally)}
    members["samples"] = [dataclasses.asdict(sample) for sample in tally.samples]
    members["records"] = _runs([int(n) for n in tally.records])
    return members


def _read_tally(members: Mapping[str, Any]) -> Tally:
    samples = tuple(Sample(**{**s, "location": Location(**s["location"])}) for s in members["samples"])
    records = tuple(n for first, last in members["records"] for n in range(first, last + 1))
    tally = Tally(**{**members, "samples": samples, "records": records})
    return replace(tally, fields=tuple(tally.fields))


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    """Numbers as runs of those that follow each other: ``[first, last]``."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs


def _plain(value: Any) -> Any:
    """What JSON lacks."""
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
