"""Records of a known shape, decoded as objects of types that are made for it.

That takes half the time that dictionaries take: an object of a type is a few pointers, of which the garbage collector
needn't know, and what nobody asks for stays the bytes that it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np

from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child, Index, Step, Wildcard
from potable.engine.reading.json.index import Offsets
from potable.engine.reading.json.shape import Shape

Steps = tuple[Step, ...]
NOTHING: Any = msgspec.UNSET
"""What stands where a record hasn't got a member."""
_UNNAMEABLE = frozenset('"\\').union(map(chr, range(0x20)))


class Unfit(Exception):
    """The records, or what is asked of them, don't fit the types.

    :ivar record: the first record that doesn't, by row, where that's known.
    """

    def __init__(self, record: int | None = None) -> None:
        super().__init__(record)
        self.record = record


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which values are looked at: those at the ends of paths; ``every``: all. The others needn't be told apart."""

    paths: frozenset[Steps]
    every: bool

    @classmethod
    def of(cls, paths: list[FieldPath], *, every: bool) -> Wanted:
        """Of some paths."""
        return cls(frozenset(p.steps for p in paths), every)

    def has(self, steps: Steps) -> bool:
        """Whether the value at a path of names and items is looked at."""
        return self.every or steps in self._ends

    @property
    def _ends(self) -> frozenset[Steps]:
        return frozenset(tuple(Wildcard() if isinstance(s, Index) else s for s in steps) for steps in self.paths)


@dataclass(frozen=True)
class Place:
    """Where in records a value may be, and the type that it's decoded as.

    :ivar type: for the decoder. :ivar raw: its bytes are kept, as they are.
    :ivar names: of an object's members, by name: the attribute and the place.
    :ivar struct: the type of its objects; None: there are none. :ivar items: of its arrays; None: there are none.
    """

    shape: Shape
    type: Any
    raw: bool = False
    struct: Any = None
    members: dict[str, tuple[str, Place]] = field(default_factory=dict)
    items: Place | None = None

    @cached_property
    def decoder(self) -> msgspec.json.Decoder[Any]:
        """Decodes one record, and lines of them."""
        return msgspec.json.Decoder(self.type)

    @cached_property
    def array_decoder(self) -> msgspec.json.Decoder[Any]:
        """Decodes an array of records."""
        return msgspec.json.Decoder(list[self.type])  # type: ignore[name-defined]


def place_of(shape: Shape, wanted: Wanted, steps: Steps = ()) -> Place:
    """The place of values of a shape.

    :param steps: the path to it, of names and ``[*]``. Raises :class:`Unfit` where no types can be made.
    """
    if shape.is_scalar:
        if not wanted.has(steps) or "number" in shape.kinds or not shape.kinds:
            return Place(shape, msgspec.Raw, raw=True)
        return Place(shape, _union(_scalars(shape)))
    if "number" in shape.kinds:
        raise Unfit
    parts = _scalars(shape)
    struct, items = None, None
    members: dict[str, tuple[str, Place]] = {}
    if shape.members is not None:
        for n, (name, inside) in enumerate(shape.members.items()):
            if not _UNNAMEABLE.isdisjoint(name):
                raise Unfit
            members[name] = (f"f{n}", place_of(inside, wanted, (*steps, Child(name))))
        struct = _struct(shape, members)
        parts.append(struct)
    if shape.items is not None:
        inside_steps = (*steps, Wildcard())
        items = place_of(shape.items, wanted, inside_steps)
        if items.raw and not wanted.has(inside_steps) and not parts:
            return Place(shape, msgspec.Raw, raw=True)
        parts.append(list[items.type])  # type: ignore[name-defined]
    return Place(shape, _union(parts), struct=struct, members=members, items=items)


def _scalars(shape: Shape) -> list[Any]:
    types = {"string": str, "boolean": bool, "null": None}
    return [t for kind, t in types.items() if kind in shape.kinds]


def _union(parts: list[Any]) -> Any:
    found = parts[0]
    for part in parts[1:]:
        found = found | part
    return found


