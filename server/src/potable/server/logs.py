"""Logging: structlog, on the standard error stream, as JSON lines or for the eye; never an API key.

Three nets, one behind the other: nothing of a request but its route, method and status is logged on purpose; a
malformed request is logged without its bytes (:mod:`potable.server.protocol`); and whatever else comes by, from any
library, is redacted as the last thing before it's written.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, TextIO

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from structlog.typing import Processor

LogFormat = Literal["auto", "console", "json"]
REDACTED = "[redacted]"

_SECRETS = (
    # name and value, in a query string, form, header, JSON or a Python repr, plain or percent-encoded
    re.compile(
        r"""(?ix) ( (?: api (?:[_-]|%5f|%2d)? key | authorization ) (?:["']|\\["'])? \s* (?: [=:,] | %3[ad] ) \s*
            (?: b(?=["'\\]) )?
            (?:["']|\\["'])? (?: (?:bearer|basic) [ +]+ )? ) [^\s"'&;,#\\)\]}]+"""
    ),
    re.compile(r"(?i)(\bbearer[ +]+)(?!\[redacted)[^\s\"'&;,\\)\]}]+"),
    # a key by its looks: id.secret, the secret being 32 bytes in URL-safe base64
    re.compile(r"()[A-Za-z0-9_-]{4,64}\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"),
)

access_log = structlog.stdlib.get_logger("potable.access")
log = structlog.stdlib.get_logger("potable.server")


def redact(text: str) -> str:
    """The text without API keys, whatever way they stand in it."""
    for pattern in _SECRETS:
        text = pattern.sub(rf"\1{REDACTED}", text)
    return text


class RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """Renders a record, then redacts the result: message, arguments, traceback and all."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


@contextmanager
def logging_to(stream: TextIO | None = None, style: LogFormat = "auto", level: str = "INFO") -> Iterator[None]:
    """Send all logs of the process to a stream, as long as the block lasts.

    :param stream: where to; the standard error stream by default.
    :param style: ``json`` (an object a line), ``console``, or ``auto``: console on a terminal, else JSON.
    :param level: the least level that is logged.
    """
    out = sys.stderr if stream is None else stream
    console = style == "console" or (style == "auto" and out.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendered: list[Processor] = (
        [structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback)]
        if console
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        RedactingFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
        )
    )
    root = logging.getLogger()
    before, level_before = root.handlers[:], root.level
    config_before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    root.handlers[:] = [handler]
    root.setLevel(level)
    try:
        yield
    finally:
        root.handlers[:] = before
        root.setLevel(level_before)
        structlog.configure(**config_before)


FACTS = web.RequestKey("facts", dict[str, object])
"""What is known of a request, for the access log: its route, the key's id, the source, the run."""


class AccessLogger(AbstractAccessLogger):
    """One line a request: method, route, status, seconds; never a path, query string or header as it came."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        facts = request.get(FACTS, {}) if isinstance(request, web.Request) else {}
        access_log.info(
            "request",
            method=request.method if request.method in _METHODS else "other",
            status=response.status,
            seconds=round(time, 4),
            bytes=response.body_length,
            remote=request.remote,
            **facts,
        )

    @property
    def enabled(self) -> bool:
        return logging.getLogger("potable.access").isEnabledFor(logging.INFO)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
