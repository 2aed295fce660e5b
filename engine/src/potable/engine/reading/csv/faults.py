"""Faults of form in the records of one cut."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from potable.engine.findings import Sample, Severity, Tally, clip
from potable.engine.reading.csv.astray import astray
from potable.engine.reading.csv.chunk import Places
from potable.engine.reading.csv.dialect import Dialect
from potable.engine.reading.csv.ending import cut_off
from potable.engine.reading.csv.form import Form
from potable.engine.reading.csv.quotes import Offsets
from potable.engine.reading.csv.tokenizer import tokenize
from potable.engine.reading.decoding import describe_bytes, mend_utf8

if TYPE_CHECKING:
    import polars as pl

Rows = npt.NDArray[np.int64]
_CR, _LF = 13, 10
_ALIKE = 3
"""So many columns are looked at before a record is cut again, to tell whether it's the header."""


def tallies_of(form: Form, samples: int) -> list[Tally]:
    """All faults of form, one tally a code."""
    found: list[Tally] = []
    found += _lines(form, samples)
    found += _blank(form, samples)
    found += _repeated(form, samples)
    if form.places.hints.strays:
        found += _quotes(form, samples)
    if form.invalid:
        ending, form = cut_off(form)
        found += ending
        found += _invalid(form, samples)
    if b"\0" in form.places.cut.data:
        found += _nul(form, samples)
    return found


def _tally(form: Form, code: str, rows: Rows, sample: Callable[[int], Sample], samples: int) -> Tally:
    """A tally of records; ``sample`` makes the sample of the n-th."""
    return Tally(
        code=code,
        count=len(rows),
        samples=tuple(sample(n) for n in range(min(samples, len(rows)))),
        records=(rows + form.places.cut.first_record).astype(np.uint64),
    )


def _lines(form: Form, samples: int) -> Iterator[Tally]:
    """Records of another number of cells than the header, and lines that are no records."""
    notes, outputs = astray(form)

    def note(n: int) -> Sample:
        return _line(form, int(notes[n]), "the line is a note, not a record")

    def output(n: int) -> Sample:
        return _line(form, int(outputs[n]), "the line is a message of a program, not a record")

    if len(notes):
        yield _tally(form, "csv/note", notes, note, samples)
    if len(outputs):
        yield _tally(form, "csv/program-output", outputs, output, samples)
    yield from _ragged(form, np.concatenate((notes, outputs)), samples)


def _line(form: Form, row: int, said: str) -> Sample:
    text = _text(form, row)
    return Sample(message=f"{said}: {clip(text, 80)!r}", value=text, location=form.places.record(row))


def _ragged(form: Form, told: Rows, samples: int) -> Iterator[Tally]:
    if not len(form.table.ragged):
        return
    layout = form.places.hints.layout
    short = form.table.cells < layout.width
    trailing = _trailing(form) if layout.trailing else np.zeros_like(short)
    rest = ~np.isin(form.table.ragged, told)
    codes = (
        ("csv/missing-cell", short & rest),
        ("csv/extra-cell", ~short & ~trailing & rest),
        ("csv/trailing-delimiter", trailing & rest),
    )
    for code, mask in codes:
        rows, cells = form.table.ragged[mask], form.table.cells[mask]

        def sample(n: int, rows: Rows = rows, cells: Rows = cells, code: str = code) -> Sample:
            count = int(cells[n])
            message = f"{count:,} cell{'s' * (count != 1)} where {layout.measure} {layout.width:,}"
            if code == "csv/missing-cell":
                lacking = ", ".join(repr(name[:60]) for name in layout.names[count : count + 3])
                more = layout.width - count - 3
                message += f"; missing: {lacking}" + (f" and {more:,} more" if more > 0 else "")
            row = int(rows[n])
            if code == "csv/missing-cell" and _ends_in(form, row):
                message += "; the file ends in this record, without a line break"
            if code == "csv/trailing-delimiter":
                message = f"the record ends in {layout.dialect.delimiter_name}: {message}"
            return Sample(message=message, value=_text(form, row), location=form.places.record(row))

        if len(rows):
            yield _tally(form, code, rows, sample, samples)


