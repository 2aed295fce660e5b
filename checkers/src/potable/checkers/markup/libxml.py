"""lxml as the schemas use it: its stubs leave out most of what they need."""

from __future__ import annotations

from typing import Any, TypeAlias

import lxml.etree
import lxml.isoschematron  # type: ignore[import-not-found]

etree: Any = lxml.etree
isoschematron: Any = lxml.isoschematron
Element: TypeAlias = Any
"""An element, :class:`lxml.etree._Element`."""
