"""Why a document holds no records: told once it's known, with what is there instead."""

from __future__ import annotations

from potable.engine.findings import Fault, Occurrence
from potable.engine.reading.json.broken import first_fault
from potable.engine.reading.json.columnar import columnar
from potable.engine.reading.json.instead import KEYED, LOOK, TWICE, Members, holds_json, keys_of_records
from potable.engine.reading.json.tokens import Token
from potable.engine.reading.window import Window

_CUT_OFF = (
    "The file breaks off: get it again, whole. Then set documentElement to the member that holds the records, if there "
    "is one."
)
_WHITE = b" \t\r\n\x1a"
_FEWEST_KEYED = 3
"""At the root fewer objects of one shape are records than inside of one, where they may be its parts."""


def missing(
    window: Window, root: Token | None, members: Members, element: str, chunk_bytes: int
) -> tuple[str, str | None]:
    """Why nothing holds records, a sentence, and how to mend that.

    Raises :class:`Fault` where the document breaks off: the records may be behind.

    :param root: the beginning of the root, where that is no array of records; None where members were looked for.
    :param members: those that were seen, to which the root's are added.
    :param element: the member that was looked for; "" for none.
    :param chunk_bytes: how much is read at a time.
    """
    if root is None or root.kind != "{":
        return _told(window, root, members, element)
    if _look_inside(window, root, members):
        return "there are several objects, one behind the other: it looks like JSON Lines", "Set ingestMethod: JSONL"
    said, hint = _told(window, root, members, element)
    if (columns := columnar(window.data[root.start : root.start + LOOK])) is not None:
        said, hint = columns
    elif names := keys_of_records(window.data[root.start :], _FEWEST_KEYED):
        said = f"the root is an object of records, called by their keys ({listed(names)}), not an array"
        hint = KEYED
    if (why := _cut_off(window, root, chunk_bytes)) is not None:
        place = window.place(len(window.data))
        message = f"line {place.line}, column {place.column}: {why}; {said}"
        raise Fault(Occurrence("json/syntax", message, location=place, hint=_CUT_OFF))
    return said, hint


def listed(names: tuple[str, ...]) -> str:
    """Keys of records, for a message."""
    return ", ".join(repr(name[:40]) for name in names[:4]) + (", …" if len(names) > 4 else "")


def _told(window: Window, root: Token | None, members: Members, element: str) -> tuple[str, str | None]:
    if root is not None and holds_json(window.data[root.start : root.start + LOOK]):
        return "the root is JSON as a text: it was encoded twice", TWICE
    if element:
        return f"no member is called {element!r}{members.listed()}", members.hint(element)
    what = {"{": "an object", "string": "a text", "number": "a number"}
    kind = "missing" if root is None else what.get(root.kind, root.kind)
    return f"the root is {kind}, not an array of records{members.listed()}", members.hint()


def _look_inside(w: Window, root: Token, members: Members) -> bool:
    """Note the members of the root object, as far as they are near; and whether another object follows it."""
    while not w.final and len(w.data) - root.start <= LOOK:
        w.fill(LOOK)
    data = w.data[root.start : root.start + LOOK]
    return members.look_inside(data, final=w.final and len(data) == len(w.data) - root.start)


def _cut_off(w: Window, root: Token, chunk_bytes: int) -> str | None:
    """Why the document breaks off, if it does: its root is an object, which ends in a brace. All of it is read."""
    if w.final and len(w.data) - root.start <= LOOK:
        broken = first_fault(w.data[root.start :])
        return broken.reason if broken is not None and broken.reason.startswith("the text ends") else None
    last = w.data.rstrip(_WHITE)[-1:]
    while not w.final:
        w.consume(len(w.data))
        w.fill(chunk_bytes)
        last = w.data.rstrip(_WHITE)[-1:] or last
    return None if last in b"}" else "the text ends inside an object"
