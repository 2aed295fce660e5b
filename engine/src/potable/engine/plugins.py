"""Plugins: found, loaded one by one, classified, registered.

A plugin that can't be used becomes a :class:`PluginRecord` with its reason; it never takes the engine down.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Protocol

import pluggy

from potable.engine import hookspecs
from potable.engine.checker import API_VERSION, Checker
from potable.engine.containment import awaited, stay
from potable.engine.contracts.catalog import Catalog, Reporter
from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.reading import Reader
from potable.engine.contracts.report import Report, RunInfo
from potable.engine.errors import Left, PluginError, told, told_of_checker
from potable.engine.findings import Code
from potable.engine.handed import a_kind
from potable.engine.lazyregex import lazy_regex

Status = Literal["loaded", "disabled", "load-error", "invalid"]
NAME = lazy_regex(r"[a-z][a-z0-9-]*")
_SERVED = (
    (
        "schemes",
        lazy_regex(r"[a-z][a-z0-9+.-]+"),
        "a URL's scheme is written in lower-case, and has two letters or more",
    ),
    ("methods", lazy_regex(r"[^a-z\s]+"), "ingest methods are written in upper-case"),
    ("formats", lazy_regex(r"[^A-Z\s]+"), "formats are written in lower-case"),
)
SHARED_FAMILIES = frozenset({"definition", "access", "encoding"})
"""Code families that the engine declares and any part may report."""

Step = tuple[str, Callable[[], object]]
"""What is done, as ``the plugin NAME (FILE)``, and what does it."""

OWN = "potable.engine.builtins"
"""The engine's own plugin; without it no source can be read."""

KINDS: Mapping[str, type] = MappingProxyType(
    {
        "potable_checkers": Checker,
        "potable_fetchers": Fetcher,
        "potable_readers": Reader,
        "potable_catalogs": Catalog,
        "potable_reporters": Reporter,
    }
)

_HOOKS = frozenset({*KINDS, "potable_run_finished"})
_RELEASED_TOGETHER = frozenset({"potable-engine", "potable-checkers", "potable-server"})
"""Distributions whose plugins are known not to harm the process that imports them."""


