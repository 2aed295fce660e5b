"""One chunk through all checkers: rules, record checks and folds. Safe to run in several threads at once."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from potable.engine.checker import EACH_FIELD, DocumentCheck, Fold, Rule
from potable.engine.contracts.events import AtWork, unnoted
from potable.engine.contracts.reading import KIND_SUFFIX, Chunk
from potable.engine.errors import told_of_checker
from potable.engine.findings import Code, Location, Occurrence, Sample, Tally
from potable.engine.handed import a_kind, each, place_of, whole_number
from potable.engine.judging.collector import NotItsCode, undocumented
from potable.engine.limits import Limits
from potable.engine.paths import canonical
from potable.engine.quoting import Quoting, fill, told_value
from potable.engine.scan.program import Hit, NotRecordWise, Program, RuleFailed

if TYPE_CHECKING:
    import polars as pl

NOUNS = {"absent": "nothing", "null": "null", "object": "an object", "array": "an array", "many": "several values"}
"""Kinds of what is no single value, in words."""

NO_TEXTS = ("number", "boolean")
"""Kinds of values that no quotes belong around in a message: the number 1 isn't the text "1"."""


@dataclass(frozen=True, slots=True)
class Station:
    """What one checker does with a chunk.

    :param checker: its name.
    """

    checker: str
    rules: tuple[Rule, ...] = ()
    folds: tuple[Fold[Any], ...] = ()
    documents: tuple[DocumentCheck, ...] = ()

    @property
    def named(self) -> frozenset[str]:
        """Canonical paths of the fields that it asks for by name."""
        return frozenset(canonical(f) for r in self.rules for f in r.fields if f != EACH_FIELD) | _named(self.folds)


@dataclass(slots=True)
class Done:
    """What came of one checker's work on one chunk.

    :param states: a state per fold.
    :param unchecked: numbers of the rules (from 0, among the station's) whose field the chunk doesn't have, and that.
    :param lacking: fields of folds that the table doesn't have, in the source's first chunk.
    :param record: number of the record that a check of parsed records is at.
    :param crash: why it crashed, None when it didn't.
    """

    tallies: list[Tally] = field(default_factory=list)
    states: list[Any] = field(default_factory=list)
    unchecked: list[tuple[int, str]] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    record: int | None = None
    rules: int = 0
    seconds: float = 0.0
    crash: str | None = None


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """What all chunks of a scan share.

    :param key_fields: canonical paths of the primary key.
    :param key_delimiter: joins its values.
    :param missing_values: texts that count as missing.
    :param quoting: which values may be shown.
    :param samples: most samples of a finding that a chunk gives.
    :param codes: all documented codes, by id.
    :param wanted: whether (code, field) is reported at all.
    :param metrics_bytes: most bytes of a checker's metrics.
    :param needs_sample: how many samples (code, field, rule) still wants.
    :param at_work: notes which checker is at work.
    :param sought: fields that the definition names anywhere: whether they're there is to be told.
    """

    key_fields: tuple[str, ...]
    key_delimiter: str
    missing_values: tuple[str, ...]
    quoting: Quoting
    samples: int
    codes: Mapping[str, Code]
    wanted: Callable[[str, str | None], bool]
    needs_sample: Callable[[str, str | None, str | None], int]
    at_work: AtWork = unnoted
    metrics_bytes: int = Limits().metrics_bytes
    sought: frozenset[str] = frozenset()


