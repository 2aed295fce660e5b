"""The ``accounting`` checker: a run's figures beside those of the last accepted run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, ClassVar

from potable.checkers.accounting.codes import CODES, DECREASE, INCREASE
from potable.engine.checker import Checker
from potable.engine.contracts.history import LONGEST, History, Summary
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence

DUPLICATE = "keys/duplicate"
_OFF = (False, "off")


def _points(what: str) -> dict[str, Any]:
    return {
        "anyOf": [{"type": "number", "minimum": 0, "maximum": 100}, {"enum": [None, *_OFF]}],
        "default": None,
        "description": f"Tolerated growth of the share of {what}, in percentage points; null or off: any.",
    }


def _given(value: Any) -> Any:
    """An option's value, None where it's switched off; 0 is a value."""
    return None if value is False or value == "off" else value


class AccountingChecker(Checker):
    """This run's figures beside those of the last accepted run of the same definition: records, and the shares of
    records with errors and of duplicates.
    """

    name = "accounting"
    codes = CODES
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "unchanged": {
                "anyOf": [{"type": "integer", "minimum": 0, "maximum": LONGEST}, {"enum": [*_OFF]}],
                "default": 0,
                "description": "Warn when the bytes are those of this many accepted runs before; 0 or off: never.",
            },
            "errors": _points("records with errors"),
            "duplicates": _points("surplus duplicates"),
        },
    }

    def skip_reason(self, source: SourceDefinition) -> str | None:
        """The definition may leave the comparison out."""
        return "left out by the definition" if source.accounting.get("skip") is True else None

    def check_history(self, source: SourceDefinition, summary: Summary, history: History) -> Iterator[Occurrence]:
        """Compare the numbers, exactly."""
        before = history.baseline(summary.shape)
        if before is None:
            return
        change = summary.records - before.records
        details = {"records": summary.records, "before": before.records, "baseline": before.run_id}
        bounds = (("increase", INCREASE, change), ("decrease", DECREASE, -change))
        for name, default, amount in bounds:
            percent = source.accounting.get(name, default)
            if percent is None or amount <= 0 or 100 * amount <= Fraction(str(percent)) * before.records:
                continue
            share = _beyond(Fraction(100 * amount, before.records), percent) if before.records else "from none"
            now = "1 record" if summary.records == 1 else f"{summary.records:,} records"
            message = (
                f"{now}, {share} {'more' if name == 'increase' else 'fewer'} than the "
                f"{before.records:,} of the last accepted run (tolerated: {percent:g} %)"
            )
            yield Occurrence(f"accounting/{name}", message, details=details)
        errors = (before.records_with_errors, summary.records_with_errors)
        yield from self._share("error-share", "errors", "have errors", errors, before, summary)
        duplicates = (_surplus(before), _surplus(summary))
        yield from self._share("duplicate-share", "duplicates", "are surplus duplicates", duplicates, before, summary)
        yield from self._unchanged(summary, history)

    def _share(
        self, name: str, option: str, words: str, counts: tuple[int, int], before: Summary, now: Summary
    ) -> Iterator[Occurrence]:
        points = _given(self.options.get(option))
        if points is None or not now.records or not before.records:
            return
        old, new = Fraction(counts[0], before.records), Fraction(counts[1], now.records)
        if 100 * (new - old) > Fraction(str(points)):
            message = (
                f"{100 * float(new):.3g} % of the records {words}, in the last accepted run it was "
                f"{100 * float(old):.3g} % (tolerated growth: {points:g} points)"
            )
            details = {"now": counts[1], "before": counts[0], "baseline": before.run_id}
            yield Occurrence(f"accounting/{name}", message, details=details)

    def _unchanged(self, summary: Summary, history: History) -> Iterator[Occurrence]:
        wanted = _given(self.options["unchanged"]) or 0
        accepted = [r for r in history.runs if r.accepted and not r.sample][:wanted] if wanted else []
        same = summary.snapshot is not None and all(r.snapshot == summary.snapshot for r in accepted)
        if wanted and len(accepted) == wanted and same:
            message = f"the source's bytes are those of each of the last {wanted} accepted runs"
            yield Occurrence("accounting/unchanged", message, details={"since": accepted[-1].ended})


def _beyond(share: Fraction, tolerated: float) -> str:
    """A percentage with so many digits that it isn't that which is tolerated."""
    texts = (f"{float(share):.{digits}f}" for digits in range(1, 10))
    return next((t for t in texts if Fraction(t) != Fraction(str(tolerated))), f"{float(share)}") + " %"


def _surplus(summary: Summary) -> int:
    """Surplus records: one that is a duplicate by several keys is one record, though it's several findings."""
    records = summary.metrics.get("surplusDuplicates")
    return records if isinstance(records, int) else summary.counts.get(DUPLICATE, 0)
