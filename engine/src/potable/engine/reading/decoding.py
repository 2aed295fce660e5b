"""From bytes in some encoding to UTF-8, without losing the place of a byte."""

from __future__ import annotations

import codecs
import struct
from dataclasses import dataclass
from functools import cache

import numpy as np

from potable.engine.lazyregex import lazy_regex

UTF8 = "utf-8"
REPLACED = "\ufffd"
"""What stands for bytes that can't be decoded."""

_MARKS = (  # longest first: UTF-32 LE starts as UTF-16 LE does
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UTF8_MARKS = lazy_regex(b"(?:\xef\xbb\xbf|\xc3\xaf\xc2\xbb\xc2\xbf)+")
"""Programs that don't know the mark copy it, or take it for three letters and encode these."""
_UNUSABLE = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7", "mbcs", "oem"}
_WIDE = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_BEYOND = "漢汉あ한"
"""An encoding that has one of these takes several bytes for some characters."""
_NEXT_LINE = "\x85"
_STEP = 1 << 14
_WIDE_ENOUGH = 8
"""A text of fewer bytes may be UTF-16 without a line break."""


@dataclass(frozen=True, slots=True)
class Invalid:
    """Bytes that aren't in the encoding; U+FFFD stands for them in the text.

    :param at: offset of U+FFFD in the UTF-8 text; of the bytes themselves where the text still has them.
    :param byte: offset in the original bytes.
    :param bytes: the bytes.
    """

    at: int
    byte: int
    bytes: bytes


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a part is encoded.

    :param name: Python's name of the codec, of a fixed byte order; ``utf-8`` needs no decoding.
    :param mark: length of the byte order mark.
    :param mismatch: in what the declaration is wrong, a sentence; None where it's right.
    """

    name: str = UTF8
    mark: int = 0
    mismatch: str | None = None


def codec(name: str) -> str | None:
    """Python's name for a text encoding, or None for an unknown one."""
    try:
        "".encode(name)
        found = codecs.lookup(name.strip()).name
    except (LookupError, ValueError, UnicodeError):
        return None
    if found in ("ascii", "utf-8-sig", "utf_8_sig"):
        return UTF8
    return None if found.replace("-", "_") in {u.replace("-", "_") for u in _UNUSABLE} else found


def detect(head: bytes, declared: str | None, announced: str | None, by: str = "the definition") -> Encoding:
    """The encoding of a text that starts with ``head``.

    A byte order mark decides; else the definition; else the server, unless the bytes contradict it; else UTF-8.

    :param declared: the definition's encoding, a name that :func:`codec` knows.
    :param announced: the server's charset.
    :param by: who declared it, where it isn't the definition.
    """
    said, by = (declared, by) if declared else (announced, "the server")
    told = codec(said) if said else None
    for mark, name in _MARKS:
        if head.startswith(mark):
            same = told in (None, name) or _WIDE.get(told or "") in (name, name.replace("-be", "-le"))
            note = None if same else f"the byte order mark tells {name}, {by} says {said}"
            marks = _UTF8_MARKS.match(head)
            return Encoding(name, len(mark) if marks is None else marks.end(), note)
    if told in (None, UTF8) and (marks := _UTF8_MARKS.match(head)) is not None:
        return Encoding(UTF8, marks.end())
    guess = byte_order(head)
    if told is not None and told.startswith(("utf-16", "utf-32")) and guess is None and _is_narrow(head):
        return Encoding(mismatch=f"the bytes are valid UTF-8, {by} says {said}")
    if told in _WIDE:
        width = told[-2:]
        return Encoding(guess if guess and width in guess else _WIDE[told])
    if guess is not None and told != guess and "utf-" not in (told or "").replace(UTF8, ""):
        told_of = f"{by} says {said}" if said else "and nothing declares it"
        return Encoding(guess, 0, f"the bytes are {guess} without a byte order mark, {told_of}")
    if said and told is None:
        return Encoding(mismatch=f"{by} says {said!r}, which is no known encoding; read as UTF-8")
    if told is None or told == UTF8:
        ascii_alone = said is not None and codecs.lookup(said.strip()).name == "ascii"
        return Encoding(mismatch=contradiction(head, "ascii", said, by) if said and ascii_alone else None)
    note = contradiction(head, told, said or told, by)
    return Encoding(told if declared or note is None else UTF8, 0, note)


def may_go_on(text: bytes, encoding: str) -> bool:
    """Whether bytes are the beginning of a character."""
    try:
        return not codecs.getincrementaldecoder(encoding)().decode(text)
    except UnicodeDecodeError:
        return False


def contradiction(data: bytes, name: str, said: str, by: str) -> str | None:
    """Why ``data`` isn't likely in the encoding ``name``: it is valid UTF-8 beyond ASCII; None where it may be."""
    if data.isascii() or "utf" in name:
        return None
    for cut in range(4):  # the last character may be broken off
        try:
            text = data[: len(data) - cut].decode()
        except UnicodeDecodeError:
            continue
        return f"the bytes are valid UTF-8, {by} says {said}" if not text.isascii() else None
    return None


def _is_narrow(head: bytes) -> bool:
    """Whether a text can't be in UTF-16 or UTF-32: it's valid UTF-8, and has no NUL, which any line break there has."""
    return len(head) >= _WIDE_ENOUGH and b"\0" not in head and is_utf8(head[: _valid_end(head)])


def _valid_end(head: bytes) -> int:
    """Where the last character starts, which may be broken off; the end of ASCII."""
    end = len(head)
    while end and head[end - 1] & 0xC0 == 0x80:
        end -= 1
    return end - 1 if end and head[end - 1] > 127 else len(head)


def byte_order(head: bytes) -> str | None:
    """UTF-16 or UTF-32 of mostly ASCII text, told by where its NUL bytes are."""
    sample = head[: len(head) // 4 * 4][:4096]
    if len(sample) < 4:
        return None
    nul = [sample[i::4].count(0) / len(sample[i::4]) for i in range(4)]
    pattern = (nul[0] > 0.7, nul[1] > 0.7, nul[2] > 0.7, nul[3] > 0.7)
    return {
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
    }.get(pattern)


class Transcoder:
    """Turns a stream of bytes in one encoding into UTF-8, block by block.

    :ivar invalid: what couldn't be decoded, so far; offsets from the streams' starts.
    """

    def __init__(self, encoding: str, byte: int = 0, at: int = 0) -> None:
        """``byte``, ``at``: offsets of the first byte that will come, and of the text made from it."""
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._ebcdic = is_ebcdic(encoding)
        self._byte = byte  # behind what the decoder has been given
        self._at = at  # behind what came out
        self.invalid: list[Invalid] = []

    def decode(self, data: bytes, *, final: bool) -> bytes:
        """The text of the next block, as far as its characters are whole."""
        state = self._decoder.getstate()
        try:
            text = self._utf8(self._decoder.decode(data, final))
        except UnicodeDecodeError:
            self._decoder.setstate(state)
            starts = range(0, len(data), _STEP)
            text = b"".join(self._step(data[i : i + _STEP], final and i + _STEP >= len(data)) for i in starts)
            if not starts:
                text = self._step(b"", final)
            return text
        self._byte += len(data)
        self._at += len(text)
        return text

    def _utf8(self, text: str) -> bytes:
        return (text.replace(_NEXT_LINE, "\n") if self._ebcdic else text).encode("utf-8")

    def _step(self, data: bytes, final: bool) -> bytes:
        out: list[bytes] = []
        while True:
            pending, flags = self._decoder.getstate()
            try:
                text = self._utf8(self._decoder.decode(data, final))
            except UnicodeDecodeError as e:
                whole, first = e.object, self._byte - len(pending)
                self._decoder.setstate((b"", flags))
                text = self._utf8(self._decoder.decode(whole[: e.start]))
                self._decoder.setstate((b"", self._decoder.getstate()[1]))
                self._at += len(text)
                self.invalid.append(Invalid(self._at, first + e.start, whole[e.start : e.end]))
                out += (text, b"\xef\xbf\xbd")
                self._at += 3
                data = whole[e.end :]
                self._byte = first + e.end
                continue
            out.append(text)
            self._byte += len(data)
            self._at += len(text)
            return b"".join(out)


@cache
def is_ebcdic(encoding: str) -> bool:
    """Whether an encoding is a code page of EBCDIC, in which lines end in 15 (NEL)."""
    return b"\xc1\xf0\x40\x15".decode(encoding, "replace") == f"A0 {_NEXT_LINE}"


def original_length(text: bytes, encoding: str, invalid: tuple[Invalid, ...] = ()) -> int:
    """How many bytes of the original became ``text``.

    :param invalid: the replaced bytes in ``text``, their ``at`` counted from its start.
    """
    if encoding == UTF8:
        return len(text)
    width = _width(encoding)
    if width is not None:
        units = characters(text)
        if width == 2:  # UTF-16 writes those beyond the basic plane as two
            units += int(np.count_nonzero(np.frombuffer(text, np.uint8) >= 0xF0))
        return width * units + sum(len(i.bytes) - width for i in invalid if i.at < len(text))
    length, done = 0, 0
    for i in invalid:
        if i.at >= len(text):
            break
        length += len(text[done : i.at].decode("utf-8").encode(encoding, "replace")) + len(i.bytes)
        done = i.at + 3
    return length + len(text[done:].decode("utf-8", "replace").encode(encoding, "replace"))


@cache
def _width(encoding: str) -> int | None:
    """Bytes of each unit of an encoding in which all are of one size; None: they aren't."""
    for width, name in ((2, "utf-16"), (4, "utf-32")):
        if encoding.startswith(name):
            return width if encoding != name else None  # the bare name also writes a byte order mark
    one_each = len(bytes(range(256)).decode(encoding, "replace")) == 256
    return 1 if one_each and not _BEYOND.encode(encoding, "ignore") else None


def characters(text: bytes) -> int:
    """How many characters UTF-8 has: bytes that don't continue one."""
    if text.isascii():
        return len(text)
    return int(np.count_nonzero(np.frombuffer(text, np.int8) >= -0x40))


_ESCAPES = lazy_regex("[\udc80-\udcff]+")


def is_utf8(data: bytes) -> bool:
    """Whether all of ``data`` is valid UTF-8 (RFC 3629)."""
    if len(data) < _STEP:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True
    if data.isascii():
        return True
    import pyarrow as pa  # heavy; it checks without making a str, three times as fast

    ends = pa.py_buffer(struct.pack("=qq", 0, len(data)))
    try:
        pa.Array.from_buffers(pa.large_utf8(), 1, [None, ends, pa.py_buffer(data)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def mend_utf8(data: bytes) -> tuple[bytes, list[Invalid]]:
    """``data`` with U+FFFD for each run of bytes that isn't UTF-8, and those runs (``at`` as in ``data``)."""
    if is_utf8(data):
        return data, []
    text = data.decode("utf-8", "surrogateescape")
    out: list[bytes] = []
    invalid: list[Invalid] = []
    done, byte = 0, 0
    for found in _ESCAPES.finditer(text):
        good = text[done : found.start()].encode("utf-8")
        byte += len(good)
        bad = found[0].encode("utf-8", "surrogateescape")
        invalid.append(Invalid(byte, byte, bad))
        out += (good, b"\xef\xbf\xbd")
        byte += len(bad)
        done = found.end()
    out.append(text[done:].encode("utf-8"))
    return b"".join(out), invalid


def describe_bytes(bad: bytes) -> str:
    """Bytes for a message: ``E9 (é in windows-1252, È in mac-roman)``."""
    shown = bad[:8].hex(" ").upper() + (" …" if len(bad) > 8 else "")
    likely = []
    for name in ("cp1252", "mac_roman", "cp437"):
        try:
            text = bad[:8].decode(name)
        except UnicodeDecodeError:
            continue
        if text.isalpha() or text in "–—‘’“”•…™°±µ·«»½¼¾×©®€£§":
            likely.append(f"{text} in {_SHOWN.get(name, name)}")
    return f"{shown} ({', '.join(likely[:2])})" if likely else shown


_SHOWN = {"cp1252": "windows-1252", "mac_roman": "Mac Roman", "cp437": "code page 437"}
