"""Fields that are gone since the last accepted run, that are new, and that are called otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from potable.checkers.drift.codes import ADDED, OTHER_NAMES, REMOVED
from potable.checkers.drift.places import moved
from potable.checkers.drift.spaces import with_other_prefix
from potable.checkers.names.likely import COMPARED, shown
from potable.engine.findings import Occurrence
from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child, Wildcard
from potable.engine.toolkit import likely

_TEXT = "_$"
NESTED = ("object", "array")
"""Kinds of values without a text."""
_TWO = 2
"""So many fields that have moved together have done so for one cause."""
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
    outer = {other for name in now for other in _around(name)}
    new = [name for name in now if name not in known and name not in outer]
    renamed = with_other_prefix(gone, new)
    if renamed:
        yield _of_prefixes(renamed)
        gone = [n for n in gone if n not in renamed]
        new = [n for n in new if n not in renamed.values()]
    moves = moved(gone, new)
    if len(moves) >= _TWO:
        yield _of_names(moves, 0, "stand at another place in the records")
        gone, new = [n for n in gone if n not in moves], [n for n in new if n not in moves.values()]
    instead = _in_place(before, now) if table else {}
    meant = _meant(gone, new)
    pairs = {name: other for name in gone if (other := meant.get(name) or instead.get(name)) is not None}
    filled = sum(name not in empty for name in before)
    if len(gone) >= _SEVERAL <= len(new) and (len(gone) == filled or len(pairs) == len(gone)):
        others = pairs if len(pairs) == len(gone) else dict(zip(gone, new, strict=False))
        yield _of_names(others, filled, "are called otherwise, or are others", gone, new, paired=others is pairs)
        return
    alone = [name for name in gone if name not in pairs]
    for name, inside in _together(alone, [other for n in now for other in _around(n)]).items():
        if len(inside) > 1:
            some = ", ".join(map(shown, inside[:3])) + ", …" * (len(inside) > 3)
            message = f"the {len(inside):,} fields in {shown(name)} of the last accepted run are gone: {some}"
            yield Occurrence(REMOVED.id, message, name, explains=(*inside, *_around(name)))
        else:
            yield _gone(name, "")
    for name, other in pairs.items():
        near = name in meant  # one cause, one finding
        yield _gone(name, f"; has it become {shown(other)}?" if near else f"; in its place stands {shown(other)}")
    known_paths = [*before, *(other for name in before for other in _around(name))]
    for name, inside in _together([name for name in new if name not in meant.values()], known_paths).items():
        more = f" and {len(inside):,} fields in it weren't" if len(inside) > 1 else " wasn't"
        yield Occurrence(ADDED.id, f"the field {shown(name)}{more} there in the last accepted run", name)


def _around(name: str) -> list[str]:
    """The fields that hold a field."""
    steps = FieldPath.parse(name).steps
    return [FieldPath(steps[:n]).canonical for n in range(1, len(steps))]


def _together(names: Sequence[str], known: Sequence[str]) -> dict[str, list[str]]:
    """Fields by the outermost one around them that isn't known; one that is alone there by itself."""
    there = {FieldPath.parse(name).steps for name in known}
    found: dict[str, list[str]] = {}
    for name in names:
        steps = FieldPath.parse(name).steps
        top = next((n for n in range(1, len(steps)) if steps[:n] not in there), len(steps))
        found.setdefault(FieldPath(steps[:top]).canonical, []).append(name)
    return {(top if len(inside) > 1 else inside[0]): inside for top, inside in found.items()}


def _gone(name: str, hint: str) -> Occurrence:
    message = f"the field {shown(name)} of the last accepted run is gone{hint}"
    if isinstance(FieldPath.parse(name).steps[-1], Wildcard):
        message = f"{shown(_around(name)[-1])} had lists of values in the last accepted run, and has none now{hint}"
    return Occurrence(REMOVED.id, message, name, explains=tuple(_around(name)))


def _meant(gone: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """What fields that are gone have likely become, each another new one."""
    found: dict[str, str] = {}
    for name in gone:
        near = _near(name, [n for n in new if n not in found.values()])
        if near is not None:
            found[name] = near
    return found


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


def _of_names(
    pairs: Mapping[str, str], fields: int, how: str, gone: Sequence[str] = (), new: Sequence[str] = (), *,
    paired: bool = True,
) -> Occurrence:  # fmt: skip
    """Fields that have changed together.

    :param pairs: what each has become. :param fields: how many there were; 0: not told.
    :param gone: all that are gone, where those are more; :param new: likewise.
    :param paired: False: it isn't known which has become which.
    """
    gone, new = gone or list(pairs), new or list(pairs.values())
    which = f"{len(gone):,} fields" if not fields else f"{len(gone):,} of {fields:,} fields"
    which = f"all {fields:,} fields" if len(gone) == fields else which
    more = ", …" * (len(gone) > 3)
    if paired:
        listed = ", ".join(f"{shown(pairs[n])} in place of {shown(n)}" for n in gone[:3]) + more
    else:
        others = ", ".join(map(shown, new[:3])) + ", …" * (len(new) > 3)
        listed = f"{others} in place of {', '.join(map(shown, gone[:3]))}{more}"
    message = f"{which} of the last accepted run {how}: {listed}"
    details = {"gone": list(gone[:50]), "new": list(new[:50])}
    return Occurrence(
        OTHER_NAMES.id, message, rule=None if "other" in how[:20] else "place", details=details, explains=(*gone, *new)
    )


def _in_place(before: Sequence[str], now: Sequence[str]) -> dict[str, str]:
    """The column that stands where each one that is gone stood, in a table of as many; others are where they were."""
    if len(before) != len(now):
        return {}
    pairs = [(old, new) for old, new in zip(before, now, strict=True) if old != new]
    there, known = set(now), set(before)
    return {} if any(old in there or new in known for old, new in pairs) else dict(pairs)
