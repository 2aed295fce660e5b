"""Which addresses may be connected to, and the proof that no packet goes to any other."""

import ipaddress
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.errors import UsageError
from potable.engine.fetching.network.policy import (
    AddressPolicy,
    BadHost,
    Blocked,
    ResolverTimeout,
    not_public,
    parse_literal,
)

PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "2a00:1450:4001::200e"]
NOT_PUBLIC = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "168.63.129.16",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.9", "192.0.0.192", "192.0.2.1", "192.88.99.1",
    "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
    "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1",
    "ff02::1", "ff0e::1",
]  # fmt: skip


def answers(*addresses):
    def resolve(host, port):
        return [
            (socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses
        ]

    return resolve


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address):
    assert not_public(ipaddress.ip_address(address)) is None
    sockaddr = (address, 80, 0, 0) if ":" in address else (address, 80)
    assert [e.sockaddr for e in AddressPolicy().endpoints(address, 80, 1)] == [sockaddr]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_other_addresses_are_not(address):
    with pytest.raises(Blocked, match="not a public address"):
        AddressPolicy().endpoints(address, 80, 1)
    with pytest.raises(Blocked, match=r"resolves to .* not a public address"):
        AddressPolicy(resolver=answers(address)).endpoints("rebound.example", 80, 1)


@given(st.ip_addresses())
def test_never_more_than_the_standard_library_calls_global(address):
    if not address.is_global:
        assert not_public(address) is not None


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_never_public(inner):
    number = int(inner)
    for outer in (number, (0xFFFF << 32) | number, (0x64FF9B << 96) | number, (0x2002 << 112) | (number << 80)):
        assert not_public(ipaddress.IPv6Address(outer)) is not None


@pytest.mark.parametrize(
    "spelling",
    ["2130706433", "0x7f000001", "0X7F.0.0.1", "0177.0.0.1", "127.1", "127.0.1", "017700000001", "127.0.0.1."],
)
def test_every_spelling_of_an_address_is_read(spelling):
    assert parse_literal(spelling.rstrip(".")) == ipaddress.IPv4Address("127.0.0.1")
    with pytest.raises(Blocked, match=r"127\.0\.0\.1 \(loopback\)"):
        AddressPolicy(resolver=answers("8.8.8.8")).endpoints(spelling, 80, 1)


@given(st.integers(0, 2**32 - 1))
def test_decimal_and_hexadecimal_addresses(number):
    assert parse_literal(str(number)) == parse_literal(hex(number)) == ipaddress.IPv4Address(number)


@pytest.mark.parametrize("host", ["256.1.1.1", "1.2.3.4.5", "0x1g.example.0x1", "09.1.1.1", "99999999999", "::zz"])
def test_a_number_that_is_no_address_never_gets_to_the_resolver(host):
    with pytest.raises(BadHost, match="isn't a valid IPv"):
        AddressPolicy(resolver=answers("8.8.8.8")).endpoints(host, 80, 1)


def test_only_the_allowed_ones_of_several_addresses_are_used():
    policy = AddressPolicy("127.0.0.1", answers("::1", "127.0.0.1", "10.0.0.1", "8.8.8.8"))
    assert [e.sockaddr[0] for e in policy.endpoints("mixed.example", 80, 1)] == ["127.0.0.1", "8.8.8.8"]


@pytest.mark.parametrize(
    ("allowed", "host", "port", "granted"),
    [
        ("127.0.0.1", "127.0.0.1", 80, True),
        ("127.0.0.1", "127.0.0.2", 80, False),
        ("127.0.0.0/8", "127.9.9.9", 80, True),
        ("127.0.0.1/8", "127.9.9.9", 80, True),
        ("127.0.0.1:8080", "127.0.0.1", 8080, True),
        ("127.0.0.1:8080", "127.0.0.1", 80, False),
        ("::1", "::1", 80, True),
        ("[::1]:8080", "::1", 8080, True),
        ("[::1]:8080", "::1", 80, False),
        ("fc00::/7", "fd12::1", 80, True),
        ("10.0.0.0/8, inner.example ,", "inner.example", 80, True),
        ("Inner.Example.", "inner.example", 80, True),
        ("inner.example", "INNER.example.", 80, True),
        ("inner.example", "other.example", 80, False),
        ("inner.example", "sub.inner.example", 80, False),
        ("*.inner.example", "sub.inner.example", 80, True),
        ("*.inner.example", "notinner.example", 80, False),
        ("inner.example", "127.0.0.1", 80, False),
        ("127.0.0.0/8", "::ffff:127.0.0.1", 80, True),
        ("0.0.0.0/0", "::1", 80, False),
        ("*", "::1", 80, True),
        ("bücher.example", "xn--bcher-kva.example", 80, True),
    ],
)
def test_the_allow_list(allowed, host, port, granted):
    policy = AddressPolicy(allowed, answers("127.0.0.1"))
    if granted:
        assert policy.endpoints(host, port, 1)
    else:
        with pytest.raises(Blocked):
            policy.endpoints(host, port, 1)


