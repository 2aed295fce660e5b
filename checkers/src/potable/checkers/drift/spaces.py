"""Names in XML that are the same but for their prefix or their namespace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child


def with_other_prefix(gone: list[str], new: list[str]) -> dict[str, str]:
    """Fields that are gone, and those that differ from them in XML's prefixes alone."""
    if not any(":" in name for name in (*gone, *new)):
        return {}
    alike: dict[tuple[str, ...], tuple[list[str], list[str]]] = {}
    for side, names in enumerate((gone, new)):
        for name in names:
            alike.setdefault(_bare(name), ([], []))[side].append(name)
    return {before[0]: now[0] for before, now in alike.values() if len(before) == len(now) == 1}


def _bare(name: str) -> tuple[str, ...]:
    """The names in a path without prefixes."""
    return tuple(
        step.name[:1] * step.name.startswith("@") + step.name.removeprefix("@").rpartition(":")[2]
        if isinstance(step, Child)
        else ""
        for step in FieldPath.parse(name).steps
    )


def moved_names(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[tuple[str, str], list[str]]:
    """Elements that both runs have, and that are in another namespace now, by the two namespaces.

    Elements of one name may be in several: only those that have none in common count.

    :param before: the names of elements as spelt, by namespace; :param now: likewise.
    """
    old, new = _by_name(before), _by_name(now)
    moved: dict[tuple[str, str], list[str]] = {}
    for name in new:
        if name in old and not old[name] & new[name]:
            moved.setdefault((min(old[name]), min(new[name])), []).append(name)
    return moved


def _by_name(names: Mapping[str, Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for uri, those in names.items():
        for name in those if isinstance(those, list | tuple) else ():
            found.setdefault(str(name), set()).add(uri)
    return found
