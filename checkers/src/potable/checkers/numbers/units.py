"""Numbers with a unit behind them, or a sign of currency before: patterns of Polars, for a whole value."""

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
