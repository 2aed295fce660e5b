"""Items of RSS and entries of Atom as flat records.

RSS 2.0, https://www.rssboard.org/rss-specification; RSS 1.0, https://web.resource.org/rss/1.0/spec; Atom, RFC 4287.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from potable.engine.paths import FieldPath, column_path
from potable.engine.reading.xml.plan import Values
from potable.engine.reading.xml.values import WHITE, name_of

if TYPE_CHECKING:
    from lxml import etree

FIELDS = ("guid", "title", "link", "description", "author", "comments", "pubDate", "categories")
"""What a feed's record has. ``categories`` is an array, the others are texts; what an item lacks, its record lacks."""

ITEMS = ("item", "entry")
"""Elements that are records."""

_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_RSS = {
    "guid": ("guid", "dc:identifier"),
    "title": ("title", "dc:title"),
    "description": ("description", "content:encoded", "dc:description"),
    "author": ("author", "dc:creator"),
    "comments": ("comments",),
    "pubDate": ("pubDate", "dc:date"),
}
_ATOM = {
    "guid": ("id",),
    "title": ("title",),
    "description": ("summary", "content"),
    "pubDate": ("published", "updated"),
}


class FeedColumns:
    """The values of a feed's records.

    :ivar columns: by canonical path.
    """

    def __init__(self, named: Sequence[str], *, every: bool) -> None:
        paths = [*named, *(p for f in FIELDS if every and (p := column_path(f)) not in named)]
        self.columns = {path: Values(trimmed=False) for path in paths}
        self._paths = [(FieldPath.parse(path), self.columns[path]) for path in paths]
        self._row = 0

    def over(self, items: Iterable[etree._Element]) -> None:
        """Take in the next records."""
        for item in items:
            record = feed_record(item)
            for path, values in self._paths:
                for value in _flat(found for found, _ in path.find(record)):
                    values.rows.append(self._row)
                    values.texts.append(value)
            self._row += 1


def _flat(found: Iterable[Any]) -> Iterator[str | None]:
    """Texts; an array stands for its items, an object for None."""
    for value in found:
        if isinstance(value, list):
            yield from value
        else:
            yield None if isinstance(value, dict) else value


def feed_record(item: etree._Element) -> dict[str, Any]:
    """The record of an item (RSS) or entry (Atom)."""
    children: dict[str, list[etree._Element]] = {}
    for child in item:
        children.setdefault(name_of(child), []).append(child)
    atom = name_of(item).rpartition(":")[2] == "entry"
    if atom:  # Atom's own elements may have a prefix, those of extensions have another
        prefix = f"{item.prefix}:" if item.prefix else ""
        children = {name.removeprefix(prefix): found for name, found in children.items()}
    record: dict[str, Any] = {}
    for field, names in (_ATOM if atom else _RSS).items():
        texts = [_text(e) for name in names for e in children.get(name, ())]
        if texts:
            record[field] = next(filter(None, texts), "")
    link, category, author = _ATOM_WAYS if atom else _RSS_WAYS
    for field, way in (("link", link), ("author", author)):
        for element in children.get(field, ()):
            text = way(element)
            if text is not None and not record.get(field):
                record[field] = text
    if not atom and not record.get("guid") and (about := item.get(_RDF_ABOUT)):
        record["guid"] = about
    categories = [*children.get("category", ()), *(() if atom else children.get("dc:subject", ()))]
    if categories:
        record["categories"] = [category(e) or "" for e in categories]
    return {field: record[field] for field in FIELDS if field in record}


def _text(element: etree._Element) -> str:
    """All text in an element: titles and descriptions may hold markup."""
    return "".join(str(t) for t in element.itertext()).strip(WHITE)


def _atom_link(element: etree._Element) -> str | None:
    """The link to the entry's page; links to other things don't count."""
    if element.get("rel", "alternate") != "alternate":
        return None
    href = element.get("href")
    return None if href is None else str(href).strip(WHITE)


def _atom_author(element: etree._Element) -> str | None:
    names = {name_of(e).rpartition(":")[2]: _text(e) for e in element}
    return names.get("name") or names.get("email") or ""


def _atom_category(element: etree._Element) -> str | None:
    return str(element.get("term") or element.get("label") or "")


_Way = Callable[["etree._Element"], str | None]
_RSS_WAYS: tuple[_Way, _Way, _Way] = (_text, _text, _text)
_ATOM_WAYS: tuple[_Way, _Way, _Way] = (_atom_link, _atom_category, _atom_author)
