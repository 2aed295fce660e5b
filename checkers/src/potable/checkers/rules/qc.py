"""QC rules as definitions write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from potable.engine.definition.model import SourceDefinition
from potable.engine.paths import PathError, canonical

TYPES = ("ValueExists", "CondValueExists")


@dataclass(frozen=True, slots=True, kw_only=True)
class QcRule:
    """One rule.

    :param path: canonical path of the value.
    :param condition: canonical path that must exist for the rule to apply; None: it always applies.
    :param value: what a value must be, exactly; :param regex: what it must match as a whole. None: any value will do.
    :param pointer: JSON Pointer of the rule in the definition.
    """

    path: str
    condition: str | None = None
    value: str | None = None
    regex: str | None = None
    pointer: str = ""

    @property
    def id(self) -> str:
        """A stable name, made of what the rule says: its place in the file may change."""
        told = self.path
        if self.value is not None:
            told += f" = {self.value}"
        if self.regex is not None:
            told += f" ~ {self.regex}"
        return told if self.condition is None else f"{told} if {self.condition}"


def qc_rules(source: SourceDefinition) -> Iterator[QcRule]:
    """The definition's rules, each once; those whose form can't be used are left out (``lint`` tells of them)."""
    seen: set[str] = set()
    for kind in TYPES:
        given = source.qc_rules.get(kind)
        for index, rule in enumerate(given if isinstance(given, list | tuple) else ()):
            made = _rule(kind, rule, f"/qcRules/{kind}/{index}")
            if made is not None and made.id not in seen:
                seen.add(made.id)
                yield made


def _rule(kind: str, given: object, pointer: str) -> QcRule | None:
    if not isinstance(given, Mapping):
        return None
    path, condition = given.get("path"), given.get("condPath")
    if (
        not isinstance(path, str)
        or not path
        or (kind == "CondValueExists" and not (isinstance(condition, str) and condition))
    ):
        return None
    value, regex = given.get("value"), given.get("valueRegex")
    if regex is not None and not isinstance(regex, str):
        return None
    try:
        return QcRule(
            path=canonical(path),
            condition=canonical(str(condition)) if kind == "CondValueExists" else None,
            value=_text(value),
            regex=regex,
            pointer=pointer,
        )
    except PathError:
        return None


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
