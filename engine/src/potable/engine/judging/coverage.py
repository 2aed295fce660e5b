"""The coverage lines of a run: what was checked, what wasn't, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from potable.engine.contracts.report import Coverage, CoverageStatus


@dataclass(slots=True)
class _Line:
    status: CoverageStatus
    reason: str
    codes: tuple[str, ...]
    records: int
    seconds: float


NO_FIELD = "there is no field"
"""So begins the reason why a rule or fold wasn't applied to data that lack one of its fields."""
NO_LENGTH = "the server announces no length"
"""So begins the reason why nobody can say whether all of the data have come."""
NOT_CHECKED, NOT_IN_REPORT = "not checked: ", "not in the report: "
"""So begin the reasons in the lines of parts that did their work."""
OF_THE_DATA = (NO_FIELD, NO_LENGTH)
"""Reasons that lie in the data, not in what the definition asks for."""


@dataclass(slots=True)
class Ledger:
    """Keeps one line per part of a run (a checker, ``access``, ``csv``, ...), in the order of their first mention, and
    further lines for codes that it left out.
    """

    _lines: dict[str, _Line] = field(default_factory=dict)
    _left_out: list[Coverage] = field(default_factory=list)
    unserved: dict[str, str] = field(default_factory=dict)
    """Members of the definition that nobody looks at, by the name of the checker that would."""

    def ran(
        self, part: str, codes: Iterable[str] = (), *, records: int = 0, seconds: float = 0.0, reason: str = ""
    ) -> None:
        """The part did its work; said again, seconds add up. A crash that was said stays."""
        line = self._lines.get(part)
        if line is None:
            self._lines[part] = _Line("ran", reason, tuple(codes), records, seconds)
            return
        line.seconds += seconds
        line.records = max(line.records, records)
        line.codes = tuple(dict.fromkeys((*line.codes, *codes)))
        if line.status == "skipped":
            line.status, line.reason, line.codes = "ran", reason, tuple(codes)
        elif line.status == "ran" and reason:
            self.noted(part, reason)

    def noted(self, part: str, clause: str) -> None:
        """Something of the part's work isn't in the report, or wasn't done."""
        line = self._lines.setdefault(part, _Line("ran", "", (), 0, 0.0))
        if clause not in line.reason:
            line.reason = f"{line.reason}; {clause}" if line.reason else clause

    def skipped(self, part: str, reason: str, codes: Iterable[str] = ()) -> None:
        """The part did nothing, and why; what was said of it before stays."""
        self._lines.setdefault(part, _Line("skipped", reason, tuple(codes), 0, 0.0))

    def lacking(self, part: str, member: str) -> None:
        """The definition asks for a checker that isn't loaded."""
        self.unserved[part] = member
        self.skipped(part, f"{member} isn't looked at: no checker of this name is loaded; potable-checkers has one")

    def crashed(
        self, part: str, reason: str, codes: Iterable[str] = (), *, records: int = 0, seconds: float = 0.0
    ) -> None:
        """The part failed by its own fault."""
        old = self._lines.get(part)
        self._lines[part] = _Line("crashed", reason, tuple(codes), records, seconds + (old.seconds if old else 0.0))

    def left_out(self, part: str, reason: str, codes: Sequence[str]) -> None:
        """Some codes of a part that did work weren't looked for."""
        if codes:
            line = Coverage(checker=part, status="skipped", reason=reason, codes=tuple(codes))
            self._left_out.append(line)

    @property
    def crashes(self) -> list[str]:
        """Names of the parts that crashed."""
        return [part for part, line in self._lines.items() if line.status == "crashed"]

    def lines(self) -> tuple[Coverage, ...]:
        """All lines."""
        main = (
            Coverage(
                checker=part, status=line.status, reason=line.reason, codes=line.codes,
                records=line.records, seconds=round(line.seconds, 6),
            )
            for part, line in self._lines.items()
        )  # fmt: skip
        return (*main, *self._left_out)
