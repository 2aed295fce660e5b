"""API keys: handed out once, stored hashed, verified by id and secret."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from potable.engine.store.apikey import ApiKey, Scope
from potable.engine.store.store import Store


def test_a_key_verifies_and_its_secret_is_stored_nowhere(store: Store, url: str) -> None:
    key, record = store.keys.add("curator", user_id=7)
    assert record == ApiKey(
        id=record.id, name="curator", user_id=7, scopes=frozenset({Scope.READ, Scope.RUN}),
        created="2023-11-14T22:13:20.000Z",
    )  # fmt: skip
    key_id, _, secret = key.partition(".")
    assert key_id == record.id
    assert len(secret) == 43
    assert store.keys.verify(key) == record
    engine = sa.create_engine(url)
    with engine.connect() as c:
        assert secret.encode() not in repr(c.exec_driver_sql("SELECT * FROM potable_api_keys").all()).encode()
    engine.dispose()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: "",
        lambda key: ".",
        lambda key: key.partition(".")[0],
        lambda key: key.partition(".")[0] + ".",
        lambda key: "." + key.partition(".")[2],
        lambda key: key + "x",
        lambda key: key[:-1],
        lambda key: "x" + key,
        lambda key: key.upper(),
        lambda key: key + "\0",
        lambda key: "\0" + key,
        lambda key: "é" + key,
        lambda key: "\udc80" + key,
        lambda key: key + "\udc80",
        lambda key: "x" * 100_000 + key,
    ],
)
def test_what_is_no_key_is_none(store: Store, spoil: Any) -> None:
    key, _ = store.keys.add("a")
    assert store.keys.verify(spoil(key)) is None


def test_keys_of_others_do_not_mix(store: Store) -> None:
    one, a = store.keys.add("a")
    two, b = store.keys.add("b")
    assert (store.keys.verify(one), store.keys.verify(two)) == (a, b)
    assert store.keys.verify(f"{a.id}.{two.partition('.')[2]}") is None


def test_expiry(store: Store, clock: Any) -> None:
    key, record = store.keys.add("a", expires="2023-11-14T23:13:20+00:30")  # in half an hour
    assert record.expires == "2023-11-14T22:43:20.000Z"
    clock.forward(1799)
    assert store.keys.verify(key) == record
    assert store.keys.any()
    clock.forward(1)
    assert store.keys.verify(key) is None
    assert not store.keys.any()


def test_a_time_without_offset_is_utc(store: Store) -> None:
    assert store.keys.add("a", expires="2030-01-01")[1].expires == "2030-01-01T00:00:00.000Z"


def test_revoke_is_for_good(store: Store, clock: Any) -> None:
    key, record = store.keys.add("a")
    assert store.keys.revoke(record.id)
    clock.forward(5)
    assert store.keys.revoke(record.id)
    assert store.keys.verify(key) is None
    assert not store.keys.any()
    assert [k.revoked for k in store.keys.all()] == ["2023-11-14T22:13:20.000Z"]
    assert not store.keys.revoke("nope")


def test_all_are_listed_oldest_first(store: Store) -> None:
    assert not store.keys.any()
    assert [store.keys.add(name)[1].id for name in "cab"] == [k.id for k in store.keys.all()]


@pytest.mark.parametrize(("scopes", "expires"), [(["write"], None), ([], None), (["run"], "tomorrow")])
def test_malformed_wishes(store: Store, scopes: list[str], expires: str | None) -> None:
    with pytest.raises(ValueError):
        store.keys.add("a", scopes=scopes, expires=expires)
    assert store.keys.all() == []


def test_rights() -> None:
    read, run, admin = (ApiKey(id="k", name="k", user_id=7, scopes=frozenset({s})) for s in Scope)
    assert [read.allows(s) for s in Scope] == [True, False, False]
    assert [run.allows(s) for s in Scope] == [True, True, False]
    assert [admin.allows(s) for s in Scope] == [True, True, True]
    assert (run.may_be(7), run.may_be(4), admin.may_be(4)) == (True, False, True)
    assert ApiKey(id="k", name="k").may_be(99)
