"""How a table is written down, told from its first bytes."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.describe.dialect import sniff_dialect


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("id,name\n1,Ann\n2,Bob\n", {}),
        ("id;name\n1;Ann\n2;Bob\n", {"delimiter": ";"}),
        ("id\tname\n1\tAnn, the first\n", {"delimiter": "\t"}),
        ("id|name\n1|A,B\n2|C,D\n", {"delimiter": "|"}),
        ("price;note\n1,5;a, b\n2,5;c\n", {"delimiter": ";"}),
        ("'id','name'\n'1','O, P'\n", {"textQuote": "'"}),
        ("name\nAnn\nBob\n", {}),
        ("name\nit's\n'tis\n", {}),
        ('id,name\n1,"a;b;c"\n2,"d;e;f"\n', {}),
        ("1,Ann\n2,Bob\n", {"headerLine": 0}),
        ("1\n2\n", {"headerLine": 0}),
        ("country,2019,2020\nFR,1,2\nDE,3,4\n", {}),
        ("2019,2020\n1,2\n", {"headerLine": 0}),
        ("Ann,x\nBob,y\nAnn,x\n", {"headerLine": 0}),
        ("a,b\na,b2\n", {}),
        ("A report\nof 2024\nid,name,age\n1,Ann,7\n2,Bob,8\n", {"headerLine": 3}),
        ("A report\n\n1,Ann,7\n2,Bob,8\n", {"headerLine": 0, "ignoreLines": 2}),
        ("# made by x\n# on day y\nid,name\n1,Ann\n", {"comment": "#"}),
        ("# made by x\n\nid,name\n1,Ann\n", {"comment": "#", "headerLine": 3}),
        ("#CHROM\tPOS\nchr1\t5\n", {"delimiter": "\t"}),
        ("##by x\n#code\tplace\tzone\nAD\t+42\tx\nAE\t+25\ty\n", {"delimiter": "\t", "headerLine": 2}),
        ("# a\n#at\tzone\tnote\n" + "+4230+00131\tx\n-6617+11031\ty\tz\n" * 3, {"delimiter": "\t", "headerLine": 2}),
        ("AD\t+4230+0013\n" + "".join(f"A{n}\t-661{n}+1103\n" for n in range(6)), {"delimiter": "\t", "headerLine": 0}),
        (",3,5,A\n3,40,-1,5\n5,-1,40,2\nA,5,2,40\n", {}),
        ("type,0.0,0.5,1.0,1.5,2.0\n" + "A,0.1,,0.2,,0.3\nB,,0.4,,0.2,\n" * 4, {}),
        ("plate1_1\tq1_1\n" + "".join(f"a{n}\tq{n}_1\n" for n in "bcdefg"), {"delimiter": "\t"}),
        ("# a\n#code\tplace\t\tzone\nAD\tb\tx\nAE\tc\ty\n", {"delimiter": "\t", "comment": "#", "headerLine": 0}),
        (",,\nA report,,\nid,name,age\n1,Ann,7\n2,Bob,8\n3,Cid,9\n", {"headerLine": 3}),
        (",,\nid,name,age\n1,Ann,7\n2,Bob,8\n3,Cid,9\n", {"headerLine": 2}),
        ("", {}),
        ("\n\n", {}),
        ("id,name\r1,Ann\r2,Bob\r", {}),
        ("sep=;\nid;name\n1;Ann\n2;Bob\n", {"delimiter": ";", "headerLine": 2}),
        ("sep=,\r\n1,Ann\r\n2,Bob\r\n", {"headerLine": 0, "ignoreLines": 1}),
        ("\ufeffSEP=\t\nid\tname\n1\tAnn;\n2\tBob;\n", {"delimiter": "\t", "headerLine": 2}),
        ("Report;;\n2024;;\n;;\nid;of;day\n;;EUR\n1;A;1.2.2024\n2;B;2.2.2024\n", {"delimiter": ";", "headerLine": 4}),
        ("id,,\na,Ann,x\nb,Bob,y\nc,Cid,z\n", {}),
        ("age,sex\n1,f\n2,m\nage,sex\n3,f\n", {}),
        ("703165,AK,55.3\nday,hour,rain,wind\n" + "2.1.1997,3,0,4\n3.1.1997,4,1,4\n" * 3, {"headerLine": 2}),
        ("6,4,yes\n" + "".join(f"{n}.5,2,7,{n}\n" for n in range(6)), {"headerLine": 0, "ignoreLines": 1}),
        ("mpg,cyl,hp\n" + "".join(f"Car {n},{n},4,9{n}\n" for n in range(6)), {}),  # R names the rows, and not these
        ("type,0.5,1.0,2.5,4.0,10.0\n" + "A,7,6,0,3,9\nB,8,1,2,0,5\n" * 3, {}),
        ("A,0.5,1.0,2.5,4.0,10.0\n" + "B,1,2,3,4,5\nC,8,9,12,20,35\n" * 3, {"headerLine": 0}),
    ],
)  # fmt: skip
def test_tables(text: str, found: dict[str, Any]) -> None:
    assert sniff_dialect(text.encode(), whole=True) == found


def test_a_beginning_that_breaks_off_in_a_cell() -> None:
    text = b'id;note\n1;"a\nb"\n2;"c' + b"d" * 100
    assert sniff_dialect(text, whole=False) == {"delimiter": ";"}


NAMES = st.text("abcdefgh", min_size=1, max_size=5)
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@given(
    names=st.lists(NAMES, min_size=2, max_size=4, unique=True),
    rows=st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=6),
    delimiter=st.sampled_from(",;\t|"),
)
def test_the_delimiter_of_any_sound_table(names: list[str], rows: list[list[str]], delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([names, *(row[: len(names)] for row in rows)])
    assert sniff_dialect(out.getvalue().encode(), whole=True).get("delimiter", ",") == delimiter
