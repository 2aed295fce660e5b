"""The ``numbers`` checker: what is odd about numbers, whatever they mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from potable.checkers.declared.fields import bad_paths, chosen_of, field_list, left_out_of
from potable.checkers.declared.keys import keys_of
from potable.checkers.declared.switched import is_on
from potable.checkers.declared.table_schema import TableSchema
from potable.checkers.numbers.codes import CODES, COORDINATE, INEXACT
from potable.checkers.numbers.geojson import rules_of_geojson
from potable.checkers.numbers.written import Written
from potable.engine.checker import Checker, Fold, Rule
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence

_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum"}


class NumbersChecker(Checker):
    """Numbers far from all others, that stand for none, with a decimal comma among decimal points, or with a unit;
    texts among numbers; latitudes and longitudes that there aren't; numbers of JSON that no double is.

    It looks at the fields whose first values are numbers, and at those that the definition names.
    """

    name = "numbers"
    codes = CODES
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "fields": field_list("Fields of numbers, besides those that look so."),
            "except": field_list("Fields that aren't looked at."),
        },
    }

    def check_definition(self, source: SourceDefinition) -> Iterator[Occurrence]:
        """Fields of the options that can't be read as paths."""
        for option in ("fields", "except"):
            yield from bad_paths(source, f"/checks/numbers/{option}", self.options[option])

    def rules(self, source: SourceDefinition) -> Iterator[Rule]:
        """Positions of GeoJSON."""
        if is_on(source, COORDINATE):
            yield from rules_of_geojson(source)

    def folds(self, source: SourceDefinition) -> Iterator[Fold[Any]]:
        """All in one look."""
        from potable.checkers.numbers.fold import NumbersFold  # heavy

        on = [c.id for c in CODES if c is not INEXACT and is_on(source, c)]
        schema = TableSchema.of(source)
        bounded = [f.path for f in schema.fields if _BOUNDS & f.constraints.keys()] if schema is not None else []
        strict = [f.path for f in schema.fields if f.type in ("integer", "number")] if schema is not None else []
        written = {f.path: w for f in schema.fields if (w := Written.of(f)) is not None} if schema is not None else {}
        no_outliers = [*bounded, *(path for key in keys_of(source) for path in key.paths)]
        chosen, left_out = chosen_of(source, self.options["fields"]), left_out_of(self.options["except"])
        if on:
            samples = self.context.limits.samples
            yield NumbersFold(
                source, samples, on, no_outliers, strict, written={n: written[n] for n in strict if n in written},
                chosen=chosen, left_out=left_out,
            )  # fmt: skip
        if is_on(source, INEXACT) and is_json(source):
            from potable.checkers.numbers.inexact import InexactFold  # heavy

            yield InexactFold(source, self.context.limits.samples, left_out)


def is_json(source: SourceDefinition) -> bool:
    """Whether the data are a text of JSON, which other programs read, too: no rows of a database or of a program."""
    return source.format in ("json", "jsonl") and source.ingest_method != "ROWS"
