"""Sources in S3 buckets: an object, or those below a prefix that ``filenamePattern`` chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from potable.engine.contracts.fetching import Fetcher

if TYPE_CHECKING:
    from potable.engine.contracts.fetching import FetchContext
    from potable.engine.contracts.snapshot import Snapshot
    from potable.engine.definition.model import SourceDefinition


class S3Fetcher(Fetcher):
    """Serves ``s3://bucket/key``, and all keys below a prefix that ``filenamePattern`` chooses.

    ``endpointURL`` names another server than Amazon's. Without credentials requests aren't signed: that is right for
    public buckets. A key ending in ``/``, or with objects below it, is a folder.
    """

    name: ClassVar[str] = "s3"
    schemes: ClassVar[frozenset[str]] = frozenset({"s3"})

    def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
        """Fetch the objects. Raises :class:`~potable.engine.findings.Fault` with an ``access/*`` code.

        Raises :class:`~potable.engine.errors.UsageError` when a secret isn't set or botocore isn't installed.
        """
        from potable.engine.fetching.remote.bucket import fetch  # heavy

        return fetch(source, context)
