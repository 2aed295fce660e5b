"""``potable run``: run sources of the catalog."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import click

from potable.engine.chosen import check_left_out, known_codes
from potable.engine.cli import session
from potable.engine.cli.app import engine_error
from potable.engine.cli.exits import Exit, FailOn, exit_code, worst
from potable.engine.cli.options import (
    USER,
    catalog_option,
    code_options,
    debug_option,
    fail_on_option,
    jobs_option,
    known_standings,
    limit_option,
    plugin_options,
    result_options,
    split,
    standing_option,
    store_option,
)
from potable.engine.cli.output import ResultCommand, Results, columns, ink, show, tell
from potable.engine.cli.picking import check_choice, picked
from potable.engine.cli.progress import ProgressBar
from potable.engine.cli.signals import sigterm_as_interrupt
from potable.engine.cli.sparing import spare
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
from potable.engine.runs import AUTO_USER

if TYPE_CHECKING:
    from potable.engine.contracts.report import Report
    from potable.engine.service import Service


@click.command(cls=ResultCommand, short_help="Run sources of the catalog and report what is wrong with them.")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Run all sources of the catalog that aren't on hold.")
@standing_option
@catalog_option
@store_option
@result_options
@click.option(
    "--user-id",
    type=USER,
    default=AUTO_USER,
    show_default=True,
    metavar="N",
    help="Who asks for the run; 4 is automatic.",
)
@fail_on_option
@limit_option
@jobs_option
@click.option(
    "--snapshot",
    default="",
    metavar="HASH",
    help="Run on the kept snapshot with this SHA-256 (or its beginning), not on what is there now.",
)
@code_options
@plugin_options
@debug_option
@click.pass_context
def run(
    context: click.Context,
    ids: tuple[str, ...],
    every: bool,
    standings: tuple[str, ...],
    catalog: str | None,
    store: str | None,
    form: str,
    output: str | None,
    user_id: int,
    fail_on: FailOn,
    limit_records: int | None,
    jobs: int | None,
    snapshot: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    plugin_files: tuple[str, ...],
    without: tuple[str, ...],
) -> int:
    """Run sources of the catalog, one after the other, and report what is wrong with them: those that are named, --all,
    or those whose last runs stand as --standing says.

    Each run is recorded in the run store. Exit code: 0 passed, 1 failed, 2 a run was refused, 3 inconclusive, 4 the
    engine failed; of several sources the worst, in the order 4, 2, 1, 3, 0.
    """
    named = list(dict.fromkeys(ids))
    check_choice(named, every, standings)
    wanted = known_standings(standings)
    if snapshot and len(named) != 1:
        raise UsageError("--snapshot is of one source: name only that")
    settings = session.settings(catalog, store, plugin_files, without, jobs=jobs)
    debug = bool((context.find_object(dict) or {}).get("debug"))
    with sigterm_as_interrupt(), session.service(settings) as service:
        service.prepare()
        several = len(named) != 1
        results = Results(form, output, lambda: service.plugins.reporters, several=several, catalog=settings.catalog)
        picks = picked(service, named, every, wanted)
        spare(output, settings, picks.sources)
        if without:
            check_left_out(without, service.plugins)
        chosen = known_codes(split(select), service.plugins.codes) if select else ()
        left_out = known_codes(split(ignore), service.plugins.codes) if ignore else ()
        codes: list[Exit] = []
        told: list[tuple[str, str, str]] = []

        def stands(unmade: Unmade, code: Exit) -> None:
            report = unmade.report(user_id, service.plugins.codes)
            results.add(report)
            codes.append(code)
            told.append((unmade.name, facts.verdict(report), unmade.why))

        if picks.told:
            tell(f"potable: {picks.told}")
        for unusable in picks.refused:
            tell(f"potable: {unusable.why}")
            stands(unusable, Exit.USAGE)
        for n, resource_id in enumerate(picks.ids, 1):
            try:
                bar = ProgressBar(f"{n} of {len(picks.ids)}" if several else "")
                report = _run_one(service, resource_id, user_id, limit_records, chosen, left_out, snapshot, bar)
            except (RunRefused, UsageError, CatalogError) as e:
                said = _refusal(e, resource_id)
                tell(f"potable: {said}")
                fault = invalid(e) if isinstance(e, DefinitionError) else None
                stands(Unmade(resource_id, said, resource_id, fault=fault), Exit.USAGE)
            except EngineFault as e:
                engine_error(e, resource_id, debug=debug)
                stands(Unmade(resource_id, str(e), resource_id, "error"), Exit.ENGINE)
            except (StoreUnavailable, StoreDamaged) as e:  # which the others would wait for just as long
                for left in picks.ids[n - 1 :]:
                    engine_error(e, left, debug=debug and left == resource_id)
                    stands(Unmade(left, str(e), left, "error"), Exit.ENGINE)
                break
            except KeyboardInterrupt:
                if several:  # what has been run so far isn't lost
                    for left in picks.ids[n - 1 :]:
                        why = "interrupted before it was run to its end"
                        stands(Unmade(left, why, left, "cancelled"), Exit.INTERRUPTED)
                    results.finish()
                raise
            else:
                results.add(report)
                code = exit_code(report, fail_on)
                _explain_code(report, code)
                codes.append(code)
                told.append((resource_id, facts.verdict(report), facts.totals(report)))
        results.finish()
        if len(told) > 1 and results.on_terminal:
            _summary(told)
        return worst(codes)


def _run_one(
    service: Service,
    resource_id: str,
    user_id: int,
    limit_records: int | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    snapshot: str,
    progress: ProgressBar,
) -> Report:
    with progress as bar:
        _, report = service.run_now(
            resource_id,
            user_id,
            progress=bar,
            limit_records=limit_records,
            select=select,
            ignore=ignore,
            snapshot=snapshot,
        )
    return report


def _refusal(e: PotableError, resource_id: str) -> str:
    """Why a run was refused, and what to do about it."""
    if isinstance(e, RunOngoing):
        return f"{e}: wait for it, or stop it with potable cancel {e.run_id}"
    if isinstance(e, SourceOnHold):
        return f"{e.resource_id} is on hold: its definition has to say hold: false before it can be run"
    if isinstance(e, SecretNotSet) and e.variable:
        return f"{e}; set it, as in {e.variable}=... potable run {resource_id}"
    return str(e)


def _explain_code(report: Report, code: Exit) -> None:
    """Say why the exit code isn't that of the verdict."""
    if code is Exit.FAILED and report.passed:
        tell(f"{facts.subject(report)}: exit code 1 because of its warnings (--fail-on warning)")


def _summary(told: list[tuple[str, str, str]]) -> None:
    """One line for each of several sources, after their reports, and how many came out how."""
    tint = partial(coloured, ink())
    heading = ink()("bold", f"{number(len(told))} SOURCES")
    rows = [(inert(name), word, inert(said)) for name, word, said in told]
    count = Counter(word for _, word, _ in told)
    words = sorted(count, key=lambda w: (-count[w], w))
    total = wrap(", ".join(f"{number(count[word])} {word}" for word in words), columns())
    if len(total) == 1:
        total = [", ".join(f"{number(count[word])} {tint(word)}" for word in words)]
    lines = [heading, *table(rows, columns(), most=2, keep=True, tint=tint), "", *total]
    show("\n" + "\n".join(lines) + "\n")
