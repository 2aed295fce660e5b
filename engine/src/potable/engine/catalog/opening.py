"""Which kind of catalogue is meant by a location."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from potable.engine.catalog.files import FileCatalog, FolderCatalog
from potable.engine.catalog.guarded import Guarded, opened
from potable.engine.catalog.table import TableCatalog
from potable.engine.catalog.web import WebCatalog
from potable.engine.contracts.catalog import Catalog
from potable.engine.definition.secrets import masked_url
from potable.engine.errors import CatalogError

KINDS: tuple[type[Catalog], ...] = (WebCatalog, TableCatalog, FolderCatalog, FileCatalog)


def open_catalog(
    location: str | os.PathLike[str],
    catalogs: Sequence[type[Catalog]] = (),
    *,
    allow_hosts: Sequence[str] = (),
    roots: Sequence[Path] = (),
) -> Catalog:
    """Open the catalogue at a path, URL, or whatever a plugin's catalogue understands.

    :param catalogs: the plugins' catalogue classes, asked first, in order.
    :param allow_hosts: hosts or networks that aren't public and may be asked all the same.
    :param roots: folders in which, besides its own, the files may lie that its definitions name.

    Raises :class:`CatalogError` where nothing opens it.
    """
    text = os.fspath(location)
    for kind in dict.fromkeys((*catalogs, *KINDS)):
        if (found := opened(kind, text, allow_hosts)) is not None:
            inner = found.inner if isinstance(found, Guarded) else found
            if isinstance(inner, FolderCatalog | FileCatalog):
                inner.let_in(roots)
            return found
    if text[:8].lower().startswith(("http://", "https://")):
        shown = masked_url(text).partition("?")[0]
        raise CatalogError(
            f"the catalogue {shown} is a URL without {{resourceID}}: put that where the identifier belongs, "
            "as in https://host/definitions/{resourceID}.json"
        )
    if "://" in text[:40]:
        raise CatalogError(
            f"no loaded plugin opens the catalogue {masked_url(text).partition('?')[0]}; a table of a database is "
            "written as sqlite:///file?table=NAME"
        )
    raise CatalogError(f"there is no catalogue at {text}: name a folder of definitions, or a file of them")
