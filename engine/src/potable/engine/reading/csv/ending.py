"""A file that ends within a character: it was cut off."""

from __future__ import annotations

from dataclasses import replace

from potable.engine.findings import Occurrence, Tally
from potable.engine.reading.csv.form import Form
from potable.engine.reading.decoding import UTF8, may_go_on


def cut_off(form: Form) -> tuple[list[Tally], Form]:
    """The finding, if a part ends within a character, in a record that is too short; and the form without those bytes.

    Where the record has all of its cells, or other bytes that aren't in the encoding, the encoding is wrong as likely,
    if it has characters of one byte.
    """
    places, last = form.places, form.invalid[-1]
    data, original = places.cut.data, places.hints.original
    size = len(last.bytes) if original == UTF8 else 3  # U+FFFD
    if last.at + size != len(data) or not may_go_on(last.bytes, original):
        return [], form
    row, ragged = len(places.scan.starts) - 1, form.table.ragged
    cells = int(form.table.cells[-1]) if len(ragged) and int(ragged[-1]) == row else places.hints.layout.width
    others = form.invalid[:-1]
    start = int(places.scan.starts[row])
    if places.row(last.at) != row or places.scan.stops[row] != len(data):
        return [], form
    words = f"the file ends within a character ({last.bytes.hex(' ').upper()})"
    # In UTF-16 and UTF-32 a byte or two alone can't be anything else.
    if cells < places.hints.layout.width:
        if any(i.at >= start for i in others):
            return [], form
        words += f", in a record that has {cells:,} cell{'s' * (cells != 1)} where {places.hints.layout.measure} "
        words += f"{places.hints.layout.width:,}"
    elif not original.lower().replace("_", "-").startswith(("utf-16", "utf-32")):
        return [], form
    told = Tally.of(Occurrence("csv/cut-off", words, location=places.place(last.at, row)))
    return [told], replace(form, invalid=others)
