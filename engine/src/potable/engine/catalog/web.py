"""Definitions on the web, one at each URL: ``https://host/definitions/{resourceID}.json``.

A list of the identifiers may be named behind a ``#``, absolute or relative to the template:
``https://host/definitions/{resourceID}.json#ids=index.json``. It's a JSON array of identifiers or of objects that have
one (in any member of the document), or a text with an identifier in each line.

The template may refer to the environment for a secret of its query (``?api_key=${KEY}``). Whoever can write definitions
there can name any secret of the environment that runs see: name only catalogues that you trust.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self
from urllib.parse import quote, urljoin, urlsplit

from potable.engine.catalog.text import definition_of
from potable.engine.contracts.catalog import Catalog, invalid
from potable.engine.contracts.http import Http
from potable.engine.definition.document import BYTES_LIMIT, decode
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.native import RESOURCE_ID
from potable.engine.definition.secrets import expand, masked_url
from potable.engine.errors import CatalogError, DefinitionError, UnknownSource, likely
from potable.engine.findings import Fault, Occurrence
from potable.engine.limits import Limits

PLACE = "{resourceID}"
MOST_IDS = 1_000_000
"""Longest list of identifiers."""
_LIMITS = Limits(fetch_bytes=1 << 30, fetch_seconds=600.0, read_seconds=30.0, redirects=5)
_IDENTIFIERS = ("resourceID", "resourceId", "resource_id", "id")


class WebCatalog(Catalog):
    """A URL with the identifier in it. Nothing is kept: each call asks the server.

    :param location: the template, and behind a ``#`` where the list of identifiers is.
    :param allow_hosts: hosts or networks that aren't public and may be asked all the same.
    """

    name: ClassVar[str] = "web"

    def __init__(self, location: str, allow_hosts: Sequence[str] = ()) -> None:
        self._template, _, fragment = location.strip().partition("#")
        self._list = fragment.removeprefix("ids=") if fragment else None
        self._allow_hosts = tuple(allow_hosts)
        self.location = masked_url(self._template)

    @classmethod
    def opens(cls, location: str) -> bool:
        """Whether it's a web address with ``{resourceID}``."""
        return location.strip()[:8].lower().startswith(("http://", "https://")) and PLACE in location

    @classmethod
    def open(cls, location: str) -> Self:
        """See :meth:`open_for`; public hosts only."""
        return cls.open_for(location, ())

    @classmethod
    def open_for(cls, location: str, allow_hosts: Sequence[str]) -> Self:
        """Open it; nothing is asked yet.

        Raises :class:`CatalogError` where ``{resourceID}`` stands elsewhere than in the path or query, or the fragment
        isn't ``ids=``.
        """
        template, _, fragment = location.strip().partition("#")
        parts = urlsplit(template)
        if template.count(PLACE) != 1 or PLACE in parts.netloc or PLACE in parts.scheme:
            raise CatalogError(f"the catalogue {masked_url(template)} must have one {PLACE}, in its path or query")
        if fragment and not (fragment.startswith("ids=") and len(fragment) > 4):
            raise CatalogError(f"the catalogue {masked_url(template)}: behind # only ids=URL is understood")
        return cls(location, allow_hosts)

    def get(self, resource_id: str) -> SourceDefinition:
        """The definition at the identifier's URL."""
        with self._client() as http:
            return self._get(http, resource_id)

    def ids(self) -> Iterator[str]:
        """The identifiers of the list. Raises :class:`CatalogError` where none is named, or it can't be read."""
        with self._client() as http:
            return iter(self._ids(http))

    def definitions(self) -> Iterator[SourceDefinition]:
        """Every definition of the list that can be used, over one connection."""
        for result in self._results():
            if isinstance(result, SourceDefinition):
                yield result

    def faults(self) -> Iterator[Occurrence]:
        """Definitions of the list that aren't there, or can't be used."""
        return (c for c in self.contents() if isinstance(c, Occurrence))

    def contents(self) -> Iterator[SourceDefinition | Occurrence]:
        """Both in the order of the list, each asked for once."""
        for result in self._results():
            yield invalid(result) if isinstance(result, DefinitionError) else result

    def _results(self) -> Iterator[SourceDefinition | DefinitionError]:
        with self._client() as http:
            for resource_id in self._ids(http):
                try:
                    yield self._get(http, resource_id)
                except DefinitionError as e:
                    yield e
                except UnknownSource:
                    shown = masked_url(self._address(resource_id))
                    yield DefinitionError(f"{resource_id} is in the list, but there is no such definition", shown)

    def _client(self) -> Any:
        from potable.engine.fetching.http.client import HttpClient  # heavy: urllib3 and ssl

        return _Closing(HttpClient(_LIMITS, self._allow_hosts))

    def _address(self, resource_id: str) -> str:
        # Quoted in full: an identifier can't leave its place in the path or query.
        return self._template.replace(PLACE, quote(resource_id, safe=""))

    def _get(self, http: Http, resource_id: str) -> SourceDefinition:
        if not RESOURCE_ID.fullmatch(resource_id):
            raise UnknownSource(resource_id, self.location)
        address = self._address(resource_id)
        shown = masked_url(address)
        try:
            text = decode(self._read(http, address), shown)
        except Fault as fault:
            if fault.occurrence.code == "access/not-found":
                raise UnknownSource(resource_id, self.location, self._near(http, resource_id)) from None
            raise self._error(fault) from None
        source = definition_of(text, resource_id, shown.partition("?")[0])
        return replace(source, ingest_url=_absolute(address, source.ingest_url))

    def _near(self, http: Http, resource_id: str) -> tuple[str, ...]:
        if self._list is None:
            return ()
        try:
            return tuple(likely(resource_id, self._ids(http), 3))
        except CatalogError:
            return ()

    def _ids(self, http: Http) -> list[str]:
        if self._list is None:
            raise CatalogError(
                f"the catalogue {self.location} has no list of its sources: name one behind #, as in "
                "{resourceID}.json#ids=index.json"
            )
        address = urljoin(self._template, self._list)
        shown = masked_url(address)
        try:
            text = decode(self._read(http, address), shown)
        except Fault as fault:
            raise self._error(fault) from None
        found = _listed(text, shown)
        if len(found) > MOST_IDS:
            raise CatalogError(f"{shown} lists {len(found):,} identifiers, more than {MOST_IDS:,}")
        return sorted(found)

    def _read(self, http: Http, address: str) -> bytes:
        with http.get(expand(address), {"accept": "application/json, application/yaml, text/*;q=0.9, */*;q=0.1"}) as r:
            return r.read(BYTES_LIMIT)

    def _error(self, fault: Fault) -> CatalogError:
        said = fault.occurrence
        hint = (
            " (POTABLE_ALLOW_HOSTS lets hosts in that aren't public)" if said.code == "access/blocked-address" else ""
        )
        return CatalogError(f"the catalogue can't be read: {said.message} ({said.code}){hint}")


