"""Prefixes of compact identifiers, from the Bioregistry (https://bioregistry.io, CC0), read from the package's data.

The package ``bioregistry`` isn't imported: that takes a second and a hundred modules; its one file of data takes 0.1.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from potable.checkers.declared.regexes import BadRegex, whole

PACKAGE = "bioregistry"
EXTRA = "potable-checkers[identifiers]"
_FIRST, _OTHERS = "miriam", ("prefixcommons", "n2t", "wikidata.property", "togoid")
"""Registries whose patterns the Bioregistry carries as well; the others count where it and the first have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A kind of identifier.

    :param prefix: as the Bioregistry spells it.
    :param patterns: for a whole local part, or for the whole compact identifier; any will do; empty: not known.
    :param examples: local parts that are right.
    :param deprecated: the prefix shouldn't be used any more.
    """

    prefix: str
    patterns: tuple[str, ...]
    examples: tuple[str, ...]
    deprecated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Entries by folded prefix or synonym.

    :param name: the package and its version.
    """

    name: str
    entries: Mapping[str, Entry]

    def get(self, prefix: str) -> Entry | None:
        """The entry of a prefix in any spelling."""
        return self.entries.get(folded(prefix))


def folded(prefix: str) -> str:
    """A prefix without what spellings differ in."""
    return re.sub(r"[-_. ]", "", prefix).lower()


def _data() -> Path | None:
    """The file of the registry; None where the package isn't installed."""
    spec = importlib.util.find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    file = Path(places[0], "data", "bioregistry.json") if places else None
    return file if file is not None and file.is_file() else None


def registry_name() -> str | None:
    """The package and its version, without reading its data; None where it isn't installed."""
    return None if _data() is None else f"{PACKAGE} {importlib.metadata.version(PACKAGE)}"


@lru_cache(maxsize=1)
def registry() -> Registry | None:
    """The registry; None where the package isn't installed."""
    file, name = _data(), registry_name()
    if file is None or name is None:
        return None
    given = json.loads(file.read_bytes())
    entries: dict[str, Entry] = {}
    made = [(record, _entry(prefix, record)) for prefix, record in given.items()]
    made.sort(key=lambda m: m[1].deprecated)  # a name that was taken over means the living one
    for _, entry in made:
        entries.setdefault(folded(entry.prefix), entry)
    for record, entry in made:
        for name in _other_names(record):
            entries.setdefault(folded(name), entry)
    return Registry(name=name, entries=entries)


def _other_names(record: Mapping[str, Any]) -> Iterator[str]:
    yield from record.get("synonyms") or ()
    if record.get("preferred_prefix"):
        yield record["preferred_prefix"]


def _entry(prefix: str, record: Mapping[str, Any]) -> Entry:
    def of(other: str) -> str | None:
        pattern = (record.get(other) or {}).get("pattern")
        return pattern if isinstance(pattern, str) else None

    patterns = [p for p in (record.get("pattern"), of(_FIRST)) if p] or [p for p in map(of, _OTHERS) if p]
    return Entry(
        prefix=prefix,
        patterns=tuple(dict.fromkeys(patterns)),
        examples=tuple(map(str, filter(None, (record.get("example"), *(record.get("example_extras") or ()))))),
        deprecated=record.get("deprecated") is True,
    )


@lru_cache(maxsize=4096)
def pattern_of(entry: Entry) -> str | None:
    """A pattern for texts that match any of an entry's, as Polars takes it; None where there's none to rely on."""
    translated = []
    for pattern in entry.patterns:
        try:
            translated.append(whole(pattern, "schema"))
        except BadRegex:  # some registries have patterns that no engine takes
            continue
    if not translated:
        return None
    pattern = "|".join(translated)
    return pattern if _lets_through(pattern, entry) else None


def _lets_through(pattern: str, entry: Entry) -> bool:
    """Whether the entry's own examples match: some patterns are out of date."""
    import polars as pl  # heavy

    local = pl.Series(list(entry.examples), dtype=pl.String)
    return bool((local.str.contains(pattern) | (f"{entry.prefix}:" + local).str.contains(pattern)).all())
