"""How often the heuristics are wrong, on real public tables, and whether they find what they're for: ``make study``.

Each finding on the tables was looked at by a person; what they thought of it stands in ``judged.tsv``. A finding that
isn't there is printed as such, and fails the study with ``--strict``.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.injected import Tried, try_all
from benchmarks.public_tables import TABLES
from benchmarks.scanned import BARE, DRAFTED, Scanned, Told, scan
from potable.engine.findings import Code
from potable.engine.plugins import load_plugins

HERE = Path(__file__).parent
JUDGED, PAGE, DATA = HERE / "judged.tsv", HERE.parent / "docs" / "false-alarms.md", HERE / "data" / "study"
USEFUL, USELESS, FALSE, OPEN = "useful", "useless", "false", "not looked at"
FAMILIES = ("text", "spreadsheet", "dates", "numbers", "identifiers", "drift")
SINGLE = (
    "keys/whitespace",
    "keys/invisible-character",
    "keys/look-alike",
    "keys/case-variant",
    "rows/duplicate",
    "rows/reversed",
)
_ASKED = (
    "text/forbidden-value",
    "text/required-value",
    "text/non-ascii",
    "text/odd-length",
    "spreadsheet/broken-sequence",
)
"""Codes of these families that are silent unless a definition asks for them."""
_UNTRIED = ("drift/key-churn",)
"""Two halves of a table have no keys in common."""

Key = tuple[str, str, str]
"""code, table, field"""
Row = Sequence[object]


def judged() -> dict[Key, str]:
    """What was thought of each finding."""
    with JUDGED.open(encoding="utf-8", newline="") as file:
        return {(r["code"], r["table"], r["field"]): r["judgement"] for r in csv.DictReader(file, delimiter="\t")}


def heuristics() -> dict[str, Code]:
    """The codes that go by what data look like."""
    codes = load_plugins().codes
    chosen = [c for c in codes if (c.partition("/")[0] in FAMILIES or c in SINGLE) and c not in (*_ASKED, *_UNTRIED)]
    return {c: codes[c] for c in sorted(chosen)}


def all_told(scanned: Iterable[Scanned]) -> Iterator[tuple[Key, Told]]:
    """Findings with what they are judged by."""
    for s in scanned:
        for t in s.told:
            yield (t.code, s.table.name, t.field), t


def table_rows(scanned: Iterable[Scanned]) -> Iterator[Row]:
    """One row a table."""
    yield "table", "version", "licence of the package", "format", "records", "fields", "findings", "as drafted"
    for s in scanned:
        modes = Counter(t.mode for t in s.told)
        yield (s.table.name, s.table.version, s.table.licence, s.method, f"{s.records:,}", s.fields, modes[BARE],
               modes[DRAFTED])  # fmt: skip


def code_rows(scanned: Sequence[Scanned], known: Mapping[Key, str], codes: Iterable[str]) -> Iterator[Row]:
    """One row a code: findings under the bare definition by judgement, and how often it was wrong."""
    yield ("code", "findings", USEFUL, USELESS, FALSE, "values told", "of these false", "cells looked at",
           "false per million", "as drafted")  # fmt: skip
    told, values = defaultdict[str, Counter[str]](Counter), defaultdict[str, Counter[str]](Counter)
    drafted: Counter[str] = Counter()
    for key, t in all_told(scanned):
        if t.mode == DRAFTED:
            drafted[t.code] += 1
            continue
        judgement = known.get(key, OPEN)
        told[t.code][judgement] += 1
        values[t.code][judgement] += t.count
    for code in dict.fromkeys([*codes, *sorted(told)]):
        cells = sum(s.records * s.halves // 2 if code.startswith("drift/") else s.cells for s in scanned)
        of, wrong = told[code], values[code][FALSE]
        yield (code, of.total(), of[USEFUL], of[USELESS], of[FALSE], f"{values[code].total():,}", f"{wrong:,}",
               f"{cells:,}", f"{1e6 * wrong / max(cells, 1):.2f}", drafted[code])  # fmt: skip


def doubtful_rows(scanned: Iterable[Scanned], known: Mapping[Key, str]) -> Iterator[Row]:
    """Findings that aren't useful, each with an example."""
    yield "code", "table", "field", "values", "judgement", "example"
    once: dict[Key, Told] = {}
    for key, t in all_told(scanned):
        once.setdefault(key, t)
    for key, t in sorted(once.items()):
        if (judgement := known.get(key, OPEN)) != USEFUL:
            yield key[0], key[1], f"`{key[2]}`" if key[2] else "", f"{t.count:,}", judgement, t.example


