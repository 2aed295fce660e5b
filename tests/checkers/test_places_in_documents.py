"""Values of JSON and XML are told at their own place, not at their record's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from potable.checkers.folds.hits import Room
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Location
from potable.engine.limits import Limits
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins
from potable.engine.testing import MemoryReading

Run = Callable[..., Report]


@pytest.fixture
def check(tmp_path: Path) -> Run:
    """``check(name, data, **definition)``: the report of a run over a file of that name."""

    def run(name: str, data: str, jobs: int = 1, limits: Limits = Limits(), **definition: Any) -> Report:
        (tmp_path / name).write_text(data)
        members = {"resourceID": "t", "ingestURL": name, **definition}
        source = from_mapping(members, folder=tmp_path)
        return run_source(source, load_plugins(), RunOptions(scratch=tmp_path, jobs=jobs, limits=limits))

    return run


def places(report: Report) -> dict[tuple[str, str | None], list[Location]]:
    return {(f.code, f.field): [s.location for s in f.samples] for f in report.findings}


ROWS = [
    {"id": "a", "note": "fine", "who": {"name": "Ann", "mail": "x"}, "tags": ["x", "y"], "no": 1},
    {"id": " b", "note": "N/A", "who": {"name": " Bob", "mail": "y"}, "tags": ["z", "<b>w</b>", " w"], "no": 3},
]


def test_json(check: Run) -> None:
    lines = [json.dumps(row) for row in ROWS]
    report = check("d.jsonl", "\n".join(lines) + "\n", ingestMethod="JSONL", primaryKey="id",
                   checks={"spreadsheet": {"sequences": {"no": 1}}})  # fmt: skip
    found = places(report)
    start = len(lines[0]) + 1

    def at(text: str, path: str) -> list[tuple[int, int, int, str]]:
        return [(2, 2, start + lines[1].index(text), path)]

    told = {which: [(p.record, p.line, p.byte, p.path) for p in there] for which, there in found.items()}
    assert told == {
        ("keys/whitespace", "$.id"): at('" b"', "/id"),
        ("spreadsheet/broken-sequence", "$.no"): at("3}", "/no"),
        ("text/markup", "$.tags[*]"): at('"<b>', "/tags/1"),
        ("text/placeholder", "$.note"): at('"N/A"', "/note"),
        ("text/whitespace", "$.tags[*]"): at('" w"', "/tags/2"),
        ("text/whitespace", "$.who.name"): at('" Bob"', "/who/name"),
    }


def test_xml(check: Run) -> None:
    data = "<r>\n<s id=' b'>\n<note>N/A</note>\n<tag>x</tag>\n<tag> y  z</tag></s>\n</r>\n"
    report = check("d.xml", data, ingestMethod="XML", documentElement="s", primaryKey="$.s.'@id'")
    told = {which: [(p.record, p.line, p.path) for p in there] for which, there in places(report).items()}
    assert told == {
        ("keys/whitespace", "$.s.@id"): [(1, 2, "/r/s[1]/@id")],
        ("text/placeholder", "$.s.note.'_$'"): [(1, 3, "/r/s[1]/note")],
        ("text/whitespace", "$.s.tag.'_$'"): [(1, 5, "/r/s[1]/tag[2]")],
    }


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_first_ones_are_shown_however_many_chunks_there_are(check: Run, jobs: int) -> None:
    rows = [{"n": n, "a": "x" if n % 3 else " x", "b": ["y", " z"] if n > 400 else []} for n in range(900)]
    lines = [json.dumps(row) for row in rows]
    report = check("d.jsonl", "\n".join(lines), ingestMethod="JSONL", jobs=jobs, limits=Limits(chunk_bytes=2_000))
    found = places(report)
    assert [p.record for p in found["text/whitespace", "$.a"]] == list(range(1, 60, 3))
    assert [p.record for p in found["text/whitespace", "$.b[*]"]] == list(range(402, 422))
    assert {f.field: f.count for f in report.findings} == {"$.a": 300, "$.b[*]": 499}


def test_room_is_what_earlier_chunks_leave() -> None:
    reading = MemoryReading({"v": ["x"] * 12}, bounds=(4, 8))
    first, second, third = (reading.parser().parse(cut) for cut in reading.cuts())
    assert [int(np.asarray(c.numbers)[0]) for c in (first, second, third)] == [1, 5, 9]
    room = Room(5)
    assert room.take("w", second, 4) == 4
    assert room.take("w", third, 4) == 1
    assert room.take("w", first, 3) == 3
    assert room.take("other", third, 4) == 4
