"""Local files by pattern: ``data/*.csv``, ``**/2024-??.csv``. Only what the definition wrote is a pattern.

Unlike the standard library's, a pattern has a fixed folder to start from (whatever its own name holds), and ``**``
doesn't go in circles: each real folder is gone into once.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from potable.engine.lazyregex import lazy_regex

_MAGIC = lazy_regex(r"[*?\[]")


def split(text: str) -> tuple[str, list[str]] | None:
    """The folder before a pattern's first ``*``, ``?`` or ``[``, and the steps from there; None where it has none."""
    steps = text.split("/")
    first = next((n for n, step in enumerate(steps) if _MAGIC.search(step)), None)
    if first is None:
        return None
    return "/".join(steps[:first]) or ("/" if text.startswith("/") else "."), [s for s in steps[first:] if s]


def expand(base: Path, steps: Sequence[str], allowed: Callable[[Path], bool]) -> Iterator[Path]:
    """The files that a pattern means, in no order; the same one may come by several names.

    :param base: the folder that it starts from.
    :param steps: its further parts; ``**`` is any depth, also none.
    :param allowed: whether a real folder may be gone into by ``**``.
    """
    if not steps:
        if os.path.exists(base) and not os.path.isdir(base):  # noqa: PTH110, PTH112 - unlike Path's they never raise
            yield base
        return
    step, rest = steps[0], steps[1:]
    if step == "**":
        for folder in folders(base, allowed):
            yield from expand(folder, rest or ["*"], allowed)
    elif _MAGIC.search(step):
        for name in names(base):
            if fnmatchcase(name, step) and (not name.startswith(".") or step.startswith(".")):
                yield from expand(base / name, rest, allowed)
    elif os.path.exists(base / step):  # noqa: PTH110 - as above
        yield from expand(base / step, rest, allowed)


def folders(top: Path, allowed: Callable[[Path], bool]) -> Iterator[Path]:
    """A folder and all below it, each real one once; names with a dot at the start are left out.

    A link to a folder is followed where ``allowed`` says so of the real one, and nothing else leads there.
    """
    seen: set[str] = set()
    waiting, links = deque([top]), deque[Path]()
    while waiting or links:
        folder = waiting.popleft() if waiting else links.popleft()
        real = os.path.realpath(folder)
        if real in seen or not allowed(Path(real)):
            continue
        seen.add(real)
        yield folder
        for name in names(folder):
            below = folder / name
            if not name.startswith(".") and os.path.isdir(below):  # noqa: PTH112 - as above
                (links if below.is_symlink() else waiting).append(below)


def names(folder: Path) -> list[str]:
    """The names in a folder, sorted; none where it can't be read."""
    try:
        return sorted(entry.name for entry in os.scandir(folder))
    except OSError:
        return []


def unique(paths: Iterable[Path]) -> list[Path]:
    """Each real file once: under its own name, else under the first of the links' names."""
    found: dict[str, Path] = {}
    for path in sorted(paths):
        real = os.path.realpath(path)
        if real not in found or (found[real].is_symlink() and not path.is_symlink()):
            found[real] = path
    return list(found.values())
