"""API keys in the store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from potable.engine.runs import iso
from potable.engine.store.apikey import ApiKey, Scope, digest, new_key, same, scopes_of, split
from potable.engine.store.database import Database
from potable.engine.store.tables import api_keys

if TYPE_CHECKING:
    from sqlalchemy.engine import RowMapping


class Keys:
    """The API keys of a store: see :class:`~potable.engine.store.apikey.ApiKey`."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._nobody = digest("")

    def add(
        self,
        name: str,
        *,
        user_id: int | None = None,
        scopes: Iterable[str] = ("read", "run"),
        expires: str | None = None,
    ) -> tuple[str, ApiKey]:
        """Make a key; returns its text, which is stored nowhere, and its record.

        :param expires: ISO 8601; a time without an offset is UTC.
        :raises ValueError: for an unknown scope, none, or a malformed time.
        """
        rights = scopes_of(scopes)
        if not rights:
            raise ValueError("a key needs a scope: read, run or admin")
        key_id, key, hashed = new_key()
        values: dict[str, Any] = {
            "id": key_id, "name": name, "hash": hashed, "user_id": user_id, "created": self._db.now(),
            "scopes": ",".join(sorted(rights)), "expires": None if expires is None else _milliseconds(expires),
        }  # fmt: skip
        with self._db.write() as c:
            row = c.execute(sa.insert(api_keys).values(values).returning(api_keys)).mappings().one()
            return key, _record(row)

    def all(self) -> list[ApiKey]:
        """All keys, the oldest first, revoked and expired ones too."""
        with self._db.read() as c:
            return [_record(r) for r in c.execute(sa.select(api_keys).order_by(api_keys.c.seq)).mappings()]

    def revoke(self, key_id: str) -> bool:
        """Revoke a key for good; False when there's no such key. Revoking twice keeps the first time."""
        first = sa.func.coalesce(api_keys.c.revoked, self._db.now())
        with self._db.write() as c:
            return c.execute(sa.update(api_keys).where(api_keys.c.id == key_id).values(revoked=first)).rowcount == 1

    def verify(self, key: str) -> ApiKey | None:
        """The record of a key that is known, not revoked and not expired, else None; same time either way."""
        key_id, secret = split(key)
        live = sa.and_(api_keys.c.revoked.is_(None), self._unexpired()).label("live")
        query = sa.select(api_keys, live).where(api_keys.c.id == _askable(key_id))
        with self._db.read() as c:
            row = c.execute(query).mappings().first()
        # An unknown id is compared as well, with a hash that no secret has found its way to.
        right = same(digest(secret), self._nobody if row is None else bytes(row["hash"]))
        if row is None or not secret or not right or not row["live"]:
            return None
        return _record(row)

    def any(self) -> bool:
        """Whether at least one key works now."""
        query = sa.select(api_keys.c.seq).where(api_keys.c.revoked.is_(None), self._unexpired()).limit(1)
        with self._db.read() as c:
            return c.scalar(query) is not None

    def _unexpired(self) -> Any:
        return sa.or_(api_keys.c.expires.is_(None), api_keys.c.expires > self._db.now())


def _askable(key_id: str) -> str:
    """A key's id as a database can take it; a text that can't be one becomes "", which none is."""
    return key_id if len(key_id) <= 40 and key_id.isascii() and key_id.isalnum() else ""


def _milliseconds(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def _record(row: RowMapping) -> ApiKey:
    return ApiKey(
        id=row["id"], name=row["name"], user_id=row["user_id"],
        scopes=frozenset(Scope(s) for s in row["scopes"].split(",")), created=iso(row["created"]),
        expires=None if row["expires"] is None else iso(row["expires"]),
        revoked=None if row["revoked"] is None else iso(row["revoked"]),
    )  # fmt: skip
