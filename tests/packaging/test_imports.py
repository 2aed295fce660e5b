"""Imports: the engine alone is light, and no module imports itself by a detour."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Run

HEAVY = {"polars", "pyarrow", "numpy", "sqlalchemy", "jsonschema", "ruamel", "urllib3", "structlog", "aiohttp", "rich"}


def loaded_by(run: Run, code: str) -> set[str]:
    ran = run(sys.executable, "-c", f"import json, sys; {code}; print(json.dumps(sorted(sys.modules)))")
    assert ran.returncode == 0, ran.stderr
    return {name.partition(".")[0] for name in json.loads(ran.stdout.splitlines()[-1])}


def test_importing_the_engine_loads_nothing_heavy(run: Run) -> None:
    assert loaded_by(run, "import potable.engine") & HEAVY == set()


HELP = """
import contextlib, json, sys
from potable.engine.cli import main
with contextlib.suppress(SystemExit):
    main(["--help"])
print(json.dumps(sorted(sys.modules)))
"""


def test_help_loads_nothing_heavy(run: Run) -> None:
    ran = run(sys.executable, "-c", HELP)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Usage: potable")
    names = {name.partition(".")[0] for name in json.loads(ran.stdout.splitlines()[-1])}
    assert names & HEAVY == set()


def test_an_embedded_run_loads_no_server(run: Run, root: Path) -> None:
    code = f"from potable.engine import Engine; Engine(catalog={str(root / 'examples/catalog')!r}).run('PAL-penguins')"
    assert loaded_by(run, code) & {"aiohttp", "sqlalchemy", "click", "structlog"} == set()


def test_a_small_run_loads_no_more_than_it_needs(run: Run, tmp_path: Path) -> None:
    (tmp_path / "S.csv").write_text("id,name\n" + "".join(f"{n},é{n}\n" for n in range(100)), encoding="utf-8")
    (tmp_path / "S.yaml").write_text("{resourceID: S, ingestMethod: CSV, ingestURL: S.csv, primaryKey: [id]}")
    code = (
        f"from potable.engine import Engine; report = Engine(catalog={str(tmp_path)!r}).run('S'); "
        "assert report.verdict == 'passed', report.to_dict()"
    )
    needless = {
        "sqlalchemy",
        "psycopg",
        "jsonschema",
        "referencing",
        "urllib3",
        "lxml",
        "msgspec",
        "asyncio",
    }
    # The engine for Python programs has a method for asyncio's.
    assert loaded_by(run, code) & needless == {"asyncio"}


def test_what_takes_long_to_load_is_loaded_by_those_who_need_it(run: Run, tmp_path: Path) -> None:
    """A column of URLs needs no registry of prefixes, and a sample of records none of Arrow's functions."""
    rows = "".join(f"{n},https://example.org/{n}\n" for n in range(100))
    (tmp_path / "S.csv").write_text("id,see\n" + rows, encoding="utf-8")
    program = (
        "import sys; from potable.engine import Engine; from potable.checkers.identifiers.registry import registry\n"
        f"report = Engine().check({str(tmp_path / 'S.csv')!r})\n"
        "print(report.metrics['identifiers']['kinds'], registry.cache_info().misses, 'pyarrow.compute' in sys.modules)"
    )
    ran = run(sys.executable, "-c", program)
    assert ran.stdout == "{'$.see': 'url'} 0 False\n", ran.stderr


