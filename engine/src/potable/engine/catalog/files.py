"""Definitions in files: a folder of them, or one file.

Of a folder, every ``.yaml``, ``.yml`` and ``.json`` file below it is looked at, but for hidden ones and
``_defaults.yaml``. Schemas, QC rules and data may lie among the definitions: a file is taken for definitions only where
its content is meant as such (:func:`~potable.engine.definition.parse.looks_like_definition`): it has a ``resourceID``,
``ingestMethod`` or ``ingestURL``, a ``sourceInformation``, ``resources`` of a Data Package, or is a mapping of such.
Files that are named as one file's catalogue are always definitions.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self

from potable.engine.contracts.catalog import Catalog, invalid
from potable.engine.definition.files import DefinitionFile, FileReader, Result
from potable.engine.definition.model import SourceDefinition
from potable.engine.errors import CatalogError, DefinitionError, UnknownSource, likely
from potable.engine.findings import Occurrence
from potable.engine.lazyregex import lazy_regex

_MISNAMED = lazy_regex(r"(?!_defaults\.(?:ya?ml|json)\Z)_(?i:defaults?\.(?:ya?ml|json))")
SUFFIXES = (".yaml", ".yml", ".json")


class _FilesCatalog(Catalog):
    """What a folder and a file have in common."""

    def __init__(self, location: str, root: Path) -> None:
        self.location = location
        self._reader = FileReader(root)
        self._closed: list[DefinitionError] = []
        """What couldn't be looked into when the files were last listed."""

    def let_in(self, roots: Iterable[Path]) -> None:
        """Let the files that definitions name lie in these folders, besides their own and the catalogue's."""
        self._reader.let_in(roots)

    def _paths(self) -> Sequence[Path]:
        """The files that may hold definitions, in the order in which they win over each other."""
        raise NotImplementedError

    def _read(self, path: Path) -> DefinitionFile:
        return self._reader.read(path)

    def get(self, resource_id: str) -> SourceDefinition:
        """The definition with that identifier; the first file's where several have it."""
        paths = self._paths()
        near_text = self._mentioning(resource_id, paths)
        found, broken, ids = self._find(resource_id, near_text)
        if not found:
            # Identifiers that aren't written as such: escapes, numbers, package and resource.
            rest = [p for p in paths if p not in set(near_text)]
            found, more_broken, more_ids = self._find(resource_id, rest)
            broken, ids = broken or more_broken, ids | more_ids
        if not found:
            if broken is not None:
                raise broken
            raise UnknownSource(resource_id, self.location, tuple(likely(resource_id, sorted(ids), 3)))
        first, *others = found
        return replace(first, notes=(*first.notes, *(_twice(first, o, used=True) for o in others)))

    def _find(
        self, resource_id: str, paths: Sequence[Path]
    ) -> tuple[list[SourceDefinition], DefinitionError | None, set[str]]:
        """Definitions with that identifier, the first fault of a file that means to define it, and all identifiers."""
        found: list[SourceDefinition] = []
        broken: DefinitionError | None = None
        ids = set()
        for path in paths:
            file = self._read(path)
            for result in file.results():
                if isinstance(result, SourceDefinition):
                    ids.add(result.resource_id)
                    if result.resource_id == resource_id:
                        found.append(result)
                elif broken is None and _meant(resource_id, file.text or path.stem):  # no text: it can't be read
                    broken = result
        return found, broken, ids

    def _mentioning(self, resource_id: str, paths: Sequence[Path]) -> list[Path]:
        """Files whose text has the identifier, or may make it up of its parts."""
        mention = _mention(resource_id)
        out = []
        for path in paths:
            text = self._read(path).text
            written = resource_id in text and mention.search(text)  # the first is quicker, and nearly always enough
            if written or (":" in resource_id and '"resources"' in text):
                out.append(path)
        return out

    def ids(self) -> Iterator[str]:
        """The identifiers of all definitions that can be used."""
        return iter(sorted({s.resource_id for s in self._all() if isinstance(s, SourceDefinition)}))

    def definitions(self) -> Iterator[SourceDefinition]:
        """Every definition that can be used, by identifier; also those whose identifier is given twice."""
        return iter(_sorted(self._all()))

    def faults(self) -> Iterator[Occurrence]:
        """Files and definitions that can't be used, and identifiers that are given twice (at the later place)."""
        return _faults(self._all())

    def contents(self) -> Iterator[SourceDefinition | Occurrence]:
        """Both, each file read once."""
        results = list(self._all())
        yield from _faults(results)
        yield from _sorted(results)

    def _all(self) -> Iterator[Result]:
        for path in self._paths():
            yield from self._read(path).results()
        yield from self._closed


