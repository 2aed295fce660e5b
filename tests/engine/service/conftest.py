"""A service over a catalog of the tests' own and a work function that misbehaves on request."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from potable.engine.contracts.catalog import Catalog
from potable.engine.definition.model import SourceDefinition
from potable.engine.errors import DefinitionError, UnknownSource
from potable.engine.limits import Limits
from potable.engine.running.supervision import Pace
from potable.engine.service import Service
from potable.engine.settings import Settings, sqlite_url

QUICK = Pace(lease=2.0, heartbeat=0.2, sweep=0.2, poll=0.05, watch=0.1, publish=20.0)


class Shelf(Catalog):
    """Definitions in memory."""

    name = "shelf"

    def __init__(self) -> None:
        self.sources: dict[str, SourceDefinition | str] = {}

    @classmethod
    def opens(cls, location: str) -> bool:
        return False

    @classmethod
    def open(cls, location: str) -> Self:
        return cls()

    def put(self, resource_id: str, *, hold: bool = False, **parameters: Any) -> None:
        self.sources[resource_id] = SourceDefinition(
            resource_id=resource_id, name=f"Source {resource_id}", ingest_method="CSV", parameters=parameters, hold=hold
        )

    def get(self, resource_id: str) -> SourceDefinition:
        found = self.sources.get(resource_id)
        if found is None:
            raise UnknownSource(resource_id)
        if isinstance(found, str):
            raise DefinitionError(found, file="x.yaml")
        return found

    def ids(self) -> Iterator[str]:
        return iter(sorted(self.sources))


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf()
    for resource_id in "ABC":
        shelf.put(resource_id)
    shelf.put("held", hold=True)
    shelf.sources["broken"] = "no resourceID"
    return shelf


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(catalog=None, store=sqlite_url(tmp_path / "runs.db"), state=tmp_path)


@pytest.fixture
def make(settings: Settings, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Service]]:
    """Makes services on one store and catalog; closes them."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    made: list[Service] = []

    def make(**arguments: Any) -> Service:
        given = {
            "executor": "forkserver", "catalog": shelf, "pace": QUICK, "limits": Limits(run_seconds=60.0),
            "work": "potable_test_run:work",
        }  # fmt: skip
        made.append(Service(settings, **(given | arguments)))
        return made[-1]

    yield make
    for service in made:
        service.close()


@pytest.fixture
def service(make: Callable[..., Service]) -> Service:
    return make()


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Any]:
    """Waits for a condition and gives its value; the test's time limit ends it otherwise."""

    def until(condition: Callable[[], Any]) -> Any:
        while not (found := condition()):
            time.sleep(0.01)
        return found

    return until
