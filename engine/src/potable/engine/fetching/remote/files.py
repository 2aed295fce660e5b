"""What sources of several remote files have in common: choosing among them, fetching them, making them parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from potable.engine.contracts.snapshot import Snapshot
from potable.engine.fetching import codes
from potable.engine.fetching.deadline import Deadline
from potable.engine.fetching.faults import BrokenOff, Failure, occurrence
from potable.engine.fetching.files import archives
from potable.engine.fetching.files.fetcher import MOST_PARTS
from potable.engine.fetching.files.names import matching
from potable.engine.fetching.network.retrying import Attempts
from potable.engine.fetching.remote.enough import Enough
from potable.engine.fetching.saving import discard, now, write
from potable.engine.fetching.unchanged import Before
from potable.engine.findings import Fault, Occurrence, clip

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Part
    from potable.engine.definition.model import SourceDefinition

MOST_DEPTH = 64
"""Deepest folder that is gone into."""


Kind = Literal["file", "folder", "link"]


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that can be fetched.

    :param name: the part's name: relative to the folder that was asked for.
    :param path: what the server calls it.
    :param url: where it is, as shown.
    :param size: in bytes, where the server tells it.
    :param version: what tells this version of it from others, where the server has said so already.
    :param kept: the kept one of that name, for whoever reads it; see :class:`Unchanged`.
    """

    name: str
    path: str
    url: str
    size: int | None = None
    version: str | None = None
    kept: Part | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a folder; ``size`` in bytes and ``modified`` where the server tells them."""

    name: str
    kind: Kind
    size: int | None = None
    modified: datetime | None = None


class Unchanged(Exception):
    """Raised by whoever reads a file: the server says that it's the kept one still."""


YOUNG = timedelta(seconds=60)
"""A file that was changed so shortly before a fetch may be changed again without its time telling it."""


def version_of(size: int | None, modified: datetime | None) -> str | None:
    """What tells a version of a file from others: its size and when it was changed, if that's some time ago."""
    if size is None or modified is None or datetime.now(UTC) - modified < YOUNG:
        return None
    return f"{size} bytes of {modified.isoformat()}"


def is_plain(name: str) -> bool:
    """Whether a name is one of an entry, and leads nowhere else."""
    return name not in ("", ".", "..") and not any(c in "/\\" or c < " " for c in name)


def walk(
    top: str, entries: Callable[[str], Iterable[Entry]], url_of: Callable[[str], str], *, recursive: bool
) -> Iterator[RemoteFile]:
    """All files of a folder, links to files too; links to folders aren't followed, folders with a dot left out.

    :param top: the folder; "" is where the server puts the user.
    :param entries: lists a folder.
    :param url_of: the URL of a path, as shown.
    """
    top = top if top == "/" else top.rstrip("/")
    waiting = [("", 0)]
    while waiting:
        inner, depth = waiting.pop()
        folder = _joined(top, inner)
        for entry in entries(folder):
            name, path = _joined(inner, entry.name), _joined(folder, entry.name)
            if entry.kind != "folder":
                shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                size = entry.size if entry.kind == "file" else None
                yield RemoteFile(shown, path, url_of(path), size, version_of(size, entry.modified))
            elif recursive and depth < MOST_DEPTH and not entry.name.startswith("."):
                waiting.append((name, depth + 1))


def _joined(folder: str, name: str) -> str:
    if not folder or not name:
        return folder or name
    return folder + name if folder.endswith("/") else f"{folder}/{name}"


