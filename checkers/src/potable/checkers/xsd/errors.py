"""What libxml2's errors of an XML Schema say: of which element or attribute, and of which value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from potable.checkers.markup.elements import attribute_of, attributes_of, child_of, shown
from potable.checkers.markup.libxml import Element
from potable.checkers.markup.schema import Violation, names_in, told_line
from potable.engine.toolkit import lazy_regex, scalar

_ABOUT = lazy_regex(r"Element '(?:\{[^}]*\})?(?P<element>[^']+)'(?:, attribute '(?P<attribute>[^']+)')?: ")
_SECOND = lazy_regex(r"SCHEMAV_CVC_(?:DATATYPE_VALID_|COMPLEX_TYPE_2_|TYPE_3_1_|ELT_5_|ATTRIBUTE_)")
"""Errors that only say again that a value of which another error told isn't right."""
_NO_KEY = "No precomputed value available"
_LACKS_ATTRIBUTE = lazy_regex(r"The attribute '([^']+)' is required but missing")
_LACKS_CHILD = lazy_regex(r"Missing child element\(s\)\. Expected is \( ([^ ,*]+) \)")
_VALUE = lazy_regex(
    r"(?:\A|\] )(?:The (?:actual )?value )?'(.*?)' (?:is not|is less|is greater|must be|has |does not match)"
    r"|key-sequence \['(.*?)'\]",
    re.DOTALL,
)
_FACET = "[facet '"


def about(entry: Any) -> str:
    """The words with which an error names its element and attribute."""
    found = _ABOUT.match(entry.message)
    return found[0] if found is not None else ""


def element_of(entry: Any) -> str | None:
    """The local name of the element that an error is about."""
    found = _ABOUT.match(entry.message)
    return None if found is None else found["element"]


def is_new(entry: Any, which: str, seen: set[str]) -> bool:
    """Whether an error says something that another one of the same value hasn't said."""
    if _NO_KEY in entry.message or (which in seen and _SECOND.match(entry.type_name)):
        return False
    seen.add(which)
    return True


def violation(entry: Any, path: Sequence[tuple[str, int]], element: Element) -> Violation:
    """An error as a violation.

    :param path: the element's, (name, number) from the top down.
    """
    said = entry.message[len(about(entry)) :]
    named, lacking, child = _ABOUT.match(entry.message), _LACKS_ATTRIBUTE.search(said), _LACKS_CHILD.search(said)
    found = _VALUE.search(said)
    value = None if found is None else next(group for group in found.groups() if group is not None)
    names, at = names_in(path), shown(path)
    if named is not None and named["attribute"] is not None:
        name = attribute_of(element, named["attribute"])
        names, at = (*names, f"@{name}"), f"{at}/@{name}"
        value = attributes_of(element).get(name) if value is None else value
    elif lacking is not None:
        names = (*names, f"@{attribute_of(element, lacking[1])}")
    elif child is not None:
        names = (*names, child_of(element, child[1]))
    elif value is None and said.startswith(_FACET):
        value = scalar(element)
    return Violation(entry.type_name, told_line(entry.message), names, at, value=value)
