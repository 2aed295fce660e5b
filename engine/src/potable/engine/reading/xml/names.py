"""Which elements a name in the definition means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from potable.engine.findings import Location, Occurrence


def local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


@dataclass(frozen=True)
class Names:
    """The element names in the first megabyte of a part.

    A definition's name means the elements of just that name. One without a prefix means those with any prefix where
    none of the elements known is without it.

    :param known: as the part spells them.
    """

    known: frozenset[str] = frozenset()

    def prefixed(self, name: str) -> tuple[str, ...]:
        """The prefixed names that an unprefixed one stands for, because it doesn't occur itself."""
        if ":" in name or name in self.known:
            return ()
        return tuple(sorted(k for k in self.known if k.endswith(":" + name)))

    def means(self, wanted: str, name: str) -> bool:
        """Whether a name of the definition means the element ``name``."""
        if wanted == name:
            return True
        if ":" in wanted or wanted in self.known or not name.endswith(":" + wanted):
            return False
        return name in self.known or not any(k.endswith(":" + wanted) for k in self.known)


def unprefixed(where: str, name: str, prefixed: Sequence[str], location: Location) -> Occurrence:
    """``xml/unprefixed-name``: what ``where`` calls ``name`` has a prefix in the file."""
    spelled = ", ".join(f"<{p}>" for p in prefixed[:3]) + (f" and {len(prefixed) - 3:,} others" * (len(prefixed) > 3))
    message = f"{where} says {name}, the file has only {spelled}"
    hint = f"Write {prefixed[0]}." if len(prefixed) == 1 else None
    return Occurrence("xml/unprefixed-name", message, rule=name, value=name, location=location, hint=hint)
