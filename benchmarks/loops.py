"""The plain loops beside Potable over documents. Imports stand inside, to be left out of the time."""

from __future__ import annotations

import atexit
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.documents import JSON_SCHEMA, VIOLATION, DocumentWorkload

if TYPE_CHECKING:
    from potable.engine.service import Service

Counts = dict[str, int]
Contender = Callable[[DocumentWorkload], Counts]


def json_lines(work: DocumentWorkload) -> Counts:
    """``orjson.loads`` and ``is_valid`` for each line: counts of the wrong ones, no rules, no places."""
    import jsonschema_rs
    import orjson

    loads, is_valid = orjson.loads, jsonschema_rs.validator_for(JSON_SCHEMA).is_valid
    with work.file.open("rb") as file:
        valid = sum(is_valid(loads(line)) for line in file)
    return {"invalid": work.records - valid}


def json_array(work: DocumentWorkload) -> Counts:
    """The same for an array, as if its lines were JSON Lines: what no reader of any array may do."""
    import jsonschema_rs
    import orjson

    loads, is_valid = orjson.loads, jsonschema_rs.validator_for(JSON_SCHEMA).is_valid
    with work.file.open("rb") as file:
        next(file)
        valid = sum(is_valid(loads(line.rstrip(b",\n"))) for line, _ in zip(file, range(work.records), strict=False))
    return {"invalid": work.records - valid}


def json_whole(work: DocumentWorkload) -> Counts:
    """``orjson.loads`` of the whole file, and ``is_valid`` for each record."""
    import jsonschema_rs
    import orjson

    is_valid = jsonschema_rs.validator_for(JSON_SCHEMA).is_valid
    return {"invalid": work.records - sum(map(is_valid, orjson.loads(work.file.read_bytes())))}


def iterparse(work: DocumentWorkload) -> Counts:
    """Bare ``lxml.etree.iterparse`` over the record elements: nothing is checked."""
    from lxml import etree

    records = 0
    for _, element in etree.iterparse(work.file, tag="stock"):
        records += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return {"records": records}


def potable(work: DocumentWorkload) -> Counts:
    """Potable's whole run: fetch, hash, structure, schema, rules, places, report."""
    from potable.engine import Engine

    report = Engine(catalog=work.definition).run(work.resource_id)
    report.to_dict()
    return {f"{f.code} {f.field}": f.count for f in report.findings}


def potable_process(work: DocumentWorkload) -> Counts:
    """The same, as the command line and the server do it: in a process of its own, recorded in a store."""
    _, report = _service(work.folder).run_now(work.resource_id)
    return {f"{f.code} {f.field}": f.count for f in report.findings}


@cache
def _service(folder: Path) -> Service:
    """One for all runs; what it starts, it starts once."""
    from potable.engine.service import Service
    from potable.engine.settings import Settings, sqlite_url

    state = tempfile.TemporaryDirectory(prefix="potable-bench-")
    settings = Settings(catalog=str(folder), store=sqlite_url(Path(state.name) / "runs.db"), state=Path(state.name))
    service = Service(settings, executor="forkserver")
    atexit.register(state.cleanup)
    atexit.register(service.close)
    return service


_POTABLE = ("Potable in-process, whole run", potable)
_PROCESS = ("Potable in a process of its own, whole run", potable_process)
CONTENDERS: dict[str, dict[str, tuple[str, Contender]]] = {
    "jsonl": {
        "loop": ("loop: orjson.loads, jsonschema_rs is_valid", json_lines),
        "potable": _POTABLE,
        "process": _PROCESS,
    },
    "json": {
        "loop": ("loop: orjson.loads, jsonschema_rs is_valid", json_array),
        "whole": ("orjson.loads of the file, jsonschema_rs is_valid", json_whole),
        "potable": _POTABLE,
        "process": _PROCESS,
    },
    "xml": {"loop": ("loop: lxml iterparse, nothing checked", iterparse), "potable": _POTABLE, "process": _PROCESS},
}
"""By form and name: what to print, and what to run."""


def right(name: str, counts: Counts, work: DocumentWorkload) -> str | None:
    """Why a contender's counts are wrong, or None."""
    true = {f"{code} {field}": len(records) for (code, field), records in work.faults.items()}
    if name not in ("potable", "process"):
        invalid = sum(len(records) for (code, _), records in work.faults.items() if code == VIOLATION)
        true = {"records": work.records} if work.form == "xml" else {"invalid": invalid}
    return None if counts == true else f"counted {counts}, should be {true}"
