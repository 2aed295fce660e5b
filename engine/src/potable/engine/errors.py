"""Every exception of Potable.

What is wrong with the *data* is a finding (:mod:`potable.engine.findings`), never an exception. Exceptions say
that a caller, an operator or Potable itself is at fault::

    PotableError
    ├── UsageError              the call can't be understood
    │   └── SecretNotSet        a definition refers to a secret that isn't there
    ├── CatalogError            a catalog can't be read
    │   ├── DefinitionError     one definition can't be used at all
    │   └── UnknownSource       no source has that resourceID
    ├── PluginError             a plugin named by the operator can't be used
    ├── RunRefused              a run can't be started
    │   ├── RunOngoing          the source has one already
    │   └── SourceOnHold        its definition holds it
    ├── StoreError              the run store can't be used
    │   ├── StoreUnavailable    ... just now: try again
    │   │   └── StoreFull       ... there's no room for anything more; what is in it can be read
    │   ├── StoreDamaged        something in it isn't what Potable wrote
    │   ├── UnknownRun          no run has that runID
    │   └── NotAcceptable       a run can't be a baseline
    ├── EngineFault             Potable couldn't make a report
    └── VerdictError            ``Report.raise_for_verdict``: the data didn't pass

Each can be pickled: the fields go to ``super().__init__`` and the text is made in ``__str__``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from potable.engine.handed import at_line, place_of
from potable.engine.lazyregex import lazy_regex

if TYPE_CHECKING:
    from potable.engine.contracts.report import Report


_BEGUN = 3
"""So many letters of a name may stand for it."""


def likely(name: str, known: Iterable[str], n: int = 1) -> list[str]:
    """The known names that ``name`` was most likely meant to be, best first (at most ``n``)."""
    by_folded = {k.casefold(): k for k in known}
    close = get_close_matches(_bare(name.strip().casefold()), by_folded, n=n, cutoff=0.6)
    return [by_folded[c] for c in close]


def likely_code(name: str, codes: Iterable[str]) -> str | None:
    """The code, or the family of codes, that ``name`` was most likely meant to be; None where none is near.

    In a family that there is the defect decides, which may be shortened, to initials too: ``encoding/bom`` is
    ``encoding/byte-order-mark``.
    """
    known = list(codes)
    family, slash, defect = name.strip().casefold().rpartition("/")
    own = {code.partition("/")[2]: code for code in known if slash and code.startswith(f"{family}/")}
    begun = [code for its, code in own.items() if len(defect) >= _BEGUN and its.startswith(defect)]
    found = [code for its, code in own.items() if "".join(word[:1] for word in its.split("-")) == defect]
    found += [code for code in known if code.endswith(f"/{defect}")]
    found += [*(own[its] for its in likely(defect, own)), *(begun if len(begun) == 1 else [])]
    if not (found or own):
        defects = {code.partition("/")[2]: code for code in known}
        families = {code.partition("/")[0] for code in known}
        found = [*likely(name, known if slash else families), *(defects[its] for its in likely(defect, defects))]
    return found[0] if found else None


def slip(name: str, known: Collection[str]) -> str | None:
    """The known name that ``name`` hardly differs from, where others may be right; None where it's known itself."""
    if name in known:
        return None
    by_folded = {_folded(k): k for k in sorted(known)}
    close = get_close_matches(_folded(_bare(name)), by_folded, n=1, cutoff=0.8)
    return by_folded[close[0]] if close else None


def _folded(name: str) -> str:
    return "".join(c for c in name.casefold() if c not in " _-")


def _bare(name: str) -> str:
    """A name that was written as a path, where paths aren't read."""
    return name.removeprefix("$.").strip("'") if name.startswith("$.") else name


class PotableError(Exception):
    """Base of all exceptions that Potable raises on purpose."""


class UsageError(PotableError):
    """The call can't be understood; the message says what to write instead."""


