"""The URL and the parameters of a definition's ingest method; secrets among them are taken out of URLs, and noted."""

from __future__ import annotations

from typing import Any

from potable.engine.definition import coerce, policy
from potable.engine.definition.draft import Draft
from potable.engine.definition.methods import PARAMETERS, parameters_of
from potable.engine.definition.secrets import (
    Secret,
    plain_query_secrets,
    query_secrets,
    query_value,
    read_secret,
    split_query,
    split_userinfo,
    unused_references,
)
from potable.engine.definition.template import BadTemplate, read_template
from potable.engine.definition.typed import note_blanks, note_secret, string
from potable.engine.paths.pointer import escape

_EXACT = frozenset(("data", "delimiter", "comment", "filterValue", "sheet", "arguments"))  # blanks in them may be meant
_BLOCKS = frozenset(("sql",))  # written over several lines, which end in a line break
_MAY_BE_EMPTY = frozenset(("textQuote", "escapeCharacter"))


def read_parameters(draft: Draft, method: str) -> tuple[str | None, dict[str, Any]]:
    """The URL and the typed parameters of the ingest method."""
    own = parameters_of(method)
    out: dict[str, Any] = {}
    for name, value in draft.members.items():
        known = PARAMETERS.get(name)
        if known is None or name == "ingestURL" or (own is not None and name not in own):
            continue
        pointer = f"/{escape(name)}"
        empty = value == "" and draft.foundry and name not in _MAY_BE_EMPTY
        if value is None or empty:
            continue
        try:
            out[name] = typed = coerce.parameter(known, value, draft.spelled(pointer))
        except coerce.Unfit as e:
            shown = Secret("plain", "") if known.kind == "secret" else value
            policy.unfit(draft, pointer, name, shown, e)
            continue
        if isinstance(typed, Secret):
            note_secret(draft, pointer, name, typed)
        elif known.kind in ("path",):
            policy.path(draft, pointer, typed)
        elif isinstance(typed, str) and known.kind not in ("character",) and name not in _EXACT:
            if name not in _BLOCKS:
                note_blanks(draft, pointer, name, value)
            out[name] = typed.strip()
    url = _url(draft, "ingestURL", string(draft, "ingestURL"), "username", "password", out)
    if isinstance(template := out.get("mergeIngestURLTemplate"), str):
        _template(draft, template)
    if "jdbcURL" in out:
        out["jdbcURL"] = _url(draft, "jdbcURL", out["jdbcURL"], "dbUser", "dbPassword", out)
    return url or None, out


def _url(
    draft: Draft, name: str, url: str | None, user_name: str, password_name: str, parameters: dict[str, Any]
) -> str | None:
    """A URL without the user and password in it: they become parameters, so that nothing that shows it shows them."""
    if url is None:
        return None
    bare, user, password = split_userinfo(url)
    if name == "jdbcURL":
        bare, user_there = split_query(bare, "user")
        bare, password_there = split_query(bare, "password")
        user, password = user or user_there, password if password is not None else password_there
    if user:
        parameters.setdefault(user_name, user)
    if password is not None:
        secret = read_secret(password) or Secret("plain", password)
        parameters.setdefault(password_name, secret)
        if secret.kind == "plain":
            note_secret(draft, f"/{name}", name, secret)
    for parameter in plain_query_secrets(bare):
        draft.note(
            "plaintext-secret", f"the parameter {parameter!r} of {name} holds a secret in plain text", f"/{name}"
        )
    for found in query_secrets(bare):
        if found.kind == "file":
            note_secret(draft, f"/{name}", name, found)
    for reference in unused_references(bare):
        message = f"{reference} in {name} isn't replaced: a reference stands as the value of a secret query parameter"
        draft.note(
            "bad-value", message, f"/{name}", hint="Write it as in ?api_key=${NAME}, or use username and password."
        )
    return bare


def _template(draft: Draft, template: str) -> None:
    """Note the secrets of ``mergeIngestURLTemplate`` that stand there, or whose files are missing."""
    pointer = "/mergeIngestURLTemplate"
    try:
        secrets = read_template(template).secrets
    except BadTemplate:
        return  # which lint tells
    for secret in secrets:
        if secret.kind == "file":
            note_secret(draft, pointer, "mergeIngestURLTemplate", secret)
    bare, _, password = split_userinfo(template)
    plain = [f"the parameter {name!r}" for name in plain_query_secrets(bare) if "${" not in query_value(bare, name)]
    for what in [*plain, *(["the user part"] if password else [])]:
        draft.note("plaintext-secret", f"{what} of mergeIngestURLTemplate holds a secret in plain text", pointer)
