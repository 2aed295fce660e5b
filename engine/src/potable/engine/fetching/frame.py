"""A frame of the embedding program as a source: spooled once, as bytes like any other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Protocol

from potable.engine.contracts.fetching import FetchContext, Fetcher
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.definition.model import SourceDefinition

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl
    import pyarrow as pa

FRAME, ROWS = "FRAME", "ROWS"
"""Ingest methods of what is at hand: a table whose columns have types, rows of values of any kind."""


class Lines(Protocol):
    """Rows that write themselves."""

    def lines(self) -> Iterator[bytes]:
        """Each as a line of JSON."""


def frame_fetcher(frame: pl.DataFrame | pa.Table | Lines) -> tuple[str, type[Fetcher]]:
    """The ingest method of this frame, and a fetcher class that gives it: as an Arrow IPC file, or as JSON Lines."""
    method = ROWS if hasattr(frame, "lines") else FRAME

    class FrameFetcher(Fetcher):
        name = "frame"
        methods: ClassVar[frozenset[str]] = frozenset({method})

        def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
            path = context.scratch / "frame"
            _write(frame, path)
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            part = Part(name="frame", path=path, bytes=path.stat().st_size, sha256=sha256)
            fetched = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            return Snapshot(parts=(part,), fetched=fetched)

    return method, FrameFetcher


def _write(frame: pl.DataFrame | pa.Table | Lines, path: Path) -> None:
    import polars as pl  # heavy

    if hasattr(frame, "lines"):
        with path.open("wb") as file:
            file.writelines(frame.lines())
        return
    if isinstance(frame, pl.DataFrame):
        frame.write_ipc(path)
        return
    import pyarrow as pa  # heavy

    with pa.ipc.new_file(str(path), frame.schema) as writer:
        writer.write_table(frame)
