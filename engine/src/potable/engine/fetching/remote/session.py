"""Files of a server that is talked to over one connection (FTP, SFTP): opened anew after a failure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from potable.engine.fetching import codes
from potable.engine.fetching.faults import Failure, occurrence
from potable.engine.fetching.remote.files import Entry, RemoteFile, attempts_of, chosen, gathered, walk
from potable.engine.findings import Fault

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.definition.model import SourceDefinition


class Client(Protocol):
    """A connection to a server. Its methods raise :class:`Failure` where another try may help."""

    def open(self) -> None:
        """Connect and log in."""

    def hang_up(self) -> None:
        """Close the connection, whatever state it's in; from any thread."""

    def is_folder(self, path: str) -> bool:
        """Whether it's one."""

    def entries(self, path: str) -> list[Entry]:
        """What a folder has."""

    def read(self, path: str) -> Iterator[bytes]:
        """A file's bytes, piece by piece."""


class Target(Protocol):
    """Where the source is: a folder or a file."""

    @property
    def path(self) -> str:
        """As the server takes it."""

    @property
    def shown(self) -> str:
        """Its URL, as messages show it."""

    def url_of(self, path: str) -> str:
        """The URL of a path on the server."""


C = TypeVar("C", bound=Client)
G = TypeVar("G", bound=Target)
T = TypeVar("T")


class Session(ABC, Generic[C, G]):
    """One fetch of a source."""

    def __init__(self, source: SourceDefinition, context: FetchContext, target: G) -> None:
        self.source, self.context, self.target = source, context, target
        self._open: C | None = None

    @abstractmethod
    def client(self) -> C:
        """A client that isn't connected yet."""

    @abstractmethod
    def file(self, path: str) -> RemoteFile:
        """The file that the source's URL names."""

    @abstractmethod
    def version(self, file: RemoteFile) -> str | None:
        """What tells whether the file has changed; None where the server doesn't say."""

    def snapshot(self) -> Snapshot:
        """The file, or those of the folder that the definition chooses. Raises Fault with an ``access/*`` code."""
        pattern, recursive = self.source.parameters.get("filenamePattern"), self.source.parameters.get("recursive")
        path, shown = self.target.path, self.target.shown
        folder = not path or path.endswith("/") or self.again(lambda client: client.is_folder(path))
        if not folder:
            return self._gathered([self.file(path)], by_pattern=False)
        if not pattern and not recursive:
            words = "this is a folder, and the definition has no filenamePattern"
            raise Fault(occurrence(codes.NOT_A_FILE, shown, words))
        found = walk(path, self._entries, self.target.url_of, recursive=recursive is True)
        return self._gathered(chosen(self.source, found, shown), by_pattern=True)

    def again(self, act: Callable[[C], T]) -> T:
        """Do something with a client, as often as a failure may be tried again."""
        attempts = attempts_of(self.context)
        while True:
            try:
                return act(self._connected())
            except Failure as failure:
                self.hang_up()
                attempts.failed(failure)

    def hang_up(self) -> None:
        """Close the connection; the next question opens another."""
        client, self._open = self._open, None
        if client is not None:
            client.hang_up()

    def _connected(self) -> C:
        if self._open is None:
            client = self._open = self.client()  # at once: who watches the deadline may have to cut it off
            try:
                client.open()
            except BaseException:
                self.hang_up()
                raise
            return client
        return self._open

    def _gathered(self, files: list[RemoteFile], *, by_pattern: bool) -> Snapshot:
        return gathered(
            self.source, self.context, files, self._read, self.target.shown, by_pattern=by_pattern,
            version=self.version,
        )  # fmt: skip

    def _entries(self, folder: str) -> list[Entry]:
        return self.again(lambda client: client.entries(folder))

    def _read(self, file: RemoteFile) -> Iterator[bytes]:
        try:
            yield from self._connected().read(file.path)
        except BaseException:
            self.hang_up()
            raise
