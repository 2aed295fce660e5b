"""``potable run`` and ``potable report``: real files, real runs, a real store."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from potable.engine.contracts.report import Report, schema

REPORT = """\
Bad birds
bad
CSV bad.csv
owner lab
4 records · 25 bytes · fetched TIME · TIME

ERRORS  2 in 2 of 4 records
  lab/negative  $.age                                                        2 ×
    Lab negative
    bad.csv:3  record 2  -3 is below 0
    bad.csv:4  record 3  -4 is below 0
    Mend: Correct the value.

WARNINGS  1
  lab/zero  $.age                                                            1 ×
    Lab zero
    bad.csv:5  record 4  0 is zero
    Mend: Correct the value.

CHECKED  definition, access, lab, csv, encoding

WHY
  2 errors of 1 kind: lab/negative (2).

✗ FAILED  2 errors, 1 warning in 4 records
"""


def timeless(text: str) -> str:
    text = re.sub(r"fetched [\d: -]+ UTC", "fetched TIME", text)
    return re.sub(r"· [\d.]+ (ms|s)$", "· TIME", text, flags=re.MULTILINE)


def test_a_run_and_its_report_again(shell, lab) -> None:
    done = shell("run", "bad", "--catalog", "catalog", *lab)
    assert (done.code, done.err) == (1, "")
    assert timeless(done.out) == REPORT
    again = shell("report", "bad")
    assert (again.code, again.out) == (1, done.out)


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["good"], 0),
        (["zero"], 0),
        (["zero", "--fail-on", "warning"], 1),
        (["bad", "--fail-on", "never"], 0),
        (["gone"], 3),
        (["gone", "--fail-on", "never"], 3),
        (["good", "bad"], 1),
        (["good", "gone"], 3),
        (["gone", "bad"], 1),
        (["held", "bad"], 2),
        (["bad", "--select", "lab/zero"], 0),
        (["bad", "--ignore", "lab/negative,csv"], 0),
        (["bad", "--limit-records", "1"], 0),
    ],
)
def test_exit_codes(potable, lab, argv: list[str], code: int) -> None:
    assert potable("run", *argv, "--catalog", "catalog", *lab).code == code


def test_several_sources_in_text(apart, lab) -> None:
    done = apart("run", "good", "held", "bad", "good", "--catalog", "catalog", *lab)
    assert done.err == "potable: held is on hold: its definition has to say hold: false before it can be run\n"
    assert done.out.count("PASSED  nothing found in 2 records") == 1
    assert done.out.splitlines()[-7:] == [
        "3 SOURCES",
        "  good  PASSED   nothing found in 2 records",
        "  held  REFUSED  held is on hold: its definition has to say hold: false before",
        "                 it can be run",
        "  bad   FAILED   2 errors, 1 warning in 4 records",
        "",
        "1 FAILED, 1 PASSED, 1 REFUSED",
    ]


STORE_BREAKER = """
import sqlite3
from potable.engine import Checker, Code, Severity, hookimpl
potable_api = 1
class Breaker(Checker):
    name = "breaker"
    codes = (Code(id="breaker/none", severity=Severity.INFO, title="None", meaning="None.", why="None.",
                  example="None", mend="None."),)
    def check_definition(self, source):
        if source.resource_id == "zero":
            with sqlite3.connect("runs.db") as store:
                store.execute("DROP TABLE potable_reports")
        yield from ()
@hookimpl
def potable_checkers():
    return [Breaker]
