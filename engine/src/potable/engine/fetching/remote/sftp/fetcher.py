"""Sources on SFTP servers: a file, or those of a folder that ``filenamePattern`` chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from potable.engine.contracts.fetching import Fetcher

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.definition.model import SourceDefinition


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
        from potable.engine.fetching.remote.sftp.session import fetch  # heavy

        return fetch(source, context)
