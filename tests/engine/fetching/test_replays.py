"""What a fetch found is found again: on its kept snapshot, and where the server says that nothing has changed."""

import hashlib
import io
import json
import zipfile
from urllib.parse import parse_qsl, urlsplit

import pytest

from potable.engine import Engine
from potable.engine.errors import UsageError

BODY = b"id,n\n1,a\n2,b\n"


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.fixture
def catalog(tmp_path):
    """``catalog(id, **definition)`` writes a definition; gives an engine over all of them that keeps snapshots."""
    folder = tmp_path / "catalog"
    folder.mkdir()

    def write(resource_id, **definition):
        (folder / f"{resource_id}.json").write_text(json.dumps({"resourceID": resource_id, **definition}))
        hosts, kept = ["127.0.0.0/8"], tmp_path / "kept"
        return Engine(catalog=folder, allow_hosts=hosts, snapshots=kept, without=["checkers"])

    return write


def tagged(body, etag='"1"'):
    """A handler that knows conditional requests."""

    def handler(call):
        if call.headers.get("if-none-match") == etag:
            return call.answer(b"", "304 Same", ETag=etag)
        return call.answer(body, ETag=etag)

    return handler


def told(report):
    """Verdict and findings, but for the note that nothing has changed."""
    data = report.to_dict()
    return data["verdict"], [f for f in data["findings"] if f["code"] != "access/not-modified"]


def codes(report):
    return {f.code: f.count for f in report.findings}


def again(engine, name="S", times=1):
    """The first run, further ones, and one on the first's snapshot."""
    first = engine.run(name)
    return first, [engine.run(name) for _ in range(times)], engine.run(name, snapshot=first.source.snapshot["sha256"])


ARCHIVES = {
    "wrong hash": (zipped({"a.csv": BODY}), {"hash": "0" * 64}, {"access/checksum": 1}, "failed"),
    "wrong size": (zipped({"a.csv": BODY}), {"bytes": 5}, {"access/byte-count": 1}, "failed"),
    "other packing": (zipped({"a.csv": BODY}), {"compression": "gzip"}, {"access/compression": 1}, "inconclusive"),
    "empty member": (zipped({"a.csv": BODY, "b.csv": b""}), {}, {"access/empty": 1}, "inconclusive"),
    "all is well": (zipped({"a.csv": BODY}), {"bytes": len(zipped({"a.csv": BODY}))}, {}, "passed"),
}


@pytest.mark.parametrize("case", ARCHIVES)
def test_an_archive(case, serve, catalog):
    data, declared, found, verdict = ARCHIVES[case]
    server = serve(tagged(data))
    engine = catalog("S", ingestMethod="CSV", ingestURL=server.url("/data.zip"), **declared)
    first, (second,), replayed = again(engine)
    assert (codes(first), first.verdict) == (found, verdict)
    assert codes(second) == {**found, "access/not-modified": 1}
    assert told(second) == told(first)
    assert told(replayed) == told(first)
    assert json.dumps(told(replayed)) == json.dumps(told(first))
    assert [c.headers.get("if-none-match") for c in server.calls] == [None, '"1"']


def test_declarations_are_those_of_now(serve, catalog):
    """They are compared with the archive as it came, not with what was in it."""
    data = zipped({"a.csv": BODY})
    url = serve(tagged(data)).url("/data.zip")
    right = {"ingestMethod": "CSV", "ingestURL": url, "bytes": len(data), "hash": hashlib.md5(data).hexdigest()}
    first = catalog("S", **right).run("S")
    assert codes(first) == {}
    changed = catalog("S", **{**right, "bytes": len(BODY), "hash": hashlib.sha256(BODY).hexdigest()})
    wrong = {"access/byte-count": 1, "access/checksum": 1}
    assert codes(changed.run("S")) == {**wrong, "access/not-modified": 1}
    assert codes(changed.run("S", snapshot=first.source.snapshot["sha256"])) == wrong
    for digest in (hashlib.sha1, hashlib.sha512):
        mended = catalog("S", **{**right, "hash": digest(data).hexdigest()})
        assert codes(mended.run("S", snapshot=first.source.snapshot["sha256"])) == {}


def test_a_list_without_all_of_its_details(serve, catalog):
    def handler(call):
        if call.path == "/list":
            return call.answer(json.dumps([{"id": n} for n in range(50)]).encode(), ETag='"1"')
        gone = int(call.path[1:]) % 2
        return call.answer(b"gone", "404 Gone") if gone else call.answer(b'{"x": 1}')

    server = serve(handler)
    engine = catalog("S", ingestMethod="JSON", ingestURL=server.url("/list"), idJsonPath="id", mergeFieldName="more",
                     mergeIngestURLTemplate=server.url("/${id}"))  # fmt: skip
    first, _, replayed = again(engine, times=0)
    assert codes(first) == {"access/no-details": 25}
    assert told(replayed) == told(first)
    assert (replayed.verdict, replayed.counts.records_with_errors) == ("failed", 25)
    assert len(replayed.findings[0].samples) == 20


