"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from potable.engine.errors import UsageError, likely
from potable.engine.reporting.standing import STANDINGS
from potable.engine.runs import LARGEST_USER

USER = click.IntRange(0, LARGEST_USER)
"""A userID."""

Function = TypeVar("Function", bound=Callable[..., Any])
FORMATS = ("text", "json", "html", "sarif", "junit", "markdown", "github")


def _join(*decorators: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """Several option decorators as one; their order is that of the help page."""

    def decorate(function: Function) -> Function:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def set_debug(context: click.Context, _: click.Parameter, on: bool) -> None:
    """Note in the command line's state that tracebacks are wanted."""
    state = context.find_object(dict)
    if on and state is not None:
        state["debug"] = True


DEBUG_HELP = "Show the traceback when Potable itself fails."
debug_option = click.option(
    "--debug", is_flag=True, hidden=True, expose_value=False, is_eager=True, callback=set_debug, help=DEBUG_HELP
)
catalog_option = click.option(
    "--catalog", metavar="PATH", help="Folder, file or URL of the definitions. [$POTABLE_CATALOG, else this folder]"
)
store_option = click.option(
    "--store", metavar="URL", help="Database URL of the run store. [$POTABLE_STORE, else a file in your state folder]"
)
plugin_options = _join(
    click.option("--plugin", "plugin_files", metavar="FILE", multiple=True, help="Use a plugin file; repeatable."),
    click.option("--no-plugin", "without", metavar="NAME", multiple=True, help="Leave out a plugin or checker."),
)  # fmt: skip
result_options = _join(
    click.option("--format", "form", metavar="FORMAT", default="text", show_default=True,
                 help=f"{', '.join(FORMATS)}, or one that a plugin adds."),
    click.option("--output", metavar="FILE", help="Write the result to a file."),
    click.option("--also-as", "also", metavar="FORMAT=FILE", multiple=True,
                 help="Write it to a file in a further format, as in --also-as junit=junit.xml; repeatable."),
)  # fmt: skip
fail_on_option = click.option(
    "--fail-on", type=click.Choice(("error", "warning", "never")), default="error", show_default=True,
    help="What makes a source fail (exit code 1).",
)  # fmt: skip
limit_option = click.option(
    "--limit-records", type=click.IntRange(min=1), metavar="N", help="Read only the first N records: a sample."
)
jobs_option = click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N",
    help="Work on N chunks at a time. [$POTABLE_JOBS, else the number of processors, at most 8]",
)  # fmt: skip
code_options = _join(
    click.option("--select", metavar="CODES", multiple=True, help="Report only these codes or families (comma list)."),
    click.option("--ignore", metavar="CODES", multiple=True, help="Don't report these codes or families (comma list)."),
)
standing_option = click.option(
    "--standing", "standings", metavar="NAMES", multiple=True,
    help=f"Only sources that stand so (comma list): {', '.join(STANDINGS)}.",
)  # fmt: skip
list_option = click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True, help="Output format."
)


def split(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The members of comma lists."""
    return tuple(part for text in texts for raw in text.split(",") if (part := raw.strip()))


def known_standings(texts: tuple[str, ...]) -> frozenset[str]:
    """The standings of ``--standing``. Raises UsageError for one that there isn't."""
    names = frozenset(name.lower() for name in split(texts))
    for name in sorted(names - STANDINGS.keys()):
        near = likely(name, STANDINGS)
        told = f"did you mean {near[0]}?" if near else f"there are {', '.join(STANDINGS)}"
        raise UsageError(f"--standing: no source stands {name!r}; {told}")
    return names
