"""Names that somebody chose by: codes to report or not, plugins to leave out. A misspelt one isn't passed over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from potable.engine.errors import UsageError, likely, likely_code

if TYPE_CHECKING:
    from potable.engine.plugins import Plugins


_OURS = frozenset({"engine", "checkers"})
"""Plugins of this project, by the names of their entry points: to leave one out that isn't installed is no slip."""


def known_codes(names: Sequence[str], codes: Iterable[str]) -> tuple[str, ...]:
    """``names``, if each is a code or a family of codes.

    :raises UsageError: one isn't: a misspelt code would select nothing, and what isn't looked for can't fail.
    """
    ids = list(codes)
    known = {*ids, *(code.partition("/")[0] for code in ids)}
    for name in names:
        if name not in known:
            near = likely_code(name, ids)
            told = f"did you mean {near}?" if near else "potable explain lists all codes"
            raise UsageError(f"there is no code {name!r}; {told}")
    return tuple(names)


def check_left_out(without: Iterable[str], plugins: Plugins, option: str = "--no-plugin") -> Plugins:
    """``plugins``, if each name that's to be left out is that of a plugin or checker.

    :param option: what says so, for the message.

    :raises UsageError: one isn't: what was to be left out would run all the same.
    """
    known = {r.name for r in plugins.records} | {p.partition(" ")[2] for r in plugins.records for p in r.provides}
    for name in without:
        if name not in known | _OURS:
            near = likely(name, known)
            told = f"did you mean {near[0]}?" if near else "potable plugins lists all"
            raise UsageError(f"{option}: there is no plugin or checker {name!r}; {told}")
    return plugins
