"""Letters apart from their accents: told where the field has the same letter as one character, and nowhere else."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.text import TextChecker
from potable.engine.contracts.report import Report
from potable.engine.definition.model import SourceDefinition
from potable.engine.testing import check_checker, findings_of

Check = Callable[..., Report]
CODE = "text/decomposed"


def found_in(values: list[str | None], **members: Any) -> dict[str, list[int]]:
    source = SourceDefinition(resource_id="test", ingest_method="CSV", **members)
    found = findings_of(TextChecker, {"v": list(values)}, source=source)
    return {f.code: [s.location.record or 0 for s in f.samples] for f in found}


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


WORDS = ["Mérida", "Αθήνα ή", "Йошкар", "がぎ", "한국", "Huế", "Ångström", "plain"]


@pytest.mark.parametrize("word", WORDS[:-1])
def test_the_same_letter_in_two_forms(word: str) -> None:
    assert word != nfd(word)
    assert found_in([*WORDS, nfd(word)]) == {CODE: [9]}
    assert found_in([nfd(word), None, "x", word]) == {CODE: [1]}
    assert found_in([word, *["x"] * 5_000, f"{nfd(word)}s", word]) == {CODE: [5_002]}


def test_half_of_the_accents_apart() -> None:
    assert found_in(["Hu\u00ea\u0301", "Huế"]) == {CODE: [1]}, "Vietnamese of Windows: ê and a tone"


@pytest.mark.parametrize(
    "values",
    [
        WORDS,
        [nfd(word) for word in WORDS],
        ["Mérida", nfd("Zürich")],  # not the same letter
        ["ç", "ẽ".replace("ẽ", "e\u0303"), "t\u0361s", "l\u0325"],  # sounds
        ["ọ̀", "o\u0300"],
        ["שָׁלוֹם", "कि", "قُرْآن", "ไทย้", "e\u0301"],  # marks that there is no other way to write
        ["\u2126", "Ω", "Å", "\u212b"],  # of signs there are two that look the same; none is apart
        ["", "\u0301", "\u3099"],
    ],
)
def test_one_form_alone(values: list[str | None]) -> None:
    assert CODE not in found_in(values)


def test_places_and_words(check: Check) -> None:
    rows = "".join(f'{n},"two\nlines",Mérida\n' for n in range(1, 11))
    report = check(f"id,note,city\n{rows}11,x,{nfd('Mérida')}\n", primaryKey="id")
    (found,) = report.findings
    sample = found.samples[0]
    assert (found.code, found.field, found.count) == (CODE, "$.city", 1)
    assert (sample.location.record, sample.location.line, sample.key) == (11, 22, "11")
    assert "has a letter as several characters that other values of the field have as one" in sample.message


def test_one_cause_one_finding(check: Check) -> None:
    rows = f"id\nMérida\n{nfd('Mérida')}\n"
    assert [f.code for f in check(rows, primaryKey="id").findings] == ["keys/case-variant"]
    schema = {"fields": [{"name": "id", "constraints": {"enum": ["Mérida", nfd("Mérida")]}}]}
    assert check(rows, schema=schema).findings == (), "the schema lists both"
    assert check(rows, severity={CODE: "off"}).findings == ()


def test_lists_of_json(check: Check) -> None:
    rows = f'[{{"v": ["a", "Mérida"]}}, {{"v": ["b", "{nfd("Mérida")}"]}}]'
    (found,) = check(rows, ingestMethod="JSON").findings
    assert (found.code, found.count, found.samples[0].location.path) == (CODE, 1, "/1/v/1")


LETTERS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x24F, categories=("L", "Zs")), max_size=8)


@given(st.lists(LETTERS, min_size=1, max_size=12), st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_told_is_there_in_both_forms(texts: list[str], data: st.DataObject) -> None:
    composed = [unicodedata.normalize("NFC", text) for text in texts]
    apart = [data.draw(st.booleans()) for _ in texts]
    values = [nfd(text) if one else text for text, one in zip(composed, apart, strict=True)]
    there = {c for text, one in zip(composed, apart, strict=True) if not one for c in text}
    told = [
        n
        for n, (text, one) in enumerate(zip(composed, apart, strict=True), start=1)
        if one and any(c in there and nfd(c) != c for c in text)
    ]
    assert found_in([*values]).get(CODE, []) == told
    assert CODE not in found_in([*composed])
    assert CODE not in found_in([*map(nfd, composed)])


def test_any_cutting_gives_the_same() -> None:
    chance = random.Random(4)
    table: dict[str, list[str | None]] = {
        "v": [chance.choice([str, nfd])(chance.choice(WORDS)) for _ in range(200)],
        "w": [chance.choice(["a", "", None, nfd("é"), "é" if n > 150 else "e"]) for n in range(200)],
    }
    check_checker(TextChecker, table, cuttings=8)
