"""JSON that any text survives."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

_DIGITS = 1_000
_LARGE = 10**_DIGITS
"""Python itself writes no number of more than 4,300 digits."""


def dumps(value: Any) -> str:
    """JSON in ASCII, compact: a lone surrogate or a NUL survives too. What JSON lacks becomes null or text."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False, default=_plain)
    except (ValueError, TypeError):
        return json.dumps(_finite(value), separators=(",", ":"), default=_plain)


def plain(value: Any, name: str) -> Any:
    """A value as JSON has it, NumPy's as Python's, None for what isn't finite: its text is the same in each run.

    :param name: what it's called in the message.
    :raises TypeError: JSON hasn't got it.
    """
    if hasattr(value, "tolist"):  # NumPy's, of which some are floats too
        return plain(value.tolist(), name)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not -_LARGE < value < _LARGE:
        raise TypeError(f"{name} holds a whole number of more than {_DIGITS:,} digits, which few readers of JSON take")
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, (str, int)):
                raise TypeError(f"{name} has a key of the type {type(key).__name__}, which JSON doesn't have")
        return {key: plain(inner, name) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner, name) for inner in value]
    raise TypeError(f"{name} holds a value of the type {type(value).__name__}, which JSON doesn't have")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if hasattr(value, "tolist"):  # NumPy's
        return value.tolist()
    return str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): _finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(v) for v in value]
    return value
