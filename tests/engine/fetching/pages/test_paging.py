"""Pages by offset and limit, counted by the readers of their formats."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from potable.engine.fetching.pages.paging import with_parameters
from potable.engine.fetching.web import HttpFetcher
from potable.engine.limits import Limits
from potable.engine.plugins import load_plugins
from potable.engine.reading.survey import survey


def query(call):
    return dict(parse_qsl(urlsplit(call.path).query))


def api(total, page=None):
    """A handler that serves ``total`` records as an API does; ``page`` makes the body of (call, records)."""

    def handler(call):
        asked = query(call)
        offset, limit = int(asked["offset"]), int(asked["limit"])
        records = [{"id": n} for n in range(offset, min(offset + limit, total))]
        call.answer((page or (lambda _, r: json.dumps({"count": total, "items": r}).encode()))(call, records))

    return handler


@pytest.fixture
def readers():
    return list(load_plugins(entry_points=True).readers.values())


@pytest.fixture
def fetch(source, context, client, readers):
    def fetch(url, limits=None, wanted=None, method="WEB", into=None, **parameters):
        given = {"parserType": "json", "documentElement": "items", "offsetParam": "offset", "limitParam": "limit"}
        definition = source(url, method=method, **{n: v for n, v in (given | parameters).items() if v is not None})
        lent = into or context(limits, http=client(**({"fetch_bytes": limits.fetch_bytes} if limits else {})))
        lent.counted = lambda part: survey(part, definition, readers, lent.limits)
        lent.wanted = wanted
        return HttpFetcher().fetch(definition, lent)

    return fetch


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (9, 1), (10, 1), (11, 2), (19, 2), (20, 2), (25, 3)])
def test_pages_end_where_one_has_fewer_records(total, pages, serve, fetch):
    server = serve(api(total))
    snapshot = fetch(server.url("/api?q=x"), limitValue=10)
    assert [p.name for p in snapshot.parts] == [f"page-{n:04d}.json" for n in range(1, pages + 1)]
    ids = [record["id"] for part in snapshot.parts for record in json.loads(part.path.read_bytes())["items"]]
    assert ids == list(range(total))
    assert [p.url for p in snapshot.parts] == [
        server.url(f"/api?q=x&offset={10 * n}&limit=10") for n in range(pages)
    ]  # fmt: skip
    assert len(server.calls) == total // 10 + 1  # after a full page comes the question for the next
    assert snapshot.details == {"pages": pages}


def test_the_limit_is_a_hundred_unless_given(serve, fetch):
    server = serve(api(150))
    assert len(fetch(server.url("/")).parts) == 2
    assert [query(c) for c in server.calls] == [{"offset": "0", "limit": "100"}, {"offset": "100", "limit": "100"}]


def test_the_urls_own_parameters_are_the_start(serve, fetch):
    server = serve(api(35))
    fetch(server.url("/?limit=10&offset=20&x=1&x=2"))
    assert [urlsplit(c.path).query for c in server.calls] == [
        "x=1&x=2&offset=20&limit=10", "x=1&x=2&offset=30&limit=10"
    ]  # fmt: skip


def test_the_pause_between_requests(serve, fetch, pauses):
    fetch(serve(api(25)).url("/"), limitValue=10, waitTime=1500)
    assert pauses.seconds == [1.5, 1.5]


def test_a_pause_past_the_deadline_is_not_made(serve, fetch, fault_of, pauses):
    found = fault_of(fetch, serve(api(25)).url("/"), limitValue=10, waitTime=10**9)
    assert (found.code, pauses.seconds) == ("access/timeout", [])
    assert "fetch_seconds" in found.message


def test_a_server_that_ignores_the_limit(serve, fetch):
    """Its pages are larger: the next one starts behind what came."""

    def handler(call):
        offset = int(query(call)["offset"])
        call.answer(json.dumps({"items": [{"id": n} for n in range(offset, min(offset + 30, 70))]}).encode())

    server = serve(handler)
    assert len(fetch(server.url("/"), limitValue=10).parts) == 3
    assert [query(c)["offset"] for c in server.calls] == ["0", "30", "60", "70"]


@pytest.mark.parametrize("echo", [False, True], ids=["same", "another frame"])
def test_a_server_that_ignores_the_offset(echo, serve, fetch, fault_of):
    def page(call, _):
        told = {"offset": query(call)["offset"], "time": call.number} if echo else {}
        return json.dumps({**told, "items": [{"id": n} for n in range(10)], "more": told}).encode()

    server = serve(api(1000, page))
    found = fault_of(fetch, server.url("/"), limitValue=10)
    assert (found.code, len(server.calls)) == ("access/endless-pages", 2)
    assert found.message == (
        "the page page-0002.json (offset=10) has the same records as page 1: the server ignores the offset"
    )
    assert (found.location.file, found.location.url) == ("page-0002.json", server.url("/?offset=10&limit=10"))


def test_pages_in_a_circle(serve, fetch, fault_of):
    def page(call, _):
        return json.dumps({"items": [{"id": call.number % 3}] * 10}).encode()

    server = serve(api(1000, page))
    assert fault_of(fetch, server.url("/"), limitValue=10).code == "access/endless-pages"
    assert len(server.calls) == 4


def test_new_pages_without_end(serve, fetch, fault_of, monkeypatch):
    server = serve(api(10**9))
    found = fault_of(fetch, server.url("/"), limits=Limits(fetch_bytes=5_000), limitValue=10)
    assert found.code == "access/too-large"
    monkeypatch.setattr("potable.engine.fetching.pages.paging.MOST_PAGES", 4)
    found = fault_of(fetch, server.url("/"), limitValue=10)
    assert (found.code, found.message) == ("access/endless-pages", "after 4 pages there's still no last one")


def test_a_page_that_cannot_be_read(serve, fetch, fault_of):
    server = serve(api(100, lambda call, r: json.dumps({"items": r}).encode() if call.number == 1 else b'{"items": ['))
    found = fault_of(fetch, server.url("/"), limitValue=10)
    assert (found.code, found.location.file) == ("json/syntax", "page-0002.json")
    assert found.location.url == server.url("/?offset=10&limit=10")


def test_a_page_that_is_refused(serve, fetch, fault_of):
    def handler(call):
        if query(call)["offset"] != "0":
            return call.answer(b"out of range", "400 Bad")
        return api(100)(call)

    assert fault_of(fetch, serve(handler).url("/"), limitValue=10).code == "access/http-status"


def test_a_sample_needs_few_pages(serve, fetch):
    server = serve(api(1000))
    assert len(fetch(server.url("/"), limitValue=10, wanted=20).parts) == 3  # one record more tells that there are more


def test_pages_of_tables(serve, fetch):
    def page(call, records):
        return b"id\n" + b"".join(b"%d\n" % r["id"] for r in records)

    server = serve(api(25, page))
    snapshot = fetch(server.url("/"), parserType="csv", documentElement=None, limitValue=10)
    assert [p.name for p in snapshot.parts] == ["page-0001.csv", "page-0002.csv", "page-0003.csv"]
    server = serve(api(20, page))
    assert len(fetch(server.url("/"), parserType="csv", documentElement=None, limitValue=10).parts) == 2


@pytest.mark.parametrize(
    ("url", "given", "result"),
    [
        ("http://x/a", {"o": 1}, "http://x/a?o=1"),
        ("http://x/a?", {"o": 1}, "http://x/a?o=1"),
        ("http://x/a?b=%20&o=7&c#frag", {"o": 1, "l": 2}, "http://x/a?b=%20&c&o=1&l=2"),
        ("http://x/a?page%5Boffset%5D=3", {"page[offset]": 1}, "http://x/a?page[offset]=1"),
        ("http://x/a", {"$top": "a b&c=d"}, "http://x/a?$top=a+b%26c%3Dd"),
    ],
)
def test_parameters_of_a_url(url, given, result):
    assert with_parameters(url, given) == result


# -- the end, and what the source says of it -------------------------------------------------------------------------


def test_no_page_behind_a_full_one_is_the_end(serve, fetch, context, client):
    def handler(call):
        if int(query(call)["offset"]) >= 20:
            return call.answer(b"no such page", "404 Nowhere")
        return api(20, lambda _, r: json.dumps({"items": r}).encode())(call)

    server, into = serve(handler), context(http=client())
    assert len(fetch(server.url("/"), limitValue=10, into=into).parts) == 2
    (said,) = into.said
    assert (said.code, said.location.url) == ("access/missing-page", server.url("/?offset=20&limit=10"))
    assert "there's no page behind the 20 records before it (404)" in said.message


@pytest.mark.parametrize("first", [True, False])
def test_any_other_refusal_is_none(first, serve, fetch, fault_of):
    """Neither of the first page, nor by another status."""

    def handler(call):
        if first or query(call)["offset"] != "0":
            return call.answer(b"no", "404 Nowhere" if first else "410 Gone")
        return api(100)(call)

    assert fault_of(fetch, serve(handler).url("/"), limitValue=10).code == "access/not-found"


SAYS = {
    "total": ({"total": 200}, "/total"),
    "totalCount": ({"totalCount": 200}, "/totalCount"),
    "total_count": ({"total_count": "200"}, "/total_count"),
    "numFound": ({"response": {"numFound": 200, "start": 0}}, "/response/numFound"),
    "count": ({"count": 200, "next": None}, "/count"),
    "hits.total": ({"hits": {"total": 200}}, "/hits/total"),
    "hits.total.value": ({"hits": {"total": {"value": 200, "relation": "eq"}}}, "/hits/total"),
    "meta": ({"meta": {"page": {"x": 1}, "total-count": 200}}, "/meta/total-count"),
    "odata": ({"@odata.count": 200}, "/@odata.count"),
    "the page's own": ({"count": 50, "total": 200}, "/total"),
}


@pytest.mark.parametrize("how", SAYS)
def test_a_server_that_caps_its_pages(how, serve, fetch, context, client):
    """It gives 50 where 100 were asked for: the first page looks like the last one."""
    told, path = SAYS[how]

    def page(call, records):
        return json.dumps({**told, "items": records[:50]}).encode()

    server, into = serve(api(200, page)), context(http=client())
    fetch(server.url("/"), into=into)
    (said,) = into.said
    assert (said.code, said.location.file, said.location.path) == ("access/incomplete-pages", "page-0001.json", path)
    assert said.location.url == server.url("/?offset=0&limit=100")
    assert said.message == f"50 records came in 1 page, and the member {path} announces 200"
    assert said.hint == "The server gives at most 50 records in a page, it seems: set limitValue: 50."
    assert said.details == {"announced": 200, "received": 50}


@pytest.mark.parametrize("how", ["attribute", "inner attribute", "element", "header", "range"])
def test_other_ways_to_say_how_many_there_are(how, serve, fetch, context, client):
    told = {
        "attribute": b'<all total="200"><item><id>1</id></item></all>',
        "inner attribute": b'<response><all numFound="200"><item><total>9</total></item></all></response>',
        "element": b'<r xmlns:os="http://a9.com/-/spec/opensearch/1.1/"><os:totalResults>200</os:totalResults>'
        b"<item><id>1</id></item></r>",
    }  # fmt: skip
    headers = {"header": {"X_Total_Count": "200"}, "range": {"Content_Range": "items 0-0/200"}}.get(how, {})
    body = told.get(how, b"<all><item><total>999</total></item></all>")
    server, into = serve(lambda call: call.answer(body, **headers)), context(http=client())
    fetch(server.url("/"), into=into, parserType="xml", documentElement="item")
    (said,) = into.said
    assert (said.code, said.details) == ("access/incomplete-pages", {"announced": 200, "received": 1})
    assert said.location.file == "page-0001.xml"


def test_a_range_of_bytes_is_no_number_of_records(serve, fetch, context, client):
    body = b"<all><item><id>1</id></item></all>"
    server = serve(lambda call: call.answer(body, Content_Range=f"bytes 0-{len(body) - 1}/{len(body)}"))
    into = context(http=client())
    fetch(server.url("/"), into=into, parserType="xml", documentElement="item")
    assert into.said == []


@pytest.mark.parametrize(
    "told",
    [{}, {"total": 25}, {"total": 20}, {"total": "many"}, {"total": -1}, {"total": None}, {"total": 2.5e3},
     {"facets": {"count": 5000}}, {"sum": {"total": 5000}}, {"items2": [{"total": 5000}]}],
)  # fmt: skip
def test_all_that_was_announced_came(told, serve, fetch, context, client):
    def page(call, records):
        return json.dumps({**told, "items": [{**r, "total": 9000, "count": 9000} for r in records]}).encode()

    into = context(http=client())
    assert len(fetch(serve(api(25, page)).url("/"), limitValue=10, into=into).parts) == 3
    assert into.said == []


def test_pages_that_stop_too_early(serve, fetch, context, client):
    """An empty page, or none, before all records have come."""

    def page(call, records):
        return json.dumps({"total": 200, "items": records if int(query(call)["offset"]) < 20 else []}).encode()

    into = context(http=client())
    fetch(serve(api(200, page)).url("/"), limitValue=10, into=into)
    (said,) = into.said
    assert (said.location.file, said.details) == ("page-0002.json", {"announced": 200, "received": 20})


def test_the_start_counts_as_had(serve, fetch, context, client):
    into = context(http=client())
    fetch(serve(api(35)).url("/?limit=10&offset=20"), into=into)
    assert into.said == []


def test_a_sample_is_not_compared(serve, fetch, context, client):
    into = context(http=client())
    assert fetch(serve(api(1000)).url("/"), limitValue=10, wanted=15, into=into).partial
    assert into.said == []


@pytest.mark.parametrize("status", ["204 No Content", "416 Range Not Satisfiable"])
def test_other_answers_that_mean_the_end(status, serve, fetch, context, client):
    def handler(call):
        if int(query(call)["offset"]) >= 20:
            return call.answer(b"", status)
        return api(20, lambda _, r: json.dumps({"items": r}).encode())(call)

    into = context(http=client())
    assert len(fetch(serve(handler).url("/"), limitValue=10, into=into).parts) == 2
    (said,) = into.said
    assert said.code == "access/missing-page"
    assert f"({status[:3]}): taken for the end" in said.message


# -- pages that are none ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [{"error": "the index is down"}, {"errors": [{"message": "x"}]}, {"items": [], "errorMessage": "late"},
     {"status": 500, "message": "sorry"}, {"statusCode": "503"}],
)  # fmt: skip
def test_an_error_in_place_of_a_page_is_not_the_end(body, serve, fetch, fault_of):
    def page(call, records):
        return json.dumps({"items": records} if call.number < 3 else body).encode()

    server = serve(api(100, page))
    found = fault_of(fetch, server.url("/"), limitValue=10)
    assert (found.code, found.location.file) == ("access/protocol", "page-0003.json")
    assert found.location.url == server.url("/?offset=20&limit=10")
    assert found.message == (
        f"the page page-0003.json (offset=20) has an error in place of records: {json.dumps(body)}"
    )


@pytest.mark.parametrize(
    "body", [{}, {"items": None}, {"items": [], "error": None, "errors": []}, {"message": "no more"}, {"status": 200}]
)
def test_an_empty_page_without_an_error_is_the_end(body, serve, fetch, context, client):
    def page(call, records):
        return json.dumps({"items": records} if call.number < 3 else body).encode()

    into = context(http=client())
    assert len(fetch(serve(api(100, page)).url("/"), limitValue=10, into=into).parts) == 2
    assert into.said == []


def test_an_error_behind_all_that_was_announced_is_the_end(serve, fetch):
    def page(call, records):
        return json.dumps({"total": 20, "items": records} if records else {"error": "offset too large"}).encode()

    assert len(fetch(serve(api(20, page)).url("/"), limitValue=10).parts) == 2


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"<error code='5'>no database</error>", "no database"), (b"<fault/>", "<fault>"),
     (b"<all><error>no database</error></all>", "no database")],
)  # fmt: skip
def test_an_error_in_place_of_a_page_of_xml(body, words, serve, fetch, fault_of):
    def page(call, records):
        items = b"".join(b"<item><id>%d</id></item>" % r["id"] for r in records)
        return b"<all>%s</all>" % items if call.number < 3 else body

    given = {"parserType": "xml", "documentElement": "item", "limitValue": 10}
    found = fault_of(fetch, serve(api(100, page)).url("/"), **given)
    assert (found.code, found.location.file) == ("access/protocol", "page-0003.xml")
    assert found.message.endswith(f"has an error in place of records: {words}")


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_a_web_page_among_the_pages(kind, serve, fetch, fault_of):
    def page(call, records):
        if call.number == 3:
            return b"<html><head><title>Sign in</title></head><body/></html>"
        items = b"".join(b"<item><id>%d</id></item>" % r["id"] for r in records)
        return json.dumps({"item": records}).encode() if kind == "json" else b"<all>%s</all>" % items

    given = {"parserType": kind, "documentElement": "item", "limitValue": 10}
    found = fault_of(fetch, serve(api(100, page)).url("/"), **given)
    assert (found.code, found.location.file) == ("access/media-type", "page-0003." + kind)
