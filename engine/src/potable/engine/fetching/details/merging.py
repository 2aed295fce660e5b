"""Lists whose records are completed by a request each: ``mergeIngestURLTemplate`` and its kin, for JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from potable.engine.fetching.integrity import compared_anyway

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.definition.model import SourceDefinition


def is_merged(source: SourceDefinition) -> bool:
    """Whether a definition asks for details to be merged in."""
    return bool(source.parameters.get("mergeIngestURLTemplate")) and source.format in ("json", "jsonl")


def merged(source: SourceDefinition, snapshot: Snapshot, context: FetchContext) -> Snapshot:
    """The list, or each of its pages, with each record's details in it; all else stays as it came, byte for byte.

    The identifier that ``idJsonPath`` finds takes the place of the template's ``${var}``; of the answer the member
    ``mergeDocElName`` (at any depth; else ``documentElement``, else all of it) becomes the record's last member,
    ``mergeFieldName``, in its own spelling. A record without identifier or details is reported as
    ``access/no-details`` and stays as it is. What was put in is told by ``Part.insertions``.

    Raises :class:`~potable.engine.findings.Fault` where the list can't be read, or the server doesn't answer.
    """
    from potable.engine.fetching.details.asking import Details  # heavy: it reads JSON, which few sources need

    merge = Details(source, context)
    with compared_anyway(source, snapshot.came, context):
        parts = tuple(merge.part(part) for part in snapshot.parts if not merge.partial)
    details = {**snapshot.details, "details": merge.number}
    return replace(
        snapshot, parts=parts, originals=snapshot.came, details=details, etag=None, last_modified=None,
        partial=snapshot.partial or merge.partial,
    )  # fmt: skip
