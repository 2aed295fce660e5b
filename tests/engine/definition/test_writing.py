"""Definitions written as YAML mean what was written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from potable.engine.definition.writing import to_yaml
from potable.engine.definition.yaml import load_yaml

TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.sampled_from(
        ["no", "NULL", "012", "0x1F", "1e3", "12:30:45", ".inf", "- a", "a: b", "a #b", "~", "", " a ", "=", "<<"]
    ),
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.integers(), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


@given(value=st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5), notes=st.lists(TEXTS, max_size=2))
def test_what_is_written_is_read(value: dict[str, Any], notes: list[str]) -> None:
    (document,) = load_yaml(to_yaml(value, notes))
    assert document.value == value


@given(value=st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=5))
def test_tools_of_yaml_1_1_read_the_same(value: dict[str, str]) -> None:
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 1)
    assert reader.load(to_yaml(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": "plain text", "b": "no", "c": "012"}, 'a: plain text\nb: "no"\nc: "012"\n'),
        ({"a": 12, "b": True, "c": None}, "a: 12\nb: true\nc: null\n"),
        ({"a": ["", "N/A"], "b": {}}, 'a: ["", N/A]\nb: {}\n'),
        ({"delimiter": "\t"}, 'delimiter: "\\t"\n'),
        ({"f": [{"name": "x" * 60}, {"name": "y" * 60}]}, f"f:\n  - {{name: {'x' * 60}}}\n  - {{name: {'y' * 60}}}\n"),
    ],
)  # fmt: skip
def test_as_people_would_write_it(value: dict[str, Any], text: str) -> None:
    assert to_yaml(value) == text


def test_notes_stand_above_as_comments() -> None:
    assert to_yaml({"a": 1}, ["one\ntwo", "x" * 200]) == f"# one two\n# {'x' * 200}\na: 1\n"
