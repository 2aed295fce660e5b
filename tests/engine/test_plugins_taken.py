"""A plugin whose name, scheme, method or format another has is told as such: where it's listed, linted and missed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from potable.engine import Checker, hookimpl
from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.reading import Reader
from potable.engine.lint import lint_source
from potable.engine.pipeline.run import RunOptions, run_source
from potable.engine.plugins import Plugins, load_plugins
from potable.engine.toolkit import from_mapping


def fetcher(name: str, **members: Any) -> type:
    return type("Brings", (Fetcher,), {"__module__": "mylab", "name": name, "fetch": lambda *_: None, **members})


def reader(name: str, formats: set[str]) -> type:
    return type("Reads", (Reader,), {"__module__": "mylab", "name": name, "open": lambda *_: None, "formats": formats})


def plugin(name: str, *classes: Any) -> Any:
    kinds = {"potable_fetchers": Fetcher, "potable_readers": Reader, "potable_checkers": Checker}
    hooks = {
        hook: hookimpl(lambda kind=kind: [c for c in classes if issubclass(c, kind)]) for hook, kind in kinds.items()
    }
    return SimpleNamespace(__name__=name, potable_api=1, **hooks)


def loaded(*modules: Any, engine: bool = True) -> Plugins:
    from potable.engine import builtins  # as programs do that have no entry points

    return load_plugins(entry_points=False, modules=[*([builtins] if engine else []), *modules])


FIRST = plugin("first", fetcher("one", schemes={"lab"}), fetcher("two", methods={"LAB"}), reader("three", {"lab"}))
HERE = "of mylab"


@pytest.mark.parametrize(
    ("taken", "reason"),
    [
        (fetcher("one", schemes={"x1"}), f"there is a fetcher 'one' already (Brings {HERE})"),
        (
            fetcher("x", schemes={"x1", "lab"}),
            f"Brings serves the scheme 'lab', which another does already (Brings {HERE})",
        ),
        (fetcher("x", methods={"LAB"}), f"Brings serves the method 'LAB', which another does already (Brings {HERE})"),
        (reader("x", {"lab"}), f"Reads serves the format 'lab', which another does already (Reads {HERE})"),
        (
            fetcher("x", schemes={"s3"}),
            "Brings serves the scheme 's3', which another does already "
            "(S3Fetcher of potable.engine.fetching.remote.s3)",
        ),
    ],
)  # fmt: skip
def test_what_is_taken_makes_a_plugin_invalid(taken: type, reason: str) -> None:
    plugins = loaded(FIRST, plugin("second", taken))
    record = plugins.records[-1]
    assert (record.name, record.status, record.reason) == ("second", "invalid", reason)
    assert plugins.told == [f"The plugin second can't be used: {reason}."]


def test_two_of_one_plugin_cannot_serve_the_same_either() -> None:
    plugins = loaded(plugin("both", reader("x", {"x"}), reader("y", {"y", "x"})))
    assert plugins.records[-1].reason.startswith("Reads serves the format 'x', which another does already")


@pytest.mark.parametrize(
    "free",
    [
        fetcher("x", schemes={"lab2"}),
        fetcher("x", methods={"LAB2"}, schemes={"lab", "s3"}),  # they count for that method only
        reader("x", {"lab2"}),
        reader("one", {"lab2"}),  # the name of a fetcher
    ],
)
def test_what_is_free_does_not(free: type) -> None:
    assert [r.status for r in loaded(FIRST, plugin("second", free)).records] == ["loaded"] * 3


SECOND = plugin("second", fetcher("one", schemes={"lab2"}), reader("x", {"y"}), type("C", (Checker,), {"name": "care"}))
TOLD = f"The plugin second can't be used: there is a fetcher 'one' already (Brings {HERE})."


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"ingestURL": "lab2:x"}, "definition/unsupported-method"),
        ({"ingestMethod": "Y"}, "definition/unknown-method"),
        ({"checks": {"care": {}}}, "definition/unknown-checker"),
        ({"severity": {"care/less": "off"}}, "definition/unknown-code"),
    ],
)
def test_where_it_is_missed_the_definitions_fault_says_so(members: dict[str, Any], code: str, tmp_path: Path) -> None:
    given = {"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "t.csv", **members}
    source = from_mapping(given, folder=tmp_path)
    [said] = [o for o in lint_source(source, loaded(FIRST, SECOND)) if o.code == code]
    assert (said.hint or "").endswith(TOLD)
    [without] = [o for o in lint_source(source, loaded(FIRST)) if o.code == code]
    assert "can't be used" not in (without.hint or "")


def test_a_run_says_why_it_is_inconclusive(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n")
    source = from_mapping({"resourceID": "t", "ingestMethod": "CSV", "ingestURL": "t.csv"}, folder=tmp_path)
    report = run_source(source, loaded(FIRST, SECOND), RunOptions(scratch=tmp_path))
    assert report.verdict == "inconclusive"
    assert report.why == ("Not everything was checked: second crashed (see the coverage).", TOLD)
    assert run_source(source, loaded(FIRST), RunOptions(scratch=tmp_path)).verdict == "passed"
