"""Python's own values, in rows and columns, are checked as what they are: none is made another kind, or left out."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sqlite3
from collections import OrderedDict, namedtuple
from collections.abc import Iterable, Iterator
from contextlib import closing
from decimal import Decimal
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine import Checker, Code, Engine, Limits, Report, Rule, Severity
from potable.engine.errors import UsageError
from potable.engine.given.records import Mixed, table_of_rows

ALL = Code(id="tell/all", severity=Severity.INFO, title="t", meaning="m", why="w", example="e", mend="mend it")


class Struct(msgspec.Struct):
    x: int


class Tell(Checker):
    """Tells each value of the field x that has a text, with its kind."""

    name = "tell"
    codes = (ALL,)

    def rules(self, source: Any) -> Iterable[Rule]:
        yield Rule("tell/all", ["x"], lambda x: x.text.is_not_null(), "{value}", id="text")
        for kind in ("number", "boolean", "string"):
            yield Rule("tell/all", ["x"], lambda x, kind=kind: x.kind == kind, kind, id=kind)


ENGINE = Engine(plugins=Tell)


def told(report: Report) -> dict[int, tuple[str | None, str]]:
    """By record the text of x, and its kind."""
    found = {f.rule: f.samples for f in report.findings if f.code == "tell/all"}
    texts = {s.location.record: s.value for s in found.get("text", ())}
    kinds = {s.location.record: kind for kind, samples in found.items() if kind != "text" for s in samples}
    return {record: (texts[record], kinds[record]) for record in sorted(texts)}  # type: ignore[type-var, index]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1, "1"], [("1", "number"), ("1", "string")]),
        ([True, 1, 0], [("true", "boolean"), ("1", "number"), ("0", "number")]),
        ([1, 1.5], [("1.0", "number"), ("1.5", "number")]),
        ([2**53 + 1, 1.5], [(str(2**53 + 1), "number"), ("1.5", "number")]),
        ([2**70, 2**200], [(str(2**70), "number"), (str(2**200), "number")]),
        ([Decimal("0.10"), "x"], [("0.10", "number"), ("x", "string")]),
        ([dt.date(2024, 1, 2), dt.datetime(2024, 1, 2)], [("2024-01-02", "string"), ("2024-01-02T00:00:00", "string")]),
        ([b"\xff", "x"], [("/w==", "string"), ("x", "string")]),
        ([np.int64(1), np.float32(0.5), np.str_("x")], [("1", "number"), ("0.5", "number"), ("x", "string")]),
        ([float("inf"), "x"], [("INF", "string"), ("x", "string")]),
    ],
)  # fmt: skip
def test_values_of_several_kinds_stay_what_they_are(values: list[Any], texts: list[tuple[str, str]]) -> None:
    expected = dict(enumerate(texts, 1))
    rows = [{"x": value} for value in values]
    named = namedtuple("named", "x")
    for data in (rows, {"x": values}, iter(rows), [named(value) for value in values]):
        assert told(ENGINE.check(data)) == expected
    objects = np.array([*values, None], dtype=object)[:-1]
    assert told(ENGINE.check({"x": objects})) == expected


@pytest.mark.parametrize(
    "values",
    [
        [[1], [1.5]],
        [{"a": 1}, {"b": 2}],
        [[{"a": 1}], [{"a": "1"}]],
        [{"a": 1}, 1],
        [{"a": True}, {"a": 1}],
        [[1], 1, None],
    ],
)
def test_nested_values_lose_nothing(values: list[Any]) -> None:
    seen = []

    class See(Checker):
        name = "see"

        def documents(self, source: Any) -> Any:
            from potable.engine import DocumentCheck

            return [DocumentCheck(codes=[], check=lambda record: seen.append(record) or ())]

    for data in ([{"x": value} for value in values], {"x": values}):
        seen.clear()
        assert Engine(plugins=See).check(data).counts.records == len(values)
        assert json.dumps([record.get("x") for record in seen]) == json.dumps(values)


CELLS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=5
)  # fmt: skip
VALUES = st.recursive(CELLS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner))


@given(st.lists(st.dictionaries(st.sampled_from(["x", "y", "z"]), VALUES), max_size=6))
def test_any_rows_are_a_table_of_the_same_values(rows: list[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = table_of_rows(rows)
    if isinstance(table, Mixed):
        found = [json.loads(line) for line in table.lines()]
    else:
        found = table.to_dicts()
        kinds = {name: {type(row[name]) for row in rows if row.get(name) is not None} for name in names}
        assert all(len(kind) <= 1 or kind == {int, float} for kind in kinds.values())
    assert found == ([{name: row.get(name) for name in names} for row in rows] if names else [])


def test_missing_values_of_pandas_are_none() -> None:
    class NAType:
        """What it calls them."""

    assert told(ENGINE.check([{"x": NAType()}, {"x": 1}])) == {2: ("1", "number")}


@pytest.mark.parametrize("others", [[1.5], [7], ["x"], ["x", 7]])
def test_what_is_not_a_number_is_missing_as_in_pandas(others: list[Any]) -> None:
    nan = float("nan")
    for values in ([nan, *others, None], [np.float64(nan), *others, None]):
        for data in ([{"x": value} for value in values], {"x": values}, {"x": np.array(values, dtype=object)}):
            assert set(told(ENGINE.check(data))) == set(range(2, 2 + len(others)))
    assert told(ENGINE.check({"x": np.array([nan, 1.5])})) == {2: ("1.5", "number")}
    assert told(ENGINE.check(pl.DataFrame({"x": [nan, 1.5]}))) == {1: ("NaN", "number"), 2: ("1.5", "number")}
    assert told(ENGINE.check(np.array([(nan,), (1.5,)], dtype=[("x", "f8")]))) == {2: ("1.5", "number")}


def test_rows_of_any_make() -> None:
    @dataclasses.dataclass
    class Row:
        x: int

    database = sqlite3.connect(":memory:")
    database.row_factory = sqlite3.Row
    rows = [
        [Row(7)], [OrderedDict(x=7)], {"a": {"x": 7}}.values(), database.execute("SELECT 7 AS x"),
        [Struct(7)], [SimpleNamespace(x=7)],
    ]  # fmt: skip
    for data in rows:
        assert told(ENGINE.check(data)) == {1: ("7", "number")}
    database.close()
    assert ENGINE.check([None, {"x": 7}]).counts.records == 2
    assert ENGINE.check(np.array([[1, "x"]], dtype=object)).counts.records == 1


def test_a_cursor_has_the_names_of_its_columns() -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        assert told(ENGINE.check(database.execute("SELECT 'a' AS y, 7 AS x"))) == {1: ("7", "number")}
        nothing = ENGINE.check(database.execute("SELECT 7 AS x WHERE 0"))
        assert [s.message for f in nothing.findings for s in f.samples] == ["frame: no rows"]
        with pytest.raises(UsageError, match="can't check a Cursor with two columns 'x': name one of them with AS"):
            ENGINE.check(database.execute("SELECT 1 AS x, 2 AS x"))


def test_rows_of_sqlalchemy_have_names() -> None:
    sql = pytest.importorskip("sqlalchemy", reason="databases need the extra potable-engine[sql]")
    with sql.create_engine("sqlite://").connect() as database:
        query = sql.text("SELECT 'a' AS count, 7 AS x")
        results = (
            database.execute(query), database.execute(query).all(),
            database.execute(query).mappings(), database.execute(query).mappings().all(),
        )  # fmt: skip
        for rows in results:
            assert told(ENGINE.check(rows, schema={"fields": [{"name": "count"}, {"name": "x"}]})) == {
                1: ("7", "number")
            }


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([{"x": 1}, (1,)], "row 2 is a tuple where the first one has named members"),
        ([(1, 2), (1,)], "row 2 has 1 where the first has 2"),
        ([(1, 2), {"x": 1}], "row 2 is a dict where the first has 2"),
        ([{"x": 1}, {None: ["more"]}], "row 2 has a member None"),
        ({1: ["a"]}, "the column 1: the names of columns have to be texts"),
        ({"x": [1, 2], "y": [1]}, "the column 'y' has 1 values where the first has 2"),
        ({"x": [1, 1j]}, "the column 'x': its values, such as a complex, have no text"),
        ({"x": ["\ud800"]}, "the column 'x': a text in it has half a character"),
        (pa.table([[1], [2]], names=["x", "x"]), "a Table with two columns 'x'"),
    ],
)
def test_what_is_no_table(data: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ENGINE.check(data)


def test_what_an_iterator_raises_is_its_own() -> None:
    with pytest.raises(ZeroDivisionError):
        ENGINE.check(1 / n for n in (1, 0))


def test_rows_without_an_end() -> None:
    taken = []

    def rows() -> Iterator[dict[str, int]]:
        for number in count():
            taken.append(number)
            yield {"id": number, "of": number % 2}

    report = ENGINE.check(rows(), limit_records=3)
    assert (report.counts.records, report.source.sample) == (3, {"mode": "limit-records", "size": 3})
    assert len(taken) == 4  # the last one tells that there are more
    few = ({"id": number, "of": number % 2} for number in range(9))
    assert ENGINE.check(few, limit_records=3, filterJsonPath="$.of", filterValue="1").counts.records == 3
    assert ENGINE.check(iter([{"id": 1}]), limit_records=1).source.sample is None


def test_more_columns_than_the_limits_let_in(tmp_path: Path) -> None:
    narrow = Engine(without="checkers", limits=Limits(columns=2))
    wide = {"a": [1], "b": [2], "c": [3]}
    pl.DataFrame(wide).write_ipc(tmp_path / "wide.arrow")
    for data in (pl.DataFrame(wide), pa.table(wide), wide, [(1, 2, 3)], tmp_path / "wide.arrow"):
        report = narrow.check(data)
        [found] = report.findings
        assert (report.verdict, found.code, found.count) == ("inconclusive", "arrow/many-columns", 1)
        assert found.samples[0].message.endswith(" has 3 columns, more than 2 (Limits.columns)")
    assert narrow.check(pl.DataFrame(wide).drop("c")).passed


def test_no_rows_and_no_columns_are_no_records(tmp_path: Path) -> None:
    for data in ([], {"x": []}, pl.DataFrame({"x": []}), pl.DataFrame(), pa.table({"x": [1, 2]}).select([])):
        report = ENGINE.check(data)
        assert (report.verdict, report.counts.records) == ("inconclusive", 0)
        assert [f.code for f in report.findings] == ["arrow/no-records"]
    file = tmp_path / "none.parquet"
    pq.write_table(pa.table({"x": [1, 2]}).select([]), file)
    assert [f.code for f in ENGINE.check(file).findings] == ["parquet/no-records"]


def test_a_column_without_a_name() -> None:
    report = ENGINE.check(pl.DataFrame({"x": [1], " ": [2]}))
    (finding,) = [f for f in report.findings if f.code != "tell/all"]
    assert (finding.code, finding.samples[0].message) == ("arrow/blank-header", "column 2 has no name (behind 'x')")


def test_rows_of_several_kinds_are_described() -> None:
    drafted = ENGINE.describe([{"id": 1, "x": "a"}, {"id": 2, "x": 7}])
    assert drafted["primaryKey"] == "id"


def test_inline_records_that_json_does_not_have() -> None:
    report = ENGINE.check({"ingestMethod": "INLINE", "data": [{"x": dt.date(2024, 1, 2)}]})
    assert "item 1 holds what JSON doesn't have" in report.findings[0].samples[0].message


def test_columns_and_datasets_of_arrow(tmp_path: Path) -> None:
    import pyarrow.dataset as ds  # heavy

    file = tmp_path / "x.parquet"
    pq.write_table(pa.table({"x": [7, 8]}), file)
    assert told(ENGINE.check(ds.dataset(file))) == {1: ("7", "number"), 2: ("8", "number")}
    for column in (pa.array([7, 8]), pa.chunked_array([[7], [8]])):
        assert ENGINE.check(column).counts.records == 2


@pytest.mark.parametrize("name", ["ingestMethod", "ingestURL", "delimiter", "headerLine", "encoding"])
def test_how_files_are_read_is_nothing_to_tables(name: str) -> None:
    for data in (pl.DataFrame({"x": [1]}), [{"x": "1"}, {"x": 1}]):
        with pytest.raises(UsageError, match=f"{name} says how files are had and read: it has no effect on a "):
            ENGINE.check(data, **{name: "CSV"})
    assert ENGINE.check({"x": [1, 2]}, maxDocs=1).counts.records == 1


def test_values_that_contain_themselves_are_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    member: dict[str, Any] = {}
    member["x"] = member
    for data in ([endless], [member], {"x": endless}, {"x": [endless, 1]}):
        with pytest.raises(
            UsageError, match=r"the column '(x|column_0)': a value .* 250 levels deep, or contains itself"
        ):
            ENGINE.check(data)


def test_values_are_as_deep_as_may_be() -> None:
    value: Any = 1
    for _ in range(250):
        value = [value]
    assert ENGINE.check([{"x": value}]).counts.records == 1
    with pytest.raises(UsageError, match="more than 250 levels deep"):
        ENGINE.check([{"x": [value]}])


UNION = pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(["a", "b"])])
RUNS = pa.RunEndEncodedArray.from_arrays([2, 3], ["b", "c"])


@pytest.mark.parametrize(
    ("column", "named"),
    [
        (UNION, "sparse_union<"),
        (pa.StructArray.from_arrays([UNION], ["u"]), "sparse_union<"),
        (pa.array([pa.MonthDayNano([1, 2, 3])]), "month_day_nano_interval"),
        (pa.StructArray.from_arrays([RUNS], ["u"]), "run_end_encoded<"),
        (pa.RunEndEncodedArray.from_arrays([1], pa.array(["a"]).dictionary_encode()), "run_end_encoded<"),
    ],
)
def test_types_of_arrow_that_are_not_read_are_named(column: pa.Array, named: str, tmp_path: Path) -> None:
    table = pa.table({"x": column})
    with pytest.raises(UsageError, match=f"can't check a Table: the column 'x' has values of Arrow's type {named}"):
        ENGINE.check(table)
    with pa.ipc.new_file(str(tmp_path / "x.arrow"), table.schema) as writer:
        writer.write_table(table)
    [found] = ENGINE.check(tmp_path / "x.arrow").findings
    assert found.code == "arrow/unreadable"
    assert f"the column 'x' has values of Arrow's type {named}" in found.samples[0].message


def test_runs_and_views_of_lists_are_read_as_what_they_hold() -> None:
    assert told(ENGINE.check(pa.table({"x": pa.chunked_array([RUNS, RUNS])}))) == {
        n: (text, "string") for n, text in enumerate("bbcbbc", 1)
    }
    lists = pa.table({"x": pa.array([[1], [2, 3]], pa.list_view(pa.int32()))})
    schema = {"fields": [{"name": "x", "type": "array"}]}
    assert ENGINE.check(lists, schema=schema).to_dict()["counts"]["records"] == 2


class Relation:
    """What another library gives by Arrow's PyCapsule interface, as DuckDB does."""

    def __init__(self, table: pa.Table) -> None:
        self.table, self.columns = table, table.column_names

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.table.__arrow_c_stream__(requested_schema)


