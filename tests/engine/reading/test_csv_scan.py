"""The vectorised scan finds what the exact tokenizer finds, whatever the text."""

import csv
import io
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from potable.engine.reading.csv.dialect import Dialect
from potable.engine.reading.csv.scan import Scan, count_plain, scan
from potable.engine.reading.csv.tokenizer import tokenize

PLAIN = Dialect()
ESCAPED = Dialect(escape=b"\\")
COMMENTED = Dialect(comment=b"#")
UNQUOTED = Dialect(quote=b"")
APOSTROPHE = Dialect(delimiter=b";", quote=b"'")
WIDE = Dialect(delimiter=b"||")
DIALECTS = [PLAIN, ESCAPED, COMMENTED, UNQUOTED, APOSTROPHE, WIDE, Dialect(escape=b"\\", comment=b"#")]

texts = st.text(alphabet="ab,\"\n\r\\#;'|", max_size=60).map(str.encode)
pieces = [
    '"',
    '""',
    ",",
    "\n",
    "\r\n",
    "\r",
    '","',
    '"\n"',
    "x",
    '\n"',
    '",',
    '""",',
    "\\",
    "#",
    'a "b" c',
    "||",
    '"a\nb"',
]
composed = st.lists(st.sampled_from(pieces), max_size=400).map(lambda p: "".join(p).encode())


def exact(data: bytes, dialect: Dialect, final: bool) -> Scan:
    """What the tokenizer says, gathered as a scan."""
    found = Scan(0, [], [], [], blanks=[])  # type: ignore[arg-type]
    for t in tokenize(data, dialect, final=final):
        if t.kind == "incomplete":
            found.open_quote = t.open_quote
            break
        found.end = t.stop
        if t.ended:
            found.breaks.append(t.stop)
        if t.kind == "record":
            found.starts.append(t.start)
            found.stops.append(t.stop)
            found.strays += t.strays
            found.runaways += t.runaways
        elif t.kind == "blank":
            found.blanks.append(t.start)
        else:
            found.comments = True
    found.lines = len(re.findall(rb"\r\n?|\n", data[: found.end]))
    return found


def plain(s: Scan) -> Scan:
    for name in ("starts", "stops", "breaks", "blanks"):
        value = getattr(s, name)
        setattr(s, name, value if isinstance(value, list) else value.tolist())
    s.strays = sorted(s.strays)
    return s


@pytest.mark.parametrize("dialect", DIALECTS, ids=repr)
@settings(max_examples=400)
@given(data=texts | composed, final=st.booleans())
@example(data=b'a,"b\n', final=True)
@example(data=b'"a"\r', final=False)
@example(data=b'"a""', final=False)
@example(data=b"\\", final=True)
def test_the_scan_agrees_with_the_tokenizer(dialect: Dialect, data: bytes, final: bool) -> None:
    assert plain(scan(data, dialect, final=final)) == plain(exact(data, dialect, final))


@pytest.mark.parametrize("dialect", DIALECTS, ids=repr)
@given(data=texts | composed, final=st.booleans())
def test_counting_agrees_with_the_scan_where_it_applies(dialect: Dialect, data: bytes, final: bool) -> None:
    counted = count_plain(data, dialect, final=final)
    if counted is not None:
        found = scan(data, dialect, final=final)
        assert counted == (found.end, len(found.starts))
        assert not len(found.blanks)
        assert not found.strays


@given(
    rows=st.lists(st.lists(st.text(alphabet='ab,"\n\r #', max_size=6), min_size=1, max_size=4), max_size=8),
    crlf=st.booleans(),
)
def test_the_tokenizer_reads_what_pythons_csv_module_writes(rows: list[list[str]], crlf: bool) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n" if crlf else "\n", quoting=csv.QUOTE_ALL).writerows(rows)
    tokens = list(tokenize(out.getvalue().encode(), PLAIN))
    assert [[c.decode() for c in t.cells] for t in tokens] == rows
    assert all(t.kind == "record" and not t.strays for t in tokens)


@settings(max_examples=400)
@given(data=st.text(alphabet='ab,"\n\\', max_size=60), escaped=st.booleans())
def test_the_tokenizer_reads_as_pythons_csv_module_does(data: str, escaped: bool) -> None:
    dialect = ESCAPED if escaped else PLAIN
    tokens = list(tokenize(data.encode(), dialect))
    if any(t.kind == "incomplete" for t in tokens) or data.endswith("\\"):
        return  # an open quote, a dangling escape: no one's grammar
    if escaped and any(t.strays for t in tokens):
        return  # behind a stray closing quote the csv module takes the escape literally
    expected = list(csv.reader(io.StringIO(data, newline=""), escapechar="\\" if escaped else None))
    assert [[c.decode() for c in t.cells] for t in tokens if t.kind == "record"] == [row for row in expected if row]
