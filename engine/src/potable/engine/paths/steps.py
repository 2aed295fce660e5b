"""The steps of a field path, and their canonical spelling."""

from __future__ import annotations

from dataclasses import dataclass

from potable.engine.errors import UsageError
from potable.engine.lazyregex import lazy_regex

BARE = lazy_regex(r"[A-Za-z0-9_@-]+(?::[A-Za-z0-9_@-]+)*")
"""A name that needs no quotes."""


class PathError(UsageError):
    """A field path can't be read.

    :param reason: what is wrong, with the mend.
    :param column: column of the fault in the path, from 1.
    :param hint: what the old system silently read instead, where it did; else "".
    """

    def __init__(self, reason: str, column: int, hint: str = "") -> None:
        super().__init__(reason, column, hint)
        self.reason, self.column, self.hint = reason, column, hint

    def __str__(self) -> str:
        text = f"{self.reason} (column {self.column})"
        return f"{text}. {self.hint}" if self.hint else text


@dataclass(frozen=True, slots=True)
class Child:
    """The member of that name; with ``deep`` at any depth."""

    name: str
    deep: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """The array's item with that number, from 0; negative ones count from the end."""

    number: int
    deep: bool = False


@dataclass(frozen=True, slots=True)
class Wildcard:
    """All items of an array, all members of an object."""

    deep: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Those items or members whose own member, reached by ``names``, is the text ``value``."""

    names: tuple[str, ...]
    value: str
    deep: bool = False


Step = Child | Index | Wildcard | Filter


def quoted(name: str) -> str:
    """``name`` in single quotes, with ``\\`` and ``'`` escaped."""
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def spelled(name: str) -> str:
    """``name`` as a step spells it: bare where it can be, else in quotes."""
    return name if BARE.fullmatch(name) else quoted(name)


def render(steps: tuple[Step, ...]) -> str:
    """The canonical spelling of ``steps``."""
    match steps:
        case (Child(name, deep=False), Index(number, deep=False)) if number >= 2:
            # The reports' name of a table's second, third, ... column of that header.
            return f"$.{quoted(name)}[{number}]"
    return "$" + "".join(map(_render_step, steps))


def _render_step(step: Step) -> str:
    match step:
        case Child(name, deep):
            return (".." if deep else ".") + spelled(name)
        case Index(number, deep):
            text = f"[{number}]"
        case Wildcard(deep):
            text = "[*]"
        case Filter(names, value, deep):
            text = "[?(@" + "".join(f".{quoted(n)}" for n in names) + f"={quoted(value)})]"
    return ".." + text if deep else text
