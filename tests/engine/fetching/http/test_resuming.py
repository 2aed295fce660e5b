"""Transfers that broke off are resumed, where the server proves that the content is still the same."""

import pytest

from potable.engine.fetching.faults import BrokenOff

from .breaking import BODY, ETAG, broken


def resumable(call, body=BODY, etag=ETAG, upto=1000):
    """A server that breaks off until it's asked for a range it can prove to be the same."""
    asked = call.headers.get("range")
    if asked is None or call.headers.get("if-range") != etag:
        return broken(call, body, upto, ETag=etag)
    start = int(asked.removeprefix("bytes=").removesuffix("-"))
    rest = body[start:]
    headers = {"ETag": etag, "Content_Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
    if call.number == 2:
        return call.send(
            f"HTTP/1.1 206 Part\r\nContent-Length: {len(rest)}\r\nETag: {etag}\r\n"
            f"Content-Range: {headers['Content_Range']}\r\n\r\n".encode()
            + rest[:500]
        )
    return call.answer(rest, "206 Part", **headers)


def test_a_transfer_is_resumed_where_it_broke_off(serve, client):
    server = serve(resumable)
    with client().get(server.url()) as response:
        assert b"".join(response.chunks()) == BODY
    assert [call.headers.get("range") for call in server.calls] == [None, "bytes=1000-", "bytes=1500-"]
    assert [call.headers.get("if-range") for call in server.calls] == [None, ETAG, ETAG]


DATE = "Thu, 01 Jan 2026 12:00:00 GMT"
LATER = "Thu, 01 Jan 2026 12:00:09 GMT"
REST = {"Content_Range": f"bytes 1000-{len(BODY) - 1}/{len(BODY)}"}


def test_a_date_vouches_for_the_content_too(serve, client):
    def handler(call):
        if call.number == 1:
            return broken(call, BODY, 1000, Last_Modified=DATE, Date=LATER)
        return call.answer(BODY[1000:], "206 Part", Last_Modified=DATE, **REST)

    server = serve(handler)
    with client().get(server.url()) as response:
        assert b"".join(response.chunks()) == BODY
    assert server.calls[1].headers["if-range"] == DATE


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"Last_Modified": DATE, "Date": LATER}, {"Last_Modified": LATER}),
        ({"Last_Modified": DATE, "Date": LATER}, {}),
        ({"Last_Modified": DATE, "Date": LATER}, {"ETag": ETAG}),
        ({"ETag": ETAG}, {}),
        ({"ETag": ETAG}, {"Last_Modified": DATE}),
        ({"ETag": ETAG, "Last_Modified": DATE, "Date": LATER}, {"Last_Modified": DATE}),
        ({"ETag": ETAG}, {"ETag": 'W/"v1"'}),
    ],
    ids=["another date", "no date", "a tag for a date", "no tag", "a date for a tag", "the date alone", "a weak tag"],
)
def test_two_versions_are_never_spliced(first, second, serve, client):
    """A server that doesn't know If-Range answers with the rest of what is there now, of the same length."""
    new = BODY[::-1]

    def handler(call):
        if call.number == 1:
            return broken(call, BODY, 1000, **first)
        if "range" in call.headers:
            return call.answer(new[1000:], "206 Part", **second, **REST)
        return call.answer(new, **second)

    server = serve(handler)
    assert client().get(server.url()).read() == new
    assert [call.headers.get("range") for call in server.calls] == [None, "bytes=1000-", None]


@pytest.mark.parametrize("headers", [{"Last_Modified": DATE, "Date": DATE}, {"Last_Modified": DATE}])
def test_a_date_of_the_same_second_proves_nothing(headers, serve, client):
    server = serve(lambda call: broken(call, BODY, 1000, **headers) if call.number == 1 else call.answer(BODY[::-1]))
    assert client().get(server.url()).read() == BODY[::-1]
    assert "range" not in server.calls[1].headers


def test_a_rest_that_comes_in_pieces_is_not_taken_for_all_of_it(serve, client):
    """A server that gives less than was asked for."""

    def handler(call):
        if call.number == 1:
            return broken(call, BODY, 1000, ETag=ETAG)
        if "range" in call.headers:
            return call.answer(BODY[1000:2000], "206 Part", ETag=ETAG, Content_Range=f"bytes 1000-1999/{len(BODY)}")
        return call.answer(BODY, ETag=ETAG)

    assert client().get(serve(handler).url()).read() == BODY


def test_a_server_without_ranges_sends_the_same_again(serve, client):
    server = serve(
        lambda call: broken(call, BODY, 70_000, ETag=ETAG) if call.number == 1 else call.answer(BODY, ETag=ETAG)
    )
    with client().get(server.url()) as response:
        assert b"".join(response.chunks()) == BODY
    assert len(server.calls) == 2


@pytest.mark.parametrize(
    "second",
    [
        lambda call: call.answer(BODY[::-1], ETag='"v2"'),
        lambda call: call.answer(
            BODY[900:], "206 Part", ETag=ETAG, Content_Range=f"bytes 900-{len(BODY) - 1}/{len(BODY)}"
        ),
        lambda call: call.answer(BODY[1000:], "206 Part", ETag=ETAG, Content_Range="bytes 1000-1999/2000"),
        lambda call: call.answer(
            BODY[1000:], "206 Part", ETag='"v2"', Content_Range=f"bytes 1000-{len(BODY) - 1}/{len(BODY)}"
        ),
        lambda call: call.answer(BODY[1000:], "206 Part", ETag=ETAG),
        lambda call: call.answer(b"", "416 No", ETag=ETAG),
        lambda call: call.answer(BODY[1000:], "200 OK", ETag=ETAG, **REST),
    ],
    ids=["changed", "another start", "another size", "another tag", "no range", "refused", "the rest as if whole"],
)
def test_a_rest_that_does_not_fit_is_never_glued_on(second, serve, client):
    server = serve(lambda call: broken(call, BODY, 1000, ETag=ETAG) if call.number == 1 else second(call))
    got = []
    with client().get(server.url()) as response, pytest.raises(BrokenOff) as caught:
        got.extend(response.chunks())
    assert caught.value.occurrence.code == "access/truncated"
    assert b"".join(got) == BODY[:1000]


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"v1"'}, {"ETag": ETAG, "Accept_Ranges": "none"}])
def test_without_proof_nothing_is_resumed(headers, serve, client):
    server = serve(lambda call: broken(call, BODY, 1000, **headers))
    with client().get(server.url()) as response, pytest.raises(BrokenOff):
        list(response.chunks())
    assert len(server.calls) == 1
