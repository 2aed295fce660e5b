"""``lint``, ``sources``, ``status``, ``history``, ``accept``, ``cancel``, ``explain``, ``plugins``."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path

import pytest

from potable.engine.store.store import Store


def test_lint_of_a_clean_catalog(potable, lab) -> None:
    done = potable("lint", "catalog", *lab)
    assert (done.code, done.err) == (0, "")
    assert done.out == "nothing to mend in 5 definitions\n"
    assert potable("lint", "--catalog", "catalog", *lab).out == done.out


def test_lint_names_file_line_and_mend(potable, home: Path, lab) -> None:
    (home / "catalog" / "zero.yaml").write_text("resourceID: zero\ningestMethod: CSV\ningestURL: no.csv\nnaem: Zero\n")
    (home / "catalog" / "good.yaml").write_text("resourceID: good\nname: G\ningestMethod: CVS\ningestURL: good.csv\n")
    done = potable("lint", "catalog", *lab)
    assert (done.code, done.err) == (1, "")
    assert done.out.splitlines() == [
        "good.yaml",
        "  good.yaml:3 at /ingestMethod  error  definition/unknown-method",
        "    no ingest method is called 'CVS'",
        "    Mend: Did you mean CSV?",
        "",
        "zero.yaml",
        "  zero.yaml:4 at /naem  warning  definition/unknown-key",
        "    'naem' isn't known with CSV and has no effect",
        "    Mend: Did you mean name?",
        "",
        "1 error, 1 warning in 5 definitions",
    ]
    [found] = json.loads(potable("lint", "catalog/zero.yaml", "--format", "json", *lab).out)
    assert (found["code"], found["severity"], found["location"]["line"]) == ("definition/unknown-key", "warning", 4)
    assert (found["resourceID"], found["hint"]) == ("zero", "Did you mean name?")


def test_lint_shows_the_first_of_many_faults_alike(potable, home: Path, lab) -> None:
    odd = "".join(f"odd{n}: 1\n" for n in range(40))
    (home / "catalog" / "zero.yaml").write_text(f"resourceID: zero\ningestMethod: CSV\ningestURL: zero.csv\n{odd}")
    lines = potable("lint", "catalog", *lab).out.splitlines()
    assert sum("warning  definition/unknown-key" in line for line in lines) == 10
    assert "  zero.yaml:13 at /odd9  warning  definition/unknown-key" in lines
    assert lines[-3:] == [
        "  … 30 more definition/unknown-key: --format json shows all",
        "",
        "40 warnings in 5 definitions",
    ]
    assert len(json.loads(potable("lint", "catalog", "--format", "json", *lab).out)) == 40


def test_lint_keeps_the_definitions_own_severities(potable, home: Path, lab) -> None:
    (home / "catalog" / "zero.yaml").write_text(
        "resourceID: zero\ningestMethod: CSV\ningestURL: zero.csv\nnaem: Zero\n"
        "severity: {definition/unknown-key: error}\n"
    )
    assert potable("lint", "catalog", *lab).code == 1
    text = (home / "catalog" / "zero.yaml").read_text().replace("key: error", "key: off")
    (home / "catalog" / "zero.yaml").write_text(text)
    assert potable("lint", "catalog", *lab).out == "nothing to mend in 5 definitions\n"


def test_each_of_two_definitions_with_one_identifier_has_its_own_severities(potable, home: Path, lab) -> None:
    folder = home / "twice"
    folder.mkdir()
    text = "resourceID: A\ningestMethod: CSV\ningestURL: a.csv\nerrPerc: x\n"
    (folder / "1.yaml").write_text(text)
    (folder / "2.yaml").write_text(text + "severity: {definition/bad-value: info}\n")
    said = json.loads(potable("lint", "twice", "--format", "json", *lab).out)
    assert [(s["code"], s["severity"], s["location"]["file"]) for s in said] == [
        ("definition/duplicate-id", "warning", "2.yaml"),
        ("definition/bad-value", "error", "1.yaml"),
        ("definition/bad-value", "info", "2.yaml"),
    ]


def test_lint_of_what_can_not_be_read(potable, home: Path, lab) -> None:
    (home / "catalog" / "zero.yaml").write_text("resourceID: [zero\n")
    done = potable("lint", "catalog", *lab)
    assert done.code == 1
    assert re.search(r"^  zero\.yaml:\d+  error  definition/invalid$", done.out, re.MULTILINE)
    missing = potable("lint", "nowhere", *lab)
    assert (missing.code, missing.out) == (2, "")
    assert missing.err.startswith("potable: ")


def test_sources(potable, home: Path, lab) -> None:
    potable("run", "bad", "--catalog", "catalog", *lab)
    (home / "catalog" / "zero.yaml").write_text("resourceID: zero\ningestMethod: [CSV\n")
    done = potable("sources", "--catalog", "catalog", *lab)
    why = "not YAML: while parsing a flow sequence expected ',' or ']', but got '<stream end>'"
    assert (done.code, done.err) == (0, f"potable: zero.yaml:3 can't be used: {why}\n")
    lines = done.out.splitlines()
    assert "bad   CSV  FAILED     Bad birds" in lines
    assert "good  CSV  never run  Good birds" in lines
    assert "held  CSV  on hold    Held" in lines
    assert lines[-2:] == ["", "4 sources: 1 failed, 2 never run, 1 on hold"]
    chosen = potable("sources", "--catalog", "catalog", "--standing", "hold, failed", *lab)
    assert chosen.out.splitlines() == ["bad   CSV  FAILED   Bad birds", "held  CSV  on hold  Held", "",
                                       "2 sources: 1 failed, 1 on hold"]  # fmt: skip
    assert potable("sources", "--catalog", "catalog", "--standing", "passed", *lab).out == "no source stands so\n"
    rows = {r["resourceID"]: r for r in json.loads(potable("sources", "--catalog", "catalog", "--format", "json").out)}
    assert (rows["bad"]["run"]["verdict"], rows["good"]["run"], rows["held"]["hold"]) == ("failed", None, True)


def test_without_its_runs_it_is_not_said_how_a_source_stands(potable, home: Path, lab) -> None:
    """The store can't be read: that isn't the same as no run."""
    (home / "elsewhere").mkdir()
    store = ("--store", f"sqlite:///{home}/elsewhere", "--catalog", "catalog", *lab)
    done = potable("sources", *store)
    assert done.code == 0
    lines = done.out.splitlines()
    assert "good  CSV  not known  Good birds" in lines
    assert lines[-2:] == ["", "5 sources"]
    for command in (("sources", "--standing", "failed"), ("run", "--standing", "never")):
        none = potable(*command, *store)
        assert (none.code, none.out, "elsewhere is a folder; name a file in it" in none.err) == (2, "", True)


def test_sources_marks_what_lint_calls_an_error(potable, home: Path, lab) -> None:
    catalog = home / "catalog"
    text = "resourceID: zero\nname: Zeros\ningestMethod: CSV\nerrPerc: 5%\n"
    (catalog / "zero.yaml").write_text(text)
    (catalog / "gone.yaml").write_text("resourceID: gone\nname: Gone\ningestMethod: CSV\nurl: a\nnaem: x\n")
    done = potable("sources", "--catalog", "catalog", *lab)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[lines.index(next(x for x in lines if x.startswith("gone"))) :] == [
        "gone  CSV  BROKEN     gone.yaml:4: the method CSV needs ingestURL; 'url' isn't",
        "                      known and has no effect. Did you mean ingestURL?",
        "good  CSV  never run  Good birds",
        "held  CSV  on hold    Held",
        "zero  CSV  BROKEN     zero.yaml:1: the method CSV needs ingestURL",
        "",
        "5 sources: 2 broken, 2 never run, 1 on hold",
    ]
    rows = {r["resourceID"]: r for r in json.loads(potable("sources", "--catalog", "catalog", "--format", "json").out)}
    assert (rows["zero"]["fault"], rows["good"]["error"]) == (None, None)
    assert rows["zero"]["error"] == "zero.yaml:1: the method CSV needs ingestURL"
    # As the definition has it: neither is an error, and warnings break nothing.
    (catalog / "zero.yaml").write_text(
        f"{text}ingestURL: zero.csv\nnaem: Zero\nseverity: {{definition/bad-value: warning}}\n"
    )
    assert "zero  CSV  never run  Zeros" in potable("sources", "--catalog", "catalog", *lab).out.splitlines()


def test_status_and_history(potable, lab) -> None:
    none = potable("status", "good", "--catalog", "catalog")
    assert (none.code, none.out) == (0, "good  No ongoing run\n")
    potable("run", "bad", "--catalog", "catalog", *lab)
    potable("run", "bad", "--catalog", "catalog", "--limit-records", "1", *lab)
    done = potable("status", "bad", "--catalog", "catalog")
    assert done.code == 0
    assert done.out.splitlines()[0] == "bad  Finished"
    assert re.search(r"^  state    PASSED \(sample\)$", done.out, re.MULTILINE)
    answer = json.loads(potable("status", "bad", "--catalog", "catalog", "--format", "json").out)
    assert (answer["status"], answer["state"], answer["verdict"]) == ("Finished", "finished", "passed")
    runs = json.loads(potable("history", "bad", "--format", "json").out)
    assert [(r["verdict"], r["sample"], r["accepted"]) for r in runs] == [
        ("passed", True, False),
        ("failed", False, False),
    ]
    text = potable("history", "bad").out
    assert [line.split("  ")[0] for line in text.splitlines() if line[0] != " "] == [r["runID"] for r in runs]
    assert len(json.loads(potable("history", "bad", "--limit", "1", "--format", "json").out)) == 1


@pytest.mark.parametrize("command", ["status", "history", "report"])
def test_an_unknown_source(potable, command: str) -> None:
    done = potable(command, "goof", "--catalog", "catalog")
    assert (done.code, done.out) == (2, "")
    assert done.err == "potable: no source 'goof' in catalog; did you mean good?\n"


def test_accept_and_cancel(potable, lab) -> None:
    potable("run", "bad", "--catalog", "catalog", *lab)
    [run] = json.loads(potable("history", "bad", "--format", "json").out)
    done = potable("accept", run["runID"])
    assert (done.code, done.out) == (0, f"run {run['runID']} of bad is accepted: later runs are compared with it\n")
    assert json.loads(potable("history", "bad", "--format", "json").out)[0]["accepted"] is True
    late = potable("cancel", run["runID"])
    assert (late.code, late.err) == (2, f"potable: run {run['runID']} had ended already: finished\n")
    for command in ("accept", "cancel"):
        unknown = potable(command, "nosuch")
        assert (unknown.code, unknown.err.startswith("potable: no run 'nosuch' in the store: ")) == (2, True)


def test_a_source_stands_for_its_last_run(potable, lab) -> None:
    for _ in range(2):
        potable("run", "bad", "--catalog", "catalog", *lab)
    runs = json.loads(potable("history", "bad", "--format", "json").out)
    done = potable("accept", "bad")
    assert (done.code, done.out.startswith(f"run {runs[0]['runID']} of bad is accepted: ")) == (0, True)
    late = potable("cancel", "bad")
    assert (late.code, late.err) == (2, "potable: bad has no ongoing run\n")
    with closing(Store("sqlite:///own.db")) as store:
        queued = store.enqueue("bad")
    done = potable("cancel", "bad", "--store", "sqlite:///own.db")
    assert (done.code, done.out) == (0, f"run {queued.run_id} of bad is cancelled\n")


def test_what_is_no_baseline_is_not_accepted(potable, lab) -> None:
    potable("run", "gone", "--catalog", "catalog", *lab)
    potable("run", "bad", "--catalog", "catalog", "--limit-records", "1", *lab)
    for source, why in (("gone", "it read no record"), ("bad", "it read only a sample of its source")):
        [run] = json.loads(potable("history", source, "--format", "json").out)
        done = potable("accept", run["runID"])
        assert (done.code, done.out) == (2, "")
        assert done.err == f"potable: run {run['runID']} can't be accepted: {why}\n"
        assert json.loads(potable("status", source, "--format", "json").out)["accepted"] is False


def test_accepting_says_what_later_runs_are_compared_with(potable, home: Path, lab) -> None:
    for _ in range(3):
        potable("run", "bad", "--catalog", "catalog", *lab)
    runs = [r["runID"] for r in json.loads(potable("history", "bad", "--format", "json").out)]
    assert "later runs are compared with it" in potable("accept", runs[1], "--catalog", "catalog").out
    done = potable("accept", runs[2], "--catalog", "catalog")
    assert re.fullmatch(
        rf"run {runs[2]} of bad is accepted, but later runs are compared with run {runs[1]} of [-0-9:UTC ]+, the last "
        r"accepted one under the present definition\n", done.out,
    )  # fmt: skip
    found = json.loads(potable("history", "bad", "--format", "json").out)
    assert [(r["runID"], r["accepted"], r["baseline"]) for r in found] == [
        (runs[0], False, False), (runs[1], True, True), (runs[2], True, False),
    ]  # fmt: skip
    lines = re.split("|".join(runs), " ".join(potable("history", "bad").out.split()))[1:]
    found = "2 errors, 1 warning in 4 records (lab/negative, lab/zero)"
    assert [line.partition("UTC ")[2].strip() for line in lines] == [
        f"FAILED: {found}", f"FAILED (the baseline): {found}", f"FAILED (accepted): {found}",
    ]  # fmt: skip
    answer = json.loads(potable("status", "bad", "--format", "json").out)
    assert (answer["runID"], answer["accepted"], answer["baseline"]) == (runs[0], False, runs[1])
    assert re.search(rf"^  baseline +{runs[1]}$", potable("status", "bad").out, re.MULTILINE)
    (home / "catalog" / "bad.yaml").write_text("resourceID: bad\ningestMethod: CSV\ningestURL: good.csv\n")
    assert potable("accept", runs[0], "--catalog", "catalog").out == (
        f"run {runs[0]} of bad is accepted, but no later run is compared with it: the definition has changed since\n"
    )
    potable("run", "bad", "--catalog", "catalog", *lab)
    fresh = json.loads(potable("status", "bad", "--format", "json").out)
    assert (fresh["accepted"], fresh["baseline"]) == (True, fresh["runID"])
    assert re.search(r"^  state +PASSED \(the baseline\)$", potable("status", "bad").out, re.MULTILINE)


EXPLAINED = """\
lab/zero  warning
Lab zero