def test_relations_of_other_libraries_are_read_as_arrows_tables() -> None:
    assert told(ENGINE.check(Relation(pa.table({"x": [1, 2]})))) == {1: ("1", "number"), 2: ("2", "number")}
    wide = pa.array([Decimal(10) ** 45], pa.decimal256(50, 0))
    assert told(ENGINE.check(Relation(pa.table({"x": wide})))) == {1: (str(10**45), "number")}
    with pytest.raises(UsageError, match="a Relation: the column 'x' has values of Arrow's type sparse_union<"):
        ENGINE.check(Relation(pa.table({"x": UNION})))


def test_what_is_no_table_is_refused_in_our_own_words() -> None:
    async def rows() -> Any:
        yield {"x": 1}

    for data, words in (
        (None, "can't check None: give a path, a URL, "),
        (7, "can't check an int: give a path, a URL, "),
        (rows(), r"can't wait for an async_generator, .*: give them as \[row async for row in rows\]"),
        ([pl.DataFrame({"x": [1]})], "can't check a list of tables, such as a DataFrame: give each by itself, or all"),
        (
            {"x": np.array([1j])},
            "can't check the column 'x': its values, of the type Object, have no text of their own",
        ),
    ):
        with pytest.raises(UsageError, match=words) as e:
            ENGINE.check(data)
        assert "constructor" not in str(e.value)
