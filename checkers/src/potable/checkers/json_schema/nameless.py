"""Places at and below members called "": the validator's paths leave such steps out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jsonschema_rs

from potable.engine.toolkit import pointer_of

Paths = tuple[list[str | int], list[str | int]]
"""The way to a value in the record, and that to the keyword in the schema."""


def holds_nameless(record: Any) -> bool:
    """Whether an object anywhere in a record has a member called ""."""
    nodes = [record]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            if "" in node:
                return True
            nodes += node.values()
        elif isinstance(node, list):
            nodes += node
    return False


def with_nameless(
    errors: Iterable[jsonschema_rs.ValidationError], evaluated: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[jsonschema_rs.ValidationError, Paths]]:
    """Errors, each with its whole paths.

    :param errors: of the validator's ``iter_errors``.
    :param evaluated: of its ``evaluate``: the same ones, and those inside of alternatives, whose pointers are whole.
    """
    whole: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for one in evaluated:
        at, rule = one["instanceLocation"], one["schemaLocation"].rpartition("#")[2]
        whole.setdefault((_told(at), one["error"]), []).append((at, rule))
    for error in errors:
        path, way = list(error.instance_path), list(error.schema_path)
        known = whole.get((pointer_of(path), error.message), [])
        same = [pair for pair in known if _told(pair[1]) == pointer_of(way)]
        if same:
            known.remove(same[0])  # of errors alike each has its own place
            yield error, (_filled(path, same[0][0]), _filled(way, same[0][1]))
        else:
            yield error, (_filled(path, known[0][0]) if known else path, way)


def _told(pointer: str) -> str:
    """A pointer as the validator's paths have it."""
    return "".join(f"/{step}" for step in pointer.split("/") if step)


def _filled(path: list[str | int], pointer: str) -> list[str | int]:
    """A path with the steps that it lacks."""
    steps = iter(path)
    return [next(steps) if step else "" for step in pointer.split("/")[1:]]
