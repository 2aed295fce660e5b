"""Delimited text: CSV, TSV and their kin.

``cutter`` finds where records start and cuts there, ``parser`` makes chunks of the cuts, ``reader`` ties both to a
snapshot. ``tokenizer`` is the grammar; ``scan``, ``quotes`` and ``table`` are fast ways to the same result. ``opening``
looks at a table's beginning for what is declared wrong.
"""

from potable.engine.reading.csv.reader import CsvReader

__all__ = ["CsvReader"]
