"""Field paths: how definitions, rules and reports name a field.

A text that doesn't start with ``$`` is a plain column name. A path is ``$`` and steps: ``.name`` or ``..name`` (at any
depth), names bare (``[A-Za-z0-9_@-]``, with colons inside for prefixed XML names) or in single quotes with ``\\'`` and
``\\\\``, and after them ``[n]``, ``[*]`` and ``[?(@.'f'='v')]`` (``==`` too). Each path has one canonical spelling,
``$.age``, else ``$.'a b'``; look-ups and reports use that one.

The meaning of a well-formed path is that of RFC 9535 (JSONPath).
"""

from potable.engine.paths.path import FieldPath, canonical, column_path
from potable.engine.paths.steps import PathError

__all__ = ["FieldPath", "PathError", "canonical", "column_path"]
