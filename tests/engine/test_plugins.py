"""Plugins: found, loaded one by one; a broken one is a status with its reason."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from potable.engine import hookimpl
from potable.engine.checker import Checker
from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.report import RunInfo
from potable.engine.errors import PluginError
from potable.engine.findings import Code, Severity
from potable.engine.plugins import Plugins, load_plugins


def code(name: str) -> Code:
    return Code(id=name, severity=Severity.ERROR, title="t", meaning="m", why="w", example="e", mend="x")


class Mine(Checker):
    name = "mine"
    codes = (code("mine/bad"),)


def plugin(*checkers: Any, api: Any = 1, name: str = "given", **more: Any) -> Any:
    def potable_checkers() -> Any:
        return checkers

    module = SimpleNamespace(__name__=name, potable_api=api, potable_checkers=hookimpl(potable_checkers))
    for key, value in more.items():
        setattr(module, key, value)
    return module


def load(*modules: Any, **more: Any) -> Plugins:
    return load_plugins(entry_points=False, modules=modules, **more)


def test_a_plugin_registers_its_checker_and_codes() -> None:
    plugins = load(plugin(Mine))
    assert plugins.checkers == {"mine": Mine}
    assert plugins.codes == {"mine/bad": Mine.codes[0]}
    assert [(r.name, r.status, r.provides) for r in plugins.records] == [("given", "loaded", ("checker mine",))]


def _no_hook() -> list[type[Checker]]:
    return []


class Foreign(Checker):
    name = "foreign"
    codes = (code("mine/other"),)


class Badly(Checker):
    name = "Badly Named"


@pytest.mark.parametrize(
    ("module", "status", "reason"),
    [
        (plugin(Mine, api=None), "invalid", "it doesn't state potable_api; this engine needs potable_api = 1"),
        (plugin(Mine, api=2), "invalid", "it states potable_api = 2; this engine needs potable_api = 1"),
        (plugin(Foreign), "invalid", "code mine/other doesn't start with foreign/"),
        (plugin(Badly), "invalid", "Badly.name must be lower-case letters, digits and dashes"),
        (plugin(Mine, Mine), "invalid", "there is a checker 'mine' already"),
        (plugin("Mine"), "invalid", "potable_checkers gave 'Mine', which isn't a subclass of Checker"),
        (
            plugin(potable_cheques=hookimpl(_no_hook)),
            "invalid",
            "there is no hook potable_cheques; did you mean potable_checkers?",
        ),
        (
            SimpleNamespace(__name__="unmarked", potable_api=1, potable_checkers=lambda: [Mine]),
            "invalid",
            "potable_checkers isn't called: write @hookimpl above it",
        ),
        (
            plugin(Mine, potable_run_finished=print),
            "invalid",
            "potable_run_finished isn't called: write @hookimpl above it",
        ),
        (
            SimpleNamespace(__name__="single", potable_api=1, potable_checkers=hookimpl(lambda: Mine)),
            "invalid",
            f"potable_checkers gave {Mine!r}: it has to give a list of classes",
        ),
    ],
)
def test_a_broken_plugin_is_a_status(module: Any, status: str, reason: str) -> None:
    plugins = load(module, plugin(Checker2, name="good"))
    assert [(r.status, r.reason) for r in plugins.records] == [(status, reason), ("loaded", "")]
    assert list(plugins.checkers) == ["other"]


class Checker2(Checker):
    name = "other"


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (
            {"schemes": {"f"}},
            "Served.schemes holds 'f': a URL's scheme is written in lower-case, and has two letters or",
        ),
        ({"schemes": {"F2"}}, "Served.schemes holds 'F2': a URL's scheme is written in lower-case"),
        ({"methods": ["kv"]}, "Served.methods holds 'kv': ingest methods are written in upper-case"),
        ({"methods": "KV"}, "Served.methods is 'KV': write a set of texts"),
    ],
)
def test_what_nobody_can_ask_for_is_refused(members: dict[str, Any], reason: str) -> None:
    served = type("Served", (Fetcher,), {"name": "served", "fetch": lambda self, source, context: None, **members})
    plugins = load(plugin(Checker2, name="mixed", potable_fetchers=hookimpl(lambda: [served])))
    assert plugins.records[0].status == "invalid"
    assert plugins.records[0].reason.startswith(reason)
    assert (plugins.checkers, plugins.fetchers) == ({}, {})


def test_a_hook_that_raises_is_a_load_error() -> None:
    def potable_checkers() -> Any:
        raise OSError("no disk")

    module = SimpleNamespace(__name__="raises", potable_api=1, potable_checkers=hookimpl(potable_checkers))
    plugins = load(module)
    assert [(r.status, r.reason) for r in plugins.records] == [("load-error", "OSError: no disk (test_plugins.py:128)")]


def test_a_hook_that_exits_is_a_load_error_too() -> None:
    def potable_checkers() -> Any:
        sys.exit(0)

    module = SimpleNamespace(__name__="exits", potable_api=1, potable_checkers=hookimpl(potable_checkers))
    plugins = load(module, plugin(Checker2, name="good"))
    said = [(r.status, r.reason) for r in plugins.records]
    assert said == [("load-error", "one of its hooks called exit(0)"), ("loaded", "")]
    assert list(plugins.checkers) == ["other"]


def test_a_taken_name_loses_to_the_first() -> None:
    plugins = load(plugin(Mine, name="first"), plugin(Mine, name="second"))
    assert [r.status for r in plugins.records] == ["loaded", "invalid"]
    assert plugins.checkers == {"mine": Mine}


def test_plugins_and_checkers_can_be_left_out() -> None:
    plugins = load(plugin(Mine, name="first"), plugin(Checker2, name="second"), without=["first"])
    assert [(r.name, r.status) for r in plugins.records] == [("first", "disabled"), ("second", "loaded")]
    plugins = load(plugin(Mine, Checker2), without=["mine"])
    assert list(plugins.checkers) == ["other"]


GOOD = """
    from potable.engine import Checker, Code, Rule, Severity, hookimpl

    potable_api = 1

    class Lab(Checker):
        name = "mylab"
        codes = (Code(id="mylab/bad", severity=Severity.ERROR, title="t", meaning="m", why="w", example="e", mend="x"),)

    @hookimpl
    def potable_checkers():
        return [Lab]
