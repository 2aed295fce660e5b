"""The ``rows`` checker: whole records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlsplit

from potable.checkers.declared.formats import PADDED_FORMATS
from potable.checkers.declared.switched import is_on
from potable.checkers.names.headers import HeaderFold, header_line
from potable.checkers.names.likely import Columns
from potable.checkers.rows.codes import ALL_BLANK, BLANK, CAPPED, CODES, CONSTRAINT, DUPLICATE, FIELD_COUNT, REVERSED
from potable.checkers.rows.count import CappedFold, CountFold
from potable.engine.checker import Checker, Fold, Rule
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Location, Occurrence

_COUNT = {"type": "integer", "minimum": 0}


class RowsChecker(Checker):
    """How many records and columns there are, records that are there twice, are blank or end before they begin, and
    constraints over several fields.

    The number of records is bounded by the definition's own ``records: {min, max}``.
    """

    name = "rows"
    codes = CODES
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "constraints": {
                "type": "array",
                "default": [],
                "description": "Conditions that each record must meet, in a small subset of SQL: `start <= end`.",
                "items": {
                    "anyOf": [
                        {"type": "string", "minLength": 1},
                        {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["expression"],
                            "properties": {
                                "expression": {"type": "string", "minLength": 1},
                                "id": {"type": "string", "minLength": 1},
                                "message": {"type": "string", "minLength": 1},
                            },
                        },
                    ]
                },
            },
            "fields": {
                "default": {},
                "description": "The number of columns that each file must have: a number, or `{min, max}`.",
                "anyOf": [
                    _COUNT,
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"min": _COUNT, "max": _COUNT},
                    },
                ],
            },
        },
    }

    def check_definition(self, source: SourceDefinition) -> Iterable[Occurrence]:
        """Constraints and bounds that can't be used."""
        least, most = self._fields
        if least is not None and most is not None and least > most:
            message = f"rows.fields.min ({least}) is greater than rows.fields.max ({most})"
            yield Occurrence("definition/bad-value", message, location=source.place("/checks/rows/fields/min"))
        if self.options["constraints"]:
            from potable.checkers.rows.constraints import constraints_of, problems  # heavy

            yield from problems(source, constraints_of(self.options["constraints"]))

    def rules(self, source: SourceDefinition) -> Iterator[Rule]:
        """A rule for each constraint."""
        if self.options["constraints"]:
            from potable.checkers.rows.constraints import constraints_of, rules  # heavy

            yield from rules(source, constraints_of(self.options["constraints"]))

    def folds(self, source: SourceDefinition) -> Iterator[Fold[Any]]:
        """The number of records, that of columns, and records that are there twice."""
        if source.records:
            yield CountFold(source.records)
        if is_on(source, CAPPED):
            yield CappedFold(remote=urlsplit(source.ingest_url or "").scheme in ("http", "https"))
        if self._fields != (None, None):
            check = partial(_check_fields, *self._fields)
            yield HeaderFold("fields", (FIELD_COUNT.id,), check, header_line(source))
        if self.options["constraints"]:
            from potable.checkers.rows.constraints import check_columns, constraints_of, needed_columns  # heavy

            needed = needed_columns(source, constraints_of(self.options["constraints"]))
            check = partial(check_columns, needed)
            yield HeaderFold("columns of constraints", (CONSTRAINT.id,), check, header_line(source))
        if is_on(source, ALL_BLANK):
            from potable.checkers.rows.nothing import NothingFold  # heavy

            yield NothingFold()
        if is_on(source, BLANK) and source.format not in PADDED_FORMATS | {"excel"}:
            from potable.checkers.rows.blanks import BlankFold  # heavy

            yield BlankFold(self.context.limits.samples)
        if is_on(source, REVERSED):
            from potable.checkers.rows.reversed import ReversedFold  # heavy

            yield ReversedFold(source, self.context.limits.samples)
        if is_on(source, DUPLICATE):
            from potable.checkers.rows.duplicates import DuplicateFold  # heavy

            limits = self.context.limits
            yield DuplicateFold(source.primary_key, self.context.scratch, limits.state_bytes, limits.samples)

    @property
    def _fields(self) -> tuple[int | None, int | None]:
        given = self.options["fields"]
        return (given, given) if isinstance(given, int) else (given.get("min"), given.get("max"))


def _check_fields(least: int | None, most: int | None, columns: Columns, place: Location) -> Iterator[Occurrence]:
    number = len(columns)
    details = {"fields": number, "min": least, "max": most}
    said = f"there {'is 1 column' if number == 1 else f'are {number:,} columns'}"
    if least is not None and number < least:
        wanted = f"at least {least:,}" if least != most else f"{least:,}"
    elif most is not None and number > most:
        wanted = f"at most {most:,}" if least != most else f"{most:,}"
    else:
        return
    yield Occurrence(FIELD_COUNT.id, f"{said}, {wanted} were expected", location=place, details=details)
