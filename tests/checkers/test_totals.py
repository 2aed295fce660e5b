"""Rows of totals among the records of tables and sheets; and last records that are none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from potable.engine import Engine
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.limits import Limits
from potable.engine.pipeline.run import RunOptions, run_source
from potable.engine.plugins import load_plugins

Check = Callable[..., Report]

HEAD = "site,kind,boats,tons\n"
SITES = ["Harbour", "Pier", "Quay", "Dock", "Slip", "Marina", "Mole"]
ROWS = [f"{site},{'sea' if n % 2 else 'river'},{n * 7 % 11 + 2},{n * 3.25 + 1}\n" for n, site in enumerate(SITES)]
TABLE = HEAD + "".join(ROWS)
BOATS, TONS = sum(n * 7 % 11 + 2 for n in range(7)), sum(n * 3.25 + 1 for n in range(7))


def totals(report: Report) -> list[Any]:
    return [f for f in report.findings if f.code in ("csv/total", "excel/total")]


def test_the_table_itself_is_clean(check: Check) -> None:
    assert check(TABLE).findings == ()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (f"Total,,{BOATS},{TONS}", f"{BOATS} under 'boats' is the sum of the 7 records above"),
        (f"TOTAL:,,,{TONS}", f"{TONS} under 'tons' is the sum of the 7 records above"),
        (f"Grand total,all,{BOATS},", f"{BOATS} under 'boats' is the sum of the 7 records above"),
        (f'Gesamt,,,"{TONS}"', f"{TONS} under 'tons' is the sum of the 7 records above"),
        (f",Summe,{BOATS},", f"{BOATS} under 'boats' is the sum of the 7 records above"),
        (f"合计,,{BOATS},", f"{BOATS} under 'boats' is the sum of the 7 records above"),
        (f",,{BOATS},{TONS}", f"{BOATS} under 'boats' is the sum of the 7 records above"),
        (f"Average,,{BOATS / 7:.2f},", f"{BOATS / 7:.2f} under 'boats' is the mean of the 7 records above"),
        (f"Total,,,{TONS:.0f}", f"{TONS:.0f} under 'tons' is the sum of the 7 records above"),
        ("Total,,1234,", "'kind' is blank in it, and filled in the 7 records above"),
    ],
)
def test_a_row_of_totals_at_the_end(check: Check, row: str, why: str) -> None:
    report = check(TABLE + row + "\n")
    (finding,) = totals(report)
    (sample,) = finding.samples
    assert (finding.code, finding.severity, finding.count) == ("csv/total", "error", 1)
    assert sample.message == f"the record is a row of totals: {why}"
    assert (sample.location.line, sample.location.byte, sample.location.record) == (9, len(TABLE), 8)
    assert sample.value == row
    assert [f.code for f in report.findings] == ["csv/total"], "what is odd in it isn't told again"


def test_notes_and_blank_lines_may_be_around(check: Check) -> None:
    report = check(TABLE + f"\nTotal,,{BOATS},\n\nSource: Harbour Office\n")
    (finding,) = totals(report)
    assert (finding.samples[0].location.line, finding.samples[0].location.record) == (10, 8)


def test_totals_of_groups(check: Check) -> None:
    text = "land,city,people\nN,a,10\nN,b,20\nN Total,,30\nS,c,40\nS,d,5\nS,e,6\nS Total,,51\nGrand Total,,81\n"
    (finding,) = totals(check(text))
    assert [(s.location.line, s.location.record) for s in finding.samples] == [(4, 3), (8, 7), (9, 8)]
    assert finding.count == 3
    assert finding.samples[1].message.endswith("51 under 'people' is the sum of the 3 records above")
    assert finding.samples[2].message.endswith("81 under 'people' is the sum of the 5 records above")


def test_numbers_as_people_write_them(check: Check) -> None:
    text = "site;sales\nA;1.200,50\nB;300,25\nC;2.000,25\nInsgesamt;3.501,00 €\n"
    (finding,) = totals(check(text, delimiter=";"))
    assert finding.samples[0].message.endswith("3.501,00 € under 'sales' is the sum of the 3 records above")


@pytest.mark.parametrize(
    "rows",
    [
        f"Total,sea,{BOATS + 1},{TONS + 40}\n",  # a company of that name
        f"Totalisator,sea,{BOATS},1\n",
        f"Bay,sea,{BOATS},{TONS}\n",  # the figures alone
        f",sea,{BOATS},1\n",  # one of several figures
        "Sum,sea,12,3\n",
        "Mean Street,sea,12,3\n",
        "Total,,,\n",
        f"Total,,{BOATS},\n" + "".join(f"{site} II,sea,1,2\n" for site in SITES),  # far from the end
    ],
)
def test_other_last_records(check: Check, rows: str) -> None:
    assert totals(check(TABLE + rows)) == []


def test_a_total_that_is_a_category(check: Check) -> None:
    """Statistics are published so: each year has women, men, and both."""
    text = "year,sex,people\n" + "".join(
        f"{y},women,{y - 1990}\n{y},men,7\n{y},total,{y - 1983}\n" for y in range(2000, 2009)
    )
    assert totals(check(text)) == []


def test_few_records_or_a_large_file_are_left_out(check: Check) -> None:
    assert totals(check("site,boats\nA,1\nB,2\nTotal,3\n")) == []
    rows = "".join(f"Site {n:060},1\n" for n in range(20_000))
    assert totals(check("site,boats\n" + rows + "Total,20000\n")) == []


def test_each_file_has_its_own(check: Check, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(TABLE.replace("H", name) + f"Total,,{BOATS},\n")
    (finding,) = totals(check("", ingestURL=".", filenamePattern="^[ab][.]csv$"))
    assert finding.count == 2
    places = [(s.location.file, s.location.line, s.location.record) for s in finding.samples]
    assert places == [("a.csv", 9, 8), ("b.csv", 9, 16)]


@pytest.mark.parametrize("size", [1, 40, 333])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_any_cutting_gives_the_same(tmp_path: Path, size: int, encoding: str) -> None:
    data = ("land,city,people\nNö,a,10\nN,b,20\nN Total,,30\n\nS,c,40\nS,d,5\nS Total,,45\nTotal,,75\n").encode(
        encoding
    )
    (tmp_path / "data.csv").write_bytes(data)
    members = {"resourceID": "test", "ingestMethod": "CSV", "ingestURL": "data.csv", "encoding": encoding}
    told = []
    for limits in (Limits(), Limits(chunk_bytes=size)):
        source = from_mapping(members, folder=tmp_path)
        (finding,) = totals(run_source(source, load_plugins(), RunOptions(scratch=tmp_path, limits=limits)))
        told.append((finding.count, finding.samples))
    assert told[0] == told[1]
    assert [s.location.line for s in told[0][1]] == [4, 8, 9]
    assert told[0][1][0].location.byte == len("land,city,people\nNö,a,10\nN,b,20\n".encode(encoding))


def sheet(tmp_path: Path, rows: list[list[Any]]) -> Report:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "x.xlsx")
    return Engine(roots=[tmp_path]).check(tmp_path / "x.xlsx")


DATA: list[list[Any]] = [["site", "kind", "boats"], *([site, "sea", n + 2] for n, site in enumerate(SITES))]


@pytest.mark.parametrize("end", [["Total", None, 35], [None, None, 35], ["Total", None, 99], ["Mean", None, 5.0]])
def test_a_row_of_totals_in_a_sheet(tmp_path: Path, end: list[Any]) -> None:
    (finding,) = totals(sheet(tmp_path, [*DATA, end]))
    (sample,) = finding.samples
    assert (finding.code, finding.severity, finding.count) == ("excel/total", "error", 1)
    assert (sample.location.path, sample.location.line, sample.location.record) == ("Sheet!A9", 9, 8)
    assert sample.message.startswith("the record is a row of totals: ")


@pytest.mark.parametrize("end", [["Total", "sea", 36], ["Bay", "sea", 35], [None, "sea", 36], ["Total", None, None]])
def test_other_last_rows_of_a_sheet(tmp_path: Path, end: list[Any]) -> None:
    assert totals(sheet(tmp_path, [*DATA, end])) == []
