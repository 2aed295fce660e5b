"""``potable check``: no definition, no store."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def test_a_file_is_checked_and_nothing_is_recorded(potable, home: Path, lab) -> None:
    done = potable("check", "catalog/bad.csv", *lab)
    assert (done.code, done.err) == (1, "")
    lines = done.out.splitlines()
    assert lines[0] == "bad.csv"
    assert "    catalog/bad.csv:3  record 2  -3 is below 0" in lines
    assert lines[-1] == "✗ FAILED  2 errors, 1 warning in 4 records"
    assert not (home / "state").exists()


@pytest.mark.parametrize(
    ("argv", "code", "records"),
    [
        (["catalog/good.csv"], 0, 2),
        (["catalog/zero.csv"], 0, 2),
        (["catalog/zero.csv", "--fail-on", "warning"], 1, 2),
        (["catalog/bad.csv", "--fail-on", "never"], 0, 4),
        (["catalog/bad.csv", "--select", "lab/zero"], 0, 4),
        (["catalog/bad.csv", "--ignore", "lab"], 0, 4),
        (["catalog/bad.csv", "--limit-records", "2"], 1, 2),
        (["catalog/none.csv"], 3, 0),
    ],
)
def test_exit_codes(potable, lab, argv: list[str], code: int, records: int) -> None:
    done = potable("check", *argv, "--format", "json", *lab)
    assert (done.code, json.loads(done.out)["counts"]["records"]) == (code, records)


@pytest.mark.parametrize(("given", "sign"), [(";", ";"), ("tab", "\t"), ("\\t", "\t"), ("\t", "\t"), ("pipe", "|")])
def test_delimiters(potable, home: Path, lab, given: str, sign: str) -> None:
    (home / "table.txt").write_text(f"id{sign}age\n1{sign}-1\n")
    done = potable("check", "table.txt", "--delimiter", given, "--format", "json", *lab)
    report = json.loads(done.out)
    assert [(f["code"], f["count"]) for f in report["findings"] if f["code"].startswith("lab/")] == [
        ("lab/negative", 1)
    ]
    assert report["metrics"]["columns"] == ["$.id", "$.age"]


@pytest.mark.parametrize(
    ("argv", "columns", "records"),
    [
        ([], ["$.Ort", "$.'Größe'"], 2),
        (["--header-line", "2"], ["$.'Zürich'", "$.a"], 1),
        (["--header-line", "0"], ["$.column1", "$.column2"], 3),
        (["--comment", "Z"], ["$.Ort", "$.'Größe'"], 1),
    ],
)
def test_how_a_table_is_read(potable, home: Path, lab, argv: list[str], columns: list[str], records: int) -> None:
    (home / "table.csv").write_bytes("Ort,Größe\nZürich,'a'\nBern,'b,c'\n".encode("latin-1"))
    argv = ["--encoding", "latin-1", "--text-quote", "'", *argv]
    report = json.loads(potable("check", "table.csv", *argv, "--format", "json", *lab).out)
    assert (report["metrics"]["columns"], report["counts"]["records"]) == (columns, records)


@pytest.mark.parametrize("sheet", ["2", "plants", "Plants"])
def test_a_sheet(potable, home: Path, lab, sheet: str) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine", reason="the extra `excel` isn't installed")
    book = openpyxl.Workbook()
    book.active.append(["cover"])
    plants = book.create_sheet("Plants")
    for row in (["id", "age"], [1, -1], [2, 3]):
        plants.append(row)
    book.save(home / "book.xlsx")
    report = json.loads(potable("check", "book.xlsx", "--sheet", sheet, "--format", "json", *lab).out)
    assert report["metrics"]["columns"] == ["$.id", "$.age"]


def test_an_option_that_the_format_hasn_t_got_is_told(potable, lab) -> None:
    report = json.loads(potable("check", "catalog/good.csv", "--sheet", "x", "--format", "json", *lab).out)
    assert [f["code"] for f in report["findings"]] == ["definition/unknown-key"]
    assert potable("check", "catalog/good.csv", "--sheet", "").err == "potable: --sheet needs a value\n"


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("people.db", b"SQLite format 3\x00" + bytes(100), "an SQLite database, no file that can be checked"),
        ("dump.sql", b"-- MySQL dump 10.13\nCREATE TABLE t (a int);\n", "an SQL dump, no file that can be checked"),
        ("t.csv", b"-- MySQL dump 10.13\nCREATE TABLE t (a int);\n", "an SQL dump where CSV was promised"),
    ],
)
def test_databases_are_no_files_of_records(potable, home: Path, lab, name: str, body: bytes, words: str) -> None:
    (home / name).write_bytes(body)
    done = potable("check", name, "--format", "json", *lab)
    report = json.loads(done.out)
    told = [(f["code"], f["samples"][0]["message"]) for f in report["findings"]]
    assert (done.code, told) == (3, [("access/media-type", f"{name} is {words}")])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.xml", "<all><other/><other/><p><age>1</age></p></all>"),
        ("p.json", '{"of": 3, "p": [{"age": 1}]}'),
    ],
)
def test_what_is_a_record(potable, home: Path, lab, name: str, text: str) -> None:
    (home / name).write_text(text)
    done = potable("check", name, "--document-element", "p", "--format", "json", *lab)
    report = json.loads(done.out)
    assert (done.code, report["counts"]["records"], report["findings"]) == (0, 1, [])


def test_hostile_values_are_inert(potable, home: Path, lab) -> None:
    (home / "evil.csv").write_bytes('id,age\n1,"-1\n2,\x1b[2J\u202e"\n'.encode() + b"3,-4\n")
    (home / "shout.py").write_text(
        (home / "lab.py").read_text().replace("lab", "shout").replace("age.number < 0", "age.text.str.len_chars() > 3")
    )
    argv = ("check", "evil.csv", "--plugin", "shout.py", *lab)
    for form in ("text", "json", "html", "sarif", "junit", "markdown", "github"):
        done = potable(*argv, "--format", form)
        assert done.code == 1
        assert not {"\x1b", "\u202e"} & set(done.out)
    assert r"evil.csv:2  record 1  -1\n2,\x1b[2J\u202e is below 0" in potable(*argv).out


def test_schema_and_key_reach_the_checkers(potable, home: Path, lab) -> None:
    (home / "show.py").write_text(
        "from potable.engine import Checker, Code, Occurrence, Severity, hookimpl\npotable_api = 1\n"
        "class Show(Checker):\n    name = 'show'\n"
        "    codes = (Code(id='show/all', severity=Severity.INFO, title='t', meaning='m', why='w', example='e',\n"
        "                  mend='d'),)\n"
        "    def check_definition(self, source):\n"
        "        yield Occurrence('show/all', f'{source.primary_key} {source.table_schema}')\n"
        "@hookimpl\ndef potable_checkers(): return [Show]\n"
    )
    (home / "schema.json").write_text('{"fields": [{"name": "id", "type": "integer"}]}')
    done = potable(
        "check", "catalog/good.csv", "--schema", "schema.json", "--primary-key", "id", "--primary-key", "age",
        "--plugin", "show.py", "--format", "json", *lab,
    )  # fmt: skip
    [shown] = [f for f in json.loads(done.out)["findings"] if f["code"] == "show/all"]
    assert shown["samples"][0]["message"].startswith("('$.id', '$.age') {'fields': [")


RUDE = """
import os, sys, time
from pathlib import Path
from potable.engine import Checker, hookimpl

