"""Pages from templates, with the style sheet of reports and a policy that allows nothing else."""

from __future__ import annotations

from functools import cache
from typing import Any

from aiohttp import web
from markupsafe import Markup

from potable.engine.definition.native import RESOURCE_ID
from potable.engine.reporting import html
from potable.engine.reporting.standing import codes, counts, progress, standing

_PACKAGE = __package__ or ""


def root_of(request: web.Request) -> str:
    """The way from a page up to the first one, relative: ``./`` or ``../``."""
    return "../" * (request.path.count("/") - 1) or "./"


def page(
    request: web.Request, template: str, status: int = 200, headers: dict[str, str] | None = None, **given: Any
) -> web.Response:
    """A page as an answer."""
    environment = html.environment(_PACKAGE)
    told: dict[str, Any] = {
        "standing": standing,
        "found": counts,
        "codes": codes,
        "progress": progress,
        "tone": tone,
        "addressable": addressable,
    }
    environment.globals |= told
    text = environment.get_template(f"{template}.html.jinja").render(
        root=root_of(request),
        style=Markup(_style()),  # noqa: S704 - the packages' own files
        script=Markup(_script()),  # noqa: S704
        **given,
    )
    own = {"Content-Security-Policy": _policy()} | (headers or {})
    return web.Response(text=text + "\n", status=status, headers=own, content_type="text/html", charset="utf-8")


def addressable(resource_id: str) -> bool:
    """Whether a source has a page: not one whose identifier no call could name."""
    return RESOURCE_ID.fullmatch(resource_id) is not None


def tone(run: Any) -> str:
    """The style class of a run's standing."""
    return str(run.verdict or run.state.value)


@cache
def _style() -> str:
    return f"{html.style()}\n{html.resource(_PACKAGE, 'pages.css').strip()}"


@cache
def _script() -> str:
    return html.resource(_PACKAGE, "follow.js").strip()


@cache
def _policy() -> str:
    allowed = f"style-src '{html.hash_of(_style())}'; script-src '{html.hash_of(_script())}'; connect-src 'self'"
    return f"default-src 'none'; {allowed}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
