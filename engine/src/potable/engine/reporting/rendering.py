"""Reports as text, by a reporter that may be somebody else's."""

from __future__ import annotations

from collections.abc import Sequence

from potable.engine.contracts.catalog import Reporter
from potable.engine.contracts.report import Report
from potable.engine.errors import EngineFault, PotableError, own_fault, told_of_plugin


def made(kind: type[Reporter]) -> Reporter:
    """A reporter. Raises as :func:`rendered`."""
    try:
        return kind()
    except BaseException as e:
        if isinstance(e, PotableError) or not own_fault(e):
            raise
        raise EngineFault(f"the reporter {kind.name} failed: {told_of_plugin(e, kind)}") from e


def rendered(reporter: Reporter, reports: Sequence[Report], *, several: bool = False) -> str:
    """The only report as text, or several as one.

    :raises EngineFault: the reporter failed; the message names it, and its author's line.
    :raises PotableError: what it raises on purpose, as a UsageError for what isn't installed.
    """
    name = reporter.name
    try:
        text = reporter.render_all(reports) if several else reporter.render(reports[0])
    except BaseException as e:
        if isinstance(e, PotableError) or not own_fault(e):
            raise
        raise EngineFault(f"the reporter {name} failed: {told_of_plugin(e, type(reporter))}") from e
    if not isinstance(text, str):
        raise EngineFault(f"the reporter {name} failed: it gave a {type(text).__name__} where a text belongs")
    return text
