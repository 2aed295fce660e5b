"""The members of a native definition that aren't parameters of its ingest method, and names that were meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from potable.engine.definition.methods import METHODS, PARAMETERS, parameters_of
from potable.engine.errors import likely, slip

MEMBERS: Mapping[str, str] = {
    "$schema": "URL of this JSON Schema, for editors.",
    "resourceID": "The source's identifier: letters, digits and . _ : -, at most 200.",
    "name": "The source's name.",
    "owner": "Who answers for the source; shown in reports.",
    "contact": "How to reach the owner; shown in reports.",
    "tags": "Free tags; shown in reports.",
    "description": "Free text; shown in reports.",
    "ingestMethod": "How the data are fetched and read, in any case: CSV, WEB, XML, OAI, ...",
    "ingestURL": "Where the data are: a URL, or a path relative to the definition.",
    "primaryKey": "Column name or field path, or a list of them, that identifies a record.",
    "primaryKeyJSONPath": "The same as primaryKey.",
    "originalRecordIdentifierSpec": "The primary key in the old system's form: fields, delimiter, method.",
    "keyDelimiter": "Joins the values of a key of several fields; ':' unless given.",
    "schema": "Table Schema or JSON Schema of the records, told by its shape; inline or a file.",
    "tableSchema": "Table Schema of the records; inline or a file.",
    "jsonSchema": "JSON Schema of the records; inline or a file.",
    "xsd": "XML Schema of the records; inline or a file.",
    "relaxng": "RELAX NG schema of the records; inline or a file.",
    "schematron": "Schematron schema of the records; inline or a file.",
    "missingValues": "Texts that count as missing; [''] unless given.",
    "qcRules": "QC rules: a mapping from rule type to a list of rules.",
    "qcRulesYamlFile": "A file of QC rules.",
    "errPerc": "Tolerated share of records with errors, in percent.",
    "dupPerc": "Tolerated share of surplus duplicates, in percent.",
    "accounting": "Tolerated increase and decrease of the number of records, in percent; off, also for one of the two: "
    "not compared.",
    "skipCheck": "Don't compare the number of records with earlier runs.",
    "records": "Least (min) and greatest (max) number of records.",
    "checks": "Options by checker name; off or false switches a checker off.",
    "severity": "Severity by code or family of codes (text), for all fields or by field: error, warning, info or off.",
    "values": "Whether reports quote values: shown, masked or none; also by field.",
    "hold": "No run is allowed.",
    "preprocessScript": "Kept from the old system; never run.",
    "transformScript": "Kept from the old system; never run.",
    "mappingScript": "Kept from the old system; never run.",
}
"""What a definition may say whatever its method, with the text that editors show."""

CARRIED = frozenset(
    ("sourceID", "scrID", "repositoryID", "dataSource", "mappingFile", "collectionName", "dataModel",
     "enhancerParameters", "useCache", "provenance", "crawlFrequency", "allowDuplicates", "documentProcessing",
     "batchInfos")
)  # fmt: skip
"""Members of the old system that are carried along and not checked."""

ALIASES: Mapping[str, str] = {
    "rysncsource": "rsyncSource",
    "filenamepattern": "filenamePattern",
    "args": "arguments",
    "datatype": "fileType",
    "escapechar": "escapeCharacter",
    "transformationscript": "transformScript",
    "cachemode": "useCache",
    "id": "resourceID",
    "identifier": "resourceID",
    "url": "ingestURL",
    "uri": "ingestURL",
    "path": "ingestURL",
    "file": "ingestURL",
    "method": "ingestMethod",
    "key": "primaryKey",
    "primarykeys": "primaryKey",
    "sep": "delimiter",
    "separator": "delimiter",
    "fielddelimiter": "delimiter",
    "quote": "textQuote",
    "quotechar": "textQuote",
    "quotecharacter": "textQuote",
    "escape": "escapeCharacter",
    "header": "headerLine",
    "headerrow": "headerLine",
    "skiplines": "ignoreLines",
    "skiprows": "ignoreLines",
    "comments": "comment",
    "commentchar": "comment",
    "commentcharacter": "comment",
    "charset": "encoding",
    "na": "missingValues",
    "nullvalues": "missingValues",
    "missing": "missingValues",
    "rules": "qcRules",
    "rowcount": "records",
    "checkers": "checks",
    "md5": "hash",
    "sha256": "hash",
    "checksum": "hash",
    "user": "username",
    "login": "username",
    "host": "ftpHost",
    "query": "sql",
}
"""Names that mean a known one although they don't look like it, in lower-case."""


def meant(name: str, known: Iterable[str], *, sure: bool = False) -> str | None:
    """The known name that ``name`` was most likely meant to be; one of another method's where that's plainly meant.

    :param sure: only where there is hardly a doubt, because ``name`` may be right.
    """
    names = frozenset(known)
    folded = "".join(c for c in name.strip().casefold() if c not in "_- ")
    for candidates in (names, PARAMETERS):
        same = next((k for k in sorted(candidates) if k.casefold() == folded), None)
        if same is not None and same != name:
            return same
    alias = ALIASES.get(folded)
    if alias is not None and (alias in names or alias in PARAMETERS):
        return alias
    return slip(name, names) if sure else next(iter(likely(name, sorted(names))), None)


def known_names(method: str) -> frozenset[str]:
    """Every name that a definition of this method may have; of all methods where its own aren't listed in full."""
    own = parameters_of(method)
    if own is None:
        found = METHODS.get(method)
        own = frozenset(PARAMETERS) if found is None else frozenset((*PARAMETERS, *found.parameters))
    return own | MEMBERS.keys() | CARRIED
