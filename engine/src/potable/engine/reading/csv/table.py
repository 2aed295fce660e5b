"""The cells of a run of records as a frame: by PyArrow, or by the tokenizer where that can't be.

Both give the same for all that both can read; ``tokenizer`` is the standard. PyArrow splits records and
cells alike, but leaves out ragged ones; they're parsed again by their width and put back at their rows.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from potable.engine.reading.csv.dialect import Dialect
from potable.engine.reading.csv.tokenizer import tokenize

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

_SMALL = 1 << 16
"""So many bytes are cut by the tokenizer, in the time that PyArrow's import takes, unless that is done with."""
_TINY = 1 << 11
"""So many are so always: PyArrow needs longer to get started."""
_WIDE = 1000
"""A record with so many cells more than the header is cut by the tokenizer."""


@dataclass(slots=True)
class Table:
    """Parsed records.

    :ivar frame: a row per record, a String column per wanted one, named by its number.
    :ivar ragged: rows that haven't as many cells as there are columns, ascending, from 0; :ivar cells: and how many.
    """

    frame: pl.DataFrame
    ragged: npt.NDArray[np.int64]
    cells: npt.NDArray[np.int64]


def parse(data: bytes, dialect: Dialect, width: int, wanted: Sequence[int], records: int) -> Table:
    """Parse whole records.

    :param data: valid UTF-8 without comments.
    :param width: the table's number of columns.
    :param wanted: numbers of the columns to take, from 0, ascending.
    :param records: how many there are.
    """
    if not records:
        return _frame_of([[] for _ in wanted], wanted, [], [])
    if len(data) <= (_TINY if "pyarrow" in sys.modules else _SMALL):
        return by_tokens(data, dialect, width, wanted)
    table = None
    if dialect.simple:
        table = _by_arrow(data, dialect, width, wanted, records)
    elif unit := dialect.unit_for(data):
        single = replace(dialect, delimiter=unit)
        table = _by_arrow(data.replace(dialect.delimiter, unit), single, width, wanted, records)
        if table is not None and dialect.quote and dialect.quote in data:  # the delimiter may be inside of cells
            table.frame = _replaced(table.frame, unit, dialect.delimiter)
    return table if table is not None else by_tokens(data, dialect, width, wanted)


def by_tokens(data: bytes, dialect: Dialect, width: int, wanted: Sequence[int]) -> Table:
    """Parse by the tokenizer."""
    columns: list[list[str | None]] = [[] for _ in wanted]
    ragged: list[int] = []
    cells: list[int] = []
    row = 0
    for token in tokenize(data, dialect):
        if token.kind != "record":
            continue
        if len(token.cells) != width:
            ragged.append(row)
            cells.append(len(token.cells))
        for column, i in zip(columns, wanted, strict=True):
            column.append(token.cells[i].decode("utf-8", "replace") if i < len(token.cells) else None)
        row += 1
    return _frame_of(columns, wanted, ragged, cells)


def _replaced(frame: pl.DataFrame, old: bytes, new: bytes) -> pl.DataFrame:
    import polars as pl  # heavy

    return frame.with_columns(pl.all().str.replace_all(old.decode(), new.decode(), literal=True))


def _by_arrow(data: bytes, dialect: Dialect, width: int, wanted: Sequence[int], records: int) -> Table | None:
    """Parse by PyArrow; None where it doesn't see ``records`` records."""
    import polars as pl  # heavy

    texts: list[str] = []
    rows: list[int] = []
    counts: list[int] = []

    def note(row: Any) -> str:
        texts.append(row.text)
        rows.append(row.number)
        counts.append(row.actual_columns)
        return "skip"

    good = _read(data, dialect, width, wanted, note)
    if good is None or good.num_rows + len(rows) != records:
        return None
    frame: pl.DataFrame = pl.from_arrow(good)  # type: ignore[assignment]
    if not rows:
        return Table(frame, np.empty(0, np.int64), np.empty(0, np.int64))
    if dialect.escape and any(t.encode().endswith(dialect.escape) for t in texts):
        return None  # what it escapes, a line break or the end, isn't in the row's text
    ragged = np.array(rows, np.int64) - 1
    cells = np.array(counts, np.int64)
    frames, order = [frame], [np.delete(np.arange(records), ragged)]
    wide = np.flatnonzero(cells > width + _WIDE)
    if len(wide):
        frames.append(_cut_wide([texts[i] for i in wide.tolist()], dialect, width, wanted))
        order.append(ragged[wide])
    for count in np.unique(cells[cells <= width + _WIDE]).tolist():
        these = np.flatnonzero(cells == count)
        text = "\n".join([texts[i] for i in these.tolist()]).encode()
        present = [i for i in wanted if i < count]
        part = _read(text, dialect, count, present or [0], None)
        if part is None or part.num_rows != len(these):
            return None
        piece: pl.DataFrame = pl.from_arrow(part)  # type: ignore[assignment]
        absent = [pl.lit(None, pl.String).alias(str(i)) for i in wanted if i >= count]
        frames.append(piece.with_columns(absent).select([str(i) for i in wanted]))
        order.append(ragged[these])
    places = np.empty(records, np.int64)
    places[np.concatenate(order)] = np.arange(records)
    return Table(pl.concat(frames)[places], ragged, cells)


def _cut_wide(texts: list[str], dialect: Dialect, width: int, wanted: Sequence[int]) -> pl.DataFrame:
    """Records of very many cells, each no further than it's wanted."""
    columns: list[list[str | None]] = [[] for _ in wanted]
    for text in texts:
        cells = next(tokenize(text.encode(), dialect, most=width)).cells
        for column, i in zip(columns, wanted, strict=True):
            column.append(cells[i].decode())
    return _frame_of(columns, wanted, [], []).frame


def _read(data: bytes, dialect: Dialect, width: int, wanted: Sequence[int], note: Any) -> pa.Table | None:
    import pyarrow as pa  # heavy
    from pyarrow import csv

    names = [str(i) for i in range(width)]
    text = pa.string()
    chosen = names if len(wanted) == width else [names[i] for i in wanted]
    try:
        return csv.read_csv(
            pa.BufferReader(data),  # type: ignore[arg-type]
            read_options=csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
            parse_options=csv.ParseOptions(
                delimiter=dialect.delimiter.decode(),
                quote_char=dialect.quote.decode() or False,
                escape_char=dialect.escape.decode() or False,
                newlines_in_values=True,
                ignore_empty_lines=True,
                invalid_row_handler=note,
            ),
            convert_options=csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(chosen, text),
                include_columns=None if chosen is names else chosen,
                null_values=[],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None


def _frame_of(columns: Sequence[list[Any]], wanted: Sequence[int], ragged: list[int], cells: list[int]) -> Table:
    import polars as pl  # heavy

    frame = pl.DataFrame([pl.Series(str(i), c, pl.String) for i, c in zip(wanted, columns, strict=True)])
    return Table(frame, np.array(ragged, np.int64), np.array(cells, np.int64))
