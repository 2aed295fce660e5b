"""Where a source's data are, as reports show it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from potable.engine.fetching.database.urls import BadDatabaseUrl, parse_database_url
from potable.engine.fetching.remote.ftp.target import BadTarget, read_place

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition


def shown_address(source: SourceDefinition) -> str | None:
    """The source's URL, else that of its database or FTP server: without user, password and secret parameters.

    None where it has none, or one that can't be read.
    """
    if (database := source.parameters.get("jdbcURL")) is not None:
        with suppress(BadDatabaseUrl):
            return parse_database_url(str(database)).shown
    elif source.parameters.get("ftpHost"):
        with suppress(BadTarget):
            return read_place(source).shown
    return source.shown_url
