"""The repository that the command works in: CI systems mark the files of it, by their names from its root."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from potable.engine.reporting.places import Rooted

CHECKOUTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE")
"""Variables in which GitHub Actions, GitLab and Jenkins say where the checkout is: it may be one without ``.git``."""


def rooted(catalog: str | None) -> Rooted:
    """The places of files in the repository.

    :param catalog: where the definitions are; None, or a URL: they are in no file.
    """
    from potable.engine.reporting.places import Rooted  # heavy: only for formats that code hosts read

    local = None if catalog is None or "://" in catalog or not Path(catalog).exists() else Path(catalog)
    return Rooted(root(local), local)


def root(catalog: Path | None = None) -> Path:
    """The root of the repository that the working folder is in, else of the one that the catalog is in below it; or the
    checkout of the CI system, where that's nearer; else the working folder.
    """
    here = Path.cwd()
    found = _repository(here)
    if found is None and catalog is not None and catalog.resolve().is_relative_to(here):
        found = _repository(catalog.resolve())
    given = [Path(name).resolve() for variable in CHECKOUTS if (name := os.environ.get(variable))]
    roots = [folder for folder in given if here.is_relative_to(folder)] + ([] if found is None else [found])
    return max(roots, key=lambda folder: len(folder.parts), default=here)


def _repository(place: Path) -> Path | None:
    """The nearest folder, this one or above, with a ``.git`` (a file in linked work trees and submodules)."""
    return next((folder for folder in (place, *place.parents) if (folder / ".git").exists()), None)
