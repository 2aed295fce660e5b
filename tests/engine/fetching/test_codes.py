"""The access codes as documentation."""

import re

import pytest

from potable.engine.fetching.codes import CODES
from potable.engine.fetching.oai.codes import OAI_CODES

LISTED = (
    "not-found", "unreachable", "timeout", "http-status", "tls", "unauthorized", "too-many-redirects",
    "blocked-address", "too-large", "empty", "truncated", "media-type", "redirected-host", "endless-pages", "checksum",
    "byte-count", "not-modified", "protocol", "archive", "compression",
)  # fmt: skip


def test_every_code_of_the_list_is_there_once():
    ids = [code.id for code in CODES]
    assert len(set(ids)) == len(ids)
    assert {f"access/{name}" for name in LISTED} <= set(ids)


def test_the_codes_of_oai():
    listed = ("protocol-error", "bad-token", "incomplete-list", "deleted-records", "unknown-prefix", "unknown-set",
              "datestamp")  # fmt: skip
    assert [code.id for code in OAI_CODES] == [f"oai/{name}" for name in listed]
    assert {code.id for code in OAI_CODES if code.severity == "warning"} == {"oai/deleted-records", "oai/datestamp"}
    assert [code.id for code in OAI_CODES if code.dataset] == ["oai/incomplete-list"]


@pytest.mark.parametrize("code", [*CODES, *OAI_CODES], ids=lambda code: code.id)
def test_every_code_is_documented(code):
    assert re.fullmatch(r"(access|oai)/[a-z]+(-[a-z]+)*", code.id)
    assert code.family == code.id.partition("/")[0]
    for text in (code.title, code.meaning, code.why, code.example, code.mend):
        assert text == text.strip() != ""
    for text in (code.meaning, code.why, code.mend, *([code.misses] if code.misses else [])):
        assert text.endswith(".")
    assert code.title[-1] not in ".!?"


def test_severities():
    by = {code.id.removeprefix("access/"): code for code in CODES}
    assert {n for n, c in by.items() if c.severity == "warning"} == {
        "redirected-host",
        "insecure-redirect",
        "unproven-end",
    }
    assert {n for n, c in by.items() if c.severity == "info"} == {"not-modified", "missing-page", "other-members"}
    not_blocking = {n for n, c in by.items() if not c.blocking}
    assert not_blocking == {
        "redirected-host",
        "insecure-redirect",
        "unproven-end",
        "not-modified",
        "missing-page",
        "incomplete-pages",
        "no-details",
        "other-members",
        "checksum",
        "byte-count",
    }
