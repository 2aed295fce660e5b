"""What a header says of its columns, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from potable.engine.findings import Location, Occurrence
from potable.engine.paths import FieldPath, PathError
from potable.engine.reading.csv.cutter import Header
from potable.engine.reading.csv.dialect import Dialect, delimiter_name
from potable.engine.reading.csv.layout import Layout
from potable.engine.reading.csv.tokenizer import tokenize
from potable.engine.reading.decoding import Invalid, describe_bytes, mend_utf8
from potable.engine.reading.naming import name_faults, names_differ, numbered

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition

_CANDIDATES = (b",", b";", b"\t", b"|")
_SAMPLE = 20


def layout_of(header: Header, dialect: Dialect, file: str, url: str | None) -> Layout:
    """The columns that a header (or, without one, the first record) tells."""
    if dialect.header_line:
        names = tuple(mend_utf8(cell)[0].decode() for cell in header.cells)
    else:
        names = numbered(len(header.cells))
    return Layout(file=file, url=url, dialect=dialect, names=names)


def faults(header: Header, layout: Layout) -> Iterator[Occurrence]:
    """What is wrong with the header itself."""
    place = Location(file=layout.file, url=layout.url, line=header.line, byte=header.byte)
    invalid = header.invalid or tuple(Invalid(i.at, header.byte + i.byte, i.bytes) for i in mend_utf8(header.text)[1])
    if invalid:
        first = invalid[0]
        line = header.line + header.text[: first.at].count(b"\n")
        yield Occurrence(
            "encoding/invalid",
            f"the header has bytes that aren't in its encoding: {describe_bytes(first.bytes)}",
            location=Location(file=layout.file, url=layout.url, line=line, byte=first.byte),
        )
    if b"\0" in header.text:
        yield Occurrence("encoding/nul-byte", "the header has a NUL byte", location=place)
    yield from name_faults("csv", layout.names, layout.paths, lambda _: place)


def wrong_delimiter(
    header: Header, text: bytes, layout: Layout, source: SourceDefinition, *, final: bool
) -> Occurrence | None:
    """Whether a table of one column is one that another delimiter would split.

    :param text: the start of the data behind the header.
    :param final: it's all of the data.
    """
    if layout.width != 1:
        return None
    declared = layout.dialect.delimiter
    told = f"split at {delimiter_name(declared.decode())} the file has one column"
    named = _columns_named(source)
    better = [
        (width, d) for d in _CANDIDATES if d != declared and (width := _split(header, text, layout, d, final)) > 1
    ]
    place = Location(file=layout.file, url=layout.url, line=header.line, byte=header.byte)
    if better:
        width, best = max(better, key=lambda b: b[0])
        return Occurrence(
            "csv/wrong-delimiter",
            f"{told}; {delimiter_name(best.decode())} splits it into {width}",
            location=place,
            hint=f"Set delimiter to {best.decode()!r}.",
            details={"delimiter": best.decode(), "columns": width},
        )
    if len(named) > 1:
        return Occurrence(
            "csv/wrong-delimiter",
            f"{told}, but the definition names {len(named)}",
            location=place,
        )
    return None


def _split(header: Header, text: bytes, layout: Layout, delimiter: bytes, final: bool) -> int:
    """Into how many columns a delimiter splits the header and the first records alike; 0: not alike."""
    if delimiter not in header.text:
        return 0
    d = layout.dialect
    other = Dialect(delimiter=delimiter, quote=d.quote, escape=d.escape, comment=d.comment)
    width = len(next(tokenize(header.text, other)).cells)
    seen = 0
    for token in tokenize(text, other, final=final, most=width):
        if token.kind == "incomplete" or seen == _SAMPLE:
            break
        if token.kind == "record":
            if len(token.cells) != width:
                return 0
            seen += 1
    return width


def _columns_named(source: SourceDefinition) -> set[str]:
    """Columns that the definition names in its schema and its key."""
    fields = (source.table_schema or {}).get("fields", ())
    names = {f["name"] for f in fields if isinstance(f, dict) and isinstance(f.get("name"), str)}
    for path in source.primary_key:
        try:
            column = FieldPath.parse(path).column
        except PathError:
            continue
        if column is not None:
            names.add(column)
    return names


def differs(layout: Layout, first: Layout) -> Occurrence | None:
    """How a part's columns differ from the first part's, whatever their order."""
    place = Location(file=layout.file, url=layout.url, line=max(layout.dialect.header_line, 1))
    files = (layout.file, first.file)
    return names_differ("csv", (layout.names, layout.paths), (first.names, first.paths), files, place)
