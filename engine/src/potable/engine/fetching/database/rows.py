"""Rows as canonical JSON Lines: names in column order, no blanks, UTF-8, numbers as the database spells them."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import orjson

BATCH_BYTES = 1 << 20
"""Lines of about so many bytes are fetched at a time."""
FIRST_BATCH, MOST_ROWS = 64, 10_000
"""Rows of the first batch, by whose size the next ones go; and the most of any."""


def encoded(
    names: Sequence[str], fetch: Callable[[int], Sequence[Sequence[Any]]], under: str | None = None
) -> Iterator[tuple[bytes, int]]:
    """The lines of all rows, some rows at a time, and how many these are.

    Whole numbers and decimals stay exact; NaN and the infinities, which JSON lacks, become texts; bytes become
    Base64; text that isn't UTF-8 keeps its bytes.

    :param names: of the columns; they are unique.
    :param fetch: gives at most so many further rows; none at the end.
    :param under: a member that holds the row, as ``{"samples":{"id":1}}``; None: the row itself is the record.
    """
    size = FIRST_BATCH
    head = b"" if under is None else b"{%s:" % _text(under).encode()
    while rows := fetch(size):
        lines = [_line(names, row) for row in rows]
        data = b"".join([head + line[:-1] + b"}\n" for line in lines] if under is not None else lines)
        yield data, len(rows)
        size = max(1, min(MOST_ROWS, 4 * size, BATCH_BYTES * len(rows) // len(data)))


def number(text: str | bytes) -> Any:
    """A number as the database spells it, to be written as it is; what isn't a JSON number stays text."""
    data = text.encode() if isinstance(text, str) else bytes(text)
    bare = data.removeprefix(b"-")
    if not bare[:1].isdigit() or (bare[:1] == b"0" and bare[1:2].isdigit()):
        return data.decode()
    return orjson.Fragment(data)


def document(text: str | bytes | memoryview) -> orjson.Fragment:
    """A JSON document as the database keeps it, on one line: a line break can only stand between its tokens."""
    data = text.encode() if isinstance(text, str) else bytes(text)
    return orjson.Fragment(data.replace(b"\n", b" ").replace(b"\r", b" "))


def _line(names: Sequence[str], row: Sequence[Any]) -> bytes:
    record = dict(zip(names, row, strict=True))
    try:
        line = orjson.dumps(record, default=_other, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        return _carefully(record)
    if b"null" in line and any(_holds_no_number(value) for value in row):
        return _carefully(record)
    return line


def _other(value: Any) -> Any:
    """What a value that JSON has no kind for is written as."""
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value)) if value.is_finite() else str(value)
    return str(value)


def _holds_no_number(value: Any) -> bool:
    """Whether a value is, or holds, a float that JSON can't spell (which orjson writes as null)."""
    if isinstance(value, list | tuple):
        return any(_holds_no_number(v) for v in value)
    return isinstance(value, float) and not math.isfinite(value)


def _carefully(record: dict[str, Any]) -> bytes:
    """The same line, for what orjson doesn't take: bytes that aren't UTF-8, NaN, the infinities."""
    members = (f"{_text(name)}:{_value(value)}" for name, value in record.items())
    return ("{" + ",".join(members) + "}\n").encode("utf-8", "surrogateescape")


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list | tuple):
        return "[" + ",".join(_value(v) for v in value) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return '"NaN"' if math.isnan(value) else '"Infinity"' if value > 0 else '"-Infinity"'
    return orjson.dumps(value, default=_other).decode()


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
