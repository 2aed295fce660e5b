"""What zip and tar archives have inside, read without trusting them."""

from __future__ import annotations

import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Protocol, Self

from potable.engine.fetching.sniffing.markup import as_text, text_kind
from potable.engine.fetching.sniffing.signatures import is_binary
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.streams import ByteStream

if TYPE_CHECKING:
    from potable.engine.contracts.snapshot import Part
    from potable.engine.limits import Limits

PIECE = 1 << 18
BZIP2_PIECE = 1 << 12
HEADER_BYTES = 1 << 20
"""Longest header of a tar member: a name, or what a pax header holds."""
DIRECTORY_BYTES = 1 << 26
"""Longest directory of a zip archive."""

_AGAIN = "Get the file again, whole: a transfer broke off, or the disk was full."
_NONE = "Get the file again; where it's the same again, its owner must know: something else was written into it."
_LOCAL = struct.Struct("<4xHHH16xHH")
"""Of a member's header: version, flags, method, lengths of its name and of further fields."""

_DRIVE = lazy_regex(r"[A-Za-z]:")
_LINKS = {tarfile.SYMTYPE: "a symbolic link", tarfile.LNKTYPE: "a hard link"}
_HEADERS = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME,
            tarfile.GNUTYPE_LONGLINK)  # fmt: skip
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)


class Damaged(Exception):
    """An archive that can't be read, or not safely; ``str()`` says why.

    :ivar hint: how to mend that; None: as for any archive.
    """

    def __init__(self, why: str, hint: str | None = None) -> None:
        super().__init__(why, hint)
        self.hint = hint

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive.

    :param name: its name, with ``/``.
    :param number: its place in the archive, from 0.
    :param folder: it's a folder.
    :param unsafe: why an archive with it isn't unpacked at all; "" where it's harmless.
    :param refused: why it can't be taken out; "" where it can.
    """

    name: str
    number: int
    folder: bool = False
    unsafe: str = ""
    refused: str = ""


Pieces = Generator[tuple[Member, Generator[bytes, None, None]], None, None]


class Archive(Protocol):
    """An open archive."""

    def members(self) -> list[Member]:
        """All members in their order. Raises :class:`Damaged`."""

    def read(self, chosen: Sequence[Member]) -> Pieces:
        """The chosen members with their bytes, each to be read before the next one. Raises :class:`Damaged`."""


@contextmanager
def open_archive(part: Part, kind: str, limits: Limits, most: int) -> Iterator[Archive]:
    """Open a ``zip`` or ``tar`` archive; a tar may be compressed by gzip, bzip2, xz or zstd.

    :param most: most members.

    Raises :class:`Damaged`, and ``Fault`` as :class:`~potable.engine.reading.streams.ByteStream` does.
    """
    if kind == "tar":
        yield _Tar(part, limits, most)
        return
    try:
        _check_directory(part, most)
        archive = zipfile.ZipFile(part.path)
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError) as error:
        raise Damaged(f"the zip archive is damaged ({_told(error)})") from None
    with archive:
        yield _Zip(archive)


def _unsafe(name: str) -> str:
    """Why a name leads out of the folder that it's unpacked into."""
    parts = re.split(r"[/\\]", name)
    if ".." in parts:
        return "leads out of the archive by '..'"
    if name.startswith(("/", "\\")) or _DRIVE.match(name):
        return "has an absolute name"
    return "has a control character in its name" if re.search(r"[\x00-\x1f\x7f]", name) else ""


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def members(self) -> list[Member]:
        return [self._member(number, info) for number, info in enumerate(self._archive.infolist())]

    @staticmethod
    def _member(number: int, info: zipfile.ZipInfo) -> Member:
        mode = stat.S_IFMT(info.external_attr >> 16) if info.create_system == 3 else 0
        refused = ""
        if info.flag_bits & _ENCRYPTED:
            refused = "is encrypted"
        elif mode == stat.S_IFLNK:
            refused = "is a symbolic link, which isn't followed"
        elif mode not in (0, stat.S_IFREG, stat.S_IFDIR):
            refused = "is a device or a pipe"
        elif info.compress_type not in _METHODS:
            refused = "is compressed in a way that isn't known here"
        # orig_filename is as written: filename ends at a NUL
        name = info.filename.replace("\\", "/")
        return Member(name, number, name.endswith("/"), _unsafe(info.orig_filename), refused)

    def read(self, chosen: Sequence[Member]) -> Pieces:
        infos = self._archive.infolist()
        for member in chosen:
            yield member, self._pieces(infos[member.number])

    def _pieces(self, info: zipfile.ZipInfo) -> Generator[bytes, None, None]:
        # Only deflate unpacks no more than it's asked for: of bzip2 a little is taken at a time.
        step = BZIP2_PIECE if info.compress_type == zipfile.ZIP_BZIP2 else PIECE
        try:
            with self._archive.open(info) as opened:
                file: Any = opened  # zipfile's own class, which has read1
                left = info.file_size
                while piece := file.read1(step):
                    left -= len(piece)
                    yield piece
                if left:
                    raise Damaged(f"the member {info.filename[:200]!r} is shorter than announced")
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
            raise Damaged(f"the member {info.filename[:200]!r} is damaged ({_told(error)})") from None


