"""Kept snapshots: the bytes of earlier fetches by their hash, so that a report can be made again from the same bytes
and an unchanged source isn't fetched twice.

A folder holds ``<sha256>/manifest.json`` and beside it the parts' files, ``0``, ``1``, ...; ``latest/<digest>`` names
the newest snapshot of a source. Local files aren't kept: they are there already, and only their hash is compared.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.errors import UsageError

MANIFEST = "manifest.json"
SHORTEST = 8
"""Fewest characters of a hash that name a snapshot."""


class Snapshots:
    """The kept snapshots of one folder. Any number of processes may use it at once.

    :param folder: made when the first snapshot is kept.
    :param most_bytes: past this size the snapshots that were used longest ago are dropped.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder = folder
        self.most_bytes = most_bytes

    def keep(self, snapshot: Snapshot, source: str) -> None:
        """Keep a fetched snapshot whose digests are known; one that is larger than everything that may be kept, or that
        has a local file, isn't.

        :param source: what the source is known by, for :meth:`latest`: another text for another place of the data.
        :raises OSError: the folder can't be written to.
        """
        name = snapshot.sha256
        if name is None or snapshot.bytes > self.most_bytes or any(p.mtime_ns is not None for p in snapshot.parts):
            return
        home = self.folder / name
        if not (home / MANIFEST).is_file():
            self._write(home, snapshot)
        os.utime(home / MANIFEST)
        self._point(source, name)
        self._prune(name)

    def latest(self, source: str) -> Snapshot | None:
        """The newest kept snapshot of a source; None without one."""
        try:
            name = (self.folder / "latest" / _digest(source)).read_text(encoding="ascii")
        except OSError:
            return None
        return _load(self.folder / name)

    def find(self, digest: str) -> Snapshot:
        """The kept snapshot with this SHA-256 (hex), or with one that begins so (8 characters at least).

        :raises UsageError: there is none, or several.
        """
        wanted = digits(digest)
        names = [home.name for home in self._homes() if home.name.startswith(wanted)]
        if len(names) > 1:
            raise UsageError(f"{len(names)} kept snapshots begin with {digest}: give more of the hash")
        snapshot = _load(self.folder / names[0]) if names else None
        if snapshot is None:
            raise UsageError(f"no snapshot {digest} is kept; a report names the one it was made from")
        os.utime(self.folder / names[0] / MANIFEST)
        return snapshot

    def _homes(self) -> Iterator[Path]:
        if self.folder.is_dir():
            yield from (home for home in self.folder.iterdir() if (home / MANIFEST).is_file())

    def _write(self, home: Path, snapshot: Snapshot) -> None:
        """Write into a folder of another name first, so that a kept snapshot is always whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix="new-", dir=self.folder))
        try:
            for n, part in enumerate(snapshot.parts):
                shutil.copyfile(part.path, made / str(n))
            (made / MANIFEST).write_text(json.dumps(_to_dict(snapshot), ensure_ascii=False), encoding="utf-8")
            with contextlib.suppress(FileExistsError):
                made.rename(home)
        except OSError as e:
            if not (home / MANIFEST).is_file():  # another process may have been first
                raise
            del e
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _point(self, source: str, name: str) -> None:
        pointer = self.folder / "latest" / _digest(source)
        pointer.parent.mkdir(exist_ok=True)
        number, made = tempfile.mkstemp(dir=pointer.parent)
        with open(number, "w", encoding="ascii") as file:  # noqa: PTH123 - a descriptor
            file.write(name)
        Path(made).replace(pointer)

    def _prune(self, last: str) -> None:
        """Drop what was used longest ago, but never the last one."""
        homes = []
        for home in self._homes():
            with contextlib.suppress(OSError):  # another process may drop it
                used = (home / MANIFEST).stat().st_mtime_ns
                homes.append((used, home, sum(f.stat().st_size for f in home.iterdir())))
        total = sum(size for _, _, size in homes)
        for _, home, size in sorted(homes):
            if total <= self.most_bytes:
                return
            if home.name != last:
                shutil.rmtree(home, ignore_errors=True)
                total -= size


def digits(digest: str) -> str:
    """A snapshot's SHA-256, or the beginning of one, as it's compared. Raises UsageError for what is none."""
    wanted = digest.strip().lower()
    if not SHORTEST <= len(wanted) <= 64 or any(c not in "0123456789abcdef" for c in wanted):
        raise UsageError(f"{digest!r} isn't the SHA-256 of a snapshot: give at least {SHORTEST} of its hex digits")
    return wanted


def _digest(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()


def _to_dict(snapshot: Snapshot) -> dict[str, Any]:
    known = dataclasses.asdict(snapshot)
    for n, part in enumerate(known["parts"]):
        part["path"] = str(n)
    return known


def _load(home: Path) -> Snapshot | None:
    try:
        known = json.loads((home / MANIFEST).read_text(encoding="utf-8"))
        parts = tuple(Part(**{**part, "path": home / part["path"]}) for part in known.pop("parts"))
        snapshot = Snapshot(parts=parts, **known)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    whole = all(p.path.is_file() and p.path.stat().st_size == p.bytes for p in parts)
    return snapshot if whole else None
