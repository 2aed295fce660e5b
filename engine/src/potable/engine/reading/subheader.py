"""Rows under a table's header that are no records: units, types, names once more, or a line drawn with hyphens."""

from __future__ import annotations

from collections.abc import Sequence

from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.looks import is_figure, is_one_of, is_value

SAMPLE = 20
"""So many records are looked at."""
_FEW = 3
"""Fewer records behind it show nothing."""
_MOST = 3
"""More rows under a header are no rows of units and names."""
_SURE, _SEVERAL = 5, 2
"""Words are names above so many columns of so many figures."""
NAMES = "a second row of names"
_WORD = lazy_regex(r"[^\W\d_]{2}")
_NO_NAME = frozenset({
    "na", "n/a", "nan", "nil", "none", "null", "nd", "unknown", "missing", "unavailable", "not available", "no data",
    "not applicable", "not measured", "not recorded", "tbd", "pending", "error", "below detection",
})  # fmt: skip

_BASE = (
    r"(?:m|g|t|l|L|s|h|d|a|A|K|J|W|V|N|C|F|T|B|Pa|Hz|mol|M|eV|cal|bar|Gy|Sv|Bq|lm|lx|rad|sr|Ω|[oO]hm|%|Da|bp|in|ft|yd|mi|oz|lb|lbs|"
    r"ha|ac|min|hr|hrs|sec|ppm|ppb|ppt|psu|bpm|rpm|mph|kph|kt|kts|mmHg|inHg|dB|dBZ|pH|FTU|NTU|RFU|IU|U|UI)"
)
# mm, µg, m2, m^-1, m²
_PREFIXED = rf"(?:[kKMGTcdmuµμnpf]|h|da)?{_BASE}(?:\^?-?[0-9]|[²³¹⁻]{{1,2}})?"
_WORDS = (
    "%", "‰", "°", "°c", "°f", "° c", "°n", "°e", "deg", "degrees", "degree", "deg c", "deg f", "deg.", "degc",
    "degree_c", "degrees_north", "degrees_east", "degree_north", "degree_east", "degrees_true", "degrees_c", "celsius",
    "fahrenheit",
    "kelvin", "percent", "pct", "year", "years", "yr", "yrs", "month", "months", "week", "weeks", "day", "days", "hour",
    "hours", "minute", "minutes", "second", "seconds", "meter", "meters", "metre", "metres", "feet", "foot", "inch",
    "inches", "mile", "miles", "gram", "grams", "kilogram", "kilograms", "pound", "pounds", "liter", "liters", "litre",
    "litres", "knot", "knots", "count", "counts", "number", "ratio", "index", "units", "unitless", "dimensionless",
    "usd", "eur", "gbp", "chf", "jpy", "cad", "aud", "$", "€", "£", "¥", "us$", "kwh", "mwh", "mg/dl", "utc", "gmt",
    "yyyy-mm-dd", "yyyymmdd", "dd/mm/yyyy", "mm/dd/yyyy", "dd.mm.yyyy", "yyyy", "hh:mm", "hh:mm:ss",
    "yyyy-mm-dd hh:mm", "yyyy-mm-dd hh:mm:ss", "hpa", "mbar", "millibar", "people", "persons",
)  # fmt: skip
_TYPES = (
    "string", "str", "text", "varchar", "char", "character", "int", "integer", "int32", "int64", "bigint", "smallint",
    "float", "float32", "float64", "double", "decimal", "numeric", "number", "real", "bool", "boolean", "date",
    "datetime", "timestamp", "time", "factor", "categorical", "object", "ordinal", "nominal", "continuous", "discrete",
)  # fmt: skip
_UNIT = lazy_regex(rf"(?:1 ?/ ?)?{_PREFIXED}(?:(?:/| / | per |[·*. ]){_PREFIXED}){{0,3}}")
_ENCLOSED = lazy_regex(r"\([^()]{0,30}\)|\[[^\[\]]{0,30}\]")
_DRAWN = lazy_regex(r"[-=_+~]{2,}")
_NOTHING = ("", "-", "--", "–", "—")


def subheaders(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """What the first of these records are in place of records, as :func:`subheader` says it, each another thing."""
    found: list[str] = []
    while (
        len(found) < _MOST
        and (what := subheader(names, rows[len(found) :], again=bool(found))) is not None
        and what not in found
    ):
        found.append(what)
    return found


def subheader(names: Sequence[str], rows: Sequence[Sequence[str]], *, again: bool = False) -> str | None:
    """What the first of these records is in place of a record, as people say it: ``a row of units``; None: it's one.

    :param names: the names of the columns.
    :param rows: the first records.
    :param again: there's such a row above them.
    """
    if len(names) < 2 or len(rows) <= _FEW or len(rows[0]) != len(names):
        return None
    first, behind = [cell.strip() for cell in rows[0]], rows[1:]
    if all(_DRAWN.fullmatch(cell) for cell in first):
        return "a drawn line"
    filled = [n for n, cell in enumerate(first) if cell not in _NOTHING]
    if not filled or any(is_value(first[n]) for n in filled):
        return None
    figures = [n for n in filled if _is_of(behind, n)]
    if not figures or 2 * len(figures) < len(filled):
        return None
    if all(first[n].casefold() in _TYPES for n in filled) and len(filled) == len(first):
        return "a row of types"
    if all(_is_unit(first[n]) for n in filled):
        return "a row of units"
    if len(figures) >= _SEVERAL and all(_is_unit(first[n]) for n in figures) and _are_apart(first, behind):
        return "a row of units"
    return NAMES if _are_names(first, behind, share=3 if again else 4) else None


def mend(what: str, line: int) -> str:
    """What to do about a row that :func:`subheader` found.

    :param line: the last one of such rows.
    """
    remove = (
        "Keep one row of names, and remove the other"
        if what == NAMES
        else "Remove the row and put units into the names"
    )
    return f"{remove}; or skip it: set ignoreLines: {line}."


def _are_names(first: Sequence[str], behind: Sequence[Sequence[str]], *, share: int) -> bool:
    """Whether these are words, each another one, above nearly all columns of figures or moments (``share`` fifths of
    them), and none there is anything else; there are several such.
    """
    columns = [[row[n].strip() for row in behind if n < len(row) and row[n].strip()] for n in range(len(first))]
    of_values = [n for n, cells in enumerate(columns) if len(cells) >= _SURE and all(map(is_value, cells))]
    named = [first[n].casefold() for n in of_values if first[n]]
    words = set(named)
    if len(words) != len(named) or len(words) < _SEVERAL or 5 * len(words) < share * len(of_values):
        return False
    return all(_WORD.search(word) and word not in _NO_NAME for word in words) and _are_apart(first, behind)


def _are_apart(first: Sequence[str], behind: Sequence[Sequence[str]]) -> bool:
    """Whether no cell is made as those below it."""
    below = [[row[n] for row in behind if n < len(row)] for n in range(len(first))]
    return not any(is_one_of(cell, cells) for cell, cells in zip(first, below, strict=True) if cell not in _NOTHING)


def _is_unit(cell: str) -> bool:
    bare = cell[1:-1].strip() if (enclosed := _ENCLOSED.fullmatch(cell) is not None) else cell
    if enclosed and not is_figure(bare):
        return True
    return bare.casefold() in _WORDS or _UNIT.fullmatch(bare) is not None


def _is_of(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether nearly all filled cells of a column are figures or moments."""
    cells = [row[column] for row in rows if column < len(row) and row[column].strip() not in _NOTHING]
    return len(cells) >= _FEW and 10 * sum(map(is_value, cells)) >= 8 * len(cells)
