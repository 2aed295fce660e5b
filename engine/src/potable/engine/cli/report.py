"""``potable report``: a stored report again."""

from __future__ import annotations

import click

from potable.engine.cli import session
from potable.engine.cli.exits import exit_code, held_to
from potable.engine.cli.options import (
    catalog_option,
    debug_option,
    fail_on_option,
    plugin_options,
    result_options,
    store_option,
)
from potable.engine.cli.output import ResultCommand, Results, tell
from potable.engine.cli.present import in_catalog, made_otherwise
from potable.engine.cli.sparing import spare
from potable.engine.contracts.report import FailOn


@click.command(cls=ResultCommand, short_help="Show a stored report again.")
@click.argument("resource_id", metavar="ID")
@click.option("--run", "run_id", metavar="RUNID", help="Which run's report; default is the last one's.")
@catalog_option
@store_option
@result_options
@fail_on_option
@plugin_options
@debug_option
def report(
    resource_id: str,
    run_id: str | None,
    catalog: str | None,
    store: str | None,
    form: str,
    output: str | None,
    also: tuple[str, ...],
    fail_on: FailOn,
    plugin_files: tuple[str, ...],
    without: tuple[str, ...],
) -> int:
    """Show the stored report of a source's last run, or of a given run, in any format.

    A source that the catalog named by --catalog doesn't have is refused; where its definition there isn't the one
    that the run was made under, the standard error stream says so.

    The exit code is that of the run: 0 passed, 1 failed, 3 inconclusive.
    """
    settings = session.settings(catalog, store, plugin_files, without, needs_catalog=False)
    with session.service(settings) as service:
        results = Results(form, output, lambda: service.plugins.reporters, catalog=settings.catalog, also=also)
        present = in_catalog(service, resource_id, asked=catalog is not None)
        spare(results.files, settings, [] if present is None else [present])
        stored = service.report(resource_id, run_id)
        if present is not None and (told := made_otherwise(stored, present)):
            tell(f"potable: {told}")
        shown = held_to(stored, fail_on)
        results.add(shown)
        results.finish()
        return exit_code(shown)
