"""The checkers in use in one run: chosen, called stage by stage, each dropped for itself when it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from potable.engine.checker import EACH_FIELD, CheckContext, Checker, DocumentCheck, FileCheck, Fold, Rule
from potable.engine.contracts.events import AtWork, unnoted
from potable.engine.contracts.history import History, Summary
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.options import validated_options
from potable.engine.errors import own_fault, told, told_of_checker
from potable.engine.findings import Code, Occurrence, clip, given_severity
from potable.engine.handed import each, place_of
from potable.engine.judging.collector import NotItsCode
from potable.engine.judging.coverage import NOT_CHECKED, NOT_IN_REPORT, Ledger
from potable.engine.paths import PathError, canonical
from potable.engine.scan.loop import Standing
from potable.engine.scan.worker import Station

T = TypeVar("T")
Say = Callable[[str, Occurrence], None]
NOT_READ = "the data couldn't be read"
NOTHING_TO_CHECK = "nothing to check in this source"
_ASKED = (
    ("schema", "table_schema", "schema"),
    ("json-schema", "json_schema", "schema"),
    ("xsd", "xsd", "xsd"),
    ("relaxng", "relaxng", "relaxng"),
    ("schematron", "schematron", "schematron"),
    ("keys", "primary_key", "primaryKey"),
    ("rules", "qc_rules", "qcRules"),
    ("rows", "records", "records"),
    ("accounting", "accounting", "accounting"),
)
"""Whose checks a definition asks for by a member of its own: the checker, the attribute, the member."""


@dataclass(slots=True)
class _Active:
    """A checker in use.

    :param worked: it had something to do.
    :param scanned: ids of the codes that it looks for in the data, and not beside earlier runs.
    :param asked: it came to the comparison with earlier runs.
    :param left: codes that it couldn't look for, as another line of the coverage says.
    """

    checker: Checker
    worked: bool = False
    scanned: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    asked: bool = False

    @property
    def name(self) -> str:
        return self.checker.name


class Roster:
    """See the module.

    :param say: reports an occurrence under a checker's name; raises :class:`NotItsCode` for one that isn't its own.
    :param codes_of: ids of a class's codes that this run reports.
    :param at_work: notes which checker is at work.
    :param crashed: checkers that are left out since they ended the run's process, and how.
    """

    def __init__(
        self,
        source: SourceDefinition,
        context: CheckContext,
        ledger: Ledger,
        say: Say,
        codes_of: Callable[[Iterable[Code]], list[str]],
        *,
        at_work: AtWork = unnoted,
        crashed: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._at_work, self._crashed = at_work, crashed
        self._source = source
        self._context = context
        self._ledger = ledger
        self._say = say
        self._codes_of = codes_of
        self._active: list[_Active] = []

    def choose(self, checkers: Mapping[str, type[Checker]]) -> None:
        """Make each checker ready, or note why it isn't used."""
        for name, attribute, member in _ASKED:
            # where its checker isn't installed, or was left out, "passed" must not look as if it had been
            if name not in checkers and getattr(self._source, attribute) not in (None, (), {}):
                self._ledger.lacking(name, member)
        for name, cls in checkers.items():
            codes = self._codes_of(cls.codes)
            raw = self._source.checks.get(name)
            if raw is False:
                self._ledger.skipped(name, "switched off by the definition", codes)
            elif raw is None and not cls.default_on:
                self._ledger.skipped(name, f"off unless the definition names it (checks: {name})", codes)
            elif cls.codes and not codes:
                self._ledger.skipped(name, self._why_none(cls.codes), [c.id for c in cls.codes])
            elif name in self._crashed:
                self._ledger.crashed(name, self._crashed[name], codes)
            else:
                self._make(name, cls, {} if raw in (None, True) else raw, codes)

    def _why_none(self, codes: Iterable[Code]) -> str:
        """Why none of a checker's codes is reported: by the definition, or by who asked for the run."""
        said = ((code, given_severity(self._source.severity, code)) for code in codes)
        off = all(given == "off" or (given is None and not code.default_on) for code, given in said)
        return "all its codes are switched off" if off else "none of its codes is among those that were asked for"

    def _make(self, name: str, cls: type[Checker], raw: object, codes: list[str]) -> None:
        try:
            options = validated_options(cls.options_schema, raw)
        except ValueError as e:  # lint has reported it at its place
            self._ledger.skipped(name, f"its options aren't valid: {e}", codes)
            return
        except Exception as e:  # noqa: BLE001 - its schema is none
            self._ledger.crashed(name, f"its options_schema can't be used: {told(e)}", codes)
            return
        try:
            with self._at_work(name):
                checker = cls(options, self._context)
                reason: Any = checker.skip_reason(self._source)
                if reason is not None and not isinstance(reason, str):
                    said = f"skip_reason gave {reason!r}, neither a text nor None"
                    raise TypeError(said + place_of(checker.skip_reason))
        except BaseException as e:
            if not own_fault(e):
                raise
            self._ledger.crashed(name, _told(e, cls.__init__), codes)
            return
        if reason is not None:
            self._ledger.skipped(name, clip(" ".join(reason.split()), 500) or "it gives no reason", codes)
        else:
            self._active.append(_Active(checker))

    def check_access(self, snapshot: Snapshot) -> None:
        """Each checker's stage of that name."""
        for active in list(self._active):
            stage = active.checker.check_access
            self._report(active, "check_access", stage, self._source, snapshot)

    def check_files(self, snapshot: Snapshot) -> None:
        """Each checker's checks of whole parts."""
        for active in list(self._active):
            for check in self._call(active, self._file_checks) or ():
                active.worked = True
                for part in snapshot.parts:
                    self._report(active, "a check of files", check.check, part)

    def stations(self) -> list[Station]:
        """What each checker does with a chunk."""
        stations = []
        for active in list(self._active):
            station = self._call(active, self._station)
            if station is not None:
                stations.append(station)
                named = [rule.code for rule in station.rules]
                named += [code for fold in station.folds for code in fold.codes]
                named += [code for check in station.documents for code in check.codes]
                active.scanned = frozenset(named)
        return stations

    def _station(self, checker: Checker) -> Station | None:
        station = Station(
            checker.name,
            rules=tuple(each(checker.rules(self._source), Rule, "rules", checker.rules)),
            folds=tuple(each(checker.folds(self._source), Fold, "folds", checker.folds)),
            documents=tuple(each(checker.documents(self._source), DocumentCheck, "documents", checker.documents)),
        )
        for rule in station.rules:
            _check_paths(rule.fields, f"a rule of {rule.code}", rule.wrong)
        for fold in station.folds:
            called = f"the fold {getattr(fold, 'name', type(fold).__name__)}"
            for what in ("fields", "codes"):
                if isinstance(getattr(fold, what), str) or not all(isinstance(t, str) for t in getattr(fold, what)):
                    raise TypeError(f"{what} of {called}: write a tuple of texts{place_of(fold.update)}")
            _check_paths(fold.fields, called, fold.update)
        return station if station.rules or station.folds or station.documents else None

    def take(self, standings: Mapping[str, Standing]) -> None:
        """Note how the checkers fared in the scan."""
        for active in list(self._active):
            standing = standings.get(active.name)
            if standing is None:
                continue
            if standing.crash is not None:
                self._crash(active, standing.crash, records=standing.records, seconds=standing.seconds)
            elif standing.busy or standing.unchecked:
                self._note(active, standing)

    def _note(self, active: _Active, standing: Standing) -> None:
        codes = [c for c in self._codes_of(active.checker.codes) if c not in self._of_history(active)]
        unchecked = "; ".join(standing.unchecked)
        if standing.busy:
            active.worked = True
            untold = [f"{NOT_IN_REPORT}{said}" for said in standing.untold]
            reason = "; ".join([f"{NOT_CHECKED}{unchecked}"] * bool(unchecked) + untold)
            records, seconds = standing.records, standing.seconds
            self._ledger.ran(active.name, codes, records=records, seconds=seconds, reason=reason)
        else:
            self._ledger.skipped(active.name, unchecked, codes)

    def check_history(self, summary: Summary, history: History, reason: str | None) -> None:
        """Each checker's stage of that name.

        :param reason: why there's nothing to compare with, None when there is.
        """
        for active in list(self._active):
            if type(active.checker).check_history is Checker.check_history:
                continue
            codes = self._codes_of(active.checker.codes)
            active.asked = True
            if reason is not None:
                self._leave_out(active, reason)
                continue
            active.worked = True
            stage = active.checker.check_history
            if self._report(active, "check_history", stage, self._source, summary, history):
                self._ledger.ran(active.name, codes, records=summary.records)

    def _leave_out(self, active: _Active, reason: str) -> None:
        """There's nothing to compare with."""
        codes = self._codes_of(active.checker.codes)
        if not active.worked:
            self._ledger.skipped(active.name, reason, codes)
            return
        active.left = self._of_history(active)
        self._ledger.left_out(active.name, reason, [c for c in codes if c in active.left])

    def _of_history(self, active: _Active) -> frozenset[str]:
        """Codes that it looks for beside earlier runs alone, as far as can be told."""
        cls = type(active.checker)
        others = (cls.files, cls.check_access) != (Checker.files, Checker.check_access)
        if cls.check_history is Checker.check_history or others:
            return frozenset()
        return frozenset(c.id for c in active.checker.codes) - active.scanned

    def finish(self, *, records: int, stopped: bool, partial: bool) -> None:
        """Write the coverage of those that haven't got theirs yet.

        :param stopped: the run was stopped by a blocking finding.
        :param partial: not all of the source was read.
        """
        for active in self._active:
            if active.worked and not active.asked and self._of_history(active):
                self._leave_out(active, NOT_READ)
            codes = [c for c in self._codes_of(active.checker.codes) if c not in active.left]
            if active.worked:
                self._ledger.ran(active.name, codes, records=records)
            else:
                self._ledger.skipped(active.name, NOT_READ if stopped else NOTHING_TO_CHECK, codes)
            left = [c.id for c in active.checker.codes if c.dataset and c.id not in active.left]
            if partial and active.worked:
                self._ledger.left_out(active.name, "only a part of the source was read", left)

    def _report(self, active: _Active, what: str, stage: Callable[..., Iterable[Occurrence]], *given: object) -> bool:
        """Call a stage and report what it yields, up to where it fails; whether it didn't."""

        def drain(_: Checker) -> bool:
            for said in each(stage(*given), Occurrence, what, stage):
                self._tell(active, said, stage)
            return True

        return bool(self._call(active, drain, stage))

    def _file_checks(self, checker: Checker) -> list[FileCheck]:
        return list(each(checker.files(self._source), FileCheck, "files", checker.files))

    def _tell(self, active: _Active, said: Occurrence, stage: object) -> None:
        try:
            self._say(active.name, said)
        except NotItsCode as e:
            raise NotItsCode(f"{e}{place_of(stage)}") from None
        active.worked = True

    def _call(self, active: _Active, stage: Callable[[Checker], T], called: object = None) -> T | None:
        """What a stage gives; None when the checker failed, which drops it.

        :param called: the checker's own part of it.
        """
        try:
            with self._at_work(active.name):
                return stage(active.checker)
        except BaseException as e:
            if not own_fault(e):
                raise
            self._crash(active, _told(e, called))  # the others go on
        return None

    def _crash(self, active: _Active, reason: str, *, records: int = 0, seconds: float = 0.0) -> None:
        codes = self._codes_of(active.checker.codes)
        self._ledger.crashed(active.name, reason, codes, records=records, seconds=seconds)
        if active in self._active:
            self._active.remove(active)


def _told(e: BaseException, called: object = None) -> str:
    if isinstance(e, SystemExit):
        return told_of_checker(e, called).replace(told(e), f"it called exit({e.code})")
    return str(e) if isinstance(e, NotItsCode) else told_of_checker(e, called)


def _check_paths(fields: Iterable[str], of: str, function: object) -> None:
    """What is no path fails here, and not in the reader."""
    for path in fields:
        if path != EACH_FIELD:
            try:
                canonical(path)
            except PathError as e:
                raise ValueError(f"{of} names the field {path!r}: {e}{place_of(function)}") from None
