"""A definition against everything known: its own notes, the ingest methods, the plugins and their options.

No data are touched.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from potable.engine.checker import Checker, Fold
from potable.engine.contracts.events import AtWork, unnoted
from potable.engine.definition import inline, qc, regex
from potable.engine.definition.document import escape, unescape
from potable.engine.definition.elements import ELEMENTS, element_fault
from potable.engine.definition.methods import METHODS
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.options import option_faults, with_defaults, without_faults
from potable.engine.definition.template import BadTemplate, read_template
from potable.engine.errors import PotableError, likely, own_fault, told
from potable.engine.findings import Occurrence
from potable.engine.limits import Limits
from potable.engine.plugins import Plugins

if TYPE_CHECKING:
    from potable.engine.contracts.catalog import Catalog


def lint_source(
    source: SourceDefinition,
    plugins: Plugins,
    limits: Limits | None = None,
    *,
    at_work: AtWork = unnoted,
    without: Container[str] = (),
) -> list[Occurrence]:
    """All that is wrong with a definition, in the order of its lines.

    :param plugins: what there is to fetch, read and check with.
    :param limits: what checkers are told the limits are.
    :param at_work: notes which checker is at work.
    :param without: checkers that aren't asked.
    """
    found = [
        *source.notes,
        *_method(source, plugins),
        *_parameters(source),
        *_format(source, plugins),
        *_regexes(source),
        *qc.faults(source),
        *_severity(source, plugins),
        *_checks(source, plugins, limits or Limits(), at_work, without),
    ]
    found = _one_cause(source, found)
    once: dict[tuple[object, ...], Occurrence] = {}
    for o in found:
        # A place has one fault of a code, whoever found it; without a place the message tells them apart.
        tell = o.message if o.location.path is None else None
        once.setdefault((o.code, o.location.file, o.location.line, o.location.path, tell), o)
    return sorted(once.values(), key=lambda o: (o.location.file != source.origin.file, o.location.line or 0))


def lint_catalog(
    catalog: Catalog, plugins: Plugins, limits: Limits | None = None
) -> Iterator[tuple[str | None, Occurrence]]:
    """What is wrong with a catalogue: (resourceID, occurrence), with None for what belongs to no source."""
    for source, found in lint_each(catalog, plugins, limits):
        for occurrence in found:
            yield None if source is None else source.resource_id, occurrence


def lint_each(
    catalog: Catalog, plugins: Plugins, limits: Limits | None = None
) -> Iterator[tuple[SourceDefinition | None, list[Occurrence]]]:
    """Every definition that can be used with what is wrong with it; None with each fault of the catalogue itself."""
    for content in catalog.contents():
        if isinstance(content, Occurrence):
            yield None, [content]
        else:
            yield content, lint_source(content, plugins, limits)


def _occurrence(
    source: SourceDefinition,
    code: str,
    message: str,
    pointer: str,
    *,
    hint: str | None = None,
    value: str | None = None,
) -> Occurrence:
    place = source.place(pointer)
    return Occurrence(f"definition/{code}", message, rule=place.path, value=value, location=place, hint=hint)


def _missing(source: SourceDefinition, message: str, names: Sequence[str]) -> Occurrence:
    """One of ``names`` is needed and isn't there; told at the name that was probably meant to be it."""
    for said in source.notes:
        if said.code == "definition/unknown-key" and said.details.get("meant") in names:
            path = said.location.path or ""
            written, meant = unescape(path.rpartition("/")[2]), said.details["meant"]
            return Occurrence(
                "definition/missing-parameter", f"{message}; {written[:200]!r} isn't known and has no effect",
                rule=path, location=said.location, hint=f"Did you mean {meant}?",
            )  # fmt: skip
    return _occurrence(source, "missing-parameter", message, f"/{names[0]}")


def _one_cause(source: SourceDefinition, found: list[Occurrence]) -> list[Occurrence]:
    """Without the unknown keys that stand for a missing parameter, which is told there; see :func:`_missing`."""
    if "definition/missing-parameter" in source.severity:  # it may be told as less, or not at all
        return found
    told = {o.location for o in found if o.code == "definition/missing-parameter"}
    return [o for o in found if o.code != "definition/unknown-key" or o.location not in told]


