"""How messages name a record that came before another one."""

from __future__ import annotations

from potable.engine.findings import Location


def earlier(number: int, place: Location | None, here: Location) -> str:
    """``record 3 (a.csv, line 4)``: the file is told where it's another one.

    :param number: the earlier record's.
    :param place: where it is, if that's known.
    :param here: where the later one is.
    """
    if place is None or place.line is None:
        return f"record {number}"
    file = f"{place.file}, " if place.file and place.file != here.file else ""
    return f"record {number} ({file}line {place.line})"
