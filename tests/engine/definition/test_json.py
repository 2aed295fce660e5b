"""JSON with lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.engine.definition.document import DEPTH_LIMIT, walk
from potable.engine.definition.json import load_json
from potable.engine.definition.yaml import load_yaml
from potable.engine.errors import DefinitionError
from potable.engine.paths.pointer import escape

values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=3), inner, max_size=4)),
    max_leaves=15,
)


@given(values, st.sampled_from([None, 1]), st.booleans())
def test_it_reads_what_was_written(value: Any, indent: int | None, ascii_only: bool) -> None:
    document = load_json(json.dumps(value, indent=indent, ensure_ascii=ascii_only))
    assert document.value == value
    assert set(document.lines) == {pointer for pointer, _ in walk(value)}
    assert document.duplicates == []


def test_lines_are_those_of_names_and_items() -> None:
    document = load_json('\n{"a":\n  1,\n "b/c": [\n  true,\n  {"d":\n\n null}], "e": 1.50}\n')
    assert document.lines == {"": 2, "/a": 2, "/b~1c": 4, "/b~1c/0": 5, "/b~1c/1": 6, "/b~1c/1/d": 6, "/e": 8}
    assert document.spelled == {"/a": "1", "/b~1c/0": "true", "/b~1c/1/d": "null", "/e": "1.50"}


def test_a_name_given_twice_is_noticed_and_the_last_counts() -> None:
    document = load_json('{"a": {"b": 1},\n"c": {"x": 1,\n"x": 2},\n"a": 2}')
    assert document.value == {"a": 2, "c": {"x": 2}}
    assert document.duplicates == [("/c/x", 3), ("/a", 4)]
    assert document.lines == {"": 1, "/c": 2, "/c/x": 3, "/a": 4}


@st.composite
def written_twice(draw: st.DrawFn) -> str:
    """An object whose names, of few letters, may stand in it twice, at any depth."""
    if draw(st.integers(0, 3)) == 0:
        return json.dumps(draw(st.one_of(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=2))))
    members = draw(st.lists(st.tuples(st.sampled_from(["a", "a/", "ab", "~"]), written_twice()), max_size=5))
    return "{" + ",\n".join(f"{json.dumps(name)}: {inner}" for name, inner in members) + "}"


@settings(max_examples=20)
@given(written_twice(), st.sampled_from([load_json, lambda text: load_yaml(text)[0]]))
def test_the_lines_of_a_part_are_those_of_what_is_in_it_and_around_it(text: str, load: Callable[[str], Any]) -> None:
    document = load(text)
    for part in [*document.lines, "/not", "/a/not"]:
        expected = {
            p: line for p, line in document.lines.items()
            if p == part or p.startswith(part + "/") or part.startswith(p + "/") or p == ""
        }  # fmt: skip
        assert document.lines_at(part) == expected


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "the text ends where a value must stand here (column 1)"),
        ('{"a": 1,\n}', 2, "a comma before '}': take it away (column 1)"),
        ("[1,\n2,]", 2, "a comma before ']': take it away (column 3)"),
        ('{"a": 1\n "b": 2}', 2, "',' or '}' must stand here (column 2)"),
        ("[1 2]", 1, "',' or ']' must stand here (column 4)"),
        ('{"a" 1}', 1, "':' must stand here (column 6)"),
        ("{a: 1}", 1, "a name in double quotes, or '}', must stand here (column 2)"),
        ("{1: 2}", 1, "a name in double quotes must stand here (column 2)"),
        ('{"a": NaN}', 1, "a value must stand here (column 7)"),
        ("{'a': 1}", 1, "a name in double quotes, or '}', must stand here (column 2)"),
        ('{"a": 1}\n{"b": 2}', 2, "something follows the end of the value (column 1)"),
        ('{"a": "b\nc"}', 1, "a value must stand here (column 7)"),
        ("[1", 1, "the text ends where ',' or ']' must stand here (column 3)"),
        ("[}", 1, "a value must stand here (column 2)"),
        ("tru", 1, "a value must stand here (column 1)"),
        ("[01]", 1, "',' or ']' must stand here (column 3)"),
        ("[" * 100_000, 1, f"nested more than {DEPTH_LIMIT} levels deep (column {DEPTH_LIMIT + 1})"),
    ],
)
def test_what_is_not_json(text: str, line: int, reason: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        load_json(text, "f.json")
    assert (caught.value.file, caught.value.line, caught.value.reason) == ("f.json", line, f"not JSON: {reason}")


def test_lone_surrogates_do_no_harm() -> None:
    assert load_json(r'["\ud800x", "\ud83d\ude00"]').value == ["\ufffdx", "😀"]


def test_escapes_of_pointers() -> None:
    assert escape("a/b~c") == "a~1b~0c"
