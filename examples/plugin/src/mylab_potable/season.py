"""An observation outside the study's season: a rule over one field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from potable.engine import Checker, Code, Rule, Severity, SourceDefinition

if TYPE_CHECKING:
    import polars as pl

    from potable.engine.fields import Field

OUT_OF_SEASON = Code(
    id="season/out-of-season",
    severity=Severity.WARNING,
    title="Observation out of season",
    meaning="The date of an observation lies outside the season that the definition declares.",
    why="It's most often a typing error in the month, and puts the record into the wrong year's series.",
    example="11/09/07 written as 09/11/07, in a study that runs from November to December.",
    mend="Compare the date with the field book; where it's right, widen `first` and `last`.",
    misses="A wrong day inside the season.",
)


class Season(Checker):
    """Compares the month and day of a date with a season; a season may span the new year."""

    name = "season"
    codes = (OUT_OF_SEASON,)
    default_on = False
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["field", "first", "last"],
        "properties": {
            "field": {"type": "string", "description": "field that holds the date"},
            "format": {"type": "string", "default": "%Y-%m-%d", "description": "its strftime format"},
            "first": {"type": "string", "pattern": "^[0-9]{2}-[0-9]{2}$", "description": "first day, MM-DD"},
            "last": {"type": "string", "pattern": "^[0-9]{2}-[0-9]{2}$", "description": "last day, MM-DD"},
        },
    }

    def rules(self, source: SourceDefinition) -> Iterator[Rule]:
        """One rule: null (not wrong) where the text isn't a date; that is the schema's business."""
        first: str = self.options["first"]
        last: str = self.options["last"]

        def wrong(date: Field) -> pl.Expr:
            day = date.text.str.to_date(self.options["format"], strict=False).dt.strftime("%m-%d")
            return (day < first) | (day > last) if first <= last else (day < first) & (day > last)

        yield Rule(
            OUT_OF_SEASON.id,
            [self.options["field"]],
            wrong=wrong,
            message=f"{{value}} is outside the season from {first} to {last}",
        )
