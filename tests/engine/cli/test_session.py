"""Which catalog is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from potable.engine.cli.session import holds_definitions, settings
from potable.engine.errors import UsageError
from potable.engine.given.chosen import known_codes


def test_the_option_comes_before_the_environment_and_the_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home / "catalog")
    assert settings().catalog == "."
    monkeypatch.setenv("POTABLE_CATALOG", "elsewhere")
    assert settings().catalog == "elsewhere"
    assert settings("given").catalog == "given"


def test_without_any_it_is_an_error_where_one_is_needed(home: Path) -> None:
    assert settings(needs_catalog=False).catalog is None
    with pytest.raises(UsageError, match=r"^no catalog: name one with --catalog"):
        settings()


def test_a_misspelt_variable_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("POTABLE_ALOW_HOSTS", "potable_jobs", "POTABLE_DB_PASSWORD", "POTABLE_API_KEY", "POTABLE_TEST_HOST"):
        monkeypatch.setenv(name, "x")
    settings(needs_catalog=False)
    assert capsys.readouterr().err == (
        "potable: the environment variable POTABLE_ALOW_HOSTS has no effect: did you mean POTABLE_ALLOW_HOSTS?\n"
        "potable: the environment variable potable_jobs has no effect: did you mean POTABLE_JOBS?\n"
    )


@pytest.mark.parametrize(
    ("name", "text", "counts"),
    [
        ("a.yaml", "resourceID: x\n", True),
        ("a.yml", "x:\n  ingestMethod: CSV\n", True),
        ("a.json", '{"SourceInformation": {"ResourceID": "x"}}', True),
        ("datapackage.json", "{}", True),
        ("package.json", '{"name": "x"}', False),
        ("a.txt", "resourceID: x\n", False),
    ],
)
def test_a_folder_holds_definitions(tmp_path: Path, name: str, text: str, counts: bool) -> None:
    assert not holds_definitions(tmp_path)
    (tmp_path / name).write_text(text)
    assert holds_definitions(tmp_path) is counts


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    assert not holds_definitions(tmp_path / "none")


def test_codes_must_be_known() -> None:
    assert known_codes(("keys/duplicate", "csv"), ["keys/duplicate", "csv/extra-cell"]) == ("keys/duplicate", "csv")
    with pytest.raises(UsageError, match=r"^there is no code 'keys/duplicat'; did you mean keys/duplicate\?$"):
        known_codes(("keys/duplicat",), ["keys/duplicate"])
    with pytest.raises(UsageError, match="potable explain lists all codes"):
        known_codes(("zzz",), ["keys/duplicate"])
