"""A source that nobody has defined: how to read a file of which only its name and its first bytes are known."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from potable.engine.contracts.report import UNNAMED
from potable.engine.contracts.snapshot import Part
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parse import from_mapping
from potable.engine.errors import UsageError
from potable.engine.fetching.files.names import suffix_of
from potable.engine.fetching.sniffing.body import sniff
from potable.engine.findings import Fault
from potable.engine.lazyregex import lazy_regex
from potable.engine.limits import Limits
from potable.engine.plugins import Plugins
from potable.engine.reading.parts import head_of
from potable.engine.roots import as_path, resolved

BY_SUFFIX: dict[str, dict[str, Any]] = {
    ".csv": {"ingestMethod": "CSV"},
    ".txt": {"ingestMethod": "CSV"},
    ".tsv": {"ingestMethod": "CSV", "delimiter": "\t"},
    ".tab": {"ingestMethod": "CSV", "delimiter": "\t"},
    ".json": {"ingestMethod": "JSON"},
    ".geojson": {"ingestMethod": "JSON", "documentElement": "features"},
    ".jsonl": {"ingestMethod": "JSONL"},
    ".ndjson": {"ingestMethod": "JSONL"},
    ".geojsonl": {"ingestMethod": "JSONL"},
    ".geojsons": {"ingestMethod": "JSONL"},
    ".xml": {"ingestMethod": "XML"},
    ".rss": {"ingestMethod": "RSS"},
    ".atom": {"ingestMethod": "RSS"},
    ".xlsx": {"ingestMethod": "EXCEL"},
    ".xlsm": {"ingestMethod": "EXCEL"},
    ".xlsb": {"ingestMethod": "EXCEL"},
    ".xls": {"ingestMethod": "EXCEL"},
    ".ods": {"ingestMethod": "EXCEL"},
    ".parquet": {"ingestMethod": "PARQUET"},
    ".arrow": {"ingestMethod": "ARROW"},
    ".feather": {"ingestMethod": "ARROW"},
}
_SEQUENCE = lazy_regex(rb"(?:\xef\xbb\xbf)?\x1e\s*[{\[]")
"""A JSON text sequence (RFC 7464)."""
_VAGUE = {".txt"}
"""Suffixes that may be those of another format too."""
_BY_CONTENT = {"json": "JSON", "xml": "XML", "excel": "EXCEL", "parquet": "PARQUET", "arrow": "ARROW"}


def formats_of_suffixes(plugins: Plugins) -> set[str]:
    """The formats that others' plugins read: a suffix may be the name of one. Our own have theirs, or are no files'."""
    readers = (r for r in plugins.readers.values() if not r.__module__.startswith("potable.engine."))
    return {name for reader in readers for name in reader.formats}


def guess(place: str, formats: Collection[str] = ()) -> dict[str, Any]:
    """The members of a definition (``ingestMethod`` and parameters) that fit a path or URL.

    :param place: its suffix decides (one of a compression aside); without a known one it's taken for CSV, which is
        unsure.
    :param formats: further formats, whose names are suffixes too.
    """
    suffix = _suffix(place)
    if suffix not in BY_SUFFIX and suffix[1:] in formats:
        return {"ingestMethod": suffix[1:].upper()}
    return dict(BY_SUFFIX.get(suffix, {"ingestMethod": "CSV"}))


def otherwise(place: str | os.PathLike[str], **given: Any) -> dict[str, SourceDefinition]:
    """How to read data whose first bytes show another ingest method than :func:`file_source` guessed, by that method.

    Empty where the name or ``ingestMethod`` says what they are. Parameters and errors are those of
    :func:`file_source`.
    """
    if "ingestMethod" in given:
        return {}
    suffix = _suffix(_url(place))
    if not _is_vague(suffix) or suffix[1:] in given.get("formats", ()):
        return {}
    return {method: _source(place, {"ingestMethod": method}, **given) for method in (*_BY_CONTENT.values(), "JSONL")}


def shown(parts: Sequence[Part]) -> str | None:
    """The ingest method that the first bytes of what was fetched show, as :func:`method_of`."""
    try:
        return method_of(head_of(parts[0], Limits())) if parts else None
    except Fault:  # the run says what is wrong with it
        return None


def method_of(head: bytes) -> str | None:
    """The ingest method of data that begin so; None where a table is as likely as anything else."""
    if _SEQUENCE.match(head):  # its reader says what it is
        return "JSONL"
    method = _BY_CONTENT.get(sniff(head))
    return json_method(head, method) if method == "JSON" else method


def json_method(text: bytes, told: str) -> str:
    """``JSONL`` where each line is a document of its own, else ``JSON``; ``told`` where one can't say.

    :param text: the beginning, in UTF-8.
    """
    lines = [line for line in text.split(b"\n", 3) if line.strip()]
    if len(lines) < 2:
        return told
    first, second = lines[0].strip(), lines[1].strip()
    if not first.startswith(b"{") or not second.startswith(b"{"):
        return "JSON" if text.lstrip()[:1] in b"[{" and not first.endswith(b"}") else told
    try:
        json.loads(first)
    except ValueError:
        return "JSON"
    return "JSONL"


def _suffix(place: str) -> str:
    return suffix_of(urlsplit(place).path if "://" in place else place)


def _is_vague(suffix: str) -> bool:
    """Whether a suffix doesn't say what the data are."""
    return suffix not in BY_SUFFIX or suffix in _VAGUE


