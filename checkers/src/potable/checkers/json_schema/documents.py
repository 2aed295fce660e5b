"""A schema and the files that it refers to: nothing is ever fetched.

Draft names: https://json-schema.org/specification-links . References: RFC 3986; JSON Schema core, "base URI".
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from potable.engine.definition.model import SourceDefinition
from potable.engine.errors import DefinitionError
from potable.engine.findings import Location
from potable.engine.toolkit import decode, escape, load_documents, unescape

BASE = "file:///definition/"
"""Stands for the definition's folder in the URIs of its files."""
LARGEST = 16 << 20
"""A file that is larger, in bytes, is no schema."""
MOST_FILES = 500

DRAFTS = {
    "https://json-schema.org/draft/2020-12/schema": "2020-12",
    "https://json-schema.org/draft/2019-09/schema": "2019-09",
    "http://json-schema.org/draft-07/schema": "7",
    "http://json-schema.org/draft-06/schema": "6",
    "http://json-schema.org/draft-04/schema": "4",
}
LATEST = "https://json-schema.org/draft/2020-12/schema"
REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
DATA = frozenset(("enum", "const", "default", "examples", "example"))
"""Keywords whose values are data, not schemas."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of a schema that can't be used; ``location``: where it's written."""

    code: str
    message: str
    location: Location
    hint: str | None = None


@dataclass(slots=True)
class Schemas:
    """The schema of a source with all that it refers to.

    :ivar root: the schema; what can't be used is taken out, and is among the ``problems``.
    :ivar files: the other documents, by URI.
    :ivar uri: the root's URI.
    :ivar file: URI of the file that the root is written in.
    :ivar draft: URI of its draft.
    """

    root: Mapping[str, Any] | bool
    uri: str
    file: str
    draft: str = LATEST
    files: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def load(source: SourceDefinition) -> Schemas:
    """The JSON Schema of a source, which has one."""
    assert source.json_schema is not None
    return _Loader(source).load(source.json_schema)


