"""Regular expressions that are compiled when they're first used.

The engine and its checkers name about 160 of them, of which a run needs a few. Compiling them all took 20 ms of the
0.4 s that a run of a small source takes.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

_MEMBERS = (
    "match", "fullmatch", "search", "finditer", "findall", "split", "sub", "subn",
    "pattern", "flags", "groups", "groupindex",
)  # fmt: skip


class _Later:
    """Stands for a compiled pattern, of which it has all public members."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self._given = pattern, flags

    def __getattr__(self, name: str) -> Any:
        if name not in _MEMBERS:  # nor does copying or pickling compile it
            raise AttributeError(f"a regular expression has no member {name!r}")
        pattern, flags = self._given
        compiled = re.compile(pattern, flags)
        # kept as the instance's own, so that this method isn't asked again
        self.__dict__.update((member, getattr(compiled, member)) for member in _MEMBERS)
        return getattr(compiled, name)

    def __repr__(self) -> str:
        return f"lazy_regex({self._given[0]!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _Later, self._given


def lazy_regex(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """A regular expression for a module's constants, compiled at its first use.

    It has the members of a compiled one, but isn't an instance of ``re.Pattern``: ``re``'s own functions don't take it.

    :raises re.PatternError: at the first use, if the pattern isn't sound (``re.error`` before Python 3.13).
    """
    return cast("re.Pattern[AnyStr]", _Later(pattern, flags))
