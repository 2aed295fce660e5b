"""The record under a header, where it's none."""

from __future__ import annotations

from dataclasses import replace

from potable.engine.findings import Occurrence
from potable.engine.reading.csv.opening.beginning import Beginning
from potable.engine.reading.subheader import mend, subheader


def under_header(b: Beginning, record: int) -> Occurrence | None:
    """``csv/subheader``, if the first record is such a row.

    :param record: its number.
    """
    if not b.layout.dialect.header_line:
        return None
    rows = b.rows(b.layout.dialect, b.data)
    what = subheader(b.layout.names, [row.cells for row in rows])
    if what is None:
        return None
    first = rows[0]
    return Occurrence(
        "csv/subheader", f"the row under the header is {what}, no record",
        value=b.text[first.at : first.stop].decode("utf-8", "replace").rstrip("\r\n"),
        location=replace(b.at(first), record=record),
        hint=mend(what, first.line),
    )  # fmt: skip
