"""Secrets are referred to, and never shown."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.definition.secrets import (
    Secret,
    expand,
    is_secret_name,
    masked_url,
    plain_query_secrets,
    read_secret,
    split_query,
    split_userinfo,
    with_userinfo,
)
from potable.engine.errors import UsageError

if TYPE_CHECKING:
    from .conftest import Definitions

PLAIN = "hunter2-Äß"


def test_a_variable_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_PASSWORD", PLAIN)
    for written in ("${LAB_PASSWORD}", {"env": "LAB_PASSWORD"}):
        secret = read_secret(written)
        assert secret == Secret("env", "LAB_PASSWORD")
        assert secret.reveal() == PLAIN
        assert str(secret) == "${LAB_PASSWORD}"


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "pw.txt").write_text(PLAIN + "\n", "utf-8")
    secret = read_secret({"file": "pw.txt"})
    assert secret is not None
    assert secret.reveal(tmp_path) == PLAIN
    assert repr(secret) == "Secret(file pw.txt)"


def test_references_that_lead_nowhere_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_PASSWORD", raising=False)
    with pytest.raises(UsageError, match="no variable LAB_PASSWORD"):
        Secret("env", "LAB_PASSWORD").reveal()
    with pytest.raises(UsageError, match=r"pw\.txt can't be read: No such file"):
        Secret("file", "pw.txt").reveal(tmp_path)
    (tmp_path / "pw.txt").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="isn't UTF-8"):
        Secret("file", "pw.txt").reveal(tmp_path)


@pytest.mark.parametrize(
    "written", [5, None, [], {}, {"env": ""}, {"env": 5}, {"env": "A", "file": "B"}, {"vault": "x"}]
)
def test_what_is_no_secret(written: object) -> None:
    assert read_secret(written) is None


def test_a_plain_secret_is_not_shown() -> None:
    secret = read_secret(PLAIN)
    assert secret is not None
    assert secret.reveal() == PLAIN
    assert PLAIN not in f"{secret} {secret!r} {[secret]} {secret.reference}"
    assert pickle.loads(pickle.dumps(secret)) == copy.deepcopy(secret) == secret


DEFINITIONS = [
    f"resourceID: A\ningestMethod: FTP\nftpHost: h\npassword: {PLAIN}",
    f"resourceID: A\ningestMethod: CSV\ningestURL: https://me:{PLAIN}@example.org/a.csv",
    f"resourceID: A\ningestMethod: CSV\ningestURL: https://example.org/a.csv?api_key={PLAIN}&x=1",
    f"resourceID: A\ningestMethod: SQL\njdbcURL: jdbc:postgresql://me:{PLAIN}@h/db\nsql: SELECT 1",
    f"resourceID: A\ningestMethod: SQL\njdbcURL: jdbc:postgresql://h/db?user=me&password={PLAIN}\nsql: SELECT 1",
    f"resourceID: A\ningestMethod: SQL\njdbcURL: jdbc:mysql://h/db\ndbPassword: {PLAIN}\nsql: SELECT 1",
    f"resourceID: A\ningestMethod: CSV\nmyPassword: {PLAIN}",
    f"x:\n  ingestMethod: CSV\n  sourceID: A\n  passwd: {PLAIN}",
]


@pytest.mark.parametrize("text", DEFINITIONS)
def test_a_secret_in_a_definition_is_found_and_not_shown(definitions: Definitions, text: str) -> None:
    source = definitions.one(text)
    found = [n for n in source.notes if n.code == "definition/plaintext-secret"]
    assert len(found) == 1
    assert found[0].location.line == next(n for n, line in enumerate(text.splitlines(), 1) if PLAIN in line)
    shown = f"{source!r} {source.notes} {source.parameters} {source.extra} {source.shown_url}"
    assert PLAIN not in shown


@pytest.mark.parametrize("value", ["[hunter2, hunter2]", "{a: hunter2}", "true", "{env: [hunter2]}"])
def test_a_malformed_secret_is_not_quoted(definitions: Definitions, value: str) -> None:
    source = definitions.one(f"resourceID: A\ningestMethod: FTP\nftpHost: h\npassword: {value}\nerrPerc: x")
    assert "hunter2" not in f"{source.notes}"


@pytest.mark.parametrize("password", ["${LAB_PASSWORD}", "{env: LAB_PASSWORD}", "{file: pw.txt}"])
def test_a_reference_is_no_fault(definitions: Definitions, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_PASSWORD", "p@ss/wörd")
    definitions.file("pw.txt", "p@ss/wörd\n")
    source = definitions.one(
        f"resourceID: A\ningestMethod: CSV\ningestURL: https://h.example/a.csv\nusername: me\npassword: {password}"
    )
    assert source.notes == ()
    assert source.access_url() == "https://me:p%40ss%2Fw%C3%B6rd@h.example/a.csv"
    assert source.shown_url == source.ingest_url == "https://h.example/a.csv"


def test_user_and_password_leave_the_url(definitions: Definitions) -> None:
    source = definitions.one("resourceID: A\ningestMethod: CSV\ningestURL: https://me:p%40ss@h.example:81/a?b@c")
    assert source.ingest_url == "https://h.example:81/a?b@c"
    assert source.parameters["username"] == "me"
    assert source.parameters["password"].reveal() == "p@ss"
    assert source.access_url() == "https://me:p%40ss@h.example:81/a?b@c"


def test_a_jdbc_url_gives_up_its_password(definitions: Definitions) -> None:
    source = definitions.one(
        "resourceID: A\ningestMethod: SQL\nsql: SELECT 1\n"
        "jdbcURL: jdbc:postgresql://h/db?user=me&ssl=true&password=hunter2"
    )
    assert source.parameters["jdbcURL"] == "jdbc:postgresql://h/db?ssl=true"
    assert source.parameters["dbUser"] == "me"
    assert source.parameters["dbPassword"].reveal() == "hunter2"


def test_references_in_a_query(definitions: Definitions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_KEY", "a&b")
    source = definitions.one("resourceID: A\ningestMethod: CSV\ningestURL: https://h.example/a?x=1&api_key=${LAB_KEY}")
    assert source.notes == ()
    assert source.access_url() == "https://h.example/a?x=1&api_key=a%26b"
    assert source.ingest_url == "https://h.example/a?x=1&api_key=${LAB_KEY}"
    monkeypatch.delenv("LAB_KEY")
    with pytest.raises(UsageError, match="LAB_KEY"):
        source.access_url()


def test_a_reference_where_it_would_be_shown_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_KEY", "hunter2")
    url = "https://h.example/${LAB_KEY}/a?q=${LAB_KEY}"
    assert expand(url) == url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@h/a?b=c#d", "https://h/a?b=c#d"),
        ("https://h/a?token=x&b=%20&Api-Key=y", "https://h/a?token=***&b=%20&Api-Key=***"),
        ("https://h/a?resumptionToken=x", "https://h/a?resumptionToken=x"),
        ("https://h?x=@y", "https://h?x=@y"),
        ("data/a b.csv", "data/a b.csv"),
        ("a@b.csv", "a@b.csv"),
    ],
)
def test_urls_as_they_may_be_shown(url: str, shown: str) -> None:
    assert masked_url(url) == shown


def test_the_parts_of_urls() -> None:
    assert split_userinfo("https://h/a@b") == ("https://h/a@b", None, None)
    assert split_userinfo("ftp://me@h/") == ("ftp://h/", "me", None)
    assert with_userinfo("ftp://h/", "me", None) == "ftp://me@h/"
    assert with_userinfo("ftp://h/", None, "p:w") == "ftp://:p%3Aw@h/"
    assert with_userinfo("ftp://h/", "", None) == with_userinfo("ftp://h/", None, None) == "ftp://h/"
    assert split_query("x?a=1", "password") == ("x?a=1", None)
    assert split_query("x?Password=%41", "password") == ("x", "A")
    assert plain_query_secrets("x?token=&key=${A}&secret=b") == ["secret"]


@given(st.text(min_size=1), st.text())
def test_user_and_password_come_back(user: str, password: str) -> None:
    url = with_userinfo("https://h.example/a", user, password)
    assert split_userinfo(url) == ("https://h.example/a", user, password)


def test_names_of_secrets() -> None:
    for name in ("password", "dbPassword", "api_key", "apiKey", "client_secret", "token", "accessToken", "passwd"):
        assert is_secret_name(name), name
    for name in ("primaryKey", "keyDelimiter", "foreign_key", "tokens", "keepMissing", "passes"):
        assert not is_secret_name(name), name


def test_secrets_of_a_template(definitions: Definitions) -> None:
    text = (
        "resourceID: A\ningestMethod: JSON\ningestURL: https://h/list?api_key=${file:none.txt}\nidJsonPath: id\n"
        "mergeIngestURLTemplate: https://u:{p}@h/${id}?token={p}&key=${KEY}&api_key=${file:gone.txt}\n"
    )
    found = definitions.one(text.replace("{p}", PLAIN))
    said = {(n.code, n.location.line) for n in found.notes}
    assert said == {
        ("definition/plaintext-secret", 5), ("definition/missing-file", 3), ("definition/missing-file", 5)
    }  # fmt: skip
    assert PLAIN not in repr([n.message for n in found.notes])
