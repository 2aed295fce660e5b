"""Answers without a length: what can and what can't be said of their end."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potable.engine import Engine
from potable.engine.contracts.report import Report
from potable.engine.reporting.facts import unchecked

ROWS = b"id,name\n" + b"".join(b"%d,name %d\n" % (n, n) for n in range(100))
LINES = b"".join(b'{"id": %d}\n' % n for n in range(100))

NOTHING: tuple[list[str], bool] = ([], False)
DOUBT = (["access/unproven-end"], False)
UNKNOWN: tuple[list[str], bool] = ([], True)


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., Report]:
    def check(url: str, **members: Any) -> Report:
        engine = Engine(limits=None, allow_hosts="127.0.0.1", without=["checkers"])
        return engine.check({"ingestMethod": "CSV", "ingestURL": url, **members})

    return check


def said(report: Report) -> tuple[list[str], bool]:
    """The codes of the end's findings, and whether it's said that it can't be told."""
    left_out = [c for c in report.coverage if "access/truncated" in c.codes and c.status == "skipped"]
    assert all(c.reason.startswith("the server announces no length: ") for c in left_out)
    return [f.code for f in report.findings if f.code == "access/unproven-end"], bool(left_out)


@pytest.mark.parametrize(
    ("method", "body", "expected"),
    [
        ("CSV", ROWS, UNKNOWN),
        ("CSV", ROWS[:-3], DOUBT),
        ("CSV", ROWS.replace(b"\n", b"\r\n")[:-4], DOUBT),
        ("CSV", b"\xff\xfe" + ROWS[:-3].decode().encode("utf-16-le"), DOUBT),
        ("CSV", b"\xff\xfe" + ROWS.decode().encode("utf-16-le"), UNKNOWN),
        ("JSONL", LINES, UNKNOWN),
        ("JSONL", LINES[:-1], UNKNOWN),
        ("JSONL", LINES[:-3], NOTHING),  # the reader tells that it was cut off
        ("JSON", LINES, UNKNOWN),
        ("JSON", b'[\n{"id": 1},\n{"id": 2}\n]', NOTHING),
        ("JSON", b'{"all": [\n{"id": 1}]\n}', NOTHING),
        ("XML", b"<all>\n<one><id>1</id></one></all>", NOTHING),
    ],
)
def test_an_answer_that_ends_with_the_connection(
    method: str, body: bytes, expected: tuple[list[str], bool], serve: Callable[..., Any], check: Callable[..., Report]
) -> None:
    server = serve(lambda call: call.send(b"HTTP/1.0 200 OK\r\n\r\n" + body))
    report = check(server.url("/data"), ingestMethod=method)
    assert said(report) == expected
    assert not any(f.code.startswith("access/") for f in report.findings if f.code != "access/unproven-end")


def test_the_finding_has_its_place_and_the_reason_stands_first(
    serve: Callable[..., Any], check: Callable[..., Report]
) -> None:
    server = serve(lambda call: call.send(b"HTTP/1.0 200 OK\r\n\r\n" + ROWS[: -3 if call.path == "/cut" else None]))
    (finding,) = check(server.url("/cut")).findings
    (sample,) = finding.samples
    assert (finding.code, finding.severity, finding.count) == ("access/unproven-end", "warning", 1)
    assert sample.location.url == server.url("/cut")
    assert sample.message.endswith("the data end within a line, perhaps too early: '99,name '")
    whole = check(server.url("/whole"))
    assert whole.verdict == "passed"
    assert unchecked(whole)[0].names == ("access/truncated",)


@pytest.mark.parametrize("head", ["Content-Length: {size}", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("body", [ROWS, ROWS[:-3]], ids=["whole", "without-line-end"])
def test_an_answer_whose_end_is_marked(
    head: str, body: bytes, serve: Callable[..., Any], check: Callable[..., Report]
) -> None:
    sent = body if "Length" in head else b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    lines = f"HTTP/1.1 200 OK\r\n{head.format(size=len(body))}\r\n\r\n".encode()
    server = serve(lambda call: call.send(lines + sent))
    assert said(check(server.url())) == NOTHING


def test_a_definition_that_knows_the_size_leaves_no_doubt(
    serve: Callable[..., Any], check: Callable[..., Report]
) -> None:
    server = serve(lambda call: call.send(b"HTTP/1.0 200 OK\r\n\r\n" + ROWS[:-3]))
    assert said(check(server.url(), bytes=len(ROWS) - 3)) == NOTHING
    short = check(server.url(), bytes=len(ROWS))
    assert [f.code for f in short.findings] == ["access/byte-count"]


def test_a_compressed_answer_shows_its_own_end(serve: Callable[..., Any], check: Callable[..., Report]) -> None:
    import gzip

    head = b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    server = serve(lambda call: call.send(head + gzip.compress(ROWS[:-3])))
    assert said(check(server.url())) == NOTHING


@pytest.mark.parametrize("in_order", [True, False], ids=["closed", "torn"])
def test_tls_tells_an_end_from_a_break(
    in_order: bool, serve: Callable[..., Any], check: Callable[..., Report], monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    def answer(call: Any) -> None:
        call.send(b"HTTP/1.0 200 OK\r\n\r\n" + ROWS[:-3])
        if in_order:
            call.sock.unwrap()

    assert said(check(serve(answer, context).url())) == (NOTHING if in_order else DOUBT)
