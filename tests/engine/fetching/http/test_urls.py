"""Addresses, taken apart and shown without their secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.fetching.http.urls import BadUrl, parse_url, shown


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("http://example.org", "http://example.org/"),
        ("HTTP://EXAMPLE.org:80/A", "http://example.org/A"),
        ("https://example.org:8443/a?b=c#part", "https://example.org:8443/a?b=c"),
        ("https://example.org/a b/ü?q=ä b", "https://example.org/a%20b/%C3%BC?q=%C3%A4%20b"),
        ("https://example.org/a%20b?q=%C3%A4", "https://example.org/a%20b?q=%C3%A4"),
        ("http://[2001:DB8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("  https://example.org/x\n", "https://example.org/x"),
        ("https://user:pa%40ss@example.org/x", "https://example.org/x"),
    ],
)
def test_an_address_is_made_ready_for_a_request(text, full):
    assert parse_url(text).full == full


@pytest.mark.parametrize(
    "text",
    [
        "example.org/x",
        "ftp://example.org/",
        "file:///etc/passwd",
        "http://",
        "http:///x",
        "http://a:99999/",
        "http://a:0/",
        "http://a:b/",
        "http://a b/",
        "http://a\r\nHost: b/",
        "http://[::1/",
        "http://./",
        "http://a%2fb/",
        "javascript:1",
        "",
    ],
)
def test_what_is_no_http_address_is_refused(text):
    with pytest.raises(BadUrl):
        parse_url(text)


def test_the_user_part_becomes_basic_authentication():
    assert parse_url("https://Aladdin:open%20sesame@example.org/").authorization == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert parse_url("https://example.org/").authorization is None


@pytest.mark.parametrize(
    ("text", "inert"),
    [
        ("https://u:p@example.org/x", "https://example.org/x"),
        ("https://u:p@ss@example.org/x", "https://example.org/x"),
        ("https://example.org/x@y?a=b@c", "https://example.org/x@y?a=b@c"),
        ("https://example.org/?api_key=K&page=2", "https://example.org/?api_key=***&page=2"),
        ("https://example.org/?page=2&X-Amz-Signature=K#f", "https://example.org/?page=2&X-Amz-Signature=***#f"),
        (
            "https://example.org/?resumptionToken=t&verb=ListRecords",
            "https://example.org/?resumptionToken=t&verb=ListRecords",
        ),
        ("not a url", "not%20a%20url"),
        ("http://a\x1b[31m/", "http://a%1B[31m/"),
    ],
)
def test_secrets_are_not_shown(text, inert):
    assert shown(text) == inert


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=8).filter(lambda s: s.strip() == s))
def test_no_password_is_ever_shown(password):
    from urllib.parse import quote

    secret = "SECRET" + quote(password, safe="") + "SECRET"
    url = parse_url(f"https://user:{secret}@example.org/data?token={secret}&x=1")
    assert "SECRET" not in url.shown
    assert "SECRET" not in repr(url)
    assert "user" not in url.shown
