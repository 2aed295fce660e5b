"""Names of elements of XML, as ``topElement`` and ``documentElement`` give them."""

from __future__ import annotations

from potable.engine.lazyregex import lazy_regex

ELEMENTS = ("topElement", "documentElement")
"""The parameters that name one."""

_NAME = lazy_regex(r"(?:[^\W\d][\w.·-]*:)?[^\W\d][\w.·-]*")  # Namespaces in XML 1.0, QName
_STEPS = lazy_regex(r"[/{}<>]|\[[^\]]*\]")


def element_fault(given: str) -> tuple[str, str | None] | None:
    """Why a text is no name of an element, and how to mend it; None where it's one.

    Paths (``stocks/stock``), wildcards, lists and names with a namespace in braces aren't names.
    """
    name = given.strip()
    if not name or _NAME.fullmatch(name):
        return None
    steps = name.split(".") if name.startswith("$") else _STEPS.split(name)
    last = next((step for step in reversed(steps) if step), "")
    hint = f"Write {last}." if _NAME.fullmatch(last) else None
    return "it must be the name of one element, with its prefix if it has one", hint
