"""Snapshots kept by the service and the command line, from a real HTTP server with ETags."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.loopback import Handler, serving

pytest.importorskip("click", reason="the command line is an extra: potable-engine[cli]")

from potable.engine import Engine
from potable.engine.cli.app import run as command
from potable.engine.contracts.report import Report
from potable.engine.errors import UsageError
from potable.engine.service import Service
from potable.engine.settings import Settings

PLUGIN = """
from potable.engine import Checker, Code, Rule, Severity, hookimpl

potable_api = 1


class Lab(Checker):
    name = "lab"
    codes = (Code(id="lab/negative", severity=Severity.ERROR, title="t", meaning="m", why="w", example="e", mend="m"),
             Code(id="lab/fewer", severity=Severity.WARNING, title="t", meaning="m", why="w", example="e", mend="m"))

    def rules(self, source):
        yield Rule("lab/negative", ["age"], wrong=lambda age: age.number < 0, message="{value} is below 0")

    def check_history(self, source, summary, history):
        from potable.engine import Occurrence
        before = history.baseline(summary.shape)
        if before is not None and summary.records < before.records:
            yield Occurrence("lab/fewer", f"{before.records} before")


@hookimpl
def potable_checkers():
    return [Lab]
"""


@dataclass
class Site:
    """What a server gives, and what it was asked."""

    address: str = ""
    body: bytes = b"id,age\n1,5\n2,6\n3,7\n"
    etag: str = '"one"'
    statuses: list[int] = field(default_factory=list)

    def change(self, body: bytes, etag: str) -> None:
        self.body, self.etag = body, etag


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Versioned(Handler):
        def answer(self) -> None:
            same = self.headers.get("If-None-Match") == site.etag
            site.statuses.append(304 if same else 200)
            if same:
                self.say(304, ETag=site.etag)
            else:
                self.say(200, site.body, ETag=site.etag, Content_Type="text/csv")

    with serving(Versioned) as site.address:
        yield site


@pytest.fixture
def home(tmp_path: Path, site: Site) -> Path:
    (tmp_path / "lab.py").write_text(PLUGIN)
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "web.yaml").write_text(
        f"resourceID: web\ningestMethod: CSV\ningestURL: {site.address}/birds.csv\n"
    )
    (tmp_path / "catalog" / "near.csv").write_text("id,age\n1,5\n")
    (tmp_path / "catalog" / "near.yaml").write_text("resourceID: near\ningestMethod: CSV\ningestURL: near.csv\n")
    return tmp_path


def settings(home: Path, **environment: str) -> Settings:
    given = {"POTABLE_STATE": str(home / "state"), "POTABLE_ALLOW_HOSTS": "127.0.0.1", "POTABLE_PLUGINS": "lab.py"}
    given |= {"POTABLE_CATALOG": str(home / "catalog"), "POTABLE_NO_PLUGINS": "checkers", **environment}
    return Settings.load(given | {"POTABLE_PLUGINS": str(home / "lab.py")})


@pytest.fixture
def service(home: Path) -> Iterator[Service]:
    with Service(settings(home), executor="inline") as service:
        yield service


def codes(report: Report) -> dict[str, int]:
    return {f.code: f.count for f in report.findings}


def told(report: Report) -> dict[str, Any]:
    """What a report says of the data: all but the run, its times and the standing of the snapshot."""
    data = report.to_dict()
    snapshot = data["source"]["snapshot"]
    return {
        "verdict": data["verdict"], "why": data["why"], "counts": data["counts"], "findings": data["findings"],
        "snapshot": {n: snapshot[n] for n in ("sha256", "bytes", "fetched", "etag", "parts")},
    }  # fmt: skip


def test_an_unchanged_source_is_not_downloaded_again(service: Service, site: Site) -> None:
    _, first = service.run_now("web")
    _, second = service.run_now("web")
    assert site.statuses == [200, 304]
    assert (codes(first), codes(second)) == ({}, {"access/not-modified": 1})
    assert (first.verdict, second.verdict) == ("passed", "passed")
    assert second.counts.records == 3
    assert first.source.snapshot
    assert second.source.snapshot
    assert second.source.snapshot["sha256"] == first.source.snapshot["sha256"]
    assert second.source.snapshot["fetched"] == first.source.snapshot["fetched"]
    assert second.source.snapshot["replayed"] is False


def test_a_report_is_made_again_from_its_snapshot(service: Service, site: Site) -> None:
    site.change(b"id,age\n1,5\n2,-6\n3,-7\n", '"bad"')
    _, first = service.run_now("web")
    site.change(b"id,age\n1,5\n", '"new"')
    service.run_now("web")
    assert first.source.snapshot
    run, again = service.run_now("web", snapshot=first.source.snapshot["sha256"][:12])
    assert site.statuses == [200, 200]
    assert told(again) == told(first)
    assert codes(again) == {"lab/negative": 2}
    assert json.dumps(told(again)) == json.dumps(told(first))
    assert again.source.snapshot
    assert again.source.snapshot["replayed"] is True
    assert run.verdict == "failed"
    skipped = {c.checker: c.reason for c in again.coverage if c.status == "skipped"}
    assert skipped["access"] == "run on a kept snapshot"
    assert told(service.report("web", run.run_id)) == told(first)


def test_a_run_on_a_kept_snapshot_is_no_baseline_and_sees_the_history_of_its_time(service: Service, site: Site) -> None:
    runs = [service.run_now("web")]
    site.change(b"id,age\n1,5\n2,6\n", '"two"')
    runs.append(service.run_now("web"))
    site.change(b"id,age\n1,5\n2,6\n3,7\n4,8\n", '"four"')
    runs.append(service.run_now("web"))
    assert [codes(report) for _, report in runs] == [{}, {"lab/fewer": 1}, {}]
    assert [run.accepted for run, _ in runs] == [True, True, True]
    snapshot = runs[1][1].source.snapshot
    assert snapshot is not None
    replayed, again = service.run_now("web", snapshot=snapshot["sha256"])
    assert codes(again) == {"lab/fewer": 1}  # three records before it, not the four of the last run
    assert replayed.accepted is False
    _, last = service.run_now("web")
    assert codes(last) == {"access/not-modified": 1}  # compared with four records, not with the run made again
    assert service.accept(replayed.run_id).accepted is True  # on purpose it can be


@pytest.mark.parametrize("wrong", ["0" * 64, "abc", "../../../etc/passwd"])
def test_a_snapshot_that_is_not_there(service: Service, wrong: str) -> None:
    with pytest.raises(UsageError):
        service.run_now("web", snapshot=wrong)
    assert service.history("web") == []


def test_without_kept_snapshots(home: Path, site: Site) -> None:
    with Service(settings(home, POTABLE_SNAPSHOTS="off"), executor="inline") as service:
        for _ in range(2):
            service.run_now("web")
        assert site.statuses == [200, 200]
        with pytest.raises(UsageError, match="POTABLE_SNAPSHOTS is off"):
            service.run_now("web", snapshot="0" * 64)
    assert not (home / "state" / "snapshots").exists()


def test_a_declared_checksum_holds_for_a_kept_snapshot_too(home: Path, service: Service) -> None:
    _, first = service.run_now("web")
    assert first.source.snapshot
    with (home / "catalog" / "web.yaml").open("a") as file:
        file.write("bytes: 5\n")
    service.catalog.get("web")
    _, again = service.run_now("web", snapshot=first.source.snapshot["sha256"])
    assert codes(again) == {"access/byte-count": 1}
    assert again.verdict == "failed"


def test_a_worker_keeps_snapshots_too(home: Path, service: Service, site: Site) -> None:
    service.start("web")
    run = service.carrier.claim("me:1:1")
    assert run is not None
    service.carrier.carry_out(run)
    assert service.status("web").run is not None
    service.run_now("web")
    assert site.statuses == [200, 304]


def test_on_the_command_line(
    home: Path, site: Site, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "POTABLE_STATE": "state", "POTABLE_ALLOW_HOSTS": "127.0.0.1", "POTABLE_PLUGINS": "lab.py",
        "POTABLE_CATALOG": "catalog", "POTABLE_NO_PLUGINS": "checkers",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("POTABLE_SNAPSHOTS", raising=False)
    monkeypatch.chdir(home)

    def call(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = command(arguments)
        out, err = capfd.readouterr()
        return code, out, err

    code, _, err = call("run", "web", "--format", "json", "--output", "first.json")
    assert code == 0, err
    first = json.loads((home / "first.json").read_text())["source"]["snapshot"]["sha256"]
    site.change(b"id,age\n1,-5\n", '"bad"')
    code, _, err = call("run", "web")
    assert code == 1, err
    code, out, err = call("run", "web", "--snapshot", first[:10])
    assert (code, site.statuses) == (0, [200, 200]), err
    assert "(a kept snapshot)" in out
    code, out, err = call("run", "web", "--snapshot", "0" * 64)
    assert (code, out) == (2, "")
    assert "no snapshot 000" in err
    code, _, err = call("run", "web", "near", "--snapshot", first)
    assert (code, err.count("--snapshot is of one source")) == (2, 1)


def test_embedded_nothing_is_kept_unless_asked_for(home: Path, site: Site) -> None:
    catalog = home / "catalog"
    engine = Engine(catalog=catalog, allow_hosts=["127.0.0.1"], without=["checkers"])
    for _ in range(2):
        engine.run("web")
    assert site.statuses == [200, 200]
    keeping = Engine(catalog=catalog, allow_hosts=["127.0.0.1"], without=["checkers"], snapshots=home / "kept")
    first = keeping.run("web").source.snapshot
    assert first is not None
    site.change(b"id,age\n9,9\n", '"x"')
    assert keeping.run("web").counts.records == 1
    again = keeping.run("web", snapshot=first["sha256"])
    assert (again.counts.records, again.source.snapshot and again.source.snapshot["replayed"]) == (3, True)


def test_a_local_file_that_has_not_changed(home: Path, service: Service) -> None:
    _, first = service.run_now("near")
    assert first.source.snapshot
    _, again = service.run_now("near", snapshot=first.source.snapshot["sha256"])
    assert told(again)["findings"] == told(first)["findings"]
    assert again.source.snapshot
    assert again.source.snapshot["replayed"] is True


def test_a_local_file_that_has_changed_is_not_that_snapshot(home: Path, service: Service) -> None:
    _, first = service.run_now("near")
    assert first.source.snapshot
    (home / "catalog" / "near.csv").write_text("id,age\n1,5\n2,6\n")
    _, again = service.run_now("near", snapshot=first.source.snapshot["sha256"][:8])
    assert (again.verdict, codes(again)) == ("inconclusive", {"access/changed": 1})
    assert "Local files aren't kept" in again.findings[0].hint


def test_folders_that_local_sources_may_lie_in(home: Path) -> None:
    (home / "far").mkdir()
    (home / "far" / "data.csv").write_text("id,age\n1,5\n")
    (home / "catalog" / "far.yaml").write_text(
        f"resourceID: far\ningestMethod: CSV\ningestURL: {home / 'far' / 'data.csv'}\n"
    )
    with Service(settings(home), executor="inline") as service:
        _, refused = service.run_now("far")
    assert codes(refused) == {"access/blocked-address": 1}
    assert "POTABLE_ROOTS" in refused.findings[0].hint
    with Service(settings(home, POTABLE_ROOTS=str(home / "far")), executor="inline") as service:
        _, allowed = service.run_now("far")
    assert (allowed.verdict, allowed.counts.records) == ("passed", 1)
    assert Engine(catalog=home / "catalog", roots=[home / "far"], without=["checkers"]).run("far").passed
