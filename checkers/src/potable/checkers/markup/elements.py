"""Elements of the source: their names, their paths, and which of them are records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from potable.checkers.markup.libxml import Element, etree
from potable.engine.definition.model import SourceDefinition
from potable.engine.paths import canonical
from potable.engine.paths.steps import quoted
from potable.engine.toolkit import attribute_name, lazy_regex

_STEP = lazy_regex(r"/(?P<name>\*|@?[^/\[\]]+)(?:\[(?P<number>[0-9]+)\])?")
FILTERS = ("filterXMLPath", "filterJsonPath", "filterValue")


@dataclass(frozen=True, slots=True)
class RecordNames:
    """Which elements are records.

    :param document: the record's element as the definition names it; "" where it doesn't.
    :param top: what its parent must be; "" for any.
    :param counted: whether all such elements are records, so that they can be counted.
    """

    document: str = ""
    top: str = ""
    counted: bool = True

    @classmethod
    def of(cls, source: SourceDefinition) -> RecordNames:
        """What a definition says."""
        oai = source.format == "oai"
        document, top = (str(source.parameters.get(n) or "").strip() for n in ("documentElement", "topElement"))
        document, top = document or ("record" if oai else ""), top or ("ListRecords" if oai else "")
        counted = bool(document) and not oai and not any(source.parameters.get(n) for n in FILTERS)
        return cls(document, top, counted)

    def is_record(self, name: str, parent: str | None) -> bool:
        """Whether an element of that name (with its prefix) is a record, in a parent of that name."""
        if not self.document or not _same(self.document, name):
            return False
        return not self.top or (parent is not None and _same(self.top, parent))


def _same(wanted: str, name: str) -> bool:
    return wanted == name or (":" not in wanted and wanted == name.rpartition(":")[2])


def name_of(element: Element) -> str:
    """An element's name as the document spells it."""
    local = etree.QName(element).localname
    return local if element.prefix is None else f"{element.prefix}:{local}"


def local_name(tag: str) -> str:
    """A name without its namespace, ``{uri}local``, or prefix."""
    return tag.rpartition("}")[2].rpartition(":")[2]


class Places:
    """Where the elements of a document are: each look-up takes as long as the path is, however many siblings there are.

    :param root: paths begin here.
    """

    def __init__(self, root: Element) -> None:
        self._root = root
        self._children: dict[Element, dict[str, list[Element]]] = {}
        self._steps: dict[Element, dict[Element, tuple[str, int]]] = {}

    def at(self, path: str | None) -> Element | None:
        """The element that a node path of libxml2 leads to; of an attribute its element."""
        if not path:
            return None
        element = self._root
        for step in list(_STEP.finditer(path))[1:]:
            if step["name"].startswith("@"):
                break
            children = self._named(element).get(step["name"], [])
            number = int(step["number"] or 1)
            if not 0 < number <= len(children):
                return element
            element = children[number - 1]
        return element

    def path(self, element: Element) -> list[tuple[str, int]]:
        """(name, number among the siblings of that name, 0 for the only one) from the root down to an element."""
        steps: list[tuple[str, int]] = []
        at = element
        while at is not None and at is not self._root:
            parent = at.getparent()
            if parent is None:
                break
            steps.append(self._numbered(parent)[at])
            at = parent
        steps.append((name_of(at), 0))
        return steps[::-1]

    def _named(self, parent: Element) -> dict[str, list[Element]]:
        """A parent's children by name, and all of them as ``*``."""
        known = self._children.get(parent)
        if known is None:
            known = self._children[parent] = {"*": []}
            for child in parent:
                if isinstance(child.tag, str):
                    known["*"].append(child)
                    known.setdefault(name_of(child), []).append(child)
        return known

    def _numbered(self, parent: Element) -> dict[Element, tuple[str, int]]:
        known = self._steps.get(parent)
        if known is None:
            known = self._steps[parent] = {
                child: (name, n if len(children) > 1 else 0)
                for name, children in self._named(parent).items()
                if name != "*"
                for n, child in enumerate(children, 1)
            }
        return known


def shown(path: Sequence[tuple[str, int]]) -> str:
    """A path as messages and places have it: ``/r/stock[2]/name``."""
    return "".join(f"/{name}[{number}]" if number else f"/{name}" for name, number in path)


def field_of(names: Sequence[str], records: RecordNames) -> str | None:
    """The canonical path of the field that an element is, in its record; None outside of records."""
    for n, name in enumerate(names):
        if records.is_record(name, names[n - 1] if n else None):
            return canonical("$" + "".join(f".{quoted(step)}" for step in names[n:]))
    return None


def record_field(names: Sequence[str]) -> str:
    """The canonical path of the field that an element of a record is."""
    return canonical("$" + "".join(f".{quoted(step)}" for step in names))


def attributes_of(element: Element) -> dict[str, str]:
    """An element's attributes, by name as the document spells it."""
    return {attribute_name(element, str(key)): str(value) for key, value in element.items()}


def attribute_of(element: Element, name: str) -> str:
    """How the document spells an attribute that libxml2 calls ``name`` or ``{namespace}name``."""
    if not name.startswith("{"):
        spelt = attributes_of(element)
        return name if name in spelt else next((s for s in spelt if s.endswith(f":{name}")), name)
    uri, local = name[1:].split("}", 1)
    prefix = next((p for p, ns in element.nsmap.items() if p is not None and ns == uri), None)
    return local if prefix is None else f"{prefix}:{local}"


def child_of(element: Element, name: str) -> str:
    """How the document would spell a child that libxml2 calls ``name`` or ``{namespace}name``."""
    local = name.rpartition("}")[2]
    qualified = etree.QName(element)
    same = name.startswith("{") and name[1:].split("}", 1)[0] == qualified.namespace
    return f"{element.prefix}:{local}" if same and element.prefix is not None else local
