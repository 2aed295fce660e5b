"""All that is wrong with a definition, or with those of a catalogue."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from potable.engine.contracts.events import AtWork, unnoted
from potable.engine.definition import qc
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence
from potable.engine.limits import Limits
from potable.engine.lint.parameters import Parameters, pattern_faults
from potable.engine.lint.plugins import checker_faults, format_faults, method_faults, severity_faults
from potable.engine.paths.pointer import unescape
from potable.engine.plugins import Plugins

if TYPE_CHECKING:
    from potable.engine.contracts.catalog import Catalog


def lint_source(
    source: SourceDefinition,
    plugins: Plugins,
    limits: Limits | None = None,
    *,
    at_work: AtWork = unnoted,
    without: Container[str] = (),
) -> list[Occurrence]:
    """All that is wrong with a definition, in the order of its lines.

    :param plugins: what there is to fetch, read and check with.
    :param limits: what checkers are told the limits are.
    :param at_work: notes which checker is at work.
    :param without: checkers that aren't asked.
    """
    found = [
        *source.notes,
        *method_faults(source, plugins),
        *Parameters(source).faults(),
        *format_faults(source, plugins),
        *pattern_faults(source),
        *qc.faults(source),
        *severity_faults(source, plugins),
        *checker_faults(source, plugins, limits or Limits(), at_work, without),
    ]
    found = [_of_checker(o, plugins) for o in _one_cause(source, found)]
    once: dict[tuple[object, ...], Occurrence] = {}
    for o in found:
        # A place has one fault of a code, whoever found it; without a place the message tells them apart.
        tell = o.message if o.location.path is None else None
        once.setdefault((o.code, o.location.file, o.location.line, o.location.path, tell), o)
    return sorted(once.values(), key=lambda o: (o.location.file != source.origin.file, o.location.line or 0))


def lint_catalog(
    catalog: Catalog, plugins: Plugins, limits: Limits | None = None
) -> Iterator[tuple[str | None, Occurrence]]:
    """What is wrong with a catalogue: (resourceID, occurrence), with None for what belongs to no source."""
    for source, found in lint_each(catalog, plugins, limits):
        for occurrence in found:
            yield None if source is None else source.resource_id, occurrence


def lint_each(
    catalog: Catalog, plugins: Plugins, limits: Limits | None = None
) -> Iterator[tuple[SourceDefinition | None, list[Occurrence]]]:
    """Every definition that can be used with what is wrong with it; None with each fault of the catalogue itself."""
    for content in catalog.contents():
        if isinstance(content, Occurrence):
            yield None, [content]
        else:
            yield content, lint_source(content, plugins, limits)


def _of_checker(said: Occurrence, plugins: Plugins) -> Occurrence:
    """An unknown key that is a checker's name, with where its options belong."""
    name = unescape((said.location.path or "")[1:])
    if said.code != "definition/unknown-key" or name not in plugins.checkers:
        return said
    return replace(said, hint=f"{name} is a checker: write its options as checks: {{{name}: ...}}.")


def _one_cause(source: SourceDefinition, found: list[Occurrence]) -> list[Occurrence]:
    """Without the unknown keys that stand for a missing parameter, which is told there."""
    if not source.severity.keys().isdisjoint(
        ("definition/missing-parameter", "definition")
    ):  # it may be told as less, or not at all
        return found
    told = {o.location for o in found if o.code == "definition/missing-parameter"}
    return [o for o in found if o.code != "definition/unknown-key" or o.location not in told]
