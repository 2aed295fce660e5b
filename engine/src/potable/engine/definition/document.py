"""A definition's file, parsed: its value, and where each member of it is written."""

from __future__ import annotations

import codecs
import errno
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from potable.engine.errors import DefinitionError
from potable.engine.paths.pointer import escape

DEPTH_LIMIT = 64
"""Deepest nesting of a definition."""

BYTES_LIMIT = 64 << 20
"""Largest file of definitions, in bytes."""


@dataclass(slots=True)
class Document:
    """One YAML document or JSON text.

    :param value: mappings, lists, texts, numbers, booleans, None.
    :param lines: line (from 1) of each member by JSON Pointer: the line of its name, or of the item.
    :param spelled: how a number, boolean or null is written, by JSON Pointer.
    :param duplicates: (JSON Pointer, line) of names that a mapping has already; the last one counts.
    :param links: whether a definition in it was found to name another file: then it may mean something else each time.
    """

    value: Any = None
    lines: dict[str, int] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)
    duplicates: list[tuple[str, int]] = field(default_factory=list)
    links: bool = field(default=False, compare=False)
    _order: tuple[list[str], dict[str, int]] | None = field(default=None, init=False, repr=False, compare=False)

    def lines_at(self, pointer: str) -> dict[str, int]:
        """The lines of a member, of what is in it, and of what it's in; call it when the document is complete."""
        if not pointer:
            return self.lines
        if self._order is None:
            pointers = list(self.lines)
            self._order = pointers, {p: i for i, p in enumerate(pointers)}
        pointers, places = self._order
        out = {}
        parent = pointer
        while parent:
            parent = parent.rpartition("/")[0]
            if parent in self.lines:
                out[parent] = self.lines[parent]
        # What is in a member follows it: both parsers go through a document from its beginning to its end.
        first, inner = places.get(pointer, len(pointers)), pointer + "/"
        for i in range(first, len(pointers)):
            at = pointers[i]
            if i > first and not at.startswith(inner):
                break
            out[at] = self.lines[at]
        return out


def read(path: Path) -> bytes:
    """A file of definitions, as far as one may be long. Raises OSError, also for a pipe or device: it may never end."""
    if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
        raise OSError(errno.EINVAL, "it's a pipe, a socket or a device", str(path))
    with path.open("rb") as file:
        return file.read(BYTES_LIMIT + 1)


def decode(data: bytes, file: str | None) -> str:
    """A definition's bytes as text: UTF-8, a byte order mark allowed.

    Raises :class:`DefinitionError` with the line of the first byte that isn't UTF-8.
    """
    if len(data) > BYTES_LIMIT:
        raise DefinitionError(f"the file has more than {BYTES_LIMIT} bytes, the most that definitions may have", file)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DefinitionError("the file is UTF-16: save it as UTF-8", file, 1)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        at = e.start + (3 if data.startswith(codecs.BOM_UTF8) else 0)
        line = data.count(b"\n", 0, at) + 1
        reason = f"byte {at} (0x{data[at]:02X}) isn't UTF-8: save the file as UTF-8"
        raise DefinitionError(reason, file, line) from None


def walk(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """``value`` and all in it, with JSON Pointers."""
    yield pointer, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from walk(inner, f"{pointer}/{escape(str(name))}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from walk(inner, f"{pointer}/{i}")
