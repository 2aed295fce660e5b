"""Data Package descriptors (version 1 and 2): each resource is a source.

The resourceID is ``package:resource``, the resource's name alone where the package has none. See
https://datapackage.org/standard/data-package/ and https://specs.frictionlessdata.io/data-package/.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any

from potable.engine.definition import coerce, policy
from potable.engine.definition.draft import Draft
from potable.engine.definition.linked import read_linked
from potable.engine.paths.pointer import escape

_METHOD_OF_FORMAT = {
    "csv": "CSV", "tsv": "CSV", "tab": "CSV", "txt": "CSV", "json": "JSON", "geojson": "JSON", "jsonl": "JSONL",
    "ndjson": "JSONL", "xlsx": "EXCEL", "xls": "EXCEL", "ods": "EXCEL", "parquet": "PARQUET", "xml": "XML",
}  # fmt: skip
_FORMAT_OF_TYPE = {
    "text/csv": "csv", "text/tab-separated-values": "tsv", "application/json": "json", "application/x-ndjson": "jsonl",
    "application/xml": "xml", "text/xml": "xml", "application/vnd.apache.parquet": "parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}  # fmt: skip
_DIALECT = {
    "delimiter": "delimiter", "quoteChar": "textQuote", "escapeChar": "escapeCharacter",
    "commentChar": "comment", "sheetName": "sheet", "sheetNumber": "sheet", "property": "documentElement",
}  # fmt: skip
_DIALECT_SILENT = frozenset(
    (
        "lineTerminator",
        "csvddfVersion",
        "$schema",
        "type",
        "title",
        "description",
        "name",
        "profile",
        "headerJoin",
        "itemKeys",
    )
)
_RESOURCE = frozenset(
    ("name", "path", "data", "schema", "title", "description", "format", "mediatype", "encoding", "bytes", "hash",
     "sources", "licenses", "dialect", "type", "profile", "compression", "homepage", "version", "created", "$schema")
)  # fmt: skip
_ELSEWHERE = frozenset(("layout", "control", "extrapaths", "innerpath", "detector", "scheme"))
"""Members that frictionless-py reads beside those of the standard, and nothing here."""
_NATIVE = frozenset(
    ("primaryKey", "qcRules", "errPerc", "dupPerc", "accounting", "records", "checks", "severity", "values", "hold",
     "missingValues", "owner", "contact", "tags")
)  # fmt: skip
_WITHOUT_EFFECT: Mapping[str, Any] = {
    "doubleQuote": True, "skipInitialSpace": False, "caseSensitiveHeader": None, "nullSequence": None,
    "itemType": "object", "commentRows": [], "table": None,
}  # fmt: skip
_DIALECT_KNOWN = frozenset((*_DIALECT, *_DIALECT_SILENT, *_WITHOUT_EFFECT, "header", "headerRows"))


def matches(value: Mapping[str, Any]) -> bool:
    """Whether a document is a descriptor of a package."""
    resources = value.get("resources")
    return isinstance(resources, list) and any(
        isinstance(r, dict) and ("path" in r or "data" in r or "schema" in r) for r in resources
    )


def adapt(draft: Draft, package: Mapping[str, Any], resource: Mapping[str, Any]) -> None:
    """Fill the draft with one resource; ``draft.index`` is its JSON Pointer."""
    draft.format = "data-package"
    _identify(draft, package, resource)
    for name, native in (("title", "name"), ("description", "description"), ("schema", "schema"), ("hash", "hash"),
                         ("bytes", "bytes"), ("encoding", "encoding"), ("compression", "compression")):  # fmt: skip
        if resource.get(name) not in (None, ""):
            draft.put(native, resource[name], f"/{name}")
    draft.members.setdefault("name", resource.get("name"))
    found = _format(resource)
    inline = resource.get("path") is None and resource.get("data") is not None
    method = "INLINE" if inline else _METHOD_OF_FORMAT.get(found, found.upper())
    draft.put("ingestMethod", method, _first(resource, "format", "mediatype", "path", "data"))
    if inline:
        _data(draft, resource["data"], found)
    else:
        _path(draft, resource)
    if found in ("tsv", "tab"):
        draft.put("delimiter", "\t", "/format" if "format" in resource else "/path")
    _dialect(draft, resource.get("dialect"))
    for name, value in resource.items():
        # Native members (checks, errPerc, ...) extend a resource: the standard allows further properties.
        if name in _NATIVE:
            draft.put(name, value, f"/{name}")
        elif name in _ELSEWHERE and value not in (None, "", [], {}):
            policy.no_effect(draft, f"/{name}", "the resource's member", name, ())
    policy.slips(draft, "", resource, _RESOURCE | _NATIVE | _ELSEWHERE)


def _identify(draft: Draft, package: Mapping[str, Any], resource: Mapping[str, Any]) -> None:
    names = [n for n in (package.get("name"), resource.get("name")) if isinstance(n, str) and n.strip()]
    if isinstance(resource.get("name"), str) and resource["name"].strip():
        draft.put("resourceID", ":".join(n.strip().replace("/", "-") for n in names), "/name")


def _format(resource: Mapping[str, Any]) -> str:
    """The resource's format, as it says itself or its path tells."""
    given = resource.get("format")
    if isinstance(given, str) and given.strip():
        return given.strip().lstrip(".").lower()
    media_type = resource.get("mediatype")
    if isinstance(media_type, str) and media_type.lower() in _FORMAT_OF_TYPE:
        return _FORMAT_OF_TYPE[media_type.lower()]
    path = resource.get("path")
    first = path[0] if isinstance(path, list) and path else path
    name = re.split(r"[?#]", first)[0].lower() if isinstance(first, str) else ""
    stem, suffix = posixpath.splitext(name)
    if suffix in (".gz", ".bz2", ".xz", ".zst", ".zip"):
        suffix = posixpath.splitext(stem)[1]
    return suffix[1:] if suffix[1:] in _METHOD_OF_FORMAT else "csv"


