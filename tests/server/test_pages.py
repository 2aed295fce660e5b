"""The pages for people, on a real server: signing in, the list, a source and its runs, reports."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest

from potable.engine.reporting.html import hash_of
from potable.engine.service import Service
from potable.engine.store.apikey import Scope
from potable.server.web.listing import AHEAD, FRESH_SECONDS, ROWS, Listing
from potable.server.web.pages import RUNS

HOSTILE = '<script>alert(1)</script> \u202e"\x1b[31m'


class Visitor:
    """A browser without scripts: a cookie, forms, redirects."""

    def __init__(self, client: Any, key: str | None = None) -> None:
        self.client, self.cookie = client, f"potable_key={key or client.key}"

    def get(self, path: str) -> Any:
        return self.client.call("GET", path, headers={"Cookie": self.cookie}, key=None)

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> Any:
        form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        return self.client.call("POST", path, body=urlencode(fields), headers=form | (headers or {}), key=None)

    def follow(self, path: str, answer: Any) -> Any:
        assert answer.status == 303, text(answer)
        return self.get(urljoin(path, answer.headers["Location"]))


def text(answer: Any) -> str:
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return str(answer.body.decode())


@pytest.fixture
def visitor(client: Any) -> Visitor:
    return Visitor(client)


def test_who_has_no_key_is_asked_for_one(client: Any) -> None:
    welcome = client.call("GET", "/", key=None)
    assert welcome.status == 200
    assert 'type="password"' in text(welcome)
    page = client.call("GET", "/sources/clean", key=None)
    assert page.status == 401
    assert 'name="to" value="sources/clean"' in text(page)
    assert 'action="../sign-in"' in text(page)
    revoked = Visitor(client, "abc.def").get("/")
    assert (revoked.status, "This key doesn&#39;t work" in text(revoked)) == (401, True)


@pytest.mark.parametrize(("to", "lands"), [("sources/clean", "./sources/clean"), ("//evil.example", "./"), ("", "./")])
def test_a_good_key_becomes_a_cookie(client: Any, to: str, lands: str) -> None:
    answer = Visitor(client, "none").post("/sign-in", api_key=f" {client.key} ", to=to)
    assert (answer.status, answer.headers["Location"]) == (303, lands)
    # Without a path it's for what lies beside the call, behind any prefix.
    assert answer.headers["Set-Cookie"] == f"potable_key={client.key}; HttpOnly; SameSite=Lax"


def test_behind_tls_the_cookie_never_travels_in_the_clear(visitor: Visitor, client: Any) -> None:
    answer = visitor.post("/sign-in", {"X-Forwarded-Proto": "https"}, api_key=client.key)
    assert answer.headers["Set-Cookie"].endswith("; Secure")


@pytest.mark.parametrize("key", ["", "wrong", "a.b", "ä" * 9, "x" * 5000, "a;b"])
def test_another_key_doesn_t(client: Any, key: str) -> None:
    answer = Visitor(client, "none").post("/sign-in", api_key=key)
    assert (answer.status, answer.headers["Set-Cookie"]) == (401, None)
    assert 'role="alert"' in text(answer)


def test_signing_out_forgets_the_key(visitor: Visitor) -> None:
    answer = visitor.post("/sign-out")
    assert (answer.status, answer.headers["Location"]) == (303, "./")
    assert "Max-Age=0" in answer.headers["Set-Cookie"]


def test_the_cookie_opens_no_call_of_the_contract(visitor: Visitor) -> None:
    assert visitor.post("/controller/run?resourceID=clean").status == 401
    assert visitor.get("/controller/run_status?resourceID=clean").status == 401


def test_the_list_has_every_source_and_what_can_t_be_used(visitor: Visitor, catalog: Path, service: Service) -> None:
    (catalog / "broken.yaml").write_text("resourceID: broken\ningestMethod: [\n")
    (catalog / "typo.yaml").write_text("resourceID: typo\ningestMethod: CSV\ningestUrl: clean.csv\n")
    service.run_now("faulty")
    page = text(visitor.get("/"))
    assert re.findall(r'href="\./sources/(\w+)"', page) == ["typo", "faulty", "clean", "gone", "held"]
    assert "broken.yaml" in page
    assert re.findall(r"standing=(\w+)", page) == ["broken", "failed", "never", "hold"]
    assert re.search(r"1 error in 3 records<br><span[^>]*>csv/extra-cell</span>", page)
    chosen = text(visitor.get("/?standing=failed"))
    assert re.findall(r'href="\./sources/(\w+)"', chosen) == ["faulty"]
    assert re.findall(r'href="\./sources/(\w+)"', text(visitor.get("/?q=CLE"))) == ["clean"]
    assert "No source is found." in text(visitor.get("/?q=nothing"))


def test_a_source_that_no_call_can_name_has_no_link(visitor: Visitor, catalog: Path) -> None:
    (catalog / "odd.yaml").write_text("resourceID: ä/b\nname: Odd\ningestMethod: CSV\ningestURL: clean.csv\n")
    page = text(visitor.get("/"))
    assert re.search(r'<td class="name">Odd\s*<br><span class="mono soft">ä/b</span>', page)
    assert "resourceID may have letters" in page


def test_a_source_that_left_the_catalog_keeps_its_runs(
    visitor: Visitor, client: Any, service: Service, catalog: Path
) -> None:
    service.run_now("clean")
    (catalog / "clean.yaml").unlink()
    page = text(visitor.get("/sources/clean"))
    assert "It isn't in the catalog any more" in page
    assert "PASSED" in page
    assert "/sources/clean/run" not in page
    assert client.status(resourceID="clean").json["verdict"] == "passed"
    assert client.run(resourceID="clean").status == 404


def test_the_list_has_pages(service: Service, catalog: Path) -> None:
    for n in range(ROWS):
        (catalog / f"n{n:03}.yaml").write_text(f"resourceID: n{n:03}\ningestMethod: CSV\ningestURL: clean.csv\n")
    listing = Listing(service)
    first, last = listing.view(), listing.view(page=99)
    assert (len(first.rows), first.pages, first.range) == (ROWS, 2, f"1 to {ROWS} of {ROWS + 4}")
    assert (last.page, len(last.rows), last.range) == (2, 4, f"{ROWS + 1} to {ROWS + 4} of {ROWS + 4}")
    assert listing.view("n0", page=1).link(page=2) == "./?q=n0&page=2"


def test_what_runs_stands_before_what_waits(service: Service, catalog: Path) -> None:
    for name in ("clean", "faulty", "gone"):
        service.start(name)
    [run] = [service.store.claim("me", lease=60, seconds=60)]
    assert run is not None
    service.cancel(run.run_id)  # the oldest: the next one is claimed
    claimed = service.store.claim("me", lease=60, seconds=60)
    assert claimed is not None
    assert claimed.resource_id == "faulty"
    service.start("clean")
    shown = Listing(service).view(group="running").rows
    assert [(r.resource_id, r.run and r.run.state.value) for r in shown] == [
        ("faulty", "running"), ("clean", "queued"), ("gone", "queued"),
    ]  # fmt: skip


def test_runs_are_new_where_definitions_are_kept_for_a_while(service: Service, catalog: Path) -> None:
    now = [0.0]
    listing = Listing(service, lambda: now[0])
    assert [g.name for g in listing.view().groups] == ["", "never", "hold"]
    (catalog / "more.yaml").write_text("resourceID: more\ningestMethod: CSV\ningestURL: clean.csv\n")
    service.start("clean")
    assert {g.name: g.count for g in listing.view().groups} == {"": 4, "running": 1, "never": 2, "hold": 1}
    now[0] = FRESH_SECONDS
    assert listing.view().total == 5
    (catalog / "again.yaml").write_text("resourceID: again\ningestMethod: CSV\ningestURL: clean.csv\n")
    now[0] += FRESH_SECONDS * AHEAD + 1
    assert listing.view().total == 5  # and it's read again meanwhile
    for reading in [t for t in threading.enumerate() if t.name == "potable-listing"]:
        reading.join()
    assert listing.view().total == 6


def test_what_is_read_before_anybody_asks_is_told_as_it_is_then(service: Service, catalog: Path) -> None:
    listing = Listing(service)
    listing.prepare()
    for reading in [t for t in threading.enumerate() if t.name == "potable-listing"]:
        reading.join()
    (catalog / "more.yaml").write_text("resourceID: more\ningestMethod: CSV\ningestURL: clean.csv\n")
    (catalog / "clean.yaml").unlink()
    assert sorted(row.resource_id for row in listing.view().rows) == ["faulty", "gone", "held", "more"]


def test_a_run_is_started_followed_and_cancelled(visitor: Visitor) -> None:
    assert "It was never run." in text(visitor.get("/sources/clean"))
    page = text(visitor.follow("/sources/clean/run", visitor.post("/sources/clean/run")))
    assert "<title>queued: clean</title>" in page
    assert '<meta http-equiv="refresh" content="3;url=../sources/clean">' in page
    [run_id] = re.findall(r'name="runID" value="(\w+)"', page)
    refused = visitor.post("/sources/clean/run")
    assert (refused.status, run_id in text(refused)) == (400, True)
    assert 'action="../../sources/clean/cancel"' in text(refused)
    assert visitor.post("/sources/held/cancel", runID=run_id).status == 400
    page = text(visitor.follow("/sources/clean/cancel", visitor.post("/sources/clean/cancel", runID=run_id)))
    assert "<title>cancelled: clean</title>" in page
    assert 'http-equiv="refresh"' not in page


def test_a_finished_run_has_its_reasons_its_report_and_can_be_accepted(visitor: Visitor, service: Service) -> None:
    run, _ = service.run_now("faulty")
    page = text(visitor.get("/sources/faulty"))
    assert "<title>FAILED: faulty</title>" in page
    assert "1 error of 1 kind: csv/extra-cell (1)." in page
    [link] = set(re.findall(r'href="(\.\./runs/\w+)"', page))
    report = visitor.get(urljoin("/sources/faulty", link))
    assert 'href="../sources/faulty"' in text(report)
    assert "csv/extra-cell" in text(report)
    assert "script-src" not in report.headers["Content-Security-Policy"]
    page = text(visitor.follow("/sources/faulty/accept", visitor.post("/sources/faulty/accept", runID=run.run_id)))
    assert "the baseline" in page
    assert service.run(run.run_id).accepted


def test_an_earlier_run_can_be_accepted_too(visitor: Visitor, service: Service) -> None:
    earlier, _ = service.run_now("faulty")
    last, _ = service.run_now("faulty")
    page = text(visitor.get("/sources/faulty"))
    assert re.findall(r'name="runID" value="(\w+)"', page) == [last.run_id, earlier.run_id]
    visitor.post("/sources/faulty/accept", runID=earlier.run_id)
    page = text(visitor.get("/sources/faulty"))
    assert re.findall(r'name="runID" value="(\w+)"', page) == [last.run_id]
    assert page.index(last.run_id) < page.index("the baseline") < page.rindex(earlier.run_id)


def test_a_source_with_many_runs_has_the_earlier_ones_behind_a_link(
    visitor: Visitor, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = []
    for _ in range(RUNS + 2):
        ids.append(service.start("clean").run_id)
        if len(ids) == RUNS:
            assert "Earlier runs" not in text(visitor.get("/sources/clean"))
        service.cancel(ids[-1])
    page = text(visitor.get("/sources/clean"))
    assert page.count('class="time"') == RUNS
    [link] = re.findall(r'href="([^"]*)">Earlier runs', page)
    page = text(visitor.get(urljoin("/sources/clean", link)))
    assert (page.count('class="time"'), "Earlier runs" in page) == (RUNS + 2, False)
    assert "These are the last" not in page
    monkeypatch.setattr("potable.server.web.pages.ALL_RUNS", RUNS + 1)
    page = text(visitor.get(urljoin("/sources/clean", link)))
    assert page.count('class="time"') == RUNS + 1
    assert f"These are the last {RUNS + 1} runs." in page


def test_runs_of_several_sources_are_started_and_cancelled(visitor: Visitor, service: Service) -> None:
    service.start("clean")
    page = text(visitor.get("/"))
    assert re.findall(r"<summary>(.*?)</summary>", page) == ["Run 2 sources …", "Cancel ongoing runs …"]
    answer = visitor.post("/run-all", q="", standing="")
    assert (answer.status, answer.headers["Location"]) == (303, "./?standing=running")
    page = text(visitor.get("/?standing=running"))
    assert re.findall(r'href="\./sources/(\w+)"', page) == ["clean", "faulty", "gone"]
    assert 'id="standing" data-page="./?standing=running" data-seconds="3"' in page
    assert '<meta http-equiv="refresh" content="10;url=./?standing=running">' in page
    assert [len(service.history(name)) for name in ("clean", "faulty", "gone", "held")] == [1, 1, 1, 0]
    assert visitor.post("/cancel-all", q="ean", standing="running").status == 303
    assert re.findall(r'href="\./sources/(\w+)"', text(visitor.get("/?standing=running"))) == ["faulty", "gone"]
    visitor.post("/cancel-all", q="", standing="")
    assert "No run is going on" in text(visitor.get("/?standing=running"))
    assert {service.history(name)[0].state.value for name in ("clean", "faulty", "gone")} == {"cancelled"}


def test_those_that_are_found_are_run_alone(visitor: Visitor, service: Service) -> None:
    service.run_now("faulty")
    service.run_now("gone")
    visitor.post("/run-all", q="", standing="failed")
    assert [len(service.history(name)) for name in ("clean", "faulty", "gone")] == [0, 2, 1]
    visitor.post("/run-all", q="CLEAN", standing="")
    assert [len(service.history(name)) for name in ("clean", "faulty", "gone")] == [1, 2, 1]


def test_a_source_that_can_t_be_started_leaves_the_others(visitor: Visitor, service: Service, catalog: Path) -> None:
    visitor.get("/")  # the list is kept for a while
    (catalog / "clean.yaml").write_text("resourceID: clean\ningestMethod: CSV\ningestURL: clean.csv\nhold: true\n")
    assert visitor.post("/run-all", q="", standing="").status == 303
    assert [len(service.history(name)) for name in ("clean", "faulty", "gone")] == [0, 1, 1]
    refused = visitor.post("/run-all", q="clean", standing="")
    assert (refused.status, "No run was started. None of these" in text(refused)) == (400, True)


def test_what_can_t_be_done_is_told_on_the_page(visitor: Visitor, service: Service) -> None:
    held = visitor.post("/sources/held/run")
    assert (held.status, "on HOLD" in text(held)) == (400, True)
    run, _ = service.run_now("gone")
    gone = visitor.post("/sources/gone/accept", runID=run.run_id)
    assert (gone.status, "read no record" in text(gone)) == (400, True)
    assert visitor.post("/sources/clean/accept").status == 400


@pytest.mark.parametrize("path", ["/sources/nothing", "/sources/a%20b", "/sources/..%2f", "/runs/nothing", "/runs/%00"])
def test_what_isn_t_there(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert (answer.status, "There is no such" in text(answer)) == (404, True)


def test_an_unknown_address_is_a_page_for_browsers(client: Any) -> None:
    asked = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = client.call("GET", "/source/clean", headers=asked)
    assert (answer.status, "There is no such page." in text(answer)) == (404, True)
    assert 'href="../"' in text(answer)
    assert "/controller/run" in client.call("GET", "/controller/rum", headers=asked).message
    assert "/controller/run" in client.call("GET", "/source/clean", headers={"Accept": "*/*"}).message


@pytest.mark.parametrize(
    ("path", "to"),
    [("/sign-in", "/"), ("/run-all", "/"), ("/sources/clean/run", "/sources/clean"),
     ("/sources/held/accept", "/sources/held")],
)  # fmt: skip
def test_the_address_of_a_form_leads_back_to_its_page(visitor: Visitor, path: str, to: str) -> None:
    answer = visitor.get(path)
    assert (answer.status, urljoin(path, answer.headers["Location"])) == (303, to)
    assert visitor.get("/sources/a%20b/run").status == 404


def test_another_site_s_form_does_nothing(visitor: Visitor, service: Service) -> None:
    for path in ("/sources/clean/run", "/run-all", "/cancel-all", "/sign-in", "/sign-out"):
        answer = visitor.post(path, {"Sec-Fetch-Site": "cross-site"}, api_key=visitor.client.key)
        assert (answer.status, answer.headers["Set-Cookie"]) == (403, None)
    assert service.history("clean") == []


def test_who_may_only_read_has_no_buttons(client: Any, service: Service) -> None:
    service.run_now("faulty")
    reader = Visitor(client, service.keys.add("reader", scopes=[Scope.READ])[0])
    page = text(reader.get("/sources/faulty"))
    assert "Read the report" in page
    assert re.findall(r'<form[^>]* action="([^"]+)"', page) == ["../sign-out"]
    assert reader.post("/sources/faulty/run").status == 403
    assert "<summary>" not in text(reader.get("/"))
    assert [reader.post(path).status for path in ("/run-all", "/cancel-all")] == [403, 403]


def test_the_run_is_the_key_s_user_s(client: Any, service: Service) -> None:
    Visitor(client, service.keys.add("bound", user_id=7)[0]).post("/sources/clean/run")
    assert [run.user_id for run in service.history("clean")] == [7]


def test_where_a_source_is_is_shown_without_secrets(visitor: Visitor, catalog: Path) -> None:
    where = "ingestMethod: CSV\ningestURL: http://127.0.0.1/d.csv?api_key=SECRET&page=1\n"
    (catalog / "keyed.yaml").write_text(f"resourceID: keyed\n{where}")
    where = "ingestMethod: SQL\njdbcURL: jdbc:postgresql://db.example.org/lab?user=me&password=SECRET\nsql: SELECT 1\n"
    (catalog / "table.yaml").write_text(f"resourceID: table\n{where}")
    keyed, table = text(visitor.get("/sources/keyed")), text(visitor.get("/sources/table"))
    assert "http://127.0.0.1/d.csv?" in keyed
    assert "page=1" in keyed
    assert "SQL postgresql://db.example.org" in table
    assert "SECRET" not in keyed + table


def test_what_definitions_say_is_inert(visitor: Visitor, catalog: Path, service: Service) -> None:
    source = {"resourceID": "hostile", "name": HOSTILE, "owner": HOSTILE, "description": "javascript:alert(1)"}
    (catalog / "hostile.json").write_text(json.dumps(source | {"ingestMethod": "CSV", "ingestURL": "clean.csv"}))
    service.run_now("hostile")
    for path in ("/", "/sources/hostile", "/?q=%3Cscript%3E&standing=%22%3E%3Cscript%3E"):
        page = text(visitor.get(path))
        assert "<script>alert" not in page
        assert "\u202e" not in page
        assert "&lt;script&gt;" in page


def test_the_policy_lets_in_the_page_s_own_style_and_script_alone(visitor: Visitor, service: Service) -> None:
    service.start("clean")
    answer = visitor.get("/sources/clean")
    allowed = answer.headers["Content-Security-Policy"]
    [style] = re.findall(r"<style>(.*?)</style>", text(answer), re.DOTALL)
    [script] = re.findall(r"<script>(.*?)</script>", text(answer), re.DOTALL)
    assert f"style-src '{hash_of(style)}'" in allowed
    assert f"script-src '{hash_of(script)}'" in allowed
    assert "default-src 'none'" in allowed


def test_every_link_is_relative_so_that_a_proxy_may_put_a_prefix_before_it(visitor: Visitor, service: Service) -> None:
    run, _ = service.run_now("faulty")
    for path in ("/", "/?q=x", "/sources/faulty", f"/runs/{run.run_id}", "/sources/nothing"):
        links = re.findall(r'(?:href|action|content="3;url)="?([^"]*)"', text(visitor.get(path)))
        assert links
        assert all(link.startswith(("./", "../", "#")) for link in links), links


def test_a_store_that_does_not_answer(visitor: Visitor, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    from potable.engine.errors import StoreUnavailable

    def down(*_: object) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(service, "newest", down)
    answer = visitor.get("/")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "try again" in text(answer)
    assert "disk" not in text(answer)
