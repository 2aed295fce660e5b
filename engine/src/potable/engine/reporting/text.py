"""The terminal report: what a curator reads first, a screen or two long, the verdict last."""

from __future__ import annotations

from potable.engine.contracts.catalog import Reporter
from potable.engine.contracts.report import Report
from potable.engine.reporting import facts
from potable.engine.reporting.inert import cut, cut_middle, inert, width
from potable.engine.reporting.layout import (
    Ink,
    ascii_only,
    at_most,
    duration,
    many,
    number,
    size,
    table,
    when,
    wrap,
)
from potable.engine.reporting.listing import Listing

MOST_REASONS = 6
"""Most reasons shown, and most groups of checks that weren't made."""
REASON = 240
"""Columns that a reason may have, where it's not one of many; at least it has two lines."""

_MARKS = {"passed": "✓", "failed": "✗", "inconclusive": "?"}


class TextReporter(Reporter):
    """Plain text in lines of at most ``columns`` columns.

    :param columns: width of the output; at least 40.
    :param colour: write ANSI colours.
    :param ascii_signs: write the layout's own signs in ASCII , for an output that can't encode them.
    """

    name = "text"

    def __init__(self, columns: int = 80, *, colour: bool = False, ascii_signs: bool = False) -> None:
        self.columns = max(columns, 40)
        self.ink = Ink(colour)
        self.ascii_signs = ascii_signs

    def render(self, report: Report) -> str:
        """The report; its last line is the verdict."""
        findings = Listing(self.columns, self.ink).sections(report)
        blocks = [self._head(report), *findings, self._coverage(report), self._why(report), [self._verdict(report)]]
        text = "\n\n".join("\n".join(block) for block in blocks if block) + "\n"
        return ascii_only(text) if self.ascii_signs else text

    def _head(self, report: Report) -> list[str]:
        """What was read: name, identifier, origin, owner, figures."""
        source = report.source
        name, identifier = inert(facts.subject(report)), inert(facts.identifier(report))
        lines = [self.ink("bold", line) for line in wrap(name, self.columns)]
        if identifier:
            lines += wrap(identifier, self.columns)
        origin = inert(" ".join(x for x in (source.ingest_method, source.ingest_url) if x))
        if origin and origin != name:
            lines.append(cut_middle(origin, self.columns))
        people = [f"{who} {inert(source.info[who])}" for who in ("owner", "contact") if source.info.get(who)]
        if people:
            lines.append(cut(", ".join(people), self.columns))
        if not facts.unmade(report):
            lines += [self.ink("dim", line) for line in wrap(" · ".join(self._figures(report)), self.columns)]
        if source.sample:
            told = ", ".join(f"{inert(k)} {inert(v)}" for k, v in source.sample.items() if v is not None)
            lines += [self.ink("warning", x) for x in wrap(f"Only a sample was read: {told}", self.columns)]
        return lines

    def _figures(self, report: Report) -> list[str]:
        snapshot = report.source.snapshot or {}
        figures = [many(report.counts.records, "record")]
        if snapshot.get("bytes") is not None:
            files = snapshot.get("parts") or 1
            figures.append(size(snapshot["bytes"]) + (f" in {many(files, 'file')}" if files > 1 else ""))
        if snapshot.get("fetched"):
            kept = " (a kept snapshot)" if snapshot.get("replayed") else ""
            figures.append(f"fetched {when(inert(snapshot['fetched']))}{kept}")
        figures.append(duration(report.run.seconds))
        return figures

    def _coverage(self, report: Report) -> list[str]:
        """Which checkers ran, and what was not checked and why."""
        lines: list[str] = []
        if ran := facts.checked(report):
            listed = wrap(inert(", ".join(ran)), self.columns, "CHECKED  ", " " * 9)
            lines += [listed[0].replace("CHECKED", self.ink("bold", "CHECKED"), 1), *listed[1:]]
        if groups := facts.unchecked(report):
            rows = [(inert(", ".join(g.names)), ("CRASHED: " if g.crashed else "") + inert(g.reason)) for g in groups]
            # To say that one more isn't shown takes as much room as showing it.
            shown = rows if len(rows) == MOST_REASONS + 1 else rows[:MOST_REASONS]
            listed = table(shown, self.columns, most=2, keep=True, widest=max(self.columns // 3, 20))
            crashed = self.ink("error", "CRASHED")
            lines += [self.ink("bold", "NOT CHECKED"), *(x.replace("CRASHED", crashed, 1) for x in listed)]
            if len(rows) > len(shown):
                lines.append(f"  … {number(len(rows) - len(shown))} more: --format json shows all")
        return lines

    def _why(self, report: Report) -> list[str]:
        if not report.why:
            return []
        lines = [self.ink("bold", "WHY")]
        shown = report.why if len(report.why) == MOST_REASONS + 1 else report.why[:MOST_REASONS]
        most = max(2, min(REASON // self.columns, 2 * MOST_REASONS // len(shown)))
        for sentence in shown:
            lines += at_most(wrap(inert(sentence), self.columns, "  ", "    "), most, self.columns)
        if len(report.why) > len(shown):
            lines.append(f"  … {many(len(report.why) - len(shown), 'more reason')}")
        return lines

    def _verdict(self, report: Report) -> str:
        outcome = facts.outcome(report)
        badge = f"{_MARKS[outcome]} {facts.verdict(report)}"
        if self.ink.colour:
            badge = f" {badge} "
        return self.ink(outcome, badge) + "  " + cut(facts.totals(report), self.columns - width(badge) - 2)
