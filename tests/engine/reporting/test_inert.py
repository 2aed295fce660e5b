"""Nothing that comes from data can act on a terminal, a JSON reader or a layout."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.reporting.inert import cut, cut_middle, inert, inert_json, uncommanding, width
from potable.engine.reporting.layout import wrap

TEXTS = st.text(st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain text, straße, 日本", "plain text, straße, 日本"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("a\nb\r\tc\x00\x7f", r"a\nb\r\tc\x00\x7f"),
        ("\x9b2J\x85", r"\x9b2J\x85"),
        ("abc\u202edcb\u2066x\u2069", r"abc\u202edcb\u2066x\u2069"),
        ("zero\u200bwidth\ufeff soft\xadhyphen nb\xa0sp", r"zero\u200bwidth\ufeff soft\xadhyphen nb\xa0sp"),
        ("\u2028\u2029\u3000\u3164\ufe0f", r"\u2028\u2029\u3000\u3164\ufe0f"),
        ("\U000e0041tag", r"\U000e0041tag"),
        ("\ud800", r"\ud800"),
        (r"\d+\.csv", r"\d+\.csv"),
        ("a ##[error]b", r"a \x23#[error]b"),
        ("###vso[task.setvariable variable=x]y", r"#\x23#vso[task.setvariable variable=x]y"),
        ("##teamcity[x]", r"\x23#teamcity[x]"),
        ("## heading [1] ##x[1]", "## heading [1] ##x[1]"),
    ],
)
def test_spells_out_what_could_act_or_hide(raw: str, shown: str) -> None:
    assert inert(raw) == shown


@given(st.text(st.sampled_from("#[vsot] :e\u202e\n")) | TEXTS)
def test_no_text_is_a_command_to_a_ci_system(text: str) -> None:
    for shown in (inert(text), inert_json(json.dumps(text, ensure_ascii=False))):
        assert not re.search(r"##(vso|teamcity)?\[", shown)
        assert inert(inert(text)) == inert(text)
    assert json.loads(inert_json(json.dumps(text, ensure_ascii=False))) == text
    for columns in (40, 80):
        lines = uncommanding("\n".join(wrap(inert(text), columns, "  ", "  ")))
        assert not [line for line in lines.splitlines() if re.match(r"\s*::[A-Za-z]", line)]


def test_a_command_is_told_from_a_name() -> None:
    said = "::error::x\n  ::set-output name=a::b\n::1 is an address, std::vector no command"
    assert uncommanding(said) == (
        "\\x3a:error::x\n  \\x3a:set-output name=a::b\n::1 is an address, std::vector no command"
    )


@given(TEXTS)
def test_inert_text_is_visible_encodable_and_stays_as_it_is(text: str) -> None:
    shown = inert(text)
    assert all(c == " " or unicodedata.category(c)[0] not in "CZ" for c in shown)
    shown.encode("utf-8")
    assert inert(shown) == shown


@given(st.recursive(TEXTS, lambda kids: st.lists(kids, max_size=3) | st.dictionaries(TEXTS, kids, max_size=3)))
def test_inert_json_is_the_same_data(data: object) -> None:
    text = inert_json(json.dumps(data, ensure_ascii=False))
    assert json.loads(text) == json.loads(json.dumps(data))
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text)


@given(TEXTS, st.integers(2, 40))
def test_cut_text_fits(text: str, columns: int) -> None:
    for short in (cut(inert(text), columns), cut_middle(inert(text), columns)):
        assert width(short) <= columns
        assert short == inert(text) or "…" in short


def test_width_counts_terminal_columns() -> None:
    assert (width("abc"), width("日本"), width("e\u0301")) == (3, 4, 1)


def test_cut_middle_keeps_both_ends() -> None:
    assert cut_middle("https://example.org/a/long/way/to/data.csv", 21) == "https://e…ay/data.csv".replace("ay/", "to/")
