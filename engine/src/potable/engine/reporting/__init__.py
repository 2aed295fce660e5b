"""Renders reports. The classes here are ordinary reporters: a plugin's ``potable_reporters`` hook adds others."""

from __future__ import annotations

from potable.engine.contracts.catalog import Reporter
from potable.engine.reporting.github import GithubReporter
from potable.engine.reporting.html import HtmlReporter
from potable.engine.reporting.json import JsonReporter
from potable.engine.reporting.junit import JunitReporter
from potable.engine.reporting.markdown import MarkdownReporter
from potable.engine.reporting.sarif import SarifReporter
from potable.engine.reporting.text import TextReporter

REPORTERS: tuple[type[Reporter], ...] = (
    TextReporter,
    JsonReporter,
    HtmlReporter,
    SarifReporter,
    JunitReporter,
    MarkdownReporter,
    GithubReporter,
)
"""The engine's own output formats."""
