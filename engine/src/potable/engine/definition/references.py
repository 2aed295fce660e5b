"""Every secret of a definition: to tell one that leads nowhere in time, and to keep them out of texts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from potable.engine.definition.secrets import Secret, query_secrets, split_userinfo
from potable.engine.definition.template import BadTemplate, read_template
from potable.engine.errors import SecretNotSet, UsageError

if TYPE_CHECKING:
    from potable.engine.definition.model import SourceDefinition

_URLS = ("jdbcURL", "endpointURL", "mergeIngestURLTemplate")


def secrets_of(source: SourceDefinition) -> Iterator[tuple[str, Secret]]:
    """The secrets of a definition, each with the native JSON Pointer of the member that has it."""
    for name, value in (*source.parameters.items(), *source.extra.items()):
        if isinstance(value, Secret):
            yield f"/{name}", value
    urls = [("/ingestURL", source.ingest_url), *((f"/{name}", source.parameters.get(name)) for name in _URLS)]
    for pointer, url in urls:
        if not isinstance(url, str):
            continue
        bare, _, password = split_userinfo(url)
        if password:
            yield pointer, Secret("plain", password)
        for secret in query_secrets(bare):
            yield pointer, secret
        if pointer == "/mergeIngestURLTemplate":
            try:
                for secret in read_template(url).secrets:
                    yield pointer, secret
            except BadTemplate:
                pass  # which lint tells


def revealed(source: SourceDefinition) -> list[str]:
    """The texts of all secrets that can be had; those that lead nowhere are left out."""
    texts = []
    for _, secret in secrets_of(source):
        try:
            texts.append(secret.reveal(source.origin.folder))
        except UsageError:
            continue
    return texts


def check_references(source: SourceDefinition, withheld: re.Pattern[str] | None = None) -> None:
    """Raise :class:`~potable.engine.errors.SecretNotSet`, naming member and line, where a reference leads nowhere.

    :param withheld: variables of the environment that the run won't get.
    """
    for pointer, secret in secrets_of(source):
        if pointer.removeprefix("/") in source.extra:
            continue
        at = source.place(pointer)
        where = f"{at.file or 'the definition'}{f', line {at.line}' if at.line else ''}: {pointer[1:]}"
        name = secret.reference[2:-1] if secret.kind == "env" else ""
        if name and withheld is not None and withheld.fullmatch(name) and name in os.environ:
            withheld_by_name = f"refers to {secret}, which runs aren't given: use a variable of another name"
            raise SecretNotSet(where, "", withheld_by_name)
        try:
            secret.reveal(source.origin.folder)
        except UsageError as e:
            raise SecretNotSet(where, name, f"refers to {secret}: {e}") from None
