"""A column of texts as bytes: whole columns are ruled out at the speed of memory, where a regular expression takes ten
times as long.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

Bytes = npt.NDArray[np.uint8]
BLANK, DELETE = 0x20, 0x7F
SMALL = 1_000
"""So many texts are taken one by one, where PyArrow isn't there yet."""


class Column:
    """The UTF-8 of a column's texts, end to end.

    Its answers may be yes where no cell has it, never the other way round.
    """

    def __init__(self, texts: pl.Series) -> None:
        if len(texts) <= SMALL and "pyarrow" not in sys.modules:
            self._of_few(texts)
            return
        # large_string: 64-bit bounds, and the bytes; without its name, which a NUL would make unfit for Arrow
        array = texts.alias("").to_arrow()
        _, bounds, data = array.buffers()
        self._bounds = np.zeros(1, np.int64)
        self._data: Bytes = np.empty(0, np.uint8)
        if bounds is not None and data is not None:
            self._bounds = np.frombuffer(memoryview(bounds), np.int64)[array.offset :][: len(array) + 1]
            self._data = np.frombuffer(memoryview(data), np.uint8)[self._bounds[0] : self._bounds[-1]]
            self._bounds = self._bounds - self._bounds[0]

    def _of_few(self, texts: pl.Series) -> None:
        """The same without PyArrow, whose import takes longer than this."""
        encoded = [t.encode() for t in texts.fill_null("")]
        self._bounds = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
        self._data = np.frombuffer(b"".join(encoded), np.uint8)

    @property
    def empty(self) -> bool:
        """Whether there's nothing in it at all."""
        return not len(self._data)

    @cached_property
    def least(self) -> int:
        """The least byte; 255 where there's none."""
        return 0xFF if self.empty else int(self._data.min())

    @cached_property
    def greatest(self) -> int:
        """The greatest byte; 0 where there's none."""
        return 0 if self.empty else int(self._data.max())

    @cached_property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Length of each text, in bytes; 0 for null."""
        return np.diff(self._bounds)

    def begins_with(self, byte: int) -> bool:
        """Whether a text may begin with this byte."""
        return self.least <= byte <= self.greatest and bool((self._first == byte).any())

    @cached_property
    def extent(self) -> tuple[int, int]:
        """Least and greatest length of a text, in bytes; 0, 0 where there are no texts."""
        return (int(self.lengths.min()), int(self.lengths.max())) if len(self.lengths) else (0, 0)

    def is_there(self, word: bytes) -> bool:
        """Whether a text is just this word, or begins with it where it ends in ``*`` for each further byte."""
        if not self.extent[0] <= len(word) <= self.extent[1]:
            return False
        at = np.flatnonzero(self.lengths == len(word))
        word = word.rstrip(b"*")
        for n, byte in enumerate(word):
            if not len(at):
                return False
            at = at[self._data[self._bounds[at] + n] == byte]
        return bool(len(at))

    def square(self, width: int) -> Bytes:
        """Texts of this many bytes each, none of them null, as rows of bytes."""
        return self._data.reshape(-1, width)

    @cached_property
    def _first(self) -> Bytes:
        # An empty cell takes its neighbour's: it can only make a yes of a no.
        return np.take(self._data, self._bounds[:-1], mode="clip")

    @cached_property
    def _last(self) -> Bytes:
        return np.take(self._data, self._bounds[1:] - 1, mode="clip")

    def has(self, byte: int) -> bool:
        """Whether this byte occurs."""
        return self.least <= byte <= self.greatest and bool((self._data == byte).any())

    def may_have_blank_ends(self) -> bool:
        """Whether a cell may begin or end with white space (beyond ASCII any space may be)."""
        if self.least > BLANK:
            return self.greatest > DELETE
        return self.greatest > DELETE or bool((self._first <= BLANK).any() or (self._last <= BLANK).any())

    def may_have_doubled_blanks(self) -> bool:
        """Whether two blanks or tabs may stand in a row."""
        if self.least > BLANK:
            return False
        blank = self._data == BLANK if self.least == BLANK else self._data <= BLANK
        return bool((blank[1:] & blank[:-1]).any())

    def may_be_one_of(self, ends: npt.NDArray[np.bool_], longest: int) -> bool:
        """Whether a cell of at most ``longest`` bytes may have one of these pairs of first and last byte.

        :param ends: true at 256 times the first byte plus the last one.
        """
        short = self.lengths <= longest
        if not short.any():
            return False
        pair = (self._first.astype(np.uint16) << np.uint16(8)) | self._last
        return bool((ends[pair] & short).any())


def ends_of(words: Iterable[str]) -> tuple[npt.NDArray[np.bool_], int]:
    """For :meth:`Column.may_be_one_of`: the first and last bytes of words in any case, and the longest's length."""
    ends = np.zeros(1 << 16, dtype=bool)
    longest = 0
    for word in words:
        for first in {word[0], word[0].lower(), word[0].upper()}:
            for last in {word[-1], word[-1].lower(), word[-1].upper()}:
                if first and last:
                    ends[first.encode()[0] << 8 | last.encode()[-1]] = True
        longest = max(longest, len(word.encode()), len(word.upper().encode()), len(word.lower().encode()))
    return ends, longest
