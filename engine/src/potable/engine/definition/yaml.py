"""YAML 1.2 as definitions use it: the core schema, a line for every member, no aliases.

ruamel.yaml's events are turned into values here, not by its constructors, so that a scalar means what the core
schema of YAML 1.2.2 (chapter 10.3) says: ``off``, ``NO``, ``12:30:45`` and ``2024-01-01`` are texts, ``012`` is twelve
(its spelling is kept: where a text is wanted, it's ``012``). Aliases are refused: they make bombs.

Everyday YAML, of which libyaml is known to make the same events, is left to it: that takes a tenth of the time, and a
catalogue may have thousands of definitions. All else, and whatever it finds fault with, ruamel.yaml decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from potable.engine.definition.document import DEPTH_LIMIT, Document
from potable.engine.errors import DefinitionError
from potable.engine.lazyregex import lazy_regex
from potable.engine.paths.pointer import escape

NOT_YAML = "not YAML"
"""How the reason begins where a text breaks YAML's own rules, rather than those of definitions."""

_MENDS = {
    "'\\t' that cannot start any token": ": indent with blanks, not with tabs",
    "mapping values are not allowed here": ": put a text that has ': ' in it in quotes, or mend the lines' indentation",
}
"""What YAML's own words don't tell: by a part of theirs."""

