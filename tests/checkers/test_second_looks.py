"""Places of what a second look finds: the later record's, and its value's in a document."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from potable.engine import Engine, Limits
from potable.engine.contracts.events import Progress
from potable.engine.contracts.report import Report
from potable.engine.findings import Sample

Check = Callable[..., Report]


def sample(report: Report, code: str) -> Sample:
    """The only sample of a code."""
    ((found,),) = [f.samples for f in report.findings if f.code == code]
    return found


def two(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "a.csv").write_text("id,n\n1,a\n2,b\n")
    (tmp_path / "b.csv").write_text("id,n\n3,c\n2,b\n")
    return {"ingestURL": ".", "filenamePattern": "^[ab][.]csv$"}


def test_a_record_of_another_file(check: Check, tmp_path: Path) -> None:
    found = sample(check("", **two(tmp_path)), "rows/duplicate")
    assert found.message == "the record equals record 2 (a.csv, line 3)"
    assert (found.location.file, found.location.line, found.location.record) == ("b.csv", 3, 4)


def test_a_key_of_another_file(check: Check, tmp_path: Path) -> None:
    found = sample(check("", **two(tmp_path), primaryKey="id"), "keys/duplicate")
    assert found.message == "key '2' was used before, in record 2 (a.csv, line 3)"


def test_a_record_of_the_same_file(check: Check) -> None:
    found = sample(check("id,n\n1,a\n1,a\n"), "rows/duplicate")
    assert found.message == "the record equals record 1 (line 2)"


def test_a_key_in_json_is_placed_at_its_value(check: Check) -> None:
    text = json.dumps([{"n": n, "keys": {"id": n % 3}} for n in range(4)])
    found = sample(check(text, ingestMethod="JSON", primaryKey="$.keys.id"), "keys/duplicate")
    at = text.rindex("0}")
    assert (found.location.record, found.location.path) == (4, "/3/keys/id")
    assert (found.location.line, found.location.column, found.location.byte) == (1, at + 1, at)


def test_a_key_in_xml_is_placed_at_its_element(check: Check) -> None:
    text = "<r>\n" + "".join(f"<s><n>{n}</n>\n<id>{n % 2}</id></s>\n" for n in range(3)) + "</r>"
    method = {"ingestMethod": "XML", "topElement": "r", "documentElement": "s"}
    found = sample(check(text, **method, primaryKey="$.s.id.'_$'"), "keys/duplicate")
    assert (found.location.record, found.location.line, found.location.path) == (3, 7, "/r/s[3]/id")


def test_numbers_and_a_text_with_another_decimal_sign(check: Check) -> None:
    docs: list[dict[str, Any]] = [{"m": n + 0.5} for n in range(20)]
    docs[7]["m"] = "7,5"
    text = json.dumps(docs)
    found = sample(check(text, ingestMethod="JSON"), "numbers/mixed-decimal")
    assert found.value == "7,5"
    assert (found.location.record, found.location.path, found.location.byte) == (8, "/7/m", text.index('"7,5"'))
    sound = check(text.replace('"7,5"', "7.5"), ingestMethod="JSON")
    assert "numbers/mixed-decimal" not in {f.code for f in sound.findings}


def test_the_second_look_tells_its_progress(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("id\n" + "".join(f"{n}\n" for n in (*range(999), 1, 990)))
    told: list[Progress] = []
    report = Engine(limits=Limits(chunk_bytes=1000), jobs=2).check(file, primary_key="id", progress=told.append)
    assert report.findings[0].code == "keys/duplicate"
    late = [event for event in told if event.stage == "late"]
    assert {event.records for event in late} == {1001}
    read = [event.bytes for event in late]
    assert 0 < len(read) <= 2 * file.stat().st_size / 1000
    assert read == sorted(set(read))
    assert [event.stage for event in told][-2:] == ["late", "finish"]
