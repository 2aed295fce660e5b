"""Gathers what the parts of a run report: exact counts, bounded samples, in chunk order."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from pyroaring import BitMap64

from potable.engine.findings import Code, Finding, Occurrence, Sample, Severity, Tally, clip
from potable.engine.limits import Limits
from potable.engine.quoting import Quoting

Key = tuple[str, str | None, str | None]
"""code, field, rule"""


@dataclass(slots=True)
class _Group:
    """All that was said of one (code, field, rule)."""

    checker: str
    severity: Severity
    fields: tuple[str, ...]
    hint: str | None
    count: int = 0
    of_file: int = 0
    samples: list[Sample] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The end result of a :class:`Collector`.

    :param findings: by severity, then checker and count; none tolerated yet.
    :param of_file: for each finding, in order, how many of its occurrences are faults of a file, not of a record.
    :param error_records: records with an error, by code.
    :param blocking: ids of the blocking codes that stand.
    :param suppressed: counts of the codes that another finding explains.
    """

    findings: tuple[Finding, ...]
    of_file: tuple[int, ...]
    error_records: Mapping[str, BitMap64]
    blocking: tuple[str, ...]
    suppressed: Mapping[str, int]

    def records_with_errors(self, without: Iterable[str] = ()) -> int:
        """How many records have an error of another code than those in ``without``."""
        left_out = set(without)
        return len(BitMap64.union(*[BitMap64(), *(r for c, r in self.error_records.items() if c not in left_out)]))


