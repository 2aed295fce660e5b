"""Which bytes of a body an answer says that it brings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from potable.engine.lazyregex import lazy_regex

_CONTENT_RANGE = lazy_regex(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19}|\*)", re.IGNORECASE)


class ByteRange(NamedTuple):
    """A range as ``Content-Range`` tells it (RFC 9110 §14.4), both ends included; ``total`` is None for ``*``."""

    first: int
    last: int
    total: int | None

    @property
    def whole(self) -> bool:
        """Whether it's all there is."""
        return self.first == 0 and self.last + 1 == self.total


def range_of(headers: Mapping[str, str]) -> ByteRange | None:
    """The range of bytes that an answer names; None where it names none, or one of something else."""
    match = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
    if match is None:
        return None
    return ByteRange(int(match[1]), int(match[2]), None if match[3] == "*" else int(match[3]))
