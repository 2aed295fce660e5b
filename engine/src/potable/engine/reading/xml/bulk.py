"""The values of many records at once, by XPath: for each element's path one expression over all records of a group.

libxml2 finds elements several times as fast as Python can walk over them, but it has to be told where to look. Without
namespaces the fields that are asked for tell it. Else all elements have to be known, from records before, and counting
proves afterwards that there were no others: where the count doesn't agree, the walk goes over the group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from potable.engine.reading.xml.plan import Place, Plan, Values
from potable.engine.reading.xml.values import TEXT, attribute_name, name_of, scalar, text_of
from potable.engine.reading.xml.walk import Walk

if TYPE_CHECKING:
    from lxml import etree

MOST = 1_000
"""Paths of elements and attributes that are looked for; where there are more, the walk takes no longer."""


class _Unknown(Exception):
    """There's something in the records that isn't known yet."""


@dataclass(slots=True)
class Node:
    """Elements that may be in one place, by their tag as lxml tells it.

    :ivar name: as the document spells it. :ivar attributes: their names as the document spells them.
    """

    name: str
    children: dict[str, Node] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Learnt:
    """The elements that records of a source have; it makes readings faster, and changes no result.

    :ivar root: above the records. :ivar size: how many elements and attributes.
    """

    root: Node = field(default_factory=partial(Node, ""))
    size: int = 0

    def learn(self, records: Sequence[etree._Element]) -> None:
        """Look at all elements of some records."""
        stack: list[tuple[Node, etree._Element]] = [(self.root, record) for record in records]
        while stack and self.size <= MOST:
            at, element = stack.pop()
            tag = str(element.tag)
            node = at.children.get(tag)
            if node is None:
                node = Node(name_of(element))
                at.children = {**at.children, tag: node}  # another thread may be reading it
                self.size += 1
            for key in map(str, element.keys()):
                if key not in node.attributes:
                    node.attributes = {**node.attributes, key: attribute_name(element, key)}
                    self.size += 1
            stack += ((node, child) for child in element)

    def __reduce__(self) -> tuple[type[Learnt], tuple[()]]:
        return Learnt, ()


@dataclass(slots=True)
class _Level:
    """Elements of one path, in document order.

    :ivar rows: of the record that each is in.
    :ivar path: of tags, from the records' parent.
    """

    elements: list[etree._Element]
    rows: list[int]
    path: tuple[str, ...]


@dataclass(slots=True)
class _Seen:
    """How often elements of one place occur in their parents; see :class:`Place`."""

    place: Place
    parents: int
    several: int
    row: int
    several_row: int


class Bulk:
    """Fills the columns of a plan, as :class:`Walk` does.

    :param walk: goes over what can't be taken at once.
    :param plain: there are no namespaces; :param one_prefix: each has one prefix.
    """

    def __init__(self, plan: Plan, walk: Walk, learnt: Learnt, *, plain: bool, one_prefix: bool) -> None:
        self._plan, self._walk, self._learnt = plan, walk, learnt
        # What is found in several places would have to be put in order.
        self._possible = one_prefix and not any(steps is None or any(s.deep for s in steps) for steps in plan.steps)
        # Names that are asked for are all that there is to look for.
        self._asked = _asked(plan) if plain else None
        self._paths: dict[str, Any] = {}
        self._prefixes: dict[str, str] = {}  # by namespace
        self._attributes = 0
        self._put: list[tuple[Values, list[int], list[str | None]]] = []
        self._seen: list[_Seen] = []

    def over(self, records: Sequence[etree._Element]) -> None:
        """Take in these records; each is a row, behind those of earlier calls."""
        if not self._over(records):
            self._walk.over(records)

    def _over(self, records: Sequence[etree._Element]) -> bool:
        if not records or not self._possible or (self._asked is None and self._learnt.size > MOST):
            return False
        parent = records[0].getparent()
        if parent is None or len(parent) != len(records):
            return False
        self._put, self._seen, self._attributes = [], [], 0
        try:
            self._take(parent, records)
        except _Unknown:
            if self._asked is None:
                self._learnt.learn(records)
            return False
        self._keep(len(records))
        return True

    def _keep(self, records: int) -> None:
        for values, rows, texts in self._put:
            values.rows += rows
            values.texts += texts
        for seen in self._seen:
            place = seen.place
            place.parents += seen.parents
            place.several += seen.several
            if place.row < 0:
                place.row = seen.row
            if place.several_row < 0:
                place.several_row = seen.several_row
        self._walk.rows += records

    def _take(self, parent: etree._Element, records: Sequence[etree._Element]) -> None:
        tag = str(records[0].tag)
        node = (self._asked or self._learnt.root).children.get(tag)
        if len(self._find(parent, (tag,))) != len(records) or (node is None and self._asked is None):
            raise _Unknown
        if node is None:
            return
        first = self._walk.rows
        level = _Level(list(records), list(range(first, first + len(records))), (tag,))
        inside = self._node(parent, node, self._plan.place(self._plan.root, node.name), level)
        if self._asked is not None:
            return
        attributes = self._count(parent, "count(descendant::*/@*)")
        if len(records) + inside != self._count(parent, "count(descendant::*)") or self._attributes != attributes:
            raise _Unknown

    def _node(self, parent: etree._Element, node: Node, place: Place | None, level: _Level) -> int:
        """Take in the elements of a level; how many elements there are inside them."""
        here = self._spelt(level.path)
        if place is None:
            if self._asked is not None:
                return 0
            # Not descendant-or-self: its nodes would be sorted, which takes fifty times as long.
            self._attributes += self._count(parent, f"count({here}/@*) + count({here}/descendant::*/@*)")
            return self._count(parent, f"count({here}/descendant::*)")
        if place.wants_attributes:
            self._take_attributes(parent, node, place, level)
        elif self._asked is None:
            self._attributes += self._count(parent, f"count({here}/@*)")
        if place.whole or place.text or place.new_text:
            self._take_texts(parent, place, level)
        count = 0
        for tag, child in node.children.items():
            path = (*level.path, tag)
            elements = self._find(parent, path)
            if not elements:
                continue
            own = self._plan.place(place, child.name)
            count += len(elements)
            rows = self._rows(level, elements, own)
            count += self._node(parent, child, own, _Level(elements, rows, path))
        return count

    def _rows(self, level: _Level, elements: list[etree._Element], place: Place | None) -> list[int]:
        """The rows of the elements inside those of a level; notes how often they occur there."""
        if place is None:
            return []
        parents = [e.getparent() for e in elements]
        if parents == level.elements:  # mostly there's one in each
            self._seen.append(_Seen(place, len(parents), 0, level.rows[0], -1))
            return level.rows
        row_of = dict(zip(level.elements, level.rows, strict=True))
        rows = [row_of[p] for p in parents]  # type: ignore[index]
        again = [n for n in range(1, len(parents)) if parents[n] is parents[n - 1]]
        several = [n for n in again if n < 2 or parents[n - 2] is not parents[n]]
        seen = _Seen(place, len(parents) - len(again), len(several), rows[0], rows[several[0]] if several else -1)
        self._seen.append(seen)
        return rows

    def _take_attributes(self, parent: etree._Element, node: Node, place: Place, level: _Level) -> None:
        for key, name in node.attributes.items():
            values = self._find(parent, (*level.path, f"@{key}"))
            if not values:
                continue
            self._attributes += len(values)
            rows = level.rows
            if len(values) != len(rows):
                pairs = [(row, v) for e, row in zip(level.elements, rows, strict=True) if (v := e.get(key)) is not None]
                rows, values = [row for row, _ in pairs], [v for _, v in pairs]
            columns = place.attributes.get(key)
            if columns is None:
                columns = place.attributes[key] = self._plan.attribute(place, f"@{name}")
            self._fill(columns, rows, values)

    def _take_texts(self, parent: etree._Element, place: Place, level: _Level) -> None:
        elements, rows = level.elements, level.rows
        if any(map(len, elements)):
            if not place.whole and not self._count(parent, f"count({self._spelt(level.path)}/text())"):
                return
            self._take_mixed(place, level)
            return
        texts = [e.text for e in elements]
        if place.whole:
            pairs = zip(texts, elements, strict=True)
            whole = [t if t and not t.isspace() else scalar(e) for t, e in pairs]
            self._fill(place.whole, rows, whole)
        if (place.text or place.new_text) and any(texts):
            if not all(texts):
                rows = [row for row, text in zip(rows, texts, strict=True) if text]
                texts = [text for text in texts if text]
            columns = place.text if not place.new_text else self._plan.new_text(place)
            self._fill(columns, rows, texts)

    def _take_mixed(self, place: Place, level: _Level) -> None:
        """Texts of elements some of which have children."""
        elements, rows = level.elements, level.rows
        if place.whole:
            self._fill(place.whole, rows, [scalar(e) for e in elements])
        if place.text or place.new_text:
            pairs = [(row, t) for e, row in zip(elements, rows, strict=True) if (t := _text(e))]
            if pairs:
                columns = place.text if not place.new_text else self._plan.new_text(place)
                self._fill(columns, [row for row, _ in pairs], [t for _, t in pairs])

    def _fill(self, columns: Sequence[Values], rows: list[int], texts: list[str | None]) -> None:
        for column in columns:
            if any(known is column for known, _, _ in self._put):  # elements of several prefixes, in turn
                raise _Unknown
            self._put.append((column, rows, texts))

    # -- XPath -------------------------------------------------------------------------------------------------------

    def _find(self, parent: etree._Element, path: tuple[str, ...]) -> list[Any]:
        return self._evaluate(parent, self._spelt(path))  # type: ignore[no-any-return]

    def _count(self, parent: etree._Element, expression: str) -> int:
        return int(self._evaluate(parent, expression))

    def _evaluate(self, parent: etree._Element, expression: str) -> Any:
        compiled = self._paths.get(expression)
        if compiled is None:
            from lxml import etree  # heavy: only XML needs it

            spaces = {prefix: uri for uri, prefix in self._prefixes.items()}
            compiled = etree.XPath(expression, namespaces=spaces or None, smart_strings=False)
            self._paths[expression] = compiled
        return compiled(parent)

    def _spelt(self, path: tuple[str, ...]) -> str:
        """A path of lxml's tags as an XPath expression."""
        return "/".join(map(self._step, path))

    def _step(self, tag: str) -> str:
        sign, tag = ("@", tag[1:]) if tag[0] == "@" else ("", tag)
        if tag[0] != "{":
            return sign + tag
        uri, local = tag[1:].split("}", 1)
        prefix = self._prefixes.setdefault(uri, f"n{len(self._prefixes)}")
        return f"{sign}{prefix}:{local}"


def _text(element: etree._Element) -> str | None:
    """A text as the walk gives it: that of an element without children isn't trimmed yet."""
    return text_of(element) if len(element) else element.text


def _asked(plan: Plan) -> Node | None:
    """The elements and attributes that fields ask for; None where these aren't told by their paths."""
    if plan.every:
        return None
    root = Node("")
    for steps in plan.steps:
        if steps is None or any(":" in step.name for step in steps):
            return None
        at = root
        for step in steps:
            if step.name == TEXT:
                continue
            if step.name.startswith("@"):
                at.attributes[step.name[1:]] = step.name[1:]
            else:
                at = at.children.setdefault(step.name, Node(step.name))
    return root
