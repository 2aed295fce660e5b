"""From a cut to its chunk, or to several where one would have too many cells."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from potable.engine.contracts.reading import Chunk, ChunkParser, Cut, TooManyCells

Numbers = npt.NDArray[np.uint64]
Fields = frozenset[str] | None


def chunks_of(
    parser: ChunkParser, cut: Cut, fields: Fields, *, records: BitMap | None = None, limit: int | None = None
) -> Iterator[tuple[Chunk, bool]]:
    """The chunk of a cut, and whether it has columns; where it hasn't, chunks of its records follow that have.

    :param records: numbers of the records to keep, None: all.
    :param limit: number of the last record to keep, None: no matter which.
    """
    if not isinstance(cut, Cut):
        raise TypeError(f"cuts gave a {type(cut).__name__} where a Cut belongs")
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
    """The chunk. Raises TypeError where a reader gives something else."""
    chunk = parser.parse(cut, fields, numbers)
    if not isinstance(chunk, Chunk):
        raise TypeError(f"parse gave a {type(chunk).__name__} where a Chunk belongs")
    return chunk


def _up_to(chunk: Chunk, limit: int | None) -> Chunk:
    if limit is None or not chunk.records or int(chunk.numbers[-1]) <= limit:
        return chunk
    rows = np.searchsorted(chunk.numbers, limit, side="right")
    return chunk.keep(np.arange(rows, dtype=np.uint64))
