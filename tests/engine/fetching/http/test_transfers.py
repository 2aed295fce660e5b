"""Transfers that fail, slow down, break off or never end."""

import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest

from potable.engine import __version__
from potable.engine.errors import UsageError
from potable.engine.fetching.deadline import Deadline
from potable.engine.fetching.network.retrying import retry_after
from potable.engine.findings import Fault

from .breaking import BODY, ETAG, broken


def fails_first(times, failing, good):
    """A handler that fails so many times before it's good."""
    return lambda call: failing(call) if call.number <= times else good(call)


def test_what_is_sent_and_what_comes(serve, client):
    server = serve(lambda call: call.answer(BODY, X_One="1", ETag=ETAG))
    with client().get(server.url("/a b?q=ü"), {"Accept": "text/csv"}) as response:
        assert response.status == 200
        assert response.headers["x-one"] == "1"
        assert response.headers["etag"] == ETAG
        assert response.url == server.url("/a%20b?q=%C3%BC")
        assert response.length == len(BODY)
        assert b"".join(response.chunks()) == BODY
    call = server.calls[0]
    assert call.head.startswith("GET /a%20b?q=%C3%BC HTTP/1.1\r\n")
    assert call.headers == {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": f"potable/{__version__}",
        "accept": "text/csv",
        "accept-encoding": "identity",
    }


@pytest.mark.parametrize("headers", [{"X-A": "b\r\nX-C: d"}, {"X\n": "b"}, {"": "b"}, {"X-A": "€"}])
def test_a_header_that_cannot_be_sent_is_the_callers_error(headers, client):
    with pytest.raises(UsageError, match="header"):
        client().get("http://127.0.0.1/", headers)


@pytest.mark.parametrize(
    ("status", "code", "requests"),
    [
        ("400 Bad", "access/http-status", 1),
        ("401 Who", "access/unauthorized", 1),
        ("403 No", "access/unauthorized", 1),
        ("404 Nowhere", "access/not-found", 1),
        ("410 Gone", "access/not-found", 1),
        ("418 Teapot", "access/http-status", 1),
        ("429 Slow", "access/http-status", 3),
        ("500 Broken", "access/http-status", 3),
        ("501 Never", "access/http-status", 1),
        ("502 Bad", "access/http-status", 3),
        ("503 Busy", "access/http-status", 3),
        ("504 Late", "access/http-status", 3),
        ("524 Late", "access/http-status", 3),
        ("304 Same", "access/http-status", 1),
        ("206 Part", "access/truncated", 1),
        ("300 Many", "access/http-status", 1),
    ],
)
def test_each_status_has_its_code(status, code, requests, serve, client, fault_of, pauses):
    server = serve(lambda call: call.answer(b"the server's <b>own</b> words", status))
    found = fault_of(client().get, server.url())
    assert found.code == code
    assert found.location.url == server.url()
    assert status[:3] in found.message
    assert len(server.calls) == requests
    assert pauses.seconds == [0.5, 1.0][: requests - 1]
    if status[:3] not in ("304", "206"):
        assert found.message == f"{server.url()}: the server answered {status[:3]}: the server's own words"
        assert found.details == {"status": int(status[:3])}


def test_a_page_of_error_is_quoted_by_its_title(serve, client, fault_of):
    page = b"<html><head><title>No\n entry</title><style>p{}</style></head><body>\x1b[31m" + b"x" * 100_000
    server = serve(lambda call: call.answer(page, "403 No"))
    assert fault_of(client().get, server.url()).message == f"{server.url()}: the server answered 403: No entry"


def test_at_most_a_kilobyte_of_a_body_is_quoted(serve, client, fault_of):
    server = serve(lambda call: call.answer(b"long words " * 100_000, "500 Broken"))
    assert len(fault_of(client().get, server.url()).message) < 1024


def test_an_error_body_that_never_comes_does_not_hold_up(serve, client, fault_of):
    def stuck(call):
        call.send(b"HTTP/1.1 404 Nowhere\r\nContent-Length: 100\r\n\r\nwords")
        call.stopping.wait(20)

    server = serve(stuck)
    found = fault_of(client(read_seconds=0.2).get, server.url())
    assert (found.code, found.message) == ("access/not-found", f"{server.url()}: the server answered 404")


