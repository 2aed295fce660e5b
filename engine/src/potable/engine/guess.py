"""How to read a file of which nothing is known but its name and its first bytes."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from potable.engine.contracts.snapshot import Part
from potable.engine.fetching.sniff import sniff
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
}
BY_CONTENT = {"json": "JSON", "xml": "XML", "excel": "EXCEL", "parquet": "PARQUET"}


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
