"""Settings of the old system that ask for something that isn't done: each is told, so that nobody relies on one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from potable.engine.definition import coerce
from potable.engine.definition.draft import Draft
from potable.engine.definition.methods import PARAMETERS, parameters_of
from potable.engine.lazyregex import lazy_regex
from potable.engine.paths.pointer import escape

_MENDS: Mapping[str, str] = {
    "allowDuplicates": "Write dupPerc: 100, or severity: {keys/duplicate: off}, where the source may have duplicates.",
    "locale": "A Table Schema says how numbers and dates are written: decimalChar, groupChar, format.",
    "normalize": "Records are checked as they come.",
    "cacheFilename": "Kept copies are named by their content; useCache says whether one is used.",
    "sourceName": "resourceID and name are the source's names.",
    "dbKey": "Write the database's address in jdbcURL.",
}
"""By name: what to do instead."""

_AS_READ = lazy_regex(r"(c|posix|en([_-].*)?)", re.IGNORECASE)
"""Locales in which numbers are written as they're read here."""


def note_without_effect(draft: Draft, method: str) -> None:
    """Note settings that ask for something that isn't done.

    What is for other programs (``crawlFrequency``, ``documentProcessing``, ``mappingFile``, ...) is carried along, and
    scripts are told of where they matter.
    """
    own = parameters_of(method)
    for name, mend in _MENDS.items():
        value = draft.members.get(name)
        foreign = name in PARAMETERS and own is not None and name not in own  # which is told as unknown
        if foreign or value in (None, "") or not _asks(name, value):
            continue
        draft.note("no-effect", f"{name} has no effect", f"/{escape(name)}", hint=mend)


def _asks(name: str, value: Any) -> bool:
    if name == "locale":
        return not _AS_READ.fullmatch(str(value).strip())
    if name in ("allowDuplicates", "normalize"):
        try:
            return coerce.boolean(value)
        except coerce.Unfit:
            return False  # which is told as what it is
    return True
