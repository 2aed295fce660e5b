"""The rows of one SELECT, or of tables, as one part of JSON Lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.definition.secrets import Secret
from potable.engine.errors import UsageError
from potable.engine.fetching import codes
from potable.engine.fetching.database import codes as own
from potable.engine.fetching.database.session import Again, Login
from potable.engine.fetching.database.statement import NotASelect, plain_select
from potable.engine.fetching.database.urls import BadDatabaseUrl, DatabaseUrl, parse_database_url
from potable.engine.fetching.deadline import Deadline
from potable.engine.fetching.faults import Failure
from potable.engine.fetching.files.fetcher import FileFetcher
from potable.engine.fetching.network.retrying import Attempts
from potable.engine.fetching.saving import drop, now, write
from potable.engine.fetching.watch import Watch
from potable.engine.findings import Code, Fault, Occurrence
from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.fetching.database.session import Session
    from potable.engine.fetching.database.tables import Tables


def select(source: SourceDefinition, context: FetchContext) -> Snapshot:
    """Run the query of a source, as often as a failure may be tried again: :meth:`.fetcher.SqlFetcher.fetch`."""
    url = _database(source)
    sql = _checked(source, url)
    make = _maker(source, url, context)
    query = sql if sql is not None else _tables(source)
    deadline = Deadline(context.network.left)
    attempts = Attempts(context.limits.attempts, deadline, deadline.wait)
    told: set[str] = set()
    while True:
        fetching = _Fetching(source, url, query, make(), context, deadline, told)
        try:
            part = fetching.part()
            break
        except Fault as fault:
            if not fetching.again:
                raise
            attempts.failed(Failure(fault.occurrence, transient=True))
    details = {"columns": list(fetching.names), "rows": fetching.rows}
    return Snapshot(parts=(part,), fetched=now(), details=details, partial=fetching.partial)


_NO_ROW = "Run the query by hand, and look at its conditions; else ask the database's owner why there's nothing."


class _Fetching:
    """One attempt."""

    def __init__(
        self,
        source: SourceDefinition,
        url: DatabaseUrl,
        query: str | Tables,
        session: Session,
        context: FetchContext,
        deadline: Deadline,
        told: set[str],
    ) -> None:
        self._source, self._url, self._query, self._session, self._context = source, url, query, session, context
        self._deadline, self._told = deadline, told
        self.names: tuple[str, ...] = ()
        self.rows = 0
        self.again = False
        self.partial = False

    def part(self) -> Part:
        """Rows into a file. Raises ``Fault``; ``again`` says whether trying again may help."""
        session, watch = self._session, Watch(self._deadline, self._session.cancel, self._session.cut)
        try:
            with watch:
                part = write(self._lines(watch), self._part_name(), self._context, self._progress)
        finally:
            session.close()
        if not self.rows:
            drop(part.path)
            raise Fault(session.said(codes.EMPTY, "the query gives no row", _NO_ROW))
        return replace(part, url=self._url.shown, media_type="application/x-ndjson", charset="utf-8")

    def _lines(self, watch: Watch) -> Iterator[bytes]:
        try:
            yield from self._unguarded()
        except GeneratorExit:
            raise
        except Exception as error:  # noqa: BLE001 - sorted out, and raised again where it's nobody's but ours
            # The watch may not have come to it yet, and its time may begin later than that which the network goes by.
            late = watch.over or self._context.network.left <= 0
            fault = self._session.fault(error, late=late)
            self.again = isinstance(fault, Again)
            raise fault from None

    def _unguarded(self) -> Iterator[bytes]:
        from potable.engine.fetching.database.rows import encoded  # heavy

        session, context = self._session, self._context
        session.open(self._source.parameters.get("schemaName"))
        for words in session.role_faults():
            if words not in self._told:
                self._told.add(words)
                context.report(session.said(own.WRITABLE_ROLE, words))
        cursor = session.run(self._query if isinstance(self._query, str) else self._select(self._query))
        self.names = _unique([entry[0] for entry in cursor.description or ()], self._refused)
        most, size = self._most(), 0
        fetch: Callable[[int], Any] = cursor.fetchmany
        if most is not None:
            fetch = lambda count: cursor.fetchmany(min(count, most - self.rows)) if self.rows < most else ()  # noqa: E731
        for data, count in encoded(self.names, fetch, self._under()):
            size += len(data)
            self.rows += count
            if size > context.limits.fetch_bytes:
                words = f"the rows are more than the {context.limits.fetch_bytes:,} bytes of limit fetch_bytes"
                raise Fault(session.said(codes.TOO_LARGE, words))
            yield data
        self.partial = most is not None and self.rows >= most
        if not self.partial:
            for said in session.warnings():
                context.report(said)

    def _select(self, tables: Tables) -> Any:
        from potable.engine.fetching.database.tables import BadTables  # heavy

        try:
            return tables.select(self._session)
        except BadTables as bad:
            raise Fault(self._refused(own.FAILED, str(bad))) from None

    def _under(self) -> str | None:
        """The table's name, where the definition's key is written as in ``$.table.column``.

        That was the shape of the old system's records.
        """
        if isinstance(self._query, str):
            return None
        for text in self._source.primary_key:
            first, *rest = FieldPath.parse(text).steps
            if rest and isinstance(first, Child) and first.name.casefold() in self._query.names:
                return first.name
        return None

    def _most(self) -> int | None:
        """One row more than will be read, so that the reader sees that there are more."""
        filtered = "filterJsonPath" in self._source.parameters
        return None if self._context.wanted is None or filtered else self._context.wanted + 1

    def _refused(self, code: Code, words: str) -> Occurrence:
        return _said(self._source, code, words, "/sql" if isinstance(self._query, str) else "/tableNames")

    def _part_name(self) -> str:
        return "query.jsonl" if isinstance(self._query, str) else f"{self._query.name}.jsonl"

    def _progress(self, size: int) -> None:
        self._context.progress(size, None)


def _database(source: SourceDefinition) -> DatabaseUrl:
    text = source.parameters.get("jdbcURL") or source.ingest_url
    if not text:
        raise Fault(_said(source, codes.NOT_FOUND, "the definition names no database: jdbcURL is missing", "/jdbcURL"))
    try:
        url = parse_database_url(str(text))
    except BadDatabaseUrl as bad:
        raise Fault(_said(source, codes.UNREACHABLE, f"this database can't be used: {bad}", "/jdbcURL")) from None
    schema = source.parameters.get("schemaName")
    return replace(url, database=str(schema)) if url.dialect == "mysql" and schema and not url.database else url


def _checked(source: SourceDefinition, url: DatabaseUrl) -> str | None:
    """The definition's own SELECT; None where it names tables."""
    sql = source.parameters.get("sql")
    if sql is None or (source.ingest_method == "DISCO" and not str(sql).strip()):
        return None
    try:
        return plain_select(str(sql), url.dialect)
    except NotASelect as refused:
        line = str(sql).count("\n", 0, refused.at) + 1
        column = refused.at - str(sql).rfind("\n", 0, refused.at)
        words = f"sql isn't one plain SELECT: {refused} (line {line}, column {column} of sql)"
        raise Fault(_said(source, own.NOT_READ_ONLY, words, "/sql")) from None


