"""``_defaults.yaml``: what the definitions of a folder share."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from potable.engine.definition.document import Document
from potable.engine.definition.draft import Draft
from potable.engine.paths.pointer import escape

NAMES = ("_defaults.yaml", "_defaults.yml", "_defaults.json")

_WHOLE = frozenset(("schema", "tableSchema", "jsonSchema", "qcRules", "primaryKey", "originalRecordIdentifierSpec"))
_INSTEAD = (
    frozenset(("primaryKey", "primaryKeyJSONPath", "originalRecordIdentifierSpec")),
    frozenset(("schema", "tableSchema", "jsonSchema", "xsd", "relaxng", "schematron")),
    frozenset(("qcRules", "qcRulesYamlFile")),
    frozenset(("accounting", "skipCheck")),
)
_FILES = ("schema", "tableSchema", "jsonSchema", "xsd", "relaxng", "schematron", "qcRulesYamlFile")


@dataclass(frozen=True)
class Defaults:
    """The defaults that hold in a folder, the outermost folder's first.

    :param layers: (file as shown, its document, folder it lies in).
    """

    layers: tuple[tuple[str, Document, Path], ...]


def merge_defaults(draft: Draft, defaults: Defaults) -> None:
    """Fill in what the draft doesn't say; the nearest folder's defaults win.

    Mappings (``checks``, ``severity``, ``accounting``, ...) merge member by member, but schemas, QC rules and keys are
    taken whole, and not at all where the definition has one of another form. A member that is ``null`` in the
    definition stays unset.
    """
    for file, document, folder in reversed(defaults.layers):
        own = frozenset(draft.members)
        for name, value in document.value.items():
            place = (file, document, f"/{escape(name)}")
            if name in own:
                if name not in _WHOLE:
                    _merge(draft, draft.members, name, value, f"/{escape(name)}", place)
            elif not any(name in group and group & own for group in _INSTEAD):
                draft.members[name] = _relocated(draft, folder, value) if name in _FILES else value
                draft.moved[f"/{escape(name)}"] = place


def _merge(
    draft: Draft, into: dict[str, Any], name: str, value: Any, pointer: str, place: tuple[str | None, Document, str]
) -> None:
    """Merge a default into a member that is a mapping in both."""
    mine = into[name]
    if not isinstance(mine, dict) or not isinstance(value, dict):
        return
    merged = dict(mine)
    file, document, base = place
    for key, inner in value.items():
        at, there = f"{pointer}/{escape(key)}", (file, document, f"{base}/{escape(key)}")
        if key in merged:
            _merge(draft, merged, key, inner, at, there)
        else:
            merged[key] = inner
            draft.moved[at] = there
    into[name] = merged


def _relocated(draft: Draft, folder: Path, value: Any) -> Any:
    """A file that a default of an outer folder names, relative to the definition's folder."""
    if not isinstance(value, str) or folder == draft.folder:
        return value
    draft.document.links = True
    if not (folder / value).is_file():
        return value
    return posixpath.relpath((folder / value).as_posix(), draft.folder.as_posix())
