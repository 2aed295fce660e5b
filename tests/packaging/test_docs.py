"""The documentation says what the code does: everything is named, every sample runs."""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

import pytest

from potable.engine import hookspecs
from potable.engine.plugins import load_plugins
from potable.engine.settings import VARIABLES

from .conftest import PLAIN, ROOT, Run

FOLDERS = (
    "",
    "docs",
    "docs/reference",
    "engine",
    "checkers",
    "server",
    "examples",
    "examples/plugin",
    "examples/catalog/data",
)
PAGES = sorted(str(page.relative_to(ROOT)) for folder in FOLDERS for page in (ROOT / folder).glob("*.md"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(text_of(page)) if kind == language]


@pytest.fixture
def workplace(root: Path, tmp_path: Path) -> Path:
    """A folder that looks like the repository to a sample, and may be written to."""
    place = tmp_path / "workplace"
    shutil.copytree(root / "examples", place / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    return place


def test_the_reference_is_up_to_date(run: Run, root: Path) -> None:
    ran = run(sys.executable, root / "docs" / "generate.py", "--check")
    assert ran.returncode == 0, ran.stderr


def test_every_hook_setting_and_code_is_in_the_reference() -> None:
    hooks = [name for name in vars(hookspecs) if name.startswith("potable_")]
    codes = load_plugins().codes
    assert len(hooks) == 6
    assert len(codes) > 50
    reference = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "docs" / "reference").glob("*.md")}
    assert [h for h in hooks if f"### {h}\n" not in reference["hooks.md"]] == []
    assert [c for c in VARIABLES if f"`{c}`" not in reference["settings.md"]] == []
    assert [c for c in codes if f"### {c}\n" not in reference["codes.md"]] == []


def test_every_stage_and_handle_is_in_the_authors_guide() -> None:
    from potable.engine import Checker
    from potable.engine.fields import Field

    guide = text_of("docs/checkers.md")
    stages = [name for name, member in vars(Checker).items() if callable(member) and not name.startswith("_")]
    handles = [name for name, member in vars(Field).items() if not name.startswith("_")]
    assert [s for s in stages if f"`{s}(" not in guide] == []
    assert [h for h in handles if f"`f.{h}" not in guide] == []


def test_every_code_is_documented_well() -> None:
    for code in load_plugins().codes.values():
        first = code.title.split()[0]  # a name of the vocabulary, like resourceID, is spelt as it is
        assert first[0].isupper() or first != first.lower(), code.id
        assert not code.title.endswith("."), code.id
        for part in (code.meaning, code.why, code.mend):
            assert part.strip().endswith((".", "?", ")")), (code.id, part)
        assert code.example.strip(), code.id


def test_the_pages_are_there() -> None:
    assert {"README.md", "docs/guide.md", "docs/frictionless.md", "docs/reference/codes.md"} <= set(PAGES)


@pytest.mark.parametrize(("part", "separator"), [("engine", " : "), ("checkers", " | ")])
def test_the_map_in_the_design_has_the_layers_that_are_checked(root: Path, part: str, separator: str) -> None:
    linter = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (layers,) = [c["layers"] for c in linter["contracts"] if c["name"] == f"Layers of the {part}"]
    level = {name: height for height, layer in enumerate(layers) for name in layer.split(separator)}
    _, _, section = (root / "docs/design.md").read_text(encoding="utf-8").partition(f"### Layers of the {part}")
    names = [name for line in section.split("```")[1].splitlines() for name in line[:43].split()]
    assert sorted(names) == sorted(level)
    assert [level[name] for name in names] == sorted(level.values())


def test_the_changelog_stays_short_until_there_is_a_release() -> None:
    _, _, unreleased = text_of("CHANGELOG.md").partition("## [Unreleased]")
    assert len(unreleased.split()) < 700, "it says what the first version offers; what was mended is told by commits"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        path = (ROOT / page).parent / unquote(name) if name else ROOT / page
        assert path.exists(), target
        if anchor:
            assert anchor in set(anchors(path.read_text(encoding="utf-8"))), target


