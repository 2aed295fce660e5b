"""Why a document isn't well-formed: what libxml2 says, as a code, in plain words, and where the fault begins.

libxml2 tells where it noticed a fault, which is mostly behind it: behind a whole tag, behind a reference. The numbers
of its errors are those of ``xmlerror.h``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from potable.engine.findings import Location, Occurrence
from potable.engine.lazyregex import lazy_regex

_MISMATCHED, _UNFINISHED = 76, 77  # XML_ERR_TAG_NAME_MISMATCH, XML_ERR_TAG_NOT_FINISHED
_RESOURCE, _LONG_NAME = 114, 110
_NO_ENTITY = (26, 27)  # XML_ERR_UNDECLARED_ENTITY, XML_WAR_UNDECLARED_ENTITY
# Pieces of libxml2's messages; what they stand in is at their use.
_FUNCTION = lazy_regex(r"^xml\w+: ")
_REFERENCE = lazy_regex(rb"&[^\s<>&;]{0,40};?")
_MISMATCH = lazy_regex(r": (\S+) and (\S+)")
_QUOTED = lazy_regex(r"'([^']*)'")
_NAMED = lazy_regex(r"[Aa]ttribute (\S+)")
_PREFIX = lazy_regex(r"prefix (\S+) (?:for (\S+) )?on (\S+)")
_DECLARED = lazy_regex(r"(xmlns(?::[^\s:]+)?)\b")
_GROWS = "entities, or the defaults of attributes, make the document many times as long"
_START = lazy_regex(r"<([^\s<>/!?]+)")
_MESSAGE = lazy_regex(r"(?i)<(?:br|b|html|body|h1|p|pre)\b|<!doctype html|(?:PHP )?(?:fatal error|warning|notice)\s*:")
_JOINED = (
    "Files were joined, it seems: keep each as a file of its own (in one archive, if need be), or put the records of "
    "all under one root element."
)
_MENDS = (
    ("the file breaks off", "Get the file again, whole: a transfer broke off, a disk was full, or the program died."),
    ("several documents in one file", _JOINED),
    ("are there several in one file", _JOINED),
    (
        "an XML declaration behind blanks",
        "Take the blanks before <?xml away: what writes the document prints them first.",
    ),
    ("a program's message", "Get the document again: the message says what failed. Else its owner must know."),
)
_LINE = lazy_regex(r" line \d+")


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a text isn't well-formed.

    :param at: offset in the text.
    :param open: it only lacks its end.
    """

    code: str
    message: str
    at: int
    open: bool = False

    def told(self, where: Location) -> Occurrence:
        """It as the report has it, with what to do about it where that is more than the code's ``mend``."""
        return Occurrence(self.code, self.message, location=where, hint=mend(self.message))


def mend(message: str) -> str | None:
    """What to do about a document that isn't well-formed, by the message; None: nothing special."""
    return next((hint for words, hint in _MENDS if words in message), None)


def broken(number: int, said: str, text: bytes, at: int, depth: int) -> Broken:
    """What an error of libxml2 means.

    :param number: the error's; :param said: its words, without a place.
    :param text: UTF-8; :param at: where in it libxml2 noticed the fault.
    :param depth: how deep elements may be nested.
    """
    at = min(max(at, 0), len(text))
    if number == _RESOURCE and "depth" in said:
        message = f"elements are nested more than {depth} deep (Limits.depth)"
        return Broken("xml/too-deep", message, _tag(text, at))
    if number in (_RESOURCE, _LONG_NAME) and "amplification" not in said:
        message = "a name is longer than 50,000 bytes" if number == _LONG_NAME else _plain(said)
        return Broken("xml/too-large-node", message, _tag(text, at))
    if number in _NO_ENTITY or "amplification" in said:
        name = _QUOTED.search(said)
        message = f"the entity &{name[1]}; is used, which XML doesn't know by itself" if name else _GROWS
        return Broken("xml/entity", message, _before(text, b"&", at))
    ended = number == _MISMATCHED or (number != _UNFINISHED and bool(text[at:].strip()))
    explain = _WORDS.get(number)
    message, at = explain(said, text, at) if explain is not None else (_plain(said), at)
    return Broken("xml/syntax", message, at, open=not ended)


def _plain(said: str) -> str:
    return _LINE.sub("", _FUNCTION.sub("", said)).strip()


def _before(text: bytes, mark: bytes, at: int) -> int:
    """Where the last ``mark`` before ``at`` is."""
    found = text.rfind(mark, 0, at)
    return at if found < 0 else found


def _tag(text: bytes, at: int) -> int:
    return _before(text, b"<", at)


def _attribute(text: bytes, at: int, name: str) -> int:
    """Where the last attribute of that name (a pattern) is in the tag that ``at`` is in, or behind."""
    start = _tag(text, at)
    found = list(re.finditer(rb"\s(%b)(?=[\s=/>]|\Z)" % name.encode(), text[start : at + 1]))
    return start + found[-1].start(1) if found else start


_Words = Callable[[str, bytes, int], tuple[str, int]]


def _stays(message: str) -> _Words:
    return lambda said, text, at: (message, at)


def _from(mark: bytes, message: str) -> _Words:
    return lambda said, text, at: (message, _before(text, mark, at))


