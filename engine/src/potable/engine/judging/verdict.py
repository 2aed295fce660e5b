"""From findings to a verdict: tolerances, and the reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from potable.engine.contracts.report import Verdict
from potable.engine.findings import Finding, Severity
from potable.engine.judging.collector import Collected

DUPLICATE = "keys/duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict, why, and the findings with the tolerated ones marked."""

    verdict: Verdict
    why: tuple[str, ...]
    findings: tuple[Finding, ...]


def judge(
    collected: Collected,
    records: int,
    *,
    err_perc: float | None,
    dup_perc: float | None,
    crashed: Sequence[str] = (),
    sample: str | None = None,
) -> Judgement:
    """Judge a run.

    :param collected: what was found.
    :param records: how many records were read.
    :param err_perc: tolerated share of records with errors, percent; None = 0.
    :param dup_perc: tolerated share of surplus duplicates, percent; None: duplicates count as other errors do.
    :param crashed: names of the checkers that crashed.
    :param sample: words for the sample that was read, None for the whole source.

    Faults of a file are never tolerated; those of records are iff 100 · R ≤ err_perc · records, R being the number of
    records with an error; with ``dup_perc``, R leaves out duplicates, and these are iff 100 · surplus ≤ dup_perc ·
    records, surplus being the number of records that are a duplicate by any key. Exact: no rounding takes part.
    """
    apart = dup_perc is not None
    with_errors = collected.records_with_errors(without=(DUPLICATE,) if apart else ())
    surplus = collected.records_with(DUPLICATE)  # a record that several keys have surplus is one
    errors_ok = _within(with_errors, err_perc, records)
    surplus_ok = _within(surplus, dup_perc, records) if apart else errors_ok

    findings = []
    for finding, of_file in zip(collected.findings, collected.of_file, strict=True):
        ok = surplus_ok if finding.code == DUPLICATE else errors_ok
        tolerated = finding.severity is Severity.ERROR and not of_file and ok and finding.code not in collected.blocking
        findings.append(replace(finding, tolerated=True) if tolerated else finding)
    standing = [f for f in findings if f.severity is Severity.ERROR and not f.tolerated]
    tolerance = _told_tolerances(with_errors, surplus, records, err_perc, dup_perc)

    if collected.blocking:
        stops = [f for f in findings if f.code in collected.blocking]
        how_far = "read to its end" if records else "read"
        why = [f"The source couldn't be {how_far}: {_told(f)}." for f in stops]
        return Judgement(verdict="inconclusive", why=tuple(why), findings=tuple(findings))
    if records == 0:
        why = ["No record was read, so nothing was checked.", *_told_crashes(crashed)]
        return Judgement(verdict="inconclusive", why=tuple(why), findings=tuple(findings))
    if standing:
        total, kinds = sum(f.count for f in standing), len({f.code for f in standing})
        why = [f"{_count(total, 'error')} of {_count(kinds, 'kind')}: {_listed(standing)}.", *tolerance]
        why += _told_crashes(crashed)
        return Judgement(verdict="failed", why=tuple(why), findings=tuple(findings))
    if crashed:
        return Judgement(verdict="inconclusive", why=(*_told_crashes(crashed), *tolerance), findings=tuple(findings))
    read = f"{_count(records, 'record')} read{f' ({sample})' if sample else ''}"
    clean = "no error was found" if not tolerance else "no error stands that isn't tolerated"
    return Judgement(verdict="passed", why=(f"{read}, {clean}.", *tolerance), findings=tuple(findings))


def _within(n: int, percent: float | None, records: int) -> bool:
    # Fraction(str(...)): 0.1 means a tenth, not the nearest binary fraction.
    return 100 * n <= Fraction(str(percent or 0)) * records


def _told_tolerances(with_errors: int, surplus: int, records: int, err: float | None, dup: float | None) -> list[str]:
    told = []
    if err is not None and with_errors:
        verb = "within" if _within(with_errors, err, records) else "beyond"
        told.append(f"{_share(with_errors, records)} of the records have errors, {verb} errPerc {err:g} %.")
    if dup is not None and surplus:
        verb = "within" if _within(surplus, dup, records) else "beyond"
        told.append(f"{_share(surplus, records)} of the records are surplus duplicates, {verb} dupPerc {dup:g} %.")
    return told


def _told_crashes(crashed: Sequence[str]) -> list[str]:
    if not crashed:
        return []
    return [f"Not everything was checked: {', '.join(crashed)} crashed (see the coverage)."]


def _told(finding: Finding) -> str:
    message = finding.samples[0].message if finding.samples else finding.title
    return f"{message.rstrip('.')} ({finding.code})"


def _listed(findings: Sequence[Finding], most: int = 4) -> str:
    counts: dict[str, int] = {}
    for f in findings:
        counts[f.code] = counts.get(f.code, 0) + f.count
    ranked = sorted(counts.items(), key=lambda c: (-c[1], c[0]))
    if len(ranked) == most + 1:  # a single one is named: that's as short
        most += 1
    told = [f"{code} ({n:,})" for code, n in ranked[:most]]
    if len(ranked) > most:
        told.append(f"{len(ranked) - most} more")
    return ", ".join(told)


def _share(n: int, records: int) -> str:
    return f"{n:,} of {records:,} ({100 * n / records:.3g} %)"


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
