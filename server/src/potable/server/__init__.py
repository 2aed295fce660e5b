"""Potable's server."""
