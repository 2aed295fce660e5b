"""JSON as a format: what is to be known of it before a source is opened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from potable.engine.contracts.reading import ReadContext, Reader
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.findings import Code, Occurrence
from potable.engine.reading.json.codes import JSON_CODES
from potable.engine.reading.parameters import declared_encoding, faults_of

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.reading.json.reader import JsonReading


class JsonReader(Reader):
    """Reads JSON documents (an array of records, or one inside), JSON Lines, and the rows of databases."""

    name: ClassVar[str] = "json"
    formats: ClassVar[frozenset[str]] = frozenset({"json", "jsonl", "sql"})
    codes: ClassVar[tuple[Code, ...]] = JSON_CODES

    def check_definition(self, source: SourceDefinition) -> Iterable[Occurrence]:
        """See :meth:`Reader.check_definition`."""
        return faults_of(source, declared_encoding)

    def open(self, source: SourceDefinition, snapshot: Snapshot, context: ReadContext) -> JsonReading:
        """See :meth:`Reader.open`. Raises :class:`Fault` for an encoding that isn't known."""
        from potable.engine.reading.json.reader import JsonReading  # heavy: only a source of this format needs it

        return JsonReading(source, snapshot, context.limits)
