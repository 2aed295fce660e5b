"""A stretch of a part's text, and where in the part it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from potable.engine.findings import Location, Occurrence
from potable.engine.reading.decoding import UTF8, Invalid, characters, original_length
from potable.engine.reading.text import TextStream

if TYPE_CHECKING:
    from potable.engine.contracts.snapshot import Part


class Window:
    """The text that was read and not consumed yet.

    :ivar data: the text, UTF-8; :ivar final: whether it reaches to the end.
    :ivar at: offset of its first byte in the text; :ivar byte: in the part's decompressed bytes.
    :ivar line: physical line of its first byte, from 1; :ivar column: column in characters, from 1.
    """

    def __init__(self, text: TextStream) -> None:
        self.text = text
        self.data = b""
        self.final = False
        self.at, self.byte = 0, text.encoding.mark
        self.line = self.column = 1
        self._invalid: list[Invalid] = []  # not consumed yet; offsets in the text
        self._mismatch_line: int | None = 1 if text.mismatch_at == 0 else None

    @property
    def part(self) -> Part:
        """The part that the text is from."""
        return self.text.bytes.part

    def fill(self, size: int) -> None:
        """Read about ``size`` bytes more."""
        text, self.final = self.text.read_lines(size)
        self.data = self.data + text if self.data else text
        self._invalid += self.text.invalid(self.at + len(self.data))

    def consume(self, size: int, lines: int | None = None) -> None:
        """Let go of the first bytes; a CR LF isn't to be torn apart.

        :param lines: how many lines they are, where they're known to be whole ones.
        """
        if not size:
            return
        end, head = self.byte_of(size), self.data[:size]
        if self.byte <= self.text.mismatch_at < end and self.text.encoding.mismatch:
            before = self.text.mismatch_at - self.byte
            if self.text.original != UTF8:  # a single-byte encoding: a character for each byte
                before = len(head.decode("utf-8", "replace")[:before].encode())
            self._mismatch_line = self.line + count_lines(head[:before])
        self.line, self.column = place_after(head, self.line, self.column) if lines is None else (self.line + lines, 1)
        self.byte = end
        if self._invalid:
            self._invalid = [i for i in self._invalid if i.at >= self.at + size]
        self.at += size
        self.data = self.data[size:]

    def byte_of(self, offset: int) -> int:
        """Offset in the part's bytes of an offset in the window."""
        return self.byte + original_length(self.data[:offset], self.text.original, self.invalid(0, offset))

    def invalid(self, start: int, stop: int) -> tuple[Invalid, ...]:
        """What couldn't be transcoded in ``data[start:stop]``, offsets counted from ``start``."""
        first = self.at + start
        return tuple(replace(i, at=i.at - first) for i in self._invalid if first <= i.at < self.at + stop)

    def place(self, offset: int, record: int | None = None) -> Location:
        """The place of an offset in the window."""
        line, column = place_after(self.data[:offset], self.line, self.column)
        return Location(
            file=self.part.name, url=self.part.url, line=line, column=column, byte=self.byte_of(offset), record=record
        )

    def mismatch(self) -> Occurrence | None:
        """The wrong declaration of the encoding, once all was read."""
        note = self.text.encoding.mismatch
        if note is None:
            return None
        place = Location(file=self.part.name, url=self.part.url, line=self._mismatch_line, byte=self.text.mismatch_at)
        return Occurrence("encoding/declared-mismatch", note, location=place)


def count_lines(text: bytes) -> int:
    """How many physical line breaks there are: LF, CR LF and CR."""
    return text.count(b"\n") + (text.count(b"\r") - text.count(b"\r\n") if b"\r" in text else 0)


def place_after(text: bytes, line: int, column: int) -> tuple[int, int]:
    """Line and column behind ``text``, which starts at ``line`` and ``column``."""
    last = max(text.rfind(b"\n"), text.rfind(b"\r") if b"\r" in text else -1)
    if last >= 0:
        return line + count_lines(text), 1 + characters(text[last + 1 :])
    return line, column + characters(text)
