"""One walk over the records of a chunk: the values of all columns, and how often elements occur."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from potable.engine.reading.xml.find import find
from potable.engine.reading.xml.plan import Place, Plan
from potable.engine.reading.xml.values import attribute_name, name_of, scalar, text_of

if TYPE_CHECKING:
    from lxml import etree


class Walk:
    """One walk, which fills the columns of a plan.

    :param one_prefix: a namespace has one prefix in all records; :param mixed: there may be text behind elements.
    :ivar rows: how many records there were.
    """

    def __init__(self, plan: Plan, *, one_prefix: bool, mixed: bool) -> None:
        self._plan, self._one_prefix, self._mixed = plan, one_prefix, mixed
        self._unseen = Place((), frozenset())
        self._serial = 0
        self.rows = 0

    def over(self, records: Iterable[etree._Element]) -> None:
        """Walk over these records; each is a row, behind those of earlier calls."""
        root, plan = self._plan.root, self._plan
        for row, record in enumerate(records, self.rows):
            self.rows = row + 1
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
            for path in plan.odd:
                values = plan.columns[path.canonical]
                for node in find(record, path, plan.names):
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
                    for values in place.text if not place.new_text else self._plan.new_text(place):
                        values.rows.append(row)
                        values.texts.append(text)
            elif len(element):
                self._inside(element, place, row)

    def _value(self, element: etree._Element, place: Place, row: int) -> None:
        for values in place.whole:
            values.rows.append(row)
            values.texts.append(scalar(element))
        if (place.text or place.new_text) and (text := text_of(element)):
            for values in place.text if not place.new_text else self._plan.new_text(place):
                values.rows.append(row)
                values.texts.append(text)

    def _attributes(self, element: etree._Element, place: Place, row: int) -> None:
        items: list[tuple[str, str]] = element.items()  # type: ignore[assignment]
        for key, value in items:
            columns = place.attributes.get(key)
            if columns is None:
                columns = self._plan.attribute(place, f"@{attribute_name(element, key)}")
                place.attributes[key] = columns
            for values in columns:
                values.rows.append(row)
                values.texts.append(value)

    def _grow(self, at: Place, element: etree._Element, key: Any) -> Place | None:
        """The place of an element whose like wasn't there yet; two namespaces may have one prefix in turn."""
        place = at.children[key] = self._plan.place(at, name_of(element))
        return place