class Worker:
    """Takes chunks through the stations, in any thread and order.

    :ivar stations: what each checker does.
    """

    def __init__(self, stations: Sequence[Station], settings: ScanSettings) -> None:
        self.stations = stations
        self._settings = settings
        self._programs: dict[Any, Program] = {}
        self._lock = threading.Lock()
        self._dropped: set[str] = set()
        self._given: Counter[tuple[str, str | None, str | None]] | None = None

    def part(self) -> None:
        """From now on what others do isn't seen here: count what samples are given, and drop who crashes.

        Those that are given are the first of what this worker sees, and of all that is seen no others can be.
        """
        given = self._given = Counter()
        most = self._settings.needs_sample
        self._settings = replace(self._settings, needs_sample=lambda *which: max(0, most(*which) - given[which]))

    def drop(self, checker: str) -> None:
        """Leave a crashed checker out of the chunks to come."""
        self._dropped.add(checker)

    def work(self, chunk: Chunk) -> dict[str, Done]:
        """Run all checkers over one chunk; never raises for a checker's fault."""
        done = {s.checker: self._at(s, chunk) for s in self.stations if s.checker not in self._dropped}
        if self._given is not None:
            for checker, part in done.items():
                if part.crash is not None:
                    self.drop(checker)
                for tally in part.tallies:
                    self._given[tally.code, tally.field, tally.rule] += len(tally.samples)
        return done

    def _at(self, station: Station, chunk: Chunk) -> Done:
        done = Done()
        start = time.perf_counter()
        try:
            with self._settings.at_work(station.checker):
                if station.rules:
                    self._rules(station, chunk, done)
                if station.documents:
                    done.tallies += list(self._documents(station.documents, chunk, done))
                    done.record = None
                done.states = [_updated(fold, chunk) for fold in station.folds]
                if chunk.index == 0 and chunk.columns is not None:
                    done.lacking = sorted(_named(station.folds).difference(chunk.columns))
        except (NotRecordWise, RuleFailed, NotItsCode) as e:
            done.crash = str(e)
        except Exception as e:  # noqa: BLE001 - any fault of a checker is its own, the others go on
            done.crash = (
                told_of_checker(e) if done.record is None else f"{told_of_checker(e)} at record {done.record:,}"
            )
        except BaseException as e:
            # Polars' panics and a checker's sys.exit() don't derive from Exception; only a Ctrl-C goes on.
            if isinstance(e, KeyboardInterrupt | GeneratorExit):
                raise
            done.crash = told_of_checker(e)
        done.seconds = time.perf_counter() - start
        return done

    def _rules(self, station: Station, chunk: Chunk, done: Done) -> None:
        program = self._program(station, chunk)
        if program.unchecked:
            numbers = {id(rule): n for n, rule in enumerate(station.rules)}
            done.unchecked = [(numbers[id(rule)], name) for rule, name in program.unchecked]
        done.rules = len(program)
        if not len(program):
            return
        hits = list(program.hits(chunk.frame, prove=chunk.index == 0))
        shown = {id(h): self._shown_rows(h) for h in hits}
        places = {} if chunk.placed else locate(chunk, (row for rows in shown.values() for row in rows))
        for hit in hits:
            done.tallies.append(self._tally(hit, shown[id(hit)], chunk, places))

    def _program(self, station: Station, chunk: Chunk) -> Program:
        schema = chunk.frame.schema
        key = (station.checker, chunk.columns, tuple(schema.items()))
        program = self._programs.get(key)
        if program is None:
            with self._lock:
                program = self._programs.get(key)
                if program is None:
                    settings = self._settings
                    program = self._programs[key] = Program(
                        station.rules,
                        schema,
                        chunk.columns,
                        typed=chunk.typed,
                        missing_values=settings.missing_values,
                        wanted=settings.wanted,
                    )
        return program

    def _shown_rows(self, hit: Hit) -> list[int]:
        return [int(r) for r in hit.rows[: self._room(hit.bound.rule.code, hit.bound.field, hit.bound.rule.id)]]

    def _room(self, code: str, name: str | None, rule: str | None) -> int:
        """How many samples are to be made; what others have found meanwhile, the collector leaves out."""
        return min(self._settings.samples, self._settings.needs_sample(code, name, rule))

    def _tally(self, hit: Hit, shown: Sequence[int], chunk: Chunk, places: Mapping[int, Location]) -> Tally:
        rule, paths = hit.bound.rule, hit.bound.paths
        samples = []
        for n, row in enumerate(shown):
            values: dict[str, str | None] = {"field": hit.bound.field}
            nouns: dict[str, str] = {}
            bare: set[str] = set()
            for path in paths:
                text = _cell(chunk.frame, row, path.canonical)
                if hit.values is not None and path is paths[0]:
                    text = hit.values[n]
                quoted = self._settings.quoting.quote(path.canonical, text)
                told = told_value(text, quoted)
                noun = "" if text is not None else _noun(chunk.frame, row, path.canonical)
                values.setdefault(path.name, told)
                nouns.setdefault(path.name, noun)
                names = [path.name]
                if path is paths[0]:
                    first, value = text, quoted
                    values["value"], nouns["value"] = told, noun
                    names.append("value")
                kind = _kinds(chunk.frame, row, path.canonical)
                if told is not None and isinstance(kind, str) and kind in NO_TEXTS:
                    bare.update(names)
            message = fill(rule.message, values, nouns, bare)
            place = places[row] if row in places else chunk.locate_field(row, hit.bound.field, first)
            samples.append(Sample(message=message, value=value, key=self._key(chunk, row), location=place))
        return Tally(
            code=rule.code, field=hit.bound.field, fields=tuple(p.canonical for p in paths), rule=rule.id,
            count=len(hit.rows), samples=tuple(samples), records=chunk.numbers[hit.rows],
            hint=rule.hint, details=rule.details,
        )  # fmt: skip

    def _key(self, chunk: Chunk, row: int) -> str | None:
        return record_key(chunk.frame, row, self._settings)

    def _documents(self, checks: Iterable[DocumentCheck], chunk: Chunk, done: Done) -> Iterable[Tally]:
        shown: Counter[tuple[str, str | None, str | None]] = Counter()
        counted: defaultdict[Any, list[int]] = defaultdict(list)  # records of those that no sample is wanted of
        for check, row, document in _suspects(tuple(checks), chunk):
            done.record = int(chunk.numbers[row])
            for said in each(check.check(document), Occurrence, "a check of records", check.check):
                if said.code not in self._settings.codes:
                    raise NotItsCode(undocumented(said.code, self._settings.codes) + place_of(check.check))
                which = (said.code, said.field, said.rule)
                shown[which] += 1
                if shown[which] > self._room(*which):
                    seen = counted[*which, said.fields, said.hint, said.severity]
                    if said.details or (seen and seen[-1] >= done.record):
                        yield replace(Tally.of(said), samples=(), records=(done.record,))
                    else:
                        seen.append(done.record)
                    continue
                at = said.location
                place = locate(chunk, [row])[row] if at.path is None else chunk.locate_path(row, at.path)
                key = said.key if said.key is not None else self._key(chunk, row)
                tally = Tally.of(replace(said, location=place, key=key))
                yield self._quoted(tally)
        for (code, name, rule, fields, hint, severity), seen in counted.items():
            if seen:
                yield Tally(
                    code=code, field=name, fields=fields, rule=rule, count=len(seen),
                    records=np.array(seen, np.uint64), hint=hint, severity=severity,
                )  # fmt: skip

    def _quoted(self, tally: Tally) -> Tally:
        settings = self._settings
        code = settings.codes.get(tally.code)
        if code is None:  # the collector will say so
            return tally
        fields = tally.fields or ((tally.field,) if tally.field else ())
        samples = (settings.quoting.sample(s, code, fields, settings.key_fields) for s in tally.samples)
        return replace(tally, samples=tuple(samples))


