"""What readings of JSON and XML have in common: parts, one after another, each by a window over its text."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from potable.engine.findings import Fault
from potable.engine.reading.marks import end_marked, marked
from potable.engine.reading.of_parts import StreamedReading
from potable.engine.reading.replay import Seen, replay
from potable.engine.reading.text import TextStream
from potable.engine.reading.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyroaring import BitMap

    from potable.engine.contracts.reading import Cut
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.limits import Limits


class WindowedReading(StreamedReading):
    """Opens and ends parts, keeps their digests, and gives the cuts that were seen once more."""

    columns = None
    holds_lock = True

    def __init__(self, snapshot: Snapshot, limits: Limits) -> None:
        super().__init__(snapshot, limits)
        self._encodings: dict[int, str | None] = {}
        self._seen: list[Seen] = []
        self._open: Window | None = None

    def again(self, records: BitMap | None = None) -> Iterator[Cut]:
        """See :meth:`Reading.again`. Raises :class:`Fault` (``access/changed``) where a file was changed since."""
        return replay(self._seen, self._parts, self._encodings, self._limits, records)

    def _first_records(self, most: int) -> Iterator[Any]:
        """The documents of the first records, read once more; each is valid until the next is asked for."""
        from pyroaring import BitMap  # heavy: mostly nothing asks for it

        parser, numbers = self.parser(), np.arange(1, most + 1, dtype=np.uint64)
        with suppress(Fault):  # the file was changed: the run tells that
            for cut in self.again(BitMap(numbers)):
                yield from (document for _, document in parser.parse(cut, frozenset(), numbers).documents())

    def close(self) -> None:
        """See :meth:`Reading.close`."""
        if self._open is not None:
            self._open.text.bytes.close()
            self._open = None

    def _opened(
        self, number: int, encoding: str | None, by: str = "the definition", *, unmarked: bool = False
    ) -> Window:
        """The part of that number, at its beginning.

        :param encoding: the one that it's in by what ``by`` says; None: nothing says it.
        :param unmarked: an end mark of DOS is no part of it.
        """
        part = self._parts[number]
        self._encodings[number] = encoding
        text = TextStream(part, self._limits, encoding, hashed=part.sha256 is None, by=by, unmarked=unmarked)
        self._parts[number] = text.bytes.seen  # so that a second reading finds what this one found
        window = self._open = Window(text)
        self._note(marked(text, part))
        return window

    def _end(self) -> None:
        """A part has been read to its end."""
        assert self._open is not None
        stream = self._open.text.bytes
        stream.drain()  # behind the end of compressed data may be padding
        window = self._open
        self._note(window.mismatch(), end_marked(window.text, window.place(len(window.data))))
        self._keep_digest(stream)
        self.close()

    def _hash_the_rest(self) -> None:
        if self._open is not None:
            self._end()
        super()._hash_the_rest()
