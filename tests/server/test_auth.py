"""Keys: where they may stand, and that whatever is wrong with one, the answer is the same."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from potable.engine.service import Service
from potable.engine.settings import Settings

STATUS = "/controller/run_status"
UNAUTHORIZED = b'{"message": "Unauthorized access"}\n'


def test_the_places_of_a_key(client: Any) -> None:
    ways: list[dict[str, Any]] = [
        {"params": {"resourceID": "clean", "api_key": client.key}},
        {"params": {"resourceID": "clean"}, "headers": {"X-API-Key": client.key}},
        {"params": {"resourceID": "clean"}, "headers": {"x-api-key": f" {client.key} "}},
        {"params": {"resourceID": "clean"}, "headers": {"Authorization": f"Bearer {client.key}"}},
        {"params": {"resourceID": "clean"}, "headers": {"authorization": f"bearer  {client.key}"}},
        {"params": {"resourceID": "clean", "api_key": ""}, "headers": {"X-API-Key": client.key}},
        {"params": {"resourceID": "clean", "api_key": client.key}, "headers": {"X-API-Key": client.key}},
        {"params": {"resourceID": "clean", "api_key": client.key}, "headers": {"Authorization": "Basic eDp5"}},
    ]
    assert [client.call("GET", STATUS, key=None, **way).status for way in ways] == [200] * len(ways)


def test_two_keys_that_differ_are_none(client: Any, service: Service) -> None:
    other, _ = service.keys.add("other")
    for params, headers in (
        ({"api_key": other}, {"X-API-Key": client.key}),
        ({"api_key": "x.y"}, {"X-API-Key": client.key}),
        ({}, {"X-API-Key": client.key, "Authorization": f"Bearer {other}"}),
    ):
        answer = client.call("GET", STATUS, {"resourceID": "clean", **params}, headers=headers, key=None)
        assert (answer.status, answer.body) == (401, UNAUTHORIZED)


def test_every_bad_key_gets_the_same_answer(client: Any, service: Service, settings: Settings) -> None:
    revoked, record = service.keys.add("revoked")
    service.keys.revoke(record.id)
    expired, _ = service.keys.add("expired", expires="2020-01-01T00:00:00.000Z")
    key_id, _, secret = client.key.partition(".")
    bad = [
        revoked, expired, f"{key_id}.", f".{secret}", secret, key_id, f"{key_id}.{secret}x", f"{key_id}.{secret[:-1]}",
        f"{key_id}.{secret.swapcase()}", f"{'0' * len(key_id)}.{secret}", "x", "é", "ключ.ключ", "\x00", "a\nb",
        "x" * 5000, "' OR '1'='1", "%", "null", " ",
    ]  # fmt: skip
    answers = [client.call("GET", STATUS, {"resourceID": "clean", "api_key": key}, key=None) for key in bad]
    answers += [client.call("GET", STATUS, {"resourceID": "clean"}, key=None)]
    answers += [client.call("GET", STATUS, {"resourceID": "clean"}, headers={"X-API-Key": "cl\xe9"}, key=None)]
    answers += [client.call("GET", STATUS, {"resourceID": "clean"}, headers={"Authorization": client.key}, key=None)]
    seen = {(a.status, a.body, a.headers["WWW-Authenticate"]) for a in answers}
    assert seen == {(401, UNAUTHORIZED, 'Bearer realm="potable"')}
    assert {tuple(sorted(name.lower() for name in a.headers)) for a in answers} == {
        tuple(sorted(name.lower() for name in answers[0].headers))
    }


def test_a_key_of_raw_bytes_in_a_header(client: Any) -> None:
    request = f"GET {STATUS}?resourceID=clean HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".encode()
    answer = client.raw(request + b"X-API-Key: \xff\xfe\xd0\xba\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert answer.endswith(UNAUTHORIZED)


def test_a_percent_encoded_key_that_is_not_utf8(client: Any) -> None:
    answer = client.call("GET", f"{STATUS}?resourceID=clean&api_key=%FF%FE", key=None)
    assert (answer.status, answer.body) == (401, UNAUTHORIZED)


def test_no_key_takes_the_way_of_a_wrong_one(client: Any, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same time for all: each asks the store once, and the look-up itself is of one length."""
    asked: list[str] = []
    verify = service.keys.verify

    def noted(key: str) -> Any:
        asked.append(key)
        return verify(key)

    monkeypatch.setattr(service.keys, "verify", noted)
    for key in (None, "x.y", "é", "x" * 5000):
        client.call("GET", STATUS, {"resourceID": "clean"} | ({} if key is None else {"api_key": key}), key=None)
    assert asked == ["", "x.y", "", ""]


def test_revoking_works_at_once(client: Any, service: Service) -> None:
    key, record = service.keys.add("short-lived")
    assert client.call("GET", STATUS, {"resourceID": "clean"}, key=key).status == 200
    service.keys.revoke(record.id)
    assert client.call("GET", STATUS, {"resourceID": "clean"}, key=key).status == 401


def test_two_keys_live_side_by_side(client: Any, service: Service) -> None:
    other, _ = service.keys.add("other")
    assert client.call("GET", STATUS, {"resourceID": "clean"}, key=other).status == 200
    assert client.status(resourceID="clean").status == 200


@pytest.mark.parametrize(
    ("scopes", "run", "status"), [(("read",), 403, 200), (("run",), 200, 200), (("admin",), 200, 200)]
)
def test_scopes(client: Any, service: Service, scopes: tuple[str, ...], run: int, status: int) -> None:
    key, _ = service.keys.add("scoped", scopes=scopes)
    assert client.call("POST", "/controller/run", {"resourceID": "clean"}, key=key).status == run
    assert client.call("GET", STATUS, {"resourceID": "clean"}, key=key).status == status


def test_a_key_bound_to_a_user(client: Any, service: Service) -> None:
    key, _ = service.keys.add("bound", user_id=7)
    denied = client.call("POST", "/controller/run", {"resourceID": "clean", "userID": 8}, key=key)
    assert (denied.status, denied.json) == (403, {"message": "Access Denied"})
    assert client.call("POST", "/controller/run", {"userID": 8}, key=key).status == 403
    assert client.call("POST", "/controller/run", {"resourceID": "clean", "userID": "x"}, key=key).status == 400
    assert service.history("clean") == []
    assert client.call("POST", "/controller/run", {"resourceID": "clean", "userID": 7}, key=key).json["userID"] == 7
    assert client.call("POST", "/controller/run", {"resourceID": "faulty"}, key=key).json["userID"] == 7


def test_an_admin_may_be_any_user(client: Any, service: Service) -> None:
    key, _ = service.keys.add("admin", user_id=1, scopes=("admin",))
    assert client.call("POST", "/controller/run", {"resourceID": "clean", "userID": 8}, key=key).json["userID"] == 8
    assert client.call("GET", STATUS, {"resourceID": "clean", "userID": 9}, key=key).status == 200


def test_a_bound_key_may_ask_about_anybodys_run(client: Any, service: Service) -> None:
    key, _ = service.keys.add("bound", user_id=7)
    assert client.call("GET", STATUS, {"resourceID": "clean", "userID": 8}, key=key).status == 200


def test_the_store_holds_no_secret(client: Any, settings: Settings) -> None:
    secret = client.key.partition(".")[2]
    files = [f for f in Path(settings.state).rglob("*") if f.is_file()]
    assert files
    assert not [f for f in files if secret.encode() in f.read_bytes()]
    with contextlib.closing(sqlite3.connect(next(f for f in files if f.name == "runs.db"))) as db:
        assert not [line for line in db.iterdump() if secret in line or quote(secret) in line]
