"""The columns of each of a source's files, gathered for checks of the header."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from potable.checkers.formats import PADDED_FORMATS
from potable.engine.checker import Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Location, Occurrence
from potable.engine.paths import FieldPath
from potable.engine.toolkit import likely

COMPARED = 300
"""Most columns whose names are compared letter by letter: it's slow."""

Columns = tuple[str, ...]
Check = Callable[[Columns, Location], Iterable[Occurrence]]


class HeaderFold(Fold[dict[str, Columns]]):
    """Runs a check once for each file of a tabular source.

    :param check: called with a file's columns (canonical paths, in order) and the header's place.
    :param line: the header's line; None where a file has none.
    """

    def __init__(self, name: str, codes: Sequence[str], check: Check, line: int | None) -> None:
        self.name = name
        self.codes = codes
        self._check = check
        self._line = line

    def start(self) -> dict[str, Columns]:
        return {}

    def update(self, state: dict[str, Columns], chunk: Chunk) -> dict[str, Columns]:
        if chunk.columns is not None:
            state.setdefault(chunk.file, chunk.columns)
        return state

    def merge(self, left: dict[str, Columns], right: dict[str, Columns]) -> dict[str, Columns]:
        return {**left, **{file: columns for file, columns in right.items() if file not in left}}

    def finish(self, state: dict[str, Columns]) -> Outcome:
        found: list[Occurrence] = []
        for file, columns in state.items():
            found += self._check(columns, Location(file=file, line=self._line))
        return Outcome(findings=found)


def header_line(source: SourceDefinition) -> int | None:
    """The physical line of the header, in a sheet its row; None for a source without one."""
    if source.format not in PADDED_FORMATS | {"excel"}:
        return None
    try:
        return int(source.parameters.get("headerLine", 1)) or None
    except (TypeError, ValueError):
        return 1


def shown(path: str) -> str:
    """A column's name as messages show it."""
    header = FieldPath.parse(path).header
    return path if header is None else repr(header[0])


def likely_columns(path: str, columns: Columns) -> list[str]:
    """The columns that a name which isn't there was most likely meant to be, best first.

    Among more than :data:`COMPARED` columns only those that differ in case or blanks are told.
    """
    name = FieldPath.parse(path).column
    if name is None:
        return []
    names: dict[str, str] = {}
    for column in columns:
        header = FieldPath.parse(column).header
        if header is not None and header[1] == 1 and header[0].strip():
            names[header[0].strip()] = column
    if len(names) > COMPARED:
        wanted = name.strip().casefold()
        return [column for n, column in names.items() if n.casefold() == wanted][:2]
    return [names[n] for n in likely(name, names, n=2)]


def did_you_mean(near: Sequence[str]) -> str:
    """A question that ends a message, or nothing."""
    return f"; did you mean {' or '.join(map(shown, near))}?" if near else ""
