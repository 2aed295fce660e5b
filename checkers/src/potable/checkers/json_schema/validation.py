"""A schema made ready to judge records: in Rust, with a linear-time regex engine, and with no way to fetch anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import jsonschema_rs

from potable.checkers.declared.formats import NESTED_FORMATS, TABLE_FORMATS
from potable.checkers.json_schema.bulk import bulk_of
from potable.checkers.json_schema.documents import DATA, LATEST, Problem, Schemas, load, place
from potable.checkers.json_schema.messages import Told, told, violations
from potable.checkers.json_schema.shapes import fit, shape_of
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import clip
from potable.engine.toolkit import escape, pointer_of

_CLASSES = {
    LATEST: jsonschema_rs.Draft202012Validator,
    "https://json-schema.org/draft/2019-09/schema": jsonschema_rs.Draft201909Validator,
    "http://json-schema.org/draft-07/schema": jsonschema_rs.Draft7Validator,
    "http://json-schema.org/draft-06/schema": jsonschema_rs.Draft6Validator,
    "http://json-schema.org/draft-04/schema": jsonschema_rs.Draft4Validator,
}
_REGEX = jsonschema_rs.RegexOptions()


class Judge:
    """The schema of a source, ready to judge its records.

    :param formats: whether ``format`` is asserted.
    :ivar problems: what of it can't be used.
    :ivar required: members that any record must have -> JSON Pointer of the keyword that says so.
    """

    def __init__(self, source: SourceDefinition, *, formats: bool) -> None:
        schemas = load(source)
        self._validator = validator_of(source, schemas, formats=formats)
        self.problems = schemas.problems
        self._declared = frozenset(_names_in([schemas.root, *schemas.files.values()]))
        self._table = source.format in TABLE_FORMATS
        self._nulls = source.format in NESTED_FORMATS - {"json", "jsonl"}  # a column's null is no value
        # a text is a text there, and never a number; in all other formats it's read as the schema wants it
        self._shape = None if source.format in NESTED_FORMATS else shape_of(schemas)
        missing = () if source.parameters.get("keepMissing") is True else source.missing_values
        self._missing = frozenset(missing)
        self._bulk = bulk_of(schemas, partial(_part, schemas.draft, formats)) if self._takes_text(schemas) else None
        self.required: dict[str, str] = {}
        if self._validator is not None:
            for one in violations(self._validator, {}):
                if one[0].lacking is not None and not one[0].pointer:
                    self.required.setdefault(one[0].lacking, one[0].rule)

    def _takes_text(self, schemas: Schemas) -> bool:
        return self._validator is not None and self._shape is None and isinstance(schemas.root, Mapping)

    @property
    def usable(self) -> bool:
        """Whether there's anything to judge by."""
        return self._validator is not None

    def suspects(self, chunk: Chunk) -> Sequence[int] | None:
        """Rows of a chunk whose records may be wrong; None where that isn't told for many at once."""
        if chunk.json is None or self._bulk is None:
            return None
        return self._bulk.suspects(chunk.json)

    @property
    def quick(self) -> Callable[[Any], bool] | None:
        """Whether a record is right, without a detour; None where :meth:`read` changes it before."""
        changed = self._shape is not None or self._nulls
        return None if self._validator is None or changed else self._validator.is_valid

    def read(self, document: Any) -> Any:
        """A record as the validator takes it."""
        if not isinstance(document, dict):
            from potable.engine.toolkit import record_object  # heavy: only for XML

            document = record_object(document)
        if self._nulls:
            return {name: value for name, value in document.items() if value is not None}
        return document if self._shape is None else fit(document, self._shape, self._missing)

    @property
    def passes(self) -> Callable[[Any], bool]:
        """Whether a record is right: called for each, so it's no more than it has to be."""
        assert self._validator is not None
        is_valid = self._validator.is_valid
        unchanged = self._shape is None and not self._nulls
        return is_valid if unchanged else lambda document: is_valid(self.read(document))

    def violations(self, document: Any, record: Any) -> Iterable[tuple[Told, int]]:
        """What is wrong with a record, and in how many places.

        That a table has no such column, or a ragged row no such cell, was told at the header, or of the row.
        """
        if self._validator is None:
            return
        for one, places in violations(self._validator, record, self._declared):
            if not (self._table and not one.pointer and one.lacking in self.required and one.lacking not in document):
                yield one, places


