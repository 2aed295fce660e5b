"""What a field's name tells of its values."""

from __future__ import annotations

from collections.abc import Collection

from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child
from potable.engine.toolkit import lazy_regex

_EDGE = lazy_regex(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+")

XML_TEXT = "_$"

_PLAIN = frozenset(
    {
        "no", "nr", "num", "number", "numbers", "code", "codes", "name", "names", "key", "keys", "value", "values",
        "string", "text", "list", "primary", "secondary", "main", "other", "alt", "alternative", "original", "raw",
        "new", "old", "first", "second", "a", "b", "x", "y", "left", "right", "from", "to", "source", "target",
    }
)  # fmt: skip
"""Words in names that tell nothing of what a field holds."""

_TIMES = frozenset({"date", "day", "month", "year", "time", "timestamp", "when", "since", "until"})
_DONE = frozenset(
    {
        "created", "creation", "changed", "change", "updated", "update", "modified", "modification", "added",
        "approved", "approval", "reserved", "submitted", "submission", "released", "release", "published",
        "publication", "revised", "revision", "entered", "removed", "deleted", "withdrawn", "discovered", "assigned",
        "reviewed", "collected", "received", "born", "founded",
    }
)  # fmt: skip
"""What was done to something: as a name's last word it says that the field tells when."""


def name_of(path: str) -> str:
    """The field's name; that of the element where the path ends at the text of an element of XML (``_$``)."""
    names = [step.name for step in FieldPath.parse(path).steps if isinstance(step, Child)]
    return next((name for name in reversed(names) if name != XML_TEXT), "")


def words_of(path: str) -> tuple[str, ...]:
    """The words of a field's name in lower case: ``geneSymbol_2`` has ``gene``, ``symbol``, ``2``."""
    return tuple(w.lower() for w in _EDGE.split(name_of(path)) if w)


def speaks_of(path: str, words: Collection[str]) -> bool:
    """Whether one of these words, or its plural, is in a field's name."""
    return any(w in words or w.removesuffix("s") in words for w in words_of(path))


def is_called(path: str, words: Collection[str]) -> bool:
    """Whether a field's name says that it holds one of these, and not something about one: ``clone``, ``clone_id_2``
    and ``accession number`` do, ``clone_titer`` and ``uid_score`` don't.
    """
    if not speaks_of(path, words):
        return False
    telling = [w for w in words_of(path) if w not in _PLAIN and not w.isdigit()]
    return not telling or telling[-1] in words or telling[-1].removesuffix("s") in words


def is_of_time(path: str, but: Collection[str] = ()) -> bool:
    """Whether a field's name speaks of a date: ``date_symbol_changed``, ``gene_created``, ``locus_updated_on``.

    :param but: words that don't say so, though they may (a release is a time, or a number).
    """
    words = [w for w in words_of(path) if w not in ("on", "at", "by") and not w.isdigit()]
    return speaks_of(path, _TIMES) or (bool(words) and words[-1] in _DONE.difference(but))
