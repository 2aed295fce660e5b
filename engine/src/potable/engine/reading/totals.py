"""Rows of totals among the records of a table: by what they are called, and by what they add up to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from math import isclose, sqrt

from potable.engine.lazyregex import lazy_regex

_FEW = 3
"""Fewer records above show no sum."""
_PAIR = 2
"""The same of a group, whose row is called a total."""
_LAST = 3
"""One of so many rows at the end is called a total, if any is: notes may stand below it."""
_WITHIN = 3
"""In one of so many columns it's called so: numbers of rows and codes stand left of it."""

_TOTAL = (
    r"totals?|subtotals?|sub-totals?|sums?|gesamt|gesamtsumme|gesamtergebnis|gesamtergebniss?e|insgesamt|summe|endsumme|"
    r"zwischensumme|teilergebnis|somme|sous-total|total général|suma|sumas|totales|totale|totali|somma|subtotale|"
    r"totaal|subtotaal|eindtotaal|soma|totais|subtotal|razem|ogółem|łącznie|celkem|yhteensä|summa|totalt|toplam|"
    r"итого|всего|合计|总计|小计|合計|総計|小計|합계|총계|المجموع"
)
_MEAN = (
    r"averages?|avg|means?|mean value|durchschnitt|mittelwert|mittel|moyenne|promedio|media|gemiddelde|średnia|среднее|"
    r"平均"
)
_BEFORE = r"(?:(?:grand|overall|column|table|report|page|net|gross|running|genel|ukupno)[ -])?"
_LABEL = lazy_regex(rf"(?i)\W{{0,3}}{_BEFORE}(?:(?P<total>{_TOTAL})|(?P<mean>{_MEAN}))\W{{0,3}}")
_OF_GROUP = lazy_regex(
    rf"(?i)\W{{0,3}}(?:{_BEFORE}(?:{_TOTAL})\s(?:for |of |für |von |pour |para |di |de )?.{{1,60}}|"
    rf".{{1,60}}[\s-](?:totals?|subtotals?|ergebnis|summe|gesamt))\W{{0,3}}"
)
_SUB = lazy_regex(r"(?i)\W{0,3}(?:sub|zwischen|teil|sous|小)")
MAY_BE = lazy_regex(
    "|".join((
        "tota", "sum", "som", "gesamt", "ergebnis", "razem", "celkem", "yhteens", "toplam", "aver", "avg", "mean",
        "durchschnitt", "mittel", "moyenn", "promedio", "media", "gemiddelde",
    )).encode() + "|ogół|łączn|średn|всего|Всего|итог|Итог|средн|Средн|合|总|小|総|합계|총계|平|المجموع".encode(),
    re.IGNORECASE,
)  # fmt: skip
"""What a label has, in UTF-8: a text without it needn't be looked at."""

_MARKS = lazy_regex(r"[\s\u00a0\u202f'’€$£¥%]")
_NUMBER = lazy_regex(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_GROUPED = lazy_regex(r"[+-]?[0-9]{1,3}(?:(?:,[0-9]{3})+(?:\.[0-9]*)?|(?:\.[0-9]{3}){2,})")


def number_of(cell: str) -> tuple[float, int] | None:
    """A cell's number and how many decimals it has: with a decimal comma, thousands apart, ``%``, a currency."""
    text = _MARKS.sub("", cell)
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "") if "," in text else text.replace(".", "")
    elif "," in text:
        text = text.replace(".", "").replace(",", ".") if text.rfind(",") > text.rfind(".") else text.replace(",", "")
    if _NUMBER.fullmatch(text) is None:
        return None
    return float(text), len(text.partition(".")[2]) if "e" not in text.lower() else 15