class SecretNotSet(UsageError):
    """A definition refers to a secret that can't be had.

    :param where: file, line and member of the definition.
    :param variable: the environment's variable; "" where it's a file.
    :param reason: why it can't be had, naming the reference.
    """

    def __init__(self, where: str, variable: str, reason: str) -> None:
        super().__init__(where, variable, reason)
        self.where, self.variable, self.reason = where, variable, reason

    def __str__(self) -> str:
        return f"{self.where} {self.reason}"


class CatalogError(PotableError):
    """A catalog can't be read: it doesn't exist, isn't a folder or file of definitions, or can't be opened."""


class DefinitionError(CatalogError):
    """A definition can't be used at all (it can't be parsed, or has no ``resourceID``).

    :param reason: one sentence, with the mend.
    :param file: the definition's file, as given.
    :param line: line in it, from 1; None where there is none.
    :param pointer: JSON Pointer (RFC 6901) of the faulty member.
    """

    def __init__(self, reason: str, file: str | None = None, line: int | None = None, pointer: str = "") -> None:
        super().__init__(reason, file, line, pointer)
        self.reason, self.file, self.line, self.pointer = reason, file, line, pointer

    def __str__(self) -> str:
        place = self.file or "definition"
        if self.line is not None:
            place += f":{self.line}"
        if self.pointer:
            place += f" at {self.pointer}"
        return f"{place}: {self.reason}"


class UnknownSource(CatalogError):
    """No source of the catalog has that ``resourceID``.

    :param resource_id: the identifier that was asked for.
    :param catalog: where it was looked for.
    :param near: identifiers that it may have been meant to be.
    """

    def __init__(self, resource_id: str, catalog: str = "", near: tuple[str, ...] = ()) -> None:
        super().__init__(resource_id, catalog, near)
        self.resource_id, self.catalog, self.near = resource_id, catalog, near

    def __str__(self) -> str:
        text = f"no source {self.resource_id!r}"
        if self.catalog:
            text += f" in {self.catalog}"
        if self.near:
            text += f"; did you mean {' or '.join(self.near)}?"
        return text


class PluginError(PotableError):
    """A plugin that the operator named can't be used; the message names it and says why."""


class RunRefused(PotableError):
    """A run can't be started; ``str()`` is the reason."""


class RunOngoing(RunRefused):
    """The source has a queued or running run.

    :param resource_id: the source.
    :param run_id: its ongoing run.
    """

    def __init__(self, resource_id: str, run_id: str) -> None:
        super().__init__(resource_id, run_id)
        self.resource_id, self.run_id = resource_id, run_id

    def __str__(self) -> str:
        return f"{self.resource_id} already has an ongoing run, {self.run_id}"


class SourceOnHold(RunRefused):
    """The source's definition says ``hold``: no run is allowed."""

    def __init__(self, resource_id: str) -> None:
        super().__init__(resource_id)
        self.resource_id = resource_id

    def __str__(self) -> str:
        return "Specified resource is on HOLD"


class StoreError(PotableError):
    """The run store can't be used: a bad URL, or a schema of another version."""


class StoreUnavailable(StoreError):
    """The run store doesn't answer just now (locked, restarting, disk full): try again."""


class StoreFull(StoreUnavailable):
    """There's no room for anything more in the run store, on its disk or by a quota; what is in it can be read."""


class StoreDamaged(StoreError):
    """Something in the run store isn't what Potable wrote there; the message names it."""


class UnknownRun(StoreError):
    """No run in the store has that ``runID``.

    :param run_id: the identifier that was asked for.
    """

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.run_id = run_id

    def __str__(self) -> str:
        return f"no run {self.run_id!r} in the store: `potable history ID` lists a source's runs"


class NotAcceptable(StoreError):
    """A run can't be accepted as a baseline.

    :param run_id: the run.
    :param reason: why not.
    """

    def __init__(self, run_id: str, reason: str) -> None:
        super().__init__(run_id, reason)
        self.run_id, self.reason = run_id, reason

    def __str__(self) -> str:
        return f"run {self.run_id} can't be accepted: {self.reason}"


