"""All chunks of a reading, in parallel; results merged in chunk order."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from potable.engine.checker import Fold, Late, Outcome
from potable.engine.contracts.host import ANY_PROCESS, Host
from potable.engine.contracts.reading import Cut, Reading
from potable.engine.errors import own_fault, told, told_of_checker
from potable.engine.findings import Fault, Location, Occurrence, Tally, clip
from potable.engine.handed import a_kind, each, place_of
from potable.engine.judging.collector import Collector, NotItsCode
from potable.engine.judging.coverage import NO_FIELD
from potable.engine.paths import canonical
from potable.engine.scan.copies import Copies
from potable.engine.scan.late import LateCheck, LateWorker
from potable.engine.scan.met import Met, all_met
from potable.engine.scan.metrics import let_in, measured
from potable.engine.scan.task import Task, Worked
from potable.engine.scan.threads import Threads
from potable.engine.scan.worker import Done, ScanSettings, Station, Worker

MOST_UNCHECKED = 100
"""Clauses of what a fold couldn't look at that are told; each has 500 characters at most."""


@dataclass(slots=True)
class Standing:
    """How a checker stands: for its coverage line.

    :param records: records that it covered.
    :param seconds: time it took by itself.
    :param crash: why it crashed, None when it didn't.
    :param unchecked: what it couldn't look at, sentences.
    :param untold: what it found that the report has no room for, sentences.
    :param busy: whether it had anything to evaluate.
    """

    records: int = 0
    seconds: float = 0.0
    crash: str | None = None
    unchecked: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    busy: bool = False
    metrics: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ScanResult:
    """What a scan came to.

    :param records: records read.
    :param bytes: bytes read.
    :param seconds: time that the chunks took to be parsed.
    :param standings: by checker.
    :param complete: False when the reading stopped before the end of the data (a limit or a fault).
    :param fault: what stopped it.
    :param lacking: fields that were asked for by name and that no record has, of a source without columns.
    :param met: see :class:`~potable.engine.scan.task.Worked`; :param every: whether all fields were looked for, of a
        source without columns; :param asked: by checker, those that it asked for by name.
    """

    records: int = 0
    bytes: int = 0
    seconds: float = 0.0
    standings: dict[str, Standing] = field(default_factory=dict)
    complete: bool = True
    fault: Occurrence | None = None
    lacking: Sequence[str] = ()
    met: Met = field(default_factory=dict)
    every: bool = False
    asked: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Ended:
    """What the folds of a station came to, in seconds of work; or why it crashed."""

    outcomes: Sequence[Outcome] = ()
    seconds: float = 0.0
    crash: str | None = None


