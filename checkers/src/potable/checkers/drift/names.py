"""Fields that are gone since the last accepted run, that are new, and that are called otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from potable.checkers.drift.codes import ADDED, OTHER_NAMES, REMOVED
from potable.checkers.drift.spaces import with_other_prefix
from potable.checkers.headers import COMPARED, shown
from potable.engine.findings import Occurrence
from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child
from potable.engine.toolkit import likely

_TEXT = "_$"
_SEVERAL = 3
"""So many fields that are called otherwise at once are one change."""


def field_changes(
    before: Sequence[str], now: Sequence[str], empty: Collection[str], *, table: bool
) -> Iterator[Occurrence]:
    """What has become of a source's fields.

    :param before: canonical paths of those of the last accepted run; :param now: of this one.
    :param empty: those of ``before`` that no record had a text in.
    :param table: they are a table's columns, in their order.
    """
    if not before or not now:
        return
    there, known = set(now), set(before)
    gone = [name for name in before if name not in there and name not in empty]
    new = [name for name in now if name not in known]
    renamed = with_other_prefix(gone, new)
    if renamed:
        yield _of_prefixes(renamed)
        gone = [n for n in gone if n not in renamed]
        new = [n for n in new if n not in renamed.values()]
    instead = _in_place(before, now) if table else {}
    if len(gone) >= _SEVERAL <= len(new) and (len(gone) == len(before) or all(name in instead for name in gone)):
        yield _of_names(gone, new, instead, len(before))
        return
    taken: set[str] = set()
    for name in gone:
        near = _near(name, [n for n in new if n not in taken])
        hint = ""
        if near is not None:  # one cause, one finding
            taken.add(near)
            hint = f"; has it become {shown(near)}?"
        elif name in instead:
            hint = f"; in its place stands {shown(instead[name])}"
        yield Occurrence(REMOVED.id, f"the field {shown(name)} of the last accepted run is gone{hint}", name)
    for name in new:
        if name not in taken:
            yield Occurrence(ADDED.id, f"the field {shown(name)} wasn't there in the last accepted run", name)


def _near(name: str, new: Sequence[str]) -> str | None:
    """The new field that is likely this one under another name: one at the same place, with a name much like it."""
    if len(new) > COMPARED:
        return None
    place, own = _split(name)
    beside = {other: path for path in new for there, other in (_split(path),) if there == place}
    return next((beside[n] for n in likely(own, beside)), None)


def _split(name: str) -> tuple[tuple[object, ...], str]:
    """A field's place, and the last name in its path; of an element's own text the element's."""
    steps = FieldPath.parse(name).steps
    last = next((n for n in range(len(steps) - 1, -1, -1) if isinstance(s := steps[n], Child) and s.name != _TEXT), -1)
    step = steps[last] if last >= 0 else None
    return (*steps[:last], *steps[last + 1 :]), step.name if isinstance(step, Child) else ""


def _of_prefixes(renamed: dict[str, str]) -> Occurrence:
    (name, other), *more = renamed.items()
    message = f"{name} of the last accepted run is called {other} now"
    if more:
        several = f"{len(more):,} more fields have other prefixes"
        message += f", and {'1 more field has another prefix' if len(more) == 1 else several} too"
    hint = (
        "The elements are in another namespace, or under another prefix. Where it's meant, write the names as they are "
        "now in the definition, and accept the run."
    )
    return Occurrence(REMOVED.id, message, rule="prefix", details={"fields": len(renamed)}, hint=hint)


def _of_names(gone: Sequence[str], new: Sequence[str], instead: dict[str, str], fields: int) -> Occurrence:
    which = f"all {fields:,} fields" if len(gone) == fields else f"{len(gone):,} of {fields:,} fields"
    if instead:
        listed = ", ".join(f"{shown(instead[n])} in place of {shown(n)}" for n in gone[:3])
    else:
        listed = (
            f"{', '.join(map(shown, new[:3]))}{', …' * (len(new) > 3)} in place of {', '.join(map(shown, gone[:3]))}"
        )
    message = f"{which} of the last accepted run are called otherwise, or are others: {listed}{', …' * (len(gone) > 3)}"
    details = {"gone": list(gone[:50]), "new": list(new[:50])}
    return Occurrence(OTHER_NAMES.id, message, details=details, explains=(*gone, *new))


def _in_place(before: Sequence[str], now: Sequence[str]) -> dict[str, str]:
    """The column that stands where each one that is gone stood, in a table of as many; others are where they were."""
    if len(before) != len(now):
        return {}
    pairs = [(old, new) for old, new in zip(before, now, strict=True) if old != new]
    there, known = set(now), set(before)
    return {} if any(old in there or new in known for old, new in pairs) else dict(pairs)