def _severity(method: str) -> dict[str, Any]:
    """Where nothing names the records of XML, they are what repeats: there's no definition that lacks it."""
    return {"definition/missing-parameter": "off"} if method == "XML" else {}


def file_source(
    place: str | os.PathLike[str],
    *,
    schema: Mapping[str, Any] | str | Path | None = None,
    primary_key: str | Sequence[str] | None = None,
    formats: Collection[str] = (),
    **definition: Any,
) -> SourceDefinition:
    """A path or URL as a source; a ``file:`` URL is the path that it means.

    :param schema: Table Schema or JSON Schema, or the file of one.
    :param primary_key: column or columns.
    :param formats: those of plugins: a suffix may be the name of one.
    :param definition: further members of its definition.
    :raises UsageError: a parameter is of the wrong kind, or contradicts the definition.
    :raises DefinitionError: the definition can't be used.
    """
    url = _url(place)
    how = {} if "ingestMethod" in definition else guess(url, formats)
    if how.get("ingestMethod") == "CSV" and definition.get("documentElement") and _is_vague(_suffix(url)):
        how = {"ingestMethod": "JSON"}  # or XML: no table has elements
    return _source(place, how, schema=schema, primary_key=primary_key, **definition)


def _url(place: str | os.PathLike[str]) -> str:
    text = as_path(place)
    return text if "://" in text else str(resolved(text))


def _source(
    place: str | os.PathLike[str],
    how: dict[str, Any],
    *,
    schema: Mapping[str, Any] | str | Path | None = None,
    primary_key: str | Sequence[str] | None = None,
    formats: Collection[str] = (),
    **definition: Any,
) -> SourceDefinition:
    """See :func:`file_source`. ``how``: members of the definition that were guessed."""
    given = members(definition, schema=schema, primary_key=primary_key)
    if severity := _severity(how.get("ingestMethod", "")):
        how["severity"] = severity
    if isinstance(given.get("severity"), Mapping):
        given = {**given, "severity": {**how.pop("severity", {}), **given["severity"]}}
    text = as_path(place)
    made = {"resourceID": UNNAMED, "name": Path(text).name or text, "ingestURL": _url(place)}
    return from_mapping({**made, **how, **given}, folder=Path.cwd())


def members(
    definition: Mapping[str, Any], *, schema: Mapping[str, Any] | str | Path | None, primary_key: Any
) -> dict[str, Any]:
    """Members of a definition, with those that programs give by themselves; see :func:`file_source`.

    :raises UsageError: one of these is of the wrong kind, or ``definition`` says something else of the same.
    """
    out = dict(definition)
    if schema is not None:
        if not isinstance(schema, Mapping | str | os.PathLike):
            raise UsageError(f"schema must be a mapping or the path of a file, not {type(schema).__name__}")
        _agree(definition, "schema", ("schema",), schema)
        out["schema"] = os.fspath(schema) if isinstance(schema, os.PathLike) else schema
    if primary_key is not None:
        columns = [primary_key] if isinstance(primary_key, str) else primary_key
        columns = list(columns) if isinstance(columns, Iterable) else [columns]
        for column in columns:
            if not isinstance(column, str) or not column:
                raise UsageError(f"primary_key must be the name of a column, or several, not {column!r}")
        _agree(definition, "primary_key", ("primaryKey", "primaryKeyJSONPath"), columns)
        out["primaryKey"] = columns[0] if len(columns) == 1 else columns
    return out


def _agree(definition: Mapping[str, Any], argument: str, names: Sequence[str], value: Any) -> None:
    """Refuse what is given twice, and not the same."""
    for name in names:
        said = definition.get(name)
        if said is None or said == value or (isinstance(value, list) and [said] == value):
            continue
        raise UsageError(f"{argument}={value!r} contradicts the definition's {name}, {said!r}: give one of the two")
