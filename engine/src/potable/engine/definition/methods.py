"""The ingest methods and their parameters: the one table that parsing, lint and the JSON Schema go by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "character", "integer", "boolean", "regex", "path", "secret", "url", "words", "any"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of ingest methods.

    :param name: Foundry's name for it.
    :param kind: what it holds; ``character`` is one character or none, ``words`` a comma list or a list of texts.
    :param doc: what it means; shown by editors.
    :param default: what a reader or fetcher takes where it isn't given; None = nothing.
    :param choices: the only values, in lower-case.
    :param least: least value of an integer.
    :param most: longest text.
    """

    name: str
    kind: Kind
    doc: str
    default: Any = None
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """An ingest method.

    :param name: upper-case.
    :param doc: what it gets.
    :param parameters: names of the parameters it knows, ``ingestURL`` among them.
    :param required: those that must be given; of a tuple, one.
    :param known: False where its parameters aren't listed in full: an unknown one may be right.
    :param defaults: defaults that differ from the parameter's own.
    """

    name: str
    doc: str
    parameters: tuple[str, ...] = ()
    required: tuple[str | tuple[str, ...], ...] = ()
    known: bool = True
    defaults: Mapping[str, Any] | None = None


_P = Parameter
PARAMETERS: Mapping[str, Parameter] = {
    p.name: p
    for p in (
        # every method
        _P("sampleMode", "boolean", "Read only the first sampleSize records.", default=False),
        _P("sampleSize", "integer", "How many records a sample has.", least=1),
        _P("maxDocs", "integer", "Most records to read; -1: all.", least=-1),
        _P("encoding", "text", "The character encoding that the data are declared to have.", most=40),
        _P("hash", "text", "Digest that the data must have: hex (MD5), or algorithm:hex.", most=200),
        _P("bytes", "integer", "Size that the data must have, in bytes."),
        _P("compression", "text", "How the bytes are compressed; told from the bytes when absent.",
           choices=("none", "gzip", "bz2", "xz", "zstd", "zip")),
        # tables
        _P("delimiter", "text", "What separates the cells; may be several characters.", default=",", most=20),
        _P("textQuote", "character", "What quotes a cell.", default='"'),
        _P("escapeCharacter", "character", "What escapes a quote in a cell; none unless given.", default=""),
        _P("headerLine", "integer", "Physical line of the header; 0 = there is none.", default=1),
        _P("ignoreLines", "integer", "How many physical lines to leave out before the data.", default=1),
        _P("locale", "text", "Kept from the old system; has no effect: see Table Schema.", most=40),
        _P("keepMissing", "boolean", "Keep empty cells as empty texts.", default=False),
        _P("comment", "text", "Lines that begin with it aren't data.", default="", most=20),
        _P("sheet", "any", "Name or number (from 1) of the sheet; without it the first that isn't hidden."),
        _P("data", "any", "The records themselves: a list of objects, a list of rows under one of names, or a text."),
        # files
        _P("filenamePattern", "regex", "Which files of a folder, zip or tar archive, searched in their names."),
        _P("useCache", "boolean", "Use a kept copy of the data where there is one.", default=False),
        _P("cacheFilename", "text", "Kept from the old system; has no effect."),
        _P("recursive", "boolean", "Go into sub-folders.", default=False),
        # documents
        _P("parserType", "text", "The data's format.", default="xml", choices=("xml", "json", "jsonl", "csv")),
        _P("topElement", "text", "The element that holds all records."),
        _P("documentElement", "text", "The element that is a record."),
        _P("normalize", "boolean", "Kept from the old system; has no effect.", default=False),
        # paging
        _P("offsetParam", "text", "Query parameter of a page's first record."),
        _P("limitParam", "text", "Query parameter of a page's size."),
        _P("limitValue", "integer", "Records per page: a page with fewer is the last.", default=100, least=1),
        _P("waitTime", "integer", "Pause between requests, in milliseconds.", default=0),
        # filters
        _P("filterJsonPath", "path", "Only records whose value there is filterValue."),
        _P("filterXMLPath", "text", "Only records whose value there is filterValue: a/b, //b, a/@c, or a field path."),
        _P("filterValue", "text", "The value, or re:: and a regular expression that is searched for."),
        # list and detail
        _P("mergeIngestURLTemplate", "url", "URL of a record's details, with one ${var} for its identifier; "
           "${NAME} in upper case and ${file:PATH} refer to credentials."),
        _P("idJsonPath", "path", "Where a record has the identifier for mergeIngestURLTemplate."),
        _P("mergeFieldName", "text", "Member under which the details are put."),
        _P("mergeDocElName", "text", "Member of the details that is merged; else documentElement, else all of them."),
        # OAI-PMH
        _P("metadataPrefix", "text", "OAI-PMH metadata format.", default="oai_dc"),
        _P("allowedSetSpecs", "words", "OAI-PMH sets to harvest, comma-separated; else all records."),
        _P("sourceName", "text", "Kept from the old system; has no effect."),
        _P("sleepTimeSecs", "integer", "Pause between requests, in seconds.", default=1),
        # servers
        _P("username", "text", "User at the server."),
        _P("password", "secret", "Password at the server: ${NAME}, {env: NAME} or {file: PATH}."),
        _P("ftpHost", "text", "Host name of the FTP server; with ftps:// before it the connection is encrypted."),
        _P("remotePath", "text", "Folder or file on the server.", default=""),
        _P("hostKey", "text", "Key of the SFTP server: SHA256:… as ssh-keygen -l shows it, or the public key itself."),
        _P("privateKey", "secret", "Key that the user shows an SFTP server: {file: PATH}, ${NAME} or {env: NAME}."),
        _P("privateKeyPassphrase", "secret", "Opens the privateKey: ${NAME}, {env: NAME} or {file: PATH}."),
        _P("endpointURL", "url", "Address of an S3-compatible server; without it the bucket is Amazon's."),
        _P("region", "text", "Region of the S3 bucket.", default="us-east-1", most=40),
        _P("accessKeyID", "secret", "Access key of S3: ${NAME}, {env: NAME} or {file: PATH}; none if it's public."),
        _P("secretAccessKey", "secret", "Secret key of S3: ${NAME}, {env: NAME} or {file: PATH}."),
        _P("sessionToken", "secret", "Session token of temporary S3 credentials."),
        # databases
        _P("jdbcURL", "url", "JDBC or SQLAlchemy URL of a PostgreSQL, MySQL or MariaDB database, or an SQLite file."),
        _P("dbUser", "text", "User of the database."),
        _P("dbPassword", "secret", "Password of the database: ${NAME}, {env: NAME} or {file: PATH}."),
        _P("schemaName", "text", "Schema of the table."),
        _P("tableName", "text", "The table."),
        _P("tableNames", "words", "Several tables, comma-separated, joined by joinInfo."),
        _P("joinInfo", "text", "Join conditions a.x = b.y, comma-separated; a record of the first table stays alone "
           "where nothing matches."),
        _P("fullRecordsOnly", "boolean", "Leave out records for which a joined table has no row.", default=False),
        _P("dbKey", "text", "Name of a database that the old system knew; has no effect: give jdbcURL."),
        _P("sql", "text", "A SELECT whose column names are unique."),
        # methods of the old system without a fetcher of Potable's own
        _P("rsyncSource", "text", "What rsync copies."),
        _P("arguments", "any", "Arguments of the script or program."),
        _P("fileType", "text", "Type of the files."),
    )
}  # fmt: skip

