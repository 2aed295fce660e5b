"""Exports that went wrong in their program's own way: one finding, that names what has happened."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from tests.checkers.findings import only

from potable.engine.contracts.report import Report
from potable.engine.findings import Finding

Check = Callable[..., Report]
PLAIN: dict[str, Any] = {"ingestMethod": "CSV", "schema": None}


def place(finding: Finding) -> tuple[int | None, int | None]:
    at = finding.samples[0].location
    return at.line, at.byte


# -- quotes


ROWS = "".join(f'{n},"n{n}","he said \\"ok, {n}\\" twice"\n' for n in range(20))
ESCAPED = f"id,name,note\n{ROWS}"


@pytest.mark.parametrize(
    ("text", "line"),
    [(ESCAPED, 2), (ESCAPED.replace("ok, ", "ok "), 2), (ESCAPED.replace("note\n", "note\n-1,a,b\n"), 3)],
)
def test_quotes_behind_a_backslash(check: Check, text: str, line: int) -> None:
    finding = only(check(text, **PLAIN, primaryKey="name"))
    assert (finding.code, finding.hint) == ("csv/wrong-quote", "Set escapeCharacter to a backslash.")
    assert place(finding)[0] == line
    assert check(text, **PLAIN, primaryKey="name", escapeCharacter="\\").findings == ()


@pytest.mark.parametrize("cell", ['"C:\\dir\\"', '"a ""b"" c"', "a\\b", '"\\"""'])
def test_backslashes_that_escape_nothing(check: Check, cell: str) -> None:
    text = "id,name\n" + "".join(f"{n},{cell}\n" for n in range(9))
    assert "csv/wrong-quote" not in {f.code for f in check(text, **PLAIN).findings}


def test_quotes_written_as_html(check: Check) -> None:
    text = "id,name\n" + "".join(f"{n},&quot;Smith, J{n}&quot;\n" for n in range(20))
    finding = only(check(text, **PLAIN, primaryKey="id"))
    assert (finding.code, place(finding)) == ("csv/wrong-quote", (2, 8))
    assert finding.samples[0].message == "in line 2 quotes around cells are written as &quot;"


def test_quotes_of_html_within_a_text(check: Check) -> None:
    text = "id,name\n" + "".join(f"{n},a &quot;b&quot; c\n" for n in range(20))
    assert {f.code for f in check(text, **PLAIN).findings} == {"text/markup"}


TWICE = "".join(f'"""{n}""","""n{n}""",\n' for n in range(9))


@pytest.mark.parametrize("header", ["id,name,note\n", '"""id""","""name""","""note"""\n'])
def test_cells_that_are_quoted_twice(check: Check, header: str) -> None:
    finding = only(check(header + TWICE, **PLAIN, primaryKey="id"))
    assert (finding.code, place(finding)) == ("csv/wrong-quote", (2, len(header)))
    assert "are quoted twice, as '\"0\"'" in finding.samples[0].message


@pytest.mark.parametrize(
    "text",
    [
        "said\n" + '"""yes"""\n' * 9,
        "id,said\n" + '1,"""yes"""\n' * 9,
        "id,said\n" + '"1","yes"\n' * 9,
        "id,said\n" + '"""a""","""b"""\n' * 3,
    ],
)
def test_quotes_that_belong_to_texts(check: Check, text: str) -> None:
    assert "csv/wrong-quote" not in {f.code for f in check(text, **PLAIN).findings}


# -- clients of databases


@pytest.mark.parametrize(
    ("prompt", "how"),
    [
        ("SQL> select id, name from lines;", "SET MARKUP CSV ON"),
        ("mysql> select * from a;", "mysql --batch"),
        ("MariaDB [lines]> select * from a;", "mariadb --batch"),
        ("sqlite> select * from a;", "sqlite3 -header -csv"),
        ("lines=# select id, name from a;", "psql --csv"),
    ],
)
def test_what_a_client_shows(check: Check, prompt: str, how: str) -> None:
    text = prompt + "\n        ID NAME\n---------- ------\n" + "".join(f"{n:>10} n{n}\n" for n in range(9))
    finding = only(check(text, **PLAIN, primaryKey="id"))
    assert (finding.code, place(finding)) == ("csv/fixed-width", (1, 0))
    assert finding.samples[0].message.startswith("line 1 is a prompt of a database's client")
    assert how in finding.hint


@pytest.mark.parametrize("header", ["SQL,name", "a=b,name", "mysql>,name"])
def test_headers_that_are_no_prompt(check: Check, header: str) -> None:
    assert check(header + "\nx,y\nz,w\n", **PLAIN).findings == ()


def test_the_end_mark_of_copy(check: Check) -> None:
    text = "id\tname\n1\ta\n2\tb\n\\.\n"
    finding = only(check(text, **PLAIN, delimiter="\t", primaryKey="id"))
    assert (finding.code, finding.count, place(finding)) == ("csv/note", 1, (4, 16))


@pytest.mark.parametrize("foot", ["-- Dump completed on 2024-01-01 10:00:00", "<!-- Generated in 0.13 s -->"])
def test_what_a_program_writes_under_its_table(check: Check, foot: str) -> None:
    text = "id,name\n" + "".join(f"{n},a\n" for n in range(9))
    finding = only(check(f"{text}\n{foot}\n", **PLAIN, primaryKey="id"))
    assert (finding.code, finding.count, place(finding)) == ("csv/note", 1, (12, len(text) + 1))


