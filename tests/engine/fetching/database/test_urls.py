"""Where a database is."""

from __future__ import annotations

import pytest

from potable.engine.fetching.database.urls import BadDatabaseUrl, DatabaseUrl, parse_database_url


@pytest.mark.parametrize(
    ("text", "dialect", "host", "port", "database"),
    [
        ("jdbc:postgresql://db.example.org:5433/lab", "postgresql", "db.example.org", 5433, "lab"),
        ("jdbc:postgresql://db.example.org/lab?ssl=true", "postgresql", "db.example.org", 5432, "lab"),
        ("jdbc:postgresql:lab", "postgresql", "localhost", 5432, "lab"),
        ("jdbc:postgresql:/", "postgresql", "localhost", 5432, ""),
        ("postgres://db.example.org/lab", "postgresql", "db.example.org", 5432, "lab"),
        ("postgresql+psycopg://u:p@[2001:db8::1]:5432/my%20lab", "postgresql", "2001:db8::1", 5432, "my lab"),
        ("jdbc:mysql://db.example.org/lab", "mysql", "db.example.org", 3306, "lab"),
        ("jdbc:mariadb://db.example.org:3307", "mysql", "db.example.org", 3307, ""),
        ("mysql+pymysql://DB.example.org/lab", "mysql", "db.example.org", 3306, "lab"),
        ("JDBC:SQLite:lab.db", "sqlite", "", 0, "lab.db"),
        ("sqlite:///lab.db", "sqlite", "", 0, "lab.db"),
        ("sqlite:////data/my%20lab.db", "sqlite", "", 0, "/data/my lab.db"),
    ],
)
def test_all_spellings_name_the_same(text: str, dialect: str, host: str, port: int, database: str) -> None:
    url = parse_database_url(text)
    assert (url.dialect, url.host, url.port, url.database) == (dialect, host, port, database)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("jdbc:oracle:thin:@db.example.org:1521/lab", "'oracle' isn't one that is read"),
        ("jdbc:sqlserver://db.example.org", "'sqlserver' isn't one that is read"),
        ("https://example.org", "'https' isn't one that is read"),
        ("lab", "no scheme"),
        ("", "no scheme"),
        ("jdbc:postgresql://a.example,b.example/lab", "several hosts"),
        ("jdbc:postgresql://db.example:port/lab", "host or port"),
        ("jdbc:postgresql://db.example:0/lab", "host or port"),
        ("jdbc:postgresql://%2Ftmp/lab", "host or port"),
        ("jdbc:postgresql://[::1/lab", "host or port"),
        ("jdbc:mysql://db.example/l\nab", "control character"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_what_names_no_database_says_why(text: str, words: str) -> None:
    with pytest.raises(BadDatabaseUrl, match=words):
        parse_database_url(text)


def test_what_is_shown_has_no_user_no_password_and_no_parameters() -> None:
    url = parse_database_url("jdbc:postgresql://u:hunter2@db.example/lab?sslpassword=hunter3&sslmode=require")
    assert url.shown == "postgresql://db.example:5432/lab"
    assert "hunter" not in repr(url)
    assert url.options["sslmode"] == "require"
    assert DatabaseUrl(dialect="mysql", host="::1", port=1).shown == "mysql://[::1]:1/"
