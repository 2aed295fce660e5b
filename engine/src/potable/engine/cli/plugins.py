"""``potable plugins``: what was found, what became of it, what it provides."""

from __future__ import annotations

from dataclasses import asdict

import click

from potable.engine.cli import session
from potable.engine.cli.options import debug_option, list_option, plugin_options
from potable.engine.cli.output import ResultCommand, columns, ink, json_list, show
from potable.engine.reporting.inert import inert
from potable.engine.reporting.layout import table, wrap


@click.command(cls=ResultCommand, short_help="List plugins, and what became of each.")
@list_option
@plugin_options
@debug_option
def plugins(form: str, plugin_files: tuple[str, ...], without: tuple[str, ...]) -> None:
    """List the plugins: name, distribution, version, status with its reason, what it provides.

    Plugins are modules of the entry-point group "potable", and files named by --plugin or POTABLE_PLUGINS.
    """
    settings = session.settings(None, None, plugin_files, without, needs_catalog=False)
    records = session.plugins(settings, without).records
    if form == "json":
        json_list([asdict(record) for record in records])
        return
    tint, width = ink(), columns()
    blocks = []
    for r in records:
        origin = " ".join(x for x in (r.dist, r.version) if x) or r.source
        style = "good" if r.status == "loaded" else "dim" if r.status == "disabled" else "error"
        block = [f"{tint('bold', inert(r.name))}  {inert(origin)}  {tint(style, r.status)}"]
        if r.reason:
            block += wrap(inert(r.reason), width, "  ", "  ")
        block += table(_provided(r.provides), width)
        blocks.append("\n".join(block))
    show("\n\n".join(blocks or ["no plugins"]) + "\n")


def _provided(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """``checker keys``, ``checker rows`` as one row: ``checkers``, ``keys, rows``."""
    kinds: dict[str, list[str]] = {}
    for name in names:
        kind, _, rest = name.partition(" ")
        kinds.setdefault(kind, []).append(inert(rest))
    return [(kind if len(found) == 1 else f"{kind}s", ", ".join(found)) for kind, found in kinds.items()]
