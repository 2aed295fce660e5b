"""Readings of real files, as a run opens them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from potable.engine.contracts.reading import Reader, Reading
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence
from potable.engine.limits import Limits

Data = bytes | Mapping[str, bytes]
"""What a file has in it, or several have, by name."""


def open_files(
    reader: type[Reader],
    paths: Iterable[Path],
    *,
    method: str | None = None,
    limits: Limits | None = None,
    charset: str | None = None,
    source: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> Reading:
    """Open a reading of these files.

    :param method: the definition's ``ingestMethod``; default is the reader's name.
    :param charset: what the server said of the files.
    :param source: further members of the definition; ``parameters`` are those of the reader.
    """
    parts = []
    for path in paths:
        stat = path.stat()
        parts.append(Part(name=path.name, path=path, bytes=stat.st_size, mtime_ns=stat.st_mtime_ns, charset=charset))
    definition = SourceDefinition(
        resource_id="t", ingest_method=method or reader.name.upper(), parameters=parameters, **(source or {})
    )
    context = SimpleNamespace(limits=limits or Limits(), report=_unexpected)
    return reader().open(definition, Snapshot(parts=tuple(parts), fetched="2024-01-01T00:00:00Z"), context)


def open_data(reader: type[Reader], folder: Path, data: Data, **how: Any) -> Reading:
    """Open a reading of these bytes, written into ``folder``; ``how`` as :func:`open_files` has it."""
    files = {f"data.{reader.name}": data} if isinstance(data, bytes) else data
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return open_files(reader, [folder / name for name in files], **how)


def _unexpected(occurrence: Occurrence) -> None:
    raise AssertionError(f"a reader reported while it was opened: {occurrence}")
