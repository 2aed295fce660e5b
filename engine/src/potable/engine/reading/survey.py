"""How many records a part has, before it's read in earnest: pages end where one has fewer than were asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from potable.engine.contracts.fetching import Survey
from potable.engine.contracts.reading import Reader
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.findings import Fault, Occurrence
from potable.engine.limits import Limits

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition


@dataclass(frozen=True, slots=True)
class _Mute:
    """A read context that keeps what it's told to itself: the real reading will say it again."""

    limits: Limits

    def report(self, occurrence: Occurrence) -> None:
        pass


def survey(part: Part, source: SourceDefinition, readers: Iterable[type[Reader]], limits: Limits) -> Survey:
    """Count a part's records, and hash what they say, with the reader of the source's format.

    Raises :class:`~potable.engine.findings.Fault` where the part can't be read, and LookupError where no reader reads
    the format.
    """
    reader = next((r for r in readers if source.format in r.formats), None)
    if reader is None:
        raise LookupError(f"no plugin reads the format {source.format!r}")
    records, digest = 0, hashlib.sha256()
    try:
        with closing(reader().open(source, Snapshot(parts=(part,), fetched=""), _Mute(limits))) as reading:
            parser = reading.parser()
            for cut in reading.cuts():
                chunk = parser.parse(cut)
                if chunk.fault is not None:
                    raise Fault(chunk.fault)
                records += chunk.records
                digest.update(chunk.frame.write_ndjson().encode())
    except Fault as fault:
        if not fault.occurrence.code.endswith("/no-records"):
            raise
        records = 0
    return Survey(records, digest.hexdigest())
