"""Past a bound of findings of one code the rest are merged into one: which are, and what is told of them all.

Those whose first record comes first have a finding of their own, whatever the order in which they were found: that
depends on where the data were cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from potable.engine.findings import Sample, Severity
from potable.engine.judging.explaining import Rest
from potable.engine.judging.groups import Group, Key, sums


@dataclass(slots=True)
class Crowd:
    """The groups of one code.

    :param own: how many may have a finding of their own.
    :param spare: samples that are kept of all others together.
    :ivar keys: of all groups.
    :ivar merged: of those that were found to have no finding of their own.
    """

    own: int
    spare: int
    keys: list[Key] = field(default_factory=list)
    merged: set[Key] = field(default_factory=set)
    _samples: list[tuple[int, str, Key, Sample]] = field(default_factory=list)

    @property
    def is_due(self) -> bool:
        """Whether so many groups are new that it's time to tell them apart."""
        return len(self.keys) - len(self.merged) > 2 * self.own

    def part(self, groups: Mapping[Key, Group]) -> None:
        """Tell apart which groups have a finding of their own; of the others samples are kept together."""

        def order(key: Key) -> tuple[int, str, str]:
            return groups[key].first, key[1] or "", key[2] or ""

        for key in sorted((k for k in self.keys if k not in self.merged), key=order)[self.own :]:
            self.merge(key, groups[key])

    def merge(self, key: Key, group: Group) -> None:
        """Give a group no finding of its own."""
        if key not in self.merged:
            self.merged.add(key)
            self.take(key, key[1], group.samples)
            group.samples, group.details = [], {**sums(group.details)}

    def wants(self, record: int) -> bool:
        """Whether a sample at this record may be among those that are told."""
        return len(self._samples) < self.spare or record <= self._samples[-1][0]

    def take(self, key: Key, name: str | None, samples: Iterable[Sample]) -> None:
        """Keep samples in a field of a group that has no finding of its own, the first ones of all such groups."""
        named = (replace(s, message=_placed(s.message, name)) for s in samples)
        self._samples += [(s.location.record or 0, name or "", key, s) for s in named]
        self._samples.sort(key=lambda s: s[:2])
        del self._samples[self.spare :]

    def together(
        self, groups: Mapping[Key, Group], rests: Mapping[Key, Rest], details_bytes: int
    ) -> tuple[Group, Rest]:
        """The merged groups as one, and what is left of it.

        :param rests: what is left of each; at least one of them has something.
        """
        left = [key for key in self.keys if key in rests and rests[key].count]
        whole = Group(
            groups[left[0]].checker, min((groups[k].severity for k in left), key=_rank), (), None, merged=True
        )
        for key in left:
            whole.count += groups[key].count
            whole.of_file += groups[key].of_file
            whole.add_details(groups[key].details, details_bytes)
        samples = [s for _, _, key, s in self._samples if key in rests and _is_left(s, rests[key])]
        if not samples:
            samples = sorted((s for key in left for s in rests[key].samples), key=lambda s: s.location.record or 0)
        explained = sum(rest.explained for rest in rests.values())
        return whole, Rest(sum(rests[key].count for key in left), explained, None, tuple(samples))


def _placed(message: str, name: str | None) -> str:
    """The message of a sample whose finding is of several fields: it names its own."""
    return message if name is None or name in message else f"{name}: {message}"


def _rank(severity: Severity) -> int:
    return severity.rank


def _is_left(sample: Sample, rest: Rest) -> bool:
    record = sample.location.record
    return rest.count > 0 and (rest.records is None or record is None or record in rest.records)
