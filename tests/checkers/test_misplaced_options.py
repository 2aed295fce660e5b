"""Options of checkers that stand in the wrong place, or are written otherwise than they must be: the mend is told."""

from __future__ import annotations

import pytest

from potable.engine.definition.parse import parse_text
from potable.engine.lint import lint_source
from potable.engine.plugins import load_plugins


@pytest.mark.parametrize(
    ("members", "code", "hint"),
    [
        ("identifiers: {fields: {id: doi}}", "unknown-key", "identifiers is a checker: write its options as checks: "
         "{identifiers: ...}."),
        ("checks: {text/whitespace: off}", "unknown-checker", "text/whitespace is a code, not a checker: it's switched "
         "off by severity: {text/whitespace: off}."),
        ("checks: {keys: {unique: id}}", "bad-value", "Write a list: ['id']."),
        ('''checks: {rows: {constraints: "a = 'b'"}}''', "bad-value", "Write a list: ['a = ''b''']."),
    ],
)  # fmt: skip
def test_options_in_the_wrong_place_or_form(members: str, code: str, hint: str) -> None:
    text = f"resourceID: A\ningestMethod: CSV\ningestURL: a.csv\n{members}\n"
    [said] = lint_source(next(iter(parse_text(text))), load_plugins())
    assert (said.code, said.hint) == (f"definition/{code}", hint)
