"""Sources on FTP servers: a file, or those of a folder that ``filenamePattern`` chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar, TypeVar

from potable.engine.contracts.fetching import Fetcher
from potable.engine.fetching import codes
from potable.engine.fetching.faults import Failure, occurrence
from potable.engine.fetching.ftp.target import SCHEMES, BadTarget, read_target
from potable.engine.fetching.remote import Entry, RemoteFile, attempts_of, chosen, gathered, version_of, walk
from potable.engine.findings import Fault, Occurrence

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.fetching.ftp.client import FtpClient
    from potable.engine.fetching.ftp.target import Target
    from potable.engine.fetching.retrying import Attempts

_T = TypeVar("_T")


class FtpFetcher(Fetcher):
    """Serves the method FTP: ``ftpHost`` and ``remotePath``, or an ``ftp:`` or ``ftps:`` URL.

    ``ftps:`` encrypts by ``AUTH TLS`` (RFC 4217), at port 990 from the first byte. A folder needs ``filenamePattern``
    or ``recursive``. Parts are sorted by name; archives are unpacked.
    """

    name: ClassVar[str] = "ftp"
    methods: ClassVar[frozenset[str]] = frozenset({"FTP"})

    def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
        """Fetch the files. Raises :class:`~potable.engine.findings.Fault` with an ``access/*`` code."""
        try:
            target = read_target(source)
        except BadTarget as bad:
            at = source.place("/ftpHost" if "ftpHost" in source.parameters else "/ingestURL")
            raise Fault(Occurrence(codes.UNREACHABLE.id, f"this source can't be used: {bad}", location=at)) from None
        fetching = _Fetching(source, context, target)
        try:
            return fetching.snapshot()
        finally:
            fetching.hang_up()


class FtpUrlFetcher(FtpFetcher):
    """The same for the ``ftp:`` and ``ftps:`` URLs of other methods."""

    name: ClassVar[str] = "ftp-url"
    methods: ClassVar[frozenset[str]] = frozenset()
    schemes: ClassVar[frozenset[str]] = SCHEMES


class _Fetching:
    """One fetch: a session that is opened anew after a failure."""

    def __init__(self, source: SourceDefinition, context: FetchContext, target: Target) -> None:
        self._source, self._context, self._target = source, context, target
        self._open: FtpClient | None = None
        self._told_times: bool | None = None

    def snapshot(self) -> Snapshot:
        pattern, recursive = self._source.parameters.get("filenamePattern"), self._source.parameters.get("recursive")
        path, shown = self._target.path, self._target.shown
        folder = not path or path.endswith("/") or self._again(lambda client: client.is_folder(path))
        if not folder:
            name = path.rpartition("/")[2]
            file = RemoteFile(name, path, shown, self._again(lambda client: client.size_of(path)))
            return self._gathered([file], by_pattern=False)
        if not pattern and not recursive:
            words = "this is a folder, and the definition has no filenamePattern"
            raise Fault(occurrence(codes.NOT_A_FILE, shown, words))
        found = walk(path, self._entries, self._target.url_of, recursive=recursive is True)
        files = chosen(self._source, found, shown)
        return self._gathered(files, by_pattern=True)

    def _gathered(self, files: list[RemoteFile], *, by_pattern: bool) -> Snapshot:
        return gathered(
            self._source, self._context, files, self._read, self._target.shown, by_pattern=by_pattern,
            version=self._version,
        )  # fmt: skip

    def _version(self, file: RemoteFile) -> str | None:
        """A file's version, asked for where the listing didn't tell it."""
        if file.version is not None or self._told_times is False:
            return file.version
        size = file.size if file.size is not None else self._again(lambda client: client.size_of(file.path))
        modified = self._again(lambda client: client.modified(file.path))
        self._told_times = modified is not None  # a server that doesn't know the command isn't asked again
        return version_of(size, modified)

    def hang_up(self) -> None:
        if self._open is not None:
            self._open.hang_up()
            self._open = None

    def _client(self) -> FtpClient:
        if self._open is None:
            # here: other sources need neither ftplib nor ssl
            from potable.engine.fetching.ftp.client import FtpClient

            client = FtpClient(self._target, self._context.network, self._context.limits)
            try:
                client.open()
            except BaseException:
                client.hang_up()
                raise
            self._open = client
        return self._open

    def _again(self, act: Callable[[FtpClient], _T]) -> _T:
        attempts: Attempts = attempts_of(self._context)
        while True:
            try:
                return act(self._client())
            except Failure as failure:
                self.hang_up()
                attempts.failed(failure)

    def _entries(self, folder: str) -> list[Entry]:
        return self._again(lambda client: client.entries(folder))

    def _read(self, file: RemoteFile) -> Iterator[bytes]:
        try:
            yield from self._client().read(file.path)
        except Failure:
            self.hang_up()
            raise
        except GeneratorExit:
            self.hang_up()
            raise
