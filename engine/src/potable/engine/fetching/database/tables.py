"""The SELECT that ``tableName``, or ``tableNames`` with ``joinInfo``, stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from potable.engine.errors import likely
from potable.engine.fetching import codes
from potable.engine.findings import Fault
from potable.engine.lazyregex import lazy_regex

if TYPE_CHECKING:
    from potable.engine.fetching.database.session import Session

_JOIN = lazy_regex(r"\s*(?P<left>[^=]+?)\s*=\s*(?P<right>[^=]+?)\s*")
_STRIP = "::strip"


class BadTables(Exception):
    """Tables or conditions of a definition that make no query; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of the definition.

    :param schema: written before its name, or None.
    :param alias: what conditions and columns call it.
    """

    name: str
    schema: str | None
    alias: str


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a condition; with ``::strip`` its blanks don't count."""

    alias: str
    column: str
    strip: bool


@dataclass(frozen=True, slots=True)
class Tables:
    """What a definition says of its tables: the first one's rows are the records, the others are joined to it.

    :param schema: of the tables that name none.
    :param full: only records that have a row of every table.
    """

    tables: tuple[_Table, ...]
    joins: tuple[tuple[_Side, _Side], ...]
    schema: str | None
    full: bool

    @property
    def name(self) -> str:
        """The first table's name."""
        return self.tables[0].name

    @property
    def names(self) -> frozenset[str]:
        """What the first table is called, with its schema or without, in lower-case."""
        first = self.tables[0]
        whole = f"{first.schema}.{first.name}" if first.schema else first.name
        return frozenset((whole.casefold(), first.name.casefold(), first.alias.casefold()))

    def select(self, session: Session) -> sa.Select[Any]:
        """The query. Columns of later tables whose names are taken are called ``table.column``.

        Raises ``access/not-found`` where the database has no such table, and :class:`BadTables`.
        """
        found = {t.alias: _found(session, t, self.schema) for t in self.tables}
        first = self.tables[0]
        if len(self.tables) == 1:
            return sa.select(sa.text("*")).select_from(found[first.alias][0])
        columns = {alias: session.columns(clause) for alias, (clause, _) in found.items()}
        clauses = {alias: clause for alias, (clause, _) in found.items()}
        joined = self._joined(clauses, columns)
        taken: set[str] = set()
        selected: list[Any] = []
        for alias, names in columns.items():
            for name in names:
                label = name if name not in taken else f"{alias}.{name}"
                taken.add(label)
                selected.append(sa.column(name, _selectable=clauses[alias]).label(label))
        return sa.select(*selected).select_from(joined)

    def _joined(self, clauses: Mapping[str, Any], columns: Mapping[str, Sequence[str]]) -> Any:
        aliases = {alias.casefold(): alias for alias in clauses}
        aliases |= {t.name.casefold(): t.alias for t in self.tables}

        def resolved(side: _Side) -> tuple[str, Any]:
            alias = aliases.get(side.alias.casefold())
            if alias is None:
                raise BadTables(f"joinInfo names {side.alias!r}, which isn't among tableNames")
            name = _exact(side.column, columns[alias])
            if name is None:
                hint = likely(side.column, columns[alias])
                meant = f"; did you mean {hint[0]!r}?" if hint else ""
                raise BadTables(f"the table {alias!r} has no column {side.column!r}{meant}")
            column: Any = sa.column(name, _selectable=clauses[alias])
            return alias, sa.func.replace(column, " ", "") if side.strip else column

        joined: Any = clauses[self.tables[0].alias]
        reached, waiting = {self.tables[0].alias}, [(resolved(a), resolved(b)) for a, b in self.joins]
        while waiting:
            ready = [pair for pair in waiting if (pair[0][0] in reached) != (pair[1][0] in reached)]
            if not ready:
                break
            (left, _), (right, _) = ready[0]
            new = right if left in reached else left
            mine = [p for p in waiting if {p[0][0], p[1][0]} <= reached | {new}]
            waiting = [p for p in waiting if p not in mine]
            condition = sa.and_(*(a[1] == b[1] for a, b in mine))
            joined = joined.join(clauses[new], condition, isouter=not self.full)
            reached.add(new)
        lost = [alias for alias in clauses if alias not in reached]
        if lost:
            raise BadTables(f"joinInfo doesn't say how {lost[0]!r} is joined to {self.tables[0].alias!r}")
        return joined


def read_tables(parameters: Mapping[str, Any]) -> Tables:
    """The tables of a definition's parameters. Raises :class:`BadTables`."""
    named = parameters.get("tableNames") or parameters.get("tableName") or ()
    texts = [named] if isinstance(named, str) else [str(n) for n in named]
    texts = [piece for text in texts for piece in text.split(",")]
    tables = tuple(_table(text.strip()) for text in texts if text.strip())
    if not tables:
        raise BadTables("the definition names no table: tableName, tableNames or sql is missing")
    if len({t.alias for t in tables}) < len(tables):
        raise BadTables("a table occurs twice in tableNames: give it another name behind a blank, as in 'sample s'")
    conditions = [c for c in str(parameters.get("joinInfo") or "").split(",") if c.strip()]
    joins = tuple(_join(condition) for condition in conditions)
    return Tables(tables, joins, parameters.get("schemaName"), parameters.get("fullRecordsOnly") is True)


def _table(text: str) -> _Table:
    words = text.split()
    if len(words) == 3 and words[1].lower() == "as":
        del words[1]
    name, alias = words if len(words) == 2 else (text, text)
    schema, dot, last = name.rpartition(".")
    return _Table(last if dot else name, schema or None, alias.rpartition(".")[2])


def _join(condition: str) -> tuple[_Side, _Side]:
    match = _JOIN.fullmatch(condition)
    if match is None:
        raise BadTables(f"joinInfo {condition.strip()!r} isn't of the form table.column = table.column")
    return _side(match["left"]), _side(match["right"])


def _side(text: str) -> _Side:
    bare = text.removesuffix(_STRIP).strip()
    alias, dot, column = bare.rpartition(".")
    if not dot:
        raise BadTables(f"joinInfo names the column {text!r} without its table")
    return _Side(alias.rpartition(".")[2], column, text.endswith(_STRIP))


def _found(session: Session, table: _Table, schema: str | None) -> tuple[Any, str]:
    """The table as the database spells it."""
    schema = table.schema or schema
    names = session.tables(schema)
    name = _exact(table.name, names)
    if name is None:
        place = f" in {schema}" if schema else ""
        near = likely(table.name, names, 3)
        hint = f"Did you mean {' or '.join(near)}?" if near else None
        raise Fault(session.said(codes.NOT_FOUND, f"there's no table {table.name!r}{place} that may be read", hint))
    clause: Any = sa.table(name, schema=None if session.dialect == "sqlite" else schema)
    return clause.alias(table.alias) if table.alias != name else clause, name


def _exact(name: str, names: Sequence[str]) -> str | None:
    """The name itself, else the only one that differs from it by case alone."""
    if name in names:
        return name
    folded = [n for n in names if n.casefold() == name.casefold()]
    return folded[0] if len(folded) == 1 else None
