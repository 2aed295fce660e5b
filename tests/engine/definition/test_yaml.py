"""YAML 1.2 as definitions use it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.definition.document import DEPTH_LIMIT, decode
from potable.engine.definition.yaml import _quickly, _surely, load_yaml, plain
from potable.engine.errors import DefinitionError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("off", "off"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("y", "y"),
        ("12:30:45", "12:30:45"),
        ("2024-01-31", "2024-01-31"),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("+5", 5),
        ("-5", -5),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.2.3", "1.2.3"),
        ("-", "-"),
        (".", "."),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("true", True),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("NULL", None),
        ("nULL", "nULL"),
        ("=", "="),
        ("<<", "<<"),
        ("9" * 400, int("9" * 400)),
    ],
)
def test_plain_scalars_mean_what_the_core_schema_says(text: str, value: Any) -> None:
    found = plain(text)
    assert (found, type(found)) == (value, type(value))


def test_not_a_number() -> None:
    assert math.isnan(plain(".nan"))


def test_an_endless_number_is_no_crash() -> None:
    assert plain("9" * 5000) == math.inf


def test_values_lines_and_spellings() -> None:
    (document,) = load_yaml(
        "# a comment\n"
        "a: 012\n"
        "'b c': \"yes\"\n"
        "list:\n"
        "- one\n"
        "- {x: 1.50, y/z: ~}\n"
        "text: |\n"
        "  two\n"
        "  lines\n"
        "after: !!str 007\n"
    )
    assert document.value == {
        "a": 12,
        "b c": "yes",
        "list": ["one", {"x": 1.5, "y/z": None}],
        "text": "two\nlines\n",
        "after": "007",
    }
    assert document.lines == {
        "": 2, "/a": 2, "/b c": 3, "/list": 4, "/list/0": 5, "/list/1": 6, "/list/1/x": 6, "/list/1/y~1z": 6,
        "/text": 7, "/after": 10,
    }  # fmt: skip
    assert document.spelled == {"/a": "012", "/list/1/x": "1.50", "/list/1/y~1z": "~"}
    assert document.duplicates == []


def test_names_are_texts_as_written() -> None:
    (document,) = load_yaml("012: a\noff: b\nnull: c\n1.50: d\n")
    assert document.value == {"012": "a", "off": "b", "null": "c", "1.50": "d"}


def test_a_name_given_twice_is_noticed_and_the_last_counts() -> None:
    (document,) = load_yaml("a: {b: 1}\nc: {x: 1,\n x: 2}\na:\n  d: 2\n")
    assert document.value == {"a": {"d": 2}, "c": {"x": 2}}
    assert document.duplicates == [("/c/x", 3), ("/a", 4)]
    assert "/a/b" not in document.lines
    assert document.lines["/a"] == 4
    assert document.spelled == {"/c/x": "2", "/a/d": "2"}


def test_several_documents_and_empty_ones() -> None:
    documents = load_yaml("---\n---\na: 1\n---\nb: 2\n...\n")
    assert [(d.value, d.lines) for d in documents] == [
        ({"a": 1}, {"": 3, "/a": 3}),
        ({"b": 2}, {"": 5, "/b": 5}),
    ]
    assert load_yaml("") == load_yaml("# nothing\n") == []


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: [1\nc: 2", 3, "not YAML"),
        ("a: 'x\n", 2, "not YAML"),
        ("a:\n\t- x", 2, "indent with blanks, not with tabs"),
        ("a: b: c", 1, "in quotes, or mend the lines' indentation"),
        ("a: 1\nb: @x", 2, "not YAML"),
        ("a: 1\nb: \x01", 2, "not YAML"),
        ("a: &x [1]\nb: *x", 2, "alias"),
        ("base: &b {a: 1}\nc:\n  <<: *b", 3, "alias"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]", 2, "tag"),
        ("a: !secret x", 1, "tag"),
        ("? [a]\n: b", 1, "a mapping's name"),
        ("? {a: 1}\n: b", 1, "a mapping's name"),
    ],
)
def test_what_a_definition_cannot_be(text: str, line: int, reason: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        load_yaml(text, "f.yaml")
    assert (caught.value.file, caught.value.line) == ("f.yaml", line)
    assert reason in caught.value.reason


def test_an_alias_bomb_is_refused_at_its_first_alias() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60))
    with pytest.raises(DefinitionError) as caught:
        load_yaml(bomb)
    assert caught.value.line == 2


@pytest.mark.parametrize("deep", ["[" * 100_000, "{a: " * 50_000, "- " * 5000 + "x"])
def test_deep_nesting_is_refused_by_name_of_the_limit(deep: str) -> None:
    with pytest.raises(DefinitionError, match=f"more than {DEPTH_LIMIT} levels"):
        load_yaml(deep)


def test_nesting_up_to_the_limit_is_fine() -> None:
    (document,) = load_yaml("[" * DEPTH_LIMIT + "]" * DEPTH_LIMIT)
    assert str(document.value).count("[") == DEPTH_LIMIT


@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#?, \n\t012~\x00é", max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        documents = load_yaml(text)
    except DefinitionError as e:
        assert e.reason  # noqa: PT017  the point is that nothing else is raised
    else:
        assert all(d.value is not None for d in documents)


def test_bytes_that_are_not_utf_8_are_named() -> None:
    with pytest.raises(DefinitionError) as caught:
        decode(b"a: 1\nb: \xe9\n", "f.yaml")
    assert (caught.value.line, "byte 8 (0xE9)" in caught.value.reason) == (2, True)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert decode(b"\xef\xbb\xbfa: 1", None) == "a: 1"
    with pytest.raises(DefinitionError, match="byte 6"):
        decode(b"\xef\xbb\xbfa: \xff", None)


def test_utf_16_is_named() -> None:
    with pytest.raises(DefinitionError, match="UTF-16"):
        decode("a: 1".encode("utf-16"), None)


EVERYDAY = """\
# a comment
resourceID: SCR_1   # another
name: Ünïcode 😀 and 'quotes'
qcRules: {ValueExists: [{path: "a b"}, {path: '$.c'}], none: , list: [1, "two", 3.0]}
sql: |
  SELECT 'x'

    FROM t
