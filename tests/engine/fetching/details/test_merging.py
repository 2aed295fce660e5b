"""Lists completed by a request for each record."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potable.engine import Checker, Code, Engine, Rule, Severity
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.fetching.details.insertions import Insertions
from potable.engine.fetching.details.raw import NotJson, find
from potable.engine.fetching.files.fetcher import FileFetcher
from potable.engine.fetching.web import HttpFetcher
from potable.engine.findings import Location
from potable.engine.limits import Limits
from potable.engine.reading.json import JsonReader
from potable.engine.reading.survey import survey

LIST = (
    b'{"total": 3, "items": [\n {"id": 1, "n": 1.10},\n {"id": "a/b", "n": 1e400},\n {"id": 18446744073709551617}\n]}'
)


@pytest.fixture
def fetch(source, context, client):
    def fetch(server, path="/list", limits=None, into=None, wanted=None, url=None, **parameters):
        merge = {
            "parserType": "json", "documentElement": "items", "mergeIngestURLTemplate": server.url("/of/${id}/x"),
            "idJsonPath": "$.id", "mergeFieldName": "more",
        }  # fmt: skip
        chosen = {name: value for name, value in (merge | parameters).items() if value is not None}
        definition = source(url or server.url(path), method="WEB", **chosen)
        lent = into or context(limits, http=client())
        lent.wanted = wanted
        lent.counted = lambda part: survey(part, definition, [JsonReader], lent.limits)
        return HttpFetcher().fetch(definition, lent)

    return fetch


def details(body=LIST, answers=None):
    """A handler that serves the list, and for each record details that name the path they were asked at."""

    def handler(call):
        if call.path.startswith("/of/"):
            status, answer = (answers or {}).get(call.path, ("200 OK", json.dumps({"at": call.path}).encode()))
            call.answer(answer, status)
        else:
            call.answer(body)

    return handler


def test_records_get_their_details_and_keep_their_spelling(serve, fetch, pauses):
    server = serve(details())
    snapshot = fetch(server, "/list?a=1", waitTime=250)
    (part,) = snapshot.parts
    assert part.path.read_bytes() == (
        b'{"total": 3, "items": [\n'
        b' {"id": 1, "n": 1.10, "more": {"at": "/of/1/x"}},\n'
        b' {"id": "a/b", "n": 1e400, "more": {"at": "/of/a%2Fb/x"}},\n'
        b' {"id": 18446744073709551617, "more": {"at": "/of/18446744073709551617/x"}}\n'
        b"]}"
    )
    assert (part.name, part.url) == ("list", server.url("/list?a=1"))
    assert snapshot.sha256 == part.sha256
    assert snapshot.details["details"] == 3
    assert [(p.name, p.path.read_bytes()) for p in snapshot.originals] == [("list", LIST)]
    assert pauses.seconds == [0.25, 0.25]


@pytest.mark.parametrize("method", ["array", "lines"])
def test_the_result_has_the_shape_of_the_list(method, serve, fetch):
    body = b'[{"id": 1}, {"id": 2}]' if method == "array" else b'{"id": 1}\n\n{"id": 2}\n'
    server = serve(details(body))
    (part,) = fetch(server, documentElement=None, parserType="json" if method == "array" else "jsonl").parts
    records = [b'{"id": 1, "more": {"at": "/of/1/x"}}', b'{"id": 2, "more": {"at": "/of/2/x"}}']
    assert part.path.read_bytes() == (
        b"[" + b", ".join(records) + b"]" if method == "array" else b"\n\n".join(records) + b"\n"
    )


def test_each_page_is_a_part(serve, fetch):
    pages = [b'{"items": [{"id": 1}, {"id": 2}]}', b'{"items": [{"id": 3}]}']
    server = serve(lambda call: details(pages[1 if "o=2" in call.path else 0])(call))
    parts = fetch(server, offsetParam="o", limitParam="l", limitValue=2).parts
    assert [p.name for p in parts] == ["page-0001.json", "page-0002.json"]
    found = [r["more"] for part in parts for r in json.loads(part.path.read_bytes())["items"]]
    assert found == [{"at": f"/of/{n}/x"} for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("parameters", "answer", "merged"),
    [
        ({"mergeDocElName": "b"}, {"a": [{"b": {"c": 1}}]}, {"c": 1}),
        ({"mergeDocElName": "b"}, {"a": {"b": 1}, "b": 2}, 1),
        ({"mergeDocElName": "b"}, [{"x": 0}, {"b": [1, 2]}], [1, 2]),
        ({}, {"items": {"c": 1}}, {"c": 1}),
        ({}, {"c": 1}, {"c": 1}),
        ({}, [1, 2], [1, 2]),
    ],
)
def test_what_of_the_details_is_merged(parameters, answer, merged, serve, fetch):
    server = serve(details(b'{"items": [{"id": 7}]}', {"/of/7/x": ("200 OK", json.dumps(answer, indent=1).encode())}))
    (part,) = fetch(server, **parameters).parts
    assert json.loads(part.path.read_bytes()) == {"items": [{"id": 7, "more": merged}]}
    assert part.path.read_bytes().count(b"\n") == 0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (("404 None", b"no such record"), "x: the server answered 404: no such record"),
        (("403 No", b""), "x: the server answered 403"),
        (("422 No", b""), "x: the server answered 422"),
        (("200 OK", b"<html>"), " has a web page in place of details ("),
        (("200 OK", b"oops"), " has details that can't be read: it isn't JSON"),
        (("200 OK", b""), " has nothing in place of details ("),
        (("204 None", b""), " has nothing in place of details ("),
        (("200 OK", b'{"a": 1}'), " has details without the member 'b'"),
    ],
)  # fmt: skip
def test_a_record_without_details_is_told_and_stays(answer, words, serve, fetch, context, client):
    good = ("200 OK", b'{"b": 1}')
    server = serve(details(LIST, {"/of/a%2Fb/x": answer, "/of/1/x": good, "/of/18446744073709551617/x": good}))
    into = context(http=client())
    (part,) = fetch(server, into=into, mergeDocElName="b").parts
    (found,) = into.said
    assert (found.code, found.value, found.field) == ("access/no-details", "a/b", "$.id")
    assert found.location == Location(
        file="list", url=server.url("/list"), line=3, column=2, byte=48, record=2, path="/items/1"
    )
    assert server.url("/of/a%2Fb/x") in found.message
    assert found.message.startswith("record 2 (a/b)")
    assert words in found.message
    assert part.path.read_bytes().splitlines()[2] == b' {"id": "a/b", "n": 1e400},'


def test_an_error_is_no_details(serve, fetch, context, client):
    """It would be merged as a whole, where the definition doesn't say what of the answer is meant."""
    answers = {"/of/1/x": b'{"error": {"code": 7}}', "/of/a%2Fb/x": b'{"error": null, "id": "a/b"}'}
    into = context(http=client())
    server = serve(details(LIST, {path: ("200 OK", body) for path, body in answers.items()}))
    (part,) = fetch(server, into=into).parts
    (found,) = into.said
    assert (found.code, found.value, found.location.record) == ("access/no-details", "1", 1)
    assert ' has an error in place of details: {"error": {"code": 7}} (' in found.message
    assert [sorted(r) for r in json.loads(part.path.read_bytes())["items"]] == [
        ["id", "n"],
        ["id", "more", "n"],
        ["id", "more"],
    ]


