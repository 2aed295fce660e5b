"""Does Potable find each fault, at its place, and nothing else? A benchmark of wrong answers is worth nothing.

``python -m benchmarks.truth FOLDER RECORDS`` runs the ten rules with room for every sample, and compares codes, fields,
counts, records, lines, byte offsets and values with what :mod:`benchmarks.workload` put there. Prints what differs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.workload import FAULTY, CsvWorkload


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


def main(folder: str, records: str) -> int:
    """Print the differences; 0 when there are none."""
    found = list(differences(CsvWorkload(Path(folder), int(records))))
    print("\n".join(found) if found else "every fault found at its record, line and byte, and nothing else")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
