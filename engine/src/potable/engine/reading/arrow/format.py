"""Arrow as a format: what is to be known of it before a source is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from potable.engine.contracts.reading import ReadContext, Reader
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.findings import Code
from potable.engine.reading.arrow.codes import CODES

if TYPE_CHECKING:
    from potable.engine.reading.arrow.reader import ArrowReading


class ArrowReader(Reader):
    """Reads Arrow IPC files (Apache Arrow columnar format, file variant)."""

    name = "arrow"
    formats: ClassVar[frozenset[str]] = frozenset({"arrow", "frame"})
    codes: ClassVar[tuple[Code, ...]] = CODES

    def open(self, source: Any, snapshot: Snapshot, context: ReadContext) -> ArrowReading:
        """See :meth:`Reader.open`. Raises :class:`Fault` for a file that can't be read."""
        from potable.engine.reading.arrow.reader import ArrowReading  # heavy: only a source of this format needs it

        return ArrowReading(snapshot.parts, context.limits)
