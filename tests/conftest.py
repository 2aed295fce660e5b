"""How properties are tried: the same examples in every run, and new ones with ``HYPOTHESIS_PROFILE=explore``."""

from __future__ import annotations

import os

from hypothesis import settings

# How long an example takes depends on what else the machine does.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