potable_api = 1


class Rude(Checker):
    name = "rude"

    def check_definition(self, source):
        print("in between")
        os.write(1, b"in between")
        Path("there").write_text(str(os.getpid()))
        time.sleep(0)
        return ()


@hookimpl
def potable_checkers():
    return [Rude]
"""


def test_a_checker_that_ends_its_process_or_prints_spoils_nothing(shell, home: Path, lab) -> None:
    (home / "rude.py").write_text(RUDE)
    argv = ("check", "catalog/bad.csv", "--format", "json", "--plugin", "rude.py", *lab)
    printed = shell(*argv)
    assert (printed.code, json.loads(printed.out)["verdict"]) == (1, "failed")
    (home / "rude.py").write_text(RUDE.replace("time.sleep(0)", "os._exit(0)"))
    ended = shell("check", "catalog/good.csv", *argv[2:])
    report = json.loads(ended.out)
    assert (ended.code, report["verdict"], report["counts"]["records"]) == (3, "inconclusive", 2)
    assert [(c["checker"], c["reason"]) for c in report["coverage"] if c["status"] == "crashed"] == [
        ("rude", "it ended its process: exit code 0")
    ]
    assert shell(*argv).code == 1  # what the others found counts


@pytest.mark.parametrize(
    ("sent", "code", "said"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_ends_it_and_its_process(home: Path, lab, sent: int, code: int, said: str) -> None:
    (home / "rude.py").write_text(RUDE.replace("sleep(0)", "sleep(600)"))
    program = Path(sys.executable).with_name("potable")
    argv = [program, "check", "catalog/good.csv", "--plugin", "rude.py", *lab]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not (home / "there").exists() or not (home / "there").read_text():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.strip()) == (code, "", f"potable: {said}")
    assert not _lives(int((home / "there").read_text()))


def test_a_deadline_ends_it(shell, home: Path, lab) -> None:
    (home / "rude.py").write_text(RUDE.replace("sleep(0)", "sleep(600)"))
    limits = {**os.environ, "POTABLE_LIMITS": "run_seconds=4"}
    done = shell("check", "catalog/good.csv", "--plugin", "rude.py", *lab, env=limits)
    assert (done.code, done.out) == (4, "")
    assert "timed-out" in done.err
    assert "rude was at work" in done.err


def _lives(pid: int) -> bool:
    """Whether there's such a process that isn't just waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("command", ["check", "describe"])
def test_links_that_go_in_a_circle(potable, home: Path, command: str) -> None:
    (home / "loop.csv").symlink_to("loop.csv")
    done = potable(command, "loop.csv")
    assert done.code == (3 if command == "check" else 2)
    assert "its symbolic links go in a circle" in " ".join((done.out + done.err).split())
    assert "ENGINE ERROR" not in done.err
