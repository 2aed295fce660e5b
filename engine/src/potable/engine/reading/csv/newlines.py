"""How the records of a part end: one finding where that isn't always the same, or a CR is there twice."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from potable.engine.findings import Location, Occurrence
from potable.engine.reading.csv.quotes import Offsets

_CR, _LF = 13, 10
_SHOWN = {"lf": "LF", "crlf": "CR LF", "cr": "CR", "crcrlf": "CR CR LF"}
_NONE: Offsets = np.empty(0, np.int64)
_Place = Callable[[int], tuple[int, int]]


class Newlines:
    """Counts of each kind of line break behind records, and where each kind first came.

    CR CR LF is a record's end in CR and a blank line that ends in CR LF; together they're one break that was written
    twice.

    :ivar counts: by kind: ``lf``, ``crlf``, ``cr``, ``crcrlf``.
    :ivar first: line and byte of the first of its kind.
    """

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.first: dict[str, tuple[int, int]] = {}
        self._held: tuple[int, tuple[int, int]] | None = None  # a CR that may be doubled: where it ends, and its place

    def add(self, kind: str, count: int, place: Callable[[], tuple[int, int]]) -> None:
        """Count; ``place`` gives line and byte of the first of these."""
        if count:
            self.counts[kind] = self.counts.get(kind, 0) + count
            if kind not in self.first:
                self.first[kind] = place()

    def note(self, buffer: bytes, at: int, breaks: Offsets, place: _Place) -> Offsets:
        """Count the line breaks of a buffer; offsets of the blank lines that are the second half of CR CR LF.

        :param at: the buffer's offset in the text.
        :param breaks: offsets behind them.
        :param place: line and byte of an offset in the buffer.
        """
        if not len(breaks):
            return _NONE
        if b"\r" not in buffer:
            self._release()
            self.add("lf", len(breaks), lambda: place(int(breaks[0]) - 1))
            return _NONE
        text = np.frombuffer(buffer, np.uint8)
        masks, again = _kinds(text, breaks, held=self._held is not None and self._held[0] == at)
        over = int(len(again) > 0 and again[0] == 0)  # the first half is in an earlier buffer
        self._release("crcrlf" if over else "cr")
        if masks["cr"][-1]:
            masks["cr"][-1] = False
            self._held = at + int(breaks[-1]), place(int(breaks[-1]) - 1)
        for kind, mask in masks.items():
            ends = breaks[mask]
            self.add(kind, len(ends), partial(_first, place, ends, len(_SHOWN[kind].split())))
        inner = again[over:]
        self.add("crcrlf", len(inner), lambda: place(int(inner[0]) - 1))
        return again

    def _release(self, kind: str = "cr") -> None:
        """Count the CR that was held."""
        if self._held is not None:
            place, self._held = self._held[1], None
            self.add(kind, 1, lambda: place)

    def occurrence(self, file: str, url: str | None) -> Occurrence | None:
        """The finding, placed where the second kind first comes; None where there's one kind. It's the end."""
        self._release()
        order = sorted(self.first, key=self.first.__getitem__)
        details = {_SHOWN[k]: n for k, n in self.counts.items()}
        if order == ["crcrlf"]:
            line, byte = self.first["crcrlf"]
            place = Location(file=file, url=url, line=line, byte=byte)
            message = f"lines end in CR CR LF ({self.counts['crcrlf']:,})"
            return Occurrence("encoding/doubled-return", message, location=place, details=details)
        if len(order) < 2:
            return None
        line, byte = self.first[order[1]]
        shares = ", ".join(f"{self.counts[k]:,} × {_SHOWN[k]}" for k in order)
        return Occurrence(
            "encoding/mixed-newlines",
            f"lines end in {_SHOWN[order[0]]} up to line {line}, which ends in {_SHOWN[order[1]]} ({shares})",
            location=Location(file=file, url=url, line=line, byte=byte),
            details=details,
        )


def _first(place: _Place, ends: Offsets, size: int) -> tuple[int, int]:
    return place(int(ends[0]) - size)


def _kinds(
    text: npt.NDArray[np.uint8], breaks: Offsets, *, held: bool
) -> tuple[dict[str, npt.NDArray[np.bool_]], Offsets]:
    """Which line breaks are of which kind, and where the blank lines start that make CR CR LF of a CR.

    :param held: a CR is right before the text.
    """
    ends_lf = text[breaks - 1] == _LF
    behind_cr = text[np.maximum(breaks - 2, 0)] == _CR
    behind_cr &= breaks > 1
    lf, crlf, cr = ends_lf & ~behind_cr, ends_lf & behind_cr, ~ends_lf
    starts = breaks - 2
    doubled = crlf.copy()
    doubled[0] &= bool(starts[0] == 0) and held
    doubled[1:] &= (starts[1:] == breaks[:-1]) & cr[:-1]
    cr[:-1] &= ~doubled[1:]
    return {"lf": lf, "crlf": crlf & ~doubled, "cr": cr}, starts[doubled]
