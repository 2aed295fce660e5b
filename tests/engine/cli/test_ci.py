"""The command inside CI: files by their names from the repository's root, no source left out, the job's summary."""

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

from potable.engine.cli.repository import CHECKOUTS, root
from potable.engine.cli.stepsummary import MOST_BYTES, VARIABLE
from potable.engine.errors import StoreUnavailable
from potable.engine.service import Service


@pytest.fixture(autouse=True)
def no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests may run in CI themselves."""
    for name in (*CHECKOUTS, VARIABLE):
        monkeypatch.delenv(name, raising=False)


def uris(text: str) -> set[str]:
    runs = json.loads(text)["runs"]
    found = [r for run in runs for r in run["results"]]
    return {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in found}


def test_the_root(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work, catalog = home / "work", home / "work" / "catalog"
    catalog.mkdir(parents=True)
    monkeypatch.chdir(work)
    assert root() == root(catalog) == work
    monkeypatch.setenv("GITHUB_WORKSPACE", str(home))
    assert root() == home
    monkeypatch.setenv("GITHUB_WORKSPACE", str(catalog))  # not where this works
    assert root() == work
    (catalog / ".git").write_text("gitdir: elsewhere\n")  # a submodule's, or a linked work tree's
    assert (root(), root(Path("catalog"))) == (work, catalog)
    (home / ".git").mkdir()  # of somebody's home folder, say
    assert root(catalog) == home
    monkeypatch.setenv("CI_PROJECT_DIR", str(work))
    assert root(catalog) == work
    monkeypatch.setenv("CI_PROJECT_DIR", str(home))
    (work / ".git").mkdir()
    assert root(catalog) == work
    monkeypatch.chdir(catalog)
    assert root() == catalog


@pytest.mark.parametrize("where", [".", "catalog", "deep/below"])
def test_files_are_named_from_the_repositorys_root(
    potable, home: Path, lab, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    (home / ".git").mkdir()
    (home / where).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(home / where)
    argv = ("--catalog", str(home / "catalog"), "--plugin", str(home / "lab.py"), *lab[2:])
    lines = potable("run", "bad", "--format", "github", *argv).out.splitlines()
    assert lines[1].startswith("::error file=catalog/bad.csv,line=3,title=lab/negative::")
    assert uris(potable("run", "bad", "--format", "sarif", *argv).out) == {"catalog/bad.csv"}
    again = potable("report", "bad", "--catalog", str(home / "catalog"), "--format", "sarif").out
    assert uris(again) == {"catalog/bad.csv"}
    # Of a file that isn't there the definition is marked; each result needs a file that is.
    assert uris(potable("run", "gone", "--format", "sarif", *argv).out) == {"catalog/gone.yaml"}
    checked = potable("check", str(home / "catalog" / "bad.csv"), "--format", "github", *argv[2:]).out
    assert "::error file=catalog/bad.csv,line=3,title=lab/negative::" in checked
    # The report itself stays as it is, whoever reads it.
    report = json.loads(potable("run", "bad", "--format", "json", *argv).out)
    assert {s["location"]["file"] for f in report["findings"] for s in f["samples"]} == {"bad.csv"}


def test_a_source_that_was_refused_has_its_entry_in_each_format(potable, home: Path, lab) -> None:
    (home / "catalog" / "broken.yaml").write_text("resourceID: broken\nname: [B\n")
    argv = ("run", "good", "held", "broken", "--catalog", "catalog", *lab)

    def said(form: str) -> str:
        done = potable(*argv, "--format", form)
        assert done.code == 2
        assert "held is on hold" in done.err
        assert "broken.yaml:3: not YAML" in done.err
        return str(done.out)

    suites = {str(s.get("name")): s for s in ET.fromstring(said("junit"))}
    assert {name: s.get("errors") for name, s in suites.items()} == {"good": "0", "held": "1", "broken": "1"}
    held = suites["held"].find("testcase/error")
    assert held is not None
    assert str(held.get("message")).startswith("REFUSED: held is on hold")
    log = json.loads(said("sarif"))
    assert [i["executionSuccessful"] for i in log["runs"][0]["invocations"]] == [True, False, False]
    assert uris(json.dumps(log)) == {"catalog/broken.yaml"}
    assert [r["run"].get("state") for r in json.loads(said("json"))] == [None, "refused", "refused"]
    assert "::error file=catalog/broken.yaml,line=3,title=definition/invalid::" in said("github")
    assert "REFUSED: held" in said("markdown")
    page = said("html")
    assert page.count("<article") == 3
    assert "held is on hold" in page
    # The first one was run all the same, and a name that there isn't is told before anything is run.
    assert len(json.loads(potable("history", "good", "--format", "json").out)) == 6
    assert potable("run", "good", "nosuch", "--catalog", "catalog", "--format", "junit", *lab).out == ""


def test_one_that_was_refused_alone(potable, home: Path, lab) -> None:
    argv = ("run", "held", "--catalog", "catalog", *lab)
    done = potable(*argv)
    assert (done.code, done.out) == (2, "")
    done = potable(*argv, "--format", "junit", "--output", "junit.xml")
    assert (done.code, done.out) == (2, "")
    assert done.err == "potable: held is on hold: its definition has to say hold: false before it can be run\n"
    [suite] = ET.fromstring((home / "junit.xml").read_text())
    assert (suite.get("name"), suite.get("errors")) == ("held", "1")


def test_definitions_alone(potable, home: Path, lab, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "catalog" / "deep").mkdir()
    (home / "catalog" / "deep" / "odd.yaml").write_text(
        "resourceID: odd\ningestMethod: CSV\ningestURL: ../good.csv\nbogus: 1\nerrPerc: lots\n"
    )
    (home / "catalog" / "broken.yaml").write_text("resourceID: broken\nname: [B\n")
    monkeypatch.setenv(VARIABLE, str(home / "summary.md"))

    def said(form: str) -> str:
        done = potable("lint", "catalog", "--format", form, *lab)
        assert (done.code, done.err) == (1, "")
        return str(done.out)

    lines = said("github").splitlines()
    assert lines[0].startswith("::error title=Potable%3A 2 FAILED%2C 5 PASSED::broken.yaml: FAILED, 1 error%0Aodd: FA")
    assert sorted(line.partition("::")[2].partition("::")[0] for line in lines[1:]) == [
        "error file=catalog/broken.yaml,line=3,title=definition/invalid",
        "error file=catalog/deep/odd.yaml,line=5,title=definition/bad-value",
        "warning file=catalog/deep/odd.yaml,line=4,title=definition/unknown-key",
    ]
    page = (home / "summary.md").read_text()
    assert "| odd | FAILED | 1 error, 1 warning |" in page
    assert "## ✅" not in page  # of which the table tells all
    log = said("sarif")
    assert uris(log) == {"catalog/broken.yaml", "catalog/deep/odd.yaml"}
    suites = {str(s.get("name")): s for s in ET.fromstring(said("junit"))}
    assert {name: s.get("failures") for name, s in suites.items()} == {
        "bad": "0", "broken.yaml": "2", "gone": "0", "good": "0", "held": "0", "odd": "2", "zero": "0",
    }  # fmt: skip
    assert potable("lint", "catalog/good.yaml", "--format", "github", *lab).out == (
        "::notice title=Potable%3A PASSED::Good birds: nothing found.\n"
    )


SLEEPY = """
import time
from potable.engine import Checker, hookimpl

