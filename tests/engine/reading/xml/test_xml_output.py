"""Messages of programs in XML that is well-formed all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.findings import Location
from potable.engine.limits import Limits
from potable.engine.pipeline.run import RunOptions, run_source
from potable.engine.plugins import load_plugins

CODE = "xml/program-output"
MARKED = "<br />\n<b>Warning</b>:  Undefined variable $x in <b>/var/www/é.php</b> on line <b>12</b><br />"
SHOWN = "Warning: Undefined variable $x in /var/www/é.php on line 12"
RECORDS = [f"<item><name>nämé {n}</name></item>" for n in range(1, 21)]


def run(tmp_path: Path, text: str, chunk_bytes: int = 6 << 20, **more: str) -> Report:
    (tmp_path / "data.xml").write_bytes(text.encode())
    members = {"resourceID": "x", "ingestMethod": "XML", "ingestURL": "data.xml", "documentElement": "item", **more}
    options = RunOptions(scratch=tmp_path, limits=Limits(chunk_bytes=chunk_bytes))
    return run_source(from_mapping(members, folder=tmp_path), load_plugins(), options)


def messages(report: Report) -> list[tuple[str, Location]]:
    found = [f for f in report.findings if f.code == CODE]
    assert sum(f.count for f in found) == sum(len(f.samples) for f in found)
    return [(s.message.partition("'")[2].rstrip("'"), s.location) for f in found for s in f.samples]


@pytest.mark.parametrize("chunk_bytes", [60, 97, 211, 6 << 20])
def test_between_records_and_in_one(tmp_path: Path, chunk_bytes: int) -> None:
    inside = f"<item><name>a{MARKED}</name><name>{MARKED}</name></item>"
    text = "\n".join(["<items>", *RECORDS[:7], MARKED, *RECORDS[7:12], inside, *RECORDS[12:], MARKED, "</items>"])
    report = run(tmp_path, text, chunk_bytes)
    found = messages(report)
    data, at = text.encode(), -1
    for (shown, place), record in zip(found, (None, 13, 13, None), strict=True):
        at = data.index(b"<b>Warning", at + 1)
        assert (shown, place.byte, place.record) == (SHOWN, at, record)
        assert place.line == data.count(b"\n", 0, at) + 1
    assert report.counts.records == 21
    assert report.counts.records_with_errors == 1
    assert report.verdict == "failed"


@pytest.mark.parametrize("chunk_bytes", [60, 6 << 20])
def test_in_records_that_a_filter_leaves(tmp_path: Path, chunk_bytes: int) -> None:
    inside = f"<item><name>odd</name><name>{MARKED}</name></item>"
    text = "\n".join(["<items>", *RECORDS[:7], inside, *RECORDS[7:], "</items>"])
    left = run(tmp_path, text, chunk_bytes, filterXMLPath="name", filterValue="odd")
    assert [place.record for _, place in messages(left)] == [1]
    assert (left.counts.records, left.counts.records_with_errors) == (1, 1)
    others = run(tmp_path, text, chunk_bytes, filterXMLPath="name", filterValue="nämé 3")
    assert (others.verdict, messages(others)) == ("passed", [])


@pytest.mark.parametrize("chunk_bytes", [60, 6 << 20])
@pytest.mark.parametrize(
    "text",
    [
        "Warning: Undefined array key 3 in /var/www/a.php on line 7",
        "PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted in /a.php on line 45",
        'Traceback (most recent call last):\n  File "x.py", line 3, in f',
        "java.lang.NullPointerException: x\n\tat a.b.C(D.java:3)",
        "PDOException: SQLSTATE[HY000] [2002] Connection refused",
        "ORA-00942: table or view does not exist",
    ],
)
def test_as_text_between_records(tmp_path: Path, text: str, chunk_bytes: int) -> None:
    document = "\n".join(["<items>", *RECORDS[:7], text, *RECORDS[7:], "</items>"])
    ((shown, place),) = messages(run(tmp_path, document, chunk_bytes))
    assert shown.startswith(" ".join(text.split())[:40].partition("'")[0])
    assert (place.line, place.byte, place.record) == (9, document.encode().index(text.encode()[:8]), None)


@pytest.mark.parametrize(
    "odd",
    [
        "<note><b>Warning</b>: keep it in <b>the dark</b></note>",
        "<item><name>Warning: undefined variable in /a.php on line 3</name></item>",
        f"<item><name><![CDATA[{MARKED}]]></name></item>",
        f"<!-- {MARKED} -->",
        "some text that belongs to no record, on line 3",
        "<b>Warning</b>",
    ],
)
@pytest.mark.parametrize("chunk_bytes", [60, 6 << 20])
def test_what_is_no_message(tmp_path: Path, odd: str, chunk_bytes: int) -> None:
    document = "\n".join(["<items>", *RECORDS[:7], odd, *RECORDS[7:], "</items>"])
    assert messages(run(tmp_path, document, chunk_bytes)) == []


def test_each_record_with_one(tmp_path: Path) -> None:
    text = "<items>" + "".join(f"<item><name>{n}{MARKED}</name></item>" for n in range(500)) + "</items>"
    report = run(tmp_path, text, 5_000)
    (found,) = [f for f in report.findings if f.code == CODE]
    assert (found.count, report.counts.records_with_errors, found.samples[0].location.record) == (500, 500, 1)
