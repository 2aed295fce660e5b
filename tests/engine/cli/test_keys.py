"""``potable api-keys`` and ``potable serve``."""

from __future__ import annotations

import json
import re

import pytest

from potable.engine.cli import serve


def test_a_key_is_printed_once_alone(shell) -> None:
    done = shell("api-keys", "add", "--name", "web\x1b[31m")
    assert done.code == 0
    assert re.fullmatch(r"[0-9a-f]+\.[\w-]+\n", done.out)
    key_id, secret = done.out.strip().split(".")
    assert done.err == (
        f"this is the only time the key of web\\x1b[31m is shown; to revoke it: potable api-keys revoke {key_id}\n"
    )
    listed = shell("api-keys", "list")
    assert key_id in listed.out
    assert secret not in listed.out


def test_what_a_key_may_do(potable) -> None:
    potable("api-keys", "add", "--name", "a")
    potable("api-keys", "add", "--name", "b", "--user-id", "7", "--scope", "read", "--expires", "2999-01-01T00:00:00Z")
    potable("api-keys", "add", "--name", "c", "--scope", "admin", "--scope", "run")
    keys = json.loads(potable("api-keys", "list", "--format", "json").out)
    assert [(k["name"], k["userID"], k["scopes"]) for k in keys] == [
        ("a", None, ["read", "run"]),
        ("b", 7, ["read"]),
        ("c", None, ["admin", "run"]),
    ]
    text = potable("api-keys", "list").out.splitlines()
    assert re.fullmatch(r"\w+  read        user 7    until 2999-01-01.*  b", text[1])
    assert all("hash" not in k for k in keys)


def test_revoke(potable) -> None:
    key = potable("api-keys", "add", "--name", "a").out.strip()
    key_id = key.partition(".")[0]
    assert potable("api-keys", "revoke", key_id).out == f"key {key_id} is revoked\n"
    assert "revoked " in potable("api-keys", "list").out
    assert potable("api-keys", "revoke", key).code == 0  # the whole key names it as well
    missing = potable("api-keys", "revoke", key_id[:-1])
    assert (missing.code, missing.err) == (2, f"potable: there is no key '{key_id[:-1]}'; did you mean {key_id}?\n")
    assert key.partition(".")[2] not in missing.err


def test_no_keys_yet(potable) -> None:
    assert potable("api-keys", "list").out == "no keys yet: potable api-keys add --name NAME\n"


def test_a_bad_expiry(potable) -> None:
    done = potable("api-keys", "add", "--name", "a", "--expires", "tomorrow")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("potable: ")


def test_serve_without_the_server(potable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "MODULE", "potable.nosuch.serve")
    done = potable("serve", "--catalog", "catalog")
    assert (done.code, done.out) == (2, "")
    assert done.err == ("potable: the server isn't installed (potable.nosuch is missing): pip install potable-server\n")


def test_serve_needs_a_key(potable) -> None:
    pytest.importorskip("potable.server", reason="the server is a distribution of its own")
    done = potable("serve", "--catalog", "catalog", "--port", "0")
    assert (done.code, done.out) == (2, "")
    assert "potable api-keys add --name NAME" in done.err
