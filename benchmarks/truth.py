"""Does Potable find each fault, at its place, and nothing else? A benchmark of wrong answers is worth nothing.

``python -m benchmarks.truth FOLDER RECORDS`` runs the ten rules with room for every sample, and compares codes, fields,
counts, records, lines, byte offsets and values with what :mod:`benchmarks.workload` put there. Prints what differs.
With a third argument (jsonl, json or xml) it does so with a workload of :mod:`benchmarks.documents`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.documents import DOCUMENTS, DocumentWorkload
from benchmarks.workload import FAULTY, CsvWorkload


def document_differences(work: DocumentWorkload) -> Iterator[str]:
    """What of a report on documents isn't as it should be."""
    from potable.engine import Engine, Limits

    report = Engine(catalog=work.definition, limits=Limits(samples=1_000_000)).run(work.resource_id)
    if report.verdict != "failed":
        yield f"the verdict is {report.verdict}: {' '.join(report.why)}"
    if report.counts.records != work.records:
        yield f"{report.counts.records} records instead of {work.records}"
    spoilt = sum(map(len, work.faults.values()))  # no record has two
    if report.counts.records_with_errors != spoilt:
        yield f"{report.counts.records_with_errors} records with errors instead of {spoilt}"
    faults, starts = dict(work.faults), work.starts()
    for finding in report.findings:
        rule = (finding.code, finding.field or "")
        records = faults.pop(rule, None)
        if records is None:
            yield f"{finding.count} x {rule}, which isn't there: {finding.samples[:1]}"
            continue
        if finding.count != len(records):
            yield f"{rule}: {finding.count} instead of {len(records)}"
        places = [(s.location.record, s.location.line, s.location.byte) for s in finding.samples]
        true = [(n, work.line_of(n), _place(starts[n - 1], work.spoilt[rule].token.format(n=n))) for n in records]
        if places != true:
            wrong = next((p for p in zip(places, true, strict=False) if p[0] != p[1]), (places[-1:], true[-1:]))
            yield f"{rule}: wrong places, the first is {wrong[0]} instead of {wrong[1]}"
    yield from (f"{rule}: not found" for rule in faults)
    if any(c.status == "crashed" for c in report.coverage):
        yield f"crashed: {[c for c in report.coverage if c.status == 'crashed']}"


def _place(record: tuple[int, bytes], token: str) -> int:
    """The offset of what stands once in a record, or of the record."""
    start, line = record
    return start + line.index(token.encode())


def differences(work: CsvWorkload) -> Iterator[str]:
    """What of the report isn't as it should be."""
    from potable.engine import Engine, Limits

    engine = Engine(catalog=work.folder / f"{work.resource_id}.yaml", limits=Limits(samples=1_000_000))
    report = engine.run(work.resource_id)
    if report.verdict != "failed":
        yield f"the verdict is {report.verdict}: {' '.join(report.why)}"
    if report.counts.records != work.records:
        yield f"{report.counts.records} records instead of {work.records}"
    faults = dict(work.faults)
    spoilt = len({n for records in faults.values() for n in records})
    if report.counts.records_with_errors != spoilt:
        yield f"{report.counts.records_with_errors} records with errors instead of {spoilt}"
    starts = _starts(work.file)
    for finding in report.findings:
        rule = (finding.code, (finding.field or "").removeprefix("$."))
        records = faults.pop(rule, None)
        if records is None:
            yield f"{finding.count} x {rule}, which isn't there: {finding.samples[:1]}"
            continue
        if finding.count != len(records):
            yield f"{rule}: {finding.count} instead of {len(records)}"
        places = [(s.location.record, s.location.line, s.location.byte) for s in finding.samples]
        if places != [(n, n + 1, starts[n]) for n in records]:
            wrong = next((p for p, n in zip(places, records, strict=False) if p != (n, n + 1, starts[n])), places[-1:])
            yield f"{rule}: wrong places, the first is {wrong}"
        if FAULTY.get(rule):
            values = [s.value for s in finding.samples]
            if values != [FAULTY[rule].format(n=n + 99) for n in records]:
                yield f"{rule}: wrong values, {values[:3]} ..."
    yield from (f"{rule}: not found" for rule in faults)
    if any(c.status == "crashed" for c in report.coverage):
        yield f"crashed: {[c for c in report.coverage if c.status == 'crashed']}"


def _starts(file: Path) -> list[int]:
    """Byte offset of each line; the file has no line break inside a record, so that line n + 1 is record n."""
    starts, at = [], 0
    with file.open("rb") as lines:
        for line in lines:
            starts.append(at)
            at += len(line)
    return starts


def main(folder: str, records: str, form: str = "csv") -> int:
    """Print the differences; 0 when there are none."""
    if form == "csv":
        found = list(differences(CsvWorkload(Path(folder), int(records))))
    else:
        found = list(document_differences(DOCUMENTS[form](Path(folder), int(records))))
    print("\n".join(found) if found else "every fault found at its record, line and byte, and nothing else")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
