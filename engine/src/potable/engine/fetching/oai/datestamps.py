"""Datestamps of OAI-PMH headers (OAI-PMH 2.0 §3.3): UTC, of one granularity for all of a repository."""

from __future__ import annotations

from datetime import datetime

from potable.engine.lazyregex import lazy_regex

_FORMS = {
    "day": (lazy_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "%Y-%m-%d"),
    "second": (lazy_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"), "%Y-%m-%dT%H:%M:%SZ"),
}


class Datestamps:
    """Judges datestamps one after the other; the first valid one sets the granularity."""

    def __init__(self) -> None:
        self._granularity: str | None = None

    def fault(self, text: str, now: str) -> str | None:
        """What is wrong with a datestamp; None if nothing is.

        :param now: the repository's time; it isn't looked at where it's no valid time itself.
        """
        if not text:
            return "the record has no datestamp"
        granularity = _granularity(text)
        if granularity is None:
            return "the datestamp isn't a date of the form YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ"
        if self._granularity is None:
            self._granularity = granularity
        if granularity != self._granularity:
            return f"the datestamp is exact to the {granularity}, those before it to the {self._granularity}"
        if _granularity(now) is not None and text > now[: len(text)]:
            return f"the datestamp lies in the future: the repository's time is {now}"
        return None


def _granularity(text: str) -> str | None:
    for name, (form, layout) in _FORMS.items():
        if form.fullmatch(text):
            try:
                datetime.strptime(text, layout)  # noqa: DTZ007 - only whether there is such a time
            except ValueError:
                return None
            return name
    return None
