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
"""So many bytes tell a text's encoding."""
_BLOCK = 1 << 20
_END_MARK = b"\x1a"
_MOST_END_MARKS = 1 << 12  # CP/M filled the last sector with them


class TextStream:
    """The UTF-8 text of a part, once from start to end, without its byte order mark.

    UTF-8 passes through as it is, valid or not. Whatever else is transcoded, with U+FFFD for what can't be. Where only
    the server says an encoding, it isn't believed before the first bytes beyond ASCII have been seen.

    :ivar bytes: the bytes that it is made from.
    :ivar encoding: how they are encoded.
    :ivar mismatch_at: where the declaration is seen to be wrong, an offset in the bytes.
    :ivar position: bytes of text read so far.
    :ivar end_marks: how many end marks of DOS stood behind the text.
    """

    def __init__(
        self,
        part: Part,
        limits: Limits,
        declared: str | None = None,
        *,
        hashed: bool = True,
        by: str = "the definition",
        unmarked: bool = False,
    ) -> None:
        """Open ``part``; ``declared``: the encoding that ``by`` declares; ``unmarked``: end marks of DOS (1A) are no
        part of the text. Raises as :class:`ByteStream` does.
        """
        self.bytes = ByteStream(part, limits, hashed=hashed)
        self.position = 0
        self.end_marks = 0
        self._unmarked = unmarked
        self._marks = 0  # such that were given as text, at the end of what was given last
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
        text = self._take(size)
        if self._unmarked and text:
            text = self._without_end_marks(text, size)
        self.position += len(text)
        return text

    def _take(self, size: int) -> bytes:
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
        return text

    def _without_end_marks(self, text: bytes, size: int) -> bytes:
        """What was taken, without the marks that only the end of the file follows."""
        marks = _marks_of(text)
        before = self._marks if marks == len(text) else 0  # so many that nobody took them for an end
        self._marks = before + marks
        if not marks or before:
            return text
        if len(text) == size:  # it may not be the end
            ahead = self._take(_MOST_END_MARKS)
            if _marks_of(ahead) < len(ahead) or marks + len(ahead) > _MOST_END_MARKS:
                self._put_back(ahead)
                return text
            marks += len(ahead)
        if marks > _MOST_END_MARKS:
            return text
        self.end_marks = marks
        return text[: -self._marks]

    def _put_back(self, text: bytes) -> None:
        if self._mode == "direct":
            self._head = text + self._head
        else:
            self._text = text + self._text

    def peek(self) -> tuple[bytes, bool]:
        """The text's first 64 KiB, and whether that's all of it; to be called before anything is read."""
        while self._mode != "direct" and len(self._text) < _HEAD and not self._ended:
            self._text += self._next()
        head, whole = (self._head, self._short) if self._mode == "direct" else (self._text[:_HEAD], self._ended)
        whole = whole and (self._mode == "direct" or len(self._text) <= _HEAD)
        if whole and self._unmarked and _marks_of(head) <= _MOST_END_MARKS:
            head = head.rstrip(_END_MARK)
        return head, whole

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


def _marks_of(text: bytes) -> int:
    """How many end marks are at the end of a text."""
    return len(text) - len(text.rstrip(_END_MARK)) if text.endswith(_END_MARK) else 0
