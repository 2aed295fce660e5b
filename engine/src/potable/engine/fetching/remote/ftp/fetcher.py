"""Sources on FTP servers: a file, or those of a folder that ``filenamePattern`` chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from potable.engine.contracts.fetching import Fetcher
from potable.engine.fetching.remote.ftp.target import SCHEMES

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.definition.model import SourceDefinition


class FtpFetcher(Fetcher):
    """Serves the method FTP: ``ftpHost`` and ``remotePath``, or an ``ftp:`` or ``ftps:`` URL.

    ``ftps:`` encrypts by ``AUTH TLS`` (RFC 4217), at port 990 from the first byte. A folder needs ``filenamePattern``
    or ``recursive``. Parts are sorted by name; archives are unpacked.
    """

    name: ClassVar[str] = "ftp"
    methods: ClassVar[frozenset[str]] = frozenset({"FTP"})

    def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
        """Fetch the files. Raises :class:`~potable.engine.findings.Fault` with an ``access/*`` code."""
        from potable.engine.fetching.remote.ftp.session import fetch  # heavy

        return fetch(source, context)


class FtpUrlFetcher(FtpFetcher):
    """The same for the ``ftp:`` and ``ftps:`` URLs of other methods."""

    name: ClassVar[str] = "ftp-url"
    methods: ClassVar[frozenset[str]] = frozenset()
    schemes: ClassVar[frozenset[str]] = SCHEMES
