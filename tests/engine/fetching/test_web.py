"""One GET into the scratch folder, and what becomes of it."""

import hashlib
import os
from dataclasses import replace

import pytest
from tests.loopback import serving

from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.errors import EngineFault
from potable.engine.fetching.web import HttpFetcher, part_name
from potable.engine.limits import Limits

BODY = b"a,b\n" + b"1,2\n" * 100_000


@pytest.fixture
def fetch(source, context, client):
    def fetch(url, into=None, **limits):
        lent = into or context(http=client(**limits))
        return HttpFetcher().fetch(source(url), lent)

    return fetch


def test_a_source_is_fetched_into_the_scratch_folder(serve, fetch, context, client):
    server = serve(
        lambda call: call.answer(
            BODY, Content_Type='Text/CSV; charset="UTF-8"', ETag='"1"', Last_Modified="Thu, 01 Jan 2026 12:00:00 GMT",
            Set_Cookie="session=s3cr3t",
        )
    )  # fmt: skip
    into = context(http=client())
    snapshot = fetch(server.url("/export/data%20set.csv?api_key=s3cr3t&x=1"), into)
    (part,) = snapshot.parts
    assert part.name == "data set.csv"
    assert part.path.read_bytes() == BODY
    assert part.path.parent == into.scratch
    assert (part.bytes, part.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())
    assert snapshot.sha256 == part.sha256
    assert (part.media_type, part.charset) == ("text/csv", "utf-8")
    assert part.url == server.url("/export/data%20set.csv?api_key=***&x=1")
    assert part.headers["etag"] == '"1"'
    assert (snapshot.etag, snapshot.last_modified) == ('"1"', "Thu, 01 Jan 2026 12:00:00 GMT")
    assert (snapshot.not_modified, snapshot.details) == (False, {"status": 200})
    assert "s3cr3t" not in repr(snapshot)
    assert into.steps[0] == (0, len(BODY))
    assert into.steps[-1] == (len(BODY), len(BODY))
    assert [done for done, _ in into.steps] == sorted(done for done, _ in into.steps)


def test_a_header_that_says_nothing(serve, fetch):
    snapshot = fetch(serve(lambda call: call.answer(BODY)).url())
    assert (snapshot.parts[0].media_type, snapshot.parts[0].charset) == (None, None)


def test_the_final_address_is_kept(serve, fetch):
    server = serve(lambda call: call.answer(BODY) if call.path == "/b" else call.redirect("/b"))
    snapshot = fetch(server.url("/a.csv"))
    assert snapshot.details == {"status": 200, "finalURL": server.url("/b")}
    assert (snapshot.parts[0].name, snapshot.parts[0].url) == ("a.csv", server.url("/a.csv"))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.org/a/data.csv", "data.csv"),
        ("https://example.org/a/data.csv?x=/y.csv#z", "data.csv"),
        ("https://example.org/a/", "a"),
        ("https://user:pw@example.org:8080", "example.org"),
        ("https://example.org/..", "example.org"),
        ("https://example.org/%2e%2e", "example.org"),
        ("https://example.org/a%2Fb%00c.csv", "a_b_c.csv"),
        ("https://example.org/" + "x" * 500, "x" * 200),
        ("https://example.org/ü.csv", "ü.csv"),
    ],
)
def test_names_of_parts(url, name):
    assert part_name(url) == name


@pytest.mark.parametrize("status", ["200 OK", "204 None"])
def test_an_empty_answer(status, serve, fetch, fault_of, context, client):
    into = context(http=client())
    found = fault_of(fetch, serve(lambda call: call.answer(b"", status)).url(), into)
    assert found.code == "access/empty"
    assert list(into.scratch.iterdir()) == []


@pytest.mark.parametrize("etag", [None, '"1"'], ids=["started again", "resumed"])
def test_a_broken_transfer_leaves_the_whole_file(etag, serve, fetch):
    def handler(call):
        tag = f"ETag: {etag}\r\n" if etag else ""
        if call.number < 3:
            return call.send(
                f"HTTP/1.1 200 OK\r\nContent-Length: {len(BODY)}\r\n{tag}\r\n".encode() + BODY[: 70_000 * call.number]
            )
        return call.answer(BODY, **({"ETag": etag} if etag else {}))

    server = serve(handler)
    (part,) = fetch(server.url()).parts
    assert part.path.read_bytes() == BODY
    assert part.sha256 == hashlib.sha256(BODY).hexdigest()
    assert len(server.calls) == 3


def test_a_source_that_changes_while_it_breaks_off_is_fetched_anew(serve, fetch):
    def handler(call):
        if call.number == 1:
            return call.send(
                f'HTTP/1.1 200 OK\r\nContent-Length: {len(BODY)}\r\nETag: "1"\r\n\r\n'.encode() + BODY[:70_000]
            )
        return call.answer(BODY[::-1], ETag='"2"')

    (part,) = fetch(serve(handler).url()).parts
    assert part.path.read_bytes() == BODY[::-1]


