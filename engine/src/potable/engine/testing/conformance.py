"""The laws of a checker, tried on a table."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from potable.engine.checker import EACH_FIELD, Checker, DocumentCheck, Fold, Rule
from potable.engine.contracts.history import Summary
from potable.engine.contracts.http import Http
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.options import validated_options
from potable.engine.fetching.context import FetchSession
from potable.engine.findings import Finding
from potable.engine.handed import each
from potable.engine.judging.collector import Collector, severity_policy
from potable.engine.judging.summary import shape_of
from potable.engine.limits import Limits
from potable.engine.paths import canonical, column_path
from potable.engine.quoting import Quoting
from potable.engine.scan.loop import Scan
from potable.engine.scan.worker import ScanSettings, Station
from potable.engine.testing import laws
from potable.engine.testing.files import check_files, written
from potable.engine.testing.memory import MemoryReading
from potable.engine.testing.records import RecordsReading

Table = Mapping[str, Sequence[str | None]] | Sequence[Mapping[str, Any]]
"""Columns of texts by name, as of a CSV file; or JSON objects, as of JSON Lines."""


@dataclass(frozen=True, slots=True)
class _Lent:
    """What a checker under test is lent: hosts and further sources are those that the test names."""

    limits: Limits
    scratch: Path
    checkers: Mapping[str, type[Checker]]
    sources: Mapping[str, Table] = field(default_factory=dict)
    session: FetchSession | None = None

    def read(self, source: str | SourceDefinition, fold: Fold[Any]) -> Any:
        name = source if isinstance(source, str) else source.resource_id
        if name not in self.sources:
            raise LookupError(f"the test has no source {name}: give its records as sources={{{name!r}: …}}")
        reading, state = _reading(self.sources[name], ()), fold.start()
        fields = None if EACH_FIELD in fold.fields else frozenset(map(canonical, fold.fields))
        for cut in reading.cuts():
            state = fold.merge(state, fold.update(fold.start(), reading.parser().parse(cut, fields)))
        return state

    @property
    def http(self) -> Http:
        if self.session is None:
            raise AssertionError(
                "a checker under test has no network, unless the test names the hosts that it may reach: give it a "
                "server of the test's own, and allow_hosts=['127.0.0.1']"
            )
        return self.session.quiet_http


@contextmanager
def _lent(
    checker: type[Checker], limits: Limits, sources: Mapping[str, Table], allow_hosts: Sequence[str]
) -> Iterator[_Lent]:
    """What a checker is lent, with a scratch folder that is gone afterwards."""
    hosts = [allow_hosts] if isinstance(allow_hosts, str) else [*allow_hosts]
    with tempfile.TemporaryDirectory(prefix="potable-test-") as scratch:
        lent = _Lent(limits, Path(scratch), {checker.name: checker}, sources)
        if not hosts:
            yield lent
            return
        with FetchSession(limits, Path(scratch), allow_hosts=hosts) as session:
            yield replace(lent, session=session)


def findings_of(
    checker: type[Checker],
    table: Table,
    *,
    options: Mapping[str, Any] | None = None,
    source: SourceDefinition | None = None,
    bounds: Sequence[int] = (),
    jobs: int = 1,
    limits: Limits = Limits(),
    sources: Mapping[str, Table] = MappingProxyType({}),
    allow_hosts: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """What a checker's rules, folds and record checks find in a table.

    :param table: columns of texts by name, as of a CSV file; or a list of JSON objects.
    :param options: as in ``checks: NAME:`` of a definition.
    :param source: the definition; default: one without anything but a name and the method, ``CSV`` or ``JSONL``.
    :param bounds: where the table is cut, see :class:`MemoryReading`.
    :param sources: tables of further sources, by ``resourceID``, for checkers that read some.
    :param allow_hosts: hosts or networks that aren't public and that it may reach all the same, as ``127.0.0.1`` with a
        server of the test's own; none: it has no network.
    :raises AssertionError: it crashed, or reports a code that it doesn't declare.
    :raises ValueError: the options don't fit its schema.
    :raises TypeError: the table is none.
    """
    return _came_to(checker, table, options, source, bounds, jobs, limits, sources, allow_hosts)[0]


def _came_to(
    checker: type[Checker],
    table: Table,
    options: Mapping[str, Any] | None,
    source: SourceDefinition | None,
    bounds: Sequence[int] = (),
    jobs: int = 1,
    limits: Limits = Limits(),
    sources: Mapping[str, Table] = MappingProxyType({}),
    allow_hosts: Sequence[str] = (),
) -> tuple[tuple[Finding, ...], Mapping[str, Any]]:
    """The findings and the metrics; see :func:`findings_of`."""
    source = source or _source(table)
    codes = {code.id: code for code in checker.codes}
    severity_of = severity_policy(source.severity)
    collector = Collector(source.resource_id, codes, severity_of, limits)
    with _lent(checker, limits, sources, allow_hosts) as lent:
        made = checker(validated_options(checker.options_schema, options or {}), lent)
        with laws.stage(checker, "skip_reason"):
            skipped = laws.skipping(made, source)
        stages: dict[str, Any] = {}
        kinds: tuple[tuple[str, Any, type], ...] = (
            ("rules", made.rules, Rule), ("folds", made.folds, Fold), ("documents", made.documents, DocumentCheck)
        )  # fmt: skip
        for name, stage, kind in kinds:
            with laws.stage(checker, name, skipped):
                stages[name] = tuple(each(stage(source), kind, name, stage))
        station = Station(checker.name, **stages)
        settings = ScanSettings(
            key_fields=source.primary_key,
            key_delimiter=source.key_delimiter,
            missing_values=source.missing_values,
            quoting=Quoting(source.values),
            samples=limits.samples,
            codes=codes,
            wanted=lambda code, field: severity_of(codes[code], field) is not None,
            needs_sample=collector.wants,
        )
        result = Scan(_reading(table, bounds), [station], settings, collector, jobs=jobs).run()
    standing = result.standings[checker.name]
    assert standing.crash is None, f"{checker.name} crashed: {standing.crash}{skipped}"
    return collector.collected().findings, standing.metrics


def check_checker(
    checker: type[Checker],
    table: Table,
    *,
    options: Mapping[str, Any] | None = None,
    source: SourceDefinition | None = None,
    cuttings: int = 10,
    seed: int = 0,
    seconds: float = 10.0,
    sources: Mapping[str, Table] = MappingProxyType({}),
    allow_hosts: Sequence[str] = (),
) -> None:
    """Raise AssertionError unless the checker keeps the contract on this table; the message says what is broken.

    - Its codes are documented and named after it, its options' schema is one, and all its stages can be called: also
      its checks of files, on the table as a file, and check_history beside an equal run.
    - It reports no code that it doesn't declare, and no message has a placeholder that is no field.
    - Findings and metrics are the same when it's run again, and however the table is cut into chunks, on one thread or
      two.
    - The states of its folds pickle, and hold all that the folds have seen.
    - It changes neither the definition nor chunks nor records.

    :param table: as for :func:`findings_of`.
    :param cuttings: how many random cuttings are tried.
    :param seed: of the random cuttings.
    :param seconds: longest time for the whole table.
    :param sources: as for :func:`findings_of`; likewise ``allow_hosts``.
    :raises ValueError: the options don't fit its schema.
    """
    given = source or _source(table)
    came_to = partial(_came_to, checker, table, options, source, sources=sources, allow_hosts=allow_hosts)
    laws.check_declaration(checker)
    records = max((len(cells) for cells in table.values()), default=0) if isinstance(table, Mapping) else len(table)
    with _lent(checker, Limits(), sources, allow_hosts) as lent:

        def make() -> Checker:
            return checker(validated_options(checker.options_schema, options or {}), lent)

        def chunks() -> list[Chunk]:
            reading = _reading(table, (records // 2,))
            return [reading.parser().parse(cut) for cut in reading.cuts()]

        laws.check_stages(checker, make, given)
        check_files(checker, make, given, written(table, lent.scratch))
        began = time.monotonic()
        with laws.stage(checker, "the run"):
            whole = came_to()
        took = time.monotonic() - began
        assert took <= seconds, f"{checker.name} took {took:.1f} s for {records:,} records, more than {seconds} s"
        again = came_to()
        _check_same(whole, again, checker, "it's run again on the same table")
        columns = tuple(map(column_path, table)) if isinstance(table, Mapping) else ()
        metrics = {checker.name: dict(whole[1])} if whole[1] else {}
        summary = Summary(records=records, columns=columns, metrics=metrics, shape=shape_of(given))
        laws.check_history(checker, make, given, summary)
        laws.check_folds(checker, make, given, chunks)
        laws.check_documents(checker, make, given, chunks)
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    for n in range(cuttings):
        bounds = sorted(chance.sample(range(records + 1), min(records, 1 + n)))
        cut = came_to(bounds=bounds, jobs=1 + n % 2)
        _check_same(whole, cut, checker, f"the table is cut at {bounds}")


def _source(table: Table) -> SourceDefinition:
    return SourceDefinition(resource_id="test", ingest_method="CSV" if isinstance(table, Mapping) else "JSONL")


def _reading(table: Any, bounds: Sequence[int]) -> MemoryReading | RecordsReading:
    if isinstance(table, Mapping):
        return MemoryReading(table, bounds)
    if isinstance(table, str) or not isinstance(table, Sequence):
        told = f"a {type(table).__name__}"
        raise TypeError(f"the table is a mapping from column to texts, or a list of JSON objects, not {told}")
    return RecordsReading(table, bounds)


def _check_same(
    whole: tuple[tuple[Finding, ...], Mapping[str, Any]],
    other: tuple[tuple[Finding, ...], Mapping[str, Any]],
    checker: type[Checker],
    when: str,
) -> None:
    assert other[0] == whole[0], f"{checker.name} finds something else when {when}"
    for name in sorted({*whole[1], *other[1]}):
        one, two = whole[1].get(name), other[1].get(name)
        assert one == two, f"{checker.name}: the metric {name} is {two!r} instead of {one!r} when {when}"
