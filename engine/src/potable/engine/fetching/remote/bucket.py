"""Objects of S3 and of servers that speak its protocol, over the run's own HTTP client.

Only the signing is botocore's: its client, as fsspec's, resolves names by itself, follows the environment's
credentials and asks the cloud's metadata service for more, none of which a definition may cause.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from potable.engine.definition.secrets import Secret
from potable.engine.errors import UsageError
from potable.engine.fetching import codes
from potable.engine.fetching.faults import occurrence
from potable.engine.fetching.remote.files import RemoteFile, Unchanged, chosen, gathered
from potable.engine.fetching.unchanged import conditions
from potable.engine.findings import Fault, Occurrence, clip
from potable.engine.lazyregex import lazy_regex

if TYPE_CHECKING:
    from lxml import etree

    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.definition.model import SourceDefinition

PAGE_BYTES = 16 << 20
"""Most bytes of one page of a listing: a thousand keys have less than 3 MB."""

_BUCKET = lazy_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")
_REGION = lazy_regex(r"[a-z0-9-]{1,40}")


def fetch(source: SourceDefinition, context: FetchContext) -> Snapshot:
    """Fetch the objects: :meth:`.s3.S3Fetcher.fetch`."""
    bucket, key = _bucket(source), unquote(urlsplit(source.ingest_url or "").path.removeprefix("/"))
    pattern, recursive = source.parameters.get("filenamePattern"), source.parameters.get("recursive") is True
    folder = not key or key.endswith("/")
    by_pattern = bool(folder or recursive or (pattern and not bucket.has(key, context)))
    if not by_pattern:
        files = [RemoteFile(key.rpartition("/")[2], key, bucket.shown(key))]
    elif not pattern and not recursive:
        words = "this is a folder, and the definition has no filenamePattern"
        raise Fault(occurrence(codes.NOT_A_FILE, bucket.shown(key), words))
    else:
        files = chosen(source, bucket.below(key, recursive, context), bucket.shown(key))

    def read(file: RemoteFile) -> Iterator[bytes]:
        return bucket.read(file, context)

    return gathered(source, context, files, read, bucket.shown(key), by_pattern=by_pattern)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket, and who asks for it.

    :param base: URL that keys are appended to.
    :param credentials: access key, secret key, session token or None; None: requests aren't signed.
    """

    name: str
    base: str
    region: str
    credentials: tuple[str, str, str | None] | None = field(default=None, repr=False)

    def shown(self, key: str) -> str:
        """The address of a key as messages show it."""
        return f"s3://{self.name}/{key}"

    def read(self, file: RemoteFile, context: FetchContext) -> Generator[bytes, None, str | None]:
        """The bytes of an object; gives its ETag in the end. Raises :class:`Unchanged` where it's the kept one's."""
        url = f"{self.base}/{_encoded(file.path)}"
        known = file.kept.version if file.kept is not None else None
        with context.http.get(url, {**self._headers(url), **conditions(known, None)}) as response:
            if response.status == 304 and known is not None:
                raise Unchanged
            yield from response.chunks()
            return response.headers.get("etag")

    def has(self, key: str, context: FetchContext) -> bool:
        """Whether there's an object of just this key."""
        keys, _ = self._page(f"list-type=2&max-keys=1&prefix={quote(key, safe='-_.~')}", context)
        return any(found == key for found, _, _ in keys)

    def below(self, key: str, recursive: bool, context: FetchContext) -> Iterator[RemoteFile]:
        """The objects of a folder, or those whose keys begin with ``key`` where it's none."""
        prefix = key if not key or key.endswith("/") else f"{key}/"
        found = False
        for file in self._listed(prefix, prefix, recursive, context):
            found = True
            yield file
        if not found and prefix != key:
            yield from self._listed(key, key[: key.rfind("/") + 1], recursive, context)

    def _listed(self, prefix: str, base: str, recursive: bool, context: FetchContext) -> Iterator[RemoteFile]:
        query = f"prefix={quote(prefix, safe='-_.~')}"
        if not recursive:
            query = f"delimiter=%2F&{query}"
        more, seen = "", set[str]()
        while True:
            keys, more = self._page(_sorted_query(f"{more}list-type=2&{query}"), context)
            for found, size, etag in keys:
                if found.startswith(prefix) and not found.endswith("/"):
                    yield RemoteFile(found[len(base) :], found, self.shown(found), size, etag)
            if not more:
                return
            if more in seen:
                words = "the listing of the bucket gives the same page again"
                raise Fault(occurrence(codes.ENDLESS_PAGES, self.shown(prefix), words))
            seen.add(more)

    def _page(self, query: str, context: FetchContext) -> tuple[list[tuple[str, int | None, str | None]], str]:
        """A page of the listing: keys with sizes and ETags, and what to ask the next page by ("" at the end)."""
        url = f"{self.base}/?{query}"
        with context.http.get(url, self._headers(url)) as response:
            data = response.read(PAGE_BYTES)
        from lxml import etree  # heavy

        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            words = f"the listing of the bucket isn't XML: {error.msg}"
            raise Fault(occurrence(codes.PROTOCOL, self.shown(""), words)) from None
        if b"<!DOCTYPE" in data or etree.QName(root).localname != "ListBucketResult":
            raise Fault(occurrence(codes.PROTOCOL, self.shown(""), "the server doesn't answer as S3 does"))
        keys = [
            (_text(node, "Key"), _number(_text(node, "Size")), _text(node, "ETag") or None)
            for node in root.iterfind("{*}Contents")
        ]
        return keys, self._next(root)

    def _next(self, root: etree._Element) -> str:
        """A parameter of the next page, with ``&``; "" where there's none.

        A server that knows only the first version of listings goes on behind a name: that of ``NextMarker``, else the
        last one. Raises ``Fault`` where there's more to come, and no telling where.
        """
        if token := _text(root, "NextContinuationToken"):
            return f"continuation-token={quote(token, safe='-_.~')}&"
        if _text(root, "IsTruncated").strip().lower() != "true":
            return ""
        names = [_text(node, "Key") for node in root.iterfind("{*}Contents")]
        folders = [_text(node, "Prefix") for node in root.iterfind("{*}CommonPrefixes")]
        marker = _text(root, "NextMarker") or max([*names, *folders], default="")
        if not marker:
            words = "the listing of the bucket breaks off: the server says that there's more, and not where"
            raise Fault(occurrence(codes.PROTOCOL, self.shown(""), words))
        return f"marker={quote(marker, safe='-_.~')}&"

    def _headers(self, url: str) -> Mapping[str, str]:
        """The signature (AWS Signature Version 4)."""
        if self.credentials is None:
            return {}
        try:
            auth, request = import_module("botocore.auth"), import_module("botocore.awsrequest")
            held = import_module("botocore.credentials")
        except ModuleNotFoundError as missing:
            words = f"signing for S3 needs the package {missing.name}: pip install 'potable-engine[remote]'"
            raise UsageError(words) from None
        asked = request.AWSRequest(method="GET", url=url)
        auth.S3SigV4Auth(held.Credentials(*self.credentials), "s3", self.region).add_auth(asked)
        return {str(name): str(value) for name, value in asked.headers.items()}


