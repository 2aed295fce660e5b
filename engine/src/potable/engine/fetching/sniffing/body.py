"""What a body really is, whatever its header says: a web page where data were promised is the commonest surprise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from potable.engine.contracts.reading import beginning_of, part_location
from potable.engine.contracts.report import UNNAMED
from potable.engine.definition.veil import Veil
from potable.engine.fetching import codes
from potable.engine.fetching.sniffing.applications import APPLICATIONS, dump_kind
from potable.engine.fetching.sniffing.faults import fault_of
from potable.engine.fetching.sniffing.markup import as_text, is_xhtml, root_of, text_kind, title_of
from potable.engine.fetching.sniffing.signatures import binary_kind, has_zip_behind, is_binary, is_ebcdic_text
from potable.engine.findings import Occurrence, clip
from potable.engine.lazyregex import lazy_regex

if TYPE_CHECKING:
    from potable.engine.contracts.snapshot import Part
    from potable.engine.definition.model import SourceDefinition

_XML = frozenset({"xml"})
_ALLOWED = {
    "csv": frozenset({"text"}),
    "tsv": frozenset({"text"}),
    "json": frozenset({"json", "text"}),
    "jsonl": frozenset({"json", "text"}),
    "xml": _XML | {"text"},
    "oai": _XML | {"text"},
    "rss": _XML | {"text"},
    "excel": frozenset({"excel", "zip"}),
    "parquet": frozenset({"parquet"}),
}
"""By format, the kinds that its reader is to judge; ``text`` that isn't valid is the reader's own finding."""

_WORDS = {
    "html": "an HTML page", "xml": "an XML document", "json": "a JSON document", "text": "plain text",
    "zip": "a ZIP archive", "gzip": "a gzip file", "bzip2": "a bzip2 file", "xz": "an xz file",
    "zstd": "a Zstandard file", "7z": "a 7z archive", "rar": "a RAR archive", "tar": "a tar archive",
    "pdf": "a PDF document", "postscript": "a PostScript document", "rtf": "an RTF document",
    "excel": "a spreadsheet", "parquet": "a Parquet file", "image": "an image", "sqlite": "an SQLite database",
    "hdf5": "an HDF5 file", "arrow": "an Arrow file", "avro": "an Avro file", "program": "a program",
    "access": "an Access database", "pointer": "a Git LFS pointer, which only stands for a file,",
    "numpy": "a NumPy array", "netcdf": "a NetCDF file", "binary": "binary data of no known kind",
    "ebcdic": "text in EBCDIC, the encoding of mainframes,",
    "zip behind": "a ZIP archive with other bytes before it (self-extracting?)",
    **{kind: application.words for kind, application in APPLICATIONS.items()},
}  # fmt: skip
_DATABASES = frozenset({"sqlite", "sql", "access"})
_TABLES = (".csv", ".tsv", ".tab")
_POINTER = b"version https://git-lfs.github.com/spec/"  # Git LFS: the first line, always
_SIGN_IN = lazy_regex(r"""(?i)type\s*=\s*["']?password|<title[^>]*>[^<]*\b(?:sign|log)[ -]?(?:in|on)\b""")
_NOT_FOUND = lazy_regex(r"(?i)<(?:title|h1)[^>]*>[^<]*(?:\b404\b|not found|doesn.t exist|no longer)")

_HINTS = {
    "binary": "Look at where the file comes from: it may be encrypted, compressed in an unusual way or damaged. Or "
    "give the address of the data themselves; where they're text in UTF-16 or UTF-32, set encoding.",
    "ebcdic": "Set encoding to its code page: cp500 (international), cp037 (USA), cp273 (German), cp1140 (USA, with "
    "the euro); or have the file sent as UTF-8.",
    "pointer": "Put the file itself there (git lfs pull), or give the address that serves it.",
    "excel": "Set ingestMethod to EXCEL, or have the source export {format}.",
    "parquet": "Set ingestMethod to PARQUET, or have the source export {format}.",
    "arrow": "Set ingestMethod to ARROW, or have the source export {format}.",
    "sqlite": "In a definition set ingestMethod to SQL, jdbcURL to jdbc:sqlite:{name} and sql to the SELECT of the "
    "records, as in SELECT * FROM samples.",
    "zip": "Give the address of the file itself, or unpack the archive.",
    "zip behind": "Give the address of an archive that begins as one, or of the file itself.",
    "tar": "Give the address of the file itself, or unpack the archive.",
    "gzip": "The data seem to be compressed twice: unpack them once.",
    "json": "If these are the data, set ingestMethod to JSON; an object with an error message comes from the server.",
    "xml": "If these are the data, set ingestMethod to XML; a short document with an error comes from the server.",
    **{kind: application.hint for kind, application in APPLICATIONS.items()},
}


def sniff(head: bytes) -> str:
    """The kind of the body that begins with ``head``.

    ``html`` (XHTML too), ``xml``, ``json``, ``text``, ``empty`` (nothing but blanks), or a binary kind: ``zip``,
    ``gzip``, ``bzip2``, ``xz``, ``zstd``, ``7z``, ``rar``, ``tar``, ``pdf``, ``postscript``, ``rtf``, ``excel``
    (xlsx, xls, ods), ``parquet``, ``arrow``, ``avro``, ``hdf5``, ``sqlite``, ``access``, ``image``, ``program``,
    ``numpy``, ``netcdf``, ``pointer`` (Git LFS), one of those in ``APPLICATIONS``;
    ``binary`` where it's none of these and yet no text. Whatever isn't told apart is ``text``.
    """
    if head.startswith(_POINTER):
        return "pointer"
    kind = binary_kind(head) or ("binary" if is_binary(head) else text_kind(as_text(head)))
    return dump_kind(as_text(head)) or kind if kind == "text" else kind


