"""Parts of a document that are elsewhere: XInclude (https://www.w3.org/TR/xinclude/), which isn't followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from potable.engine.findings import Sample, Tally
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.window import Window
from potable.engine.reading.xml.layout import Offsets
from potable.engine.reading.xml.output import hidden, inside
from potable.engine.reading.xml.prolog import place

_SPACE = b"http://www.w3.org/2001/XInclude"
_BOUND = lazy_regex(rb"""\bxmlns(?::([^\s=<>"']{1,200}))?\s*=\s*["']%b["']""" % re.escape(_SPACE))
_HREF = lazy_regex(rb"""\shref\s*=\s*["']([^"'<>]{0,2000})["']""")
_TAG = rb"<(?:%b)include(?=[\s/>])[^<>]{0,5000}"


@dataclass(slots=True)
class Includes:
    """What was found of them in one part.

    :param samples: most samples that are kept.
    """

    samples: int
    _prefixes: set[bytes] = field(default_factory=set)
    _behind: int = 0  # offset in the part's text: what is before it was looked at
    _count: int = 0
    _records: list[int] = field(default_factory=list)
    _found: list[Sample] = field(default_factory=list)

    def look(self, w: Window, pos: int, starts: Offsets, stops: Offsets, record: int) -> None:
        """Look at the window's text up to an offset; see :meth:`Output.look`."""
        if w.data.find(_SPACE, 0, pos) >= 0:
            self._prefixes |= {m[1] + b":" if m[1] else b"" for m in _BOUND.finditer(w.data, 0, pos)}
        if not self._prefixes:
            return
        tag = re.compile(_TAG % b"|".join(map(re.escape, sorted(self._prefixes))))
        for found in tag.finditer(w.data, max(self._behind - w.at, 0), pos):
            at = found.start()
            if hidden(w.data, at):
                continue
            self._count += 1
            row = inside(at, starts, stops)
            number = None if row is None else record + row
            if number is not None and self._records[-1:] != [number]:
                self._records.append(number)
            if len(self._found) < self.samples:
                href = _HREF.search(found[0])
                what = href[1].decode("utf-8", "replace") if href else None
                told = f", {what!r}," if what else ""
                where = "beside the records" if row is None else "of the record"
                message = f"a part {where}{told} is to be taken from elsewhere (XInclude): it wasn't read"
                self._found.append(Sample(message=message, value=what, location=replace(place(w, at), record=number)))
        self._behind = w.at + pos

    def tallies(self) -> Iterator[Tally]:
        """``xml/not-included``, if there was any."""
        if self._count:
            numbers = np.array(self._records, np.uint64)
            yield Tally(code="xml/not-included", count=self._count, samples=tuple(self._found), records=numbers)
