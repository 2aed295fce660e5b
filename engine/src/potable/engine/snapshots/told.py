"""What a fetch reported, counted: kept beside its snapshot, so that a later run on that can say it again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from potable.engine.fetching.codes import NOT_MODIFIED
from potable.engine.findings import Occurrence, Sample, Tally

Rule = tuple[str, str | None, str | None]
"""code, field, rule"""


class Told:
    """Counts occurrences as the collector would: exactly, with the first samples of each kind.

    :param samples: most samples of one kind.
    """

    def __init__(self, samples: int) -> None:
        self._most = samples
        self._tallies: dict[tuple[Any, ...], Tally] = {}
        self._samples: dict[tuple[Any, ...], list[Sample]] = {}
        self._records: dict[tuple[Any, ...], list[int]] = {}

    def add(self, said: Occurrence) -> None:
        """Count an occurrence."""
        single = Tally.of(said)
        key = (said.code, said.field, said.rule, said.fields, said.hint, said.location.record is None)
        before = self._tallies.get(key)
        if before is None:
            self._tallies[key], self._samples[key], self._records[key] = single, [], []
        else:
            self._tallies[key] = replace(before, count=before.count + 1, details=_merged(before.details, said.details))
        if len(self._samples[key]) < self._most:
            self._samples[key].append(said.sample())
        if said.location.record is not None:
            self._records[key].append(said.location.record)

    @property
    def rules(self) -> frozenset[Rule]:
        """What something was said of."""
        return frozenset(tally_rule(t) for t in self._tallies.values())

    def tallies(self) -> tuple[Tally, ...]:
        """All that was said, but for what is true of this fetch alone: that the source was unchanged."""
        return tuple(
            replace(tally, samples=tuple(self._samples[key]), records=tuple(self._records[key]))
            for key, tally in self._tallies.items()
            if tally.code != NOT_MODIFIED.id
        )


def tally_rule(tally: Tally) -> Rule:
    """What a tally is about."""
    return tally.code, tally.field, tally.rule


def _merged(before: Any, more: Any) -> dict[str, Any]:
    """Details of two: numbers add up, of others the first one stays."""
    found = dict(before)
    for name, value in more.items():
        old = found.get(name)
        if isinstance(old, int) and isinstance(value, int) and not isinstance(value, bool):
            found[name] = old + value
        else:
            found.setdefault(name, value)
    return found
