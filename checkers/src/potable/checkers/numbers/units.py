"""Numbers with a unit behind them, or a sign of currency before: patterns of Polars, for a whole value; and which units
hardly stand in one field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from potable.checkers.folds.spans import Spans
from potable.checkers.numbers.codes import UNIT
from potable.engine.checker import Rule
from potable.engine.fields import Field

_UNITS = "|".join(
    (
        r"kg|mg|[µμu]g|ng|pg|lbs?|oz|tons?",
        r"km|cm|mm|[µμu]m|nm|miles?|mi|ft|feet|inch(?:es)?|in|yd",
        r"ha|acres?|km2|km²|m2|m²|m3|m³|dl|ml|mL|[µμu][lL]|nl",
        r"[mµμu]?mol|[mµμun]M|[mµμun]?g/[kmd]?[lLg]|ppm|ppb|IU|U/[lL]|CFU|cells?|copies",
        r"ms|secs?|seconds?|mins?|minutes?|hrs?|hours?|days?|weeks?|wks?|months?|mos?|years?|yrs?|yo|y/o",
        r"Hz|[kMG]Hz|kV|mV|mA|kW|MW|kWh|kJ|k?cal|k?Pa|hPa|mmHg|psi|atm|rpm|mph|km/h|m/s",
        r"[kMG]bp|[kMG]b|bp|nt|aa|k?Da|px|pt|[kMGT]B",
        r"deg|degrees|°[CF]?|º[CF]?|percent|pct|%|‰",
        r"€|\$|£|¥|EUR|USD|GBP|CHF|JPY",
    )
)
_OF_A_LETTER = "[gmlLsh]"
_BARE = r"[+-]?[0-9]+(?:[.,][0-9]+)*"
WITH_UNIT = rf"\A(?:{_BARE} ?(?:{_UNITS})|[€$£¥] ?{_BARE})\z"
WITH_LETTER = rf"\A{_BARE} ?{_OF_A_LETTER}\z"
WITH_ANY_LETTER = rf"\A{_BARE} ?[A-Za-z]\z"
"""A unit of one letter is one only where no other letter stands behind numbers of the field: 12a, 12b, 12g."""

LEAST, SHARE = 20, 95
"""So many values, and so many percent of the field's, have units of one family: then that is what belongs there."""
_FAMILIES = {
    "grams": "kg g mg µg μg ug ng pg",
    "pounds": "lb lbs oz",
    "metres": "km m cm mm µm μm um nm",
    "feet": "mile miles mi ft feet inch inches in yd",
    "hectares": "ha km2 km² m2 m²",
    "acres": "acre acres",
    "litres": "l L dl ml mL µl µL μl μL ul uL m3 m³",
    "time": "h s ms sec secs second seconds min mins minute minutes hr hrs hour hours day days week weeks wk wks month "
    "months mo mos year years yr yrs yo y/o",
    "°C": "°C ºC",
    "°F": "°F ºF",
    "percent": "percent pct %",
    "kilometres per hour": "km/h",
    "miles per hour": "mph",
    "joules": "kJ",
    "calories": "kcal cal",
    "pascals": "Pa kPa hPa",
    "mmHg": "mmHg",
    "psi": "psi",
    "euros": "€ EUR",
    "dollars": "$ USD",
    "pounds sterling": "£ GBP",
    "yen": "¥ JPY",
    "francs": "CHF",
}
"""Units between which whoever writes them may choose by the size of the number (12 kg, 300 g), by the name of what they
measure; others have no family.
"""
_FAMILY = {unit: family for family, units in _FAMILIES.items() for unit in units.split()}
_BARE_FAMILY = ""
_HINT = "Write the unit that is meant, or convert the number to that of the others."


@dataclass(slots=True)
class Units:
    """How many values of a column have units of which family, and where.

    :param counts: by family; ``spans``: likewise, and those of bare numbers under an empty name.
    """

    counts: Counter[str] = field(default_factory=Counter)
    spans: dict[str, Spans] = field(default_factory=dict)

    def note(self, texts: pl.Series, span: tuple[int, int]) -> None:
        """Values with units."""
        families = texts.to_frame("text").select(family(pl.col("text")))["text"].drop_nulls()
        for name, n in families.value_counts().iter_rows():
            self.counts[name] += n
            self.spans.setdefault(name, Spans()).add(*span)

    def note_bare(self, span: tuple[int, int]) -> None:
        """There are numbers without."""
        self.spans.setdefault(_BARE_FAMILY, Spans()).add(*span)

    def append(self, more: Units) -> None:
        """Those of data that follow."""
        self.counts.update(more.counts)
        for name, spans in more.spans.items():
            self.spans.setdefault(name, Spans()).append(spans)


def family(text: pl.Expr) -> pl.Expr:
    """The family of a value's unit; null where it has none."""
    unit = pl.coalesce(text.str.extract(rf"\A{_BARE} ?([^0-9].*)\z"), text.str.extract(rf"\A([€$£¥]) ?{_BARE}\z"))
    return unit.replace_strict(list(_FAMILY), list(_FAMILY.values()), default=None, return_dtype=pl.String)


def rules(name: str, units: Units, filled: int) -> Iterator[tuple[Rule, Spans]]:
    """What finds the values of a column of one unit that have another, or none.

    :param filled: its values.
    """
    if not units.counts:
        return
    usual, n = min(units.counts.items(), key=lambda item: (-item[1], item[0]))
    others = Spans(sorted({b for family, of in units.spans.items() if family != usual for b in of.bounds}))
    if n < LEAST or 100 * n < SHARE * filled or not others.bounds:
        return
    listed = _FAMILIES[usual].split()
    shown = ", ".join(listed[:3]) + ", …" * (len(listed) > 3)
    message = f'"{{value}}" has no unit, or another one than nearly all of the field ({shown})'
    yield Rule(UNIT.id, [name], _Otherwise(usual), message, id="unit", hint=_HINT), others


class _Otherwise:
    """Wrong where the unit is of another family, or there's none; zero needs none."""

    def __init__(self, usual: str) -> None:
        self._usual = usual

    def __call__(self, f: Field) -> pl.Expr:
        number = f.text.cast(pl.Float64, strict=False)
        wrong = ((family(f.text) != self._usual) | (number.is_finite() & (number != 0))) & f.present
        return wrong & f.kind.is_in(["string", "number"]) if f.typed else wrong
