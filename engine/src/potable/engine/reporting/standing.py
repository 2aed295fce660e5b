"""How a run stands, in words: for lists and pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import accumulate

from potable.engine.reporting.inert import inert
from potable.engine.reporting.layout import Ink, few, many, number, size
from potable.engine.runs import Run, RunState

STANDINGS: Mapping[str, str] = {
    "broken": "Broken", "error": "Engine error", "failed": "Failed", "inconclusive": "Inconclusive",
    "running": "Running", "cancelled": "Cancelled", "passed": "Passed", "never": "Never run", "hold": "On hold",
}  # fmt: skip
"""How a source may stand, by name, what wants looking at first."""


STYLES: Mapping[str, str] = {
    "BROKEN": "error", "ENGINE ERROR": "error", "REFUSED": "error", "FAILED": "error", "INCONCLUSIVE": "warning",
    "PASSED (but": "error", "PASSED (sample, but": "error", "PASSED": "good", "running": "info", "queued": "info",
    "on hold": "dim", "never run": "dim", "cancelled": "dim", "not known": "dim",
}  # fmt: skip
"""How words for a source's standing are coloured, by their beginning."""


def coloured(ink: Ink, word: str) -> str:
    """A word for a source's standing in its colour; any other as it is."""
    style = next((style for said, style in STYLES.items() if word.startswith(said)), None)
    return word if style is None else ink(style, word)


def standing_of(broken: str, hold: bool, run: Run | None) -> str:
    """How a source stands: one of :data:`STANDINGS`.

    :param broken: what is wrong with its definition; "" for nothing.
    :param hold: whether its definition says so.
    :param run: its last one.
    """
    if broken:
        return "broken"
    if hold:
        return "hold"
    if run is None:
        return "never"
    return run.verdict or ("running" if run.ongoing else run.state.value)


def overview(standings: Iterable[str]) -> str:
    """How many sources stand how: ``3 failed, 1 inconclusive, 90 passed``."""
    count = Counter(standings)
    return ", ".join(f"{number(count[n])} {title.lower()}" for n, title in STANDINGS.items() if count[n])


def standing(run: Run) -> str:
    """A run's state and verdict in a word or two; never FAILED for an error of the engine."""
    if run.state is RunState.FINISHED:
        word = (run.verdict or "finished").upper()
        return f"{word} (sample)" if run.sample else word
    if run.state is RunState.ERROR:
        return f"ENGINE ERROR ({run.reason.value})" if run.reason else "ENGINE ERROR"
    return run.state.value


def counts(run: Run) -> str:
    """A run's figures, or what it died of."""
    if run.counts is None:
        return inert(run.message)
    found = [many(run.counts.get(f"{noun}s", 0), noun) for noun in ("error", "warning") if run.counts.get(f"{noun}s")]
    return f"{', '.join(found) or 'nothing found'} in {many(run.counts.get('records', 0), 'record')}"


def codes(run: Run) -> str:
    """The first codes of errors and warnings that a run has found, and how many more there are; "" without any."""
    return inert(few(_without_notes(run)))


def _without_notes(run: Run) -> list[str]:
    """The codes up to where notes begin, which come last; all of them where some are of several severities."""
    codes = list(run.codes or ())
    sums = [0, *accumulate((run.codes or {}).values())]
    told = sum((run.counts or {}).get(what, 0) for what in ("errors", "warnings"))
    return codes[: sums.index(told)] if told in sums else codes


def outcome(run: Run) -> str:
    """The figures with the codes: ``2 errors in 80 records (schema/type)``."""
    return f"{counts(run)} ({what})" if (what := codes(run)) else counts(run)


def progress(run: Run) -> str:
    """How far an ongoing run has come: ``scan, 12 MB of 160 MB, 80,000 records``; "" where that isn't known."""
    if not run.ongoing or not run.progress:
        return ""
    p = run.progress
    figures = [str(p.get("stage") or "")]
    if p.get("bytes"):
        figures.append(size(p["bytes"]) + (f" of {size(p['total'])}" if p.get("total") else ""))
    if p.get("records"):
        figures.append(f"{number(p['records'])} records")
    return inert(", ".join(f for f in figures if f))
