"""The work of a run's process: a source definition in, a report out. Importing it imports the whole pipeline."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pyarrow.csv  # noqa: F401 - nearly every run needs it, and a nursery has the time for it

from potable.engine.contracts.host import ANY_PROCESS, Host
from potable.engine.executors.contract import Emit
from potable.engine.executors.notice import hear
from potable.engine.options import RunOptions
from potable.engine.pipeline.run import run_source
from potable.engine.plugins import Plugins, load_plugins


def run_job(job: Mapping[str, Any], emit: Emit, plugins: Plugins | None = None) -> dict[str, Any]:
    """Run a source and return its report's JSON object; or tell a plugin that a run has ended.

    :param job: ``source``: the SourceDefinition; ``options``: members of RunOptions; ``files`` and ``without``: the
        plugins to load; ``unusable``: those that can't be, and why; ``host``: the run's process, where it's one of its
        own. Where ``finished`` is a member, see :mod:`potable.engine.executors.notice`.
    :param plugins: loaded plugins, instead of the job's.
    """
    if plugins is None:
        plugins = load_plugins(job["files"], job["without"], unusable=job.get("unusable", {}))
    if "finished" in job:
        return hear(job, plugins)
    options = RunOptions(**job["options"])
    host: Host = job.get("host", ANY_PROCESS)
    report = run_source(job["source"], plugins, options, lambda said: emit(dataclasses.asdict(said)), host)
    return report.to_dict()
