"""A source that nobody has defined: how to read a file of which only its name and its first bytes are known."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
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
from potable.engine.limits import Limits
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
BY_CONTENT = {"json": "JSON", "xml": "XML", "excel": "EXCEL", "parquet": "PARQUET", "arrow": "ARROW"}


def guess(place: str) -> dict[str, Any]:
    """The members of a definition (``ingestMethod`` and parameters) that fit a path or URL.

    :param place: its suffix decides (one of a compression aside); without a known one, a local file's first bytes;
        else it's taken for CSV.
    """
    known = BY_SUFFIX.get(suffix_of(urlsplit(place).path if "://" in place else place))
    if known is not None:
        return dict(known)
    path = Path(place)
    if "://" not in place and os.path.isfile(path):  # noqa: PTH113 - unlike Path's it never raises
        part = Part(name=path.name, path=path, bytes=path.stat().st_size)
        try:
            return {"ingestMethod": BY_CONTENT.get(sniff(head_of(part, Limits())), "CSV")}
        except Fault:  # the run will say what is wrong with it
            pass
    return {"ingestMethod": "CSV"}


def file_source(
    place: str | os.PathLike[str],
    *,
    schema: Mapping[str, Any] | str | Path | None = None,
    primary_key: str | Sequence[str] | None = None,
    **definition: Any,
) -> SourceDefinition:
    """A path or URL as a source; a ``file:`` URL is the path that it means.

    :param schema: Table Schema or JSON Schema, or the file of one.
    :param primary_key: column or columns.
    :param definition: further members of its definition.
    :raises UsageError: a parameter is of the wrong kind, or contradicts the definition.
    :raises DefinitionError: the definition can't be used.
    """
    text = as_path(place)
    given = members(definition, schema=schema, primary_key=primary_key)
    url = text if "://" in text else str(resolved(text))
    how = {} if "ingestMethod" in given else guess(url)
    if how.get("ingestMethod") == "XML":
        # Where nothing names the records, they are what repeats: there's no definition that lacks it.
        how["severity"] = {"definition/missing-parameter": "off"}
    if isinstance(given.get("severity"), Mapping):
        given = {**given, "severity": {**how.pop("severity", {}), **given["severity"]}}
    name = Path(text).name or text
    return from_mapping({"resourceID": UNNAMED, "name": name, "ingestURL": url, **how, **given}, folder=Path.cwd())


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
