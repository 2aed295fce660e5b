"""Loads plugins: what is theirs to break stays theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import pluggy

from potable.engine import hookspecs
from potable.engine.checker import API_VERSION
from potable.engine.containment import awaited, stay
from potable.engine.errors import Left, PluginError, told, told_of_checker
from potable.engine.plugins.classes import InvalidPlugin, accept, classes_of
from potable.engine.plugins.found import Found, given, in_files, installed
from potable.engine.plugins.registered import PluginRecord, Plugins

Step = tuple[str, Callable[[], object]]
"""What is done, as ``the plugin NAME (FILE)``, and what does it."""

OWN = "potable.engine.builtins"
"""The engine's own plugin; without it no source can be read."""

RELEASED_TOGETHER = frozenset({"potable-engine", "potable-checkers", "potable-server"})
"""Distributions whose plugins are known not to harm the process that imports them."""


class Guard(Protocol):
    """Keeps a process from what others' plugins do to it while they're imported, even in C."""

    def deadly(self, steps: Sequence[Step]) -> Mapping[int, str]:
        """Those that would end the process, by their index, and in a sentence how."""

    def put_back(self) -> AbstractContextManager[None]:
        """A block after which the process is as it was before, but for what was imported."""


def load_plugins(
    files: Sequence[str | Path] = (),
    without: Iterable[str] = (),
    *,
    entry_points: bool = True,
    modules: Sequence[Any] = (),
    unusable: Mapping[str, str] = MappingProxyType({}),
    guard: Callable[[], Guard | None] | None = None,
) -> Plugins:
    """Find and load all plugins.

    :param files: plugin files that the operator named.
    :param without: names of plugins, or of single checkers, to leave out.
    :param entry_points: whether installed ones (entry-point group ``potable``) are looked for.
    :param modules: plugin modules or objects at hand, for embedding and tests.
    :param unusable: why those that another process couldn't load aren't loaded here, by their records' ``source``.
    :param guard: gives what keeps this process from plugins that aren't released with Potable, where there are any.

    Raises :class:`~potable.engine.errors.PluginError` where a *named file* can't be used, since the operator asked for
    it, or the engine's own parts can't.
    """
    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    plugins = Plugins(_manager=manager)
    disabled = set(without)
    records: list[PluginRecord] = []
    found = [*(installed() if entry_points else ()), *given(modules), *in_files(files)]

    def register(candidate: Found) -> PluginRecord:
        if (reason := unusable.get(candidate.record.source)) is not None:
            return replace(candidate.record, status="load-error", reason=reason)
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
    found: Sequence[Found], register: Callable[[Found], PluginRecord], guard: Callable[[], Guard | None] | None
) -> Iterator[PluginRecord]:
    """Potable's own plugins first, so that no other can take their names; those of others as a guard has it."""
    others = [c for c in found if c.record.dist not in RELEASED_TOGETHER]
    yield from (register(c) for c in found if c.record.dist in RELEASED_TOGETHER)
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


def _register(found: Found, manager: pluggy.PluginManager, plugins: Plugins, disabled: set[str]) -> PluginRecord:
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
    if not record.dist and manager.is_registered(module):  # given by a program, and installed too
        return replace(record, status="disabled", reason=f"it's loaded already, as {manager.get_name(module)}")
    try:
        manager.register(module, f"{record.dist}:{record.name}" if record.dist else record.name)
    except (ValueError, pluggy.PluginValidationError) as e:
        return replace(record, status="invalid", reason=told(e))
    try:
        with stay():
            provided = classes_of(module, manager)
        accept(provided, getattr(module, "potable_codes", ()), plugins, disabled)
    except InvalidPlugin as e:
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


def _imported(found: Found) -> Any:
    if found.record.source == OWN:
        return found.load()
    with awaited(_called(found.record)), stay():
        return found.load()


def _exit(error: SystemExit | Left) -> str:
    name = "os._exit" if isinstance(error, Left) else "exit"
    return f"{name}({error.code})"
