"""XML as a format: what is to be known of it before a source is opened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from potable.engine.contracts.reading import ReadContext, Reader
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.findings import Code, Occurrence
from potable.engine.reading.parameters import declared_encoding, faults_of
from potable.engine.reading.xml.codes import XML_CODES

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.reading.xml.reader import XmlReading


class XmlReader(Reader):
    """Reads records of XML documents, of OAI-PMH responses, and of RSS and Atom feeds."""

    name: ClassVar[str] = "xml"
    formats: ClassVar[frozenset[str]] = frozenset({"xml", "oai", "rss"})
    codes: ClassVar[tuple[Code, ...]] = XML_CODES

    def check_definition(self, source: SourceDefinition) -> Iterable[Occurrence]:
        """See :meth:`Reader.check_definition`."""
        return faults_of(source, declared_encoding)

    def open(self, source: SourceDefinition, snapshot: Snapshot, context: ReadContext) -> XmlReading:
        """See :meth:`Reader.open`. Raises :class:`Fault` for an encoding that isn't known."""
        from potable.engine.reading.xml.reader import XmlReading  # heavy: only a source of this format needs it

        return XmlReading(source, snapshot, context.limits)
