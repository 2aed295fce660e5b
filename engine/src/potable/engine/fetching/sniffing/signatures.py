"""Binary kinds of file, told by their first bytes.

A signature of plain letters alone (``BM``, ``PAR1``) may be a CSV header's start: such ones need a further byte that
no text has.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from potable.engine.fetching.sniffing.applications import application_kind, zip_kind

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x1f\x8b", "gzip"),
    (0, b"\xfd7zXZ\x00", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (257, b"ustar", "tar"),
    (0, b"%PDF-", "pdf"),
    (0, b"%!PS-Adobe", "postscript"),
    (0, b"{\\rtf1", "rtf"),
    (0, b"\x89PNG\r\n\x1a\n", "image"),
    (0, b"\xff\xd8\xff", "image"),
    (0, b"II*\x00", "image"),
    (0, b"MM\x00*", "image"),
    (0, b"SQLite format 3\x00", "sqlite"),
    (0, b"\x89HDF\r\n\x1a\n", "hdf5"),
    (0, b"ARROW1\x00\x00", "arrow"),
    (0, b"Obj\x01", "avro"),
    (0, b"\x7fELF", "program"),
    (0, b"MZ\x90\x00", "program"),
    (0, b"\xcf\xfa\xed\xfe", "program"),
    (0, b"\xca\xfe\xba\xbe", "program"),
    (0, b"\x00asm\x01", "program"),
    (0, b"\x93NUMPY", "numpy"),
    (0, b"CDF\x01", "netcdf"),
    (0, b"CDF\x02", "netcdf"),
    (0, b"\x00\x01\x00\x00Standard ", "access"),
)
_CONTROLS = frozenset(range(0x01, 0x09)) | frozenset(range(0x0E, 0x1A))
"""Control characters without those of texts: NUL, which pads, tab, line ends, form feed, escape, separators."""
_EBCDIC = frozenset(
    n for n, character in enumerate(bytes(range(256)).decode("cp500"))
    if character in " .,;:-_/()+*=<>%&'\"?|#@$\t\r\n\x85" or (character.isascii() and character.isalnum())
)  # fmt: skip
"""Where EBCDIC has what texts are made of, in all of its code pages or in the international one."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_SPREADSHEET_MEMBERS = (b"xl/", b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", b"xl\\")


def binary_kind(head: bytes) -> str | None:
    """The binary kind that the first bytes show, None if they show none."""
    for offset, signature, kind in _SIGNATURES:
        if head.startswith(signature, offset):
            return kind
    if head.startswith(_ZIP):
        return "excel" if any(member in head for member in _SPREADSHEET_MEMBERS) else zip_kind(head) or "zip"
    if head.startswith(_OLE):
        # its directory, which names the workbook, may lie beyond the head: old Office files met here are Excel's
        return "excel"
    if head.startswith(b"BZh") and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "bzip2"
    if head.startswith(b"PAR1") and len(head) > 4 and head[4] < 0x20 and head[4:5] not in b"\t\r\n":
        return "parquet"
    if head.startswith((b"GIF87a", b"GIF89a")) and len(head) > 12 and b"\x00" in head[6:13]:
        return "image"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image"
    return application_kind(head)


def is_binary(head: bytes) -> bool:
    """Whether the first bytes are no text, in whatever encoding: they aren't UTF-8, and one in fifty at least is a
    control character, of eight different ones. UTF-16 and UTF-32 have such too, but a mark or many NULs at every
    other place.
    """
    if len(head) < 64 or head.startswith(_WIDE_MARKS):
        return False
    for cut in range(4):  # the last character may be broken off
        try:
            head[: len(head) - cut].decode()
        except UnicodeDecodeError:
            continue
        return False
    if max(head[0::2].count(0), head[1::2].count(0)) > len(head) / 8:
        return False
    controls = [byte for byte in head if byte in _CONTROLS]
    return 50 * len(controls) >= len(head) and len(set(controls)) >= 8


def is_ebcdic_text(head: bytes) -> bool:
    """Whether the first bytes are text in EBCDIC, as mainframes write it: letters, digits and marks where EBCDIC has
    them, and nearly nothing where ASCII has its blanks and line ends.
    """
    of_no_ascii = sum(byte > 0x80 for byte in head)  # where its letters and digits are: a row of z is one of its colons
    if len(head) < 32 or 20 * of_no_ascii < len(head):
        return False
    of_ascii = head.count(b" ") + head.count(b"\n") + head.count(b",")
    return 20 * sum(byte in _EBCDIC for byte in head) >= 17 * len(head) and 100 * of_ascii < len(head)


def has_zip_behind(path: Path) -> bool:
    """Whether a file that doesn't begin as a zip archive is one all the same: whatever reads it from its end, as
    unzipping programs do, finds its directory. Self-extracting programs are made so.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - (1 << 16) - 22))
        tail = file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) - at < 22:
            return False
        directory, comment = struct.unpack_from("<L", tail, at + 12)[0], struct.unpack_from("<H", tail, at + 20)[0]
        start = size - len(tail) + at - directory
        if at + 22 + comment != len(tail) or start < 0 or not directory:
            return False
        file.seek(start)
        return file.read(4) == b"PK\x01\x02"
