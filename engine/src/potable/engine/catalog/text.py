"""One definition's text from somewhere that isn't a folder."""

from __future__ import annotations

import os
from pathlib import Path

from potable.engine.definition.linked import load_documents
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parse import digest, parse_documents
from potable.engine.errors import DefinitionError, likely

NOWHERE = Path(os.devnull)
"""The folder of definitions that have none: no file lies in it, so no relative name leads to one of this machine."""


def definition_of(text: str, resource_id: str, shown: str, folder: Path = NOWHERE) -> SourceDefinition:
    """The definition with that identifier in a text, which may hold several.

    :param shown: what the text is called, for people; its suffix tells YAML from JSON.

    Raises :class:`DefinitionError` where it isn't there, or can't be used.
    """
    results = parse_documents(load_documents(text, shown), file=shown, folder=folder, sha256=digest(text), roots=())
    others: list[str] = []
    broken: DefinitionError | None = None
    for result in results:
        if isinstance(result, DefinitionError):
            broken = broken or result
        elif result.resource_id == resource_id:
            return result
        else:
            others.append(result.resource_id)
    if broken is not None:
        raise broken
    near = likely(resource_id, others) or others[:1]
    raise DefinitionError(f"the definition there isn't of {resource_id} but of {', '.join(near)}", shown)
