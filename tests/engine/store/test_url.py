"""The run store's URL."""

from __future__ import annotations

import pytest

from potable.engine.errors import StoreError
from potable.engine.store.url import StoreUrl


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sqlite:///runs.db", "sqlite:///runs.db"),
        ("sqlite:////var/lib/a%20b.db", "sqlite:////var/lib/a%20b.db"),
        ("postgresql://h/d", "postgresql+psycopg://h/d"),
        ("postgres+psycopg://u@h:5433/d", "postgresql+psycopg://u@h:5433/d"),
        ("postgresql+psycopg://u:p%40ss@[::1]/d", "postgresql+psycopg://u:***@[::1]/d"),
        (
            "postgresql:///d?host=/run/pg&sslpassword=x",
            "postgresql+psycopg:///d?host=%2Frun%2Fpg&sslpassword=%2A%2A%2A",
        ),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert StoreUrl.parse(text).shown == shown


def test_its_parts() -> None:
    url = StoreUrl.parse("postgresql://a%40b:p%3A%2F@db.example.org:5433/potable?sslmode=require")
    assert (url.user, url.password, url.host, url.port) == ("a@b", "p:/", "db.example.org", 5433)
    assert (url.database, url.options) == ("potable", {"sslmode": "require"})
    assert "p:/" not in repr(url)


def test_a_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/srv/curator")
    assert StoreUrl.parse("sqlite:///~/runs.db").database == "/srv/curator/runs.db"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sqlite:///runs.db?mode=ro", "has no options"),
        ("sqlite://runs.db/x", "behind three slashes"),
        ("sqlite:///file:x?mode=memory", "must outlive its process"),
        ("postgresql+asyncpg://h/d", "reached by psycopg, not asyncpg"),
        ("postgresql://h:p:q/d", "can't be understood"),
    ],
)
def test_what_is_none(text: str, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        StoreUrl.parse(text)