def _updated(fold: Fold[Any], chunk: Chunk) -> Any:
    """A fold's state after a chunk. Raises TypeError where it has lost it."""
    state = fold.start()
    after = fold.update(state, chunk)
    if after is None and state is not None:
        raise TypeError(f"update of the fold {fold.name} gave None: return the state{place_of(fold.update)}")
    return after


def _named(folds: Sequence[Fold[Any]]) -> set[str]:
    """The fields that folds ask for by name."""
    return {path if path == EACH_FIELD else canonical(path) for fold in folds for path in fold.fields} - {EACH_FIELD}


def _suspects(checks: Sequence[DocumentCheck], chunk: Chunk) -> Iterator[tuple[DocumentCheck, int, Any]]:
    """Each check with the records that don't pass its quick test."""
    slow: list[DocumentCheck] = []
    for check in checks:
        rows = check.suspects(chunk) if check.suspects is not None else None
        if rows is None:
            slow.append(check)
        else:
            yield from ((check, row, chunk.document(row)) for row in _rows(rows, check, len(chunk.numbers)))
    if len(slow) == 1 and (passes := slow[0].passes) is not None:
        only = slow[0]
        yield from ((only, row, document) for row, document in chunk.documents() if not passes(document))
    elif slow:
        for row, document in chunk.documents():
            for check in slow:
                if check.passes is None or not check.passes(document):
                    yield check, row, document


def _rows(given: Any, check: DocumentCheck, height: int) -> Iterator[int]:
    """Rows of suspects. Raises TypeError and ValueError for what are none."""
    place, before = place_of(check.suspects), -1
    if not isinstance(given, Iterable) or isinstance(given, str | bytes):
        raise TypeError(f"suspects gave {a_kind(given)}: give a list of rows, or None{place}")
    for one in given:
        if type(one).__name__ in ("bool", "bool_", "str"):
            raise TypeError(f"suspects gave {one!r} where the number of a row belongs{place}")
        row = whole_number(one, "a row of suspects")
        if not before < row < height:
            raise ValueError(f"suspects gave the row {row}: give rows from 0 to {height - 1}, ascending{place}")
        before = row
        yield row


def locate(chunk: Chunk, rows: Iterable[int]) -> dict[int, Location]:
    """Places of rows, each looked up once."""
    wanted = sorted(set(rows))
    return dict(zip(wanted, chunk.locate(wanted), strict=True)) if wanted else {}


def record_key(frame: pl.DataFrame, row: int, settings: ScanSettings) -> str | None:
    """A record's primary key as samples show it; None without a key, or where it's missing."""
    parts = [_cell(frame, row, f) for f in settings.key_fields]
    texts = [p for p in parts if p is not None]
    if not texts or len(texts) < len(parts):
        return None
    return settings.quoting.key(settings.key_delimiter.join(texts), settings.key_fields)


def _cell(frame: pl.DataFrame, row: int, column: str) -> str | None:
    if column not in frame.columns:
        return None
    value = frame[column][row]
    if value is None or isinstance(value, str):
        return value
    return next((str(v) for v in value if v is not None), None)  # a field of several values: the first


def _kinds(frame: pl.DataFrame, row: int, column: str) -> Any:
    """What a value was in the source, of several what each was; None where the format doesn't tell."""
    return frame[column + KIND_SUFFIX][row] if column + KIND_SUFFIX in frame.columns else None


def _noun(frame: pl.DataFrame, row: int, column: str) -> str:
    """What stands where there's no single value, in words: ``an array``."""
    kinds = _kinds(frame, row, column)
    if kinds is None or isinstance(kinds, str):
        return NOUNS.get(kinds or "absent", NOUNS["absent"])
    return next((NOUNS[kind] for kind in kinds if kind in NOUNS), NOUNS["absent"])