"""


def test_a_plugin_in_a_single_file(tmp_path: Path) -> None:
    file = tmp_path / "my-lab.py"
    file.write_text(textwrap.dedent(GOOD))
    plugins = load(files=[file])
    assert list(plugins.checkers) == ["mylab"]
    assert plugins.records[0].source == str(file)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("def f(:", "SyntaxError"),
        ("import sys; sys.exit(7)", "it called exit(7) while being imported"),
        ("potable_api = 3", "potable_api = 3"),
    ],
)
def test_a_named_file_that_cannot_be_used_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "bad.py"
    file.write_text(text)
    with pytest.raises(PluginError) as e:
        load(files=[file])
    assert str(file) in str(e.value)
    assert reason in str(e.value)


def test_a_named_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="there is no such file"):
        load(files=[tmp_path / "gone.py"])


def test_finished_calls_each_plugin_and_survives_one_that_raises() -> None:
    seen: list[str] = []

    def bad(run: RunInfo) -> None:
        raise RuntimeError("no mail server")

    def worse(run: RunInfo) -> None:
        sys.exit(0)

    def good(run: RunInfo, report: Any) -> None:
        seen.append(run.run_id)

    modules = []
    for name, function in (("bad", bad), ("worse", worse), ("good", good)):
        module = SimpleNamespace(__name__=name, potable_api=1)
        function.__name__ = "potable_run_finished"
        module.potable_run_finished = hookimpl(function)
        modules.append(module)
    run = RunInfo(run_id="r1", resource_id="s", user_id=4, started="", ended="", seconds=0)
    faults = load(*modules).finished(run, None)  # type: ignore[arg-type]
    assert seen == ["r1"]
    assert faults == [
        "plugin bad: potable_run_finished raised RuntimeError: no mail server",
        "plugin worse: potable_run_finished raised SystemExit: 0",
    ]


def test_the_engines_own_parts_cannot_be_left_out() -> None:
    with pytest.raises(PluginError, match="the engine's own fetchers and readers can't be used: left out"):
        load_plugins(without=["engine"])


def test_a_code_is_made_of_texts_and_a_severity() -> None:
    words = {"id": "mine/bad", "title": "t", "meaning": "m", "why": "w", "example": "e", "mend": "x"}
    assert Code(severity="warning", **words).severity is Severity.WARNING  # type: ignore[arg-type]
    assert Code(severity=Severity.ERROR, suppressed_by="a/b", **words).suppressed_by == ("a/b",)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"Code.severity is 'fatal': it's error, warning, info"):
        Code(severity="fatal", **words)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"Code.why is a tuple, not a text"):
        Code(severity=Severity.ERROR, **{**words, "why": ("w",)})  # type: ignore[arg-type]
