"""Numbers that are spelled otherwise than bare: with marks of footnotes, signs behind them, letters for digits.

All are patterns of Polars, for a whole value.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from potable.checkers.values.strings import SIGNS_ALONE

Indices = npt.NDArray[np.integer]

_N = r"(?:[0-9]+(?:[.,][0-9]+)*|[.,][0-9]+)"
# 12*, 12 †, 12³, 12(a), 12[1]
_FOOTNOTE = rf"[+-]?{_N} ?(?:[*†‡§¶]{{1,3}}|[¹²³⁴-⁹]|\([a-z]\)|\[[0-9a-z]\])"
_BEHIND = rf"{_N} ?[-−]|\({_N}\)"  # -12 as accountants write it: 12- or (12)
# other signs than a hyphen: −12
_MINUS = rf"[\x{{2010}}-\x{{2013}}\x{{2212}}\x{{FE63}}\x{{FF0D}}] ?{_N}"
# ~12, <0.5, ca. 12
_ABOUT = rf"(?i:[~≈±]|[<>≤≥]=?|ca\.?|circa|approx\.?|about|etwa|env\.) ?[+-]?{_N}"
# 1O0 for 100, l2 for 12, 1I for 11
_LETTERS = r"[+-]?(?:[0-9]+[Oo]+[0-9]*|[Il][0-9]+|[0-9]+I[0-9]+)(?:[.,][0-9]+)?"
# of other scripts: ١٢
_DIGITS = r"[+-]?[٠-٩۰-۹०-९０-９]+(?:[.,٫．][٠-٩۰-۹०-९０-９]+)?"
# ="12", '12
_FORMULA = rf"=\"?[+-]?{_N}\"?|'[+-]?{_N}"

SIGN_BEHIND = rf"\A(?:{_BEHIND})\z"
"""Accounts write all of their negative amounts so."""
ODD = rf"\A(?:{_FOOTNOTE}|{_BEHIND}|{_MINUS}|{_ABOUT}|{_LETTERS}|{_DIGITS}|{_FORMULA})\z"
"""A number all the same."""
GREAT = 1000
"""From here on digits are grouped, by whoever does it."""

_BEHIND_DIGITS = r"[0-9]+(?:[ .-]?[A-Za-z]{1,3}|\+|[-/][0-9]+[A-Za-z]?)"
MAYBE_CODE = rf"\A(?:[A-Za-z]{{1,3}}[ .-]?[0-9]+[A-Za-z]?|{_BEHIND_DIGITS}|[A-Z]{{1,3}}[+-]?)\z"
"""Among whole numbers it may be one of them: room 12b, chromosome X, ages of 90+."""


def no_numbers(texts: pl.Series) -> tuple[Indices, Indices]:
    """Which of these, none of which is spelled as a number, are none; and which may be codes among whole numbers."""
    bare = texts.str.strip_chars().cast(pl.Float64, strict=False).is_not_null()
    nothing = bare | texts.str.contains(SIGNS_ALONE)
    code = texts.str.contains(MAYBE_CODE)
    return (~(nothing | code)).arg_true().to_numpy(), (code & ~nothing).arg_true().to_numpy()
