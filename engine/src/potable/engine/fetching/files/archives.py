"""The members of zip and tar archives as parts: chosen, unpacked within bounds, and never out of the scratch folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from potable.engine.contracts.reading import part_location
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.fetching import codes
from potable.engine.fetching.files.members import Archive, Damaged, Member, open_archive
from potable.engine.fetching.files.names import matching, suffix_of
from potable.engine.fetching.integrity import compared_anyway
from potable.engine.fetching.saving import drop, write
from potable.engine.fetching.sniffing.signatures import binary_kind
from potable.engine.findings import Code, Fault, Occurrence, clip
from potable.engine.reading.parts import head_of

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.definition.model import SourceDefinition

MOST_MEMBERS = 100_000
"""Most members of one archive."""

_SUFFIXES: dict[str, tuple[frozenset[str], ...]] = {
    "csv": (frozenset({".csv", ".tsv", ".tab"}), frozenset({".txt", ".dat"})),
    "json": (frozenset({".json", ".geojson", ".jsonl", ".ndjson"}),),
    "jsonl": (frozenset({".jsonl", ".ndjson"}), frozenset({".json"})),
    "xml": (frozenset({".xml"}), frozenset({".rdf", ".owl", ".nxml", ".xhtml"})),
    "rss": (frozenset({".rss", ".atom"}), frozenset({".xml"})),
    "excel": (frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}),),
    "parquet": (frozenset({".parquet", ".pq"}),),
}
"""By format, what its files are called; the second row counts where no file has a name of the first."""

_DATA = frozenset().union(*(rows[0] for rows in _SUFFIXES.values()))
_DESCRIPTIONS = frozenset({"meta.xml", "eml.xml", "metadata.xml", "metadata.json", "datapackage.json", "codemeta.json",
                           "ro-crate-metadata.json", "csv-metadata.json", "manifest.json", "schema.json", "readme.csv",
                           "package.json"})  # fmt: skip
"""What files are called that tell of the others."""
_RUBBISH = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})
_SHOWN = 10


def unpacked(source: SourceDefinition, snapshot: Snapshot, context: FetchContext, *, pattern: bool = True) -> Snapshot:
    """The snapshot with the members of each archive in its place, sorted by name; others stay as they are.

    Members are chosen by ``filenamePattern``; without it it's the only one, or all of the promised format. Archives
    inside archives aren't opened. A workbook is a zip archive too, but a source of the format ``excel`` means it.

    Raises :class:`~potable.engine.findings.Fault`: ``access/archive``, and ``access/compression`` for one that
    unpacks to more than ``Limits.inflated_bytes``.

    :param pattern: False: ``filenamePattern`` has chosen the archives themselves.
    """
    parts: list[Part] = []
    opened: list[str] = []
    for part in snapshot.parts:
        kind = _kind(part, context)
        if kind is None:
            parts.append(part)
            continue
        opened.append(part.name)
        with compared_anyway(source, snapshot.parts, context):
            parts += _Unpacking(source, part, kind, context, pattern).parts()
    if parts == list(snapshot.parts):
        return snapshot
    details = {**snapshot.details, "archive": opened[:_SHOWN]}
    return replace(snapshot, parts=tuple(parts), originals=snapshot.came, details=details)


def _kind(part: Part, context: FetchContext) -> str | None:
    """``zip`` or ``tar``, where a part is such an archive and not data by itself."""
    try:
        head = head_of(part, context.limits)
    except Fault as fault:
        if fault.occurrence.code == codes.CHANGED.id:
            raise
        return None  # whoever reads it will say so
    kind = binary_kind(head)
    if kind in ("zip", "tar"):
        return kind
    return "tar" if kind is None and _is_tar(part, head) else None


def _is_tar(part: Part, head: bytes) -> bool:
    """Whether it's a tar archive of the oldest kind, without a signature: told by its name and its checksum."""
    if not {".tar", ".tgz", ".tbz", ".txz"} & set(PurePosixPath(part.name.lower()).suffixes) or len(head) < 512:
        return False
    try:
        stored = int(head[148:156].strip(b" \0") or b"x", 8)
    except ValueError:
        return False
    return stored == sum(head[:148]) + 8 * 32 + sum(head[156:512])


