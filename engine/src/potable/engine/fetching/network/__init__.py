"""Connections: which addresses may be reached, how, how often, and what a failure means."""
