"""A definition against the plugins that there are: its method and format, its codes, and what checkers and readers say
of it.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from potable.engine.checker import Checker, Fold
from potable.engine.contracts.events import AtWork
from potable.engine.contracts.reading import Reader
from potable.engine.definition.faults import fault_at, missing_fault
from potable.engine.definition.methods import MEANT, METHODS
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.options import in_options, option_faults, with_defaults, without_faults
from potable.engine.errors import PotableError, likely, likely_code, own_fault, told_of_checker
from potable.engine.findings import Occurrence, clip
from potable.engine.handed import each, place_of
from potable.engine.judging.collector import NotItsCode, not_its_own, undocumented
from potable.engine.limits import Limits
from potable.engine.paths.pointer import escape, unescape
from potable.engine.plugins import Plugins, may_report

_MOST_TOLD = 3
"""Most plugins that are told to be unusable beside one fault."""


def method_faults(source: SourceDefinition, plugins: Plugins) -> Iterator[Occurrence]:
    """Whether what there is can fetch and read the source."""
    method = source.ingest_method
    if not method:
        yield missing_fault(source, "the definition has no ingestMethod", ("ingestMethod",))
        return
    fetchers, readers = plugins.fetchers.values(), plugins.readers.values()
    served = {m for f in fetchers for m in f.methods}
    read = any(source.format in r.formats for r in readers)
    if method not in METHODS and method not in served and not (read and source.format == method.lower()):
        near = [MEANT[method.upper()]] if method.upper() in MEANT else likely(method, sorted({*METHODS, *served}))
        hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(sorted({*METHODS, *served}))}."
        message = f"no ingest method is called {method[:100]!r}"
        told = _or_mend(hint, plugins)
        yield fault_at(source, "unknown-method", message, "/ingestMethod", hint=told, value=method)
        return
    fetched = method in served or any(not f.methods and source.scheme in f.schemes for f in fetchers)
    if fetched and read:
        return
    if method not in served and not source.scheme and method in METHODS and "ingestURL" in METHODS[method].required:
        return  # its URL is missing, which says it all
    if read and source.scheme not in ("", "file", "http", "https"):
        message = f"no loaded plugin fetches {source.scheme}: URLs"
        yield fault_at(source, "unsupported-method", message, "/ingestURL", hint=_or_mend(None, plugins), value=method)
    else:
        what = "reads" if fetched else "fetches"
        yield fault_at(
            source, "unsupported-method", f"no loaded plugin {what} sources of the method {method}", "/ingestMethod",
            hint=_or_mend(None, plugins), value=method,
        )  # fmt: skip


def format_faults(source: SourceDefinition, plugins: Plugins) -> Iterator[Occurrence]:
    """What the reader of the source's format says."""
    reader = next((r for r in plugins.readers.values() if source.format in r.formats), None)
    if reader is not None:
        try:
            stage = reader().check_definition
            for said in each(stage(source), Occurrence, "check_definition", stage):
                _check_owner(said, reader, plugins.codes, stage)
                yield said
        except BaseException as e:
            if not own_fault(e):
                raise
            yield _crashed(source, "reader", reader.name, e)


def severity_faults(source: SourceDefinition, plugins: Plugins) -> Iterator[Occurrence]:
    """Codes and families under ``severity`` that nobody has, and codes that can't be switched off."""
    for code, given in source.severity.items():
        known = plugins.codes.get(code)
        if known is not None and known.blocking and given in ("off", False):
            message = f"{code} says that data couldn't be read, and can't be switched off"
            yield fault_at(source, "no-effect", message, f"/severity/{escape(code)}", hint="Take it out.", value=code)
        if known is not None or code in plugins.checkers:
            continue
        families = {code.family for code in plugins.codes.values()} | plugins.checkers.keys()
        if code in families:
            continue
        near = likely_code(code, plugins.codes) or next(iter(likely(code, families)), None)
        family = code.partition("/")[0]
        hint = f"Did you mean {near}?" if near else None
        if near is None and family in families:
            hint = f"`potable explain {family}` lists the codes of {family}."
        message = f"no loaded plugin has the code {code[:100]!r}"
        hint = _or_mend(hint, plugins)
        yield fault_at(source, "unknown-code", message, f"/severity/{escape(code)}", hint=hint, value=code)


