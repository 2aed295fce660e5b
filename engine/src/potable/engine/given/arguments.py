"""What a program gives to :class:`~potable.engine.embedding.Engine`, made sure of before anything is done with it.

Each raises :class:`~potable.engine.errors.UsageError` that names the argument, for what can't be meant.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterable, Mapping
from inspect import iscoroutinefunction
from pathlib import Path
from types import ModuleType
from typing import Any

from potable.engine.contracts.catalog import Catalog
from potable.engine.contracts.report import Report
from potable.engine.definition.members import known_names, meant
from potable.engine.definition.methods import OF_RECORDS, PARAMETERS
from potable.engine.definition.model import SourceDefinition
from potable.engine.errors import CatalogError, PotableError, UsageError, own_fault, told
from potable.engine.findings import clip
from potable.engine.given.tabular import OR_INLINE
from potable.engine.limits import Limits
from potable.engine.plugins.classes import KINDS
from potable.engine.settings import roots_set

ARGUMENTS = ("schema", "primary_key", "limit_records", "select", "ignore", "earlier", "progress")
"""What :meth:`~potable.engine.embedding.Engine.check` takes beside the members of a definition."""


def several(name: str, given: Any, wanted: Callable[[Any], bool], what: str) -> tuple[Any, ...]:
    """One item, or several, as a tuple; None is none.

    :param wanted: whether an item is of the right kind; ``what``: that kind, for the message.
    """
    if given is None:
        return ()
    # A text is one item: taken letter by letter, the root "/tmp" would let "/" be read.
    if wanted(given) or isinstance(given, str | bytes | type | Mapping) or not isinstance(given, Iterable):
        given = (given,)
    items = tuple(given)
    for item in items:
        if not wanted(item):
            raise UsageError(f"{name}: {_shown(item)} isn't {what}")
    return items


def texts(name: str, given: Any, what: str) -> tuple[str, ...]:
    """Texts that aren't empty."""
    return several(name, given, lambda item: isinstance(item, str) and bool(item.strip()), what)


def folders(name: str, given: Any) -> tuple[Path, ...]:
    """Folders, as paths; a ``~`` is the user's own."""
    return tuple(Path(p).expanduser() for p in several(name, given, is_path, "a folder: a text or a path"))


