"""What a run had to import, told to its nursery: it's imported once before further runs are forked.

A run's process writes the names of its new modules to a pipe when it has its report. Nothing is known beforehand of
what readers and checkers need, so it's the same for everybody's plugins.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Collection, Iterable
from contextlib import suppress

from potable.engine.executors import kernel
from potable.engine.executors.choice import copyable
from potable.engine.lazyregex import lazy_regex

_MOST = 1 << 16
"""Most bytes of one run's lesson: what a pipe takes at once."""
_NAMES = lazy_regex(rb"([A-Za-z_][\w.]{0,199})\n")


def write(descriptor: int, known: Collection[str]) -> None:
    """Write what this process has imported besides ``known``, in the order in which it did.

    :param descriptor: of a pipe's writing end that doesn't block: what doesn't fit in is left out.
    """
    with suppress(OSError):
        os.write(descriptor, "".join(f"{name}\n" for name in list(sys.modules) if name not in known).encode())


def read(descriptor: int) -> list[str]:
    """What has been written to a pipe; ``descriptor``: of its reading end, which doesn't block."""
    try:
        written = os.read(descriptor, _MOST)
    except OSError:
        return []
    return [name.decode() for name in _NAMES.findall(written)]


def learn(names: Iterable[str]) -> bool:
    """Import the modules, in this process that has no child; whether it can still be copied.

    It can't where a module has started a thread or a process or has opened a file: in copies they would be missing.
    """
    before = kernel.open_files()
    gc.disable()  # nearly all of it stays
    try:
        for name in names:
            with suppress(Exception, SystemExit):  # a plugin file's own can't be found by name
                importlib.import_module(name)
    finally:
        gc.enable()
    return copyable() and not kernel.children() and kernel.open_files() <= before
