"""A source that nobody has defined: how to read a file of which only its name and its first bytes are known."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from potable.engine.contracts.snapshot import Part
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parse import from_mapping
from potable.engine.fetching.sniffing.body import sniff
from potable.engine.findings import Fault
from potable.engine.limits import Limits
from potable.engine.reading.parts import head_of

COMPRESSED = frozenset({".gz", ".bz2", ".xz", ".zst"})
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
    suffixes = [s.lower() for s in PurePosixPath(urlsplit(place).path if "://" in place else place).suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    if suffixes and suffixes[-1] in BY_SUFFIX:
        return dict(BY_SUFFIX[suffixes[-1]])
    path = Path(place)
    if "://" not in place and path.is_file():
        part = Part(name=path.name, path=path, bytes=path.stat().st_size)
        try:
            return {"ingestMethod": BY_CONTENT.get(sniff(head_of(part, Limits())), "CSV")}
        except Fault:  # the run will say what is wrong with it
            pass
    return {"ingestMethod": "CSV"}


def file_source(
    place: str | Path,
    *,
    schema: Mapping[str, Any] | str | Path | None = None,
    primary_key: str | Sequence[str] | None = None,
    **definition: Any,
) -> SourceDefinition:
    """A path or URL as a source.

    :param schema: Table Schema or JSON Schema, or the file of one.
    :param primary_key: column or columns.
    :param definition: further members of its definition.
    :raises DefinitionError: the definition can't be used.
    """
    text = os.fspath(place)
    given = members(schema=schema, primary_key=primary_key, **definition)
    url = text if "://" in text else str(Path(text).resolve())
    how = {} if "ingestMethod" in given else guess(url)
    if how.get("ingestMethod") == "XML":
        # Where nothing names the records, they are what repeats: there's no definition that lacks it.
        how["severity"] = {"definition/missing-parameter": "off"}
    if isinstance(given.get("severity"), Mapping):
        given = {**given, "severity": {**how.pop("severity", {}), **given["severity"]}}
    name = Path(text).name or text
    return from_mapping({"resourceID": "check", "name": name, "ingestURL": url, **how, **given}, folder=Path.cwd())


def members(
    *, schema: Mapping[str, Any] | str | Path | None, primary_key: str | Sequence[str] | None, **definition: Any
) -> dict[str, Any]:
    """Members of a definition, of what programs give one by one; see :func:`file_source`."""
    if schema is not None:
        definition["schema"] = os.fspath(schema) if isinstance(schema, Path) else schema
    if primary_key is not None:
        definition["primaryKey"] = primary_key if isinstance(primary_key, str) else list(primary_key)
    return definition


def roots_of(place: str | Path) -> tuple[Path, ...]:
    """The folders that a source of :func:`file_source` may lie in; none for a URL."""
    text = os.fspath(place)
    return () if "://" in text else (Path(text).resolve().parent,)