@pytest.mark.parametrize("failures", [1, 2])
def test_a_busy_server_is_asked_again(failures, serve, client, pauses):
    server = serve(
        fails_first(failures, lambda c: c.answer(b"", "503 Busy", Retry_After="7"), lambda c: c.answer(b"ok"))
    )
    with client().get(server.url()) as response:
        assert response.read() == b"ok"
    assert pauses.seconds == [7.0] * failures


def test_a_wait_beyond_the_deadline_is_not_waited_for(serve, client, fault_of, pauses):
    server = serve(lambda call: call.answer(b"", "503 Busy", Retry_After="3600"))
    found = fault_of(client(fetch_seconds=60.0).get, server.url())
    assert found.code == "access/http-status"
    assert "come back after 3600 s" in found.message
    assert (len(server.calls), pauses.seconds) == (1, [])


def test_retry_after():
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert retry_after("120") == 120
    assert retry_after("Thu, 01 Jan 2026 12:00:30 GMT", now) == 30
    assert retry_after("Thu, 01 Jan 2026 11:00:30 GMT", now) == 0
    assert retry_after((now + timedelta(seconds=5)).strftime("%a, %d %b %Y %H:%M:%S -0000"), now) == 5
    assert [retry_after(v) for v in (None, "soon", "-1", "1.5", "")] == [None] * 5


def test_the_number_of_attempts_is_the_limit(serve, client, fault_of):
    server = serve(lambda call: call.answer(b"", "503 Busy"))
    fault_of(client(attempts=5).get, server.url())
    assert len(server.calls) == 5


def test_a_refused_connection(client, fault_of, pauses):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        found = fault_of(client().get, f"http://127.0.0.1:{unused.getsockname()[1]}/")
    assert found.code == "access/unreachable"
    assert found.message.endswith("the connection was refused")
    assert pauses.seconds == [0.5, 1.0]


def test_a_name_that_does_not_exist(client, fault_of, pauses):
    def resolver(host, port):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    found = fault_of(client(resolver=resolver).get, "http://nowhere.example/")
    assert found.code == "access/unreachable"
    assert "can't be resolved (Name or service not known)" in found.message
    assert pauses.seconds == []


def test_a_resolver_that_fails_for_now_is_asked_again(serve, client, pauses):
    server = serve(lambda call: call.answer(b"ok"))
    asked = []

    def resolver(host, port):
        asked.append(host)
        if len(asked) < 3:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with client(resolver=resolver).get(server.url(host="flaky.example")) as response:
        assert response.read() == b"ok"
    assert len(pauses.seconds) == 2


def test_the_next_address_is_tried(serve, client):
    server = serve(lambda call: call.answer(b"ok"))
    resolver = lambda host, port: [  # noqa: E731
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in ("127.0.0.9", "127.0.0.1")
    ]
    with client(resolver=resolver).get(server.url(host="two.example")) as response:
        assert response.read() == b"ok"


def test_a_resolver_that_hangs(client, fault_of):
    never = threading.Event()
    found = fault_of(
        client(resolver=lambda *_: never.wait(20), connect_seconds=0.05, attempts=1).get, "http://slow.example/"
    )
    never.set()
    assert found.code == "access/timeout"
    assert "limit connect_seconds" in found.message


def test_a_connection_that_is_never_accepted(client, fault_of):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        crowd = [socket.socket() for _ in range(4)]
        try:
            for sock in crowd:  # fill the backlog: further connections hang
                sock.setblocking(False)
                sock.connect_ex(address)
            found = fault_of(client(connect_seconds=0.2, attempts=1).get, f"http://127.0.0.1:{address[1]}/")
        finally:
            for sock in crowd:
                sock.close()
    assert found.code == "access/timeout"
    assert found.message.endswith("no connection within 0.2 s (limit connect_seconds)")