class _Unpacking:
    """The unpacking of one archive."""

    def __init__(self, source: SourceDefinition, part: Part, kind: str, context: FetchContext, pattern: bool) -> None:
        self._source, self._part, self._kind, self._context = source, part, kind, context
        given = source.parameters.get("filenamePattern") if pattern else None
        self._pattern = str(given) if given else None
        self._left = context.limits.inflated_bytes

    def parts(self) -> list[Part]:
        try:
            with open_archive(self._part, self._kind, self._context.limits, MOST_MEMBERS) as archive:
                members = archive.members()
                if self._source.format == "excel" and _is_workbook(members):
                    return [self._part]
                return self._unpack(archive, self._chosen(members))
        except Damaged as damage:
            raise self._fault(str(damage), hint=damage.hint) from None

    def _unpack(self, archive: Archive, chosen: Sequence[Member]) -> list[Part]:
        parts: list[Part] = []
        done = 0
        try:
            with closing(archive.read(chosen)) as members:
                for member, pieces in members:
                    name = f"{self._part.name}/{member.name}"
                    with closing(pieces):
                        made = write(self._counted(pieces), PurePosixPath(member.name).name, self._context)
                    parts.append(replace(made, name=name, url=self._part.url))
                    done += made.bytes
                    self._context.progress(done, None)
        except (Fault, Damaged):
            for part in parts:
                drop(part.path)
            raise
        self._unchanged()
        full = sorted((p for p in parts if p.bytes), key=lambda p: p.name)
        for part in parts:
            if not part.bytes:
                empty = Occurrence(codes.EMPTY.id, f"{part.name}: the file is empty", location=part_location(part))
                if not full:
                    raise Fault(empty)
                self._context.report(empty)
        return full

    def _counted(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._left -= len(piece)
            if self._left < 0:
                most = self._context.limits.inflated_bytes
                words = f"{self._part.bytes:,} bytes unpack to more than {most:,} bytes (limit inflated_bytes)"
                raise self._fault(words, code=codes.COMPRESSION)
            yield piece

    def _chosen(self, members: Sequence[Member]) -> list[Member]:
        """The members that are data, each safe to take out."""
        for member in members:
            if member.unsafe:
                raise self._fault(f"the member {clip(member.name, 200)!r} {member.unsafe}: the archive isn't unpacked")
        files = [m for m in members if not m.folder]
        names = {m.name: m for m in files if not _RUBBISH & set(PurePosixPath(m.name).parts)}
        wanted = self._matching(list(names)) if self._pattern else self._of_format(list(names))
        chosen = [names[name] for name in wanted]
        for member in chosen:
            if member.refused:
                raise self._fault(f"the member {clip(member.name, 200)!r} {member.refused}")
            if sum(m.name == member.name for m in files) > 1:
                raise self._fault(f"it has two members called {clip(member.name, 200)!r}")
        return chosen

    def _matching(self, names: list[str]) -> list[str]:
        pattern = str(self._pattern)
        found = matching(pattern, names)
        if found is None:
            words = f"filenamePattern '{clip(pattern, 100)}' is neither a regular expression nor a name with * or ?"
            raise self._fault(words)
        if not found:  # a pattern anchored to the name alone
            by_base: dict[str, list[str]] = {}
            for name in names:
                by_base.setdefault(PurePosixPath(name).name, []).append(name)
            found = [name for base in matching(pattern, list(by_base)) or () for name in by_base[base]]
        if not found:
            words = f"none of its {len(names):,} files matches filenamePattern '{clip(pattern, 100)}'"
            raise self._fault(words, hint=_examples(names))
        return found

    def _of_format(self, names: list[str]) -> list[str]:
        """Without a pattern: the only file, or all those that are called as the promised format's are."""
        data = [n for n in names if not PurePosixPath(n).name.startswith(".")]
        if len(data) == 1:
            return data
        for suffixes in _SUFFIXES.get(self._source.format, (frozenset({f".{self._source.format}"}),)):
            found = [n for n in data if suffix_of(n) in suffixes]
            if found:
                self._note_others(found, data)
                return found
        if not data:
            raise self._fault("it has no files")
        words = f"none of its {len(data):,} files is called like {self._source.format.upper()} data"
        raise self._fault(words, hint=_examples(data))

    def _note_others(self, found: Sequence[str], data: Sequence[str]) -> None:
        """Tell of those that are data by their names, and of another format."""
        others = sorted(
            n for n in data
            if n not in found and suffix_of(n) in _DATA and PurePosixPath(n).name.lower() not in _DESCRIPTIONS
        )  # fmt: skip
        if others:
            more = f" and {len(others) - _SHOWN:,} more" if len(others) > _SHOWN else ""
            listed = ", ".join(str(clip(n, 80)) for n in others[:_SHOWN])
            taken = "1 of its files is" if len(found) == 1 else f"{len(found):,} of its files are"
            words = f"{clip(self._part.name, 300)}: {taken} read; not read: {listed}{more}"
            said = Occurrence(
                codes.OTHER_MEMBERS.id, words, location=part_location(self._part), details={"files": len(others)}
            )
            self._context.report(said)

    def _unchanged(self) -> None:
        """A local archive must be what it was when it was found."""
        if self._part.mtime_ns is None:
            return
        now = os.stat(self._part.path)  # noqa: PTH116 - the same call as where it was found
        if (now.st_size, now.st_mtime_ns) != (self._part.bytes, self._part.mtime_ns):
            raise self._fault("it was changed while it was read", code=codes.CHANGED)

    def _fault(self, words: str, *, code: Code = codes.ARCHIVE, hint: str | None = None) -> Fault:
        message = f"{clip(self._part.name, 300)}: {clip(words, 600)}"
        return Fault(Occurrence(code.id, message, location=part_location(self._part), hint=hint))


def _is_workbook(members: Sequence[Member]) -> bool:
    names = {m.name for m in members}
    return bool({"[Content_Types].xml", "mimetype", "META-INF/manifest.xml"} & names)


def _examples(names: Sequence[str]) -> str:
    if not names:
        return "The archive has no files."
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    listed = ", ".join(str(clip(n, 80)) for n in sorted(names)[:_SHOWN])
    return f"The archive has {listed}{more}: let filenamePattern choose among them."
