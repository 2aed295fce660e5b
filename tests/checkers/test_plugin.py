"""The distribution as a plugin like any other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest

import potable.checkers
from potable.engine.checker import Checker
from potable.engine.findings import cause_of
from potable.engine.plugins import load_plugins


def test_it_loads_by_its_entry_point() -> None:
    plugins = load_plugins()
    (record,) = [r for r in plugins.records if r.dist == "potable-checkers"]
    assert (record.status, record.source) == ("loaded", "potable.checkers")
    assert {"schema", "keys", "rules", "text", "rows", "accounting"} <= plugins.checkers.keys()


def test_every_code_is_documented_and_suppressed_by_known_ones(all_checkers: Sequence[type[Checker]]) -> None:
    known = load_plugins().codes
    for checker in all_checkers:
        assert checker.codes
        for code in checker.codes:
            assert code.family == checker.name
            for part in (code.title, code.meaning, code.why, code.example, code.mend):
                assert part.strip()
                assert "  " not in part.split("#")[0] or part is code.example
            assert [by for by in code.suppressed_by if cause_of(by) not in known] == []


def test_options_are_described_and_have_defaults(all_checkers: Sequence[type[Checker]]) -> None:
    for checker in all_checkers:
        schema = checker.options_schema
        assert schema["additionalProperties"] is False
        for name, option in schema.get("properties", {}).items():
            assert option["description"].endswith("."), (checker.name, name)
            assert "default" in option, (checker.name, name)


@pytest.mark.parametrize("heavy", ["polars", "pyarrow"])
def test_importing_it_stays_light(heavy: str) -> None:
    program = f"import sys, potable.checkers; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_all_have_a_docstring(all_checkers: Sequence[type[Checker]]) -> None:
    assert all(checker.__doc__ for checker in all_checkers)
    assert potable.checkers.potable_api == 1
