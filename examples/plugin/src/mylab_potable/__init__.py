"""Checks of field-station tables, as a plugin of Potable."""

from __future__ import annotations

from collections.abc import Sequence

from mylab_potable.pairs import Pairs
from mylab_potable.season import Season
from potable.engine import Checker, hookimpl

potable_api = 1


@hookimpl
def potable_checkers() -> Sequence[type[Checker]]:
    """The checkers of this plugin."""
    return [Season, Pairs]
