"""Which findings another one explains, wholly or at some records: one root cause is told once.

The rules stand at :class:`~potable.engine.findings.Code`, under ``suppressed_by``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyroaring import BitMap64

from potable.engine.findings import AT_FIELD, AT_FILE, AT_RUN, Code, Location, Sample, cause_of
from potable.engine.judging.groups import Group, Key

SPARE = 5
"""Of a finding that another one may explain so many times more samples are kept than are shown."""
_TEXT = ".'_$'"
"""What ends the path of an XML element's own text: the element's path means the same where it has nothing else."""
EXPLAINED = "explained"
"""The detail that tells how many occurrences another finding explains."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a group.

    :param explained: how many occurrences another finding explains.
    :param records: the records that are left; None where they aren't known.
    :param samples: those that are left.
    """

    count: int
    explained: int = 0
    records: BitMap64 | None = None
    samples: tuple[Sample, ...] = ()


def involved(codes: Mapping[str, Code]) -> frozenset[str]:
    """Ids of the codes that explain or may be explained."""
    named = (cause_of(by) for code in codes.values() for by in code.suppressed_by)
    return frozenset(named) | {code.id for code in codes.values() if code.suppressed_by}


class Explaining:
    """Tells of each group what is left of it beside the others.

    :param codes: all documented codes, by id.
    :param groups: all that was found.
    """

    def __init__(self, codes: Mapping[str, Code], groups: Mapping[Key, Group]) -> None:
        self._codes = codes
        self._groups: dict[str, list[Group]] = defaultdict(list)
        self._of: dict[tuple[str, str | None], list[Group]] = {}  # by code, and the field that they tell of
        self._over: dict[tuple[str, str | None], list[Group]] = {}  # by code, and fields for which they explain others
        for (code, name, _), group in groups.items():
            self._groups[code].append(group)
            if not group.merged:
                self._of.setdefault((code, _element(name)), []).append(group)
                for path in group.explains:
                    self._over.setdefault((code, _element(path)), []).append(group)
        self._causes: dict[tuple[str, bool, str | None, int], BitMap64 | None] = {}
        self._circles: dict[tuple[str, str], bool] = {}

    def rest(self, key: Key, group: Group) -> Rest:
        """What is left of a group; a count of 0: nothing."""
        samples = tuple(group.samples)
        records = None if group.marks is None else group.marks.records
        explained = self._explained(key, group)
        if explained is None:
            return Rest(0, group.count)
        out = group.of_file if self._of_file_explained(key, group) else 0
        if out:
            samples = tuple(sample for sample in samples if sample.location.record is not None)
        if self._codes[key[0]].blocking or group.marks is None or not group.marks.records.intersect(explained):
            return Rest(group.count - out, out, records, samples)
        left = group.marks.records - explained
        if left and not group.marks.exact:  # which occurrences are at which records isn't known
            return Rest(group.count - out, out, records, samples)
        of_file = group.of_file - out
        count = of_file + group.marks.at(left) if left else of_file
        told = self._samples(key, samples, explained, left, of_file=of_file > 0) if count else ()
        return Rest(count, group.count - count, left, told)

    def _samples(
        self, key: Key, samples: Sequence[Sample], explained: BitMap64, left: BitMap64, *, of_file: bool
    ) -> tuple[Sample, ...]:
        """Those that aren't explained; where all that were kept are, one that has just the first record's number."""
        kept = []
        for sample in samples:
            record = sample.location.record
            if record not in explained if record is not None else of_file:
                kept.append(sample)
        if not kept and left:
            record = left.min()
            return (
                Sample(message=f"{self._codes[key[0]].title} (record {record:,})", location=Location(record=record)),
            )
        return tuple(kept)

    def _explained(self, key: Key, group: Group) -> BitMap64 | None:
        """The records at which a group is explained; None: wherever it is."""
        code, name, _ = key
        # What blocks isn't explained by less than an error: the run could pass then, though nobody looked.
        bound = 0 if self._codes[code].blocking else group.severity.rank
        records = BitMap64()
        for by in self._codes[code].suppressed_by:
            cause, at_field = cause_of(by), by.endswith(AT_FIELD)
            if by.endswith(AT_FILE):
                continue
            if cause not in self._groups or (at_field and group.merged) or self._leads(cause, code):
                continue
            if by.endswith(AT_RUN):
                if group.of_file == group.count and self._stands(cause, _element(name), bound):
                    return None
                continue
            found = self._cause(cause, at_field, _element(name) if at_field else None, bound)
            if found is None:
                return None
            records |= found
        return records

    def _of_file_explained(self, key: Key, group: Group) -> bool:
        """Whether what a group has of whole files is explained, whatever its records are."""
        code, name, _ = key
        bound = 0 if self._codes[code].blocking else group.severity.rank
        causes = [cause_of(by) for by in self._codes[code].suppressed_by if by.endswith(AT_FILE)]
        return not group.merged and any(
            self._cause(cause, True, _element(name), bound) is None
            for cause in causes
            if cause in self._groups and not self._leads(cause, code)
        )

    def _cause(self, code: str, at_field: bool, name: str | None, bound: int) -> BitMap64 | None:
        """The records that findings of a code concern, of those with this rank or a worse one; None: all."""
        asked = (code, at_field, name, bound)
        blocking = self._codes[code].blocking  # worse than any error, whatever its severity
        if asked not in self._causes:
            records: BitMap64 | None = BitMap64()
            for group in self._at(code, name) if at_field else self._groups[code]:
                if group.severity.rank > bound and not blocking:
                    continue
                if group.of_file or blocking:
                    records = None
                    break
                if group.marks is not None and records is not None:
                    records |= group.marks.records
            self._causes[asked] = records
        return self._causes[asked]

    def _stands(self, code: str, name: str | None, bound: int) -> bool:
        """Whether a code was found anywhere, this bad or worse, and explains this field; None: no field's."""
        groups = self._groups[code] if name is None else self._at(code, name)
        return any(group.severity.rank <= bound or self._codes[code].blocking for group in groups)

    def _at(self, code: str, name: str | None) -> list[Group]:
        """The findings of a code in a field, and those that explain others in it, or in what it's beneath."""
        found = self._of.get((code, name), [])
        if name is None or not self._over:
            return found
        above = [name[:at] for at, c in enumerate(name) if c in ".["]
        return found + [group for path in (name, *above) for group in self._over.get((code, path), ())]

    def _leads(self, code: str, to: str) -> bool:
        """Whether a code is explained by another one, by way of others too: in a circle nobody explains anybody."""
        if (code, to) not in self._circles:
            seen, todo = set[str](), [code]
            while todo:
                here = todo.pop()
                if here in seen:
                    continue
                seen.add(here)
                doc = self._codes.get(here)
                todo += [cause_of(by) for by in doc.suppressed_by] if doc is not None else []
            self._circles[code, to] = to in seen
        return self._circles[code, to]


def _element(field: str | None) -> str | None:
    return field.removesuffix(_TEXT) if field is not None else None


def told(details: Mapping[str, object], rest: Rest) -> dict[str, object]:
    """A finding's details: they speak of all that was found, and say how many of it are left out."""
    return {**details, EXPLAINED: rest.explained} if rest.explained else dict(details)
