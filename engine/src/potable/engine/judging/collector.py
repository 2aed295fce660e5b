"""Gathers what the parts of a run report: exact counts, bounded samples, in chunk order."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pyroaring import BitMap64

from potable.engine.errors import slip
from potable.engine.findings import Code, Finding, Location, Occurrence, Severity, Tally, clip, given_severity
from potable.engine.judging.crowd import Crowd
from potable.engine.judging.explaining import SPARE, Explaining, Rest, involved, told
from potable.engine.judging.groups import Group, Key, Marks, bitmap, sums
from potable.engine.limits import Limits
from potable.engine.paths import canonical
from potable.engine.quoting import Quoting

FOLLOWED = 1 << 27
"""Past so many occurrences it's no longer noted at which records they are: further ones are all told."""

MESSAGE_LIMIT = 2_000
"""Longest message of a sample, and longest hint of a finding, in characters."""

PLACE_LIMIT = 8_000
"""Longest name of a field, a rule, a file or a place in it, in characters."""


class NotItsCode(LookupError):
    """A checker reported a code that isn't one of its own; ``str()`` says so, a clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The end result of a :class:`Collector`.

    :param findings: by severity, then checker and count; none tolerated yet.
    :param of_file: for each finding, in order, how many of its occurrences are faults of a file, not of a record.
    :param error_records: records with an error, by code.
    :param blocking: ids of the blocking codes that stand.
    :param suppressed: by code, how many occurrences another finding explains; they're left out of all else.
    """

    findings: tuple[Finding, ...]
    of_file: tuple[int, ...]
    error_records: Mapping[str, BitMap64]
    blocking: tuple[str, ...]
    suppressed: Mapping[str, int]

    def records_with(self, code: str) -> int:
        """How many records have an error of this code."""
        return len(self.error_records.get(code, ()))

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
        self._groups: dict[Key, Group] = {}
        self._crowds: dict[str, Crowd] = {}
        self._wrong: set[str] = set()  # fields with an error
        self._said: set[tuple[str, str]] = set()  # checkers, and fields that they said something of
        self._involved = involved(codes)
        self._followed = 0
        self._error_records: dict[str, BitMap64] = defaultdict(BitMap64)  # of groups without marks
        self._untold: dict[str, list[str]] = defaultdict(list)
        self.errors = 0

    def wants(self, code: str, field: str | None, rule: str | None) -> int:
        """How many more samples of this (code, field, rule) are wanted."""
        key: Key = (code, field, rule)
        crowd = self._crowds.get(code)
        group = self._groups.get(key)
        if crowd is None:
            return self._most(code)
        return crowd.spare if group is None or key in crowd.merged else max(0, crowd.spare - len(group.samples))

    def _most(self, code: str) -> int:
        doc = self._codes.get(code)
        return self._limits.samples * (SPARE if doc is not None and doc.suppressed_by else 1)

    def add(self, checker: str, said: Occurrence | Tally, *, quoted: bool = False) -> None:
        """Count an occurrence or a tally.

        :param checker: the checker that says it, or the part of the engine: the first part of its codes.
        :param quoted: its samples show only what may be shown already.

        Raises :class:`NotItsCode` for a code that nobody documents, and for another's.
        """
        tally = Tally.of(said) if isinstance(said, Occurrence) else said
        code = self._codes.get(tally.code)
        if code is None:
            raise NotItsCode(undocumented(tally.code, self._codes))
        if code.family != checker:
            raise NotItsCode(not_its_own(tally.code))
        if tally.field is not None and tally.field[:1] != "$":
            tally = replace(tally, field=canonical(tally.field))
        default = code if tally.severity is None else replace(code, severity=tally.severity)
        severity = self._severity_of(default, tally.field)
        if severity is None or tally.count <= 0:
            return
        key, group = self._group(checker, tally, severity)
        group.count += tally.count
        crowd = self._crowds[tally.code]
        samples = []
        for sample in tally.samples[: self.wants(*key)]:
            if key in crowd.merged and not crowd.wants(sample.location.record or 0):
                break
            fields = tally.fields or ((tally.field,) if tally.field else ())
            shown = sample if quoted else self._quoting.sample(sample, code, fields, self._key_fields, tally.message)
            message, place = clip(shown.message, MESSAGE_LIMIT) or "", _bounded(shown.location)
            samples.append(
                replace(shown, message=message, value=clip(shown.value), key=clip(shown.key), location=place)
            )
        if key in crowd.merged:
            crowd.take(key, tally.field, samples)
        else:
            group.samples += samples
        details = tally.details if key not in crowd.merged else sums(tally.details)
        if details and (left_out := group.add_details(details, self._limits.details_bytes)):
            self._untold[checker].append(f"the details of {tally.code}: {left_out}")
        group.explains.update(tally.explains)
        self._note_records(key, group, tally, severity)
        if severity is Severity.ERROR:
            self.errors += tally.count
        if crowd.is_due:
            crowd.part(self._groups)

    def _note_records(self, key: Key, group: Group, tally: Tally, severity: Severity) -> None:
        if len(tally.records) == 0:
            group.of_file += tally.count
            return
        if group.marks is not None:
            self._followed += len(tally.records)
            if self._followed <= FOLLOWED:
                group.marks.add(tally)
                return
            self._unfollow(key, group)
        if severity is Severity.ERROR:
            self._error_records[tally.code] |= bitmap(tally)

    def _unfollow(self, key: Key, group: Group) -> None:
        if group.marks is not None and group.severity is Severity.ERROR:
            self._error_records[key[0]] |= group.marks.records
        group.marks = None

    def _group(self, checker: str, tally: Tally, severity: Severity) -> tuple[Key, Group]:
        key: Key = (tally.code, tally.field, tally.rule)
        first = int(tally.records[0]) if len(tally.records) else 0
        group = self._groups.get(key)
        if group is not None:
            group.first = min(group.first, first)
            return key, group
        crowd = self._crowds.get(tally.code)
        if crowd is None:
            crowd = self._crowds[tally.code] = Crowd(self._limits.findings_per_code, self._most(tally.code))
        overfull = len(crowd.keys) >= max(self._limits.columns, self._limits.findings_per_code)
        if overfull:
            key, tally = (tally.code, None, None), Tally(code=tally.code, count=tally.count)
            group = self._groups.get(key)
        if group is None:
            hint = clip(tally.hint, MESSAGE_LIMIT)
            group = self._groups[key] = Group(checker, severity, tally.fields, hint, first=first)
            if tally.code in self._involved and not overfull:
                group.marks = Marks()
            crowd.keys.append(key)
            if tally.field is not None:
                self._said.add((checker, tally.field))
                if severity is Severity.ERROR:
                    self._wrong.add(tally.field)
        if overfull:
            self._unfollow(key, group)
            crowd.merge(key, group)
            group.merged = True
            group.severity = min(group.severity, severity, key=lambda s: s.rank)
        return key, group

    @property
    def untold(self) -> dict[str, str]:
        """By checker, what of its findings there's no room for in the report, a clause."""
        return {
            checker: said[0] + (f" (and those of {len(said) - 1} more)" if len(said) > 1 else "")
            for checker, said in self._untold.items()
        }

    def has_error(self, field: str) -> bool:
        """Whether an error in a field (canonical path) stands."""
        return field in self._wrong

    def stands(self, code: str) -> bool:
        """Whether something of a code stands."""
        return code in self._crowds

    def told_by(self, checker: str, field: str) -> bool:
        """Whether something that a checker says of a field (canonical path) stands."""
        return (checker, field) in self._said

    def stopped(self) -> bool:
        """Whether a blocking finding stands."""
        return any(self._codes[code].blocking for code in self._crowds)

    def collected(self) -> Collected:
        """Everything, with explained findings left out."""
        explaining = Explaining(self._codes, self._groups)
        kept: list[tuple[Finding, int]] = []
        suppressed: dict[str, int] = defaultdict(int)
        error_records: dict[str, BitMap64] = defaultdict(BitMap64)
        for code, crowd in self._crowds.items():
            if len(crowd.keys) > crowd.own:
                crowd.part(self._groups)
            together: dict[Key, Rest] = {}
            for key in crowd.keys:
                group = self._groups[key]
                rest = explaining.rest(key, group)
                if rest.explained:
                    suppressed[code] += rest.explained
                if rest.count and group.severity is Severity.ERROR:
                    error_records[code] |= self._error_records[code] if rest.records is None else rest.records
                if crowd.merged and (key in crowd.merged or key == (code, None, None)):
                    together[key] = rest
                elif rest.count:
                    kept.append((self._finding(key, group, rest), group.of_file))
            if any(rest.count for rest in together.values()):
                whole, rest = crowd.together(self._groups, together, self._limits.details_bytes)
                kept.append((self._finding((code, None, None), whole, rest), whole.of_file))
        kept.sort(
            key=lambda f: (f[0].severity.rank, f[0].checker, f[0].code, -f[0].count, f[0].field or "", f[0].rule or "")
        )
        return Collected(
            findings=tuple(f for f, _ in kept),
            of_file=tuple(n for _, n in kept),
            error_records={code: records for code, records in error_records.items() if records},
            blocking=tuple(sorted({f.code for f, _ in kept if self._codes[f.code].blocking})),
            suppressed=dict(suppressed),
        )

    def _finding(self, key: Key, group: Group, rest: Rest) -> Finding:
        code, name, rule = key
        doc = self._codes[code]
        identity = "\x1f".join((self._resource_id, code, name or "", rule or ""))
        return Finding(
            code=code, severity=group.severity, checker=group.checker, title=doc.title, field=clip(name, PLACE_LIMIT),
            fields=tuple(clip(f, PLACE_LIMIT) for f in group.fields or ((name,) if name else ())),
            rule=clip(rule, PLACE_LIMIT), count=rest.count, tolerated=False,
            hint=group.hint or doc.mend, fingerprint=hashlib.sha256(identity.encode()).hexdigest()[:32],
            details=told(group.details, rest), samples=rest.samples[: self._limits.samples],
        )  # fmt: skip


def not_its_own(code: str) -> str:
    """What is wrong with a code of another's, a clause."""
    return f"it reported the code {code}, which isn't its own"


def undocumented(code: str, codes: Collection[str]) -> str:
    """What is wrong with a code that nobody documents, a clause."""
    near = slip(code, codes)
    return f"it reported the code {code}, which no plugin documents" + (f"; did you mean {near}?" if near else "")


def _bounded(place: Location) -> Location:
    if max(len(text or "") for text in (place.file, place.url, place.path)) <= PLACE_LIMIT:
        return place
    return replace(
        place, file=clip(place.file, PLACE_LIMIT), url=clip(place.url, PLACE_LIMIT), path=clip(place.path, PLACE_LIMIT)
    )


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
        said = given_severity(severity, code, name)
        chosen = default if said is None else None if said == "off" else Severity(said)
        if (select and not listed(code, select)) or listed(code, ignore):
            chosen = None
        return code.severity if chosen is None and code.blocking else chosen

    return severity_of
