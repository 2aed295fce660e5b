"""Writes ``docs/reference`` from the code: ``make docs``. With ``--check`` it only says whether that's needed."""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from potable.engine import checker as checking
from potable.engine import findings, hookspecs, testing
from potable.engine.checker import Checker
from potable.engine.contracts import catalog, fetching, history, http, network, reading, report, snapshot
from potable.engine.definition import model
from potable.engine.definition.members import MEMBERS
from potable.engine.definition.methods import METHODS, PARAMETERS
from potable.engine.findings import Code, cause_of
from potable.engine.limits import Limits
from potable.engine.plugins import Plugins, load_plugins
from potable.engine.settings import VARIABLES

FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Written by `make docs` from the code: don't edit. -->\n"
AUTHORS_CLASSES = (
    checking.Rule, checking.Fold, checking.Outcome, checking.Late, checking.FileCheck, checking.DocumentCheck,
    findings.Code, findings.Occurrence, findings.Tally, findings.Location,
)  # fmt: skip
CONTRACTS: Mapping[str, Sequence[type]] = {
    "Catalogs and definitions": (catalog.Catalog, model.SourceDefinition, model.Origin),
    "Fetchers": (
        fetching.Fetcher, fetching.FetchContext, fetching.Survey, snapshot.Snapshot, snapshot.Part, http.Http,
        http.HttpResponse, network.Network,
    ),
    "Readers": (
        reading.Reader, reading.ReadContext, reading.Reading, reading.Cut, reading.ChunkParser, reading.Chunk,
        reading.JsonText,
    ),
    "Checkers": (checking.CheckContext, findings.Sample, findings.Fault, history.History, history.Summary),
    "Reporters": (
        catalog.Reporter, report.Report, report.RunInfo, report.SourceInfo, report.Counts, report.Coverage,
        findings.Finding,
    ),
}  # fmt: skip
"""What other plugins than checkers are made of, and what is lent to all, by who needs it."""
OWN = re.compile(r"potable(-[a-z]+)?")


def own_plugins() -> Plugins:
    """Potable's own plugins, whatever else is installed."""
    others = [r.name for r in load_plugins().records if not OWN.fullmatch(r.dist)]
    return load_plugins(without=others)


def codes_page(plugins: Plugins) -> Iterator[str]:
    """Every code, by family."""
    yield "# Finding codes\n"
    yield "`potable explain CODE` shows the same. A definition changes a code's severity, or switches it off, with"
    yield "`severity:`; see [the guide](../guide.md#severity).\n"
    families: dict[str, list[Code]] = defaultdict(list)
    for code in plugins.codes.values():
        families[code.family].append(code)
    for family in sorted(families):
        yield f"- [{family}](#{family}): " + ", ".join(f"`{c.id.partition('/')[2]}`" for c in families[family])
    for family in sorted(families):
        yield f"\n## {family}"
        for code in families[family]:
            yield from _code(code)


def _code(code: Code) -> Iterator[str]:
    yield f"\n### {code.id}\n"
    marks = [code.severity.value]
    if code.blocking:
        marks.append("blocking: the verdict is inconclusive")
    if not code.default_on:
        marks.append("off by default")
    if code.dataset:
        marks.append("a sample can't decide it")
    yield f"**{code.title}** ({'; '.join(marks)})\n"
    yield f"{code.meaning}\n"
    yield f"- Why it matters: {code.why}"
    yield f"- Example: {_one_line(code.example)}"
    yield f"- Mend: {code.mend}"
    if code.misses:
        yield f"- Known misses: {code.misses}"
    if code.suppressed_by:
        yield "- Not reported where one of these tells the cause: " + ", ".join(map(_cause, code.suppressed_by))


def _cause(by: str) -> str:
    code = cause_of(by)
    return f"`{code}`" if code == by else f"`{code}` (same field)"


def checkers_page(plugins: Plugins) -> Iterator[str]:
    """Every checker with its options."""
    yield "# Checkers and their options\n"
    yield "Options stand in a definition under `checks: NAME:`; `off` or `false` in their place switches a checker off."
    for name in sorted(plugins.checkers):
        cls = plugins.checkers[name]
        yield f"\n## {name}\n"
        yield _doc(cls)
        if not cls.default_on:
            yield "\nIt runs only where a definition names it."
        yield "\nCodes: " + (", ".join(f"[`{c.id}`](codes.md#{_anchor(c.id)})" for c in cls.codes) or "none of its own")
        yield ""
        yield from _options(cls.options_schema)


def _options(schema: Mapping[str, Any]) -> Iterator[str]:
    properties: Mapping[str, Any] = schema.get("properties", {})
    if not properties:
        yield "It has no options."
        return
    yield "| option | values | default | meaning |"
    yield "|---|---|---|---|"
    required = schema.get("required", ())
    for name, member in properties.items():
        default = "required" if name in required else _json(member["default"]) if "default" in member else ""
        yield _row(f"`{name}`", _values(member), default, member.get("description", ""))