def _method(source: SourceDefinition, plugins: Plugins) -> Iterator[Occurrence]:
    method = source.ingest_method
    if not method:
        yield _missing(source, "the definition has no ingestMethod", ("ingestMethod",))
        return
    fetchers, readers = plugins.fetchers.values(), plugins.readers.values()
    served = {m for f in fetchers for m in f.methods}
    read = any(source.format in r.formats for r in readers)
    if method not in METHODS and method not in served and not (read and source.format == method.lower()):
        near = likely(method, sorted({*METHODS, *served}))
        hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(sorted({*METHODS, *served}))}."
        message = f"no ingest method is called {method[:100]!r}"
        yield _occurrence(source, "unknown-method", message, "/ingestMethod", hint=hint, value=method)
        return
    fetched = method in served or any(not f.methods and source.scheme in f.schemes for f in fetchers)
    if fetched and read:
        return
    if method not in served and not source.scheme and method in METHODS and "ingestURL" in METHODS[method].required:
        return  # its URL is missing, which says it all
    if read and source.scheme not in ("", "file", "http", "https"):
        message = f"no loaded plugin fetches {source.scheme}: URLs"
        yield _occurrence(source, "unsupported-method", message, "/ingestURL", value=method)
    else:
        what = "reads" if fetched else "fetches"
        yield _occurrence(
            source, "unsupported-method", f"no loaded plugin {what} sources of the method {method}", "/ingestMethod",
            value=method,
        )  # fmt: skip


def _parameters(source: SourceDefinition) -> Iterator[Occurrence]:
    """Parameters that are required, by themselves or by others."""
    method, given = source.ingest_method, dict(source.parameters)
    if source.ingest_url:
        given["ingestURL"] = source.ingest_url

    def has(name: str) -> bool:
        return given.get(name) not in (None, "", [])

    def missing(name: str, why: str) -> Occurrence:
        return _missing(source, f"{why} needs {name}", (name,))

    faulty = {o.location.path for o in source.notes if o.code == "definition/bad-value"}
    for names in METHODS[method].required if method in METHODS else ():
        choice = (names,) if isinstance(names, str) else names
        # One that is there but can't be used has been told of.
        if not any(has(n) or source.place(f"/{n}").path in faulty for n in choice):
            yield _missing(source, f"the method {method} needs {' or '.join(choice)}", choice)
    if method in ("WEB", "FTP") and source.format == "xml" and not (has("documentElement") or has("topElement")):
        yield _missing(source, f"the method {method} with parserType xml needs documentElement",
                       ("documentElement", "topElement"))  # fmt: skip
    if source.format in ("xml", "oai"):
        for name in ELEMENTS:
            value = str(given.get(name) or "")
            if (fault := element_fault(value)) is not None:
                message = f"{name} is {value[:100]!r}; {fault[0]}"
                yield _occurrence(source, "bad-value", message, f"/{name}", hint=fault[1], value=value)
    for one, other in (("offsetParam", "limitParam"), ("limitParam", "offsetParam")):
        if has(one) and not has(other):
            yield missing(other, f"paging by {one}")
    for path in ("filterJsonPath", "filterXMLPath"):
        if has(path) and "filterValue" not in given:
            yield missing("filterValue", path)
    if has("filterValue") and not (has("filterJsonPath") or has("filterXMLPath")):
        yield missing("filterJsonPath", "filterValue")
    if has("tableNames") and not has("joinInfo") and len(given["tableNames"]) > 1:
        yield missing("joinInfo", "a join of several tables")
    if has("data") and (why := inline.fault(given["data"], header=given.get("headerLine") != 0)) is not None:
        yield _occurrence(source, "bad-value", f"data: {why}", "/data")
    if given.get("sampleMode") is True and not has("sampleSize") and "/sampleSize" not in faulty:
        yield missing("sampleSize", "sampleMode")
    if given.get("maxDocs") == 0 and not source.origin.format.startswith("foundry"):  # there it was no bound
        message = "maxDocs is 0: a whole number of at least 1 is needed"
        hint = "Take it out, or write -1, to read all records."
        yield _occurrence(source, "bad-value", message, "/maxDocs", hint=hint, value="0")
    template = given.get("mergeIngestURLTemplate")
    if isinstance(template, str):
        try:
            read_template(template)
        except BadTemplate as bad:
            message = f"mergeIngestURLTemplate can't be used: {bad}"
            yield _occurrence(source, "bad-value", message, "/mergeIngestURLTemplate")
        if not has("idJsonPath"):
            yield missing("idJsonPath", "mergeIngestURLTemplate")
        if source.format not in ("json", "jsonl"):
            message = f"mergeIngestURLTemplate completes JSON records alone, and the format is {source.format}"
            yield _occurrence(source, "bad-value", message, "/mergeIngestURLTemplate")


