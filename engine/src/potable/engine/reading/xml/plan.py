"""Which values of a chunk's records go into which columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child, Wildcard, render
from potable.engine.reading.xml.values import TEXT

if TYPE_CHECKING:
    from potable.engine.reading.xml.names import Names

State = tuple[int, int]
"""A named path by number, and how many of its steps lead here."""


@dataclass(slots=True, eq=False)
class Values:
    """The values of one column.

    :param trimmed: its values are to be trimmed; :param full: those that are empty then aren't any.
    :param rows: the row of each value; :param texts: the values, None for an object.
    """

    trimmed: bool
    full: bool = False
    rows: list[int] = field(default_factory=list)
    texts: list[str | None] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Place:
    """All elements with one path in the records.

    :param names: their path.
    :param by_name: its children; ``children`` has them by what lxml tells of an element, None for those that nobody
        wants to know of.
    :param parents: how many parents have one; :param several: how many have several.
    :param row: row of the first one; :param several_row: of the first parent that has several.
    :param text: where their texts go; :param whole: where their own values go.
    :param attributes: where the values of attributes go, by their names as lxml tells them.
    :param new_text: their first text makes a column of its own.
    :param busy: any of these is wanted.
    :param last: which of all parents had the latest one; :param again: the latest several.
    """

    names: tuple[str, ...]
    states: frozenset[State]
    children: dict[Any, Place | None] = field(default_factory=dict)
    by_name: dict[str, Place] = field(default_factory=dict)
    parents: int = 0
    several: int = 0
    row: int = -1
    several_row: int = -1
    text: tuple[Values, ...] = ()
    whole: tuple[Values, ...] = ()
    attributes: dict[str, tuple[Values, ...]] = field(default_factory=dict)
    new_text: bool = False
    wants_attributes: bool = False
    busy: bool = False
    last: int = 0
    again: int = 0

    @property
    def path(self) -> str:
        """Its canonical path."""
        return spell(self.names)


def spell(names: Iterable[str]) -> str:
    """The canonical path of these members."""
    return render(tuple(Child(n) for n in names))


class Plan:
    """The columns of a chunk, and what of the records goes into them.

    :param named: canonical paths of the fields that are asked for.
    :param every: all others, too.
    :param spelled: how definitions spell fields that are found, by their names.
    :param most: most fields that are found where all are asked for.
    :ivar columns: the values by canonical path.
    :ivar steps: the names of each path, None for odd ones.
    :ivar odd: paths that only the record itself can tell.
    :ivar root: the place above the records.
    :ivar complete: False where there were more fields than ``most``.
    """

    def __init__(
        self, named: Sequence[str], names: Names, *, every: bool, spelled: Mapping[tuple[str, ...], str], most: int
    ) -> None:
        self.names, self.every = names, every
        self._spelled, self._most = spelled, most
        self._paths = [FieldPath.parse(n) for n in named]
        self.steps = [_plain(p) for p in self._paths]
        self.columns: dict[str, Values] = {}
        self.odd: list[FieldPath] = []
        for path, steps in zip(self._paths, self.steps, strict=True):
            last = "" if steps is None else steps[-1].name
            self.columns[path.canonical] = Values(trimmed=not last.startswith("@"), full=last == TEXT)
            if steps is None:
                self.odd.append(path)
        self.complete = True
        self._found = 0
        self.root = Place((), frozenset((n, 0) for n, steps in enumerate(self.steps) if steps is not None))

    def place(self, at: Place, name: str) -> Place | None:
        """The elements of that name inside those of ``at``; None where nothing in them is wanted."""
        place = at.by_name.get(name)
        if place is None:
            place = self._place(at, name)
            if not (self.every or place.whole or place.states):
                return None
            at.by_name[name] = place
        return place

    def new_text(self, place: Place) -> tuple[Values, ...]:
        """Where the texts of ``place`` go, now that there's one."""
        place.text = (*place.text, *self._column((*place.names, TEXT), full=True))
        place.new_text = False
        return place.text

    def attribute(self, place: Place, name: str) -> tuple[Values, ...]:
        """Where the values of the attribute ``@name`` go."""
        wanting = [number for number, done in sorted(place.states) if self._last(number, done) == name]
        named = tuple(self._named(number) for number in dict.fromkeys(wanting))
        if not self.every or any(not _is_deep(self.steps[number] or ()) for number in wanting):
            return named
        return (*named, *self._column((*place.names, name), full=False))

    def _place(self, at: Place, name: str) -> Place:
        states: set[State] = set()
        whole: list[Values] = []
        text: list[Values] = []
        told = False
        for number, done in sorted(at.states):
            steps = self.steps[number]
            assert steps is not None
            step = steps[done]
            if step.deep:
                states.add((number, done))
            if step.name.startswith("@") or step.name == TEXT or not self.names.means(step.name, name):
                continue
            if done + 1 < len(steps):
                states.add((number, done + 1))
                continue
            whole.append(self._named(number))
            told = told or not _is_deep(steps)
        wants_attributes = self.every
        for number, done in sorted(states):
            last = self._last(number, done)
            wants_attributes = wants_attributes or last.startswith("@")
            if last == TEXT:
                text.append(self._named(number))
                told = told or not _is_deep(self.steps[number] or ())
        # Where a plain path asks for the element, its text isn't another field.
        return Place(
            (*at.names, name), frozenset(states), text=tuple(text), whole=tuple(whole),
            new_text=self.every and not told, wants_attributes=wants_attributes,
            busy=bool(whole or text or wants_attributes or self.every),
        )  # fmt: skip

    def _last(self, number: int, done: int) -> str:
        """The name of a path's last step, if that's the next one."""
        steps = self.steps[number]
        assert steps is not None
        return steps[done].name if done + 1 == len(steps) else ""

    def _named(self, number: int) -> Values:
        return self.columns[self._paths[number].canonical]

    def _column(self, names: tuple[str, ...], *, full: bool) -> tuple[Values, ...]:
        """The column of a field that wasn't asked for by name."""
        path = self._spelled.get(names) or spell(names)
        if path in self.columns:
            return (self.columns[path],)
        if self._found >= self._most:
            self.complete = False
            return ()
        self._found += 1
        values = self.columns[path] = Values(trimmed=full, full=full)
        return (values,)


def _plain(path: FieldPath) -> tuple[Child, ...] | None:
    """The names of a path whose other steps say nothing: ``[*]`` behind a name. None for another path."""
    steps: list[Child] = []
    before: Any = None
    for step in path.steps:
        if isinstance(step, Child):
            steps.append(step)
        elif not (isinstance(step, Wildcard) and not step.deep and isinstance(before, Child)):
            return None
        before = step
    inner = steps[:-1]
    if any(s.name.startswith("@") or s.name == TEXT for s in inner):
        return None
    return tuple(steps)


def _is_deep(steps: Sequence[Child]) -> bool:
    return any(s.deep for s in steps)
