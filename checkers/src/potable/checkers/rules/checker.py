"""The ``rules`` checker: QC rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from potable.checkers.declared.regexes import BadRegex, whole
from potable.checkers.names.headers import header_line
from potable.checkers.rules.codes import CODES
from potable.checkers.rules.qc import QcRule, qc_rules
from potable.engine.checker import Checker, Fold, Rule
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence
from potable.engine.toolkit import literal

if TYPE_CHECKING:
    import polars as pl

    from potable.engine.fields import Field


class RulesChecker(Checker):
    """A source's records against its QC rules, ``ValueExists`` and ``CondValueExists``.

    Of several values that a path matches, one that is right is enough.
    """

    name = "rules"
    codes = CODES

    def skip_reason(self, source: SourceDefinition) -> str | None:
        """Nothing to check without rules."""
        return None if any(True for _ in qc_rules(source)) else "no QC rules declared"

    def check_definition(self, source: SourceDefinition) -> Iterable[Occurrence]:
        """Regular expressions that no linear-time engine can take."""
        for rule in qc_rules(source):
            if rule.regex is None:
                continue
            try:
                whole(rule.regex, "java")
            except BadRegex as e:
                place = source.place(f"{rule.pointer}/valueRegex")
                message = f"the regular expression can't be used: {e}"
                yield Occurrence("definition/bad-regex", message, rule=place.path, value=rule.regex, location=place)

    def rules(self, source: SourceDefinition) -> Iterator[Rule]:
        """For each QC rule: the value is there; and it's the right one."""
        for qc in qc_rules(source):
            fields = [qc.path] if qc.condition is None else [qc.path, qc.condition]
            because = "" if qc.condition is None else f", though there is one at {qc.condition}"
            yield Rule(
                "rules/value-missing",
                fields,
                _missing,
                f"there is no value at {qc.path}{because}",
                id=qc.id,
                match="any",
            )
            if qc.value is not None:
                yield Rule(
                    "rules/value-mismatch",
                    fields,
                    _Other(qc.value),
                    f'"{{value}}" isn\'t {literal(qc.value)}',
                    id=qc.id,
                    match="any",
                )
            if qc.regex is not None:
                try:
                    pattern = whole(qc.regex, "java")
                except BadRegex:
                    continue  # check_definition has told of it
                message = f'"{{value}}" doesn\'t match {literal(qc.regex)}'
                yield Rule("rules/value-mismatch", fields, _Unlike(pattern), message, id=_id_of(qc), match="any")

    def folds(self, source: SourceDefinition) -> Iterator[Fold[Any]]:
        """Rules whose column isn't there."""
        from potable.checkers.rules.lacking import LackingFold  # heavy: only for a source that has rules

        yield LackingFold(list(qc_rules(source)), source.missing_values, header_line(source))


def _id_of(qc: QcRule) -> str:
    """A rule that has both a value and a pattern makes two findings."""
    return qc.id if qc.value is None else f"{qc.id} (pattern)"


def _applies(f: Field, condition: tuple[Field, ...], wrong: pl.Expr) -> pl.Expr:
    return wrong & condition[0].present if condition else wrong


def _missing(f: Field, *condition: Field) -> pl.Expr:
    return _applies(f, condition, f.missing)


class _Other:
    """Wrong where a value is there, and another one."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, f: Field, *condition: Field) -> pl.Expr:
        return _applies(f, condition, f.present & (f.text != self._value).fill_null(value=True))


class _Unlike:
    """Wrong where a value is there that doesn't match."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def __call__(self, f: Field, *condition: Field) -> pl.Expr:
        return _applies(f, condition, f.present & ~f.text.str.contains(self._pattern).fill_null(value=False))
