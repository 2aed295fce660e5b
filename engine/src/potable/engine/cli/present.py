"""Whether runs were made under the definition that the catalog has now: a store keeps those of all catalogs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from potable.engine.cli.output import tell
from potable.engine.errors import CatalogError, DefinitionError, UnknownSource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from potable.engine.contracts.report import Report
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.runs import Run
    from potable.engine.service import Service


def tell_of_another(service: Service, resource_id: str, runs: Iterable[Run]) -> None:
    """Say so where the newest of ``runs`` that has a report isn't of the source that the catalog has now."""
    newest = next((run for run in runs if run.has_report), None)
    if newest is None:
        return
    try:
        present = in_catalog(service, resource_id, asked=True)
    except UnknownSource as e:
        tell(f"potable: {e}: what is shown is of another catalog, or it's gone from this one")
        return
    except CatalogError:
        return
    if present is not None and (told := made_otherwise(service.report(resource_id, newest.run_id), present)):
        tell(f"potable: {told}")


def in_catalog(service: Service, resource_id: str, *, asked: bool) -> SourceDefinition | None:
    """The source's definition in the catalog; None where there's no catalog, or it can't be used.

    :param asked: the catalog was named for this command: a source that it doesn't have isn't meant.
    """
    if service.settings.catalog is None:
        return None
    try:
        return service.definition(resource_id)
    except DefinitionError:
        return None
    except CatalogError:
        if asked:
            raise
        return None


def made_otherwise(report: Report, present: SourceDefinition) -> str:
    """That a run was made under another definition than the present one; "" where it's the same."""
    source = report.source
    if source.definition.get("sha256") == present.origin.sha256:
        return ""
    where = source.definition.get("file") or "no file"
    what = " ".join(x for x in (source.ingest_method, source.ingest_url) if x)
    return (
        f"run {report.run.run_id} was made under another definition ({where}: {what}) than that of the catalog "
        f"({present.origin.file or 'no file'}): it was changed since, or the run is another catalog's"
    )
