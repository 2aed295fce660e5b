"""Samples by every format and way to fetch: the first records, told as a sample, and no more asked for than needed."""

import gzip
import json
import sqlite3
import zipfile
from urllib.parse import parse_qsl, urlsplit

import polars as pl
import pytest

from potable.engine import Checker, Code, Engine, Fold, Occurrence, Outcome, Severity
from potable.engine.limits import Limits

ALL = range(1, 51)


def code(name, **more):
    return Code(id=name, severity=Severity.WARNING, title="T", meaning="m", why="w", example="e", mend="m", **more)


class Seen(Fold):
    """Counts; says so by a code that a sample can't decide, and by one that it can."""

    name = "seen"
    codes = ("counting/whole", "counting/part")

    def start(self):
        return 0

    def update(self, state, chunk):
        return state + chunk.records

    def merge(self, left, right):
        return left + right

    def finish(self, state):
        return Outcome(findings=[Occurrence(code, str(state)) for code in self.codes])


class Counting(Checker):
    name = "counting"
    codes = (code("counting/whole", dataset=True), code("counting/part"))

    def folds(self, source):
        yield Seen()


def rows(numbers):
    return "id,n\n" + "".join(f"{i},x\n" for i in numbers)


def files_of(folder):
    (folder / "data.csv").write_text(rows(ALL))
    (folder / "data.csv.gz").write_bytes(gzip.compress(rows(ALL).encode()))
    (folder / "data.json").write_text(json.dumps({"a": [{"id": i} for i in ALL]}))
    (folder / "data.xml").write_text("<l>" + "".join(f"<r><id>{i}</id></r>\n" for i in ALL) + "</l>")
    pl.DataFrame({"id": list(ALL)}).write_parquet(folder / "data.parquet", row_group_size=10)
    (folder / "many").mkdir()
    with zipfile.ZipFile(folder / "data.zip", "w") as archive:
        for n in range(5):
            text = rows(range(n * 10 + 1, n * 10 + 11))
            (folder / "many" / f"{n}.csv").write_text(text)
            archive.writestr(f"{n}.csv", text)
    with sqlite3.connect(folder / "data.db") as base:
        base.execute("CREATE TABLE t (id INTEGER)")
        base.executemany("INSERT INTO t VALUES (?)", [(i,) for i in ALL])
    base.close()


LOCAL = {
    "a table": {"ingestMethod": "CSV", "ingestURL": "data.csv"},
    "packed": {"ingestMethod": "CSV", "ingestURL": "data.csv.gz"},
    "an archive": {"ingestMethod": "CSV", "ingestURL": "data.zip", "filenamePattern": r"\.csv$"},
    "a folder": {"ingestMethod": "CSV", "ingestURL": "many", "filenamePattern": r"\.csv$"},
    "JSON": {"ingestMethod": "JSON", "ingestURL": "data.json", "documentElement": "a"},
    "XML": {"ingestMethod": "XML", "ingestURL": "data.xml", "documentElement": "r"},
    "Parquet": {"ingestMethod": "PARQUET", "ingestURL": "data.parquet"},
}
DATABASE = {
    "a query": {"ingestMethod": "SQL", "jdbcURL": "sqlite:///data.db", "sql": "SELECT id FROM t"},
    "a database's table": {"ingestMethod": "DISCO", "jdbcURL": "sqlite:///data.db", "tableName": "t"},
}
PAGES = {"offsetParam": "o", "limitParam": "l", "limitValue": 5}
WEB = {
    "a file of the web": ({"ingestMethod": "CSV", "ingestURL": "/csv"}, 1),
    "pages of JSON": ({"ingestMethod": "JSON", "ingestURL": "/json", **PAGES}, 2),
    "pages of XML": ({"ingestMethod": "XML", "ingestURL": "/xml", "documentElement": "r", **PAGES}, 2),
    "details": (
        {"ingestMethod": "WEB", "parserType": "json", "ingestURL": "/json", "mergeIngestURLTemplate": "/detail/${var}",
         "idJsonPath": "$.id", "mergeFieldName": "more"}, 9),
    "a feed": ({"ingestMethod": "RSS", "ingestURL": "/rss"}, 1),
    "a web folder": ({"ingestMethod": "WAF", "ingestURL": "/waf/"}, 9),
    "a repository": ({"ingestMethod": "OAI", "ingestURL": "/oai", "sleepTimeSecs": 0}, 1),
}  # fmt: skip
"""By way: the definition, and how many requests seven records of it take: one more than they're made of at most."""