"""


def test_what_was_had_is_told_when_the_store_is_lost_under_way(potable, home: Path) -> None:
    (home / "breaker.py").write_text(STORE_BREAKER)
    argv = ("run", "bad", "zero", "good", "gone", "--catalog", "catalog", "--plugin", "breaker.py")
    done = potable(*argv, "--store", "sqlite:///runs.db", "--format", "json", "--output", "all.json")
    assert done.code == 4
    told = done.err.splitlines()
    assert told[0] == "bad: PASSED, nothing found in 4 records"
    assert told[1].startswith("ENGINE ERROR: zero: the run store sqlite:///runs.db")
    assert (len(told), told[-1]) == (5, "1 report in all.json")
    assert json.loads((home / "all.json").read_text())[0]["run"]["resourceID"] == "bad"


def test_all_sources_but_those_on_hold(potable, home: Path, lab) -> None:
    done = potable("run", "--all", "--catalog", "catalog", *lab)
    assert (done.code, done.err) == (1, "potable: 1 source on hold is left out\n")
    assert done.out.splitlines()[-7:] == [
        "4 SOURCES",
        "  bad   FAILED        2 errors, 1 warning in 4 records",
        "  gone  INCONCLUSIVE  1 error in 0 records",
        "  good  PASSED        nothing found in 2 records",
        "  zero  PASSED        1 warning in 2 records",
        "",
        "2 PASSED, 1 FAILED, 1 INCONCLUSIVE",
    ]
    (home / "catalog" / "zero.yaml").write_text("resourceID: [zero\n")
    done = potable("run", "--all", "--catalog", "catalog", "--format", "json", *lab)
    assert done.code == 2
    assert "potable: zero.yaml:2 can't be used: not YAML" in done.err
    reports = json.loads(done.out)
    assert [(r["run"]["resourceID"], r["run"].get("state")) for r in reports] == [
        ("", "refused"),
        ("bad", None),
        ("gone", None),
        ("good", None),
    ]
    for each in reports:
        assert list(Draft202012Validator(schema()).iter_errors(each)) == []
        assert Report.from_dict(each).to_dict() == each


def test_the_sources_that_stand_so(potable, lab) -> None:
    assert potable("run", "--all", "--catalog", "catalog", *lab).code == 1
    done = potable("run", "--standing", "failed,Inconclusive", "--catalog", "catalog", "--format", "json", *lab)
    assert (done.code, done.err) == (1, "")
    assert [report["run"]["resourceID"] for report in json.loads(done.out)] == ["bad", "gone"]
    none = potable("run", "--standing", "never", "--catalog", "catalog", "--format", "json", *lab)
    assert (none.code, none.err, none.out) == (0, "potable: no source stands so: nothing is run\n", "[]\n")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "name the sources to run (potable sources lists them), or say --all or --standing NAMES"),
        (["good", "--all"], "name sources, or choose them by --all or --standing, not both"),
        (["--standing", "faild"], "--standing: no source stands 'faild'; did you mean failed?"),
        (["--all", "--snapshot", "0123456789"], "--snapshot is of one source: name only that"),
    ],
)
def test_what_can_t_be_chosen(potable, lab, argv: list[str], said: str) -> None:
    done = potable("run", *argv, "--catalog", "catalog", *lab)
    assert (done.code, done.out, done.err) == (2, "", f"potable: {said}\n")


def test_all_of_no_source_is_a_slip(potable, home: Path, lab) -> None:
    (home / "empty").mkdir()
    done = potable("run", "--all", "--catalog", "empty", *lab)
    assert (done.code, done.err) == (2, "potable: the catalog has no sources\n")


def test_a_secret_that_isnt_set_refuses_its_source_alone(potable, home: Path, lab, monkeypatch) -> None:
    (home / "catalog" / "secret.yaml").write_text(
        "resourceID: secret\ningestMethod: CSV\ningestURL: http://127.0.0.1/d.csv\nusername: u\n"
        "password: ${LAB_PASSWORD}\n"
    )
    monkeypatch.delenv("LAB_PASSWORD", raising=False)
    done = potable("run", "secret", "good", "--catalog", "catalog", "--format", "json", *lab)
    assert done.code == 2
    assert re.fullmatch(
        r"potable: .*secret\.yaml, line 5: password refers to \$\{LAB_PASSWORD\}: .*; set it, as in LAB_PASSWORD=.*\n",
        done.err,
    )
    refused, good = json.loads(done.out)
    assert (good["run"]["resourceID"], good["verdict"]) == ("good", "passed")
    assert (refused["run"]["resourceID"], refused["run"]["state"], refused["verdict"]) == (
        "secret",
        "refused",
        "inconclusive",
    )
    assert refused["why"] == [done.err.removeprefix("potable: ").rstrip()]
    assert potable("history", "secret", "--catalog", "catalog").out == "secret has no runs yet\n"


def test_an_unknown_source_is_told_before_anything_runs(potable, lab) -> None:
    done = potable("run", "good", "goof", "--catalog", "catalog", *lab)
    assert (done.code, done.out) == (2, "")
    assert done.err == "potable: no source 'goof' in catalog; did you mean good?\n"
    assert potable("history", "good", "--catalog", "catalog").out == "good has no runs yet\n"


def test_json_of_one_and_of_several(potable, lab) -> None:
    one = json.loads(potable("run", "bad", "--catalog", "catalog", "--format", "json", *lab).out)
    assert list(Draft202012Validator(schema()).iter_errors(one)) == []
    assert one["counts"] == {"records": 4, "recordsWithErrors": 2, "errors": 2, "warnings": 1, "infos": 0}
    assert one["run"]["userID"] == 4
    several = json.loads(potable("run", "good", "bad", "--catalog", "catalog", "--format", "json", *lab).out)
    assert [r["run"]["resourceID"] for r in several] == ["good", "bad"]


@pytest.mark.parametrize("user", ["-1", "2147483648", "4.0"])
def test_who_asks_is_somebody_that_the_server_could_name_too(potable, lab, user: str) -> None:
    for argv in (("run", "good", "--catalog", "catalog"), ("api-keys", "add", "--name", "x")):
        done = potable(*argv, "--user-id", user)
        assert (done.code, done.out) == (2, "")
        assert "'--user-id'" in done.err


def test_who_asked_and_a_sample(potable, lab) -> None:
    argv = ("run", "bad", "--catalog", "catalog", "--user-id", "7", "--limit-records", "1", *lab)
    report = json.loads(potable(*argv, "--format", "json").out)
    assert (report["run"]["userID"], report["counts"]["records"], report["verdict"]) == (7, 1, "passed")
    assert report["source"]["sample"]["size"] == 1
    assert potable(*argv).out.splitlines()[-1] == "✓ PASSED (sample)  nothing found in 1 record"


@pytest.mark.parametrize(
    ("form", "start"),
    [("text", "Bad birds\n"), ("json", "{\n"), ("html", "<!doctype html>"), ("sarif", "{\n"), ("junit", "<?xml"),
     ("markdown", "## ❌ FAILED"), ("github", "::error title=Potable%3A FAILED::Bad birds: 2 errors, ")],
)  # fmt: skip
def test_each_format_to_a_file(potable, home: Path, lab, form: str, start: str) -> None:
    done = potable("run", "bad", "--catalog", "catalog", "--format", form, "--output", "result", *lab)
    assert (done.code, done.out, done.err) == (
        1,
        "",
        "bad: FAILED, 2 errors, 1 warning in 4 records (in result)\n",
    )
    assert (home / "result").read_text().startswith(start)
    again = potable("report", "bad", "--format", form, "--catalog", "catalog")
    if form != "text":  # which is as wide as the terminal
        assert again.out == (home / "result").read_text()


def test_a_plugins_format(potable, home: Path, lab) -> None:
    (home / "brief.py").write_text(
        "from potable.engine.contracts.catalog import Reporter\nfrom potable.engine import hookimpl\npotable_api = 1\n"
        "class Brief(Reporter):\n    name = 'brief'\n    def render(self, report): return report.verdict + '\\n'\n"
        "@hookimpl\ndef potable_reporters(): return [Brief]\n"
    )
    argv = ("run", "good", "--catalog", "catalog", "--plugin", "brief.py", *lab)
    assert potable(*argv, "--format", "brief").out == "passed\n"
    assert potable(*argv, "--format", "breif").err == "potable: there is no format 'breif'; did you mean brief?\n"


def test_what_a_plugin_prints_is_no_result(potable, apart, home: Path, lab) -> None:
    (home / "chatty.py").write_text(
        "from potable.engine import hookimpl\npotable_api = 1\nprint('I am here')\n"
        "@hookimpl\ndef potable_run_finished(run, report): print('and done')\n"
    )
    for command in (potable, apart):
        done = command("run", "good", "--catalog", "catalog", "--plugin", "chatty.py", "--format", "json", *lab)
        assert json.loads(done.out)["verdict"] == "passed"
        assert {"I am here", "and done"} <= set(done.err.splitlines())
    assert json.loads(potable("plugins", "--plugin", "chatty.py", "--format", "json").out)


def test_what_a_program_writes_that_a_plugin_calls_is_no_result(shell, home: Path) -> None:
    (home / "calls.py").write_text("import os\npotable_api = 1\nos.system('echo I am here')\nos.write(1, b'and I')\n")
    done = shell("check", "catalog/good.csv", "--plugin", "calls.py", "--format", "json")
    assert json.loads(done.out)["verdict"] == "passed"
    assert done.err == "I am here\nand I"


def test_why_the_code_is_not_the_verdicts(potable, lab) -> None:
    done = potable("run", "zero", "--catalog", "catalog", "--fail-on", "warning", *lab)
    assert done.err == ""
    assert done.out.splitlines()[-3:] == [
        "  The source passed, with 1 warning: --fail-on warning makes that exit code 1.",
        "",
        "✗ PASSED (but --fail-on warning)  1 warning in 2 records",
    ]
    done = potable("run", "bad", "--catalog", "catalog", "--fail-on", "never", *lab)
    assert done.out.splitlines()[-3:] == [
        "  The exit code is 0 all the same: --fail-on never.", "", "✗ FAILED  2 errors, 1 warning in 4 records",
    ]  # fmt: skip
    assert potable("report", "zero").out.splitlines()[-1] == "✓ PASSED  1 warning in 2 records"


def test_each_format_agrees_with_a_code_that_is_not_the_verdicts(
    potable, home: Path, lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = home / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    also = [f"--also-as={form}=a.{form}" for form in ("json", "junit", "html", "markdown", "sarif")]
    argv = ["zero", "good", "--catalog", "catalog", "--format", "github", *also, *lab]
    done = potable("run", *argv, "--fail-on", "warning")
    assert done.code == 1
    words = "PASSED (but --fail-on warning)"
    why = "The source passed, with 1 warning: --fail-on warning makes that exit code 1."
    head = f"::error title=Potable%3A 1 {words}%2C 1 PASSED::zero: {words}, 1 warning in 2 records%0A"
    assert done.out.startswith(head)
    zero, good = json.loads(Path("a.json").read_text())
    assert (zero["verdict"], zero["why"][1:], good["verdict"], good["why"][1:]) == ("passed", [why], "passed", [])
    assert [set(told) for told in (zero, good)] == [set(schema()["properties"])] * 2
    suites = ET.parse("a.junit").getroot()
    assert (suites.get("failures"), suites.get("errors")) == ("2", "0")
    failures = [case for case in suites.iter("testcase") if case.find("failure") is not None]
    failed = [(case.get("classname"), case.get("name")) for case in failures]
    assert failed == [("zero.lab", "lab/zero $.age"), ("zero.verdict", "verdict")]
    assert [f.get("message") for f in suites.iter("failure")][-1] == f"{words}: {' '.join(zero['why'])}"
    for markdown in (Path("a.markdown"), page):
        assert f"## ❌ {words}: Zeros" in markdown.read_text()
    html = Path("a.html").read_text()
    assert '<section class="verdict failed"' in html
    assert why in html
    assert why in Path("a.sarif").read_text()
    assert potable("run", *argv).code == 0
    assert ET.parse("a.junit").getroot().get("failures") == "0"


def test_a_check_that_fails_by_its_warnings(potable, lab) -> None:
    argv = ["catalog/zero.csv", "--fail-on", "warning", "--limit-records", "1", "--format", "junit"]
    done = potable("check", *argv, *lab)
    assert (done.code, "PASSED (sample, but --fail-on warning): " in done.out) == (1, True)


def test_a_misspelt_code_selects_nothing_and_is_refused(potable, lab) -> None:
    done = potable("run", "bad", "--catalog", "catalog", "--select", "lab/negativ", *lab)
    assert (done.code, done.out) == (2, "")
    assert done.err == "potable: there is no code 'lab/negativ'; did you mean lab/negative?\n"


def test_a_stored_report_of_a_given_run(potable, lab) -> None:
    first = json.loads(potable("run", "bad", "--catalog", "catalog", "--format", "json", *lab).out)
    second = json.loads(potable("run", "bad", "--catalog", "catalog", "--format", "json", *lab).out)
    ids = [first["run"]["runID"], second["run"]["runID"]]
    assert json.loads(potable("report", "bad", "--format", "json").out) == second
    assert json.loads(potable("report", "bad", "--run", ids[0], "--format", "json").out) == first
    done = potable("report", "bad", "--run", "nosuch")
    assert (done.code, done.out) == (2, "")
    assert "nosuch" in done.err


def test_a_stored_report_of_another_catalog(potable, home: Path, lab) -> None:
    other = home / "other"
    other.mkdir()
    (other / "good.csv").write_text("id,age\n1,5\n")
    (other / "bad.yaml").write_text("resourceID: bad\ningestMethod: CSV\ningestURL: good.csv\n")
    made = json.loads(potable("run", "bad", "--catalog", "catalog", "--format", "json", *lab).out)
    same = potable("report", "bad", "--catalog", "catalog", "--format", "json")
    assert (json.loads(same.out), same.err) == (made, "")
    done = potable("report", "bad", "--catalog", "other", "--format", "json")
    assert (json.loads(done.out), done.err) == (
        made,
        f"potable: run {made['run']['runID']} was made under another definition (bad.yaml: CSV bad.csv) than that of "
        "the catalog (bad.yaml): it was changed since, or the run is another catalog's\n",
    )
    for command in ("status", "history"):
        assert potable(command, "bad", "--catalog", "other").err == done.err
        assert potable(command, "bad", "--catalog", "catalog").err == ""
    # A catalog that is named doesn't have it: another one's report isn't what was asked for.
    (other / "bad.yaml").write_text("resourceID: bats\ningestMethod: CSV\ningestURL: good.csv\n")
    done = potable("report", "bad", "--catalog", "other")
    assert (done.code, done.out, done.err) == (2, "", "potable: no source 'bad' in other\n")
    history = potable("history", "bad", "--catalog", "other")
    assert (history.code, history.out.count("FAILED")) == (0, 1)
    assert history.err == f"{done.err.rstrip()}: what is shown is of another catalog, or it's gone from this one\n"
    # One that can't be used just now doesn't take the report away.
    (other / "bad.yaml").write_text("resourceID: bad\ningestMethod: [\n")
    assert potable("report", "bad", "--catalog", "other").code == 1


SLEEPY = """
import time
from potable.engine import Checker, hookimpl

