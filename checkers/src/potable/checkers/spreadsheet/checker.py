"""The ``spreadsheet`` checker: what a spreadsheet does to data that pass through it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, ClassVar

from potable.checkers.declared.fields import bad_paths, chosen_of, field_list, left_out_of, paths_of
from potable.checkers.declared.keys import keys_of
from potable.checkers.declared.switched import is_on
from potable.checkers.names.headers import HeaderFold, header_line
from potable.checkers.spreadsheet.codes import (
    CODES,
    ERROR_VALUE,
    LOST_ZEROS,
    MANGLED,
    SCIENTIFIC,
    SEQUENCE,
    TRUNCATED,
)
from potable.engine.checker import EACH_FIELD, Checker, Fold
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence


class SpreadsheetChecker(Checker):
    """Symbols turned into dates, identifiers turned into rounded numbers, codes without their leading zeros, errors of
    formulas, texts cut at a limit; breaks in a sequence.
    """

    name = "spreadsheet"
    codes = CODES
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "symbols": field_list("Fields of gene symbols or the like, besides those that look so."),
            "ids": field_list("Fields of identifiers, besides those that look so."),
            "except": field_list("Fields that aren't looked at."),
            "sequences": {
                "type": "object",
                "default": {},
                "description": "By field: how its values grow from record to record; an integer is the step.",
                "additionalProperties": {
                    "type": ["integer", "object"],
                    "additionalProperties": False,
                    "properties": {"start": {"type": "integer"}, "step": {"type": "integer"}},
                },
            },
        },
    }

    def check_definition(self, source: SourceDefinition) -> Iterator[Occurrence]:
        """Fields of the options that can't be read as paths."""
        for option in ("symbols", "ids", "except", "sequences"):
            yield from bad_paths(source, f"/checks/spreadsheet/{option}", list(self.options[option]))

    def folds(self, source: SourceDefinition) -> Iterator[Fold[Any]]:
        """What is on."""
        from potable.checkers.folds.cells import CellFold  # heavy
        from potable.checkers.spreadsheet.cells import ERROR_TRAIT, GREATEST_TRAIT, IdFold, SymbolFold
        from potable.checkers.spreadsheet.sequences import SequenceFold, check_columns
        from potable.checkers.spreadsheet.truncated import TruncatedFold
        from potable.checkers.spreadsheet.zeros import ZerosFold

        left_out = left_out_of(self.options["except"])
        samples = self.context.limits.samples
        traits = {ERROR_VALUE.id: ERROR_TRAIT, TRUNCATED.id: GREATEST_TRAIT}
        traits = {c.id: traits[c.id] for c in (ERROR_VALUE, TRUNCATED) if is_on(source, c)}
        if traits:
            special: dict[str, dict[str, Any]] = {path: {} for path in left_out}
            yield CellFold("cells", (EACH_FIELD,), traits, source, samples, special)
        if is_on(source, TRUNCATED):
            yield TruncatedFold(left_out)
        if is_on(source, MANGLED):
            chosen = chosen_of(source, self.options["symbols"])
            yield SymbolFold("symbols", (MANGLED.id,), source, samples, chosen=chosen, left_out=left_out)
        if is_on(source, SCIENTIFIC):
            chosen = chosen_of(source, self.options["ids"])
            keys = [path for key in keys_of(source) for path in key.paths]
            yield IdFold(source, samples, keys, chosen=chosen, left_out=left_out)
        if is_on(source, LOST_ZEROS):
            yield ZerosFold("zeros", (LOST_ZEROS.id,), source, samples, left_out=left_out)
        if is_on(source, SEQUENCE) and self.options["sequences"]:
            check = partial(check_columns, paths_of(self.options["sequences"]))
            yield HeaderFold("columns of sequences", (SEQUENCE.id,), check, header_line(source))
            for name, given in self.options["sequences"].items():
                rule = {"step": given} if isinstance(given, int) else given
                for path in paths_of([name]):
                    yield SequenceFold(path, rule.get("step", 1), rule.get("start"), source, samples)
