"""The files of a source on an SFTP server."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from potable.engine.errors import UsageError
from potable.engine.fetching import codes
from potable.engine.fetching.deadline import Deadline
from potable.engine.fetching.remote.files import RemoteFile, version_of
from potable.engine.fetching.remote.session import Session
from potable.engine.fetching.remote.sftp.target import BadTarget, Target, read_target
from potable.engine.fetching.watch import Watch
from potable.engine.findings import Fault, Occurrence

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.definition.model import SourceDefinition
    from potable.engine.fetching.remote.sftp.client import SftpClient


def fetch(source: SourceDefinition, context: FetchContext) -> Snapshot:
    """Fetch the files: :meth:`.fetcher.SftpFetcher.fetch`."""
    try:
        target = read_target(source)
    except BadTarget as bad:
        words = f"this source can't be used: {bad}"
        raise Fault(Occurrence(codes.UNREACHABLE.id, words, location=source.place("/ingestURL"))) from None
    session = _SftpSession(source, context, target)
    with Watch(Deadline(context.network.left), session.hang_up, session.hang_up):
        try:
            return session.snapshot()
        finally:
            session.hang_up()


class _SftpSession(Session["SftpClient", Target]):
    def client(self) -> SftpClient:
        try:  # here: paramiko takes 0.2 s, which no other source has to spend
            module = import_module("potable.engine.fetching.remote.sftp.client")
        except ModuleNotFoundError as missing:
            if (missing.name or "").startswith("potable"):
                raise
            words = f"SFTP needs the package {missing.name}: pip install 'potable-engine[remote]'"
            raise UsageError(words) from None
        client: SftpClient = module.SftpClient(self.source, self.target, self.context)
        return client

    def file(self, path: str) -> RemoteFile:
        return RemoteFile(path.rpartition("/")[2], path, self.target.shown)

    def version(self, file: RemoteFile) -> str | None:
        return file.version or version_of(*self.again(lambda client: client.facts(file.path)))
