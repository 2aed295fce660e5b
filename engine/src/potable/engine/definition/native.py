"""From a draft to a :class:`SourceDefinition`: types, canonical paths, defaults; each lesser fault becomes a note."""

from __future__ import annotations

from typing import Any

from potable.engine.definition import coerce, policy
from potable.engine.definition.draft import Draft
from potable.engine.definition.effects import note_without_effect
from potable.engine.definition.keys import read_key
from potable.engine.definition.linked import read_linked
from potable.engine.definition.members import CARRIED, MEMBERS, known_names, meant
from potable.engine.definition.methods import METHODS, PARAMETERS, parameters_of
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parameters import read_parameters
from potable.engine.definition.schema import supplement
from potable.engine.definition.schemas import read_schemas
from potable.engine.definition.secrets import Secret, is_secret_name, read_secret
from potable.engine.definition.typed import given, note_blanks, note_secret, string, typed
from potable.engine.errors import DefinitionError
from potable.engine.findings import Location, Occurrence
from potable.engine.lazyregex import lazy_regex
from potable.engine.paths.pointer import escape, unescape

RESOURCE_ID = lazy_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")
_FOUNDRY_TABLE = {"textQuote": '"', "escapeCharacter": "\\"}


def build(draft: Draft, sha256: str) -> SourceDefinition:
    """The definition that a draft means.

    :param sha256: digest of the text that it was read from.

    Raises :class:`DefinitionError` where it has no ``resourceID``.
    """
    _duplicates(draft)
    resource_id = _resource_id(draft)
    method = (string(draft, "ingestMethod") or "").upper()
    url, parameters = read_parameters(draft, method)
    if draft.foundry and "csv" in (method.lower(), parameters.get("parserType")):
        parameters = {**_FOUNDRY_TABLE, **parameters}
    key, key_delimiter = read_key(draft)
    table, document, schema_file, files = read_schemas(draft)
    members = draft.members
    accounting = given(draft, "accounting", lambda v: policy.accounting(draft, v), {})
    if typed(draft, "skipCheck", coerce.boolean):
        accounting = {**accounting, "skip": True}
    _scripts(draft)
    note_without_effect(draft, method)
    definition: dict[str, Any] = {
        "resource_id": resource_id,
        "name": string(draft, "name") or "",
        "ingest_method": method,
        "ingest_url": url,
        "parameters": parameters,
        "primary_key": key,
        "key_delimiter": key_delimiter,
        "table_schema": table,
        "json_schema": document,
        "schema_file": schema_file,
        **files,
        "missing_values": _missing_values(draft, table),
        "qc_rules": _qc_rules(draft),
        "err_perc": typed(draft, "errPerc", lambda v: coerce.number(v, 0, 100)),
        "dup_perc": typed(draft, "dupPerc", lambda v: coerce.number(v, 0, 100)),
        "accounting": accounting,
        "records": given(draft, "records", lambda v: policy.records(draft, v), {}),
        "checks": given(draft, "checks", lambda v: policy.checks(draft, v), {}),
        "severity": given(draft, "severity", lambda v: policy.severity(draft, v), {}),
        "values": given(draft, "values", lambda v: policy.values(draft, v), "shown"),
        "hold": typed(draft, "hold", coerce.boolean) or False,
        "info": {
            n: members[n] for n in ("owner", "contact", "tags", "description") if members.get(n) not in (None, "")
        },
        "extra": _extra(draft, method),
    }
    if draft.format == "native" and any(n.code == "definition/bad-value" for n in draft.notes):
        supplement(draft)
    return SourceDefinition(**definition, origin=draft.origin(sha256), notes=tuple(draft.notes))


def _duplicates(draft: Draft) -> None:
    """Names that are given twice in this source's part of the document."""
    for pointer, line in draft.document.duplicates:
        if draft.index and not pointer.startswith(draft.index + "/"):
            continue
        name = unescape(pointer.rpartition("/")[2])
        location = Location(file=draft.file, line=line, path=pointer)
        message = f"{name!r} is given twice; the last one, in line {line}, counts"
        draft.notes.append(Occurrence("definition/duplicate-key", message, rule=pointer, location=location))