class _Closing:
    """A client that is closed at the end of a ``with``."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __enter__(self) -> Http:
        http: Http = self._client
        return http

    def __exit__(self, *_: object) -> None:
        self._client.close()


def _absolute(address: str, url: str | None) -> str | None:
    """A definition's URL, which is relative to the definition's own, as all that its author can name from there."""
    if url is None or "://" in url[:40]:
        return url
    return urljoin(address, url)


def _listed(text: str, shown: str) -> set[str]:
    """The identifiers in a list. Raises :class:`CatalogError` where it's no list."""
    if text.lstrip()[:1] not in ("[", "{"):
        lines = {line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")}
        odd = next((line for line in lines if not RESOURCE_ID.fullmatch(line)), None)
        if odd is not None:
            raise CatalogError(f"{shown} isn't a list of identifiers: {odd[:80]!r} is none")
        return lines
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise CatalogError(f"{shown} isn't a list of identifiers: it isn't JSON") from None
    if isinstance(value, dict):
        value = next((v for v in value.values() if isinstance(v, list)), value)
    found = {_identifier(item) for item in value} if isinstance(value, list) else {None}
    if None in found:
        raise CatalogError(f"{shown} isn't a list of identifiers: an array of them, or of objects with one, is needed")
    return {f for f in found if f is not None}


def _identifier(item: Any) -> str | None:
    if isinstance(item, dict):
        item = next((item[name] for name in _IDENTIFIERS if isinstance(item.get(name), str)), None)
    return item if isinstance(item, str) and RESOURCE_ID.fullmatch(item) else None
