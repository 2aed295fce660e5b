"""``mergeIngestURLTemplate``: a URL with a place for a record's identifier, and references to credentials."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from potable.engine.definition.secrets import REFERENCE, Secret, is_secret_parameter, secret_of

_PLACE = re.compile(r"\$\{([^{}]*)\}")
_PARAMETER = re.compile(r"[?&;]([^=&;#?]+)=$")


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

    ``${file:PATH}`` is a reference, and so is the value of a query parameter that holds a secret
    (``?api_key=${NAME}``). Of the others one is the identifier's; where there are several, those in upper case are
    references too.

    Raises :class:`BadTemplate` unless just one is left.
    """
    open_ones, references = [], []
    for match in _PLACE.finditer(text):
        known = REFERENCE.fullmatch(match[0])
        parameter = _PARAMETER.search(text, 0, match.start())
        if known and (known["file"] or (parameter and is_secret_parameter(parameter[1]))):
            references.append((match.start(), match.end(), secret_of(known)))
        else:
            open_ones.append(match)
    if len(open_ones) > 1:
        for match in [m for m in open_ones if m[1].isupper() and REFERENCE.fullmatch(m[0])]:
            open_ones.remove(match)
            references.append((match.start(), match.end(), Secret("env", match[1])))
    if len(open_ones) != 1 or text.count("${") != 1 + len(references):
        raise BadTemplate("it must have exactly one ${var}, for the record's identifier; references are in upper case")
    return Template(text, open_ones[0].span(), tuple(sorted(references, key=lambda r: r[0])))
