"""What a field path finds in a record.

The meaning is that of :mod:`potable.engine.paths` over the record as an object (:mod:`values`), with one difference: as
XML doesn't tell an array of one from an object, a name finds *all* elements of that name, and ``[n]`` and ``[*]``
behind it count them, also where there's but one. So a path means the same in a record where an element occurs once and
in one where it occurs several times.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child, Filter, Index, Step, Wildcard
from potable.engine.reading.xml.values import TEXT, attribute_name, name_of, scalar, text_of

if TYPE_CHECKING:
    from lxml import etree

    from potable.engine.reading.xml.names import Names


@dataclass(frozen=True, slots=True)
class Node:
    """What a path finds: an element; or with ``part`` its attribute ``@name`` or its text ``_$``.

    :param element: None: the object that has the record as its only member.
    """

    element: etree._Element | None
    part: str = ""

    @property
    def value(self) -> str | None:
        """Its value; None for an object."""
        if self.element is None:
            return None
        if not self.part:
            return scalar(self.element)
        if self.part == TEXT:
            return text_of(self.element)
        return next(str(v) for k, v in self.element.items() if attribute_name(self.element, str(k)) == self.part[1:])


Group = Sequence[Node]
"""The elements of one name in one parent, or one attribute or text."""


def find(record: etree._Element, path: FieldPath, names: Names) -> list[Node]:
    """The nodes that a path finds in a record, each once."""
    finder = _Finder(record, names)
    groups: list[Group] = [[Node(None)]]
    before: Step | None = None
    for step in path.steps:
        groups = finder.step(groups, step, before)
        before = step
    return list(dict.fromkeys(n for group in groups for n in group))


class _Finder:
    def __init__(self, record: etree._Element, names: Names) -> None:
        self._record, self._names = record, names

    def step(self, groups: list[Group], step: Step, before: Step | None) -> list[Group]:
        if isinstance(step, Child):
            return [g for n in self._reached(groups, deep=step.deep) if (g := self._child(n, step.name))]
        if step.deep:
            groups = [g for n in self._reached(groups, deep=True) for g in self._members(n)]
        elif not isinstance(before, Child):
            groups = [g for group in groups for n in group for g in self._members(n)]
        match step:
            case Index(number):
                return [[g[number]] for g in groups if -len(g) <= number < len(g)]
            case Filter(names, value):
                kept = ([n for n in g if self._holds(n, names, value)] for g in groups)
                return [g for g in kept if g]
            case Wildcard():
                return groups

    def _reached(self, groups: list[Group], *, deep: bool) -> Iterator[Node]:
        for group in groups:
            for node in group:
                if not deep:
                    yield node
                elif node.element is None:
                    yield node
                    yield from map(Node, self._record.iter())
                elif node.part:
                    yield node
                else:
                    yield from map(Node, node.element.iter())

    def _child(self, node: Node, name: str) -> Group:
        element = node.element
        if element is None:
            return [Node(self._record)] if self._names.means(name, name_of(self._record)) else ()
        if node.part:
            return ()
        if name == TEXT:
            return [Node(element, TEXT)] if text_of(element) else ()
        if name.startswith("@"):
            there = (attribute_name(element, str(k)) for k in element.keys())  # noqa: SIM118 - not a dict
            return [Node(element, name)] if name[1:] in there else ()
        return [Node(child) for child in element if self._names.means(name, name_of(child))]

    def _members(self, node: Node) -> list[Group]:
        element = node.element
        if element is None:
            return [[Node(self._record)]]
        if node.part:
            return []
        groups: list[Group] = [[Node(element, f"@{attribute_name(element, str(k))}")] for k in element.keys()]  # noqa: SIM118
        if text_of(element):
            groups.append([Node(element, TEXT)])
        children: dict[str, list[Node]] = {}
        for child in element:
            children.setdefault(name_of(child), []).append(Node(child))
        return [*groups, *children.values()]

    def _holds(self, node: Node, names: Sequence[str], value: str) -> bool:
        nodes: list[Node] = [node]
        for name in names:
            nodes = [n for inner in nodes for n in self._child(inner, name)]
        return any(n.value == value for n in nodes)
