"""Potable's checkers."""
