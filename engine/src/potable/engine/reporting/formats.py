"""The engine's own output formats: what each is called and what it's for.

Most runs are rendered as text alone: what renders the others is imported when it's asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from potable.engine.contracts.catalog import Reporter
from potable.engine.contracts.report import Report
from potable.engine.reporting.json import JsonReporter
from potable.engine.reporting.text import TextReporter

if TYPE_CHECKING:
    from potable.engine.reporting.places import Places


class HtmlReporter(Reporter):
    """One self-contained HTML page. Raises :class:`~potable.engine.errors.UsageError` where Jinja2 isn't installed."""

    name = "html"
    media_type = "text/html; charset=utf-8"
    suffix = ".html"

    def render(self, report: Report) -> str:
        """A page of one report."""
        return self.render_all([report])

    def render_all(self, reports: Sequence[Report], home: str = "") -> str:
        """A page with a table of contents before several reports.

        :param home: a relative URL that a link above the report leads to; "" for none.
        """
        from potable.engine.reporting.html import page  # heavy

        return page(reports, home)


class SarifReporter(Reporter):
    """A SARIF log with one run, of which each report is an invocation: code hosts refuse a log of many runs.

    A finding is one result at its first place, the other samples are related locations, its exact count is
    ``occurrenceCount``; a tolerated finding is suppressed. ``executionSuccessful`` is false when the verdict is
    ``inconclusive``.

    :param places: where the files of reports lie. Code hosts take no other addresses than those of files, and no
        result without one: where a repository has none of a location, the source's definition stands for it.
    """

    name = "sarif"
    media_type = "application/sarif+json"
    suffix = ".sarif"

    def __init__(self, places: Places | None = None) -> None:
        self._places = places

    def render(self, report: Report) -> str:
        """A log of one report."""
        return self.render_all([report])

    def render_all(self, reports: Sequence[Report]) -> str:
        """A log of several reports; of none it has no run."""
        from potable.engine.reporting.sarif import log  # heavy

        return log(reports, self._places)


class JunitReporter(Reporter):
    """JUnit XML in the dialect that Jenkins, GitLab and others share.

    They know a case by its class and name, whatever its suite is called, and compare it with the last build's: so the
    class begins with the source, and no name says how it came out.

    - A checker that ran is a case that passes; one that was skipped is skipped, one that crashed is an error.
    - An error finding is a case that fails; tolerated ones, warnings and notes pass, with their text as output. With
      ``--fail-on warning`` warnings fail too.
    - The last case is the verdict: ``inconclusive`` is an error, not a failure. So is a source without a report.
    """

    name = "junit"
    media_type = "application/xml"
    suffix = ".xml"

    def render(self, report: Report) -> str:
        """A document with one suite."""
        return self.render_all([report])

    def render_all(self, reports: Sequence[Report]) -> str:
        """A document with a suite for each report."""
        from potable.engine.reporting.junit import document  # heavy

        return document(reports)


class MarkdownReporter(Reporter):
    """Headings, a table of findings for each severity, samples folded away, the verdict first: a page is read from
    its top. Whatever comes from the data stands in code spans or is escaped; it makes no link, mention or markup.
    """

    name = "markdown"
    media_type = "text/markdown; charset=utf-8"
    suffix = ".md"

    def render(self, report: Report) -> str:
        """A section of level 2 with subsections."""
        from potable.engine.reporting.markdown import section  # heavy

        return section(report)


class GithubReporter(Reporter):
    """The verdict, then an annotation for each finding at its first place, errors first, then what was not checked.

    A tolerated error is a warning. GitHub shows the first ten of each level; the others are a group of plain lines in
    the log. Of several sources the first annotation tells all verdicts, and they take turns in what follows.

    :param places: where the files of reports lie.
    """

    name = "github"

    def __init__(self, places: Places | None = None) -> None:
        self._places = places

    def render(self, report: Report) -> str:
        """Lines of workflow commands."""
        return self.render_all([report])

    def render_all(self, reports: Sequence[Report]) -> str:
        """The same for several sources."""
        from potable.engine.reporting.github import commands  # heavy

        return commands(reports, self._places)


REPORTERS: tuple[type[Reporter], ...] = (
    TextReporter,
    JsonReporter,
    HtmlReporter,
    SarifReporter,
    JunitReporter,
    MarkdownReporter,
    GithubReporter,
)
"""All of them, the usual one first."""
