"""Arrow IPC files, and frames of an embedding program."""

from potable.engine.reading.arrow.format import ArrowReader

__all__ = ["ArrowReader"]
