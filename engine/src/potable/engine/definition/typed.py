"""Members of a draft as typed values; what isn't of its kind is noted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from potable.engine.definition import coerce, policy
from potable.engine.definition.draft import Draft
from potable.engine.definition.linked import find_file
from potable.engine.definition.secrets import Secret


def given(draft: Draft, name: str, read: Callable[[Any], Any], absent: Any) -> Any:
    """What ``read`` makes of a member; ``absent`` where it isn't given."""
    value = draft.members.get(name)
    return absent if value is None or (draft.foundry and value == "") else read(value)


def typed(draft: Draft, name: str, read: Callable[[Any], Any]) -> Any:
    """A member read by a coercion; None where it isn't given or isn't of that kind, which is noted."""
    try:
        return given(draft, name, read, None)
    except coerce.Unfit as e:
        policy.unfit(draft, f"/{name}", name, draft.members[name], e)
        return None


def string(draft: Draft, name: str) -> str | None:
    """A text without blanks around it, which are noted; None where it isn't given or is none."""
    pointer = f"/{name}"
    found = typed(draft, name, lambda v: coerce.text(v, draft.spelled(pointer)))
    if found is None:
        return None
    note_blanks(draft, pointer, name, found)
    text: str = found.strip()
    return text


def note_blanks(draft: Draft, pointer: str, name: str, value: Any) -> None:
    """Note blanks around a text."""
    if isinstance(value, str) and value != value.strip():
        where = "begins" if value[:1].isspace() else "ends"
        draft.note("whitespace", f"the value of {name} {where} with blanks", pointer)


def note_secret(draft: Draft, pointer: str, name: str, secret: Secret) -> None:
    """Note a secret that stands there in plain text, or whose file is missing."""
    if secret.kind == "plain":
        draft.note("plaintext-secret", f"{name} holds a secret in plain text", pointer)
    elif secret.kind == "file":
        find_file(draft, pointer, secret.reference.removeprefix("file "), anywhere=True)
