"""What a header says of its columns, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from potable.engine.findings import Location, Occurrence, Severity
from potable.engine.reading.csv.cutter import Header
from potable.engine.reading.csv.dialect import DELIMITERS, Dialect, delimiter_name
from potable.engine.reading.csv.layout import Layout
from potable.engine.reading.csv.tokenizer import tokenize
from potable.engine.reading.decoding import REPLACED, Invalid, describe_bytes, mend_utf8
from potable.engine.reading.looks import is_value
from potable.engine.reading.naming import name_faults, names_differ, numbered
from potable.engine.reading.window import count_lines


def layout_of(header: Header, dialect: Dialect, file: str, url: str | None, named: frozenset[str]) -> Layout:
    """The columns that a header (or, without one, the first record) tells.

    :param named: columns that the definition names. A name with NUL bytes, or with bytes that aren't in the encoding,
        is taken for that one of them which it may be, so that what the bytes break is told once.
    """
    if not dialect.header_line:
        return Layout(file=file, url=url, dialect=dialect, names=numbered(len(header.cells)))
    names = [mend_utf8(cell)[0].decode() for cell in header.cells]
    free = sorted(named.difference(names))
    for i, name in enumerate(names):
        if "\0" in name and (bare := name.replace("\0", "")) in free:
            names[i] = bare
            free.remove(bare)
        elif REPLACED in name:
            made = re.compile(".+".join(map(re.escape, re.split(f"{REPLACED}+", name))), re.DOTALL)
            fitting = [n for n in free if made.fullmatch(n)]
            if len(fitting) == 1:
                names[i] = fitting[0]
                free.remove(fitting[0])
    return Layout(file=file, url=url, dialect=dialect, names=tuple(names))


def faults(header: Header, layout: Layout, named: frozenset[str]) -> Iterator[Occurrence]:
    """What is wrong with the header itself.

    :param named: columns that the definition names: a NUL byte in one of them is an error.
    """
    place = Location(file=layout.file, url=layout.url, line=header.line, byte=header.byte)
    invalid = header.invalid or tuple(Invalid(i.at, header.byte + i.byte, i.bytes) for i in mend_utf8(header.text)[1])
    if invalid:
        first = invalid[0]
        line = header.line + count_lines(header.text[: first.at])
        pairs = zip(header.cells, layout.names, strict=True)
        taken = [repr(name) for cell, name in pairs if REPLACED in mend_utf8(cell)[0].decode() != name]
        yield Occurrence(
            "encoding/invalid",
            f"the header has bytes that aren't in its encoding: {describe_bytes(first.bytes)}"
            + (f"; {', '.join(taken)} of the definition is meant, it seems" if taken else ""),
            location=Location(file=layout.file, url=layout.url, line=line, byte=first.byte),
        )
    if b"\0" in header.text:
        cells = [mend_utf8(cell)[0].decode() for cell in header.cells]
        spoilt = [n for n, c in enumerate(cells) if "\0" in c and layout.names[n].strip() in named]
        for number in spoilt:
            words = f"the name of column {number + 1:,}, {layout.names[number]!r}, has a NUL byte"
            path, error = layout.paths[number], Severity.ERROR
            yield Occurrence("encoding/nul-byte", words, path, location=place, severity=error)
        if sum("\0" in cell for cell in cells) > len(spoilt):
            yield Occurrence("encoding/nul-byte", "the header has a NUL byte", location=place)
    yield from name_faults("csv", layout.names, layout.paths, lambda _: place)


def differs(header: Header, layout: Layout, first: Layout) -> Occurrence | None:
    """How a part's columns differ from the first part's, whatever their order."""
    place = Location(file=layout.file, url=layout.url, line=header.line, byte=header.byte)
    files = (layout.file, first.file)
    said = names_differ("csv", (layout.names, layout.paths), (first.names, first.paths), files, place)
    return said if said is None else replace(said, hint=_why(header, layout, first))


def _why(header: Header, layout: Layout, first: Layout) -> str | None:
    """How a part whose columns are all others came by them, as a hint; None: it's not known."""
    if not set(layout.names).isdisjoint(first.names):
        return None
    for delimiter in DELIMITERS:
        token = next(tokenize(header.text, replace(layout.dialect, delimiter=delimiter)), None)
        cells = [] if token is None else [mend_utf8(cell)[0].decode().strip() for cell in token.cells]
        if len(cells) > 1 and cells == [name.strip() for name in first.names]:
            ours, theirs = layout.dialect.delimiter_name, delimiter_name(delimiter.decode())
            return f"Have it written with {ours} between the cells, as {first.file} is: {theirs} stands there."
    if layout.width == first.width and any(map(is_value, layout.names)) and not any(map(is_value, first.names)):
        return f"It has no header, it seems, and its first record is taken for one: give it that of {first.file}."
    return None
