"""What may stand among dates or in them: parts of dates, which are meant; times of day with a zone, and without.

All are patterns of Polars.
"""

from __future__ import annotations

from potable.checkers.calendar.words import SHORT_MONTHS

_MONTHS = f"(?i:{'|'.join(SHORT_MONTHS)})[a-z]*"
_PART = (
    r"[0-9]{4}(?:[-/.](?:[0-9]{1,2}|[WwQq][0-9]{1,2}))?|[0-9]{1,2}[-/.][0-9]{4}"
    rf"|[0-9]{{4}}-[0-9]{{3}}|[0-9]{{4}}(?:[-/](?:[0-9]{{2}}|XX|xx|\?\?)){{1,2}}|{_MONTHS}[ -.]*(?:[0-9]{{2}}){{1,2}}"
)
_DAY = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:T[0-9:.]+Z?)?"
PARTIAL = rf"\A(?:{_PART}|(?:{_PART}|{_DAY}|\.\.)/(?:{_PART}|{_DAY}|[0-9]{{2}}(?:-[0-9]{{2}})?|\.\.)?)\z"
"""Years, months, weeks and quarters, days of a year, and intervals of dates (ISO 8601), which are no slip."""

_SECONDS = "(?::(?:[0-5][0-9]|60)(?:[.,][0-9]{1,9})?)?"
_CLOCK = rf"(?:T|,? +)(?:[01]?[0-9]|2[0-4]):[0-5][0-9]{_SECONDS}(?: ?[AaPp]\.?[Mm]\.?)?"
_ZONE = r"(?: ?(?:Z|UTC|GMT|[ECMP][SD]T|[+-][0-9]{2}(?::?[0-9]{2})?))"
TIME = rf"{_CLOCK}{_ZONE}?"
"""A time of day behind a date."""
HAS_ZONE, IS_LOCAL = rf"{_CLOCK}{_ZONE}\z", rf"{_CLOCK}\z"
"""Dates with a time of day, and with its zone or without."""