def test_records_without_identifier(serve, fetch, context, client):
    body = b'{"items": [{"id": null}, {"x": 1}, {"id": ""}, {"id": {"a": 1}}, {"id": true}, 5, {"id": 0}, {}]}'
    into = context(http=client())
    server = serve(details(body))
    (part,) = fetch(server, into=into).parts
    assert [(o.code, o.location.record) for o in into.said] == [("access/no-details", n) for n in (1, 2, 3, 4, 5, 8)]
    assert [o.location.path for o in into.said] == [f"/items/{n}" for n in (0, 1, 2, 3, 4, 7)]
    assert into.said[0].message == "record 1 has no identifier at $.id, so its details can't be asked for"
    assert len(server.calls) == 2
    assert json.loads(part.path.read_bytes())["items"][6] == {"id": 0, "more": {"at": "/of/0/x"}}


@pytest.mark.parametrize("status", ["501 No", "500 Broken", "503 Busy"])
def test_one_record_whose_details_fail(status, serve, fetch, context, client):
    """Other records have theirs; what may pass is tried again first."""
    server = serve(details(LIST, {"/of/a%2Fb/x": (status, b"broken")}))
    into = context(http=client())
    (part,) = fetch(server, into=into).parts
    (found,) = into.said
    assert (found.code, found.location.record) == ("access/no-details", 2)
    assert f"the server answered {status[:3]}: broken" in found.message
    assert len(server.calls) == (4 if status.startswith("501") else 6)
    assert [("more" in r) for r in json.loads(part.path.read_bytes())["items"]] == [True, False, True]


