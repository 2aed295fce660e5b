"""API keys in the store."""

from __future__ import annotations

from collections.abc import Iterable

from potable.engine.store.apikey import ApiKey


class Keys:
    """The API keys of a store: see :class:`~potable.engine.store.apikey.ApiKey`."""

    def add(
        self,
        name: str,
        *,
        user_id: int | None = None,
        scopes: Iterable[str] = ("read", "run"),
        expires: str | None = None,
    ) -> tuple[str, ApiKey]:
        """Make a key; returns its text, which is stored nowhere, and its record. Raises ValueError (bad scope)."""
        raise NotImplementedError

    def all(self) -> list[ApiKey]:
        """All keys, the oldest first, revoked and expired ones too."""
        raise NotImplementedError

    def revoke(self, key_id: str) -> bool:
        """Revoke a key for good; False when there's no such key. Revoking twice keeps the first time."""
        raise NotImplementedError

    def verify(self, key: str) -> ApiKey | None:
        """The record of a key that is known, not revoked and not expired, else None; same time either way."""
        raise NotImplementedError

    def any(self) -> bool:
        """Whether at least one key works now."""
        raise NotImplementedError
