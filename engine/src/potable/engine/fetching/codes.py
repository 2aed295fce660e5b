"""The ``access/*`` codes: what can be wrong on the way from a definition to its bytes.

Most are blocking: where the data can't be had, nothing can be said of them.
"""

from __future__ import annotations

from functools import partial

from potable.engine.findings import Code, Severity

_error = partial(Code, severity=Severity.ERROR)
_blocking = partial(Code, severity=Severity.ERROR, blocking=True)
_warning = partial(Code, severity=Severity.WARNING)
_info = partial(Code, severity=Severity.INFO)

NOT_FOUND = _blocking(
    id="access/not-found",
    title="Source not found",
    meaning="Nothing lies where the definition points: the file doesn't exist, no name matches, or the server "
    "answers 404 or 410.",
    why="The data moved or the definition is misspelt; an ingest would see an empty source.",
    example="ingestURL: data/penguin.csv   (the file is data/penguins.csv)",
    mend="Correct ingestURL (or filenamePattern); ask the source's owner for the new address if it has moved.",
    misses="A server that answers 200 with a page saying 'not found' is access/media-type, if that page is HTML.",
)
UNREACHABLE = _blocking(
    id="access/unreachable",
    title="Source can't be reached",
    meaning="No connection came about, or it broke before an answer: the host name has no address, the connection "
    "was refused or reset, or there's no route.",
    why="Without a connection there are no data to judge.",
    example="ingestURL: https://exmaple.org/data.csv   (the host name doesn't exist)",
    mend="Check the host name and port in the definition, and that this machine may reach it; else try again later.",
)
TIMEOUT = _blocking(
    id="access/timeout",
    title="Source too slow",
    meaning="The server took longer than allowed: to accept the connection, to send the next bytes, or for the "
    "whole fetch.",
    why="A fetch that doesn't end would hold up all that comes after it.",
    example="A server that sends one byte a second: limit fetch_seconds.",
    mend="Try again later; if the source is large or slow by nature, raise the limit that the message names.",
)
HTTP_STATUS = _blocking(
    id="access/http-status",
    title="Server answers with an error",
    meaning="The server's answer has a status that isn't a success and has no code of its own, such as 400 or 500.",
    why="The body of such an answer is an error message, not data.",
    example="HTTP/1.1 500 Internal Server Error",
    mend="Open the address in a browser; for 4xx correct ingestURL and its parameters, for 5xx tell its owner.",
)
TLS = _blocking(
    id="access/tls",
    title="Secure connection failed",
    meaning="The server's certificate can't be trusted (self-signed, expired, for another host, unknown authority), "
    "or the TLS handshake failed.",
    why="Without a trusted certificate nobody can say who sent the data.",
    example="https://self-signed.example.org/data.csv",
    mend="Have the server's certificate renewed or corrected; for a private authority let SSL_CERT_FILE name its "
    "certificate file.",
)
HOST_KEY = _blocking(
    id="access/host-key",
    title="Server whose key isn't known",
    meaning="The SFTP server's key isn't the declared hostKey, or nothing is known of it: no hostKey is declared, and "
    "the known_hosts file has no line for the server.",
    why="Without a known key nobody can say who sends the data, and who gets the password.",
    example="ingestURL: sftp://data.example.org/export.csv   (and no hostKey)",
    mend="Ask the server's owner for the key's fingerprint (ssh-keygen -l shows it), compare it with the message, and "
    "declare it as hostKey.",
)
UNAUTHORIZED = _blocking(
    id="access/unauthorized",
    title="Access refused",
    meaning="The server wants credentials or refuses those given (401, 403, 407), or a local file may not be read.",
    why="Data that can't be read can't be judged.",
    example="HTTP/1.1 403 Forbidden",
    mend="Give Potable the right to read the source: credentials that are still valid, or the file's read permission.",
    misses="A server that answers 200 with a sign-in page is access/media-type.",
)
TOO_MANY_REDIRECTS = _blocking(
    id="access/too-many-redirects",
    title="Redirected too often",
    meaning="The server sends the request in a circle, or on and on beyond the limit.",
    why="The chain has no end, so no data come.",
    example="/a answers 'see /b', /b answers 'see /a'.",
    mend="Open the address in a browser and put the final address into ingestURL; a sign-in service is a common cause.",
)
BLOCKED_ADDRESS = _blocking(
    id="access/blocked-address",
    title="Address that isn't allowed",
    meaning="The address, or one that it redirects to, isn't public (loopback, private network, link-local, "
    "reserved), has a scheme other than http or https, or is a file outside the folders that sources may lie in.",
    why="A definition must not make Potable read its own machine's or network's secrets.",
    example="ingestURL: http://169.254.169.254/latest/meta-data/",
    mend="Use a public address; if the source is meant to be private, let the operator name its host in "
    "POTABLE_ALLOW_HOSTS, or its folder in POTABLE_ROOTS (in a program: Engine(allow_hosts=…, roots=…)).",
)
TOO_LARGE = _blocking(
    id="access/too-large",
    title="Source too large",
    meaning="The source has more bytes, or more files, than the limit that the message names.",
    why="An endless or unexpectedly large source would fill the disk.",
    example="A server whose answer never ends: limit fetch_bytes.",
    mend="Check that the address gives just the data; if it does, raise the limit that the message names.",
)
EMPTY = _blocking(
    id="access/empty",
    title="Source is empty",
    meaning="The file or the answer has no bytes, or nothing but blanks.",
    why="Ingesting nothing may wipe what was ingested before.",
    example="HTTP/1.1 200 OK, Content-Length: 0",
    mend="Ask the source's owner why the export is empty, and check the parameters in ingestURL.",
)
TRUNCATED = _blocking(
    id="access/truncated",
    title="Transfer broke off",
    meaning="Fewer bytes came than the server announced, each time it was tried.",
    why="The end of the data is missing; what came looks whole but isn't.",
    example="Content-Length: 1048576, but the connection closes after 300000 bytes.",
    mend="Try again later; if it stays, tell the source's owner that transfers break off at that byte.",
    misses="A server that announces no length and closes the connection: its end can't be told from a break. The "
    "coverage says so, and access/unproven-end where the data look cut off.",
)
UNPROVEN_END = _warning(
    id="access/unproven-end",
    title="Data may have been cut off",
    meaning="The server doesn't announce how long the data are, and they end within a line: all lines but the last "
    "one have a line end. The transfer may have broken off there.",
    why="Of an answer without a length the end can't be told from a break: records may be missing, and the last value "
    "may be the beginning of another one.",
    example="HTTP/1.0 200 OK, neither Content-Length nor chunked, and '...7,12' behind the last line end",
    mend="Fetch the data again and compare their size; ask the source's owner to let the server send Content-Length, "
    "or to end the last line. Declare bytes or hash in the definition where the data are known.",
    misses="A transfer that broke off between two lines. Data whose writer leaves the last line without an end are "
    "told of though they're whole.",
    suppressed_by=("access/checksum", "access/byte-count", "csv/cut-off", "csv/unclosed-quote", "json/cut-off"),
)
MEDIA_TYPE = _blocking(
    id="access/media-type",
    title="Something other than the promised data",
    meaning="The bytes are of another kind than the definition promises: an HTML page (sign-in, error, 'not found'), "
    "another format where CSV, JSON or XML should be, a file of a statistics package (SAS, SPSS, Stata, R), of dBASE, "
    "Access or Lotus, an SQL dump, a server's error as XML (a SOAP fault, errors of OAI-PMH, of S3, of OGC services), "
    "or binary data of no known kind. It is told by the bytes, not by the header alone.",
    why="Read as data, a web page gives thousands of misleading findings, or worse, a few records.",
    example="<!DOCTYPE html><title>Sign in</title>   where CSV was promised",
    mend="Open the address in a browser; give the address of the data themselves, or correct ingestMethod.",
    misses="A plain-text error message can't be told from a CSV file of one column.",
)
REDIRECTED_HOST = _warning(
    id="access/redirected-host",
    title="Data come from another host",
    meaning="The server redirects to another host, and the data come from there.",
    why="The source may be about to move, or its domain to lapse; credentials aren't sent on to another host.",
    example="https://old.example.org/data.csv redirects to https://new.example.com/data.csv",
    mend="If the new host is the source's own, put its address into ingestURL.",
)
INSECURE_REDIRECT = _warning(
    id="access/insecure-redirect",
    title="Redirected to an unencrypted address",
    meaning="A request over https was redirected to http.",
    why="Anyone on the way can read and change the data.",
    example="https://example.org/data.csv redirects to http://example.org/data.csv",
    mend="Tell the source's owner; look for an https address that doesn't redirect.",
)
NOT_MODIFIED = _info(
    id="access/not-modified",
    title="Source unchanged",
    meaning="The server says that the source is the same as when it was last fetched; the kept bytes were checked.",
    why="The findings are those of the kept snapshot; nothing new was downloaded.",
    example="HTTP/1.1 304 Not Modified",
    mend="Nothing to do. If the source should have changed, ask its owner.",
)
NOT_A_FILE = _blocking(
    id="access/not-a-file",
    title="Not a file",
    meaning="ingestURL names a folder without saying which of its files, or something that can't be read as a file: "
    "a pipe, a socket, a device.",
    why="Such things have no definite content, and reading one may never end.",
    example="ingestURL: data/   (and no filenamePattern)",
    mend="Name a file, or add filenamePattern to choose among the files of a folder.",
)
CHANGED = _blocking(
    id="access/changed",
    title="File changed while it was read",
    meaning="The file's size or modification time at the end of the run isn't what it was at the start; or it isn't "
    "the file of the snapshot that was to be run on again.",
    why="What was checked is neither the old content nor the new one.",
    example="An export job that writes data.csv while the run reads it.",
    mend="Run again when the file is complete; let the export write to another name and rename it at the end.",
    misses="A change that leaves both the size and the modification time as they were.",
)
PROTOCOL = _blocking(
    id="access/protocol",
    title="Server breaks the protocol",
    meaning="The server's answer isn't valid in its own protocol; the message quotes the server's words.",
    why="What follows such an answer can't be trusted to be the data.",
    example="A port that answers 'SSH-2.0-OpenSSH_9.2' to an HTTP request; an FTP server that answers '551 page type "
    "unknown'; a page of a paged source that has the member error, and no records.",
    mend="Check the scheme and the port in ingestURL; else tell the source's owner.",
)
COMPRESSION = _blocking(
    id="access/compression",
    title="Compressed data can't be unpacked",
    meaning="The compressed bytes are corrupt, break off, are of an unknown kind, or unpack to more than a limit; or "
    "the bytes aren't compressed as the definition declares (compression).",
    why="The data can't be read to their end; a few kilobytes can be made to unpack to terabytes.",
    example="A .csv.gz whose last bytes are missing.",
    mend="Fetch and unpack the file by hand to see whether it's whole; ask the source's owner for a new one; if the "
    "data are that large, raise the limit that the message names.",
)
ARCHIVE = _blocking(
    id="access/archive",
    title="Archive can't be used",
    meaning="A zip or tar archive is corrupt or encrypted, no member matches, two are called alike, a member's name "
    "leads out of the archive, or a chosen member is a link or a device.",
    why="The data can't be taken out of it safely.",
    example="A member named ../../etc/passwd",
    mend="Correct filenamePattern, or ask the source's owner for an archive with plain relative names.",
)
ENDLESS_PAGES = _blocking(
    id="access/endless-pages",
    title="Pages repeat",
    meaning="A paged source gives the records of an earlier page again instead of the next ones, or has no last page.",
    why="The server ignores the paging parameter: following it would never end and count records many times.",
    example="?offset=100 answers the same records as ?offset=0",
    mend="Correct offsetParam and limitParam; check in a browser that the second page differs.",
)
INCOMPLETE_PAGES = _error(
    id="access/incomplete-pages",
    title="Fewer records than announced",
    meaning="The pages of a source end with fewer records than the source announces: in a member such as total, "
    "totalCount, numFound, numberMatched or hits.total, in an attribute or element of XML, or in a header such as "
    "X-Total-Count. Or a source that isn't asked for in pages answers with the first of several: it announces more "
    "records, or names a next page in a member such as next, nextLink or hasMore, in a list of links (rel: next), in "
    "the header Link, by OAI-PMH's resumptionToken, or by Atom's link where its entries are read as XML. So does a "
    "file that such an answer was saved in, or each of several.",
    why="Records are missing, and an ingest that asks in the same way would take them for deleted. Often the server "
    "gives fewer records in a page than limitValue, so that the first page looks like the last one.",
    example='{"total": 200, "items": [… 50 records …]}   in answer to limit=100',
    mend="Set limitValue to the number of records that the server gives in a page, and offsetParam where the source "
    "isn't asked for in pages yet; else tell the source's owner.",
    misses="A source that announces no number, or under another name. A number of that name that means something "
    "else is taken for it if it's greater than the number of records. Without offsetParam a name such as total or "
    "count is looked at only beside the records or others of pages (limit); answers of more than 16 MiB aren't. Feeds "
    "that are read as such (RSS) are the latest entries by nature.",
    dataset=True,
    suppressed_by=("access/endless-pages",),
)
MISSING_PAGE = _info(
    id="access/missing-page",
    title="Pages end with 'not found'",
    meaning="Behind a full page the server answers 404 (or 204, or 416) to the question for the next one. That is "
    "taken for the end.",
    why="Many servers end so; but a page in the middle that can't be had looks the same.",
    example="?offset=200 answers 404, after ?offset=100 gave a hundred records",
    mend="Nothing to do if the number of records is right; records: {min: …} in the definition keeps watch over it.",
)
NO_DETAILS = _error(
    id="access/no-details",
    title="Record without its details",
    meaning="A record of a list has no identifier to ask for its details with (idJsonPath), the server refuses them, "
    "or its answer doesn't hold them.",
    why="The record is ingested without the part that mergeIngestURLTemplate was to bring.",
    example="The list names record 7, but https://example.org/records/7 answers 404.",
    mend="Open the details' address in a browser; correct idJsonPath, mergeIngestURLTemplate or mergeDocElName, or "
    "tell the source's owner.",
)
OTHER_MEMBERS = _info(
    id="access/other-members",
    title="Files of an archive that aren't read",
    meaning="An archive has files of the promised format, which are read, and others that are called as data of "
    "another one are; the definition doesn't say which are meant.",
    why="What is in those files isn't checked.",
    example="data.zip with 2023.csv, which is read, and 2024.xlsx",
    mend="Name the files that hold the data in filenamePattern; those of other formats need a source of their own.",
    misses="Files that aren't called as data (.txt, .dat); descriptions as datapackage.json and meta.xml aren't told.",
)
CHECKSUM = _error(
    id="access/checksum",
    title="Checksum differs",
    meaning="The bytes, as they came, don't have the checksum that the definition declares.",
    why="The file isn't the one that was described: changed, damaged or swapped.",
    example="hash: sha256:9f86d0…   but the file has another digest",
    mend="Fetch the file again; if it was meant to change, update the checksum in the definition.",
    misses="Nothing, but that a source of several parts can only be compared by the SHA-256 that a report gives as "
    "source.snapshot.sha256, and a sample of which not all was fetched isn't compared (the coverage says so).",
)
BYTE_COUNT = _error(
    id="access/byte-count",
    title="Size differs",
    meaning="The source, as it came, hasn't as many bytes as the definition declares: all its parts together.",
    why="The file isn't the one that was described: changed or cut off.",
    example="bytes: 16150   but the file has 12288",
    mend="Fetch the file again; if it was meant to change, update the size in the definition.",
)

CODES: tuple[Code, ...] = (
    NOT_FOUND, UNREACHABLE, TIMEOUT, HTTP_STATUS, TLS, HOST_KEY, UNAUTHORIZED, TOO_MANY_REDIRECTS, BLOCKED_ADDRESS,
    TOO_LARGE, EMPTY, TRUNCATED, UNPROVEN_END, MEDIA_TYPE, REDIRECTED_HOST, INSECURE_REDIRECT, NOT_MODIFIED, NOT_A_FILE,
    CHANGED, PROTOCOL, COMPRESSION, ARCHIVE, ENDLESS_PAGES, INCOMPLETE_PAGES, MISSING_PAGE, NO_DETAILS,
    OTHER_MEMBERS, CHECKSUM, BYTE_COUNT,
)  # fmt: skip
"""All codes of the access family, in the order of the reference."""
