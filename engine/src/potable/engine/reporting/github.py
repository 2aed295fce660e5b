"""Workflow annotations: lines that GitHub Actions turns into marks on files and in the run's summary.

The format is that of GitHub's "Workflow commands": ``::error file=…,line=…,title=…::message``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from potable.engine.contracts.report import Report
from potable.engine.findings import Finding, Location, Severity, clip
from potable.engine.reporting import facts
from potable.engine.reporting.inert import inert
from potable.engine.reporting.layout import many, number
from potable.engine.reporting.places import Places, told

MOST = 10
"""Annotations of each level that GitHub shows of a step."""

MOST_TOLD = 30
"""Sources that the first annotation names one by one."""

MESSAGE, LINE = 3_600, 1_000
"""Longest message of an annotation, and longest line of one, in characters: GitHub cuts messages off at 4,096."""

LEVELS = ("error", "warning", "notice")
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_VERDICTS = {"passed": "notice", "failed": "error", "inconclusive": "error"}
_WORST_FIRST = ("ENGINE ERROR", "REFUSED", "CANCELLED", "FAILED", "INCONCLUSIVE", "PASSED")


@dataclass(frozen=True, slots=True)
class _Note:
    """One annotation."""

    level: str
    title: str
    lines: tuple[str, ...]
    place: tuple[tuple[str, str | int], ...] = ()

    def command(self) -> str:
        return command(self.level, *self.lines, **dict(self.place), title=self.title)

    def plain(self) -> str:
        """It as a line of the log that is no command."""
        at = ":".join(str(value) for _, value in self.place)
        return inert(": ".join(x for x in (self.level, at, self.title, "; ".join(self.lines)) if x))


def commands(reports: Sequence[Report], places: Places | None = None) -> str:
    """Reports as lines of workflow commands.

    :param places: where the files of reports lie; None: as the reports say.
    """
    return _Annotations(places or Places()).text(reports)


class _Annotations:
    def __init__(self, places: Places) -> None:
        self._places = places

    def text(self, reports: Sequence[Report]) -> str:
        """All of them, as lines of workflow commands."""
        head = _head(reports[0]) if len(reports) == 1 else _heads(reports)
        each = [list(self._notes(report)) for report in reports]
        shown, left = [head], []
        for level in LEVELS:
            room = MOST - (head.level == level)
            notes = list(_in_turn([n for n in notes if n.level == level] for notes in each))
            shown += notes[:room]
            left += notes[room:]
        lines = [note.command() for note in shown]
        if left:
            said = f"{number(len(left))} more: GitHub shows {MOST} annotations of each level"
            lines += [f"::group::Potable: {said}", *(note.plain() for note in left), "::endgroup::"]
        return "".join(f"{line}\n" for line in lines)

    def _notes(self, report: Report) -> Iterator[_Note]:
        skipped = []
        for group in facts.unchecked(report):
            said = f"{', '.join(group.names)}: {group.reason}"
            if group.crashed:
                yield _Note("warning", "Potable: crashed", (said,), self._marked(report, Location()))
            else:
                skipped.append(said)
        for severity in Severity:
            for f in facts.of_severity(report, severity):
                yield self._finding(report, f)
        if skipped:
            title = f"Potable: not checked in {facts.subject(report)}"
            yield _Note("notice", title, tuple(skipped), self._marked(report, Location()))

    def _finding(self, report: Report, f: Finding) -> _Note:
        said = [f"{f.title}, {number(f.count)} ×" + (" (tolerated)" if f.tolerated else "")]
        if field := facts.field_of(f):
            said[0] += f" in {field}"
        location = Location()
        if f.samples:
            location = f.samples[0].location
            place = self._places.of(report, location, f.checker)
            said.append(told(place, location, facts.message(f.samples[0])))
        if f.hint:
            said.append(f"Mend: {f.hint}")
        level = "warning" if f.tolerated else _LEVELS[f.severity]
        return _Note(level, f.code, tuple(said), self._marked(report, location, f.checker))

    def _marked(self, report: Report, location: Location, checker: str = "") -> tuple[tuple[str, str | int], ...]:
        """The properties of an annotation that say where."""
        at = self._places.of(report, location, checker)
        place: list[tuple[str, str | int]] = []
        if at is not None:
            place.append(("file", at.file))
            if at.exact and location.line is not None:
                place.append(("line", location.line))
                if location.column is not None:
                    place.append(("col", location.column))
        return tuple(place)


def _head(report: Report) -> _Note:
    said = " ".join([f"{facts.subject(report)}: {facts.totals(report)}.", *report.why])
    return _Note(_VERDICTS[facts.outcome(report)], f"Potable: {facts.verdict(report)}", (said,))


def _heads(reports: Sequence[Report]) -> _Note:
    """What came of several sources, those that want looking at first."""

    def rank(report: Report) -> int:
        word = facts.verdict(report) if facts.unmade(report) else facts.outcome(report).upper()
        return _WORST_FIRST.index(word)

    ranked = sorted(reports, key=rank)
    count = Counter(facts.verdict(report) for report in ranked)
    lines, room = [], MESSAGE
    for report in ranked[:MOST_TOLD]:
        line = clip(f"{facts.listed(report)}: {facts.verdict(report)}, {_said(report)}", LINE // 2)
        if len(line) > room:
            break
        lines.append(line)
        room -= len(line)
    if more := len(ranked) - len(lines):
        lines.append(f"… {many(more, 'more source')}")
    level = _VERDICTS[facts.outcome(ranked[0])] if ranked else "notice"
    title = ", ".join(f"{number(n)} {word}" for word, n in count.items()) or "no source was run"
    return _Note(level, f"Potable: {title}", tuple(lines))


def _said(report: Report) -> str:
    return " ".join(report.why) if facts.unmade(report) else facts.totals(report)


def _in_turn(groups: Iterable[list[_Note]]) -> Iterator[_Note]:
    """The first of each, then the second of each, and so on."""
    return (note for note in chain.from_iterable(zip_longest(*groups)) if note is not None)


def command(name: str, *lines: str, **properties: str | int) -> str:
    """One workflow command; nothing in its texts can end it or start another."""
    given = ",".join(f"{key}={_property(inert(value))}" for key, value in properties.items())
    return f"::{name} {given}::" + "%0A".join(_data(inert(clip(line, LINE))) for line in lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
