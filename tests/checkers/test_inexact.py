"""Numbers of JSON that programs which take them for doubles read as others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from potable.engine import Engine
from potable.engine.contracts.report import Report
from potable.engine.findings import Finding

INEXACT = "numbers/inexact"


def judged(folder: Path, data: Any, name: str = "a.jsonl", **given: Any) -> Report:
    text = data if isinstance(data, str) else "".join(json.dumps(r) + "\n" for r in data)
    (folder / name).write_text(text)
    return Engine().check(folder / name, ignore="rows", **given)


def told(report: Report) -> dict[str | None, Finding]:
    return {f.field: f for f in report.findings if f.code == INEXACT}


@pytest.mark.parametrize(
    ("number", "read"),
    [
        ("9007199254740993", "9007199254740992"),
        ("-9007199254740993", "-9007199254740992"),
        ("12345678901234567891", "12345678901234567168"),
        ("9223372036854775807", "9223372036854775808"),
        ("1e400", "infinity, or not at all"),
        ("-1.5E+0400", "infinity, or not at all"),
        ("9" * 5000, "infinity, or not at all"),
        ("1e-400", "0"),
    ],
)
def test_numbers_that_no_double_is(tmp_path: Path, number: str, read: str) -> None:
    report = judged(tmp_path, f'{{"n": 1, "v": 1}}\n{{"n": 2, "v": {number}}}\n')
    (sample,) = told(report)["$.v"].samples
    assert sample.message.endswith(f" as {read}")
    assert sample.value == (number if len(number) < 200 else sample.value)
    place = sample.location
    assert (place.record, place.line, place.column, place.byte, place.path) == (2, 2, 15, 31, "/v")


@pytest.mark.parametrize(
    "sound",
    [
        "9007199254740991", "9007199254740992", "9007199254740994", "1152921504606846976", "0",
        "123456789012345680000", "100000000000000000000000", "1989000000000000000000000000000", "36028797018963970",
        "0.1000000000000000055511151231257827", "1.7976931348623157e308", "5e-324", "0e999", "0.0e-400",
        '"9007199254740993"', '"1e400"', '"id 9007199254740993, "', '": 9007199254740993"', '"\\": 9007199254740993,"',
    ],
)  # fmt: skip
def test_numbers_that_are_doubles_and_texts(tmp_path: Path, sound: str) -> None:
    assert not told(judged(tmp_path, f'{{"n": 1, "v": {sound}}}\n{{"n": 2, "v": {sound}}}\n'))


def test_each_field_has_its_count_at_any_depth_in_any_cutting(tmp_path: Path) -> None:
    records = [
        {"id": 2**53 + n, "text": str(2**53 + 1), "deep": {"ids": [1, "9007199254740993", 2**53 + n]}, "n": n % 5}
        for n in range(60_000)
    ]
    report = judged(tmp_path, records, primary_key="id")
    found = told(report)
    assert {field: f.count for field, f in found.items()} == {"$.id": 30_000, "$.deep.ids[*]": 30_000}
    assert [s.location.record for s in found["$.id"].samples] == list(range(2, 42, 2))
    assert [s.key for s in found["$.id"].samples[:2]] == ["9007199254740993", "9007199254740995"]
    first = found["$.deep.ids[*]"].samples[1].location
    assert (first.record, first.path) == (4, "/deep/ids/2")


def test_records_that_the_quick_way_leaves_are_looked_at_too(tmp_path: Path) -> None:
    text = '[{"v": 1e999, "v": 9007199254740993}, {"v": "\\ud800"}, {"a": {"v": 9007199254740993}}]'
    found = told(judged(tmp_path, text, "a.json"))
    assert {field: [s.location.path for s in f.samples] for field, f in found.items()} == {
        "$.v": ["/0/v"],
        "$.a.v": ["/2/a/v"],
    }


def test_what_the_definition_says_of_a_field_holds(tmp_path: Path) -> None:
    data = [{"id": 2**53 + 1, "x": 2**53 + 1}] * 3
    of_data = {"checks": {"numbers": {"except": ["id"]}}, "values": "masked"}
    found = told(judged(tmp_path, data, **of_data))
    assert list(found) == ["$.x"]
    assert {s.message for s in found["$.x"].samples} == {"Number that most programs read as another one"}
    assert not told(judged(tmp_path, data, missingValues=["9007199254740993"]))


def test_rows_that_a_program_hands_over_are_exact() -> None:
    report = Engine().check([{"id": 2**53 + n, "w": 1} for n in range(20)])
    assert not told(report)
