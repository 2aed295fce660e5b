"""One walk over the records of a chunk: the values of all columns, and how often elements occur."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child, Wildcard, render
from potable.engine.reading.xml.find import find
from potable.engine.reading.xml.values import TEXT, attribute_name, name_of, scalar, text_of

if TYPE_CHECKING:
    from lxml import etree

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
    :param parents: how many parents have one; :param several: how many have several.
    :param row: row of the first one; :param several_row: of the first parent that has several.
    :param by_name: its children; ``children`` has them by what lxml tells of an element, None for those that nobody
        wants to know of.
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


class Walk:
    """One walk.

    :param named: canonical paths of the fields that are asked for.
    :param every: all others, too.
    :param spelled: how definitions spell fields that are found, by their names.
    :param most: most fields that are found where all are asked for.
    :ivar columns: the values by canonical path.
    :ivar complete: False where there were more fields than ``most``.
    """

    def __init__(
        self,
        named: Sequence[str],
        names: Names,
        *,
        every: bool,
        spelled: Mapping[tuple[str, ...], str],
        most: int,
        one_prefix: bool = True,
        mixed: bool = False,
    ) -> None:
        """``one_prefix``: a namespace has one prefix in all records; ``mixed``: there may be text behind elements."""
        self._paths = [FieldPath.parse(n) for n in named]
        self._names, self._every, self._spelled, self._most = names, every, spelled, most
        self._one_prefix, self._mixed = one_prefix, mixed
        self._steps = [_plain(p) for p in self._paths]
        self.columns: dict[str, Values] = {}
        self._odd: list[FieldPath] = []
        for path, steps in zip(self._paths, self._steps, strict=True):
            last = "" if steps is None else steps[-1].name
            self.columns[path.canonical] = Values(trimmed=not last.startswith("@"), full=last == TEXT)
            if steps is None:
                self._odd.append(path)
        self.complete = True
        self._found = 0
        start = frozenset((n, 0) for n, steps in enumerate(self._steps) if steps is not None)
        self.root = Place((), start)
        self._unseen = Place((), frozenset())
        self._serial = 0
        self._rows = 0

    def over(self, records: Iterable[etree._Element]) -> None:
        """Walk over these records; each is a row, behind those of earlier calls."""
        root = self.root
        for row, record in enumerate(records, self._rows):
            self._rows = row + 1
            key = record.tag if self._one_prefix else (record.tag, record.prefix)
            place = root.children.get(key, self._unseen)
            if place is self._unseen:
                place = self._grow(root, record, key)
            if place is not None:
                if place.wants_attributes:
                    self._attributes(record, place, row)
                if place.whole or ((self._mixed or record.text) and place.busy):
                    self._value(record, place, row)
                self._inside(record, place, row)
            for path in self._odd:
                values = self.columns[path.canonical]
                for node in find(record, path, self._names):
                    values.rows.append(row)
                    values.texts.append(node.value)

    def _inside(self, parent: etree._Element, at: Place, row: int) -> None:
        self._serial = serial = self._serial + 1
        places, one_prefix = at.children, self._one_prefix
        for element in parent:
            key: Any = element.tag
            if not one_prefix:
                key = (key, element.prefix)
            place = places.get(key, self._unseen)
            if place is None:
                continue
            if place is self._unseen:
                place = self._grow(at, element, key)
                if place is None:
                    continue
                if place.row < 0:
                    place.row = row
            if place.last != serial:
                place.last = serial
                place.parents += 1
            elif place.again != serial:
                place.again = serial
                place.several += 1
                if place.several_row < 0:
                    place.several_row = row
            if place.busy:
                if place.wants_attributes:
                    self._attributes(element, place, row)
                if len(element):
                    if place.whole or self._mixed or element.text:
                        self._value(element, place, row)
                    self._inside(element, place, row)
                    continue
                text = element.text
                for values in place.whole:
                    values.rows.append(row)
                    values.texts.append(text if text and not text.isspace() else scalar(element))
                if text:
                    for values in place.text if not place.new_text else self._new_text(place):
                        values.rows.append(row)
                        values.texts.append(text)
            elif len(element):
                self._inside(element, place, row)

    def _value(self, element: etree._Element, place: Place, row: int) -> None:
        for values in place.whole:
            values.rows.append(row)
            values.texts.append(scalar(element))
        if (place.text or place.new_text) and (text := text_of(element)):
            for values in place.text if not place.new_text else self._new_text(place):
                values.rows.append(row)
                values.texts.append(text)

    def _attributes(self, element: etree._Element, place: Place, row: int) -> None:
        items: list[tuple[str, str]] = element.items()  # type: ignore[assignment]
        for key, value in items:
            columns = place.attributes.get(key)
            if columns is None:
                columns = place.attributes[key] = self._new_attribute(element, place, key)
            for values in columns:
                values.rows.append(row)
                values.texts.append(value)

    # -- what there is ---------------------------------------------------------------------------------------------

    def _grow(self, at: Place, element: etree._Element, key: Any) -> Place | None:
        """The place of an element whose like wasn't there yet; None where nothing in it is wanted."""
        name = name_of(element)
        place = at.by_name.get(name)
        if place is None:
            place = self._place(at, name)
            if not (self._every or place.whole or place.states):
                at.children[key] = None
                return None
            at.by_name[name] = place
        at.children[key] = place  # two namespaces may have one prefix, in different places
        return place

    def _place(self, at: Place, name: str) -> Place:
        states: set[State] = set()
        whole: list[Values] = []
        text: list[Values] = []
        told = False
        for number, done in sorted(at.states):
            steps = self._steps[number]
            assert steps is not None
            step = steps[done]
            if step.deep:
                states.add((number, done))
            if step.name.startswith("@") or step.name == TEXT or not self._names.means(step.name, name):
                continue
            if done + 1 < len(steps):
                states.add((number, done + 1))
                continue
            whole.append(self._named(number))
            told = told or not _is_deep(steps)
        wants_attributes = self._every
        for number, done in sorted(states):
            last = self._last(number, done)
            wants_attributes = wants_attributes or last.startswith("@")
            if last == TEXT:
                text.append(self._named(number))
                told = told or not _is_deep(self._steps[number] or ())
        # Where a plain path asks for the element, its text isn't another field.
        return Place(
            (*at.names, name), frozenset(states), text=tuple(text), whole=tuple(whole),
            new_text=self._every and not told, wants_attributes=wants_attributes,
            busy=bool(whole or text or wants_attributes or self._every),
        )  # fmt: skip

    def _last(self, number: int, done: int) -> str:
        """The name of a path's last step, if that's the next one."""
        steps = self._steps[number]
        assert steps is not None
        return steps[done].name if done + 1 == len(steps) else ""

    def _named(self, number: int) -> Values:
        return self.columns[self._paths[number].canonical]

    def _new_text(self, place: Place) -> tuple[Values, ...]:
        place.text = (*place.text, *self._column((*place.names, TEXT), trimmed=True))
        place.new_text = False
        return place.text

    def _new_attribute(self, element: etree._Element, place: Place, key: str) -> tuple[Values, ...]:
        name = f"@{attribute_name(element, key)}"
        wanting = [number for number, done in sorted(place.states) if self._last(number, done) == name]
        named = tuple(self._named(number) for number in dict.fromkeys(wanting))
        if not self._every or any(not _is_deep(self._steps[number] or ()) for number in wanting):
            return named
        return (*named, *self._column((*place.names, name), trimmed=False))

    def _column(self, names: tuple[str, ...], *, trimmed: bool) -> tuple[Values, ...]:
        """The column of a field that wasn't asked for by name."""
        path = self._spelled.get(names) or spell(names)
        if path in self.columns:
            return (self.columns[path],)
        if self._found >= self._most:
            self.complete = False
            return ()
        self._found += 1
        values = self.columns[path] = Values(trimmed=trimmed, full=trimmed)
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
