"""Records that stand in a definition itself: a list of objects, a list of rows under one of names, or a text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from potable.engine.definition import coerce


class NotRecords(Exception):
    """Inline data of another shape; ``str()`` says what they are, a clause."""


def text_of(data: Any, *, header: bool = True) -> Iterator[bytes]:
    """The data as the bytes of a file: a text as it is, records as JSON Lines.

    :param header: the first of several rows names the columns; without, they're ``column1``, ``column2``, ...

    Raises :class:`NotRecords`.
    """
    if isinstance(data, str):
        yield data.encode("utf-8", "replace")
        return
    if not isinstance(data, list):
        raise NotRecords(f"it's {coerce.shown(data)}")
    names: list[str] | None = None
    for number, item in enumerate(data, 1):
        if isinstance(item, list) and (names is not None or number == 1):
            if names is None:
                names = _names(item) if header else [f"column{i}" for i in range(1, len(item) + 1)]
                if header:
                    continue
            if len(item) != len(names):
                raise NotRecords(f"row {number} has {len(item)} cells where there are {len(names)} columns")
            item = dict(zip(names, item, strict=True))
        elif not isinstance(item, dict) or names is not None:
            raise NotRecords(f"item {number} is {coerce.shown(item)}")
        try:
            yield json.dumps(item, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"
        except TypeError as e:
            raise NotRecords(f"item {number} holds what JSON doesn't have ({e})") from None
        except ValueError:
            raise NotRecords(f"item {number} holds a number that JSON doesn't have") from None


def fault(data: Any, *, header: bool = True) -> str | None:
    """Why data can't be records; None when they can."""
    try:
        for _ in text_of(data, header=header):
            pass
    except NotRecords as e:
        return f"{e}: a list of objects, a list of rows of which the first names the columns, or a text is needed"
    return None


def _names(row: list[Any]) -> list[str]:
    if not all(isinstance(n, str) for n in row) or len(set(row)) != len(row):
        raise NotRecords("its first row isn't one of different names")
    return row