def _tables(source: SourceDefinition) -> Tables:
    from potable.engine.fetching.database.tables import BadTables, read_tables  # heavy

    try:
        return read_tables(source.parameters)
    except BadTables as bad:
        raise Fault(_said(source, own.FAILED, str(bad), "/tableNames")) from None


def _maker(source: SourceDefinition, url: DatabaseUrl, context: FetchContext) -> Callable[[], Session]:
    """Makes sessions. The drivers are imported here: they take half a second, which no other source has to spend."""
    try:
        import_module("sqlalchemy")
        module = import_module(f"potable.engine.fetching.database.{url.dialect}")
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("potable"):
            raise
        words = f"reading {url.dialect} needs the package {missing.name}: pip install 'potable-engine[sql]'"
        raise UsageError(words) from None
    if url.dialect == "sqlite":
        local = FileFetcher().fetch(replace(source, ingest_url=url.database, parameters={}), context).parts[0]
        shown = replace(url, database=local.name)
        return lambda: module.SqliteSession(shown, context, local.path)
    parameters = source.parameters
    user, password = parameters.get("dbUser"), parameters.get("dbPassword")
    if "jdbcURL" not in parameters:
        user, password = user or parameters.get("username"), password or parameters.get("password")
    revealed = password.reveal(source.origin.folder) if isinstance(password, Secret) else password
    login = Login(user=user, password=revealed)
    kind = module.PostgresqlSession if url.dialect == "postgresql" else module.MysqlSession
    return lambda: kind(url, login, context)


def _unique(names: list[str], refused: Callable[[Code, str], Occurrence]) -> tuple[str, ...]:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        some = ", ".join(repr(n) for n in twice)
        raise Fault(refused(own.DUPLICATE_COLUMN, f"several columns of the query are called {some[:300]}"))
    return tuple(names)


def _said(source: SourceDefinition, code: Code, words: str, pointer: str) -> Occurrence:
    """An occurrence about the definition."""
    return Occurrence(code.id, words, location=source.place(pointer))
