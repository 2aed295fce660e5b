"""Web folders: pages of links."""

import pytest
from tests.loopback import serving

from potable.engine.fetching.remote.waf import WafFetcher

XML = b"<a/>"


@pytest.fixture
def fetch(source, context, client):
    def fetch(url, into=None, **parameters):
        return WafFetcher().fetch(source(url, method="WAF", **parameters), into or context(http=client()))

    return fetch


def folder(*links, head=""):
    anchors = "".join(f'<li><a href="{link}">x</a>\n' for link in links)
    return f"<!DOCTYPE html><html><head><title>Index of /waf/</title>{head}</head><body><ul>{anchors}".encode()


def site(page, **files):
    """A handler: the page at /waf/, and a file at each other path that ends in .xml."""

    def handler(call):
        path = call.path.partition("?")[0]
        if path == "/waf/":
            call.answer(page(call) if callable(page) else page, Content_Type="text/html")
        elif path.lower().endswith(".xml") or path == "/get":
            call.answer(files.get(path.rpartition("/")[2], f"<a>{call.path}</a>".encode()))
        else:
            call.answer(b"no", "404 None")

    return handler


def test_every_link_to_xml_is_a_part_sorted_by_name(serve, fetch, pauses):
    links = ["b.xml", "a.xml", "b.xml#top", "/waf/sub/c.XML", "../up.xml", "x.html", "y.xml.gz", "a%20b.xml",
             "?C=N;O=D", "mailto:a@example.org", "javascript:x.xml", "", "#x.xml", "http://[::1.xml"]  # fmt: skip
    server = serve(site(folder(*links)))
    snapshot = fetch(server.url("/waf/"), waitTime=20)
    assert [p.name for p in snapshot.parts] == ["a b.xml", "a.xml", "b.xml", "sub/c.XML", "up.xml"]
    assert [p.path.read_bytes() for p in snapshot.parts] == [
        b"<a>/waf/a%20b.xml</a>", b"<a>/waf/a.xml</a>", b"<a>/waf/b.xml</a>", b"<a>/waf/sub/c.XML</a>",
        b"<a>/up.xml</a>",
    ]  # fmt: skip
    assert snapshot.parts[1].url == server.url("/waf/a.xml")
    assert snapshot.details == {"links": 5}
    assert pauses.seconds == [0.02] * 5


def test_links_with_queries(serve, fetch):
    server = serve(site(folder("get.xml?id=1", "get.xml?id=2", "/get?file=a.xml")))
    assert [p.name for p in fetch(server.url("/waf/")).parts] == ["get.xml?id=1", "get.xml?id=2", "get?file=a.xml"]


def test_links_to_other_hosts_are_left_out(serve, fetch, fault_of):
    server = serve(site(folder("a.xml", "http://example.org/b.xml", "//example.org/c.xml")))
    snapshot = fetch(server.url("/waf/"))
    assert ([p.name for p in snapshot.parts], snapshot.details["otherHosts"]) == (["a.xml"], 2)
    found = fault_of(fetch, serve(site(folder("http://example.org/b.xml"))).url("/waf/"))
    assert (found.code, "but for 1 that lead to other hosts" in found.message) == ("access/not-found", True)


def test_the_pages_own_base(serve, fetch):
    server = serve(site(folder("a.xml", head='<base href="/elsewhere/">')))
    assert [p.url for p in fetch(server.url("/waf/")).parts] == [server.url("/elsewhere/a.xml")]


def test_links_are_relative_to_where_the_page_was_found(serve, fetch):
    def handler(call):
        return call.redirect("/waf/") if call.path == "/old" else site(folder("a.xml"))(call)

    server = serve(handler)
    assert [p.url for p in fetch(server.url("/old")).parts] == [server.url("/waf/a.xml")]


def test_credentials_go_along_and_are_not_shown(serve, fetch):
    server = serve(site(folder("a.xml")))
    snapshot = fetch(server.url("/waf/?api_key=s3cr3t").replace("://", "://me:pw@"))
    assert ["authorization" in c.headers for c in server.calls] == [True, True]
    assert "s3cr3t" not in repr(snapshot)
    assert "pw" not in snapshot.parts[0].url