def _values(member: Any) -> str:
    if not isinstance(member, Mapping):
        return "any"
    if "enum" in member:
        return ", ".join(_json(v) for v in member["enum"])
    for several in ("oneOf", "anyOf"):
        if several in member:
            return " or ".join(dict.fromkeys(_values(m) for m in member[several]))
    kind = member.get("type", "any")
    text = " or ".join(kind) if isinstance(kind, list) else str(kind)
    if kind == "array" and isinstance(member.get("items"), Mapping):
        text += f" of {_values(member['items'])}"
    bounds = [f"{word} {member[k]}" for k, word in (("minimum", "from"), ("maximum", "to")) if k in member]
    return " ".join([text, *bounds])


def hooks_page() -> Iterator[str]:
    """The hooks, and what an author of checks writes."""
    yield "# Hooks and the checker's contract\n"
    yield "A plugin is a module with any of these hooks; [the authors' guide](../checkers.md) shows how."
    yield "\n## Hooks\n"
    for name, hook in vars(hookspecs).items():
        if name.startswith("potable_"):
            signature = str(inspect.signature(hook)).replace("'", "")
            yield f"### {name}\n\n`{name}{signature}`\n\n{_doc(hook)}\n"
    yield "## Checker\n"
    yield _doc(Checker) + "\n"
    for name, method in vars(Checker).items():
        if inspect.isfunction(method) and not name.startswith("_"):
            yield f"### Checker.{name}\n\n{_doc(method)}\n"
    for cls in AUTHORS_CLASSES:
        yield f"## {cls.__name__}\n\n{_doc(cls)}\n"


def contracts_page() -> Iterator[str]:
    """What plugins are given and give, beside what an author of checks writes."""
    yield "# What plugins are given and give\n"
    yield "[The authors' guide](../plugins.md) shows it in use; rules and folds are [beside the hooks](hooks.md)."
    for title, classes in CONTRACTS.items():
        yield f"\n## {title}\n"
        for cls in classes:
            yield f"### {cls.__name__}\n\nOf `{cls.__module__}`. {_doc(cls)}\n"
            yield from _members(cls)
    yield "\n## Tests\n"
    for name in testing.__all__:
        kit = getattr(testing, name)
        if inspect.isfunction(kit):
            taken = ", ".join(inspect.signature(kit).parameters)
            yield f"### {name}\n\n`{name}({taken})`, of `{testing.__name__}`. {_doc(kit)}\n"


def _members(cls: type) -> Iterator[str]:
    """The functions and properties of a class that it documents itself."""
    for name, member in vars(cls).items():
        function = getattr(member, "__func__", member)
        if name.startswith("_") or not (inspect.isfunction(function) or isinstance(member, property)):
            continue
        signature = "" if isinstance(member, property) else str(inspect.signature(function)).replace("'", "")
        yield f"#### {cls.__name__}.{name}\n\n`{name}{signature}`\n\n{_doc(member)}\n"


def definition_page() -> Iterator[str]:
    """The members of a native definition, and the ingest methods."""
    yield "# Members of a source definition\n"
    yield "The native format: a flat mapping, in YAML 1.2 or JSON. [The guide](../guide.md) shows it in use.\n"
    yield "| member | meaning |\n|---|---|"
    yield from (_row(f"`{name}`", text) for name, text in MEMBERS.items())
    yield "\n## Ingest methods\n"
    yield "| method | gets | needs |\n|---|---|---|"
    for method in METHODS.values():
        needs = " and ".join(" or ".join(f"`{n}`" for n in ([r] if isinstance(r, str) else r)) for r in method.required)
        yield _row(f"`{method.name}`", method.doc, needs)
    yield "\n## Parameters of ingest methods\n"
    yield "| parameter | values | default | meaning | methods |\n|---|---|---|---|---|"
    for parameter in PARAMETERS.values():
        users = [m.name for m in METHODS.values() if parameter.name in m.parameters]
        values = ", ".join(parameter.choices) or parameter.kind
        default = "" if parameter.default is None else _json(parameter.default)
        yield _row(f"`{parameter.name}`", values, default, parameter.doc, ", ".join(users) or "all")


