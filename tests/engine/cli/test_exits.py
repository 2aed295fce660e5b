"""Exit codes: the contract's table."""

from __future__ import annotations

from itertools import permutations
from typing import Any, get_args

import pytest

from potable.engine.cli.exits import Exit, FailOn, exit_code, held_to, worst
from potable.engine.contracts.report import Counts, Report, RunInfo, SourceInfo


def report(verdict: Any, warnings: int = 0) -> Report:
    return Report(
        run=RunInfo(run_id="", resource_id="x", user_id=4, started="", ended="", seconds=0),
        verdict=verdict,
        why=(),
        source=SourceInfo(name="", ingest_method="", ingest_url=None, definition={}, sample=None, snapshot=None),
        counts=Counts(records=1, warnings=warnings),
        findings=(),
        coverage=(),
    )


@pytest.mark.parametrize(
    ("verdict", "warnings", "codes"),
    [
        ("passed", 0, (0, 0, 0)),
        ("passed", 1, (0, 1, 0)),
        ("failed", 0, (1, 1, 0)),
        ("failed", 1, (1, 1, 0)),
        ("inconclusive", 0, (3, 3, 3)),
        ("inconclusive", 1, (3, 3, 3)),
    ],
)
def test_fail_on_moves_only_0_and_1(verdict: str, warnings: int, codes: tuple[int, ...]) -> None:
    assert get_args(FailOn) == ("error", "warning", "never")
    assert tuple(exit_code(held_to(report(verdict, warnings), on)) for on in get_args(FailOn)) == codes


def test_the_worst_of_several() -> None:
    order = [4, 2, 1, 3, 0]
    for codes in permutations(order, 2):
        assert worst(Exit(c) for c in codes) == min(codes, key=order.index)
    assert worst([]) == 0
