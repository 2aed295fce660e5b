"""Files of programs that Potable doesn't read, told by their first bytes: statistics packages, old databases and
spreadsheets, dumps, lists of addresses and references.

Each has words for a message and the way to data that can be read.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from potable.engine.lazyregex import lazy_regex


@dataclass(frozen=True, slots=True)
class Application:
    """A kind of file.

    :ivar words: what it is, as a message says it. :ivar hint: how to get readable data out of it.
    """

    words: str
    hint: str


def _exported(how: str) -> str:
    return f"Have the table exported as CSV or Parquet: {how}."


APPLICATIONS: dict[str, Application] = {
    "sas": Application("a SAS data set", _exported("PROC EXPORT in SAS, haven::read_sas() in R, pandas.read_sas()")),
    "sas-transport": Application(
        "a SAS transport file (XPORT)", _exported("PROC EXPORT in SAS, haven::read_xpt() in R, pandas.read_sas()")
    ),
    "spss": Application(
        "an SPSS file", _exported("SAVE TRANSLATE in SPSS, haven::read_spss() in R, pandas.read_spss()")
    ),
    "stata": Application(
        "a Stata data set", _exported("export delimited in Stata, haven::read_dta() in R, pandas.read_stata()")
    ),
    "r": Application("a file of R (RDS or RData)", _exported("write.csv(..., row.names = FALSE) in R")),
    "dbase": Application("a dBASE table (DBF)", _exported("a spreadsheet program opens it, and so do GIS programs")),
    "lotus": Application("a Lotus 1-2-3 spreadsheet", _exported("LibreOffice opens it")),
    "matlab": Application("a MATLAB file", _exported("writetable() in MATLAB, scipy.io.loadmat() in Python")),
    "iwork": Application(
        "a document of Apple's Numbers, Pages or Keynote", _exported("File > Export To > CSV in Numbers")
    ),
    "word": Application("a Word document", "Have the table itself sent, as CSV or as a workbook."),
    "pickle": Application(
        "a pickled object of Python",
        "Have the table written as CSV or Parquet (DataFrame.to_parquet); a pickle of strangers may run any code.",
    ),
    "shapefile": Application("a shapefile of maps", "Have it exported as GeoJSON, or as CSV: ogr2ogr does both."),
    "duckdb": Application("a DuckDB database", _exported("COPY name TO 'name.parquet' in DuckDB")),
    "fits": Application("a FITS file", _exported("astropy.table.Table.read(...).write('name.csv') in Python")),
    "appledouble": Application(
        "the attributes of a file, which macOS keeps beside it under a name that begins with ._,",
        "Take the file itself, of the name without ._; archives made on a Mac have both.",
    ),
    "encrypted": Application("an encrypted file", "Decrypt it before, or have it sent unencrypted over HTTPS."),
    "sql": Application(
        "an SQL dump",
        "Load it into a database and set ingestMethod to SQL; or have the table exported as CSV: mysqldump --tab, "
        "COPY name TO STDOUT WITH CSV HEADER in psql, .mode csv in sqlite3.",
    ),
    "contacts": Application("a list of contacts or events (vCard, iCalendar)", _exported("address books do that")),
    "references": Application(
        "a list of references (BibTeX, RIS)", _exported("reference managers do that, and write JSON too")
    ),
}
"""By kind."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00", "sas"),
    (b"HEADER RECORD*******LIB", "sas-transport"),
    (b"$FL2@(#)", "spss"),
    (b"$FL3@(#)", "spss"),
    (b"<stata_dta><header>", "stata"),
    (b"RDX2\nX\n", "r"),
    (b"RDX3\nX\n", "r"),
    (b"RDA2\nA\n", "r"),
    (b"RDA3\nA\n", "r"),
    (b"X\n\x00\x00\x00\x02\x00", "r"),
    (b"X\n\x00\x00\x00\x03\x00", "r"),
    (b"\x00\x00\x02\x00\x04\x04", "lotus"),
    (b"\x00\x00\x02\x00\x06\x04", "lotus"),
    (b"\x00\x00\x1a\x00\x00\x10\x04\x00", "lotus"),
    (b"\x00\x00\x1a\x00\x02\x10\x04\x00", "lotus"),
    (b"\x00\x00\x27\x0a" + bytes(20), "shapefile"),
    (b"SIMPLE  =                    T", "fits"),
    (b"\x00\x05\x16\x07\x00\x02\x00\x00", "appledouble"),
    (b"Salted__", "encrypted"),
    (b"-----BEGIN PGP MESSAGE-----", "encrypted"),
)
_DBASE = frozenset(b"\x02\x03\x30\x31\x32\x43\x63\x83\x8b\xcb\xf5\xfb")
_DBASE_TYPES = frozenset(b"CNLDMFBGPYTIV0@+OQW")
_NAMED = b".iwa"
_NAME_IN_DBASE = lazy_regex(rb"[A-Za-z_][A-Za-z0-9_]{0,9}\0")