def _struct(shape: Shape, members: dict[str, tuple[str, Place]]) -> Any:
    required: list[Any] = [(a, p.type) for name, (a, p) in members.items() if name not in shape.optional]
    optional: list[Any] = [
        (a, p.type if p.type is msgspec.Raw else p.type | msgspec.UnsetType, NOTHING)
        for name, (a, p) in members.items()
        if name in shape.optional
    ]
    rename = {attribute: name for name, (attribute, _) in members.items()}
    # A member that nobody has seen makes the decoding fail early, rather than the sums at the end.
    return msgspec.defstruct("Members", required + optional, rename=rename, gc=False, forbid_unknown_fields=True)


@dataclass
class Found:
    """What a path finds.

    :ivar place: what is known of the values.
    :ivar values: in the order of the text.
    :ivar rows: the record of each, ascending; None: one for each record, ``NOTHING`` where it hasn't got any.
    """

    place: Place
    values: list[Any]
    rows: Offsets | None = None

    @cached_property
    def types(self) -> frozenset[type]:
        """The classes of the values."""
        return frozenset(map(type, self.values))

    @cached_property
    def objects(self) -> list[Any]:
        """Those that are objects."""
        struct = self.place.struct
        if struct is None or self.types == {struct}:
            return self.values if struct is not None else []
        return [v for v in self.values if v.__class__ is struct]

    def child(self, name: str) -> Found | None:
        """Their members of that name; None where no object has such."""
        known = self.place.members.get(name)
        if known is None:
            return None
        attribute, place = known
        if self.types == {self.place.struct}:
            return self._present(place, list(map(attrgetter(attribute), self.values)))
        struct, get = self.place.struct, attrgetter(attribute)
        return self._present(place, [get(v) if v.__class__ is struct else NOTHING for v in self.values])

    def item(self, number: int) -> Found | None:
        """The item of that number of each array."""
        if self.place.items is None:
            return None
        return self._present(self.place.items, [_item(v, number) for v in self.values])

    def all_items(self) -> Found | None:
        """All items of the arrays."""
        if self.place.items is None:
            return None
        arrays = [(n, v) for n, v in enumerate(self.values) if v.__class__ is list]
        at = np.array([n for n, _ in arrays], np.int64)
        rows = np.repeat(at if self.rows is None else self.rows[at], [len(v) for _, v in arrays])
        return Found(self.place.items, list(chain.from_iterable(v for _, v in arrays)), rows)

    def _present(self, place: Place, values: list[Any]) -> Found:
        if self.rows is None:
            return Found(place, values)
        there = [n for n, v in enumerate(values) if v is not NOTHING]
        return Found(place, [values[n] for n in there], self.rows[there])


def _item(value: Any, number: int) -> Any:
    if value.__class__ is not list or not -len(value) <= number < len(value):
        return NOTHING
    return value[number]


class Records:
    """Decoded records.

    :param place: of the records themselves.
    """

    def __init__(self, place: Place, records: list[Any]) -> None:
        self.count = len(records)
        self._found: dict[Steps, Found | None] = {(): Found(place, records)}

    def at(self, steps: Steps) -> Found | None:
        """What a path finds; None where nothing of the kind was ever seen. Raises :class:`Unfit`."""
        if steps not in self._found:
            parent = self.at(steps[:-1])
            self._found[steps] = None if parent is None else _step(parent, steps[-1])
        return self._found[steps]

    def members(self) -> int:
        """How many members all objects have that are not kept as bytes."""
        found = self.at(())
        assert found is not None
        return sum(self._counted((), found.place))

    def _counted(self, steps: Steps, place: Place) -> Iterator[int]:
        found = self.at(steps)
        if found is None:
            return
        if place.struct is not None:
            yield len(found.objects) * (len(place.members) - len(place.shape.optional))
        for name, (attribute, inside) in place.members.items():
            own = (*steps, Child(name))
            if name in place.shape.optional:
                yield len([None for v in map(attrgetter(attribute), found.objects) if v is not NOTHING])
            if not inside.raw and not inside.shape.is_scalar:
                yield from self._counted(own, inside)
        if place.items is not None and not place.items.raw and not place.items.shape.is_scalar:
            yield from self._counted((*steps, Wildcard()), place.items)


def _step(parent: Found, step: Step) -> Found | None:
    if parent.place.raw and not parent.place.shape.is_scalar:
        raise Unfit  # it was decoded as bytes, since nobody wanted to look into it
    match step:
        case Child(name, deep=False):
            return parent.child(name)
        case Index(number, deep=False):
            return parent.item(number)
        case Wildcard(deep=False) if parent.place.struct is None:
            return parent.all_items()
    raise Unfit
