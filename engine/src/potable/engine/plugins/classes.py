"""What a plugin provides: classes of the kinds that hooks ask for, and codes; whether these can be used."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pluggy

from potable.engine import hookspecs
from potable.engine.checker import Checker
from potable.engine.contracts.catalog import Catalog, Reporter
from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.reading import Reader
from potable.engine.errors import likely
from potable.engine.findings import Code
from potable.engine.handed import a_kind
from potable.engine.lazyregex import lazy_regex
from potable.engine.plugins.registered import Plugins

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


def may_report(kind: type[Checker | Fetcher | Reader], code: str) -> bool:
    """Whether a class may report a code: one of its own name, or a shared one."""
    return code.partition("/")[0] in (kind.name, *SHARED_FAMILIES)


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


class InvalidPlugin(Exception):
    """What a plugin provides can't be used; ``str()`` says why."""


def classes_of(module: Any, manager: pluggy.PluginManager) -> list[tuple[type, Any]]:
    """The classes that a registered module's hooks give, each with its kind. Raises :class:`InvalidPlugin`."""
    provided: list[tuple[type, Any]] = []
    marked = {n for n in dir(module) if hasattr(getattr(module, n, None), f"{hookspecs.GROUP}_impl")}
    for name in sorted(marked.difference(vars(hookspecs))):
        near = likely(name, _HOOKS)
        mend = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(_HOOKS))}"
        raise InvalidPlugin(f"there is no hook {name}; {mend}")
    for name in sorted(_HOOKS.intersection(dir(module)) - marked):
        raise InvalidPlugin(f"{name} isn't called: write @hookimpl above it")
    for hook, kind in KINDS.items():
        for impl in getattr(manager.hook, hook).get_hookimpls():
            if impl.plugin is not module:
                continue
            given = impl.function() or ()
            if not isinstance(given, Iterable):
                raise InvalidPlugin(f"{hook} gave {given!r}: it has to give a list of classes")
            for cls in given:
                if not (inspect.isclass(cls) and issubclass(cls, kind)):
                    raise InvalidPlugin(f"{hook} gave {cls!r}, which isn't a subclass of {kind.__name__}")
                if inspect.isabstract(cls):
                    missing = ", ".join(sorted(getattr(cls, "__abstractmethods__", ())))
                    raise InvalidPlugin(f"{cls.__name__} lacks {missing}")
                check_class(cls)
                provided.append((kind, cls))
    return provided


def check_class(cls: Any) -> None:
    """Raises :class:`InvalidPlugin` where nobody could name a class, or ask for what it serves."""
    if not NAME.fullmatch(str(getattr(cls, "name", ""))):
        raise InvalidPlugin(f"{cls.__name__}.name must be lower-case letters, digits and dashes")
    _check_served(cls)
    if issubclass(cls, Checker) and not isinstance(cls.options_schema, Mapping):
        raise InvalidPlugin(f"{cls.__name__}.options_schema is no mapping: write a JSON Schema")


def own_codes(kind: type, cls: Any) -> list[Code]:
    """The codes that a class of this kind declares. Raises :class:`InvalidPlugin` where they aren't its own."""
    own = getattr(cls, "codes", ())
    if not isinstance(own, Iterable) or isinstance(own, str):
        raise InvalidPlugin(f"{cls.__name__}.codes is {a_kind(own)}: write a tuple of Codes")
    codes: list[Code] = []
    for code in own:
        if not isinstance(code, Code):
            raise InvalidPlugin(f"{cls.__name__}.codes holds {code!r}, which isn't a Code of potable.engine")
        if code.family != cls.name and (kind is Checker or code.family not in SHARED_FAMILIES):
            raise InvalidPlugin(f"code {code.id} doesn't start with {cls.name}/")
        codes.append(code)
    return codes


def _check_served(cls: Any) -> None:
    """What a fetcher or reader is for can be asked for: else nobody would notice that it isn't used."""
    needed = ("formats",) if issubclass(cls, Reader) else ("methods", "schemes") if issubclass(cls, Fetcher) else ()
    if needed and not any(getattr(cls, member, ()) for member in needed):
        raise InvalidPlugin(f"{cls.__name__} has no {' and no '.join(needed)}: nobody would ask for it")
    for member, wanted, what in _SERVED:
        served = getattr(cls, member, ())
        if isinstance(served, str) or not isinstance(served, Iterable):
            raise InvalidPlugin(f"{cls.__name__}.{member} is {served!r}: write a set of texts")
        for one in served:
            if not (isinstance(one, str) and wanted.fullmatch(one)):
                raise InvalidPlugin(f"{cls.__name__}.{member} holds {one!r}: {what}")


def served(cls: Any) -> dict[str, frozenset[str]]:
    """What a fetcher or reader is asked for: ``methods``, ``schemes`` or ``formats``."""
    if issubclass(cls, Reader):
        return {"formats": frozenset(cls.formats)}
    if issubclass(cls, Fetcher):  # its schemes count only where it serves no methods
        return {"methods": frozenset(cls.methods)} if cls.methods else {"schemes": frozenset(cls.schemes)}
    return {}


def _check_free(cls: Any, others: Sequence[Any]) -> None:
    """Nobody else serves what a fetcher or reader is for: it would never be asked."""
    for what, mine in served(cls).items():
        for other in others:
            for one in sorted(mine & served(other).get(what, frozenset())):
                raise InvalidPlugin(
                    f"{cls.__name__} serves the {what[:-1]} {one!r}, which another does already{_whose(other)}"
                )


def _whose(other: Any) -> str:
    """Who has what a plugin wants: `` (S3Fetcher of potable.engine.fetching.remote.s3)``."""
    return "" if other is None else f" ({other.__name__} of {other.__module__})"


def accept(provided: list[tuple[type, Any]], shared: Sequence[Code], plugins: Plugins, disabled: set[str]) -> None:
    """Take over the classes and codes of a plugin, all or none. Raises :class:`InvalidPlugin`.

    :param shared: codes that it has besides those of its classes.
    :param disabled: names of checkers that are left out.
    """
    homes: Mapping[type, dict[str, Any]] = {
        Checker: plugins.checkers,
        Fetcher: plugins.fetchers,
        Reader: plugins.readers,
        Reporter: plugins.reporters,
    }
    codes: dict[str, Code] = {code.id: code for code in shared}
    taken: set[tuple[type, str]] = set()
    for at, (kind, cls) in enumerate(provided):
        home = homes.get(kind, {})
        if cls.name in home or (kind, cls.name) in taken:
            raise InvalidPlugin(f"there is a {kind.__name__.lower()} {cls.name!r} already{_whose(home.get(cls.name))}")
        _check_free(cls, [*home.values(), *(other for of, other in provided[:at] if of is kind)])
        taken.add((kind, cls.name))
        codes.update((code.id, code) for code in own_codes(kind, cls))
    for code in codes.values():
        if plugins.codes.get(code.id, code) is not code:
            raise InvalidPlugin(f"there is a code {code.id} already")
    plugins.codes.update(codes)
    for kind, cls in provided:
        if kind is Catalog:
            plugins.catalogs = (*plugins.catalogs, cls)
        elif cls.name not in disabled or kind is not Checker:
            homes[kind][cls.name] = cls
