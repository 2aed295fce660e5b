"""What a definition declares about its bytes, compared in whole runs with the bytes as they came."""

import bz2
import gzip
import hashlib
import io
import lzma
import zipfile

import pyarrow as pa
import pytest

from potable.engine import Engine
from potable.engine.findings import Location

BODY = b"a,b\n1,2\n"
MD5, SHA256 = hashlib.md5(BODY).hexdigest(), hashlib.sha256(BODY).hexdigest()


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.fixture
def run(tmp_path):
    """``run(files, ...)``: the report of a source of these local files."""
    engine = Engine(allow_hosts=["127.0.0.0/8"], roots=[tmp_path])

    def run(files=None, url="data.csv", limit_records=None, **declared):
        for name, data in (files or {"data.csv": BODY}).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(data)
        where = url if "://" in url else str(tmp_path / url)
        definition = {"ingestMethod": "CSV", "ingestURL": where, "checks": {"text": "off"}, **declared}
        return engine.check(definition, limit_records=limit_records)

    return run


@pytest.fixture(params=["file", "web"])
def found(request, run, serve):
    """``found(hash=..., ...)``: the samples of ``access/*`` errors, and where the source was."""

    def found(body=BODY, name="data.csv", **declared):
        if request.param == "file":
            return samples(run({name: body}, name, **declared)), {}
        url = serve(lambda call: call.answer(body)).url(f"/{name}")
        return samples(run(url=url, **declared)), {"url": url}

    return found


def samples(report):
    return [(f.code, s) for f in report.findings for s in f.samples if f.code.startswith("access/")]


@pytest.mark.parametrize(
    "declared",
    [
        {},
        {"bytes": 8},
        {"bytes": "8"},
        {"hash": MD5},
        {"hash": MD5.upper()},
        {"hash": f"md5:{MD5}"},
        {"hash": SHA256},
        {"hash": f"SHA-256:{SHA256}"},
        {"hash": f"sha1:{hashlib.sha1(BODY).hexdigest()}"},
        {"hash": f"sha512:{hashlib.sha512(BODY).hexdigest()}", "bytes": 8},
        {"compression": "none"},
    ],
)
def test_bytes_as_declared(declared, found):
    assert found(**declared)[0] == []


def test_another_size(found):
    ((code, sample),), at = found(bytes=9)
    assert code == "access/byte-count"
    assert sample.message == "the source has 8 bytes where the definition declares 9"
    assert (sample.value, sample.location.file, sample.location.url) == ("8", sample.location.file, at.get("url"))
    assert sample.location.file.endswith("data.csv")


@pytest.mark.parametrize(("algorithm", "digest"), [("md5", MD5), ("sha256", SHA256)])
def test_another_checksum(algorithm, digest, found):
    wrong = "0" * len(digest)
    ((code, sample),), at = found(hash=f"{algorithm}:{wrong}")
    assert code == "access/checksum"
    assert sample.message.endswith(f"data.csv has the {algorithm} checksum {digest}, not the declared {wrong}")
    assert sample.location == Location(file=sample.location.file, **at)


@pytest.mark.parametrize("declared", ["crc32:1c291ca3", "12345", "md5:", "sha256", "shake_128:00"])
def test_a_checksum_that_cannot_be_compared(declared, found):
    ((code, sample),), _ = found(hash=declared)
    assert code == "access/checksum"
    assert "can't be compared" in sample.message


PACKED = {
    "none": BODY, "gzip": gzip.compress(BODY), "bz2": bz2.compress(BODY), "xz": lzma.compress(BODY),
    "zstd": pa.compress(BODY, "zstd", asbytes=True), "zip": zipped({"a.csv": BODY}),
}  # fmt: skip


@pytest.mark.parametrize("kind", PACKED)
def test_compressed_as_declared(kind, found):
    assert found(PACKED[kind], "data", compression=kind)[0] == []


@pytest.mark.parametrize(
    ("declared", "kind", "words"),
    [
        ("gzip", "none", "isn't compressed"),
        ("none", "gzip", "is compressed by gzip"),
        ("zip", "gzip", "is compressed by gzip"),
        ("xz", "zip", "is compressed by zip"),
        ("none", "zip", "is compressed by zip"),
        ("bz2", "zstd", "is compressed by zstd"),
    ],
)
def test_compressed_otherwise_than_declared(declared, kind, words, found):
    ((code, sample),), at = found(PACKED[kind], "data", compression=declared)
    assert code == "access/compression"
    assert sample.message.endswith(f"data {words}, where the definition declares compression: {declared}")
    assert sample.location == Location(file=sample.location.file, byte=0, **at)
    assert sample.value == kind