COMMON = ("sampleMode", "sampleSize", "maxDocs", "encoding", "hash", "bytes", "compression")
"""Parameters that every method knows."""

_TABLE = ("delimiter", "textQuote", "escapeCharacter", "headerLine", "ignoreLines", "locale", "keepMissing",
          "comment")  # fmt: skip
_REMOTE = (
    "hostKey",
    "privateKey",
    "privateKeyPassphrase",
    "endpointURL",
    "region",
    "accessKeyID",
    "secretAccessKey",
    "sessionToken",
)
_FILES = ("ingestURL", "filenamePattern", "useCache", "cacheFilename", "recursive", "username", "password", *_REMOTE)
_PAGING = ("offsetParam", "limitParam", "limitValue", "waitTime")
FILTER = ("filterJsonPath", "filterXMLPath", "filterValue")
OF_RECORDS = frozenset((*FILTER, "sampleMode", "sampleSize", "maxDocs"))
"""Parameters of which records count; the others say how bytes are had and read."""
_MERGE = ("mergeIngestURLTemplate", "idJsonPath", "mergeFieldName", "mergeDocElName")
_DATABASE = ("jdbcURL", "dbUser", "dbPassword", "dbKey", "schemaName", "ingestURL", "username", "password")

METHODS: Mapping[str, Method] = {
    m.name: m
    for m in (
        Method("CSV", "Comma-separated values and other delimited text.", (*_FILES, *_TABLE), ("ingestURL",)),
        Method("XML", "XML records over HTTP or from files, paged or not.",
               (*_FILES, *_PAGING, *FILTER, "topElement", "documentElement", "normalize"),
               ("ingestURL", ("documentElement", "topElement"))),
        Method("WEB", "JSON or XML records over HTTP or from files, paged, filtered, merged with their details.",
               (*_FILES, *_PAGING, *FILTER, *_MERGE, *_TABLE, "parserType", "topElement", "documentElement",
                "normalize"),
               ("ingestURL",)),
        Method("OAI", "OAI-PMH.",
               ("ingestURL", "metadataPrefix", "allowedSetSpecs", "sourceName", "topElement", "documentElement",
                "sleepTimeSecs", "username", "password", "useCache"),
               ("ingestURL",), defaults={"topElement": "ListRecords", "documentElement": "record"}),
        Method("RSS", "RSS and Atom feeds.", ("ingestURL", "useCache", "username", "password"), ("ingestURL",)),
        Method("FTP", "Files on an FTP server.",
               (*_FILES, *_TABLE, "ftpHost", "remotePath", "parserType", "topElement", "documentElement", "normalize"),
               (("ftpHost", "ingestURL"),)),
        Method("DISCO", "Tables of a PostgreSQL, MySQL or MariaDB database.",
               (*_DATABASE, *FILTER, "tableName", "tableNames", "joinInfo", "fullRecordsOnly"),
               (("jdbcURL", "ingestURL"), ("tableName", "tableNames"))),
        Method("SQL", "A SELECT of a database.", (*_DATABASE, *FILTER, "sql"), (("jdbcURL", "ingestURL"), "sql")),
        Method("WAF", "A web folder: every link of an HTML page that ends in .xml is a file.",
               ("ingestURL", "topElement", "documentElement", "useCache", "username", "password", "waitTime"),
               ("ingestURL",)),
        Method("JSON", "A JSON array, or an object that holds one.",
               (*_FILES, *_PAGING, *FILTER, *_MERGE, "documentElement"), ("ingestURL",)),
        Method("JSONL", "JSON Lines.", (*_FILES, *_PAGING, *FILTER), ("ingestURL",)),
        Method("EXCEL", "A sheet of an Excel or OpenDocument workbook.",
               (*_FILES, "sheet", "headerLine", "ignoreLines"), ("ingestURL",)),
        Method("PARQUET", "Parquet files.", _FILES, ("ingestURL",)),
        Method("INLINE", "Records that stand in the definition itself; parserType says what a text of them is.",
               ("data", "parserType", "documentElement", *_TABLE), ("data",), defaults={"parserType": "jsonl"}),
        Method("RSYNC", "Files that rsync copies.",
               (*_FILES, "rsyncSource", "fileType", "parserType", "topElement", "documentElement"), known=False),
        Method("ASPERA", "Files that Aspera copies.", (*_FILES, "fileType", "topElement", "documentElement"),
               known=False),
        Method("RESOURCE", "A resource of the old system.", ("ingestURL", "fileType"), known=False),
        Method("JSON2", "JSON of the old system.", (*_FILES, "documentElement"), known=False),
        Method("SCRIPT", "What a script writes.", ("ingestURL", "arguments", "fileType"), known=False),
    )
}  # fmt: skip
"""The methods by name. Those after ``INLINE`` are known from the old system, but nothing here serves them."""
MEANT: Mapping[str, str] = {
    **dict.fromkeys(("XLS", "XLSX", "XLSM", "XLSB", "ODS"), "EXCEL"),
    **dict.fromkeys(("POSTGRESQL", "POSTGRES", "MYSQL", "MARIADB", "SQLITE"), "SQL"),
    **dict.fromkeys(("HTTP", "HTTPS", "URL", "API", "REST"), "WEB"),
    "TXT": "CSV", "TAB": "TSV", "NDJSON": "JSONL", "ATOM": "RSS", "FEATHER": "ARROW",
}  # fmt: skip
"""What formats, databases and protocols are called as methods."""


def parameters_of(method: str) -> frozenset[str] | None:
    """Names of the parameters of a method; None where they aren't listed in full."""
    found = METHODS.get(method)
    if found is None or not found.known:
        return None
    return frozenset((*found.parameters, *COMMON))


def default(method: str, name: str) -> Any:
    """What is taken where a method's parameter isn't given; None = nothing."""
    found = METHODS.get(method)
    if found is not None and found.defaults is not None and name in found.defaults:
        return found.defaults[name]
    parameter = PARAMETERS.get(name)
    return None if parameter is None else parameter.default
