"""What the list of sources shows: groups by standing, those that are looked for, a page of them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from potable.engine.errors import PotableError
from potable.engine.reporting import facts
from potable.engine.reporting.standing import STANDINGS, standing_of
from potable.engine.runs import RunState

if TYPE_CHECKING:
    from potable.engine.running.sources import SourceRow
    from potable.engine.service import Service

FRESH_SECONDS = 15.0
"""How long the catalog's definitions, which take a while to read, aren't read again. Runs are as they are."""

AHEAD = 2 / 3
"""The share of that time after which they are read again while the last reading is still shown: nobody waits."""

SHARE = 10
"""Reading takes at most one part of so many of the time: what takes longer isn't as fresh."""

MANY = 300
"""From so many definitions on it's found out beforehand what is wrong with them, which needs what else only runs do."""

ROWS = 100
"""Sources on a page."""


@dataclass(frozen=True, slots=True)
class Group:
    """Sources of one standing.

    :param name: "" for all.
    """

    name: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class View:
    """A page of the list.

    :param rows: the sources on this page.
    :param groups: all standings that occur among those that were looked for, with "" for all.
    :param unusable: what can't be used in the catalog.
    :param text: what was looked for; "" for nothing.
    :param group: the standing that was chosen; "" for all.
    :param page: which page this is, from 1, of ``pages``.
    :param total: sources on all pages.
    :param idle: how many of these may be run now.
    :param ongoing: how many of these have an ongoing run.
    """

    rows: Sequence[SourceRow]
    groups: Sequence[Group]
    unusable: Sequence[str]
    text: str
    group: str
    page: int
    pages: int
    total: int
    idle: int
    ongoing: int

    @property
    def range(self) -> str:
        """Which of the sources these are."""
        first = (self.page - 1) * ROWS + 1
        return f"{first:,} to {first + len(self.rows) - 1:,} of {self.total:,}"

    def link(self, group: str | None = None, text: str | None = None, page: int = 1) -> str:
        """A relative URL of this list with something else chosen; another choice begins at page 1."""
        asked = {
            "standing": self.group if group is None else group,
            "q": self.text if text is None else text,
            "page": str(page) if page > 1 else "",
        }
        given = urlencode({k: v for k, v in asked.items() if v})
        return f"./?{given}" if given else "./"


class Listing:
    """The sources of a service.

    :param service: may be slow to read its catalog: what it says is kept for a while.
    """

    def __init__(self, service: Service, clock: Callable[[], float] = time.monotonic) -> None:
        self._service, self._clock = service, clock
        self._reading = threading.Lock()
        self._known: tuple[Sequence[SourceRow], Sequence[str]] = ((), ())
        self._read, self._fresh = float("-inf"), FRESH_SECONDS

    def prepare(self) -> None:
        """Have definitions that lie on this machine read in a thread: the first who asks for the list finds that done,
        which takes most of the time, and sees all the same what has changed meanwhile.
        """
        if self._service.settings.catalog and Path(self._service.settings.catalog).exists():
            threading.Thread(target=self._prepare, name="potable-listing", daemon=True).start()

    def _prepare(self) -> None:
        with self._reading, suppress(PotableError):  # it's told to who asks
            if sum(1 for _ in self._service.catalog.contents()) >= MANY:
                self._service.listing()

    def view(self, text: str = "", group: str = "", page: int = 1) -> View:
        """A page of the sources whose identifier or name has ``text`` in it. Raises as the service does."""
        rows, unusable = self._sought(text)
        count = Counter(map(_standing, rows))
        groups = [Group("", "All", len(rows)), *(Group(n, t, count[n]) for n, t in STANDINGS.items() if count[n])]
        group = group if group in STANDINGS else ""
        rows = _of_group(rows, group)
        pages = max(1, -(-len(rows) // ROWS))
        page = min(max(page, 1), pages)
        shown = rows[(page - 1) * ROWS : page * ROWS]
        idle, ongoing = sum(map(idle_now, rows)), sum(row.run is not None and row.run.ongoing for row in rows)
        return View(shown, groups, unusable, text, group, page, pages, len(rows), idle, ongoing)

    def chosen(self, text: str = "", group: str = "", *, fresh: bool = False) -> list[SourceRow]:
        """The sources of all pages of such a view.

        :param fresh: the definitions as they are now, in place of those read a while ago.
        """
        if fresh:
            with self._reading:
                self._read_again()
        return _of_group(self._sought(text)[0], group if group in STANDINGS else "")

    def _sought(self, text: str) -> tuple[list[SourceRow], Sequence[str]]:
        rows, unusable = self._now()
        if sought := text.strip().casefold():
            rows = [r for r in rows if sought in r.resource_id.casefold() or sought in r.name.casefold()]
        return rows, unusable

    def _now(self) -> tuple[list[SourceRow], Sequence[str]]:
        known = self._known
        if self._age() >= 1:
            with self._reading:  # who comes meanwhile waits for the same reading
                if self._age() >= 1:
                    self._read_again()
                known = self._known
        elif self._age() >= AHEAD and self._reading.acquire(blocking=False):
            threading.Thread(target=self._read_ahead, name="potable-listing", daemon=True).start()
        rows, told = known
        newest = self._service.newest()
        return [replace(row, run=newest.get(row.resource_id)) for row in rows], told

    def _age(self) -> float:
        """Of what is known, as a share of the time that it's fresh."""
        return (self._clock() - self._read) / self._fresh

    def _read_again(self) -> None:
        began = self._clock()
        rows, unusable = self._service.listing()
        self._known = rows, [f"{facts.place(o.location)} can't be used: {o.message}" for o in unusable]
        self._fresh = max(FRESH_SECONDS, SHARE * (self._clock() - began))
        self._read = began

    def _read_ahead(self) -> None:
        """The same while what was read before is shown; the lock is held, and given back."""
        try:
            with suppress(PotableError):  # it's told to who has to wait for the next one
                self._read_again()
        finally:
            self._reading.release()


def idle_now(row: SourceRow) -> bool:
    """Whether a run of the source may be started."""
    return row.source is not None and not row.hold and not (row.run is not None and row.run.ongoing)


def _standing(row: SourceRow) -> str:
    return standing_of(row.broken, row.hold, row.run)


def _queued(row: SourceRow) -> bool:
    return row.run is not None and row.run.state is RunState.QUEUED


def _of_group(rows: list[SourceRow], group: str) -> list[SourceRow]:
    """Those of a standing; without one all, those that want looking at first, what runs before what is queued, and
    else by identifier.
    """
    order = list(STANDINGS)
    chosen = [row for row in rows if not group or _standing(row) == group]
    return sorted(chosen, key=lambda row: (order.index(_standing(row)), _queued(row)))
