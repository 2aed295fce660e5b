"""Fields that a definition says something of beside its schema and keys, and that the data don't have: what it says of
them has no effect, which nobody would notice.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from potable.engine.checker import FIELD_PATH, Checker
from potable.engine.definition.defaults import NAMES
from potable.engine.errors import likely, slip
from potable.engine.findings import Occurrence
from potable.engine.paths import FieldPath, PathError
from potable.engine.paths.pointer import escape

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition

_COMPARED = 300
"""Most columns whose names are compared letter by letter: it's slow."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A field that a member of the definition names.

    :param member: the member, as people call it; :param pointer: its JSON Pointer.
    """

    path: FieldPath
    member: str
    pointer: str


def no_columns(
    source: SourceDefinition, checkers: Mapping[str, type[Checker]], columns: Sequence[str], *, nested: bool
) -> Iterator[Occurrence]:
    """``definition/unknown-field`` for each field named that a table has no column of.

    :param columns: canonical paths of the table's columns; :param nested: they may hold objects.
    """
    there: frozenset[str] | None = None
    for named in (*_of_options(source, checkers), *_of_others(source)):
        there = frozenset(columns) if there is None else there
        path = FieldPath(named.path.steps[:1]) if nested else named.path
        if path.canonical in there or _spelt(path) in there or (nested and path.column is None):
            continue
        near = _near(named.path, columns)
        hint = f"Did you mean {near}?" if near else None
        yield _told(source, named, "the table has no such column", hint)


def in_no_record(
    source: SourceDefinition, checkers: Mapping[str, type[Checker]], lacking: Collection[str]
) -> Iterator[Occurrence]:
    """The same for a source without columns.

    :param lacking: canonical paths of fields that checkers asked for and that no record has.
    """
    if lacking:
        for named in _of_options(source, checkers):
            if named.path.canonical in lacking:
                yield _told(source, named, "no record has it", None)


def _told(source: SourceDefinition, named: _Named, why: str, hint: str | None) -> Occurrence:
    path = named.path.canonical
    message = f"{named.member} names {path}, but {why}"
    place = source.place(named.pointer)
    field = None if named.member == "values" else path  # a field's policy would hide the message
    return Occurrence("definition/unknown-field", message, field, location=place, hint=hint)


def _of_options(source: SourceDefinition, checkers: Mapping[str, type[Checker]]) -> Iterator[_Named]:
    """Fields in options of checkers, told by ``format: field-path`` in their schema."""
    for name, given in source.checks.items():
        checker = checkers.get(name)
        if checker is not None and isinstance(given, Mapping):
            at = f"/checks/{escape(name)}"
            yield from _own(source, _inside(checker.options_schema, given, f"checks.{name}", at))


def _of_others(source: SourceDefinition) -> Iterator[_Named]:
    """Fields of severities, of policies for values, and of the conditions of QC rules."""
    for code, by_field in source.severity.items():
        if isinstance(by_field, Mapping):
            yield from _own(source, _keys(by_field, f"severity.{code}", f"/severity/{escape(code)}"))
    if isinstance(source.values, Mapping):
        yield from _own(source, _keys(source.values, "values", "/values"))
    rules = source.qc_rules.get("CondValueExists")
    for number, rule in enumerate(rules if isinstance(rules, list | tuple) else ()):
        if isinstance(rule, Mapping) and isinstance(condition := rule.get("condPath"), str):
            member, at = f"qcRules.CondValueExists[{number}].condPath", f"/qcRules/CondValueExists/{number}/condPath"
            yield from _own(source, _one(condition, member, at))


def _own(source: SourceDefinition, found: Iterator[_Named]) -> Iterator[_Named]:
    """Those that the definition names itself: what a folder's sources share needn't fit all of them."""
    for named in found:
        if posixpath.basename(source.place(named.pointer).file or "") not in NAMES:
            yield named


def _inside(schema: Any, value: Any, member: str, pointer: str) -> Iterator[_Named]:
    if not isinstance(schema, Mapping):
        return
    for one in schema.get("anyOf", ()):
        yield from _inside(one, value, member, pointer)
    if isinstance(value, str) and schema.get("format") == FIELD_PATH:
        yield from _one(value, member, pointer)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _inside(schema.get("items"), inner, member, f"{pointer}/{number}")
    elif isinstance(value, Mapping):
        names = schema.get("propertyNames")
        if isinstance(names, Mapping) and names.get("format") == FIELD_PATH:
            yield from _keys(value, member, pointer)
        properties = schema.get("properties")
        for name, inner in value.items():
            of_it = properties.get(name) if isinstance(properties, Mapping) else None
            yield from _inside(of_it, inner, f"{member}.{name}", f"{pointer}/{escape(str(name))}")


def _keys(given: Mapping[Any, Any], member: str, pointer: str) -> Iterator[_Named]:
    for name in given:
        if isinstance(name, str) and name != "*":  # as for every field
            yield from _one(name, member, f"{pointer}/{escape(name)}")


def _one(text: str, member: str, pointer: str) -> Iterator[_Named]:
    try:
        path = FieldPath.parse(text)
    except PathError:  # lint tells of it
        return
    if path.singular:
        yield _Named(path, member, pointer)


def _spelt(path: FieldPath) -> str:
    """A column is known by its name without blanks around it, and found by the name with them."""
    return FieldPath.parse(path.column.strip()).canonical if path.column and path.column.strip() else path.canonical


def _near(path: FieldPath, columns: Sequence[str]) -> str | None:
    """The column that was likely meant."""
    names = {FieldPath.parse(c).name: c for c in columns[:_COMPARED]}
    name = path.name
    near = slip(name, names) or next(iter(likely(name, names)), None)
    return names[near] if near is not None else None
