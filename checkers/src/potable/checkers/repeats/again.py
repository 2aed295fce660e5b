"""Why nearly all of a source's keys, or records, are there several times."""

from __future__ import annotations

from collections.abc import Collection

_LEAST = 5
"""Fewer may be so by chance."""


def why_all_again(
    *, total: int, different: int, records: int, often: Collection[int], last_first: int, first_again: int
) -> str | None:
    """A hint, where all records but a few have a key that occurs equally often; else None.

    :param total: all records; :param different: keys that occur several times; :param records: how many have one.
    :param often: how often keys occur that do several times.
    :param last_first: the greatest number of a key's first record; :param first_again: the least one of another.
    """
    if different == 1 and records >= _LEAST and 100 * (total - records) <= max(total, 100):
        return "All have one and the same: it isn't filled for each record, or another field is the key."
    if different < _LEAST or len(often) != 1 or 100 * (total - records) > max(total, 100):
        return None
    (number,) = often
    times = "twice" if number == 2 else f"{number:,} times"
    if first_again > last_first:
        return (
            f"The same data are there {times}, one behind the other: they begin anew at record {first_again:,}. The "
            "file was joined to itself or to another version of it, or delivered twice: take one of them."
        )
    return (
        f"All are there {times}: most often a join in the query that exports them has multiplied the records. Mend "
        "the query; or another field belongs to the key."
    )
