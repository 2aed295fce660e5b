"""``potable check``: a file or URL without a definition, without a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from potable.engine.cli import session
from potable.engine.cli.dialect import dialect_options
from potable.engine.cli.exits import exit_code, held_to
from potable.engine.cli.options import (
    code_options,
    debug_option,
    fail_on_option,
    jobs_option,
    limit_option,
    plugin_options,
    result_options,
    split,
)
from potable.engine.cli.output import ResultCommand, Results
from potable.engine.cli.progress import ProgressBar
from potable.engine.cli.signals import sigterm_as_interrupt
from potable.engine.cli.sparing import spare
from potable.engine.contracts.report import FailOn
from potable.engine.errors import UsageError
from potable.engine.given.chosen import known_codes


@click.command(cls=ResultCommand, short_help="Check a file or URL that has no definition.")
@click.argument("data", metavar="FILE_OR_URL")
@click.option("--schema", metavar="FILE", help="Table Schema or JSON Schema of the records.")
@click.option(
    "--primary-key",
    "primary_key",
    metavar="FIELD",
    multiple=True,
    help="Field of the key; repeat it for a key of several.",
)
@dialect_options
@code_options
@limit_option
@jobs_option
@result_options
@fail_on_option
@plugin_options
@debug_option
def check(
    data: str,
    schema: str | None,
    primary_key: tuple[str, ...],
    dialect: dict[str, Any],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    limit_records: int | None,
    jobs: int | None,
    form: str,
    output: str | None,
    also: tuple[str, ...],
    fail_on: FailOn,
    plugin_files: tuple[str, ...],
    without: tuple[str, ...],
) -> int:
    """Check a file or URL without a definition; nothing is recorded.

    Exit code: 0 passed, 1 failed, 2 usage error, 3 inconclusive, 4 the engine failed.
    """
    if not data:
        raise UsageError("check needs a file or URL")
    settings = session.settings(None, None, plugin_files, without, jobs=jobs, needs_catalog=False)
    if schema is not None and not Path(schema).is_file():
        raise UsageError(f"there is no schema file {schema}")

    from potable.engine.guess import file_source, formats_of_suffixes, otherwise  # heavy: the whole engine
    from potable.engine.roots import roots_of
    from potable.engine.running import apart

    plugins = session.plugins(settings, without)
    further = {**dialect, "schema": schema, "primary_key": primary_key or None, "formats": formats_of_suffixes(plugins)}
    source = file_source(data, **further)
    chosen = known_codes(split(select), plugins.codes)
    left_out = known_codes(split(ignore), plugins.codes)
    results = Results(form, output, lambda: plugins.reporters, also=also)
    spare(results.files, settings, [source], [schema])
    with sigterm_as_interrupt(), ProgressBar() as bar:
        report = apart.check(
            source,
            settings,
            plugins,
            progress=bar,
            limit_records=limit_records,
            select=chosen,
            ignore=left_out,
            roots=roots_of(data),
            otherwise=otherwise(data, **further),
        )
    report = held_to(report, fail_on)
    results.add(report)
    results.finish()
    return exit_code(report)
