"""Where definitions live: a folder, a file, a URL with the identifier in it, a table of a database."""

from potable.engine.catalog.files import FileCatalog, FolderCatalog
from potable.engine.catalog.opening import open_catalog
from potable.engine.catalog.table import TableCatalog
from potable.engine.catalog.web import WebCatalog

__all__ = ["FileCatalog", "FolderCatalog", "TableCatalog", "WebCatalog", "open_catalog"]
