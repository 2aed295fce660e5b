"""Which elements of a part are records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from potable.engine.definition.elements import element_fault
from potable.engine.reading.xml.feeds import ITEMS
from potable.engine.reading.xml.layout import Target
from potable.engine.reading.xml.markup import TOKEN, is_empty, is_whole, text_of
from potable.engine.reading.xml.names import Names, local

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition

_NO_NAME = "\0"
"""No element is called so: the records' name where topElement isn't there, or has no child."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the definition says of records.

    :param document: ``documentElement``; "" where it isn't given; :param top: ``topElement``, likewise.
    :param feed: the format is ``rss``; :param oai: it is ``oai``.
    :param files: each file is a record where nothing else is said (WAF).
    """

    document: str = ""
    top: str = ""
    feed: bool = False
    oai: bool = False
    files: bool = False

    @classmethod
    def of(cls, source: SourceDefinition) -> Wanted:
        """What this definition says."""
        document, top = (_name(source, n) for n in ("documentElement", "topElement"))
        match source.format:
            case "rss":
                return cls(feed=True)
            case "oai":
                return cls(document or "record", top or "ListRecords", oai=True)
        return cls(document, top, files=source.ingest_method == "WAF")

    @property
    def usable(self) -> bool:
        """Whether what should name an element does; else the definition has been told of."""
        return element_fault(self.document) is None and element_fault(self.top) is None

    def target(self, names: Names, head: bytes) -> Target:
        """The records of a part with these names, which begins with ``head``."""
        if self.feed:
            items = tuple(sorted(n for n in names.known if local(n) in ITEMS))
            return Target(items or ITEMS, feed=True, any_prefix=not items)
        top, any_top = _spelled(self.top, names)
        if not self.document:
            if self.files and not self.top:
                return Target(())
            found = likely_record(head, top, any_top=any_top)
            nothing = (_NO_NAME,) if top else ()  # without topElement the root is the record
            return Target(nothing if found is None else (found,), top, any_top=any_top)
        document, any_prefix = _spelled(self.document, names)
        return Target(document, top, living=self.oai, any_prefix=any_prefix, any_top=any_top)

    def unprefixed(self, names: Names) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Names that lack the prefix that the part's elements have: the parameter, the name, those of the elements."""
        if self.oai:
            return
        for where, name in (("topElement", self.top), ("documentElement", self.document)):
            if name and (prefixed := names.prefixed(name)):
                yield where, name, prefixed


def _name(source: SourceDefinition, parameter: str) -> str:
    return str(source.parameters.get(parameter) or "").strip()


def _spelled(name: str, names: Names) -> tuple[tuple[str, ...], bool]:
    """How the part spells a name; and whether it may do so in any way, because it isn't seen yet."""
    if not name:
        return (), False
    if name in names.known or ":" in name:
        return (name,), False
    prefixed = names.prefixed(name)
    return prefixed or (name,), not prefixed


def likely_record(head: bytes, top: tuple[str, ...], *, any_top: bool) -> str | None:
    """The name of the element that is likely a record, where the definition doesn't say: the child of ``top`` that is
    there most often; without ``top``, of the elements that repeat beside each other, the outermost. None: the root.
    """
    counts: list[Counter[tuple[str, str]]] = []
    stack: list[str] = []
    for token in TOKEN.finditer(head):
        if token["special"] is not None:
            if not is_whole(token["special"]):
                break
        elif token["close"] is not None:
            if stack:
                stack.pop()
        else:
            name = text_of(token["open"])
            if stack:
                while len(counts) < len(stack):
                    counts.append(Counter())
                counts[len(stack) - 1][stack[-1], name] += 1
            if not is_empty(head, token.end()):
                stack.append(name)
    if top:
        below = Counter[str]()
        for level in counts:
            for (parent, name), n in level.items():
                if parent in top or (any_top and local(parent) in top):
                    below[name] += n
        return below.most_common(1)[0][0] if below else None
    for level in counts:
        found = level.most_common(1)
        if found and found[0][1] > 1:
            return found[0][0][1]
    return None
