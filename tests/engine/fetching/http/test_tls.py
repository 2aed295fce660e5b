"""TLS with real certificates."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def context_of(authority, *hosts, **facts):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*hosts, **facts).configure_cert(context)
    return context


@pytest.fixture
def trusted(authority, tmp_path, monkeypatch):
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_a_trusted_authority(authority, serve, client):
    server = serve(lambda call: call.answer(b"a,b\n" * 50_000), context_of(authority, "localhost", "127.0.0.1"))
    for host in ("localhost", "127.0.0.1", "LOCALHOST."):
        with client(allow="localhost,127.0.0.1").get(server.url(host=host)) as response:
            assert response.read() == b"a,b\n" * 50_000


def test_a_certificate_of_an_unknown_authority(authority, serve, client, fault_of, pauses):
    server = serve(lambda call: call.answer(b"secret"), context_of(authority, "localhost"))
    found = fault_of(client(allow="localhost").get, server.url(host="localhost"))
    assert found.code == "access/tls"
    assert "certificate isn't trusted: " in found.message
    assert "SSL_CERT_FILE" in found.hint
    assert (server.calls, pauses.seconds) == ([], [])


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_another_host(authority, serve, client, fault_of):
    server = serve(lambda call: call.answer(b"secret"), context_of(authority, "other.example"))
    found = fault_of(client(allow="localhost").get, server.url(host="localhost"))
    assert found.code == "access/tls"
    assert "localhost" in found.message.partition("trusted: ")[2]
    assert server.calls == []


@pytest.mark.usefixtures("trusted")
def test_a_certificate_that_has_expired(authority, serve, client, fault_of):
    past = datetime.now(UTC) - timedelta(days=1)
    context = context_of(authority, "localhost", not_before=past - timedelta(days=9), not_after=past)
    server = serve(lambda call: call.answer(b"secret"), context)
    found = fault_of(client(allow="localhost").get, server.url(host="localhost"))
    assert found.code == "access/tls"
    assert "expired" in found.message


def test_a_port_that_does_not_speak_tls(serve, client, fault_of):
    import socket
    import threading

    listener = socket.create_server(("127.0.0.1", 0))

    def talk():
        sock, _ = listener.accept()
        with sock:
            sock.recv(4096)
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    found = fault_of(client().get, f"https://127.0.0.1:{listener.getsockname()[1]}/")
    thread.join(20)
    listener.close()
    assert found.code == "access/tls"
    assert "doesn't speak TLS" in found.message
    assert "plain http" in found.hint


@pytest.mark.usefixtures("trusted")
def test_a_redirect_to_plain_http_is_told_and_drops_credentials(authority, serve, client, said):
    plain = serve(lambda call: call.answer(b"here"))
    secure = serve(lambda call: call.redirect(plain.url("/b", "localhost")), context_of(authority, "localhost"))
    http = client(allow="localhost")
    with http.get(secure.url("/a", "localhost"), {"X-Api-Key": "s3cr3t"}) as response:
        assert response.read() == b"here"
    assert "x-api-key" in secure.calls[0].headers
    assert "x-api-key" not in plain.calls[0].headers
    assert [(o.code, o.location.url) for o in said] == [("access/insecure-redirect", secure.url("/a", "localhost"))]
    there = plain.url("/b", "localhost")
    assert said[0].message == f"{secure.url('/a', 'localhost')}: redirects to {there}, which isn't encrypted"


@pytest.mark.usefixtures("trusted")
def test_a_drip_over_tls_is_stopped_by_the_deadline(authority, serve, client, fault_of):
    def drip(call):
        call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not call.stopping.wait(0.02):
            call.send(b"x")

    server = serve(drip, context_of(authority, "localhost"))
    http = client(allow="localhost", fetch_seconds=1.0, read_seconds=20.0)
    found = fault_of(lambda: http.get(server.url(host="localhost")).read())
    assert found.code == "access/timeout"
    assert "limit fetch_seconds" in found.message


@pytest.mark.usefixtures("trusted")
def test_a_handshake_that_never_ends(serve, client, fault_of):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        http = client(connect_seconds=0.2, attempts=1)
        found = fault_of(http.get, f"https://127.0.0.1:{listener.getsockname()[1]}/")
    assert found.code == "access/timeout"
    assert "limit connect_seconds" in found.message


@pytest.mark.usefixtures("trusted")
def test_a_transfer_that_breaks_off_over_tls(authority, serve, client, fault_of):
    server = serve(
        lambda call: call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc"),
        context_of(authority, "localhost"),
    )
    found = fault_of(lambda: client(allow="localhost").get(server.url(host="localhost")).read())
    assert (found.code, len(server.calls)) == ("access/truncated", 3)


@pytest.mark.usefixtures("trusted")
def test_a_blocked_address_sees_no_handshake(authority, serve, client, fault_of):
    server = serve(lambda call: call.answer(b"secret"), context_of(authority, "localhost"))
    assert fault_of(client(allow="").get, server.url(host="localhost")).code == "access/blocked-address"
    assert server.connections() == 0


def test_a_handshake_that_never_ends_is_told_by_the_limit_that_ended_it(serve, client, fault_of):
    """Nothing speaks TLS there: it waits for a request in plain http, which doesn't come."""
    server = serve(lambda call: call.stopping.wait(20))
    address = server.url(host="127.0.0.1").replace("http://", "https://")
    found = fault_of(client(connect_seconds=0.2, read_seconds=0.1, attempts=1).get, address)
    assert (found.code, found.message) == (
        "access/timeout",
        f"{address}: no connection within 0.2 s (limit connect_seconds)",
    )
