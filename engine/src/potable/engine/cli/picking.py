"""Which sources ``potable run`` runs: those that are named, or all of the catalog, or all that stand so."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from potable.engine.cli.unmade import Unmade
from potable.engine.errors import DefinitionError, UsageError
from potable.engine.reporting import facts
from potable.engine.reporting.layout import many
from potable.engine.reporting.standing import standing_of

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.service import Service


@dataclass(frozen=True, slots=True)
class Picked:
    """What is to be run.

    :param ids: sources, in their order.
    :param refused: the sources and files that can't be used.
    :param sources: the definitions of ``ids``, as far as they could be read.
    :param told: what was left out on purpose, in a sentence; "" for nothing.
    """

    ids: Sequence[str]
    refused: Sequence[Unmade] = ()
    sources: Sequence[SourceDefinition] = ()
    told: str = ""


def picked(service: Service, ids: Sequence[str], every: bool, standings: frozenset[str]) -> Picked:
    """The sources that are named; without names ``every`` one that isn't on hold, or those with these ``standings``.

    :raises UsageError: sources and a choice, or neither; a catalog without sources.
    :raises CatalogError: an unknown source is named.
    :raises StoreError: how sources stand can't be read.
    """
    if not every and not standings:
        sources = []
        for resource_id in ids:  # an unknown one is told before any has been run
            with suppress(DefinitionError):  # which the others needn't suffer for
                sources.append(service.definition(resource_id))
        return Picked(ids, sources=sources)
    rows, unusable = service.listing(standing=bool(standings))
    if not rows and not unusable:
        raise UsageError("the catalog has no sources")
    if standings:
        rows = [r for r in rows if standing_of(r.broken, r.hold, r.run) in standings]
        unusable = unusable if "broken" in standings else []
    held = 0 if standings else sum(r.hold for r in rows)
    rows = [r for r in rows if standings or not r.hold]
    refused = [
        Unmade(o.location.file or "catalog", f"{facts.place(o.location)} can't be used: {o.message}", fault=o)
        for o in unusable
    ]
    refused += [Unmade(r.resource_id, r.fault, resource_id=r.resource_id) for r in rows if r.fault]
    told = "" if rows or refused else "no source stands so: nothing is run"
    if held:
        told = f"{many(held, 'source')} on hold {'is' if held == 1 else 'are'} left out"
    sources = [r.source for r in rows if r.source is not None]
    return Picked([r.resource_id for r in rows if not r.fault], refused, sources, told)


def check_choice(ids: Sequence[str], every: bool, standings: Sequence[str]) -> None:
    """Raise UsageError where sources are named and chosen otherwise too, or neither."""
    if ids and (every or standings):
        raise UsageError("name sources, or choose them by --all or --standing, not both")
    if not (ids or every or standings):
        raise UsageError("name the sources to run (potable sources lists them), or say --all or --standing NAMES")
