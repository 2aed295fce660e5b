"""Whether a definition switches a code off, so that a costly check isn't even begun."""

from __future__ import annotations

from collections.abc import Mapping

from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Code, given_severity


def is_on(source: SourceDefinition, code: Code) -> bool:
    """Whether any field's findings of a code are reported, as far as the definition tells."""
    if isinstance(source.severity.get(code.id), Mapping):
        return True
    said = given_severity(source.severity, code)
    return code.default_on if said is None else said != "off"