potable_api = 1


class Sleepy(Checker):
    name = "sleepy"

    def check_definition(self, source):
        open("asleep", "w").close()
        time.sleep(600)
        return ()


@hookimpl
def potable_checkers():
    return [Sleepy]
"""


@pytest.mark.parametrize(
    ("sent", "code", "said"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated"), (signal.SIGHUP, 143, "terminated")],
)
def test_a_signal_cancels_the_run(home: Path, shell, lab, sent: int, code: int, said: str) -> None:
    (home / "sleepy.py").write_text(SLEEPY)
    argv = ["run", "good", "--catalog", "catalog", "--plugin", "sleepy.py", *lab]
    program = Path(sys.executable).with_name("potable")
    with subprocess.Popen([program, *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not (home / "asleep").exists():
            assert process.poll() is None
            time.sleep(0.01)
        refused = shell(*argv)
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.strip()) == (code, "", f"potable: {said}")
    assert refused.code == 2
    ongoing = r"potable: good already has an ongoing run, (\w+): wait for it, or stop it with potable cancel \1\n"
    assert re.fullmatch(ongoing, refused.err)
    status = json.loads(shell("status", "good", "--format", "json").out)
    assert (status["status"], status["state"], status["verdict"]) == ("Finished", "cancelled", None)


def test_a_checker_that_ends_its_process_leaves_the_run_inconclusive(apart, home: Path, lab) -> None:
    (home / "dying.py").write_text(
        SLEEPY.replace("sleepy", "dying").replace("time.sleep(600)", "import os; os._exit(0)")
    )
    done = apart("run", "good", "--catalog", "catalog", "--plugin", "dying.py", "--format", "json", *lab)
    assert done.code == 3
    report = json.loads(done.out)
    assert (report["verdict"], report["counts"]["records"]) == ("inconclusive", 2)
    assert [(c["checker"], c["reason"]) for c in report["coverage"] if c["status"] == "crashed"] == [
        ("dying", "it ended its process: exit code 0")
    ]
    assert apart("run", "bad", "--catalog", "catalog", "--plugin", "dying.py", *lab).code == 1


DYING = """
import os
from potable.engine import hookimpl
from potable.engine.contracts.reading import Reader

