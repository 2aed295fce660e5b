"""From options to a service: settings, the default catalog."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from potable.engine.cli.output import tell
from potable.engine.errors import UsageError
from potable.engine.given.chosen import check_left_out
from potable.engine.settings import Settings, misspelt
from potable.engine.watching import watch

if TYPE_CHECKING:
    from potable.engine.plugins import Plugins
    from potable.engine.service import ExecutorName, Service

_SUFFIXES = frozenset({".yaml", ".yml", ".json"})
_MARKS = (b"resourceID", b"ResourceID", b"ingestMethod", b"IngestMethod", b"www.w3.org/ns/csvw")
_FILES_LOOKED_AT = 100
"""So many files of the current folder are looked at for a definition, of each its beginning."""
_BYTES_LOOKED_AT = 1 << 16
_ROOM_SECONDS = 30.0
"""How long a command waits for room in a store that's full."""


def settings(
    catalog: str | None = None,
    store: str | None = None,
    plugin_files: Sequence[str] = (),
    without: Sequence[str] = (),
    *,
    jobs: int | None = None,
    needs_catalog: bool = True,
) -> Settings:
    """Settings from options and environment.

    Without a catalog in either, the current folder is the catalog if it holds definitions.

    :raises UsageError: a catalog is needed and there is none, or a plugin file doesn't exist.
    """
    for name, meant in misspelt(os.environ):
        tell(f"potable: the environment variable {name} has no effect: did you mean {meant}?")
    for file in plugin_files:
        if not Path(file).is_file():
            raise UsageError(f"there is no plugin file {file}")
    found = Settings.load(catalog=catalog, store=store, plugins=plugin_files, without=without, jobs=jobs)
    if found.catalog is None and holds_definitions(Path()):
        found = replace(found, catalog=".")
    if found.catalog is None and needs_catalog:
        raise UsageError(
            "no catalog: name one with --catalog PATH or POTABLE_CATALOG (the current folder holds no definitions)"
        )
    return found


def service(settings: Settings, executor: ExecutorName | None = None, *, checkers: bool = False) -> Service:
    """The service of these settings.

    :param checkers: they're called in this very process.
    """
    from potable.engine.service import DEFAULT_PACE, Service  # heavy: plugins and store

    pace = DEFAULT_PACE if executor else replace(DEFAULT_PACE, room=_ROOM_SECONDS)
    return Service(settings, executor=executor, pace=pace, loaded=partial(watch, checkers=checkers))


def plugins(settings: Settings, without: Sequence[str]) -> Plugins:
    """The plugins of these settings, where no service is needed.

    :raises UsageError: a name of ``without`` is no plugin's.
    """
    from potable.engine.running.resources import Resources  # heavy: imports the checkers

    return check_left_out(without, Resources(settings, loaded=watch).plugins)


def holds_definitions(folder: Path) -> bool:
    """Whether a file in ``folder`` looks like a source definition (or a Data Package)."""
    return any(_looks_like_one(file) for file in _candidates(folder))


def _candidates(folder: Path) -> Iterator[Path]:
    try:
        files = sorted(f for f in folder.iterdir() if f.suffix.lower() in _SUFFIXES and f.is_file())
    except OSError:
        return
    yield from files[:_FILES_LOOKED_AT]


def _looks_like_one(file: Path) -> bool:
    if file.name == "datapackage.json":
        return True
    try:
        with file.open("rb") as stream:
            head = stream.read(_BYTES_LOOKED_AT)
    except OSError:
        return False
    return any(mark in head for mark in _MARKS)
