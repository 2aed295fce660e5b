"""Redirects are followed by hand: each target is checked, and credentials stay where they belong."""

import pytest

SECRET = "s3cr3t-value"


def test_a_redirect_is_followed(serve, client, said):
    server = serve(lambda call: call.answer(b"here") if call.path == "/b?x=1" else call.redirect("/b?x=1#there"))
    with client().get(server.url("/a")) as response:
        assert (response.status, response.url, response.read()) == (200, server.url("/b?x=1"), b"here")
    assert said == []


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_every_kind_of_redirect(serve, client, status):
    server = serve(lambda call: call.answer(b"here") if call.path == "/b" else call.redirect("b", status))
    with client().get(server.url("/a")) as response:
        assert response.read() == b"here"


@pytest.mark.parametrize(
    "target",
    [
        "http://2130706434:{port}/",
        "http://0x7f000002:{port}/",
        "http://0177.0.0.2:{port}/",
        "http://127.2:{port}/",
        "http://[::ffff:127.0.0.2]:{port}/",
        "//127.0.0.2:{port}/",
        "http://127.0.0.2:{port}/",
        "http://[::1]:{port}/",
    ],
)
def test_a_redirect_to_a_blocked_address_sends_no_packet(target, serve, client, fault_of):
    inner = serve(lambda call: call.answer(b"secret"), host="0.0.0.0")
    outer = serve(lambda call: call.redirect(target.format(port=inner.port)))
    found = fault_of(client(allow="127.0.0.1").get, outer.url())
    assert found.code == "access/blocked-address"
    assert inner.connections() == 0


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "FILE:/etc/passwd",
        "ftp://127.0.0.1/x",
        "gopher://127.0.0.1/",
        "data:text/csv,a",
        "javascript:1",
    ],
)
def test_a_redirect_to_another_scheme_is_refused(target, serve, client, fault_of):
    server = serve(lambda call: call.redirect(target))
    found = fault_of(client().get, server.url())
    assert found.code == "access/blocked-address"
    assert "isn't http or https" in found.message
    assert len(server.calls) == 1


def test_a_redirect_to_what_is_no_url_is_refused(serve, client, fault_of):
    server = serve(lambda call: call.redirect("http://[::1"))
    found = fault_of(client().get, server.url())
    assert found.code == "access/blocked-address"
    assert "redirects to http://[::1, which isn't allowed: its host part can't be read" in found.message


def test_a_circle_is_found_at_once(serve, client, fault_of):
    server = serve(lambda call: call.redirect("/b" if call.path == "/a" else "/a"))
    found = fault_of(client().get, server.url("/a"))
    assert found.code == "access/too-many-redirects"
    assert "circle" in found.message
    assert [call.path for call in server.calls] == ["/a", "/b"]


def test_an_endless_chain_stops_at_the_limit(serve, client, fault_of):
    server = serve(lambda call: call.redirect(f"/{call.number}"))
    found = fault_of(client(redirects=4).get, server.url("/start"))
    assert found.code == "access/too-many-redirects"
    assert "limit redirects" in found.message
    assert len(server.calls) == 5


def test_as_many_redirects_as_the_limit_are_followed(serve, client):
    server = serve(lambda call: call.redirect(f"/{call.number}") if call.number <= 4 else call.answer(b"here"))
    with client(redirects=4).get(server.url("/start")) as response:
        assert response.read() == b"here"


def test_a_redirect_without_target_is_a_bad_status(serve, client, fault_of):
    server = serve(lambda call: call.answer(b"", "302 Found"))
    found = fault_of(client().get, server.url())
    assert found.code == "access/http-status"
    assert "302 without saying where to" in found.message


def test_credentials_do_not_follow_to_another_host(serve, client, said):
    other = serve(lambda call: call.answer(b"here"))
    first = serve(lambda call: call.redirect(other.url("/b", "localhost")))
    url = f"http://user:{SECRET}@127.0.0.1:{first.port}/a"
    headers = {"X-Api-Key": SECRET, "Cookie": SECRET, "X-Whatever": SECRET, "Accept": "text/csv"}
    with client().get(url, headers) as response:
        assert response.read() == b"here"
    assert first.calls[0].head.count(SECRET) == 3
    assert first.calls[0].headers["authorization"].startswith("Basic ")
    assert SECRET not in other.calls[0].head
    assert set(other.calls[0].headers) == {"host", "user-agent", "accept", "accept-encoding"}
    assert other.calls[0].headers["accept"] == "text/csv"
    assert [o.code for o in said] == ["access/redirected-host"]
    assert said[0].message == f"{first.url('/a')}: the data come from {other.url('/b', 'localhost')}"


def test_credentials_do_not_follow_to_another_port(serve, client, said):
    other = serve(lambda call: call.answer(b"here"))
    first = serve(lambda call: call.redirect(other.url("/b")))
    with client().get(first.url("/a"), {"Authorization": f"Bearer {SECRET}"}) as response:
        assert response.read() == b"here"
    assert SECRET not in other.calls[0].head
    assert said == []


def test_credentials_stay_on_the_same_origin(serve, client):
    server = serve(lambda call: call.answer(b"here") if call.path == "/b" else call.redirect("/b"))
    with client().get(f"http://user:pass@127.0.0.1:{server.port}/a", {"X-Api-Key": SECRET}) as response:
        assert response.read() == b"here"
    assert server.calls[1].headers["authorization"] == "Basic dXNlcjpwYXNz"
    assert server.calls[1].headers["x-api-key"] == SECRET


def test_credentials_once_dropped_do_not_come_back(serve, client):
    first = serve(lambda call: call.answer(b"home") if call.path == "/home" else call.redirect(away.url("/b")))
    away = serve(lambda call: call.redirect(first.url("/home")))
    with client().get(first.url("/a"), {"X-Api-Key": SECRET}) as response:
        assert response.read() == b"home"
    assert [SECRET in call.head for call in first.calls] == [True, False]


def test_the_user_part_of_a_redirect_is_not_used(serve, client):
    server = serve(
        lambda call: (
            call.answer(b"here") if call.path == "/b" else call.redirect(f"http://u:p@127.0.0.1:{server.port}/b")
        )
    )
    with client().get(server.url("/a")) as response:
        assert response.url == server.url("/b")
    assert "authorization" not in server.calls[1].headers


def test_a_location_in_utf8(serve, client):
    server = serve(
        lambda call: call.answer(b"here") if call.path == "/%C3%BC%20x"
        else call.send("HTTP/1.1 302 F\r\nLocation: /ü x\r\nContent-Length: 0\r\n\r\n".encode())
    )  # fmt: skip
    with client().get(server.url("/a")) as response:
        assert response.read() == b"here"


@pytest.mark.parametrize(
    "target", ["/" + "x" * 9000, "ftp://host/" + "x" * 9000, "http://" + "x" * 9000, "http://127.0.0.1:0/"]
)
def test_messages_stay_short(target, serve, client, fault_of):
    server = serve(lambda call: call.redirect(target))
    found = fault_of(client(redirects=0).get, server.url())
    assert found.code in ("access/too-many-redirects", "access/blocked-address", "access/unreachable")
    assert len(found.message) < 1024
