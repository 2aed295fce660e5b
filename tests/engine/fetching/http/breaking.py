"""A body, and a server that breaks off while it sends it."""

BODY = b"".join(b"%06d,some,cells\n" % i for i in range(20_000))
ETAG = '"v1"'


def broken(call, body=BODY, upto=1000, **headers):
    """Announce a whole body and hang up in the middle of it."""
    call.send(
        f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n".encode()
        + "".join(f"{n.replace('_', '-')}: {v}\r\n" for n, v in headers.items()).encode() + b"\r\n" + body[:upto]
    )  # fmt: skip
