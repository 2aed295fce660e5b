"""The laws of a checker, tried on a table."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from potable.engine.checker import Checker, Fold
from potable.engine.collector import Collector, severity_policy
from potable.engine.contracts.http import Http
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.options import validated_options
from potable.engine.findings import Finding
from potable.engine.limits import Limits
from potable.engine.quoting import Quoting
from potable.engine.scan.loop import Scan
from potable.engine.scan.worker import ScanSettings, Station
from potable.engine.testing import laws
from potable.engine.testing.memory import MemoryReading

Table = Mapping[str, Sequence[str | None]]


@dataclass(frozen=True, slots=True)
class _Lent:
    """What a checker under test is lent: no network."""

    limits: Limits
    scratch: Path
    checkers: Mapping[str, type[Checker]]

    def read(self, source: str | SourceDefinition, fold: Fold[Any]) -> NoReturn:
        raise LookupError("a checker under test has no other sources")

    @property
    def http(self) -> Http:
        raise AssertionError("a checker under test has no network")


def findings_of(
    checker: type[Checker],
    table: Table,
    *,
    options: Mapping[str, Any] | None = None,
    source: SourceDefinition | None = None,
    bounds: Sequence[int] = (),
    jobs: int = 1,
    limits: Limits = Limits(),
) -> tuple[Finding, ...]:
    """What a checker's rules, folds and record checks find in a table.

    :param options: as in ``checks: NAME:`` of a definition.
    :param source: the definition; default: one without anything but a name.
    :param bounds: where the table is cut, see :class:`MemoryReading`.
    :raises AssertionError: it crashed, or reports a code that it doesn't declare.
    :raises ValueError: the options don't fit its schema.
    """
    source = source or SourceDefinition(resource_id="test", ingest_method="CSV")
    codes = {code.id: code for code in checker.codes}
    severity_of = severity_policy(source.severity)
    collector = Collector(source.resource_id, codes, severity_of, limits)
    with tempfile.TemporaryDirectory(prefix="potable-test-") as scratch:
        lent = _Lent(limits, Path(scratch), {checker.name: checker})
        made = checker(validated_options(checker, options or {}), lent)
        with laws.stage(checker, "skip_reason"):
            skipped = laws.skipping(made, source)
        stages: dict[str, Any] = {}
        for name, stage in (("rules", made.rules), ("folds", made.folds), ("documents", made.documents)):
            with laws.stage(checker, name, skipped):
                stages[name] = tuple(stage(source))
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
        result = Scan(MemoryReading(table, bounds), [station], settings, collector, jobs=jobs).run()
    crash = result.standings[checker.name].crash
    assert crash is None, f"{checker.name} crashed: {crash}{skipped}"
    return collector.collected().findings


def check_checker(
    checker: type[Checker],
    table: Table,
    *,
    options: Mapping[str, Any] | None = None,
    source: SourceDefinition | None = None,
    cuttings: int = 10,
    seed: int = 0,
    seconds: float = 10.0,
) -> None:
    """Raise AssertionError unless the checker keeps the contract on this table; the message says what is broken.

    - Its codes are documented and named after it, its options' schema is one, and all its stages can be called.
    - It reports no code that it doesn't declare, and no message has a placeholder that is no field.
    - It finds the same when it's run again, and however the table is cut into chunks, on one thread or two.
    - The states of its folds pickle, and hold all that the folds have seen.
    - It changes neither the definition nor chunks nor records.

    :param cuttings: how many random cuttings are tried.
    :param seed: of the random cuttings.
    :param seconds: longest time for the whole table.
    :raises ValueError: the options don't fit its schema.
    """
    given = source or SourceDefinition(resource_id="test", ingest_method="CSV")
    laws.check_declaration(checker)
    records = max((len(cells) for cells in table.values()), default=0)
    with tempfile.TemporaryDirectory(prefix="potable-test-") as scratch:
        lent = _Lent(Limits(), Path(scratch), {checker.name: checker})

        def make() -> Checker:
            return checker(validated_options(checker, options or {}), lent)

        def chunks() -> list[Chunk]:
            reading = MemoryReading(table, (records // 2,))
            return [reading.parser().parse(cut) for cut in reading.cuts()]

        laws.check_stages(checker, make, given)
        began = time.monotonic()
        with laws.stage(checker, "the run"):
            whole = findings_of(checker, table, options=options, source=source)
        took = time.monotonic() - began
        assert took <= seconds, f"{checker.name} took {took:.1f} s for {records:,} records, more than {seconds} s"
        again = findings_of(checker, table, options=options, source=source)
        assert again == whole, f"{checker.name} finds something else when it's run again on the same table"
        laws.check_folds(checker, make, given, chunks)
        laws.check_documents(checker, make, given, chunks)
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    for n in range(cuttings):
        bounds = sorted(chance.sample(range(records + 1), min(records, 1 + n)))
        cut = findings_of(checker, table, options=options, source=source, bounds=bounds, jobs=1 + n % 2)
        assert cut == whole, f"{checker.name} finds something else when the table is cut at {bounds}"