def _trailing(form: Form) -> npt.NDArray[np.bool_]:
    """Which of the ragged records have nothing but an empty cell too much."""
    layout, found = form.places.hints.layout, form.places.scan
    mask: npt.NDArray[np.bool_] = form.table.cells == layout.width + 1
    rows = form.table.ragged[mask]
    mask[mask] = _ends_in_delimiter(form.places.cut.data, found.starts[rows], found.stops[rows], layout.dialect)
    return mask


def _ends_in_delimiter(data: bytes, starts: Offsets, stops: Offsets, dialect: Dialect) -> npt.NDArray[np.bool_]:
    """Which records have nothing behind their last delimiter.

    :param starts: where records of several cells start; :param stops: where they end, their line break included.
    """
    text = np.frombuffer(data, np.uint8)
    ends = stops - (text[stops - 1] == _LF)
    ends -= text[ends - 1] == _CR
    size = len(dialect.delimiter)
    found: npt.NDArray[np.bool_] = ends - starts >= size
    for n, byte in enumerate(dialect.delimiter):
        found &= text[np.maximum(ends - size + n, 0)] == byte
    if dialect.escape:
        found &= text[np.maximum(ends - size - 1, 0)] != dialect.escape[0]
    return found


def _ends_in(form: Form, row: int) -> bool:
    """Whether the file ends in a record: only its last cut can end without a line break."""
    data = form.places.cut.data
    return int(form.places.scan.stops[row]) >= len(data) and not data.endswith((b"\n", b"\r"))


def _blank(form: Form, samples: int) -> Iterator[Tally]:
    import polars as pl  # heavy

    frame = form.table.frame
    if not (frame.get_column(frame.columns[0]) == "").any():
        return
    candidates = frame.select(pl.all_horizontal(pl.all() == "").arg_true()).to_series().to_numpy().astype(np.int64)
    if not len(candidates):
        return
    layout = form.places.hints.layout
    found = form.places.scan
    pattern = _blank_record(layout.dialect.delimiter, layout.dialect.quote, layout.width)
    data = form.places.cut.data
    starts, stops = found.starts[candidates].tolist(), found.stops[candidates].tolist()
    rows = np.array(
        [row for row, a, b in zip(candidates.tolist(), starts, stops, strict=True) if pattern.fullmatch(data, a, b)],
        np.int64,
    )

    def sample(n: int) -> Sample:
        return Sample(message="all cells of the record are empty", location=form.places.record(int(rows[n])))

    if len(rows):
        yield _tally(form, "csv/blank-row", rows, sample, samples)


def _repeated(form: Form, samples: int) -> Iterator[Tally]:
    layout = form.places.hints.layout
    if not layout.dialect.header_line or layout.width < 2:
        return
    alike = _called(form.table.frame.to_series(0), layout.names[form.wanted[0]], first=not form.wanted[0])
    for number, i in enumerate(form.wanted[1:_ALIKE], 1):
        if not alike.any():
            return
        alike &= _called(form.table.frame.to_series(number), layout.names[i])
    names = _folded(layout.names)
    found, data = form.places.scan, form.places.cut.data
    again = []
    for row in alike.arg_true().to_list():
        text = data[int(found.starts[row]) : int(found.stops[row])].removeprefix(codecs.BOM_UTF8)
        cells = next(tokenize(text, layout.dialect, most=layout.width)).cells
        if _folded([mend_utf8(c)[0].decode() for c in cells]) == names:
            again.append(row)

    def sample(n: int) -> Sample:
        return Sample(
            message="the record is the header again", value=_text(form, again[n]), location=form.places.record(again[n])
        )

    if again:
        yield _tally(form, "csv/repeated-header", np.array(again, np.int64), sample, samples)


def _called(column: pl.Series, name: str, *, first: bool = False) -> pl.Series:
    """Where a column's name stands in it, maybe in other letters, or with a blank; ``first``: or behind a byte order
    mark, which a file that was joined to another may have had.
    """
    bare = name.strip()
    others = {name, bare, f" {bare}", f"{bare} ", bare.upper(), bare.lower(), bare.title(), bare.capitalize()}
    if first:
        others.add(f"\ufeff{name}")
    return column.is_in(sorted(others))


def _folded(names: Sequence[str]) -> list[str]:
    return [name.strip().casefold() for name in names]


