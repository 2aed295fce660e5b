"""All benchmarks, side by side: ``make bench``, or ``python -m benchmarks.run --help``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from benchmarks import growth, loops, measure, small
from benchmarks.documents import DOCUMENTS, DocumentWorkload
from benchmarks.one import WARM_UP
from benchmarks.peers import CONTENDERS, SLOW, right
from benchmarks.table import Table
from benchmarks.workload import CsvWorkload

TITLES = {"jsonl": "JSON Lines", "json": "JSON array", "xml": "XML"}
DATA = Path(__file__).parent / "data"
WORKLOADS = ("csv", *DOCUMENTS, "small")
NEEDS = {"duckdb": "duckdb", "pandera": "pandera", "great-expectations": "great_expectations"}
LIMITS = {
    "potable": 1.5,  # whole run in-process, to the baseline
    "potable-all": 2.5,
    "frictionless": 40.0,  # whole command, times faster
    "peak": 400e6,  # bytes, whole process tree
    "help": 0.2,  # seconds
    "jsonl": 2.0,  # whole run, to the loop
    "json": 3.0,
    "xml": 2.0,
    "growth": 1.3,  # peak, to that of a quarter of the documents
}
"""What the project promises; a figure past it is marked, and fails the benchmark with ``--strict``."""


def in_process(work: CsvWorkload, names: list[str], repeat: int, table: Table) -> dict[str, tuple[float, int | None]]:
    """Each contender in processes of its own, in turn, imports left out; medians."""
    times: dict[str, list[float]] = {name: [] for name in names}
    peaks: dict[str, int | None] = {}
    wrong: dict[str, str] = {}
    for turn in range(repeat):
        for name in [n for n in names if not turn or n not in SLOW]:
            ran = measure.python("-m", "benchmarks.one", name, str(work.folder), str(work.records))
            if ran.code:
                wrong[name] = ran.errors.strip().splitlines()[-1] if ran.errors.strip() else f"exit code {ran.code}"
                continue
            answer = json.loads(ran.output)
            times[name].append(answer["seconds"])
            peaks[name] = max(peaks.get(name) or 0, ran.peak or 0) or None
            if fault := right(name, answer["counts"], work):
                wrong[name] = fault
    medians = {n: (measure.median(t), peaks[n]) for n, t in times.items() if t}
    base = medians.get("baseline", (0.0, None))[0]
    for name in names:
        if name in medians:
            seconds, peak = medians[name]
            note = f"{seconds / base:5.2f} x baseline" if base else ""
            table.add(CONTENDERS[name][0], seconds, peak, f"{note}  WRONG: {wrong[name]}" if name in wrong else note)
        else:
            print(f"  {CONTENDERS[name][0]:<52} failed: {wrong[name]}")
        if name in wrong and name.startswith("potable"):
            table.broken.append(f"{name}: {wrong[name]}")
    return medians


def frictionless(work: CsvWorkload, table: Table) -> float | None:
    """``frictionless validate``, timed once: it takes the better part of a minute per million records."""
    argv = [measure.script("frictionless"), "validate", str(work.file.relative_to(measure.ROOT)), "--schema"]
    argv += [str(work.schema_file.relative_to(measure.ROOT)), "--json", "--limit-errors", "1000000"]
    (ran,) = measure.timed(argv)
    try:
        errors = json.loads(ran.output)["stats"]["errors"]
    except (ValueError, KeyError):
        print(f"  frictionless failed: {ran.errors[-500:] or ran.output[-500:]}")
        return None
    true = sum(map(len, work.faults.values()))
    note = f"{errors} errors" + ("" if errors == true else f" instead of {true}")
    table.add("frictionless validate, whole command, once", ran.seconds, ran.peak, note)
    return ran.seconds


def machine() -> Iterator[str]:
    """What was measured, and where."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield f"{platform.system()} {platform.machine()}, {cores} cores, Python {platform.python_version()}"
    names = ("potable-engine", "polars", "pyarrow", "numpy", "duckdb", "pandera", "frictionless")
    yield ", ".join(f"{name} {v}" for name in names if (v := _version(name)))


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def csv_section(args: argparse.Namespace, table: Table) -> None:
    """The CSV workload."""
    work = CsvWorkload(DATA, args.records)
    CsvWorkload(DATA, WARM_UP).make()
    work.make()
    size = work.file.stat().st_size / 1e6
    print(f"\nCSV: {work.records:,} records, {size:.0f} MB, 10 rules with a unique key, 0.05 % faults")
    print(f" in-process, imports left out, median of {args.repeat}")
    names = args.only or [n for n in CONTENDERS if n not in NEEDS or (args.peers and find_spec(NEEDS[n]))]
    medians = in_process(work, names, args.repeat, table)
    if args.only:
        return
    print(" whole command")
    ran = growth.whole_command(work, args.repeat, table)
    slow = frictionless(work, table) if args.frictionless and find_spec("frictionless") else None
    print(" what each checker takes, of all that are on by default; those that take nothing are left out")
    shown = measure.python("-m", "benchmarks.checkers", str(DATA), str(args.records))
    print("  " + (shown.output.rstrip() or shown.errors[-1000:]).replace("\n", "\n  "))
    print(" truth")
    checked = measure.python("-m", "benchmarks.truth", str(DATA), str(args.records))
    print("  " + (checked.output.strip() or checked.errors[-1000:]).replace("\n", "\n  "))
    if checked.code:
        table.broken.append("the report isn't true")
    print(" promises")
    for name, what in (("potable", "the ten rules"), ("potable-all", "all default checkers")):
        if name in medians and "baseline" in medians:
            ratio = medians[name][0] / medians["baseline"][0]
            table.promise(ratio <= LIMITS[name], f"{what}: {ratio:.2f} x the baseline, at most {LIMITS[name]}")
    if {"potable", "pandera"} <= medians.keys():
        ratio = medians["potable"][0] / medians["pandera"][0]
        print(f"  for comparison: the ten rules take {ratio:.2f} x pandera's time")
    if ran is None:
        return
    seconds, peak = ran
    if slow:
        times, least = slow / seconds, LIMITS["frictionless"]
        table.promise(times >= least, f"{times:.0f} x faster than frictionless, at least {least:.0f}")
    if peak:
        table.promise(peak < LIMITS["peak"], f"peak {peak / 1e6:.0f} MB, under {LIMITS['peak'] / 1e6:.0f} MB")
    if args.growth:
        growth.growth(work, seconds, peak, table, huge=args.huge)


