"""The profile: small states that merge, and the same whatever the cutting."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from potable.engine.contracts.reading import Chunk
from potable.engine.describe.patterns import BY_NAME, OF_TABLE
from potable.engine.describe.profile import Profile, ProfileFold, is_id
from potable.engine.describe.schema import Draft
from potable.engine.describe.unique import Unique
from potable.engine.findings import Location
from potable.engine.paths import FieldPath


class Table(Chunk):
    """Some records of a table."""

    typed = False
    file = "t.csv"
    tallies = ()

    def __init__(self, frame: pl.DataFrame, index: int) -> None:
        self.frame, self.index = frame, index
        self.columns = tuple(frame.columns)
        self.numbers = np.arange(frame.height, dtype=np.uint64)

    def locate(self, rows: Sequence[int]) -> list[Location]:
        raise NotImplementedError


def profile(frame: pl.DataFrame, cuts: Sequence[int], budget: int = 1 << 20) -> Profile:
    fold = ProfileFold(budget)
    edges = [0, *sorted(cuts), frame.height]
    states = [fold.update(fold.start(), Table(frame[a:b], n)) for n, (a, b) in enumerate(pairwise(edges))]
    whole = states[0]
    for state in states[1:]:
        whole = fold.merge(whole, state)
    fold.finish(whole)
    assert fold.found is not None
    return fold.found


def plain(found: Profile) -> dict[str, Any]:
    return {
        name: (
            c.records,
            c.lacking,
            c.tested,
            c.fits,
            c.empties,
            c.values,
            c.negative,
            c.reach,
            c.unique is not None,
            c.again,
        )
        for name, c in found.columns.items()
    }


TEXTS = st.sampled_from(
    [
        "",
        "NA",
        "-",
        "1",
        "-2",
        "3.5",
        "2024-01-02",
        "1.2.2024",
        "1/2/2024",
        "x",
        "y",
        "true",
        "12:30",
        None,
        "007",
        "1,5",
    ]
)


@settings(max_examples=40)
@given(st.data(), st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=12), st.sampled_from([1 << 20, 100, 60, 8]))
def test_any_cutting_gives_the_same(data: st.DataObject, rows: list[tuple[str, str]], budget: int) -> None:
    frame = pl.DataFrame(rows, schema={"$.sampleID": pl.String, "$.a": pl.String}, orient="row")
    cuts = data.draw(st.lists(st.integers(0, len(rows)), max_size=4))
    assert plain(profile(frame, cuts, budget)) == plain(profile(frame, [], budget))


def test_past_the_budget_the_likeliest_key_is_followed_longest() -> None:
    rows = [(str(n), str(n), str(n)) for n in range(20)]
    frame = pl.DataFrame(rows, schema={"$.a": pl.String, "$.b": pl.String, "$.sampleID": pl.String}, orient="row")
    kept = {
        budget: [n for n, c in profile(frame, [3, 9], budget).columns.items() if c.unique]
        for budget in (480, 320, 160, 159)
    }
    assert kept == {480: ["$.a", "$.b", "$.sampleID"], 320: ["$.a", "$.sampleID"], 160: ["$.sampleID"], 159: []}


@given(st.lists(st.lists(st.text(max_size=2), max_size=6), max_size=6), st.integers(0, 5))
@example([["a"], ["b"], ["c"], ["d"], ["a"]], 0)
def test_values_are_unique_or_not(parts: list[list[str]], most: int) -> None:
    found: Unique | None = Unique(most=most)
    for part in parts:
        if found is not None:
            other = Unique.of(pl.Series(part, dtype=pl.String), most)
            found = None if other is None else found.merged(other)
    every = [text for part in parts for text in part]
    again = len(every) - len(set(every))
    assert again > most if found is None else found.repeated() == again


@pytest.mark.parametrize(
    ("again", "records", "said"),
    [
        (0, 20, None),
        (1, 20, "guid is proposed as the key, though 1 record has the value of an earlier one"),
        (2, 20, "2 records have the value"),
        (3, 20, ""),  # too many: it may well identify something else
        (11, 500, ""),
        (1, 9, ""),
    ],
)
@pytest.mark.parametrize("cuts", [[], [7]])
def test_a_key_by_its_name_with_a_few_duplicates_is_proposed(
    again: int, records: int, said: str | None, cuts: list[int]
) -> None:
    ids = [f"u{n if n >= again else records - 1 - n}" for n in range(records)]
    frame = pl.DataFrame({"$.guid": ids, "$.title": [f"t{n}" for n in range(records)]})
    draft = Draft(profile(frame, cuts, 1 << 20))
    proposed = draft.members.get("primaryKey")
    if said:
        assert proposed == "guid"
        assert said in draft.notes[0]
        assert "keys/duplicate" in draft.notes[0]
        assert "No value occurs twice in title." in draft.notes
    else:
        assert proposed == ("guid" if said is None else "title" if records >= 10 else None)
        assert not any("proposed" in note for note in draft.notes)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("integer", ["0", "-1", "+12", " 7 ", "9" * 18], ["007", "1.0", "9" * 19, "", "1 2", "٣"]),
        ("number", ["0.5", ".5", "5.", "1e3", "-1.5E-7"], ["01.5", "1,5", "NaN", "INF", "1e", "."]),
        ("number ,", ["1,5", "-0,25", "3"], ["1.5", "1,", "1,2,3"]),
        ("boolean", ["true", "FALSE"], ["1", "yes", "tRUE"]),
        ("date", ["2024-02-29", "1999-12-31"], ["2023-02-29", "2024-13-01", "0000-01-01", "2024-1-1", "2024-01-01 "]),
        ("date %d.%m.%Y", ["1.2.2024", "31.12.1999"], ["31.02.2024", "1.13.2024", "1.2.24"]),
        ("date %d %b %Y", ["1 Jan 2024", "31 dec 1999"], ["31 Feb 2024", "1 January 2024"]),
        (
            "datetime",
            ["2024-01-02T03:04:05", "2024-01-02T03:04:05.25+01:00"],
            ["2024-01-02T24:00:00", "2024-01-02T03:04"],
        ),
        ("time %H:%M", ["00:00", "23:59"], ["24:00", "7:30"]),
        ("uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000"]),
        ("email", ["a.b@example.org"], ["a b@example.org", "a@b", ".a@example.org"]),
        ("uri", ["https://example.org/a?b=c#d", "http://h"], ["https://example.org/a b", "example.org", "https:///x"]),
    ],
)
def test_patterns(name: str, right: list[str], wrong: list[str]) -> None:
    test = BY_NAME[name].test
    assert test(pl.Series(right)).to_list() == [True] * len(right)
    assert test(pl.Series(wrong)).fill_null(value=False).to_list() == [False] * len(wrong)


def test_patterns_have_names_of_their_own() -> None:
    assert len({p.name for p in OF_TABLE}) == len(OF_TABLE)


def test_names_of_identifiers() -> None:
    assert [
        n
        for n in ("id", "sample_id", "sampleID", "Cell ID", "accession", "rrid", "doi", "$.item.guid.'_$'", "$.a.@id")
        if not is_id(FieldPath.parse(n))
    ] == []
    assert [n for n in ("paid", "grid", "identity", "name", "keyboard", "humidity") if is_id(FieldPath.parse(n))] == []
