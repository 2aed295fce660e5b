"""Links: a small sample, asked for politely, of a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.loopback import Handler, serving

from potable.checkers.links import LinksChecker
from potable.checkers.links.fold import _is_elsewhere
from potable.engine.contracts.report import Report
from potable.engine.definition.parse import from_mapping
from potable.engine.limits import Limits
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import load_plugins
from potable.engine.testing import check_checker


@dataclass
class Server:
    """A web server, and what it was asked for."""

    base: str
    asked: list[str]


@pytest.fixture
def server() -> Iterator[Server]:
    asked: list[str] = []

    class Noting(Handler):
        def answer(self) -> None:
            asked.append(self.path)
            if self.path.startswith("/old"):
                self.say(301, b"ok", Location="/new" + self.path.removeprefix("/old"))
            elif self.path == "/folder":
                self.say(302, b"ok", Location="/folder/")
            else:
                status = {"/gone": 404, "/long-gone": 410, "/login": 403, "/broken": 500}.get(self.path, 200)
                self.say(status, b"ok")

    with serving(Noting) as address:
        yield Server(address, asked)


Check = Callable[..., Report]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    def run(text: str, **options: Any) -> Report:
        (tmp_path / "data.csv").write_text(text, encoding="utf-8")
        members = {"resourceID": "test", "ingestMethod": "CSV", "ingestURL": "data.csv", "primaryKey": "id",
                   "checks": {"links": {"pause": 0, **options}}}  # fmt: skip
        limits = Limits(attempts=1, connect_seconds=2)
        return run_source(
            from_mapping(members, folder=tmp_path), load_plugins(),
            RunOptions(scratch=tmp_path, allow_hosts=("127.0.0.1",), limits=limits),
        )  # fmt: skip

    return run


def test_dead_and_redirected_links(check: Check, server: Server) -> None:
    paths = ["/fine", "/gone", "/old/x", "/folder", "/login", "/broken", "/long-gone", "/"]
    rows = "".join(f"{n},{server.base}{path}\n" for n, path in enumerate(paths, start=1))
    report = check(f"id,home\n{rows}", per_host=20)
    told = [
        (f.code, str(f.severity), f.field, [(s.location.record, s.location.line, s.key) for s in f.samples])
        for f in report.findings
    ]
    assert told == [
        ("links/dead", "warning", "$.home", [(2, 3, "2"), (7, 8, "7")]),
        ("links/redirected", "warning", "$.home", [(3, 4, "3")]),
    ]
    assert report.findings[1].samples[0].value == f"{server.base}/old/x"
    assert report.findings[1].samples[0].message == f"the link leads to {server.base}/new/x"
    assert report.metrics["links"] == {"fine": 3, "dead": 2, "redirected": 1, "unclear": 2}
    assert {c.checker: c.reason for c in report.coverage}["links"] == ""
    assert sorted(server.asked) == sorted([*paths, "/new/x", "/folder/"])
    assert report.verdict == "passed"


def test_links_of_json_are_told_at_their_own_place(tmp_path: Path, server: Server) -> None:
    line = f'{{"id": 1, "homes": ["{server.base}/fine", "{server.base}/gone"]}}'
    first = '{"id": 0, "homes": []}\n'
    (tmp_path / "d.jsonl").write_text(f"{first}{line}\n")
    members = {"resourceID": "t", "ingestMethod": "JSONL", "ingestURL": "d.jsonl", "checks": {"links": {"pause": 0}}}
    options = RunOptions(scratch=tmp_path, allow_hosts=("127.0.0.1",), limits=Limits(attempts=1))
    (found,) = run_source(from_mapping(members, folder=tmp_path), load_plugins(), options).findings
    place = found.samples[0].location
    assert (found.code, found.field, found.count) == ("links/dead", "$.homes[*]", 1)
    assert (place.record, place.line, place.path) == (2, 2, "/homes/1")
    assert place.byte == len(first) + line.index(f'"{server.base}/gone')


def test_the_sample_is_small_and_the_same_again(check: Check, server: Server) -> None:
    text = "id,home\n" + "".join(f"{n},{server.base}/p{n % 300}\n" for n in range(600))
    first = check(text, most=7, per_host=7)
    assert first.findings == ()
    assert first.metrics["links"] == {"fine": 7}
    asked = list(server.asked)
    assert len(set(asked)) == len(asked) == 7
    server.asked.clear()
    check(text, most=7, per_host=7)
    assert server.asked == asked
    server.asked.clear()
    check(text, most=7, per_host=3)
    assert server.asked == asked[:3]


def test_no_server_at_all(check: Check, server: Server) -> None:
    """Where nothing can be reached, it's our own network that is down, and no link is called dead."""
    dead = "http://127.0.0.1:1/x"
    report = check(f"id,home\n1,{dead}\n")
    assert report.findings == ()
    reasons = {c.checker: (c.status, c.reason) for c in report.coverage}
    why = "not checked: none of the links of the sample gave an answer (1 unreachable)"
    assert reasons["links"] == ("ran", why)
    (found,) = check(f"id,home\n1,{dead}\n2,{server.base}/fine\n").findings
    assert (found.code, [s.location.record for s in found.samples]) == ("links/dead", [1])


def test_addresses_that_are_not_allowed_are_not_asked(tmp_path: Path, server: Server) -> None:
    (tmp_path / "data.csv").write_text(f"id,home\n1,{server.base}/gone\n")
    members = {"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "data.csv", "checks": {"links": {"pause": 0}}}
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins(), RunOptions(scratch=tmp_path))
    assert (report.findings, server.asked, report.metrics["links"]) == ((), [], {"unclear": 1})


def test_only_fields_of_links_and_only_on_request(check: Check, server: Server, tmp_path: Path) -> None:
    rows = "".join(f"{n},words,{server.base}/p\n" if n else f"0,{server.base}/gone,\n" for n in range(9))
    check(f"id,note,home\n{rows}")
    assert server.asked == ["/p"]
    server.asked.clear()
    report = check(f"id,note,home\n{rows}", fields=["note"])
    assert (server.asked, [f.code for f in report.findings]) == (["/gone"], ["links/dead"])
    server.asked.clear()
    members = {"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "data.csv"}
    report = run_source(from_mapping(members, folder=tmp_path), load_plugins(), RunOptions(scratch=tmp_path))
    assert server.asked == []
    assert {c.checker: c.status for c in report.coverage}["links"] == "skipped"


def test_what_is_another_address() -> None:
    assert not _is_elsewhere("http://a.org/x", "https://a.org/x")
    assert not _is_elsewhere("http://a.org", "https://www.a.org/en/index.html")
    assert not _is_elsewhere("http://a.org/x", "https://www.a.org/x/")
    assert not _is_elsewhere("https://doi.org/10.1/x", "https://journal.org/y")
    assert _is_elsewhere("http://a.org/x", "http://a.org/y")
    assert _is_elsewhere("http://a.org/x", "http://b.org/x")


@given(st.lists(st.sampled_from(["", None, "x", "no link"]), max_size=20))
@settings(max_examples=20)
def test_any_cutting_gives_the_same(values: list[str | None]) -> None:
    check_checker(LinksChecker, {"v": values}, cuttings=3)