def _names_in(schemas: Iterable[Any]) -> Iterator[str]:
    """The names that schemas give to members, wherever."""
    stack = list(schemas)
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            for keyword in ("properties", "required", "dependentRequired", "dependentSchemas", "dependencies"):
                given = node.get(keyword)
                if isinstance(given, Mapping | list | tuple):
                    yield from (name for name in given if isinstance(name, str))
            stack += [inner for name, inner in node.items() if name not in DATA]
        elif isinstance(node, list | tuple):
            stack += node


def _part(draft: str, formats: bool, keywords: Mapping[str, Any]) -> Callable[[Any], bool]:
    """The test of some keywords of a schema."""
    made = _CLASSES[draft](dict(keywords), validate_formats=formats, pattern_options=_REGEX, offline=True)
    return made.is_valid


def validator_of(source: SourceDefinition, schemas: Schemas, *, formats: bool) -> jsonschema_rs.Validator | None:
    """The validator of a schema; None where it can't be used. What is wrong is added to ``schemas.problems``.

    :param formats: whether ``format`` is asserted.
    """
    for file, document in ((schemas.file, schemas.root), *schemas.files.items()):
        for pointer, pattern in _bad_patterns(document, ""):
            message = f"the regular expression {pattern[:200]!r} can't be used: {_why(pattern)}"
            schemas.problems.append(
                Problem("definition/bad-regex", message, place(source, pointer, file, schemas.file))
            )

    def retrieve(uri: str) -> Any:
        try:
            return schemas.files[uri.partition("#")[0]]
        except KeyError:
            raise LookupError(f"{uri} isn't fetched") from None

    try:
        return _CLASSES[schemas.draft](
            schemas.root,  # type: ignore[arg-type]
            validate_formats=formats,
            pattern_options=_REGEX,
            base_uri=schemas.uri,
            retriever=retrieve,
        )
    except (jsonschema_rs.ValidationError, ValueError) as e:
        schemas.problems += _faults(source, schemas, e)
        return None


def _faults(source: SourceDefinition, schemas: Schemas, error: Exception) -> Iterator[Problem]:
    """What the draft's own schema says of a schema that can't be used; at least ``error`` itself."""
    found = []
    for file, document in ((schemas.file, schemas.root), *schemas.files.items()):
        try:
            faults = list(jsonschema_rs.iter_errors({"$ref": schemas.draft}, document))
        except jsonschema_rs.ValidationError:
            faults = []
        for fault in faults:
            pointer = pointer_of(fault.instance_path)
            message = f"the schema isn't valid: {told(fault).message}"
            found.append(Problem("definition/bad-value", message, place(source, pointer, file, schemas.file)))
    if not found:
        pointer = pointer_of(getattr(error, "instance_path", ()))
        message = f"the schema can't be used: {_short(str(getattr(error, 'message', error)))}"
        found.append(Problem("definition/bad-value", message, place(source, pointer, schemas.file, schemas.file)))
    yield from found


def _short(message: str) -> str:
    line = " ".join(message.split())
    return clip(line, 300)


# -- regular expressions ---------------------------------------------------------------------------------------------


def _bad_patterns(node: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Patterns that no linear-time engine takes, with their places; they're taken out, so that the rest can be used."""
    if isinstance(node, list):
        for index, inner in enumerate(node):
            yield from _bad_patterns(inner, f"{pointer}/{index}")
        return
    if not isinstance(node, dict):
        return
    pattern = node.get("pattern")
    if isinstance(pattern, str) and _why(pattern) is not None:
        del node["pattern"]
        yield f"{pointer}/pattern", pattern
    by_pattern = node.get("patternProperties")
    if isinstance(by_pattern, Mapping):
        for name in [n for n in by_pattern if _why(n) is not None]:
            del by_pattern[name]  # type: ignore[attr-defined]
            node.pop("additionalProperties", None)  # what it allowed isn't known any more
            yield f"{pointer}/patternProperties/{escape(name)}", name
    for name, inner in node.items():
        if name not in DATA:
            yield from _bad_patterns(inner, f"{pointer}/{escape(name)}")


def _why(pattern: str) -> str | None:
    """Why a regular expression can't be used; None where it can."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=_REGEX, offline=True)
    except (jsonschema_rs.ValidationError, ValueError):
        for construct, what in (("(?=", "look-ahead"), ("(?!", "look-ahead"), ("(?<=", "look-behind"),
                                ("(?<!", "look-behind")):  # fmt: skip
            if construct in pattern:
                return f"{what} needs backtracking, which no linear-time engine does"
        return "it isn't a regular expression that a linear-time engine takes"
    return None
