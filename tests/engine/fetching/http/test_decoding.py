"""Content codings, undone within bounds."""

import gzip
import tracemalloc
import zlib
from contextlib import suppress

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.fetching.http.decoding import BadCoding, codings_of, decode
from potable.engine.findings import Fault, Occurrence

BODY = b"".join(b"%06d,some,cells\n" % i for i in range(50_000))


def bare(data):
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush()


CODED = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: pa.compress(data, "brotli", asbytes=True),
    "zstd": lambda data: pa.compress(data, "zstd", asbytes=True),
}


@pytest.mark.parametrize("coding", CODED)
def test_each_coding_is_undone(coding, serve, client):
    server = serve(lambda call: call.answer(CODED[coding](BODY), Content_Encoding=coding.upper()))
    with client().get(server.url()) as response:
        pieces = list(response.chunks())
    assert b"".join(pieces) == BODY
    assert max(map(len, pieces)) <= 1 << 18


def test_deflate_without_its_wrapper(serve, client):
    server = serve(lambda call: call.answer(bare(BODY), Content_Encoding="deflate"))
    assert client().get(server.url()).read() == BODY


def test_several_codings(serve, client):
    server = serve(lambda call: call.answer(gzip.compress(zlib.compress(BODY)), Content_Encoding="deflate, gzip"))
    assert client().get(server.url()).read() == BODY


@pytest.mark.parametrize("coding", ["identity", "", "utf-8", "ISO-8859-1", "binary", "aws-chunked"])
def test_codings_that_mean_nothing(coding, serve, client):
    server = serve(lambda call: call.answer(BODY, Content_Encoding=coding))
    assert client().get(server.url()).read() == BODY


def test_a_file_that_is_stored_compressed_stays_so(serve, client):
    stored = gzip.compress(BODY)
    server = serve(lambda call: call.answer(stored, Content_Encoding="gzip"))
    assert client().get(server.url("/data.csv.gz?x=1")).read() == stored
    assert codings_of("gzip, gzip", "/data.csv.gz") == ("gzip", "gzip")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_coding_that_is_a_lie(coding, serve, client, fault_of):
    server = serve(lambda call: call.answer(b"a,b\n1,2\n" * 100, Content_Encoding=coding))
    found = fault_of(client().get(server.url()).read)
    assert found.code == "access/compression"
    assert f"isn't valid {coding}" in found.message
    assert len(found.message) < 1024


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_coded_body_that_breaks_off(coding, serve, client, fault_of):
    server = serve(lambda call: call.answer(CODED[coding](BODY)[:-20], Content_Encoding=coding))
    found = fault_of(client().get(server.url()).read)
    assert (found.code, found.message) == (
        "access/compression", f"{server.url()}: the {coding} body breaks off before its end",
    )  # fmt: skip


def test_an_unknown_coding(serve, client, fault_of):
    server = serve(lambda call: call.answer(BODY, Content_Encoding="compress"))
    found = fault_of(client().get(server.url()).read)
    assert found.code == "access/compression"
    assert "'compress' is unknown" in found.message


def test_codings_without_end(serve, client, fault_of):
    server = serve(lambda call: call.answer(BODY, Content_Encoding=", ".join(["gzip"] * 50)))
    assert fault_of(client().get(server.url()).read).code == "access/compression"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_stopped_at_the_cap_with_flat_memory(coding, serve, client, fault_of):
    bomb = CODED[coding](bytes(200_000_000))
    server = serve(lambda call: call.answer(bomb, Content_Encoding=coding))
    response = client(inflated_bytes=50_000_000).get(server.url())
    tracemalloc.start()
    try:
        found = fault_of(lambda: sum(map(len, response.chunks())))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.code == "access/compression"
    assert "50,000,000 bytes (limit inflated_bytes)" in found.message
    assert peak < 8_000_000


def test_a_resumed_transfer_goes_through_the_same_decoder(serve, client):
    coded = gzip.compress(BODY)

    def handler(call):
        if call.number == 1:
            head = f'HTTP/1.1 200 OK\r\nContent-Length: {len(coded)}\r\nContent-Encoding: gzip\r\nETag: "1"\r\n\r\n'
            return call.send(head.encode() + coded[:30_000])
        return call.answer(
            coded[30_000:], "206 Part", ETag='"1"', Content_Encoding="gzip",
            Content_Range=f"bytes 30000-{len(coded) - 1}/{len(coded)}",
        )  # fmt: skip

    server = serve(handler)
    assert client().get(server.url()).read() == BODY
    assert len(server.calls) == 2


def never() -> Fault:
    return Fault(Occurrence("access/compression", "too large"))


@given(st.binary(max_size=3000), st.sampled_from(["gzip", "deflate", "br", "zstd"]), st.integers(1, 700), st.booleans())
def test_any_cutting_decodes_alike(data, coding, size, twice):
    coded = CODED[coding](data)
    if twice and coding == "gzip":  # several members make one body, RFC 1952 §2.2
        coded, data = coded * 2, data * 2
    pieces = (coded[i : i + size] for i in range(0, len(coded), size))
    assert b"".join(decode(pieces, (coding,), 1 << 30, never)) == data


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "zstd"]))
def test_no_garbage_raises_anything_else(data, coding):
    with suppress(BadCoding, Fault):
        b"".join(decode(iter([data]), (coding,), 1 << 20, never))
