"""Exit codes of the command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import IntEnum

from potable.engine.contracts.report import FailOn, Report
from potable.engine.reporting import facts
from potable.engine.reporting.layout import many


class Exit(IntEnum):
    """What the command says to the shell."""

    PASSED = 0
    FAILED = 1
    USAGE = 2
    """The call can't be understood, there is no such source, or it has an ongoing run."""
    INCONCLUSIVE = 3
    ENGINE = 4
    """Potable itself failed: there is no report."""
    INTERRUPTED = 130
    """Ctrl-C: 128 + SIGINT, as shells have it."""
    PIPE = 141
    """Whoever read the output went away: 128 + SIGPIPE."""
    TERMINATED = 143
    """128 + SIGTERM."""


_WORST_FIRST = (Exit.ENGINE, Exit.USAGE, Exit.FAILED, Exit.INCONCLUSIVE, Exit.PASSED)


def worst(codes: Iterable[Exit]) -> Exit:
    """The code of several sources together: 4, 1, 3, 0 in this order; a refused source (2) comes after 4."""
    return min(codes, key=_WORST_FIRST.index, default=Exit.PASSED)


def held_to(report: Report, fail_on: FailOn) -> Report:
    """The report as a command shows it: it tells where ``--fail-on`` makes the exit code another than its verdict's.

    :param fail_on: ``error``: as the verdict; ``warning``: a warning makes a passed source fail as well (errors that
        the definition tolerates stay tolerated); ``never``: a failed source exits as a passed one. An inconclusive
        report stays what it is.
    """
    shown = replace(report, fail_on=fail_on)
    if facts.fails_by_warnings(shown):
        found = many(report.counts.warnings, "warning")
        why = f"The source passed, with {found}: --fail-on warning makes that exit code 1."
    elif report.verdict == "failed" and fail_on == "never":
        why = "The exit code is 0 all the same: --fail-on never."
    else:
        return shown
    return replace(shown, why=(*report.why, why))


def exit_code(report: Report) -> Exit:
    """The code of one report, as :func:`held_to` gives it."""
    if report.verdict == "inconclusive":
        return Exit.INCONCLUSIVE
    if facts.fails_by_warnings(report) or (report.verdict == "failed" and report.fail_on != "never"):
        return Exit.FAILED
    return Exit.PASSED
