"""Fields whose numbers are of several quantities, since another field beside them says what each is: the long form of a
table (variable, value), and elements of XML that an attribute tells apart.
"""

from __future__ import annotations

from collections.abc import Collection

from potable.checkers.names.words import XML_TEXT, words_of
from potable.engine.paths import FieldPath

_TOLD_BY = frozenset(
    {
        "variable", "parameter", "param", "measure", "metric", "indicator", "property", "characteristic", "analyte",
        "quantity", "observable", "statistic",
    }
)  # fmt: skip
"""What a field that says what the number beside it is may be called."""
_TOLD_BY_ATTRIBUTE = _TOLD_BY | {"@name", "@dictref", "@key", "@code", "@tag"}
_VALUE = frozenset({"value", "val", "values", "amount", "result", "reading", "score", "estimate", "obs", "observation"})


def mixtures(names: Collection[str]) -> set[str]:
    """Those of a source's fields that hold several quantities.

    :param names: canonical paths of all fields.
    """
    steps = {name: FieldPath.parse(name).steps for name in names}
    last = {name: FieldPath.parse(name).name for name in names}
    tell = {of[:-1] for name, of in steps.items() if last[name].lower().removesuffix("s") in _TOLD_BY}
    attributes = {of[:-1] for name, of in steps.items() if last[name].lower() in _TOLD_BY_ATTRIBUTE}
    return {
        name
        for name, of in steps.items()
        if (of[:-1] in tell and not _VALUE.isdisjoint(words_of(name)))
        or (last[name] in (XML_TEXT, "@value") and of[:-1] in attributes)
    }
