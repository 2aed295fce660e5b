"""Answers that are only the first page of several, though nobody asked for pages."""

import gzip
import json

import pytest

from potable.engine import Engine
from potable.engine.contracts.snapshot import Part
from potable.engine.definition.parse import from_mapping
from potable.engine.fetching.pages.totals import announced
from potable.engine.limits import Limits

RECORDS = [{"id": n} for n in range(10)]


@pytest.fixture
def check(serve):
    """``check(body, headers, **definition)``: the report on a source that answers so."""
    engine = Engine(allow_hosts=["127.0.0.0/8"])

    def check(body, headers=None, limit_records=None, **definition):
        server = serve(lambda call: call.answer(body, **(headers or {})))
        given = {"ingestMethod": "JSON", "documentElement": "items"} if "ingestMethod" not in definition else {}
        return engine.check({**given, **definition, "ingestURL": server.url("/api")}, limit_records=limit_records)

    return check


def page(**beside):
    return json.dumps({**beside, "items": RECORDS}).encode()


@pytest.mark.parametrize(
    ("beside", "path"),
    [
        ({"next": "https://example.org/api?page=2"}, "/next"),
        ({"@odata.nextLink": "https://example.org/api?$skip=10"}, "/@odata.nextLink"),
        ({"links": {"self": "/api", "next": {"href": "/api?page=2"}}}, "/links/next"),
        ({"_links": {"next": {"href": "/api?page=2"}}}, "/_links/next"),
        ({"paging": {"next_cursor": "abc"}}, "/paging/next_cursor"),
        ({"pageInfo": {"hasNextPage": True}}, "/pageInfo/hasNextPage"),
        ({"nextPageToken": "abc"}, "/nextPageToken"),
        ({"has_more": True}, "/has_more"),
        ({"links": [{"rel": "self", "href": "/api"}, {"href": "/api?p=2", "rel": "next"}]}, "/links/1"),
        ({"link": [{"relation": "next", "url": "https://example.org/api?page=2"}]}, "/link/0"),
        ({"meta": {"count": 10, "next_cursor": "abc"}}, "/meta/next_cursor"),
    ],
)
def test_a_next_page_is_named(beside, path, check):
    report = check(page(**beside))
    assert (report.verdict, report.counts.records) == ("failed", 10)
    (found,) = report.findings
    assert (found.code, found.count) == ("access/incomplete-pages", 1)
    assert found.samples[0].message == (
        f"10 records came in one answer, and the member {path} says that there's a next page"
    )
    assert (found.samples[0].location.file, found.samples[0].location.path) == ("api", path)
    assert "offsetParam" in found.hint


@pytest.mark.parametrize(
    ("beside", "where"),
    [
        ({"totalCount": 200}, "the member /totalCount"),
        ({"count": 200, "next": "/api?page=2"}, "the member /count"),
        ({"total": 200}, "the member /total"),
        ({"meta": {"total": 200}}, "the member /meta/total"),
        ({"numberReturned": 10, "numberMatched": 200}, "the member /numberMatched"),
        ({"context": {"returned": 10, "matched": 200}}, "the member /context/matched"),
        ({"data": 1, "pagination": {"count": 200}}, "the member /pagination/count"),
    ],
)
def test_more_records_are_announced(beside, where, check):
    report = check(page(**beside))
    (found,) = report.findings
    assert (report.verdict, found.code) == ("failed", "access/incomplete-pages")
    assert found.samples[0].message == f"10 records came in one answer, and {where} announces 200"
    assert found.details == {"announced": 200, "received": 10}


@pytest.mark.parametrize(
    "beside",
    [
        {"paging": {"next_cursor": "0"}},
        {},
        {"next": None, "links": {"next": None}, "has_more": False, "nextPageToken": ""},
        {"links": {"next": {"href": None}}, "_links": {"next": {}}},
        {"count": 10, "total": 10, "next": "/api?page=2"},
        {"total": 3},
        {"summary": {"total": 1500}, "next": []},
        {"meta": {"next_release": "2027"}},
        {"links": [{"rel": "prev", "href": "/api"}, {"rel": "next", "href": ""}, {"rel": "next"}, "next", ["next"]]},
        {"meta": {"count": 10, "total": 10, "next_cursor": "abc"}},
        {"numberMatched": 10, "links": [{"rel": "next", "href": "/api?p=2"}]},
    ],
)
def test_whole_answers_are_left_alone(beside, check):
    report = check(page(**beside))
    assert (report.verdict, report.findings) == ("passed", ())


def test_a_sum_elsewhere_is_no_number_of_records(check):
    body = json.dumps({"total": 1500, "costs": {"items": RECORDS}}).encode()
    assert check(body).findings == ()


