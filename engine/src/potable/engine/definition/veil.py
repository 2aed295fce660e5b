"""Keeps the secrets of a run out of whatever is shown or kept, however a server spells them.

A server that quotes the address that it was asked for quotes the key in it: as it is, percent-encoded, decoded, inside
HTML or JSON. Whoever quotes somebody else's words draws the veil first, and cuts them then.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from potable.engine.definition.references import revealed
from potable.engine.definition.secrets import MASK
from potable.engine.findings import Finding, Location, Occurrence, Sample

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition

SHORTEST = 3
"""Shortest secret that is looked for, in characters."""
WHOLE_WORD = 6
"""A secret shorter than that hides only where it stands by itself: ``lab`` isn't masked in ``label``."""
SHORTEST_PIECE = 3
"""At the end of a text that was cut a secret may have been cut, too: so many characters of it are hidden."""
_LINE = 16
"""Of a secret of several lines those of so many characters are secrets by themselves: not ``-----END``."""
_BEFORE = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4}))"

T = TypeVar("T")


class Veil:
    """The secrets of one run.

    :param secrets: their texts, in any order; short ones are left alone.
    :ivar secrets: those that are looked for, the longest first.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        whole = {s for text in secrets for s in (text, *_lines(text)) if len(s) >= SHORTEST}
        self.secrets = tuple(sorted(whole, key=len, reverse=True))
        self._pattern = re.compile("|".join(map(_pattern, self.secrets))) if self.secrets else None

    @classmethod
    def of(cls, source: SourceDefinition) -> Veil:
        """The veil over all secrets of a definition that can be had."""
        texts = revealed(source)
        user = source.parameters.get("username")
        if isinstance(user, str):  # as the header says it, RFC 7617
            texts += [base64.b64encode(f"{user}:{text}".encode()).decode("ascii") for text in texts]
        return cls(texts)

    def __bool__(self) -> bool:
        return self._pattern is not None

    def hide(self, text: str, *, cut: bool = False) -> str:
        """``text`` with each secret masked, in whatever spelling.

        :param cut: the text may have been cut off, so that it ends with the beginning of one.
        """
        if self._pattern is None:
            return text
        hidden = self._pattern.sub(MASK, text)
        return self._without_piece(hidden) if cut or hidden.endswith("…") else hidden

    def over(self, value: T) -> T:
        """A text, or JSON-like data, with the secrets in all texts masked; names of members stay."""
        found: Any = value
        if self._pattern is None:
            return value
        if isinstance(value, str):
            found = self.hide(value)
        elif isinstance(value, Mapping):
            found = {name: self.over(member) for name, member in value.items()}
        elif isinstance(value, list | tuple):
            found = type(value)(self.over(member) for member in value)
        return found  # type: ignore[no-any-return]

    def occurrence(self, said: Occurrence) -> Occurrence:
        """An occurrence as it may be shown."""
        if self._pattern is None:
            return said
        return replace(
            said, message=self.hide(said.message), value=self.over(said.value), key=self.over(said.key),
            hint=self.over(said.hint), details=self.over(said.details), location=self._place(said.location),
        )  # fmt: skip

    def finding(self, found: Finding) -> Finding:
        """A finding as it may be shown."""
        if self._pattern is None:
            return found
        samples = tuple(map(self.sample, found.samples))
        return replace(found, hint=self.hide(found.hint), details=self.over(found.details), samples=samples)

    def sample(self, sample: Sample) -> Sample:
        """A sample as it may be shown."""
        return replace(
            sample, message=self.hide(sample.message), value=self.over(sample.value), key=self.over(sample.key),
            location=self._place(sample.location),
        )  # fmt: skip

    def _place(self, at: Location) -> Location:
        return replace(at, file=self.over(at.file), url=self.over(at.url), path=self.over(at.path))

    def _without_piece(self, text: str) -> str:
        body, mark = (text[:-1], "…") if text.endswith("…") else (text, "")
        for secret in self.secrets:
            for form in dict.fromkeys((secret, quote(secret, safe=""))):
                for length in range(min(len(form) - 1, len(body)), SHORTEST_PIECE - 1, -1):
                    if body.endswith(form[:length]):
                        return body[:-length] + MASK + mark
        return text


NONE = Veil()
"""The veil over no secrets."""


@lru_cache(maxsize=64)
def veil_over(secrets: frozenset[str]) -> Veil:
    """The veil over some secrets, made once."""
    return Veil(secrets)


def _lines(text: str) -> list[str]:
    """The lines of a secret of several lines, such as a private key."""
    lines = text.splitlines()
    return [line for line in lines if len(line) >= _LINE] if len(lines) > 1 else []


def _pattern(secret: str) -> str:
    """What matches a secret in any spelling, each character for itself: servers encode different ones."""
    whole = "".join(map(_character, secret))
    return whole if len(secret) >= WHOLE_WORD else f"{_BEFORE}{whole}(?![A-Za-z0-9])"


def _character(c: str) -> str:
    forms = [form for form in (html.escape(c), json.dumps(c)[1:-1]) if form != c]
    forms = [re.escape(form) for form in (c, *forms)]
    forms.append("".join(f"%(?:25)*(?i:{byte:02x})" for byte in c.encode("utf-8", "surrogatepass")))
    if c == " ":
        forms.append(r"\+")
    if not c.isalnum():
        forms.append(rf"&#(?:0*{ord(c)}|[xX]0*(?i:{ord(c):x}));|\\u(?i:{ord(c):04x})")
    if c == "/":
        forms.append(r"\\/")
    return f"(?:{'|'.join(forms)})"
