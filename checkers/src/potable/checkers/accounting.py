"""The ``accounting`` checker: the number of records beside that of the last accepted run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, ClassVar

from potable.engine.checker import Checker
from potable.engine.contracts.history import History, Summary
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Code, Occurrence, Severity

INCREASE, DECREASE = 20, 10
"""Tolerated change in percent, unless the definition says otherwise."""

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


class AccountingChecker(Checker):
    """This run's number of records beside that of the last accepted run of the same definition."""

    name = "accounting"
    codes = CODES
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "unchanged": {
                "type": "integer",
                "minimum": 0,
                "default": 0,
                "description": "Warn when the bytes are those of this many accepted runs before; 0: never.",
            }
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
            share = f"{100 * amount / before.records:.1f} %" if before.records else "from none"
            message = (
                f"{summary.records:,} records, {share} {'more' if name == 'increase' else 'fewer'} than the "
                f"{before.records:,} of the last accepted run (tolerated: {percent:g} %)"
            )
            yield Occurrence(f"accounting/{name}", message, details=details)
        yield from self._unchanged(summary, history)

    def _unchanged(self, summary: Summary, history: History) -> Iterator[Occurrence]:
        wanted = self.options["unchanged"]
        accepted = [r for r in history.runs if r.accepted and not r.sample][:wanted] if wanted else []
        same = summary.snapshot is not None and all(r.snapshot == summary.snapshot for r in accepted)
        if wanted and len(accepted) == wanted and same:
            message = f"the source's bytes are those of each of the last {wanted} accepted runs"
            yield Occurrence("accounting/unchanged", message, details={"since": accepted[-1].ended})
