"""Kept snapshots: what earlier fetches brought, so that a report can be made again from the same bytes and an unchanged
source isn't fetched twice.
"""

from potable.engine.snapshots.folder import Kept, Snapshots, digits
from potable.engine.snapshots.told import Told, tally_rule

__all__ = ["Kept", "Snapshots", "Told", "digits", "tally_rule"]
