"""Paths of the definition that find nothing in any record, where the records have something that was likely meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from potable.engine.errors import likely, slip
from potable.engine.findings import Location, Occurrence, Severity
from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child, Index, Step, Wildcard
from potable.engine.reading.mentions import Mentions

LOOKED_AT = 100
"""So many of the first records tell what may have been meant."""
_ITEMS, _NODES, _MOST = 3, 1_000, 300  # of an array, of a record, of names or paths that are compared

_TEXT = Child("_$")
"""What an XML element's own text is called."""

Steps = tuple[Step, ...]


def paths_in(records: Iterable[Any]) -> dict[Steps, None]:
    """The paths of names, and of ``[*]`` for items, that lead to something in some records."""
    found: dict[Steps, None] = {}
    for record in records:
        level: list[tuple[Steps, Any]] = [((), record)]
        for n, (steps, value) in enumerate(level):
            if n == _NODES:
                break
            if isinstance(value, dict):
                inside = [((*steps, Child(name)), inner) for name, inner in islice(value.items(), _MOST)]
            elif isinstance(value, list):
                inside = [((*steps, Wildcard()), inner) for inner in value[:_ITEMS]]
            else:
                continue
            found.update(dict.fromkeys(path for path, _ in inside))
            level += inside
    return found


def nowhere(
    code: str,
    fields: Mapping[str, bool],
    taken: Collection[str],
    there: Collection[Steps],
    mentions: Mentions,
    at: Location,
    *,
    elements: bool = False,
) -> Iterator[Occurrence]:
    """``code`` for each of these fields that seems to be another one.

    :param fields: canonical paths; True where it's an error already that no record has the field.
    :param taken: fields that the definition speaks of and that are there.
    :param there: see :func:`paths_in`.
    :param elements: records are of XML, where a key is an element's own text.
    """
    told = [field for field in sorted(fields) if mentions.of_all(field)][:_MOST]
    spelt = {steps: FieldPath(steps).canonical for steps in islice(there, _NODES)} if told else {}
    free = [steps for steps, name in spelt.items() if name not in taken and name not in mentions.declared]
    for field in told:
        wrong, steps = fields[field], FieldPath.parse(field).steps
        meant = _meant(steps, free, sure=not wrong)
        if meant is None and wrong:  # one that the definition speaks of as well, spelt so
            meant = next((path for path, name in spelt.items() if name.casefold() == field.casefold()), None)
        if meant is not None:
            shown = FieldPath(own_text(meant) if elements and field in mentions.keys else meant).canonical
            yield Occurrence(
                code, f"{field} finds nothing in any record", field, location=at, hint=f"Did you mean {shown}?",
                severity=None if wrong else Severity.WARNING, explains=(FieldPath(meant).canonical,),
            )  # fmt: skip


def own_text(steps: Steps) -> Steps:
    """The path of an element's own text, where a path leads to an element of XML; else the path itself."""
    last = steps[-1]
    scalar = isinstance(last, Child) and (last == _TEXT or last.name.startswith("@"))
    return steps if scalar else (*steps, _TEXT)


def _meant(steps: Steps, there: list[Steps], *, sure: bool) -> Steps | None:
    """The path that was likely meant; ``sure``: it differs in case, blanks or a letter, or just in ``[*]``."""
    own = _names(steps)
    if not own:
        return None
    if len(steps) > 1 and steps[-1] == _TEXT:  # no name: all elements with a text would be alike by it
        element = _meant(steps[:-1], [path[:-1] for path in there if len(path) > 1 and path[-1] == _TEXT], sure=sure)
        return (*element, _TEXT) if element else None
    dotted = [part for name in own for part in name.split(".")]  # $.'tags.name', which is no path
    inside = next((path for path in there if list(_names(path)) == dotted), None) if dotted != list(own) else None
    if inside is not None:
        return inside
    for path in there if not (sure and any(isinstance(step, Index) for step in steps)) else ():
        if path != steps and _names(path) == own and isinstance(path[-1], Child) == isinstance(steps[-1], Child):
            return path
    beside: dict[str, Steps] = {}
    for path in there:
        if isinstance(path[-1], Child) and len(path) == len(steps) and path[:-1] == steps[:-1]:
            beside[path[-1].name] = path
    names = list(islice(beside, _MOST))
    last = steps[-1]
    if isinstance(last, Child):
        near = slip(last.name, names)
        near = near or next(iter(() if sure else likely(last.name, names)), None)
        if near is not None:
            return beside[near]
    return _with_other_parent(steps, there) if not sure else None


def _with_other_parent(steps: Steps, there: list[Steps]) -> Steps | None:
    """The only path that ends in the same name, elsewhere; or the one whose names are most alike."""
    last = [p for p in there if isinstance(p[-1], Child) and p[-1] == steps[-1]]
    if len(last) == 1:
        return last[0]
    top = {p[0] for p in there}
    # Where all stand under one name, as an XML record under its element's, that makes none alike.
    shared = 1 if len(top) == 1 and steps[:1] == tuple(top) else 0
    alike = {
        ".".join(_names(p[shared:])): p for p in there if len(p) == len(steps) > 1 + shared and isinstance(p[-1], Child)
    }
    near = likely(".".join(_names(steps[shared:])), islice(alike, _MOST))
    return alike[near[0]] if near else None


def _names(steps: Steps) -> tuple[str, ...]:
    return tuple(step.name for step in steps if isinstance(step, Child))
