"""What files are called: those that ``filenamePattern`` chooses, and what their suffix says."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

_COMPRESSED = frozenset({".gz", ".bz2", ".xz", ".zst"})


def matching(pattern: str, names: Sequence[str]) -> list[str] | None:
    """The names that a pattern chooses, in their order; None if the pattern means nothing.

    It's a regular expression that is searched for in the name, as in Foundry's definitions. Where that isn't valid,
    or chooses nothing, and it has ``*`` or ``?``, it's read as a shell pattern for the whole name, which is what
    people write. Names that start with a dot are left out unless the pattern asks for them with ``^\\.``.
    """
    wanted = [n for n in names if not n.startswith(".") or pattern.startswith(("^\\.", "^[.]"))]
    found = _searched(pattern, wanted)
    if not found and ("*" in pattern or "?" in pattern):
        globbed = [n for n in wanted if fnmatchcase(n, pattern)]
        if globbed or found is None:
            return globbed
    return found


def suffix_of(name: str) -> str:
    """The suffix that tells the format, in lower case with its dot: one of a compression aside. Empty: none."""
    suffixes = [s.lower() for s in PurePosixPath(name).suffixes]
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _searched(pattern: str, names: Sequence[str]) -> list[str] | None:
    import polars as pl  # heavy; its engine is linear, which the standard library's isn't

    try:
        mask = pl.Series(names, dtype=pl.String).str.contains(pattern, literal=False, strict=True)
    except pl.exceptions.ComputeError:
        return None
    return [name for name, wanted in zip(names, mask, strict=True) if wanted]
