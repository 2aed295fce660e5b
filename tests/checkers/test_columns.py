"""Columns are dropped, or kept, by their first records: the same whatever the cutting."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from potable.checkers.dates import DatesChecker
from potable.checkers.folds import columns
from potable.checkers.folds.spans import MOST_SPANS, Spans, records_of, union
from potable.checkers.identifiers import IdentifiersChecker
from potable.checkers.names.words import speaks_of, words_of
from potable.checkers.numbers import NumbersChecker
from potable.checkers.spreadsheet import SpreadsheetChecker
from potable.engine import Engine, Limits
from potable.engine.checker import Checker
from potable.engine.testing import check_checker, findings_of

CHECKERS: Sequence[type[Checker]] = (SpreadsheetChecker, DatesChecker, NumbersChecker, IdentifiersChecker)
POOL = [
    ["TP53", "BRCA1", "2-Sep", "1-Mar", "EGFR"],
    ["2024-03-05", "05/03/2024", "2023-02-30", "2024-03-06"],
    ["1.5", "2,5", "5 kg", "7", "99999999"],
    ["GO:0008150", "GO:815", "kegg:hsa00190", "GOO:1"],
    ["some words", "", None],
]


@pytest.mark.parametrize("checker", CHECKERS)
@pytest.mark.parametrize("seed", range(6))
def test_the_law_where_few_records_decide(checker: type[Checker], seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "HEAD", 8)
    monkeypatch.setattr(columns, "LEAST_HEAD", 1)
    chance = random.Random(seed)
    table = {}
    for n, own in enumerate(POOL):
        others = chance.choice(POOL)
        table[f"c{n}"] = [chance.choice(own if chance.random() < 0.9 else others) for _ in range(40)]
    options = {"today": "2024-03-05"} if checker is DatesChecker else None
    check_checker(checker, table, options=options, cuttings=8, seed=seed)


def test_late_comers_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "HEAD", 8)
    monkeypatch.setattr(columns, "LEAST_HEAD", 1)
    words: list[str | None] = ["some words"] * 8
    dates: list[str | None] = ["2024-03-05"] * 90
    assert findings_of(DatesChecker, {"v": [*words, *dates, "2023-02-30"]}) == ()
    (found,) = findings_of(DatesChecker, {"v": [*[""] * 8, *dates, "2023-02-30"]})
    assert (found.code, found.samples[0].location.record) == ("dates/implausible", 99)
    (found,) = findings_of(DatesChecker, {"v": [*words, "2023-02-30"]}, options={"fields": ["v"]})
    assert found.samples[0].location.record == 9


def test_a_field_that_is_left_out() -> None:
    table: dict[str, list[str | None]] = {"v": ["2024-03-05", "2024-03-05", "2024-03-05", "2024-03-05", "2023-02-30"]}
    assert findings_of(DatesChecker, table, options={"except": ["$.v"]}) == ()
    assert len(findings_of(DatesChecker, table)) == 1


def test_names_with_a_nul() -> None:
    table: dict[str, list[str | None]] = {
        "a\0b": ["2024-03-05", "2024-03-05", "2024-03-05", "2024-03-05", "2023-02-30"]
    }
    (found,) = findings_of(DatesChecker, table)
    assert found.code == "dates/implausible"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("$.geneSymbol", ("gene", "symbol")),
        ("$.'HGNC ID'", ("hgnc", "id")),
        ("$.expiry_date2", ("expiry", "date2")),
        ("$.ORCIDs", ("orci", "ds")),
        ("$.a.b", ("b",)),
        ("$.stock.gene_symbol.'_$'", ("gene", "symbol")),
        ("$.'_$'", ()),
    ],
)
def test_words_of_names(path: str, words: tuple[str, ...]) -> None:
    assert words_of(path) == words


def test_plurals() -> None:
    assert speaks_of("$.genes", {"gene"})
    assert not speaks_of("$.general", {"gene"})


def test_spans_stay_few_and_cover_all() -> None:
    spans = Spans()
    for n in range(10 * MOST_SPANS):
        spans.add(3 * n + 1, 3 * n + 1)
    assert len(spans.bounds) <= MOST_SPANS
    records = records_of(spans)
    assert records is not None
    assert {3 * n + 1 for n in range(10 * MOST_SPANS)} <= set(records.tolist())
    assert records_of(Spans([(1, 2**40)])) is None


def test_spans_that_are_few_are_exact() -> None:
    records = records_of(Spans([(1, 3), (8, 8)]), Spans([(2, 4)]))
    assert records is not None
    assert records.tolist() == [1, 2, 3, 4, 8]


def test_union_of_record_numbers() -> None:
    one, other = np.array([1, 3, 9], np.uint64), np.array([1, 2, 9], np.uint64)
    assert union(one, other).tolist() == [1, 2, 3, 9]


def test_of_many_fields_of_documents_those_that_the_first_lack_are_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever the cutting; those that the definition names are looked at all the same."""
    monkeypatch.setattr(columns, "HEAD", 20)
    monkeypatch.setattr(columns, "LEAST_HEAD", 1)
    monkeypatch.setattr(columns, "MANY", 30)
    values = ["none at all" if i in (70, 90) else f"{i * 7 % 50}.5" for i in range(100)]
    sparse = [{"weight": v, f"s{i % 40}": "word", **({"late": v} if i >= 20 else {})} for i, v in enumerate(values)]
    monkeypatch.chdir(tmp_path)
    Path("sparse.jsonl").write_text("\n".join(map(json.dumps, sparse)))

    def told(cut: int, **options: Any) -> list[tuple[str | None, int]]:
        source = {"ingestMethod": "JSONL", "ingestURL": "sparse.jsonl", "checks": {"numbers": options}}
        report = Engine(limits=Limits(chunk_bytes=cut)).check(source)
        return [(f.field, f.count) for f in report.findings if f.code == "numbers/not-a-number"]

    for cut in (300, 1_000, 1 << 20):
        assert told(cut) == [("$.weight", 2)]
        assert told(cut, fields=["late"]) == [("$.late", 2), ("$.weight", 2)]
