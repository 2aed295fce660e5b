"""The kit for readers: a sound one keeps the laws, and of a bad one the message says what is broken."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from typing import Any

import pytest

from potable.engine.reading.csv.reader import CsvReader
from potable.engine.reading.json.format import JsonReader
from potable.engine.testing import check_reader

DATA = b"HeLa      12  \nK562\nJurkat    x1\n" + b"Vero      7\n" * 20
WIDTHS = {"widths": {"name": 10, "age": 4}}


@pytest.fixture
def columns(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The authors' guide's reader, with some of its text replaced."""
    page = (Path(__file__).parents[3] / "docs/plugins.md").read_text(encoding="utf-8")
    [sample] = re.findall(r"```python\n# columns\.py\n(.*?)```", page, re.DOTALL)

    def changed(*replaced: tuple[str, str]) -> Any:
        text = sample
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        module = module_from_spec(ModuleSpec("columns_of_the_guide", None))
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(compile(text, "columns.py", "exec"), vars(module))
        return vars(module)["ColumnsReader"]

    return changed


def test_the_guides_reader_keeps_the_laws(columns: Callable[..., Any]) -> None:
    check_reader(columns(), DATA, definition=WIDTHS)
    check_reader(columns(), b"HeLa", definition=WIDTHS, sizes=(1, 2))
    check_reader(columns(), b"", definition=WIDTHS)


def test_our_own_readers_keep_the_laws() -> None:
    check_reader(CsvReader, b'a,b\n1,x\n2,"y\nz"\n3\n,\n' * 9, definition={"ingestMethod": "CSV"})
    check_reader(JsonReader, b'{"a": 1, "b": {"c": [1, "x"]}}\n{"a": null}\n' * 9, definition={"ingestMethod": "JSONL"})


BROKEN = {
    "a record number of the chunk": (
        ("first_record=record,", "first_record=1,"), "cut 1 with first_record 1, where cut 1 with 9"),
    "texts that are lost between blocks": (
        ("(rest + block).rpartition", "block.rpartition"), "records are others when Limits.chunk_bytes is 100: "),
    "places of the chunk": (("line=self.cut.line + self.row(n)", "line=1 + self.row(n)"), "lies before record"),
    "a byte of the chunk": (("byte=int(self.bytes[self.row(n)])", "byte=int(self.bytes[self.row(n)] - self.cut.byte)"),
                            "places are others when Limits.chunk_bytes is 100: of record"),
    "too few places": (("for n in numbers\n        ]", "for n in numbers[:1]\n        ]"), "places for"),
    "all records in place of some": (
        ("self.numbers = every if records is None else records", "self.numbers = every"),
        "records asked for by number are others than before"),
    "numbers without a type": (("dtype=np.uint64)\n        self.numbers", "dtype=np.int64)\n        self.numbers"),
                               "parse gave a chunk whose numbers are an array of int64, not an array of uint64"),
    "a field that isn't there": (
        ("columns.get(path, nothing)", "columns.get(path, ['x'] * len(lines))"),
        "a field that the source doesn't have has values"),
    "a field less": (("wanted = columns if fields is None else sorted(fields)", "wanted = columns"),
                     "parse gave a chunk without the column $.'no such field': what was asked for and isn't there"),
    "numbers in place of texts": (
        ("schema=dict.fromkeys(wanted, pl.String)\n        )",
         "schema=dict.fromkeys(wanted, pl.String)\n        ).with_columns(pl.all().str.len_chars())"),
        "parse gave a chunk whose column $.name is of the type UInt32: columns are texts"),
    "faults told twice": (
        ("self.short(widths, lines) if records is None else ()", "self.short(widths, lines)"),
        "a chunk of some records has tallies, which are told twice then"),
    "an undeclared code": (('Tally(code="columns/short-line"', 'Tally(code="columns/short"'),
                           "it reports the code columns/short, which it doesn't declare"),
    "another's code": (('id="columns/short-line"', 'id="lines/short"'), "code lines/short doesn't start with columns/"),
    "formats that are a text": (('formats = frozenset({"columns"})', 'formats = "columns"'),
                                "formats is 'columns': write a set of texts"),
    "a parser that doesn't pickle": (("return ColumnsParser(self.widths)", "return ColumnsParser({1: lambda: 1})"),
                                     "it raised"),
    "no second time": (("for cut in self.cuts():\n            if records", "for cut in ():\n            if records"),
                       "again gives other cuts than cuts did"),
    "a wrong hash": (("return dict(self.hashes)", "return dict.fromkeys(self.hashes, 'ab')"),
                     "digests has ab for data, whose SHA-256 is"),
    "one file's name for all": (("hints=self.parts[number].name", "hints=self.parts[0].name"),
                                "a chunk of the part 'data again' has the file 'data'"),
    "lines that go on in the next file": (
        ("byte, line, rest = 0, 1, b\"\"", "byte, line, rest = (byte, line, b\"\") if number else (0, 1, b\"\")"),
        "of two equal parts, Location(file='data again', "),
    "the first file alone": (("enumerate(self.parts)", "enumerate(self.parts[:1])"),
                             "of two equal parts it gives"),
    "a reading that breaks": (("byte, line, rest = 0, 1, b\"\"", "raise OSError('disk')"),
                              "it raised OSError: disk (columns.py:"),
}  # fmt: skip


@pytest.mark.parametrize("sort", BROKEN)
def test_a_bad_reader_fails_with_what_is_broken(sort: str, columns: Callable[..., Any]) -> None:
    replaced, words = BROKEN[sort]
    with pytest.raises(AssertionError) as e:
        check_reader(columns(replaced), DATA, definition=WIDTHS)
    assert str(e.value).startswith("columns: ")
    assert words in str(e.value)


def test_a_definition_that_lacks_something_is_told(columns: Callable[..., Any]) -> None:
    with pytest.raises(AssertionError, match="columns: the definition can't be used: the method COLUMNS needs widths"):
        check_reader(columns(), DATA)