class Scan:
    """One scan of a reading.

    :param stations: what each checker does.
    :param jobs: chunks worked on at a time: by copies of the process, where they get further and ``host`` lets it be
        copied, else by threads.
    :param limit: most records to read, None for all.
    :param progress: called after each chunk with bytes and records read so far.
    :param again: the same of the late pass: called with the bytes read again so far.
    :param say: takes what the reader says.
    :param stopped: called before the folds finish, where the end of the data wasn't reached.
    """

    def __init__(
        self,
        reading: Reading,
        stations: Sequence[Station],
        settings: ScanSettings,
        collector: Collector,
        *,
        jobs: int = 1,
        host: Host = ANY_PROCESS,
        limit: int | None = None,
        progress: Callable[[int, int], None] | None = None,
        again: Callable[[int], None] | None = None,
        stopped: Callable[[], None] = lambda: None,
        say: Callable[[Tally], None] | None = None,
    ) -> None:
        self._reading = reading
        self._stations = list(stations)
        self._settings = settings
        self._collector = collector
        self._jobs = jobs
        self._host = host
        self._limit = limit
        self._progress = progress
        self._again = again
        self._stopped = stopped
        self._of_form = say or (lambda tally: collector.add(family(tally.code), tally))
        self._first: Task | None = None
        self._found: set[str] = set()
        self._last = 0
        self._files: dict[str, int] = {}
        self._states: dict[str | int, list[Any]] = {}
        self.result = ScanResult(standings={s.checker: Standing() for s in self._stations})

    def run(self) -> ScanResult:
        """Scan, finish the folds, and make the late pass where one is asked for."""
        worker = Worker(self._stations, self._settings)
        try:
            for worked in self._work(worker):
                self._merge(worker, worked)
                if worked.fault is not None:
                    raise Fault(worked.fault)
        except Fault as fault:
            self.result.fault = fault.occurrence
            self.result.complete = False
        if not self.result.complete:
            self._stopped()
        elif self._first is not None and self.result.records:
            self.result.every, self.result.asked = self._first.every, {s.checker: s.named for s in self._stations}
            self._tell_lacking(self._first.asked)
        for tally in each(self._reading.tallies(), Tally, "tallies", self._reading.tallies):
            self._form(tally, self._reading.tallies)
        late = [LateCheck.of(s.checker, late) for s, late in self._finish([(s.checker, s) for s in self._stations])]
        if late:
            self._states.clear()
            self._late(late)
        return self.result

    def _limited(self, cuts: Iterator[Cut]) -> Iterator[Cut]:
        limit, last = self._limit, 0
        try:
            for cut in cuts:
                if limit is None or cut.first_record <= limit:
                    yield cut
                last = cut.first_record + cut.records - 1
                if limit is not None and last > limit:
                    self.result.complete = False
                    return
        except Fault:
            if limit is None or last < limit:
                raise
            self.result.complete = False  # it's behind all that is wanted

    def _work(self, worker: Worker) -> Iterator[Worked]:
        """What came of all cuts, in order."""
        if self._limit is not None:
            self._reading.bound(self._limit)
        task = self._first = Task(
            self._reading, worker, self._settings.key_fields, limit=self._limit, sought=self._settings.sought
        )
        crew: Copies | Threads = Threads(self._jobs, task)
        if self._jobs > 1 and self._reading.holds_lock and self._host.may_fork:
            with contextlib.suppress(OSError):  # the system lets us have none: threads do it, too
                crew = Copies(self._jobs, task, worker, self._host)
        return crew.work(self._limited(each(self._reading.cuts(), Cut, "cuts", self._reading.cuts)))

    def _tell_lacking(self, asked: frozenset[str]) -> None:
        lacking = self.result.lacking = sorted(asked - self._found)
        if lacking:
            self._reading.lacked({name: self._collector.has_error(name) for name in lacking}, self._found)

    def _merge(self, worker: Worker, worked: Worked) -> None:
        self.result.records += worked.records
        self._last = max(self._last, worked.last)
        self._note_file(worked)
        self.result.bytes += worked.bytes
        self._found |= worked.found
        self.result.met = all_met(self.result.met, worked.met)
        if worked.lesson is not None:
            self._reading.learn(worked.lesson)
        self.result.seconds += worked.seconds
        for tally in worked.tallies:
            self._form(tally, self._reading.parser)
        for station in self._stations:
            standing = self.result.standings[station.checker]
            for number, done in enumerate(worked.done):
                part = done.get(station.checker)
                # None: it crashed on another chunk, whose turn to be merged may still come.
                if standing.crash is None and part is not None:
                    self._merge_part(worker, station, part, worked.file if worked.index == number == 0 else None)
            if standing.crash is None and worked.done and station.checker in worked.done[-1]:
                standing.records += worked.records
        if self._progress is not None:
            self._progress(self.result.bytes, self.result.records)

    def _note_file(self, worked: Worked) -> None:
        """Raises ValueError where two parts have one name: nobody could tell in which of them something is."""
        if self._files.setdefault(worked.file, worked.part) != worked.part:
            raise ValueError(
                f"parse gave chunks of two parts of the source as of one file, {worked.file!r}: the file of a chunk is "
                f"the name of its part{place_of(self._reading.parser)}"
            )

    def _merge_part(self, worker: Worker, station: Station, part: Done, file: str | None) -> None:
        """Take over what came of a chunk; ``file``: of the source's first chunk, None for the others."""
        standing = self.result.standings[station.checker]
        standing.seconds += part.seconds
        standing.crash = (
            part.crash
            or self._merge_states(station.checker, station, part.states)
            or self._say(station.checker, part.tallies, quoted=True)
        )
        if standing.crash is not None:
            worker.drop(station.checker)
            return
        standing.busy = standing.busy or bool(part.rules or station.folds or station.documents)
        if file is not None:
            self._note_unchecked(station, standing, part, file)

    def _say(
        self, checker: str, found: Iterable[Occurrence | Tally], *, quoted: bool = False, place: str = ""
    ) -> str | None:
        """Collect what a checker found; returns why it crashed, if it reports what it doesn't document, or what is no
        finding.

        :param place: where in the checker's own code it was found.
        """
        for said in found:
            try:
                self._collector.add(checker, said, quoted=quoted)
            except NotItsCode as e:
                return f"{e}{place}"
            except (TypeError, ValueError, OverflowError) as e:  # records that are no numbers
                return f"its finding {said.code} can't be counted: {told(e)}{place}"
        return None

    def _merge_states(self, key: str | int, station: Station, states: Sequence[Any]) -> str | None:
        try:
            old = self._states.get(key)
            if old is None:
                self._states[key] = list(states)
            else:
                with self._settings.at_work(station.checker):
                    merged = [_merged(f, a, b) for f, a, b in zip(station.folds, old, states, strict=True)]
                self._states[key] = merged
        except BaseException as e:
            if not own_fault(e):
                raise
            return told_of_checker(e)
        return None

    def _note_unchecked(self, station: Station, standing: Standing, part: Done, file: str) -> None:
        for number, path in part.unchecked:
            rule = station.rules[number]
            standing.unchecked.append(f"{rule.code}: {NO_FIELD} {path}")
            if rule.on_missing_field == "report":
                message = f"there is no field {path} in the source"
                fields = tuple(map(canonical, rule.fields))
                place = Location(file=file)
                said = Occurrence(rule.code, message, path, rule=rule.id, fields=fields, hint=rule.hint, location=place)
                standing.crash = self._say(station.checker, [said])
        told = {path for _, path in part.unchecked}
        lacking = [path for path in part.lacking if path not in told]
        told.update(lacking)
        standing.unchecked += (f"{NO_FIELD} {p}" for p in lacking if not p.endswith("[*]") or p[:-3] not in told)

    def _finish(self, stations: Sequence[tuple[str | int, Station]]) -> Iterator[tuple[Station, Late]]:
        """Finish the folds of the stations, each with the key of its states; yields what they still ask for."""
        left = [(k, s) for k, s in stations if s.folds and self.result.standings[s.checker].crash is None]
        for (_, station), ended in zip(left, self._outcomes(left), strict=True):
            standing = self.result.standings[station.checker]
            standing.seconds += ended.seconds
            standing.crash = standing.crash or ended.crash
            for fold, outcome in zip(station.folds, ended.outcomes, strict=False):
                late = self._take(station.checker, standing, outcome, place_of(fold.finish))
                if late is not None:
                    yield station, late

    def _outcomes(self, stations: Sequence[tuple[str | int, Station]]) -> Iterable[_Ended]:
        """What the stations' folds came to, in their order: worked out side by side."""
        if self._jobs <= 1 or len(stations) <= 1:
            return [self._ended(key, station) for key, station in stations]
        with ThreadPoolExecutor(self._jobs, thread_name_prefix="potable-scan") as pool:
            return list(pool.map(lambda s: self._ended(*s), stations))

    def _ended(self, key: str | int, station: Station) -> _Ended:
        start = time.perf_counter()
        try:
            with self._settings.at_work(station.checker):
                states = self._states.get(key) or [fold.start() for fold in station.folds]
                outcomes = [_outcome(fold, state) for fold, state in zip(station.folds, states, strict=True)]
        except BaseException as e:
            if not own_fault(e):
                raise
            return _Ended(crash=told_of_checker(e))
        return _Ended(outcomes, time.perf_counter() - start)

    def _take(self, checker: str, standing: Standing, outcome: Outcome, place: str) -> Late | None:
        beyond = self._beyond(outcome.findings)
        if beyond is not None:
            standing.crash = standing.crash or f"{beyond}{place}"
            return None
        standing.crash = standing.crash or self._say(checker, outcome.findings, place=place)
        kept, untold = let_in(standing.metrics, outcome.metrics, self._settings.metrics_bytes)
        standing.metrics.update(kept)
        standing.untold += untold
        standing.unchecked += [clip(said, 500) for said in outcome.unchecked[:MOST_UNCHECKED]]
        if (more := len(outcome.unchecked) - MOST_UNCHECKED) > 0:
            standing.unchecked.append(f"and {more:,} more")
        return outcome.late

    def _form(self, tally: Tally, function: object) -> None:
        """Take a fault of form. Raises ValueError where a plugin's reader tells of a record that there isn't."""
        own = type(self._reading).__module__.startswith("potable.engine.")  # some tell of the record that broke off
        if not own and (beyond := self._beyond([tally])) is not None:
            raise ValueError(f"{beyond}{place_of(function)}")
        self._of_form(tally)

    def _beyond(self, found: Iterable[Occurrence | Tally]) -> str | None:
        """What is wrong with findings at records that there aren't, a clause."""
        for said in found:
            numbers = _ends(said)
            if numbers and (odd := min(numbers)) < 1:
                return f"its finding {said.code} is at record {odd}: records are counted from 1"
            if numbers and (odd := max(numbers)) > self._last:
                return f"its finding {said.code} is at record {odd:,}, and the last one is {self._last:,}"
        return None

    def _late(self, checks: Sequence[LateCheck]) -> None:
        """The second pass over a few fields and records, for all that asked for one."""
        worker, read = LateWorker(checks, self._settings), 0
        try:
            task = Task(
                self._reading, worker, self._settings.key_fields,
                records=worker.records, limit=self._limit, first=self._first,
            )  # fmt: skip
            again = each(self._reading.again(worker.records), Cut, "again", self._reading.again)
            for worked in Threads(self._jobs, task).work(again):
                for done in worked.done:
                    for number, part in done.items():
                        self._merge_late(worker, number, part)
                read += worked.bytes
                if self._again is not None:
                    self._again(read)
                if worked.fault is not None:  # the first pass didn't get further either
                    break
        except Fault as fault:
            self.result.fault = self.result.fault or fault.occurrence
            return
        for station, _ in self._finish([(number, check.station) for number, check in enumerate(checks)]):
            self.result.standings[station.checker].crash = "a fold of the late pass asked for a third one"

    def _merge_late(self, worker: LateWorker, number: int, part: Done) -> None:
        station = worker.stations[number]
        standing = self.result.standings[station.checker]
        if standing.crash is not None:
            return
        standing.seconds += part.seconds
        standing.crash = (
            part.crash
            or self._merge_states(number, station, part.states)
            or self._say(station.checker, part.tallies, quoted=True)
        )
        if standing.crash is not None:
            for other, late in enumerate(worker.stations):
                if late.checker == station.checker:
                    worker.drop(other)


