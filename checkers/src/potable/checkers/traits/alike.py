"""Texts that look like others and aren't the same: letters of other scripts among Latin ones, and wide letters."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from potable.checkers.traits.trait import Trait
from potable.engine.toolkit import lazy_regex

if TYPE_CHECKING:
    import polars as pl

    from potable.checkers.values.bytewise import Column

_LIKE_LATIN = "АВЕКМНОРСТХЅІЈаеорсухѕіјԁһΑΒΕΖΗΙΚΜΝΟΡΤΥΧο"  # Cyrillic and Greek letters that look like Latin ones
_MIXED = f"[A-Za-z][{_LIKE_LATIN}]|[{_LIKE_LATIN}][A-Za-z]"
_OTHERS = rf"[\p{{Cyrillic}}\p{{Greek}}--[{_LIKE_LATIN}]]"
_WIDE = r"\A[\x{21}-\x{7E}\x{FF01}-\x{FF5E}]*[Ａ-Ｚａ-ｚ０-９][\x{21}-\x{7E}\x{FF01}-\x{FF5E}]*\z"
_FOUND = lazy_regex(f"[{_LIKE_LATIN}]")
_WIDE_FOUND = lazy_regex("[Ａ-Ｚａ-ｚ０-９]")


def _may(column: Column) -> bool:
    return column.greatest >= 0x80


def _is_alike(texts: pl.Series) -> pl.Series:
    mixed = texts.str.contains(_MIXED) & ~texts.str.contains(_OTHERS)
    return mixed | texts.str.contains(_WIDE)


def _told(text: str) -> str:
    shown = f"{text[:40]!r}"
    odd = _FOUND.search(text) or _WIDE_FOUND.search(text)
    if odd is None:
        return f"{shown} looks like another text"
    name = unicodedata.name(odd[0], "").capitalize()
    return f"{shown} holds U+{ord(odd[0]):04X} ({name}), which looks like a letter or digit of ASCII"


LOOK_ALIKE = Trait(_may, rf"[{_LIKE_LATIN}]|[\x{{FF01}}-\x{{FF5E}}]", _is_alike, _told)
