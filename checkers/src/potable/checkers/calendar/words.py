"""What months and days of the week are called in English, in small letters."""

from __future__ import annotations

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHORT_MONTHS = tuple(month[:3] for month in MONTHS)
SHORT_DAYS = tuple(day[:3] for day in DAYS)