@lru_cache(maxsize=64)
def _blank_record(delimiter: bytes, quote: bytes, width: int) -> re.Pattern[bytes]:
    cell = b"(?:%b)?" % re.escape(quote * 2) if quote else b""
    return re.compile(b"%b(?:%b%b){%d}(?:\r\n?|\n)?" % (cell, re.escape(delimiter), cell, width - 1))


def _quotes(form: Form, samples: int) -> Iterator[Tally]:
    places = form.places
    found = places.scan
    runaways = {places.row(opened): (opened, closed) for opened, closed in reversed(found.runaways)}
    away = np.array(sorted(runaways), np.int64)
    if len(away):

        def runaway(n: int) -> Sample:
            row = int(away[n])
            opened, closed = runaways[row]
            message = (
                f"the quote that opens in line {places.line(opened)} is closed in line "
                f"{places.line(closed)}, before text"
            )
            return Sample(message=message, value=_text(form, row), location=places.record(row))

        yield _tally(form, "csv/runaway-quote", away, runaway, samples)
    at = np.array(sorted(found.strays), np.int64)
    rows, first = _rows_of(places, at)
    keep = ~np.isin(rows, away)
    rows, first = rows[keep], first[keep]

    def stray(n: int) -> Sample:
        row, offset = int(rows[n]), int(at[first[n]])
        start, stop = max(offset - 20, int(found.starts[row])), min(offset + 20, int(found.stops[row]))
        near = places.cut.data[start:stop].decode("utf-8", "ignore")  # it may start inside a character
        message = f"a quote out of place in line {places.line(offset)}"
        return Sample(message=message, value=clip(near.strip("\r\n")), location=places.record(row))

    if len(rows):
        yield _tally(form, "csv/stray-quote", rows, stray, samples)


def _invalid(form: Form, samples: int) -> Iterator[Tally]:
    places = form.places
    at = np.array([i.at for i in form.invalid], np.int64)
    rows, first = _rows_of(places, at)

    def sample(n: int) -> Sample:
        bad = form.invalid[int(first[n])]
        place = places.place(bad.at, int(rows[n]))
        return Sample(message=f"bytes that aren't in the encoding: {describe_bytes(bad.bytes)}", location=place)

    if len(rows):
        yield _tally(form, "encoding/invalid", rows, sample, samples)


def _nul(form: Form, samples: int) -> Iterator[Tally]:
    """NUL bytes: errors where they're in a key."""

    places = form.places
    at = np.flatnonzero(np.frombuffer(places.cut.data, np.uint8) == 0)
    rows, first = _rows_of(places, at)
    if not len(rows):
        return
    rest = np.ones(len(rows), np.bool_)
    for i in form.keys:
        column = form.table.frame.get_column(str(i))
        within = column.str.contains("\0", literal=True).fill_null(value=False).to_numpy()[rows]
        path = places.hints.layout.paths[i]
        told, where = rows[within & rest], at[first[within & rest]]

        def in_key(n: int, told: Rows = told, where: Rows = where, column: pl.Series = column) -> Sample:
            row = int(told[n])
            place = places.place(int(where[n]), row)
            return Sample(message="a NUL byte in the key", value=clip(column[row]), location=place)

        if len(told):
            yield replace(_tally(form, "encoding/nul-byte", told, in_key, samples), field=path, severity=Severity.ERROR)
        rest &= ~within
    rows, first = rows[rest], first[rest]

    def sample(n: int) -> Sample:
        return Sample(message="a NUL byte", location=places.place(int(at[first[n]]), int(rows[n])))

    if len(rows):
        yield _tally(form, "encoding/nul-byte", rows, sample, samples)


def _rows_of(places: Places, at: Offsets) -> tuple[Rows, Rows]:
    """The rows that these offsets lie in, each once, and which of the offsets is the first there; not in comments."""
    found = places.scan
    rows = np.searchsorted(found.starts, at, "right") - 1
    inside = np.flatnonzero((rows >= 0) & (at < found.stops[rows]))
    rows, first = np.unique(rows[inside], return_index=True)
    return rows.astype(np.int64), inside[first]


def _text(form: Form, row: int) -> str:
    found = form.places.scan
    start, stop = int(found.starts[row]), int(found.stops[row])
    text = form.places.cut.data[start : min(stop, start + 1000)].decode("utf-8", "replace")
    return clip(text.rstrip("\r\n"))
