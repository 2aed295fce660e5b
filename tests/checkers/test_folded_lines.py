"""Lines of a table that were broken at a width: one finding, at the first of them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.limits import Limits
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins

Run = Callable[..., Report]
HEAD = "id,name,description,value"
LINES = [
    HEAD,
    *(
        f"A{n:03},Name {n},a somewhat long description of item {n} with {'many ' * (n % 7)}words,{n * 1.5}"
        for n in range(60)
    ),
]
SCHEMA = {"fields": [{"name": n} for n in HEAD.split(",")]}


def at_width(lines: list[str], width: int) -> list[str]:
    return [line[at : at + width] for line in lines for at in range(0, len(line), width)]


def between_words(lines: list[str], width: int) -> list[str]:
    return [part for line in lines for part in textwrap.wrap(line, width)]


def quoted_printable(lines: list[str]) -> list[str]:
    return [
        part + "=" * (n < len(parts) - 1)
        for line in lines
        for parts in (at_width([line], 75),)
        for n, part in enumerate(parts)
    ]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """``run(lines, **definition)``: the report, the same whether the table is cut into four or not."""

    def once(members: dict[str, Any], limits: Limits) -> Report:
        source = from_mapping(
            {"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "d.csv", **members}, folder=tmp_path
        )
        return run_source(source, load_plugins(), RunOptions(scratch=tmp_path, limits=limits))

    def check(lines: list[str], end: str = "\n", **definition: Any) -> Report:
        size = (tmp_path / "d.csv").write_bytes((end.join(lines) + end).encode())
        report, cut = (once(definition, limits) for limits in (Limits(), Limits(chunk_bytes=size // 4)))
        assert [(f.code, f.count) for f in report.findings] == [(f.code, f.count) for f in cut.findings]
        return report

    return check


@pytest.mark.parametrize("definition", [{}, {"primaryKey": "id"}, {"primaryKey": "id", "schema": SCHEMA}])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (at_width(LINES, 60), "lines are broken at 60 characters"),
        (between_words(LINES, 60), "lines are broken between words, at "),
        (quoted_printable(LINES), "lines end in = there, as in quoted-printable mail"),
    ],
)
def test_broken_lines_are_one_finding(
    run: Run, lines: list[str], said: str, end: str, definition: dict[str, Any]
) -> None:
    report = run(lines, end, **definition)
    (found,) = report.findings
    assert (found.code, found.count, report.verdict) == ("csv/folded-lines", 1, "failed")
    (sample,) = found.samples
    first = next(n for n, line in enumerate(lines) if not line.startswith("A") and n) - 1
    assert (sample.location.line, sample.location.byte) == (first + 1, len(end.join(lines[:first]) + end))
    assert sample.message.startswith(said)


def test_a_header_that_is_broken_too(run: Run) -> None:
    names = [f"measurement_{n:02}" for n in range(8)]
    rows = [",".join(names), *(",".join(f"{n * k + 100_000.25:.2f}" for k in range(8)) for n in range(1, 40))]
    (found,) = run(at_width(rows, 72)).findings
    assert (found.code, found.details) == ("csv/folded-lines", {"columns": 72})


@pytest.mark.parametrize(
    "lines",
    [
        LINES,
        [line.ljust(100, "x") for line in LINES],  # all of one length
        [*LINES[:30], *at_width(LINES[30:33], 60), *LINES[33:]],  # a few
        # line breaks in unquoted cells: where they please
        [part for n, line in enumerate(LINES) for part in (line.split(" ", 2 + n % 9)[:2] if n % 3 else [line])],
    ],
)
def test_other_tables_have_no_broken_lines(run: Run, lines: list[str]) -> None:
    assert "csv/folded-lines" not in {f.code for f in run(lines).findings}
