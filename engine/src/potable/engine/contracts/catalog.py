"""Where definitions live, and what renders a report."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, Self

from potable.engine.contracts.report import Report
from potable.engine.errors import DefinitionError, UnknownSource
from potable.engine.findings import Location, Occurrence

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition


def invalid(error: DefinitionError) -> Occurrence:
    """A definition that can't be used, as an occurrence of ``definition/invalid``."""
    location = Location(file=error.file, line=error.line, path=error.pointer or None)
    return Occurrence("definition/invalid", error.reason, rule=error.file, location=location)


class Catalog(ABC):
    """A collection of source definitions.

    :cvar name: the kind's name (``folder``).
    """

    name: ClassVar[str]

    @classmethod
    @abstractmethod
    def opens(cls, location: str) -> bool:
        """Whether this kind of catalog is meant by ``location`` (a path or URL)."""

    @classmethod
    @abstractmethod
    def open(cls, location: str) -> Self:
        """Open it. Raises :class:`~potable.engine.errors.CatalogError` when it can't be."""

    @classmethod
    def open_for(cls, location: str, allow_hosts: Sequence[str]) -> Self:
        """Open it for an operator who lets in some hosts that aren't public; a catalog on the web overrides it.

        :param allow_hosts: hosts or networks.
        """
        return cls.open(location)

    @abstractmethod
    def get(self, resource_id: str) -> SourceDefinition:
        """The definition of a source.

        Raises :class:`~potable.engine.errors.UnknownSource` (naming near ones) or
        :class:`~potable.engine.errors.DefinitionError`.
        """

    @abstractmethod
    def ids(self) -> Iterator[str]:
        """The resourceIDs, sorted, each once."""

    def definitions(self) -> Iterator[SourceDefinition]:
        """Every definition that can be used, sorted by resourceID; the others are among the :meth:`faults`.

        A catalogue that can read all of them faster than one by one overrides it.
        """
        for resource_id in self.ids():
            with suppress(DefinitionError, UnknownSource):
                yield self.get(resource_id)

    def faults(self) -> Iterator[Occurrence]:
        """What is wrong with the catalog itself: definitions that can't be used, identifiers given twice."""
        for resource_id in self.ids():
            try:
                self.get(resource_id)
            except DefinitionError as e:
                yield invalid(e)
            except UnknownSource:
                yield invalid(DefinitionError(f"{resource_id} is in the list, but there is no such definition"))

    def contents(self) -> Iterator[SourceDefinition | Occurrence]:
        """The :meth:`faults`, then the :meth:`definitions`: what ``potable lint`` looks at.

        A catalogue that reads both at once overrides it.
        """
        yield from self.faults()
        yield from self.definitions()


class Reporter(ABC):
    """An output format of reports.

    :cvar name: its name for ``--format``.
    :cvar media_type: for HTTP.
    :cvar suffix: file name suffix with the dot.
    """

    name: ClassVar[str]
    media_type: ClassVar[str] = "text/plain; charset=utf-8"
    suffix: ClassVar[str] = ".txt"

    @abstractmethod
    def render(self, report: Report) -> str:
        """The report as text. Whatever stands in the data must come out inert."""

    def render_all(self, reports: Sequence[Report]) -> str:
        """Several reports as one text; formats that must be one document override it."""
        return "\n".join(self.render(report) for report in reports)
