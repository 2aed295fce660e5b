"""What records look like: which members their objects have, and of which kinds the values are. Learnt from examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

MOST_MEMBERS = 400
"""Objects of more different members have keys for names, and no shape."""

_KINDS: dict[type, str] = {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of the values in one place.

    :ivar kinds: of which kinds the scalars among them are: ``string``, ``number``, ``boolean``, ``null``.
    :ivar members: of the objects among them, by name; None: there are no objects.
    :ivar optional: names of members that some of the objects haven't got.
    :ivar items: of the arrays among them; None: there are no arrays.
    """

    kinds: frozenset[str] = frozenset()
    members: Mapping[str, Shape] | None = None
    optional: frozenset[str] = field(default=frozenset())
    items: Shape | None = None

    @property
    def is_scalar(self) -> bool:
        """Whether there are neither objects nor arrays among the values."""
        return self.members is None and self.items is None


def learn(values: Sequence[Any]) -> Shape | None:
    """The shape of some values; None where they have too many different members."""
    types = set(map(type, values))
    objects = [v for v in values if v.__class__ is dict] if dict in types else []
    names: set[str] = set().union(*objects)
    if len(names) > MOST_MEMBERS:
        return None
    members: dict[str, Shape] = {}
    optional = []
    for name in sorted(names):
        inside = [o[name] for o in objects if name in o]
        shape = learn(inside)
        if shape is None:
            return None
        members[name] = shape
        if len(inside) < len(objects):
            optional.append(name)
    items = None
    if list in types:
        items = learn(list(chain.from_iterable(v for v in values if v.__class__ is list)))
        if items is None:
            return None
    kinds = frozenset(_KINDS[t] for t in types if t in _KINDS)
    return Shape(kinds, members if objects else None, frozenset(optional), items)


def join(one: Shape, other: Shape) -> Shape | None:
    """The shape of the values of both."""
    members, optional = one.members, one.optional
    if members is None:
        members, optional = other.members, other.optional
    elif other.members is not None:
        joined = _joined(members, other.members)
        if joined is None or len(joined) > MOST_MEMBERS:
            return None
        alone = frozenset(members).symmetric_difference(other.members)
        members, optional = joined, optional | other.optional | alone
    items = one.items or other.items
    if one.items is not None and other.items is not None:
        items = join(one.items, other.items)
        if items is None:
            return None
    return Shape(one.kinds | other.kinds, members, optional, items)


def _joined(one: Mapping[str, Shape], other: Mapping[str, Shape]) -> dict[str, Shape] | None:
    out: dict[str, Shape] = {}
    for name in _sorted_names(one, other):
        a, b = one.get(name), other.get(name)
        shape = join(a, b) if a is not None and b is not None else a or b
        if shape is None:
            return None
        out[name] = shape
    return out


def _sorted_names(*mappings: Iterable[str]) -> list[str]:
    return sorted(set(chain.from_iterable(mappings)))