def test_a_server_that_fails_for_all_ends_the_fetch(serve, fetch, fault_of, context, client):
    body = json.dumps({"items": [{"id": n} for n in range(100)]}).encode()
    server = serve(lambda call: call.answer(body) if call.path == "/list" else call.answer(b"down", "501 Never"))
    into = context(http=client())
    assert fault_of(fetch, server, into=into).code == "access/http-status"
    assert (len(server.calls), len(into.said)) == (21, 19)


def test_a_server_that_is_gone_ends_the_fetch(serve, fetch, fault_of):
    server = serve(lambda call: call.answer(LIST) if call.path == "/list" else call.reset())
    assert fault_of(fetch, server).code == "access/unreachable"


def test_details_that_are_too_long(serve, fetch, fault_of):
    server = serve(details(LIST, {"/of/1/x": ("200 OK", b'"' + b"x" * 2000 + b'"')}))
    assert fault_of(fetch, server, limits=Limits(record_bytes=1000)).code == "access/too-large"


def test_a_list_that_is_no_json(serve, fetch, fault_of):
    assert fault_of(fetch, serve(details(b'{"items": [{]}'))).code == "json/syntax"


def test_a_sample_asks_for_few_details(serve, fetch):
    body = json.dumps({"items": [{"id": n} for n in range(100)]}).encode()
    server = serve(details(body))
    (part,) = fetch(server, wanted=3).parts
    items = json.loads(part.path.read_bytes())["items"]
    assert [n for n, item in enumerate(items) if "more" in item] == [0, 1, 2, 3]  # one more tells that there are more
    assert len(server.calls) == 5


def test_credentials_go_to_the_same_origin_alone(serve, fetch, context, client):
    other = serve(details())
    server = serve(details())
    with_user = server.url("/list").replace("://", "://me:s3cr3t@")
    fetch(server, url=with_user)
    assert {"authorization" in c.headers for c in server.calls} == {True}
    fetch(other, url=with_user)
    assert {"authorization" in c.headers for c in other.calls} == {False}


def test_a_local_list(tmp_path, serve, source, context, client):
    (tmp_path / "a.json").write_bytes(LIST)
    definition = source(
        "a.json", tmp_path, method="JSON", documentElement="items", idJsonPath="id", mergeFieldName="more",
        mergeIngestURLTemplate=serve(details()).url("/of/${id}/x"),
    )  # fmt: skip
    lent = context(roots=(tmp_path,), http=client())
    lent.counted = lambda part: survey(part, definition, [JsonReader], lent.limits)
    (part,) = FileFetcher().fetch(definition, lent).parts
    assert b'[\n {"id": 1, "n": 1.10, "more": {"at": "/of/1/x"}},\n' in part.path.read_bytes()
    assert (part.name, part.mtime_ns) == ("a.json", None)
    assert (tmp_path / "a.json").read_bytes() == LIST


