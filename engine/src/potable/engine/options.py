"""How a run is made: what whoever starts it can say beside the definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from potable.engine.contracts.history import History
from potable.engine.definition.model import SourceDefinition
from potable.engine.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a run is made.

    :param run_id: the run's identifier; "" makes one.
    :param user_id: who asked for it; 4 is the auto-run.
    :param limits: the run's bounds.
    :param jobs: chunks worked on at a time; None: the number of processors, at most 8.
    :param limit_records: read only so many records.
    :param select: codes or code families to report; empty: all.
    :param ignore: codes or code families not to report.
    :param history: earlier runs of the source.
    :param allow_hosts: hosts or networks that aren't public and may be fetched from all the same.
    :param roots: folders that local sources may lie in; empty: the definition's own folder.
    :param scratch: where the run's scratch folder is made; None: the system's temporary folder.
    :param snapshots: folder of kept snapshots: the fetched one is put there, and the source's last one saves the fetch
        where the server says that it still holds. None: nothing is kept.
    :param inputs: definitions of further sources that checkers may read, by resourceID; see
        :func:`~potable.engine.pipeline.inputs.inputs_of`.
    :param replay: SHA-256 (hex) of the kept snapshot to run on, instead of fetching; "" fetches. For a local source:
        of the file, which must not have changed.
    :param otherwise: by ingest method, how to read the data where their first bytes show another one than the source's,
        which is only a guess.
    :param crashed: checkers that are left out since they ended the process of an earlier try, and how: their lines of
        the coverage say so.
    """

    run_id: str = ""
    user_id: int = 4
    limits: Limits = Limits()
    jobs: int | None = None
    limit_records: int | None = None
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    history: History = History()
    allow_hosts: Sequence[str] = ()
    roots: Sequence[Path] = ()
    scratch: Path | None = None
    snapshots: Path | None = None
    inputs: Mapping[str, SourceDefinition] = field(default_factory=dict)
    replay: str = ""
    otherwise: Mapping[str, SourceDefinition] = field(default_factory=dict)
    crashed: Mapping[str, str] = field(default_factory=dict)