def settings_page() -> Iterator[str]:
    """What an operator sets: the environment, and the limits."""
    yield "# Settings and limits\n\n## Environment\n"
    yield "| variable | meaning |\n|---|---|"
    yield from (_row(f"`{name}`", text) for name, text in VARIABLES.items())
    yield "\n## Limits\n"
    yield (
        "An operator sets them by `POTABLE_LIMITS`, a list such as `node_bytes=20_000_000, depth=400`; a program by "
        "`Engine(limits=Limits(...))`. Reaching one is a finding that names it, as `Limits.node_bytes`.\n"
    )
    yield "| limit | default | meaning |\n|---|---|---|"
    meanings = _parameters(Limits)
    for member in dataclasses.fields(Limits):
        yield _row(f"`{member.name}`", f"{member.default:,}", meanings.get(member.name, ""))


def commands_page() -> Iterator[str]:
    """The command line, from its own help."""
    import click

    from potable.engine.cli.app import potable as command

    yield "# Commands\n\n`potable COMMAND --help` shows the same."
    context = click.Context(command, info_name="potable")
    for name in sorted(command.list_commands(context)):
        sub = command.get_command(context, name)
        if sub is None or sub.hidden:
            continue
        yield f"\n## potable {name}\n"
        inner = click.Context(sub, info_name=name, parent=context)
        yield f"`{' '.join(['potable', name, *sub.collect_usage_pieces(inner)])}`\n"
        yield inspect.cleandoc(sub.help or "").replace("\b\n", "") + "\n"
        yield from _parameters_of(sub, inner)
        if isinstance(sub, click.Group):
            for below in sub.list_commands(inner):
                leaf = sub.get_command(inner, below)
                if leaf is not None:
                    deep = click.Context(leaf, info_name=below, parent=inner)
                    yield f"\n### potable {name} {below}\n\n{inspect.cleandoc(leaf.help or '')}\n"
                    yield from _parameters_of(leaf, deep)


def _parameters_of(command: Any, context: Any) -> Iterator[str]:
    records = [r for p in command.get_params(context) if "--help" not in p.opts and (r := p.get_help_record(context))]
    if records:
        yield "| option | meaning |\n|---|---|"
        yield from (_row(f"`{option}`", text) for option, text in records)


def _parameters(cls: type) -> dict[str, str]:
    """The ``:param name:`` parts of a docstring."""
    text = inspect.cleandoc(cls.__doc__ or "")
    return {m[1]: " ".join(m[2].split()) for m in re.finditer(r":param (\w+): (.*?)(?=\n:|\Z)", text, re.DOTALL)}


def _doc(thing: Any) -> str:
    """A docstring as Markdown: its fields as a list, its roles as code."""
    text = inspect.cleandoc(thing.__doc__ or "")
    text = re.sub(r":\w+:`([^`<]+?)\s*<[^`]+>`", r"`\1`", text)
    text = re.sub(r":\w+:`~?([\w.]+\.)?(\w+)`", r"`\2`", text).replace("``", "`")
    text = re.sub(r"^:(?:param|ivar|cvar) (\w+):", r"- `\1`:", text, flags=re.MULTILINE)
    text = re.sub(r"^:raises ([\w, ]+):", r"- raises `\1`:", text, flags=re.MULTILINE)
    text = re.sub(r"^:returns:", "- gives", text, flags=re.MULTILINE)
    text = re.sub(r"(?<!\n)\n(- `|- gives)", r"\n\1", text)
    return re.sub(r"::\n", ":\n", text)


def _row(*cells: str) -> str:
    return "| " + " | ".join(" ".join(c.replace("|", "\\|").split()) for c in cells) + " |"


def _one_line(text: str) -> str:
    """An example as code, on one line; line breaks are shown."""
    shown = text.strip("\n").replace("\r", "\\r").replace("\n", " ⏎ ").replace("\t", "→")
    fence = "``" if "`" in shown else "`"
    return f"{fence}{shown}{fence}"


def _json(value: Any) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def pages() -> dict[str, str]:
    """File name -> text of every page of the reference."""
    plugins = own_plugins()
    made: dict[str, Callable[[], Iterator[str]]] = {
        "codes.md": lambda: codes_page(plugins),
        "checkers.md": lambda: checkers_page(plugins),
        "hooks.md": hooks_page,
        "contracts.md": contracts_page,
        "definition.md": definition_page,
        "settings.md": settings_page,
        "commands.md": commands_page,
    }
    return {name: NOTE + "\n".join(make()).rstrip() + "\n" for name, make in made.items()}


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of the files of ``folder`` that differ from what the code says."""
    made = pages()
    there = {p.name: p.read_text(encoding="utf-8") for p in folder.glob("*.md")}
    return sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))


def main(argv: Sequence[str] | None = None) -> int:
    """Write, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is out of date")
    args = parser.parse_args(argv)
    if args.check:
        old = stale()
        if old:
            print(f"docs/reference is out of date ({', '.join(old)}): run `make docs`", file=sys.stderr)
        return 1 if old else 0
    FOLDER.mkdir(exist_ok=True)
    made = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
