"""S3 against moto's server, which checks signatures, and a scripted one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.loopback import Handler, serving

botocore_auth = pytest.importorskip("botocore.auth", reason="the extra `remote` isn't installed")

from potable.engine.definition.model import SourceDefinition  # noqa: E402
from potable.engine.definition.secrets import Secret  # noqa: E402
from potable.engine.fetching.remote.s3 import S3Fetcher  # noqa: E402
from potable.engine.findings import Occurrence  # noqa: E402

from .conftest import Fetch  # noqa: E402

KEYS = {
    "a.csv": b"a\n1\n", "data/2024.csv": b"b\n2\n", "data/2025.csv": b"b\n3\n", "data/readme.txt": b"r",
    "data/deep/x.csv": b"x\n4\n", "data/": b"", "odd/é + &?=#%20.csv": b"odd\n5\n", "empty.csv": b"",
    "data/more-1.tsv": b"m\n1\n", "data/more-2.tsv": b"m\n2\n",
}  # fmt: skip


@dataclass
class Lab:
    """An S3 server with the bucket ``lab`` and a user who may read it."""

    endpoint: str
    key: str
    secret: str

    def parameters(self) -> dict[str, Any]:
        return {
            "endpointURL": self.endpoint,
            "accessKeyID": Secret("plain", self.key),
            "secretAccessKey": Secret("plain", self.secret),
        }


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    pytest.importorskip("moto.server", reason="the test group isn't installed")
    import boto3  # type: ignore[import-untyped]
    from moto.core import set_initial_no_auth_action_count  # noqa: F401
    from moto.server import ThreadedMotoServer

    os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "1000000"
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    common = {
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "aws_access_key_id": "x",
        "aws_secret_access_key": "x",
    }
    iam, s3 = boto3.client("iam", **common), boto3.client("s3", **common)
    iam.create_user(UserName="reader")
    policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
    iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
    made = iam.create_access_key(UserName="reader")["AccessKey"]
    s3.create_bucket(Bucket="lab")
    for key, body in KEYS.items():
        s3.put_object(Bucket="lab", Key=key, Body=body)
    import requests

    requests.post(f"{endpoint}/moto-api/reset-auth", data="0", timeout=20).raise_for_status()
    for client in (iam, s3):
        client.close()
    yield Lab(endpoint, made["AccessKeyId"], made["SecretAccessKey"])
    server.stop()


@pytest.mark.parametrize(
    ("path", "parameters", "expected"),
    [
        ("a.csv", {}, ["a.csv"]),
        ("odd/%C3%A9%20+%20%26%3F%3D%23%2520.csv", {}, ["é + &?=#%20.csv"]),
        ("data/", {"filenamePattern": r"\.csv$"}, ["2024.csv", "2025.csv"]),
        ("data", {"filenamePattern": r"\.csv$"}, ["2024.csv", "2025.csv"]),
        ("data", {"filenamePattern": r"\.csv$", "recursive": True}, ["2024.csv", "2025.csv", "deep/x.csv"]),
        ("data/more-", {"filenamePattern": r"tsv"}, ["more-1.tsv", "more-2.tsv"]),
        ("", {"filenamePattern": r"^a"}, ["a.csv"]),
    ],
)
def test_objects_are_chosen_by_key(
    path: str,
    parameters: dict[str, Any],
    expected: list[str],
    lab: Lab,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
) -> None:
    source = definition(f"s3://lab/{path}", "CSV", **lab.parameters(), **parameters)
    snapshot = S3Fetcher().fetch(source, lent().session)
    assert [part.name for part in snapshot.parts] == expected
    part = snapshot.parts[0]
    assert part.url is not None
    assert part.url.startswith("s3://lab/")
    key = part.url.removeprefix("s3://lab/")
    assert part.sha256 == hashlib.sha256(KEYS[key]).hexdigest()


def test_the_signature_is_checked(
    lab: Lab,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    wrong = {**lab.parameters(), "secretAccessKey": Secret("plain", "hunter2-secret")}
    said = fault_of(S3Fetcher().fetch, definition("s3://lab/a.csv", "CSV", **wrong), lent().session)
    assert (said.code, "SignatureDoesNotMatch" in said.message) == ("access/unauthorized", True), said.message
    assert "hunter2" not in repr(said)


@pytest.mark.parametrize(
    ("url", "parameters", "code"),
    [
        ("s3://lab/nope.csv", {}, "access/not-found"),
        ("s3://nowhere/a.csv", {}, "access/not-found"),
        ("s3://lab/empty.csv", {}, "access/empty"),
        ("s3://lab/data/", {}, "access/not-a-file"),
        ("s3://lab/", {"filenamePattern": "pdf"}, "access/not-found"),
        ("s3://lab/nothing/", {"filenamePattern": "."}, "access/not-found"),
        ("s3://x/a.csv", {}, "access/unreachable"),
        ("s3://evil.example@lab/a.csv", {}, "access/unreachable"),
        ("s3://lab/a.csv", {"region": "x.evil.example/"}, "access/unreachable"),
        ("s3://lab/a.csv", {"endpointURL": "file:///etc"}, "access/unreachable"),
    ],
)
def test_faults_have_their_codes(
    url: str,
    parameters: dict[str, Any],
    code: str,
    lab: Lab,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    source = definition(url, "CSV", **{**lab.parameters(), **parameters})
    said = fault_of(S3Fetcher().fetch, source, lent().session)
    assert said.code == code, said.message


@pytest.mark.parametrize(
    ("url", "region", "told"),
    [
        ("s3://x/a.csv", "eu-west-1", "'x' isn't the name of a bucket, where s3://bucket/key has one"),
        ("s3:///a.csv", "eu-west-1", "'' isn't the name of a bucket, where s3://bucket/key has one"),
        ("s3://me:hunter2@lab/a.csv", "eu-west-1", "a login stands before the bucket: it belongs into accessKeyID and"),
        ("s3://lab/a.csv", "x.evil.example/", "'x.evil.example/' isn't the name of a region"),
    ],
)
def test_what_cannot_be_asked_for_is_named(
    url: str,
    region: str,
    told: str,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    said = fault_of(S3Fetcher().fetch, definition(url, "CSV", region=region), lent().session)
    assert said.code == "access/unreachable"
    assert said.message.startswith(f"this source can't be used: {told}"), said.message
    assert "hunter2" not in repr(said)


def test_a_private_endpoint_needs_leave(
    lab: Lab,
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    source = definition("s3://lab/a.csv", "CSV", **lab.parameters())
    assert fault_of(S3Fetcher().fetch, source, lent(allow="").session).code == "access/blocked-address"


@dataclass
class Shop:
    """A server whose answers a test chooses, by path and query."""

    endpoint: str
    heard: list[tuple[str, dict[str, str]]]


@pytest.fixture
def shop() -> Iterator[Callable[[Callable[[str, dict[str, list[str]]], tuple[int, bytes]]], Shop]]:
    with ExitStack() as servers:

        def start(answer: Callable[[str, dict[str, list[str]]], tuple[int, bytes]]) -> Shop:
            heard: list[tuple[str, dict[str, str]]] = []

            class Answering(Handler):
                def answer(self) -> None:
                    heard.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                    parts = urlsplit(self.path)
                    self.say(*answer(parts.path, parse_qs(parts.query)))

            return Shop(servers.enter_context(serving(Answering)), heard)

        yield start


def page(keys: list[str], token: str | None = None) -> bytes:
    entries = "".join(f"<Contents><Key>{k}</Key><Size>2</Size></Contents>" for k in keys)
    more = f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    return (
        f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{entries}{more}</ListBucketResult>'.encode()
    )


def test_all_pages_of_a_listing_are_read_and_without_credentials_nothing_is_signed(
    shop: Callable[..., Shop],
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-the-operator")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-operator")

    def answer(path: str, query: dict[str, list[str]]) -> tuple[int, bytes]:
        if path != "/lab/":
            return 200, b"a\n"
        first = "continuation-token" not in query
        return 200, page(["x/1.csv", "x/2.csv"], "more+/=") if first else page(["x/3.csv", "elsewhere/4.csv"])

    found = shop(answer)
    source = definition("s3://lab/x/", "CSV", endpointURL=found.endpoint, filenamePattern="csv")
    snapshot = S3Fetcher().fetch(source, lent().session)
    assert [part.name for part in snapshot.parts] == ["1.csv", "2.csv", "3.csv"]
    assert "continuation-token=more%2B%2F%3D" in found.heard[1][0]
    assert not any("authorization" in headers for _, headers in found.heard)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (page(["x/1.csv"], "again"), "access/endless-pages"),
        (page(["x/1.csv"]).replace(b"<Contents", b"<IsTruncated>true</IsTruncated><Contents"), "access/endless-pages"),
        (b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>", "access/protocol"),
        (b"<html><body>Welcome", "access/protocol"),
        (b"<Other/>", "access/protocol"),
        (
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><ListBucketResult>&e;</ListBucketResult>',
            "access/protocol",
        ),
        (b"<ListBucketResult>" + b" " * (17 << 20), "access/too-large"),
    ],
)
def test_a_listing_that_is_none_ends(
    body: bytes,
    code: str,
    shop: Callable[..., Shop],
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    found = shop(lambda path, query: (200, body))
    source = definition("s3://lab/x/", "CSV", endpointURL=found.endpoint, filenamePattern="csv")
    assert fault_of(S3Fetcher().fetch, source, lent().session).code == code
    assert len(found.heard) <= 3


def test_a_bucket_at_amazon_is_asked_for_there(
    lent: Callable[..., Fetch],
    definition: Callable[..., SourceDefinition],
) -> None:
    from potable.engine.fetching.remote.bucket import _bucket

    assert _bucket(definition("s3://lab/a", "CSV", region="eu-west-1")).base == "https://lab.s3.eu-west-1.amazonaws.com"
    assert _bucket(definition("s3://my.lab/a", "CSV")).base == "https://s3.us-east-1.amazonaws.com/my.lab"


@pytest.mark.parametrize("named", [True, False], ids=["NextMarker", "last key"])
def test_a_server_of_the_first_version_is_asked_for_all_pages(
    named: bool, shop: Callable[..., Shop], lent: Callable[..., Fetch], definition: Callable[..., SourceDefinition]
) -> None:
    keys = [f"x/{n}.csv" for n in range(7)]

    def answer(path: str, query: dict[str, list[str]]) -> tuple[int, bytes]:
        if path != "/lab/":
            return 200, b"a\n"
        rest = [key for key in keys if key > query.get("marker", [""])[0]]
        more = "<IsTruncated>true</IsTruncated>" + (f"<NextMarker>{rest[:3][-1]}</NextMarker>" if named else "")
        body = page(rest[:3])
        return 200, body.replace(b"<Contents", f"{more if len(rest) > 3 else ''}<Contents".encode(), 1)

    found = shop(answer)
    source = definition("s3://lab/x/", "CSV", endpointURL=found.endpoint, filenamePattern="csv")
    snapshot = S3Fetcher().fetch(source, lent().session)
    assert [part.name for part in snapshot.parts] == [key.removeprefix("x/") for key in keys]
    assert "marker=x%2F2.csv" in found.heard[1][0]
