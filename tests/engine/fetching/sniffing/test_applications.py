"""Files of programs that aren't read: what they are, and the way out of them; and tables that only look like such."""

import gzip
import io
import pickle
import struct
import zipfile

import pytest

from potable.engine import Engine
from potable.engine.fetching.sniffing.applications import APPLICATIONS
from potable.engine.fetching.sniffing.body import sniff


def dbase(version=3, name=b"NAME", kind=b"C"):
    field = name.ljust(11, b"\0") + kind + bytes(4) + b"\x14\0" + bytes(14)
    header = bytes([version, 120, 5, 1]) + struct.pack("<IHH", 3, 65, 21) + bytes(20)
    return header + field + b"\r" + b" Ann                 " * 3 + b"\x1a"


def zipped(*members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member in members:
            archive.writestr(member, "x")
    return buffer.getvalue()


FILES = [
    ("sas", bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011") + bytes(1000)),
    ("sas-transport", b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!".ljust(800, b"0")),
    ("sas-transport", b"HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!".ljust(800, b"0")),
    ("spss", b"$FL2@(#) SPSS DATA FILE - 64-bit".ljust(64) + struct.pack("<iiiii", 2, 3, 0, 0, 3) + bytes(400)),
    ("spss", b"$FL3@(#) SPSS DATA FILE - 64-bit".ljust(64) + struct.pack("<iiiii", 2, 3, 0, 0, 3) + bytes(400)),
    ("spss", b"ASCII SPSS PORT FILE".ljust(456) + b"SPSSPORT" + b"A" * 400),
    ("spss", b"\r\n".join([b"ASCII SPSS PORT FILE".ljust(80), *[b"0" * 80] * 4, b"0" * 56 + b"SPSSPORTA8/"])),
    ("stata", b"<stata_dta><header><release>118</release><byteorder>LSF</byteorder><K>\x03\x00</K><N>" + bytes(400)),
    ("stata", bytes([114, 2, 1, 0]) + struct.pack("<HI", 3, 5) + bytes(400)),
    ("stata", bytes([105, 1, 1, 0]) + struct.pack(">HI", 3, 5) + bytes(400)),
    ("r", b"RDX3\nX\n\0\0\0\3\0\4\1\2\0\3\5\0" + bytes(300)),
    ("r", b"RDX2\nX\n\0\0\0\2" + bytes(300)),
    ("r", b"X\n\0\0\0\3\0\4\1\2\0\3\5\0" + bytes(300)),
    ("dbase", dbase()),
    ("dbase", dbase(0x30, b"ID", b"I")),
    ("dbase", dbase(0x83, b"A_1", b"M")),
    ("lotus", b"\0\0\2\0\6\4\6\0\x08\0" + bytes(1000)),
    ("lotus", b"\0\0\x1a\0\0\x10\4\0" + bytes(1000)),
    ("matlab", b"MATLAB 5.0 MAT-file, Platform: GLNXA64, Created on: Mon Jan 1".ljust(124) + b"\0\1IM" + bytes(400)),
    ("iwork", zipped("Index/Document.iwa", "Index/Tables/DataList.iwa", "Metadata/Properties.plist")),
    ("word", zipped("[Content_Types].xml", "word/document.xml")),
    *(("pickle", pickle.dumps({"a": list(range(500)), "b": "x"}, protocol)) for protocol in (2, 3, 4, 5)),
    ("shapefile", b"\0\0\x27\x0a" + bytes(20) + struct.pack(">i", 50) + struct.pack("<ii", 1000, 5) + bytes(64)),
    ("duckdb", b"\x12\x34\x56\x78\x9a\xbc\xde\xf0DUCK" + struct.pack("<Q", 64) + bytes(400)),
    (
        "fits",
        b"SIMPLE  =                    T / conforms to FITS".ljust(80) + b"BITPIX  =                    8".ljust(80),
    ),
    ("appledouble", b"\0\5\x16\7\0\2\0\0Mac OS X        \0\2\0\0\0\x09" + bytes(100)),
    ("encrypted", b"Salted__" + bytes(range(100, 200))),
    ("encrypted", b"-----BEGIN PGP MESSAGE-----\n\nhQEMA"),
    ("sql", b"-- MySQL dump 10.13  Distrib 8.0\n--\n-- Host: x\n"),
    ("sql", b"--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n"),
    ("sql", b"--\n-- a comment\n\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `a`;\n"),
    ("sql", b"SET client_encoding = 'UTF8';\nCOPY public.a (id, n) FROM stdin;\n1\tx\n"),
    ("sql", b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE a(id);\n"),
    ("sql", b'\xef\xbb\xbfCREATE TABLE IF NOT EXISTS "a b" (id int, n text);\n'.replace(b"a b", b"a_b")),
    ("sql", b"INSERT INTO a (id, n) VALUES (1, 'x');\nINSERT INTO a (id, n) VALUES (2, 'y');\n"),
    ("sql", b"insert into [dbo].[a] values (1, 'x');\n"),
    ("contacts", b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ann\r\nEND:VCARD\r\n"),
    ("contacts", b"BEGIN:VCALENDAR\nVERSION:2.0\n"),
    ("references", b"@article{ann2020,\n  title = {A Title},\n  year = 2020\n}\n"),
    ("references", b"TY  - JOUR\r\nAU  - Ann\r\nER  - \r\n"),
]

TABLES = [
    b"RDX3,name\n1,x\n",
    b"RDX3\n1\n",
    b"X\n1\n2\n",
    b"X\n\n2\n",
    b"A\n2\n3\n",
    b"HEADER RECORD,b\n1,2\n",
    b"MATLAB 5.0 MAT-file,b\n" + b"1,2\n" * 60,
    b"SIMPLE,T\n1,2\n",
    b"Salted,b\n1,2\n",
    b"0120,CNLD\n" * 20,
    b"Code,Name,Value\n" + b"1,x,2\n" * 20,
    b"code,Name,Value\n" + b"1,x,2\n" * 20,
    b"1234567890,NAME,C\n" * 9,
    "€,b\n1,2\n".encode("cp1252"),
    "\u0480a,b\n1,2\n".encode("utf-16-le"),
    b"rs1,stata\n" + b"r,1\n" * 20,
    b"12345678DUCK,b\n1,2\n",
    b"-- comment,b\n1,2\n",
    b"--,b\n1,2\n",
    b"set,name\n1,x;y\n",
    b"use case,description;\n1,x\n",
    b"statement,ms\nINSERT INTO a VALUES (1),3\n",
    b"insert,into,values\n1,2,3\n",
    b"CREATE TABLE,b\n1,2\n",
    b"create,table a (b)\n1,2\n",
    b"BEGIN:VCARD,b\n1,2\n",
    b"@article,{b\n1,2\n",
    b"TY  - JOUR,b\n1,2\n",
    b"TY,AU\n1,2\n",
]


@pytest.mark.parametrize(("kind", "data"), FILES)
def test_each_kind_is_told_with_the_way_out(kind, data, tmp_path):
    assert sniff(data[:8192]) == kind
    (tmp_path / "table.csv").write_bytes(data)
    report = Engine(roots=[tmp_path]).check(tmp_path / "table.csv")
    (finding,) = report.findings
    assert (finding.code, finding.count, report.verdict) == ("access/media-type", 1, "inconclusive")
    sample = finding.samples[0]
    assert sample.message == f"{tmp_path / 'table.csv'} is {APPLICATIONS[kind].words} where CSV was promised"
    assert (sample.location.file, sample.location.line, sample.location.byte) == (str(tmp_path / "table.csv"), 1, 0)
    assert finding.hint == APPLICATIONS[kind].hint


def test_it_is_seen_through_compression(tmp_path):
    """As R writes its files."""
    (tmp_path / "table.csv").write_bytes(gzip.compress(b"RDX3\nX\n\0\0\0\3" + bytes(300)))
    (finding,) = Engine(roots=[tmp_path]).check(tmp_path / "table.csv").findings
    assert finding.samples[0].message.endswith("table.csv is a file of R (RDS or RData) where CSV was promised")


@pytest.mark.parametrize("data", TABLES)
def test_tables_that_begin_alike_are_text(data):
    assert sniff(data) == "text"


def test_every_kind_is_met_here():
    assert {kind for kind, _ in FILES} == set(APPLICATIONS)


@pytest.mark.parametrize("method", ["JSON", "JSONL", "XML"])
def test_a_dump_where_documents_were_promised(method, tmp_path):
    (tmp_path / "x").write_bytes(b"INSERT INTO a (id) VALUES (1);\n")
    definition = {"ingestMethod": method, "ingestURL": str(tmp_path / "x")}
    if method == "XML":
        definition["documentElement"] = "a"
    (finding,) = Engine(roots=[tmp_path]).check(definition).findings
    assert finding.code == "access/media-type"


def test_a_word_document_is_no_workbook(tmp_path):
    (tmp_path / "x.xlsx").write_bytes(zipped("[Content_Types].xml", "word/document.xml"))
    (finding,) = Engine(roots=[tmp_path]).check(tmp_path / "x.xlsx").findings
    assert finding.samples[0].message.endswith("x.xlsx is a Word document where EXCEL was promised")
