"""Answers of servers that count, date or frame what they send in ways of their own."""

import json
import time

import pytest

from potable.engine import Engine
from potable.engine.fetching.network.retrying import http_date, retry_after

TEXT = ("id,name\n" + "".join(f"{n},Größe {n}\n" for n in range(3_000))).encode()
ODD_DATES = [
    "Fri, 31 Dec 2026 23:59:59 +99999999999999999999", "Fri, 31 Dec 99999 23:59:59 GMT", "Mon, 99 Foo 2026", "", "soon",
]  # fmt: skip


@pytest.mark.parametrize("body", [TEXT, TEXT[:200], b"\xc3\xa4"], ids=["long", "short", "two bytes"])
@pytest.mark.parametrize("pause", [0, 0.1])
def test_a_server_that_counts_characters_cuts_the_end_off(body, pause, serve, client, fault_of):
    def handler(call):
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body.decode(errors='ignore'))}\r\n\r\n".encode()
        call.send(head)
        time.sleep(pause)  # head and body in one packet, and apart
        call.send(body)

    server = serve(handler)
    with client().get(server.url()) as response:
        found = fault_of(response.read)
    assert (found.code, found.location.url) == ("access/protocol", server.url())
    announced = len(body.decode(errors="ignore"))
    assert f"announces {announced:,} bytes (Content-Length) and sends more" in found.message
    assert "characters" in found.hint
    assert len(server.calls) == 1


@pytest.mark.parametrize("behind", [b"", b"\r\n", b"\n\n"])
def test_line_ends_behind_a_body_are_nothing(behind, serve, client):
    def handler(call):
        call.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(TEXT) + TEXT + behind)
        return True

    server = serve(handler)
    http = client()
    for _ in range(2):
        with http.get(server.url()) as response:
            assert response.read() == TEXT


@pytest.mark.parametrize("status", ["102 Processing", "103 Early Hints", "199 What"])
def test_interim_answers_are_stepped_over(status, serve, client):
    def handler(call):
        call.send(f"HTTP/1.1 {status}\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n".encode())
        call.answer(TEXT)

    with client().get(serve(handler).url()) as response:
        assert (response.status, response.read()) == (200, TEXT)
        assert "link" not in response.headers


def test_interim_answers_without_end(serve, client, fault_of):
    def handler(call):
        while not call.stopping.is_set():
            call.send(b"HTTP/1.1 102 Processing\r\n\r\n" * 1000)

    assert fault_of(client().get, serve(handler).url()).code == "access/too-large"


@pytest.mark.parametrize("coding", ["gzip, chunked", "gzip", "chunked, gzip", "x"])
def test_a_transfer_coding_that_nobody_asked_for(coding, serve, client, fault_of):
    server = serve(lambda call: call.send(f"HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n".encode() + TEXT))
    found = fault_of(client().get, server.url())
    assert found.code == "access/protocol"
    assert f"transfer coding {coding!r}" in found.message


@pytest.mark.parametrize("length", ["-5", "many", "1e3", ""])
def test_a_length_that_is_no_number_tells_nothing_of_the_end(length, serve, client, fault_of):
    server = serve(lambda call: call.send(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode() + TEXT))
    found = fault_of(client().get, server.url())
    assert (found.code, found.location.url) == ("access/protocol", server.url())
    assert found.message.endswith(f"announces a length that is no number (Content-Length: {length})")
    assert len(server.calls) == 1


@pytest.mark.parametrize("status", ["200 OK", "206 Part"])
def test_a_part_is_told_by_its_range(status, serve, client, fault_of):
    last = len(TEXT) - 1
    ranges = [f"bytes 0-99/{last + 1}", f"bytes 1-{last}/{last + 1}", "bytes 0-99/*"]
    for told in ranges:
        server = serve(lambda call, told=told: call.answer(TEXT[:100], status, Content_Range=told))
        found = fault_of(client().get, server.url())
        assert (found.code, len(server.calls)) == ("access/truncated", 1)
        assert found.message.endswith(f"the server sent a part only, unasked ({status[:3]}: {told})")
    server = serve(lambda call: call.answer(TEXT, status, Content_Range=f"bytes 0-{last}/{last + 1}"))
    with client().get(server.url()) as response:
        assert response.read() == TEXT


@pytest.mark.parametrize("value", ODD_DATES)
def test_odd_dates_are_none(value):
    assert http_date(value) is None
    assert retry_after(value) is None
    assert http_date(None) is None


@pytest.mark.parametrize("value", ODD_DATES)
def test_a_busy_server_with_an_odd_date_is_asked_again(value, serve, client):
    def handler(call):
        if call.number == 1:
            return call.answer(b"", "503 Busy", Retry_After=value)
        return call.answer(TEXT)

    with client().get(serve(handler).url()) as response:
        assert response.read() == TEXT


def test_a_broken_transfer_with_odd_dates_is_asked_for_anew(serve):
    def handler(call):
        if call.number == 1:
            call.send(f"HTTP/1.1 200 OK\r\nContent-Length: 999\r\nLast-Modified: {ODD_DATES[0]}\r\n\r\nid".encode())
        else:
            call.answer(b"id\n1\n")

    report = Engine(allow_hosts=["127.0.0.1"]).check({"ingestMethod": "CSV", "ingestURL": serve(handler).url("/a.csv")})
    assert (report.verdict, report.counts.records) == ("passed", 1)


def test_data_that_are_still_being_made(serve, client, fault_of, pauses):
    server = serve(lambda call: call.answer(json.dumps({"status": "queued"}).encode(), "202 Accepted", Retry_After="7"))
    found = fault_of(client().get, server.url())
    assert (found.code, found.details, len(server.calls)) == ("access/http-status", {"status": 202}, 3)
    assert pauses.seconds == [7, 7]
    assert "it hasn't made the data yet" in found.message


def test_a_server_that_wants_fewer_requests(serve, client, fault_of):
    found = fault_of(client().get, serve(lambda call: call.answer(b"slow down", "429 Too Many")).url())
    assert "waitTime" in found.hint


@pytest.mark.parametrize("status", ["404 Nowhere", None])
def test_what_a_redirect_led_to_is_told_with_what_led_there(status, serve, client, fault_of):
    def handler(call):
        if "token" in call.path:
            return call.redirect("/b" if status else "http://10.0.0.1/b")
        return call.answer(b"", status)

    server = serve(handler)
    found = fault_of(client().get, server.url("/a?token=s3cr3t"))
    assert found.message.startswith(server.url("/b") if status else "http://10.0.0.1/b")
    assert found.message.endswith(f" ({server.url('/a?token=***')} redirects there)")
    assert "s3cr3t" not in found.message
