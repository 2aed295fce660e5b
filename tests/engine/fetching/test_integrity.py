"""What a definition declares about its bytes."""

import hashlib

import pytest

from potable.engine.fetching.file import FileFetcher
from potable.engine.fetching.web import HttpFetcher

BODY = b"a,b\n1,2\n"
MD5, SHA256 = hashlib.md5(BODY).hexdigest(), hashlib.sha256(BODY).hexdigest()


@pytest.fixture(params=["file", "web"])
def fetch(request, serve, client, source, context, tmp_path):
    """Fetches ``BODY`` with these declarations; gives what was reported."""

    def fetch(**declared):
        into = context(http=client(), roots=(tmp_path,))
        if request.param == "file":
            (tmp_path / "data.csv").write_bytes(BODY)
            FileFetcher().fetch(source("data.csv", tmp_path, **declared), into)
        else:
            url = serve(lambda call: call.answer(BODY)).url()
            HttpFetcher().fetch(source(url, **declared), into)
        return into.said

    return fetch


@pytest.mark.parametrize(
    "declared",
    [
        {},
        {"bytes": 8},
        {"bytes": "8"},
        {"hash": MD5},
        {"hash": MD5.upper()},
        {"hash": f"md5:{MD5}"},
        {"hash": SHA256},
        {"hash": f"SHA-256:{SHA256}"},
        {"hash": f"sha1:{hashlib.sha1(BODY).hexdigest()}"},
        {"hash": f"sha512:{hashlib.sha512(BODY).hexdigest()}", "bytes": 8},
    ],
)
def test_bytes_as_declared(declared, fetch):
    assert fetch(**declared) == []


def test_another_size(fetch):
    (found,) = fetch(bytes=9)
    assert (found.code, found.value, found.location.file) == ("access/byte-count", "8", "data.csv")
    assert found.message == "the source has 8 bytes where the definition declares 9"


@pytest.mark.parametrize(("algorithm", "digest"), [("md5", MD5), ("sha256", SHA256)])
def test_another_checksum(algorithm, digest, fetch):
    wrong = "0" * len(digest)
    (found,) = fetch(hash=f"{algorithm}:{wrong}")
    assert (found.code, found.location.file) == ("access/checksum", "data.csv")
    assert found.message == f"data.csv has the {algorithm} checksum {digest}, not the declared {wrong}"


@pytest.mark.parametrize("declared", ["crc32:1c291ca3", "12345", "md5:", "sha256", "shake_128:00"])
def test_a_checksum_that_cannot_be_compared(declared, fetch):
    (found,) = fetch(hash=declared)
    assert found.code == "access/checksum"
    assert "can't be compared" in found.message


def test_of_several_files_the_size_is_that_of_all(source, context, tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_bytes(BODY)
    into = context(roots=(tmp_path,))
    FileFetcher().fetch(source("*.csv", tmp_path, bytes=16, hash=MD5), into)
    assert into.said == []
    FileFetcher().fetch(source("*.csv", tmp_path, bytes=8), into)
    assert [o.code for o in into.said] == ["access/byte-count"]
