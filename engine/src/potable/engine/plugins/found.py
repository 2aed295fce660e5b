"""Where plugins are: among what is installed, at hand in a program, in files that the operator names."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from potable.engine import hookspecs
from potable.engine.plugins.registered import PluginRecord


@dataclass(frozen=True, slots=True)
class Found:
    """A plugin that isn't loaded yet, and what loads it."""

    record: PluginRecord
    load: Callable[[], Any]


def installed() -> Iterator[Found]:
    """Those of the entry-point group ``potable``, the engine's own first."""
    yield from _on(tuple((folder, _changed(folder)) for folder in sys.path))


@lru_cache(maxsize=4)
def _on(path: tuple[tuple[str, int | None], ...]) -> tuple[Found, ...]:
    """Those on the import path, looked for once: all distributions' metadata are read for it.

    :param path: the folders, each with when it changed last, as it does where something is installed.
    """
    points = sorted(metadata.entry_points(group=hookspecs.GROUP), key=lambda p: (p.name != "engine", p.name))
    first: dict[tuple[str, str], metadata.EntryPoint] = {}
    for point in points:
        first.setdefault((point.name, point.value), point)
    return tuple(map(_found, first.values()))


def _found(point: metadata.EntryPoint) -> Found:
    dist = point.dist
    record = PluginRecord(
        name=point.name,
        dist=dist.name if dist else "",
        version=dist.version if dist else "",
        source=point.value,
    )
    return Found(record, point.load)


def _changed(folder: str) -> int | None:
    try:
        return Path(folder).stat().st_mtime_ns
    except OSError:
        return None


def given(modules: Sequence[Any]) -> Iterator[Found]:
    """Modules, or what stands for some."""
    for module in modules:
        name = getattr(module, "__name__", type(module).__name__).rpartition(".")[2]

        def load(module: Any = module) -> Any:
            return module

        yield Found(PluginRecord(name=name, source=name), load)


def in_files(files: Sequence[str | Path]) -> Iterator[Found]:
    """Python files."""
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

        yield Found(PluginRecord(name=path.stem, source=str(file)), load)