_TABLE = r"[\w.\"`\[\]$-]{1,130}"
_DUMP = lazy_regex(
    r"(?i)(?:(?:--|/\*) ?(?:mysql dump|mariadb dump|postgresql database (?:cluster )?dump|phpmyadmin sql dump)|"
    rf"insert\s+(?:ignore\s+|or\s+\w+\s+)?into\s+{_TABLE}\s*(?:\([^()]{{1,4000}}\)\s*)?values?\s*\(|"
    rf"create\s+(?:\w+\s+){{0,2}}table\s+(?:if\s+not\s+exists\s+)?{_TABLE}\s*\(|"
    rf"drop\s+table\s+(?:if\s+exists\s+)?{_TABLE}\s*(?:cascade\s*)?;|"
    rf"copy\s+{_TABLE}\s*(?:\([^()]{{1,4000}}\)\s*)?from\s+stdin\b|"
    r"pragma\s+foreign_keys\s*=\s*off\s*;|begin\s+transaction\s*;\s*\n|start\s+transaction\s*;\s*\n)"
)
_BEFORE_DUMP = lazy_regex(
    r"\s+|--(?: [^\n]*)?\n|/\*.{0,2000}?\*/;?|(?i:set|use|lock\s+tables)\s[^;\n]{1,200};", re.DOTALL
)
_TEXTS = (
    (lazy_regex(r"BEGIN:V(?:CARD|CALENDAR)\s*\n", re.IGNORECASE), "contacts"),
    (lazy_regex(r"@[A-Za-z]{3,20}\s*\{\s*[^\s,{}]{1,200}\s*,\s*\n\s*[A-Za-z_-]{2,30}\s*=\s*[\"{\d]"), "references"),
    (lazy_regex(r"TY {2}- [A-Z0-9]{3,5}\s*\n[A-Z][A-Z0-9] {2}- "), "references"),
)


def application_kind(head: bytes) -> str | None:
    """The kind in :data:`APPLICATIONS` that a file's first bytes show, None if they show none of the binary ones."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[8:12] == b"DUCK" and head[12:20].count(0) > 3:
        return "duckdb"
    if head.startswith(b"MATLAB 5.0 MAT-file") and head[126:128] in (b"IM", b"MI"):
        return "matlab"
    if head.startswith(b"MATLAB 7.3 MAT-file") and b"\0" in head[116:128]:
        return "matlab"
    if head[456:].startswith(b"SPSSPORT") or head[:600].translate(None, b"\r\n")[456:].startswith(b"SPSSPORT"):
        return "spss"
    if _is_old_stata(head):
        return "stata"
    if _is_pickle(head):
        return "pickle"
    return "dbase" if _is_dbase(head) else None


def zip_kind(head: bytes) -> str | None:
    """The same of a zip archive, by the names of its first members."""
    if _NAMED in head and b"Index/" in head:
        return "iwork"
    return "word" if b"word/document.xml" in head or b"word/styles.xml" in head else None


def dump_kind(text: str) -> str | None:
    """``sql``, ``contacts`` or ``references``, if a text begins as such; else None."""
    text = text.lstrip("\ufeff \t\r\n")
    for pattern, kind in _TEXTS:
        if pattern.match(text):
            return kind
    at = 0
    while not _DUMP.match(text, at):
        skipped = _BEFORE_DUMP.match(text, at)
        if skipped is None:
            return None
        at = skipped.end()
    return "sql"


def _is_old_stata(head: bytes) -> bool:
    """Its version, the byte order, the kind of file, a zero."""
    return len(head) > 4 and 102 <= head[0] <= 115 and head[1] in (1, 2) and head[2] == 1 and head[3] == 0


def _is_pickle(head: bytes) -> bool:
    """A protocol, and what each of its versions begins with: a frame, or an object that is none of letters."""
    if len(head) < 4 or head[0] != 0x80:
        return False
    return (head[1] in (4, 5) and head[2] == 0x95) or (head[1] in (2, 3) and head[2] in b"}](c" and head[3] != 0)


def _is_dbase(head: bytes) -> bool:
    """By what all versions of the header have: a date, lengths that fit, and a first field of a type that there is."""
    if len(head) < 65 or head[0] not in _DBASE:
        return False
    length, size = struct.unpack_from("<HH", head, 8)
    dated = head[2] <= 12 and head[3] <= 31
    return (
        dated and length >= 65 and size >= 2 and head[12:14] == b"\0\0"
        and _NAME_IN_DBASE.match(head, 32) is not None and head[43] in _DBASE_TYPES
    )  # fmt: skip
