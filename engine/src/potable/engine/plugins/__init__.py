"""Plugins: found, loaded one by one, classified, registered.

A plugin that can't be used becomes a :class:`PluginRecord` with its reason; it never takes the engine down. ``found``
looks for them, ``classes`` says what one provides and whether that can be used, ``loading`` does it all.
"""

from potable.engine.plugins.classes import may_report
from potable.engine.plugins.loading import RELEASED_TOGETHER, Guard, Step, load_plugins
from potable.engine.plugins.registered import PluginRecord, Plugins

__all__ = ["RELEASED_TOGETHER", "Guard", "PluginRecord", "Plugins", "Step", "load_plugins", "may_report"]
