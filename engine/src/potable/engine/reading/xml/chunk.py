"""A chunk of XML records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from potable.engine.contracts.reading import Chunk
from potable.engine.findings import Location, Occurrence, Tally
from potable.engine.paths import FieldPath
from potable.engine.reading.xml.arity import Arity, Lesson
from potable.engine.reading.xml.feeds import feed_record
from potable.engine.reading.xml.find import find
from potable.engine.reading.xml.places import Places
from potable.engine.reading.xml.pointers import element_at
from potable.engine.reading.xml.records import Records
from potable.engine.reading.xml.values import TEXT

if TYPE_CHECKING:
    import polars as pl
    from lxml import etree


class XmlChunk(Chunk):
    """Records of XML; see :class:`Chunk`. Its documents are lxml elements; those of feeds are objects."""

    typed = False
    columns = None

    def __init__(
        self,
        places: Places,
        records: Records,
        rows: npt.NDArray[np.int64],
        frame: pl.DataFrame,
        tallies: Sequence[Tally],
        arities: Mapping[str, Arity],
        fault: Occurrence | None,
        many: Tally | None = None,
        fields: frozenset[str] = frozenset(),
        mixed: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """``rows``: the records' rows in the cut; ``arities``: by the canonical path of the element; ``many``: says
        that there are too many fields; ``fields``: those that were asked for by name; ``mixed``: as in :class:`Lesson`.
        """
        cut = places.cut
        self._places, self._records, self._rows = places, records, rows
        self.frame, self.tallies, self._arities, self.fault = frame, tallies, arities, fault
        self._many, self._fields, self._mixed = many, fields, mixed
        self.index = cut.index
        self.file = places.hints.layout.file
        self.numbers = (rows + cut.first_record).astype(np.uint64)

    def locate(self, rows: Sequence[int]) -> list[Location]:
        """Places of the records in these rows."""
        return [self._places.record(int(self._rows[row])) for row in rows]

    def lesson(self) -> Lesson | None:
        """How often each element occurs; whether there are too many fields; which were asked for."""
        if not self._arities and self._many is None and not self._fields:
            return None
        return Lesson(self._arities, lambda row: self.locate([row])[0], self._many, self._fields, self._mixed)

    def locate_field(self, row: int, field: str, value: str | None = None) -> Location:
        """The line and path of a field's node (of several the first with this value); else the record's."""
        if self._places.hints.layout.target.feed:
            return self.locate([row])[0]
        record = self._element(row)
        path, names = FieldPath.parse(field), self._places.hints.layout.names
        nodes = find(record, path, names)
        if not nodes and path.name == TEXT and len(path.steps) > 1:  # an element without text: there
            nodes = find(record, FieldPath(path.steps[:-1]), names)
        node = next((n for n in nodes if n.value == value), nodes[0] if nodes else None)
        if node is None or node.element is None:
            return self.locate([row])[0]
        return self._places.node(int(self._rows[row]), record, node.element, node.part)

    def locate_path(self, row: int, path: str) -> Location:
        """The line and path of a node inside a record.

        :param path: from the record's element on, ``name``, ``/synonym[2]/@lang``; or a JSON Pointer into the record as
            an object, ``/stock/synonym/1/_$``. One that leads nowhere is shown behind the record's path.
        """
        record = self._element(row)
        found = element_at(record, path)
        if found is None:
            place = self.locate([row])[0]
            return replace(place, path=f"{place.path}/{path.strip('/')}" if path.strip("/") else place.path)
        return self._places.node(int(self._rows[row]), record, *found)

    def documents(self) -> Iterator[tuple[int, Any]]:
        """Each record's element; of a feed each record as an object."""
        elements = enumerate(self._records.each(self._rows.tolist()))
        if self._places.hints.layout.target.feed:
            return ((row, feed_record(element)) for row, element in elements)
        return elements

    def document(self, row: int) -> Any:
        """One record's element, or the object of a feed's."""
        element = self._element(row)
        return feed_record(element) if self._places.hints.layout.target.feed else element

    def _element(self, row: int) -> etree._Element:
        return self._records.element(int(self._rows[row]))