def document_section(form: str, args: argparse.Namespace, table: Table) -> None:
    """A workload of documents, beside its plain loop."""
    kind = DOCUMENTS[form]
    kind(DATA, WARM_UP).make()
    work, quarter = kind(DATA, args.documents), kind(DATA, args.documents // 4)
    work.make()
    quarter.make()
    size, rules = work.file.stat().st_size / 1e6, "five field rules"
    rules = rules if form == "xml" else f"a JSON Schema and {rules}"
    print(f"\n{TITLES[form]}: {work.records:,} records, {size:.0f} MB, {rules}, 0.05 % faults")
    print(f" imports and the start of the fork server left out, median of {args.repeat}")
    ran = beside_loop(work, args.repeat, table, tuple(loops.CONTENDERS[form]))
    less = beside_loop(quarter, 1, table, ("potable", "process"))
    print(" truth")
    checked = measure.python("-m", "benchmarks.truth", str(DATA), str(args.documents), form)
    print("  " + (checked.output.strip() or checked.errors[-1000:]).replace("\n", "\n  "))
    if checked.code:
        table.broken.append(f"the report on {form} isn't true")
    print(" promises")
    if {"loop", "potable", "process"} <= ran.keys():
        alone, own = (ran[name][0] / ran["loop"][0] for name in ("potable", "process"))
        table.promise(own <= LIMITS[form], f"{own:.2f} x the loop, at most {LIMITS[form]}")
        print(f"  for comparison: in-process, that is on one processor, {alone:.2f} x the loop")
    for name, where in (("potable", "in-process"), ("process", "with its copies")):
        if name in ran and name in less and (most := ran[name][1]) and (least := less[name][1]):
            text = f"{where} {most / least:.2f} x the peak memory of a quarter of the records"
            if name == "process":  # a quarter is a chunk or two for each copy: they're hardly there together
                print(f"  for comparison: {text}")
            else:
                table.promise(most <= LIMITS["growth"] * least, f"{text}, at most {LIMITS['growth']}")


def beside_loop(
    work: DocumentWorkload, repeat: int, table: Table, names: tuple[str, ...]
) -> dict[str, tuple[float, int | None]]:
    """Each contender in processes of its own, in turn; medians."""
    runs: dict[str, list[measure.Measured]] = {name: [] for name in names}
    for _ in range(repeat):
        for name in names:
            runs[name].append(
                measure.python("-m", "benchmarks.one", name, str(work.folder), str(work.records), work.form)
            )
    medians: dict[str, tuple[float, int | None]] = {}
    for name, done in runs.items():
        what = loops.CONTENDERS[work.form][name][0]
        if any(r.code for r in done):
            print(f"  {what:<52} failed: {done[-1].errors[-500:]}")
            table.broken.append(f"{work.form}: {name} failed")
            continue
        answers = [json.loads(r.output) for r in done]
        seconds = measure.median([a["seconds"] for a in answers])
        medians[name] = seconds, max(r.peak or 0 for r in done) or None
        wrong = next((w for a in answers if (w := loops.right(name, a["counts"], work))), None)
        cpu = measure.median([a["cpu"] for a in answers])
        note = "" if name == "process" else f"{cpu:5.2f} s of processor  "  # its children are out of sight
        note += f"{seconds / medians['loop'][0]:5.2f} x the loop" if "loop" in medians else f"{work.records:,} records"
        table.add(what, *medians[name], f"{note}  WRONG: {wrong}" if wrong else note, form=work.form)
        if wrong:
            table.broken.append(f"{work.form}: {name}: {wrong}")
    return medians


def small_section(args: argparse.Namespace, table: Table) -> None:
    """Start-up and a small file."""
    print(f"\nSmall: 100 records, median of {args.repeat}; processor seconds where it says so")
    shown = small.figures(DATA, args.repeat, with_frictionless=args.peers and find_spec("frictionless") is not None)
    for what, seconds, peak in shown.rows:
        table.add(what, seconds, peak)
    table.promise(shown.help <= LIMITS["help"], f"potable --help in {shown.help:.2f} s, at most {LIMITS['help']}")
    if shown.frictionless is not None:
        text = f"a small run takes {shown.potable:.2f} s of processor, frictionless {shown.frictionless:.2f} s"
        table.promise(shown.potable < shown.frictionless, text)


def main() -> int:
    """Measure, print, and write the figures to ``benchmarks/data/results.json``."""
    parser = argparse.ArgumentParser(prog="benchmarks.run", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="records of the CSV workload")
    parser.add_argument("--workload", action="append", choices=WORKLOADS, help="only this one; may be repeated")
    parser.add_argument("--documents", type=int, default=200_000, help="records of the JSON and XML workloads")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each contender; the median counts")
    parser.add_argument("--no-frictionless", dest="frictionless", action="store_false", help="leave out its minute")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="leave out what potable doesn't need")
    parser.add_argument("--growth", action="store_true", help="ten times the records too")
    parser.add_argument(
        "--huge", action="store_true", help="with --growth: 10 GB, and 100,000,000 keys (12 GB of disk)"
    )
    parser.add_argument("--only", action="append", choices=list(CONTENDERS), help="only this contender, in-process")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a promise is broken")
    args = parser.parse_args()
    table = Table()
    print("\n".join(machine()))
    wanted = args.workload or WORKLOADS
    if "csv" in wanted:
        csv_section(args, table)
    for form in DOCUMENTS:
        if form in wanted and not args.only:
            document_section(form, args, table)
    if "small" in wanted and not args.only:
        small_section(args, table)
    results = {"machine": list(machine()), "rows": table.rows, "broken": table.broken}
    (DATA / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    if table.broken:
        print("\nbroken: " + "; ".join(table.broken))
    return 1 if args.strict and table.broken else 0


if __name__ == "__main__":
    sys.exit(main())
