"""API keys in the store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from potable.engine.runs import iso
from potable.engine.store.apikey import ApiKey, Scope, digest, new_key, same, scopes_of, split
from potable.engine.store.database import Database, Row

_LIVE = "revoked IS NULL AND (expires IS NULL OR expires > :now)"


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
        insert = (
            "INSERT INTO potable_api_keys (id, name, hash, user_id, created, scopes, expires) "
            "VALUES (:id, :name, :hash, :user_id, :now, :scopes, :expires) RETURNING *"
        )
        with self._db.write() as t:
            [row] = t.rows(
                insert, id=key_id, name=name, hash=hashed, user_id=user_id, scopes=",".join(sorted(rights)),
                expires=None if expires is None else _milliseconds(expires),
            )  # fmt: skip
            return key, _record(row)

    def all(self) -> list[ApiKey]:
        """All keys, the oldest first, revoked and expired ones too."""
        with self._db.read() as t:
            return [_record(row) for row in t.rows("SELECT * FROM potable_api_keys ORDER BY seq")]

    def revoke(self, key_id: str) -> bool:
        """Revoke a key for good; False when there's no such key. Revoking twice keeps the first time."""
        update = "UPDATE potable_api_keys SET revoked = coalesce(revoked, :now) WHERE id = :id"
        with self._db.write() as t:
            return t.change(update, id=key_id) == 1

    def verify(self, key: str) -> ApiKey | None:
        """The record of a key that is known, not revoked and not expired, else None; same time either way."""
        key_id, secret = split(key)
        query = f"SELECT *, ({_LIVE}) AS live FROM potable_api_keys WHERE id = :id"
        with self._db.read() as t:
            row = t.row(query, id=_askable(key_id))
        # An unknown id is compared as well, with a hash that no secret has found its way to.
        right = same(digest(secret), self._nobody if row is None else bytes(row["hash"]))
        if row is None or not secret or not right or not row["live"]:
            return None
        return _record(row)

    def any(self) -> bool:
        """Whether at least one key works now."""
        with self._db.read() as t:
            return t.value(f"SELECT seq FROM potable_api_keys WHERE {_LIVE} LIMIT 1") is not None


def _askable(key_id: str) -> str:
    """A key's id as a database can take it; a text that can't be one becomes "", which none is."""
    return key_id if len(key_id) <= 40 and key_id.isascii() and key_id.isalnum() else ""


def _milliseconds(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def _record(row: Row) -> ApiKey:
    return ApiKey(
        id=row["id"], name=row["name"], user_id=row["user_id"],
        scopes=frozenset(Scope(s) for s in row["scopes"].split(",")), created=iso(row["created"]),
        expires=None if row["expires"] is None else iso(row["expires"]),
        revoked=None if row["revoked"] is None else iso(row["revoked"]),
    )  # fmt: skip