description: >-
  folded
  text

  "more"
notes: plain over
  lines
"quoted": "a\\tb\\u00e9\\
  c"
'single': 'it''s'
deep:
- - 1
  - two: 3
    four: ~
-   five:
      six: 0x1F
? seven
: eight
---
again: 1e3
...
"""
BITS = [
    "\n", " ", "  ", ": ", ":", "- ", "-", " #", "#", "'", '"', "{", "}", "[", "]", ",", "|", ">", "|-", ">+", ">2",
    "&a ", "*a", "!", "!!str ", "%", "@", "`", "?", "? ", "---", "...", "\\", "a", "0", "~", "\n\n", "\n  ", "\n    ",
    "\n- ",
    "\n---\n", ": |\n  x\n", ": >\n  y\n", '"a":1', "\t", "\r\n", "\x85", "\u2028", "\ufeff", "\x7f", "😀",
]  # fmt: skip


@given(st.data())
def test_what_is_read_quickly_is_read_the_same_surely(data: st.DataObject) -> None:
    lines = EVERYDAY.splitlines(keepends=True)
    first = data.draw(st.integers(0, len(lines) - 1))
    text = "".join(lines[first : first + data.draw(st.integers(1, 12))])
    for _ in range(data.draw(st.integers(0, 4))):
        at, cut = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 3))
        text = text[:at] + data.draw(st.sampled_from(["", *BITS])) + text[at + cut :]
    quickly = _quickly(text, "f.yaml")
    if quickly is not None:
        assert quickly == _surely(text, "f.yaml")


def test_everyday_definitions_are_read_quickly() -> None:
    found = _quickly(EVERYDAY, None)
    assert found is not None
    assert found == _surely(EVERYDAY, None) == load_yaml(EVERYDAY)
    assert [len(document.value) for document in found] == [10, 1]


@pytest.mark.parametrize(
    "text",
    [
        "a:\tb", "a: b\rc: d", "a: \x85b", "\ufeffa: b", 'a: ["b":1]', "a: ['b':, c]", ">\n---\n", "|\n#",
        "just a text",
        "a: >#\n  b", "a: |\n    \n  b\n", "a: !!str 1", "a: &b 1", "a: *b", "a: [", "a: b: c", "[" * 65 + "]" * 65,
    ],
)  # fmt: skip
def test_what_is_disputed_or_wrong_is_decided_surely(text: str) -> None:
    found = _quickly(text, None)
    assert found is None or (text == "a: &b 1" and found == _surely(text, None))
