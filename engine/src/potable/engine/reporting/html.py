"""The report as one self-contained page: no script, no request, light and dark, readable by a screen reader."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from potable.engine.contracts.report import Report
from potable.engine.errors import UsageError
from potable.engine.findings import Sample, Severity
from potable.engine.reporting import facts, layout
from potable.engine.reporting.inert import inert

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup

MOST_FINDINGS = 200
"""Most findings of one severity on a page."""

OVERVIEW = 6
"""From how many findings on a report begins with what kinds there are; and fields of a kind that are named there."""

_HEADINGS = ((Severity.ERROR, "Errors"), (Severity.WARNING, "Warnings"), (Severity.INFO, "Notes"))


def page(reports: Sequence[Report], home: str = "") -> str:
    """A page of reports, with a table of contents before several.

    :param home: a relative URL that a link above the report leads to; "" for none.
    :raises UsageError: Jinja2 isn't installed.
    """
    title = "Potable reports"
    if len(reports) == 1:
        title = f"{facts.verdict(reports[0])}: {facts.subject(reports[0])}"
    template = environment().get_template("report.html.jinja")
    given = {"headings": _HEADINGS, "most": MOST_FINDINGS, "overview": OVERVIEW, "policy": policy(), "home": home}
    return template.render(reports=reports, title=title, **given) + "\n"


@cache
def policy() -> str:
    """The page's Content Security Policy (CSP level 3): nothing but its own style sheet. For an HTTP header too."""
    return f"default-src 'none'; style-src '{hash_of(style())}'; base-uri 'none'; form-action 'none'"


def hash_of(text: str) -> str:
    """A style sheet's or script's hash, as a Content Security Policy takes it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def style() -> str:
    """The style sheet."""
    return resource(__package__ or "", "report.css").strip()


def resource(package: str, name: str) -> str:
    """The text of a file that lies in a package."""
    from importlib.resources import files  # heavy: 8 ms that only pages need

    return files(package).joinpath(name).read_text(encoding="utf-8")


@cache
def environment(package: str = __package__ or "") -> jinja2.Environment:
    """Templates of a package, with autoescape and the filters of reports.

    Raises :class:`~potable.engine.errors.UsageError` where Jinja2 isn't installed.
    """
    try:
        import jinja2  # heavy: an extra, and 40 ms
        from markupsafe import Markup  # comes with it
    except ImportError as e:
        raise UsageError("HTML reports need Jinja2: pip install 'potable-engine[html]'") from e
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(lambda name: resource(package, name)),
    )
    environment.filters |= {
        "inert": inert, "verdict": facts.verdict, "outcome": facts.outcome, "subject": facts.subject,
        "identifier": facts.identifier,
        "totals": facts.totals, "codes": facts.codes, "tally": facts.tally, "unmade": facts.unmade,
        "of_severity": facts.of_severity, "kinds": facts.kinds, "anchors": _anchors,
        "field_of": facts.field_of, "details": facts.details,
        "unchecked": facts.unchecked, "checked": facts.checked, "tolerated": facts.tolerated,
        "number": layout.number, "size": layout.size, "duration": layout.duration, "when": layout.when,
        "link": _link, "plain": _plain, "marked": _marked,
    }  # fmt: skip
    environment.globals |= {"style": Markup(style()), "row": _row}  # noqa: S704 - the package's own file
    return environment


def _anchors(report: Report) -> set[str]:
    """Fingerprints of the findings that the page has, which links may lead to."""
    return {f.fingerprint for severity, _ in _HEADINGS for f in facts.of_severity(report, severity)[:MOST_FINDINGS]}


def _link(url: str) -> Markup | str:
    """A link where ``url`` is an http(s) one, else its text."""
    from markupsafe import Markup  # heavy: comes with Jinja2

    shown = inert(url)
    try:
        parts = urlsplit(url)
    except ValueError:
        return shown
    if parts.scheme not in ("http", "https") or not parts.hostname or shown != url:
        return shown
    return Markup('<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>').format(url)


def _marked(text: str) -> Markup:
    """Text of ours, in which backticks enclose code: ``<code>``; whatever else is in it stays text."""
    from markupsafe import Markup  # heavy: comes with Jinja2

    pieces = re.split(r"`([^`]+)`", inert(text))
    return Markup("").join(Markup("<code>{}</code>").format(p) if i % 2 else p for i, p in enumerate(pieces))


def _row(sample: Sample, numbered: bool, keyed: bool) -> Markup:
    """A sample as a table row; ``numbered``, ``keyed``: there's a column for the record's number, for the key."""
    from markupsafe import Markup  # heavy: comes with Jinja2

    at = sample.location
    place, path = inert(facts.place(at)), inert(at.path or "")
    record = "" if at.record is None else layout.number(at.record)
    cell = Markup("<code>{}</code>").format
    where = Markup(" ").join(cell(x) for x in (place, path) if x)
    own = cell(inert(sample.key)) if sample.key else ""
    number = Markup('<td class="number">{}</td>').format(record) if numbered else ""
    key = Markup('<td class="key">{}</td>').format(own) if keyed else ""
    return Markup('<tr><td class="place">{}</td>{}{}<td>{}</td></tr>').format(
        where, number, key, inert(facts.message(sample))
    )


def _plain(value: Any) -> str:
    """A figure as text."""
    if isinstance(value, Mapping):
        return ", ".join(f"{inert(k)} {_plain(v)}" for k, v in value.items())
    if isinstance(value, int) and not isinstance(value, bool):
        return layout.number(value)
    return inert(value)
