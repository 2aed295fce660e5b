"""Whether this process is a copy (``fork``) that lacks the threads of Polars' pool: a query would wait for ever."""

from __future__ import annotations

import os

from potable.engine.errors import UsageError
from potable.engine.executors.choice import has_started_pool


class _Copies:
    """What was so when this process, or one that it's a copy of, was last copied."""

    pool = False
    lacking = False

    def before(self) -> None:
        self.pool = has_started_pool()

    def in_child(self) -> None:
        self.lacking = self.lacking or self.pool


_COPIES = _Copies()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_COPIES.before, after_in_child=_COPIES.in_child)


def refuse_copy() -> None:
    """Raise :class:`UsageError` where a run in this process would never end."""
    if _COPIES.lacking:
        raise UsageError(
            "this process was forked from one in which Polars had run; its threads aren't copied, and a run would wait "
            "for them for ever. Start worker processes afresh: multiprocessing.get_context('spawn'), also as the "
            "mp_context of a ProcessPoolExecutor"
        )
