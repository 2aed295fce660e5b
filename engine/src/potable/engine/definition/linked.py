"""Files that a definition names: schemas and QC rules, YAML or JSON, read with their line numbers."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import Any

from potable.engine.definition.document import Document, decode, read
from potable.engine.definition.draft import Draft
from potable.engine.definition.json import load_json
from potable.engine.definition.yaml import load_yaml
from potable.engine.errors import DefinitionError
from potable.engine.paths.pointer import unescape

YAML_SUFFIXES = frozenset((".yaml", ".yml"))
JSON_SUFFIXES = frozenset((".json",))


def load_documents(text: str, file: str | None) -> list[Document]:
    """The documents of a YAML or JSON text: JSON where the name says so, or where it has none and begins like it.

    Raises :class:`DefinitionError`.
    """
    suffix = "" if file is None else posixpath.splitext(file)[1].lower()
    if suffix in JSON_SUFFIXES or (suffix not in YAML_SUFFIXES and text.lstrip()[:1] in ("{", "[")):
        return [load_json(text, file)]
    return load_yaml(text, file)


def shown_name(draft: Draft, name: str) -> str:
    """A named file as shown to people: relative as the definition's own file is."""
    if draft.file is None or Path(name).is_absolute():
        return name
    return posixpath.normpath(posixpath.join(posixpath.dirname(draft.file), name))


def is_url(name: str) -> bool:
    """Whether a file's name is a URL."""
    return "://" in name[:30]


def find_file(draft: Draft, pointer: str, name: str, *, anywhere: bool = False) -> Path | None:
    """A named file; where it isn't there, or lies where it may not, the draft notes it.

    :param anywhere: it may lie outside the draft's roots.
    """
    draft.document.links = True
    if is_url(name):
        draft.note(
            "missing-file", f"{name[:200]!r} is a URL: a definition's files aren't fetched", pointer,
            hint="Keep a copy beside the definition and name that.",
        )  # fmt: skip
        return None
    path = draft.folder / name
    if not anywhere and not _may_lie(draft, path):
        draft.note(
            "missing-file", f"the file {name[:200]!r} lies outside the folders that a definition's files may lie in",
            pointer, value=name,
            hint="Put it into the catalogue, or let the operator list its folder in POTABLE_ROOTS.",
        )  # fmt: skip
        return None
    try:
        found = path.is_file()
    except (OSError, ValueError):  # a name too long, or with a NUL
        found = False
    if not found:
        what = "is a folder" if "\0" not in name and path.is_dir() else "isn't there"
        draft.note("missing-file", f"the file {name[:200]!r} {what}", pointer, value=name)
        return None
    return path


def _may_lie(draft: Draft, path: Path) -> bool:
    """Whether a file, links resolved, lies in the definition's own folder or in one of the roots."""
    if draft.roots is None or "\0" in str(path):
        return True
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(root) for root in (Path(os.path.realpath(draft.folder)), *draft.roots))


def read_linked(draft: Draft, pointer: str, name: str, named_by: str | None = None) -> Any:
    """The value of a YAML or JSON file that a member names; None where it can't be had, which the draft notes.

    :param pointer: the member whose value it is; from then on its place is in that file.
    :param named_by: the member that names the file, where that's another.
    """
    member, pointer = pointer, named_by or pointer
    path = find_file(draft, pointer, name)
    if path is None:
        return None
    shown = shown_name(draft, name)
    try:
        documents = load_documents(decode(read(path), shown), shown)
    except OSError as e:
        draft.note("missing-file", f"the file {name!r} can't be read: {e.strerror}", pointer, value=name)
        return None
    except DefinitionError as e:
        line = "" if e.line is None else f" (line {e.line})"
        draft.note("bad-value", f"the file {shown} can't be used{line}: {e.reason}", pointer, value=name)
        return None
    if len(documents) != 1:
        what = "is empty" if not documents else f"holds {len(documents)} documents where one must be"
        draft.note("bad-value", f"the file {shown} {what}", pointer, value=name)
        return None
    draft.moved[member] = (shown, documents[0], "")
    for twice, _ in documents[0].duplicates:
        name = unescape(twice.rpartition("/")[2])
        draft.note("duplicate-key", f"{name!r} is given twice in {shown}; the last one counts", member + twice)
    return documents[0].value
