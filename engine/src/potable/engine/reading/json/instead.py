"""What a document has where records should be: said so that the definition, or the document, can be mended."""

from __future__ import annotations

from dataclasses import dataclass, field

from potable.engine.errors import likely
from potable.engine.lazyregex import lazy_regex
from potable.engine.reading.json.tokens import Broken, Grammar, Token, name_of, token

LOOK = 1 << 16
"""So much of a value is looked at."""
KEYED = (
    'Have the records written as an array, each with its key as a member: [{"id": …, …}, …]. An object of them '
    "can't be read as records."
)
"""How to mend an object of records."""

TWICE = (
    "Have it encoded once: the program makes a text of the data (as json.dumps() does), and then of that text again."
)
"""How to mend JSON in a text."""

_NOTHING = "Nothing in it holds records: look at the document; an object with an error message comes from the server."
_NAMES = 12
"""Members that a message names."""
_LEAST = 5
_MOST = 50


@dataclass(slots=True)
class Members:
    """The first members of a document.

    :ivar kinds: by name: ``an array``, ``an object``, or nothing.
    :ivar tables: the arrays of objects that are in no other array, by name: the names of the objects around each.
    :ivar several: those of them with two objects or more.
    """

    kinds: dict[str, str] = field(default_factory=dict)
    tables: dict[str, tuple[str, ...]] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)

    def note(self, name: str, value: Token) -> None:
        """There is a member of this name."""
        if len(self.kinds) < _NAMES:
            self.kinds.setdefault(name, {"[": "an array", "{": "an object"}.get(value.kind, ""))

    def look_inside(self, data: bytes, *, final: bool) -> bool:
        """Note the members of an object that begins a text; gives whether another object follows it."""
        at, grammar, names = 0, Grammar(), list[str]()
        try:
            while (t := token(data, at, final=final)) is not None:
                expected, depth = grammar.expected, len(grammar.open)
                if expected == "end":
                    return t.kind == "{"
                array = grammar.open.find(0x5B)
                grammar.feed(t)
                at = t.stop
                if array < 0:
                    if expected in ("key", "key or }") and t.kind == "string":
                        names[depth - 1 :] = [name_of(data[t.start : t.stop])]
                    elif depth == 1 and t.kind not in (":", ",", "}"):
                        self.note(names[0], t)
                elif array == depth - 1 and t.kind == "{":
                    name = names[array - 1]
                    if expected == "value or ]" and len(self.tables) < _NAMES:
                        self.tables.setdefault(name, tuple(names[: array - 1]))
                    elif expected == "value" and name in self.tables:
                        self.several.add(name)
        except Broken:
            pass
        return False

    def listed(self) -> str:
        """They, for the end of a message."""
        names = [f"{name!r} ({kind})" if kind else repr(name) for name, kind in self.kinds.items()]
        names += [f"{name!r} (an array in {'.'.join(path)})" for name, path in self.tables.items() if path]
        return f"; there are {', '.join(names)}" if names else ""

    def hint(self, element: str = "") -> str | None:
        """Which of them may hold the records, where a member of another name was looked for."""
        lists, objects = ([n for n, kind in self.kinds.items() if kind == k] for k in ("an array", "an object"))
        # A path is no name, but what it ends in may be one. An object would be read as the only record.
        if near := likely(element.rpartition(".")[2], lists) or likely(element, lists) or likely(element, objects):
            return f"Set documentElement: {near[0]}"
        arrays = [name for name, path in self.tables.items() if not path]
        arrays = arrays or [*self.tables] or lists
        if len(arrays) == 1:
            return f"Set documentElement: {arrays[0]}"
        return None if any(self.kinds.values()) else _NOTHING


def lists_of_objects(data: bytes) -> list[str]:
    """Names of the arrays of two objects or more in an object, those in other arrays left out.

    :param data: the object; of a long one the beginning is looked at.
    """
    members = Members()
    members.look_inside(data[:LOOK], final=len(data) <= LOOK)
    return [name for name in members.tables if name in members.several]


def keys_of_records(data: bytes, least: int = _LEAST) -> tuple[str, ...]:
    """The first names in an object of records, which are called by their keys: ``{"AD": {…}, "AE": {…}, …}``.

    They are known by what their objects have in common. Empty where it's likely another object.

    :param data: what begins with the object; it may break off.
    :param least: so many there are at least: a record may have some parts of one shape.
    """
    data, at, grammar, name = data[:LOOK], 0, Grammar(), ""
    names: list[str] = []
    common: set[str] | None = None
    inner: set[str] = set()
    try:
        while len(names) < _MOST and (t := token(data, at, final=False)) is not None:
            depth, naming = len(grammar.open), grammar.expected in ("key", "key or }")
            grammar.feed(t)
            at = t.stop
            if depth == 1 and naming and t.kind == "string":
                name, inner = name_of(data[t.start : t.stop]), set()
            elif depth == 1 and t.kind not in ("{", "}", ":", ","):
                return ()
            elif depth == 2 and naming and t.kind == "string":
                inner.add(name_of(data[t.start : t.stop]))
            elif depth == 2 and t.kind == "}":
                names.append(name)
                common = inner if common is None else common & inner
                if not common:
                    return ()
            elif depth == 1 and t.kind == "}":
                break
    except Broken:
        pass
    return tuple(names) if len(names) >= least else ()


def holds_json(data: bytes) -> bool:
    """Whether a text of JSON holds an object or an array as JSON.

    :param data: what begins with the text; it may break off.
    """
    return _ENCODED.match(data) is not None


# "{\"id\": 1}" and "[1, 2]": a text, and in it blanks, a bracket, and what may follow that.
_ENCODED = lazy_regex(rb'"(?:\\[nrt]|\s)*(?:\{(?:\\[nrt]|\s)*(?:\\"|\})|\[(?:\\[nrt]|\s)*(?:[\[{\]0-9-]|\\"))')
