"""The pages in a real browser: by keyboard alone, narrow, in both colour schemes, with data that is hard to show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.server.browser import FOUND, Browser, browsing

from potable.engine.service import Service
from potable.engine.store.apikey import Scope

pytestmark = pytest.mark.skipif(FOUND is None, reason="there is no Chromium on this machine")

LONG = "very-long-identifier." * 9
FIELD = "concentration_of_" * 20
CONTRAST = """(() => {
  const number = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const paper = e => { for (; e; e = e.parentElement) { const c = number(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  const poor = [];
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
    const [a, b] = [light(number(getComputedStyle(e).color)), light(paper(e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.push(e.tagName + " " + e.className + " " + ratio.toFixed(2));
  }
  return [...new Set(poor)];
})()"""
OUTSIDE = """[...document.querySelectorAll("td, th, p, h1, h2, h3, code, a, button, input, strong, summary")]
  .filter(e => e.checkVisibility() && !e.closest("thead, .skip")).filter(e => { const r = e.getBoundingClientRect();
    return r.width && (r.left < -1 || r.right > innerWidth + 1); })
  .map(e => e.tagName + ": " + e.innerText.slice(0, 40))"""
SQUEEZED = """[...document.querySelectorAll("td")].filter(e => e.checkVisibility() && e.innerText.length > 8)
  .filter(e => e.getBoundingClientRect().width < 60).map(e => e.innerText.slice(0, 40))"""
UNNAMED = """[...document.querySelectorAll("a, button, input:not([type=hidden]), progress, summary")]
  .filter(e => !(e.textContent || e.ariaLabel || (e.labels && e.labels.length))).map(e => e.outerHTML)"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """The browser, signed in nowhere."""
    chromium.do("Network.clearBrowserCookies")
    chromium.size(1280)
    return chromium


def sign_in(browser: Browser, client: Any, path: str = "", key: str | None = None) -> None:
    browser.go(f"http://127.0.0.1:{client.port}/{path}")
    browser.until("document.activeElement.id == 'key'")
    browser.write(key or client.key)
    browser.navigating(lambda: browser.press("Enter"))


@pytest.fixture
def hard(catalog: Path, service: Service) -> list[str]:
    """Sources with what is hard to show, each run once."""
    tables = {
        LONG: ("A name as long as they come " * 6, f"id,{FIELD}\n1,x\n2,{'y' * 400}\n", FIELD),
        "rtl": ("سجل الخلايا", "معرف,العمر\nم1,كبير\n", "العمر"),
        "cjk": ("細胞材料開発室の細胞株一覧" * 3, "番号,年齢\n細1,不明\n", "年齢"),
    }
    for name, (said, text, field) in tables.items():
        (catalog / f"{name[:40]}.csv").write_text(text)
        schema = {"fields": [{"name": text.partition(",")[0]}, {"name": field, "type": "integer"}]}
        source = {"resourceID": name, "name": said, "owner": "o" * 150, "ingestMethod": "CSV", "primaryKey": "id",
                  "ingestURL": f"{name[:40]}.csv", "tableSchema": schema}  # fmt: skip
        (catalog / f"{name[:40]}.json").write_text(json.dumps(source | {"primaryKey": schema["fields"][0]["name"]}))
    (catalog / "typo.yaml").write_text("resourceID: typo\ningestMethod: CSV\ningestUrl: clean.csv\n")
    for name in ("clean", "gone", "typo", *tables):
        service.run_now(name)
    return ["clean", "gone", "typo", "held", *tables]


def test_by_keyboard_alone(browser: Browser, start: Any, service: Service) -> None:
    client = start(children=1)
    sign_in(browser, client)
    browser.tab_to("faulty")
    browser.navigating(lambda: browser.press("Enter"))
    browser.tab_to("Run")
    browser.navigating(lambda: browser.press("Enter"))
    browser.until("document.title.startsWith('FAILED')")  # the page follows the run by itself
    assert browser.js("document.querySelector('.verdict').innerText").startswith("FAILED\n1 error of 1 kind")
    browser.tab_to("Accept as baseline")
    browser.navigating(lambda: browser.press("Enter"))
    assert "the baseline" in browser.js("document.querySelector('table').innerText")
    browser.tab_to("Read the report")
    browser.navigating(lambda: browser.press("Enter"))
    assert browser.js("document.querySelector('h1').innerText") == "faulty"
    assert browser.told == []


def test_several_sources_are_run_and_the_list_follows_them(browser: Browser, start: Any, service: Service) -> None:
    client = start(children=2)
    sign_in(browser, client)
    browser.tab_to("Run 3 sources")
    browser.press("Enter")
    browser.tab_to("Start 3 runs")
    browser.navigating(lambda: browser.press("Enter"))
    assert browser.js("location.search") == "?standing=running"
    browser.until("document.body.innerText.includes('No run is going on')")
    assert browser.told == []
    assert {n: service.status(n).run.verdict for n in ("clean", "faulty", "gone")} == {
        "clean": "passed", "faulty": "failed", "gone": "inconclusive"
    }  # fmt: skip
    assert service.history("held") == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (700, "dark"), (320, "light")])
def test_what_is_hard_to_show_is_shown(
    browser: Browser, client: Any, service: Service, hard: list[str], width: int, scheme: str
) -> None:
    sign_in(browser, client)
    browser.size(width, scheme)
    site = f"http://127.0.0.1:{client.port}"
    reports = [f"runs/{run.run_id}" for name in hard for run in service.history(name)]
    for path in ("", "?standing=failed", *(f"sources/{name}" for name in hard), *reports):
        browser.go(f"{site}/{path}")
        for ask in (OUTSIDE, SQUEEZED, CONTRAST, UNNAMED):
            assert browser.js(ask) == [], path
        assert browser.js("document.documentElement.scrollWidth <= innerWidth"), path
        assert browser.js("[document.documentElement.lang, document.querySelectorAll('h1').length]") == ["en", 1]
        levels = browser.js("[...document.querySelectorAll('h1, h2, h3')].map(h => Number(h.tagName[1]))")
        assert all(b - a <= 1 for a, b in pairwise(levels)), (path, levels)
        assert browser.told == [], path


def test_a_field_written_from_right_to_left_leaves_what_stands_beside_it(
    browser: Browser, client: Any, service: Service, hard: list[str]
) -> None:
    sign_in(browser, client)
    [run] = service.history("rtl")
    browser.go(f"http://127.0.0.1:{client.port}/runs/{run.run_id}")
    # The code, then the field, then the count: in this order from left to right.
    lefts = browser.js("[...document.querySelectorAll('.finding header > *')].map(e => e.getBoundingClientRect().left)")
    assert lefts == sorted(lefts)
    assert len(lefts) == 4


def test_who_may_only_read_isnt_offered_to_run_them(browser: Browser, client: Any, service: Service) -> None:
    sign_in(browser, client, key=service.keys.add("reader", scopes=[Scope.READ])[0])
    assert "Sources" in browser.js("document.body.innerText")
    assert browser.js("document.querySelectorAll('details, button').length") == 2  # to find, to sign out


def test_a_server_that_doesn_t_answer_is_told_and_followed_again(
    browser: Browser, client: Any, service: Service
) -> None:
    service.start("clean")
    sign_in(browser, client, "sources/clean")
    network = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.do("Network.emulateNetworkConditions", offline=True, **network)
    browser.until("!document.getElementById('silence').hidden")
    browser.do("Network.emulateNetworkConditions", offline=False, **network)
    browser.until("document.getElementById('silence').hidden")
