"""All that was said of one (code, field, rule) in a run: counts, samples, and at which records."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pyroaring import BitMap64

from potable.engine.findings import Sample, Severity, Tally, clip
from potable.engine.jsontext import dumps

Key = tuple[str, str | None, str | None]
"""code, field, rule"""

_LAYERS = 8
"""Sets of records that count occurrences: the n-th has those with n or more."""
_OFTEN = 1 << 17
"""Most records of a finding that may have more than :data:`_LAYERS` of its occurrences and be counted one by one."""


def bitmap(tally: Tally) -> BitMap64:
    """The records of a tally, as a set."""
    # By way of an array it takes a fifth of the time.
    return BitMap64(array("Q", np.asarray(tally.records, dtype=np.uint64).tobytes()))


def sums(details: Mapping[str, Any]) -> dict[str, int]:
    """The details that add up: the others tell of one field."""
    return {name: n for name, n in details.items() if isinstance(n, int) and not isinstance(n, bool)}


class Marks:
    """How many occurrences each record has: exact, and small where most have one.

    :ivar exact: False where it isn't known how the occurrences are spread over the records.
    """

    def __init__(self) -> None:
        self._layers: list[BitMap64] = [BitMap64()]  # the n-th has the records with more than n occurrences
        self._often: Counter[int] = Counter()  # what is beyond the layers
        self.exact = True

    @property
    def records(self) -> BitMap64:
        """The records with an occurrence."""
        return self._layers[0]

    def add(self, tally: Tally) -> None:
        """Mark the records of a tally."""
        if len(tally.records) == 1 and self.exact:
            self._repeat(int(tally.records[0]), tally.count)
            return
        carry = bitmap(tally)
        if not tally.count == len(tally.records) == len(carry):
            self.exact = False
        for layer in self._layers if self.exact else self._layers[:1]:
            both = layer & carry
            layer.update(carry)
            carry = both
            if not carry:
                return
        if self.exact and len(self._layers) < _LAYERS:
            self._layers.append(carry)
        elif self.exact:
            for record in carry:
                self._repeat(record, 1)

    def at(self, records: BitMap64) -> int:
        """How many occurrences these records have."""
        often = sum(n for record, n in self._often.items() if record in records)
        return sum(layer.intersection_cardinality(records) for layer in self._layers) + often

    def _repeat(self, record: int, times: int) -> None:
        for layer in self._layers:
            if times and record not in layer:
                layer.add(record)
                times -= 1
        while times and len(self._layers) < _LAYERS:
            self._layers.append(BitMap64([record]))
            times -= 1
        if times:
            self._often[record] += times
            self.exact = len(self._often) <= _OFTEN


@dataclass(slots=True)
class Group:
    """See the module.

    :param merged: further findings of its code were put into it: its field and rule are no one's.
    :param first: the first record; 0 for a fault of a file.
    :param of_file: how many of ``count`` are faults of a file, not of a record.
    :param marks: the others, by record; None where nobody needs to know.
    :param explains: fields besides its own for which it explains others.
    :param samples: the first ones, more than are shown where another finding may explain some.
    """

    checker: str
    severity: Severity
    fields: tuple[str, ...]
    hint: str | None
    merged: bool = False
    first: int = 0
    count: int = 0
    of_file: int = 0
    marks: Marks | None = None
    samples: list[Sample] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    explains: set[str] = field(default_factory=set)
    _used: int | None = 0  # bytes of the details; None: they take no further member

    def add_details(self, more: Mapping[str, Any], most: int) -> str:
        """Numbers add up, other members keep the first value.

        :param most: bytes of JSON that all of them may have.
        :returns: a clause where there was no room for a member: it's left out, and what comes behind it; else "".
        """
        for name, value in more.items():
            old = self.details.get(name)
            if isinstance(old, int) and isinstance(value, int) and not isinstance(value, bool):
                self.details[name] = old + value
            elif name not in self.details and self._used is not None:
                size = len(dumps({name: value}))
                if self._used + size > most:
                    self._used = None
                    said = f"{clip(str(name), 100)} has {size:,} bytes"
                    return f"{said}, for which Limits.details_bytes ({most:,}) has no room"
                self._used += size
                self.details[name] = value
        return ""