def _or_mend(hint: str | None, plugins: Plugins) -> str | None:
    """A hint for what no plugin has, and the plugins that may have it but can't be used."""
    told = [clip(said, 300) or "" for said in plugins.told[:_MOST_TOLD]]
    return " ".join([*([] if hint is None else [hint]), *told]) or None


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


def checker_faults(
    source: SourceDefinition, plugins: Plugins, limits: Limits, at_work: AtWork, without: Container[str]
) -> Iterator[Occurrence]:
    """Checkers that there aren't, options that can't be used, and what each checker says of the definition."""
    for name in source.checks:
        if name in plugins.checkers:
            continue
        near = likely(name, plugins.checkers)
        hint = f"Did you mean {near[0]}?" if near else None
        if any(name == code.family for code in plugins.codes.values()):
            hint = f"{name} isn't a checker: its codes are switched off by severity: {{{name}: off}}."
        elif name in plugins.codes:
            hint = f"{name} is a code, not a checker: it's switched off by severity: {{{name}: off}}."
        message = f"no loaded plugin provides a checker called {name[:100]!r}"
        hint = _or_mend(hint, plugins)
        yield fault_at(source, "unknown-checker", message, f"/checks/{escape(name)}", hint=hint, value=name)
    context = LintContext(limits, plugins.checkers)
    for name, checker in plugins.checkers.items():
        raw = source.checks.get(name)
        if raw is False or (raw is None and not checker.default_on):
            continue
        given = raw or {}
        try:
            faults = list(option_faults(checker.options_schema, given))
        except Exception as e:  # noqa: BLE001 - its schema is none
            yield _crashed(source, "checker", name, e)
            continue
        for pointer, message in faults:
            at = f"/checks/{escape(name)}{pointer}"
            said = f"the options of the checker {name}: {in_options(pointer, message)}"
            yield fault_at(source, "bad-value", said, at, hint=_as_list(given, pointer, message))
        usable = without_faults(checker.options_schema, given) if faults else given
        if usable is not None and name not in without:
            with at_work(name):
                options = with_defaults(checker.options_schema, usable)
                yield from _check(source, checker, options, context, plugins.codes)


def _as_list(given: Mapping[str, Any], pointer: str, message: str) -> str | None:
    """How a value alone is written where a list is wanted."""
    if not message.endswith("isn't a list"):
        return None
    value: Any = given
    for step in pointer.split("/")[1:]:
        value = value.get(unescape(step)) if isinstance(value, Mapping) else None
    if not isinstance(value, str):
        return None
    quoted = value[:80].replace("'", "''")
    return f"Write a list: ['{quoted}']."


def _check(
    source: SourceDefinition, checker: type[Checker], options: Mapping[str, Any], context: LintContext,
    codes: Collection[str],
) -> Iterator[Occurrence]:  # fmt: skip
    """What a checker says of the definition, and where it failed.

    :param codes: those that are documented.
    """
    name = checker.name
    try:
        stage = checker(options, context).check_definition
        for said in each(stage(source), Occurrence, "check_definition", stage):
            _check_owner(said, checker, codes, stage)
            yield said
    except BaseException as e:
        if not own_fault(e):
            raise
        yield _crashed(source, "checker", name, e)


def _check_owner(said: Occurrence, kind: type[Checker | Reader], codes: Collection[str], stage: object) -> None:
    """Raises NotItsCode for a code that a class may not report."""
    if said.code not in codes:
        raise NotItsCode(undocumented(said.code, codes) + place_of(stage))
    if not may_report(kind, said.code):
        raise NotItsCode(not_its_own(said.code) + place_of(stage))


def _crashed(source: SourceDefinition, what: str, name: str, e: BaseException) -> Occurrence:
    told = str(e) if isinstance(e, NotItsCode) else told_of_checker(e)
    message = f"the {what} {name} failed on this definition: {told}"
    return Occurrence("definition/checker-crashed", message, rule=name, location=source.place(), details={what: name})
