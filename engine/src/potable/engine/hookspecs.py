"""The hooks of a plugin: modules of the entry-point group ``potable``, or a file named by ``--plugin``.

Hooks register, the engine runs: each is called once, when plugins are loaded, and returns classes. A plugin module
states ``potable_api = 1`` and marks its functions with ``hookimpl``::

    from potable.engine import Checker, hookimpl

    potable_api = 1

    @hookimpl
    def potable_checkers():
        return [MyChecker]
"""

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from potable.engine.checker import Checker
from potable.engine.contracts.catalog import Catalog, Reporter
from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.reading import Reader
from potable.engine.contracts.report import Report, RunInfo

GROUP = "potable"
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@hookspec
def potable_checkers() -> Sequence[type[Checker]]:  # type: ignore[empty-body]
    """Return checker classes. A name that is taken, or a code of another's name, makes the plugin ``invalid``."""


@hookspec
def potable_fetchers() -> Sequence[type[Fetcher]]:  # type: ignore[empty-body]
    """Return fetcher classes, each for ingest methods or URL schemes that no other serves: one that is taken makes the
    plugin ``invalid``.
    """


@hookspec
def potable_readers() -> Sequence[type[Reader]]:  # type: ignore[empty-body]
    """Return reader classes, each for formats that no other reads: one that is taken makes the plugin ``invalid``."""


@hookspec
def potable_catalogs() -> Sequence[type[Catalog]]:  # type: ignore[empty-body]
    """Return catalog classes; the first that ``opens`` a location is used."""


@hookspec
def potable_reporters() -> Sequence[type[Reporter]]:  # type: ignore[empty-body]
    """Return renderer classes."""


@hookspec
def potable_run_finished(run: RunInfo, report: Report) -> None:
    """Called when a run has ended with a report: notify, archive, alert. What it raises is logged, never fatal.

    The command line and the server call it in a process of its own, which it has for a minute: what it leaves in memory
    isn't there at the next call, and what it started ends with it, once its threads that aren't daemons have ended. A
    program that hands its own plugins to the engine hears of the end in that program.

    :param run: which run.
    :param report: its report.
    """
