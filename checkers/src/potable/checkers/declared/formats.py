"""What the checkers know of formats."""

from __future__ import annotations

PADDED_FORMATS = frozenset({"csv", "tsv"})
"""Tables of text: values have no kind of their own, and ragged rows are padded, with a null for a cell that the row
hasn't got.
"""

NESTED_FORMATS = frozenset({"json", "jsonl", "parquet", "arrow", "frame"})
"""Formats whose values may be objects and arrays."""

TABLE_FORMATS = PADDED_FORMATS | {"excel", "parquet", "arrow", "frame"}
"""Formats whose records have columns, the same in each record of a file."""

ELEMENT_FORMATS = frozenset({"xml", "oai"})
"""Formats whose records are elements; the fields of feeds are values."""
