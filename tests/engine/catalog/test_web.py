"""Definitions on a real web server: by identifier, by list, hostile ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.loopback import Handler, serving

from potable.engine import Engine
from potable.engine.catalog import WebCatalog, open_catalog
from potable.engine.errors import CatalogError, DefinitionError, UnknownSource
from potable.engine.lint import lint_catalog
from potable.engine.plugins import load_plugins
from potable.engine.service import Service
from potable.engine.settings import Settings


@dataclass
class Site:
    """Bodies by path, and what was asked."""

    root: str = ""
    bodies: dict[str, bytes | int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, path: str, body: str | bytes | int) -> None:
        self.bodies[path] = body.encode() if isinstance(body, str) else body

    def catalog(self, rest: str = "/defs/{resourceID}.json#ids=index.json", allow: str = "127.0.0.1") -> Any:
        return open_catalog(self.root + rest, allow_hosts=[allow])


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Served(Handler):
        def answer(self) -> None:
            site.asked.append(self.path)
            body = site.bodies.get(self.path, 404)
            status = body if isinstance(body, int) else 200
            said = b"no" if isinstance(body, int) else body
            self.say(status, said)

    with serving(Served) as site.root:
        site.put("/defs/index.json", json.dumps(["SCR_1", "SCR_2"]))
        site.put(
            "/defs/SCR_1.json",
            '{"resourceID": "SCR_1", "ingestMethod": "CSV",\n"ingestURL": "data/birds.csv", "errPerc": "x"}',
        )
        site.put(
            "/defs/SCR_2.json",
            '{"resourceID": "SCR_2", "ingestMethod": "CSV", "ingestURL": "https://example.org/b.csv"}',
        )
        site.put("/defs/data/birds.csv", "id,name\n1,Ann\n")
        yield site


def test_a_definition_is_asked_for_by_its_identifier(site: Site) -> None:
    source = site.catalog().get("SCR_1")
    assert (source.resource_id, source.ingest_url) == ("SCR_1", f"{site.root}/defs/data/birds.csv")
    assert site.asked == ["/defs/SCR_1.json"]
    (note,) = source.notes
    assert (note.code, note.location.file, note.location.line) == (
        "definition/bad-value", f"{site.root}/defs/SCR_1.json", 2,
    )  # fmt: skip
    assert len(source.origin.sha256) == 64


def test_a_source_of_a_web_catalog_runs(site: Site, tmp_path: Path) -> None:
    site.put("/defs/SCR_1.json", '{"resourceID": "SCR_1", "ingestMethod": "CSV", "ingestURL": "data/birds.csv"}')
    location = site.root + "/defs/{resourceID}.json"
    report = Engine(catalog=location, allow_hosts=["127.0.0.1"], without=["checkers"]).run("SCR_1")
    assert (report.verdict, report.counts.records) == ("passed", 1)
    environment = {"POTABLE_STATE": str(tmp_path), "POTABLE_CATALOG": location, "POTABLE_ALLOW_HOSTS": "127.0.0.1"}
    with Service(Settings.load(environment | {"POTABLE_NO_PLUGINS": "checkers"}), executor="inline") as service:
        assert service.run_now("SCR_1")[1].verdict == "passed"


@pytest.mark.parametrize(
    "url", ["/etc/hostname", "../../../../etc/hostname", "file:///etc/hostname", "hostname"]
)  # fmt: skip
def test_a_definition_from_the_web_reads_no_file_of_this_machine(
    site: Site, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hostname").write_text("id\n1\n")
    monkeypatch.chdir(tmp_path)
    definition = {"resourceID": "SCR_1", "ingestMethod": "CSV", "ingestURL": url, "schema": "hostname"}
    site.put("/defs/SCR_1.json", json.dumps(definition))
    engine = Engine(catalog=site.root + "/defs/{resourceID}.json", allow_hosts=["127.0.0.1"], without=["checkers"])
    report = engine.run("SCR_1")
    assert report.verdict == "inconclusive"
    codes = {f.code for f in report.findings}
    assert codes == {"definition/missing-file", "access/blocked-address" if "file:" in url else "access/not-found"}


def test_listed(site: Site) -> None:
    catalog = site.catalog()
    assert list(catalog.ids()) == ["SCR_1", "SCR_2"]
    assert [s.resource_id for s in catalog.definitions()] == ["SCR_1", "SCR_2"]
    site.put("/defs/index.json", json.dumps(["SCR_1", "SCR_2", "SCR_3", "SCR_4"]))
    site.put("/defs/SCR_4.json", "{")
    site.asked.clear()
    found = [(i, o.code, o.location.file) for i, o in lint_catalog(catalog, load_plugins(without=["checkers"]))]
    assert found == [
        ("SCR_1", "definition/bad-value", f"{site.root}/defs/SCR_1.json"),
        (None, "definition/invalid", f"{site.root}/defs/SCR_3.json"),
        (None, "definition/invalid", f"{site.root}/defs/SCR_4.json"),
    ]
    # Each is asked for once, and the list again for names near to the one that isn't there.
    assert sorted(site.asked) == [
        *(f"/defs/SCR_{n}.json" for n in (1, 2, 3, 4)), "/defs/index.json", "/defs/index.json",
    ]  # fmt: skip
    assert [f.code for f in catalog.faults()] == ["definition/invalid"] * 2


@pytest.mark.parametrize(
    "text",
    ['["B", "A", "A"]', '[{"resourceID": "A"}, {"id": "B", "x": 1}]', '{"n": 2, "items": [{"resource_id": "A"}, "B"]}',
     "A\n\nB\n", "# two\r\nB\r\nA\r\n"],
)  # fmt: skip
def test_forms_of_lists(site: Site, text: str) -> None:
    site.put("/list", text)
    assert list(site.catalog("/defs/{resourceID}.json#ids=/list").ids()) == ["A", "B"]


@pytest.mark.parametrize("text", ["<html>", '{"a": 1}', "[1]", '["../x"]', "[", '[{"name": "A"}]', "a b\n"])
def test_what_is_no_list(site: Site, text: str) -> None:
    site.put("/list", text)
    with pytest.raises(CatalogError, match="isn't a list of identifiers"):
        list(site.catalog("/defs/{resourceID}.json#ids=/list").ids())


def test_an_unknown_source_is_told_near_ones(site: Site) -> None:
    with pytest.raises(UnknownSource, match="did you mean SCR_2 or SCR_1"):
        site.catalog().get("SCR_3")
    with pytest.raises(UnknownSource):
        site.catalog("/defs/{resourceID}.json").get("SCR_3")


@pytest.mark.parametrize(
    "wanted", ["../secret", "a/b", "SCR_1?x=1", "..", "%2e%2e", "a b", "", "ä", "x" * 201, "a#b", "\r\nX: y"]
)
def test_an_identifier_cannot_leave_its_place(site: Site, wanted: str) -> None:
    site.put("/secret.json", '{"resourceID": "secret"}')
    with pytest.raises(UnknownSource):
        site.catalog("/defs/{resourceID}.json").get(wanted)
    assert site.asked == []


def test_every_character_of_an_identifier_is_quoted(site: Site) -> None:
    site.put("/get?id=A%3AB.1-2_3&x=y", '{"resourceID": "A:B.1-2_3"}')
    assert site.catalog("/get?id={resourceID}&x=y").get("A:B.1-2_3").resource_id == "A:B.1-2_3"


def test_another_sources_definition_is_refused(site: Site) -> None:
    site.put("/defs/SCR_3.json", '{"resourceID": "SCR_1"}')
    with pytest.raises(DefinitionError, match="isn't of SCR_3 but of SCR_1"):
        site.catalog().get("SCR_3")


def test_one_of_several_definitions(site: Site) -> None:
    site.put("/all?SCR_8", "resourceID: SCR_7\n---\nresourceID: SCR_8\nname: eight\n")
    assert site.catalog("/all?{resourceID}").get("SCR_8").name == "eight"


@pytest.mark.parametrize(("body", "words"), [(501, "the server answered 501"), (401, "401")])
def test_a_server_that_fails_is_no_unknown_source(site: Site, body: int, words: str) -> None:
    site.put("/defs/SCR_1.json", body)
    with pytest.raises(CatalogError, match=f"can't be read: .*{words}") as caught:
        site.catalog().get("SCR_1")
    assert not isinstance(caught.value, UnknownSource)


def test_hosts_that_are_not_public_have_to_be_let_in(site: Site) -> None:
    with pytest.raises(CatalogError, match=r"access/blocked-address\) \(POTABLE_ALLOW_HOSTS"):
        site.catalog(allow="10.0.0.0/8").get("SCR_1")
    with pytest.raises(CatalogError):
        WebCatalog.open(site.root + "/defs/{resourceID}.json").get("SCR_1")
    assert site.asked == []


def test_without_a_list_the_sources_cannot_be_listed(site: Site) -> None:
    with pytest.raises(CatalogError, match="has no list of its sources"):
        site.catalog("/defs/{resourceID}.json").ids()


def test_secrets_come_from_the_environment_and_are_not_shown(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_KEY", "tell-nobody")
    site.put("/defs/A.json?api_key=tell-nobody", "{")
    catalog = site.catalog("/defs/{resourceID}.json?api_key=${CATALOG_KEY}")
    for wanted in ("A", "B"):
        with pytest.raises(CatalogError) as caught:
            catalog.get(wanted)
        assert "tell-nobody" not in str(caught.value)
    assert site.asked == ["/defs/A.json?api_key=tell-nobody", "/defs/B.json?api_key=tell-nobody"]


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("https://example.org/defs?key=x", "without {resourceID}"),
        ("https://{resourceID}.example.org/", "in its path or query"),
        ("https://example.org/{resourceID}/{resourceID}", "must have one"),
        ("https://example.org/{resourceID}#list", "only ids=URL is understood"),
    ],
)
def test_locations_that_are_none(location: str, words: str) -> None:
    with pytest.raises(CatalogError, match=words) as caught:
        open_catalog(location)
    assert "key=x" not in str(caught.value)