def _sorted(results: Iterable[Result]) -> list[SourceDefinition]:
    return sorted((r for r in results if isinstance(r, SourceDefinition)), key=lambda s: s.resource_id)


def _faults(results: Iterable[Result]) -> Iterator[Occurrence]:
    firsts: dict[str, SourceDefinition] = {}
    told = set()
    for result in results:
        if isinstance(result, DefinitionError):
            fault = (result.file, result.line, result.pointer, result.reason)
            if fault not in told:
                told.add(fault)
                yield invalid(result)
            continue
        first = firsts.setdefault(result.resource_id, result)
        if first is not result:
            yield _twice(result, first, used=False)


class FolderCatalog(_FilesCatalog):
    """A folder of definitions, with its sub-folders."""

    name: ClassVar[str] = "folder"

    def __init__(self, location: str) -> None:
        super().__init__(location, Path(location))
        self._root = Path(location)

    @classmethod
    def opens(cls, location: str) -> bool:
        """Whether it's a folder."""
        return "\0" not in location and Path(location).is_dir()

    @classmethod
    def open(cls, location: str) -> Self:
        """Open it; the files are read when they are asked for, and again when they change."""
        if not cls.opens(location):
            raise CatalogError(f"there is no folder {location}")
        return cls(location)

    def _paths(self) -> Sequence[Path]:
        out: list[Path] = []
        self._closed = []
        for folder, folders, names in os.walk(self._root, onerror=self._unreadable):
            folders[:] = [f for f in folders if not f.startswith(".")]
            out.extend(
                Path(folder, n) for n in names if n.lower().endswith(SUFFIXES) and not n.startswith((".", "_defaults."))
            )
            self._closed += (self._misnamed(Path(folder, n)) for n in names if _MISNAMED.fullmatch(n))
        self._reader.look_again(out)
        return sorted(out, key=lambda p: p.as_posix())

    def _misnamed(self, path: Path) -> DefinitionError:
        reason = "what the definitions of a folder share is called _defaults.yaml: under this name it has no effect"
        return DefinitionError(reason, path.relative_to(self._root).as_posix())

    def _unreadable(self, error: OSError) -> None:
        if error.filename == os.fspath(self._root):
            raise CatalogError(f"the folder {self.location} can't be read: {error.strerror}") from None
        folder = Path(error.filename).relative_to(self._root).as_posix()
        reason = f"the folder can't be read, and what is defined in it isn't known: {error.strerror}"
        self._closed.append(DefinitionError(reason, folder))


class FileCatalog(_FilesCatalog):
    """One file of one or several definitions: a descriptor, several YAML documents, a JSON list, a Data Package."""

    name: ClassVar[str] = "file"

    def __init__(self, location: str) -> None:
        path = Path(location)
        super().__init__(location, path.parent)
        self._path = path

    @classmethod
    def opens(cls, location: str) -> bool:
        """Whether it's a file."""
        return "\0" not in location and Path(location).is_file()

    @classmethod
    def open(cls, location: str) -> Self:
        """Open it; it's read when it's asked for, and again when it changes."""
        if not cls.opens(location):
            raise CatalogError(f"there is no file {location}")
        return cls(location)

    def _paths(self) -> Sequence[Path]:
        paths = [self._path]
        self._reader.look_again(paths)
        return paths

    def _read(self, path: Path) -> DefinitionFile:
        return self._reader.read(path, certain=True)


def _mention(resource_id: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_-]){re.escape(resource_id)}(?![A-Za-z0-9_-])")


# resourceID: SCR_013731, "sourceId": "x"
_NAMED = lazy_regex(r"""(?i)(?<!\w)(?:resource|source)id["']?\s*:\s*["']?([^"'\s,}#]+)""")


def _meant(resource_id: str, text: str) -> bool:
    """Whether a file that can't be used was to define a source: by what it says, as far as it can be told."""
    named = _NAMED.findall(text)
    key = re.search(rf"""(?m)^["']?{re.escape(resource_id)}["']?[ \t]*:\s*?(?:\{{|\n[ \t]+\S)""", text)
    return bool(key) or (resource_id in named if named else _mention(resource_id).search(text) is not None)


def _twice(source: SourceDefinition, other: SourceDefinition, *, used: bool) -> Occurrence:
    here, there = source.place("/resourceID"), other.place("/resourceID")
    where = f"{there.file}, line {there.line}" if there.line is not None else str(there.file)
    which = "which is never run" if used else "so this definition is never run"
    message = f"the resourceID {source.resource_id} is also that of {where}, {which}"
    return Occurrence("definition/duplicate-id", message, rule=where, value=source.resource_id, location=here)
