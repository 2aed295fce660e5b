"""``mergeIngestURLTemplate``: a URL with a place for a record's identifier, and references to credentials."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from potable.engine.definition.secrets import REFERENCE, Secret, is_secret_parameter, secret_of
from potable.engine.lazyregex import lazy_regex

_PLACE = lazy_regex(r"\$\{([^{}]*)\}")
_PARAMETER = lazy_regex(r"[?&;]([^=&;#?]+)=$")


class BadTemplate(Exception):
    """A template that can't be used; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was understood; :func:`read_template` makes it.

    :param text: as it's written.
    :param place: start and end of the identifier's place in it.
    :param references: the secrets, each with its start and end.
    """

    text: str
    place: tuple[int, int]
    references: tuple[tuple[int, int, Secret], ...] = ()

    @property
    def secrets(self) -> list[Secret]:
        """What it refers to."""
        return [secret for _, _, secret in self.references]

    def url(self, identifier: str, folder: Path = Path()) -> str:
        """The URL of a record, with its secrets: never show it.

        Raises :class:`~potable.engine.errors.UsageError` naming a reference that leads nowhere.

        :param folder: what a file's name is relative to.
        """
        places = [(*self.place, quote(identifier, safe=""))]
        places += [(start, end, quote(secret.reveal(folder), safe="")) for start, end, secret in self.references]
        text = self.text
        for start, end, value in sorted(places, reverse=True):
            text = text[:start] + value + text[end:]
        return text

    def shown(self, identifier: str) -> str:
        """The URL of a record as it may be shown: references stay as they are written."""
        start, end = self.place
        return self.text[:start] + quote(identifier, safe="") + self.text[end:]


def read_template(text: str) -> Template:
    """Tell the identifier's place from references to credentials.

    ``${file:PATH}`` is a reference, and so is a name in upper case as the value of a query parameter that holds a
    secret (``?api_key=${NAME}``). Where several are left, those are references that such a parameter holds, and those
    in upper case.

    Raises :class:`BadTemplate` unless just one is left, which is the identifier's.
    """
    places = list(_PLACE.finditer(text))
    references = [m for m in places if _is_reference(text, m)]
    left = [m for m in places if m not in references]
    for further in (_is_secret, _is_upper):
        found = [m for m in left if further(text, m)]
        if len(found) < len(left) and len(left) > 1:
            references, left = references + found, [m for m in left if m not in found]
    if len(left) != 1 or text.count("${") != len(places):
        raise BadTemplate("it must have exactly one ${var}, for the record's identifier; references are in upper case")
    references.sort(key=lambda m: m.start())
    return Template(text, left[0].span(), tuple((m.start(), m.end(), _secret(m)) for m in references))


def _is_reference(text: str, match: re.Match[str]) -> bool:
    known = REFERENCE.fullmatch(match[0])
    return known is not None and (bool(known["file"]) or (_is_upper(text, match) and _is_secret(text, match)))


def _is_secret(text: str, match: re.Match[str]) -> bool:
    parameter = _PARAMETER.search(text, 0, match.start())
    named = REFERENCE.fullmatch(match[0]) is not None
    return named and parameter is not None and is_secret_parameter(parameter[1])


def _is_upper(text: str, match: re.Match[str]) -> bool:
    return match[1].isupper() and REFERENCE.fullmatch(match[0]) is not None


def _secret(match: re.Match[str]) -> Secret:
    known = REFERENCE.fullmatch(match[0])
    assert known is not None
    return secret_of(known)