def answer(call):
    """A server of the same fifty records in each form."""
    parts = urlsplit(call.path)
    asked = dict(parse_qsl(parts.query))
    first = int(asked.get("o", 0))
    some = list(ALL)[first : first + int(asked.get("l", 50))]
    head = '<?xml version="1.0"?>\n'
    if parts.path == "/csv":
        call.answer(rows(some).encode())
    elif parts.path == "/json":
        call.answer(json.dumps([{"id": i} for i in some]).encode())
    elif parts.path == "/xml":
        call.answer((head + "<l>" + "".join(f"<r><id>{i}</id></r>" for i in some) + "</l>").encode())
    elif parts.path.startswith("/detail/"):
        call.answer(json.dumps({"at": parts.path}).encode())
    elif parts.path == "/rss":
        items = "".join(f"<item><guid>{i}</guid></item>" for i in ALL)
        call.answer(f'{head}<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode())
    elif parts.path == "/waf/":
        call.answer(("<html><body>" + "".join(f'<a href="{i:02}.xml">x</a>' for i in ALL) + "</body></html>").encode())
    elif parts.path.startswith("/waf/"):
        call.answer(f"{head}<r><id>{parts.path}</id></r>".encode())
    else:
        start = int(asked.get("resumptionToken", 0))
        records = "".join(
            f"<record><header><identifier>{i}</identifier><datestamp>2024-01-01</datestamp></header><metadata><i/>"
            f"</metadata></record>"
            for i in list(ALL)[start : start + 10]
        )
        token = f"<resumptionToken>{start + 10 if start < 40 else ''}</resumptionToken>"
        call.answer(
            f'{head}<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z'
            f"</responseDate><ListRecords>{records}{token}</ListRecords></OAI-PMH>".encode()
        )


@pytest.fixture
def engine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Engine(
        plugins=[Counting], without=["checkers"], roots=[tmp_path], allow_hosts=["127.0.0.0/8"],
        limits=Limits(chunk_bytes=64),
    )  # fmt: skip


SAMPLES = [
    ({"sampleMode": True, "sampleSize": 7}, None, "sampleMode"), ({"maxDocs": 7}, None, "maxDocs"),
    ({}, 7, "limit-records"),
]  # fmt: skip


def is_a_sample(report, mode):
    assert [f.code for f in report.findings if f.severity == "error"] == []
    assert (report.verdict, report.counts.records, report.source.sample) == ("passed", 7, {"mode": mode, "size": 7})
    assert [f.samples[0].message for f in report.findings if f.code.startswith("counting/")] == ["7"]
    skipped = {code: line.reason for line in report.coverage if line.status == "skipped" for code in line.codes}
    assert skipped["counting/whole"] == "only a part of the source was read"


def is_whole(report):
    assert (report.verdict, report.counts.records, report.source.sample) == ("passed", 50, None)
    assert {f.code for f in report.findings} >= {"counting/whole", "counting/part"}


@pytest.mark.parametrize(("bound", "limit", "mode"), SAMPLES, ids=lambda x: x if isinstance(x, str) else "")
@pytest.mark.parametrize("way", LOCAL)
def test_of_files(engine, tmp_path, way, bound, limit, mode):
    files_of(tmp_path)
    is_a_sample(engine.check({**LOCAL[way], **bound}, limit_records=limit), mode)


@pytest.mark.parametrize("way", LOCAL)
def test_all_of_files_are_no_sample(engine, tmp_path, way):
    files_of(tmp_path)
    is_whole(engine.check({**LOCAL[way], "maxDocs": 50}))


@pytest.mark.parametrize(("bound", "limit", "mode"), SAMPLES, ids=lambda x: x if isinstance(x, str) else "")
@pytest.mark.parametrize("way", DATABASE)
def test_of_databases(engine, tmp_path, way, bound, limit, mode):
    pytest.importorskip("sqlalchemy", reason="the extra `sql` isn't installed")
    files_of(tmp_path)
    is_a_sample(engine.check({**DATABASE[way], **bound}, limit_records=limit), mode)
    is_whole(engine.check({**DATABASE[way], "maxDocs": 50}))


def on(server, definition):
    """The definition with the server's address before its paths."""
    urls = ("ingestURL", "mergeIngestURLTemplate")
    return {n: server.url(v) if n in urls else v for n, v in definition.items()}


@pytest.mark.parametrize(("bound", "limit", "mode"), SAMPLES, ids=lambda x: x if isinstance(x, str) else "")
@pytest.mark.parametrize("way", WEB)
def test_of_the_web(engine, serve, way, bound, limit, mode):
    server = serve(answer)
    definition, requests = WEB[way]
    is_a_sample(engine.check({**on(server, definition), **bound}, limit_records=limit), mode)
    assert len(server.calls) == requests


@pytest.mark.parametrize("way", WEB)
def test_all_of_the_web_are_no_sample(engine, serve, way):
    is_whole(engine.check({**on(serve(answer), WEB[way][0]), "maxDocs": 50}))
