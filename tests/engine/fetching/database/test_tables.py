"""Tables, and tables joined, as a SELECT."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from potable.engine.definition.model import SourceDefinition
from potable.engine.fetching.database.fetcher import SqlFetcher
from potable.engine.findings import Occurrence

URL = "jdbc:sqlite:lab.db"


def test_a_record_of_the_first_table_is_kept_where_nothing_is_joined_to_it(
    sqlite_file: Path, lines: Callable[..., list[str]]
) -> None:
    assert lines(URL, tableNames="samples, sites", joinInfo="samples.site = sites.code") == [
        '{"id":1,"site":"N","mass":1.5,"name":"a","code":"N","sites.name":"North"}',
        '{"id":2,"site":"S","mass":null,"name":"b","code":"S","sites.name":"South"}',
        '{"id":3,"site":"X","mass":2.0,"name":"ü","code":null,"sites.name":null}',
    ]


def test_full_records_only_leaves_it_out(sqlite_file: Path, lines: Callable[..., list[str]]) -> None:
    found = lines(URL, tableNames=["samples", "sites"], joinInfo="sites.code=samples.site", fullRecordsOnly=True)
    assert [line[:7] for line in found] == ['{"id":1', '{"id":2']


def test_aliases_chains_and_a_table_joined_to_itself(sqlite_file: Path, lines: Callable[..., list[str]]) -> None:
    with sqlite3.connect(sqlite_file) as c:
        c.execute("CREATE TABLE owners (person TEXT, code TEXT, boss TEXT)")
        c.execute("INSERT INTO owners VALUES ('ann', 'N', 'bob'), ('bob', 'S', NULL)")
    c.close()
    found = lines(
        URL,
        tableNames="samples s, sites AS t, owners o, owners b",
        joinInfo="o.boss = b.person, t.code = o.code, s.site = t.code",
        fullRecordsOnly=True,
    )
    assert found == [
        '{"id":1,"site":"N","mass":1.5,"name":"a","code":"N","t.name":"North","person":"ann","o.code":"N","boss":"bob",'
        '"b.person":"bob","b.code":"S","b.boss":null}'
    ]


def test_two_conditions_between_two_tables_hold_both(sqlite_file: Path, lines: Callable[..., list[str]]) -> None:
    found = lines(
        URL, tableNames="samples,sites", joinInfo="samples.site = sites.code, samples.name = sites.name",
        fullRecordsOnly=False,
    )  # fmt: skip
    assert all(line.endswith('"code":null,"sites.name":null}') for line in found)
    assert len(found) == 3


def test_blanks_do_not_count_with_strip(sqlite_file: Path, lines: Callable[..., list[str]]) -> None:
    with sqlite3.connect(sqlite_file) as c:
        c.execute("DELETE FROM sites WHERE name = 'South'")
        c.execute("UPDATE sites SET code = ' N '")
    c.close()
    found = lines(URL, tableNames="samples,sites", joinInfo="samples.site = sites.code::strip", fullRecordsOnly=True)
    assert found == ['{"id":1,"site":"N","mass":1.5,"name":"a","code":" N ","sites.name":"North"}']


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"tableNames": "samples,sites"}, "doesn't say how 'sites' is joined to 'samples'"),
        ({"tableNames": "samples,sites", "joinInfo": "samples.site"}, "isn't of the form"),
        ({"tableNames": "samples,sites", "joinInfo": "site = sites.code"}, "'site' without its table"),
        ({"tableNames": "samples,sites", "joinInfo": "sample.site = sites.code"}, "names 'sample', which isn't among"),
        (
            {"tableNames": "samples,sites", "joinInfo": "samples.sit = sites.code"},
            "no column 'sit'; did you mean 'site'?",
        ),
        ({"tableNames": "samples,samples", "joinInfo": "samples.id = samples.id"}, "occurs twice"),
        ({"tableNames": " , "}, "names no table"),
        ({}, "names no table"),
    ],
)
def test_what_makes_no_query_says_why(
    parameters: dict[str, Any],
    words: str,
    sqlite_file: Path,
    session: Callable[..., Any],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    said = fault_of(SqlFetcher().fetch, definition(URL, **parameters), session().session)
    assert (said.code, words in said.message) == ("sql/failed", True), said.message
    assert said.location.line == 5


@pytest.mark.parametrize("name", ["samples; DROP TABLE samples", 'samples" --', "samples]", "(SELECT 1)"])
def test_a_table_name_is_never_sql(
    name: str,
    sqlite_file: Path,
    session: Callable[..., Any],
    definition: Callable[..., SourceDefinition],
    fault_of: Callable[..., Occurrence],
) -> None:
    said = fault_of(SqlFetcher().fetch, definition(URL, tableName=name), session().session)
    assert said.code in ("access/not-found", "sql/failed")


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("$.sites.code", '{"sites":{"code":"N","name":"North"}}'),
        ("$.Sites.code", '{"Sites":{"code":"N","name":"North"}}'),
        ("$.code", '{"code":"N","name":"North"}'),
        ("$.site.code", '{"code":"N","name":"North"}'),
    ],
)
def test_a_key_below_the_tables_name_means_records_of_that_shape(
    key: str,
    line: str,
    sqlite_file: Path,
    session: Callable[..., Any],
    definition: Callable[..., SourceDefinition],
) -> None:
    source = replace(definition(URL, tableName="sites"), primary_key=(key,))
    snapshot = SqlFetcher().fetch(source, session().session)
    assert snapshot.parts[0].path.read_text("utf-8").splitlines()[0] == line
