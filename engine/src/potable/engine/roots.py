"""The folders that local sources may lie in. One rule for the command, the server and embedding programs:

- what the caller names itself, a path or a ``file:`` URL, may lie where it lies;
- what a definition names may lie in the definition's own folder (the current one, where a program made it), in the
  catalogue's, and in those that the operator lists.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from potable.engine.fetching.files.globbing import split

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition


def as_path(place: str | os.PathLike[str]) -> str:
    """What the caller names: a ``file:`` URL of this machine as the path that it means, all else as it is."""
    text = os.fspath(place)
    if text[:5].lower() == "file:":
        parts = urlsplit(text.strip())
        if parts.netloc.lower() in ("", "localhost") and parts.path:
            return unquote(parts.path)
    return text


def resolved(place: str | os.PathLike[str]) -> Path:
    """The absolute path behind links; of a loop of links its own, which says so when it's opened."""
    return Path(os.path.realpath(place))


def roots_of(place: str | os.PathLike[str]) -> tuple[Path, ...]:
    """The folder of what the caller names itself; none for what isn't local.

    :param place: a path, a pattern of paths, or a URL.
    """
    text = as_path(place)
    if "://" in text:
        return ()
    pattern = split(text) if not os.path.exists(text) else None  # noqa: PTH110 - unlike Path's it never raises
    return (resolved(text).parent if pattern is None else resolved(pattern[0]),)


def roots_for(
    source: SourceDefinition, *, catalog: str | os.PathLike[str] | None = None, listed: Iterable[Path] = ()
) -> tuple[Path, ...]:
    """The folders that what a definition names may lie in, resolved, each once.

    :param catalog: where the catalogue is; None where there's none, or it's an object.
    :param listed: those that the operator lists.
    """
    roots = [source.origin.folder.resolve()]
    if catalog is not None and (place := Path(catalog)).exists():  # it may be a URL
        place = place.resolve()
        roots.append(place if place.is_dir() else place.parent)
    roots += (root.resolve() for root in listed)
    return tuple(dict.fromkeys(roots))
