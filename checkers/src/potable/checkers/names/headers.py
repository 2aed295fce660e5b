"""The columns of each of a source's files, gathered for checks of the header."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from potable.checkers.declared.formats import PADDED_FORMATS
from potable.checkers.names.likely import Columns
from potable.engine.checker import Fold, Outcome
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Location, Occurrence

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
