"""Options that say how a file is read which has no definition: a definition's members, by their names."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from potable.engine.errors import UsageError

R = TypeVar("R")

_NAMED = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_OPTIONS = {
    "delimiter": ("--delimiter", "C", "What separates the cells of a table; tab or \\t is a tab."),
    "textQuote": ("--text-quote", "C", "What quotes a cell of a table."),
    "comment": ("--comment", "TEXT", "What lines begin with that aren't data, as #."),
    "headerLine": ("--header-line", "N", "Line of a table's header, a sheet's row; 0: there is none."),
    "encoding": ("--encoding", "NAME", "The data's character encoding, as windows-1252."),
    "sheet": ("--sheet", "NAME", "A workbook's sheet, by its name or its number from 1."),
    "documentElement": (
        "--document-element", "NAME", "Element of XML, or member of JSON, that is a record or holds them."
    ),
}  # fmt: skip
"""By member: option, metavar, help."""


def dialect_options(command: Callable[..., R]) -> Callable[..., R]:
    """The options, handed to the command as ``dialect``: the members that are given."""

    @wraps(command)
    def call(**given: Any) -> R:
        texts = {member: given.pop(member.lower()) for member in _OPTIONS}
        dialect = {member: _value(member, text) for member, text in texts.items() if text is not None}
        return command(**given, dialect=dialect)

    for member, (name, metavar, words) in reversed(_OPTIONS.items()):
        kind = click.IntRange(0) if member == "headerLine" else str
        call = click.option(name, member.lower(), metavar=metavar, type=kind, help=words)(call)
    return call


def _value(member: str, given: str | int) -> str | int:
    if given == "" and member != "textQuote":  # a table may have no quotes
        example = {"delimiter": "a character, as in --delimiter ';'"}.get(member, "a value")
        raise UsageError(f"{_OPTIONS[member][0]} needs {example}")
    if member == "delimiter":
        return _NAMED.get(str(given), given)
    return given
