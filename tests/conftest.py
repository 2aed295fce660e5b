"""How properties are tried: the same examples in every run, and new ones with ``HYPOTHESIS_PROFILE=explore``.

Commands that tests start and send signals to inherit which of them are ignored: by nohup SIGHUP is, by a shell's ``&``
SIGINT. Here none is.
"""

from __future__ import annotations

import os
import signal

from hypothesis import settings

# How long an example takes depends on what else the machine does.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

for number in (signal.SIGHUP, signal.SIGINT):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL if number == signal.SIGHUP else signal.default_int_handler)