@pytest.mark.parametrize("package", ["engine", "checkers"])
def test_regular_expressions_are_compiled_by_those_who_need_them(package: str, root: Path) -> None:
    found = {
        f"{path.relative_to(root)}:{call.lineno}"
        for path in (root / package / "src").rglob("*.py")
        for call in compiled_on_import(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert not found, "these are compiled at each start: use lazy_regex"


def compiled_on_import(node: ast.AST) -> Iterator[ast.Call]:
    """Calls of ``re.compile`` outside of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.Call) and ast.unparse(child.func) == "re.compile":
            yield child
        yield from compiled_on_import(child)


SOURCES = ("PAL-penguins", "PAL-penguins-excel", "PAL-penguins-json", "PAL-penguins-parquet", "FOUNDRY-penguins-json")
PANDAS = """
from pathlib import Path
Path(__file__).with_name("imported").touch()
raise ImportError("only to see whether anybody asks for it")
"""


def test_no_run_imports_pandas_where_that_happens_to_be_installed(run: Run, root: Path, tmp_path: Path) -> None:
    """PyArrow imports it on the way to converting a list or a NumPy array, half a second that nobody asked for."""
    folder = tmp_path / "installed"
    (folder / "pandas").mkdir(parents=True)
    (folder / "pandas/__init__.py").write_text(PANDAS, encoding="utf-8")
    (tmp_path / "S.xml").write_text("<s>" + "<r><a>1</a><a>2</a></r><r/>" * 9 + "</s>", encoding="utf-8")
    xml = "{resourceID: S, ingestMethod: XML, ingestURL: S.xml, documentElement: r, checks: {rows: {}}, "
    (tmp_path / "S.yaml").write_text(xml + "qcRules: {ValueExists: [{path: $.a}]}}", encoding="utf-8")
    env = {"PYTHONPATH": str(folder)}
    for argv in (
        ["run", "--catalog", root / "examples/catalog", *SOURCES],
        ["run", "--catalog", tmp_path, "S"],
    ):
        ran = run("potable", *argv, env=env)
        assert ran.returncode in (0, 1), ran.stderr
        assert not (folder / "pandas/imported").exists(), argv
    code = "import pyarrow as pa, numpy as np; pa.array(np.arange(3))"
    assert run(sys.executable, "-c", code, env=env).returncode == 0
    assert (folder / "pandas/imported").exists()  # else this test would say nothing


@pytest.mark.parametrize("package", ["potable.engine", "potable.checkers", "potable.server"])
def test_no_import_cycle(package: str) -> None:
    grimp = pytest.importorskip("grimp", reason="import-linter isn't installed")
    graph = grimp.build_graph(package, exclude_type_checking_imports=True, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert [sorted(cycle) for cycle in components(imports) if len(cycle) > 1] == []


def components(graph: dict[str, set[str]]) -> list[set[str]]:
    """Strongly connected components (Tarjan), iteratively."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[set[str]] = []
    for start in graph:
        work = [(start, iter(sorted(graph[start])))] if start not in index else []
        while work:
            node, targets = work[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                stack.append(node)
                on_stack.add(node)
            for target in targets:
                if target not in index:
                    work.append((target, iter(sorted(graph.get(target, ())))))
                    break
                if target in on_stack:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    cycle: set[str] = set()
                    while node not in cycle:
                        top = stack.pop()
                        on_stack.discard(top)
                        cycle.add(top)
                    found.append(cycle)
    return found


def test_components_finds_a_cycle() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}
    assert sorted(map(sorted, components(graph))) == [["a"], ["b", "c"], ["d"]]


def hidden_imports(code: str) -> Iterator[int]:
    """The lines at which imports inside of functions begin; those that follow each other are one."""
    for function in ast.walk(ast.parse(code)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                for name in ("body", "orelse", "finalbody"):
                    before: ast.stmt | None = None
                    for statement in statements if isinstance(statements := getattr(node, name, None), list) else []:
                        if isinstance(statement, IMPORTS) and not isinstance(before, IMPORTS):
                            yield statement.lineno
                        before = statement


IMPORTS = (ast.Import, ast.ImportFrom)


def test_imports_inside_of_functions_are_found() -> None:
    code = "import a\ndef f():\n    import b\n    import c\n    try:\n        x()\n    finally:\n        import d\n"
    assert set(hidden_imports(code)) == {3, 8}


@pytest.mark.parametrize("member", ["engine", "checkers", "server"])
def test_an_import_inside_of_a_function_is_of_something_heavy(root: Path, member: str) -> None:
    unmarked = {
        f"{file.relative_to(root)}:{line}: {text}"
        for file in (root / member / "src").rglob("*.py")
        for lines in [file.read_text(encoding="utf-8").splitlines()]
        for line in hidden_imports("\n".join(lines))
        if "# heavy" not in (text := lines[line - 1].strip())
    }
    assert unmarked == set(), "at the top of the module, or marked `# heavy`"
