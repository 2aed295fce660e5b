"""What the façade and those who carry runs out have open in common: plugins, catalog and run store."""

from __future__ import annotations

import resource
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from potable.engine.errors import CatalogError, DefinitionError, EngineFault, SourceOnHold, UsageError
from potable.engine.settings import Settings

if TYPE_CHECKING:
    from potable.engine.contracts.catalog import Catalog
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.plugins import Guard, Plugins
    from potable.engine.store.store import Store

LEAST_MEMORY = 192 << 20
"""With fewer bytes of address space than this the libraries can't even be loaded."""


class Resources:
    """Each is opened when first needed, by any thread.

    :ivar plugins_given: the plugins aren't those that the settings name.
    :param catalog: an opened catalog, instead of ``settings.catalog``.
    :param plugins: loaded plugins, instead of those that the settings name.
    :param loaded: called when plugins have been loaded, while the process has no connection to the store.
    """

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog | None = None,
        plugins: Plugins | None = None,
        loaded: Callable[[Plugins], None] | None = None,
    ) -> None:
        self.settings = settings
        self._loaded = loaded
        self.plugins_given = plugins is not None
        self._catalog, self._plugins = catalog, plugins
        self._store: Store | None = None
        self._lock = threading.RLock()

    @property
    def plugins(self) -> Plugins:
        """The plugins, loaded when first needed. Raises :class:`~potable.engine.errors.PluginError`."""
        with self._lock:
            if self._plugins is None:
                _refuse_little_memory()
                from potable.engine.plugins import load_plugins  # heavy: most calls don't need any

                self._plugins = load_plugins(self.settings.plugins, self.settings.without, guard=_guard)
                if self._loaded is not None and self._store is None:
                    self._loaded(self._plugins)
            return self._plugins

    @property
    def catalog(self) -> Catalog:
        """The catalog, opened when first needed.

        Raises :class:`~potable.engine.errors.UsageError` when none was named, CatalogError when it can't be read.
        """
        with self._lock:
            if self._catalog is None:
                if self.settings.catalog is None:
                    raise UsageError("no catalog: name one with --catalog PATH or POTABLE_CATALOG")
                from potable.engine.catalog import open_catalog  # heavy: pulls in the YAML parser

                self._catalog = open_catalog(
                    self.settings.catalog, self.plugins.catalogs, allow_hosts=self.settings.allow_hosts,
                    roots=self.settings.roots,
                )  # fmt: skip
            return self._catalog

    def make_sure_of_catalog(self) -> None:
        """Open the catalog, and see that it's still there; what is in it isn't read.

        Raises as :attr:`catalog`.
        """
        from potable.engine.catalog import FileCatalog, FolderCatalog  # heavy

        catalog = self.catalog
        if isinstance(catalog, FileCatalog | FolderCatalog) and not catalog.opens(catalog.location):
            raise CatalogError(f"the catalogue {catalog.location} isn't there any more: put it back")

    @property
    def store(self) -> Store:
        """The run store, opened (and its tables made) when first needed."""
        with self._lock:
            if self._store is None:
                from potable.engine.store.store import Store  # heavy: only some commands need it

                self._store = Store(self.settings.store)
            return self._store

    def known(self, resource_id: str) -> None:
        """Raise UnknownSource for a source that the catalog doesn't have; a bad definition of it is no matter."""
        with suppress(DefinitionError):
            self.definition(resource_id)

    def runnable(self, resource_id: str, at_hand: SourceDefinition | None = None) -> SourceDefinition:
        """The definition of a source that may be run. Raises as the catalog does, and SourceOnHold."""
        source = at_hand or self.definition(resource_id)
        if source.hold:
            raise SourceOnHold(resource_id)
        return source

    def definition(self, resource_id: str) -> SourceDefinition:
        """The definition of a source. Raises as the catalog does, and CatalogError where that is at fault."""
        from potable.engine.given.arguments import definition_of  # heavy: most calls don't need any

        return definition_of(self.catalog, resource_id)

    def close(self) -> None:
        """Close the store. Idempotent."""
        with self._lock:
            store, self._store = self._store, None
        if store is not None:
            store.close()


def _refuse_little_memory() -> None:
    """Raise EngineFault where libraries would end the process, some of them with the exit code of a failed source."""
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY and soft < LEAST_MEMORY:
        raise EngineFault(f"the libraries that read data need more than {LEAST_MEMORY >> 20} MiB of memory")


def _guard() -> Guard | None:
    from potable.engine.executors import trial  # heavy: there may be no plugins of others
    from potable.engine.executors.choice import best

    return trial if best() == "fork" else None
