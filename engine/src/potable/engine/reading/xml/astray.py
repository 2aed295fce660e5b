"""Paths of the definition that lead nowhere, whatever the records hold: they don't begin as a record does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from potable.engine.errors import likely
from potable.engine.findings import Location, Occurrence
from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child
from potable.engine.reading.nowhere import own_text
from potable.engine.reading.xml.feeds import FIELDS
from potable.engine.reading.xml.names import Names, local

_OF_FEED = {
    "category": "categories", "content": "description", "creator": "author", "date": "pubDate",
    "encoded": "description", "id": "guid", "identifier": "guid", "published": "pubDate", "subject": "categories",
    "summary": "description", "updated": "pubDate", "url": "link",
}  # fmt: skip
"""What elements of feeds are called in their records."""


def astray(
    fields: Iterable[str], roots: Iterable[str], names: Names, keys: Collection[str], *, feed: bool, at: Location
) -> Iterator[Occurrence]:
    """``xml/wrong-path`` for each of these fields that no record can have.

    :param roots: the names of all records' elements; :param keys: fields that are an element's own text, if any's.
    :param feed: the records are those of feeds.
    :param at: where the records are.
    """
    known = sorted(FIELDS if feed else roots)
    for field in sorted(fields):
        path = FieldPath.parse(field)
        first = path.steps[0] if path.steps else None
        if not isinstance(first, Child) or first.deep or begins_as(field, known, names):
            continue
        what = f"a feed's records have {', '.join(FIELDS)}" if feed else f"the records are {_listed(known)}"
        meant = _of_feed(path) if feed else _inside(path, first, known, key=field in keys)
        yield Occurrence(
            "xml/wrong-path", f"{field} finds nothing in any record: {what}", field, location=at,
            hint=f"Did you mean {meant}?" if meant else "Name one of these." if feed else None,
        )  # fmt: skip


def begins_as(field: str, roots: Iterable[str], names: Names) -> bool:
    """Whether a path's first name is that of a record's element."""
    first = next(iter(FieldPath.parse(field).steps), None)
    return isinstance(first, Child) and any(first.name == k or names.means(first.name, k) for k in roots)


def _inside(path: FieldPath, first: Child, roots: list[str], *, key: bool) -> str | None:
    """The path as it is likely meant: with the record's element before it, or with its right name."""
    near = likely(first.name, roots) if len(path.steps) > 1 else []
    if not near and len(roots) != 1:
        return None
    steps = (Child(near[0]), *path.steps[1:]) if near else (Child(roots[0]), *path.steps)
    return FieldPath(own_text(steps) if key else steps).canonical


def _of_feed(path: FieldPath) -> str | None:
    name = local(path.name or "")
    name = _OF_FEED.get(name, name)
    if name in FIELDS:
        return FieldPath((Child(name),)).canonical
    near = likely(name, FIELDS)
    return FieldPath((Child(near[0]),)).canonical if near else None


def _listed(names: list[str]) -> str:
    return ", ".join(f"<{n[:60]}>" for n in names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")