@pytest.mark.parametrize("failing", [lambda c: None, lambda c: c.reset()], ids=["closed", "reset"])
def test_a_connection_without_answer_is_tried_again(failing, serve, client, fault_of):
    server = serve(fails_first(2, failing, lambda c: c.answer(b"ok")))
    with client().get(server.url()) as response:
        assert response.read() == b"ok"
    always = serve(failing)
    found = fault_of(client().get, always.url())
    assert (found.code, len(always.calls)) == ("access/unreachable", 3)


@pytest.mark.parametrize(
    "words",
    [
        b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n",
        b"\x15\x03\x01\x00\x02\x02\x16",
        b"220 ftp ready\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 200 + b"\r\n",
    ],
)
def test_what_is_not_http(words, serve, client, fault_of):
    server = serve(lambda call: call.send(words))
    found = fault_of(client().get, server.url())
    assert found.code == "access/protocol"
    assert len(found.message) < 1024
    assert len(server.calls) == 1


def test_a_server_that_says_nothing(serve, client, fault_of):
    server = serve(lambda call: call.stopping.wait(20))
    found = fault_of(client(read_seconds=0.1).get, server.url())
    assert found.code == "access/timeout"
    assert "limit read_seconds" in found.message
    assert server.connections() == 3


def drip(call, first=b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", piece=b"x"):
    call.send(first)
    while not call.stopping.wait(0.02):
        call.send(piece)


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        (b"HTTP/1.1 ", b"2"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: 1\r\n"),
    ],
    ids=["body", "chunks", "chunk size", "header", "status line", "interim responses", "trailers"],
)
def test_a_drip_is_stopped_by_the_deadline(first, piece, serve, client, fault_of):
    server = serve(lambda call: drip(call, first, piece))
    http = client(fetch_seconds=0.3, read_seconds=20.0)

    def fetch():
        with http.get(server.url()) as response:
            response.read()

    found = fault_of(fetch)
    assert found.code == "access/timeout"
    assert found.message.endswith("the fetch took longer than 0.3 s (limit fetch_seconds)")
    assert server.connections() <= 1


def test_the_deadline_holds_before_anything_is_sent(serve, client, fault_of):
    server = serve(lambda call: call.answer(b"ok"))
    found = fault_of(client(fetch_seconds=1e-9).get, server.url())
    assert found.code == "access/timeout"
    assert server.connections() == 0


def endless(call, head, piece):
    call.send(head)
    while not call.stopping.is_set():
        call.send(piece)


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\n", b"x" * 65536),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"8000\r\n" + b"x" * 0x8000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: 1\r\n" * 4096),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 4096),
    ],
    ids=["until close", "chunked", "trailers", "interim responses"],
)
def test_an_endless_answer_is_stopped_by_the_byte_cap(head, piece, serve, client, fault_of):
    server = serve(lambda call: endless(call, head, piece))
    http, got = client(fetch_bytes=1_000_000), []

    def fetch():
        with http.get(server.url()) as response:
            got.extend(response.chunks())

    found = fault_of(fetch)
    assert found.code == "access/too-large"
    assert sum(map(len, got)) <= 1_000_000
    assert len(server.calls) == 1


def test_an_announced_size_past_the_cap_is_not_fetched(serve, client, fault_of):
    server = serve(lambda call: call.answer(b"x" * 1001))
    with client(fetch_bytes=1000).get(server.url()) as response:
        found = fault_of(response.read)
    assert found.code == "access/too-large"
    assert found.message.endswith("the server announces 1,001 bytes, past the 1,000 bytes of limit fetch_bytes")


def test_the_cap_holds_for_all_responses_together(serve, client, fault_of):
    server = serve(lambda call: call.answer(b"x" * 400))
    http = client(fetch_bytes=1000)
    for _ in range(2):
        assert len(http.get(server.url()).read()) == 400
    assert fault_of(http.get(server.url()).read).code == "access/too-large"


def test_read_has_a_limit_of_its_own(serve, client, fault_of):
    server = serve(lambda call: call.answer(b"x" * 1000))
    assert len(client().get(server.url()).read(1000)) == 1000
    found = fault_of(client().get(server.url()).read, 999)
    assert found.code == "access/too-large"
    assert "999 bytes" in found.message