potable_api = 1


class Sleepy(Checker):
    name = "sleepy"

    def check_definition(self, source):
        if source.resource_id == "bad":
            open("asleep", "w").close()
            time.sleep(600)
        return ()


@hookimpl
def potable_checkers():
    return [Sleepy]
"""


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_was_run_before_an_interrupt_is_told(home: Path, lab, sent: int, code: int) -> None:
    (home / "sleepy.py").write_text(SLEEPY)
    program = Path(sys.executable).with_name("potable")
    argv = [program, "run", "good", "bad", "zero", "--catalog", "catalog", "--plugin", "sleepy.py", *lab,
            "--format", "json", "--output", "all.json"]  # fmt: skip
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as process:
        while not (home / "asleep").exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(sent)
        process.communicate(timeout=60)
    assert process.returncode == code
    reports = json.loads((home / "all.json").read_text())
    assert [(r["run"]["resourceID"], r["verdict"], r["run"].get("state")) for r in reports] == [
        ("good", "passed", None),
        ("bad", "inconclusive", "cancelled"),
        ("zero", "inconclusive", "cancelled"),
    ]


def test_a_store_that_fails_on_the_way_isnt_waited_for_again(
    potable, home: Path, lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, asked = Service.run_now, []

    def fails(self: Service, resource_id: str, *given: object, **more: object) -> object:
        asked.append(resource_id)
        if resource_id == "bad":
            raise StoreUnavailable("the run store doesn't answer")
        return begin(self, resource_id, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Service, "run_now", fails)
    done = potable("run", "good", "bad", "zero", "--catalog", "catalog", "--format", "json", *lab)
    told = [f"ENGINE ERROR: {name}: the run store doesn't answer" for name in ("bad", "zero")]
    assert (done.code, done.err.splitlines()) == (4, told)
    assert [r["run"].get("state") for r in json.loads(done.out)] == [None, "error", "error"]
    assert asked == ["good", "bad"]


def test_further_formats_of_one_run(potable, home: Path, lab) -> None:
    also = ("--also-as", "junit=junit.xml", "--also-as", "sarif=potable.sarif", "--also-as", "json=all.json")
    for form in ("text", "github", "markdown"):
        plain = potable("run", "bad", "held", "--catalog", "catalog", "--format", form, *lab)
        done = potable("run", "bad", "held", "--catalog", "catalog", "--format", form, *also, *lab)
        assert (done.code, len(done.out.splitlines())) == (2, len(plain.out.splitlines()))
        assert [s.get("name") for s in ET.fromstring((home / "junit.xml").read_text())] == ["bad", "held"]
        assert uris((home / "potable.sarif").read_text()) == {"catalog/bad.csv"}
        assert len(json.loads((home / "all.json").read_text())) == 2
        for name in ("junit.xml", "potable.sarif", "all.json"):
            (home / name).unlink()
    for argv in (("report", "bad", "--catalog", "catalog"), ("check", "catalog/bad.csv", *lab)):
        assert potable(*argv, *also).code == 1
        assert json.loads((home / "all.json").read_text())["verdict"] == "failed"
    # What can't be written costs nothing of the others.
    wrong = ("--output", "/dev/full") if Path("/dev/full").exists() else ()
    (home / "junit.xml").unlink()
    done = potable("run", "bad", "--catalog", "catalog", "--format", "json", *wrong, *also[:2], *lab)
    assert done.code == (2 if wrong else 1)
    assert (home / "junit.xml").read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--also-as", "junit.xml"], "--also-as junit.xml: it takes a format and a file, as in --also-as junit="),
        (["--also-as", "junit="], "--also-as junit=: it takes a format and a file, as in --also-as junit="),
        (["--also-as", "=x"], "--also-as =x: it takes a format and a file, as in --also-as junit="),
        (["--also-as", "json=-"], "--also-as json=-: it takes a format and a file, as in --also-as junit="),
        (["--also-as", "junti=x"], "there is no format 'junti'; did you mean junit?"),
        (["--also-as", "junit=no/x"], "can't write no/x: there is no folder "),
        (["--also-as", "json=catalog/good.csv"], "can't write catalog/good.csv: it's the data of good"),
        (["--output", "x", "--also-as", "json=./x"], "two results can't be written to x: name another file"),
        (["--also-as", "json=x", "--also-as", "html=x"], "two results can't be written to x: name another file"),
    ],
)
def test_further_formats_that_can_t_be_meant(potable, home: Path, lab, argv: list[str], said: str) -> None:
    done = potable("run", "good", "--catalog", "catalog", *argv, *lab)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"potable: {said}")
    assert not (home / "x").exists()
    assert potable("history", "good", "--format", "json").code == 2  # nothing was run


def test_nothing_at_all_is_said_too(potable, lab) -> None:
    argv = ("run", "--standing", "failed", "--catalog", "catalog", *lab)
    root = ET.fromstring(potable(*argv, "--format", "junit").out)
    assert (root.get("tests"), len(root)) == ("0", 0)
    assert json.loads(potable(*argv, "--format", "sarif").out)["runs"] == []
    assert potable(*argv, "--format", "github").out == "::notice title=Potable%3A no source was run::\n"


def test_the_jobs_summary(potable, home: Path, lab, monkeypatch: pytest.MonkeyPatch) -> None:
    page = home / "summary.md"
    page.write_text("# Before\n")
    monkeypatch.setenv(VARIABLE, str(page))
    argv = ("run", "good", "held", "bad", "--catalog", "catalog", *lab)
    assert potable(*argv, "--format", "json").code == 2
    assert page.read_text() == "# Before\n"
    assert potable(*argv, "--format", "github").code == 2
    text = page.read_text()
    assert text.startswith("# Before\n| source | verdict | found |\n|---|---|---|\n| Good birds | PASSED | nothing ")
    assert "\n| held | REFUSED | no report |\n" in text
    assert "\n## ❌ FAILED: Bad birds\n" in text
    # GitHub takes a page whole or not at all.
    page.write_bytes(b"x" * (MOST_BYTES - 300))
    potable(*argv, "--format", "github")
    assert page.read_bytes()[MOST_BYTES - 300 :].decode() == (
        "| source | verdict | found |\n|---|---|---|\n| Good birds | PASSED | nothing found in 2 records |\n"
        "| held | REFUSED | no report |\n| Bad birds | FAILED | 2 errors, 1 warning in 4 records |\n\n"
        "… 2 more reports: there's no room for more in a summary\n"
    )
    monkeypatch.setenv(VARIABLE, str(home / "nosuch" / "summary.md"))
    done = potable("run", "good", "--catalog", "catalog", "--format", "github", *lab)
    assert done.code == 0
    assert "potable: the job's summary can't be written to " in done.err


def test_lists_of_sources_have_colours_where_they_are_wanted(potable, lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def colourless(*argv: str) -> str:
        plain = str(potable(*argv, "--catalog", "catalog", *lab).out)
        assert "\x1b" not in plain
        return plain

    monkeypatch.setenv("FORCE_COLOR", "1")
    run = ("run", "good", "held", "bad")
    plain = colourless(*run).rpartition("3 SOURCES")[2]
    sources = colourless("sources")
    monkeypatch.delenv("NO_COLOR")
    inked = potable(*run, "--catalog", "catalog", *lab).out.rpartition("3 SOURCES\x1b[0m")[2]
    for word, style in (("PASSED", 32), ("REFUSED", 31), ("FAILED", 31)):
        assert f"1 \x1b[{style}m{word}\x1b[0m" in inked
        inked = inked.replace(f"\x1b[{style}m{word}\x1b[0m", word)
    assert inked == plain
    listed = potable("sources", "--catalog", "catalog", *lab).out
    assert "\x1b[31mFAILED\x1b[0m" in listed
    assert "\x1b[2mon hold\x1b[0m" in listed
    for style in (2, 31, 32):
        listed = listed.replace(f"\x1b[{style}m", "")
    assert listed.replace("\x1b[0m", "") == sources


def test_data_command_no_ci_system(potable, home: Path, lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of GitHub's begin a line, blanks aside; ``##[`` and Azure's may stand anywhere in one."""
    (home / "catalog" / "evil.yaml").write_text(
        "resourceID: evil\nname: '::stop-commands::x'\nowner: '##vso[task.setvariable variable=PATH]x'\n"
        "ingestMethod: CSV\ningestURL: evil.csv\n"
    )
    rows = "".join(f"{'y' * n}::error::x ::add-mask::y ##[error]z,-1\n" for n in range(30))
    (home / "catalog" / "evil.csv").write_text(f"id,age\n{rows}")
    (home / "shout.py").write_text(
        (home / "lab.py").read_text().replace("lab", "shout").replace('["age"], wrong=lambda age: age.number < 0',
        '["id"], wrong=lambda id: id.text.str.len_chars() > 3')
    )  # fmt: skip
    for columns in (40, 47, 80):
        monkeypatch.setenv("COLUMNS", str(columns))
        for form in ("text", "json", "markdown", "html", "junit", "sarif"):
            argv = ("evil", "--catalog", "catalog", "--plugin", "shout.py", "--format", form)
            done = potable("run", *argv, *lab)
            assert "evil" in done.out
            for line in (done.out + done.err).splitlines():
                assert not re.match(r"\s*::[a-z]", line), (columns, form)
                assert not re.search(r"##(vso)?\[", line), form
    assert potable("run", "good", "evil", "--catalog", "catalog", *lab).out.count("\\x3a:stop-commands::x") == 1


