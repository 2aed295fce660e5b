"""The folder of kept snapshots.

It holds ``bytes/<sha256>``, each content once, and ``sources/<digest>/<sha256>.json``, a manifest for each
snapshot of a source; ``latest`` beside it names the newest. Sources share bytes and nothing else: what a server said of
them (address, ETag, dates) is each one's own. Local files aren't kept: they are there already.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.errors import UsageError
from potable.engine.findings import Tally
from potable.engine.snapshots.manifest import Manifest, files_of, read_manifest, write_manifest

SHORTEST = 8
"""Fewest characters of a hash that name a snapshot."""
_LATEST = "latest"
_YOUNG = 3600.0
"""Seconds for which bytes without a manifest are left alone: it may be about to be written."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept snapshot, and what its fetch reported."""

    snapshot: Snapshot
    told: tuple[Tally, ...] = ()


class Snapshots:
    """The kept snapshots of one folder. Any number of processes may use it at once.

    :param folder: made when the first snapshot is kept.
    :param most_bytes: past this size the snapshots that were used longest ago are dropped.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder = folder
        self.most_bytes = most_bytes

    def keep(self, snapshot: Snapshot, resource_id: str, place: str, told: Sequence[Tally] = ()) -> None:
        """Keep a fetched snapshot whose digests are known, in the place of an earlier one of the same bytes.

        A part of a source, one that is larger than everything that may be kept, or that has a local file, isn't kept.

        :param resource_id: whose it is.
        :param place: what the source is known by, for :meth:`latest`: another text for another place of the data.
        :param told: what the fetch reported.
        :raises OSError: the folder can't be written to.
        """
        name, parts = snapshot.sha256, (*snapshot.parts, *snapshot.originals)
        if name is None or snapshot.partial or any(p.mtime_ns is not None for p in parts):
            return
        if sum({str(p.sha256): p.bytes for p in parts}.values()) > self.most_bytes:
            return
        home = self._home(place)
        home.mkdir(parents=True, exist_ok=True)
        file = home / f"{name}.json"
        if snapshot.not_modified and file.is_file():
            os.utime(file)
        else:
            manifest = Manifest(resource_id=resource_id, place=place, snapshot=snapshot, told=tuple(told))
            digests = {path: self._put(path, digest) for path, digest in files_of(snapshot)}
            _replace(file, lambda made: write_manifest(made, manifest, digests))
        _replace(home / _LATEST, lambda made: made.write_text(name, encoding="ascii"))
        self._prune(file)

    def latest(self, place: str) -> Kept | None:
        """The newest kept snapshot of a place, its bytes compared with their hashes; None without a sound one."""
        home = self._home(place)
        try:
            file = home / f"{digits((home / _LATEST).read_text(encoding='ascii'))}.json"
        except (OSError, ValueError, UsageError):
            return None
        manifest = read_manifest(file, self._blob)
        if manifest is None or self._damaged(manifest.snapshot) is not None:
            return None
        _touch(file)
        return Kept(manifest.snapshot, manifest.told)

    def find(self, digest: str, resource_id: str, place: str = "") -> Kept:
        """The kept snapshot of a source with this SHA-256 (hex), or with one that begins so (8 characters at least).

        Of several with the same bytes that of ``place``, else the newest.

        :raises UsageError: there is none, several, it's another source's, or its bytes aren't what they were.
        """
        wanted = digits(digest)
        found = [(f, m) for f in self._manifests(wanted) if (m := read_manifest(f, self._blob)) is not None]
        own = [(f, m) for f, m in found if m.resource_id == resource_id]
        if not own and found:
            others = ", ".join(sorted({m.resource_id for _, m in found})[:3])
            raise UsageError(f"the snapshot {digest} is of the source {others}, not of {resource_id}")
        if not own:
            raise UsageError(f"no snapshot {digest} of {resource_id} is kept; a report names the one it was made from")
        if len({f.stem for f, _ in own}) > 1:
            raise UsageError(f"several kept snapshots of {resource_id} begin with {digest}: give more of the hash")
        file, manifest = max(own, key=lambda fm: (fm[1].place == place, fm[1].snapshot.fetched))
        damaged = self._damaged(manifest.snapshot)
        if damaged is not None:
            raise UsageError(
                f"the kept snapshot {digest} of {resource_id} is damaged: the bytes of {damaged.name} aren't those of "
                f"their SHA-256 {damaged.sha256}; run without --snapshot to fetch the source as it is now"
            )
        _touch(file)
        return Kept(manifest.snapshot, manifest.told)

    def _home(self, place: str) -> Path:
        return self.folder / "sources" / hashlib.sha256(place.encode()).hexdigest()

    def _blob(self, digest: str) -> Path:
        return self.folder / "bytes" / digest

    def _manifests(self, start: str = "") -> Iterator[Path]:
        homes = self.folder / "sources"
        with contextlib.suppress(FileNotFoundError):  # another process may drop some
            for home in homes.iterdir():
                yield from (f for f in home.iterdir() if f.suffix == ".json" and f.name.startswith(start))

    def _put(self, path: Path, digest: str | None) -> str:
        """Keep a file's bytes under their hash, which is made where it isn't known; what is there already stays."""
        digest = digest or _digest_of(path) or ""
        blob = self._blob(digest)
        if blob.is_file() and (path.samefile(blob) or _digest_of(blob) == digest):
            return digest
        blob.parent.mkdir(parents=True, exist_ok=True)
        _replace(blob, lambda made: shutil.copyfile(path, made))
        return digest

    def _damaged(self, snapshot: Snapshot) -> Part | None:
        """The first part whose file isn't what it was: it's dropped, so that nobody takes it for what it was."""
        for part in (*snapshot.parts, *snapshot.originals):
            files = {part.path: part.sha256} | ({part.insertions: part.insertions.name} if part.insertions else {})
            for path, digest in files.items():
                if _digest_of(path) != digest:
                    with contextlib.suppress(OSError):
                        path.unlink()
                    return part
        return None

    def _prune(self, last: Path) -> None:
        """Drop what was used longest ago, but never the last one."""
        sizes = {}
        for blob in (self.folder / "bytes").iterdir():
            with contextlib.suppress(OSError):  # another process may drop it
                sizes[blob.name] = blob.stat().st_size
        total = sum(sizes.values())
        if total <= self.most_bytes:
            return
        used, needs, users = [], dict[Path, set[str]](), Counter[str]()
        for file in self._manifests():
            with contextlib.suppress(OSError):
                used.append((file.stat().st_mtime_ns, file))
            manifest = read_manifest(file, self._blob, whole=False)
            needs[file] = {path.name for path, _ in files_of(manifest.snapshot)} if manifest is not None else set()
            users.update(needs[file])
        for name in [n for n in sizes if not users[n]]:
            total -= self._drop_bytes(name, sizes, young=_YOUNG)
        for _, file in sorted(used):
            if total <= self.most_bytes:
                return
            if file == last:
                continue
            file.unlink(missing_ok=True)
            users.subtract(needs[file])
            total -= sum(self._drop_bytes(name, sizes) for name in needs[file] if not users[name])

    def _drop_bytes(self, name: str, sizes: dict[str, int], young: float = 0.0) -> int:
        """Drop bytes that no manifest names any more; gives how many."""
        blob = self._blob(name)
        try:
            if young and blob.stat().st_mtime > time.time() - young:
                return 0
            blob.unlink()
        except OSError:
            return 0
        return sizes.pop(name, 0)


def digits(digest: str) -> str:
    """A snapshot's SHA-256, or the beginning of one, as it's compared. Raises UsageError for what is none."""
    wanted = digest.strip().lower() if isinstance(digest, str) else ""
    if not SHORTEST <= len(wanted) <= 64 or any(c not in "0123456789abcdef" for c in wanted):
        raise UsageError(f"{digest!r} isn't the SHA-256 of a snapshot: give at least {SHORTEST} of its hex digits")
    return wanted


def _touch(file: Path) -> None:
    with contextlib.suppress(OSError):  # another process may have dropped it
        os.utime(file)


def _digest_of(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _replace(file: Path, write: Callable[[Path], object]) -> None:
    """Write a file under another name first, so that nobody sees half of it."""
    number, made = tempfile.mkstemp(prefix=".new-", dir=file.parent)
    os.close(number)
    try:
        write(Path(made))
        Path(made).replace(file)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise
