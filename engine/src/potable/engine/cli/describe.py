"""``potable describe``: a drafted definition of a file or URL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from potable.engine.cli import session
from potable.engine.cli.dialect import dialect_options
from potable.engine.cli.options import debug_option, plugin_options
from potable.engine.cli.output import ResultCommand, put, tell, write_file
from potable.engine.cli.progress import ProgressBar
from potable.engine.errors import UsageError
from potable.engine.given.chosen import check_left_out
from potable.engine.reporting.layout import many


@click.command(cls=ResultCommand, short_help="Draft a definition from a file or URL.")
@click.argument("data", metavar="FILE_OR_URL")
@click.option("--output", metavar="FILE", help="Write the definition to a new file.")
@click.option(
    "--format", "form", type=click.Choice(("yaml", "json")), default=None,
    help="Format of the definition; else as --output's name says, else yaml.",
)  # fmt: skip
@click.option("--id", "resource_id", metavar="ID", help="The source's resourceID; else it's made of the file's name.")
@dialect_options
@plugin_options
@debug_option
def describe(
    data: str,
    output: str | None,
    form: str | None,
    resource_id: str | None,
    dialect: dict[str, Any],
    plugin_files: tuple[str, ...],
    without: tuple[str, ...],
) -> None:
    """Draft a definition of a file or URL: how to read it, its fields' types, a key, lists of values.

    All of the data are read once. The draft passes on them, but for what its
    notes say; read it before you rely on it for the next ones.
    """
    file = None if output in (None, "-") else Path(str(output))
    if file is not None and file.exists():
        raise UsageError(f"{file} is there already: name a new file")
    if file is not None and not file.absolute().parent.is_dir():
        raise UsageError(f"can't write {file}: there is no folder {file.absolute().parent}")
    if not data:
        raise UsageError("describe needs a file or URL")
    if form is None:
        form = "json" if file is not None and file.suffix.lower() == ".json" else "yaml"
    settings = session.settings(None, None, plugin_files, without, needs_catalog=False)
    given = dialect if resource_id is None else {**dialect, "resourceID": resource_id}

    from potable.engine.definition.writing import to_yaml  # heavy
    from potable.engine.embedding import Engine

    engine = Engine(
        limits=settings.limits, plugins=settings.plugins, without=settings.without, allow_hosts=settings.allow_hosts
    )
    check_left_out(without, engine.plugins)
    folder = file.absolute().parent if file is not None else Path.cwd()
    with ProgressBar() as bar:
        drafted = engine.description(data, folder=folder, progress=bar, **given)
    if form == "json":
        text = json.dumps(drafted.definition, indent=2, ensure_ascii=False) + "\n"
        for note in drafted.notes:
            tell(f"potable: {note}")
    else:
        text = to_yaml(drafted.definition, drafted.notes)
    if file is None:
        put(text)
        return
    write_file(file, text)
    tell(f"{file}: drafted from {many(drafted.records, 'record')}; look at it, then potable lint {file}")
    place = str(drafted.definition["ingestURL"])
    if place.startswith("../") or Path(place).is_absolute():
        tell(
            f"potable: {place} lies outside {file}'s folder: a run reads it only where it lies in the catalog's, or "
            "POTABLE_ROOTS lists its folder"
        )
