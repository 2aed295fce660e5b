"""Members that say how findings are judged: checks, severity, values, accounting, records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from potable.engine import paths
from potable.engine.definition import coerce
from potable.engine.definition.draft import Draft
from potable.engine.errors import likely, slip
from potable.engine.findings import clip
from potable.engine.paths.pointer import escape
from potable.engine.quoting import POLICIES

SEVERITIES = ("error", "warning", "info", "off")
_OFF = frozenset(("off", "false", "no"))


def is_off(value: Any) -> bool:
    """Whether a value switches something off: ``false``, ``off``, ``no``."""
    return value is False or (isinstance(value, str) and value.strip().casefold() in _OFF)


def is_on(value: Any) -> bool:
    """Whether a value switches something on with its defaults."""
    return (
        value is True or value is None or (isinstance(value, str) and value.strip().casefold() in ("on", "true", "yes"))
    )


def mapping(draft: Draft, pointer: str, value: Any) -> dict[str, Any]:
    """``value`` where it's a mapping; else the draft notes what it is."""
    if isinstance(value, dict):
        return value
    draft.note("bad-value", f"{pointer[1:]} is {coerce.shown(value)}: a mapping is needed", pointer)
    return {}


def checks(draft: Draft, value: Any) -> dict[str, Any]:
    """Options by checker name; False for one that is off."""
    out: dict[str, Any] = {}
    for name, options in mapping(draft, "/checks", value).items():
        if is_off(options):
            out[name] = False
        elif is_on(options):
            out[name] = {}
        elif isinstance(options, dict):
            out[name] = options
        else:
            message = f"the options of {name!r} are {coerce.shown(options)}: a mapping, or off, is needed"
            draft.note("bad-value", message, f"/checks/{escape(name)}")
    return out


def _one_of(draft: Draft, pointer: str, value: Any, known: tuple[str, ...]) -> str | None:
    if is_off(value) and "off" in known:
        return "off"
    folded = value.strip().casefold() if isinstance(value, str) else ""
    if folded in known:
        return folded
    near = likely(folded, known) if folded else []
    hint = f"Did you mean {near[0]}?" if near else None
    draft.note("bad-value", f"{coerce.shown(value)} where one of {', '.join(known)} must be", pointer, hint=hint)
    return None


def _by_field(draft: Draft, pointer: str, value: dict[str, Any], known: tuple[str, ...]) -> dict[str, str]:
    out: dict[str, str] = {}
    for name, inner in value.items():
        at = f"{pointer}/{escape(name)}"
        field = path(draft, at, name)
        chosen = _one_of(draft, at, inner, known)
        if field is not None and chosen is not None:
            out[field] = chosen
    return out


def path(draft: Draft, pointer: str, text: Any) -> str | None:
    """The canonical spelling of a field path; the draft notes one that can't be read."""
    try:
        spelled = coerce.text(text, draft.spelled(pointer))
    except coerce.Unfit:
        draft.note("bad-path", f"{coerce.shown(text)} where a field path or column name must be", pointer)
        return None
    try:
        return paths.canonical(spelled)
    except paths.PathError as e:
        shown = clip(spelled)
        hint = f"{e.hint}." if e.hint else None
        if "quote isn't closed" in e.reason and not (draft.file or "").endswith(".json"):
            hint = "In YAML a blank and # begin a comment: put the whole path in double quotes."
        draft.note(
            "bad-path", f"the path {shown!r} can't be read: {e.reason} (column {e.column})", pointer,
            value=spelled, hint=hint, details={"column": e.column},
        )  # fmt: skip
        return None


def severity(draft: Draft, value: Any) -> dict[str, Any]:
    """Severity by code, or by code and canonical field path."""
    out: dict[str, Any] = {}
    for code, inner in mapping(draft, "/severity", value).items():
        at = f"/severity/{escape(code)}"
        if isinstance(inner, dict):
            out[code] = _by_field(draft, at, inner, SEVERITIES)
        elif (chosen := _one_of(draft, at, inner, SEVERITIES)) is not None:
            out[code] = chosen
    return out


def values(draft: Draft, value: Any) -> str | dict[str, str]:
    """Whether values are quoted: one word, or one by canonical field path. In doubt they aren't."""
    if isinstance(value, dict):
        return _by_field(draft, "/values", value, POLICIES)
    # A slip must not show what was to be hidden.
    return _one_of(draft, "/values", value, POLICIES) or "none"


def accounting(draft: Draft, value: Any) -> dict[str, Any]:
    """Tolerated increase and decrease in percent, None for any; ``skip`` where nothing is compared."""
    if is_off(value):
        return {"skip": True}
    out: dict[str, Any] = {}
    for name, inner in mapping(draft, "/accounting", value).items():
        at = f"/accounting/{escape(name)}"
        try:
            if name in ("increase", "decrease") and is_off(inner):
                out[name] = None
            elif name == "increase":
                out[name] = coerce.number(inner, 0)
            elif name == "decrease":
                out[name] = coerce.number(inner, 0, 100)
            elif name == "skip":
                out[name] = coerce.boolean(inner)
            else:
                unknown(draft, at, name, ("increase", "decrease", "skip"))
        except coerce.Unfit as e:
            unfit(draft, at, name, inner, e)
    return out


def records(draft: Draft, value: Any) -> dict[str, int]:
    """Least and greatest number of records."""
    out: dict[str, int] = {}
    for name, inner in mapping(draft, "/records", value).items():
        at = f"/records/{escape(name)}"
        if name not in ("min", "max"):
            unknown(draft, at, name, ("min", "max"))
            continue
        try:
            out[name] = coerce.integer(inner, 0)
        except coerce.Unfit as e:
            unfit(draft, at, name, inner, e)
    if out.get("min", 0) > out.get("max", out.get("min", 0)):
        draft.note(
            "bad-value", f"records.min ({out['min']}) is greater than records.max ({out['max']})", "/records/min"
        )
    return out


def unfit(draft: Draft, pointer: str, name: str, value: Any, wanted: coerce.Unfit) -> None:
    """Note that a value isn't of the kind that is wanted."""
    draft.note("bad-value", f"{name} is {coerce.shown(value)}: {wanted} is needed", pointer)


def unknown(draft: Draft, pointer: str, name: str, known: tuple[str, ...]) -> None:
    """Note an unknown name in a small mapping."""
    near = likely(name, known)
    hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(known)}."
    details = {"meant": near[0]} if near else {}
    draft.note("unknown-key", f"{name!r} isn't known here and has no effect", pointer, hint=hint, details=details)


def slips(draft: Draft, pointer: str, value: Mapping[str, Any], known: Iterable[str]) -> None:
    """Note the names in a mapping that are hardly different from known ones, where all others are allowed."""
    names = frozenset(known)
    for name in value:
        near = slip(name, names)
        if near is not None:
            message = f"{name!r} isn't known here and has no effect"
            at, hint = f"{pointer}/{escape(name)}", f"Did you mean {near}?"
            draft.note("unknown-key", message, at, hint=hint, details={"meant": near})


def no_effect(draft: Draft, pointer: str, what: str, name: str, known: Iterable[str]) -> None:
    """Note a name that isn't among the known ones, or can't be honoured."""
    near = slip(name, frozenset(known))
    hint = None if near is None else f"Did you mean {near}?"
    details = {} if near is None else {"meant": near}
    draft.note("unknown-key", f"{what} {name!r} has no effect", pointer, hint=hint, details=details)