def totals(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Mapping[int, str]:
    """Which rows are totals, by their numbers from 0, and what shows it: ``317 under 'sales' is the sum …``.

    One of the last rows is called so, or its first cell alone is blank; and a figure in it is the sum or the mean of
    those above, or, where it's called a total in so many words, other cells are blank that never are above. Rows of
    groups are told with it.

    :param names: the names of the columns. :param rows: all records.
    """
    last = _last(rows)
    if len(rows) <= _FEW or not may_end_in_total(rows):
        return {}
    labels = {n: label for n, row in enumerate(rows) if (label := _label(row)) is not None}
    ends = [n for n in labels if n > last - _LAST]
    unnamed = last if not ends and last >= _FEW and _is_unnamed(rows, last) else -1
    if (not ends and unnamed < 0) or _is_category(rows, labels):
        return {}
    columns = _columns(rows, {*labels, unnamed})
    found: dict[int, str] = {}
    all_above, group = _Sums(columns, _FEW), _Sums(columns, _PAIR)
    for n, row in enumerate(rows):
        if n not in labels and n != unnamed:
            all_above.add(row)
            group.add(row)
            continue
        mean = n in labels and _is_mean(rows[n][labels[n]])
        told = all_above.shown(row, names, mean=mean, every=n == unnamed)
        told = told or (group.shown(row, names, mean=mean, every=False) if n != unnamed else None)
        told = told or (_blanks(rows, n, labels, columns, names) if n in ends and not mean else None)
        if told is not None:
            found[n] = told
        group = _Sums(columns, _PAIR)
    return found if any(n in found for n in (*ends, unnamed)) else {}


def may_end_in_total(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the last of these rows may be a total, by themselves."""
    last = _last(rows)
    return last >= 0 and (not rows[last][0].strip() or any(_label(r) is not None for r in rows[: last + 1][-_LAST:]))


def _last(rows: Sequence[Sequence[str]]) -> int:
    """The last row that has more than its first cell, as notes have."""
    return next((n for n in range(len(rows) - 1, -1, -1) if any(c.strip() for c in rows[n][1:])), -1)


def _label(row: Sequence[str]) -> int | None:
    """The column in which a row is called a total."""
    for column, cell in enumerate(islice(row, _WITHIN)):
        text = cell.strip()
        if _LABEL.fullmatch(text) or _OF_GROUP.fullmatch(text):
            return column if any(c.strip() for c in row[column + 1 :]) else None
        if text and number_of(text) is None:
            return None
    return None


def _is_mean(cell: str) -> bool:
    match = _LABEL.fullmatch(cell.strip())
    return match is not None and match["mean"] is not None


def _is_unnamed(rows: Sequence[Sequence[str]], n: int) -> bool:
    """Whether the first cell of a row is blank, as of no record above."""
    return not rows[n][0].strip() and all(row[0].strip() for row in rows[:n] if row)


def _is_category(rows: Sequence[Sequence[str]], labels: Mapping[int, int]) -> bool:
    """Whether ``Total`` is one of the values of a column, as beside ``male`` and ``female`` in each year."""
    bare = Counter(
        text for n, column in labels.items()
        if _LABEL.fullmatch(text := rows[n][column].strip().casefold()) and not _SUB.match(text)
    )  # fmt: skip
    return any(count > 1 for count in bare.values())


def _columns(rows: Sequence[Sequence[str]], left_out: set[int]) -> list[int]:
    """The columns of numbers."""
    counts: dict[int, list[int]] = {}
    for n, row in enumerate(rows):
        for column, cell in enumerate(row if n not in left_out else ()):
            if cell.strip():
                count = counts.setdefault(column, [0, 0])
                count[0] += 1
                count[1] += number_of(cell) is not None
    return [column for column, (filled, numbers) in sorted(counts.items()) if 5 * numbers >= 4 * filled and numbers > 1]


class _Sums:
    """Sums of columns.

    :param least: fewer addends show nothing.
    """

    def __init__(self, columns: Sequence[int], least: int) -> None:
        self._least = least
        self._sums = dict.fromkeys(columns, 0.0)
        self._numbers = dict.fromkeys(columns, 0)
        self._addends = dict.fromkeys(columns, 0)
        self._decimals = dict.fromkeys(columns, 0)
        self._records = 0

    def add(self, row: Sequence[str]) -> None:
        self._records += 1
        for column in self._sums:
            number = number_of(row[column]) if column < len(row) else None
            if number is not None:
                self._sums[column] += number[0]
                self._numbers[column] += 1
                self._addends[column] += number[0] != 0
                self._decimals[column] = max(self._decimals[column], number[1])

    def shown(self, row: Sequence[str], names: Sequence[str], *, mean: bool, every: bool) -> str | None:
        """What shows a row to be a total of these; with ``every`` of its figures."""
        there = [c for c in self._sums if c < len(row) and number_of(row[c]) is not None]
        same = [c for c in there if self._is_same(c, row[c], mean=mean)]
        if not same or (every and (len(same) < len(there) or self._records <= _FEW)):
            return None
        column = same[0]
        what = "mean" if mean else "sum"
        name = names[column][:40] if column < len(names) else f"column {column + 1}"
        return f"{row[column].strip()[:40]} under {name!r} is the {what} of the {self._records:,} records above"

    def _is_same(self, column: int, cell: str, *, mean: bool) -> bool:
        number = number_of(cell)
        if number is None or self._addends[column] < self._least:
            return False
        value, decimals = number
        if mean:
            return abs(self._sums[column] / self._numbers[column] - value) <= 0.51 * 10.0**-decimals
        # Each addend may have been rounded, and the sum made before.
        rounded = 0.51 * 10.0 ** -min(decimals, self._decimals[column]) * sqrt(self._addends[column])
        exact = self._decimals[column] == 0 and decimals == 0
        slack = 0.0 if exact else min(rounded, abs(self._sums[column]) / 200)
        return value != 0 and (
            isclose(self._sums[column], value, rel_tol=1e-9) or abs(self._sums[column] - value) <= slack
        )


def _blanks(
    rows: Sequence[Sequence[str]], n: int, labels: Mapping[int, int], columns: Sequence[int], names: Sequence[str]
) -> str | None:
    """What shows a row called a total to be no record: a cell that is blank, and filled in all others."""
    column, row = labels[n], rows[n]
    if not _LABEL.fullmatch(row[column].strip()) or not any(c < len(row) and row[c].strip() for c in columns):
        return None
    others = [r for m, r in enumerate(rows) if m not in labels and any(map(str.strip, r))]
    texts = [c for c in range(len(names)) if c not in columns and c != column]
    blank = [c for c in texts if not _filled(row, c) and all(_filled(r, c) for r in others)]
    if not blank or len(others) < _FEW:
        return None
    return f"{names[blank[0]][:40]!r} is blank in it, and filled in the {len(others):,} records above"


def _filled(row: Sequence[str], column: int) -> bool:
    return column < len(row) and bool(row[column].strip())
