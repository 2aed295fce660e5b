"""JSON: an array of records, an object that holds one, or JSON Lines.

:mod:`document` and :mod:`lines` cut at records; :mod:`index` finds strings, brackets and names on whole arrays;
:mod:`values` and :mod:`columns` make frames of them; :mod:`tokens` is the grammar, for exact places.
"""

from potable.engine.reading.json.format import JsonReader

__all__ = ["JsonReader"]
