"""From the text of a file to source definitions: which format it is, and how many sources it holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from potable.engine.definition import csvw, data_package, foundry_json, foundry_yaml, native
from potable.engine.definition.defaults import Defaults, merge_defaults
from potable.engine.definition.document import Document
from potable.engine.definition.draft import Draft
from potable.engine.definition.linked import load_documents
from potable.engine.definition.model import SourceDefinition
from potable.engine.errors import DefinitionError
from potable.engine.paths.pointer import escape

NATIVE = frozenset(("resourceID", "ingestMethod", "ingestURL", "primaryKeyJSONPath", "qcRulesYamlFile"))
_NATIVE_FOLDED = frozenset(n.casefold() for n in NATIVE)
_HOW = frozenset(("ingestMethod", "ingestURL", *foundry_json.SECTIONS, "SourceInformation", "resources"))


def parse_text(text: str, *, file: str | None = None, folder: Path = Path()) -> list[SourceDefinition]:
    """The source definitions of a text, YAML or JSON, in any of the formats.

    :param file: the file's name, as shown to people; its suffix tells YAML from JSON.
    :param folder: what relative names in it are relative to.

    Raises :class:`DefinitionError` at the first source that can't be used at all; lesser faults are notes of the
    definitions.
    """
    out = []
    for result in parse_documents(load_documents(text, file), file=file, folder=folder, sha256=digest(text)):
        if isinstance(result, DefinitionError):
            raise result
        out.append(result)
    return out


def digest(text: str) -> str:
    """The digest that a definition's origin has."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def parse_documents(
    documents: list[Document],
    *,
    file: str | None,
    folder: Path,
    sha256: str,
    defaults: Defaults | None = None,
    roots: tuple[Path, ...] | None = None,
) -> Iterator[SourceDefinition | DefinitionError]:
    """Each source of a file, or why it can't be used; one that can't doesn't hide the others.

    :param roots: see :class:`Draft`.
    """
    if not documents:
        yield DefinitionError("the file is empty: a source definition must be in it", file, 1)
    for document in documents:
        for draft in drafts(document, file, folder, roots):
            if isinstance(draft, DefinitionError):
                yield draft
                continue
            if defaults is not None:
                merge_defaults(draft, defaults)
            try:
                yield native.build(draft, sha256)
            except DefinitionError as e:
                yield e


def drafts(
    document: Document, file: str | None, folder: Path, roots: tuple[Path, ...] | None = None
) -> Iterator[Draft | DefinitionError]:
    """The sources of a document, each in the native vocabulary."""
    begin = partial(Draft, document, file, folder, roots=roots)
    yield from _drafts(document, document.value, "", file, begin)


def _drafts(
    document: Document, value: Any, index: str, file: str | None, begin: Callable[..., Draft]
) -> Iterator[Draft | DefinitionError]:
    line = document.lines.get(index)
    if isinstance(value, list) and not index and value:
        for i, inner in enumerate(value):
            yield from _drafts(document, inner, f"/{i}", file, begin)
        return
    if not isinstance(value, dict):
        yield DefinitionError(
            "it isn't a source definition: a mapping with a resourceID must be here", file, line, index
        )
        return
    draft = begin(index=index)
    if foundry_json.matches(value):
        foundry_json.adapt(draft, value)
        yield draft
    elif data_package.matches(value):
        for i, resource in enumerate(value["resources"]):
            at = f"{index}/resources/{i}"
            if isinstance(resource, dict):
                draft = begin(index=at)
                data_package.adapt(draft, value, resource)
                yield draft
            else:
                yield DefinitionError("a resource must be an object", file, document.lines.get(at), at)
    elif csvw.matches(value):
        for pointer, table in csvw.tables(value):
            at = index + pointer
            if isinstance(table, dict):
                draft = begin(index=at)
                csvw.adapt(draft, value, table)
                yield draft
            else:
                yield DefinitionError("a table must be an object", file, document.lines.get(at), at)
    elif not NATIVE & value.keys() and foundry_yaml.matches(value):
        for key, inner in value.items():
            draft = begin(index=f"{index}/{escape(key)}")
            foundry_yaml.adapt(draft, key, inner)
            yield draft
    else:
        draft.members.update(value)
        yield draft


def looks_like_definition(value: Any) -> bool:
    """Whether a document's value is meant as source definitions: schemas, QC rules and data in a catalogue aren't."""
    if isinstance(value, list):
        # A list of records may have a resourceID each: only how to fetch them makes definitions.
        return any(
            isinstance(v, dict) and looks_like_definition(v) and not v.keys().isdisjoint(_HOW) for v in value[:20]
        )
    if not isinstance(value, dict):
        return False
    if any(kind.matches(value) for kind in (foundry_json, data_package, csvw, foundry_yaml)):
        return True
    named = {n.strip() if isinstance(n, str) else n for n in value}
    return any(isinstance(n, str) and n.casefold() in _NATIVE_FOLDED for n in named)


def from_mapping(mapping: Mapping[str, Any], *, folder: Path = Path()) -> SourceDefinition:
    """The definition that a mapping of native names means, for embedding.

    A ``resourceID`` may be left out: the source is then called after its ``ingestURL``'s last part. Raises
    :class:`DefinitionError` where the mapping can't be used.
    """
    value = _plain(mapping)
    if not isinstance(value, dict):
        raise DefinitionError("a mapping is needed")
    if not value.get("resourceID"):
        value["resourceID"] = _name_of(value)
    document = Document(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    found = list(parse_documents([document], file=None, folder=folder, sha256=digest(text)))
    if len(found) != 1:
        raise DefinitionError(f"the mapping holds {len(found)} sources where one must be")
    if isinstance(found[0], DefinitionError):
        raise found[0]
    return found[0]


def _name_of(value: Mapping[str, Any]) -> str:
    url = str(value.get("ingestURL") or "")
    name = url.split("?")[0].rstrip("/").rpartition("/")[2]
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in name).lstrip("._-")
    return kept[:200] or "source"


def _plain(value: Any) -> Any:
    """``value`` with mappings, sequences and paths as YAML would give them."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [_plain(v) for v in items]
    return str(value) if isinstance(value, PurePath) else value
