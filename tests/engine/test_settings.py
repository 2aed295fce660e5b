"""What the environment says, and what wins over it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from potable.engine.errors import UsageError
from potable.engine.limits import Limits
from potable.engine.settings import SECRET_VARIABLES, Settings, sqlite_url


def test_nothing_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    found = Settings.load({})
    assert (found.catalog, found.allow_hosts, found.plugins, found.without) == (None, (), (), ())
    assert found.state.is_relative_to(tmp_path)
    assert found.store == f"sqlite:///{found.state}/runs.db"
    assert not found.state.exists()


def test_the_environment() -> None:
    found = Settings.load(
        {
            "POTABLE_CATALOG": "sources", "POTABLE_STORE": "sqlite:///x.db", "POTABLE_STATE": "/var/lib/potable",
            "POTABLE_ALLOW_HOSTS": " localhost , 10.0.0.0/8,,", "POTABLE_PLUGINS": f"a.py{os.pathsep}{os.pathsep}b.py",
            "POTABLE_NO_PLUGINS": "text, links", "POTABLE_ROOTS": f"/srv/data{os.pathsep}{os.pathsep}far",
        }
    )  # fmt: skip
    assert found == Settings(
        catalog="sources", store="sqlite:///x.db", state=Path("/var/lib/potable"),
        allow_hosts=("localhost", "10.0.0.0/8"), plugins=(Path("a.py"), Path("b.py")), without=("text", "links"),
        roots=(Path("/srv/data"), Path("far")), snapshots=Path("/var/lib/potable/snapshots"),
    )  # fmt: skip


def test_an_empty_variable_is_unset(tmp_path: Path) -> None:
    names = ("CATALOG", "STORE", "ALLOW_HOSTS", "PLUGINS", "NO_PLUGINS", "ROOTS")
    empty = Settings.load({f"POTABLE_{n}": "" for n in names} | {"POTABLE_STATE": str(tmp_path)})
    assert empty == Settings.load({}, state=tmp_path)


def test_what_is_given_wins(tmp_path: Path) -> None:
    env = {"POTABLE_CATALOG": "a", "POTABLE_STORE": "b", "POTABLE_ALLOW_HOSTS": "c", "POTABLE_STATE": "d"}
    found = Settings.load(env, catalog=tmp_path, store="sqlite:///e", allow_hosts=["f"], state=tmp_path)
    assert found == Settings(
        catalog=str(tmp_path), store="sqlite:///e", state=tmp_path, allow_hosts=("f",), snapshots=tmp_path / "snapshots"
    )
    assert Settings.load(env, allow_hosts=[]).allow_hosts == ()


@pytest.mark.parametrize(
    ("said", "meant"),
    [("", None), ("off", None), (" OFF ", None), ("/srv/kept", Path("/srv/kept")), ("kept", Path("kept"))],
)
def test_where_snapshots_are_kept(said: str, meant: Path | None) -> None:
    assert Settings.load({"POTABLE_SNAPSHOTS": said}).snapshots == meant


def test_plugins_add_up() -> None:
    env = {"POTABLE_PLUGINS": "a.py", "POTABLE_NO_PLUGINS": "x"}
    found = Settings.load(env, plugins=["b.py", "a.py"], without=["y", "x"])
    assert (found.plugins, found.without) == ((Path("a.py"), Path("b.py")), ("x", "y"))


def test_the_state_folder_names_the_store() -> None:
    assert Settings.load({"POTABLE_STATE": "/srv/p"}).store == "sqlite:////srv/p/runs.db"
    assert sqlite_url(Path("/srv/p/runs.db")) == "sqlite:////srv/p/runs.db"


def test_the_real_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POTABLE_CATALOG", "here")
    assert Settings.load().catalog == "here"


def test_its_text_shows_no_password() -> None:
    assert "secret" not in repr(Settings.load({"POTABLE_STORE": "postgresql://u:secret@h/d"}))


@pytest.mark.parametrize("name", ["POTABLE_STORE", "PGPASSWORD", "PGPASSFILE", "POTABLE_API_KEY"])
def test_secret_variables(name: str) -> None:
    assert SECRET_VARIABLES.fullmatch(name)


@pytest.mark.parametrize("name", ["POTABLE_STORES", "POTABLE_ALLOW_HOSTS", "PATH", "PG", "XPGUSER"])
def test_other_variables(name: str) -> None:
    assert not SECRET_VARIABLES.fullmatch(name)


@pytest.mark.parametrize(("said", "given", "meant"), [("", None, None), (" 3 ", None, 3), ("3", 5, 5)])
def test_jobs(said: str, given: int | None, meant: int | None) -> None:
    assert Settings.load({"POTABLE_JOBS": said}, jobs=given).jobs == meant


@pytest.mark.parametrize("said", ["0", "-1", "two", "1.5"])
def test_jobs_that_are_none(said: str) -> None:
    with pytest.raises(UsageError, match=f"POTABLE_JOBS must be a number from 1, not '{said}'"):
        Settings.load({"POTABLE_JOBS": said})


def test_limits() -> None:
    found = Settings.load({"POTABLE_LIMITS": " node_bytes = 20_000,read_seconds=1.5,, depth=400,redirects=0"}).limits
    assert found == Limits(node_bytes=20_000, read_seconds=1.5, depth=400, redirects=0)
    assert Settings.load({"POTABLE_LIMITS": ""}).limits == Limits()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("nodebytes=1", "there's no limit 'nodebytes'; did you mean node_bytes?"),
        ("=1", "there's no limit ''; there are fetch_bytes, "),
        ("depth=1, records", "there's no limit 'records'; "),
        ("depth", "depth is ''; it must be a whole number above 0"),
        ("depth=1.5", "depth is '1.5'; it must be a whole number above 0"),
        ("depth=-1", "depth is '-1'; it must be a whole number above 0"),
        ("redirects=-1", "redirects is '-1'; it must be a whole number, 0 or above 0"),
        ("read_seconds=nan", "read_seconds is 'nan'; it must be a number above 0"),
        ("read_seconds=inf", "read_seconds is 'inf'; it must be a number above 0"),
    ],
)
def test_limits_that_cant_be_understood(said: str, words: str) -> None:
    with pytest.raises(UsageError) as told:
        Settings.load({"POTABLE_LIMITS": said})
    assert str(told.value).startswith(f"POTABLE_LIMITS: {words}")


def test_hosts_that_cannot_be() -> None:
    assert Settings.load({"POTABLE_ALLOW_HOSTS": "db.example, 10.0.0.0/8"}).allow_hosts == ("db.example", "10.0.0.0/8")
    with pytest.raises(UsageError, match="POTABLE_ALLOW_HOSTS: allowed host 'http://x': write the host alone"):
        Settings.load({"POTABLE_ALLOW_HOSTS": "db.example,http://x"})