def test_a_comment_behind_a_document(check: Check) -> None:
    finding = only(check('[{"id": 1}]\n<!-- cached -->', ingestMethod="JSON", schema=None))
    assert (finding.code, place(finding)) == ("json/syntax", (2, 12))
    assert finding.hint.startswith("A comment of HTML stands there")


def test_a_null_of_mysql(check: Check) -> None:
    finding = only(check("id,name\n1,\\N\n2,b\n", **PLAIN, primaryKey="id"))
    assert (finding.code, finding.field, finding.samples[0].value) == ("text/placeholder", "$.name", "\\N")
    assert check("id,name\n1,\\N\n2,b\n", **PLAIN, missingValues=["", "\\N"]).findings == ()


# -- documents in documents


RECORDS = [{"id": n, "name": f"n{n}"} for n in range(9)]


@pytest.mark.parametrize("value", [RECORDS, RECORDS[0], [], {}, [1, 2], ["a"]])
@pytest.mark.parametrize("indent", [None, 1])
def test_json_in_a_text(check: Check, value: Any, indent: int | None) -> None:
    twice = json.dumps(json.dumps(value, indent=indent))
    finding = only(check(twice, ingestMethod="JSON", schema=None))
    assert finding.code == "json/no-records"
    assert finding.samples[0].message.endswith("the root is JSON as a text: it was encoded twice")
    finding = only(check(f"[{twice}]", ingestMethod="JSON", schema=None))
    assert (finding.code, finding.samples[0].location.byte) == ("json/not-an-object", 1)
    assert finding.samples[0].message == "the record is a text, not an object: JSON as a text, encoded twice"


@pytest.mark.parametrize("text", ["", "[see below]", "{a}", "a", "[", '"[a]"'])
def test_a_text_that_is_no_json(check: Check, text: str) -> None:
    finding = only(check(json.dumps([text]), ingestMethod="JSON", schema=None))
    assert finding.samples[0].message == "the record is a text, not an object"


INNER = "<items>" + "".join(f"<item id='{n}'/>" for n in range(9)) + "</items>"


@pytest.mark.parametrize("above", ["", "<!-- <items> -->", "<!-- " + "x" * 9000 + " -->"])
@pytest.mark.parametrize(
    ("inner", "words", "hint"),
    [
        (INNER.replace("<", "&lt;"), "it as text, escaped", "Have them written as XML"),
        (INNER.replace("<", "&#x3C;"), "it as text, escaped", "Have them written as XML"),
        (f"<![CDATA[{INNER}]]>", "it as text, in a CDATA section", "Have them written as XML"),
        (
            f"<![CDATA[{INNER.replace('<item ', '<x:item ')}]]>",
            "it as text, in a CDATA section",
            "Have them written as XML",
        ),
        (f"<!-- {INNER} -->", "a comment", "Take the <!-- and -->"),
    ],
)
def test_records_of_xml_in_a_text(check: Check, inner: str, words: str, hint: str, above: str) -> None:
    method = {"ingestMethod": "XML", "documentElement": "item", "schema": None}
    text = f"<string xmlns='http://tempuri.org/'>{above}\n{inner}</string>"
    finding = only(check(text, **method))
    assert (finding.code, finding.hint[: len(hint)]) == ("xml/no-records", hint)
    message, at = finding.samples[0].message, finding.samples[0].location
    assert message.endswith(f": its only element is <string>; the records stand in {words}, from line 2 on")
    first = re.search(r"(<|&lt;|&#x3C;)(x:)?item ", text)
    assert first is not None
    assert (at.line, at.column, at.byte) == (2, first.start() - text.index("\n"), first.start())


def test_an_answer_of_oai_without_records(check: Check) -> None:
    text = '<OAI-PMH><responseDate>2024</responseDate><error code="noRecordsMatch"/></OAI-PMH>'
    finding = only(check(text, ingestMethod="XML", documentElement="record", schema=None))
    assert finding.code == "xml/no-records"
    assert finding.hint.startswith("The repository answers with an error")


def test_records_of_xml_that_are_none_anywhere(check: Check) -> None:
    method = {"ingestMethod": "XML", "documentElement": "item", "schema": None}
    assert (
        only(check("<string><!-- items --></string>", **method))
        .samples[0]
        .message.endswith(": its only element is <string>")
    )
    other = only(check("<string>&lt;items/> &lt;b></string>", **method))
    assert other.samples[0].message.endswith(": its only element is <string>")


# -- keys


def test_one_key_for_all(check: Check) -> None:
    text = "id,name\n" + "".join(f"x,{n}\n" for n in range(20))
    finding = only(check(text, **PLAIN, primaryKey="id"))
    assert (finding.code, finding.count) == ("keys/duplicate", 19)
    assert finding.hint.startswith("All have one and the same")


def test_numbers_in_formulas_that_are_to_keep_them(check: Check) -> None:
    rows = "".join(f'{n},"=""{n}"""\n' if n % 9 == 0 else f"{n},{n * 7}\n" for n in range(1, 60))
    found = only(check(f"id,weight\n{rows}", **PLAIN))
    assert (found.code, found.field, found.count) == ("text/unconverted", "$.weight", 6)