Meaning
  The value is zero.

Why it matters
  It spoils averages.

Example
  age
  -1

Mend
  Correct the value.

Known limits
  Zeros written as words.
"""


def test_explain(potable, home: Path, lab) -> None:
    (home / "lab.py").write_text((home / "lab.py").read_text().replace(r"age\\n-1", r"age\n-1"))
    assert potable("explain", "lab/zero", *lab).out == EXPLAINED
    assert potable("explain", "lab", *lab).out.splitlines() == [
        "lab",
        "  lab/negative  error    Lab negative",
        "  lab/zero      warning  Lab zero",
        "  lab/slow      info     Lab slow",
    ]
    [code] = json.loads(potable("explain", "lab/zero", "--format", "json", *lab).out)
    assert (code["id"], code["severity"], code["misses"]) == ("lab/zero", "warning", "Zeros written as words.")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("lab/zeros", "lab/zero"),
        ("zero", "lab/zero"),
        ("labb", "lab"),
        ("access/missing-parameter", "definition/missing-parameter"),  # and not access/missing-page
    ],
)
def test_explain_knows_what_was_meant(potable, lab, name: str, near: str) -> None:
    done = potable("explain", name, *lab)
    assert (done.code, done.out, done.err) == (2, "", f"potable: there is no code '{name}'; did you mean {near}?\n")


def test_every_code_of_every_plugin_is_explained(potable) -> None:
    codes = json.loads(potable("explain", "--format", "json").out)
    assert len(codes) > 40
    for code in codes:
        for member in ("title", "meaning", "why", "example", "mend"):
            assert code[member].strip(), (code["id"], member)
    pages = potable("explain", *(c["id"] for c in codes)).out
    assert max(map(len, pages.splitlines())) < 200
    assert len(potable("explain").out.splitlines()) > len(codes)


def test_plugins(potable, home: Path, lab) -> None:
    (home / "broken.py").write_text("potable_api = 1\nraise RuntimeError('no luck')\n")
    done = potable("plugins", *lab)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("engine  potable-engine 0.1.0  loaded\n  fetchers   ")
    assert done.out.endswith("lab  lab.py  loaded\n  checker  lab\n")
    records = json.loads(potable("plugins", *lab, "--format", "json").out)
    assert [(r["name"], r["status"], r["provides"]) for r in records if r["name"] == "lab"] == [
        ("lab", "loaded", ["checker lab"])
    ]
    broken = potable("plugins", "--plugin", "broken.py")
    assert (broken.code, broken.err) == (2, "potable: plugin file broken.py: RuntimeError: no luck (broken.py:2)\n")


def test_lint_prints_the_schema_of_definitions(potable, home: Path) -> None:
    done = potable("lint", "--print-schema")
    assert (done.code, done.err) == (0, "")
    schema = json.loads(done.out)
    assert schema["$id"] == "urn:potable:definition:1"
    assert schema["required"] == ["resourceID"]


TWIN = """
from potable.engine import hookimpl
from potable.engine.contracts.fetching import Fetcher

potable_api = 1


class Twin(Fetcher):
    name = "twin"
    schemes = frozenset({"s3"})

    def fetch(self, source, context):
        raise NotImplementedError


@hookimpl
def potable_fetchers():
    return [Twin]
"""


def test_a_plugin_that_wants_what_another_has_is_told_of(
    potable, home: Path, lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = home / "site" / "twin-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: twin\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[potable]\ntwin = twin_of_s3\n")
    (home / "site" / "twin_of_s3.py").write_text(TWIN)
    monkeypatch.syspath_prepend(home / "site")
    why = "Twin serves the scheme 's3', which another does already (S3Fetcher of potable.engine.fetching.remote.s3)"
    [listed] = [p for p in json.loads(potable("plugins", "--format", "json").out) if p["name"] == "twin"]
    assert (listed["status"], listed["reason"]) == ("invalid", why)
    done = potable("lint", "catalog", *lab)
    told = f"potable: The plugin twin can't be used: {why}. What it would say of the definitions isn't known\n"
    assert (done.code, done.err) == (0, told)
    done = potable("run", "good", "--catalog", "catalog", *lab)
    assert done.code == 3
    assert "The plugin twin can't be used: Twin serves the scheme 's3'" in done.out
