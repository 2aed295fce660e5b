"""Which quotes open and close cells: proved by parity where that holds, else decided one by one.

Where every quote of even rank stands at a cell's start, or right behind its predecessor (doubled), and every quote of
odd rank is followed by a delimiter, a line break, the end or another quote, parity *is* the grammar of
``tokenizer``: even ranks open, odd ranks close. That is checked on whole arrays. At the first quote
that breaks the rule a plain loop takes over for a while, then the arrays again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Offsets = npt.NDArray[np.int64]
_CR, _LF = 13, 10


@dataclass(slots=True)
class Quotes:
    """The quotes of a text.

    :ivar active: offsets of the quotes that open, close or are doubled: those of even rank open.
    :ivar strays: offsets of literal quotes outside quoted cells, and of closing quotes that text follows.
    :ivar suspects: offsets (opening, closing) of the quoted cells whose closing quote is stray.
    :ivar open_quote: the opening quote that nothing closes, or -1.
    """

    active: Offsets
    strays: list[int] = field(default_factory=list)
    suspects: list[tuple[int, int]] = field(default_factory=list)
    open_quote: int = -1


def pair(text: npt.NDArray[np.uint8], at: Offsets, delimiter: int, quote: int) -> Quotes:
    """Pair the quotes at the offsets ``at`` of ``text``, which starts at a record's start.

    Where ``text`` breaks off, what follows its last byte is taken for a line break.
    """
    starts = np.zeros(256, np.bool_)
    starts[[delimiter, _CR, _LF]] = True
    ends = starts.copy()
    ends[quote] = True
    even, odd = at[::2], at[1::2]
    opens = starts[_before(text, even)]
    opens[1:] |= even[1:] == odd[: len(even) - 1] + 1
    if opens.all() and ends[_behind(text, odd)].all():
        quotes = Quotes(at)
    else:
        follows = np.zeros(len(at), np.bool_)
        np.equal(at[1:], at[:-1] + 1, out=follows[1:])
        quotes = _Resolver(at, starts[_before(text, at)], ends[_behind(text, at)], follows).run()
    if len(quotes.active) % 2:
        last = len(quotes.active) - 1
        while last > 0 and quotes.active[last] == quotes.active[last - 1] + 1:
            last -= 2
        quotes.open_quote = int(quotes.active[last])
    return quotes


def _before(text: npt.NDArray[np.uint8], at: Offsets) -> npt.NDArray[np.uint8]:
    """The bytes before these offsets; a line break before the first of all."""
    before = text[at - 1]
    if len(at) and at[0] == 0:
        before[0] = _LF
    return before


def _behind(text: npt.NDArray[np.uint8], at: Offsets) -> npt.NDArray[np.uint8]:
    """The bytes behind these offsets; a line break behind the last of all."""
    behind = at + 1
    if len(at) and behind[-1] == len(text):
        behind[-1] = 0
        found = text[behind]
        found[-1] = _LF
        return found
    return text[behind]


class _Resolver:
    """Alternates between the proof on arrays and the loop; always enters either outside a quoted cell."""

    def __init__(
        self, at: Offsets, opens: npt.NDArray[np.bool_], closes: npt.NDArray[np.bool_], follows: npt.NDArray[np.bool_]
    ) -> None:
        self.at, self.opens, self.closes, self.follows = at, opens, closes, follows
        self.found = Quotes(at)
        self.active: list[Offsets] = []

    def run(self) -> Quotes:
        i, n, span = 0, len(self.at), 32
        while i < n:
            proved = self._prove(i)
            span = 32 if proved - i > span else min(2 * span, 1 << 20)
            i = proved
            while i < n:
                after = self._loop(i, span)
                if after is not None:
                    i = after
                    break
                span *= 4  # the span ended inside a cell: take a longer one
        self.found.active = np.concatenate(self.active) if self.active else self.at[:0]
        return self.found

    def _prove(self, i: int) -> int:
        """Take quotes from ``i`` on by parity; the index of the first that isn't so decided, outside a cell."""
        opens, closes, follows = self.opens[i::2], self.closes[i + 1 :: 2], self.follows[i::2]
        even = opens | follows
        even[0] = opens[0]
        n = len(self.at)
        bad_open = i + 2 * int(even.argmin()) if not even.all() else n
        bad_close = i + 1 + 2 * int(closes.argmin()) if len(closes) and not closes.all() else n
        if bad_open >= n and bad_close >= n:
            self.active.append(self.at[i:])
            return n
        if bad_open < bad_close:
            self.active.append(self.at[i:bad_open])
            return bad_open
        self.active.append(self.at[i : bad_close + 1])
        opened = bad_close - 1
        while self.follows[opened] and opened > i:
            opened -= 2
        self._stray_close(int(self.at[opened]), int(self.at[bad_close]))
        return bad_close + 1

    def _loop(self, i: int, span: int) -> int | None:
        """Decide about ``span`` quotes from ``i`` on; the index behind, or None where that is inside a cell."""
        hi = min(len(self.at), i + span + 1)
        at, opens = self.at[i:hi].tolist(), self.opens[i:hi].tolist()
        closes, follows = self.closes[i:hi].tolist(), self.follows[i:hi].tolist()
        last = hi == len(self.at)
        active: list[int] = []
        strays: list[int] = []
        suspects: list[tuple[int, int]] = []
        k, n, opened = 0, len(at), -1
        while k < n:
            if opened < 0:
                if k == n - 1 and not last:
                    break
                if opens[k]:
                    active.append(at[k])
                    opened = at[k]
                else:
                    strays.append(at[k])
            elif k + 1 < n and follows[k + 1]:
                active += at[k : k + 2]
                k += 1
            elif k == n - 1 and not last:
                return None  # whether it is doubled can't be seen
            else:
                active.append(at[k])
                if not closes[k]:
                    strays.append(at[k])
                    suspects.append((opened, at[k]))
                opened = -1
            k += 1
        if opened >= 0 and not last:
            return None
        self.active.append(np.array(active, np.int64))
        self.found.strays += strays
        self.found.suspects += suspects
        return i + k

    def _stray_close(self, opened: int, closed: int) -> None:
        self.found.strays.append(closed)
        self.found.suspects.append((opened, closed))
