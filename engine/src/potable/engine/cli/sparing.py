"""What a result mustn't be written over: the files that it's made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from potable.engine.errors import UsageError

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.settings import Settings


def spare(
    files: Iterable[Path],
    settings: Settings,
    sources: Iterable[SourceDefinition] = (),
    named: Iterable[str | None] = (),
) -> None:
    """Raise UsageError where one of ``files`` is the run store, a plugin's file, one of a source, or otherwise
    ``named``.
    """
    there = [file for file in files if file.is_file()]  # a new one, a pipe or a device loses nothing
    if not there:
        return
    given = [("the run store", Path(settings.store.removeprefix("sqlite:///")))]
    given += [("a plugin", Path(plugin)) for plugin in settings.plugins]
    given += [("a file that the command reads", Path(name)) for name in named if name]
    for what, path in (*given, *(found for source in sources for found in _of(source))):
        for file in there:
            try:
                same = path.exists() and file.samefile(path)
            except (OSError, ValueError):  # a name too long, or with a NUL
                continue
            if same:
                raise UsageError(f"can't write {file}: it's {what}, which would be lost; name another file")


def _of(source: SourceDefinition) -> Iterator[tuple[str, Path]]:
    """The files of a source, as far as its definition names them."""
    origin, named = source.origin, f"of {source.resource_id}"
    if source.ingest_url and "://" not in source.ingest_url:
        yield f"the data {named}", origin.folder / source.ingest_url
    for schema in (source.xsd, source.relaxng, source.schematron):
        if schema and "<" not in schema:
            yield f"a schema {named}", origin.folder / schema
    if origin.file is None:
        return
    yield f"the definition {named}", origin.folder / Path(origin.file).name
    catalog = origin.folder.joinpath(*[".."] * (len(Path(origin.file).parts) - 1))
    for written in origin.elsewhere.values():
        if written.file is not None:
            yield f"a file that the definition {named} names", catalog / written.file
