"""A column of texts as bytes: whole columns are ruled out at the speed of memory, where a regular expression takes ten
times as long.

The bytes are looked at where they lie, if that's easily done. A column of Polars is one of *views* (Arrow's columnar
format, variable-size binary view layout): 16 bytes for each text, which are its length and either the text itself or
its first four bytes and where in a heap it starts.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

Bytes = npt.NDArray[np.uint8]
Views = npt.NDArray[np.int32]
BLANK, DELETE = 0x20, 0x7F
NONE = 0xFF
"""Stands for the first and last byte of an empty text: no byte of UTF-8."""
SMALL = 1_000
"""So many texts are taken one by one, where PyArrow isn't there yet."""
NEWEST = pl.CompatLevel.newest()
"""Texts as views, not copied. Asking for the level looks into the environment, which takes longer than its use."""
INLINE = 12
"""A view of at most so many bytes has them in itself."""


class Column:
    """The UTF-8 of a column's texts.

    Its answers may be yes where no cell has it, never the other way round.

    :ivar lengths: length of each text, in bytes; 0 for null.
    """

    def __init__(self, texts: pl.Series) -> None:
        self.lengths: npt.NDArray[np.integer]
        self._data: Bytes  # all texts, in the padded form with zeros around each
        self._starts: npt.NDArray[np.integer]  # of each text in the data
        self._padded = False
        if len(texts) <= SMALL and "pyarrow" not in sys.modules:
            self._of_few(texts)
        elif texts.null_count() or not self._in_place(texts):
            self._copied(texts)

    def _in_place(self, texts: pl.Series) -> bool:
        """Look at the texts where they lie: all in their views, or all in one heap that has little else."""
        # Without its name, which a NUL would make unfit for Arrow.
        array = texts.alias("").to_arrow(compat_level=NEWEST)
        _, buffer, *heaps = array.buffers()
        if buffer is None or not len(array):
            return False
        views: Views = np.frombuffer(memoryview(buffer), np.int32).reshape(-1, 4)[array.offset :][: len(array)]
        self.lengths = views[:, 0]
        if self.extent[1] <= INLINE:
            own = views.copy()
            own[:, 0] = 0
            self._data, self._padded = own.reshape(-1).view(np.uint8), True
            self._starts = np.arange(4, len(self._data), 16)
            return True
        if self.extent[0] > INLINE and len(heaps) == 1 and heaps[0] is not None:
            heap = np.frombuffer(memoryview(heaps[0]), np.uint8)
            if len(heap) <= 2 * int(self.lengths.sum(dtype=np.int64)):
                self._data, self._starts = heap, views[:, 3]
                return True
        del self.extent
        return False

    def _copied(self, texts: pl.Series) -> None:
        """Their bytes end to end."""
        array = texts.alias("").to_arrow()  # large_string: 64-bit bounds, and the bytes
        _, bounds, data = array.buffers()
        edges = np.zeros(1, np.int64)
        self._data = np.empty(0, np.uint8)
        if bounds is not None and data is not None:
            edges = np.frombuffer(memoryview(bounds), np.int64)[array.offset :][: len(array) + 1]
            self._data = np.frombuffer(memoryview(data), np.uint8)[edges[0] : edges[-1]]
        self._starts, self.lengths = edges[:-1] - edges[0], np.diff(edges)

    def _of_few(self, texts: pl.Series) -> None:
        """The same without PyArrow, whose import takes longer than this."""
        encoded = [t.encode() for t in texts.fill_null("")]
        self.lengths = np.array([len(t) for t in encoded], np.int64)
        self._starts = np.cumsum(self.lengths) - self.lengths
        self._data = np.frombuffer(b"".join(encoded), np.uint8)

    @property
    def empty(self) -> bool:
        """Whether there's nothing in it at all."""
        return not self.extent[1]

    @cached_property
    def least(self) -> int:
        """The least byte; 255 where there's none."""
        if self.empty:
            return NONE
        if not self._padded:
            return int(self._data.min())
        if np.count_nonzero(self._data) < self.lengths.sum(dtype=np.int64):  # a zero is a text's own
            return 0
        return int((self._data - np.uint8(1)).min()) + 1  # the zeros around texts come last

    @cached_property
    def greatest(self) -> int:
        """The greatest byte; 0 where there's none."""
        return 0 if self.empty else int(self._data.max())

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
        for n, byte in enumerate(word.rstrip(b"*")):
            if not len(at):
                return False
            at = at[self._data[self._starts[at] + n] == byte]
        return bool(len(at))

    def square(self, width: int) -> Bytes:
        """Texts of this many bytes each, none of them null, as rows of bytes."""
        if self._padded:
            return self._data.reshape(-1, 16)[:, 4 : 4 + width]
        if len(self._data) == width * len(self.lengths):
            return self._data.reshape(-1, width)
        rows: Bytes = self._data[self._starts[:, None] + np.arange(width)]
        return rows

    def pairs(self, width: int) -> npt.NDArray[np.uint16]:
        """The same, two bytes at a time: the first one is the lower eight bits. A zero follows an odd width."""
        number = (width + 1) // 2
        if self._padded and width <= INLINE:
            return self._data.reshape(-1, 16).view(np.dtype("<u2"))[:, 2 : 2 + number]
        rows = self.square(width)
        if width % 2:
            rows = np.concatenate((rows, np.zeros((len(rows), 1), np.uint8)), axis=1)
        return np.ascontiguousarray(rows).view(np.dtype("<u2"))

    @cached_property
    def _raw(self) -> bytes:
        """The same as one object, in which a byte is sought several times as fast."""
        return self._data.tobytes()

    @cached_property
    def _first(self) -> Bytes:
        return self._of_filled(np.take(self._data, self._starts, mode="clip"))

    @cached_property
    def _last(self) -> Bytes:
        return self._of_filled(np.take(self._data, self._starts + self.lengths - 1, mode="clip"))

    def _of_filled(self, edge: Bytes) -> Bytes:
        return edge if self.extent[0] else np.where(self.lengths > 0, edge, np.uint8(NONE))

    def has(self, byte: int) -> bool:
        """Whether this byte, other than 0, occurs."""
        if byte in (self.least, self.greatest):
            return not self.empty
        return self.least < byte < self.greatest and self._raw.find(byte) >= 0

    def may_hold(self, part: bytes) -> bool:
        """Whether these bytes, none of them 0, may occur in a text: they do, or where two texts meet."""
        return self.has(part[0]) and self._raw.find(part) >= 0

    def may_have_blank_ends(self) -> bool:
        """Whether a cell may begin or end with white space (beyond ASCII any space may be)."""
        if self.least > BLANK:
            return self.greatest > DELETE
        return self.greatest > DELETE or bool((self._first <= BLANK).any() or (self._last <= BLANK).any())

    def may_have_doubled_blanks(self) -> bool:
        """Whether two blanks or tabs may stand in a row."""
        if self.least > BLANK:
            return False
        blank = self._data == BLANK if self.least == BLANK else self._data - np.uint8(1) < BLANK
        return bool((blank[1:] & blank[:-1]).any())

    def may_be_one_of(self, words: Words) -> bool:
        """Whether a cell may be one of these words, in any case."""
        longest = words.longest_within(self.least, self.greatest)
        if longest < self.extent[0]:
            return False
        short = self.lengths <= longest
        if not short.any():
            return False
        pair = (self._first.astype(np.uint16) << np.uint16(8)) | self._last
        return bool((words.ends[pair] & short).any())

    def may_end_so(self, ends: npt.NDArray[np.bool_], lengths: npt.NDArray[np.bool_]) -> bool:
        """Whether a cell may have such a first and last byte, and such a length.

        :param ends: true at 256 times the first one plus the last; ``lengths``: at the length, false at the end.
        """
        if self.empty:
            return False
        if self.extent[0] == self.extent[1]:
            if not lengths[min(self.extent[0], len(lengths) - 1)]:
                return False
            return bool(ends[(self._first.astype(np.uint16) << np.uint16(8)) | self._last].any())
        such = np.take(lengths, self.lengths, mode="clip")
        return bool((ends[(self._first.astype(np.uint16) << np.uint16(8)) | self._last] & such).any())


