"""Potable's engine: is a data source safe to ingest?

Everything an embedder or a checker's author needs is importable from here, loaded on first use.
"""

from __future__ import annotations

from importlib import import_module

from potable.engine.version import VERSION

# Not typing's: the command is to hear Ctrl-C soon, and to import typing takes longer than all this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from potable.engine.checker import (
        API_VERSION,
        EACH_FIELD,
        Checker,
        DocumentCheck,
        FileCheck,
        Fold,
        Late,
        Outcome,
        Rule,
    )
    from potable.engine.contracts.events import Progress
    from potable.engine.contracts.report import Report
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.embedding import Engine
    from potable.engine.errors import (
        CatalogError,
        DefinitionError,
        PotableError,
        SourceOnHold,
        UnknownSource,
        UsageError,
        VerdictError,
    )
    from potable.engine.findings import Code, Fault, Finding, Location, Occurrence, Sample, Severity, Tally
    from potable.engine.hookspecs import hookimpl
    from potable.engine.limits import Limits

_HOME = {
    **dict.fromkeys(
        ("API_VERSION", "EACH_FIELD", "Checker", "DocumentCheck", "FileCheck", "Fold", "Late", "Outcome", "Rule"),
        "checker",
    ),
    **dict.fromkeys(("Code", "Fault", "Finding", "Location", "Occurrence", "Sample", "Severity", "Tally"), "findings"),
    **dict.fromkeys(
        (
            "CatalogError",
            "DefinitionError",
            "PotableError",
            "SourceOnHold",
            "UnknownSource",
            "UsageError",
            "VerdictError",
        ),
        "errors",
    ),
    "Engine": "embedding",
    "Limits": "limits",
    "Progress": "contracts.events",
    "Report": "contracts.report",
    "SourceDefinition": "definition.model",
    "hookimpl": "hookspecs",
}

__version__ = VERSION
__all__ = [
    "API_VERSION",
    "EACH_FIELD",
    "CatalogError",
    "Checker",
    "Code",
    "DefinitionError",
    "DocumentCheck",
    "Engine",
    "Fault",
    "FileCheck",
    "Finding",
    "Fold",
    "Late",
    "Limits",
    "Location",
    "Occurrence",
    "Outcome",
    "PotableError",
    "Progress",
    "Report",
    "Rule",
    "Sample",
    "Severity",
    "SourceDefinition",
    "SourceOnHold",
    "Tally",
    "UnknownSource",
    "UsageError",
    "VerdictError",
    "hookimpl",
]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
