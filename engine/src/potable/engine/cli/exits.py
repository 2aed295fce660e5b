"""Exit codes of the command."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Literal

from potable.engine.contracts.report import Report

FailOn = Literal["error", "warning", "never"]


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


def exit_code(report: Report, fail_on: FailOn = "error") -> Exit:
    """The code of one report.

    :param fail_on: ``error``: as the verdict; ``warning``: a warning makes a passed source fail as well (errors that
        the definition tolerates stay tolerated); ``never``: a failed source exits as a passed one. An inconclusive
        report stays what it is.
    """
    if report.verdict == "inconclusive":
        return Exit.INCONCLUSIVE
    if fail_on == "never":
        return Exit.PASSED
    if report.verdict == "failed" or (fail_on == "warning" and report.counts.warnings):
        return Exit.FAILED
    return Exit.PASSED
