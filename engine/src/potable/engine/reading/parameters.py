"""Parameters of a definition as readers take them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from potable.engine.findings import Fault, Occurrence
from potable.engine.reading.decoding import codec

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition


def bad_value(source: SourceDefinition, name: str, value: Any, expected: str) -> Fault:
    """``definition/bad-value``: a parameter that can't be used."""
    message = f"{name} is {value!r}; it must be {expected}"
    return Fault(Occurrence("definition/bad-value", message, value=str(value), location=source.place(f"/{name}")))


def faults_of(source: SourceDefinition, *taken: Callable[[SourceDefinition], object]) -> Iterator[Occurrence]:
    """What can't be used of a definition's parameters; ``taken``: what takes some, and raises :class:`Fault`."""
    for take in taken:
        try:
            take(source)
        except Fault as fault:
            yield fault.occurrence


def declared_encoding(source: SourceDefinition) -> str | None:
    """The definition's encoding. Raises :class:`Fault` for one that isn't known."""
    value = source.parameters.get("encoding")
    if not value:
        return None
    if not isinstance(value, str) or codec(value) is None:
        raise bad_value(source, "encoding", value, "a known encoding, as utf-8, windows-1252 or utf-16")
    return value


def sheet_of(source: SourceDefinition) -> str | int | None:
    """A workbook's sheet. Raises :class:`Fault` for what is neither a name nor a number."""
    value: Any = source.parameters.get("sheet")
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise bad_value(source, "sheet", value, "the name of a sheet, or its number from 1")
    return value


def header_lines(source: SourceDefinition) -> tuple[int, int]:
    """Where the header is, and up to where lines are left out. Raises :class:`Fault` for what is no number of lines."""
    return _lines_of(source, "headerLine", 1), _lines_of(source, "ignoreLines", 0)


def _lines_of(source: SourceDefinition, name: str, default: int) -> int:
    """A parameter that counts lines. Raises :class:`Fault` for one that isn't an integer, 0 or more."""
    value = source.parameters.get(name, default)
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise bad_value(source, name, value, "a number of lines, 0 or more")
    return value
