"""One run, from a definition to its report: pure but for the source's bytes, and synchronous.

definition -> fetch -> snapshot -> chunks -> rules and folds -> late pass -> history -> verdict -> report
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from potable.engine import __version__
from potable.engine.acquiring import Acquirer
from potable.engine.checker import Checker, Fold
from potable.engine.collector import Collected, Collector, severity_policy
from potable.engine.contracts.events import Progress, Stage
from potable.engine.contracts.history import History, Summary
from potable.engine.contracts.host import ANY_PROCESS, Host
from potable.engine.contracts.reading import Reader, Reading
from potable.engine.contracts.report import Counts, Report, RunInfo, SourceInfo
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.coverage import Ledger
from potable.engine.definition.model import SourceDefinition
from potable.engine.errors import own_fault, told
from potable.engine.explaining import SPARE
from potable.engine.fetching.context import FetchSession
from potable.engine.fetching.details.mapped import as_it_came
from potable.engine.findings import Code, Fault, Occurrence, Severity, Tally
from potable.engine.inputs import Inputs
from potable.engine.limits import Limits
from potable.engine.lint import lint_source
from potable.engine.plugins import Plugins
from potable.engine.quoting import Quoting
from potable.engine.reading.conditions import conditions_of
from potable.engine.reading.filtered import FilteredReading
from potable.engine.roster import Roster
from potable.engine.sampling import check_size, sampling
from potable.engine.scan.loop import Scan, ScanResult, family
from potable.engine.scan.worker import ScanSettings
from potable.engine.summary import counts_of, shape_of
from potable.engine.verdict import DUPLICATE, judge

S = TypeVar("S")


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
        :func:`~potable.engine.inputs.inputs_of`.
    :param replay: SHA-256 (hex) of the kept snapshot to run on, instead of fetching; "" fetches. For a local source:
        of the file, which must not have changed.
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
    crashed: Mapping[str, str] = field(default_factory=dict)


def run_source(
    source: SourceDefinition,
    plugins: Plugins,
    options: RunOptions = RunOptions(),
    progress: Callable[[Progress], None] | None = None,
    host: Host = ANY_PROCESS,
) -> Report:
    """Run all checkers over a source.

    Whatever is wrong with the definition, the data or a checker is in the report.

    :param progress: called, in this thread, as the run goes on.
    :param host: the process that the run is in.
    :raises UsageError: an option makes no sense, or a secret that the definition refers to isn't set.
    :raises EngineFault: the scratch folder can't be written to.
    """
    check_size(options.limit_records)
    with _scratch_folder(options.scratch) as scratch:
        return _Run(source, plugins, options, scratch, progress, host).report()


@contextmanager
def _scratch_folder(parent: Path | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="potable-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Context:
    """What checkers and readers are lent; see the protocols ``CheckContext`` and ``ReadContext``."""

    limits: Limits
    scratch: Path
    session: FetchSession
    checkers: Mapping[str, type[Checker]]
    report: Callable[[Occurrence], None]
    inputs: Inputs

    @property
    def http(self) -> Any:
        return self.session.quiet_http

    def read(self, source: str | SourceDefinition, fold: Fold[S]) -> S:
        return self.inputs.read(source, fold)


class _Run:
    def __init__(
        self,
        source: SourceDefinition,
        plugins: Plugins,
        options: RunOptions,
        scratch: Path,
        progress: Callable[[Progress], None] | None,
        host: Host,
    ) -> None:
        self._host = host
        self._source = source
        self._plugins = plugins
        self._options = options
        self._progress = progress
        self._sampling = sampling(source, options.limit_records)
        self._partial = False
        self._linted: list[Occurrence] = []
        self._severity = severity_policy(source.severity, options.select, options.ignore)
        self._quoting = Quoting(source.values)
        self._collector = Collector(
            source.resource_id,
            plugins.codes,
            self._severity_of,
            options.limits,
            self._quoting,
            source.primary_key,
        )
        self._ledger = Ledger()
        self._snapshot: Snapshot | None = None
        self._records = 0
        self._metrics: dict[str, Any] = {}
        self._acquirer = Acquirer(
            source,
            plugins,
            options,
            scratch,
            self._ledger,
            say=self._say,
            codes_of=self._family,
            progress=lambda done, total: self._tell("fetch", done, total),
            wanted=self._sampling.size if self._sampling and "filterValue" not in source.parameters else None,
        )
        inputs = Inputs(options.inputs, partial(self._input, scratch), plugins)
        # Another finding may explain some of the samples: more are asked for than are shown.
        lent = replace(options.limits, samples=options.limits.samples * SPARE)
        self._context = _Context(lent, scratch, self._acquirer.session, plugins.checkers, self._say, inputs)
        self._roster = Roster(
            source,
            self._context,
            self._ledger,
            self._say_by,
            self._reported,
            at_work=host.at_work,
            crashed=options.crashed,
        )

    def report(self) -> Report:
        started, clock = _now(), time.perf_counter()
        with self._acquirer:
            self._stages()
        self._tell("finish")
        return self._judged(started, clock)

    def _input(self, scratch: Path, source: SourceDefinition, checker: type[Checker]) -> Report:
        """Read another source, with one checker alone."""
        options, plugins = self._options, replace(self._plugins, checkers={checker.name: checker})
        roots = (*options.roots, source.origin.folder.resolve())
        fresh = replace(
            options, roots=roots, scratch=scratch, limit_records=None, history=History(), inputs={}, replay="",
            select=(), ignore=(),
        )  # fmt: skip
        return run_source(source, plugins, fresh)

    # -- stages ------------------------------------------------------------------------------------------------

    def _stages(self) -> None:
        self._definition()
        self._broken_plugins()
        self._roster.choose(self._plugins.checkers)
        if not self._collector.stopped():
            self._tell("fetch")
            self._snapshot = self._acquirer.acquire()
        if self._snapshot is not None:
            self._after_fetch(self._snapshot)
        stopped = self._snapshot is None or self._collector.stopped()
        self._roster.finish(records=self._records, stopped=stopped, partial=self._partial)

    def _broken_plugins(self) -> None:
        """Whatever they would have checked isn't checked: a run without them mustn't pass as if it were."""
        for record in self._plugins.records:
            if record.status in ("load-error", "invalid"):
                self._ledger.crashed(record.name, f"the plugin can't be used: {record.reason}")

    def _definition(self) -> None:
        self._tell("definition")
        start = time.perf_counter()
        self._linted = lint_source(
            self._source, self._plugins, at_work=self._host.at_work, without=self._options.crashed
        )
        for said in self._linted:
            self._say(said)
            if said.code == "definition/checker-crashed" and "checker" in said.details:
                self._ledger.crashed(said.details["checker"], said.message)
        self._ledger.ran("definition", self._family("definition"), seconds=time.perf_counter() - start)

    def _after_fetch(self, snapshot: Snapshot) -> None:
        self._acquirer.check(snapshot)
        self._roster.check_access(snapshot)
        if not self._collector.stopped():
            self._roster.check_files(snapshot)
            self._read(snapshot)
        try:
            self._snapshot = self._acquirer.hashed(self._snapshot or snapshot)
        except Fault as fault:
            self._say(fault.occurrence)
            return
        if not self._collector.stopped():
            self._history()
        if (unkept := self._acquirer.keep(self._snapshot)) is not None:
            self._metrics["snapshot"] = unkept

    def _read(self, snapshot: Snapshot) -> None:
        wanted = self._source.format
        reader = next((r for r in self._plugins.readers.values() if wanted in r.formats), None)
        if reader is None:
            self._ledger.skipped("reading", f"no plugin reads the format {wanted or '(none given)'!r}")
            return
        start = time.perf_counter()
        try:
            conditions = conditions_of(self._source)
            reading = as_it_came(reader().open(self._source, snapshot, self._context), snapshot)
            if conditions:
                reading = FilteredReading(reading, conditions, self._source)
            try:
                self._scan(reader, reading, snapshot)
            finally:
                reading.close()
        except Fault as fault:
            if fault.occurrence not in self._linted:  # a parameter that the reader can't use, told before
                self._say(fault.occurrence)
            self._ledger.ran(reader.name, self._reported(reader.codes), seconds=time.perf_counter() - start)
        except BaseException as e:
            if not own_fault(e):
                raise
            # Checkers are guarded one by one: what is left is the reader's fault.
            self._ledger.crashed(reader.name, told(e), self._reported(reader.codes), records=self._records)

    def _scan(self, reader: type[Reader], reading: Reading, snapshot: Snapshot) -> None:
        settings = ScanSettings(
            key_fields=self._source.primary_key,
            key_delimiter=self._source.key_delimiter,
            missing_values=self._source.missing_values,
            quoting=self._quoting,
            samples=self._context.limits.samples,
            codes=self._plugins.codes,
            wanted=self._wants,
            needs_sample=self._collector.wants,
            at_work=self._host.at_work,
        )
        scan = Scan(
            reading,
            self._roster.stations(),
            settings,
            self._collector,
            jobs=self._jobs(snapshot),
            host=self._host,
            limit=self._sampling.size if self._sampling else None,
            progress=lambda done, records: self._tell("scan", done, snapshot.bytes, records),
            stopped=self._stopped_early,
        )
        try:
            result = scan.run()
        finally:
            self._records = scan.result.records
        self._after_scan(result, reading, snapshot)
        for part in dict.fromkeys(family(code) for code in reading.codes):
            codes = [c for c in reading.codes if family(c) == part]
            seconds = result.seconds if part == reader.name else 0.0
            self._ledger.ran(part, codes, records=result.records, seconds=seconds)

    def _stopped_early(self) -> None:
        """The scan didn't get to the end of the data: from now on, codes that need all of it aren't reported."""
        self._partial = True

    def _after_scan(self, result: ScanResult, reading: Reading, snapshot: Snapshot) -> None:
        if result.fault is not None:
            self._say(result.fault)
        elif result.complete:
            self._sampling = None  # the source has no more records than were asked for
        if reading.columns is not None:
            self._metrics["columns"] = list(reading.columns)
        if isinstance(reading, FilteredReading):
            self._metrics["leftOut"] = reading.left_out
        self._snapshot = snapshot.with_digests(reading.digests())
        self._metrics.update({name: s.metrics for name, s in result.standings.items() if s.metrics})
        self._roster.take(result.standings)

    def _history(self) -> None:
        shape = shape_of(self._source)
        history = self._options.history
        reason = None
        if self._partial:
            reason = "only a part of the source was read"
        elif history.baseline(shape) is None:
            reason = "definition changed" if any(r.accepted for r in history.runs) else history.reason
        collected = self._collected()
        summary = Summary(
            records=self._records,
            errors=sum(f.count for f in collected.findings if f.severity is Severity.ERROR),
            records_with_errors=collected.records_with_errors(),
            columns=tuple(self._metrics.get("columns", ())),
            counts=counts_of(collected.findings),
            metrics=self._metrics,
            snapshot=self._snapshot.sha256 if self._snapshot else None,
            shape=shape,
        )
        self._roster.check_history(summary, history, reason)

    def _collected(self) -> Collected:
        """What was found so far, and the figures of it that its findings don't tell."""
        collected = self._collector.collected()
        if collected.suppressed:
            self._metrics["suppressed"] = dict(collected.suppressed)
        if surplus := collected.records_with(DUPLICATE):
            self._metrics["surplusDuplicates"] = surplus
        return collected

    def _judged(self, started: str, clock: float) -> Report:
        source, options, veil = self._source, self._options, self._acquirer.veil
        collected = self._collected()
        sample = self._sampling if self._partial else None
        judgement = judge(
            collected,
            self._records,
            err_perc=source.err_perc,
            dup_perc=source.dup_perc,
            crashed=self._ledger.crashes,
            sample=str(sample) if sample else None,
        )
        totals = {s: sum(f.count for f in judgement.findings if f.severity is s) for s in Severity}
        return Report(
            run=RunInfo(
                run_id=options.run_id or uuid.uuid4().hex, resource_id=source.resource_id, user_id=options.user_id,
                started=started, ended=_now(), seconds=round(time.perf_counter() - clock, 6),
            ),
            verdict=judgement.verdict,
            why=veil.over(judgement.why),
            source=SourceInfo(
                name=source.name, ingest_method=source.ingest_method, ingest_url=veil.over(source.shown_url),
                definition={
                    "sha256": source.origin.sha256, "file": source.origin.file,
                    "format": source.origin.format, "shape": shape_of(source),
                },
                sample=sample.to_dict() if sample else None,
                snapshot=veil.over(_snapshot_facts(self._snapshot, replayed=bool(options.replay))),
                info=source.info,
            ),
            counts=Counts(
                records=self._records, records_with_errors=collected.records_with_errors(),
                errors=totals[Severity.ERROR], warnings=totals[Severity.WARNING], infos=totals[Severity.INFO],
            ),
            findings=tuple(map(veil.finding, judgement.findings)),
            coverage=tuple(replace(line, reason=veil.over(line.reason)) for line in self._ledger.lines()),
            metrics=veil.over(self._metrics),
            engine={"version": __version__, "plugins": self._plugins.loaded()},
        )  # fmt: skip

    # -- what the parts report -----------------------------------------------------------------------------------

    def _say(self, said: Occurrence | Tally) -> None:
        """What an engine part says, filed under its code's family."""
        self._say_by(family(said.code), said)

    def _say_by(self, part: str, said: Occurrence | Tally) -> None:
        self._collector.add(part, said)

    def _tell(self, stage: Stage, done: int = 0, total: int | None = None, records: int = 0) -> None:
        if self._progress is not None:
            self._progress(
                Progress(
                    resource_id=self._source.resource_id,
                    stage=stage,
                    bytes=done,
                    total=total,
                    records=records,
                    errors=self._collector.errors,
                )
            )

    def _severity_of(self, code: Code, name: str | None) -> Severity | None:
        return None if self._partial and code.dataset else self._severity(code, name)

    def _wants(self, code: str, name: str | None) -> bool:
        if code not in self._plugins.codes:
            raise LookupError(f"it reports the code {code}, which no plugin documents")
        return self._severity_of(self._plugins.codes[code], name) is not None

    def _reported(self, codes: Iterable[Code]) -> list[str]:
        """Those that this run reports, for all or some fields."""
        by_field = self._source.severity
        return [c.id for c in codes if self._severity(c, None) is not None or isinstance(by_field.get(c.id), Mapping)]

    def _family(self, *families: str) -> list[str]:
        return self._reported(c for c in self._plugins.codes.values() if c.family in families)

    def _jobs(self, snapshot: Snapshot) -> int:
        if snapshot.bytes <= self._options.limits.chunk_bytes:
            return 1
        return self._options.jobs or min(8, os.cpu_count() or 1)


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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