class _Loader:
    def __init__(self, source: SourceDefinition) -> None:
        self._source = source
        self._folder = source.origin.folder.resolve()
        name = source.schema_file if source.schema_file and "://" not in source.schema_file else ""
        self._name = posixpath.normpath(name.replace("\\", "/")) if name else ""
        self._uri = BASE + self._name
        self._schemas = Schemas(True, self._uri, self._uri)
        self._known: set[str] = set()

    def load(self, schema: Mapping[str, Any] | bool) -> Schemas:
        schemas = self._schemas
        if isinstance(schema, bool):
            schemas.root = schema
            return schemas
        root = _copy(schema)
        self._draft(root)
        self._known = {urldefrag(i)[0] for i in _identifiers(root, self._uri)}
        schemas.root = root
        schemas.uri = urljoin(self._uri, urldefrag(str(root.get("$id") or root.get("id") or ""))[0])
        self._visit(root, schemas.uri, "", self._uri)
        return schemas

    def _draft(self, root: dict[str, Any]) -> None:
        given = root.get("$schema")
        if given is None:
            return
        bare = given.rstrip("#") if isinstance(given, str) else ""
        for uri in DRAFTS:
            if bare.partition("://")[2] == uri.partition("://")[2]:
                self._schemas.draft = root["$schema"] = uri
                return
        message = f"$schema is {str(given)[:200]!r}, which is no draft that is known; 2020-12 is taken"
        hint = f"Known are: {', '.join(DRAFTS)}."
        self._problem("definition/bad-value", message, "/$schema", self._uri, hint)
        del root["$schema"]

    def _visit(self, node: Any, base: str, pointer: str, file: str) -> None:
        """Follow the references in a document.

        :param base: URI that they are relative to; ``file``: URI of the document that it's written in.
        """
        if isinstance(node, list):
            for index, inner in enumerate(node):
                self._visit(inner, base, f"{pointer}/{index}", file)
        elif isinstance(node, dict):
            identifier = node.get("$id")
            if pointer and isinstance(identifier, str) and not identifier.startswith("#"):
                base = urljoin(base, identifier)
            for keyword in REFERENCES:
                if isinstance(node.get(keyword), str):
                    self._reference(node, keyword, base, pointer, file)
            for name, inner in list(node.items()):
                if name not in DATA:
                    self._visit(inner, base, f"{pointer}/{escape(str(name))}", file)

    def _reference(self, node: dict[str, Any], keyword: str, base: str, pointer: str, file: str) -> None:
        given = node[keyword]
        uri, fragment = urldefrag(urljoin(base, given))
        at = f"{pointer}/{keyword}"
        problem = None
        if uri in self._known or uri in DRAFTS or uri.startswith("https://json-schema.org/draft/"):
            problem = self._pointer(uri, fragment)
        elif uri not in self._schemas.files:
            name = self._local(uri, base)
            if name is None:
                problem = f"{given[:200]!r} is elsewhere: a schema's references aren't fetched"
                hint = "Keep a copy beside the definition, and refer to that by its name."
                self._problem("definition/missing-file", problem, at, file, hint)
                _forget(node, keyword)
                return
            problem = self._file(uri, name)
        if problem is None and uri in self._schemas.files:
            problem = self._pointer(uri, fragment)
        if problem is not None:
            code = "definition/bad-value" if uri in self._known else "definition/missing-file"
            self._problem(code, f"{keyword} {given[:200]!r}: {problem}", at, file)
            _forget(node, keyword)

    def _pointer(self, uri: str, fragment: str) -> str | None:
        """Why a JSON Pointer leads nowhere in a whole document; None where it's right, or isn't one."""
        document = self._schemas.root if uri == self._schemas.uri else self._schemas.files.get(uri)
        if document is None or not fragment.startswith("/"):
            return None
        try:
            value_at(document, fragment)
        except LookupError:
            return f"there is nothing at {fragment[:200]}"
        return None

    def _local(self, uri: str, base: str) -> str | None:
        """The name, relative to the definition's folder, of the file that a URI may mean."""
        if uri.startswith(BASE):
            return unquote(uri.removeprefix(BASE))
        own = posixpath.dirname(self._schemas.uri)
        if uri.startswith(own + "/") and base.startswith(own):
            # beside an $id that stands for the schema's own file
            name = posixpath.join(posixpath.dirname(self._name), unquote(uri.removeprefix(own + "/")))
            if (self._folder / name).is_file():
                return name
        return None

    def _file(self, uri: str, name: str) -> str | None:
        """Load a file; why it can't be used, None where it can."""
        path = (self._folder / name).resolve() if "\0" not in name else self._folder
        if not path.is_relative_to(self._folder):
            return "the file isn't below the definition's folder"
        if not path.is_file():
            return "the file isn't there"
        if path.stat().st_size > LARGEST or len(self._schemas.files) >= MOST_FILES:
            return "it's too large, or there are too many files"
        try:
            documents = load_documents(decode(path.read_bytes(), name), name)
        except DefinitionError as e:
            return f"the file can't be used: {e.reason}"
        except OSError as e:
            return f"the file can't be read: {e.strerror}"
        if len(documents) != 1 or not isinstance(documents[0].value, dict | bool):
            return "the file isn't a schema"
        document = self._schemas.files[uri] = _copy(documents[0].value)
        if isinstance(document, dict):
            self._known |= {urldefrag(i)[0] for i in _identifiers(document, uri)} - {uri}
            self._visit(document, urljoin(uri, str(document.get("$id", ""))), "", uri)
        return None

    def _problem(self, code: str, message: str, pointer: str, file: str, hint: str | None = None) -> None:
        at = place(self._source, pointer, file, self._uri)
        self._schemas.problems.append(Problem(code, message, at, hint))


def place(source: SourceDefinition, pointer: str, file: str, root: str) -> Location:
    """Where a member of a schema is written; ``root``: URI of the source's own schema file."""
    if file == root:
        return source.place("/jsonSchema" + pointer)
    return Location(file=unquote(file.removeprefix(BASE)), path=pointer or None)


def value_at(document: Any, fragment: str) -> Any:
    """What a URI's fragment, a JSON Pointer, leads to in a document. Raises LookupError where that's nothing."""
    node = document
    for step in map(unescape, unquote(fragment).split("/")[1:]):
        if isinstance(node, Mapping) and step in node:
            node = node[step]
        elif isinstance(node, list) and step.isdigit() and int(step) < len(node):
            node = node[int(step)]
        else:
            raise LookupError(fragment)
    return node


def _identifiers(node: Any, base: str) -> Iterator[str]:
    """The URIs that a document gives itself and its parts."""
    yield base
    stack = [(node, base)]
    while stack:
        inner, here = stack.pop()
        if isinstance(inner, dict):
            for name in ("$id", "id"):
                identifier = inner.get(name)
                if isinstance(identifier, str) and not identifier.startswith("#"):
                    here = urljoin(here, identifier)
                    yield here
            stack += [(v, here) for k, v in inner.items() if k not in DATA]
        elif isinstance(inner, list):
            stack += [(v, here) for v in inner]


def _forget(node: dict[str, Any], keyword: str) -> None:
    """Take a reference out, so that the rest of the schema can be used."""
    del node[keyword]


def _copy(value: Any) -> Any:
    """Plain dicts and lists, which may be changed."""
    if isinstance(value, Mapping):
        return {str(k): _copy(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_copy(v) for v in value]
    return value
