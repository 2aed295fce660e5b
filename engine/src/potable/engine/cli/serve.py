"""``potable serve``: the server, which is a distribution of its own."""

from __future__ import annotations

import importlib

import click

from potable.engine.cli import session
from potable.engine.cli.options import catalog_option, debug_option, plugin_options, store_option
from potable.engine.errors import UsageError
from potable.engine.watching import watch

MODULE = "potable.server.serve"
"""Imported by name: the engine doesn't know the server, only this command does."""


@click.command(short_help="Serve the catalog over HTTP.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="H", help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, metavar="P", help="Port; 0: any free one."
)
@catalog_option
@store_option
@click.option(
    "--children",
    type=click.IntRange(min=0),
    default=2,
    show_default=True,
    metavar="N",
    help="Most runs at once; 0: none here.",
)
@click.option(
    "--grace",
    type=float,
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="What runs may still take when it stops.",
)
@click.option(
    "--log-format",
    type=click.Choice(("auto", "console", "json")),
    default="auto",
    show_default=True,
    help="Form of the log.",
)
@click.option(
    "--log-level",
    type=click.Choice(("DEBUG", "INFO", "WARNING", "ERROR")),
    default="INFO",
    show_default=True,
    help="Least level logged.",
)
@click.option(
    "--demo", is_flag=True, help="With a store and a key of its own, thrown away at the end; prints calls to try."
)
@plugin_options
@debug_option
def serve(
    host: str,
    port: int,
    catalog: str | None,
    store: str | None,
    children: int,
    grace: float,
    log_format: str,
    log_level: str,
    demo: bool,
    plugin_files: tuple[str, ...],
    without: tuple[str, ...],
) -> None:
    """Serve the catalog over HTTP until SIGTERM or Ctrl-C. Callers need a key: potable api-keys add."""
    try:
        server = importlib.import_module(MODULE)
    except ModuleNotFoundError as e:
        raise UsageError(f"the server isn't installed ({e.name} is missing): pip install potable-server") from None
    settings = session.settings(catalog, store, plugin_files, without)
    if demo:
        server.run_demo(settings, host=host, port=port, children=children, loaded=watch)
        return
    with session.service(settings, executor="forkserver") as service:
        server.run(
            service, host=host, port=port, children=children, grace=grace, log_format=log_format, log_level=log_level
        )
