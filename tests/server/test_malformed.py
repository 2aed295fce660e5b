"""Requests that no well-meant client sends, as raw bytes: answered or dropped in bounded time, never in a log."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import socket
from typing import Any

import pytest

from potable.engine.service import Service
from potable.server.limits import HttpLimits

SECRET = "0123456789ab.Zm9yLXRlc3Rpbmctb25seS1uby1yZWFsLXNlY3JldC0x"
RUN = f"POST /controller/run?api_key={SECRET}&resourceID=clean HTTP/1.1\r\nHost: x\r\n"

MALFORMED = {
    "no method": f"api_key={SECRET}\r\n\r\n",
    "space in target": f"GET /controller/run_status?api_key={SECRET} &resourceID=clean HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL in target": f"GET /?api_key={SECRET}\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "raw non-ASCII target": f"GET /?api_key={SECRET}\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "bare LF": f"GET /?api_key={SECRET} HTTP/1.1\nHost: x\n\n",
    "HTTP/0.9": f"GET /?api_key={SECRET}\r\n\r\n",
    "no such version": f"GET /?api_key={SECRET} HTTP/9.9\r\nHost: x\r\n\r\n",
    "header without colon": f"GET / HTTP/1.1\r\nHost: x\r\nX-API-Key {SECRET}\r\n\r\n",
    "control character in header": f"GET / HTTP/1.1\r\nHost: x\r\nX-API-Key: {SECRET}\x01\r\n\r\n",
    "space before colon": f"GET / HTTP/1.1\r\nHost: x\r\nX-API-Key : {SECRET}\r\n\r\n",
    "folded header": f"GET / HTTP/1.1\r\nHost: x\r\nX-API-Key:\r\n {SECRET}\x01\r\n\r\n",
    "long line": f"GET /?api_key={SECRET}&x={'x' * 40_000} HTTP/1.1\r\nHost: x\r\n\r\n",
    "long header": f"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {SECRET * 300}\r\n\r\n",
    "many headers": f"GET / HTTP/1.1\r\nHost: x\r\nX-API-Key: {SECRET}\r\n" + "A: b\r\n" * 500 + "\r\n",
    "two lengths": f"{RUN}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "signed length": f"{RUN}Content-Length: +5\r\n\r\nhello",
    "length and chunks": f"{RUN}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": f"{RUN}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunked not last": f"{RUN}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "unknown transfer coding": f"{RUN}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "transfer coding, spaced": f"{RUN}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "bad chunk size": f"{RUN}Transfer-Encoding: chunked\r\n\r\nZZ\r\napi_key={SECRET}\r\n0\r\n\r\n",
    "TLS": f"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03{SECRET}\r\n\r\n",
    "HTTP/2 preface": f"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{SECRET}",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_request_is_refused_and_not_quoted(
    client: Any, service: Service, logged: io.StringIO, name: str
) -> None:
    answer = client.raw(MALFORMED[name].encode("latin-1"))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] in (b"400", b"505")
    message = json.loads(body)["message"]
    assert message in ("Bad Request", "HTTP Version Not Supported: use HTTP/1.1")
    assert b"nosniff" in head
    secret = SECRET.partition(".")[2]
    assert secret[:12].encode() not in answer
    assert secret[:12] not in logged.getvalue()
    assert service.history("clean") == []
    assert client.status(resourceID="clean").status == 200


def test_a_smuggled_request_is_not_answered(client: Any, service: Service) -> None:
    inner = f"POST /controller/run?api_key={client.key}&resourceID=clean HTTP/1.1\r\nHost: x\r\n\r\n"
    for lengths in (
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Content-Length: 0\r\nContent-Length: 44\r\n",
        "Transfer-Encoding:\x0bchunked\r\n",
    ):
        answer = client.raw(f"POST /controller/run HTTP/1.1\r\nHost: x\r\n{lengths}\r\n0\r\n\r\n{inner}".encode())
        assert answer.count(b"HTTP/1.") == 1
        assert answer.split()[1] == b"400"
    assert service.history("clean") == []


def test_an_unknown_expectation_is_not_quoted(client: Any) -> None:
    answer = client.raw(f"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: {SECRET}\r\n\r\n".encode())
    assert answer.split()[1] == b"417"
    assert SECRET.encode() not in answer


def test_a_body_may_be_awaited(client: Any) -> None:
    with socket.create_connection(("127.0.0.1", client.port), timeout=30) as sock:
        sock.sendall(
            b"POST /controller/run HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 16\r\n"
            b"X-API-Key: " + client.key.encode() + b"\r\n\r\n"
        )
        assert sock.recv(1000).startswith(b"HTTP/1.1 100 ")
        sock.sendall(b"resourceID=clean")
        assert sock.recv(1000).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "deflate", "br", "zstd", "x-unknown", "identity, gzip"])
def test_a_compressed_body_is_refused(client: Any, service: Service, coding: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": coding}
    answer = client.call("POST", "/controller/run", body=gzip.compress(b"resourceID=clean"), headers=headers)
    assert answer.status == 400
    assert answer.message == "Failed Request : the body is compressed; send it without Content-Encoding"
    assert service.history("clean") == []


def test_a_gzip_bomb_is_never_inflated(client: Any) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 64 << 10
    answer = client.call("POST", "/controller/run", {"resourceID": "clean"}, body=bomb,
                         headers={"Content-Encoding": "gzip"})  # fmt: skip
    assert answer.status == 400


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=b"]
)
def test_too_large_a_body(client: Any, content_type: str) -> None:
    sent = b"x" * ((64 << 10) + 1)
    answer = client.call("POST", "/controller/run", {"resourceID": "clean"}, body=sent,
                         headers={"Content-Type": content_type})  # fmt: skip
    assert (answer.status, answer.json) == (413, {"message": "Request Entity Too Large"})


def test_too_large_a_body_without_a_length(client: Any, service: Service) -> None:
    head = f"POST /controller/run?resourceID=clean HTTP/1.1\r\nHost: x\r\nX-API-Key: {client.key}\r\n"
    chunks = b"1000\r\n" + b"x" * 0x1000 + b"\r\n"
    answer = client.raw(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks * 17 + b"0\r\n\r\n")
    assert answer.split()[1] == b"413"
    assert service.history("clean") == []


def test_a_body_of_the_largest_size(client: Any) -> None:
    answer = client.call("POST", "/controller/run", {"resourceID": "clean"}, body=b"x" * (64 << 10))
    assert answer.status == 200


NAMED = b'--b\r\nContent-Disposition: form-data; name="resourceID"\r\n'


@pytest.mark.parametrize(
    "body",
    [
        b"no boundary at all",
        b"--b\r\nContent-Disposition: form-data\r\n\r\nclean\r\n--b--\r\n",
        NAMED + b"\r\nclean",
        NAMED + b"Content-Transfer-Encoding: x\r\n\r\nclean\r\n--b--\r\n",
        NAMED + b"Content-Type: text/plain; charset=x\r\n\r\nc\r\n--b--\r\n",
        b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--\r\n",
    ],
)
def test_a_broken_multipart_form(client: Any, service: Service, body: bytes) -> None:
    answer = client.call(
        "POST", "/controller/run", body=body, headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert answer.status == 400
    assert service.history("clean") == []


def test_too_many_parameters(client: Any) -> None:
    answer = client.call("GET", "/controller/run_status", [("resourceID", "clean"), *(("x", "") for _ in range(100))])
    assert (answer.status, answer.message) == (400, "Failed Request : more than 100 parameters")


QUICK = HttpLimits(idle_seconds=0.3, body_seconds=0.3, linger_seconds=0.1)
MULTIPART = b"Content-Type: multipart/form-data; boundary=b\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /healthz", b"GET /healthz HTTP/1.1\r\n", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: 1\r\n"],
)
def test_slow_headers_close_the_connection(start: Any, sent: bytes) -> None:
    assert start(limits=QUICK).raw(sent) == b""


def test_an_idle_connection_is_closed(start: Any) -> None:
    answer = start(limits=QUICK).raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.split()[1] == b"200"
    assert answer.count(b"HTTP/1.1") == 1


def test_slow_headers_of_a_second_request_close_the_connection(start: Any) -> None:
    answer = start(limits=QUICK).raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\n")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("kind", [b"", FORM, MULTIPART, b"Content-Type: application/json\r\n"])
@pytest.mark.parametrize(
    "body", [b"Content-Length: 30\r\n\r\nresource", b"Transfer-Encoding: chunked\r\n\r\n8\r\nresource"]
)
def test_a_slow_body_is_timed_out(start: Any, service: Service, kind: bytes, body: bytes) -> None:
    client = start(limits=QUICK)
    head = f"POST /controller/run?resourceID=clean HTTP/1.1\r\nHost: x\r\nX-API-Key: {client.key}\r\n".encode()
    answer = client.raw(head + kind + body)
    assert answer.split()[1] == b"408"
    assert answer.endswith(b'{"message": "Request Timeout: the body didn\'t come in time"}\n')
    assert service.history("clean") == []


def test_a_body_that_breaks_off_starts_nothing(client: Any, service: Service) -> None:
    with socket.create_connection(("127.0.0.1", client.port), timeout=30) as sock:
        sock.sendall(
            f"POST /controller/run HTTP/1.1\r\nHost: x\r\nX-API-Key: {client.key}\r\nContent-Length: 30\r\n".encode()
            + FORM
            + b"\r\nresourceID=clean"
        )
    assert client.status(resourceID="clean").json["status"] == "No ongoing run"
    assert service.history("clean") == []


def test_a_client_that_takes_no_answer_is_cut_off(start: Any) -> None:
    client = start(limits=HttpLimits(send_seconds=0.3))

    def ask_for_ever(sock: socket.socket) -> None:
        while True:  # until the server cuts the connection; one that only blocked would time out
            sock.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 100)

    with socket.create_connection(("127.0.0.1", client.port), timeout=30) as sock, pytest.raises(ConnectionError):
        ask_for_ever(sock)
    assert client.call("GET", "/healthz").status == 200


ALIVE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def test_past_the_most_connections_the_oldest_idle_one_is_closed(start: Any) -> None:
    client = start(limits=HttpLimits(connections=3))
    with contextlib.ExitStack() as stack:
        kept = [stack.enter_context(socket.create_connection(("127.0.0.1", client.port), timeout=30)) for _ in range(3)]
        for sock in kept:
            sock.sendall(ALIVE)
            assert sock.recv(1000).startswith(b"HTTP/1.1 200 ")
        kept[0].sendall(ALIVE[:20])  # half a request holds nothing
        assert client.call("GET", "/healthz").status == 200
        with contextlib.suppress(ConnectionResetError):
            assert kept[0].recv(1000) == b""
        kept[2].sendall(ALIVE)
        assert kept[2].recv(1000).startswith(b"HTTP/1.1 200 ")


def test_past_the_most_connections_those_that_are_busy_stay(start: Any) -> None:
    client = start(limits=HttpLimits(connections=2))
    ask = "POST /controller/run HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
    with contextlib.ExitStack() as stack:
        busy = [stack.enter_context(socket.create_connection(("127.0.0.1", client.port), timeout=30)) for _ in range(2)]
        for sock in busy:
            sock.sendall(ask.encode())
            assert sock.recv(1000).startswith(b"HTTP/1.1 100 ")  # it waits for the body
        assert client.raw(ALIVE) == b""
        for sock in busy:
            sock.sendall(b"x")
            assert sock.recv(1000).startswith(b"HTTP/1.1 401 ")