def test_the_allow_list_may_come_in_several_texts():
    policy = AddressPolicy(["10.0.0.0/8,127.0.0.1", "::1"])
    assert policy.endpoints("::1", 80, 1)
    assert policy.endpoints("127.0.0.1", 80, 1)


@pytest.mark.parametrize("entry", ["http://localhost", "local host", "10.0.0.0/33", "a/b", "-", "host:port", "a..b/",
                                   "a..b", "a.-b.c", "a-.b", "10.0.0.256", "1.2.3", "999", "host:0", "host:65536",
                                   f"{'x' * 64}.org", ".".join(["x" * 63] * 4)])  # fmt: skip
def test_an_entry_that_means_nothing_is_the_operators_error(entry):
    with pytest.raises(UsageError, match="allowed host"):
        AddressPolicy(entry)


def test_a_name_without_address():
    with pytest.raises(socket.gaierror):
        AddressPolicy(resolver=answers()).endpoints("nothing.example", 80, 1)


def test_a_resolver_that_never_answers_is_left_behind():
    never = threading.Event()
    try:
        with pytest.raises(ResolverTimeout):
            AddressPolicy(resolver=lambda *_: never.wait(20)).endpoints("slow.example", 80, 0.05)
    finally:
        never.set()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0",
        "localhost",
        "LOCALHOST.",
        "%6c%6fcalhost",
        "１２７.0.0.1",
        "[::127.0.0.1]",
        "user@127.0.0.1",
    ],
)
def test_no_packet_leaves_for_a_blocked_address(host, serve, client, fault_of):
    server = serve(lambda call: call.answer(b"a,b\n1,2\n"))
    found = fault_of(client(allow="").get, f"http://{host}:{server.port}/data.csv")
    assert found.code == "access/blocked-address"
    assert server.connections() == 0


def test_an_answer_that_changes_is_checked_each_time(serve, client, fault_of):
    """DNS rebinding: an allowed address when it's checked first, another one for the next connection."""
    good = serve(lambda call: call.redirect("/again") if call.path == "/first" else call.answer(b"secret"))
    given_out = []

    def changing(host, port):
        given_out.append("127.0.0.1" if not given_out else "127.0.0.2")
        return answers(given_out[-1])(host, port)

    found = fault_of(client(allow="127.0.0.1", resolver=changing).get, good.url("/first", "rebound.example"))
    assert found.code == "access/blocked-address"
    assert "127.0.0.2 (loopback)" in found.message
    assert given_out == ["127.0.0.1", "127.0.0.2"]
    assert [call.path for call in good.calls] == ["/first"]


def test_a_name_is_resolved_once_for_a_connection(serve, client):
    server = serve(lambda call: call.answer(b"ok"))
    asked = []

    def resolver(host, port):
        asked.append(host)
        return answers("127.0.0.1")(host, port)

    with client(resolver=resolver).get(server.url(host="named.example")) as response:
        assert response.read() == b"ok"
    assert asked == ["named.example"]
    assert server.calls[0].headers["host"] == f"named.example:{server.port}"


def test_proxies_of_the_environment_are_not_used(serve, client, fault_of, monkeypatch):
    proxy = serve(lambda call: call.answer(b"from the proxy"))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, proxy.url(""))
    server = serve(lambda call: call.answer(b"direct"))
    with client().get(server.url()) as response:
        assert response.read() == b"direct"
    found = fault_of(client(resolver=answers()).get, "http://nothing.example/")
    assert found.code == "access/unreachable"
    assert "HTTP_PROXY, which Potable doesn't use" in found.hint
    assert proxy.connections() == 0