@pytest.mark.parametrize(
    "failing",
    [
        lambda call: broken(call, BODY, 1000),
        lambda call: (broken(call, BODY, 1000), call.reset()),
        lambda call: call.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"),
        lambda call: call.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nabcde"),
        lambda call: call.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\nzz\r\n"),
        lambda call: broken(call, BODY, 0),
    ],
    ids=["short", "reset", "no last chunk", "short chunk", "bad chunk size", "nothing"],
)
def test_a_broken_transfer_is_tried_again_then_found(failing, serve, client, fault_of):
    server = serve(fails_first(2, failing, lambda call: call.answer(BODY)))
    with client().get(server.url()) as response:
        assert response.read() == BODY
    always = serve(failing)
    with client().get(always.url()) as response:
        found = fault_of(response.read)
    assert (found.code, len(always.calls)) == ("access/truncated", 3)


def test_how_much_is_missing_is_said(serve, client, fault_of):
    server = serve(lambda call: broken(call, b"x" * 1000, 400))
    found = fault_of(client().get(server.url()).read)
    assert found.message.endswith("the transfer broke off with 600 announced bytes missing")


def test_connections_are_kept_for_the_next_request(serve, client):
    def handler(call):
        call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        return True

    server = serve(handler)
    http = client()
    for _ in range(3):
        with http.get(server.url()) as response:
            assert response.read() == b"ok"
    assert (len(server.calls), server.connections()) == (3, 1)


def test_a_kept_connection_that_was_closed_is_no_failure(serve, client, pauses):
    closed = threading.Event()

    def handler(call):
        call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        call.sock.shutdown(socket.SHUT_RDWR)
        closed.set()

    server = serve(handler)
    http = client(attempts=1)
    for _ in range(2):
        with http.get(server.url()) as response:
            assert response.read() == b"ok"
        assert closed.wait(20)
    assert (server.connections(), pauses.seconds) == (2, [])


SECRET = "s3cr3t-V4lue"


@pytest.mark.parametrize("status", ["401 Who", "404 Nowhere", "500 Broken", "302 Found"])
def test_no_message_has_a_secret(status, serve, client, fault_of, caplog, capsys):
    def handler(call):
        echo = call.head + " " + call.headers.get("authorization", "")
        call.answer(echo.encode(), status, Bad_Header_Without_Colon="1")

    server = serve(handler)
    url = f"http://user:{SECRET}@127.0.0.1:{server.port}/data?api_key={SECRET}&page=2"
    caplog.set_level("DEBUG")
    with pytest.raises(Fault) as caught:
        client().get(url, {"X-Api-Key": SECRET, "Authorization": f"Bearer {SECRET}x"})
    text = repr(caught.value) + str(caught.value) + repr(caught.value.__context__) + caplog.text
    assert "api_key=***&page=2" in text
    assert SECRET not in text
    assert SECRET not in str(capsys.readouterr())


def test_a_malformed_header_logs_no_secret(serve, client, caplog):
    server = serve(lambda call: call.send(b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 2\r\n\r\nok"))
    caplog.set_level("DEBUG")
    with client().get(server.url(f"/?token={SECRET}")) as response:
        response.read()
    assert SECRET not in caplog.text


def test_an_address_that_makes_no_sense(client, fault_of):
    assert fault_of(client().get, "").code == "access/unreachable"
    assert fault_of(client().get, "example.org/data.csv").code == "access/unreachable"
    assert fault_of(client().get, "http://1.2.3.4.5/").code == "access/unreachable"
    assert fault_of(client().get, f"ftp://user:{SECRET}@example.org/").code == "access/blocked-address"
    assert SECRET not in fault_of(client().get, f"ftp://user:{SECRET}@example.org/").message


def test_the_deadline():
    now = [100.0]
    deadline = Deadline(5, lambda: now[0])
    assert (deadline.left(), deadline.passed) == (5.0, False)
    now[0] = 105.0
    assert (deadline.left(), deadline.passed) == (0.0, True)
