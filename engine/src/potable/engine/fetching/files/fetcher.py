"""Local sources: a file, the files of a folder, or a glob. They are read where they lie, not copied."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urlsplit

from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.errors import likely
from potable.engine.fetching import codes
from potable.engine.fetching.details import merging
from potable.engine.fetching.files import archives, globbing
from potable.engine.fetching.files.names import matching
from potable.engine.fetching.saving import now
from potable.engine.findings import Code, Fault, Location, Occurrence, clip

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.definition.model import SourceDefinition

MOST_PARTS = 100_000
"""Most files of one source."""
MOST_NEAR = 10_000
"""Most names of a folder that are looked at for a likely one."""


class FileFetcher(Fetcher):
    """Serves plain paths and ``file:`` URLs; relative ones are relative to the definition. Archives are unpacked.

    A folder needs ``filenamePattern`` or ``recursive``; a name with ``*``, ``?`` or ``[...]`` that is no file itself is
    a pattern, ``**`` meaning any depth. Parts are sorted by name, and a file that several names lead to is one part.
    Names that start with a dot aren't chosen unless asked for.
    """

    name: ClassVar[str] = "file"
    schemes: ClassVar[frozenset[str]] = frozenset({"file"})

    def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
        """Find the files. Raises :class:`~potable.engine.findings.Fault` with an ``access/*`` code.

        An empty file among others is reported as ``access/empty``, and the others are given.
        """
        found = _Found(source, context)
        parts = [found.part(path) for path in found.paths()]
        full = [part for part in parts if part.bytes]
        empty = [_said(codes.EMPTY, p.name, "the file is empty") for p in parts if not p.bytes]
        if not full:
            raise Fault(empty[0])
        for occurrence in empty:
            context.report(occurrence)
        snapshot = Snapshot(parts=tuple(full), fetched=now())
        context.progress(snapshot.bytes, snapshot.bytes)
        if source.format in ("json", "xml"):
            from potable.engine.fetching.pages.further import compare  # heavy

            compare(source, snapshot, context)
        snapshot = archives.unpacked(source, snapshot, context, pattern=not found.by_pattern)
        return merging.merged(source, snapshot, context) if merging.is_merged(source) else snapshot


class _Found:
    """The files that a definition means.

    :ivar by_pattern: ``filenamePattern`` chose them, of a folder.
    """

    def __init__(self, source: SourceDefinition, context: FetchContext) -> None:
        self._roots = tuple(root.resolve() for root in context.roots)
        self._pattern = source.parameters.get("filenamePattern")
        self._recursive = source.parameters.get("recursive") is True
        self.by_pattern = False
        self._given = source.ingest_url or ""
        self._folder = Path(os.path.abspath(source.origin.folder))  # noqa: PTH100 - must not resolve links
        if not self._given.strip():
            raise Fault(_said(codes.NOT_FOUND, None, "the definition names no file: ingestURL is missing"))
        self._text = self._path_of(self._given)
        # what ".." means depends on links before it
        dotted = ".." in Path(self._text).parts
        self._path = self._folder / self._text if dotted else Path(os.path.normpath(self._folder / self._text))

    def paths(self) -> Iterable[Path]:
        """The files, sorted by name, each inside the roots."""
        path, pattern = self._path, globbing.split(self._text)
        self._inside(path if pattern is None else self._folder / pattern[0])
        try:
            kind = path.stat().st_mode
        except FileNotFoundError:
            return self._missing(path) if pattern is None else self._globbed(self._folder / pattern[0], pattern[1])
        except OSError as error:
            raise self._unusable(path, error) from None
        self._inside(path)
        return self._chosen(path) if stat.S_ISDIR(kind) else [path]

    def part(self, path: Path) -> Part:
        """The part of one file, which is known to be readable then. Raises Fault where it isn't, or is no file."""
        name, real = self._name(path), self._allowed(path)
        try:
            if not stat.S_ISREG(real.stat().st_mode):  # before it's opened: opening a pipe would wait
                raise Fault(_said(codes.NOT_A_FILE, name, "this is a folder, a pipe, a socket or a device, not a file"))
            with real.open("rb") as file:
                facts = os.fstat(file.fileno())
                file.read(1)
        except OSError as error:
            raise self._unusable(path, error) from None
        return Part(name=name, path=real, bytes=facts.st_size, mtime_ns=facts.st_mtime_ns)

    @staticmethod
    def _path_of(given: str) -> str:
        """The path that the definition gives, still relative to it or absolute."""
        text = given
        if given[:5].lower() == "file:":
            parts = urlsplit(given.strip())
            if parts.netloc.lower() not in ("", "localhost"):
                words = f"a file: address can't name another machine ({parts.hostname or parts.netloc})"
                raise Fault(_said(codes.BLOCKED_ADDRESS, None, words))
            text = unquote(parts.path)
        if "\0" in text:
            raise Fault(_said(codes.NOT_FOUND, None, "the file name holds a NUL character"))
        return text

    def _allowed(self, path: Path) -> Path:
        """The file behind all symbolic links, if it lies inside a root."""
        self._inside(path)
        try:
            return path.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            raise self._unusable(path, error) from None

    def _inside(self, path: Path) -> None:
        """Refuse what lies outside the roots, without saying whether it exists."""
        if not self._is_inside(Path(os.path.realpath(path))):
            words = "this lies outside the folders that sources may lie in"
            hint = (
                "Move the file beside its definition, or let the operator name its folder in POTABLE_ROOTS (in a "
                "program: Engine(roots=…))."
            )
            raise Fault(_said(codes.BLOCKED_ADDRESS, self._name(path), words, hint))

    def _is_inside(self, real: Path) -> bool:
        return any(real.is_relative_to(root) for root in self._roots)

    def _chosen(self, folder: Path) -> list[Path]:
        """The files of a folder whose names match ``filenamePattern``, of its sub-folders too if ``recursive``."""
        name = self._name(folder)
        if not self._pattern and not self._recursive:
            raise Fault(_said(codes.NOT_A_FILE, name, "this is a folder, and the definition has no filenamePattern"))
        by_name: dict[str, list[Path]] = {}
        for path in self._bounded(self._files(folder)):
            by_name.setdefault(path.name, []).append(path)
        names = sorted(by_name)
        self.by_pattern = True
        wanted = matching(str(self._pattern), names) if self._pattern else [n for n in names if not n.startswith(".")]
        pattern = clip(str(self._pattern), 100)
        if wanted is None:
            words = f"filenamePattern '{pattern}' is neither a regular expression nor a file name with * or ?"
            raise Fault(_said(codes.NOT_FOUND, name, words))
        if not wanted and not self._pattern:
            raise Fault(_said(codes.NOT_FOUND, name, "this folder has no files"))
        if not wanted:
            words = f"none of the {len(names):,} files in this folder matches filenamePattern '{pattern}'"
            raise Fault(_said(codes.NOT_FOUND, name, words, _examples(names)))
        return self._once(path for wanted_name in wanted for path in by_name[wanted_name])

    def _files(self, folder: Path) -> Iterable[Path]:
        """What is in a folder, and below it if ``recursive``, but for folders."""
        try:
            os.scandir(folder).close()
        except OSError as error:
            raise self._unusable(folder, error) from None
        for inner in globbing.folders(folder, self._is_inside) if self._recursive else (folder,):
            yield from (inner / n for n in globbing.names(inner) if not os.path.isdir(inner / n))  # noqa: PTH112 - no errors

    def _globbed(self, base: Path, steps: list[str]) -> list[Path]:
        found = self._bounded(globbing.expand(base, steps, self._is_inside))
        if not found:
            raise Fault(_said(codes.NOT_FOUND, self._given, "no file matches this pattern"))
        return self._once(found)

    def _once(self, found: Iterable[Path]) -> list[Path]:
        """Each real file once, in order of the names."""
        return sorted(globbing.unique(found), key=self._name)

    def _bounded(self, paths: Iterable[Path]) -> list[Path]:
        found: list[Path] = []
        for path in paths:
            if len(found) == MOST_PARTS:
                raise Fault(_said(codes.TOO_LARGE, self._given, f"more than {MOST_PARTS:,} files are meant"))
            found.append(path)
        return found

    def _missing(self, path: Path) -> list[Path]:
        """Say that a path doesn't exist, and what it was probably meant to be."""
        parent = path.parent
        while not parent.exists() and parent != parent.parent:
            path, parent = parent, parent.parent
        name = self._name(path)
        hint = None
        try:
            with os.scandir(parent) as entries:  # of a large folder it isn't read to its end
                names = [entry.name for entry, _ in zip(entries, range(MOST_NEAR), strict=False)]
        except OSError:
            names = []
        near = likely(path.name, names, 3)
        if near:
            shown = " or ".join(self._name(parent / n) for n in near)
            hint = f"Did you mean {shown}?"
        kind = "file" if path == self._path else "folder"
        raise Fault(_said(codes.NOT_FOUND, name, f"there's no such {kind}", hint))

    def _name(self, path: Path) -> str:
        """The path relative to the definition, as it was given where it's outside of its folder."""
        if path.is_relative_to(self._folder):
            return path.relative_to(self._folder).as_posix()
        if Path(self._given).is_absolute() or self._given[:5].lower() == "file:":
            return path.as_posix()
        return Path(os.path.relpath(path, self._folder)).as_posix()

    def _unusable(self, path: Path, error: Exception) -> Fault:
        name = self._name(path)
        if isinstance(error, PermissionError):
            return Fault(_said(codes.UNAUTHORIZED, name, "the file or its folder may not be read"))
        if isinstance(error, RuntimeError) or getattr(error, "errno", None) == errno.ELOOP:
            return Fault(_said(codes.NOT_FOUND, name, "its symbolic links go in a circle"))
        words = getattr(error, "strerror", None) or type(error).__name__
        return Fault(_said(codes.NOT_FOUND, name, f"the file can't be opened ({words})"))


def _said(code: Code, name: str | None, words: str, hint: str | None = None, **details: Any) -> Occurrence:
    message = f"{clip(name, 300)}: {words}" if name else words
    return Occurrence(code.id, message, location=Location(file=name), hint=hint, details=details)


def _examples(names: list[str]) -> str | None:
    seen = [n for n in names if not n.startswith(".")][:3]
    return f"The folder has files such as {', '.join(seen)}." if seen else None
