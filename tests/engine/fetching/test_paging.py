"""Pages by offset and limit, counted by the readers of their formats."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from potable.engine.fetching.paging import with_parameters
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
    monkeypatch.setattr("potable.engine.fetching.paging.MOST_PAGES", 4)
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