_PLAIN = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = lazy_regex(r"[-+]?[0-9]{1,400}|0o[0-7]{1,400}|0x[0-9a-fA-F]{1,400}")
_FLOAT = lazy_regex(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_TAG = "tag:yaml.org,2002:"

_EVERYDAY = lazy_regex(r"[\r\n -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")
"""Signs that mean the same to YAML 1.1, of which libyaml is, as to 1.2: no tab, no other line break, no mark."""
_DISPUTED = lazy_regex(r"""["']:[^ \r\n]|[|>][-+0-9]*\#|^ +\r?$|\r(?!\n)""", re.MULTILINE)
"""What libyaml may take and ruamel.yaml doesn't: a colon right between a name in quotes and its value, a comment right
after the sign of a block, blank lines with blanks, which may be deeper than a block that follows, and returns alone.
"""


def plain(text: str) -> Any:
    """The value of a plain scalar by the core schema."""
    if text in _PLAIN:
        return _PLAIN[text]
    if text[:1] not in "0123456789+-.":
        return text
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def load_yaml(text: str, file: str | None = None) -> list[Document]:
    """The documents of a YAML stream; empty ones are left out.

    Raises :class:`DefinitionError` with the line of what isn't YAML, is nested too deeply, is an alias or has a tag of
    its own.
    """
    quickly = _quickly(text, file)
    return _surely(text, file) if quickly is None else quickly


def _surely(text: str, file: str | None) -> list[Document]:
    """The documents as ruamel.yaml reads them; raises as :func:`load_yaml` does."""
    from ruamel.yaml import YAML  # heavy: not every definition is YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return list(_documents(YAML(typ="safe", pure=True).parse(text), file))
    except MarkedYAMLError as e:
        line = None if e.problem_mark is None else e.problem_mark.line + 1
        problem = " ".join(str(p) for p in (e.context, e.problem) if p)
        mend = next((words for said, words in _MENDS.items() if said in problem), "")
        raise DefinitionError(f"{NOT_YAML}: {problem}{mend}", file, line) from None
    except YAMLError as e:
        position = getattr(e, "position", None)
        line = None if position is None else text.count("\n", 0, position) + 1
        raise DefinitionError(f"{NOT_YAML}: {getattr(e, 'reason', e)}", file, line) from None
    except (ValueError, AssertionError, AttributeError, IndexError) as e:
        # The scanner has places where odd input trips it up instead of raising a YAMLError.
        raise DefinitionError(f"{NOT_YAML}: {type(e).__name__}", file) from None


class _Disputed(Exception):
    """What may mean one thing to libyaml and another to ruamel.yaml."""


def _quickly(text: str, file: str | None) -> list[Document] | None:
    """The documents as libyaml reads them; None where it's not certain that ruamel.yaml does so too."""
    if not _EVERYDAY.fullmatch(text) or _DISPUTED.search(text):
        return None
    import yaml  # heavy: not every definition is YAML

    loader = getattr(yaml, "CSafeLoader", None)
    if loader is None:  # PyYAML was built without libyaml
        return None
    try:
        found = list(_documents(yaml.parse(text, Loader=loader), file, everyday=True))
    except (yaml.YAMLError, DefinitionError, _Disputed, ValueError, AttributeError):
        return None
    # Where a block that is all of a document ends, is disputed too.
    return found if all(isinstance(document.value, (dict, list)) for document in found) else None


def _documents(events: Any, file: str | None, *, everyday: bool = False) -> Iterator[Document]:
    builder: _Builder | None = None
    for event in events:
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            builder = _Builder(file, everyday=everyday)
        elif kind == "DocumentEndEvent":
            if builder is not None and not builder.empty:
                yield builder.document
        elif builder is not None:
            builder.take(kind, event)


class _Builder:
    """Makes one document of its events; a stack of open collections instead of recursion.

    :param everyday: tags are disputed.
    """

    def __init__(self, file: str | None, *, everyday: bool = False) -> None:
        self.file, self.everyday = file, everyday
        self.document = Document()
        self.stack: list[tuple[dict[str, Any] | list[Any], str]] = []
        self.key: tuple[str, int] | None = None  # the name that the next node is the value of

    @property
    def empty(self) -> bool:
        return self.document.value is None

    def take(self, kind: str, event: Any) -> None:
        line = event.start_mark.line + 1
        if kind == "ScalarEvent":
            self.scalar(event, line)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self.tag(event, line, ("map",) if kind == "MappingStartEvent" else ("seq",))
            if len(self.stack) >= DEPTH_LIMIT:
                raise DefinitionError(f"nested more than {DEPTH_LIMIT} levels deep", self.file, line)
            value: dict[str, Any] | list[Any] = {} if kind == "MappingStartEvent" else []
            pointer = self.add(value, line)
            self.stack.append((value, pointer))
            self.key = None
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self.stack.pop()
            self.key = None
        elif kind == "AliasEvent":
            reason = (
                f"an alias (*{event.anchor}) isn't allowed in a definition: write it out, or share it in _defaults.yaml"
            )
            raise DefinitionError(reason, self.file, line)

    def tag(self, event: Any, line: int, known: tuple[str, ...]) -> str:
        if not event.tag:
            return ""
        if self.everyday:
            raise _Disputed
        tag = str(event.tag)
        name = tag.removeprefix(_TAG)
        if tag != "!" and name not in known:
            raise DefinitionError(f"the tag {tag[:100]} isn't allowed in a definition", self.file, line)
        return name

    def scalar(self, event: Any, line: int) -> None:
        tag = self.tag(event, line, ("str", "int", "float", "bool", "null"))
        text = event.value
        typed = event.implicit[0] or tag in ("int", "float", "bool", "null")
        value = plain(text) if typed else text
        if self.stack and isinstance(self.stack[-1][0], dict) and self.key is None:
            self.key = text, line
            return
        pointer = self.add(value, line)
        if typed and not isinstance(value, str):
            self.document.spelled[pointer] = text

    def add(self, value: Any, line: int) -> str:
        """Put a value where it belongs; returns its JSON Pointer."""
        document = self.document
        if not self.stack:
            document.value = value
            document.lines[""] = line
            return ""
        parent, at = self.stack[-1]
        if isinstance(parent, list):
            pointer = f"{at}/{len(parent)}"
            parent.append(value)
            document.lines[pointer] = line
            return pointer
        if self.key is None:
            raise DefinitionError("a mapping's name must be a text, not a list or mapping", self.file, line)
        (name, line), nested = self.key, isinstance(value, (dict, list))
        pointer = f"{at}/{escape(name)}"
        if name in parent:
            document.duplicates.append((pointer, line))
            _forget(document, pointer)
        parent[name] = value
        document.lines[pointer] = line
        if not nested:
            self.key = None
        return pointer


def _forget(document: Document, pointer: str) -> None:
    """Drop what is known of the places under a member that is written again."""
    for table in (document.lines, document.spelled):
        for known in [k for k in table if k == pointer or k.startswith(pointer + "/")]:
            del table[known]
