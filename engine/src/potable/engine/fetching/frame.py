"""A frame of the embedding program as a source: spooled once, as bytes like any other."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from potable.engine.contracts.fetching import FetchContext, Fetcher
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.definition.model import SourceDefinition

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl
    import pyarrow as pa

METHOD = "FRAME"


def frame_fetcher(frame: pl.DataFrame | pa.Table) -> type[Fetcher]:
    """A fetcher class that gives this frame, as an Arrow IPC file."""

    class FrameFetcher(Fetcher):
        name = "frame"
        methods: ClassVar[frozenset[str]] = frozenset({METHOD})

        def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
            path = context.scratch / "frame.arrow"
            _write(frame, path)
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            part = Part(name="frame", path=path, bytes=path.stat().st_size, sha256=sha256)
            fetched = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            return Snapshot(parts=(part,), fetched=fetched)

    return FrameFetcher


def _write(frame: pl.DataFrame | pa.Table, path: Path) -> None:
    import polars as pl  # heavy

    if isinstance(frame, pl.DataFrame):
        frame.write_ipc(path)
        return
    import pyarrow as pa  # heavy

    with pa.ipc.new_file(str(path), frame.schema) as writer:
        writer.write_table(frame)
