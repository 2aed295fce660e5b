"""The bytes of a source as they came: a :class:`Snapshot` is a list of :class:`Part`."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from potable.engine.handed import a_kind, holds, whole_number
from potable.engine.jsontext import plain

_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of a source.

    :param name: relative to the definition, with ``/``; ``archive.zip/member`` inside an archive.
    :param path: the local file that holds its bytes: the source itself when it's local (it isn't copied), else a
        file in the run's scratch folder or the snapshot store.
    :param bytes: size of that file.
    :param sha256: hex digest of that file; None until it has been read once (a local file is hashed while read). That
        which a plugin gives is made sure of.
    :param url: where it came from; None for a local file.
    :param media_type: the type that the server announced, lower-case, without parameters.
    :param charset: the charset that the server announced, lower-case.
    :param headers: the response's headers, names in lower-case.
    :param mtime_ns: modification time when it was opened, for a local file: a change during the run is a fault.
    :param version: what tells this version of the file from others, as its server does (an ETag, or size and time);
        None: nothing does, or the headers do.
    :param insertions: a file that says what was put into the part after it had come, and where; see
        :mod:`potable.engine.fetching.details.insertions`. Places are told without it.
    """

    name: str
    path: Path
    bytes: int
    sha256: str | None = None
    url: str | None = None
    media_type: str | None = None
    charset: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    mtime_ns: int | None = None
    version: str | None = None
    insertions: Path | None = None

    def __post_init__(self) -> None:
        """What is none fails where it's made, in the fetcher."""
        if not isinstance(self.path, Path):
            raise TypeError(f"Part.path is {a_kind(self.path)}, not a pathlib.Path")
        for name in ("name", "sha256", "url", "media_type", "charset", "version"):
            given = getattr(self, name)
            if not isinstance(given, str) and (given is not None or name == "name"):
                raise TypeError(f"Part.{name} is {a_kind(given)}, not a text")
        if self.sha256 is not None and not (len(self.sha256) == 64 and set(self.sha256) <= _HEX):
            raise ValueError(
                f"Part.sha256 is {self.sha256[:100]!r}: write 64 hexadecimal digits in lower-case, or None"
            )
        object.__setattr__(self, "bytes", whole_number(self.bytes, "Part.bytes"))
        if self.mtime_ns is not None:
            object.__setattr__(self, "mtime_ns", whole_number(self.mtime_ns, "Part.mtime_ns"))
        if not isinstance(self.headers, Mapping):
            raise TypeError(f"Part.headers is {a_kind(self.headers)}, not a mapping")

    def to_dict(self) -> dict[str, Any]:
        """Its line in the manifest: name, url, sha256, bytes."""
        return {"name": self.name, "url": self.url, "sha256": self.sha256, "bytes": self.bytes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All parts of a source in reading order, as fetched once.

    :param fetched: time of the fetch, ISO 8601 in UTC with ``Z``.
    :param etag: HTTP's ETag of a source of one part.
    :param last_modified: HTTP's Last-Modified of a source of one part.
    :param not_modified: True when the server said that a kept snapshot still holds.
    :param details: further facts of the fetch for the report's metrics, JSON-compatible.
    :param originals: the files as they came, where the parts were made of them: archives, lists without their details;
        and those that are parts themselves beside them. Empty: the parts are as they came.
    :param partial: True where no more was fetched than a sample takes.
    """

    parts: tuple[Part, ...]
    fetched: str
    etag: str | None = None
    last_modified: str | None = None
    not_modified: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)
    originals: tuple[Part, ...] = ()
    partial: bool = False

    def __post_init__(self) -> None:
        """What is none fails where it's made, in the fetcher."""
        for name in ("parts", "originals"):
            holds(getattr(self, name), f"Snapshot.{name}", Part)
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if len(self.parts) > 1 and (twice := Counter(part.name for part in self.parts).most_common(1)[0])[1] > 1:
            raise ValueError(
                f"Snapshot.parts has {twice[1]} parts called {twice[0][:200]!r}: nobody could tell in which of them "
                "something is, so give each a name of its own"
            )
        if not isinstance(self.fetched, str):
            raise TypeError(f"Snapshot.fetched is {a_kind(self.fetched)}, not a text: write ISO 8601 in UTC, with Z")
        for name in ("etag", "last_modified"):
            given = getattr(self, name)
            if given is not None and not isinstance(given, str):
                raise TypeError(f"Snapshot.{name} is {a_kind(given)}, not a text")
        if self.details:
            object.__setattr__(self, "details", plain(self.details, "Snapshot.details"))

    @property
    def came(self) -> tuple[Part, ...]:
        """The files as they came."""
        return self.originals or self.parts

    @property
    def bytes(self) -> int:
        """Size of all parts."""
        return sum(p.bytes for p in self.parts)

    @property
    def sha256(self) -> str | None:
        """The part's digest for one part, the manifest's for several; None while one isn't known."""
        if not self.parts or any(p.sha256 is None for p in self.parts):
            return None
        if len(self.parts) == 1:
            return self.parts[0].sha256
        manifest = json.dumps([p.to_dict() for p in self.parts], ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(manifest.encode()).hexdigest()

    def with_digests(self, digests: Mapping[str, str]) -> Snapshot:
        """The same with the digests of the named parts filled in."""
        parts = tuple(replace(p, sha256=digests.get(p.name, p.sha256)) for p in self.parts)
        return replace(self, parts=parts)