def test_a_repository_with_faults(serve, catalog):
    def record(n, status="", stamp="2024-01-01"):
        head = f"<header{status}><identifier>{n}</identifier><datestamp>{stamp}</datestamp></header>"
        return f"<record>{head}{'' if status else '<metadata><t>x</t></metadata>'}</record>\n"

    gone = ' status="deleted"'
    records = record(1) + record(2, gone) + record(3, stamp="2024-02-30") + record(4, gone)
    page = (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z</responseDate>'
        f'<ListRecords>{records}<resumptionToken completeListSize="500"/></ListRecords></OAI-PMH>'
    ).encode()
    engine = catalog(
        "S", ingestMethod="OAI", ingestURL=serve(lambda call: call.answer(page)).url("/oai"), sleepTimeSecs=0
    )
    first, _, replayed = again(engine, times=0)
    assert codes(first) == {"oai/incomplete-list": 1, "oai/deleted-records": 2, "oai/datestamp": 1}
    assert first.verdict == "failed"
    assert told(replayed) == told(first)


def test_what_the_way_there_has_is_counted_once(serve, catalog):
    """A redirect is met again when the server is asked whether anything has changed."""
    there = serve(tagged(BODY))
    here = serve(lambda call: call.redirect(there.url("/new.csv", host="localhost")))
    engine = catalog("S", ingestMethod="CSV", ingestURL=here.url())
    first, later, replayed = again(engine, times=2)
    assert codes(first) == {"access/redirected-host": 1}
    for second in later:
        assert codes(second) == {"access/redirected-host": 1, "access/not-modified": 1}
        assert told(second) == told(first)
    assert told(replayed) == told(first)


def test_equal_bytes_of_two_sources_are_two_sources(serve, catalog):
    """Neither sends the other's ETag: what the server would say to it holds for other bytes."""
    tags = {"/a.csv": '"1"', "/b.csv": '"2"'}
    bodies = dict.fromkeys(tags, BODY)

    def handler(call):
        return tagged(bodies[call.path], tags[call.path])(call)

    server = serve(handler)
    for name in "ab":
        engine = catalog(name.upper(), ingestMethod="CSV", ingestURL=server.url(f"/{name}.csv"))
    for name in "AB":
        engine.run(name)
    bodies["/b.csv"], tags["/b.csv"] = b"id,n\n1,changed\n", '"1"'
    changed = engine.run("B")
    assert [c.headers.get("if-none-match") for c in server.calls] == [None, None, '"2"']
    assert (changed.counts.records, codes(changed)) == (1, {})
    assert changed.source.snapshot["sha256"] == hashlib.sha256(bodies["/b.csv"]).hexdigest()


def test_a_new_tag_over_equal_bytes_is_the_one_to_ask_with(serve, catalog):
    tag = ['"1"']
    server = serve(lambda call: tagged(BODY, tag[0])(call))
    engine = catalog("S", ingestMethod="CSV", ingestURL=server.url())
    engine.run("S")
    tag[0] = '"2"'
    assert codes(engine.run("S")) == {}
    assert codes(engine.run("S")) == {"access/not-modified": 1}
    assert [c.headers.get("if-none-match") for c in server.calls] == [None, '"1"', '"2"']


def test_another_user_is_another_place(serve, catalog):
    server = serve(tagged(BODY))
    for user in ("one", "two"):
        catalog("S", ingestMethod="CSV", ingestURL=server.url(), username=user, password="x").run("S")
    assert [c.headers.get("if-none-match") for c in server.calls] == [None, None]


def test_a_cache_that_is_not_wanted(serve, catalog):
    server = serve(tagged(BODY))
    engine = catalog("S", ingestMethod="CSV", ingestURL=server.url(), useCache=False)
    first, _, replayed = again(engine)
    assert [c.headers.get("if-none-match") for c in server.calls] == [None, None]
    assert told(replayed) == told(first)


def test_another_sources_snapshot_is_not_run_on(serve, catalog):
    """Nobody's values come under the name of a source that may show them."""
    server = serve(lambda call: call.answer(BODY if call.path == "/a.csv" else b"id,n\n1,z\n"))
    catalog("open", ingestMethod="CSV", ingestURL=server.url("/b.csv"))
    engine = catalog("private", ingestMethod="CSV", ingestURL=server.url("/a.csv"), values="none")
    theirs = engine.run("private").source.snapshot["sha256"]
    with pytest.raises(UsageError, match="is of the source private, not of open"):
        engine.run("open", snapshot=theirs)


