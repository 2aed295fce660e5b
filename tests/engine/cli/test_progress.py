"""The progress bar: only for people who wait at a terminal."""

from __future__ import annotations

import os
import pty
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from potable.engine.cli.progress import ProgressBar, told
from potable.engine.contracts.events import Progress

pytest.importorskip("rich", reason="the progress bar comes with potable-engine[cli]")
EVENT = Progress(
    resource_id="bad\x1b[31m[b]", stage="scan", bytes=12_000_000, total=160_000_000, records=80_000, errors=3
)


def test_the_figures() -> None:
    assert told(EVENT) == "12 MB of 160 MB, 80,000 records, 3 errors"
    assert told(Progress(resource_id="x", stage="fetch", bytes=500)) == "500 bytes"
    assert told(Progress(resource_id="x", stage="definition")) == ""


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Makes the standard error stream a real terminal; gives its other end, which doesn't block."""
    master, slave = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "160")
    os.set_blocking(master, False)
    with os.fdopen(slave, "w") as stream, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        yield master
    os.close(master)


def read(master: int) -> bytes:
    """What has been written to the terminal and not read yet; a terminal gives it in pieces."""
    try:
        return os.read(master, 65536)
    except BlockingIOError:
        return b""


def test_a_bar_is_shown_on_a_terminal_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as master:
        with ProgressBar("3 of 20", patience=0) as bar:
            bar(EVENT)
            bar(EVENT)
        shown = b"".join(iter(lambda: read(master), b"")).decode()
    assert "80,000 records, 3 errors" in shown
    assert "3 of 20  bad\\x1b[31m[b]  checking" in shown
    assert "\x1b[31m[b]" not in shown
    assert shown.endswith("\x1b[2K")  # the line is wiped


def test_a_short_run_shows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as master:
        with ProgressBar(patience=3600) as bar:
            bar(EVENT)
        assert read(master) == b""


def test_no_terminal_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar(patience=0) as bar:
        bar(EVENT)
    assert capsys.readouterr() == ("", "")
