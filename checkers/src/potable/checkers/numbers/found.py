"""What was seen of a column of numbers, chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass, field

from potable.checkers.folds.hits import Hits
from potable.checkers.folds.spans import Spans
from potable.checkers.numbers.floats import Floats
from potable.checkers.numbers.reading import Reading
from potable.checkers.numbers.units import Units


@dataclass(slots=True)
class Numbers:
    """What was seen of a column.

    :param filled: values that aren't missing.
    :param typed: the format tells numbers from texts.
    :param bare: of these, numbers; ``great``: such of them as might be grouped.
    :param plain: what these are.
    :param foreign: what the numbers are where a comma is the decimal sign; None: the same.
    :param dotted: in a field that the definition names, numbers with a decimal point that groups no digits.
    :param comma: numbers with a decimal comma.
    :param unit: numbers with a unit; ``letter``: those with a unit of one letter.
    :param units: what these are of.
    :param other: numbers followed by a letter that is no unit.
    :param grouped: numbers with grouped digits; ``groups``: where they are.
    :param odd: numbers that are spelled otherwise.
    :param quoted: numbers that are texts, in a format with types; ``quotes``: where they are.
    :param floats: whole numbers with a decimal.
    :param none: values that are no numbers, whatever the others are; ``maybe``: such as codes look.
    """

    filled: int = 0
    typed: bool = False
    bare: int = 0
    great: int = 0
    dotted: int = 0
    comma: int = 0
    quoted: int = 0
    other: int = 0
    grouped: int = 0
    groups: Hits = field(default_factory=Hits)
    odd: Hits = field(default_factory=Hits)
    unit: Hits = field(default_factory=Hits)
    letter: Hits = field(default_factory=Hits)
    none: Hits = field(default_factory=Hits)
    maybe: Hits = field(default_factory=Hits)
    units: Units = field(default_factory=Units)
    floats: Floats = field(default_factory=Floats)
    plain: Reading = field(default_factory=Reading)
    foreign: Reading | None = None
    commas: Spans = field(default_factory=Spans)
    points: Spans = field(default_factory=Spans)
    quotes: Spans = field(default_factory=Spans)

    def append(self, more: Numbers, most: int) -> None:
        """What was seen of data that follow; of hits at most so many samples are kept."""
        if self.foreign is not None or more.foreign is not None:
            self.foreign = self.plain.copy() if self.foreign is None else self.foreign
            self.foreign.append(more.plain if more.foreign is None else more.foreign)
        self.plain.append(more.plain)
        self.filled += more.filled
        self.bare += more.bare
        self.great += more.great
        self.dotted += more.dotted
        self.comma += more.comma
        self.quoted += more.quoted
        self.quotes.append(more.quotes)
        self.other += more.other
        self.grouped += more.grouped
        self.groups.append(more.groups, most)
        self.odd.append(more.odd, most)
        self.units.append(more.units)
        self.floats.append(more.floats)
        self.unit.append(more.unit, most)
        self.letter.append(more.letter, most)
        self.none.append(more.none, most)
        self.maybe.append(more.maybe, most)
        self.commas.append(more.commas)
        self.points.append(more.points)
