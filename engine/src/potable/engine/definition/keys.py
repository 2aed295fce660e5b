"""The primary key of a definition, in any of its three forms."""

from __future__ import annotations

from typing import Any

from potable.engine.definition import coerce, policy
from potable.engine.definition.draft import Draft
from potable.engine.paths.pointer import escape

_SPEC = "originalRecordIdentifierSpec"
_SPEC_MEMBERS = ("fields", "delimiter", "method")


def read_key(draft: Draft) -> tuple[tuple[str, ...], str]:
    """The key's canonical paths and what joins their values.

    Where one of them can't be read the key is empty: the others alone would be another key.
    """
    delimiter = _delimiter(draft)
    forms = [n for n in ("primaryKey", "primaryKeyJSONPath", _SPEC) if not _absent(draft, n)]
    if not forms:
        return (), delimiter
    name = forms[0]
    found = {n: _paths(draft, n) for n in forms}
    for other in forms[1:]:
        if found[other] != found[name]:
            draft.note("bad-value", f"{name} and {other} name different keys; {name} is used", f"/{other}")
    return found[name], delimiter


def _absent(draft: Draft, name: str) -> bool:
    value = draft.members.get(name)
    return value is None or (name != _SPEC and value == []) or (draft.foundry and value in ("", [], {}))


def _paths(draft: Draft, name: str) -> tuple[str, ...]:
    pointer, value = f"/{name}", draft.members[name]
    if name == _SPEC:
        if not isinstance(value, dict):
            draft.note("bad-value", f"{name} is {coerce.shown(value)}: a mapping is needed", pointer)
            return ()
        for member in value:
            if member not in _SPEC_MEMBERS:
                policy.unknown(draft, f"{pointer}/{escape(str(member))}", str(member), _SPEC_MEMBERS)
        method = value.get("method", "Value")
        if not isinstance(method, str) or method.strip().casefold() != "value":
            message = f"the key's method is {coerce.shown(method)}: only Value is known"
            draft.note("bad-value", message, f"{pointer}/method")
        pointer, value = f"{pointer}/fields", value.get("fields")
        if not value:
            draft.note("missing-parameter", f"{name} has no fields", f"/{name}")
            return ()
    items: list[tuple[str, Any]]
    items = [(f"{pointer}/{i}", v) for i, v in enumerate(value)] if isinstance(value, list) else [(pointer, value)]
    out: list[str] = []
    for at, item in items:
        found = policy.path(draft, at, item)
        if found is None:
            return ()
        if isinstance(item, str) and item != item.strip():
            draft.note("whitespace", f"the key's column name {item!r} begins or ends with blanks", at, field=found)
        if found in out:
            draft.note("bad-value", f"the key names {found} twice", at, field=found)
        else:
            out.append(found)
    return tuple(out)


def _delimiter(draft: Draft) -> str:
    value, pointer = draft.members.get("keyDelimiter"), "/keyDelimiter"
    spec = draft.members.get(_SPEC)
    if value is None and isinstance(spec, dict):
        value, pointer = spec.get("delimiter"), f"/{_SPEC}/delimiter"
        if isinstance(value, list):
            if len(value) != 1:
                draft.note("bad-value", f"the key has {len(value)} delimiters where exactly one must be", pointer)
                return ":"
            value, pointer = value[0], f"{pointer}/0"
    if value is None:
        return ":"
    try:
        return coerce.text(value, draft.spelled(pointer))
    except coerce.Unfit as e:
        policy.unfit(draft, pointer, "the key's delimiter", value, e)
        return ":"
