"""API keys, as texts and records; no database."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a key allows; each scope includes those before it."""

    READ = "read"
    RUN = "run"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as stored: never its secret. Times are ISO 8601 in UTC.

    :param id: the public part of the key.
    :param name: who or what it was made for.
    :param user_id: the userID that its runs carry; None: the caller may name any.
    :param scopes: what it allows.
    :param created: when it was made.
    :param expires: when it ends; None: never.
    :param revoked: when it was revoked; None: it wasn't.
    """

    id: str
    name: str
    user_id: int | None = None
    scopes: frozenset[Scope] = frozenset({Scope.READ, Scope.RUN})
    created: str = ""
    expires: str | None = None
    revoked: str | None = None

    def allows(self, scope: Scope | str) -> bool:
        """Whether the key has the right: ``admin`` has all, ``run`` has ``read``."""
        wanted = Scope(scope)
        if Scope.ADMIN in self.scopes or wanted in self.scopes:
            return True
        return wanted is Scope.READ and Scope.RUN in self.scopes

    def may_be(self, user_id: int) -> bool:
        """Whether a run with this key may carry that userID: an admin's any, a bound key's its own."""
        return self.user_id is None or self.user_id == user_id or Scope.ADMIN in self.scopes


def new_key() -> tuple[str, str, bytes]:
    """A fresh key: (its id, the whole key ``id.secret`` to hand out once, the hash to store)."""
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return key_id, f"{key_id}.{secret}", digest(secret)


def digest(secret: str) -> bytes:
    """SHA-256 of a secret. A fast hash is enough: the secret has 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def split(key: str) -> tuple[str, str]:
    """A key's id and secret; a text that is no key gives two texts all the same."""
    key_id, _, secret = key.partition(".")
    return key_id, secret


def same(left: bytes, right: bytes) -> bool:
    """Whether two hashes are equal, in a time that tells nothing."""
    return hmac.compare_digest(left, right)


def scopes_of(names: Iterable[str]) -> frozenset[Scope]:
    """Scopes by name. Raises ValueError for an unknown one."""
    return frozenset(Scope(n) for n in names)
