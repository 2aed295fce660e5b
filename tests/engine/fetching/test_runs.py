"""Whole runs over sources on the web: what is fetched is read, and counted right."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from potable.engine import Engine, Limits

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"


@pytest.fixture
def run():
    """``run(definition)``: its report, fetched over loopback."""
    engine = Engine(allow_hosts=["127.0.0.0/8"])

    def run(limit_records=None, **definition):
        return engine.check(definition, limit_records=limit_records)

    return run


def codes(report):
    return {f.code: f.count for f in report.findings}


def query(call):
    return dict(parse_qsl(urlsplit(call.path).query))


def oai_page(numbers, deleted=(), token=""):
    def record(n):
        if n in deleted:
            header = f'<header status="deleted"><identifier>{n}</identifier><datestamp>2024-01-01</datestamp></header>'
            return f"<record>{header}</record>\n"
        header = f"<header><identifier>{n}</identifier><datestamp>2024-01-01</datestamp></header>"
        return f"<record>{header}<metadata><dc><title>t{n}</title></dc></metadata></record>\n"

    body = "".join(map(record, numbers))
    return (
        f'<?xml version="1.0"?>\n<OAI-PMH xmlns="{NAMESPACE}"><responseDate>2026-01-01T00:00:00Z</responseDate>\n'
        f"<ListRecords>\n{body}<resumptionToken>{token}</resumptionToken></ListRecords></OAI-PMH>"
    ).encode()


def harvested(serve, run, *pages, content_type="text/xml", **definition):
    """The report of a harvest of these pages, one after the other."""

    def handler(call):
        call.answer(pages[int(query(call).get("resumptionToken") or 0)], content_type=content_type)

    return run(ingestMethod="OAI", ingestURL=serve(handler).url("/oai"), sleepTimeSecs=0, **definition)


@pytest.mark.parametrize(
    ("fault", "code", "at"),
    [
        (b"t\x0b4", "xml/syntax", 1),
        (b"t&nbsp;4", "xml/entity", 1),
        (b"t & 4", "xml/syntax", 2),
        (b"t<4", "xml/syntax", 1),
    ],
)
def test_a_page_that_isnt_well_formed_is_read_up_to_there(fault, code, at, serve, run):
    bad = oai_page([3, 4], token="2").replace(b"t4", fault)
    report = harvested(serve, run, oai_page([1, 2], token="1"), bad, oai_page([5]))
    assert (report.verdict, report.counts.records, codes(report)) == ("inconclusive", 3, {code: 1})
    (place,) = [s.location for f in report.findings for s in f.samples]
    assert (place.file, place.line, place.byte) == ("records-0002.xml", 5, bad.index(fault) + at)


@pytest.mark.parametrize("end", [30, 100, 150, 200])
def test_a_page_that_breaks_off_is_read_up_to_there(end, serve, run):
    whole = oai_page([3, 4])
    report = harvested(serve, run, oai_page([1, 2], token="1"), whole[:-end])
    assert (report.verdict, codes(report)) == ("inconclusive", {"xml/syntax": 1})
    assert report.counts.records == 2 + whole[:-end].count(b"</record>")


def test_a_page_with_bytes_that_arent_in_its_encoding_is_read_to_its_end(serve, run):
    bad = oai_page([1, 2], token="1").replace(b"t2", b"t\xe92")
    report = harvested(serve, run, bad, oai_page([3]))
    assert (report.verdict, report.counts.records, codes(report)) == ("failed", 3, {"encoding/invalid": 1})


@pytest.mark.parametrize(
    ("content_type", "definition"),
    [("text/xml; charset=iso-8859-1", {}), ("text/xml", {"encoding": "iso-8859-1"})],
)
def test_pages_are_in_the_encoding_that_the_server_or_the_definition_says(content_type, definition, serve, run):
    page = oai_page([1, 2]).replace(b"t2", b"t\xe92")
    report = harvested(serve, run, page, content_type=content_type, **definition)
    assert (report.verdict, report.counts.records, codes(report)) == ("passed", 2, {})


@pytest.mark.parametrize(("deleted", "words"), [({1, 2}, "but 2 deleted ones"), ((), "in its list")])
def test_a_list_without_any_record_that_stands(deleted, words, serve, run):
    report = harvested(serve, run, oai_page(deleted, deleted))
    assert report.verdict == "inconclusive"
    assert codes(report) == {"access/empty": 1, **({"oai/deleted-records": 2} if deleted else {})}
    assert words in report.findings[0].samples[0].message


def test_deleted_records_are_counted_by_their_finding_alone(serve, run):
    def handler(call):
        first = "resumptionToken" not in query(call)
        call.answer(oai_page(range(1, 6), {2, 3}, "more") if first else oai_page(range(6, 9), {6}))

    report = run(
        ingestMethod="OAI", ingestURL=serve(handler).url("/oai"), sleepTimeSecs=0,
    )  # fmt: skip
    assert report.counts.records == 5
    assert codes(report) == {"oai/deleted-records": 3}
    (deleted,) = [f for f in report.findings if f.code == "oai/deleted-records"]
    assert [(s.key, s.location.file, s.location.line) for s in deleted.samples] == [
        ("2", "records-0001.xml", 5), ("3", "records-0001.xml", 6), ("6", "records-0002.xml", 4)
    ]  # fmt: skip


def test_a_token_loop_makes_the_run_inconclusive(serve, run):
    server = serve(lambda call: call.answer(oai_page([1], token="again")))
    report = run(ingestMethod="OAI", ingestURL=server.url("/oai"), sleepTimeSecs=0)
    assert (report.verdict, codes(report)) == ("inconclusive", {"oai/bad-token": 1})
    assert len(server.calls) == 2


@pytest.mark.parametrize(
    ("limits", "inside", "code", "begins"),
    [
        (Limits(), "x" * 10_000_001, "xml/too-large-node", "<title>"),
        (Limits(), f"<![CDATA[{'x' * 10_000_001}]]>", "xml/too-large-node", "<title>"),
        (Limits(), f"<!--{'x' * 10_000_001}-->", "xml/too-large-node", "<!--"),
        (Limits(), "<b>" * 251 + "</b>" * 251, "xml/too-deep", "</b>"),
        (Limits(), "<b>" * 3000 + "</b>" * 3000, "xml/too-deep", None),
        (Limits(record_bytes=300_000), "<b>x</b>" * 100_000, "xml/long-record", "<record>"),
        (Limits(record_bytes=300_000), "x" * 1_000_000, "xml/long-record", "<record>"),
    ],
)
def test_what_is_too_large_in_a_repository_is_told_by_its_reader(serve, limits, inside, code, begins):
    second = oai_page([3, 4]).replace(b"t4", inside.encode())

    def handler(call):
        call.answer(oai_page([1, 2], token="more") if "resumptionToken" not in query(call) else second)

    engine = Engine(allow_hosts=["127.0.0.0/8"], limits=limits)
    report = engine.check({"ingestMethod": "OAI", "ingestURL": serve(handler).url("/oai"), "sleepTimeSecs": 0})
    assert (report.verdict, report.counts.records, codes(report)) == ("inconclusive", 3, {code: 1})
    at = report.findings[0].samples[0].location
    text = second.decode()
    byte = text.rindex(begins, 0, text.index("</title></dc></metadata></record>\n<res")) if begins else at.byte
    if begins == "</b>":
        byte = text.index("</b>") - 3
    assert (at.file, at.line, at.byte) == ("records-0002.xml", 5, byte)
    assert at.column == byte - text.rindex("\n", 0, byte)
    assert at.url is not None
    assert "resumptionToken=more" in at.url


def test_a_sample_of_a_repository_is_one(serve, run):
    def handler(call):
        start = int(query(call).get("resumptionToken", "1"))
        call.answer(oai_page(range(start, start + 10), token=str(start + 10)))

    server = serve(handler)
    report = run(limit_records=15, ingestMethod="OAI", ingestURL=server.url("/oai"), sleepTimeSecs=0)
    assert (report.counts.records, report.source.sample["size"]) == (15, 15)
    assert len(server.calls) == 2


def test_xml_in_pages(serve, run):
    def handler(call):
        asked = query(call)
        start = int(asked["start"])
        rows = "".join(f"<rec><id>{n}</id></rec>\n" for n in range(start, min(start + 10, 25)))
        call.answer(f'<?xml version="1.0"?><all at="{start}">\n{rows}</all>'.encode())

    server = serve(handler)
    report = run(
        ingestMethod="XML", ingestURL=server.url("/x"), topElement="all", documentElement="rec",
        offsetParam="start", limitParam="rows", limitValue=10, primaryKey=["$.rec.id.'_$'"],
    )  # fmt: skip
    assert (report.verdict, report.counts.records, report.source.snapshot["parts"]) == ("passed", 25, 3)
    assert len(server.calls) == 3


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_a_server_that_ignores_the_offset(kind, serve, run):
    def handler(call):
        told = query(call)["start"]
        if kind == "xml":
            rows = "".join(f"<rec><id>{n}</id></rec>" for n in range(10))
            return call.answer(f'<?xml version="1.0"?><all at="{told}">{rows}</all>'.encode())
        return call.answer(json.dumps({"at": told, "rec": [{"id": n} for n in range(10)]}).encode())

    server = serve(handler)
    report = run(
        ingestMethod="WEB", parserType=kind, ingestURL=server.url("/x"), documentElement="rec",
        offsetParam="start", limitParam="rows", limitValue=10,
    )  # fmt: skip
    assert (report.verdict, codes(report)) == ("inconclusive", {"access/endless-pages": 1})
    assert len(server.calls) == 2


def test_a_place_in_a_page_names_its_url(serve, run):
    def handler(call):
        start = int(query(call)["o"])
        rows = [{"id": n} for n in range(start, min(start + 10, 15))]
        rows += [{"id": 12}] if start else []
        call.answer(json.dumps(rows, indent=0).encode())

    server = serve(handler)
    report = run(
        ingestMethod="JSON", ingestURL=server.url("/x"), offsetParam="o", limitParam="l", limitValue=10,
        filterJsonPath="$.id", filterValue="re::^1",
    )  # fmt: skip
    assert (report.counts.records, report.metrics["leftOut"]) == (7, 9)


def test_details_that_are_missing_are_errors_of_their_records(serve, run):
    def handler(call):
        if call.path == "/list":
            return call.answer(b'[{"id": 1}, {"id": 2}]')
        return call.answer(b'{"x": 1}') if call.path == "/1" else call.answer(b"gone", "410 Gone")

    server = serve(handler)
    report = run(
        ingestMethod="JSON", ingestURL=server.url("/list"), idJsonPath="id", mergeFieldName="more",
        mergeIngestURLTemplate=server.url("/${id}"),
    )  # fmt: skip
    assert (report.verdict, codes(report)) == ("failed", {"access/no-details": 1})
    assert (report.counts.records, report.counts.records_with_errors) == (2, 1)
    assert report.findings[0].samples[0].location.record == 2


def test_a_feed(serve, run):
    body = b"<rss version='2.0'><channel><title>t</title><item><guid>1</guid><title>a</title></item></channel></rss>"
    report = run(ingestMethod="RSS", ingestURL=serve(lambda call: call.answer(body)).url("/news"))
    assert (report.verdict, report.counts.records) == ("passed", 1)


def test_a_web_folder(serve, run):
    def handler(call):
        page = b'<html><title>Index</title><a href="b.xml">b</a><a href="a.xml">a</a></html>'
        call.answer(page if call.path == "/" else b"<all><rec><id>1</id></rec></all>")

    report = run(ingestMethod="WAF", ingestURL=serve(handler).url("/"), topElement="all", documentElement="rec")
    assert (report.verdict, report.counts.records, report.source.snapshot["parts"]) == ("passed", 2, 2)