@pytest.mark.parametrize("page", [folder(), folder("a.html"), folder("x.xml.bak")])
def test_a_page_without_such_links(page, serve, fetch, fault_of):
    server = serve(site(page))
    found = fault_of(fetch, server.url("/waf/"))
    assert (found.code, found.message) == (
        "access/not-found",
        f"{server.url('/waf/')}: no link on this page ends in .xml",
    )


@pytest.mark.parametrize(
    ("page", "what"),
    [(b"<?xml version='1.0'?><a/>", "xml"), (b'{"a": 1}', "json"), (b"", "nothing"), (b"a,b\n", "text")],
)
def test_what_is_no_page(page, what, serve, fetch, fault_of):
    found = fault_of(fetch, serve(site(page)).url("/waf/"))
    assert (found.code, found.message.endswith(f"isn't an HTML page with links but {what}")) == (
        "access/media-type",
        True,
    )


def test_a_dead_link_ends_the_fetch(serve, fetch, fault_of):
    def handler(call):
        return call.answer(b"", "404 None") if call.path == "/waf/b.xml" else site(folder("a.xml", "b.xml"))(call)

    server = serve(handler)
    found = fault_of(fetch, server.url("/waf/"))
    assert (found.code, found.location.url) == ("access/not-found", server.url("/waf/b.xml"))


def test_too_many_links(serve, fetch, fault_of, monkeypatch):
    monkeypatch.setattr("potable.engine.fetching.remote.waf.MOST_FILES", 2)
    found = fault_of(fetch, serve(site(folder("a.xml", "b.xml", "c.xml"))).url("/waf/"))
    assert (found.code, "3 files, more than 2" in found.message) == ("access/too-large", True)


def test_a_page_full_of_traps(serve, fetch):
    page = folder("a.xml") + b"<" * 50_000 + b"<!--" * 50_000 + b"<a " * 10_000 + b"\xff\x00&#x0;&lt;"
    assert [p.name for p in fetch(serve(site(page)).url("/waf/")).parts] == ["a.xml"]


def test_a_folder_of_a_server_written_by_others(tmp_path, fetch):
    """Python's own."""
    for name in ("b.xml", "ä ö.xml", "c.txt"):
        (tmp_path / name).write_bytes(XML)
    (tmp_path / "sub").mkdir()

    with serving(tmp_path) as address:
        snapshot = fetch(f"{address}/")
    assert [(p.name, p.path.read_bytes()) for p in snapshot.parts] == [("b.xml", XML), ("ä ö.xml", XML)]


@pytest.mark.parametrize(
    ("encoding", "header", "head"),
    [
        ("utf-8", "text/html; charset=UTF-8", ""),
        ("utf-8", "text/html", ""),
        ("utf-8", "text/html", '<meta charset="utf-8">'),
        ("latin-1", "text/html; charset=iso-8859-1", ""),
        ("latin-1", "text/html", '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">'),
        ("latin-1", "text/html", ""),
        ("utf-8", "text/html; charset=utf-8", '<meta charset="iso-8859-1">'),
        ("utf-8-sig", "text/html; charset=iso-8859-1", ""),
        ("utf-16", "text/html", ""),
        ("koi8-r", "text/html; charset=koi8-r", ""),
        ("utf-8", "text/html; charset=no-such-thing", ""),
    ],
)
def test_names_in_any_charset(encoding, header, head, serve, fetch):
    """A link is what the page's own characters say, percent-encoded as UTF-8, as browsers ask for it."""
    name = "é.xml" if encoding != "koi8-r" else "ж.xml"
    page = folder(name, "a.xml", head=head).decode("utf-8").encode(encoding)

    def handler(call):
        if call.path == "/waf/":
            return call.answer(page, Content_Type=header)
        return call.answer(f"<a>{call.path}</a>".encode())

    snapshot = fetch(serve(handler).url("/waf/"))
    path = {"é.xml": "/waf/%C3%A9.xml", "ж.xml": "/waf/%D0%B6.xml"}[name]
    assert [(p.name, p.path.read_bytes()) for p in snapshot.parts] == [
        ("a.xml", b"<a>/waf/a.xml</a>"), (name, f"<a>{path}</a>".encode())
    ]  # fmt: skip