def _format(source: SourceDefinition, plugins: Plugins) -> Iterator[Occurrence]:
    """What the reader of the source's format says."""
    reader = next((r for r in plugins.readers.values() if source.format in r.formats), None)
    if reader is not None:
        try:
            yield from _occurrences(reader().check_definition(source))
        except BaseException as e:
            if not own_fault(e):
                raise
            yield _crashed(source, "reader", reader.name, e)


def _regexes(source: SourceDefinition) -> Iterator[Occurrence]:
    pattern = source.parameters.get("filenamePattern")
    if isinstance(pattern, str) and not regex.is_shell_pattern(pattern):
        yield from _regex(source, "filenamePattern", pattern)
    value = source.parameters.get("filterValue")
    if isinstance(value, str) and value.startswith("re::"):
        yield from _regex(source, "filterValue", value.removeprefix("re::"))


def _regex(source: SourceDefinition, name: str, pattern: str) -> Iterator[Occurrence]:
    why = regex.fault(pattern)
    if why is not None:
        message = f"the regular expression of {name} can't be used: {why}"
        yield _occurrence(source, "bad-regex", message, f"/{name}", value=pattern)


def _severity(source: SourceDefinition, plugins: Plugins) -> Iterator[Occurrence]:
    for code in source.severity:
        if code in plugins.codes:
            continue
        near = likely(code, plugins.codes)
        hint = f"Did you mean {near[0]}?" if near else None
        if code in plugins.checkers:
            hint = f"To switch the whole checker off write checks: {{{code}: off}}."
        message = f"no loaded plugin has the code {code[:100]!r}"
        yield _occurrence(source, "unknown-code", message, f"/severity/{escape(code)}", hint=hint, value=code)


class LintContext:
    """What checkers are lent while a definition alone is looked at: no data, no files, no network."""

    def __init__(self, limits: Limits, checkers: Mapping[str, type[Checker]]) -> None:
        self.limits = limits
        self.checkers = checkers

    @property
    def scratch(self) -> Path:
        self._refuse()

    @property
    def http(self) -> NoReturn:
        self._refuse()

    def read(self, source: str | SourceDefinition, fold: Fold[Any]) -> NoReturn:
        """Not here."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise PotableError("a definition is checked without data: there is no scratch folder and no network")


def _checks(
    source: SourceDefinition, plugins: Plugins, limits: Limits, at_work: AtWork, without: Container[str]
) -> Iterator[Occurrence]:
    families = {code.family for code in plugins.codes.values()} - plugins.checkers.keys()
    for name in source.checks:
        if name in plugins.checkers:
            continue
        near = likely(name, plugins.checkers)
        hint = f"Did you mean {near[0]}?" if near else None
        if name in families:
            hint = f"{name} isn't a checker: its codes are switched off one by one under severity."
        message = f"no loaded plugin provides a checker called {name[:100]!r}"
        yield _occurrence(source, "unknown-checker", message, f"/checks/{escape(name)}", hint=hint, value=name)
    context = LintContext(limits, plugins.checkers)
    for name, checker in plugins.checkers.items():
        raw = source.checks.get(name)
        if raw is False or (raw is None and not checker.default_on):
            continue
        given = raw or {}
        faults = list(option_faults(checker, given))
        for pointer, message in faults:
            at = f"/checks/{escape(name)}{pointer}"
            yield _occurrence(source, "bad-value", f"the options of the checker {name}: {message}", at)
        usable = without_faults(checker, given) if faults else given
        if usable is not None and name not in without:
            with at_work(name):
                yield from _check(source, checker, with_defaults(checker.options_schema, usable), context)


def _check(
    source: SourceDefinition, checker: type[Checker], options: Mapping[str, Any], context: LintContext
) -> Iterator[Occurrence]:
    """What a checker says of the definition, and where it failed."""
    name = checker.name
    try:
        yield from _occurrences(checker(options, context).check_definition(source))
    except BaseException as e:
        if not own_fault(e):
            raise
        yield _crashed(source, "checker", name, e)


def _occurrences(said: Iterable[Any]) -> Iterator[Occurrence]:
    """What was said. Raises TypeError for what is none."""
    for one in said:
        if not isinstance(one, Occurrence):
            raise TypeError(f"a {type(one).__name__} stands where an Occurrence belongs")
        yield one


def _crashed(source: SourceDefinition, what: str, name: str, e: BaseException) -> Occurrence:
    message = f"the {what} {name} failed on this definition: {told(e)}"
    return Occurrence("definition/checker-crashed", message, rule=name, location=source.place(), details={what: name})
