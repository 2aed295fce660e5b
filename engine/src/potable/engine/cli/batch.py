"""Sources that are run one after the other: one that can't be run keeps no other from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from potable.engine.cli.app import engine_error
from potable.engine.cli.exits import Exit, exit_code, held_to, worst
from potable.engine.cli.output import Results, columns, ink, show, tell
from potable.engine.cli.progress import ProgressBar
from potable.engine.cli.unmade import Unmade
from potable.engine.contracts.catalog import invalid
from potable.engine.errors import (
    CatalogError,
    DefinitionError,
    EngineFault,
    PotableError,
    RunOngoing,
    RunRefused,
    SecretNotSet,
    SourceOnHold,
    StoreDamaged,
    StoreUnavailable,
    UsageError,
)
from potable.engine.reporting import facts
from potable.engine.reporting.inert import inert
from potable.engine.reporting.layout import number, table, wrap
from potable.engine.reporting.standing import coloured

if TYPE_CHECKING:
    from potable.engine.contracts.report import FailOn, Report
    from potable.engine.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of each run; see :meth:`potable.engine.service.Service.run_now`."""

    user_id: int
    limit_records: int | None
    select: Sequence[str]
    ignore: Sequence[str]
    snapshot: str


class Batch:
    """The runs of one command.

    :param results: where reports go.
    :param fail_on: see :func:`~potable.engine.cli.exits.held_to`.
    :param debug: tracebacks of the engine's own failures are wanted.
    """

    def __init__(self, service: Service, results: Results, asked: Asked, *, fail_on: FailOn, debug: bool) -> None:
        self._service, self._results, self._asked = service, results, asked
        self._fail_on, self._debug = fail_on, debug
        self._codes: list[Exit] = []
        self._told: list[tuple[str, str, str]] = []

    def refuse(self, source: Unmade) -> None:
        """Say that a source isn't run, and why."""
        tell(f"potable: {source.why}")
        self._stands(source, Exit.USAGE)

    def run(self, ids: Sequence[str], *, several: bool) -> None:
        """Run these sources.

        :param several: more than one may be meant: then each tells which it is, and Ctrl-C loses none of those before.
        """
        for n, resource_id in enumerate(ids, 1):
            left = ids[n - 1 :]
            try:
                report = self._run(resource_id, ProgressBar(f"{n} of {len(ids)}" if several else ""))
            except (RunRefused, UsageError, CatalogError) as e:
                fault = invalid(e) if isinstance(e, DefinitionError) else None
                self.refuse(Unmade(resource_id, _refusal(e, resource_id), resource_id, fault=fault))
            except EngineFault as e:
                self._fail(resource_id, e, debug=self._debug)
            except (StoreUnavailable, StoreDamaged) as e:  # which the others would wait for just as long
                for other in left:
                    self._fail(other, e, debug=self._debug and other == resource_id)
                return
            except KeyboardInterrupt:
                if several:  # what has been run so far isn't lost
                    for other in left:
                        why = "interrupted before it was run to its end"
                        self._stands(Unmade(other, why, other, "cancelled"), Exit.INTERRUPTED)
                    self._results.finish()
                raise
            else:
                self._add(resource_id, report)

    def finish(self) -> Exit:
        """Write what isn't written yet; the exit code of all."""
        self._results.finish()
        if len(self._told) > 1 and self._results.on_terminal:
            _summary(self._told)
        return worst(self._codes)

    def _run(self, resource_id: str, progress: ProgressBar) -> Report:
        asked = self._asked
        with progress as bar:
            _, report = self._service.run_now(
                resource_id,
                asked.user_id,
                progress=bar,
                limit_records=asked.limit_records,
                select=asked.select,
                ignore=asked.ignore,
                snapshot=asked.snapshot,
            )
        return report

    def _add(self, resource_id: str, report: Report) -> None:
        report = held_to(report, self._fail_on)
        self._results.add(report)
        self._codes.append(exit_code(report))
        self._told.append((resource_id, facts.verdict(report), facts.totals(report)))

    def _fail(self, resource_id: str, e: PotableError, *, debug: bool) -> None:
        engine_error(e, resource_id, debug=debug)
        self._stands(Unmade(resource_id, str(e), resource_id, "error"), Exit.ENGINE)

    def _stands(self, source: Unmade, code: Exit) -> None:
        """Have a source that there's no report of stand in the output."""
        report = source.report(self._asked.user_id, self._service.plugins.codes)
        self._results.add(report)
        self._codes.append(code)
        self._told.append((source.name, facts.verdict(report), source.why))


def _refusal(e: PotableError, resource_id: str) -> str:
    """Why a run was refused, and what to do about it."""
    if isinstance(e, RunOngoing):
        return f"{e}: wait for it, or stop it with potable cancel {e.run_id}"
    if isinstance(e, SourceOnHold):
        return f"{e.resource_id} is on hold: its definition has to say hold: false before it can be run"
    if isinstance(e, SecretNotSet) and e.variable:
        return f"{e}; set it, as in {e.variable}=... potable run {resource_id}"
    return str(e)


def _summary(told: list[tuple[str, str, str]]) -> None:
    """One line for each of several sources, after their reports, and how many came out how."""
    tint = partial(coloured, ink())
    heading = ink()("bold", f"{number(len(told))} SOURCES")
    rows = [(inert(name), word, inert(said)) for name, word, said in told]
    count = facts.tally(word for _, word, _ in told)
    total = wrap(", ".join(f"{number(n)} {word}" for word, n in count.items()), columns())
    if len(total) == 1:
        total = [", ".join(f"{number(n)} {tint(word)}" for word, n in count.items())]
    lines = [heading, *table(rows, columns(), most=2, keep=True, tint=tint), "", *total]
    show("\n" + "\n".join(lines) + "\n")