def _ends(said: Occurrence | Tally) -> list[int]:
    """Numbers of records that a finding is at, the least and the greatest among them."""
    samples = said.samples if isinstance(said, Tally) else (said,)
    shown = [sample.location.record for sample in samples if sample.location.record is not None]
    if isinstance(said, Occurrence) or not len(said.records):
        return shown
    records = np.asarray(said.records)
    return [*shown, int(records.min()), int(records.max())]


def _merged(fold: Fold[Any], left: Any, right: Any) -> Any:
    """The state of both. Raises TypeError where it's lost."""
    both = fold.merge(left, right)
    if both is None and left is not None:
        raise TypeError(f"merge of the fold {fold.name} gave None: return the state{place_of(fold.merge)}")
    return both


def _outcome(fold: Fold[Any], state: Any) -> Outcome:
    """What a fold came to. Raises TypeError for anything else, and for metrics that no report can hold."""
    made: object = fold.finish(state)
    if not isinstance(made, Outcome):
        said = f"finish of the fold {fold.name} gave {a_kind(made)}: return an Outcome"
        raise TypeError(said + place_of(fold.finish))
    return replace(made, metrics=measured(made.metrics, "finish", fold.finish))


def family(code: str) -> str:
    """The part of a code before the slash."""
    return code.partition("/")[0]
