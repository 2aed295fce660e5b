"""``potable lint``: definitions alone, no data touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from potable.engine.cli import faults, session
from potable.engine.cli.exits import Exit
from potable.engine.cli.options import catalog_option, debug_option, plugin_options
from potable.engine.cli.output import ResultCommand, Results, columns, emit, ink, json_list, show, tell
from potable.engine.errors import UsageError
from potable.engine.findings import Code, Occurrence, Severity
from potable.engine.given.chosen import check_left_out
from potable.engine.reporting import facts
from potable.engine.reporting.inert import inert
from potable.engine.reporting.layout import many, number, wrap
from potable.engine.runs import AUTO_USER

if TYPE_CHECKING:
    from potable.engine.contracts.report import Report, Verdict
    from potable.engine.definition.model import SourceDefinition


REPORTED = ("sarif", "junit", "markdown", "github")
"""Formats of reports that lint has too: for CI."""

MOST_ALIKE = 10
"""Most faults of one code in one file that are shown."""


@dataclass(frozen=True, slots=True)
class Said:
    """One fault of a definition.

    :param resource_id: the source; None for a fault of the catalog.
    :param severity: under the definition's own ``severity``.
    """

    resource_id: str | None
    severity: Severity
    occurrence: Occurrence
    hint: str

    def to_dict(self) -> dict[str, Any]:
        """It as plain data."""
        o = self.occurrence
        return {
            "resourceID": self.resource_id, "code": o.code, "severity": self.severity.value, "message": o.message,
            "field": o.field, "hint": self.hint, "location": asdict(o.location),
        }  # fmt: skip


@click.command(cls=ResultCommand, short_help="Check definitions without touching any data.")
@click.argument("path", metavar="[PATH]", required=False)
@catalog_option
@click.option(
    "--format", "form", type=click.Choice(("text", "json", *REPORTED)), default="text", show_default=True,
    help="Output format.",
)  # fmt: skip
@click.option(
    "--print-schema", is_flag=True, help="Print the JSON Schema of definitions, for editors, and do nothing else."
)
@plugin_options
@debug_option
def lint(
    path: str | None,
    catalog: str | None,
    form: str,
    print_schema: bool,
    plugin_files: tuple[str, ...],
    without: tuple[str, ...],
) -> Exit:
    """Check definitions (a folder, a file, or the catalog) without touching any data.

    Exit code: 0 no errors, 1 an error, 2 usage error.
    """
    if print_schema:
        from potable.engine.definition.schema import definition_schema  # heavy

        emit(definition_schema())
        return Exit.PASSED
    if path is not None and catalog is not None:
        raise UsageError("lint takes a PATH or --catalog, not both")
    settings = session.settings(path or catalog, None, plugin_files, without)

    from potable.engine.lint import lint_each  # heavy: pulls in JSON Schema

    said: list[Said] = []
    definitions, unusable_files = 0, set[str | None]()
    reports: list[Report] = []
    with session.service(settings, checkers=True) as service:
        opened, plugins = service.catalog, check_left_out(without, service.plugins)
        for unusable in plugins.told:
            tell(f"potable: {unusable} What it would say of the definitions isn't known")
        for source, found in lint_each(opened, plugins):
            of_source = list(judged(source, found, plugins.codes))
            said += of_source
            definitions += source is not None
            unusable_files |= {o.location.file for o in found if source is None and o.code == "definition/invalid"}
            if form in REPORTED:
                reports += reported(source, of_source, plugins.codes)
    if form == "json":
        json_list([s.to_dict() for s in said])
    elif form in REPORTED:
        results = Results(form, None, several=True, catalog=settings.catalog)
        for report in reports:
            results.add(report)
        results.finish()
    else:
        show(page(said, definitions + len(unusable_files), columns()))
    return Exit.FAILED if any(s.severity is Severity.ERROR for s in said) else Exit.PASSED


def reported(source: SourceDefinition | None, said: Sequence[Said], codes: Mapping[str, Code]) -> Iterator[Report]:
    """The faults of a definition as a report; those of the catalog as one for each file."""
    files: dict[str | None, list[faults.Fault]] = {} if source is None else {source.origin.file: []}
    for s in said:
        file = s.occurrence.location.file if source is None else source.origin.file
        files.setdefault(file, []).append((replace(s.occurrence, hint=s.hint), s.severity))
    for file, found in files.items():
        resource_id = "" if source is None else source.resource_id
        findings = faults.findings(resource_id, found, codes)
        failed = any(f.severity is Severity.ERROR for f in findings)
        name = (file or "catalog") if source is None else source.name
        verdict: Verdict = "failed" if failed else "passed"
        yield faults.report(resource_id, findings, verdict=verdict, name=name, file=file, user_id=AUTO_USER)


def judged(source: SourceDefinition | None, found: Iterable[Occurrence], codes: Mapping[str, Code]) -> Iterator[Said]:
    """Each fault with the severity that its definition gives it; those switched off are left out.

    :param source: the definition; None for faults of the catalogue.
    """
    from potable.engine.judging.collector import severity_policy  # heavy: NumPy

    severity_of = severity_policy({} if source is None else source.severity)
    for occurrence in found:
        code = codes[occurrence.code]
        severity = severity_of(code, occurrence.field)
        if severity is not None:
            resource_id = None if source is None else source.resource_id
            yield Said(resource_id, severity, occurrence, occurrence.hint or code.mend)


def page(said: list[Said], definitions: int, width: int) -> str:
    """The faults by file, each with its line, then what there is in all."""
    tint = ink()
    files: dict[str, list[Said]] = {}
    for s in said:
        files.setdefault(s.occurrence.location.file or "", []).append(s)
    lines: list[str] = []
    for file, members in sorted(files.items()):
        lines += [tint("bold", inert(file) or "catalog")]
        seen: Counter[str] = Counter()
        for s in sorted(members, key=lambda s: (s.occurrence.location.line or 0, s.severity.rank)):
            seen[s.occurrence.code] += 1
            if seen[s.occurrence.code] <= MOST_ALIKE:
                lines += _lines(s, width)
        for code, count in seen.items():
            if count > MOST_ALIKE:
                more = f"  … {number(count - MOST_ALIKE)} more {inert(code)}: --format json shows all"
                lines += [tint("dim", line) for line in wrap(more, width, "", "    ")]
        lines.append("")
    figures = [
        tint(severity.value, many(count, noun))
        for severity, noun in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "note"))
        if (count := sum(s.severity is severity for s in said))
    ]
    lines.append(f"{', '.join(figures) or 'nothing to mend'} in {many(definitions, 'definition')}")
    return "\n".join(lines) + "\n"


def _lines(s: Said, width: int) -> list[str]:
    tint, o = ink(), s.occurrence
    where = inert(facts.place(o.location)) + (f" at {inert(o.location.path)}" if o.location.path else "")
    return [
        f"  {where}  {tint(s.severity.value, s.severity.value)}  {inert(o.code)}",
        *wrap(inert(o.message), width, "    ", "    "),
        *wrap(inert(s.hint), width, "    Mend: ", " " * 10),
    ]