def test_credentials_by_reference(serve, fetch, context, client, monkeypatch):
    monkeypatch.setenv("DETAIL_KEY", "s3cr3t/&x")
    answers = {"/of/2?api_key=s3cr3t%2F%26x&t=s3cr3t%2F%26x": ("404 None", b"no s3cr3t/&x here")}
    server = serve(details(b'{"items": [{"id": 1}, {"id": 2}]}', answers))
    into = context(http=client())
    template = server.url("/of/${id}?api_key=${DETAIL_KEY}&t=${DETAIL_KEY}")
    (part,) = fetch(server, into=into, mergeIngestURLTemplate=template).parts
    assert [c.path for c in server.calls[1:]] == [
        "/of/1?api_key=s3cr3t%2F%26x&t=s3cr3t%2F%26x", "/of/2?api_key=s3cr3t%2F%26x&t=s3cr3t%2F%26x"
    ]  # fmt: skip
    assert "s3cr3t" not in part.insertions.read_text()
    assert "api_key=***&t=${DETAIL_KEY}" in part.insertions.read_text()


def test_details_that_would_be_taken_for_records(serve, fetch, context, client):
    """A single object is a record unless it holds others: then they would be the records."""
    into = context(http=client())
    server = serve(details(b'{"items": {"id": 1}}', {"/of/1/x": ("200 OK", b'{"b": {"items": [1]}}')}))
    (part,) = fetch(server, into=into, mergeDocElName="b").parts
    assert json.loads(part.path.read_bytes()) == {"items": {"id": 1}}
    assert [o.code for o in into.said] == ["access/no-details"]


# -- places ----------------------------------------------------------------------------------------------------------


class Odd(Checker):
    """Finds fields that are odd."""

    name = "odd"
    codes = (
        Code(id="odd/value", severity=Severity.ERROR, title="t", meaning="m", why="w", example="e", mend="m"),
    )  # fmt: skip

    def rules(self, source):
        for path in ("$.id", "$.note", "$.more.a", "$.more.deep[0].b"):
            yield Rule("odd/value", [path], wrong=lambda f: f.text.str.contains("odd"), message="{value}", id=path)


def places(report):
    """Line, column, byte, path and the rest of each odd value."""
    return {
        (s.value, s.location.file, s.location.url, s.location.line, s.location.column, s.location.byte,
         s.location.record, s.location.path)
        for f in report.findings if f.code == "odd/value" for s in f.samples
    }  # fmt: skip


@pytest.fixture
def engine(tmp_path):
    return Engine(plugins=[Odd], without=["checkers"], allow_hosts=["127.0.0.0/8"], snapshots=tmp_path / "kept")