potable_api = 1


class Dying(Reader):
    name = "dying"
    formats = frozenset({"dying"})

    def open(self, source, snapshot, context):
        os._exit(0)


@hookimpl
def potable_readers():
    return [Dying]
"""


def test_a_process_that_dies_is_an_engine_error_and_never_failed(apart, home: Path, lab) -> None:
    (home / "dying.py").write_text(DYING)
    (home / "catalog" / "good.yaml").write_text("resourceID: good\ningestMethod: DYING\ningestURL: good.csv\n")
    done = apart("run", "good", "--catalog", "catalog", "--plugin", "dying.py", *lab)
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith("ENGINE ERROR: good: ")
    assert not done.err.startswith("ENGINE ERROR: good: good: ")
    assert "FAILED" not in done.err
    assert "Traceback" not in done.err
    assert "ENGINE ERROR" in apart("history", "good", "--catalog", "catalog").out
    both = apart("run", "good", "bad", "--catalog", "catalog", "--plugin", "dying.py", *lab)
    assert both.code == 4


def test_the_operators_limits(shell, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "catalog" / "deep.yaml").write_text("resourceID: deep\ningestMethod: XML\ningestURL: deep.xml\n")
    (home / "catalog" / "deep.xml").write_text("<r><a><b><c/></b></a><a/></r>")
    monkeypatch.setenv("POTABLE_LIMITS", "depth=3")
    done = shell("run", "deep", "--catalog", "catalog")
    assert done.code == 3
    assert "elements are nested more than 3 deep (Limits.depth)" in done.out
    assert "elements are nested more than 3 deep" in shell("check", "catalog/deep.xml").out
    monkeypatch.setenv("POTABLE_LIMITS", "deep=3")
    done = shell("run", "deep", "--catalog", "catalog")
    assert (done.code, done.out) == (2, "")
    assert "POTABLE_LIMITS: there's no limit 'deep'; did you mean depth?" in done.err


def test_what_a_plugin_started_does_not_hold_up_the_end(shell, home: Path, lab) -> None:
    (home / "stays.py").write_text(
        "import threading, time\npotable_api = 1\n"
        "threading.Thread(target=time.sleep, args=(3600,), name='stayer').start()\n"
    )
    done = shell("run", "bad", "--catalog", "catalog", "--plugin", "stays.py", "--format", "json", *lab)
    assert (done.code, json.loads(done.out)["verdict"]) == (1, "failed")
    assert "potable: the thread stayer (a plugin's?) hasn't ended: it is left" in done.err


def test_a_plugin_that_hangs_when_imported_is_named(potable, home: Path, lab) -> None:
    (home / "hangs.py").write_text("raise KeyboardInterrupt\n")  # what Ctrl-C does there
    done = potable("run", "good", "--catalog", "catalog", "--plugin", "hangs.py", *lab)
    assert done.code == 130
    assert done.err == "potable: interrupted while the plugin hangs (hangs.py) was being imported\n"


@pytest.mark.parametrize(
    ("sent", "code", "said"), [("SIGINT", 130, "interrupted"), ("SIGTERM", 143, "terminated")], ids=["int", "term"]
)
def test_an_interrupt_that_python_swallows_comes_again(shell, home: Path, sent: str, code: int, said: str) -> None:
    """It comes in a callback of a weak reference, where Python prints a traceback and goes on."""
    (home / "weak.py").write_text(
        "import signal, time, weakref\nfrom potable.engine import Checker\n"
        "class Thing: pass\n"
        f"def gone(_):\n    signal.raise_signal(signal.{sent})\n    [n for n in range(1000)]\n"
        "class Weak(Checker):\n    name, codes = 'weak', ()\n"
        "def potable_checkers():\n    return []\n"
        "thing = Thing()\nref = weakref.ref(thing, gone)\ndel thing\ntime.sleep(100)\n"
    )
    done = shell("run", "good", "--catalog", "catalog", "--plugin", "weak.py")
    assert (done.code, done.out) == (code, "")
    assert done.err == f"potable: {said} while the plugin weak (weak.py) was being imported\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_the_exit_code_is_the_same_where_nothing_can_be_told(home: Path, lab) -> None:
    program = Path(sys.executable).with_name("potable")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([program, "run", "nosuch", "--catalog", "catalog", *lab], stderr=full, timeout=60)
    assert done.returncode == 2
    for name, code in (("nosuch", 2), ("good", 0), ("bad", 1)):
        script = f'"$0" run {name} --catalog catalog "$@" <&- >&- 2>&-'
        assert subprocess.run(["sh", "-c", script, program, *lab], timeout=60).returncode == code
