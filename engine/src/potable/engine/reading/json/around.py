"""What stands around a JSON document and isn't JSON: a script's call, a guard, a message, an end mark."""

from __future__ import annotations

import re

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
    (rb"\x1a", "An end mark of DOS (1A) stands behind the document: remove that byte."),
    (
        rb"<(?:br|b|html|!doctype|head|body|div|p|pre|h1)\b|"
        rb"(?:PHP )?(?:Fatal error|Warning|Notice|Deprecated)\s*:|Traceback \(",
        "A program's message stands there, of an error most likely: get the document again, or tell its owner.",
    ),
)


def hint_around(text: bytes) -> str | None:
    """How to mend what stands outside of a document's outermost brackets.

    :param text: it, from the first byte that can't be there.
    """
    found = (hint for pattern, hint in _AROUND if re.match(pattern, text[:400], re.IGNORECASE | re.DOTALL))
    return next(found, None)
