"""Fields that a definition says something of beside its schema and keys, and that the data don't have: what it says of
them has no effect, which nobody would notice.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from potable.engine.checker import FIELD_PATH, VALUE_PATH, Checker
from potable.engine.definition.defaults import NAMES
from potable.engine.errors import likely, slip
from potable.engine.findings import Occurrence
from potable.engine.paths import FieldPath, PathError
from potable.engine.paths.pointer import escape
from potable.engine.scan.met import Met, spellings

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition

_PATHS = (FIELD_PATH, VALUE_PATH)
_COMPARED = 300
"""Most columns whose names are compared letter by letter: it's slow."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A field that a member of the definition names.

    :param member: the member, as people call it; :param pointer: its JSON Pointer.
    :param values: whether it's about the field's values, of which an object has none.
    """

    path: FieldPath
    member: str
    pointer: str
    values: bool = False

    @property
    def checker(self) -> str:
        """The checker whose option it is, "" for none."""
        return self.pointer.split("/")[2] if self.pointer.startswith("/checks/") else ""


@dataclass(frozen=True, slots=True)
class Sighted:
    """What the records of a source without columns have, as far as was looked.

    :param met: fields that are there, see :class:`~potable.engine.scan.task.Worked`.
    :param every: whether all fields were looked for, not only those that are asked for.
    :param asked: by checker, the fields (canonical paths) that it asked for by name.
    :param told: whether a checker, by its name, has told of a field itself.
    """

    met: Met
    every: bool
    asked: Mapping[str, Collection[str]]
    told: Callable[[str, str], bool]


def sought(source: SourceDefinition, checkers: Mapping[str, type[Checker]]) -> frozenset[str]:
    """Canonical paths of the fields of which :func:`in_no_record` may tell, besides those that checkers ask for."""
    return frozenset(named.path.canonical for named in (*_of_options(source, checkers), *_of_others(source)))


def no_columns(
    source: SourceDefinition,
    checkers: Mapping[str, type[Checker]],
    columns: Sequence[str],
    met: Met | None,
) -> Iterator[Occurrence]:
    """``definition/unknown-field`` for each field named that a table has no column of.

    :param columns: canonical paths of the table's columns.
    :param met: fields that are there, where columns may hold objects, of those that were looked for.
    """
    there: frozenset[str] | None = None
    for named in (*_of_options(source, checkers), *_of_others(source), *_of_conditions(source)):
        there = frozenset(columns) if there is None else there
        path = named.path if met is None else FieldPath(named.path.steps[:1])
        if path.canonical in there or (met is not None and path.column is None):
            if met is not None and named.values and (inside := met.get(named.path.canonical)):
                yield _no_value(source, named, inside)
            continue
        near = _near(named.path, columns)
        hint = f"Did you mean {near}?" if near else None
        yield _told(source, named, "but the table has no such column", hint)


def in_no_record(
    source: SourceDefinition, checkers: Mapping[str, type[Checker]], seen: Sighted
) -> Iterator[Occurrence]:
    """The same for a source without columns; and for fields that only hold others."""
    asked = frozenset(path for paths in seen.asked.values() for path in paths)
    told: set[str] = set()
    for named in (*_of_options(source, checkers), *_of_others(source)):
        path = named.path.canonical
        if seen.told(named.checker, path):
            continue
        if path in seen.met:
            if named.values and (inside := seen.met[path]):
                yield _no_value(source, named, inside)
        elif seen.every or path in asked:
            told.add(spellings(path)[0])
            yield _told(source, named, "but no record has it", None)
    for name, given in source.checks.items():
        of_it = seen.asked.get(name, ()) if isinstance(given, Mapping) else ()
        for path in sorted(p for p in of_it if p not in seen.met and not seen.told(name, p)):
            whole = spellings(path)[0]
            if whole not in told and (whole == path or whole not in of_it):
                mentioned = _mention(FieldPath.parse(path), given, f"checks.{name}", f"/checks/{escape(name)}")
                for named in _own(source, mentioned):
                    yield _told(source, named, "but no record has it", None)


def _no_value(source: SourceDefinition, named: _Named, inside: str) -> Occurrence:
    """Of a field that is an object, or a list of some."""
    hint = f"Name a field in it, as {inside}."
    return _told(source, named, "which holds other fields, and no value of its own", hint)


def _mention(path: FieldPath, given: Any, member: str, pointer: str) -> Iterator[_Named]:
    """The first text in a checker's options that has the path's last name, as an expression may."""
    level = [(given, member, pointer)]
    for value, called, at in level:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                key = f"{at}/{escape(str(name))}"
                level += [(str(name), called, key), (inner, f"{called}.{name}", key)]
        elif isinstance(value, list | tuple):
            level += [(inner, called, f"{at}/{number}") for number, inner in enumerate(value)]
        elif isinstance(value, str) and path.name and re.search(rf"(?<!\w){re.escape(path.name)}(?!\w)", value):
            yield _Named(path, called, at)
            return


def _told(source: SourceDefinition, named: _Named, why: str, hint: str | None) -> Occurrence:
    path = named.path.canonical
    message = f"{named.member} names {path}, {why}"
    place = source.place(named.pointer)
    return Occurrence("definition/unknown-field", message, path, location=place, hint=hint)


def _of_options(source: SourceDefinition, checkers: Mapping[str, type[Checker]]) -> Iterator[_Named]:
    """Fields in options of checkers, told by ``format: field-path`` in their schema."""
    for name, given in source.checks.items():
        checker = checkers.get(name)
        if checker is not None and isinstance(given, Mapping):
            at = f"/checks/{escape(name)}"
            yield from _own(source, _inside(checker.options_schema, given, f"checks.{name}", at))


def _of_others(source: SourceDefinition) -> Iterator[_Named]:
    """Fields of severities and of policies for values. A severity may be of a finding
    that a field isn't there, which a schema asks for; and values of a field that it declares may be there another time.
    """
    declared = declared_names(source)
    for code, by_field in source.severity.items() if declared is not None else ():
        if isinstance(by_field, Mapping):
            fields = _keys(by_field, f"severity.{code}", f"/severity/{escape(code)}")
            yield from _own(source, (f for f in fields if f.path.name not in (declared or ())))
    if isinstance(source.values, Mapping):
        fields = _keys(source.values, "values", "/values")
        yield from _own(source, (f for f in fields if f.path.name not in (declared or ())))


def _of_conditions(source: SourceDefinition) -> Iterator[_Named]:
    """Fields of the conditions of QC rules."""
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


def declared_names(source: SourceDefinition) -> frozenset[str] | None:
    """Names that the source's schemas and rules have for fields, at any depth; None: its schema isn't looked into."""
    if source.xsd is not None or source.relaxng is not None or source.schematron is not None:
        return None
    names = set[str]()
    level: list[Any] = [source.table_schema, source.json_schema, source.qc_rules]
    for value in level:
        if isinstance(value, Mapping):
            names.update(map(str, value))
            level += value.values()
        elif isinstance(value, list | tuple):
            level += value
        elif isinstance(value, str):
            with suppress(PathError, ValueError):
                names |= {value, FieldPath.parse(value).name}
    return frozenset(names) | {FieldPath.parse(path).name for path in source.primary_key}


def _inside(schema: Any, value: Any, member: str, pointer: str) -> Iterator[_Named]:
    if not isinstance(schema, Mapping):
        return
    for one in schema.get("anyOf", ()):
        yield from _inside(one, value, member, pointer)
    if isinstance(value, str) and (kind := schema.get("format")) in _PATHS:
        yield from _one(value, member, pointer, values=kind == VALUE_PATH)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _inside(schema.get("items"), inner, member, f"{pointer}/{number}")
    elif isinstance(value, Mapping):
        names = schema.get("propertyNames")
        if isinstance(names, Mapping) and (kind := names.get("format")) in _PATHS:
            yield from _keys(value, member, pointer, values=kind == VALUE_PATH)
        properties = schema.get("properties")
        for name, inner in value.items():
            of_it = properties.get(name) if isinstance(properties, Mapping) else None
            yield from _inside(of_it, inner, f"{member}.{name}", f"{pointer}/{escape(str(name))}")


def _keys(given: Mapping[Any, Any], member: str, pointer: str, *, values: bool = False) -> Iterator[_Named]:
    for name in given:
        if isinstance(name, str) and name != "*":  # as for every field
            yield from _one(name, member, f"{pointer}/{escape(name)}", values=values)


def _one(text: str, member: str, pointer: str, *, values: bool = False) -> Iterator[_Named]:
    try:
        path = FieldPath.parse(text)
    except PathError:  # lint tells of it
        return
    if FieldPath.parse(spellings(path.canonical)[0]).singular:
        yield _Named(path, member, pointer, values)


def _near(path: FieldPath, columns: Sequence[str]) -> str | None:
    """The column that was likely meant."""
    names = {FieldPath.parse(c).name: c for c in columns[:_COMPARED]}
    name = path.name
    near = slip(name, names) or next(iter(likely(name, names)), None)
    return names[near] if near is not None else None
