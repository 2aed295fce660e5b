"""A plugin's catalogue: what it gives is made sure of, and what it raises is told as its fault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

from potable.engine.contracts.catalog import Catalog
from potable.engine.definition.model import SourceDefinition
from potable.engine.errors import CatalogError, PotableError, own_fault, told_of_plugin
from potable.engine.findings import Occurrence
from potable.engine.given.arguments import definition_of
from potable.engine.handed import a_kind, each, place_of


def opened(kind: type[Catalog], location: str, allow_hosts: Sequence[str]) -> Catalog | None:
    """The catalogue at a location; None where this kind isn't meant by it.

    :raises CatalogError: it can't be opened, or what a plugin calls a catalogue fails.
    """
    if kind.__module__.startswith("potable.engine."):
        return kind.open_for(location, allow_hosts) if kind.opens(location) else None
    with _its_fault(kind, "opens"):
        meant = kind.opens(location)
    if not meant:
        return None
    with _its_fault(kind, "open"):
        made: object = kind.open_for(location, allow_hosts)
        if not isinstance(made, Catalog):
            raise TypeError(f"open gave {a_kind(made)} where a {kind.__name__} belongs{place_of(kind.open)}")
    return Guarded(made)


class Guarded(Catalog):
    """Another catalogue, with its faults told.

    :ivar inner: the other one.
    """

    def __init__(self, inner: Catalog) -> None:
        self.inner = inner

    @classmethod
    def opens(cls, location: str) -> bool:
        """No location: it's made of an open one."""
        return False

    @classmethod
    def open(cls, location: str) -> Self:
        """See :meth:`opens`."""
        raise CatalogError(f"{location} is no catalogue of its own")

    def get(self, resource_id: str) -> SourceDefinition:
        """See :meth:`Catalog.get`."""
        return definition_of(self.inner, resource_id)

    def ids(self) -> Iterator[str]:
        """See :meth:`Catalog.ids`: each once, even where the other gives one twice."""
        seen: set[str] = set()
        for one in self._each("ids", str):
            if one not in seen:
                seen.add(one)
                yield one

    def definitions(self) -> Iterator[SourceDefinition]:
        """See :meth:`Catalog.definitions`."""
        return self._each("definitions", SourceDefinition)

    def faults(self) -> Iterator[Occurrence]:
        """See :meth:`Catalog.faults`."""
        return self._each("faults", Occurrence)

    def contents(self) -> Iterator[SourceDefinition | Occurrence]:
        """See :meth:`Catalog.contents`."""
        return self._each("contents", SourceDefinition, Occurrence)

    def _each(self, name: str, *kinds: type) -> Iterator[Any]:
        """What a function of the other one gives, one by one. Raises CatalogError where it fails."""
        function = getattr(self.inner, name)
        with _its_fault(type(self.inner), name):
            for one in each(function(), object, name, function):
                if not isinstance(one, kinds):
                    wanted = " or ".join(kind.__name__ for kind in kinds)
                    raise TypeError(f"it gave {a_kind(one)} where {wanted} belongs{place_of(function)}")
                if isinstance(one, Occurrence) and not one.code.startswith("definition/"):
                    raise LookupError(f"it reported the code {one.code}: only those of definition/* belong there")
                yield one


@contextmanager
def _its_fault(kind: type[Catalog], what: str) -> Iterator[None]:
    """Within the block, what the catalogue raises but not on purpose becomes a CatalogError."""
    try:
        yield
    except BaseException as e:
        if isinstance(e, PotableError | MemoryError) or not own_fault(e):
            raise
        name: Any = getattr(kind, "name", kind.__name__)
        raise CatalogError(f"the catalogue {name} failed, in {what}: {told_of_plugin(e, kind)}") from e
