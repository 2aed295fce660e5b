"""From a cut to its chunk, or to several where one would have too many cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from pyroaring import BitMap

from potable.engine.checker import EACH_FIELD
from potable.engine.contracts.reading import Chunk, ChunkParser, Cut, TooManyCells
from potable.engine.findings import Tally
from potable.engine.handed import a_kind, place_of

Numbers = npt.NDArray[np.uint64]
Fields = frozenset[str] | None


def chunks_of(
    parser: ChunkParser, cut: Cut, fields: Fields, *, records: BitMap | None = None, limit: int | None = None
) -> Iterator[tuple[Chunk, bool]]:
    """The chunk of a cut, and whether it has columns; where it hasn't, chunks of its records follow that have.

    :param records: numbers of the records to keep, None: all.
    :param limit: number of the last record to keep, None: no matter which.
    """
    numbers = None
    if records is not None:
        kept = records & BitMap(range(cut.first_record, cut.first_record + cut.records))
        numbers = np.array(kept.to_array(), dtype=np.uint64)
    try:
        yield _up_to(_parsed(parser, cut, fields, numbers), limit), True
    except TooManyCells as e:
        chunk = _up_to(e.chunk, limit)
        yield chunk, False
        yield from ((piece, True) for piece in _pieces(parser, cut, fields, chunk.numbers, e.records))


def _pieces(parser: ChunkParser, cut: Cut, fields: Fields, numbers: Numbers, most: int) -> Iterator[Chunk]:
    for first in range(0, len(numbers), most):
        some = numbers[first : first + most]
        try:
            yield _parsed(parser, cut, fields, some)
        except TooManyCells as e:  # these have more fields than all together seemed to
            yield from _pieces(parser, cut, fields, some, min(e.records, max(len(some) // 2, 1)))


def _parsed(parser: ChunkParser, cut: Cut, fields: Fields, numbers: Numbers | None) -> Chunk:
    """The chunk. Raises TypeError where a plugin's parser gives something else."""
    chunk = parser.parse(cut, fields, numbers)
    if not type(parser).__module__.startswith("potable.engine."):
        fault = fault_of(chunk, fields)
        if fault:
            raise TypeError(f"parse gave {fault}{place_of(parser.parse)}")
    return chunk


def fault_of(chunk: Any, fields: Fields) -> str:
    """What is wrong with a chunk: else checkers would stumble over it, and be blamed. "" for nothing."""
    if not isinstance(chunk, Chunk):
        return f"{a_kind(chunk)} where a Chunk belongs"
    frame: Any = chunk.frame
    numbers: Any = chunk.numbers
    if not isinstance(frame, pl.DataFrame):
        return f"a chunk whose frame is {a_kind(frame)}, not a DataFrame of Polars"
    if not isinstance(numbers, np.ndarray) or numbers.dtype != np.uint64:
        kind = f"an array of {numbers.dtype}" if isinstance(numbers, np.ndarray) else a_kind(numbers)
        return f"a chunk whose numbers are {kind}, not an array of uint64"
    if frame.width and frame.height != len(numbers):
        return f"a chunk whose frame has {frame.height:,} rows, and whose numbers are {len(numbers):,}"
    if EACH_FIELD in frame.columns:
        return f"a chunk with a column {EACH_FIELD}, which stands for all fields in a reading whose columns are None"
    odd = next((n for n, kind in frame.schema.items() if kind not in (pl.String, pl.List(pl.String))), None)
    if odd is not None:
        return f"a chunk whose column {odd} is of the type {frame.schema[odd]}: columns are texts, as the source spells"
    lacking = sorted((fields or frozenset()) - {EACH_FIELD, *frame.columns})
    if lacking:
        return f"a chunk without the column {lacking[0]}: what was asked for and isn't there is a column of nulls"
    other = next((one for one in chunk.tallies if not isinstance(one, Tally)), None)
    return "" if other is None else f"a chunk whose tallies hold {a_kind(other)}"


def _up_to(chunk: Chunk, limit: int | None) -> Chunk:
    if limit is None or not chunk.records or int(chunk.numbers[-1]) <= limit:
        return chunk
    rows = np.searchsorted(chunk.numbers, limit, side="right")
    return chunk.keep(np.arange(rows, dtype=np.uint64))
