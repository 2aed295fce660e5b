"""Renders reports. The classes here are ordinary reporters: a plugin's ``potable_reporters`` hook adds others."""

from potable.engine.reporting.formats import REPORTERS

__all__ = ["REPORTERS"]