def _bucket(source: SourceDefinition) -> Bucket:
    parameters, url = source.parameters, source.ingest_url or ""
    name = url.partition("://")[2].partition("/")[0].partition("?")[0]
    region = str(parameters.get("region") or "us-east-1")
    if not _REGION.fullmatch(region):
        words = f"this source can't be used: {clip(region, 80)!r} isn't the name of a region"
        raise Fault(Occurrence(codes.UNREACHABLE.id, words, location=source.place("/region")))
    if not _BUCKET.fullmatch(name) or ".." in name:
        words = f"{clip(name, 80)!r} isn't the name of a bucket, where s3://bucket/key has one"
        if "@" in name:  # and perhaps a password, which isn't shown
            words = "a login stands before the bucket: it belongs into accessKeyID and secretAccessKey"
        words = f"this source can't be used: {words}"
        raise Fault(Occurrence(codes.UNREACHABLE.id, words, location=source.place("/ingestURL")))
    endpoint = str(parameters.get("endpointURL") or "").rstrip("/")
    if endpoint and urlsplit(endpoint).scheme.lower() not in ("http", "https"):
        words = "this source can't be used: endpointURL isn't of the form https://host"
        raise Fault(Occurrence(codes.UNREACHABLE.id, words, location=source.place("/endpointURL")))
    if endpoint:
        base = f"{endpoint}/{name}"
    elif "." in name or name != name.lower():
        base = f"https://s3.{region}.amazonaws.com/{name}"
    else:
        base = f"https://{name}.s3.{region}.amazonaws.com"
    return Bucket(name=name, base=base, region=region, credentials=_credentials(source))


def _credentials(source: SourceDefinition) -> tuple[str, str, str | None] | None:
    def revealed(*names: str) -> str | None:
        value = next((source.parameters[n] for n in names if source.parameters.get(n)), None)
        return value.reveal(source.origin.folder) if isinstance(value, Secret) else value

    key, secret = revealed("accessKeyID", "username"), revealed("secretAccessKey", "password")
    return (key, secret, revealed("sessionToken")) if key and secret else None


def _encoded(key: str) -> str:
    return quote(key, safe="/-_.~")


def _sorted_query(query: str) -> str:
    return "&".join(sorted(query.split("&")))


def _text(node: etree._Element, name: str) -> str:
    found = node.findtext(f"{{*}}{name}")
    return found or ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None