def test_no_result_is_written_over_what_it_is_made_from(potable, home: Path, lab) -> None:
    catalog = home / "catalog"
    (catalog / "deep").mkdir()
    (catalog / "_defaults.yaml").write_text("owner: lab\n")
    (catalog / "deep" / "s.json").write_text('{"fields": [{"name": "id"}, {"name": "age"}]}')
    (catalog / "deep" / "deep.yaml").write_text(
        "resourceID: deep\ningestMethod: CSV\ningestURL: ../good.csv\nschema: s.json\n"
    )
    run = ("run", "good", "deep", "--catalog", "catalog", *lab)
    assert potable(*run).code == 0
    (home / "link.csv").symlink_to(catalog / "good.csv")
    files = {
        "catalog/good.csv": "the data of good", "link.csv": "the data of good", "lab.py": "a plugin",
        "catalog/good.yaml": "the definition of good", "catalog/deep/deep.yaml": "the definition of deep",
        "catalog/deep/s.json": "a file that the definition of deep names",
        "catalog/_defaults.yaml": "a file that the definition of good names",
        str(home / "state" / "runs.db"): "the run store",
    }  # fmt: skip
    before = {name: (home / name).read_bytes() for name in files if "state" not in name}
    for name, what in files.items():
        for argv in (run, ("run", "--all", *run[3:])):
            done = potable(*argv, "--format", "json", "--output", name)
            assert (done.code, done.out, done.err.count(f"can't write {name}: it's ")) == (2, "", 1)
        done = potable(*run, "--format", "json", "--output", name)
        assert done.err == f"potable: can't write {name}: it's {what}, which would be lost; name another file\n"
    for name in ("catalog/good.csv", "catalog/good.yaml", str(home / "state" / "runs.db")):
        assert potable("report", "good", "--catalog", "catalog", "--output", name).code == 2
    for name, data in (("catalog/good.csv", "the data of check"), ("catalog/deep/s.json", "a file that the ")):
        argv = ("check", "catalog/good.csv", "--schema", "catalog/deep/s.json", "--output", name, *lab)
        assert f"it's {data}" in potable(*argv).err
    assert {name: (home / name).read_bytes() for name in before} == before
    # An earlier result is written over, and so is what isn't read.
    for _ in range(2):
        assert potable(*run, "--format", "json", "--output", "catalog/report.json").code == 0
