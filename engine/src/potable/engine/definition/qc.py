"""QC rules as far as their form goes: rule types, members, paths, regular expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from potable.engine import paths
from potable.engine.definition import coerce, regex
from potable.engine.definition.faults import fault_at
from potable.engine.definition.model import SourceDefinition
from potable.engine.errors import likely
from potable.engine.findings import Occurrence
from potable.engine.paths.pointer import escape

MEMBERS: Mapping[str, tuple[str, ...]] = {
    "ValueExists": ("path", "value", "valueRegex"),
    "CondValueExists": ("path", "value", "valueRegex", "condPath"),
}
"""The members of a rule by its type; ``path`` is required, and ``condPath`` of a conditional rule."""

_FREE = frozenset(("id", "name", "description", "comment"))


def faults(source: SourceDefinition) -> Iterator[Occurrence]:
    """What is wrong with the form of a definition's QC rules."""
    for kind, rules in source.qc_rules.items():
        at = f"/qcRules/{escape(kind)}"
        if kind not in MEMBERS:
            yield _unknown(source, f"no QC rule type is called {kind[:100]!r}", at, kind, MEMBERS)
        elif not isinstance(rules, list):
            yield fault_at(source, "bad-value", f"{kind} is {coerce.shown(rules)}: a list of rules is needed", at)
        else:
            for i, rule in enumerate(rules):
                yield from _rule(source, kind, rule, f"{at}/{i}")


def _rule(source: SourceDefinition, kind: str, rule: Any, at: str) -> Iterator[Occurrence]:
    if not isinstance(rule, dict):
        yield fault_at(source, "bad-value", f"a rule is {coerce.shown(rule)}: a mapping with a path is needed", at)
        return
    known = MEMBERS[kind]
    for name in rule:
        if name not in known and name not in _FREE:
            message = f"{name!r} isn't known in {kind} and has no effect"
            yield _unknown(source, message, f"{at}/{escape(name)}", name, known)
    for name in ("path", "condPath"):
        if name not in known:
            continue
        value = rule.get(name)
        if not isinstance(value, str) or not value:
            yield fault_at(
                source, "bad-value", f"a rule of {kind} needs a {name}", f"{at}/{name}" if name in rule else at
            )
            continue
        try:
            paths.FieldPath.parse(value)
        except paths.PathError as e:
            message = f"the path {value[:200]!r} can't be read: {e.reason} (column {e.column})"
            hint = f"{e.hint}." if e.hint else None
            yield fault_at(source, "bad-path", message, f"{at}/{name}", hint=hint, value=value)
    pattern = rule.get("valueRegex")
    if isinstance(pattern, str):
        why = regex.fault(pattern, java=True)
        if why is not None:
            message = f"the regular expression can't be used: {why}"
            yield fault_at(source, "bad-regex", message, f"{at}/valueRegex", value=pattern)
    elif pattern is not None:
        message = f"valueRegex is {coerce.shown(pattern)}: a regular expression is needed"
        yield fault_at(source, "bad-value", message, f"{at}/valueRegex")


def _unknown(
    source: SourceDefinition, message: str, at: str, name: str, known: Mapping[str, Any] | tuple[str, ...]
) -> Occurrence:
    near = likely(name, known)
    hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(known)}."
    return fault_at(source, "unknown-key", message, at, hint=hint, details={"meant": near[0]} if near else {})
