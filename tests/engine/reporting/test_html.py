"""The HTML page: self-contained, inert, accessible."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from html.parser import HTMLParser

import pytest

from potable.engine.contracts.report import Report
from potable.engine.reporting.formats import HtmlReporter
from potable.engine.reporting.html import policy

pytest.importorskip("jinja2", reason="HTML reports are an extra: potable-engine[html]")

VOID = {"meta", "br", "link", "img", "hr", "input"}


class Page(HTMLParser):
    """Collects what a browser would act on, and checks that elements nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "title"):
            self.text += data


@pytest.mark.parametrize("name", ["clean", "usual", "hostile"])
def test_the_page_asks_for_nothing_and_runs_nothing(name: str, request: pytest.FixtureRequest) -> None:
    page = Page(HtmlReporter().render(request.getfixturevalue(name)))
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "img", "link", "iframe", "object", "form", "base"}
    assert all(not key.startswith("on") and key not in ("src", "style") for _, attrs in page.tags for key in attrs)


def test_the_policy_allows_the_style_sheet_alone(usual: Report) -> None:
    text = HtmlReporter().render(usual)
    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    [(_, meta)] = [(t, a) for t, a in Page(text).tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert meta["content"] == policy()
    assert policy() == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_it_tells_all(usual: Report) -> None:
    page = Page(HtmlReporter().render(usual))
    told = " ".join(page.text.split())
    for text in ("FAILED", "1,205 errors stand", "12,344", "Key used by several records", "1,204 ×", "penguins.csv:10",
                 "15 more samples", "1,184 more aren't shown", "crashed: ZeroDivisionError", "off by default",
                 "Mend: Correct the value"):  # fmt: skip
        assert text in told
    assert told.count("is the key of record") == 20
    assert ("html", {"lang": "en"}) in page.tags
    assert {attrs.get("scope") for tag, attrs in page.tags if tag == "th"} == {"col"}


def test_a_column_of_keys_where_there_are_keys(usual: Report) -> None:
    keyed = Page(HtmlReporter().render(usual))
    assert ("td", {"class": "key"}) in keyed.tags
    bare = [
        dataclasses.replace(f, samples=tuple(dataclasses.replace(s, key=None) for s in f.samples))
        for f in usual.findings
    ]
    page = Page(HtmlReporter().render(dataclasses.replace(usual, findings=tuple(bare))))
    assert ("td", {"class": "key"}) not in page.tags
    heads = [sum(t == "th" for t, _ in p.tags) for p in (keyed, page)]
    assert heads[0] - heads[1] == len(usual.findings)


def test_data_is_text(hostile: Report) -> None:
    page = Page(HtmlReporter().render(hostile))
    assert "<script>alert(1)</script>" in page.text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u200b]", page.text)
    assert not [tag for tag, _ in page.tags if tag == "a"]


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://example.org/a.csv?x=1&y=2", True),
        ("http://example.org/", True),
        ("javascript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("file:///etc/passwd", False),
        ("penguins.csv", False),
        ('https://example.org/"onmouseover="x', True),
        ("https://[bad", False),
        ("https://", False),
    ],
)
def test_only_http_addresses_are_links(usual: Report, url: str, linked: bool) -> None:
    report = dataclasses.replace(usual, source=dataclasses.replace(usual.source, ingest_url=url))
    links = [attrs for tag, attrs in Page(HtmlReporter().render(report)).tags if tag == "a"]
    assert [a["href"] for a in links] == ([url] if linked else [])
    assert all(set(a) == {"href", "rel"} for a in links)


def test_several_reports_have_a_table_of_contents(clean: Report, usual: Report) -> None:
    page = Page(HtmlReporter().render_all([clean, usual]))
    assert [a["href"] for t, a in page.tags if t == "a"] == ["#report-1", "#report-2"]
    assert [a.get("id") for t, a in page.tags if t == "article"] == ["report-1", "report-2"]


def test_a_page_is_bounded(huge: Report) -> None:
    text = HtmlReporter().render(huge)
    assert text.count('<section class="finding') == 600
    assert text.count("800 more findings") == 3


def test_code_in_a_mend_is_shown_as_code_and_stays_inert(usual: Report) -> None:
    hint = "Write `missingValues: [<b>]` & run `potable lint \u202e`, not ` alone."
    finding = dataclasses.replace(usual.findings[0], hint=hint)
    text = HtmlReporter().render(dataclasses.replace(usual, findings=(finding,)))
    assert (
        "<p><b>Mend:</b> Write <code>missingValues: [&lt;b&gt;]</code> &amp; run "
        "<code>potable lint \\u202e</code>, not ` alone.</p>"
    ) in text


def _many(report: Report, codes: int, fields: int) -> Report:
    """The report with as many findings, each code over as many fields."""
    [first, *_] = report.findings
    made = [
        dataclasses.replace(
            first, code=f"many/c{c}", title=f"Kind {c}", field=f"$.f{f}", fields=(f"$.f{f}",), count=1 + f,
            fingerprint=f"{c}-{f}",
        )
        for c in range(codes) for f in range(fields)
    ]  # fmt: skip
    return dataclasses.replace(report, findings=tuple(made))


@pytest.mark.parametrize(("codes", "fields"), [(2, 50), (3, 100)])
def test_a_report_of_many_findings_begins_with_their_kinds(usual: Report, codes: int, fields: int) -> None:
    page = Page(HtmlReporter().render(_many(usual, codes, fields)))
    ids = [attrs["id"] for tag, attrs in page.tags if tag == "section" and "id" in attrs]
    links = [str(attrs["href"]).removeprefix("#") for tag, attrs in page.tags if tag == "a"]
    inner = [link for link in links if link.startswith("f-")]
    assert len(ids) == len(set(ids)) == min(codes * fields, 200)
    assert set(inner) <= set(ids)
    # The kind itself, and its first fields, as far as they are on the page.
    assert inner[:7] == [f"f-0-{fields - 1}", *(f"f-0-{fields - n}" for n in range(1, 7))]
    assert f"and {fields - 6} more" in page.text
    assert f"{sum(range(1, fields + 1)):,} ×" in page.text


def test_a_report_of_few_findings_doesn_t(usual: Report) -> None:
    assert "At a glance" not in HtmlReporter().render(_many(usual, 1, 5))
    assert "At a glance" in HtmlReporter().render(_many(usual, 1, 6))


def test_samples_have_a_column_for_records_only_where_one_is_known(usual: Report) -> None:
    def heads(report: Report) -> list[bool]:
        return ["Record" in head for head in re.findall(r"<table.*?</thead>", HtmlReporter().render(report), re.DOTALL)]

    first = usual.findings[0]
    unplaced = tuple(
        dataclasses.replace(s, location=dataclasses.replace(s.location, record=None)) for s in first.samples
    )
    one = dataclasses.replace(usual, findings=(first,))
    none = dataclasses.replace(usual, findings=(dataclasses.replace(first, samples=unplaced),))
    assert (heads(one)[0], any(heads(none))) == (True, False)
