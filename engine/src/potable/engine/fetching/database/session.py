"""What the three kinds of database have in common: one session for one SELECT."""

from __future__ import annotations

import re
import socket
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from potable.engine.definition.veil import Veil, veil_over
from potable.engine.errors import likely
from potable.engine.fetching import codes
from potable.engine.fetching.database import codes as own
from potable.engine.fetching.database.urls import DatabaseUrl, Dialect
from potable.engine.fetching.faults import QUOTED, Failure, occurrence, quote_text
from potable.engine.findings import Code, Fault, Occurrence

if TYPE_CHECKING:
    import sqlalchemy as sa

    from potable.engine.contracts.fetching import FetchContext


_NOT_THERE = (
    "Correct jdbcURL, schemaName, tableName or sql; if the name is right, ask for the right to read what it names."
)


_TABLES = 20
"""Most tables of a query whose columns are looked through for the one that was meant."""


class Again(Fault):
    """A fault that may not be there at the next attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who reads. ``repr`` doesn't show the password."""

    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def veil(self) -> Veil:
        """Keeps the password out of messages."""
        return veil_over(frozenset([self.password] if self.password else []))


class Session(ABC):
    """A connection that can only read, for one query.

    :param url: the database.
    :param login: who reads.
    :param context: lends the network, the limits, the scratch folder.
    """

    dialect: ClassVar[Dialect]
    no_column: ClassVar[str] = ""
    """A regular expression of what the database says of a column that isn't there, its name as the group ``name``; ""
    where the database itself says which one was likely meant.
    """
    connection: sa.Connection
    _asked = ""

    def __init__(self, url: DatabaseUrl, login: Login, context: FetchContext) -> None:
        self.url, self.login, self.context = url, login, context

    @abstractmethod
    def open(self, schema: str | None) -> None:
        """Connect, begin a read-only transaction, and let it end with the deadline.

        :param schema: where tables without one are looked for.
        """

    @abstractmethod
    def role_faults(self) -> Iterator[str]:
        """What the role could do beyond reading, in words; at most a few."""

    @abstractmethod
    def tables(self, schema: str | None) -> Sequence[str]:
        """Names of the tables and views of a schema (None: the default one)."""

    @abstractmethod
    def cursor(self) -> Any:
        """A cursor of the driver that doesn't hold all rows."""

    @abstractmethod
    def cancel(self) -> None:
        """Ask the server to stop the query; called from another thread."""

    @abstractmethod
    def cut(self) -> None:
        """Break the connection; called from another thread."""

    @abstractmethod
    def judged(self, error: BaseException) -> tuple[Code, str, bool] | None:
        """The code and the database's words of a driver's error, and whether trying again may help.

        None for an exception that isn't the driver's.
        """

    def run(self, query: str | sa.Select[Any]) -> Any:
        """Send the one query; gives the driver's cursor, with ``description`` and ``fetchmany``."""
        cursor = self.cursor()
        if isinstance(query, str):
            self._asked = query
            cursor.execute(query)  # without parameters: a percent sign is one
        else:
            dialect = self.connection.dialect
            text = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
            cursor.execute(text, ())
        return cursor

    def columns(self, clause: sa.FromClause) -> list[str]:
        """Names of the columns of a table, or a query."""
        import sqlalchemy as sa  # heavy

        result = self.connection.execute(sa.select(sa.text("*")).select_from(clause).where(sa.false()))
        try:
            return [entry[0] for entry in result.cursor.description] if result.cursor else []
        finally:
            result.close()

    def warnings(self) -> Iterator[Occurrence]:
        """What the database says of its answer beside the rows, once all of them have come."""
        yield from ()

    def close(self) -> None:
        """End it; nothing is committed."""
        if hasattr(self, "connection"):
            with suppress(Exception):
                self.connection.invalidate()  # closes without a word to a server that may not answer
            with suppress(Exception):
                self.connection.close()
            with suppress(Exception):
                self.connection.engine.dispose()

    def fault(self, error: BaseException, *, late: bool) -> Fault:
        """What an exception of :meth:`open`, :meth:`run` or the cursor means; raises it again if it's no driver's.

        :param late: whether the deadline had passed.
        """
        if isinstance(error, Fault):
            return error
        if isinstance(error, Failure):
            return Again(error.occurrence) if error.transient else error.fault()
        original = getattr(error, "orig", None)
        judged = self.judged(error if original is None else original)
        if late or (judged is not None and judged[0] is codes.TIMEOUT and not judged[2]):
            seconds = self.context.limits.fetch_seconds
            words = f"the query took longer than {seconds:g} s (limit fetch_seconds) and was cancelled"
            return Fault(self.said(codes.TIMEOUT, words))
        if judged is None:
            raise error
        code, words, transient = judged
        if code is own.FAILED:
            words += self._meant(words)
        said = self.said(code, quote_text(words, self.login.veil), _NOT_THERE if code is codes.NOT_FOUND else None)
        return Again(said) if transient else Fault(said)

    def _meant(self, words: str) -> str:
        """A question to add to what the database says of a column that isn't there; "" for nothing."""
        found = re.search(self.no_column, words) if self.no_column and self._asked else None
        if found is None:
            return ""
        import sqlalchemy as sa  # heavy

        names: dict[str, None] = {}
        with suppress(Exception):  # it's only for a better message
            named = [t for t in self.tables(None) if re.search(rf"(?<!\w){re.escape(t)}(?!\w)", self._asked, re.I)]
            for table in named[:_TABLES]:
                names |= dict.fromkeys(self.columns(sa.table(table)))
        near = likely(found["name"], names)
        return f"; did you mean {near[0]}?" if near else ""

    def said(self, code: Code, words: str, hint: str | None = None, **details: Any) -> Occurrence:
        """An occurrence about this database."""
        return occurrence(code, self.url.shown, words[: QUOTED * 2], hint, **details)


def shut(descriptor: int) -> None:
    """Break the TCP connection behind a file descriptor, so that whoever waits for it wakes; it stays open."""
    with suppress(OSError), socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.shutdown(socket.SHUT_RDWR)