class Words:
    """Words in any case, as :meth:`Column.may_be_one_of` looks for them.

    :ivar ends: true at 256 times a word's first byte plus its last one.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.ends = np.zeros(1 << 16, dtype=bool)
        self._spans: list[tuple[int, int, int]] = []
        for word in words:
            for first in {word[0], word[0].lower(), word[0].upper()}:
                for last in {word[-1], word[-1].lower(), word[-1].upper()}:
                    self.ends[first.encode()[0] << 8 | last.encode()[-1]] = True
            self._spans.append(_span(word))

    def longest_within(self, least: int, greatest: int) -> int:
        """Most bytes of a word that has a spelling of bytes from ``least`` to ``greatest`` alone; -1: none has one."""
        return max((n for low, high, n in self._spans if low >= least and high <= greatest), default=-1)


def _span(word: str) -> tuple[int, int, int]:
    """Of a word's spellings in upper and lower case the greatest least byte, the least greatest byte, the length."""
    spelt = [{letter, letter.lower(), letter.upper()} for letter in word]
    least = min(max(min(form.encode()) for form in forms) for forms in spelt)
    greatest = max(min(max(form.encode()) for form in forms) for forms in spelt)
    return least, greatest, sum(max(len(form.encode()) for form in forms) for forms in spelt)
