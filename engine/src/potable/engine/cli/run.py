"""``potable run``: run sources of the catalog."""

from __future__ import annotations

import click

from potable.engine.cli import session
from potable.engine.cli.batch import Asked, Batch
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
from potable.engine.cli.output import ResultCommand, Results, tell
from potable.engine.cli.picking import check_choice, picked
from potable.engine.cli.signals import sigterm_as_interrupt
from potable.engine.cli.sparing import spare
from potable.engine.contracts.report import FailOn
from potable.engine.errors import UsageError
from potable.engine.given.chosen import check_left_out, known_codes
from potable.engine.runs import AUTO_USER


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
    also: tuple[str, ...],
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
        results = Results(
            form, output, lambda: service.plugins.reporters, several=several, catalog=settings.catalog, also=also
        )
        picks = picked(service, named, every, wanted)
        spare(results.files, settings, picks.sources)
        if without:
            check_left_out(without, service.plugins)
        asked = Asked(
            user_id=user_id,
            limit_records=limit_records,
            select=known_codes(split(select), service.plugins.codes) if select else (),
            ignore=known_codes(split(ignore), service.plugins.codes) if ignore else (),
            snapshot=snapshot,
        )
        batch = Batch(service, results, asked, fail_on=fail_on, debug=debug)
        if picks.told:
            tell(f"potable: {picks.told}")
        for unusable in picks.refused:
            batch.refuse(unusable)
        batch.run(picks.ids, several=several)
        return batch.finish()