def test_a_transfer_that_always_breaks_off(serve, fetch, fault_of, context, client):
    server = serve(lambda call: call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc"))
    into = context(http=client())
    found = fault_of(fetch, server.url(), into)
    assert (found.code, len(server.calls)) == ("access/truncated", 3)
    assert list(into.scratch.iterdir()) == []


def test_a_body_past_the_cap_leaves_nothing(serve, fetch, fault_of, context, client):
    into = context(http=client(fetch_bytes=100_000))
    server = serve(lambda call: call.send(b"HTTP/1.0 200 OK\r\n\r\n" + BODY))
    assert fault_of(fetch, server.url(), into).code == "access/too-large"
    assert list(into.scratch.iterdir()) == []


def test_bytes_that_have_to_come_again_do_not_count_twice(serve, fetch):
    def handler(call):
        if call.number < 3:
            return call.send(f"HTTP/1.1 200 OK\r\nContent-Length: {len(BODY)}\r\n\r\n".encode() + BODY[:-70_000])
        return call.answer(BODY)

    assert fetch(serve(handler).url(), fetch_bytes=len(BODY)).bytes == len(BODY)


def test_a_scratch_folder_that_cannot_be_written_to_is_the_engines_fault(serve, source, context, client):
    into = context(http=client())
    into.scratch.rmdir()
    server = serve(lambda call: call.answer(BODY))
    with pytest.raises(EngineFault, match="scratch folder"):
        HttpFetcher().fetch(source(server.url()), into)


@pytest.fixture
def kept(tmp_path):
    path = tmp_path / "kept"
    path.write_bytes(BODY)
    part = Part(name="data.csv", path=path, bytes=len(BODY), sha256="0" * 64, url="http://x/data.csv")
    return Snapshot(
        parts=(part,), fetched="2026-01-01T00:00:00Z", etag='"1"', last_modified="Thu, 01 Jan 2026 12:00:00 GMT"
    )


def test_an_unchanged_source_is_not_fetched_again(serve, fetch, context, client, kept):
    server = serve(lambda call: call.answer(b"", "304 Same"))
    into = context(http=client(), previous=kept)
    snapshot = fetch(server.url(), into)
    assert server.calls[0].headers["if-none-match"] == '"1"'
    assert server.calls[0].headers["if-modified-since"] == "Thu, 01 Jan 2026 12:00:00 GMT"
    assert (snapshot.parts, snapshot.not_modified, snapshot.fetched) == (kept.parts, True, kept.fetched)
    [said] = into.said
    assert (said.code, said.message) == (
        "access/not-modified", f"{server.url()}: unchanged since it was fetched, 2026-01-01T00:00:00Z",
    )  # fmt: skip
    assert into.steps == [(len(BODY), len(BODY))]


def test_a_changed_source_is_fetched(serve, fetch, context, client, kept):
    server = serve(lambda call: call.answer(b"new", ETag='"2"'))
    into = context(http=client(), previous=kept)
    snapshot = fetch(server.url(), into)
    assert (snapshot.etag, snapshot.bytes, snapshot.not_modified, into.said) == ('"2"', 3, False, [])


@pytest.mark.parametrize("lost", ["file", "size", "tags"])
def test_without_the_kept_bytes_the_source_is_fetched(lost, serve, fetch, context, client, kept):
    if lost == "file":
        kept.parts[0].path.unlink()
    elif lost == "size":
        kept.parts[0].path.write_bytes(b"cut")
    else:
        kept = replace(kept, etag=None, last_modified=None)
    server = serve(lambda call: call.answer(BODY))
    snapshot = fetch(server.url(), context(http=client(), previous=kept))
    assert not set(server.calls[0].headers) & {"if-none-match", "if-modified-since"}
    assert snapshot.bytes == len(BODY)


def test_a_server_written_by_others(tmp_path, fetch, context, client):
    """Python's own: HTTP/1.0, Last-Modified, conditional requests by date."""
    (tmp_path / "data.csv").write_bytes(BODY)
    os.utime(tmp_path / "data.csv", (1_700_000_000, 1_700_000_000))

    with serving(tmp_path) as address:
        first = fetch(f"{address}/data.csv")
        assert first.parts[0].path.read_bytes() == BODY
        assert (first.parts[0].media_type, first.last_modified) == ("text/csv", "Tue, 14 Nov 2023 22:13:20 GMT")
        again = fetch(f"{address}/data.csv", context(http=client(), previous=first))
        assert (again.not_modified, again.sha256) == (True, first.sha256)


def test_limits_are_the_contexts(serve, source, context, client):
    server = serve(lambda call: call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc"))
    with pytest.raises(Exception, match="access/truncated"):
        HttpFetcher().fetch(source(server.url()), context(Limits(attempts=2), http=client(attempts=2)))
    assert len(server.calls) == 2
