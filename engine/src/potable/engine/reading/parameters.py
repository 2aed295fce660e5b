"""Parameters of a definition as readers take them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from potable.engine.findings import Fault, Occurrence

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition


def bad_value(source: SourceDefinition, name: str, value: Any, expected: str) -> Fault:
    """``definition/bad-value``: a parameter that can't be used."""
    message = f"{name} is {value!r}; it must be {expected}"
    return Fault(Occurrence("definition/bad-value", message, value=str(value), location=source.place(f"/{name}")))


def lines_of(source: SourceDefinition, name: str, default: int) -> int:
    """A parameter that counts lines. Raises :class:`Fault` for one that isn't an integer, 0 or more."""
    value = source.parameters.get(name, default)
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise bad_value(source, name, value, "a number of lines, 0 or more")
    return value
