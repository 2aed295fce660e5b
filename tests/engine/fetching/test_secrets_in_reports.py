"""Whoever a source's key is told to may quote it: no report and no kept snapshot has it."""

import html
import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from potable.engine import Engine

SECRET = "s3cr3t/V4lue+of~it"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """``run(definition)``: its report as JSON, and all that was kept of it, as one text."""
    monkeypatch.setenv("LAB_KEY", SECRET)
    engine = Engine(allow_hosts=["127.0.0.0/8"], snapshots=tmp_path / "kept")

    def run(**definition):
        report = json.dumps(engine.check(definition).to_dict())
        kept = [f.read_text("utf-8", "replace") for f in sorted(tmp_path.rglob("*.json"))]
        return report, "\n".join(kept)

    return run


def asked(call):
    return dict(parse_qsl(urlsplit(call.path).query))["api_key"]


def is_hidden(*texts):
    for text in texts:
        assert SECRET not in text
        assert "V4lue" not in text
        assert "s3cr3t" not in text


@pytest.mark.parametrize("spell", [str, html.escape], ids=["plain", "html"])
@pytest.mark.parametrize("how", ["title", "long title", "body"])
def test_a_page_that_quotes_its_own_address(how, spell, serve, run):
    def handler(call):
        words = spell(f"no {call.path} here, {asked(call)}")
        title = {"title": words, "long title": "x" * 180 + words, "body": "no"}[how]
        call.answer(f"<!DOCTYPE html><title>{title}</title><p>{words}".encode())

    report, kept = run(ingestMethod="CSV", ingestURL=serve(handler).url("/d.csv?api_key=${LAB_KEY}"))
    assert "access/media-type" in report
    is_hidden(report, kept)


@pytest.mark.parametrize("where", ["error", "code", "syntax", "root", "verb", "token"])
def test_a_repository_that_quotes_the_request(where, serve, run):
    def handler(call):
        words = html.escape(f"{call.path} {asked(call)}")
        inner = {
            "error": f"<error code='badArgument'>{'x' * 280} {words}</error>", "code": f"<error code='{words}'/>",
            "syntax": f"<{words}", "root": "", "verb": f"<List{asked(call).replace('/', '').replace('+', '')}/>",
            "token": f"<ListRecords><resumptionToken>{words}</resumptionToken></ListRecords>",
        }[where]  # fmt: skip
        name = "OAI-PMH" if where != "root" else "r-s3cr3t-V4lue"
        call.answer(f'<{name} xmlns="http://www.openarchives.org/OAI/2.0/">{inner}</{name}>'.encode())

    report, kept = run(ingestMethod="OAI", ingestURL=serve(handler).url("/oai?api_key=${LAB_KEY}"), sleepTimeSecs=0)
    assert "oai/" in report
    if where not in ("root", "verb"):  # what isn't the key any more
        is_hidden(report, kept)


def test_an_answer_that_is_no_http(serve, run):
    server = serve(lambda call: call.send(f"{'x' * 270} {asked(call)} what?\r\n".encode()))
    report, kept = run(ingestMethod="CSV", ingestURL=server.url("/d.csv?api_key=${LAB_KEY}"))
    assert "access/protocol" in report
    is_hidden(report, kept)


def test_data_that_quote_the_request(serve, run):
    """A checker's sample of a record is quoted as well."""

    def handler(call):
        call.answer(f"id,asked\n1,{asked(call)}\n1,{call.path}\n".encode())

    url = serve(handler).url("/d.csv?api_key=${LAB_KEY}")
    enum = {"fields": [{"name": "id"}, {"name": "asked", "constraints": {"enum": ["x"]}}]}
    report, _ = run(ingestMethod="CSV", ingestURL=url, schema=enum, primaryKey=["asked"])
    is_hidden(report)


def test_what_is_kept_has_no_secret(serve, run):
    """A redirect gives the key another name, and headers repeat it."""

    def handler(call):
        if "api_key" in call.path:
            return call.redirect(f"/there.csv?k={asked(call)}")
        return call.answer(b"id\n1\n", Link=f"<{call.path}>; rel=self", X_Asked=SECRET, ETag='"1"')

    report, kept = run(ingestMethod="CSV", ingestURL=serve(handler).url("/d.csv?api_key=${LAB_KEY}"))
    assert '"verdict": "passed"' in report
    assert "there.csv?k=***" in kept
    is_hidden(report, kept)