def anchors(text: str) -> Iterator[str]:
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        yield re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", ["README.md", "docs/guide.md"])
def test_python_samples_run(run: Run, workplace: Path, page: str) -> None:
    for sample in blocks(page, "python"):
        ran = run(sys.executable, "-W", "error", "-c", sample, cwd=workplace)
        assert ran.returncode == 0, f"{sample}\n{ran.stderr}"


@pytest.mark.parametrize("page", ["README.md", "docs/guide.md"])
def test_commands_run(run: Run, workplace: Path, page: str) -> None:
    """Every ``$ potable …`` of a page, in order; those that serve or install are other tests' business."""
    ran = [check_command(run, workplace, line) for block in blocks(page, "console") for line in block.splitlines()]
    assert sum(ran) >= 4


def test_the_report_in_the_readme_is_what_is_printed(run: Run, workplace: Path) -> None:
    (sample,) = blocks("README.md", "text")
    ran = run("potable", "run", "PAL-penguins-raw", "--catalog", "examples/catalog", cwd=workplace)
    printed = [line.split() for line in ran.stdout.splitlines()]
    at = [printed.index(line.split()) for line in sample.splitlines() if line.strip() != "…"]
    assert len(at) >= 7
    assert at == sorted(at)


def check_command(run: Run, workplace: Path, line: str) -> bool:
    command, _, remark = line.partition("  # ")
    words = command.split()
    if words[:2] != ["$", "potable"] or words[2] == "serve":
        assert words[1] in {"make", "pip", "potable"}
        return False
    expected = int(remark.removeprefix("exit code ")) if remark else 0
    ran = run(*words[1:], cwd=workplace)
    assert ran.returncode == expected, f"{line}\n{ran.stdout}\n{ran.stderr}"
    return True


def test_the_authors_guide_runs(run: Run, workplace: Path) -> None:
    """Its modules are written down as they stand, its commands and tests are run."""
    samples = blocks("docs/checkers.md", "python")
    names = []
    for sample in samples:
        first = re.match(r"# (\w+\.py)\n", sample)
        assert first, sample
        names.append(first[1])
        (workplace / first[1]).write_text(sample, encoding="utf-8")
    assert names == ["mylab.py", "test_mylab.py", "balance.py", "test_balance.py", "colony.py", "test_colony.py"]
    lines = [line for block in blocks("docs/checkers.md", "console") for line in block.splitlines()]
    assert sum(check_command(run, workplace, line) for line in lines) == 3
    assert "9 passed" in said_by_pytest(run, workplace, [name for name in names if name.startswith("test_")])