def check_media_type(source: SourceDefinition, part: Part, head: bytes) -> Occurrence | None:
    """``access/media-type``, if a part isn't of the kind that its definition promises; ``access/empty``, if there's
    nothing in it but blanks; else None.

    :param head: the part's first bytes, decompressed: some kilobytes, or all where it has fewer.
    """
    promised = source.format
    allowed = _ALLOWED.get(promised)
    kind = sniff(head)
    if kind == "binary" and _is_wide(str(source.parameters.get("encoding") or part.charset or "")):
        kind = "text"
    if kind in ("text", "binary") and not (source.parameters.get("encoding") or part.charset) and is_ebcdic_text(head):
        kind = "ebcdic"
    if kind == "empty":
        whole = not head or part.bytes <= len(head)
        return _empty(part, head) if whole else None
    if allowed is None:
        return None
    if kind in allowed | {"program", "binary"} and kind not in ("zip", "excel") and _hides_a_zip(part):
        return _other(source, part, "zip behind", "")
    text = as_text(head)
    root = root_of(text) if kind == "xml" and promised != "oai" else None
    fault = fault_of(root, text)
    if fault is not None and source.parameters.get("topElement") != root:
        return _fault(source, part, *fault, Veil.of(source).hide(text, cut=True))
    if kind in allowed:
        return None
    if kind == "html" and allowed >= _XML and is_xhtml(text) and _is_wanted(source, text):
        return None
    return _other(source, part, kind, Veil.of(source).hide(text, cut=True))


def _is_wide(encoding: str) -> bool:
    """Whether an encoding has units of several bytes, any of which may be a control character."""
    return encoding.lower().replace("-", "").replace("_", "").startswith(("utf16", "utf32", "ucs"))


def _is_wanted(source: SourceDefinition, text: str) -> bool:
    """Whether a page of XHTML may be what the definition means: it's no feed, and no repository's response."""
    if source.format in ("rss", "oai"):
        return False
    top = source.parameters.get("topElement")
    return not top or str(top).strip() == root_of(text)


def _hides_a_zip(part: Part) -> bool:
    try:
        return part.path is not None and has_zip_behind(part.path)
    except OSError:
        return False  # whoever reads it will say so


def _empty(part: Part, head: bytes) -> Occurrence:
    words = "has nothing but blanks" if head else "is empty once it's unpacked"
    return Occurrence(codes.EMPTY.id, f"{part.name} {words}", location=part_location(part))


def _fault(source: SourceDefinition, part: Part, what: str, said: str, text: str) -> Occurrence:
    words = f"{clip(part.name, 300)} is {what} where {source.format.upper()} was promised"
    words += f": {Veil.of(source).hide(said)!r}" if said else ""
    hint = "The server refuses or fails, though it answers: it says why. Correct ingestURL, or try again later."
    if "OAI-PMH" in what and source.format != "oai":
        hint = "To harvest the repository set ingestMethod: OAI, with the address before its '?' as ingestURL."
    return Occurrence(
        codes.MEDIA_TYPE.id, words, value=text.strip()[:200], location=part_location(part, line=1, byte=0), hint=hint,
        details={"kind": "error", "announced": part.media_type},
    )  # fmt: skip


def _other(source: SourceDefinition, part: Part, kind: str, text: str) -> Occurrence:
    what = _WORDS.get(kind, kind)
    title = title_of(text) if kind == "html" else None
    words = f"{clip(part.name, 300)} is {what}" + (f" titled {title!r}" if title else "")
    hint = _HINTS.get(kind)
    if hint is not None:
        hint = hint.replace("{format}", source.format.upper()).replace(
            "{name}", clip(part.name.rpartition("/")[2], 100)
        )
    if kind == "html" and _SIGN_IN.search(text):
        words += ", a sign-in page it seems,"
        hint = "The source wants credentials: give ones that are still valid, or an address that needs none."
    elif kind == "html" and _NOT_FOUND.search(text):
        words += ", a 'not found' page it seems,"
        hint = "The data have moved: look for their new address and put it into ingestURL."
    if hint is None and part.url is None:
        hint = "Look into the file: name the one that holds the data in ingestURL, or correct ingestMethod."
    announced = f"; the server announced {part.media_type}" if part.media_type else ""
    guessed = kind in _DATABASES and source.resource_id == UNNAMED and not part.name.lower().endswith(_TABLES)
    promised = ", no file that can be checked" if guessed else f" where {source.format.upper()} was promised"
    message = f"{words}{promised}{announced}"
    details = {"kind": kind.partition(" ")[0], "announced": part.media_type}
    value = text.strip()[:200] if kind in ("html", "xml", "json", "text") else None
    at = beginning_of(part)
    return Occurrence(codes.MEDIA_TYPE.id, message, value=value, location=at, hint=hint, details=details)
