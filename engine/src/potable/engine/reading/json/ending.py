"""What isn't a record at a part's ends: a first one that tells of the others, and a server's message of an error in
place of the last, where the stream of records broke off, or of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from potable.engine.contracts.reading import Cut
from potable.engine.contracts.snapshot import Part
from potable.engine.findings import Sample, Tally, clip
from potable.engine.limits import Limits
from potable.engine.paths import column_path
from potable.engine.reading.json.places import Places
from potable.engine.reading.parts import head_of

_FAULTS = frozenset({
    "error", "errors", "exception", "fault", "errorcode", "errormessage", "errordescription", "errordetails",
    "errorinfo", "stacktrace", "traceback",
})  # fmt: skip
_AROUND = frozenset({
    "status", "statuscode", "code", "message", "msg", "detail", "details", "title", "type", "path", "timestamp", "time",
    "date", "success", "ok", "reason", "requestid", "traceid", "instance", "method", "url", "cause", "documentation",
    "documentationurl", "description", "info", "result",
})  # fmt: skip
"""What stands beside them in such messages, and alone in the messages of RFC 9457."""
_UNLIKE = "the first record has no member in common with those behind it"
_LOOKED_AT = 20
"""So many records tell what records are like."""
_OTHERS, _IN_COMMON = 3, 2
"""At least so many others there are, with so many members in common."""
_MOST = 1 << 16
"""A message of an error isn't longer, in bytes."""


class Ending:
    """Looks at the first and the last record of one part."""

    def __init__(self) -> None:
        self._first: Mapping[str, Any] | None = None
        self._begins: Sample | None = None
        self._number = 0
        self._names: list[frozenset[str]] = []
        self._last: Cut | None = None
        self._records = 0

    def look(self, cut: Cut) -> None:
        """A cut, in order."""
        if len(self._names) < _LOOKED_AT:
            self._begin(cut)
        self._last = cut
        self._records += cut.records

    def _begin(self, cut: Cut) -> None:
        places = Places(cut)
        for row in range(min(cut.records, _LOOKED_AT - len(self._names))):
            raw = places.bytes(row)
            record = _object(raw)
            if not self._names:
                self._first, self._number = record, cut.first_record
                value = clip(raw.decode("utf-8", "replace"))
                self._begins = Sample(message=_UNLIKE, value=value, location=places.record(0))
            self._names.append(frozenset(record or ()))

    def header(self) -> Tally | None:
        """``json/header-record``, if the first record is one; to be called when all was looked at."""
        first, others = self._names[:1], self._names[1:]
        if self._begins is None or len(others) < _OTHERS or not first[0]:
            return None
        if len(frozenset.intersection(*others)) < _IN_COMMON or first[0] & frozenset.union(*others):
            return None
        return Tally(
            code="json/header-record", count=1, samples=(self._begins,), records=np.array([self._number], np.uint64)
        )

    def tally(self) -> Tally | None:
        """``json/error-record``, if it is one; to be called when all was looked at."""
        if self._last is None or self._first is None:
            return None
        places, row = Places(self._last), self._last.records - 1
        raw = places.bytes(row)
        found = None if len(raw) > _MOST else _object(raw)
        if not found or not _is_message(found):
            return None
        number = self._last.first_record + row
        own = {name for name in self._first if _plain(name) not in _FAULTS | _AROUND}
        if self._records > 1 and (not own or own & set(found)):
            return None
        message = "the last record is the message of an error, not a record"
        sample = Sample(message=message, value=clip(raw.decode("utf-8", "replace")), location=places.record(row))
        return Tally(
            code="json/error-record", count=1, samples=(sample,), records=np.array([number], np.uint64),
            explains=tuple(column_path(name) for name in found),
        )  # fmt: skip


def instead(part: Part, limits: Limits) -> str | None:
    """The text of a part that's nothing but the message of an error, clipped; None for any other. Raises as
    :func:`~potable.engine.reading.parts.head_of`.
    """
    head = head_of(part, limits)
    found = _object(head)
    return clip(head.decode("utf-8", "replace").strip()) if found and _is_message(found) else None


def _object(raw: bytes) -> Mapping[str, Any] | None:
    try:
        value = orjson.loads(raw) if len(raw) <= _MOST else None
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _is_message(found: Mapping[str, Any]) -> bool:
    """Whether an object has what messages have, and nothing else; the error itself isn't empty."""
    names = {_plain(name): value for name, value in found.items()}
    faults = [value for name, value in names.items() if name in _FAULTS]
    return any(faults) and all(name in _FAULTS or name in _AROUND for name in names)


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()