def said_by_pytest(run: Run, workplace: Path, names: Sequence[str]) -> str:
    """What pytest says of an author's tests, which pass without a warning."""
    (workplace / "none.ini").write_text("[pytest]\nfilterwarnings = error\n", encoding="utf-8")
    more = ("-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "-c", "none.ini")
    ran = run(sys.executable, "-m", "pytest", *names, *more, cwd=workplace, env={"PYTHONPATH": str(workplace), **PLAIN})
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_guide_to_other_plugins_runs(run: Run, workplace: Path) -> None:
    """Its modules and definitions are written down as they stand, its commands are run, and say what it says."""
    page = "docs/plugins.md"
    named = [re.match(r"# (\S+)\n", sample) for sample in (*blocks(page, "python"), *blocks(page, "yaml"))]
    assert all(named)
    names = [found[1] for found in named if found]
    assert names == [
        "list_catalog.py", "newest.py", "columns.py", "test_columns.py", "summary.py", "ending.py",
        "lab/daily.yaml", "lab/strains.yaml",
    ]  # fmt: skip
    (workplace / "lab" / "exports").mkdir(parents=True)
    for name, sample in zip(names, (*blocks(page, "python"), *blocks(page, "yaml")), strict=True):
        (workplace / name).write_text(sample, encoding="utf-8")
    [sources] = blocks(page, "csv")
    (workplace / "sources.csv").write_text(sources, encoding="utf-8")
    (workplace / "lab" / "exports" / "2024-05-30.csv").write_text("id\n1\n", encoding="utf-8")
    (workplace / "lab" / "exports" / "2024-05-31.csv").write_text("id\n1\n1\n", encoding="utf-8")
    (workplace / "lab" / "strains.txt").write_text("HeLa      12\nK562\nJurkat    x1\n", encoding="utf-8")
    (workplace / "strains.csv").write_text("name,age\nHeLa,12\nK562,4", encoding="utf-8")
    lines = [line for block in blocks(page, "console") for line in block.splitlines()]
    assert sum(check_command(run, workplace, line) for line in lines) == len(lines) == 8

    def said(*words: str) -> str:
        ran = run("potable", *words, cwd=workplace)
        return ran.stdout + ran.stderr

    assert "no source 'contries' in sources.csv; did you mean countries?" in said(
        "run", "contries", "--catalog", "list:sources.csv", "--plugin", "list_catalog.py"
    )
    [shown] = blocks(page, "text")
    summary = ("--catalog", "lab", "--plugin", "summary.py", "--format", "summary")
    assert said("run", "daily", "--plugin", "newest.py", *summary) == shown
    assert said("run", "strains", "--plugin", "columns.py", *summary) == (
        "strains: failed, 3 records\n"
        "  1 columns/short-line  first in line 2\n"
        "  1 schema/type $.age first in line 3\n"
    )  # fmt: skip
    assert "1 passed" in said_by_pytest(run, workplace, ["test_columns.py"])
    sizes = (1, 8, 12, 1 << 20)
    reports = [column_report(workplace, size) for size in sizes]
    assert reports == reports[:1] * len(sizes)
    assert set((workplace / "runs.log").read_text().splitlines()) == {"daily failed", "strains failed"}
    assert "byte 22" in said("check", "strains.csv", "--plugin", "ending.py", "--select", "ending")


def column_report(workplace: Path, chunk_bytes: int) -> object:
    """What the sample's reader finds where the data are cut into chunks of that size."""
    from potable.engine import Engine, Limits

    limits = Limits(chunk_bytes=chunk_bytes)
    engine = Engine(catalog=workplace / "lab", plugins=[workplace / "columns.py"], limits=limits)
    report = engine.run("strains")
    return [(f.code, f.count, [s.location for s in f.samples]) for f in report.findings]


@pytest.mark.parametrize("name", ["list_catalog", "newest", "columns", "summary", "ending"])
def test_the_guides_plugins_use_what_is_promised_and_nothing_else(name: str) -> None:
    promised = {"potable.engine", "potable.engine.errors", "potable.engine.paths", "potable.engine.toolkit"}
    [sample] = [b for b in blocks("docs/plugins.md", "python") if b.startswith(f"# {name}.py\n")]
    used = set(re.findall(r"^from (potable[\w.]*) import", sample, re.MULTILINE))
    assert {u for u in used if not u.startswith("potable.engine.contracts.")} <= promised


def test_all_of_the_toolkit_is_there_and_documented() -> None:
    from potable.engine import toolkit

    assert [name for name in toolkit.__all__ if not callable(getattr(toolkit, name))] == []
    assert [name for name in toolkit.__all__ if f"``{name}``" not in str(toolkit.__doc__)] == []


def test_the_guides_definition_is_sound() -> None:
    from ruamel.yaml import YAML

    from potable.engine.definition.parse import from_mapping
    from potable.engine.lint import lint_source

    plugins = load_plugins()
    [whole, *parts] = [YAML(typ="safe").load(block) for block in blocks("docs/guide.md", "yaml")]
    folder = ROOT / "examples" / "catalog"
    alone = {"resourceID": whole["resourceID"]}
    for definition in (whole, *({**(alone if "ingestMethod" in part else whole), **part} for part in parts)):
        source = from_mapping(definition, folder=folder)
        assert [o.message for o in lint_source(source, plugins)] == []


def test_the_exit_codes_in_the_guide() -> None:
    from potable.engine.cli.exits import Exit

    guide = text_of("docs/guide.md")
    said = [int(n) for n in re.findall(r"^\| (\d) \| ", guide, re.MULTILINE)]
    assert said == [Exit.PASSED, Exit.FAILED, Exit.USAGE, Exit.INCONCLUSIVE, Exit.ENGINE]


def test_every_make_target_is_helped(run: Run) -> None:
    ran = run("make", "help")
    shown = {line.split()[0] for line in ran.stdout.splitlines() if line.strip()}
    assert shown >= {"help", "run", "test", "check", "bench", "serve", "docs"}
