"""Choosing files by name: ``filenamePattern``."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase


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


def _searched(pattern: str, names: Sequence[str]) -> list[str] | None:
    import polars as pl  # heavy; its engine is linear, which the standard library's isn't

    try:
        mask = pl.Series(names, dtype=pl.String).str.contains(pattern, literal=False, strict=True)
    except pl.exceptions.ComputeError:
        return None
    return [name for name, wanted in zip(names, mask, strict=True) if wanted]
