"""What is read from the store, where somebody or something else may have written."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from potable.engine.errors import StoreDamaged, UsageError, told


@contextmanager
def intact(what: str) -> Iterator[None]:
    """Raises :class:`~potable.engine.errors.StoreDamaged` where what is read within can't be decoded.

    :param what: that, with its article, as ``the report of run 1``.
    """
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, zlib.error, UsageError) as e:
        raise StoreDamaged(
            f"{what} in the run store is damaged ({told(e)}): restore the store from a backup, or name another one"
        ) from e
