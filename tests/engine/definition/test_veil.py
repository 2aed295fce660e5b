"""Secrets are found in every spelling, and in nothing else."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.definition.parse import from_mapping
from potable.engine.definition.veil import SHORTEST, WHOLE_WORD, Veil
from potable.engine.findings import Location, Occurrence

SECRET = "s3/cr+t Wört&<'\"=%41"


def spellings(secret: str) -> dict[str, str]:
    return {
        "plain": secret,
        "percent": quote(secret, safe=""),
        "lower-case percent": quote(secret, safe="").lower() if secret.islower() else quote(secret, safe="/"),
        "form": quote_plus(secret),
        "twice": quote(quote(secret, safe=""), safe=""),
        "html": html.escape(secret),
        "json": json.dumps(secret)[1:-1],
        "json, slashes escaped": json.dumps(secret)[1:-1].replace("/", "\\/"),
        "all of it": "".join(f"%{b:02x}" for b in secret.encode()),
        "entities": "".join(f"&#{ord(c)};" if not c.isalnum() else c for c in secret),
    }


@pytest.mark.parametrize("how", spellings(SECRET))
def test_a_secret_is_found_however_it_is_spelled(how: str) -> None:
    text = f"GET /data?api_key={spellings(SECRET)[how]}&page=2"
    assert Veil([SECRET]).hide(text) == "GET /data?api_key=***&page=2"


@given(st.text(min_size=WHOLE_WORD, max_size=30), st.sampled_from(sorted(spellings("x"))))
def test_any_secret_is_found(secret: str, how: str) -> None:
    try:
        spelled = spellings(secret)[how]
    except UnicodeEncodeError:
        return
    assert Veil([secret]).hide(f"a {spelled} b").startswith("a ***") or secret.strip() == ""


def test_short_secrets_hide_as_words_alone() -> None:
    veil = Veil(["lab"])
    assert veil.hide("the label, lab, ?k=lab&x %3Dlab") == "the label, ***, ?k=***&x %3D***"
    assert Veil(["ab", ""]).hide("ab") == "ab"
    assert SHORTEST == 3


def test_each_long_line_of_a_secret_hides() -> None:
    veil = Veil(["sixteen-letters+\nfifteen-letters\nseventeen-letters"])
    assert veil.hide("sixteen-letters+ fifteen-letters seventeen-letters") == "*** fifteen-letters ***"


def test_the_beginning_of_a_secret_at_a_cut() -> None:
    veil = Veil(["hunter2hunter2"])
    assert veil.hide("the key is hunter2hu…") == "the key is ***…"
    assert veil.hide("the key is hunter2hu", cut=True) == "the key is ***"
    assert veil.hide("the key is hunter2hu") == "the key is hunter2hu"
    assert veil.hide("the key is h…") == "the key is h…"


def test_an_occurrence_keeps_what_identifies_it() -> None:
    said = Occurrence(
        "lab/secret", "the secret is out", "$.secret", rule="secret", value="a secret", key="secret",
        location=Location(file="secret.csv", url="http://h/?k=secret", path="/secret", line=3),
        hint="hide the secret", details={"secret": ["secret", 1]},
    )  # fmt: skip
    veiled = Veil(["secret"]).occurrence(said)
    assert (veiled.code, veiled.field, veiled.rule) == (said.code, said.field, said.rule)
    assert (veiled.message, veiled.value, veiled.key, veiled.hint) == ("the *** is out", "a ***", "***", "hide the ***")
    assert veiled.details == {"secret": ["***", 1]}
    assert veiled.location == Location(file="***.csv", url="http://h/?k=***", path="/***", line=3)
    assert Veil().occurrence(said) is said


def test_every_secret_of_a_definition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_KEY", "from-the-environment")
    monkeypatch.setenv("LAB_TOKEN", "of-the-template")
    (tmp_path / "pw.txt").write_text("from-a-file\n")
    (tmp_path / "key.pem").write_text("-----BEGIN KEY-----\nAAAAB3NzaC1yc2EAAAADAQ\n-----END KEY-----\n")
    source = from_mapping(
        {
            "resourceID": "A", "ingestMethod": "JSON", "username": "me", "password": {"file": "pw.txt"},
            "ingestURL": "https://h/list?api_key=${LAB_KEY}&token=in%20plain&sig=${NOT_SET_ANYWHERE}",
            "mergeIngestURLTemplate": "https://h/${LAB_TOKEN}/records/${id}?api_key=${file:pw.txt}",
            "privateKey": {"file": "key.pem"}, "sessionToken": "a-plain-token",
        },
        folder=tmp_path,
    )  # fmt: skip
    hidden = Veil.of(source).hide(
        "from-the-environment of-the-template from-a-file in%20plain in plain a-plain-token AAAAB3NzaC1yc2EAAAADAQ "
        + base64.b64encode(b"me:from-a-file").decode()
    )
    assert set(hidden.split()) == {"***"}
    assert Veil.of(from_mapping({"ingestMethod": "CSV", "ingestURL": "a.csv"})).secrets == ()
