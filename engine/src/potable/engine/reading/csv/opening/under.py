"""The records under a header, where they are none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from potable.engine.findings import Occurrence
from potable.engine.reading.csv.opening.beginning import Beginning
from potable.engine.reading.subheader import mend, subheaders


def under_header(b: Beginning, record: int) -> Iterator[Occurrence]:
    """``csv/subheader``, of each of the first records that is such a row.

    :param record: the first one's number.
    """
    if not b.layout.dialect.header_line:
        return
    rows = b.rows(b.layout.dialect, b.data)
    found = subheaders(b.layout.names, [row.cells for row in rows])
    for n, (what, row) in enumerate(zip(found, rows, strict=False)):
        yield Occurrence(
            "csv/subheader", f"the row under the header is {what}, no record",
            value=b.text[row.at : row.stop].decode("utf-8", "replace").rstrip("\r\n"),
            location=replace(b.at(row), record=record + n),
            hint=mend(what, rows[len(found) - 1].line),
        )  # fmt: skip
