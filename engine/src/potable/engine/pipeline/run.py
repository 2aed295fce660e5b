"""One run, from a definition to its report: pure but for the source's bytes, and synchronous.

definition -> fetch -> snapshot -> chunks -> rules and folds -> late pass -> history -> verdict -> report
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from potable.engine.checker import Checker, Fold
from potable.engine.contracts.events import Progress, Stage
from potable.engine.contracts.history import History
from potable.engine.contracts.host import ANY_PROCESS, Host
from potable.engine.contracts.reading import ReadContext, Reader, Reading
from potable.engine.contracts.report import Report
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.definition.model import SourceDefinition
from potable.engine.errors import UsageError, own_fault, told_of_plugin
from potable.engine.fetching.context import FetchSession
from potable.engine.findings import Fault, Occurrence
from potable.engine.handed import a_kind, place_of
from potable.engine.judging.collector import NotItsCode
from potable.engine.judging.coverage import NOT_IN_REPORT, Ledger
from potable.engine.judging.explaining import SPARE
from potable.engine.judging.sampling import check_size, sampling
from potable.engine.judging.summary import shape_of
from potable.engine.limits import Limits
from potable.engine.lint import lint_source
from potable.engine.options import RunOptions
from potable.engine.pipeline.acquiring import Acquirer, Handed, Otherwise
from potable.engine.pipeline.concluding import Conclusion, Course
from potable.engine.pipeline.filing import Filing
from potable.engine.pipeline.inputs import Inputs
from potable.engine.pipeline.roster import Roster
from potable.engine.pipeline.unfound import Sighted, in_no_record, no_columns, sought
from potable.engine.plugins import Plugins
from potable.engine.reading.conditions import conditions_of
from potable.engine.scan.loop import Scan, ScanResult, family
from potable.engine.scan.metrics import let_in, measured
from potable.engine.scan.worker import ScanSettings

S = TypeVar("S")


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
        try:
            return _Run(source, plugins, options, scratch, progress, host).report()
        except Otherwise as told:
            return _Run(told.source, plugins, options, scratch, progress, host, told.handed).report()


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
        handed: Handed | None = None,
    ) -> None:
        self._host = host
        self._source = source
        self._plugins = plugins
        self._options = options
        self._progress = progress
        self._linted: list[Occurrence] = []
        self._filing = Filing(source, plugins.codes, options)
        self._ledger = Ledger()
        self._course = course = Course(sampling(source, options.limit_records))
        self._acquirer = Acquirer(
            source,
            plugins,
            options,
            scratch,
            self._ledger,
            say=self._filing.say,
            say_of=self._filing.say_of,
            codes_of=self._filing.of_family,
            progress=lambda done, total: self._tell("fetch", done, total),
            wanted=course.sampling.size if course.sampling and "filterValue" not in source.parameters else None,
            handed=handed,
        )
        self._conclusion = Conclusion(source, plugins, options, course, self._filing, self._ledger, self._acquirer.veil)
        inputs = Inputs(options.inputs, partial(self._input, scratch), plugins)
        # Another finding may explain some of the samples: more are asked for than are shown.
        lent = replace(options.limits, samples=options.limits.samples * SPARE)
        self._context = _Context(lent, scratch, self._acquirer.session, plugins.checkers, self._filing.say, inputs)
        self._roster = Roster(
            source,
            self._context,
            self._ledger,
            self._filing.say_by,
            self._filing.reported,
            at_work=host.at_work,
            crashed=options.crashed,
        )

    def report(self) -> Report:
        with self._acquirer:
            self._stages()
        self._tell("finish")
        return self._conclusion.report()

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
        if not self._filing.stopped:
            self._tell("fetch")
            self._course.snapshot = self._acquirer.acquire()
        if self._course.snapshot is not None:
            self._after_fetch(self._course.snapshot)
        stopped = self._course.snapshot is None or self._filing.stopped
        self._roster.finish(records=self._course.records, stopped=stopped, partial=self._filing.partial)

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
            self._filing.say(said)
            if said.code == "definition/checker-crashed" and "checker" in said.details:
                self._ledger.crashed(said.details["checker"], said.message)
        self._ledger.ran("definition", self._filing.of_family("definition"), seconds=time.perf_counter() - start)

    def _after_fetch(self, snapshot: Snapshot) -> None:
        self._acquirer.check(snapshot)
        self._roster.check_access(snapshot)
        if not self._filing.stopped:
            self._roster.check_files(snapshot)
            self._read(snapshot)
        try:
            self._course.snapshot = self._acquirer.hashed(self._course.snapshot or snapshot)
        except Fault as fault:
            self._filing.say(fault.occurrence)
            return
        if not self._filing.stopped:
            self._history()
        if (unkept := self._acquirer.keep(self._course.snapshot)) is not None:
            self._course.metrics["snapshot"] = unkept

    def _read(self, snapshot: Snapshot) -> None:
        wanted = self._source.format
        reader = next((r for r in self._plugins.readers.values() if wanted in r.formats), None)
        if reader is None:
            self._ledger.skipped("reading", f"no plugin reads the format {wanted or '(none given)'!r}")
            return
        start = time.perf_counter()
        try:
            try:
                conditions = conditions_of(self._source)
                reading = _as_it_came(_opened(reader(), self._source, snapshot, self._context), snapshot)
                if conditions:
                    from potable.engine.reading.filtered import FilteredReading  # heavy: few sources are filtered

                    reading = FilteredReading(reading, conditions, self._source)
                try:
                    self._scan(reader, reading, snapshot)
                finally:
                    reading.close()
            except Fault as fault:
                if fault.occurrence not in self._linted:  # a parameter that the reader can't use, told before
                    self._filing.say_of(fault.occurrence, reader.open, reader)
                self._ledger.ran(reader.name, self._filing.reported(reader.codes), seconds=time.perf_counter() - start)
        except UsageError:  # the operator's fault, as a package that isn't installed: there's no run
            raise
        except BaseException as e:
            if not own_fault(e):
                raise
            # Checkers are guarded one by one: what is left is the reader's fault.
            told = str(e) if isinstance(e, NotItsCode) else told_of_plugin(e, reader)
            self._ledger.crashed(
                reader.name, told, self._filing.reported(reader.codes),
                records=self._course.records,
            )  # fmt: skip

    def _scan(self, reader: type[Reader], reading: Reading, snapshot: Snapshot) -> None:
        settings = ScanSettings(
            key_fields=self._source.primary_key,
            key_delimiter=self._source.key_delimiter,
            missing_values=self._source.missing_values,
            quoting=self._filing.quoting,
            samples=self._context.limits.samples,
            codes=self._plugins.codes,
            wanted=self._filing.wants,
            needs_sample=self._filing.collector.wants,
            at_work=self._host.at_work,
            metrics_bytes=self._options.limits.metrics_bytes,
            sought=sought(self._source, self._plugins.checkers),
        )
        scan = Scan(
            reading,
            self._roster.stations(),
            settings,
            self._filing.collector,
            jobs=self._jobs(snapshot),
            host=self._host,
            limit=self._course.sampling.size if self._course.sampling else None,
            progress=lambda done, records: self._tell("scan", done, snapshot.bytes, records),
            again=lambda done: self._tell("late", done, None, scan.result.records),
            stopped=self._stopped_early,
            say=lambda said: self._filing.say_of(said, reader.open, reader),
        )
        try:
            result = scan.run()
        finally:
            self._course.records = scan.result.records
        untold = self._after_scan(result, reader, reading, snapshot)
        for part in dict.fromkeys([*(family(code) for code in reading.codes), *[reader.name] * bool(untold)]):
            codes = [c for c in reading.codes if family(c) == part]
            seconds, reason = (result.seconds, untold) if part == reader.name else (0.0, "")
            self._ledger.ran(part, codes, records=result.records, seconds=seconds, reason=reason)

    def _stopped_early(self) -> None:
        """The scan didn't get to the end of the data: from now on, codes that need all of it aren't reported."""
        self._filing.partial = True

    def _after_scan(self, result: ScanResult, reader: type[Reader], reading: Reading, snapshot: Snapshot) -> str:
        """Take over what the scan came to; what of it the report has no room for, a clause, or ""."""
        if result.fault is not None:
            self._filing.say_of(result.fault, reader.open, reader)
        elif result.complete:
            self._course.sampling = None  # the source has no more records than were asked for
        if reading.columns is not None:
            self._course.metrics["columns"] = list(reading.columns)
        metrics = measured(reading.metrics(), "metrics", reading.metrics)
        kept, untold = let_in({}, metrics, self._options.limits.metrics_bytes)
        self._course.metrics.update(kept)
        self._tell_unfound(result, reading)
        digests = reading.digests()
        if not isinstance(digests, Mapping):
            raise TypeError(
                f"digests gave {a_kind(digests)}: give a mapping from names to hashes{place_of(reading.digests)}"
            )
        self._course.snapshot = snapshot.with_digests(digests)
        self._course.metrics.update({name: s.metrics for name, s in result.standings.items() if s.metrics})
        self._roster.take(result.standings)
        return "; ".join(f"{NOT_IN_REPORT}{said}" for said in untold)

    def _tell_unfound(self, result: ScanResult, reading: Reading) -> None:
        """What the definition says of fields that the data don't have."""
        checkers = self._plugins.checkers
        if not result.records or (reading.columns is None and not result.complete):
            return
        if reading.columns is not None:
            said = no_columns(self._source, checkers, reading.columns, result.met if reading.nested else None)
        else:
            collector = self._filing.collector
            every = result.every and not any(collector.stands(c) for c in reading.codes if c.endswith("/many-fields"))
            seen = Sighted(result.met, every, result.asked, collector.told_by)
            said = in_no_record(self._source, checkers, seen)
        for occurrence in said:
            self._filing.say(occurrence)

    def _history(self) -> None:
        history = self._options.history
        reason = None
        if self._filing.partial:
            reason = "only a part of the source was read"
        elif history.baseline(shape_of(self._source)) is None:
            reason = "definition changed" if any(r.accepted for r in history.runs) else history.reason
        self._roster.check_history(self._conclusion.summary(), history, reason)

    def _tell(self, stage: Stage, done: int = 0, total: int | None = None, records: int = 0) -> None:
        if self._progress is not None:
            self._progress(
                Progress(
                    resource_id=self._source.resource_id,
                    stage=stage,
                    bytes=done,
                    total=total,
                    records=records,
                    errors=self._filing.errors,
                )
            )

    def _jobs(self, snapshot: Snapshot) -> int:
        if snapshot.bytes <= self._options.limits.chunk_bytes:
            return 1
        return self._options.jobs or min(8, os.cpu_count() or 1)


def _as_it_came(reading: Reading, snapshot: Snapshot) -> Reading:
    """The reading with places as in the files that came, where texts were put into them."""
    if all(part.insertions is None for part in snapshot.parts):
        return reading
    from potable.engine.fetching.details.mapped import as_it_came  # heavy: few sources have details merged in

    return as_it_came(reading, snapshot)


def _opened(reader: Reader, source: SourceDefinition, snapshot: Snapshot, context: ReadContext) -> Reading:
    """What a reader gives. Raises TypeError for what is no reading."""
    given: object = reader.open(source, snapshot, context)
    if not isinstance(given, Reading):
        raise TypeError(f"open gave {a_kind(given)} where a Reading belongs{place_of(reader.open)}")
    lacking = [name for name in ("columns", "codes") if not hasattr(given, name)]
    if lacking:
        raise TypeError(f"open gave a {type(given).__name__} that has no {lacking[0]}{place_of(reader.open)}")
    return given