class EngineFault(PotableError):
    """Potable couldn't make a report; the message gives the reason."""


class VerdictError(PotableError):
    """Raised by :meth:`Report.raise_for_verdict` when the data didn't pass.

    :param verdict: ``failed`` or ``inconclusive``.
    :param resource_id: the source.
    :param why: the report's reasons, a sentence each.
    :param report: the report.
    """

    def __init__(self, verdict: str, resource_id: str, why: tuple[str, ...], report: Report) -> None:
        super().__init__(verdict, resource_id, why, report)
        self.verdict, self.resource_id, self.why, self.report = verdict, resource_id, why, report

    def __str__(self) -> str:
        return f"{self.report.called}: {self.verdict}: {' '.join(self.why)}"


class Left(BaseException):
    """A plugin called ``os._exit`` where it was held (:mod:`potable.engine.containment`). No Exception, as little as
    :class:`SystemExit` is one.

    :ivar code: what it gave.
    """

    def __init__(self, code: object) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"os._exit({self.code}) was called, perhaps by a plugin"


def own_fault(e: BaseException) -> bool:
    """Whether what was raised is the fault of the code that raised it, a plugin's: an exception, an ``exit()``, an
    ``os._exit()`` that was held, a panic of a library in Rust (as Polars), which doesn't derive from Exception. A
    Ctrl-C and a stop of the run aren't.
    """
    return isinstance(e, Exception | SystemExit | Left) or type(e).__module__ == "pyo3_runtime"


def told(e: BaseException) -> str:
    """An exception in one line of at most 500 characters."""
    try:
        said = str(e)
    except Exception:  # noqa: BLE001 - the exception is somebody's own class
        said = ""
    if type(e).__name__ == "ColumnNotFoundError" and (name := _PLAIN.search(said)):
        said = f'{name[0]}: a column is called by its path, as "$.{name[1]}"'
    line = " ".join((f"{type(e).__name__}: {said}" if said else type(e).__name__).split())
    return line if len(line) <= 500 else line[:499] + "…"


def told_of_checker(e: BaseException, called: object = None) -> str:
    """:func:`told`, and the file and line of a checker's own code that the exception came by: ``(mylab.py:28)``.

    :param called: a function of the checker's: its place stands for that where the exception didn't come by its code.
    """
    own: tuple[str, int] | None = None
    step = e.__traceback__
    while step is not None:
        file, module = step.tb_frame.f_code.co_filename, str(step.tb_frame.f_globals.get("__name__", ""))
        if own is None and module.partition(".")[0] in _LIBRARIES:
            break  # handed over by the engine itself
        if own[0] == file if own else not module.startswith("potable.engine.") and module not in _BETWEEN:
            own = file, step.tb_lineno
        step = step.tb_next
    line = told(e)
    if own is None and line.endswith(")") and ".py:" in line[line.rfind(" (") :]:
        return line  # it says where already
    place = place_of(called) if own is None else at_line(*own)
    return line.removesuffix(place) + place


def told_of_plugin(e: BaseException, kind: type) -> str:
    """The same of a fetcher, reader or reporter, unless it's the engine's own."""
    return told(e) if kind.__module__.startswith("potable.engine.") else told_of_checker(e)


_PLAIN = lazy_regex(r'"([^"$\s][^"\s]*)" not found')
"""What Polars says of a column that a checker called by its plain name."""
_LIBRARIES = frozenset({"polars", "pyarrow", "numpy", "lxml"})
_BETWEEN = frozenset({
    "concurrent.futures.thread", "contextlib", "importlib", "importlib._bootstrap", "importlib._bootstrap_external",
    "importlib.metadata", "threading",
})  # fmt: skip
"""Modules of the standard library that may stand between the engine and a checker."""
