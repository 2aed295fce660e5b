"""Sources on SFTP servers: a file, or those of a folder that ``filenamePattern`` chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, TypeVar

from potable.engine.contracts.fetching import Fetcher
from potable.engine.errors import UsageError
from potable.engine.fetching import codes
from potable.engine.fetching.faults import Failure, occurrence
from potable.engine.fetching.remote import Entry, RemoteFile, attempts_of, chosen, gathered, version_of, walk
from potable.engine.fetching.sftp.target import BadTarget, Target, read_target
from potable.engine.fetching.watch import Watch
from potable.engine.findings import Fault, Occurrence

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.fetching.sftp.client import SftpClient

_T = TypeVar("_T")


class SftpFetcher(Fetcher):
    """Serves ``sftp://host/path``, with ``username`` and ``password`` or ``privateKey``.

    The server's key has to be known: by ``hostKey``, or in the known_hosts file of the user that runs Potable. A
    folder needs ``filenamePattern`` or ``recursive``. Parts are sorted by name; archives are unpacked.
    """

    name: ClassVar[str] = "sftp"
    schemes: ClassVar[frozenset[str]] = frozenset({"sftp"})

    def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
        """Fetch the files. Raises :class:`~potable.engine.findings.Fault` with an ``access/*`` code.

        Raises :class:`~potable.engine.errors.UsageError` when a secret isn't set or paramiko isn't installed.
        """
        try:
            target = read_target(source)
        except BadTarget as bad:
            words = f"this source can't be used: {bad}"
            raise Fault(Occurrence(codes.UNREACHABLE.id, words, location=source.place("/ingestURL"))) from None
        fetching = _Fetching(source, context, target)
        with Watch(context.network.left, fetching.hang_up, fetching.hang_up):
            try:
                return fetching.snapshot()
            finally:
                fetching.hang_up()


class _Fetching:
    """One fetch: a session that is opened anew after a failure."""

    def __init__(self, source: SourceDefinition, context: FetchContext, target: Target) -> None:
        self._source, self._context, self._target = source, context, target
        self._open: SftpClient | None = None

    def snapshot(self) -> Snapshot:
        pattern, recursive = self._source.parameters.get("filenamePattern"), self._source.parameters.get("recursive")
        path, shown = self._target.path, self._target.shown
        if not (path.endswith("/") or self._again(lambda client: client.is_folder(path))):
            return self._gathered([RemoteFile(path.rpartition("/")[2], path, shown)], by_pattern=False)
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
        return file.version or version_of(*self._again(lambda client: client.facts(file.path)))

    def hang_up(self) -> None:
        """Close the session; the next question opens another."""
        client, self._open = self._open, None
        if client is not None:
            client.cut()

    def _client(self) -> SftpClient:
        if self._open is None:
            try:  # here: paramiko takes 0.2 s, which no other source has to spend
                module = import_module("potable.engine.fetching.sftp.client")
            except ModuleNotFoundError as missing:
                if (missing.name or "").startswith("potable"):
                    raise
                words = f"SFTP needs the package {missing.name}: pip install 'potable-engine[remote]'"
                raise UsageError(words) from None
            client: SftpClient = module.SftpClient(self._source, self._target, self._context)
            self._open = client
            client.open()
        return self._open

    def _again(self, act: Callable[[SftpClient], _T]) -> _T:
        attempts = attempts_of(self._context)
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
        except BaseException:
            self.hang_up()
            raise
