"""The files of a source on an FTP server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from potable.engine.fetching import codes
from potable.engine.fetching.remote.files import RemoteFile, version_of
from potable.engine.fetching.remote.ftp.target import BadTarget, Target, read_target
from potable.engine.fetching.remote.session import Session
from potable.engine.findings import Fault, Occurrence

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.fetching.remote.ftp.client import FtpClient


def fetch(source: SourceDefinition, context: FetchContext) -> Snapshot:
    """Fetch the files: :meth:`.fetcher.FtpFetcher.fetch`."""
    try:
        target = read_target(source)
    except BadTarget as bad:
        at = source.place("/ftpHost" if "ftpHost" in source.parameters else "/ingestURL")
        raise Fault(Occurrence(codes.UNREACHABLE.id, f"this source can't be used: {bad}", location=at)) from None
    session = _FtpSession(source, context, target)
    try:
        return session.snapshot()
    finally:
        session.hang_up()


class _FtpSession(Session["FtpClient", Target]):
    def __init__(self, source: SourceDefinition, context: FetchContext, target: Target) -> None:
        super().__init__(source, context, target)
        self._told_times: bool | None = None

    def client(self) -> FtpClient:
        from potable.engine.fetching.remote.ftp.client import FtpClient  # heavy

        return FtpClient(self.target, self.context.network, self.context.limits)

    def file(self, path: str) -> RemoteFile:
        size = self.again(lambda client: client.size_of(path))
        return RemoteFile(path.rpartition("/")[2], path, self.target.shown, size)

    def version(self, file: RemoteFile) -> str | None:
        """Asked for where the listing didn't tell it."""
        if file.version is not None or self._told_times is False:
            return file.version
        size = file.size if file.size is not None else self.again(lambda client: client.size_of(file.path))
        modified = self.again(lambda client: client.modified(file.path))
        self._told_times = modified is not None  # a server that doesn't know the command isn't asked again
        return version_of(size, modified)
