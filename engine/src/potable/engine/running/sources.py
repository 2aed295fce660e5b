"""The sources of a catalog, each with its last run and what is wrong with its definition."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from potable.engine.errors import DefinitionError, StoreError, UnknownSource
from potable.engine.findings import Occurrence, Severity

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.running.resources import Resources
    from potable.engine.runs import Run

log = logging.getLogger(__name__)

HELD_SECONDS = 300.0
"""How long lists go by what was last found wrong with a definition that hasn't changed and names no other file: what a
checker looks at besides may have changed.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source of the catalog with its standing.

    :param resource_id: the source.
    :param name: its name; "" where its definition can't be read.
    :param ingest_method: upper-case.
    :param hold: no run is allowed.
    :param run: its ongoing run, else its last one; None without any (or without a store).
    :param fault: why its definition can't be used; "" when it can.
    :param error: the first error that ``potable lint`` finds in its definition; "" without any.
    :param source: its definition; None where it can't be used.
    :param gone: it has runs, and isn't in the catalog any more.
    :param recorded: whether the store was there to tell of runs.
    """

    resource_id: str
    name: str = ""
    ingest_method: str = ""
    hold: bool = False
    run: Run | None = None
    fault: str = ""
    error: str = ""
    source: SourceDefinition | None = None
    gone: bool = False
    recorded: bool = True

    @property
    def broken(self) -> str:
        """What is wrong with its definition; "" for nothing."""
        return self.fault or self.error


class Sources:
    """The sources of a catalog, with the runs of a store."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._held: dict[str, tuple[SourceDefinition, str, float]] = {}
        """Definitions in the last list with their errors, and until when these hold; by resourceID."""

    def listing(self, *, standing: bool) -> tuple[list[SourceRow], list[Occurrence]]:
        """All of them by resourceID, and what can't be used in the catalog beside them: files whose sources aren't
        known.

        :param standing: it's needed how they stand: a store that can't be read is raised as StoreError, not logged.
        """
        newest: dict[str, Run] | None = None
        catalog = self._resources.catalog  # before the store: the process may be copied when it's opened
        try:
            newest = self._resources.store.newest()
        except StoreError as e:
            if standing:
                raise
            log.warning("%s", e)
        usable: dict[str, SourceDefinition] = {}
        invalid: list[Occurrence] = []
        twice: set[str] = set()
        for content in catalog.contents():
            if not isinstance(content, Occurrence):
                usable.setdefault(content.resource_id, content)
            elif content.code == "definition/invalid":
                invalid.append(content)
            elif content.code == "definition/duplicate-id":
                twice.add(str(content.value))
        held: dict[str, tuple[SourceDefinition, str, float]] = {}
        for resource_id in twice:  # asked for by its identifier, it tells of the others
            usable.pop(resource_id, None)
        rows = [self._listed(i, (newest or {}).get(i), usable.get(i), held) for i in catalog.ids()]
        self._held = held
        if newest is None:
            rows = [replace(row, recorded=False) for row in rows]
        told = tuple(row.fault for row in rows if row.fault)
        return rows, [o for o in invalid if not any(t.startswith(str(o.location.file)) for t in told)]

    def _listed(
        self,
        resource_id: str,
        run: Run | None,
        found: SourceDefinition | None,
        held: dict[str, tuple[SourceDefinition, str, float]],
    ) -> SourceRow:
        """A row of a list. ``held`` is added to."""
        now = time.monotonic()
        last = self._held.get(resource_id)
        if last is not None and last[0] is found and now < last[2]:
            held[resource_id] = last
            return _row(last[0], run, last[1])
        row = self.row(resource_id, run, found)
        if found is not None:
            held[resource_id] = found, row.error, now + HELD_SECONDS
        return row

    def row(self, resource_id: str, run: Run | None, found: SourceDefinition | None = None) -> SourceRow:
        """One source.

        :param run: its ongoing run, else its last one.
        :param found: its definition, where that is at hand.
        """
        if found is None:  # one by one only those that can't be used, to say why
            try:
                found = self._resources.definition(resource_id)
            except (DefinitionError, UnknownSource) as e:
                gone = isinstance(e, UnknownSource)
                return SourceRow(resource_id=resource_id, run=run, fault=str(e), gone=gone)
        return _row(found, run, self._error(found))

    def _error(self, source: SourceDefinition) -> str:
        """The first fault of a definition that is an error by its own severities; "" for none."""
        from potable.engine.judging.collector import severity_policy  # heavy: for lists alone
        from potable.engine.lint import lint_source
        from potable.engine.reporting import facts

        severity_of, codes = severity_policy(source.severity), self._resources.plugins.codes
        for said in lint_source(source, self._resources.plugins, self._resources.settings.limits):
            code = codes.get(said.code)
            if code is not None and severity_of(code, said.field) is Severity.ERROR:
                place = facts.place(said.location)
                words = f"{said.message}. {said.hint}" if said.hint else said.message
                return f"{place}: {words}" if place else words
        return ""


def _row(source: SourceDefinition, run: Run | None, error: str) -> SourceRow:
    return SourceRow(
        resource_id=source.resource_id,
        name=source.name,
        ingest_method=source.ingest_method,
        hold=source.hold,
        run=run,
        error=error,
        source=source,
    )
