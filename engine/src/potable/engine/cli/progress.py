"""A progress bar for people who wait: on a terminal, and only for runs longer than a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from potable.engine.contracts.events import Progress
from potable.engine.reporting.inert import cut, inert
from potable.engine.reporting.layout import number, size

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

PATIENCE = 1.0
"""Seconds before a bar is shown."""

_STAGES = {
    "definition": "reading the definition", "fetch": "fetching", "scan": "checking", "late": "second pass",
    "finish": "finishing",
}  # fmt: skip


class ProgressBar:
    """Shows progress events on the standard error stream; use it as a context manager and call it with each event.

    :param which: which of several runs it is: ``3 of 20``; "" for the only one.
    """

    def __init__(self, which: str = "", *, patience: float = PATIENCE) -> None:
        self._which = f"{which}  " if which else ""
        self._on = sys.stderr.isatty()
        self._from = time.monotonic() + patience
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __call__(self, event: Progress) -> None:
        """Show how far a run is."""
        if not self._on or time.monotonic() < self._from:
            return
        shown: dict[str, Any] = {
            "description": f"{self._which}{cut(inert(event.resource_id), 30)}  {_STAGES.get(event.stage, event.stage)}",
            "total": event.total,
            "completed": event.bytes,
            "told": told(event),
        }
        if self._bar is None:
            self._bar = _bar()
            self._task = self._bar.add_task(**shown)
            self._bar.start()
        elif self._task is not None:
            self._bar.update(self._task, **shown)

    def stop(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = self._task = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.stop()


def told(event: Progress) -> str:
    """The figures beside the bar: ``12 MB of 160 MB, 80,000 records, 3 errors``."""
    figures = []
    if event.bytes:
        figures.append(size(event.bytes) + (f" of {size(event.total)}" if event.total else ""))
    if event.records:
        figures.append(f"{number(event.records)} records")
    if event.errors:
        figures.append(f"{number(event.errors)} errors")
    return ", ".join(figures)


def _bar() -> Bar:
    from rich.console import Console  # heavy: 50 ms that only long runs pay
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    # Markup is off: a resourceID is text, whatever brackets are in it.
    return Bar(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[told]}", markup=False),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,  # results go to the standard output, whatever is on the other stream
    )
