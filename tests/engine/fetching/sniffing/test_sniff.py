"""What a body is, told by its first bytes; and the alarms that must not be raised."""

import gzip
import hashlib
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine import Engine
from potable.engine.contracts.snapshot import Part
from potable.engine.definition.model import SourceDefinition
from potable.engine.fetching.sniffing.applications import APPLICATIONS
from potable.engine.fetching.sniffing.body import check_media_type, sniff

SIGN_IN = b"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in
 to the portal</title></head><body><form><input type="password" name="p"></form></body></html>"""


def zipped(*members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in members:
            archive.writestr(name, "application/vnd.oasis.opendocument.spreadsheet" if name == "mimetype" else "x")
    return buffer.getvalue()


def parquet():
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pa.table({"a": [1]}), buffer)
    return buffer.getvalue()


HTML = [
    SIGN_IN,
    b"<html><body>x",
    b"\xef\xbb\xbf \n<HTML>",
    b"<!-- a comment\n, with a comma -->\n<!doctype HTML>\n<p>",
    b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x"><html xmlns="x">',
    b"<head><title>502 Bad Gateway</title></head>\r\n<body>",
    b"<h1>Not Found</h1>",
    b"<h1>403, Forbidden</h1>\n<p>You, there.</p>\n",
    b"<center><h1>503</h1></center><hr>",
    b"<script>if (a < b) { location = '/login, please' }</script><noscript>x</noscript>",
    "<!DOCTYPE html>".encode("utf-16"),
    "<!DOCTYPE html>".encode("utf-16-le"),
    b"\n\n\n<!DOCTYPE html>",
]
XML = [
    b'<?xml version="1.0" encoding="utf-8"?>\n<records><record/></records>',
    b"\xef\xbb\xbf<?xml version='1.0'?>",
    b"<records><record id='1'>a, b</record>",
    b"<!-- c --><records/>",
    b'<!DOCTYPE records SYSTEM "x.dtd">\n<records>',
    b'<oai:OAI-PMH xmlns:oai="http://www.openarchives.org/OAI/2.0/"><a>b</a><c',
    b"<Error><Code>AccessDenied</Code><Text>No, no</Text></Error>",
    '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"),
]
JSON = [
    b'{"error": "not authorised, sorry"}',
    b"{}",
    b' \n{\n  "a" : 1,',
    b'[{"a": 1}, {"a"',
    b"[]",
    b"[[1, 2], [3]]",
    b"[{}]",
    b'\xef\xbb\xbf{"a":',
]
TEXT = [
    b"a,b\n1,2\n",
    b"<b>name</b>,age\n<i>x</i>,3\n",
    b"<b>name</b>\n<b>x</b>\n<b>y</b>\n",
    b'"<html>",b\n1,2\n',
    b"<p>name</p>,<p>age</p>\n<p>1</p>,<p>2</p>\n",
    b"<10,>20\n5,30\n",
    b"<5\n<7\n",
    b"< 5,b\n",
    b"<name>,<age>\n1,2\n",
    b"<name>;<age>\n",
    b"<name>\t<age>\n1\t2\n",
    b"<title>,<body>\n",
    b"[id],[name]\n1,2\n",
    b"[1],b\n",
    b"[[a]],b\n",
    b"{id},{name}\n1,2\n",
    b"{a:1},b\n",
    b"BM,weight\n1,2\n",
    b"PAR1,PAR2\n1,2\n",
    b"PAR1\n1\n",
    b"GIF89a,size,colour,name,more\n",
    b"PK,b\n1,2\n",
    b"%PDF,b\n",
    b"MZ,b\n",
    b"BZh91,b\n",
    b"ARROW1,b\n",
    b"Obj,b\n",
    b"II*,b\n",
    "naïve,café\n".encode("latin-1"),
    "a,b\n1,2\n".encode("utf-16"),
    b"a,b\n\x00,2\n",
    b"true\n",
    b"-->\n",
    b"</b>x\n",
]
BINARY = {
    "gzip": gzip.compress(b"x", mtime=0),
    "zip": zipped("a.csv"),
    "excel": zipped("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"),
    "pdf": b"%PDF-1.7\n%\xe2\xe3",
    "parquet": parquet(),
    "image": b"\x89PNG\r\n\x1a\n\x00\x00",
    "sqlite": b"SQLite format 3\x00\x10",
    "bzip2": b"BZh91AY&SYabc",
    "xz": b"\xfd7zXZ\x00\x00",
    "zstd": b"\x28\xb5\x2f\xfd\x00",
    "hdf5": b"\x89HDF\r\n\x1a\n",
    "arrow": b"ARROW1\x00\x00\xff",
    "tar": b"a.csv".ljust(257, b"\x00") + b"ustar\x0000",
    "rtf": b"{\\rtf1\\ansi",
}


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        *((head, "html") for head in HTML),
        *((head, "xml") for head in XML),
        *((head, "json") for head in JSON),
        *((head, "text") for head in TEXT),
        *((head, kind) for kind, head in BINARY.items()),
        *((head, "empty") for head in (b"", b" \r\n\t", b"\xef\xbb\xbf\n", b"\xff\xfe", b"\x00\x00")),
        (zipped("mimetype", "content.xml"), "excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "excel"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image"),
        (b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff", "image"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image"),
    ],
)
def test_kinds(head, kind):
    assert sniff(head) == kind


NOWHERE = Path("no-such-file")
"""What is told is told by the first bytes, which are given."""


def part(head, **members):
    return Part(name="data", path=NOWHERE, bytes=len(head), **members)


PROMISES = {"CSV": TEXT, "JSON": [*JSON, b"[1, 2]", b'"x"', b"nul"], "XML": XML, "OAI": XML, "RSS": XML, "JSONL": JSON}


@pytest.mark.parametrize(("method", "head"), [(m, h) for m, heads in PROMISES.items() for h in heads])
def test_what_was_promised_raises_no_alarm(method, head, source):
    assert check_media_type(source("x", method=method), part(head, media_type="text/html"), head) is None


@pytest.mark.parametrize("head", [*BINARY.values(), *HTML, *XML, *JSON, *TEXT])
def test_where_nothing_was_promised_nothing_is_wrong(head, source):
    assert check_media_type(source("x", method=""), part(head), head) is None


@pytest.mark.parametrize(
    ("method", "head", "kind"),
    [
        *(("CSV", head, "html") for head in HTML),
        *(("CSV", head, "xml") for head in XML),
        *(("CSV", head, "json") for head in JSON),
        *(("CSV", head, kind) for kind, head in BINARY.items()),
        *(("JSON", head, "html") for head in HTML),
        *(("JSON", head, "xml") for head in XML),
        ("XML", JSON[0], "json"),
        *(("XML", head, "html") for head in HTML if b"<?xml" not in head),
        ("EXCEL", TEXT[0], "text"),
        ("EXCEL", HTML[0], "html"),
        ("PARQUET", TEXT[0], "text"),
        ("PARQUET", b"PAR1,PAR2", "text"),
    ],
)
def test_something_else_is_found(method, head, kind, source):
    found = check_media_type(source("x", method=method), part(head, media_type="text/csv", url="http://x/"), head)
    assert found.code == "access/media-type"
    assert found.details == {"kind": kind, "announced": "text/csv"}
    assert f"where {method} was promised; the server announced text/csv" in found.message
    assert (found.location.file, found.location.url, found.location.line, found.location.byte) == (
        "data",
        "http://x/",
        1,
        0,
    )


@pytest.mark.parametrize("kind", ["excel", "zip"])
def test_a_workbook_is_what_excel_promises(kind, source):
    assert check_media_type(source("x", method="EXCEL"), part(b"x" * 99), BINARY[kind]) is None


def test_a_parquet_file_is_what_parquet_promises(source):
    assert check_media_type(source("x", method="PARQUET"), part(b"x"), BINARY["parquet"]) is None


def test_the_kind_of_page_is_named(source):
    found = check_media_type(source("x"), part(SIGN_IN), SIGN_IN)
    assert found.message == (
        "data is an HTML page titled 'Sign in to the portal', a sign-in page it seems, where CSV was promised"
    )
    assert "credentials" in found.hint
    assert found.value.startswith("<!DOCTYPE html>")
    assert len(found.value) <= 200
    gone = b"<html><title>Oops</title><body><h1>Page not found</h1>"
    assert "a 'not found' page it seems" in check_media_type(source("x"), part(gone), gone).message


@pytest.mark.parametrize(("url", "hint"), [
    (None, "Look into the file: name the one that holds the data in ingestURL, or correct ingestMethod."),
    ("http://x/", None),  # the code's own: look at it in a browser
])  # fmt: skip
def test_a_local_file_isnt_to_be_opened_in_a_browser(url, hint, source):
    assert check_media_type(source("x", method="EXCEL"), part(TEXT[0], url=url), TEXT[0]).hint == hint


XHTML = b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head></html>'


@pytest.mark.parametrize(("top", "wrong"), [(None, False), ("", False), ("html", False), ("records", True)])
def test_xhtml_is_xml_unless_another_element_was_promised(top, wrong, source):
    definition = source("x", method="XML", **({} if top is None else {"topElement": top}))
    assert (check_media_type(definition, part(XHTML), XHTML) is not None) is wrong


@pytest.mark.parametrize("method", ["RSS", "OAI"])
def test_xhtml_is_no_feed_and_no_response(method, source):
    found = check_media_type(source("x", method=method), part(XHTML), XHTML)
    assert found.code == "access/media-type"


@pytest.mark.parametrize(("head", "size", "code"), [
    (b" \n \n", 4, "access/empty"), (b"", 20, "access/empty"), (b" \n" * 50, 5000, None), (b"\n", 1, "access/empty"),
])  # fmt: skip
def test_nothing_but_blanks(head, size, code, source):
    found = check_media_type(source("x"), Part(name="data", path=NOWHERE, bytes=size), head)
    assert (found and found.code) == code


@given(st.binary(max_size=2000))
def test_any_bytes_have_a_kind(head):
    assert sniff(head) in {
        "html",
        "xml",
        "json",
        "text",
        "empty",
        *BINARY,
        "postscript",
        "7z",
        "rar",
        "avro",
        "program",
        "access",
        *APPLICATIONS,
    }


@given(st.lists(st.lists(st.text("ab<>/{}[]\"' !?-=:é", max_size=8), min_size=2, max_size=4), min_size=1, max_size=5))
def test_a_quoted_table_is_never_mistaken(rows):
    import csv

    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    assert sniff(text.getvalue().encode()) == "text"


HOSTILE = [b"<!--", b"<a ", b'<a "', b"<script>", b"<title", b"<![CDATA[", b"<?xml", b"[", b'{"a":', b"<a><b>", b"</a>"]


DUMPING = [b"/**/", b"/*", b"-- \n", b"set a=", b"insert into ", b"create a ", b"insert into a (a,", b"@a{"]


@pytest.mark.parametrize("unit", [*HOSTILE, *DUMPING, b'<a b="<a ', b"<!doctype ", b'"\\', b"{ ", b"[ ["])
@pytest.mark.timeout(30)
def test_hostile_heads_end_soon(unit, source):
    head = b"<x>" + unit * (1_000_000 // len(unit))
    check_media_type(source("x"), part(head), head)
    check_media_type(source("x"), part(head), head[3:])
    sniff(head[3:])


@pytest.mark.parametrize("before", [b"MZ\x90\x00 a program\n" * 100, b"a,b\n1,2\n", b"\x01\x02" * 300])
@pytest.mark.parametrize("method", ["CSV", "JSON", "XML"])
def test_an_archive_that_extracts_itself(before, method, source, tmp_path):
    """Unzipping programs read it from its end; read from its start it's rubbish."""
    (tmp_path / "x").write_bytes(before + zipped("a.csv"))
    found = check_media_type(
        source("x", method=method), Part(name="x", path=tmp_path / "x", bytes=len(before)), before[:8192]
    )
    assert (found.code, found.location.file, found.location.line, found.location.byte) == (
        "access/media-type", "x", 1, 0
    )  # fmt: skip
    assert "x is a ZIP archive with other bytes before it" in found.message
    assert found.value is None


