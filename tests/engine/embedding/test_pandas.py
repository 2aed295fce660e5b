"""Frames of pandas, of all its types."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from potable.engine import Checker, Code, Engine, Rule, Severity, UsageError

pd = pytest.importorskip("pandas", reason="the test group isn't installed")


class Teller(Checker):
    """Tells each value and its kind."""

    name = "teller"
    codes = (Code(id="teller/x", severity=Severity.INFO, title="t", meaning="m", why="w", example="e", mend="x"),)

    def rules(self, source: Any) -> Any:
        for kind in ("string", "number", "boolean", "object", "array"):
            yield Rule("teller/x", "x", lambda x, kind=kind: x.kind == kind, message="", id=kind)


ENGINE = Engine(plugins=Teller)


def told(data: Any) -> list[tuple[str | None, str | None] | None]:
    """Each record's value of ``x``, and its kind; None where there's none."""
    report = ENGINE.check(data, select="teller", values="shown")
    found = {
        sample.location.record: (sample.value, finding.rule)
        for finding in report.findings
        for sample in finding.samples
    }
    return [found.get(record) for record in range(1, report.counts.records + 1)]


def strings(*texts: str) -> list[tuple[str, str]]:
    return [(text, "string") for text in texts]


def numbers(*texts: str) -> list[tuple[str, str]]:
    return [(text, "number") for text in texts]


MONTHS = pd.period_range("2024-01", periods=2, freq="M")
CUT = pd.cut([1, 3, 9], [0, 2, 4])
NONE = [None]


def of_arrow(values: Any) -> Any:
    return pd.arrays.ArrowExtensionArray(pa.chunked_array([values]))


COLUMNS = {
    "sparse numbers": (pd.arrays.SparseArray([0, 0, 1]), numbers("0", "0", "1")),
    "sparse, missing": (pd.arrays.SparseArray([np.nan, 1.5]), [None, *numbers("1.5")]),
    "sparse texts": (pd.arrays.SparseArray(["a", "b"], fill_value="a"), strings("a", "b")),
    "periods": (MONTHS, strings("2024-01", "2024-02")),
    "a period that's missing": (pd.PeriodIndex(["2024-01", None], freq="M"), [*strings("2024-01"), None]),
    "intervals": (pd.interval_range(0, 2), strings("(0, 1]", "(1, 2]")),
    "a cut": (CUT, [*strings("(0, 2]", "(2, 4]"), None]),
    "categories of periods": (pd.Categorical(MONTHS), strings("2024-01", "2024-02")),
    "categories of texts": (pd.Categorical(["u", None]), [*strings("u"), None]),
    "categories of several kinds": (pd.Categorical([1, "u"]), [*numbers("1"), *strings("u")]),
    "a zone without a name": (
        pd.date_range("2024-01-01", periods=1, tz=dt.timezone(dt.timedelta(hours=5, minutes=30))),
        strings("2023-12-31T18:30:00.000000+00:00"),
    ),
    "a zone with a name": (
        pd.date_range("2024-01-01", periods=1, tz="Europe/Vienna"), strings("2024-01-01T00:00:00.000000+01:00")),
    "runs of Arrow": (
        of_arrow(pa.RunEndEncodedArray.from_arrays(pa.array([1, 3], pa.int32()), ["u", "v"])), strings("u", "v", "v")),
    "long decimals of Arrow": (of_arrow(pa.array([7], pa.decimal256(60, 2))), numbers("7.00")),
    "days of Arrow": (of_arrow(pa.array([0], pa.date64())), strings("1970-01-01")),
    "missing values": (pd.array([1, None], dtype="Int64"), [*numbers("1"), None]),
    "objects of several kinds": (np.array([1, "1", None], dtype=object), [*numbers("1"), *strings("1"), None]),
}  # fmt: skip


@pytest.mark.parametrize("sort", COLUMNS)
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside objects"])
def test_columns_of_all_types(sort: str, beside: bool) -> None:
    column, expected = COLUMNS[sort]
    odd = {"y": pd.Series([1, "u", *NONE * len(column)][: len(column)], dtype=object)} if beside else {}
    frame = pd.DataFrame({"x": column, **odd}).set_index(pd.Index(range(5, 5 + len(column))))
    assert told(frame) == expected
    assert told(frame["x"]) == expected
    assert told({"x": column, **odd}) == expected


def test_values_of_pandas_in_rows() -> None:
    rows = [{"x": MONTHS[0]}, {"x": CUT[0]}, {"x": pd.NA}, {"x": pd.NaT}, {"x": pd.Timestamp("2024-05-01")}]
    assert told(rows) == [*strings("2024-01", "(0, 2]"), None, None, *strings("2024-05-01T00:00:00")]


def test_named_levels_of_an_index_are_columns() -> None:
    frame = pd.DataFrame({"n": [1, 2]}, index=pd.PeriodIndex(MONTHS, name="x"))
    assert told(frame) == strings("2024-01", "2024-02")
    with pytest.raises(UsageError, match="with a column and a level of its index 'n': rename one of them"):
        told(frame.rename_axis("n"))


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (np.array([1 + 2j]), "the column 'x': its values, such as a complex, have no text of their own"),
        (np.array([1], dtype=np.longdouble), "the column 'x': its values, such as a longdouble, have no text"),
        ([object()], "the column 'x': its values, such as a object, have no text of their own"),
        (of_arrow(pa.array([(1, 2, 3)], pa.month_day_nano_interval())), "'x' has values of Arrow's type month_day_nan"),
    ],
)
def test_what_has_no_text_is_refused_in_our_own_words(column: Any, words: str) -> None:
    with pytest.raises(UsageError) as e:
        told(pd.DataFrame({"x": column}))
    assert words in str(e.value)
    assert "convert them to texts" in str(e.value)
