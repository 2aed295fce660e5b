"""What reports say of where a source's data are: never a secret."""

import sqlite3

import pytest

from potable.engine import Engine
from potable.engine.definition.parse import from_mapping
from potable.engine.fetching.addresses import shown_address


@pytest.mark.parametrize(
    ("definition", "shown"),
    [
        (
            {"ingestMethod": "SQL", "jdbcURL": "jdbc:postgresql://ann:s3cr3t@db.org/lab?password=s3cr3t&user=ann"},
            "postgresql://db.org:5432/lab",
        ),
        ({"ingestMethod": "DISCO", "jdbcURL": "jdbc:mysql://db.org/lab;password=s3cr3t"}, "mysql://db.org:3306/lab"),
        ({"ingestMethod": "SQL", "jdbcURL": "sqlite:data/lab.db"}, "sqlite:data/lab.db"),
        ({"ingestMethod": "SQL", "jdbcURL": "jdbc:oracle:thin:ann/s3cr3t@db.org"}, None),
        ({"ingestMethod": "SQL", "ingestURL": "postgresql://ann:s3cr3t@db.org/lab"}, "postgresql://db.org/lab"),
        (
            {
                "ingestMethod": "FTP",
                "ftpHost": "ftp://ann:s3cr3t@ftp.org:2121",
                "remotePath": "/a b",
                "password": "s3cr3t",
            },
            "ftp://ftp.org:2121/a%20b",
        ),
        ({"ingestMethod": "FTP", "ftpHost": "ftps://ftp.org", "password": "${NOT_SET_ANYWHERE}"}, "ftps://ftp.org/"),
        ({"ingestMethod": "FTP", "ftpHost": "gopher://s3cr3t"}, None),
        ({"ingestMethod": "CSV", "ingestURL": "https://x.org/a.csv?api_key=s3cr3t"}, "https://x.org/a.csv?api_key=***"),
        ({"ingestMethod": "INLINE", "data": "a\n1\n"}, None),
    ],
)
def test_an_address_has_no_secret(definition: dict[str, str], shown: str | None) -> None:
    assert shown_address(from_mapping({"resourceID": "x", **definition})) == shown


def test_a_report_on_a_database_names_it(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with sqlite3.connect(tmp_path / "lab.db") as db:
        db.executescript("create table t (id text); insert into t values ('a')")
    db.close()
    pytest.importorskip("sqlalchemy", reason="needs the extra sql")
    report = Engine().check({"ingestMethod": "SQL", "jdbcURL": "jdbc:sqlite:lab.db", "sql": "select id from t"})
    assert (report.verdict, report.source.ingest_url) == ("passed", "sqlite:lab.db")
