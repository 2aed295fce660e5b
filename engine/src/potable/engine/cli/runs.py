"""``potable status``, ``history``, ``accept`` and ``cancel``: runs in the store."""

from __future__ import annotations

from typing import Any

import click

from potable.engine.cli import session
from potable.engine.cli.options import catalog_option, debug_option, list_option, store_option
from potable.engine.cli.output import ResultCommand, columns, emit, ink, json_list, show
from potable.engine.cli.present import tell_of_another
from potable.engine.errors import UnknownRun, UsageError
from potable.engine.reporting.inert import inert
from potable.engine.reporting.layout import table, when
from potable.engine.reporting.standing import outcome, progress, standing
from potable.engine.runs import Run, RunState

FOUND = 48
"""Columns that it takes to say what a run found: with fewer it's said below the run."""


@click.command(cls=ResultCommand, short_help="Show how a source's current or last run stands.")
@click.argument("resource_id", metavar="ID")
@catalog_option
@store_option
@list_option
@debug_option
def status(resource_id: str, catalog: str | None, store: str | None, form: str) -> None:
    """Show how a source's current run stands, else its last one.

    With --format json: the same object as GET /controller/run_status.
    """
    with session.service(session.settings(catalog, store, needs_catalog=False)) as service:
        standing = service.status(resource_id)
        tell_of_another(service, resource_id, [standing.run] if standing.run else [])
    if form == "json":
        emit(standing.to_dict())
        return
    head = f"{ink()('bold', inert(resource_id))}  {standing.status}"
    rows = (
        []
        if standing.run is None
        else [(name, value) for name, value in _facts(standing.run, standing.baseline) if value]
    )
    show("\n".join([head, *table(rows, columns())]) + "\n")


@click.command(cls=ResultCommand, short_help="List a source's runs, the newest first.")
@click.argument("resource_id", metavar="ID")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="Most runs listed."
)
@catalog_option
@store_option
@list_option
@debug_option
def history(resource_id: str, limit: int, catalog: str | None, store: str | None, form: str) -> None:
    """List a source's runs, the newest first.

    "accepted" marks those that may serve as a baseline, "the baseline" the one that later runs are compared with.
    """
    with session.service(session.settings(catalog, store, needs_catalog=False)) as service:
        runs = service.history(resource_id, limit)
        base = service.status(resource_id).baseline  # raises for an unknown source
        tell_of_another(service, resource_id, runs)
    if form == "json":
        json_list([run_dict(run) | {"baseline": run.run_id == base} for run in runs])
        return
    rows = [
        (
            r.run_id,
            when(r.started or r.created),
            ": ".join(filter(None, (standing(r) + _marked(r, base), outcome(r)))),
        )
        for r in runs
    ]
    shown = table(rows, columns(), indent="", keep=True, last=FOUND)
    show("\n".join(shown or [f"{inert(resource_id)} has no runs yet"]) + "\n")


@click.command(cls=ResultCommand, short_help="Make a finished run the baseline for later ones.")
@click.argument("run_id", metavar="RUNID|ID")
@catalog_option
@store_option
@debug_option
def accept(run_id: str, catalog: str | None, store: str | None) -> None:
    """Make a finished run the baseline that later runs of its source are compared with: the one named, or a source's
    last one.

    A passed run is accepted by itself; this is for a failed one whose faults are known and meant. Of several accepted
    runs the latest counts, of those made under a definition that gets its data as the present one does. A run that's
    inconclusive, read no record or only a sample can't be accepted.
    """
    with session.service(session.settings(catalog, store, needs_catalog=False)) as service:
        try:
            run = service.accept(run_id)
        except UnknownRun:
            last = service.last_finished(run_id) if service.history(run_id, 1) else None
            if last is None:
                raise
            run = service.accept(last)
        base = service.baseline(run.resource_id)
    head = f"run {inert(run.run_id)} of {inert(run.resource_id)} is accepted"
    if base is None:
        show(f"{head}, but no later run is compared with it: the definition has changed since\n")
    elif base.run_id == run.run_id:
        show(f"{head}: later runs are compared with it\n")
    else:
        later = f"later runs are compared with run {inert(base.run_id)} of {when(base.started or base.created)}"
        show(f"{head}, but {later}, the last accepted one under the present definition\n")


@click.command(cls=ResultCommand, short_help="Stop a queued or running run.")
@click.argument("run_id", metavar="RUNID|ID")
@store_option
@debug_option
def cancel(run_id: str, store: str | None) -> None:
    """Stop a run, or a source's ongoing one: at once when it's queued, within seconds when it's running."""
    with session.service(session.settings(None, store, needs_catalog=False)) as service:
        try:
            run = service.cancel(run_id)
        except UnknownRun:
            runs = service.history(run_id, 1)
            if not runs:
                raise
            if not runs[0].ongoing:
                raise UsageError(f"{run_id} has no ongoing run") from None
            run = service.cancel(runs[0].run_id)
    if run.state in (RunState.FINISHED, RunState.ERROR):
        raise UsageError(f"run {run.run_id} had ended already: {run.state.value}")
    show(f"run {inert(run.run_id)} of {inert(run.resource_id)} is {run.state.value}\n")


def _marked(run: Run, baseline: str | None) -> str:
    if not run.accepted:
        return ""
    return " (the baseline)" if run.run_id == baseline else " (accepted)"


def run_dict(run: Run) -> dict[str, Any]:
    """A run as plain data, under the contract's names."""
    return {
        "runID": run.run_id, "resourceID": run.resource_id, "userID": run.user_id, "state": run.state.value,
        "verdict": run.verdict, "counts": run.counts and dict(run.counts),
        "codes": None if run.codes is None else dict(run.codes), "created": run.created,
        "started": run.started, "ended": run.ended, "accepted": run.accepted, "sample": run.sample,
        "attempt": run.attempt, "reason": run.reason and run.reason.value, "message": run.message or None,
    }  # fmt: skip


def _facts(run: Run, baseline: str | None) -> list[tuple[str, str]]:
    """Name and value of what's worth telling of a run; values may be empty."""
    return [
        ("run", inert(run.run_id)),
        ("state", standing(run) + _marked(run, baseline)),
        ("found", outcome(run) if run.counts is not None else ""),
        ("progress", progress(run)),
        ("reason", inert(run.message)),
        ("baseline", inert(baseline or "") if baseline != run.run_id else ""),
        ("user", str(run.user_id)),
        ("started", when(run.started or "")),
        ("ended", when(run.ended or "")),
    ]
