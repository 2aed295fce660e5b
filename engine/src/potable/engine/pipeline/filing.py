"""What a run's parts say is filed: under their code's family, where the run reports that code at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from potable.engine.findings import Code, Occurrence, Severity, Tally
from potable.engine.handed import place_of
from potable.engine.judging.collector import (
    Collected,
    Collector,
    NotItsCode,
    not_its_own,
    severity_policy,
    undocumented,
)
from potable.engine.plugins import may_report
from potable.engine.quoting import Quoting
from potable.engine.scan.loop import family

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import Fetcher
    from potable.engine.contracts.reading import Reader
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.options import RunOptions


class Filing:
    """The findings of one run, as they come.

    :param known: the codes that are documented, by id.
    :ivar partial: set where the data weren't read to their end: codes that need all of them aren't reported then.
    """

    def __init__(self, source: SourceDefinition, known: Mapping[str, Code], options: RunOptions) -> None:
        self._known = known
        self._by_field = source.severity
        self._severity = severity_policy(source.severity, options.select, options.ignore)
        self.partial = False
        self.quoting = Quoting(source.values)
        self.collector = Collector(
            source.resource_id, known, self._severity_now, options.limits, self.quoting, source.primary_key
        )

    @property
    def stopped(self) -> bool:
        """Whether something was found that ends the run."""
        return self.collector.stopped()

    @property
    def errors(self) -> int:
        """Errors so far."""
        return self.collector.errors

    @property
    def untold(self) -> dict[str, str]:
        """By checker, what of its findings there's no room for in the report, a clause."""
        return self.collector.untold

    def say(self, said: Occurrence | Tally) -> None:
        """What a part of the engine says, filed under its code's family."""
        self.say_by(family(said.code), said)

    def say_by(self, part: str, said: Occurrence | Tally) -> None:
        """What the part of that name says."""
        self.collector.add(part, said)

    def say_of(
        self, said: Occurrence | Tally, place: object, kind: type[Fetcher | Reader], *others: type[Reader]
    ) -> None:
        """What a fetcher or reader says, filed as :meth:`say` does it.

        :param place: the function of its author's that says it.
        :param others: who may say things through it.
        :raises NotItsCode: it may not say so.
        """
        if said.code not in self._known:
            raise NotItsCode(undocumented(said.code, self._known) + place_of(place))
        if not any(may_report(one, said.code) for one in (kind, *others)):
            raise NotItsCode(not_its_own(said.code) + place_of(place))
        self.say(said)

    def collected(self) -> Collected:
        """What was found so far."""
        return self.collector.collected()

    def wants(self, code: str, name: str | None) -> bool:
        """Whether a code is reported for a field. Raises ``LookupError`` for one that nobody documents."""
        if code not in self._known:
            raise NotItsCode(undocumented(code, self._known))
        return self._severity_now(self._known[code], name) is not None

    def reported(self, codes: Iterable[Code]) -> list[str]:
        """Those that this run reports, for all or some fields."""
        return [
            c.id for c in codes if self._severity(c, None) is not None or isinstance(self._by_field.get(c.id), Mapping)
        ]

    def of_family(self, *families: str) -> list[str]:
        """The codes of some families that this run reports."""
        return self.reported(c for c in self._known.values() if c.family in families)

    def _severity_now(self, code: Code, name: str | None) -> Severity | None:
        return None if self.partial and code.dataset else self._severity(code, name)