@pytest.mark.parametrize("tail", [b"", b"PK\x05\x06", b"PK\x05\x06" + bytes(18), zipped("a.csv")[-40:]])
def test_a_table_that_only_mentions_archives(tail, source, tmp_path):
    (tmp_path / "x").write_bytes(b"a,b\n1,2\n" + tail)
    assert check_media_type(source("x"), Part(name="x", path=tmp_path / "x", bytes=8), b"a,b\n1,2\n") is None


@pytest.mark.parametrize("method", ["CSV", "JSON", "XML", "EXCEL", "PARQUET"])
def test_a_pointer_to_a_large_file_is_not_the_data(method, source):
    head = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
    found = check_media_type(source("birds", method=method), part(head, media_type="text/plain"), head)
    assert found.code == "access/media-type"
    assert " is a Git LFS pointer, which only stands for a file, where" in found.message
    assert "git lfs pull" in found.hint
    assert (found.location.line, found.location.byte) == (1, 0)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (BINARY["sqlite"], "ingestMethod to SQL, jdbcURL to jdbc:sqlite:lab.db and sql to the SELECT"),
        (BINARY["parquet"], "Set ingestMethod to PARQUET"),
        (BINARY["arrow"], "Set ingestMethod to ARROW"),
    ],
)
def test_another_kind_of_data_names_the_method_that_reads_it(head, said, source):
    found = check_media_type(source("lab.db"), Part(name="in/lab.db", path=NOWHERE, bytes=len(head)), head)
    assert (found.code, said in found.hint) == ("access/media-type", True)