@pytest.fixture
def rotten(serve, catalog, tmp_path):
    """An engine with a kept snapshot in which a bit has turned, its hash, and the server."""
    server = serve(tagged(BODY))
    engine = catalog("S", ingestMethod="CSV", ingestURL=server.url())
    digest = engine.run("S").source.snapshot["sha256"]
    (blob,) = (tmp_path / "kept" / "bytes").iterdir()
    blob.write_bytes(BODY.replace(b"a", b"!"))
    return engine, digest, server


def test_rotten_bytes_are_downloaded_again(rotten):
    engine, digest, server = rotten
    report = engine.run("S")
    assert (report.source.snapshot["sha256"], codes(report)) == (digest, {})
    assert [c.headers.get("if-none-match") for c in server.calls] == [None, None]
    assert codes(engine.run("S")) == {"access/not-modified": 1}


def test_rotten_bytes_are_never_run_on(rotten):
    engine, digest, _ = rotten
    with pytest.raises(UsageError, match=r"is damaged: the bytes of data\.csv aren't those of their SHA-256"):
        engine.run("S", snapshot=digest)


def test_a_sample_is_never_kept(serve, catalog):
    """Only as much as it takes was fetched: it isn't the source."""

    def handler(call):
        start = int(dict(parse_qsl(urlsplit(call.path).query))["start"])
        call.answer(json.dumps([{"id": n} for n in range(start, min(start + 10, 45))]).encode())

    server = serve(handler)
    engine = catalog("S", ingestMethod="JSON", ingestURL=server.url(), offsetParam="start", limitParam="rows",
                     limitValue=10)  # fmt: skip
    sample = engine.run("S", limit_records=15)
    assert (sample.counts.records, sample.source.snapshot["parts"], sample.source.snapshot["partial"]) == (15, 2, True)
    with pytest.raises(UsageError, match="no snapshot"):
        engine.run("S", snapshot=sample.source.snapshot["sha256"])
    whole = engine.run("S")
    assert (whole.counts.records, whole.source.snapshot["partial"]) == (45, False)


def test_pages_are_asked_for_one_by_one(serve, catalog):
    rows = [{"id": n} for n in range(25)]
    tags = {0: '"a"', 10: '"b"', 20: '"c"'}

    def handler(call):
        start = int(dict(parse_qsl(urlsplit(call.path).query))["start"])
        body = json.dumps({"total": 30, "items": rows[start : start + 10]}).encode()
        return tagged(body, tags[start])(call)

    server = serve(handler)
    engine = catalog("S", ingestMethod="JSON", ingestURL=server.url("/p"), offsetParam="start", limitParam="rows",
                     limitValue=10, documentElement="items")  # fmt: skip
    first, (second,), replayed = again(engine)
    assert codes(first) == {"access/incomplete-pages": 1}
    assert codes(second) == {"access/incomplete-pages": 1, "access/not-modified": 1}
    assert told(second) == told(first) == told(replayed)
    assert second.source.snapshot["sha256"] == first.source.snapshot["sha256"]
    assert [c.headers.get("if-none-match") for c in server.calls] == [None] * 3 + list(tags.values())
    rows[12], tags[10] = {"id": 99}, '"b2"'
    third = engine.run("S")
    assert codes(third) == {"access/incomplete-pages": 1}
    assert third.source.snapshot["sha256"] != first.source.snapshot["sha256"]
    assert codes(engine.run("S"))["access/not-modified"] == 1
    assert [c.headers.get("if-none-match") for c in server.calls[9:]] == ['"a"', '"b2"', '"c"']


def test_the_files_of_a_web_folder_are_asked_for_one_by_one(serve, catalog):
    tags, links = {"/a.xml": '"a"', "/b.xml": '"b"'}, ["a.xml", "b.xml"]

    def handler(call):
        if call.path == "/":
            return call.answer(("<html>" + "".join(f'<a href="{name}">x</a>' for name in links)).encode())
        return tagged(f"<r><x>{tags[call.path]}</x></r>".encode(), tags[call.path])(call)

    server = serve(handler)
    engine = catalog("S", ingestMethod="WAF", ingestURL=server.url("/"), documentElement="x")
    first, (second,), replayed = again(engine)
    assert (codes(first), codes(second)) == ({}, {"access/not-modified": 1})
    assert told(second) == told(first) == told(replayed)
    assert second.source.snapshot["sha256"] == first.source.snapshot["sha256"]
    assert [c.headers.get("if-none-match") for c in server.calls] == [None, None, None, None, '"a"', '"b"']
    tags["/b.xml"] = '"b2"'
    assert codes(engine.run("S")) == {}
    assert codes(engine.run("S")) == {"access/not-modified": 1}
    links.pop()  # a file that is gone
    third = engine.run("S")
    assert (codes(third), third.source.snapshot["parts"]) == ({}, 1)