def _path(draft: Draft, resource: Mapping[str, Any]) -> None:
    path = resource.get("path")
    if isinstance(path, str):
        draft.put("ingestURL", path, "/path")
    elif isinstance(path, list) and path and all(isinstance(p, str) for p in path):
        _several(draft, path)
    elif path is not None:
        draft.moved["/ingestURL"] = (draft.file, draft.document, f"{draft.index}/path")
        message = f"path is {coerce.shown(path)}: a path, or a list of paths, is needed"
        draft.note("bad-value", message, "/ingestURL")


def _data(draft: Draft, data: Any, found: str) -> None:
    """Records in the descriptor itself; a text is in the resource's format."""
    draft.put("data", data, "/data")
    if isinstance(data, str):
        draft.put("parserType", {"tsv": "csv", "tab": "csv", "txt": "csv"}.get(found, found), "/format")


def _several(draft: Draft, path: list[str]) -> None:
    """Several files of one shape: their folder and a pattern of their names."""
    folders = {posixpath.dirname(p) for p in path}
    if len(path) == 1:
        draft.put("ingestURL", path[0], "/path/0")
        return
    draft.put("ingestURL", folders.pop() or ".", "/path")
    if folders or "://" in path[0]:
        draft.note("bad-value", "several paths must be files of one local folder", "/ingestURL")
        return
    names = "|".join(re.escape(posixpath.basename(p)) for p in path)
    draft.put("filenamePattern", f"^(?:{names})$", "/path")


def _dialect(draft: Draft, dialect: Any) -> None:
    if dialect is None or dialect == "":
        return
    draft.moved["/dialect"] = (draft.file, draft.document, f"{draft.index}/dialect")
    if isinstance(dialect, str):
        dialect = read_linked(draft, "/dialect", dialect)
        if dialect is None:
            return
    if not isinstance(dialect, dict):
        draft.note("bad-value", f"the dialect is {coerce.shown(dialect)}: an object is needed", "/dialect")
        return
    for name, value in dialect.items():
        at = f"/dialect/{escape(name)}"
        if value is None or name in _DIALECT_SILENT:
            continue
        if name in _DIALECT:
            draft.put_at(_DIALECT[name], value, at)
        elif name == "header":
            if value is False and "headerRows" not in dialect:
                draft.put_at("headerLine", 0, at)
                draft.put_at("ignoreLines", 0, at)
        elif name == "headerRows":
            _header_rows(draft, value, at)
        elif name not in _WITHOUT_EFFECT or value not in (_WITHOUT_EFFECT[name], None):
            policy.no_effect(draft, at, "the dialect's member", name, _DIALECT_KNOWN)


def _header_rows(draft: Draft, rows: Any, at: str) -> None:
    if rows == [] or rows is False:
        draft.put_at("headerLine", 0, at)
        draft.put_at("ignoreLines", 0, at)
    elif isinstance(rows, list) and len(rows) == 1 and isinstance(rows[0], int) and rows[0] > 0:
        draft.put_at("headerLine", rows[0], f"{at}/0")
        draft.put_at("ignoreLines", rows[0], f"{at}/0")
    else:
        draft.note("bad-value", "headerRows must name one line: a header of several isn't supported", at)


def _first(resource: Mapping[str, Any], *names: str) -> str:
    return next((f"/{n}" for n in names if n in resource), "")
