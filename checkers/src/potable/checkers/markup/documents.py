"""A schema's document, with all that it includes: read from the definition and from files below its folder, and never
from anywhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from potable.checkers.markup.libxml import Element, etree
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Location, Occurrence

LARGEST = 16 << 20
"""A schema that is larger, in bytes, isn't read."""
MOST_FILES = 500

XSD = "{http://www.w3.org/2001/XMLSchema}"
RELAXNG = "{http://relaxng.org/ns/structure/1.0}"
SCHEMATRON = "{http://purl.oclc.org/dsdl/schematron}"

INCLUDES = {
    f"{XSD}include": "schemaLocation", f"{XSD}import": "schemaLocation", f"{XSD}redefine": "schemaLocation",
    f"{RELAXNG}include": "href", f"{RELAXNG}externalRef": "href", f"{SCHEMATRON}include": "href",
}  # fmt: skip
"""Elements that name a further file, with the attribute that does."""


@dataclass(slots=True)
class SchemaDocument:
    """A schema.

    :param kind: the member of the definition: ``xsd``, ``relaxng``, ``schematron``.
    :param root: its document; None where there's none that can be used.
    :param file: its name as shown; None for an inline one.
    :param problems: what can't be used, ``definition/*``.
    :param others: the roots of the files that it includes.
    """

    source: SourceDefinition
    kind: str
    root: Element | None = None
    file: str | None = None
    problems: list[Occurrence] = field(default_factory=list)
    others: list[Element] = field(default_factory=list)

    @property
    def elements(self) -> Iterator[Element]:
        """The roots of all its documents."""
        if self.root is not None:
            yield self.root
        yield from self.others

    def bad(self, message: str, line: int | None = None, *, code: str = "bad-value", file: str | None = None) -> None:
        """Note a problem, at a line of one of its files."""
        at = file or self.file
        place = self.source.place(f"/{self.kind}")
        if at is not None:
            place = Location(file=at, line=line)
        told = message if at is not None or line is None else f"{message} (line {line} of it)"
        self.problems.append(
            Occurrence(f"definition/{code}", told, rule=f"{self.kind} {at or ''}:{line or ''}", location=place)
        )


def parser() -> Any:
    """A parser of schemas: no network, no entities, no DTD."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)


def load(source: SourceDefinition, kind: str, given: str) -> SchemaDocument:
    """The schema that a definition gives: inline, or the name of its file."""
    document = SchemaDocument(source, kind)
    folder = source.origin.folder.resolve()
    if "<" in given or "\n" in given.strip():
        document.root = _parsed(document, given.strip().encode(), folder / f"inline.{kind}", None)
        base = folder
    else:
        path = source.resolve(given)
        document.file = given
        if path.suffix.lower() == ".rnc":
            document.bad("RELAX NG's compact syntax isn't read: convert the schema to the XML syntax, as `trang` does")
            return document
        data = _bytes(document, path, given, None)
        document.root = None if data is None else _parsed(document, data, path, given)
        base = path.parent.resolve()
    if document.root is not None:
        # Of a schema that lies elsewhere its own folder counts.
        _Includes(document, folder if base.is_relative_to(folder) else base).follow(document.root, base, given=None)
    return document


def _bytes(document: SchemaDocument, path: Path, name: str, line: int | None) -> bytes | None:
    try:
        if path.stat().st_size > LARGEST:
            document.bad(f"the file {name[:200]!r} is larger than {LARGEST >> 20} MiB", line)
            return None
        return path.read_bytes()
    except (OSError, ValueError) as e:
        reason = getattr(e, "strerror", None) or str(e)
        document.bad(f"the file {name[:200]!r} can't be read: {reason}", line, code="missing-file")
        return None


def _parsed(document: SchemaDocument, data: bytes, path: Path, name: str | None) -> Element | None:
    try:
        root = etree.fromstring(data, parser(), base_url=str(path))
    except etree.XMLSyntaxError as e:
        document.bad(f"the schema isn't well-formed XML: {e.msg}", e.lineno, file=name)
        return None
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and next(dtd.iterentities(), None) is not None:
        document.bad("the schema's document type declares entities, which aren't taken", 1, file=name)
        return None
    return root


class _Includes:
    """Follows what a schema includes; what can't be used is taken out and noted.

    :param folder: the folder that all files must lie in.
    """

    def __init__(self, document: SchemaDocument, folder: Path) -> None:
        self._document, self._folder = document, folder
        self._seen: set[Path] = set()

    def follow(self, root: Element, base: Path, given: str | None) -> None:
        for element in list(root.iter(*INCLUDES)):
            attribute = INCLUDES[str(element.tag)]
            name = element.get(attribute)
            if name is None:
                continue
            path = self._path(element, name, base, given)
            if path is None:
                _drop(element, attribute)
            elif path not in self._seen:
                self._visit(element, attribute, path, name)

    def _path(self, element: Element, name: str, base: Path, given: str | None) -> Path | None:
        document, line = self._document, element.sourceline
        parts = urlsplit(name)
        if parts.scheme or parts.netloc:
            document.bad(f"{name[:200]!r} is elsewhere: what a schema includes isn't fetched", line,
                         code="missing-file", file=given)  # fmt: skip
            return None
        path = (base / unquote(parts.path)).resolve() if "\0" not in name else base
        if not path.is_relative_to(self._folder):
            document.bad(f"{name[:200]!r} isn't below the definition's folder", line, code="missing-file", file=given)
            return None
        if not path.is_file() or len(self._seen) >= MOST_FILES:
            document.bad(f"the file {name[:200]!r} isn't there", line, code="missing-file", file=given)
            return None
        return path

    def _visit(self, element: Element, attribute: str, path: Path, name: str) -> None:
        self._seen.add(path)
        shown = path.relative_to(self._folder).as_posix()
        data = _bytes(self._document, path, name, element.sourceline)
        root = None if data is None else _parsed(self._document, data, path, shown)
        if root is None:
            _drop(element, attribute)
            return
        before = len(self._document.problems)
        self._document.others.append(root)
        self.follow(root, path.parent, shown)
        if len(self._document.problems) > before:
            # libxml2 would read the file as it is, and follow what may not be followed.
            _drop(element, attribute)


def _drop(element: Element, attribute: str) -> None:
    """Take an inclusion out; an import without its file still declares a namespace."""
    if element.tag == f"{XSD}import":
        del element.attrib[attribute]
        return
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
