"""Directory listings: MLSD (RFC 3659), and what servers without it answer to LIST."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from potable.engine.fetching.remote.files import Entry, Kind, is_plain
from potable.engine.lazyregex import lazy_regex

_UNIX = lazy_regex(
    r"(?P<kind>[-dlbcps])[-rwxsStTl]{9}[.+@]?\s+(?:\d+\s+)?(?:\S+\s+){1,4}?(?P<size>\d+)\s+"
    r"(?:\w{3}\s+\d{1,2}|\d{1,2}\.?\s+\w{3}|\d{4}-\d\d-\d\d)\s+(?:\d{4}|\d{1,2}:\d\d)\s(?P<name>.+)"
)
_DOS = lazy_regex(
    r"\d{2,4}[-/]\d\d[-/]\d{2,4}\s+\d\d:\d\d(?:\s?[AaPp][Mm])?\s+(?:(?P<folder><DIR>|<JUNCTION>|<SYMLINKD?>)|(?P<size>\d+))"
    r"\s+(?P<name>.+)"
)
_KINDS: dict[str, Kind] = {"-": "file", "d": "folder", "l": "link"}


def read_mlsd(lines: Iterable[str]) -> Iterator[Entry]:
    """The entries of an MLSD answer: ``type=file;size=12; name``."""
    for line in lines:
        facts, _, name = line.partition(" ")
        told = {k.strip().lower(): v for k, _, v in (fact.partition("=") for fact in facts.split(";"))}
        kind = told.get("type", "").lower()
        known: Kind | None = "file" if kind == "file" else "folder" if kind == "dir" else None
        if "link" in kind:
            known = "link"
        if known is not None and is_plain(name):
            size = int(told["size"]) if told.get("size", "").isdigit() else None
            yield Entry(name, known, size, read_time(told.get("modify", "")))


def read_time(text: str) -> datetime | None:
    """A time as RFC 3659 §2.3 writes it, ``20240229123456.789``, in UTC; None for what is none."""
    digits, _, fraction = text.strip().partition(".")
    try:
        found = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return found.replace(microsecond=int(fraction[:6].ljust(6, "0"))) if fraction.isdigit() else found


def read_list(lines: Iterable[str]) -> Iterator[Entry]:
    """The entries of a LIST answer, in the styles of Unix and Windows; lines of no known style are left out."""
    for line in lines:
        if unix := _UNIX.fullmatch(line.rstrip()):
            kind = _KINDS.get(unix["kind"])
            name = unix["name"].partition(" -> ")[0] if kind == "link" else unix["name"]
            if kind is not None and is_plain(name):
                yield Entry(name, kind, int(unix["size"]))
        elif (dos := _DOS.fullmatch(line.rstrip())) and is_plain(dos["name"]):
            yield Entry(dos["name"], "folder" if dos["folder"] else "file", int(dos["size"]) if dos["size"] else None)
