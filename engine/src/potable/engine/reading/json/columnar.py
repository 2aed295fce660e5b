"""A document that holds a table by its columns, as programs for data frames write it: there are no records in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice, pairwise

from potable.engine.reading.json.tokens import Broken, Grammar, name_of, token

_MOST, _FEWEST = 50, 2
"""So many columns are looked at; fewer show none."""
_KEYS = 3
"""So many keys of a column tell that they count its rows."""
RECORDS = (
    "Have it written by records, [{…}, {…}]: orient='records' in pandas' to_json(), to_dict('records') before "
    "json.dumps()."
)
"""How to mend it."""


@dataclass(slots=True)
class _Member:
    """A member of the outermost object.

    :ivar opens: ``{``, ``[``, or another token's kind; :ivar first: the kind of the first value in it, "" for none.
    :ivar keys: its first names.
    """

    name: str
    opens: str
    first: str = ""
    keys: list[str] = field(default_factory=list)


def columnar(data: bytes) -> tuple[str, str] | None:
    """What a document is that holds columns in place of records, and how to mend it; None where it's no such document.

    :param data: what begins with its outermost object; it may break off.
    """
    members, ended = _members(data)
    arrays = [m for m in members if m.opens == "["]
    rows = {m.name for m in arrays if m.first == "["}
    if "data" in rows and any(m.name == "columns" for m in arrays):
        return (
            "the root holds a table by its parts, 'columns' and 'data', as pandas writes it with orient='split'",
            RECORDS,
        )
    if len(members) < (_FEWEST if ended else 1):
        return None
    shown = ", ".join(repr(m.name[:40]) for m in islice(members, 4)) + (", …" if len(members) > 4 else "")
    if all(m.opens == "{" and m.first not in ("", "{", "[") and _counts(m.keys) for m in members):
        return f"the root is an object of columns ({shown}), each an object of its values by the row's number", RECORDS
    if len(arrays) == len(members) >= _FEWEST and all(m.first not in ("", "{", "[") for m in members):
        return f"the root is an object of columns ({shown}), each an array of its values", RECORDS
    return None


def _counts(keys: list[str]) -> bool:
    """Whether these are numbers of rows."""
    numbers = [int(key) for key in keys if key.isascii() and key.isdecimal()]
    return len(numbers) == len(keys) >= _FEWEST and all(b == a + 1 for a, b in pairwise(numbers))


def _members(data: bytes) -> tuple[list[_Member], bool]:
    """The first members, as far as the text goes; whether they are all."""
    at, grammar, name = 0, Grammar(), ""
    found: list[_Member] = []
    try:
        while len(found) <= _MOST and (t := token(data, at, final=False)) is not None:
            depth, naming = len(grammar.open), grammar.expected in ("key", "key or }")
            grammar.feed(t)
            at = t.stop
            if t.kind in (":", ",", "}", "]"):
                if depth == 1 and t.kind == "}":
                    return found, True
            elif depth == 1 and naming:
                name = name_of(data[t.start : t.stop])
            elif depth == 1:
                found.append(_Member(name, t.kind))
            elif depth == 2 and naming:
                if len(found[-1].keys) < _KEYS:
                    found[-1].keys.append(name_of(data[t.start : t.stop]))
            elif depth == 2 and not found[-1].first:
                found[-1].first = t.kind
    except Broken:
        pass
    return found, False
