"""Byte order marks before a text, and end marks behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from potable.engine.contracts.reading import beginning_of
from potable.engine.findings import Occurrence, Severity
from potable.engine.paths import FieldPath
from potable.engine.reading.codes import BYTE_ORDER_MARK, END_MARK
from potable.engine.reading.decoding import UTF8

if TYPE_CHECKING:
    from potable.engine.contracts.snapshot import Part
    from potable.engine.findings import Location
    from potable.engine.reading.text import TextStream


def marked(text: TextStream, part: Part, key: str | None = None) -> Occurrence | None:
    """``encoding/byte-order-mark``, where a part's text starts with a mark that UTF-8 doesn't need; else None.

    :param key: path of the key's column, if its name is what comes behind the mark: then it's an error.
    """
    size = text.encoding.mark
    if not size or text.encoding.name != UTF8:
        return None
    message = f"{part.name} starts with a byte order mark"
    if size > 3:
        message += f" that is there twice or was encoded twice ({size} bytes)"
    if key is not None:
        message += f", before the name of the key {FieldPath.parse(key).column!r}: many readers don't find it there"
    return Occurrence(
        BYTE_ORDER_MARK.id, message, key, location=beginning_of(part),
        severity=Severity.ERROR if key is not None else None,
    )  # fmt: skip


def end_marked(text: TextStream, at: Location) -> Occurrence | None:
    """``encoding/end-mark``, where end marks of DOS were taken off a part's text; ``at``: where it ends."""
    if not text.end_marks:
        return None
    told = "an end mark" if text.end_marks == 1 else f"{text.end_marks:,} end marks"
    return Occurrence(END_MARK.id, f"{text.bytes.part.name} ends in {told} of DOS (1A)", location=at)
