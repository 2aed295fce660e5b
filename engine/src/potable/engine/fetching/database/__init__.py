"""Databases: rows of one SELECT, streamed into a part of JSON Lines, and nothing written there."""
