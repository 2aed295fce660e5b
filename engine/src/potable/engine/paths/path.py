"""A field path: parsed once, spelled in one way, evaluated often."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from potable.engine.paths import evaluation, grammar
from potable.engine.paths.steps import Child, Index, Step, quoted, render, spelled


@dataclass(frozen=True)
class FieldPath:
    """Which values of a record are meant. Equal paths are equal and hash alike, however they were spelled.

    :param steps: at least one.
    """

    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str) -> FieldPath:
        """The path that ``text`` spells: a path that starts with ``$``, or else a plain column name.

        Raises :class:`~potable.engine.paths.PathError` with the column of the fault.
        """
        return _parse(text)

    @cached_property
    def canonical(self) -> str:
        """Its one spelling: ``$.age``, ``$.'a b'``, ``$.a..b[*].c``."""
        return render(self.steps)

    @property
    def name(self) -> str:
        """Its last plain name; "" where it has none (``$[*]``)."""
        return next((s.name for s in reversed(self.steps) if isinstance(s, Child)), "")

    @property
    def column(self) -> str | None:
        """The column's name, where the path is one plain step: only such a path names a column of a table."""
        match self.steps:
            case (Child(name, deep=False),):
                return name
        return None

    @property
    def header(self) -> tuple[str, int] | None:
        """The column's name and which of the equal headers it is, from 1: ``$.'a'[2]`` is the second ``a``."""
        match self.steps:
            case (Child(name, deep=False),):
                return name, 1
            case (Child(name, deep=False), Index(number, deep=False)) if number >= 2:
                return name, number
        return None

    @property
    def singular(self) -> bool:
        """Whether it finds at most one value in any record: names and indices only, none at any depth."""
        return all(isinstance(s, Child | Index) and not s.deep for s in self.steps)

    @cached_property
    def _stages(self) -> tuple[evaluation.Stage, ...]:
        return evaluation.compile_steps(self.steps)

    def find(self, value: Any) -> list[tuple[Any, str]]:
        """What it finds in a JSON-like value, in document order: (value, JSON Pointer) pairs."""
        nodes: Any = ((value, ""),)
        for stage in self._stages:
            nodes = stage(nodes)
        return list(nodes)

    def __str__(self) -> str:
        return self.canonical

    def __reduce__(self) -> tuple[type[FieldPath], tuple[tuple[Step, ...]]]:
        return FieldPath, (self.steps,)  # without what is cached: closures don't pickle


@lru_cache(maxsize=4096)
def _parse(text: str) -> FieldPath:
    return FieldPath(grammar.parse(text))


def canonical(text: str) -> str:
    """The canonical spelling of a path or plain column name; raises :class:`~potable.engine.paths.PathError`."""
    return _parse(text).canonical


def column_path(name: str, nth: int = 1) -> str:
    """The canonical path of a table's column; ``nth`` (from 1) tells equal headers apart: ``$.'a'[2]``."""
    return f"$.{spelled(name)}" if nth == 1 else f"$.{quoted(name)}[{nth}]"