def test_headers_tell_it_of_any_format(check):
    link = {"Link": '<https://example.org/t.csv?page=1>; rel="prev", <https://example.org/t.csv?page=3>; rel=next'}
    report = check(b"id,n\n1,a\n2,b\n", link, ingestMethod="CSV")
    assert [(f.code, f.samples[0].message) for f in report.findings] == [
        ("access/incomplete-pages", "2 records came in one answer, and the header link says that there's a next page")
    ]
    last = {"Link": '<https://example.org/t.csv?page=1>; rel="prev", <https://example.org/next>; rel="first"'}
    assert check(b"id,n\n1,a\n2,b\n", last, ingestMethod="CSV").findings == ()


def test_xml_announces_more(check):
    body = b"<list totalResults='200'><i><id>1</id></i><i><id>2</id></i></list>"
    report = check(body, ingestMethod="XML", topElement="list", documentElement="i")
    assert [f.samples[0].message for f in report.findings] == [
        "2 records came in one answer, and the attribute totalResults of list announces 200"
    ]


@pytest.mark.parametrize("entity", ['"200"', 'SYSTEM "file://{secret}"'])
def test_an_entity_announces_nothing(entity, tmp_path):
    (tmp_path / "secret").write_text("300")
    kind = entity.format(secret=tmp_path / "secret")
    body = f"<!DOCTYPE list [<!ENTITY e {kind}>]><list><total>&e;</total><count>7</count><i/></list>"
    (tmp_path / "page.xml").write_text(body)
    source = from_mapping({"ingestMethod": "XML", "ingestURL": "page.xml", "topElement": "list"}, folder=tmp_path)
    part = Part(name="page.xml", path=tmp_path / "page.xml", bytes=len(body))
    assert announced(part, source, Limits()).records == 7
    part.path.write_text(body.replace("&e;", "200"))
    assert announced(part, source, Limits()).records == 200


def test_a_sample_is_less_than_all_anyway(check):
    assert check(page(total=200, next="/api?page=2"), limit_records=5).findings == ()


def test_a_paged_source_whose_server_caps_its_pages(check):
    report = check(page(next="/api?offset=10"), offsetParam="offset", limitParam="limit", limitValue=50)
    (found,) = report.findings
    assert found.samples[0].message == ("10 records came in 1 page, and the member /next says that there's a next page")
    assert found.hint == "The server gives at most 10 records in a page, it seems: set limitValue: 10."


def test_a_long_answer_is_not_parsed_once_more(check, monkeypatch):
    monkeypatch.setattr("potable.engine.fetching.pages.further.PAGE_BYTES", 50)
    assert check(page(totalCount=200, next="/api?page=2")).findings == ()
    report = check(page(totalCount=200), {"X-Total-Count": "300"})
    assert [f.details for f in report.findings] == [{"announced": 300, "received": 10}]


def oai(token, records="<record><id>1</id></record><record><id>2</id></record>"):
    return (
        f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{records}{token}</ListRecords></OAI-PMH>\n'
    ).encode()


XML = {"ingestMethod": "XML", "documentElement": "record"}


def test_a_list_of_oai_goes_on(check):
    report = check(oai('<resumptionToken cursor="0">a|2</resumptionToken>'), **XML)
    (found,) = report.findings
    assert (report.verdict, found.code, found.count) == ("failed", "access/incomplete-pages", 1)
    assert found.samples[0].message == (
        "2 records came in one answer, and its resumptionToken says that there's a next page"
    )
    assert "ingestMethod: OAI" in found.hint


@pytest.mark.parametrize(
    "body",
    [
        oai('<resumptionToken cursor="2"/>'),
        oai("<resumptionToken> </resumptionToken>"),
        oai(""),
        oai("", "<record><id>1</id><resumptionToken>a</resumptionToken></record>"),
    ],
)
def test_the_last_list_of_oai(body, check):
    report = check(body, **XML)
    assert (report.verdict, report.findings) == ("passed", ())


FEED = """<feed xmlns="http://www.w3.org/2005/Atom">
<link rel="self" href="/feed"/>
{}<entry><id>1</id></entry><entry><id>2</id>{}</entry></feed>"""
ENTRIES = {"ingestMethod": "XML", "documentElement": "entry"}


@pytest.mark.parametrize("link", ['<link rel="next" href="/feed?p=2"/>', "<a:link href='/feed?p=2' rel = 'next' />"])
def test_a_feed_goes_on(link, check):
    body = FEED.format(link + "\n", "").replace("<feed ", '<feed xmlns:a="http://www.w3.org/2005/Atom" ').encode()
    (found,) = check(body, **ENTRIES).findings
    (sample,) = found.samples
    assert sample.message == "2 records came in one answer, and its link next says that there's a next page"
    assert (sample.location.line, sample.location.byte) == (3, body.index(link.encode()))


