"""Numbers that are spelled otherwise than bare: with marks of footnotes, signs behind them, letters for digits.

All are patterns of Polars, for a whole value.
"""

from __future__ import annotations

_N = r"(?:[0-9]+(?:[.,][0-9]+)*|[.,][0-9]+)"
_FOOTNOTE = rf"[+-]?{_N} ?(?:[*†‡§¶]{{1,3}}|[¹²³⁴-⁹]|\([a-z]\)|\[[0-9a-z]\])"
_BEHIND = rf"{_N} ?[-−]|\({_N}\)"  # -12 as accountants write it: 12- or (12)
_MINUS = rf"[\x{{2010}}-\x{{2013}}\x{{2212}}\x{{FE63}}\x{{FF0D}}] ?{_N}"
_ABOUT = rf"(?i:[~≈±]|[<>≤≥]=?|ca\.?|circa|approx\.?|about|etwa|env\.) ?[+-]?{_N}"
_LETTERS = r"[+-]?(?:[0-9]+[Oo]+[0-9]*|[Il][0-9]+|[0-9]+I[0-9]+)(?:[.,][0-9]+)?"
_DIGITS = r"[+-]?[٠-٩۰-۹०-९０-９]+(?:[.,٫．][٠-٩۰-۹०-९０-９]+)?"
_FORMULA = rf"=\"?[+-]?{_N}\"?|'[+-]?{_N}"

ODD = rf"\A(?:{_FOOTNOTE}|{_BEHIND}|{_MINUS}|{_ABOUT}|{_LETTERS}|{_DIGITS}|{_FORMULA})\z"
"""A number all the same."""
GREAT = 1000
"""From here on digits are grouped, by whoever does it."""
