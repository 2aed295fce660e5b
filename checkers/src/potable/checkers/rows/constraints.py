"""Constraints over several fields of a record, as the definition gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from potable.checkers.declared.formats import PADDED_FORMATS, TABLE_FORMATS
from potable.checkers.declared.switched import is_on
from potable.checkers.declared.table_schema import TableSchema
from potable.checkers.expressions import BadExpression, Compiled, compile_expression, doubts, parse
from potable.checkers.names.likely import Columns, did_you_mean, likely_columns, shown
from potable.checkers.rows.codes import CONSTRAINT
from potable.checkers.schema.codes import EXTRA_FIELD
from potable.engine.checker import Rule
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Location, Occurrence, clip
from potable.engine.paths import FieldPath
from potable.engine.toolkit import lazy_regex, literal, slip

if TYPE_CHECKING:
    import polars as pl

    from potable.engine.fields import Field

_BLANKS = lazy_regex(r"""('(?:''|[^'])*'|"(?:""|[^"])*"|`(?:``|[^`])*`)|\s+""")
_PLACEHOLDER = lazy_regex(r"(?<!\{)\{([^\W\d][^{}]*)\}(?!\})")


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint.

    :param message: a template, or "" for the usual words.
    :param pointer: JSON Pointer of its expression in the options.
    """

    id: str
    expression: str
    message: str
    pointer: str


def constraints_of(given: Sequence[str | Mapping[str, Any]]) -> list[Constraint]:
    """The constraints of the options."""
    found = []
    for index, one in enumerate(given):
        pointer = f"/constraints/{index}"
        member = {"expression": one} if isinstance(one, str) else one
        expression = _folded(str(member["expression"]))
        at = pointer if isinstance(one, str) else f"{pointer}/expression"
        found.append(
            Constraint(str(member.get("id", expression)), member["expression"], str(member.get("message", "")), at)
        )
    return found


def rules(source: SourceDefinition, constraints: Sequence[Constraint]) -> Iterator[Rule]:
    """A rule for each constraint that can be used; and for its fields, of which an object or a list decides nothing."""
    for constraint, compiled in _usable(source, constraints):
        message = constraint.message or _message(constraint, compiled)
        details = {"expression": constraint.expression}
        yield Rule(CONSTRAINT.id, compiled.fields, compiled.wrong, message, id=constraint.id, details=details)
        for path in dict.fromkeys(compiled.fields if source.format not in PADDED_FORMATS else ()):
            message = f"{{field}} isn't a value, so nothing tells whether this holds: {literal(_told(constraint))}"
            told = f"{constraint.id} (no value)"
            yield Rule(CONSTRAINT.id, [path], _nested, message, id=told, match="any", details=details)


def _nested(f: Field) -> pl.Expr:
    return f.kind.is_in(["object", "array"])


def needed_columns(source: SourceDefinition, constraints: Sequence[Constraint]) -> dict[str, Constraint]:
    """The fields that constraints speak of, each with the first one that does."""
    needed: dict[str, Constraint] = {}
    for constraint, compiled in _usable(source, constraints):
        for path in compiled.fields:
            needed.setdefault(path, constraint)
    return needed


def check_columns(needed: Mapping[str, Constraint], columns: Columns, place: Location) -> Iterator[Occurrence]:
    """Columns that constraints speak of and that a file doesn't have: each once."""
    for path, constraint in needed.items():
        if path not in columns:
            near = did_you_mean(likely_columns(path, columns))
            message = f"there is no column {shown(path)}, which the constraint {_told(constraint)} needs{near}"
            name = FieldPath.parse(path).name
            text = f"Texts are in single quotes: '{name}'." if f'"{name}"' in constraint.expression else None
            hint = None if near else text
            yield Occurrence(CONSTRAINT.id, message, path, rule=constraint.id, location=place, hint=hint)


def problems(source: SourceDefinition, constraints: Sequence[Constraint]) -> Iterator[Occurrence]:
    """Constraints that can't be used, or that no record can decide."""
    seen: set[str] = set()
    schema = TableSchema.of(source)
    closed = source.format in TABLE_FORMATS and is_on(source, EXTRA_FIELD)
    known = schema if closed else None
    for constraint in constraints:
        place = source.place(f"/checks/rows{constraint.pointer}")
        if constraint.id in seen:
            yield Occurrence("definition/bad-value", f"two constraints are called {constraint.id!r}", location=place)
        seen.add(constraint.id)
        said = f"the constraint {constraint.expression[:200]!r}"
        try:
            compiled = _compile(source, constraint)
        except BadExpression as e:
            yield Occurrence("definition/bad-value", f"{said} can't be used: {e}", location=place)
            continue
        for why, at in doubts(parse(constraint.expression)):
            message = f"{said} can't be decided: {why} (at character {at})"
            yield Occurrence("definition/bad-value", message, location=place)
        names = {FieldPath.parse(path).name for path in compiled.fields}
        for name in (n for n in _PLACEHOLDER.findall(constraint.message) if slip(n, names)):
            message = f"the message of {said} names {{{name}}}; did you mean {{{slip(name, names)}}}?"
            yield Occurrence("definition/bad-value", message, location=place)
        for path in compiled.fields:
            if known is not None and not _may_be_there(known, path):
                near = did_you_mean(likely_columns(path, tuple(f.path for f in known.fields)))
                message = f"{said} names the field {shown(path)}, which the schema doesn't have{near}"
                yield Occurrence("definition/bad-value", message, location=place)


def _may_be_there(schema: TableSchema, path: str) -> bool:
    """Whether the data may have a column, as far as the schema tells."""
    if not schema.fields or schema.fields_match in ("subset", "partial"):
        return True
    return FieldPath.parse(path).header is None or schema.field_at(path) is not None


def _usable(source: SourceDefinition, constraints: Sequence[Constraint]) -> Iterator[tuple[Constraint, Compiled]]:
    """The constraints that can be used, compiled; of others :func:`problems` tells."""
    for constraint in constraints:
        try:
            compiled = _compile(source, constraint)
        except BadExpression:
            continue
        yield constraint, compiled


def _compile(source: SourceDefinition, constraint: Constraint) -> Compiled:
    schema = TableSchema.of(source)
    return compile_expression(constraint.expression, {f.path: f for f in schema.fields} if schema else {})


def _message(constraint: Constraint, compiled: Compiled) -> str:
    names = [FieldPath.parse(path).name for path in compiled.fields]
    told = ", ".join(f"{name} is {{{name}}}" for name in dict.fromkeys(names))
    return f"{_told(constraint)} doesn't hold: {told}"


def _told(constraint: Constraint) -> str:
    return clip(_folded(constraint.expression))


def _folded(expression: str) -> str:
    """An expression on one line, its blanks folded but for those in quotes."""
    return _BLANKS.sub(lambda found: found[1] or " ", expression.strip())
