"""FTP and FTPS against pyftpdlib's server."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.stopping import dam, ends_when_told

from potable.engine.contracts.fetching import Survey
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.secrets import Secret
from potable.engine.errors import UsageError
from potable.engine.fetching.remote.ftp.fetcher import FtpFetcher, FtpUrlFetcher
from potable.engine.findings import Occurrence

from .conftest import Fetch


def names(source: SourceDefinition, fetch: Fetch) -> list[str]:
    return [part.name for part in FtpFetcher().fetch(source, fetch.session).parts]


def test_a_file_comes_whole(
    serve: Callable[..., int], tree: Path, lent: Callable[..., Fetch], definition: Callable[..., SourceDefinition]
) -> None:
    data = os.urandom(3_000_000)
    (tree / "big.bin").write_bytes(data)
    port = serve()
    snapshot = FtpFetcher().fetch(definition(ftpHost=f"127.0.0.1:{port}", remotePath="/big.bin"), lent().session)
    (part,) = snapshot.parts
    assert (part.name, part.url, part.bytes) == ("big.bin", f"ftp://127.0.0.1:{port}/big.bin", 3_000_000)
    assert part.path.read_bytes() == data
    assert snapshot.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"filenamePattern": r"\.xml$"}, ["a.xml", "b.xml"]),
        ({"filenamePattern": "*.xml"}, ["a.xml", "b.xml"]),
        ({"filenamePattern": "^[ab]"}, ["a.xml", "b.xml"]),
        (
            {"filenamePattern": r"\.xml$", "recursive": True},
            ["a.xml", "b.xml", "deep/c.xml", "deep/deeper/d.xml", "with space/é [1].xml"],
        ),
        ({"filenamePattern": "d", "recursive": True, "remotePath": "/deep/"}, ["deeper/d.xml"]),
        ({"recursive": True, "remotePath": "with space"}, ["é [1].xml"]),
        ({"filenamePattern": "xml", "remotePath": "deep"}, ["c.xml"]),
        ({"remotePath": "with space/é [1].xml"}, ["é [1].xml"]),
    ],
)
@pytest.mark.parametrize("listing", ["MLSD", "LIST"])
def test_files_are_chosen_by_name_and_sorted(
    parameters: dict[str, Any],
    expected: list[str],
    listing: str,
    serve: Callable[..., int],
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
) -> None:
    from pyftpdlib.handlers import FTPHandler  # type: ignore[import-untyped]

    commands = {k: v for k, v in FTPHandler.proto_cmds.items() if listing == "MLSD" or k not in ("MLSD", "MLST")}
    fetch = lent()
    assert names(definition(ftpHost=f"127.0.0.1:{serve(proto_cmds=commands)}", **parameters), fetch) == expected
    empty = ["access/empty"] if "deep/c.xml" in expected or expected == ["c.xml"] else []
    assert [said.code for said in fetch.said] == empty


@pytest.mark.parametrize("fetcher", [FtpFetcher, FtpUrlFetcher])
def test_a_url_is_as_good(
    fetcher: type[FtpFetcher],
    serve: Callable[..., int],
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
) -> None:
    source = definition(f"ftp://127.0.0.1:{serve()}/with%20space/%C3%A9%20%5B1%5D.xml", "CSV")
    (part,) = fetcher().fetch(source, lent().session).parts
    assert part.path.read_text() == "<e/>"
    assert part.url is not None
    assert part.url.endswith("/with%20space/%C3%A9%20%5B1%5D.xml")


def test_an_archives_members_are_chosen_by_the_pattern(
    serve: Callable[..., int], tree: Path, lent: Callable[..., Fetch], definition: Callable[..., SourceDefinition]
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x/one.xml", "<one/>")
        archive.writestr("two.txt", "2")
    (tree / "all.zip").write_bytes(packed.getvalue())
    host = f"127.0.0.1:{serve()}"
    one = definition(ftpHost=host, remotePath="all.zip", filenamePattern=r"\.xml$")
    assert names(one, lent()) == ["all.zip/x/one.xml"]
    chosen = definition(ftpHost=host, filenamePattern=r"^all\.zip$")
    assert names(chosen, lent()) == ["all.zip/x/one.xml"]


def test_a_sample_fetches_no_more_files_than_it_takes(
    serve: Callable[..., int], lent: Callable[..., Fetch], definition: Callable[..., SourceDefinition]
) -> None:
    source = definition(ftpHost=f"127.0.0.1:{serve()}", filenamePattern=r"\.xml$", recursive=True)
    fetch = lent(wanted=2, survey=lambda part: Survey(2, ""))
    assert names(source, fetch) == ["a.xml", "b.xml"]


def test_a_user_and_a_password_by_reference(
    serve: Callable[..., int],
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POTABLE_TEST_PASSWORD", "hunter2-secret")
    host = f"127.0.0.1:{serve()}"
    login = {"username": "curator", "password": Secret("env", "POTABLE_TEST_PASSWORD")}
    assert names(definition(ftpHost=host, remotePath="a.xml", **login), lent()) == ["a.xml"]
    monkeypatch.setenv("POTABLE_TEST_PASSWORD", "hunter3-secret")
    said = fault_of(FtpFetcher().fetch, definition(ftpHost=host, remotePath="a.xml", **login), lent().session)
    assert said.code == "access/unauthorized"
    assert "hunter" not in repr(said)
    monkeypatch.delenv("POTABLE_TEST_PASSWORD")
    with pytest.raises(UsageError, match="POTABLE_TEST_PASSWORD"):
        FtpFetcher().fetch(definition(ftpHost=host, remotePath="a.xml", **login), lent().session)


@pytest.mark.parametrize(
    ("parameters", "code", "words"),
    [
        ({"remotePath": "nope.xml"}, "access/not-found", "550"),
        ({"remotePath": "deep"}, "access/not-a-file", "no filenamePattern"),
        ({}, "access/not-a-file", "no filenamePattern"),
        (
            {"filenamePattern": r"\.pdf$"},
            "access/not-found",
            r"none of the 4 files in this folder matches filenamePattern '\.pdf$'",
        ),
        ({"filenamePattern": "("}, "access/not-found", "neither a regular expression"),
        ({"remotePath": "deep/empty.xml"}, "access/empty", "empty"),
        ({"remotePath": "a.xml\r\nDELE a.xml"}, "access/unreachable", "line break"),
    ],
)
def test_faults_have_their_codes(
    parameters: dict[str, Any],
    code: str,
    words: str,
    serve: Callable[..., int],
    tree: Path,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    source = definition(ftpHost=f"127.0.0.1:{serve()}", **parameters)
    said = fault_of(FtpFetcher().fetch, source, lent().session)
    assert (said.code, words in said.message) == (code, True), said.message
    assert (tree / "a.xml").exists()


@pytest.mark.parametrize(
    ("url", "parameters", "words"),
    [
        (None, {}, "ftpHost is missing"),
        ("https://example.org/a.xml", {}, "'https' isn't ftp"),
        (None, {"ftpHost": "example.org:port"}, "host or port"),
        (None, {"ftpHost": "ftp://"}, "host or port"),
    ],
)
def test_what_names_no_server_says_why(
    url: str | None,
    parameters: dict[str, Any],
    words: str,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    said = fault_of(FtpFetcher().fetch, definition(url, **parameters), lent().session)
    assert (said.code, words in said.message) == ("access/unreachable", True), said.message


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::1]", "10.1.2.3", "::1"])
def test_no_private_address_without_leave(
    host: str,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    said = fault_of(FtpFetcher().fetch, definition(ftpHost=host, remotePath="a"), lent(allow="").session)
    assert said.code == "access/blocked-address"


def test_leave_for_one_port_holds_for_its_data_too(
    serve: Callable[..., int], lent: Callable[..., Fetch], definition: Callable[..., SourceDefinition]
) -> None:
    port = serve()
    source = definition(ftpHost=f"localhost:{port}", remotePath="a.xml")
    assert names(source, lent(allow=f"localhost:{port}")) == ["a.xml"]


def test_explicit_encryption_of_both_connections(
    trusted: str, serve: Callable[..., int], lent: Callable[..., Fetch], definition: Callable[..., SourceDefinition]
) -> None:
    pytest.importorskip("OpenSSL", reason="the test group isn't installed")
    port = serve(certificate=trusted)
    source = definition(f"ftps://127.0.0.1:{port}/", filenamePattern=r"^a\.xml$", username="curator",
                        password=Secret("plain", "hunter2-secret"))  # fmt: skip
    assert names(source, lent()) == ["a.xml"]


def test_a_certificate_that_nobody_trusts(
    trusted: str,
    serve: Callable[..., int],
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("OpenSSL", reason="the test group isn't installed")
    monkeypatch.delenv("SSL_CERT_FILE")
    source = definition(f"ftps://127.0.0.1:{serve(certificate=trusted)}/a.xml")
    assert fault_of(FtpFetcher().fetch, source, lent().session).code == "access/tls"


def test_a_server_that_wants_encryption_says_so(
    trusted: str,
    serve: Callable[..., int],
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    pytest.importorskip("OpenSSL", reason="the test group isn't installed")
    source = definition(f"ftp://127.0.0.1:{serve(certificate=trusted)}/a.xml")
    said = fault_of(FtpFetcher().fetch, source, lent().session)
    assert (said.code, "TLS" in said.message) == ("access/tls", True), said.message
    assert said.hint is not None
    assert "ftps://" in said.hint


@pytest.mark.parametrize("most", [5, 60, 150], ids=["greeting", "login", "commands"])
def test_a_run_that_is_told_to_stop_waits_for_no_reply(most: int, serve: Callable[..., int]) -> None:
    with dam(serve(), most) as (port, held):
        url = f"ftp://127.0.0.1:{port}/notes.txt"
        assert ends_when_told({"ingestMethod": "CSV", "ingestURL": url}, held)
