"""Whether a text is one plain SELECT, told by its words: the first of the barriers before a database.

The database itself is the second one (a read-only transaction, one statement per message, an authorizer), and the
role's rights are the third. So this errs on the safe side: what it can't tell is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from potable.engine.fetching.database.urls import Dialect
from potable.engine.lazyregex import lazy_regex

Kind = Literal["word", "quoted", "text", "number", "mark"]

_WORD = lazy_regex(r"[^\W\d][\w$]*")
_NUMBER = lazy_regex(r"(?:0[xX][0-9a-fA-F]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_DOLLAR = lazy_regex(r"\$(?:[^\W\d]\w*)?\$")
_WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "TRUNCATE"})
_ALSO_FUNCTIONS = frozenset({"INSERT", "REPLACE", "TRUNCATE"})
_LOCKS = frozenset({"UPDATE", "SHARE", "NO", "KEY"})

_DENIED: dict[Dialect, re.Pattern[str]] = {
    "postgresql": lazy_regex(
        r"dblink\w*|lo_\w+|loread|lowrite|nextval|setval|set_config|ts_stat|query_to_xml\w*|"
        r"pg_(?:read|ls|file|logdir|terminate|cancel|reload|rotate|switch|create|drop|promote|notify|advisory|try_advisory|"
        r"logical|replication|copy|backup|start_backup|stop_backup|wal_replay|export|import|stat_file|stat_reset|log|"
        r"sync|restore|clear|set|stat_clear|prewarm|extension_config)\w*"
    ),
    "mysql": lazy_regex(
        r"load_file|get_lock|release_lock|release_all_locks|master_pos_wait|source_pos_wait|master_gtid_wait|"
        r"wait_for_executed_gtid_set|sys_\w+|lib_mysqludf\w*|nextval|setval|benchmark|sleep"
    ),
    "sqlite": lazy_regex(r"load_extension|writefile|readfile|edit|fts3_tokenizer|fsdir|lsmode"),
}
"""Functions that act on the server, its files or other sessions though the transaction is read-only."""


class NotASelect(Exception):
    """A text that isn't one plain SELECT.

    :param reason: why, for a user.
    :param at: offset of the place in the text, from 0.
    """

    def __init__(self, reason: str, at: int) -> None:
        super().__init__(reason, at)
        self.reason, self.at = reason, at

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of SQL that means something: neither blank nor comment.

    :param kind: ``quoted`` is a name in quotes, ``text`` a literal.
    :param text: a word in upper-case; a quoted name without its quotes; else as written.
    :param at: offset of its first character, from 0.
    """

    kind: Kind
    text: str
    at: int


def plain_select(sql: str, dialect: Dialect) -> str:
    """``sql`` without a final semicolon, if it's one SELECT or WITH … SELECT. Raises :class:`NotASelect`."""
    if "\0" in sql:
        raise NotASelect("it holds a NUL character", sql.index("\0"))
    tokens = list(_tokens(sql, dialect))
    end = len(sql)
    while tokens and tokens[-1].text == ";" and tokens[-1].kind == "mark":
        end = tokens.pop().at
    first = next((t for t in tokens if t.text != "("), None)
    if first is None:
        raise NotASelect("there's no statement in it", 0)
    if first.kind != "word" or first.text not in ("SELECT", "WITH"):
        raise NotASelect(f"it begins with {first.text[:40]}, not with SELECT or WITH", first.at)
    _check(tokens, dialect)
    return sql[:end]


def _check(tokens: Sequence[Token], dialect: Dialect) -> None:
    denied = _DENIED[dialect]
    for i, token in enumerate(tokens):
        before = tokens[i - 1] if i else None
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        called = after is not None and after.kind == "mark" and after.text == "("
        if token.kind == "mark" and token.text == ";":
            raise NotASelect("it has several statements", token.at)
        if token.kind in ("word", "quoted") and called and denied.fullmatch(token.text.lower()):
            raise NotASelect(f"it calls {token.text.lower()}(), which does more than read", token.at)
        if token.kind != "word":
            continue
        if token.text == "INTO":
            raise NotASelect("INTO writes what is selected somewhere", token.at)
        opens = before is not None and before.kind == "mark" and before.text in ("(", ")")
        if token.text in _WRITES and opens and not (called and token.text in _ALSO_FUNCTIONS):
            raise NotASelect(f"{token.text} changes data", token.at)
        if before is not None and before.kind == "word":
            _check_pair(before, token)


