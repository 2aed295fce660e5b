"""JSON Pointers (RFC 6901): how places in definitions, schemas and records are named."""

from __future__ import annotations

from collections.abc import Iterable


def escape(name: str) -> str:
    """``name`` as a reference token of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1") if "~" in name or "/" in name else name


def unescape(token: str) -> str:
    """The member's name that a reference token of a JSON Pointer stands for."""
    return token.replace("~1", "/").replace("~0", "~")


def pointer_of(path: Iterable[str | int]) -> str:
    """The JSON Pointer of the value that names and numbers lead to: ``/a~1b/0``; "" for the document itself."""
    return "".join(f"/{escape(str(step))}" for step in path)
