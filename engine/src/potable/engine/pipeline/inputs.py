"""Further sources that a run reads: those that its checkers name, for foreign keys and the like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, ClassVar, TypeVar

from potable.engine.checker import Checker, Fold, Outcome
from potable.engine.contracts.catalog import Catalog
from potable.engine.contracts.reading import Chunk
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.options import validated_options
from potable.engine.errors import DefinitionError, UnknownSource
from potable.engine.findings import Fault, Occurrence
from potable.engine.given.arguments import definition_of
from potable.engine.limits import Limits
from potable.engine.lint import LintContext
from potable.engine.plugins import Plugins

S = TypeVar("S")
Run = Callable[[SourceDefinition, type[Checker]], Report]
"""Reads a source with one checker alone."""


def inputs_of(source: SourceDefinition, plugins: Plugins, catalog: Catalog) -> dict[str, SourceDefinition]:
    """The definitions of the sources that the checkers in use need, by resourceID; those that aren't in the catalogue,
    or can't be used, are left out.
    """
    found: dict[str, SourceDefinition] = {}
    for name in _named(source, plugins):
        with suppress(UnknownSource, DefinitionError):
            found[name] = definition_of(catalog, name)
    return found


def _named(source: SourceDefinition, plugins: Plugins) -> list[str]:
    names: dict[str, None] = {}
    for name, cls in plugins.checkers.items():
        raw = source.checks.get(name)
        if raw is False or (raw is None and not cls.default_on) or cls.inputs is Checker.inputs:
            continue
        # What it can't do it will fail at in the run, too, and be told of there.
        with suppress(Exception):
            options = validated_options(cls.options_schema, {} if raw in (None, True) else raw)
            checker = cls(options, LintContext(Limits(), plugins.checkers))
            names |= dict.fromkeys(map(str, checker.inputs(source)))
    return [n for n in names if n != source.resource_id]


class Inputs:
    """Reads further sources for the checkers of one run.

    :param sources: those that may be asked for, by resourceID.
    :param run: see :data:`Run`.
    """

    def __init__(self, sources: Mapping[str, SourceDefinition], run: Run, plugins: Plugins) -> None:
        self._sources, self._run, self._codes = sources, run, plugins.codes

    def read(self, source: str | SourceDefinition, fold: Fold[S]) -> S:
        """See :meth:`potable.engine.checker.CheckContext.read`."""
        definition = self._sources.get(source) if isinstance(source, str) else source
        if definition is None:
            raise LookupError(f"there is no source {source} in the catalogue")
        kept = _Kept(fold)
        report = self._run(definition, _reader(kept))
        crash = next((c for c in report.coverage if c.status == "crashed"), None)
        if crash is not None and not kept.states:
            raise RuntimeError(f"{definition.resource_id} couldn't be read: {crash.reason}")
        blocking = [f for f in report.findings if self._codes[f.code].blocking and f.samples]
        if blocking:
            sample = blocking[0].samples[0]
            raise Fault(Occurrence(blocking[0].code, sample.message, location=sample.location))
        if not kept.states:
            raise Fault(Occurrence("access/not-found", " ".join(report.why), location=definition.place("/ingestURL")))
        state: S = kept.states[0]
        return state


class _Kept(Fold[Any]):
    """A fold that keeps its state when it has seen everything."""

    def __init__(self, inner: Fold[Any]) -> None:
        self.name, self.fields, self.codes = inner.name, inner.fields, ()
        self._inner = inner
        self.states: list[Any] = []

    def start(self) -> Any:
        return self._inner.start()

    def update(self, state: Any, chunk: Chunk) -> Any:
        return self._inner.update(state, chunk)

    def merge(self, left: Any, right: Any) -> Any:
        return self._inner.merge(left, right)

    def finish(self, state: Any) -> Outcome:
        self.states = [state]
        return Outcome()


def _reader(fold: _Kept) -> type[Checker]:
    """A checker that runs one fold and finds nothing."""

    class Reading(Checker):
        name: ClassVar[str] = "input"

        def folds(self, source: SourceDefinition) -> list[Fold[Any]]:
            return [fold]

    return Reading
