"""The files of a catalogue, read once as long as they don't change."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from potable.engine.definition.defaults import NAMES, Defaults
from potable.engine.definition.document import Document, decode, read
from potable.engine.definition.linked import JSON_SUFFIXES, load_documents
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parse import digest, looks_like_definition, parse_documents
from potable.engine.definition.yaml import NOT_YAML
from potable.engine.errors import DefinitionError
from potable.engine.lazyregex import lazy_regex

DATA_BYTES = 8 << 20
"""A file of a folder that is larger is data, not definitions."""

_QUICK_LOOK = 1 << 16
_MARKS = lazy_regex(r"resourceid|ingestmethod|ingesturl|sourceinformation|ingestconfiguration|sourceid|scrid"
                    r"|primarykeyjsonpath|resources|www\.w3\.org/ns/csvw", re.IGNORECASE)  # fmt: skip
Result = SourceDefinition | DefinitionError

_SETTLED_NS = 2_000_000_000  # a file that was changed less than this ago may change again within its time stamp


@dataclass(slots=True)
class DefinitionFile:
    """One file: its text, and what it holds.

    :param shown: its name as shown to people.
    :param text: "" where it can't be read.
    :param certain: it's meant as definitions whatever it holds.
    :param roots: resolved folders in which, besides its own, the files may lie that its definitions name.
    """

    path: Path
    shown: str
    text: str
    certain: bool
    error: DefinitionError | None = None
    defaults: Defaults | None = None
    roots: tuple[Path, ...] = ()
    _documents: list[Document] | None = field(default=None, init=False)
    _sources: tuple[Defaults | None, list[Result]] | None = field(default=None, init=False)
    """What was found under these defaults, where that depends on no other file."""

    def results(self) -> list[Result]:
        """Its sources, or why they can't be used; empty where it isn't meant as definitions.

        The files that the definitions name are read each time: they may have changed.
        """
        known, defaults = self._sources, self.defaults
        if known is not None and known[0] == defaults:
            return known[1]
        if self.error is None and self._documents is None:
            try:
                self._documents = self._load()
            except DefinitionError as e:
                self.error = e
        if self.error is not None:
            return [self.error]
        documents = self._documents or []
        if not self.certain:
            documents = [d for d in documents if looks_like_definition(d.value)]
            if not documents:
                if self.path.name == "datapackage.json":
                    return [DefinitionError(_NO_RESOURCES, self.shown)]
                self.text = ""  # data may be large
                return []
        found = parse_documents(
            documents,
            file=self.shown,
            folder=self.path.parent,
            sha256=digest(self.text),
            defaults=defaults,
            roots=self.roots,
        )
        out = list(found)
        if not any(document.links for document in documents):
            self._sources = defaults, out
        return out

    def _load(self) -> list[Document]:
        marked = self.certain or _MARKS.search(self.text) is not None
        is_json = self.path.suffix.lower() in JSON_SUFFIXES
        if not marked and is_json and not _half_an_object(self.text):
            return []
        if is_json and not self.certain and len(self.text) > _QUICK_LOOK and _is_other_json(self.text):
            return []
        try:
            return load_documents(self.text, self.shown)
        except DefinitionError as e:
            # Of what isn't YAML nobody knows what it was meant to be; YAML with aliases, or JSON, may be another's.
            if marked or _half_an_object(self.text) or (not is_json and e.reason.startswith(NOT_YAML)):
                raise
            return []


_NO_RESOURCES = "a Data Package has resources, a list of objects with a name and a path (or data): here is none of use"


def _half_an_object(text: str) -> bool:
    """Whether a short text begins like one JSON object and isn't one: a definition cut off, rather than data."""
    return len(text) < 200 and text.lstrip()[:1] == "{" and text.rstrip()[-1:] != "}"


def _is_other_json(text: str) -> bool:
    """Whether a text is JSON, but no definition: cheaper than to parse it with places."""
    try:
        return not looks_like_definition(json.loads(text))
    except (ValueError, RecursionError):
        return False


