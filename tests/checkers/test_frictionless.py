"""The page that compares Potable's codes with frictionless's errors."""

from __future__ import annotations

import re
from pathlib import Path

from potable.engine.plugins import load_plugins

PAGE = Path(__file__).parents[2] / "docs" / "frictionless.md"
TYPES = frozenset(
    """ascii-value blank-header blank-label blank-row byte-count catalog-error cell-error check-error checklist-error
    compression-error constraint-error control-error data-error dataset-error detector-error deviated-cell
    deviated-value dialect-error duplicate-label duplicate-row encoding-error error extra-cell extra-label field-count
    field-error file-error forbidden-value foreign-key format-error hash-count header-error incorrect-label
    inquiry-error inquiry-task-error label-error metadata-error missing-cell missing-label package-error pipeline-error
    primary-key report-error report-task-error required-value resource-error row-constraint row-count row-error
    schema-error scheme-error sequential-value source-error stats-error step-error table-dimensions table-error
    truncated-value type-error unique-error unmatched-header""".split()  # noqa: SIM905
)
"""The error types of frictionless 5.21."""


def rows() -> list[tuple[list[str], list[str], str]]:
    """(types, codes, remark) of each line of a table."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [c.strip() for c in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and cells[0].startswith("`"):
            found.append((re.findall(r"`([^`]+)`", cells[0]), re.findall(r"`([^`]+)`", cells[1]), cells[2]))
    return found


def test_every_type_is_there_once() -> None:
    listed = [name for types, _, _ in rows() for name in types]
    assert sorted(listed) == sorted(TYPES)


def test_each_has_a_counterpart_that_exists_or_a_reason() -> None:
    codes = load_plugins().codes
    assert [(types, code) for types, listed, _ in rows() for code in listed if code not in codes] == []
    assert [types for types, listed, remark in rows() if not listed and not remark] == []