@pytest.mark.parametrize("links", [('<link rel="next" href=""/>', ""), ("", '<link rel="next" href="/of/entry"/>')])
def test_a_feed_that_ends(links, check):
    assert check(FEED.format(*links).encode(), **ENTRIES).findings == ()


# -- answers that were saved in files

OAI = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">\n<ListRecords>\n<record><header/></record>\n{}'
    "</ListRecords></OAI-PMH>\n"
)
TOKEN = '<resumptionToken completeListSize="9">abc</resumptionToken>\n'


@pytest.fixture
def saved(tmp_path):
    """``saved(*texts, **definition)``: the report on files."""

    def saved(*texts, **definition):
        (tmp_path / "files").mkdir(exist_ok=True)
        for n, text in enumerate(texts):
            (tmp_path / "files" / f"{n}.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
        given = {"ingestMethod": "JSON", "documentElement": "items"} if "ingestMethod" not in definition else {}
        names = {"filenamePattern": r"\.txt$"} if len(texts) > 1 else {}
        url = str(tmp_path / "files" / "0.txt") if len(texts) == 1 else str(tmp_path / "files")
        engine = Engine(roots=[tmp_path])
        report = engine.check({"resourceID": "x", **given, **names, **definition, "ingestURL": url})
        return [f for f in report.findings if f.code == "access/incomplete-pages"]

    return saved


@pytest.mark.parametrize(
    ("beside", "path", "words"),
    [
        ({"next": "https://example.org/api?page=2"}, "/next", "says that there's a next page"),
        ({"links": {"next": {"href": "/api?page=2"}}}, "/links/next", "says that there's a next page"),
        ({"has_more": True}, "/has_more", "says that there's a next page"),
        ({"nextPageToken": "abc"}, "/nextPageToken", "says that there's a next page"),
        ({"total": 400, "limit": 10}, "/total", "announces 400"),
        ({"meta": {"total": 400}}, "/meta/total", "announces 400"),
        ({"numFound": 400}, "/numFound", "announces 400"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_saved_page_that_others_follow(beside, path, words, packed, saved):
    text = gzip.compress(page(**beside)) if packed else page(**beside)
    (found,) = saved(text)
    (sample,) = found.samples
    assert (found.severity, sample.message) == ("error", f"10 records are in the file, and the member {path} {words}")
    assert (sample.location.file.rpartition("/")[2], sample.location.path) == ("0.txt", path)
    assert found.hint.startswith("Save the other pages too")


def test_what_came_alone_explains_that_it_is_less_than_before(tmp_path):
    pytest.importorskip("potable.checkers", reason="accounting compares with the run before")
    (tmp_path / "a.json").write_bytes(json.dumps({"items": RECORDS * 3}).encode())
    engine = Engine(roots=[tmp_path])
    url = str(tmp_path / "a.json")
    given = {"resourceID": "x", "ingestMethod": "JSON", "documentElement": "items", "ingestURL": url}
    before = engine.check(given)
    (tmp_path / "a.json").write_bytes(page(next="/api?page=2"))
    report = engine.check(given, earlier=[before])
    assert [f.code for f in report.findings] == ["access/incomplete-pages"]
    assert report.metrics["suppressed"] == {"accounting/decrease": 1}


@pytest.mark.parametrize(
    "beside",
    [
        {"next": None},
        {"next": "2025-01-01"},
        {"next": "abc"},
        {"has_more": False},
        {"total": 10, "limit": 10},
        {"total": 400, "from": "Ann", "to": "Bob"},
        {"count": 400},
    ],
)
def test_a_file_that_is_all(beside, saved):
    assert saved(page(**beside)) == []


def test_saved_pages_without_the_last_one(saved):
    more, last = page(next="https://example.org/api?page=2"), page(next=None)
    (found,) = saved(more, more)
    assert found.samples[0].message == (
        "each of the 2 files says that there's a next page: the last one isn't among them"
    )
    assert found.samples[0].location.file.endswith("files/1.txt")
    assert saved(more, last) == saved(last, more) == []


@pytest.mark.parametrize("method", ["XML", "WEB"])
def test_a_saved_answer_of_oai_that_goes_on(method, saved):
    definition = {"ingestMethod": method, "documentElement": "record"}
    (found,) = saved(OAI.format(TOKEN), **definition)
    at = found.samples[0].location
    assert found.samples[0].message == "1 record is in the file, and its resumptionToken says that there's a next page"
    assert (at.line, at.byte, found.hint.startswith("Set ingestMethod: OAI")) == (4, len(OAI.partition("{}")[0]), True)
    for token in ("", "<resumptionToken/>", '<resumptionToken completeListSize="9"></resumptionToken>'):
        assert saved(OAI.format(token), **definition) == []
