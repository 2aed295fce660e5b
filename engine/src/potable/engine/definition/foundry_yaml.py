"""The old system's YAML descriptor: a mapping from source key to a flat mapping of texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from potable.engine.definition.draft import Draft

_TELLING = frozenset(("ingestMethod", "ingestURL", "sourceID", "scrID", "primaryKeyJSONPath", "resourceID"))


def is_entry(value: Any) -> bool:
    """Whether a mapping is one source of a descriptor."""
    return isinstance(value, dict) and any(isinstance(n, str) and n.strip() in _TELLING for n in value)


def matches(value: Mapping[str, Any]) -> bool:
    """Whether a document is a descriptor: a mapping of mappings, some of which are sources."""
    return bool(value) and all(isinstance(v, dict) for v in value.values()) and any(map(is_entry, value.values()))


def adapt(draft: Draft, key: str, value: Mapping[str, Any]) -> None:
    """Fill the draft with one entry; its resourceID is the ``sourceID``, or else the source key.

    An entry that has a ``resourceID`` is a native definition.
    """
    draft.members.update(value)
    if "resourceID" in value:
        return
    draft.format = "foundry-yaml"
    if value.get("sourceID") not in (None, ""):
        draft.put("resourceID", value["sourceID"], "/sourceID")
    else:
        draft.put("resourceID", key, "")
