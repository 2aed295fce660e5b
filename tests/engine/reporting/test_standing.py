"""How runs stand, in words for lists."""

from __future__ import annotations

import pytest

from potable.engine.reporting.standing import codes, counts, outcome
from potable.engine.runs import Run, RunState


def run(found: dict[str, int] | None, **counted: int) -> Run:
    return Run(run_id="1", resource_id="a", state=RunState.FINISHED, verdict="failed", counts=counted, codes=found)


@pytest.mark.parametrize(
    ("found", "counted", "said"),
    [
        (None, {"errors": 2}, ""),
        ({}, {"errors": 0}, ""),
        ({"a/x": 2, "b/y": 1}, {"errors": 2, "warnings": 1}, "a/x, b/y"),
        ({"a/x": 2, "b/y": 1}, {"errors": 2, "infos": 1}, "a/x"),
        ({"b/y": 7}, {"infos": 7}, ""),
        ({"a/x": 8, "b/y": 1}, {"errors": 2, "infos": 7}, "a/x, b/y"),  # a/x is a note in some fields
        ({"a/1": 1, "a/2": 1, "a/3": 1, "a/4": 1}, {"errors": 4}, "a/1, a/2, a/3, a/4"),
        ({f"a/{n}": 1 for n in range(1200)}, {"errors": 1200}, "a/0, a/1, a/2, 1,197 more"),
        ({"a/\x1b[31m": 1}, {"errors": 1}, "a/\\x1b[31m"),
    ],
)
def test_the_codes_that_a_run_has_found(found: dict[str, int] | None, counted: dict[str, int], said: str) -> None:
    assert codes(run(found, **counted)) == said


def test_figures_and_codes() -> None:
    one = run({"keys/missing": 1}, errors=1, records=1200)
    assert counts(one) == "1 error in 1,200 records"
    assert outcome(one) == "1 error in 1,200 records (keys/missing)"
    assert outcome(run({}, records=1)) == "nothing found in 1 record"
    lost = Run(run_id="1", resource_id="a", state=RunState.ERROR, message="it\x07 died")
    assert outcome(lost) == "it\\x07 died"