class Collector:
    """Collects tallies; add them in record order.

    :param resource_id: for the fingerprints.
    :param codes: all documented codes, by id.
    :param severity_of: the severity of (code, field) in this run, None when it's switched off.
    :param limits: bounds of samples and findings.
    :param quoting: which values may be quoted.
    :param key_fields: canonical paths of the primary key, for the same.
    """

    def __init__(
        self,
        resource_id: str,
        codes: Mapping[str, Code],
        severity_of: Callable[[Code, str | None], Severity | None],
        limits: Limits,
        quoting: Quoting = Quoting(),
        key_fields: tuple[str, ...] = (),
    ) -> None:
        self._quoting = quoting
        self._key_fields = key_fields
        self._resource_id = resource_id
        self._codes = codes
        self._severity_of = severity_of
        self._limits = limits
        self._groups: dict[Key, _Group] = {}
        self._per_code: dict[str, int] = defaultdict(int)
        self._error_records: dict[str, BitMap64] = defaultdict(BitMap64)
        self.errors = 0

    def wants(self, code: str, field: str | None, rule: str | None) -> bool:
        """Whether samples of this (code, field, rule) are still wanted."""
        group = self._groups.get((code, field, rule)) or self._groups.get((code, None, None))
        return group is None or len(group.samples) < self._limits.samples

    def add(self, checker: str, said: Occurrence | Tally, *, quoted: bool = False) -> None:
        """Count an occurrence or a tally. Raises KeyError for a code that nobody documents.

        :param quoted: its samples show only what may be shown already.
        """
        tally = Tally.of(said) if isinstance(said, Occurrence) else said
        code = self._codes[tally.code]
        severity = self._severity_of(code, tally.field)
        if severity is None or tally.count <= 0:
            return
        group = self._group(checker, tally, severity)
        group.count += tally.count
        if len(tally.records) == 0:
            group.of_file += tally.count
        room = self._limits.samples - len(group.samples)
        for sample in tally.samples[: max(room, 0)]:
            fields = tally.fields or ((tally.field,) if tally.field else ())
            shown = sample if quoted else self._quoting.sample(sample, code, fields, self._key_fields)
            group.samples.append(replace(shown, value=clip(shown.value), key=clip(shown.key)))
        _add_details(group.details, tally.details)
        if severity is Severity.ERROR:
            self.errors += tally.count
            if len(tally.records):
                self._error_records[tally.code] |= BitMap64(np.asarray(tally.records, dtype=np.uint64))

    def _group(self, checker: str, tally: Tally, severity: Severity) -> _Group:
        key: Key = (tally.code, tally.field, tally.rule)
        group = self._groups.get(key)
        if group is not None:
            return group
        if self._per_code[tally.code] >= self._limits.findings_per_code:
            key = (tally.code, None, None)
            if key in self._groups:
                return self._groups[key]
            tally = Tally(code=tally.code, count=tally.count)
        self._per_code[tally.code] += 1
        group = self._groups[key] = _Group(checker, severity, tally.fields, tally.hint)
        return group

    def stopped(self) -> bool:
        """Whether a blocking finding stands."""
        return any(self._codes[code].blocking for code, _, _ in self._groups)

    def collected(self) -> Collected:
        """Everything, with explained findings left out."""
        present: set[str] = {code for code, _, _ in self._groups}
        at_field = {f"{code}@{name}" for code, name, _ in self._groups}
        kept: list[tuple[Finding, int]] = []
        suppressed: dict[str, int] = defaultdict(int)
        stands: set[str] = set()
        for key, group in self._groups.items():
            if self._is_explained(key, present, at_field):
                suppressed[key[0]] += group.count
            else:
                stands.add(key[0])
                kept.append((self._finding(key, group), group.of_file))
        kept.sort(
            key=lambda f: (f[0].severity.rank, f[0].checker, f[0].code, -f[0].count, f[0].field or "", f[0].rule or "")
        )
        return Collected(
            findings=tuple(f for f, _ in kept),
            of_file=tuple(n for _, n in kept),
            error_records={c: r for c, r in self._error_records.items() if c in stands},
            blocking=tuple(sorted(c for c in stands if self._codes[c].blocking)),
            suppressed=dict(suppressed),
        )

    def _is_explained(self, key: Key, present: set[str], at_field: set[str]) -> bool:
        code, name, _ = key
        for by in self._codes[code].suppressed_by:
            if by.endswith("@field"):
                if f"{by.removesuffix('@field')}@{name}" in at_field:
                    return True
            elif by in present:
                return True
        return False

    def _finding(self, key: Key, group: _Group) -> Finding:
        code, name, rule = key
        doc = self._codes[code]
        identity = "\x1f".join((self._resource_id, code, name or "", rule or ""))
        return Finding(
            code=code, severity=group.severity, checker=group.checker, title=doc.title, field=name,
            fields=group.fields or ((name,) if name else ()), rule=rule, count=group.count, tolerated=False,
            hint=group.hint or doc.mend, fingerprint=hashlib.sha256(identity.encode()).hexdigest()[:32],
            details=group.details, samples=tuple(group.samples),
        )  # fmt: skip


def _add_details(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        old = into.get(name)
        if isinstance(old, int) and isinstance(value, int) and not isinstance(value, bool):
            into[name] = old + value
        else:
            into.setdefault(name, value)


def severity_policy(
    severity: Mapping[str, Any], select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> Callable[[Code, str | None], Severity | None]:
    """The severity of (code, field) under a definition's ``severity`` and the operator's choice of codes.

    :param severity: as in :class:`~potable.engine.definition.model.SourceDefinition`.
    :param select: codes or families (``schema``) to report; empty: all.
    :param ignore: codes or families not to report.

    A blocking code can't be switched off: what couldn't be read stays said.
    """

    def listed(code: Code, names: Sequence[str]) -> bool:
        return code.id in names or code.family in names

    def severity_of(code: Code, name: str | None) -> Severity | None:
        default = code.severity if code.default_on else None
        said = severity.get(code.id)
        if isinstance(said, Mapping):
            said = said.get(name)
        chosen = default if said is None else None if said == "off" else Severity(said)
        if (select and not listed(code, select)) or listed(code, ignore):
            chosen = None
        return code.severity if chosen is None and code.blocking else chosen

    return severity_of
