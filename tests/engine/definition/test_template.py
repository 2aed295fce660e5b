"""The URL of a record's details: where its identifier goes, and what is a reference."""

from __future__ import annotations

from pathlib import Path

import pytest

from potable.engine.definition.secrets import Secret
from potable.engine.definition.template import BadTemplate, read_template
from potable.engine.errors import UsageError


@pytest.mark.parametrize(
    ("text", "url", "shown"),
    [
        ("https://h/r/${id}", "https://h/r/a%2Fb", "https://h/r/a%2Fb"),
        ("https://h/r/${ID}", "https://h/r/a%2Fb", "https://h/r/a%2Fb"),
        ("https://h/r/${var}?api_key=${KEY}", "https://h/r/a%2Fb?api_key=k%261", "https://h/r/a%2Fb?api_key=${KEY}"),
        ("https://h/?api_key=${KEY}&id=${ID}", "https://h/?api_key=k%261&id=a%2Fb", "https://h/?api_key=${KEY}&id=a%2Fb"),
        ("https://h/${KEY}/${id}", "https://h/k%261/a%2Fb", "https://h/${KEY}/a%2Fb"),
        ("https://h/${id}?token=${file:key.txt}", "https://h/a%2Fb?token=f", "https://h/a%2Fb?token=${file:key.txt}"),
        ("https://h/?key=${id}", "https://h/?key=a%2Fb", "https://h/?key=a%2Fb"),
        ("https://h/?token=${token}&id=${id}", "https://h/?token=k%261&id=a%2Fb", "https://h/?token=${token}&id=a%2Fb"),
        ("https://h/${my id}", "https://h/a%2Fb", "https://h/a%2Fb"),
    ],
)  # fmt: skip
def test_what_stands_for_what(text: str, url: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "k&1")
    monkeypatch.setenv("token", "k&1")
    (tmp_path / "key.txt").write_text("f\n")
    template = read_template(text)
    assert template.url("a/b", tmp_path) == url
    assert template.shown("a/b") == shown


@pytest.mark.parametrize(
    "text",
    ["https://h/", "https://h/${a}/${b}", "https://h/${A}/${B}", "https://h/${id", "https://h/?api_key=${KEY}",
     "https://h/${id}?x=${", "https://h/${file:x}", "https://h/${id}/${id}"],
)  # fmt: skip
def test_just_one_place_is_the_identifiers(text: str) -> None:
    with pytest.raises(BadTemplate, match="exactly one"):
        read_template(text)


def test_a_reference_that_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEY", raising=False)
    template = read_template("https://h/${id}?api_key=${KEY}")
    assert template.secrets == [Secret("env", "KEY")]
    assert template.shown("1") == "https://h/1?api_key=${KEY}"
    with pytest.raises(UsageError, match="no variable KEY"):
        template.url("1")
