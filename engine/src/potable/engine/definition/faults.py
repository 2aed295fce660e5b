"""A fault of a definition, told at the place of the member that has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence
from potable.engine.paths.pointer import unescape


def fault_at(
    source: SourceDefinition,
    code: str,
    message: str,
    pointer: str,
    *,
    hint: str | None = None,
    value: str | None = None,
    details: Mapping[str, Any] = MappingProxyType({}),
) -> Occurrence:
    """An occurrence of ``definition/{code}``.

    :param pointer: native JSON Pointer of the member; it needn't be there, see :meth:`SourceDefinition.place`.
    :param value: as it's written, where that is worth to be seen.
    :param details: further facts, JSON-compatible.
    """
    place = source.place(pointer)
    return Occurrence(
        f"definition/{code}", message, rule=place.path, value=value, location=place, hint=hint, details=dict(details)
    )


def missing_fault(source: SourceDefinition, message: str, names: Sequence[str]) -> Occurrence:
    """One of ``names`` is needed and isn't there; told at the name that was probably meant to be it."""
    for said in source.notes:
        if said.code == "definition/unknown-key" and said.details.get("meant") in names:
            path = said.location.path or ""
            written, meant = unescape(path.rpartition("/")[2]), said.details["meant"]
            return Occurrence(
                "definition/missing-parameter", f"{message}; {written[:200]!r} isn't known and has no effect",
                rule=path, location=said.location, hint=f"Did you mean {meant}?",
            )  # fmt: skip
    return fault_at(source, "missing-parameter", message, f"/{names[0]}")
