"""``potable explain``: a code's documentation, from where the code is declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from itertools import groupby
from typing import Any

import click

from potable.engine.cli import session
from potable.engine.cli.options import debug_option, list_option, plugin_options
from potable.engine.cli.output import ResultCommand, columns, emit, ink, show
from potable.engine.errors import UsageError, likely_code
from potable.engine.findings import Code, cause_of
from potable.engine.reporting.inert import inert
from potable.engine.reporting.layout import table, wrap


@click.command(cls=ResultCommand, short_help="Explain a code: what it means and how to mend it.")
@click.argument("codes", metavar="[CODE...]", nargs=-1)
@list_option
@plugin_options
@debug_option
def explain(codes: tuple[str, ...], form: str, plugin_files: tuple[str, ...], without: tuple[str, ...]) -> None:
    """Explain codes as keys/duplicate: what is wrong, why it matters, how to mend it.

    A checker's name lists its codes; without an argument all codes are listed.
    """
    settings = session.settings(None, None, plugin_files, without, needs_catalog=False)
    known = session.plugins(settings, without).codes
    wanted = [code for name in dict.fromkeys(codes) for code in _find(name, known)] if codes else list(known.values())
    if form == "json":
        emit([as_dict(code) for code in wanted])
    elif codes and not all(name in _families(known) for name in codes):
        show("\n".join(page(code, columns()) for code in wanted))
    else:
        show(_index(wanted))


def _families(known: Mapping[str, Code]) -> set[str]:
    return {code.family for code in known.values()}


def _find(name: str, known: Mapping[str, Code]) -> list[Code]:
    """The code of that name, or the codes of that family. Raises UsageError for an unknown one."""
    if name in known:
        return [known[name]]
    family = [code for code in known.values() if code.family == name.rstrip("/")]
    if family:
        return family
    near = likely_code(name, known)
    told = f"did you mean {near}?" if near else "potable explain lists all"
    raise UsageError(f"there is no code {name!r}; {told}")


def page(code: Code, width: int) -> str:
    """The documentation of one code, as text."""
    width = min(width, 100)
    tint = ink()
    words = [
        code.severity.value,
        *(["blocking"] if code.blocking else []),
        *([] if code.default_on else ["off by default"]),
    ]
    lines = [
        f"{tint('bold', inert(code.id))}  {tint(code.severity.value, ', '.join(words))}",
        *wrap(inert(code.title), width),
        "",
    ]
    for heading, text in (("Meaning", code.meaning), ("Why it matters", code.why)):
        lines += [tint("bold", heading), *wrap(inert(text), width, "  ", "  "), ""]
    if code.example:
        lines += [tint("bold", "Example"), *(f"  {inert(line)}" for line in code.example.splitlines()), ""]
    lines += [tint("bold", "Mend"), *wrap(inert(code.mend), width, "  ", "  "), ""]
    for heading, text in _notes(code):
        lines += [tint("bold", heading), *wrap(inert(text), width, "  ", "  "), ""]
    return "\n".join(lines)


def _notes(code: Code) -> list[tuple[str, str]]:
    notes = []
    if code.misses:
        notes.append(("Known limits", code.misses))
    if code.blocking:
        notes.append(("Verdict", "It blocks: the data can't be had or read on, so the verdict is inconclusive."))
    if code.dataset:
        notes.append(("Samples", "Only all of the data can decide it: it's skipped where a sample is read."))
    if code.suppressed_by:
        notes.append(("Explained by", f"Not reported where one of these tells the cause: {_causes(code)}."))
    return notes


def _causes(code: Code) -> str:
    here = (by if (cause := cause_of(by)) == by else f"{cause} (same field)" for by in code.suppressed_by)
    return ", ".join(here)


def _index(codes: list[Code]) -> str:
    """The codes by family, a line each."""
    blocks = []
    for family, members in groupby(codes, key=lambda code: code.family):
        rows = [(inert(c.id), c.severity.value, inert(c.title)) for c in members]
        blocks.append("\n".join([ink()("bold", inert(family)), *table(rows, columns(), most=2)]))
    return "\n\n".join(blocks) + "\n"


def as_dict(code: Code) -> dict[str, Any]:
    """A code's documentation as plain data."""
    return asdict(code) | {"severity": code.severity.value, "suppressed_by": list(code.suppressed_by)}
