"""The ``accounting`` checker: a run's figures beside those of the last accepted run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, ClassVar

from potable.engine.checker import Checker
from potable.engine.contracts.history import LONGEST, History, Summary
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Code, Occurrence, Severity

INCREASE, DECREASE = 20, 10
"""Tolerated change in percent, unless the definition says otherwise."""
DUPLICATE = "keys/duplicate"
_OFF = (False, "off")

CODES = (
    Code(
        id="accounting/increase",
        severity=Severity.ERROR,
        title="Many more records than before",
        meaning="The source has more records than the last accepted run had, by more than `accounting.increase` "
        "percent "
        f"({INCREASE} unless given).",
        why="A jump is often a file delivered twice, a filter that was lost, or another source altogether.",
        example="12,400 records, where the last accepted run had 10,000",
        mend="Look at what is new. Where it's right, accept the run: it's the baseline from then on.",
        suppressed_by=("csv/folded-lines",),
        dataset=True,
    ),
    Code(
        id="accounting/decrease",
        severity=Severity.ERROR,
        title="Many fewer records than before",
        meaning="The source has fewer records than the last accepted run had, by more than `accounting.decrease` "
        "percent "
        f"({DECREASE} unless given).",
        why="Records that vanish upstream vanish downstream too, or stay there and are stale.",
        example="8,700 records, where the last accepted run had 10,000",
        mend="Look at what is gone. Where it's right, accept the run: it's the baseline from then on.",
        suppressed_by=("access/incomplete-pages",),
        dataset=True,
    ),
    Code(
        id="accounting/error-share",
        severity=Severity.ERROR,
        title="More records with errors than before",
        meaning="The share of records with errors has grown since the last accepted run by more than "
        "`checks: accounting: errors` percentage points. Not looked at unless that is given.",
        why="Tolerated errors (errPerc) may become many more at once, with the source still passing.",
        example="4.1 % of the records have errors, where 0.3 % had; errPerc is 5",
        mend="Look at the findings that are new. Where they're to be expected, accept the run.",
        dataset=True,
    ),
    Code(
        id="accounting/duplicate-share",
        severity=Severity.ERROR,
        title="More surplus duplicates than before",
        meaning="The share of surplus duplicates has grown since the last accepted run by more than "
        "`checks: accounting: duplicates` percentage points. Not looked at unless that is given.",
        why="Tolerated duplicates (dupPerc) may become many more at once, with the source still passing.",
        example="3.8 % of the records are surplus duplicates, where none were; dupPerc is 5",
        mend="Look for a part that was delivered twice. Where it's right, accept the run.",
        dataset=True,
    ),
    Code(
        id="accounting/unchanged",
        severity=Severity.WARNING,
        title="Nothing has changed for long",
        meaning="The source's bytes are those of each of the last `unchanged` accepted runs.",
        why="A source that should move and doesn't is often an export that has silently stopped.",
        example="the same SHA-256 in each of the last 30 runs",
        mend="Ask whether the source is still maintained, or leave `unchanged` away for a source that stands still.",
        misses="A source whose bytes change though its records don't (a date in the header).",
    ),
)


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