class Guard(Protocol):
    """Keeps a process from what others' plugins do to it while they're imported, even in C."""

    def deadly(self, steps: Sequence[Step]) -> Mapping[int, str]:
        """Those that would end the process, by their index, and in a sentence how."""

    def put_back(self) -> AbstractContextManager[None]:
        """A block after which the process is as it was before, but for what was imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRecord:
    """What became of one plugin.

    :param name: the entry point's name, or the file's stem.
    :param dist: the distribution it came with, "" for a file.
    :param version: that distribution's version, "" for a file.
    :param status: ``loaded``, ``disabled`` by the operator, ``load-error`` (it couldn't be imported) or ``invalid``.
    :param reason: one sentence, for all but ``loaded``.
    :param source: ``module`` or path.
    :param provides: what it registered, as ``checker keys``.
    """

    name: str
    dist: str = ""
    version: str = ""
    status: Status = "loaded"
    reason: str = ""
    source: str = ""
    provides: tuple[str, ...] = ()


@dataclass(slots=True)
class Plugins:
    """All that plugins have registered: a typed façade over pluggy.

    Each mapping goes from a class's ``name`` to the class; ``codes`` from a code's id to its documentation.
    """

    checkers: dict[str, type[Checker]] = field(default_factory=dict)
    fetchers: dict[str, type[Fetcher]] = field(default_factory=dict)
    readers: dict[str, type[Reader]] = field(default_factory=dict)
    reporters: dict[str, type[Reporter]] = field(default_factory=dict)
    catalogs: tuple[type[Catalog], ...] = ()
    codes: dict[str, Code] = field(default_factory=dict)
    records: tuple[PluginRecord, ...] = ()
    _manager: pluggy.PluginManager | None = None

    @property
    def listeners(self) -> list[str]:
        """The names of the plugins that have a ``potable_run_finished``."""
        if self._manager is None:
            return []
        return [impl.plugin_name for impl in self._manager.hook.potable_run_finished.get_hookimpls()]

    def finished(self, run: RunInfo, report: Report, *, only: str | None = None) -> list[str]:
        """Call every plugin's ``potable_run_finished``; returns what went wrong, a sentence per plugin.

        :param only: the name of the one that is called.
        """
        if self._manager is None:
            return []
        faults = []
        for impl in self._manager.hook.potable_run_finished.get_hookimpls():
            if only not in (None, impl.plugin_name):
                continue
            given = {"run": run, "report": report}
            try:
                impl.function(**{name: given[name] for name in impl.argnames})
            except (Exception, SystemExit) as e:  # noqa: BLE001 - a plugin's fault must not end the run
                faults.append(f"plugin {impl.plugin_name}: potable_run_finished raised {told(e)}")
        return faults

    def loaded(self) -> list[dict[str, str]]:
        """The loaded plugins as a report lists them: name, dist, version."""
        return [{"name": r.name, "dist": r.dist, "version": r.version} for r in self.records if r.status == "loaded"]


@dataclass(frozen=True, slots=True)
class _Found:
    record: PluginRecord
    load: Callable[[], Any]


class _InvalidPlugin(Exception):
    pass


def load_plugins(
    files: Sequence[str | Path] = (),
    without: Iterable[str] = (),
    *,
    entry_points: bool = True,
    modules: Sequence[Any] = (),
    guard: Callable[[], Guard | None] | None = None,
) -> Plugins:
    """Find and load all plugins.

    :param files: plugin files that the operator named.
    :param without: names of plugins, or of single checkers, to leave out.
    :param entry_points: whether installed ones (entry-point group ``potable``) are looked for.
    :param modules: plugin modules or objects at hand, for embedding and tests.
    :param guard: gives what keeps this process from plugins that aren't released with Potable, where there are any.

    Raises :class:`~potable.engine.errors.PluginError` where a *named file* can't be used, since the operator asked for
    it, or the engine's own parts can't.
    """
    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    plugins = Plugins(_manager=manager)
    disabled = set(without)
    records: list[PluginRecord] = []
    found = [*(_installed() if entry_points else ()), *_given(modules), *_files(files)]

    def register(candidate: _Found) -> PluginRecord:
        return _register(candidate, manager, plugins, disabled)

    for record in _registered(found, register, guard):
        if record.status in ("load-error", "invalid") and record.source in map(str, files):
            raise PluginError(f"plugin file {record.source}: {record.reason}")
        if record.source == OWN and record.status != "loaded":
            raise PluginError(f"the engine's own fetchers and readers can't be used: {record.reason}")
        records.append(record)
    plugins.records = tuple(records)
    return plugins


def _registered(
    found: Sequence[_Found], register: Callable[[_Found], PluginRecord], guard: Callable[[], Guard | None] | None
) -> Iterator[PluginRecord]:
    """Potable's own plugins first, so that no other can take their names; those of others as a guard has it."""
    others = [c for c in found if c.record.dist not in _RELEASED_TOGETHER]
    yield from (register(c) for c in found if c.record.dist in _RELEASED_TOGETHER)
    wall = guard() if guard is not None and others else None
    if wall is None:
        yield from map(register, others)
        return
    deadly = wall.deadly([(_called(c.record), partial(register, c)) for c in others])
    for at, candidate in enumerate(others):
        if at in deadly:
            yield replace(candidate.record, status="load-error", reason=deadly[at])
            continue
        with wall.put_back():
            record = register(candidate)
        yield record


def _called(record: PluginRecord) -> str:
    return f"the plugin {record.name} ({record.source})"


def _installed() -> Iterator[_Found]:
    seen: set[tuple[str, str]] = set()
    points = sorted(metadata.entry_points(group=hookspecs.GROUP), key=lambda p: (p.name != "engine", p.name))
    for point in points:
        if (point.name, point.value) in seen:
            continue
        seen.add((point.name, point.value))
        dist = point.dist
        record = PluginRecord(
            name=point.name,
            dist=dist.name if dist else "",
            version=dist.version if dist else "",
            source=point.value,
        )
        yield _Found(record, point.load)


def _given(modules: Sequence[Any]) -> Iterator[_Found]:
    for module in modules:
        name = getattr(module, "__name__", type(module).__name__).rpartition(".")[2]

        def load(module: Any = module) -> Any:
            return module

        yield _Found(PluginRecord(name=name, source=name), load)


def _files(files: Sequence[str | Path]) -> Iterator[_Found]:
    for file in files:
        path = Path(file)

        def load(path: Path = path) -> Any:
            if not path.is_file():
                raise FileNotFoundError(f"there is no such file: {path}")
            module_name = f"potable_plugin_{re.sub(r'[^0-9A-Za-z_]', '_', path.stem)}"
            spec = importlib.util.spec_from_file_location(module_name, path)
            if spec is None or spec.loader is None:
                raise ImportError("it isn't a Python file (its name must end in .py)")
            module = importlib.util.module_from_spec(spec)
            sys.modules[module_name] = module
            spec.loader.exec_module(module)
            return module

        yield _Found(PluginRecord(name=path.stem, source=str(file)), load)


def _register(found: _Found, manager: pluggy.PluginManager, plugins: Plugins, disabled: set[str]) -> PluginRecord:
    record = found.record
    if record.name in disabled:
        return replace(record, status="disabled", reason="left out by the operator")
    try:
        module = _imported(found)
    except KeyboardInterrupt as e:  # it hangs, perhaps, and shouldn't do so anonymously
        if record.source != OWN:
            e.add_note(f"while {_called(record)} was being imported")
        raise
    except (SystemExit, Left) as e:
        return replace(record, status="load-error", reason=f"it called {_exit(e)} while being imported")
    except BaseException as e:  # noqa: BLE001 - whatever an import raises is its author's fault, not ours
        return replace(record, status="load-error", reason=told_of_checker(e))
    api = getattr(module, "potable_api", None)
    if api != API_VERSION:
        said = "it doesn't state potable_api" if api is None else f"it states potable_api = {api!r}"
        return replace(record, status="invalid", reason=f"{said}; this engine needs potable_api = {API_VERSION}")
    try:
        manager.register(module, f"{record.dist}:{record.name}" if record.dist else record.name)
    except (ValueError, pluggy.PluginValidationError) as e:
        return replace(record, status="invalid", reason=told(e))
    try:
        with stay():
            provided = _classes(module, manager)
        _accept(provided, getattr(module, "potable_codes", ()), plugins, disabled)
    except _InvalidPlugin as e:
        manager.unregister(module)
        return replace(record, status="invalid", reason=str(e))
    except KeyboardInterrupt:
        raise
    except (SystemExit, Left) as e:
        manager.unregister(module)
        return replace(record, status="load-error", reason=f"one of its hooks called {_exit(e)}")
    except BaseException as e:  # noqa: BLE001 - a hook's own failure
        manager.unregister(module)
        return replace(record, status="load-error", reason=told_of_checker(e))
    names = tuple(f"{kind.__name__.lower()} {cls.name}" for kind, cls in provided)
    return replace(record, provides=names)


def _imported(found: _Found) -> Any:
    if found.record.source == OWN:
        return found.load()
    with awaited(_called(found.record)), stay():
        return found.load()


def _exit(error: SystemExit | Left) -> str:
    name = "os._exit" if isinstance(error, Left) else "exit"
    return f"{name}({error.code})"


def _classes(module: Any, manager: pluggy.PluginManager) -> list[tuple[type, Any]]:
    provided: list[tuple[type, Any]] = []
    marked = {n for n in dir(module) if hasattr(getattr(module, n, None), f"{hookspecs.GROUP}_impl")}
    for name in sorted(marked.difference(vars(hookspecs))):
        raise _InvalidPlugin(f"there is no hook {name}; see the hooks of the checker author guide")
    for name in sorted(_HOOKS.intersection(dir(module)) - marked):
        raise _InvalidPlugin(f"{name} isn't called: write @hookimpl above it")
    for hook, kind in KINDS.items():
        for impl in getattr(manager.hook, hook).get_hookimpls():
            if impl.plugin is not module:
                continue
            given = impl.function() or ()
            if not isinstance(given, Iterable):
                raise _InvalidPlugin(f"{hook} gave {given!r}: it has to give a list of classes")
            for cls in given:
                if not (inspect.isclass(cls) and issubclass(cls, kind)):
                    raise _InvalidPlugin(f"{hook} gave {cls!r}, which isn't a subclass of {kind.__name__}")
                if inspect.isabstract(cls):
                    missing = ", ".join(sorted(getattr(cls, "__abstractmethods__", ())))
                    raise _InvalidPlugin(f"{cls.__name__} lacks {missing}")
                if not NAME.fullmatch(str(getattr(cls, "name", ""))):
                    raise _InvalidPlugin(f"{cls.__name__}.name must be lower-case letters, digits and dashes")
                _check_served(cls)
                if issubclass(cls, Checker) and not isinstance(cls.options_schema, Mapping):
                    raise _InvalidPlugin(f"{cls.__name__}.options_schema is no mapping: write a JSON Schema")
                provided.append((kind, cls))
    return provided


def _check_served(cls: Any) -> None:
    """What a fetcher or reader is for can be asked for: else nobody would notice that it isn't used."""
    for member, wanted, what in _SERVED:
        served = getattr(cls, member, ())
        if isinstance(served, str) or not isinstance(served, Iterable):
            raise _InvalidPlugin(f"{cls.__name__}.{member} is {served!r}: write a set of texts")
        for one in served:
            if not (isinstance(one, str) and wanted.fullmatch(one)):
                raise _InvalidPlugin(f"{cls.__name__}.{member} holds {one!r}: {what}")


def _accept(provided: list[tuple[type, Any]], shared: Sequence[Code], plugins: Plugins, disabled: set[str]) -> None:
    """Take over the classes and codes of a plugin, all or none."""
    homes: Mapping[type, dict[str, Any]] = {
        Checker: plugins.checkers,
        Fetcher: plugins.fetchers,
        Reader: plugins.readers,
        Reporter: plugins.reporters,
    }
    codes: dict[str, Code] = {code.id: code for code in shared}
    taken: set[tuple[type, str]] = set()
    for kind, cls in provided:
        home = homes.get(kind, {})
        if cls.name in home or (kind, cls.name) in taken:
            raise _InvalidPlugin(f"there is a {kind.__name__.lower()} {cls.name!r} already")
        taken.add((kind, cls.name))
        own = getattr(cls, "codes", ())
        if not isinstance(own, Iterable) or isinstance(own, str):
            raise _InvalidPlugin(f"{cls.__name__}.codes is {a_kind(own)}: write a tuple of Codes")
        for code in own:
            if not isinstance(code, Code):
                raise _InvalidPlugin(f"{cls.__name__}.codes holds {code!r}, which isn't a Code of potable.engine")
            if code.family != cls.name and (kind is Checker or code.family not in SHARED_FAMILIES):
                raise _InvalidPlugin(f"code {code.id} doesn't start with {cls.name}/")
            codes[code.id] = code
    for code in codes.values():
        if plugins.codes.get(code.id, code) is not code:
            raise _InvalidPlugin(f"there is a code {code.id} already")
    plugins.codes.update(codes)
    for kind, cls in provided:
        if kind is Catalog:
            plugins.catalogs = (*plugins.catalogs, cls)
        elif cls.name not in disabled or kind is not Checker:
            homes[kind][cls.name] = cls