def noise(size, seed=7):
    """Bytes in which each value is as frequent as any other, and none follows from the one before."""
    return b"".join(hashlib.sha256(bytes((seed, n % 256, n // 256))).digest() for n in range(size // 32 + 1))[:size]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [256, 4096, 100_000])
@pytest.mark.parametrize("method", ["CSV", "JSON", "JSONL", "XML"])
def test_noise_is_binary_data(tmp_path, method, size, seed):
    (tmp_path / "data").write_bytes(noise(size, seed))
    definition = {"ingestMethod": method, "ingestURL": str(tmp_path / "data")}
    if method == "XML":
        definition["documentElement"] = "record"
    report = Engine(roots=[tmp_path]).check(definition)
    (finding,) = report.findings
    assert (finding.code, finding.count, report.verdict) == ("access/media-type", 1, "inconclusive")
    assert "is binary data of no known kind where" in finding.samples[0].message
    assert finding.samples[0].location.byte == 0


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"MZ\x90\x00\x03", "program"),
        (b"\xcf\xfa\xed\xfe\x07", "program"),
        (b"\x93NUMPY\x01\x00v\x00", "numpy"),
        (b"CDF\x01\x00\x00", "netcdf"),
        (b"CDF,MZ\n1,2\n", "text"),
    ],
)
def test_further_signatures(head, kind):
    assert sniff(head + noise(300) if kind != "text" else head) == kind


TEXTS = ["id,näme\n1,Ünal\n" * 60, "id,имя\n1,Анна\n" * 60, "id,名前\n1,太郎\n" * 60, "id,x\n1,\x1f\x01\x02é\n" * 60]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "koi8-r", "shift_jis", "gb18030", "cp037"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", TEXTS)
def test_no_text_is_binary_data(text, encoding):
    assert sniff(text.encode(encoding, "replace")) == "text"


@pytest.mark.parametrize("encoding", ["utf-16", "UTF-16LE", "utf_16_be"])
def test_a_declared_encoding_may_have_any_byte(encoding, tmp_path):
    text = "".join(map(chr, range(0x100, 0x1A00))).encode("utf-16-le")
    part = Part(name="a.csv", path=tmp_path / "a.csv", bytes=len(text))
    (tmp_path / "a.csv").write_bytes(text)
    for parameters, code in (({}, "access/media-type"), ({"encoding": encoding}, None)):
        source = SourceDefinition(resource_id="T", ingest_method="CSV", parameters=parameters)
        said = check_media_type(source, part, text)
        assert (said and said.code) == code