def _check_pair(before: Token, token: Token) -> None:
    """Two words that mean something together."""
    if before.text == "FOR" and token.text in _LOCKS:
        raise NotASelect(f"FOR {token.text} locks rows", before.at)
    if before.text == "LOCK" and token.text == "IN":
        raise NotASelect("LOCK IN SHARE MODE locks rows", before.at)
    if before.text in ("NEXT", "PREVIOUS") and token.text == "VALUE":
        raise NotASelect(f"{before.text} VALUE FOR changes a sequence", before.at)


def _tokens(sql: str, dialect: Dialect) -> Iterator[Token]:
    at = 0
    while at < len(sql):
        if sql[at].isspace():
            at += 1
        elif _is_line_comment(sql, at, dialect):
            at = _line_end(sql, at, dialect)
        elif sql.startswith("/*", at):
            at = _comment_end(sql, at, dialect)
        else:
            token, at = _in_quotes(sql, at, dialect) or _plain(sql, at, dialect)
            yield token


def _in_quotes(sql: str, at: int, dialect: Dialect) -> tuple[Token, int] | None:
    """The text or name in quotes that begins there, and the offset behind it; None where none does."""
    character = sql[at]
    if character == "'" or (character == '"' and dialect == "mysql"):
        end = _quoted_end(sql, at, character, escapes=dialect == "mysql")
        return Token("text", sql[at:end], at), end
    if character == '"' or (character == "`" and dialect != "postgresql"):
        end = _quoted_end(sql, at, character, escapes=False)
        return Token("quoted", sql[at + 1 : end - 1].replace(character * 2, character), at), end
    if character == "[" and dialect == "sqlite":
        end = sql.find("]", at) + 1
        if not end:
            raise NotASelect("a name in brackets isn't closed", at)
        return Token("quoted", sql[at + 1 : end - 1], at), end
    if character == "$" and dialect == "postgresql" and (match := _DOLLAR.match(sql, at)):
        close = sql.find(match[0], match.end())
        if close < 0:
            raise NotASelect(f"a text in {match[0]} isn't closed", at)
        return Token("text", "", at), close + len(match[0])
    return None


def _plain(sql: str, at: int, dialect: Dialect) -> tuple[Token, int]:
    """The word, number or mark that begins there, and the offset behind it."""
    if match := _WORD.match(sql, at):
        word, end = match[0].upper(), match.end()
        if dialect == "postgresql" and word == "U" and sql.startswith(("&'", '&"'), end):
            raise NotASelect("names and texts with U& aren't read here", at)
        if dialect == "postgresql" and word == "E" and sql.startswith("'", end):
            end = _quoted_end(sql, end, "'", escapes=True)
            return Token("text", sql[at:end], at), end
        return Token("word", word, at), end
    if match := _NUMBER.match(sql, at):
        return Token("number", match[0], at), match.end()
    return Token("mark", sql[at], at), at + 1


def _is_line_comment(sql: str, at: int, dialect: Dialect) -> bool:
    if dialect == "mysql":  # there "--" is a comment only with a blank behind it
        return sql[at] == "#" or (sql[at : at + 2] == "--" and sql[at + 2 : at + 3] <= " ")
    return sql[at : at + 2] == "--"


def _line_end(sql: str, at: int, dialect: Dialect) -> int:
    breaks = "\n\r" if dialect == "postgresql" else "\n"
    ends = [end for end in (sql.find(b, at) for b in breaks) if end >= 0]
    return min(ends, default=len(sql))


def _comment_end(sql: str, at: int, dialect: Dialect) -> int:
    if dialect == "mysql" and sql[at + 2 : at + 4].upper().startswith(("!", "+", "M!")):
        raise NotASelect("a comment that begins with /*!, /*M! or /*+ is obeyed by the database", at)
    depth, place = 1, at + 2
    while depth:
        close = sql.find("*/", place)
        if close < 0:
            raise NotASelect("a comment isn't closed", at)
        nested = sql.find("/*", place, close) if dialect == "postgresql" else -1
        depth += 1 if nested >= 0 else -1
        place = (nested if nested >= 0 else close) + 2
    return place


def _quoted_end(sql: str, at: int, quote: str, *, escapes: bool) -> int:
    """Offset after the closing quote; a doubled quote doesn't close."""
    place = at + 1
    while place < len(sql):
        if escapes and sql[place] == "\\":
            place += 2
        elif sql[place] == quote:
            if sql[place + 1 : place + 2] != quote:
                return place + 1
            place += 2
        else:
            place += 1
    raise NotASelect(f"a {quote} isn't closed", at)
