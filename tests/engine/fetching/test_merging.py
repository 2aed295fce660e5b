"""Lists completed by a request for each record."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.definition.model import SourceDefinition
from potable.engine.fetching.file import FileFetcher
from potable.engine.fetching.raw import NotJson, find, records_of
from potable.engine.fetching.web import HttpFetcher
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
        b'{"items": [\n'
        b'{"id": 1, "n": 1.10, "more": {"at": "/of/1/x"}},\n'
        b'{"id": "a/b", "n": 1e400, "more": {"at": "/of/a%2Fb/x"}},\n'
        b'{"id": 18446744073709551617, "more": {"at": "/of/18446744073709551617/x"}}\n'
        b"]}\n"
    )
    assert (part.name, part.url, part.media_type) == ("merged.json", server.url("/list?a=1"), "application/json")
    assert snapshot.sha256 == part.sha256
    assert snapshot.details["details"] == 3
    assert pauses.seconds == [0.25, 0.25]
    assert [p.name for p in part.path.parent.iterdir()] == [part.path.name]


@pytest.mark.parametrize("method", ["array", "lines"])
def test_the_result_has_the_shape_of_the_list(method, serve, fetch):
    body = b'[{"id": 1}, {"id": 2}]' if method == "array" else b'{"id": 1}\n\n{"id": 2}\n'
    server = serve(details(body))
    (part,) = fetch(server, documentElement=None, parserType="json" if method == "array" else "jsonl").parts
    records = [b'{"id": 1, "more": {"at": "/of/1/x"}}', b'{"id": 2, "more": {"at": "/of/2/x"}}']
    assert part.path.read_bytes() == (
        b"[\n" + b",\n".join(records) + b"\n]\n" if method == "array" else b"\n".join(records) + b"\n"
    )


def test_pages_are_merged_into_one_part(serve, fetch):
    pages = [b'{"items": [{"id": 1}, {"id": 2}]}', b'{"items": [{"id": 3}]}']
    server = serve(lambda call: details(pages[1 if "o=2" in call.path else 0])(call))
    (part,) = fetch(server, offsetParam="o", limitParam="l", limitValue=2).parts
    assert [r["more"] for r in json.loads(part.path.read_bytes())["items"]] == [{"at": f"/of/{n}/x"} for n in (1, 2, 3)]


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
    assert part.path.read_bytes().count(b"\n") == 3


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (("404 None", b"no such record"), "x: the server answered 404: no such record"),
        (("403 No", b""), "x: the server answered 403"),
        (("422 No", b""), "x: the server answered 422"),
        (("200 OK", b"<html>"), " has details that can't be read: it isn't JSON"),
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
    assert (found.location.record, found.location.url) == (2, server.url("/of/a%2Fb/x"))
    assert found.message.startswith("record 2 (a/b)")
    assert words in found.message
    assert part.path.read_bytes().splitlines()[2] == b'{"id": "a/b", "n": 1e400},'


def test_records_without_identifier(serve, fetch, context, client):
    body = b'{"items": [{"id": null}, {"x": 1}, {"id": ""}, {"id": {"a": 1}}, {"id": true}, 5, {"id": 0}, {}]}'
    into = context(http=client())
    server = serve(details(body))
    (part,) = fetch(server, into=into).parts
    assert [(o.code, o.location.record) for o in into.said] == [("access/no-details", n) for n in (1, 2, 3, 4, 5, 8)]
    assert into.said[0].message == "record 1 has no identifier at $.id, so its details can't be asked for"
    assert len(server.calls) == 2
    assert json.loads(part.path.read_bytes())["items"][6] == {"id": 0, "more": {"at": "/of/0/x"}}


def test_an_answer_that_concerns_all_records_ends_the_fetch(serve, fetch, fault_of):
    server = serve(details(LIST, {"/of/a%2Fb/x": ("500 No", b"broken")}))
    assert fault_of(fetch, server).code == "access/http-status"
    assert len(server.calls) == 3


def test_details_that_are_too_long(serve, fetch, fault_of):
    server = serve(details(LIST, {"/of/1/x": ("200 OK", b'"' + b"x" * 2000 + b'"')}))
    assert fault_of(fetch, server, limits=Limits(record_bytes=1000)).code == "access/too-large"


def test_a_list_that_is_no_json(serve, fetch, fault_of):
    assert fault_of(fetch, serve(details(b'{"items": [{]}'))).code == "json/syntax"


def test_a_sample_asks_for_few_details(serve, fetch):
    body = json.dumps({"items": [{"id": n} for n in range(100)]}).encode()
    server = serve(details(body))
    (part,) = fetch(server, wanted=3).parts
    assert len(json.loads(part.path.read_bytes())["items"]) == 4  # one more tells that there are more
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
    assert part.path.read_bytes().startswith(b'{"items": [\n{"id": 1, "n": 1.10, "more": {"at": "/of/1/x"}},\n')
    assert (tmp_path / "a.json").read_bytes() == LIST


# -- the pieces ------------------------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "items"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 1]))
def test_records_are_those_that_the_reader_finds(tmp_path_factory, value, indent):
    body = json.dumps({"top": value}, indent=indent).encode()
    path: Path = tmp_path_factory.mktemp("raw") / "data.json"
    path.write_bytes(body)
    definition = SourceDefinition(resource_id="T", ingest_method="JSON", parameters={"documentElement": "items"})
    part = Part(name="data.json", path=path, bytes=len(body))
    counted = survey(part, definition, [JsonReader], Limits())
    assert len(records_of(body, "items")) == counted.records
    reading = JsonReader().open(definition, Snapshot(parts=(part,), fetched=""), _Context())
    parser = reading.parser()
    found = {row: d for cut in reading.cuts() for row, d in parser.parse(cut, frozenset()).documents()}
    reading.close()
    mine = [json.loads(r) for r in records_of(body, "items")]
    assert [d for d in mine if isinstance(d, dict)] == list(found.values())


class _Context:
    limits = Limits()

    def report(self, occurrence):
        raise AssertionError(occurrence)


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": 1} x', b"\xff\xfe", b"nope"])
def test_what_is_no_json(body):
    with pytest.raises(NotJson):
        find(body, "a")


def test_encodings_and_depth():
    assert find('{"a": "ü"}'.encode("utf-16"), "a") == '"ü"'.encode()
    assert find(b'\xef\xbb\xbf{"a": 1}', "a") == b"1"
    with pytest.raises(NotJson):
        find(b"[" * 300 + b"]" * 300, "a")
