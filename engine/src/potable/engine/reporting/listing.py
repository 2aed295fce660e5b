"""Findings as lines for a terminal, in as much detail as fits a screen or two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from potable.engine.contracts.report import Report
from potable.engine.findings import Finding, Sample, Severity
from potable.engine.reporting import facts
from potable.engine.reporting.inert import cut, cut_middle, inert, width
from potable.engine.reporting.layout import Ink, at_most, many, number, pad, wrap

FINDING_LINES = 50
"""Lines that all findings together may take."""

MOST_CODES = 8
"""Most codes of findings that aren't shown which are named one by one."""

WIDEST = 100
"""Past this column nothing is aligned to the right edge: the eye loses the line."""

_HEADINGS = {Severity.ERROR: "ERRORS", Severity.WARNING: "WARNINGS", Severity.INFO: "NOTES"}


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is shown; the triples are for errors, warnings and notes.

    :param findings: most findings.
    :param samples: most samples of each.
    :param hints: most lines of each hint.
    :param lines: most lines of a title or message.
    :param airy: whether a blank line stands between findings.
    """

    findings: tuple[int, int, int]
    samples: tuple[int, int, int]
    hints: tuple[int, int, int]
    lines: int = 3
    airy: bool = True


LEVELS = (
    Detail((99, 99, 99), (5, 3, 3), (6, 6, 6), lines=8),
    Detail((99, 99, 99), (5, 3, 3), (3, 3, 3)),
    Detail((99, 99, 99), (3, 2, 1), (3, 3, 3)),
    Detail((20, 12, 6), (2, 1, 1), (3, 2, 2)),
    Detail((12, 8, 4), (2, 1, 1), (2, 1, 1), lines=2, airy=False),
    Detail((9, 5, 3), (1, 1, 0), (2, 1, 0), lines=2, airy=False),
    Detail((7, 4, 2), (1, 0, 0), (2, 1, 0), lines=2, airy=False),
    Detail((6, 3, 2), (1, 0, 0), (1, 0, 0), lines=1, airy=False),
    Detail((5, 3, 1), (1, 0, 0), (1, 0, 0), lines=1, airy=False),
)
"""From all to the least; the first whose lines fit is used."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Writes findings in lines of at most ``columns`` columns, in an ink."""

    columns: int
    ink: Ink

    def sections(self, report: Report) -> list[list[str]]:
        """Blocks of lines, to be set apart by a blank line."""
        blocks: list[list[str]] = []
        for detail in LEVELS:
            blocks = [b for severity in Severity for b in self._section(report, severity, detail)]
            if sum(len(b) + 1 for b in blocks) <= FINDING_LINES:
                break
        return blocks

    def _section(self, report: Report, severity: Severity, detail: Detail) -> Iterator[list[str]]:
        findings = facts.of_severity(report, severity)
        if not findings:
            return
        most = detail.findings[severity.rank]
        # To say that one more isn't shown takes as much room as showing the most of it.
        shown = findings if len(findings) == most + 1 else findings[:most]
        blocks = [self._finding(f, detail) for f in shown]
        blocks[0][:0] = self._heading(report, severity, findings)
        if left := findings[len(shown) :]:
            more = f"… {many(len(left), 'more finding')} ({many(sum(f.count for f in left), 'occurrence')}): "
            blocks[-1] += self._faint(wrap(more + "--format json shows all", self.columns, "  ", "    "))
            blocks[-1] += self._codes(left)
        if detail.airy:
            yield from blocks
        else:
            yield [line for block in blocks for line in block]

    def _codes(self, left: list[Finding]) -> list[str]:
        """The codes of findings that aren't shown, with their counts, where they're few."""
        counts: dict[str, int] = {}
        for f in left:
            counts[f.code] = counts.get(f.code, 0) + f.count
        if len(counts) > MOST_CODES:
            return []
        columns = min(self.columns, WIDEST)
        lines = []
        for code, n in sorted(counts.items(), key=lambda c: (-c[1], c[0])):
            count = f"{number(n)} ×"
            name = cut(inert(code), columns - len(count) - 6)
            lines.append(f"    {pad(name, columns - len(count) - 4)}{count}")
        return self._faint(lines)

    def _heading(self, report: Report, severity: Severity, findings: list[Finding]) -> list[str]:
        total = sum(f.count for f in findings)
        said = number(total)
        if severity is Severity.ERROR and report.counts.records_with_errors:
            said += f" in {number(report.counts.records_with_errors)} of {many(report.counts.records, 'record')}"
        if spared := facts.tolerated(findings):
            said += f", {number(spared) if spared != total else 'all'} tolerated"
        word = _HEADINGS[severity]
        first, *rest = wrap(said, self.columns, f"{word}  ", "  ")
        coloured = self.ink("bold", self.ink(severity.value, word)) + self.ink("bold", first[len(word) :])
        return [coloured, *(self.ink("bold", line) for line in rest)]

    def _finding(self, f: Finding, detail: Detail) -> list[str]:
        rank = f.severity.rank
        title = inert(f.title)
        if told := facts.details(f):
            title += f" ({told})"
        lines = [self._head(f), *at_most(wrap(title, self.columns, "    ", "    "), min(detail.lines, 2), self.columns)]
        lines += self._samples(f, detail.samples[rank], detail.lines)
        if f.hint and detail.hints[rank]:
            mend = wrap(inert(f.hint), self.columns, "    Mend: ", " " * 10)
            lines += [self.ink("info", line) for line in at_most(mend, detail.hints[rank], self.columns)]
        return lines

    def _head(self, f: Finding) -> str:
        """``code  field  ...  count``, the count at the right."""
        columns = min(self.columns, WIDEST)
        count = f"{'tolerated  ' if f.tolerated else ''}{number(f.count)} ×"
        code, where = cut(inert(f.code), columns - len(count) - 6), inert(facts.field_of(f))
        if f.rule and f.rule != f.field:  # an unnamed QC rule is called as its path
            where = f"{where} [{inert(f.rule)}]".strip()
        room = columns - 2 - width(code) - 2 - len(count) - 2
        where = cut_middle(where, room) if room >= 8 else ""
        gap = pad("  " + where, room + 4)
        return "  " + self.ink("dim" if f.tolerated else f.severity.value, code) + gap + self.ink("bold", count)

    def _samples(self, f: Finding, most: int, text_lines: int) -> list[str]:
        shown = f.samples[:most]
        if not shown:
            return []
        messages = [inert(_beside_its_place(s)) for s in shown]
        places = [self._place(s, max(self.columns // 3, 16)) for s in shown]
        side = max(map(width, places))
        beside = self.columns - side - 6 >= 36 and not any("…" in place for place in places)
        if not beside:  # then there's room for more of them
            places = [self._place(s, self.columns - 4) for s in shown]
        lines: list[str] = []
        for place, message in zip(places, messages, strict=True):
            head = "    " + pad(place, side) + "  " if beside and side else "    "
            if place and not beside:
                lines.append(head + place)
                head += "  "
            lines += at_most(wrap(message, self.columns, head, " " * width(head)), text_lines, self.columns)
        if f.count > len(shown):
            lines += self._faint([f"    … {number(f.count - len(shown))} more"])
        return lines

    def _place(self, sample: Sample, most: int) -> str:
        """Where a sample is, its file and path in at most ``most`` columns each."""
        location = sample.location
        parts = [cut_middle(inert(facts.place(location)), most)]
        if location.record is not None:
            parts.append(f"record {number(location.record)}")
        if sample.key:
            key = inert(sample.key)
            parts.append(cut_middle(key, 24) if key.strip() == key else f'"{cut_middle(key, 22)}"')
        if location.path:
            parts.append(cut_middle(inert(location.path), most))
        return cut("  ".join(p for p in parts if p), self.columns - 4)

    def _faint(self, lines: list[str]) -> list[str]:
        return [self.ink("dim", line) for line in lines]


def _beside_its_place(sample: Sample) -> str:
    """A sample's message, without the file's name or URL at its start: it stands right before."""
    text = facts.message(sample)
    shown = sample.location.file or sample.location.url
    return text.removeprefix(f"{shown}: ") if shown else text