PAGES = [
    '{"total": 4,\n "hits": [\n  {"id": "1", "note": "x"},\n  {"id": "odd2",\n   "note": "odd é"}]}',
    '{"total": 4, "hits": [{"id": "3", "note": "é"}, {"id": "4", "note": "odd"}]}',
]
DETAILS = {
    "/d/1": '{"hits": {\n "a": "odd a", "deep": [{"b": "fine"}]}}',
    "/d/4": '[{"hits": {"a": "é", "deep": [{"b": "odd b"}]}}]',
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_places_are_those_of_the_list_and_of_the_details(encoding, serve, engine):
    """Every value can be found again where it came from, byte for byte."""

    def handler(call):
        if call.path.startswith("/d/"):
            known = DETAILS.get(call.path)
            return call.answer((known or "none").encode(), "200 OK" if known else "404 None")
        page = int(call.path.partition("start=")[2][0]) // 2
        return call.answer(PAGES[page].encode(encoding)) if page < 2 else call.answer(b"none", "404 None")

    server = serve(handler)
    report = engine.check({
        "ingestMethod": "JSON", "ingestURL": server.url("/list"), "offsetParam": "start", "limitParam": "rows",
        "limitValue": 2, "documentElement": "hits", "idJsonPath": "id", "mergeFieldName": "more",
        "mergeIngestURLTemplate": server.url("/d/${id}"), "encoding": encoding,
    })  # fmt: skip

    def at(page, value, record, path):
        text, name = PAGES[page], f"page-{page + 1:04d}.json"
        start = text.index(json.dumps(value, ensure_ascii=False))
        before = text[:start].encode(encoding)  # a byte order mark counts
        line = text.count("\n", 0, start) + 1
        column = start - (text.rfind("\n", 0, start) + 1) + 1
        url = server.url(f"/list?start={2 * page}&rows=2")
        return (value, name, url, line, column, len(before), record, path)

    def of(number, value, record, path):
        return (value, None, server.url(f"/d/{number}"), None, None, None, record, path)

    assert places(report) == {
        at(0, "odd2", 2, "/hits/1/id"), at(0, "odd é", 2, "/hits/1/note"), at(1, "odd", 4, "/hits/1/note"),
        of(1, "odd a", 1, "/hits/a"), of(4, "odd b", 4, "/0/hits/deep/0/b"),
    }  # fmt: skip
    missing = {(s.location.file, s.location.record, s.location.path) for f in report.findings for s in f.samples
               if f.code == "access/no-details"}  # fmt: skip
    assert missing == {("page-0001.json", 2, "/hits/1"), ("page-0002.json", 3, "/hits/0")}
    assert report.source.snapshot["parts"] == 2


def test_places_of_lines_and_of_a_filter(serve, engine):
    lines = b'{"id": "1", "note": "odd 1"}\n\n{"id": "2", "note": "x"}\r\n{"id": "3", "note": "odd 3"}\n'
    details = b'{"a": "odd", "deep": []}'
    server = serve(lambda call: call.answer(details if call.path.startswith("/d/") else lines))
    report = engine.check({
        "ingestMethod": "WEB", "parserType": "jsonl", "ingestURL": server.url("/l"), "idJsonPath": "id",
        "mergeFieldName": "more", "mergeIngestURLTemplate": server.url("/d/${id}"), "filterJsonPath": "id",
        "filterValue": "re::[13]",
    })  # fmt: skip
    assert places(report) == {
        ("odd 1", "l", server.url("/l"), 1, 21, 20, 1, "/note"),
        ("odd 3", "l", server.url("/l"), 4, 21, 76, 2, "/note"),
        ("odd", None, server.url("/d/1"), None, None, None, 1, "/a"),
        ("odd", None, server.url("/d/3"), None, None, None, 2, "/a"),
    }


def test_a_fault_of_the_list_is_at_its_own_place(serve, engine):
    """What the reader says of the page, behind what was put in."""
    body = b'[{"id": "1"}, {"id": "2", "id": "2"}, {"id": "3", "note": "\xff"}]'
    server = serve(lambda call: call.answer(b'{"a": "long enough"}' if call.path.startswith("/d/") else body))
    report = engine.check({
        "ingestMethod": "JSON", "ingestURL": server.url("/l"), "idJsonPath": "id", "mergeFieldName": "more",
        "mergeIngestURLTemplate": server.url("/d/${id}"),
    })  # fmt: skip
    found = {f.code: f.samples[0].location for f in report.findings}
    assert found.keys() == {"json/duplicate-key", "encoding/invalid"}
    assert (found["json/duplicate-key"].byte, found["json/duplicate-key"].column) == (
        body.index(b'"id": "2"}'), body.index(b'"id": "2"}') + 1
    )  # fmt: skip
    assert found["encoding/invalid"].byte == body.index(b"\xff")
    assert {at.file for at in found.values()} == {"l"}


def test_a_replay_has_the_same_places(serve, tmp_path):
    def handler(call):
        call.answer(b'{"a": "odd"}' if call.path == "/d/1" else b'[{"id": "1"}, {"id": "odd"}]')

    server = serve(handler)
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "s.json").write_text(json.dumps({
        "resourceID": "S", "ingestMethod": "JSON", "ingestURL": server.url("/l"), "idJsonPath": "id",
        "mergeFieldName": "more", "mergeIngestURLTemplate": server.url("/d/${id}"),
    }))  # fmt: skip
    engine = Engine(catalog=tmp_path / "catalog", plugins=[Odd], without=["checkers"], allow_hosts=["127.0.0.0/8"],
                    snapshots=tmp_path / "kept")  # fmt: skip
    first = engine.run("S")
    assert len(places(first)) == 2
    again = engine.run("S", snapshot=first.source.snapshot["sha256"])
    assert json.dumps(again.to_dict()["findings"]) == json.dumps(first.to_dict()["findings"])


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    st.lists(st.dictionaries(st.sampled_from(["id", "a", "b"]), TEXT, max_size=3), max_size=5),
    st.sampled_from([None, 1]),
    st.sampled_from(["utf-8", "utf-16-le", "utf-8-sig"]),
)
def test_all_but_the_details_stays_as_it_came(tmp_path_factory, source, records, indent, encoding):
    """Without what was put in, the part is the page; and each place in it leads back to the page's."""
    from potable.engine.fetching.details.merging import merged

    folder = tmp_path_factory.mktemp("page")
    body = json.dumps(records, indent=indent, ensure_ascii=False).encode(encoding)
    (folder / "page.json").write_bytes(body)
    definition = source("page.json", folder, method="JSON", idJsonPath="id", encoding=encoding.removesuffix("-sig"),
                        mergeIngestURLTemplate="https://example.org/${id}", mergeFieldName="é")  # fmt: skip
    part = Part(name="page.json", path=folder / "page.json", bytes=len(body))
    lent = _Lent(Limits(), folder)
    (made,) = merged(definition, Snapshot(parts=(part,), fetched=""), lent).parts
    data = made.path.read_bytes()
    wanted = [r for r in records if r.get("id")]
    if not wanted:
        assert (data, made.insertions) == (body, None)
        return
    assert [json.loads(json.dumps(r | {"é": ["ü", "\n"]})) if r.get("id") else r for r in records] == json.loads(
        data.decode(encoding)
    )
    places = Insertions(made.insertions)
    kept = [n for n in range(len(data)) if places.original(Location(file="page.json", byte=n)).byte is not None]
    assert bytes(data[n] for n in kept) == body
    assert [places.original(Location(file="page.json", byte=n)).byte for n in kept] == list(range(len(body)))


class _Answer:
    status, headers, url = 200, {}, ""

    def __enter__(self):
        return self

    def __exit__(self, *of):
        pass

    def read(self, limit):
        return '["ü",\n"\\n"]'.encode()


class _Lent:
    """A context whose details are always the same."""

    def __init__(self, limits, scratch):
        self.limits, self.scratch, self.wanted, self.http = limits, scratch, None, self

    def get(self, url, headers):
        return _Answer()

    def pause(self, seconds):
        pass

    def survey(self, part):
        pass

    def report(self, occurrence):
        assert occurrence.code == "access/no-details"


# -- the pieces ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": 1} x', b"\xff\xfe", b"nope"])
def test_what_is_no_json(body):
    with pytest.raises(NotJson):
        find(body, "a")


def test_encodings_and_depth():
    assert find('{"a": "ü"}'.encode("utf-16"), "a") == ("/a", '"ü"'.encode())
    assert find(b'\xef\xbb\xbf{"a": 1}', "a") == ("/a", b"1")
    assert find(b'[{"x/y": {"a": [1]}}]', "a") == ("/0/x~1y/a", b"[1]")
    with pytest.raises(NotJson):
        find(b"[" * 300 + b"]" * 300, "a")
