"""A source checked in a process of its own, and recorded nowhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from potable.engine.contracts.events import Progress
from potable.engine.contracts.report import Report
from potable.engine.errors import EngineFault, UsageError
from potable.engine.executors import again
from potable.engine.executors.choice import best
from potable.engine.executors.contract import Ending
from potable.engine.executors.making import WORK, make
from potable.engine.running import owner

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.limits import Limits
    from potable.engine.plugins import Plugins
    from potable.engine.settings import Settings


def check(
    source: SourceDefinition,
    settings: Settings,
    plugins: Plugins,
    *,
    progress: Callable[[Progress], None],
    **options: Any,
) -> Report:
    """Run a source; what its checkers do to their process isn't done to the caller's.

    :param settings: limits, jobs, hosts, and the plugins that ``plugins`` were loaded from.
    :param progress: called in this thread as the run goes on. What it raises stops the run.
    :param options: further members of :class:`~potable.engine.options.RunOptions`.
    :raises EngineFault: the run ended without a report; the message gives the reason.
    """
    limits: Limits = settings.limits

    def tell(said: Mapping[str, Any]) -> None:
        progress(Progress(**said))

    executor = make(best(), WORK, plugins)
    try:
        with owner.scratch_folder() as scratch:
            given = {
                **options, "limits": limits, "jobs": settings.jobs, "allow_hosts": settings.allow_hosts,
                "scratch": scratch,
            }  # fmt: skip
            job = {
                "source": source, "options": given, "files": settings.plugins, "without": settings.without,
                "unusable": plugins.unusable,
            }  # fmt: skip
            outcome = again.execute(executor, job, seconds=limits.run_seconds, progress=tell, stop=lambda: False)
    finally:
        executor.close()
    if outcome.ending is not Ending.DONE:
        raise EngineFault(f"no report ({outcome.ending.value}): {outcome.message}")
    try:
        return Report.from_dict(dict(outcome.report or {}))
    except UsageError as e:
        raise EngineFault(f"no report: the run's process sent one that can't be read: {e}") from e
