"""The work of a run's process: a source definition in, a report out. Importing it imports the whole pipeline."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from potable.engine.contracts.events import AtWork, unnoted
from potable.engine.executors.contract import Emit
from potable.engine.pipeline import RunOptions, run_source
from potable.engine.plugins import Plugins, load_plugins


def run_job(job: Mapping[str, Any], emit: Emit, plugins: Plugins | None = None) -> dict[str, Any]:
    """Run a source and return its report's JSON object.

    :param job: ``source``: the SourceDefinition; ``options``: members of RunOptions; ``files`` and ``without``: the
        plugins to load; ``at_work``: notes which checker is at work, where there's somebody to read it.
    :param plugins: loaded plugins, instead of the job's.
    """
    if plugins is None:
        plugins = load_plugins(files=job["files"], without=job["without"])
    options = RunOptions(**job["options"])
    at_work: AtWork = job.get("at_work", unnoted)
    report = run_source(job["source"], plugins, options, lambda said: emit(dataclasses.asdict(said)), at_work)
    return report.to_dict()