def test_a_workbook_is_no_archive(run, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.active.append([1])
    book.save(tmp_path / "b.xlsx")
    data = (tmp_path / "b.xlsx").read_bytes()
    report = run({"b.xlsx": data}, "b.xlsx", ingestMethod="EXCEL", compression="none")
    assert samples(report) == []


# -- several parts ---------------------------------------------------------------------------------------------------


def test_of_several_files_it_is_all_together(run):
    files = {"d/a.csv": BODY, "d/b.csv": BODY}
    whole = run(files, "d/*.csv", bytes=16)
    assert samples(whole) == []
    digest = whole.source.snapshot["sha256"]
    assert samples(run(files, "d/*.csv", hash=digest)) == []
    assert samples(run(files, "d/*.csv", hash=f"sha256:{digest}")) == []
    for wrong, words in ((SHA256, f"the list of the 2 parts has the sha256 checksum {digest}"),
                         (MD5, "of a source of 2 parts there's only the SHA-256")):  # fmt: skip
        ((code, sample),) = samples(run(files, "d/*.csv", hash=wrong))
        assert code == "access/checksum"
        assert words in sample.message
    ((code, sample),) = samples(run(files, "d/*.csv", bytes=8))
    assert (code, sample.value, sample.location) == ("access/byte-count", "16", Location())


def test_of_an_archive_it_is_the_archive(found):
    data = PACKED["zip"]
    assert found(data, "data.zip", hash=hashlib.sha256(data).hexdigest(), bytes=len(data))[0] == []
    both, at = found(data, "data.zip", hash=SHA256, bytes=8)
    assert [code for code, _ in both] == ["access/byte-count", "access/checksum"]
    for _, sample in both:
        assert sample.location == Location(file=sample.location.file, **at)
        assert sample.location.file.endswith("data.zip")


def test_of_an_archive_that_cannot_be_opened_too(found):
    said, _ = found(PACKED["zip"][:-30], "data.zip", hash=SHA256)
    assert [code for code, _ in said] == ["access/archive", "access/checksum"]


@pytest.mark.parametrize("method", ["pages", "oai", "waf", "feed", "inline"])
def test_it_holds_for_every_way_of_fetching(method, serve, run):
    """A size that is declared is never left unsaid."""

    def handler(call):
        if method == "pages":
            return call.answer(b'[{"id": 1}, {"id": 2}]' if "start=0" in call.path else b'[{"id": 3}]')
        if method == "oai":
            return call.answer(
                b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><header><identifier>1'
                b"</identifier><datestamp>2024-01-01</datestamp></header></record></ListRecords></OAI-PMH>"
            )
        if method == "waf":
            page = b'<html><a href="a.xml">a</a><a href="b.xml">b</a></html>'
            return call.answer(page if call.path == "/data.csv" else b"<r><x>1</x></r>")
        return call.answer(b"<rss version='2.0'><channel><item><guid>1</guid></item></channel></rss>")

    how = {
        "pages": {"ingestMethod": "JSON", "offsetParam": "start", "limitParam": "rows", "limitValue": 2},
        "oai": {"ingestMethod": "OAI", "sleepTimeSecs": 0},
        "waf": {"ingestMethod": "WAF", "documentElement": "x"},
        "feed": {"ingestMethod": "RSS"},
        "inline": {"ingestMethod": "INLINE", "data": [{"id": 1}]},
    }[method]
    if method != "inline":
        how |= {"url": serve(handler).url()}
    report = run(bytes=7, hash="0" * 64, **how)
    assert {code for code, _ in samples(report)} == {"access/byte-count", "access/checksum"}
    snapshot = report.source.snapshot
    assert samples(run(bytes=snapshot["bytes"], hash=snapshot["sha256"], **how)) == []


def test_of_a_sample_it_is_said_that_it_was_not_compared(serve, run):
    def handler(call):
        start = int(call.path.partition("start=")[2].partition("&")[0])
        call.answer(f'[{{"id": {start}}}, {{"id": {start + 1}}}]'.encode())

    report = run(url=serve(handler).url(), limit_records=1, ingestMethod="JSON", offsetParam="start",
                 limitParam="rows", limitValue=2, hash=SHA256, bytes=5)  # fmt: skip
    assert samples(report) == []
    left_out = [(c.reason, c.codes) for c in report.coverage if c.status == "skipped" and "access/checksum" in c.codes]
    assert left_out == [("only a part was fetched: a sample", ("access/checksum", "access/byte-count"))]
