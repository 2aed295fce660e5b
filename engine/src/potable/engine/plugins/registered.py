"""What plugins have registered, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pluggy

from potable.engine.checker import Checker
from potable.engine.contracts.catalog import Catalog, Reporter
from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.reading import Reader
from potable.engine.contracts.report import Report, RunInfo
from potable.engine.errors import told
from potable.engine.findings import Code

Status = Literal["loaded", "disabled", "load-error", "invalid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRecord:
    """What became of one plugin.

    :param name: the entry point's name, or the file's stem.
    :param dist: the distribution it came with, "" for a file.
    :param version: that distribution's version, "" for a file.
    :param status: ``loaded``, ``disabled`` by the operator, ``load-error`` (it couldn't be imported) or ``invalid``.
    :param reason: one sentence, for all but ``loaded``.
    :param source: ``module`` or path.
    :param provides: what it registered, as ``checker keys``.
    """

    name: str
    dist: str = ""
    version: str = ""
    status: Status = "loaded"
    reason: str = ""
    source: str = ""
    provides: tuple[str, ...] = ()


@dataclass(slots=True)
class Plugins:
    """All that plugins have registered: a typed façade over pluggy.

    Each mapping goes from a class's ``name`` to the class; ``codes`` from a code's id to its documentation.
    """

    checkers: dict[str, type[Checker]] = field(default_factory=dict)
    fetchers: dict[str, type[Fetcher]] = field(default_factory=dict)
    readers: dict[str, type[Reader]] = field(default_factory=dict)
    reporters: dict[str, type[Reporter]] = field(default_factory=dict)
    catalogs: tuple[type[Catalog], ...] = ()
    codes: dict[str, Code] = field(default_factory=dict)
    records: tuple[PluginRecord, ...] = ()
    _manager: pluggy.PluginManager | None = None

    @property
    def told(self) -> list[str]:
        """Of each plugin that was asked for and can't be used, a sentence that says why."""
        return [
            f"The plugin {r.name} can't be used: {r.reason}."
            for r in self.records
            if r.status in ("load-error", "invalid")
        ]

    @property
    def unusable(self) -> dict[str, str]:
        """Why plugins couldn't be loaded, by their records' ``source``."""
        return {r.source: r.reason for r in self.records if r.status == "load-error"}

    @property
    def listeners(self) -> list[str]:
        """The names of the plugins that have a ``potable_run_finished``."""
        if self._manager is None:
            return []
        return [impl.plugin_name for impl in self._manager.hook.potable_run_finished.get_hookimpls()]

    def finished(self, run: RunInfo, report: Report, *, only: str | None = None) -> list[str]:
        """Call every plugin's ``potable_run_finished``; returns what went wrong, a sentence per plugin.

        :param only: the name of the one that is called.
        """
        if self._manager is None:
            return []
        faults = []
        for impl in self._manager.hook.potable_run_finished.get_hookimpls():
            if only not in (None, impl.plugin_name):
                continue
            given = {"run": run, "report": report}
            try:
                impl.function(**{name: given[name] for name in impl.argnames})
            except (Exception, SystemExit) as e:  # noqa: BLE001 - a plugin's fault must not end the run
                faults.append(f"plugin {impl.plugin_name}: potable_run_finished raised {told(e)}")
        return faults

    def loaded(self) -> list[dict[str, str]]:
        """The loaded plugins as a report lists them: name, dist, version."""
        return [{"name": r.name, "dist": r.dist, "version": r.version} for r in self.records if r.status == "loaded"]