def _character(said: str, text: bytes, at: int) -> tuple[str, int]:
    """A character that XML doesn't have."""
    if "CharRef" in said:
        return _no_character(said, text, at)
    there = text[at : at + 4].decode("utf-8", "ignore")[:1]
    if not there or (there >= " " and there not in "\ufffe\uffff"):
        return _plain(said), at
    return f"the character U+{ord(there):04X}, which XML doesn't allow", at


def _no_character(said: str, text: bytes, at: int) -> tuple[str, int]:
    at = _before(text, b"&", at)
    found = _REFERENCE.match(text, at)
    shown = found[0].decode("utf-8", "replace") if found else "&#"
    return f"{shown} is no character that XML allows", at


def _mismatch(said: str, text: bytes, at: int) -> tuple[str, int]:
    names = _MISMATCH.search(_plain(said))
    message = f"<{names[1]}> is closed by </{names[2]}>" if names else _plain(said)
    return message, _before(text, b"</", at)


_bare = _from(b"&", "a & that begins no reference (write &amp; for &)")


def _no_tag(said: str, text: bytes, at: int) -> tuple[str, int]:
    if "EntityRef" in said:
        return _bare(said, text, at)
    at = _tag(text, at)
    if text.startswith(b"<!DOCTYPE", at):
        return "a document type declaration inside the document (are there several documents in one file?)", at
    return "a < that begins no tag (write &lt; for <)", at


def _declaration(said: str, text: bytes, at: int) -> tuple[str, int]:
    at = _before(text, b"<?", at)
    if not text[:at].strip() and at:
        return "an XML declaration behind blanks: it must be the first thing in the file", at
    return "an XML declaration inside the document (are there several documents in one file?)", at


def _no_prefix(said: str, text: bytes, at: int) -> tuple[str, int]:
    names = _PREFIX.search(said)
    if names is None:
        return _plain(said), _tag(text, at)
    prefix, attribute, element = names.groups()
    if attribute is None:
        return f"the prefix {prefix} of <{prefix}:{element}> isn't declared", _tag(text, at)
    name = f"{prefix}:{attribute}"
    return f"the prefix {prefix} of the attribute {name} isn't declared", _attribute(text, at, re.escape(name))


def _twice(said: str, text: bytes, at: int) -> tuple[str, int]:
    name = _NAMED.search(said)
    if name is None:
        return _plain(said), _tag(text, at)
    pattern = re.escape(name[1]) if " in '" not in said else rf"(?:[^\s=:\"'<>]+:)?{re.escape(name[1])}"
    return f"the attribute {name[1]} stands in its tag twice", _attribute(text, at, pattern)


def _no_value(said: str, text: bytes, at: int) -> tuple[str, int]:
    name = _NAMED.search(said)
    if name is None:
        return _plain(said), at
    return f"the attribute {name[1]} has no value", _attribute(text, at, re.escape(name[1]))


def _namespace(said: str, text: bytes, at: int) -> tuple[str, int]:
    name = _DECLARED.search(said)
    return _plain(said), _tag(text, at) if name is None else _attribute(text, at, re.escape(name[1]))


def no_root(text: bytes) -> str:
    """The words for a text that stands where the root element should begin."""
    there = text[:80].decode("utf-8", "replace")[:20]
    return "there is no root element" + (f", but {there!r}" if there else "")


def _no_root(said: str, text: bytes, at: int) -> tuple[str, int]:
    return no_root(text[at:]), at


def _behind(said: str, text: bytes, at: int) -> tuple[str, int]:
    """What stands behind the root element: the next document, or what isn't XML at all."""
    there = text[at : at + 200].decode("utf-8", "replace").lstrip()
    name = _START.match(there)
    if there.startswith("\x1a"):
        return "an end mark of DOS (1A) stands behind the root element: remove that byte", at
    if _MESSAGE.match(there):
        return "behind the root element a program's message stands, it seems", at
    if name is not None:
        return f"another root element, <{name[1][:60]}>: a document has one (are there several in one file?)", at
    return "something stands behind the root element, which was closed", at


def _apart(said: str, text: bytes, at: int) -> tuple[str, int]:
    return ("attributes must be set apart by blanks" if "attribute" in said else _plain(said)), at


def _not_closed(said: str, text: bytes, at: int) -> tuple[str, int]:
    at = _tag(text, at)
    return "a tag that isn't closed by >", at


_WORDS: dict[int, _Words] = {
    4: _no_root,
    5: _behind,
    6: _no_character,
    7: _no_character,
    8: _no_character,
    9: _character,
    22: _bare,
    23: _from(b"&", "a reference without its ; (write &amp; for &)"),
    38: _stays("a < in the value of an attribute (write &lt; for <)"),
    39: _stays("the value of an attribute isn't in quotes"),
    41: _no_value,
    42: _twice,
    62: _stays("]]> in a text (write ]]&gt;)"),
    64: _declaration,
    65: _apart,
    68: _no_tag,
    73: _not_closed,
    76: _mismatch,
    80: _stays("-- inside a comment"),
    200: _namespace,
    201: _no_prefix,
    202: _namespace,
    203: _twice,
    204: _namespace,
    205: _namespace,
}
"""By libxml2's number what it means, and where it begins."""
