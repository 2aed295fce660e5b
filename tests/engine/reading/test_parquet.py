"""Parquet files, made by PyArrow and Polars, read exactly."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potable.engine.checker import EACH_FIELD
from potable.engine.contracts.reading import KIND_SUFFIX
from potable.engine.limits import Limits
from potable.engine.paths import canonical
from potable.engine.reading.parquet import ParquetReader
from potable.engine.reading.parquet import reader as reader_module

from .opening import open_files
from .tables import again, drain


def write(folder, columns, name="a.parquet", **how):
    path = folder / name
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), path, **how)
    return path


def read(*paths, **how):
    return drain(ParquetReader, *paths, **how)


def test_every_scalar_type_has_its_kind_and_text(tmp_path):
    columns = {
        "int": pa.array([1, -(2**63), None], pa.int64()),
        "uint": pa.array([0, 2**64 - 1, None], pa.uint64()),
        "float": pa.array([1.5, 0.1, None], pa.float64()),
        "bool": pa.array([True, False, None]),
        "text": pa.array(["", "naïve", None]),
        "dictionary": pa.array(["a", "b", None]).dictionary_encode(),
        "date": pa.array([dt.date(2024, 2, 29), dt.date(1, 1, 1), None]),
        "naive": pa.array([dt.datetime(2024, 2, 29, 12), dt.datetime(1969, 1, 1), None], pa.timestamp("us")),
        "utc": pa.array([dt.datetime(2024, 2, 29, 12), dt.datetime(1969, 1, 1), None], pa.timestamp("ms", "UTC")),
        "time": pa.array([dt.time(1, 2, 3), dt.time(0), None], pa.time64("us")),
        "decimal": pa.array([Decimal("1.50"), Decimal("-0.01"), None], pa.decimal128(10, 2)),
        "wide": pa.array([Decimal("1" * 48 + ".50"), Decimal("-0.01"), None], pa.decimal256(60, 2)),
        "bytes": pa.array([b"\x00\xff", b"", None]),
        "nothing": pa.nulls(3),
    }
    result = read(write(tmp_path, columns))
    assert result.fault is None
    assert result.tallies == []
    assert result.columns == tuple(f"$.{name}" for name in columns)
    number, string, boolean, null = "number", "string", "boolean", ("null", None)
    assert result.values == {
        "$.int": [(number, "1"), (number, "-9223372036854775808"), null],
        "$.uint": [(number, "0"), (number, "18446744073709551615"), null],
        "$.float": [(number, "1.5"), (number, "0.1"), null],
        "$.bool": [(boolean, "true"), (boolean, "false"), null],
        "$.text": [(string, ""), (string, "naïve"), null],
        "$.dictionary": [(string, "a"), (string, "b"), null],
        "$.date": [(string, "2024-02-29"), (string, "0001-01-01"), null],
        "$.naive": [(string, "2024-02-29T12:00:00.000000"), (string, "1969-01-01T00:00:00.000000"), null],
        "$.utc": [(string, "2024-02-29T12:00:00.000+00:00"), (string, "1969-01-01T00:00:00.000+00:00"), null],
        "$.time": [(string, "01:02:03"), (string, "00:00:00"), null],
        "$.decimal": [(number, "1.50"), (number, "-0.01"), null],
        "$.wide": [(number, "1" * 48 + ".50"), (number, "-0.01"), null],
        "$.bytes": [(string, "AP8="), (string, ""), null],
        "$.nothing": [null, null, null],
    }


@pytest.mark.parametrize("zone", ["+05:30", "Mars/Base"])
def test_times_of_a_zone_that_polars_does_not_know_are_told_in_utc(tmp_path, zone):
    times = pa.array([dt.datetime(2024, 2, 29, 12), None], pa.timestamp("ms", zone))
    nested = pa.array([{"t": [dt.datetime(2024, 2, 29, 12)]}, None], pa.struct([("t", pa.list_(times.type))]))
    result = read(write(tmp_path, {"at": times, "st": nested}), fields={"$.at", "$.st.t[*]"})
    assert result.fault is None
    assert result.values["$.at"] == [("string", "2024-02-29T12:00:00.000+00:00"), ("null", None)]
    assert result.values["$.st.t[*]"][0] == ("string", "2024-02-29T12:00:00+00:00")


def test_nested_columns_have_a_kind_and_no_text(tmp_path):
    columns = {
        "before": [1, 2],
        "struct": [{"x": 1, "y": [1, 2]}, None],
        "struct.x": ["a name with a dot", "isn't nested"],
        "list": [[1], []],
        "map": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int32())),
        "after": ["p", "q"],
    }
    path = write(tmp_path, columns)
    result = read(path)
    assert result.kinds("$.struct") == ["object", "null"]
    assert result.kinds("$.list") == ["array", "array"]
    assert {
        kind for p in ("$.struct", "$.list", "$.map") for kind, text in result.values[p] if text is not None
    } == set()
    assert result.texts("$.after") == ["p", "q"]
    assert result.texts("$.'struct.x'") == ["a name with a dot", "isn't nested"]
    for field in result.columns:
        assert read(path, fields=frozenset({field})).values == {field: result.values[field]}


NESTED = {
    "id": [1, 2, 3],
    "st": [{"x": 1, "y": {"z": ["p"]}}, {"x": None, "y": {"z": ["q", "r"]}}, None],
    "l": [[1, 2], [], None],
    "m": pa.array([[("k", 1.5)], None, [("other", 2.0)]], pa.map_(pa.string(), pa.float64())),
    "ls": [[{"k": "a", "on": True}, {"k": "b", "on": None}], [], None],
    "d": pa.array([{"w": Decimal("1" * 48 + ".50")}, None, None], pa.struct([("w", pa.decimal256(60, 2))])),
    "t": pa.array([{"at": dt.datetime(2024, 2, 29, 12), "on": dt.date(2024, 2, 29), "raw": b"\x00\xff"}, None, None]),
}


@pytest.mark.parametrize(
    ("path", "kinds", "texts"),
    [
        ("$.st.x", ["number", "absent", "absent"], ["1", None, None]),
        ("$.st.y", ["object", "object", "absent"], [None, None, None]),
        ("$.st.y.z[0]", ["string", "string", "absent"], ["p", "q", None]),
        ("$.st.y.z[*]", [["string"], ["string"] * 2, ["absent"]], [["p"], ["q", "r"], [None]]),
        ("$.l[*]", [["number"] * 2, ["absent"], ["absent"]], [["1", "2"], [None], [None]]),
        ("$.l[1]", ["number", "absent", "absent"], ["2", None, None]),
        ("$.m.k", ["number", "absent", "absent"], ["1.5", None, None]),
        ("$.ls[*].k", [["string"] * 2, ["absent"], ["absent"]], [["a", "b"], [None], [None]]),
        ("$.ls[?(@.'k'='a')].on", ["boolean", "absent", "absent"], ["true", None, None]),
        ("$.d.w", ["string", "absent", "absent"], ["1" * 48 + ".50", None, None]),
        ("$.t.at", ["string", "absent", "absent"], ["2024-02-29T12:00:00", None, None]),
        ("$.t.on", ["string", "absent", "absent"], ["2024-02-29", None, None]),
        ("$.t.raw", ["string", "absent", "absent"], ["AP8=", None, None]),
        ("$..k", [["number", "string", "string"], ["absent"], ["absent"]], [["1.5", "a", "b"], [None], [None]]),
        ("$.st.nothing", ["absent"] * 3, [None] * 3),
        ("$.id.x", ["absent"] * 3, [None] * 3),
    ],
)
def test_paths_lead_into_nested_columns(tmp_path, path, kinds, texts):
    reading = open_files(ParquetReader, [write(tmp_path, NESTED)])
    (cut,) = reading.cuts()
    field = canonical(path)
    for fields in ({field}, {field, EACH_FIELD}):
        chunk = reading.parser().parse(cut, frozenset(fields))
        assert chunk.frame[field].to_list() == texts
        assert chunk.frame[field + KIND_SUFFIX].to_list() == kinds
        assert (field in chunk.columns) == (path != "$.id.x")
        assert ("$.id" in chunk.frame.columns) == (EACH_FIELD in fields)


def test_records_are_objects_of_typed_values(tmp_path):
    reading = open_files(ParquetReader, [write(tmp_path, NESTED | {"f": [float("nan"), 2.5, float("-inf")]})])
    (cut,) = reading.cuts()
    documents = dict(reading.parser().parse(cut).documents())
    assert documents == {
        0: {
            "id": 1, "st": {"x": 1, "y": {"z": ["p"]}}, "l": [1, 2], "m": {"k": 1.5},
            "ls": [{"k": "a", "on": True}, {"k": "b"}], "d": {"w": "1" * 48 + ".50"},
            "t": {"at": "2024-02-29T12:00:00", "on": "2024-02-29", "raw": "AP8="}, "f": "NaN",
        },
        1: {
            "id": 2, "st": {"y": {"z": ["q", "r"]}}, "l": [], "m": None, "ls": [], "d": None, "t": None, "f": 2.5,
        },
        2: {
            "id": 3, "st": None, "l": None, "m": {"other": 2.0}, "ls": None, "d": None, "t": None, "f": "-INF",
        },
    }  # fmt: skip


def test_a_field_that_there_isnt_is_absent(tmp_path):
    path = write(tmp_path, {"a": [1, 2, 3]})
    assert read(path, fields=frozenset({"$.b"})).values == {"$.b": [("absent", None)] * 3}
    assert list(read(path, fields=frozenset({"$.b", "$.a"})).values) == ["$.a", "$.b"]
    assert read(path, fields=frozenset()).numbers == [1, 2, 3]


def test_records_are_numbered_over_all_files_and_row_groups(tmp_path):
    paths = [
        write(tmp_path, {"a": list(range(5))}, "a.parquet", row_group_size=2),
        write(tmp_path, {"a": pa.array([], pa.int64())}, "b.parquet"),
        write(tmp_path, {"a": [5, 6]}, "c.parquet"),
    ]
    result = read(*paths)
    assert result.texts("$.a") == list("0123456")
    assert result.numbers == [1, 2, 3, 4, 5, 6, 7]
    assert [(p.file, p.record, p.line, p.byte, p.path) for p in result.places][4:6] == [
        ("a.parquet", 5, None, None, None),
        ("c.parquet", 6, None, None, None),
    ]
    assert (result.cuts, result.tallies) == (4, [])


def test_a_row_group_of_many_rows_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(reader_module, "ROWS", 3)
    path = write(tmp_path, {"a": list(range(8))}, row_group_size=5)
    result = read(path)
    assert result.cuts == 3
    assert result.texts("$.a") == list("01234567")
    cuts, numbers, values = again(ParquetReader, [path], [2, 3, 7], frozenset({"$.a"}))
    assert (cuts, numbers, values) == (2, [2, 3, 7], {"$.a": [("number", "1"), ("number", "2"), ("number", "6")]})


def test_columns_are_matched_by_name(tmp_path):
    paths = [write(tmp_path, {"a": [1], "b": [2]}), write(tmp_path, {"c": [3], "a": [4]}, "b.parquet")]
    result = read(*paths)
    assert result.values == {"$.a": [("number", "1"), ("number", "4")], "$.b": [("number", "2"), ("absent", None)]}
    [differs] = result.tallies
    assert (differs.code, differs.details) == ("parquet/header-differs", {"lacking": ["b"], "extra": ["c"]})
    assert differs.samples[0].message == "b.parquet lacks 'b' and has 'c' besides, compared with a.parquet"


def test_names_of_columns(tmp_path):
    table = pa.table([[1], [2], [3], [4], [5]], names=["a", "a", " b", "", "__index_level_0__"])
    result = read(write(tmp_path, table))
    assert result.columns == ("$.a", "$.'a'[2]", "$.b", "$.''", "$.__index_level_0__")
    assert [v[0][1] for v in result.values.values()] == ["1", "2", "3", "4", "5"]
    assert {(code, field) for code, field, _, _ in result.said} == {
        ("parquet/duplicate-header", "$.'a'[2]"),
        ("parquet/header-whitespace", "$.b"),
        ("parquet/blank-header", "$.''"),
        ("parquet/made-up-header", "$.__index_level_0__"),
    }


@pytest.mark.parametrize("data", [b"PAR2", b"x" * 100, b""], ids=["short", "other", "empty"])
def test_what_isnt_parquet_is_unreadable(tmp_path, data):
    path = tmp_path / "a.parquet"
    path.write_bytes(data)
    fault = read(path).fault
    assert (fault.code, fault.location.file) == ("parquet/unreadable", "a.parquet")
    assert fault.message.startswith("a.parquet can't be read: Parquet ")


def test_a_file_that_was_cut_off_is_unreadable(tmp_path):
    path = write(tmp_path, {"a": list(range(100))})
    path.write_bytes(path.read_bytes()[:-1])
    assert read(path).fault.code == "parquet/unreadable"


def test_a_damaged_page_ends_the_reading_there(tmp_path):
    columns = {"a": [f"value {i}" for i in range(40)]}
    path = write(
        tmp_path, columns, row_group_size=10, compression="none", write_page_checksum=True, use_dictionary=False
    )
    data = bytearray(path.read_bytes())
    data[data.index(b"value 25")] ^= 0xFF
    path.write_bytes(data)
    result = read(path)
    assert result.numbers == list(range(1, 21))
    assert result.fault.code == "parquet/unreadable"
    assert result.fault.message.startswith("a.parquet can't be read in its row group 3: ")
    assert len(result.fault.message) <= 1_100


def test_strings_that_arent_utf_8(tmp_path):
    texts = pa.Array.from_buffers(pa.string(), 2, pa.array([b"ok", b"caf\xe9"]).buffers())
    path = write(tmp_path, {"id": [1, 2], "name": texts})
    fault = read(path).fault
    assert fault.code == "parquet/unreadable"
    assert fault.message.startswith("a.parquet can't be read in its row group 1: column $.name: ")
    assert read(path, fields=frozenset({"$.id"})).texts("$.id") == ["1", "2"]


class Kms(pe.KmsClient):
    """Keys that wrap nothing."""

    def wrap_key(self, key_bytes, master_key_identifier):
        return base64.b64encode(key_bytes)

    def unwrap_key(self, wrapped_key, master_key_identifier):
        return base64.b64decode(wrapped_key)


@pytest.mark.parametrize("plaintext_footer", [False, True])
def test_an_encrypted_file_is_unreadable(tmp_path, plaintext_footer):
    config = pe.EncryptionConfiguration(footer_key="f", column_keys={"c": ["a"]}, plaintext_footer=plaintext_footer)
    factory = pe.CryptoFactory(lambda _: Kms())
    properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), config)
    result = read(write(tmp_path, {"a": [1, 2]}, encryption_properties=properties))
    assert result.fault.code == "parquet/unreadable"
    assert (result.numbers, result.fault.hint) == (
        [],
        "Decrypt the file, or have it exported without encryption.",
    )


@pytest.mark.parametrize(
    ("spoil", "words", "hint"),
    [
        (lambda data: data[:4], "it's cut off: the list of its contents at its end is missing", "Get the file again"),
        (lambda data: data[:-9], "it's cut off: the list of its contents at its end is missing", "Get the file again"),
        (gzip.compress, "it's compressed with gzip as a whole, and Parquet isn't unpacked", "Unpack the file"),
    ],
)
def test_a_file_that_was_cut_off_or_packed_is_unreadable(tmp_path, spoil, words, hint):
    path = write(tmp_path, {"a": [1, 2]})
    path.write_bytes(spoil(path.read_bytes()))
    fault = read(path).fault
    assert (fault.code, fault.message) == ("parquet/unreadable", f"a.parquet can't be read: {words}")
    assert fault.hint.startswith(hint)


def test_no_rows_are_no_records(tmp_path):
    result = read(write(tmp_path, {"a": pa.array([], pa.int64())}))
    assert result.columns == ("$.a",)
    assert [(code, records) for code, _, records, _ in result.said] == [("parquet/no-records", [])]


def test_what_unpacks_to_too_much_isnt_read(tmp_path):
    path = write(tmp_path, {"a": ["x" * 1_000] * 1_000}, use_dictionary=False)
    assert path.stat().st_size < 100_000
    fault = read(path, limits=Limits(inflated_bytes=1_000_000)).fault
    assert fault.code == "access/compression"
    assert fault.message.endswith("more than 1,000,000 (Limits.inflated_bytes)")
    assert read(path, limits=Limits(inflated_bytes=1_100_000)).fault is None


def test_too_many_columns(tmp_path):
    path = write(tmp_path, {f"c{i}": [i] for i in range(5)})
    fault = read(path, limits=Limits(columns=4)).fault
    assert (fault.code, fault.message) == (
        "parquet/many-columns",
        "a.parquet has 5 columns, more than 4 (Limits.columns)",
    )


def test_a_file_that_is_changed_meanwhile(tmp_path):
    path = write(tmp_path, {"a": [1]})
    reading = open_files(ParquetReader, [path])
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Exception, match="access/changed"):
        list(reading.cuts())


def test_what_polars_writes(tmp_path):
    path = tmp_path / "p.parquet"
    frame = pl.DataFrame({"c": pl.Series(["a", "b"], dtype=pl.Categorical), "s": [{"x": 1}, {"x": 2}], "n": [1, None]})
    frame.write_parquet(path)
    result = read(path)
    assert result.values == {
        "$.c": [("string", "a"), ("string", "b")],
        "$.s": [("object", None), ("object", None)],
        "$.n": [("number", "1"), ("null", None)],
    }


CELLS = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.string(): st.text(max_size=5),
    pa.bool_(): st.booleans(),
}
TEXT = {pa.int64(): str, pa.string(): str, pa.bool_(): lambda b: str(b).lower()}
KIND = {pa.int64(): "number", pa.string(): "string", pa.bool_(): "boolean"}


@st.composite
def tables(draw):
    rows = draw(st.integers(1, 12))
    types = draw(st.lists(st.sampled_from(list(CELLS)), min_size=1, max_size=3))
    return [(t, draw(st.lists(st.none() | CELLS[t], min_size=rows, max_size=rows))) for t in types]


@settings(deadline=None, max_examples=60)
@given(tables(), st.integers(1, 5), st.integers(1, 5), st.data())
def test_a_table_comes_back_as_it_was(tmp_path_factory, columns, group, rows, data):
    folder = tmp_path_factory.mktemp("law")
    path = write(folder, {f"c{i}": pa.array(v, t) for i, (t, v) in enumerate(columns)}, row_group_size=group)
    expected = {
        f"$.c{i}": [("null", None) if v is None else (KIND[t], TEXT[t](v)) for v in values]
        for i, (t, values) in enumerate(columns)
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader_module, "ROWS", rows)
        result = read(path)
        assert (result.values, result.tallies, result.fault) == (expected, [], None)
        count = len(columns[0][1])
        wanted = sorted(data.draw(st.sets(st.integers(1, count), min_size=1)))
        field = data.draw(st.sampled_from(sorted(expected)))
        _, numbers, values = again(ParquetReader, [path], wanted, frozenset({field}))
    assert numbers == wanted
    assert values == {field: [expected[field][n - 1] for n in wanted]}