def _resource_id(draft: Draft) -> str:
    value = draft.members.get("resourceID")
    place = draft.place("/resourceID")
    try:
        found = coerce.text(value, draft.spelled("/resourceID")).strip()
    except coerce.Unfit:
        found = ""
    if not found:
        if "resourceID" in draft.members:
            reason = f"resourceID is {coerce.shown(value)}: a text is needed"
        else:
            near = next((n for n in draft.members if meant(n, ("resourceID",)) == "resourceID"), None)
            reason = "it has no resourceID" + ("" if near is None else f" ({near!r} isn't one: write resourceID)")
        raise DefinitionError(reason, place.file, place.line, place.path or "")
    note_blanks(draft, "/resourceID", "resourceID", value)
    if not RESOURCE_ID.fullmatch(found):
        message = "resourceID may have letters, digits and . _ : - only, must begin with a letter or digit, at most 200"
        draft.note("bad-value", message, "/resourceID", value=found)
    return found


def _missing_values(draft: Draft, table: dict[str, Any] | None) -> tuple[str, ...]:
    pointer, value = "/missingValues", draft.members.get("missingValues")
    if value is None and table is not None:
        pointer, value = "/schema/missingValues", table.get("missingValues")
    if value is None:
        return ("",)
    items = value if isinstance(value, list) else [value]
    out = []
    for i, item in enumerate(items):
        at = f"{pointer}/{i}" if isinstance(value, list) else pointer
        # Version 2 of Table Schema allows {value, label}.
        inner = item.get("value") if isinstance(item, dict) else item
        try:
            out.append(coerce.text(inner, draft.spelled(at)))
        except coerce.Unfit as e:
            policy.unfit(draft, at, "a missing value", item, e)
    return tuple(dict.fromkeys(out))


def _qc_rules(draft: Draft) -> dict[str, Any]:
    name = string(draft, "qcRulesYamlFile")
    value = draft.members.get("qcRules")
    if name:
        if value is not None:
            draft.note("bad-value", "qcRules and qcRulesYamlFile are both given; qcRules is used", "/qcRulesYamlFile")
        else:
            value = read_linked(draft, "/qcRules", name, named_by="/qcRulesYamlFile")
    elif isinstance(value, str) and value and not draft.foundry:
        value = read_linked(draft, "/qcRules", value)
    rules = {} if value in (None, "") else policy.mapping(draft, "/qcRules", value)
    return {kind: _as_written(draft, f"/qcRules/{escape(kind)}", given) for kind, given in rules.items()}


def _as_written(draft: Draft, pointer: str, given: Any) -> Any:
    """Rules whose value is a number, with it as it's spelled: 1.10 is another text than 1.1."""
    if not isinstance(given, list):
        return given
    out = []
    for number, rule in enumerate(given):
        value = rule.get("value") if isinstance(rule, dict) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            rule = {**rule, "value": coerce.text(value, draft.spelled(f"{pointer}/{number}/value"))}
        out.append(rule)
    return out


def _scripts(draft: Draft) -> None:
    members = draft.members
    if members.get("preprocessScript"):
        draft.note(
            "script-ignored", "preprocessScript isn't run: the data are checked as they come", "/preprocessScript"
        )
    if members.get("transformScript") and (members.get("qcRules") or members.get("qcRulesYamlFile")):
        message = "transformScript isn't run: the QC rules see the records as they come, not as it would make them"
        draft.note("script-ignored", message, "/transformScript")


def _extra(draft: Draft, method: str) -> dict[str, Any]:
    """What no one claims; a name that nothing knows is noted with the one that was probably meant."""
    own = parameters_of(method)
    known = known_names(method)
    out: dict[str, Any] = {}
    for name, value in draft.members.items():
        if name in MEMBERS:
            if name.endswith("Script"):
                out[name] = value
            continue
        if name in PARAMETERS if own is None else name in own:
            continue
        secret = isinstance(value, str) and value != "" and is_secret_name(name)
        out[name] = Secret("plain", value) if secret else value
        if name in CARRIED or (draft.foundry and value in ("", None) and name in PARAMETERS):
            continue
        pointer = f"/{escape(name)}"
        if secret and (found := read_secret(value)) is not None:
            note_secret(draft, pointer, name, found)
        near = None if name in PARAMETERS else meant(name, known, sure=own is None and bool(method))
        if name in PARAMETERS:
            users = [m.name for m in METHODS.values() if name in m.parameters]
            hint = f"It's a parameter of {', '.join(users)}, not of {method}."
        elif near is not None:
            hint = f"Did you mean {near}?"
        elif own is None and method:
            continue  # a parameter of a method whose parameters aren't known here
        else:
            hint = "Take it out, or name it as the documentation does."
        draft.note("unknown-key", f"{name[:200]!r} isn't known{f' with {method}' if method else ''} and has no effect",
                   pointer, hint=hint, details={} if near is None else {"meant": near})  # fmt: skip
    return out
