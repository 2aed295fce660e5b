"""The store's suite runs on SQLite and, where one answers, on PostgreSQL.

``POTABLE_TEST_POSTGRESQL`` names a database (``postgresql+psycopg://user:password@host/name``) in which the tests may
make and drop schemas of their own; without it a server on 127.0.0.1:5432 that trusts ``postgres`` is tried.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sqlalchemy = pytest.importorskip("sqlalchemy", reason="the tests look at the databases from outside with it")

from potable.engine.store.store import Store  # noqa: E402

DEFAULT_POSTGRESQL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


@pytest.fixture(scope="session")
def postgresql() -> str:
    """URL of a PostgreSQL database, or skip."""
    pytest.importorskip("psycopg", reason="the extra `postgresql` isn't installed")
    url = os.environ.get("POTABLE_TEST_POSTGRESQL", DEFAULT_POSTGRESQL)
    engine = sqlalchemy.create_engine(url, connect_args={"connect_timeout": 2})
    try:
        engine.connect().close()
    except sqlalchemy.exc.OperationalError:
        pytest.skip("no PostgreSQL: POTABLE_TEST_POSTGRESQL names none, and none trusts postgres on 127.0.0.1:5432")
    finally:
        engine.dispose()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty store of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/runs.db"
        return
    base, schema = request.getfixturevalue("postgresql"), f"potable_test_{uuid.uuid4().hex}"
    engine = sqlalchemy.create_engine(base, isolation_level="AUTOCOMMIT")
    with engine.connect() as c:
        c.exec_driver_sql(f"CREATE SCHEMA {schema}")
    try:
        yield f"{base}{'&' if '?' in base else '?'}options=-csearch_path%3D{schema}"
    finally:
        with engine.connect() as c:
            c.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
        engine.dispose()


class Clock:
    """Milliseconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += round(seconds * 1000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_store(url: str) -> Iterator[Callable[..., Store]]:
    """Opens the store of ``url``, as often as wanted; closes all."""
    opened: list[Store] = []

    def opens(**arguments: object) -> Store:
        opened.append(Store(url, **arguments))  # type: ignore[arg-type]
        return opened[-1]

    yield opens
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[..., Store], clock: Clock) -> Store:
    return open_store(clock=clock)