class _Broken(Fault):
    """A file whose transfer failed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.occurrence)
        self.failure = failure


def attempts_of(context: FetchContext) -> Attempts:
    """The attempts that one thing asked of a server has."""
    deadline = Deadline(context.network.left)
    return Attempts(context.limits.attempts, deadline, deadline.wait)


def chosen(source: SourceDefinition, files: Iterable[RemoteFile], folder: str) -> list[RemoteFile]:
    """The files whose names (the last part of them) match ``filenamePattern``, sorted; all but dotfiles without one.

    Raises ``Fault``: ``access/not-found``, and ``access/too-large`` for more files than a source may have.

    :param folder: URL of the folder, as shown.
    """
    found: dict[str, list[RemoteFile]] = {}
    for count, file in enumerate(files):
        if count >= MOST_PARTS:
            raise Fault(occurrence(codes.TOO_LARGE, folder, f"the folder has more than {MOST_PARTS:,} files"))
        found.setdefault(file.name.rpartition("/")[2], []).append(file)
    names = sorted(found)
    pattern = source.parameters.get("filenamePattern")
    if not pattern:
        wanted: list[str] | None = [name for name in names if not name.startswith(".")]
    else:
        wanted = matching(str(pattern), names)
    if not wanted:
        raise Fault(_none_chosen(names, pattern, wanted is None, folder))
    return sorted((file for name in wanted for file in found[name]), key=lambda f: f.name)


def _none_chosen(names: list[str], pattern: Any, bad: bool, folder: str) -> Occurrence:
    if not names:
        return occurrence(codes.NOT_FOUND, folder, "this folder has no files")
    said = f"'{clip(str(pattern), 100)}'"
    if bad:
        words = f"filenamePattern {said} is neither a regular expression nor a file name with * or ?"
        return occurrence(codes.NOT_FOUND, folder, words)
    words = f"none of the {len(names):,} files in this folder matches filenamePattern {said}"
    seen = [clip(name, 100) for name in names[:3]]
    return occurrence(codes.NOT_FOUND, folder, words, f"The folder has files such as {', '.join(seen)}.")


def gathered(
    source: SourceDefinition,
    context: FetchContext,
    files: Sequence[RemoteFile],
    read: Callable[[RemoteFile], Iterator[bytes]],
    where: str,
    *,
    by_pattern: bool,
    version: Callable[[RemoteFile], str | None] = lambda file: file.version,
) -> Snapshot:
    """Fetch files one after another; transient failures are tried again, archives unpacked.

    Files whose version is that of the kept ones aren't fetched again. Where only a sample is wanted, no more files are
    fetched than it takes. Raises ``Fault``.

    :param read: gives a file's bytes from its start, and its version as a generator's result where only that tells it;
        raises ``Failure``, ``Fault`` or :class:`Unchanged`.
    :param where: URL of the file or folder that was asked for, as shown.
    :param by_pattern: ``filenamePattern`` chose them, of a folder.
    :param version: asks for a file's version before it's fetched.
    """
    before = Before(context, where)
    parts: list[Part] = []
    empty: list[str] = []
    enough, done, partial = Enough(context), 0, False
    total = sum(f.size for f in files if f.size is not None) if all(f.size is not None for f in files) else None
    if total is not None and total > context.limits.fetch_bytes:
        raise Fault(_too_large(context, files[0].url, f"the server announces {total:,} bytes"))
    for file in files:
        kept = before.file(file.name, file.url)
        told = version(file)
        if kept is not None and told is not None and told == kept.version:
            part = kept
        else:
            part = _fetched(replace(file, kept=kept, version=told), context, read, done, total)
        done += part.bytes
        if part.bytes:
            parts.append(part)
        else:
            discard(part, context)
            empty.append(file.url)
        if file is not files[-1] and enough.counting(part):
            partial = True
            break
    for url in empty:
        said = occurrence(codes.EMPTY, url, "the file is empty")
        if not parts:
            raise Fault(said)
        context.report(said)
    snapshot = before.settled(Snapshot(parts=tuple(parts), fetched=now(), partial=partial))
    if snapshot.not_modified:
        return snapshot
    return archives.unpacked(source, snapshot, context, pattern=not by_pattern)


def _fetched(
    file: RemoteFile,
    context: FetchContext,
    read: Callable[[RemoteFile], Iterator[bytes]],
    done: int,
    total: int | None,
) -> Part:
    attempts = attempts_of(context)
    versions = [file.version]

    def pieces() -> Iterator[bytes]:
        left = context.limits.fetch_bytes - done
        try:
            for piece in _noting(read(file), versions):
                left -= len(piece)
                if left < 0:
                    raise Fault(_too_large(context, file.url, "the file goes on"))
                yield piece
        except Failure as failure:
            raise _Broken(failure) from None
        except BrokenOff as broken:
            raise _Broken(Failure(broken.occurrence, transient=True)) from None

    def progress(size: int) -> None:
        context.progress(done + size, None if total is None else max(total, done + size))

    while True:
        try:
            made = write(pieces(), file.name, context, progress)
            return replace(made, url=file.url, version=versions[-1])
        except Unchanged:
            assert file.kept is not None
            return file.kept
        except _Broken as broken:
            attempts.failed(broken.failure)


def _noting(pieces: Iterator[bytes], versions: list[str | None]) -> Iterator[bytes]:
    """The pieces of a file; the version that a generator gives in the end is noted."""
    while True:
        try:
            piece = next(pieces)
        except StopIteration as end:
            if end.value is not None:
                versions.append(str(end.value))
            return
        yield piece


def _too_large(context: FetchContext, url: str, words: str) -> Occurrence:
    most = context.limits.fetch_bytes
    return occurrence(codes.TOO_LARGE, url, f"{words}, past the {most:,} bytes of limit fetch_bytes")
