"""Tables that lie on their side; and those that stand upright."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from potable.engine.contracts.report import Report

Check = Callable[..., Report]

PEOPLE = "id,1,2,3,4\nname,Ann,Bob,Cid,Eve\nage,30,41,22,19\nmail,a@x.org,b@x.org,c@x.org,e@x.org\n"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (PEOPLE, 4),
        ("name,Ann,Bob,Cid\nborn,2001-02-03,1999-01-01,1980-05-06\ntown,Ulm,Kiel,Bonn\n", 3),
        (PEOPLE + "height,1.8,,1.7,1.6\nnote,n/a,tall,small,quick\n", 6),
    ],
)
def test_a_table_on_its_side(check: Check, text: str, fields: int) -> None:
    report = check(text)
    finding = next(f for f in report.findings if f.code == "csv/transposed")
    at = finding.samples[0].location
    assert (finding.severity, finding.count, finding.details) == ("warning", 1, {"fields": fields})
    assert (at.line, at.byte, at.record) == (1, 0, None)
    assert finding.samples[0].message.startswith(f"the first column has the names of {fields} fields (")


@pytest.mark.parametrize("fields", [["id", "name", "age"], [{"name": "id"}, {"name": "name"}, {"name": "age"}]])
def test_one_whose_fields_the_schema_names(check: Check, fields: list[Any]) -> None:
    (finding,) = check(PEOPLE, schema={"fields": fields}).findings
    assert (finding.code, finding.severity) == ("csv/transposed", "error")


@pytest.mark.parametrize(
    "text",
    [
        "id,name,age,town\n1,Ann,30,Ulm\n2,Bob,41,Kiel\n3,Cid,22,Bonn\n",
        "land,2019,2020,2021\nA,1,2,3\nB,4,5,6\nC,7,8,9\n",
        "land,x,y,z\nA,1,2,3\nB,NA,NA,NA\nC,7,8,9\n",
        "word,de,en,fr\none,eins,one,un\ntwo,zwei,two,deux\nthree,drei,three,trois\n",
        "stat,a,b,c\nmin,1,2,3\nmax,4,5,6\nsign,+,+,+\n",
        "name,a,b,c\nx,yes,no,yes\ny,1,2,3\nz,yes,no,no\n",
        "name,a,b\nx,Ann,Bob\ny,1,2\n",
        "1,a,b,c\n2,1,2,3\n3,d,e,f\n",
        "name,a,b,c\nx,Ann,3,Bob\ny,1,2,3\nz,u,v,w\n",
    ],
)
def test_upright_tables(check: Check, text: str) -> None:
    assert "csv/transposed" not in {f.code for f in check(text).findings}