class FileReader:
    """Reads the files of a catalogue, and keeps them while they don't change.

    :param root: names are shown relative to it; its ``_defaults.yaml`` and those of the folders in it hold.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._roots: tuple[Path, ...] = (Path(os.path.realpath(root)),)
        self._kept: dict[Path, tuple[tuple[int, ...], DefinitionFile]] = {}
        self._defaults: dict[Path, tuple[tuple[int, ...], DefinitionFile]] = {}
        self._holding: dict[Path, Defaults | DefinitionError | None] = {}  # by folder, in this look

    def read(self, path: Path, *, certain: bool = False) -> DefinitionFile:
        """The file there.

        :param certain: it's meant as definitions whatever it holds.
        """
        file = self._stored(self._kept, path, certain)
        holding = self._holding_in(path.parent)
        file.roots = self._roots
        if isinstance(holding, DefinitionError):
            # Without what its folder shares a definition would say something else than was meant.
            broken = DefinitionFile(path, file.shown, file.text, certain)
            broken.error = holding
            return broken if certain or file.results() else file
        file.defaults = holding
        return file

    def let_in(self, roots: Iterable[Path]) -> None:
        """Let the files that definitions name lie in these folders too."""
        self._roots += tuple(Path(os.path.realpath(root)) for root in roots)

    def look_again(self, paths: Iterable[Path]) -> None:
        """Begin another look at the catalogue: let go of files that are gone, see which defaults hold now."""
        self._holding = {}  # not cleared: another thread may be looking
        for path in self._kept.keys() - set(paths):
            self._kept.pop(path, None)

    def _stored(
        self, kept: dict[Path, tuple[tuple[int, ...], DefinitionFile]], path: Path, certain: bool
    ) -> DefinitionFile:
        now = time.time_ns()
        try:
            status = path.stat()
            stamp: tuple[int, ...] = (status.st_mtime_ns, status.st_size, status.st_ino)
        except OSError:
            stamp = ()
        held = kept.get(path)
        if held is not None and stamp and held[0] == stamp:
            return held[1]
        file = self._load(path, certain)
        if held is not None and file.error is held[1].error is None and file.text == held[1].text:
            file = held[1]  # what it holds is known, and takes longer to find out than to read it
        if stamp:
            kept[path] = (stamp if now - stamp[0] > _SETTLED_NS else (), file)
        return file

    def _load(self, path: Path, certain: bool) -> DefinitionFile:
        shown = self._shown(path)
        try:
            if not certain and path.stat().st_size > DATA_BYTES:
                return DefinitionFile(path, shown, "", certain)
            data = read(path)
            return DefinitionFile(path, shown, decode(data, shown), certain)
        except OSError as e:
            error = DefinitionError(f"the file can't be read: {e.strerror}", shown)
        except DefinitionError as e:
            if not certain and path.suffix.lower() in JSON_SUFFIXES and not _MARKS.search(_rough(data)):
                return DefinitionFile(path, shown, "", certain)
            error = e
        return DefinitionFile(path, shown, "", certain, error)

    def _shown(self, path: Path) -> str:
        try:
            return path.relative_to(self._root).as_posix()
        except ValueError:
            return path.as_posix()

    def _holding_in(self, folder: Path) -> Defaults | DefinitionError | None:
        """The defaults of a folder, or why they can't be used; looked for once in each look at the catalogue."""
        holding = self._holding
        if folder not in holding:
            try:
                holding[folder] = self._defaults_for(folder)
            except DefinitionError as e:
                holding[folder] = e
        return holding[folder]

    def _defaults_for(self, folder: Path) -> Defaults | None:
        """The defaults that hold in a folder. Raises :class:`DefinitionError` where they can't be used."""
        layers = []
        for at in self._folders(folder):
            found = [at / name for name in NAMES if (at / name).is_file()]
            if not found:
                continue
            path, *others = found
            if others:
                reason = f"{others[0].name} lies beside it: keep the defaults of a folder in one file"
                raise DefinitionError(reason, self._shown(path))
            file = self._stored(self._defaults, path, certain=True)
            if file.error is not None:
                raise file.error
            documents = load_documents(file.text, file.shown) if file._documents is None else file._documents
            file._documents = documents
            if not documents:
                continue
            document = documents[0]
            if len(documents) > 1 or not isinstance(document.value, dict):
                reason = "defaults are one mapping of members that definitions share"
                raise DefinitionError(reason, file.shown, document.lines.get(""))
            if "resourceID" in document.value:
                line = document.lines.get("/resourceID")
                raise DefinitionError("defaults can't have a resourceID", file.shown, line, "/resourceID")
            layers.append((file.shown, document, at))
        return Defaults(tuple(layers)) if layers else None

    def _folders(self, folder: Path) -> list[Path]:
        """The catalogue's folder and those down to ``folder``."""
        try:
            parts = folder.relative_to(self._root).parts
        except ValueError:
            return [folder]
        return [self._root.joinpath(*parts[:n]) for n in range(len(parts) + 1)]


def _rough(data: bytes) -> str:
    return data.replace(b"\0", b"").decode("latin-1")