def recall_rows(tried: Iterable[Tried]) -> Iterator[Row]:
    """One row a fault, and one a code."""
    yield "code", "fault", "put in", "found", "recall", "reported beside"
    by_code = defaultdict[str, list[Tried]](list)
    for t in tried:
        by_code[t.fault.code].append(t)
    for code, of in sorted(by_code.items()):
        put, found = sum(t.put for t in of), sum(t.found for t in of)
        yield f"**{code}**", "all", put, found, f"{100 * found / put:.0f} %", sum(t.beside for t in of)
        for t in of:
            yield "", t.fault.what, t.put, t.found, f"{100 * t.found / max(t.put, 1):.0f} %", t.beside


def rule_rows(codes: Mapping[str, Code]) -> Iterator[Row]:
    """One row a code, from its own documentation."""
    yield "code", "rule", "known limits"
    for code in codes.values():
        yield code.id, code.meaning, code.misses or "–"


def markdown(rows: Iterable[Row]) -> str:
    """A table in Markdown."""
    lines = [[re.sub(r"\s+", " ", str(c)).replace("|", "\\|").replace("<", "&lt;") for c in row] for row in rows]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def sections(scanned: Sequence[Scanned], known: Mapping[Key, str], tried: Sequence[Tried]) -> dict[str, str]:
    """The parts of the page that are made of figures."""
    codes = heuristics()
    bare = [(known.get(key, OPEN), t) for key, t in all_told(scanned) if t.mode == BARE]
    by_judgement = Counter(judgement for judgement, _ in bare)
    cells, records = sum(s.cells for s in scanned), sum(s.records for s in scanned)
    put, found = sum(t.put for t in tried), sum(t.found for t in tried)
    columns = sum(s.fields for s in scanned)
    summary = (
        f"{len(scanned)} tables of {len({s.table.package for s in scanned})} packages, {records:,} records, "
        f"{columns:,} columns, {cells:,} cells: {len(bare)} findings, of which {by_judgement[USEFUL]} are true and "
        f"useful, {by_judgement[USELESS]} true and of no use, {by_judgement[FALSE]} false. "
        f"Of {put:,} faults that were put in, {found:,} were found at their records.\n"
    )
    return {
        "summary": summary,
        "codes": markdown(code_rows(scanned, known, codes)),
        "doubtful": markdown(doubtful_rows(scanned, known)),
        "recall": markdown(recall_rows(tried)),
        "rules": markdown(rule_rows(codes)),
        "tables": markdown(table_rows(scanned)),
    }


def written(page: str, parts: Mapping[str, str]) -> str:
    """The page with each part between its marks."""
    for name, text in parts.items():
        mark = f"<!-- study: {name} -->\n"
        before, found, rest = page.partition(mark)
        assert found, f"{PAGE.name} has no {mark}"
        _, _, after = rest.partition("<!-- end -->\n")
        page = f"{before}{mark}\n{text}\n<!-- end -->\n{after}"
    return page


def unjudged(scanned: Sequence[Scanned], known: Mapping[Key, str]) -> list[Key]:
    """Findings that nobody has looked at yet."""
    return sorted({key for key, _ in all_told(scanned)} - known.keys())


def main() -> None:
    """The study."""
    parser = argparse.ArgumentParser(prog="benchmarks.false_alarms", description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="only tables whose name has this; no faults")
    parser.add_argument("--write", action="store_true", help=f"write the figures into docs/{PAGE.name}")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a finding hasn't been looked at")
    args = parser.parse_args()
    if args.write and args.only:
        parser.error("--write needs all tables: leave --only out")
    DATA.mkdir(parents=True, exist_ok=True)
    known, began = judged(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="potable-study-", dir=DATA) as scratch:
        scanned = []
        for table in TABLES:
            if args.only in table.name:
                scanned.append(scan(table, Path(scratch)))
                print(f"  {table.name:<72}{scanned[-1].records:>9,} records", file=sys.stderr, flush=True)
        tried = [] if args.only else list(try_all(Path(scratch)))
    parts = sections(scanned, known, tried)
    for name, text in parts.items():
        if name != "rules":
            print(text)
    new = unjudged(scanned, known)
    for key in new:
        print("not looked at: " + "\t".join(key))
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    if args.write:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), parts), encoding="utf-8")
    sys.exit(1 if new and args.strict else 0)


if __name__ == "__main__":
    main()
