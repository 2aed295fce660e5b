"""The numbers of a column, read in one way: how they are spread, and where on the globe they lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from potable.checkers.folds.spans import Spans
from potable.checkers.numbers.bins import Histogram
from potable.checkers.numbers.coordinates import Degrees
from potable.checkers.numbers.sentinels import counted

MOST_REACHES = 1_000
"""Past so many chunks, neighbours are remembered as one."""


@dataclass(slots=True)
class Reading:
    """See the module; all of finite numbers.

    :param pointed: such as aren't integers.
    :param spread: how the numbers are spread.
    :param listed: how often each number occurs that may stand for a missing value, by its index.
    :param degrees: where the numbers lie on the globe, in fields of latitudes and longitudes; ``beyond``: where those
        are that may lie on none; ``zeros``: where some are just zero.
    :param reach: by chunk, roughly, its first and last record and its least and greatest bin.
    """

    pointed: int = 0
    spread: Histogram = field(default_factory=Histogram)
    listed: Counter[int] = field(default_factory=Counter)
    degrees: Degrees = field(default_factory=Degrees)
    beyond: Spans = field(default_factory=Spans)
    zeros: Spans = field(default_factory=Spans)
    reach: list[tuple[int, int, int, int]] = field(default_factory=list)

    def note(
        self, finite: npt.NDArray[np.float64], span: tuple[int, int], *, is_quantity: bool, on_globe: bool
    ) -> None:
        """Numbers of these records, the only ones."""
        if is_quantity and len(finite):
            self.spread = Histogram.of(finite)
            self.listed = counted(finite, self.spread)
            self.reach = [(*span, int(self.spread.bins.min()), int(self.spread.bins.max()))]
        if on_globe:
            self.degrees = Degrees.of(finite)
            if self.degrees.beyond_90:
                self.beyond.add(*span)
            if self.degrees.zero:
                self.zeros.add(*span)

    def append(self, more: Reading) -> None:
        """Those of data that follow."""
        self.pointed += more.pointed
        self.spread = self.spread.plus(more.spread)
        self.listed.update(more.listed)
        self.degrees.add(more.degrees)
        self.beyond.append(more.beyond)
        self.zeros.append(more.zeros)
        self.reach += more.reach
        if len(self.reach) > MOST_REACHES:
            pairs = zip(self.reach[::2], [*self.reach[1::2], self.reach[-1]], strict=False)
            self.reach = [(a[0], b[1], min(a[2], b[2]), max(a[3], b[3])) for a, b in pairs]

    def copy(self) -> Reading:
        """One that can be added to by itself."""
        return replace(
            self, listed=self.listed.copy(), degrees=replace(self.degrees), beyond=Spans(list(self.beyond.bounds)),
            zeros=Spans(list(self.zeros.bounds)),
            reach=list(self.reach),
        )  # fmt: skip

    def spans(self, has_any: Callable[[int, int], bool]) -> Spans:
        """The chunks whose least and greatest bin say that they may have some."""
        return Spans([(first, last) for first, last, *bins in self.reach if has_any(*bins)])