def roots(given: Any, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Folders of local data, resolved; None: those of the environment.

    One that is given has to be there: else each of its sources would be refused, and nothing say why.
    """
    found = roots_set(environ) if given is None else folders("roots", given)
    for one in found if given is not None else ():
        if not one.is_dir():
            what = "is a file; give the folder that it lies in" if one.exists() else "doesn't exist"
            raise UsageError(f"roots: the folder {clip(str(one), 200)!r} {what}")
    return tuple(one.resolve() for one in found)


def folder(name: str, given: Any) -> Path | None:
    """One folder, or None."""
    found = folders(name, given)
    if len(found) > 1:
        raise UsageError(f"{name} is one folder, not {len(found)}")
    return next(iter(found), None)


def is_path(item: Any) -> bool:
    """Whether it's a text or a path-like object that says a text, and not an empty one."""
    text = os.fspath(item) if isinstance(item, os.PathLike) else item
    return isinstance(text, str) and bool(text)


def is_place(data: Any) -> bool:
    """Whether data are meant as a path or URL. Raises UsageError for one that can't be."""
    if not isinstance(data, str | os.PathLike):
        return False
    if not is_path(data) or "\0" in os.fspath(data):
        raise UsageError("a path or URL is a text that isn't empty, without NUL characters")
    if "\n" in os.fspath(data) and not os.path.lexists(data):
        raise UsageError(f"a text of several lines is no path: write it to a file and give its path, {OR_INLINE}")
    return True


def plugins_of(given: Any) -> tuple[Any, ...]:
    """Plugins: classes of checkers, readers and the like, modules (or what stands for one), files."""
    kinds = tuple(KINDS.values())
    *most, last = (kind.__name__ for kind in kinds)
    what = f"a plugin: a class of {', '.join(most)} or {last}, a module, or the path of a file"

    def wanted(item: Any) -> bool:
        if isinstance(item, type):
            return issubclass(item, kinds)
        return is_path(item) or isinstance(item, ModuleType) or hasattr(item, "potable_api")

    return several("plugins", given, wanted, what)


def limits_of(given: Any) -> Limits:
    """The limits; None: the usual ones."""
    if given is None:
        return Limits()
    if not isinstance(given, Limits):
        hint = "Limits(**…)" if isinstance(given, Mapping) else "Limits(chunk_bytes=…)"
        raise UsageError(f"limits: {_shown(given)} isn't a Limits object; write limits={hint}")
    return given


def jobs_of(given: Any) -> int | None:
    """How many chunks are worked on at a time; None: as many as the engine likes."""
    if given is None:
        return None
    try:
        number = -1 if isinstance(given, bool) else operator.index(given)
    except TypeError:
        number = -1
    if number < 1:
        raise UsageError(f"jobs must be a whole number of at least 1, not {given!r}; None leaves it to the engine")
    return number


def of_tables(definition: Mapping[str, Any], data: Any) -> None:
    """Refuse members of a definition that say how files are had and read, where the data are at hand."""
    for name in definition:
        if name in ("ingestMethod", "ingestURL") or (name in PARAMETERS and name not in OF_RECORDS):
            kind = type(data).__name__
            raise UsageError(f"{name} says how files are had and read: it has no effect on a {kind}, so leave it out")
        if name not in known_names(""):
            raise UsageError(f"no definition has a member {name!r}, and nothing else takes it: leave it out")


def keywords(definition: Mapping[str, Any]) -> None:
    """Refuse a member given by name that no definition has and that was likely meant for another: as a finding it
    would leave the check passing without what was asked for.
    """
    known = known_names("")
    for name in definition:
        near = None if name in known else meant(name, ARGUMENTS) or meant(name, known)
        if near is not None:
            raise UsageError(f"check has no argument {name!r}, and no definition such a member; did you mean {near}?")


def reports_of(name: str, given: Any, resource_id: str | None = None) -> list[Report]:
    """Reports, also as what ``to_dict`` gave of them; None is none.

    :param resource_id: the source that they have to be of; None: of any.
    """
    if given is None:
        return []
    if isinstance(given, Report | Mapping):
        given = (given,)
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise UsageError(f"{name}: {_shown(given)} is no list of reports")
    found = []
    for item in given:
        if not isinstance(item, Report | Mapping):
            raise UsageError(f"{name}: {_shown(item)} isn't a report: a Report, or what its to_dict gave")
        report = item if isinstance(item, Report) else Report.from_dict(item)
        if resource_id not in (None, report.run.resource_id):
            raise UsageError(f"{name} has a report of {report.run.resource_id!r}, which is another source")
        found.append(report)
    return found


def callback(name: str, given: Any) -> None:
    """Refuse what isn't None and can't be called, or whose call only makes a coroutine, which nobody would wait for."""
    if given is not None and not callable(given):
        raise UsageError(f"{name}: {_shown(given)} can't be called; give a function of one argument, a Progress")
    if iscoroutinefunction(given) or iscoroutinefunction(getattr(given, "__call__", None)):  # noqa: B004 - how it's called, not whether
        raise UsageError(f"{name} is asynchronous, and is called where nothing can wait for it: give a plain function")


def catalog_of(given: Any) -> str | Catalog | None:
    """Where the catalogue is, or itself."""
    if isinstance(given, Catalog):
        return given
    if given is None:
        return None
    if not is_path(given):
        raise UsageError(
            f"catalog: {_shown(given)} is neither the place of a catalogue (a path or URL) nor an object of a "
            "subclass of Catalog"
        )
    return str(os.fspath(given))


def definition_of(catalog: Catalog, resource_id: str) -> SourceDefinition:
    """A source of a catalogue, which may be somebody's own class.

    :raises CatalogError: it gives something else than a definition, or raises something else than such an error.
    """
    name = type(catalog).__name__
    try:
        found: Any = catalog.get(resource_id)
    except BaseException as e:
        if isinstance(e, PotableError | MemoryError) or not own_fault(e):
            raise
        raise CatalogError(
            f"the catalogue's get({resource_id!r}) failed: {told(e)}; of a source that it doesn't have, {name} has to "
            "raise UnknownSource"
        ) from e
    if not isinstance(found, SourceDefinition):
        mend = (
            f"of a source that it doesn't have, {name} has to raise UnknownSource"
            if found is None
            else "potable.engine.toolkit.from_mapping makes one of a mapping"
        )
        raise CatalogError(
            f"the catalogue's get({resource_id!r}) gave {_shown(found)} where a SourceDefinition belongs; {mend}"
        )
    if found.resource_id != resource_id:
        raise CatalogError(
            f"the catalogue's get({resource_id!r}) gave the definition of {found.resource_id!r}; of a source that it "
            f"doesn't have, {name} has to raise UnknownSource"
        )
    return found


def _shown(item: Any) -> str:
    """What was given, so that it's recognised: small things as they are, others by their type."""
    if item is None or isinstance(item, str | bytes | int | float | type) or item == {}:
        text = repr(item)
        return clip(text, 80)
    return f"a {type(item).__name__}"
