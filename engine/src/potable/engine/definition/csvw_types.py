"""Datatypes of the W3C's tabular metadata as types of Table Schema.

https://www.w3.org/TR/tabular-metadata/#datatypes
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_SIMPLE: Mapping[str, tuple[str, ...]] = {
    "string": ("string", "normalizedString", "token", "language", "Name", "NMTOKEN", "QName", "anyURI", "xml", "html",
               "json", "gMonth", "gDay", "gMonthDay", "dayTimeDuration", "yearMonthDuration"),
    "any": ("any", "anyAtomicType"),
    "number": ("number", "double", "float", "decimal"),
    "date": ("date",), "datetime": ("datetime", "dateTime", "dateTimeStamp"), "time": ("time",),
    "duration": ("duration",), "year": ("gYear",), "yearmonth": ("gYearMonth",),
}  # fmt: skip
_TYPES: Mapping[str, Mapping[str, Any]] = {
    **{name: {"type": kind} for kind, names in _SIMPLE.items() for name in names},
    "boolean": {"type": "boolean", "trueValues": ["true", "1"], "falseValues": ["false", "0"]},
    "binary": {"type": "string", "format": "binary"},
    "base64Binary": {"type": "string", "format": "binary"},
    "hexBinary": {"type": "string", "constraints": {"pattern": "([0-9a-fA-F]{2})*"}},
}
_BITS = {"long": 64, "int": 32, "short": 16, "byte": 8}
_INTEGERS: Mapping[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    **{name: (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for name, bits in _BITS.items()},
    **{f"unsigned{name.capitalize()}": (0, 2**bits - 1) for name, bits in _BITS.items()},
}
KNOWN = (*_TYPES, *_INTEGERS)
"""The built-in datatypes."""

_BOUNDS = {
    "minimum": "minimum", "minInclusive": "minimum", "maximum": "maximum", "maxInclusive": "maximum",
    "minExclusive": "exclusiveMinimum", "maxExclusive": "exclusiveMaximum", "minLength": "minLength",
    "maxLength": "maxLength",
}  # fmt: skip
_SILENT = frozenset(("@id", "@type", "base", "format", "length", "name", "title"))
_ITEMS = frozenset(("string", "integer", "number", "boolean", "date", "time", "datetime"))
_FIELDS = {
    "yyyy": "%Y", "MM": "%m", "M": "%m", "dd": "%d", "d": "%d", "HH": "%H", "mm": "%M", "ss": "%S",
    "X": "%z", "XX": "%z", "XXX": "%z", "x": "%z", "xx": "%z", "xxx": "%z",
}  # fmt: skip
_DEFAULT_LAYOUTS = {"date": ("yyyy-MM-dd",), "time": ("HH:mm:ss",), "datetime": ("yyyy-MM-ddTHH:mm:ss",)}


class Unknown(Exception):
    """A datatype, or a member of one, that can't be said in a Table Schema; ``str()`` says why."""


def field_of(datatype: Any) -> tuple[dict[str, Any], list[str]]:
    """The members of a field's descriptor that a datatype means, and what of it has no effect, a clause each.

    Raises :class:`Unknown` for one that isn't known.
    """
    given: Mapping[str, Any] = datatype if isinstance(datatype, Mapping) else {"base": datatype}
    base = given.get("base", "string")
    if not isinstance(base, str) or base not in KNOWN:
        raise Unknown(f"the datatype {base!r} isn't known")
    lowest, highest = _INTEGERS.get(base, (None, None))
    field: dict[str, Any] = {"type": "integer"} if base in _INTEGERS else dict(_TYPES[base])
    constraints: dict[str, Any] = dict(field.pop("constraints", {}))
    constraints |= {n: v for n, v in (("minimum", lowest), ("maximum", highest)) if v is not None}
    without = []
    for name, value in given.items():
        if name in _BOUNDS:
            constraints[_BOUNDS[name]] = value
        elif name == "length":
            constraints |= {"minLength": value, "maxLength": value}
        elif name not in _SILENT and ":" not in name:
            without.append(f"the member {name!r} of its datatype")
    if given.get("format") not in (None, ""):
        without += _format(field, constraints, given["format"])
    if constraints:
        field["constraints"] = constraints
    return field, without


def list_of(field: Mapping[str, Any], separator: str) -> dict[str, Any]:
    """The descriptor of a field that holds several values between separators."""
    kind = field.get("type", "string")
    return {"type": "list", "delimiter": separator, "itemType": kind if kind in _ITEMS else "string"}


def _format(field: dict[str, Any], constraints: dict[str, Any], given: Any) -> list[str]:
    kind = field["type"]
    if kind in ("number", "integer"):
        return _number(field, given)
    if not isinstance(given, str):
        raise Unknown("the format of its datatype isn't a text")
    if kind == "boolean":
        true, mark, false = given.partition("|")
        if not (true and mark and false):
            raise Unknown(f"the format {given!r} of a boolean isn't written as Y|N")
        field |= {"trueValues": [true], "falseValues": [false]}
    elif kind in _DEFAULT_LAYOUTS:
        if given not in _DEFAULT_LAYOUTS[kind]:
            field["format"] = _layout(given)
    elif kind in ("string", "any") and "format" not in field:
        constraints["pattern"] = given
    else:
        return [f"the format {given!r}"]
    return []


def _number(field: dict[str, Any], given: Any) -> list[str]:
    if isinstance(given, str):
        return [f"the pattern {given!r} of its numbers"]
    if not isinstance(given, Mapping):
        raise Unknown("the format of its datatype is neither a pattern nor an object")
    known = ("groupChar",) if field["type"] == "integer" else ("decimalChar", "groupChar")
    field |= {name: given[name] for name in known if isinstance(given.get(name), str)}
    return [f"the pattern {given['pattern']!r} of its numbers"] if given.get("pattern") else []


def _layout(given: str) -> str:
    """A date format of UAX 35, as far as the standard uses it, in the words of ``strptime``."""
    out = []
    for part in re.findall(r"S+|yyyy|MM?|dd?|HH|mm|ss|X{1,3}|x{1,3}|'[^']*'|[^A-Za-z']|T|.", given.replace("'T'", "T")):
        if part in _FIELDS:
            out.append(_FIELDS[part])
        elif set(part) == {"S"}:
            out.append("%f")
        elif part == "T" or not part.isalpha():
            out.append(part.strip("'").replace("%", "%%"))
        else:
            raise Unknown(f"the date format {given!r} isn't one of the standard's")
    return "".join(out)
