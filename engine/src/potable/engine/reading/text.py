"""The text of a part: its bytes, decompressed, hashed, and turned into UTF-8 where they aren't."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from potable.engine.findings import Fault
from potable.engine.reading.decoding import UTF8, Invalid, Transcoder, contradiction, detect
from potable.engine.reading.streams import ByteStream

if TYPE_CHECKING:
    from potable.engine.contracts.snapshot import Part
    from potable.engine.limits import Limits

_HEAD = 1 << 16
_BLOCK = 1 << 20


class TextStream:
    """The UTF-8 text of a part, once from start to end, without its byte order mark.

    UTF-8 passes through as it is, valid or not. Whatever else is transcoded, with U+FFFD for what can't be. Where only
    the server says an encoding, it isn't believed before the first bytes beyond ASCII have been seen.

    :ivar bytes: the bytes that it is made from.
    :ivar encoding: how they are encoded.
    :ivar mismatch_at: where the declaration is seen to be wrong, an offset in the bytes.
    :ivar position: bytes of text read so far.
    """

    def __init__(
        self,
        part: Part,
        limits: Limits,
        declared: str | None = None,
        *,
        hashed: bool = True,
        by: str = "the definition",
    ) -> None:
        """Open ``part``; ``declared``: the encoding that ``by`` declares. Raises as :class:`ByteStream` does."""
        self.bytes = ByteStream(part, limits, hashed=hashed)
        self.position = 0
        try:
            head = self.bytes.read(_HEAD)
        except Fault:
            self.bytes.close()
            raise
        self.encoding = detect(head, declared, part.charset, by)
        # That it's UTF-16 or UTF-32 shows in all bytes, another encoding in those beyond ASCII.
        wide = self.encoding.mark or self.encoding.name.startswith(("utf-16", "utf-32"))
        self.mismatch_at = 0 if wide else _beyond_ascii(head)
        self._said = declared or part.charset or ""
        self._by = by if declared else "the server"
        self._head = head[self.encoding.mark :]
        self._text = b""  # made, but not asked for yet
        self._short = len(head) < _HEAD
        self._ended = False
        self._transcoder: Transcoder | None = None
        self._mode: Literal["direct", "waiting", "decided"] = "decided"
        if self.encoding.name == UTF8:
            self._mode = "direct"
        elif not declared and not self.encoding.mark and head.isascii() and _extends_ascii(self.encoding.name):
            self._mode = "waiting"
        else:
            self._transcoder = Transcoder(self.encoding.name, self.encoding.mark)

    @property
    def direct(self) -> bool:
        """The text is the file, byte by byte: it can be read from any offset."""
        return self._mode == "direct" and self.bytes.compressed is None

    @property
    def original(self) -> str:
        """The encoding that the text so far comes from: ``utf-8`` where it came through as it is."""
        return UTF8 if self._transcoder is None else self.encoding.name

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes of text; fewer only at the end."""
        if self._mode == "direct":
            text, self._head = self._head[:size], self._head[size:]
            if not text:
                text = self.bytes.read(size)
            elif len(text) < size:
                text += self.bytes.read(size - len(text))
        else:
            blocks, there = [self._text], len(self._text)
            while there < size and not self._ended:
                blocks.append(self._next())
                there += len(blocks[-1])
            whole = b"".join(blocks)
            text, self._text = whole[:size], whole[size:]
        self.position += len(text)
        return text

    def peek(self) -> tuple[bytes, bool]:
        """The text's first 64 KiB, and whether that's all of it; to be called before anything is read."""
        if self._mode == "direct":
            return self._head, self._short
        while len(self._text) < _HEAD and not self._ended:
            self._text += self._next()
        return self._text[:_HEAD], self._ended and len(self._text) <= _HEAD

    def read_lines(self, size: int) -> tuple[bytes, bool]:
        """About the next ``size`` bytes, up to the end of a line if that's easily done, and whether it's the end."""
        if self._mode == "direct" and not self._head:
            size = self.bytes.to_line_end(size)
        text = self.read(size)
        return text, len(text) < size

    def invalid(self, before: int) -> list[Invalid]:
        """What couldn't be decoded in the text before an offset (from its start); each is given once."""
        if self._transcoder is None:
            return []
        given = [i for i in self._transcoder.invalid if i.at < before]
        del self._transcoder.invalid[: len(given)]
        return given

    def _next(self) -> bytes:
        """The text of the next block; blocks are of one size whatever is asked for, so that a second reading agrees."""
        start = self.bytes.position - len(self._head)
        raw = self._head + self.bytes.read(_BLOCK - len(self._head))
        self._head = b""
        self._ended = len(raw) < _BLOCK
        if self._mode == "waiting" and not raw.isascii():
            self._mode = "decided"
            if not self._contradicts(raw, start):
                self._transcoder = Transcoder(self.encoding.name, start, start)
        if self._transcoder is None:
            return raw
        if self.encoding.mismatch is None:
            self._contradicts(raw, start)
        return self._transcoder.decode(raw, final=self._ended)

    def _contradicts(self, raw: bytes, start: int) -> bool:
        note = contradiction(raw, self.encoding.name, self._said, self._by)
        if note is None:
            return False
        self.encoding = replace(self.encoding, mismatch=note)
        self.mismatch_at = start + _beyond_ascii(raw)
        return True


def _extends_ascii(name: str) -> bool:
    ascii_bytes = bytes(range(128))
    return ascii_bytes.decode(name, "replace") == ascii_bytes.decode("ascii")


def _beyond_ascii(data: bytes) -> int:
    """Offset of the first byte beyond ASCII; 0 where there's none."""
    return next((i for i, b in enumerate(data) if b > 127), 0) if not data.isascii() else 0
