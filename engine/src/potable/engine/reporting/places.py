"""Where what a report speaks of lies in a repository: code hosts mark its files, and know them from its root only."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from potable.engine.contracts.report import Report
from potable.engine.findings import Location
from potable.engine.lazyregex import lazy_regex
from potable.engine.reporting import facts

_SCHEME = lazy_regex(r"[A-Za-z][A-Za-z0-9+.-]+:")  # of two letters at least: one is a drive


@dataclass(frozen=True, slots=True)
class Place:
    """A file to be marked.

    :param file: relative to the repository's root, with ``/``; absolute where it lies elsewhere.
    :param inside: whether it's relative to that root.
    :param exact: whether the location's line is one of this file. It isn't where the file is the archive that the
        location is in, or stands for what no repository has: data from elsewhere.
    """

    file: str
    inside: bool = False
    exact: bool = True


class Places:
    """The files of reports as the reports themselves have them: names relative to a definition, of no known root.

    :class:`Rooted` knows better.
    """

    def of(self, report: Report, location: Location, checker: str = "") -> Place | None:
        """The file to be marked for a location; None: there's none, or it came from a URL.

        :param checker: who reports it.
        """
        if location.file is None or location.url is not None or "://" in location.file:
            return None
        return Place(location.file)

    def definition(self, report: Report) -> Place | None:
        """The file of the source's definition, to be marked for what has no place in a file; None: it isn't known."""
        return None


class Rooted(Places):
    """Files below the root of a repository, as they lie there now.

    :param root: the repository's root, or any folder that stands for it.
    :param catalog: where the definitions are, a folder or a file; None where they are in no file.
    """

    def __init__(self, root: Path, catalog: Path | None = None) -> None:
        self._root = Path(os.path.abspath(root))  # noqa: PTH100 - a repository has links by their own names
        if catalog is not None and not catalog.is_dir():
            catalog = catalog.parent
        self._catalog = None if catalog is None else Path(os.path.abspath(catalog))  # noqa: PTH100
        self._known: dict[tuple[str, str, bool], Place | None] = {}

    def of(self, report: Report, location: Location, checker: str = "") -> Place | None:
        """As above; where the file isn't there, or came from elsewhere, the definition stands for it, if it's known."""
        if location.file is None or location.url is not None or _of_no_file(report, location):
            return self.definition(report)
        defined = str(report.source.definition.get("file") or "")
        # A definition's own files are shown relative to the catalog, its data relative to the definition.
        folders = [] if self._catalog is None else [(self._catalog / defined).parent, self._catalog]
        of_definition = checker == "definition" or location.file == defined
        if (key := (defined, location.file, of_definition)) not in self._known:
            for folder in (folders[::-1] if of_definition else folders) or [Path()]:
                if (found := _lying(folder, location.file)) is not None:
                    self._known[key] = self._place(*found)
                    break
            else:
                self._known[key] = self.definition(report) or super().of(report, location)
        return self._known[key]

    def definition(self, report: Report) -> Place | None:
        """As above."""
        name = report.source.definition.get("file")
        if self._catalog is None or not name:
            return None
        found = _lying(self._catalog, str(name))
        return None if found is None or not found[1] else self._place(found[0], exact=False)

    def _place(self, path: Path, exact: bool) -> Place:
        for root, file in ((self._root, path), (self._root.resolve(), path.parent.resolve() / path.name)):
            if file.is_relative_to(root):
                return Place(file.relative_to(root).as_posix(), inside=True, exact=exact)
        return Place(path.as_posix(), exact=exact)


def _of_no_file(report: Report, location: Location) -> bool:
    """Whether a place is one in records that are in no file here: those of a database, or of the definition itself."""
    if location.record is None and location.byte is None:
        return False
    address = report.source.ingest_url
    return address is None or (_SCHEME.match(address) is not None and address[:5].lower() != "file:")


def _lying(folder: Path, name: str) -> tuple[Path, bool] | None:
    """The file there, and whether it's what ``name`` names: else it's the archive that this is in; None: neither."""
    wanted = path = Path(os.path.abspath(folder / name))  # noqa: PTH100
    while path != path.parent:
        try:
            if path.is_file():
                return path, path == wanted
            if path.exists():
                return None
        except (OSError, ValueError):  # a name too long, or with a NUL
            return None
        path = path.parent
    return None


def told(place: Place | None, location: Location, message: str) -> str:
    """``message`` with the location before it where the marked file doesn't tell that."""
    at = facts.place(location)
    return message if not at or message.startswith(at) or (place is not None and place.exact) else f"{at}: {message}"
