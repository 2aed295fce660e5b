"""The old system's JSON source document, in camelCase or (the legacy variant) PascalCase."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from potable.engine.definition import coerce
from potable.engine.definition.draft import Draft
from potable.engine.paths.pointer import escape

SECTIONS = (
    "sourceInformation", "schema", "provenance", "transformationInfo", "ingestConfiguration", "contentSpecification",
    "originalRecordIdentifierSpec", "collectionName", "documentProcessing", "batchInfos",
)  # fmt: skip
_PASCAL_KEY = "PrimaryKey"  # the legacy variant's name of originalRecordIdentifierSpec
_CARRIED = ("provenance", "collectionName", "documentProcessing", "batchInfos")


def is_pascal(name: str) -> bool:
    """Whether a top-level key is one of the legacy variant's."""
    return name == _PASCAL_KEY or (name[:1].isupper() and _camel(name) in SECTIONS)


def matches(value: Mapping[str, Any]) -> bool:
    """Whether a document is of this format."""
    return any(_camel(n) in ("sourceInformation", "ingestConfiguration", "contentSpecification") for n in value)


def adapt(draft: Draft, value: Mapping[str, Any]) -> None:
    """Fill the draft with what the document says, under native names."""
    pascal = any(map(is_pascal, value))
    draft.format = "foundry-json-pascal" if pascal else "foundry-json"
    sections = _Sections(draft, value)
    if pascal:
        draft.note("legacy-format", "the keys are in PascalCase, an old variant of the format", "")
    _information(draft, sections)
    _ingest(draft, sections)
    for name, inner, at in sections.members("contentSpecification"):
        _put_once(draft, name, inner, at)
    for name, inner, at in sections.members("transformationInfo"):
        draft.put(name, inner, at)
    schema, at = sections.take("schema")
    if schema not in (None, "", {}):
        draft.put("schema", schema, at)
    spec, at = sections.take("originalRecordIdentifierSpec")
    if isinstance(spec, dict):
        draft.put("originalRecordIdentifierSpec", {_camel(n): v for n, v in spec.items()}, at)
        for name in spec:
            inner = f"/originalRecordIdentifierSpec/{escape(_camel(name))}"
            draft.moved[inner] = (draft.file, draft.document, f"{draft.index}{at}/{escape(name)}")
    elif spec not in (None, ""):
        draft.put("originalRecordIdentifierSpec", spec, at)
    for name in _CARRIED:
        inner, at = sections.take(name)
        if inner not in (None, ""):
            draft.put(name, inner, at)
    for name, inner in sections.rest():
        # Native members at the top level (errPerc, checks, ...) extend an old definition without rewriting it.
        draft.put(name, inner, f"/{escape(name)}")


class _Sections:
    """The document's sections under their camelCase names."""

    def __init__(self, draft: Draft, value: Mapping[str, Any]) -> None:
        self.draft = draft
        self.value = value
        self.names: dict[str, str] = {}
        for name in value:
            camel = "originalRecordIdentifierSpec" if name == _PASCAL_KEY else _camel(name)
            if camel in SECTIONS:
                self.names.setdefault(camel, name)

    def take(self, section: str) -> tuple[Any, str]:
        """A section's value and its JSON Pointer; None where it isn't there."""
        name = self.names.get(section, section)
        return self.value.get(name), f"/{escape(name)}"

    def members(self, section: str, required: bool = False) -> list[tuple[str, Any, str]]:
        """The members of a section: camelCase name, value, JSON Pointer."""
        value, at = self.take(section)
        if isinstance(value, dict):
            return [(_camel(n), inner, f"{at}/{escape(n)}") for n, inner in value.items()]
        if value not in (None, "") or (required and value is not None):
            message = f"{section} is {coerce.shown(value)}: an object is needed"
            self.draft.moved[f"/{section}"] = (self.draft.file, self.draft.document, self.draft.index + at)
            self.draft.note("bad-value", message, f"/{section}")
        return []

    def rest(self) -> list[tuple[str, Any]]:
        """Top-level members that are no section."""
        used = set(self.names.values())
        return [(n, v) for n, v in self.value.items() if n not in used]


def _information(draft: Draft, sections: _Sections) -> None:
    found = set()
    for name, inner, at in sections.members("sourceInformation"):
        found.add(name)
        draft.put(name, inner, at)
    for name in ("name", "dataSource"):
        value = draft.members.get(name)
        if name not in found or value in (None, ""):
            _missing(draft, sections, "sourceInformation", name)
        elif not isinstance(value, str):
            draft.note("bad-value", f"{name} is {coerce.shown(value)}: a text is needed", f"/{name}")


def _ingest(draft: Draft, sections: _Sections) -> None:
    for name, inner, at in sections.members("ingestConfiguration"):
        draft.put(name, inner, at)
        if name == "allowDuplicates" and inner not in ("", None):
            try:
                coerce.boolean(inner)
            except coerce.Unfit as e:
                draft.note("bad-value", f"{name} is {coerce.shown(inner)}: {e} is needed", f"/{name}")
    if sections.take("contentSpecification")[0] is None:
        message = "the document has no contentSpecification; it may be empty, but must be there"
        draft.note("missing-parameter", message, "")


def _put_once(draft: Draft, name: str, value: Any, at: str) -> None:
    """A parameter of the method; one that is in ingestConfiguration too counts there."""
    if name in draft.members:
        if draft.members[name] != value:
            draft.moved[f"/contentSpecification/{escape(name)}"] = (draft.file, draft.document, draft.index + at)
            message = f"{name} is given twice with different values; the first one counts"
            draft.note("bad-value", message, f"/contentSpecification/{escape(name)}")
        return
    draft.put(name, value, at)


def _missing(draft: Draft, sections: _Sections, section: str, name: str) -> None:
    at = sections.take(section)[1]
    draft.moved[f"/{section}"] = (draft.file, draft.document, draft.index + at)
    draft.note("missing-parameter", f"{section} has no {name}, which the format requires", f"/{section}")


def _camel(name: str) -> str:
    """``IngestMethod`` as ``ingestMethod``; abbreviations (``OAI``) and camelCase names stay."""
    if name[:1].isupper() and not name[1:2].isupper():
        return name[:1].lower() + name[1:]
    return name