def _check_directory(part: Part, most: int) -> None:
    """Refuse a zip archive whose directory is too large to be held in memory, before it is."""
    with part.path.open("rb") as file:
        head = file.read(_LOCAL.size + 400)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - (1 << 16) - 64))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        if _begins_with_member(head):
            raise Damaged("the zip archive breaks off: its directory is missing", _AGAIN)
        raise Damaged(f"it begins as a zip archive does (PK), but is none: behind that is {_is_what(head[4:])}", _NONE)
    count, directory = struct.unpack_from("<HL", tail, at + 10)
    wide = tail.rfind(b"PK\x06\x06", 0, at) if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07") else -1
    if wide >= 0:
        count, directory = struct.unpack_from("<QQ", tail, wide + 32)
    if count > most:
        raise Damaged(f"it has {count:,} members, more than {most:,}")
    if directory > DIRECTORY_BYTES:
        raise Damaged(f"its directory has {directory:,} bytes, more than {DIRECTORY_BYTES:,}")


def _begins_with_member(head: bytes) -> bool:
    """Whether a zip archive's first bytes are followed by what a member's header has there: versions, methods of
    compression and lengths of names aren't large.
    """
    if not head.startswith(b"PK\x03\x04"):
        return head.startswith((b"PK\x05\x06", b"PK\x07\x08"))
    if len(head) < _LOCAL.size:
        return not head[4:].isascii() or b"\0" in head[4:]  # it breaks off within
    version, _, method, length, more = _LOCAL.unpack_from(head)
    return bool(version & 0xFF < 100 and method < 100 and 0 < length < 1 << 12 and more < 1 << 14)


def _is_what(rest: bytes) -> str:
    text = as_text(rest).strip()
    what = {"html": "an HTML page", "xml": "XML", "json": "JSON", "text": "text"}.get(text_kind(text))
    return "nothing that a zip archive has" if is_binary(rest) or what is None else f"{what}: {text[:80]!r}"


class _Info(tarfile.TarInfo):
    """A member's header. Where one can't be read tarfile takes the archive to be at its end, which only a block of
    zeros says; and it would hold a header of any length in memory.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            info = super().frombuf(buf, encoding, errors)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as error:
            if len(buf) < tarfile.BLOCKSIZE:
                raise Damaged(
                    "the tar archive breaks off: there's no end mark behind its last member", _AGAIN
                ) from None
            raise Damaged(f"the tar archive is damaged: where a member's header belongs is none ({error})") from None
        if info.size < 0:
            raise Damaged("a member of the tar archive has a negative size")
        if info.type in _HEADERS and info.size > HEADER_BYTES:
            raise Damaged(f"a header of the tar archive has {info.size:,} bytes, more than {HEADER_BYTES:,}")
        return info


class _Tar:
    """A tar archive, gone through once for its members' names and once for their bytes."""

    def __init__(self, part: Part, limits: Limits, most: int) -> None:
        self._part, self._limits, self._most = part, limits, most

    def members(self) -> list[Member]:
        found: list[Member] = []
        for number, (_, info) in enumerate(self._walk()):
            if number == self._most:
                raise Damaged(f"it has more than {self._most:,} members")
            found.append(self._member(number, info))
        if not found:
            raise Damaged("the tar archive is empty, or damaged from its start")
        return found

    @staticmethod
    def _member(number: int, info: tarfile.TarInfo) -> Member:
        refused = ""
        if info.type in _LINKS:
            refused = f"is {_LINKS[info.type]}, which isn't followed"
        elif not (info.isreg() or info.isdir()):
            refused = "is a device, a pipe or of an unknown kind"
        elif info.issparse():
            refused = "is a sparse file"
        name = info.name.removeprefix("./")
        return Member(name, number, info.isdir(), _unsafe(name), refused)

    def read(self, chosen: Sequence[Member]) -> Pieces:
        wanted = {member.number: member for member in chosen}
        for number, (archive, info) in enumerate(self._walk()):
            member = wanted.pop(number, None)
            if member is not None:
                file = archive.extractfile(info)
                if file is not None:
                    yield member, self._pieces(file, info)
            if not wanted:
                return

    def _walk(self) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
        stream = ByteStream(self._part, self._limits, hashed=False)
        try:
            # "r|": read once from start to end, so that it may be compressed in any way
            with tarfile.open(mode="r|", fileobj=stream, tarinfo=_Info, errorlevel=1) as archive:  # type: ignore[call-overload]
                while info := archive.next():
                    yield archive, info
                _check_end(archive)
        except (tarfile.TarError, ValueError, OverflowError, EOFError, UnicodeError) as error:
            raise Damaged(f"the tar archive is damaged ({_told(error)})") from None
        finally:
            stream.close()

    @staticmethod
    def _pieces(file: IO[bytes], info: tarfile.TarInfo) -> Generator[bytes, None, None]:
        left = info.size
        try:
            while left:
                piece = file.read(min(PIECE, left))
                if not piece:
                    raise Damaged(f"the tar archive breaks off inside {info.name[:200]!r}", _AGAIN)
                left -= len(piece)
                yield piece
        except (tarfile.TarError, EOFError) as error:
            raise Damaged(f"the tar archive breaks off inside {info.name[:200]!r} ({_told(error)})", _AGAIN) from None


def _check_end(archive: tarfile.TarFile) -> None:
    """Refuse an archive with another one behind its end mark, whose members nobody would see."""
    file: Any = archive.fileobj
    while len(block := file.read(tarfile.BLOCKSIZE)) == tarfile.BLOCKSIZE:
        try:
            tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError:  # zeros, or what somebody's tape had there before
            continue
        raise Damaged("the tar archive has further members behind its end mark: it's two archives, one after the other")


def _told(error: BaseException) -> str:
    words = str(error).strip().splitlines()
    return words[0][:200] if words else type(error).__name__
