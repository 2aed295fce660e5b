"""Text of mainframes: named where nobody declared it, read where its code page is declared."""

import pytest

from potable.engine import Engine
from potable.engine.fetching.sniffing.signatures import is_ebcdic_text
from potable.engine.limits import Limits

PAGES = ["cp037", "cp273", "cp500", "cp1140"]
TABLE = "id,näme,age\n" + "".join(f"{n},Ünal {n},{20 + n}\n" for n in range(40))


def encoded(text, page, end="\x85"):
    return text.replace("\n", end).encode(page)


@pytest.mark.parametrize("end", ["\x85", "\n", "\r\n", ""])
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["CSV", "JSON", "JSONL"])
def test_it_is_named_with_the_mend(method, page, end, tmp_path):
    (tmp_path / "x").write_bytes(encoded(TABLE, page, end))
    (finding,) = Engine(roots=[tmp_path]).check({"ingestMethod": method, "ingestURL": str(tmp_path / "x")}).findings
    sample = finding.samples[0]
    assert (finding.code, sample.location.line, sample.location.byte) == ("access/media-type", 1, 0)
    assert sample.message.endswith(f"x is text in EBCDIC, the encoding of mainframes, where {method} was promised")
    assert "cp500" in finding.hint


@pytest.mark.parametrize("end", ["\x85", "\n", "\r\n"])
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("size", [None, 1, 50])
def test_it_is_read_where_it_is_declared(page, end, size, tmp_path):
    text = TABLE + "\n41,y\n42,Émile\n43,Émile,8\n"
    (tmp_path / "x.csv").write_bytes(encoded(text, page, end))
    limits = Limits() if size is None else Limits(chunk_bytes=size)
    report = Engine(roots=[tmp_path], without=["checkers"], limits=limits).check(tmp_path / "x.csv", encoding=page)
    found = {
        f.code: [(s.location.record, s.location.line, s.location.byte) for s in f.samples] for f in report.findings
    }
    byte = len(encoded(text[: text.index("41,y")], page, end))
    again = byte + len(encoded("41,y\n", page, end))
    assert report.counts.records == 43
    assert found["csv/missing-cell"] == [(41, 43, byte), (42, 44, again)]
    assert found["csv/blank-row"] == [(None, 42, byte - len(encoded("\n", page, end)))]


TEXTS = [
    TABLE,
    "id,n\n1," + "z" * 9000,
    "id\n" + "@" * 9000 + "é",
    "id,имя\n1,Анна\n" * 60,
    "id,名前\n1,太郎\n" * 60,
    "id\n" + "äöüß\n" * 30,
]
ENCODINGS = [
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-32",
    "cp1252",
    "koi8-r",
    "shift_jis",
    "gb18030",
    "cp1251",
    "mac_roman",
]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", TEXTS)
def test_other_texts_are_none(text, encoding):
    assert not is_ebcdic_text(text.encode(encoding, "replace"))


def test_next_lines_of_other_encodings_stay(tmp_path):
    (tmp_path / "x.csv").write_bytes("id,n\n1,a\x85b\n".encode("latin-1"))
    report = Engine(roots=[tmp_path]).check(tmp_path / "x.csv", encoding="latin-1")
    assert report.counts.records == 1
