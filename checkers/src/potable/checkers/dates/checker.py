"""The ``dates`` checker: what is odd about dates, whatever they mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from potable.checkers.dates.codes import CODES
from potable.checkers.declared.fields import bad_paths, by_chosen, chosen_of, field_list, left_out_of
from potable.checkers.declared.switched import is_on
from potable.checkers.declared.table_schema import TableSchema
from potable.engine.checker import VALUE_PATH, Checker, Fold
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence

if TYPE_CHECKING:
    from potable.checkers.calendar.layouts import Order

DATE_TYPES = ("date", "datetime")
EARLIEST = "1000-01-01"
_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class DatesChecker(Checker):
    """Dates written in several ways, that can be read in two ways, that lie ahead, can't be, or stand for none; texts
    among dates, and times with and without a zone.

    It looks at the fields whose first values are dates, and at those that the definition calls dates.
    """

    name = "dates"
    codes = CODES
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "fields": field_list("Fields of dates, besides those that look so."),
            "except": field_list("Fields that aren't looked at."),
            "order": {
                "type": "object",
                "default": {},
                "propertyNames": {"format": VALUE_PATH},
                "additionalProperties": {"enum": ["day-first", "month-first"]},
                "description": "By field: what comes first in dates such as 03/04/2024.",
            },
            "earliest": {
                "type": "string",
                "pattern": _DAY,
                "default": EARLIEST,
                "description": "The earliest plausible day.",
            },
            "latest": {
                "type": ["string", "null"],
                "pattern": _DAY,
                "default": None,
                "description": "The latest plausible day; null: none.",
            },
            "today": {
                "type": ["string", "null"],
                "pattern": _DAY,
                "default": None,
                "description": "The day after which the future begins; null: the day on which the source was fetched.",
            },
        },
    }

    _fetched: str | None = None

    def check_definition(self, source: SourceDefinition) -> Iterator[Occurrence]:
        """Fields of the options that can't be read as paths, days that there aren't."""
        for option in ("fields", "except", "order"):
            yield from bad_paths(source, f"/checks/dates/{option}", list(self.options[option]))
        for option in ("earliest", "latest", "today"):
            given = self.options[option]
            if given is not None and _date(given) is None:
                place = source.place(f"/checks/dates/{option}")
                yield Occurrence("definition/bad-value", f"there's no day {given!r}", location=place)

    def check_access(self, source: SourceDefinition, snapshot: Snapshot) -> Iterator[Occurrence]:
        """Nothing is wrong here; it tells the day on which the source was fetched."""
        self._fetched = snapshot.fetched[:10]
        yield from ()

    def folds(self, source: SourceDefinition) -> Iterator[Fold[Any]]:
        """All in one look."""
        from potable.checkers.dates.fold import DatesFold  # heavy
        from potable.checkers.dates.judging import Bounds

        options = self.options
        on = [c.id for c in CODES if is_on(source, c)]
        orders: dict[str, Order | None] = {}
        strict = []
        chosen = [*chosen_of(source, [*options["fields"], *options["order"]])]
        schema = TableSchema.of(source)
        for f in schema.fields if schema is not None else ():
            if f.type in DATE_TYPES:
                chosen.append(f.path)
                if f.format not in ("default", "any"):
                    orders[f.path] = None
                elif f.format == "default":
                    strict.append(f.path)
        orders |= by_chosen(source, options["order"])
        bounds = Bounds(
            earliest=_number(_date(options["earliest"]) or _date(EARLIEST)) or 0,
            latest=_number(_date(options["latest"])),
            today=_number(self._today()),
        )
        if on:
            yield DatesFold(
                source, self.context.limits.samples, bounds, orders, strict, on, chosen=chosen,
                left_out=left_out_of(options["except"]),
            )  # fmt: skip

    def _today(self) -> date | None:
        if self.options["today"] is not None:
            return _date(self.options["today"])
        fetched = _date(self._fetched)
        # it may be tomorrow already where the source is
        return None if fetched is None else fetched + timedelta(days=1)


def _date(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        return None


def _number(day: date | None) -> int | None:
    return None if day is None else day.year * 10_000 + day.month * 100 + day.day
