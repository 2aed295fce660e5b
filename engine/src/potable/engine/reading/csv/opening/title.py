"""A first line that tells spreadsheets the delimiter, such as ``sep=;``."""

from __future__ import annotations

import re

from potable.engine.lazyregex import lazy_regex

_SEP = lazy_regex(rb"\A(?:\xef\xbb\xbf)?\"?sep=([^\r\n\"])\"?(?:\r\n|\r|\n|\Z)", re.IGNORECASE)


def separator_line(text: bytes) -> tuple[bytes, int] | None:
    """The delimiter that a first line ``sep=;`` tells spreadsheets, and where the next line starts."""
    found = _SEP.match(text)
    return None if found is None else (found[1], found.end())
