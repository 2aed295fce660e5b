"""What leaves the process while a plugin is imported is held, and told."""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path

import pytest

from potable.engine.containment import awaited, stay
from potable.engine.errors import Left, PluginError
from potable.engine.plugins import load_plugins


def test_leaving_is_an_exception_within_and_what_it_was_outside() -> None:
    leave = os._exit
    with pytest.raises(Left, match=r"^os\._exit\(3\) was called, perhaps by a plugin$"), stay():
        os._exit(3)
    assert os._exit is leave


def test_a_copy_that_is_forked_within_leaves_with_its_own_code_or_not_at_all() -> None:
    codes = []
    for then in (lambda: os._exit(3), lambda: None):
        copies = []
        with stay():
            copies.append(os.fork())
            if copies == [0]:
                then()
        codes.append(os.waitstatus_to_exitcode(os.waitpid(copies[0], 0)[1]))
    assert codes == [3, 70]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import os; os._exit(0)", "it called os._exit(0) while being imported"),
        ("import sys; sys.exit(0)", "it called exit(0) while being imported"),
        ("class Odd(BaseException): pass\nraise Odd('boo')", "Odd: boo (leaving.py:2)"),
        (
            "import os\nfrom potable.engine import hookimpl\npotable_api = 1\n"
            "@hookimpl\ndef potable_checkers(): os._exit(0)",
            "one of its hooks called os._exit(0)",
        ),
    ],
)
def test_a_plugin_that_leaves_is_a_load_error(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "leaving.py"
    file.write_text(text)
    with pytest.raises(PluginError) as caught:
        load_plugins([file], entry_points=False)
    assert str(caught.value) == f"plugin file {file}: {told}"


def test_what_is_waited_for_is_told(caplog: pytest.LogCaptureFixture) -> None:
    said = threading.Event()

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.set()

    ear = Ear()
    logger = logging.getLogger("potable.engine.containment")
    logger.addHandler(ear)
    try:
        with awaited("the plugin slow (slow.py)", 0.01):
            assert said.wait(60)
    finally:
        logger.removeHandler(ear)
    assert caplog.messages == ["the plugin slow (slow.py) is still being imported: it's waited for"]


def test_what_is_imported_at_once_needs_no_word(caplog: pytest.LogCaptureFixture) -> None:
    before = threading.active_count()
    with awaited("the plugin quick (quick.py)", 600):
        time.sleep(0)
    assert (threading.active_count(), caplog.messages) == (before, [])
