"""``potable sources``: the catalog's sources and how they stand."""

from __future__ import annotations

from functools import partial

import click

from potable.engine.cli import session
from potable.engine.cli.options import (
    catalog_option,
    debug_option,
    known_standings,
    list_option,
    plugin_options,
    standing_option,
    store_option,
)
from potable.engine.cli.output import ResultCommand, columns, ink, json_list, show, tell
from potable.engine.cli.runs import run_dict
from potable.engine.reporting import facts
from potable.engine.reporting.inert import inert
from potable.engine.reporting.layout import many, table, wrap
from potable.engine.reporting.standing import coloured, overview, standing, standing_of


@click.command(cls=ResultCommand, short_help="List the sources of the catalog.")
@catalog_option
@store_option
@standing_option
@list_option
@plugin_options
@debug_option
def sources(
    catalog: str | None,
    store: str | None,
    standings: tuple[str, ...],
    form: str,
    plugin_files: tuple[str, ...],
    without: tuple[str, ...],
) -> None:
    """List the sources of the catalog with the standing of their last runs.

    A definition in which `potable lint` finds an error is marked as broken, with the first one.
    """
    wanted = known_standings(standings)
    with session.service(session.settings(catalog, store, plugin_files, without), checkers=True) as service:
        rows, unusable = service.listing(standing=bool(wanted))
    for fault in unusable:
        tell(f"potable: {facts.place(fault.location)} can't be used: {fault.message}")
    stands = {r.resource_id: standing_of(r.broken, r.hold, r.run) for r in rows}
    if wanted:
        rows = [r for r in rows if stands[r.resource_id] in wanted]
    if form == "json":
        json_list(
            [
                {"resourceID": r.resource_id, "name": r.name, "ingestMethod": r.ingest_method, "hold": r.hold,
                 "fault": r.fault or None, "error": r.error or None, "run": None if r.run is None else run_dict(r.run)}
                for r in rows
            ]
        )  # fmt: skip
        return
    lines = []
    for r in rows:
        state = "never run" if r.recorded else "not known"
        state = "BROKEN" if r.broken else "on hold" if r.hold else standing(r.run) if r.run else state
        lines.append((inert(r.resource_id), inert(r.ingest_method), state, inert(r.broken or r.name)))
    if not lines:
        show("no source stands so\n" if stands else "the catalog has no sources\n")
        return
    shown = table(lines, columns(), indent="", most=2, keep=True, tint=partial(coloured, ink()))
    total = many(len(rows), "source")
    if all(r.recorded for r in rows):
        total += f": {overview(stands[r.resource_id] for r in rows)}"
    show("\n".join([*shown, "", *wrap(total, columns(), "", "  ")]) + "\n")
