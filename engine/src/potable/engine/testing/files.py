"""A table in memory as the file that it would have come in, and what a checker says of files."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from potable.engine.checker import Checker, FileCheck
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence
from potable.engine.handed import each
from potable.engine.testing.laws import Make, skipping, stage


def written(table: Mapping[str, Sequence[str | None]] | Sequence[Mapping[str, Any]], folder: Path) -> Snapshot:
    """The table as a snapshot of one file: CSV, or JSON Lines.

    :param folder: where the file is put.
    """
    if isinstance(table, Mapping):
        path = folder / "table.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([list(table), *zip(*table.values(), strict=True)])
    else:
        path = folder / "table.jsonl"
        path.write_bytes(b"".join(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in table))
    part = Part(name=path.name, path=path, bytes=path.stat().st_size)
    return Snapshot(parts=(part,), fetched="2024-01-01T00:00:00Z")


def check_files(checker: type[Checker], make: Make, source: SourceDefinition, snapshot: Snapshot) -> None:
    """What the checker says of the snapshot and its file: occurrences of codes that it declares.

    Where a run would skip the checker, it isn't asked.
    """
    made, declared = make(), {code.id for code in checker.codes}
    if skipping(made, source):
        return

    def known(said: Any, what: str, function: object) -> None:
        for one in each(said, Occurrence, what, function):
            assert one.code in declared, f"{checker.name}: {what} gives the code {one.code}, which it doesn't declare"

    with stage(checker, "check_access"):
        known(made.check_access(source, snapshot), "check_access", made.check_access)
    with stage(checker, "a check of files"):
        for whole in each(made.files(source), FileCheck, "files", made.files):
            for part in snapshot.parts:
                known(whole.check(part), "a check of files", whole.check)
