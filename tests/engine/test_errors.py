"""What a misspelt name was most likely meant to be."""

from __future__ import annotations

import pytest

from potable.engine.errors import likely_code

CODES = (
    "csv/header-whitespace", "csv/transposed", "encoding/byte-order-mark", "encoding/nul-byte", "keys/duplicate",
    "keys/missing", "rows/duplicate", "text/mojibake", "text/placeholder",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("encoding/bom", "encoding/byte-order-mark"),
        ("keys/dup", "keys/duplicate"), ("Keys/Duplicat", "keys/duplicate"),
        ("csv/whitespace", "csv/header-whitespace"), ("csv/ragged", None), ("schema/mojibake", "text/mojibake"),
        ("txt/placeholders", "text/placeholder"), ("mojibake", "text/mojibake"), ("mojibak", "text/mojibake"),
        ("encodings", "encoding"), ("zzz", None),
    ],
)  # fmt: skip
def test_codes_that_were_meant(name: str, meant: str | None) -> None:
    assert likely_code(name, CODES) == meant
