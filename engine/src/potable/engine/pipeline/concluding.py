"""What a run came to: its summary, which later runs are compared with, and its report."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from potable.engine.contracts.history import Summary
from potable.engine.contracts.report import Counts, Report, RunInfo, SourceInfo
from potable.engine.fetching.addresses import shown_address
from potable.engine.findings import Severity, clip
from potable.engine.judging.coverage import NOT_IN_REPORT, Ledger
from potable.engine.judging.summary import counts_of, shape_of
from potable.engine.judging.verdict import DUPLICATE, judge
from potable.engine.version import VERSION

if TYPE_CHECKING:
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.definition.veil import Veil
    from potable.engine.judging.collector import Collected
    from potable.engine.judging.sampling import Sampling
    from potable.engine.options import RunOptions
    from potable.engine.pipeline.filing import Filing
    from potable.engine.plugins import Plugins


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(slots=True)
class Course:
    """How far a run has come; its stages write it on.

    :ivar sampling: the part of the source that was asked for; None: all of it.
    :ivar snapshot: None where there is none.
    :ivar records: that were read.
    :ivar metrics: figures for the report, by whose they are.
    :ivar started: when the run began, UTC, ISO 8601; ``clock`` is the same in seconds of the monotonic clock.
    """

    sampling: Sampling | None
    snapshot: Snapshot | None = None
    records: int = 0
    metrics: dict[str, Any] = field(default_factory=dict)
    started: str = field(default_factory=_now)
    clock: float = field(default_factory=time.perf_counter)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Makes a summary and a report of a run's course and of what was filed."""

    source: SourceDefinition
    plugins: Plugins
    options: RunOptions
    course: Course
    filing: Filing
    ledger: Ledger
    veil: Veil

    def summary(self) -> Summary:
        """What checkers of the history see of this run."""
        collected, snapshot = self._collected(), self.course.snapshot
        return Summary(
            records=self.course.records,
            errors=sum(f.count for f in collected.findings if f.severity is Severity.ERROR),
            records_with_errors=collected.records_with_errors(),
            columns=tuple(self.course.metrics.get("columns", ())),
            counts=counts_of(collected.findings),
            metrics=self.course.metrics,
            snapshot=snapshot.sha256 if snapshot else None,
            shape=shape_of(self.source),
        )

    def report(self) -> Report:
        """The report, all secrets veiled."""
        source, options, course, veil = self.source, self.options, self.course, self.veil
        collected = self._collected()
        sample = course.sampling if self.filing.partial else None
        judgement = judge(
            collected,
            course.records,
            err_perc=source.err_perc,
            dup_perc=source.dup_perc,
            crashed=self.ledger.crashes,
            sample=str(sample) if sample else None,
        )
        for checker, said in self.filing.untold.items():
            self.ledger.noted(checker, f"{NOT_IN_REPORT}{said}")
        further = [*_told_unserved(self.ledger.unserved), *(clip(said, 300) for said in self.plugins.told)]
        totals = {s: sum(f.count for f in judgement.findings if f.severity is s) for s in Severity}
        return Report(
            run=RunInfo(
                run_id=options.run_id or uuid.uuid4().hex, resource_id=source.resource_id, user_id=options.user_id,
                started=course.started, ended=_now(), seconds=round(time.perf_counter() - course.clock, 6),
            ),
            verdict=judgement.verdict,
            why=veil.over((*judgement.why, *further)),
            source=SourceInfo(
                name=source.name, ingest_method=source.ingest_method, ingest_url=veil.over(shown_address(source)),
                definition={
                    "sha256": source.origin.sha256, "file": source.origin.file,
                    "format": source.origin.format, "shape": shape_of(source),
                },
                sample=sample.to_dict() if sample else None,
                snapshot=veil.over(_snapshot_facts(course.snapshot, replayed=bool(options.replay))),
                info=source.info,
            ),
            counts=Counts(
                records=course.records, records_with_errors=collected.records_with_errors(),
                errors=totals[Severity.ERROR], warnings=totals[Severity.WARNING], infos=totals[Severity.INFO],
            ),
            findings=tuple(map(veil.finding, judgement.findings)),
            coverage=tuple(replace(line, reason=veil.over(line.reason)) for line in self.ledger.lines()),
            metrics=veil.over(course.metrics),
            engine={"version": VERSION, "plugins": self.plugins.loaded()},
        )  # fmt: skip

    def _collected(self) -> Collected:
        """What was found so far, and the figures of it that its findings don't tell."""
        collected = self.filing.collected()
        if collected.suppressed:
            self.course.metrics["suppressed"] = dict(collected.suppressed)
        if surplus := collected.records_with(DUPLICATE):
            self.course.metrics["surplusDuplicates"] = surplus
        return collected


def _told_unserved(unserved: Mapping[str, str]) -> list[str]:
    if not unserved:
        return []
    told = ", ".join(f"{member} ({name})" for name, member in unserved.items())
    return [f"Not looked at, since no checker of that name is loaded: {told}."]


def _snapshot_facts(snapshot: Snapshot | None, *, replayed: bool) -> dict[str, Any] | None:
    if snapshot is None:
        return None
    return {
        "sha256": snapshot.sha256,
        "bytes": snapshot.bytes,
        "fetched": snapshot.fetched,
        "etag": snapshot.etag,
        "lastModified": snapshot.last_modified,
        "parts": len(snapshot.parts),
        "partial": snapshot.partial,
        "replayed": replayed,
    }
