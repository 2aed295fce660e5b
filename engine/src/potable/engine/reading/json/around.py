"""What stands around a JSON document and isn't JSON: a script's call, a guard, a message, an end mark."""

from __future__ import annotations

import re

MESSAGE = (
    rb"<(?:br|b|html|!doctype|head|body|div|p|pre|h1)\b|"
    rb"(?:PHP )?(?:Fatal error|Warning|Notice|Deprecated)\s*:|Traceback \("
)
"""What a program's message begins with."""
_AROUND = (
    (
        rb"\)\]\}'?,?|while ?\(1\);|for ?\(;;\);|throw 1;",
        "A guard against scripts stands before the document: take it off, up to the first { or [.",
    ),
    (
        rb"(?:/\*.{0,40}?\*/)?\s*(?:typeof )?[A-Za-z_$][\w$.]*\s*(?:\(\s*[\[{]|===)",
        "It's JSONP, a script's call: ask for plain JSON (most often without the parameter callback), or take off what "
        "is before the first { or [ and behind the last.",
    ),
    (
        rb"(?:var|let|const|export default|module\.exports|window\.[\w$.]+|[A-Za-z_$][\w$.]*\s*=)[\s={\[]",
        "It's a script that holds the data: take off what is before the first { or [ and behind the last.",
    ),
    (
        rb"<!--",
        "A comment of HTML stands there, as content management systems write it: get the document without, or take it "
        "off.",
    ),
    (rb"\x1a", "An end mark of DOS (1A) stands behind the document: remove that byte."),
    (
        MESSAGE,
        "A program's message stands there, of an error most likely: get the document again, or tell its owner.",
    ),
)
_PYTHON = "It's an object of Python as print() writes it: write it by json.dumps()."
_PRINTED = "It's an object as print() of Python or JavaScript's console write it: write it by a JSON library."
_RELAXED = "It's JSON for people (JSON5, JSONC): have it written as strict JSON, as any JSON library does."
_REASONS = (
    ("NaN", "Write null where there's no number: allow_nan=False tells of it in Python's json.dumps()."),
    ("Infinity", "Write null where there's no number: allow_nan=False tells of it in Python's json.dumps()."),
    ("None", _PYTHON),
    ("True", _PYTHON),
    ("False", _PYTHON),
    ("a single quote", _PRINTED),
    ("a comment", _RELAXED),
    ("a comma before", _RELAXED),
    ("a line break inside a string", r"Write line breaks in texts as \n, as any JSON library does."),
    ("the text ends", "The file breaks off: get it again, whole."),
)
"""How the grammar's reasons begin, and what has written such a document."""


def hint_within(reason: str, text: bytes) -> str | None:
    """How to mend what stands inside of a document.

    :param reason: what is wrong. :param text: from the first byte that can't be there.
    """
    if is_message(text):
        return "A program's message stands there: the document broke off. Get it again, or tell its owner."
    return next((hint for begin, hint in _REASONS if reason.startswith(begin)), None)


def is_message(text: bytes) -> bool:
    """Whether a text begins with what programs write when they fail."""
    return re.match(MESSAGE, text[:400], re.IGNORECASE | re.DOTALL) is not None


def hint_around(text: bytes) -> str | None:
    """How to mend what stands outside of a document's outermost brackets.

    :param text: it, from the first byte that can't be there.
    """
    found = (hint for pattern, hint in _AROUND if re.match(pattern, text[:400], re.IGNORECASE | re.DOTALL))
    return next(found, None)
