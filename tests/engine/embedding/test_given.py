"""What can't be meant is refused, with a message that says what to write instead."""

from __future__ import annotations

import io
import json
import pickle
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl
import pytest

from potable.engine import Checker, Engine, Limits, SourceDefinition
from potable.engine.contracts.catalog import Catalog, Reporter
from potable.engine.contracts.events import Progress
from potable.engine.contracts.report import Report
from potable.engine.errors import CatalogError, DefinitionError, SourceOnHold, UnknownSource, UsageError
from potable.engine.toolkit import from_mapping


class Ages(Checker):
    """Finds nothing."""

    name = "ages"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "people.csv"
    file.write_text("name,age\nAnn,7\nAnn,8\n")
    return file


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"limits": {}}, r"limits: \{\} isn't a Limits object; write limits=Limits\(\*\*…\)"),
        ({"limits": 5}, "limits: 5 isn't a Limits object"),
        ({"plugins": [object()]}, "plugins: a object isn't a plugin: a class of Checker, Fetcher, "),
        ({"plugins": int}, "plugins: <class 'int'> isn't a plugin"),
        ({"plugins": ""}, "plugins: '' isn't a plugin"),
        ({"without": "agez", "plugins": Ages}, "without: there is no plugin or checker 'agez'; did you mean ages"),
        ({"without": [3]}, "without: 3 isn't the name"),
        ({"jobs": "2"}, "jobs must be a whole number of at least 1, not '2'"),
        ({"jobs": 0}, "jobs must be a whole number of at least 1, not 0"),
        ({"jobs": True}, "jobs must be a whole number of at least 1, not True"),
        ({"jobs": 1.0}, "jobs must be a whole number of at least 1, not 1.0"),
        ({"roots": "there/is/none"}, "roots: the folder 'there/is/none' doesn't exist"),
        ({"roots": [Path(__file__)]}, "roots: the folder .* is a file; give the folder that it lies in"),
        ({"roots": [3]}, "roots: 3 isn't a folder"),
        ({"roots": ""}, "roots: '' isn't a folder"),
        ({"allow_hosts": [b"x"]}, "allow_hosts: b'x' isn't a host"),
        ({"allow_hosts": "http://db.example"}, "allowed host 'http://db.example': write the host alone"),
        ({"allow_hosts": ["db.example", "10.0.0.256"]}, "allowed host '10.0.0.256' is neither a host name nor an IP"),
        ({"snapshots": 3}, "snapshots: 3 isn't a folder"),
        ({"snapshots": ["a", "b"]}, "snapshots is one folder, not 2"),
        ({"catalog": 3}, "catalog: 3 is neither the place of a catalogue"),
        ({"catalog": {"R": {}}}, "catalog: a dict is neither the place of a catalogue"),
    ],
)
def test_arguments_that_cannot_be_meant(given: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Engine(**given)


def test_none_is_as_if_nothing_was_given(file: Path) -> None:
    engine = Engine(None, limits=None, plugins=None, without=None, jobs=None, allow_hosts=None, snapshots=None)
    assert (
        engine.check(file, select=None, ignore=None, schema=None, primary_key=None, progress=None).counts.records == 2
    )


def test_numbers_are_of_any_integer_type(file: Path) -> None:
    one, two, five = pl.Series([1, 2, 5]).to_numpy()
    limits = Limits(chunk_bytes=five, read_seconds=two)
    assert (limits, type(limits.chunk_bytes)) == (Limits(chunk_bytes=5, read_seconds=2), int)
    assert Engine(jobs=two, limits=limits).check(file).counts.records == 2
    sample = Engine().check(file, limit_records=one).source.sample
    assert json.dumps(sample) == '{"mode": "limit-records", "size": 1}'


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamLimits(Limits):
    """Bounds with another default, and what is none."""

    samples: int = 1
    team: str = "curation"


def test_limits_of_ones_own(file: Path) -> None:
    file.write_text("id,name\n1\n2\n3\n")
    (missing,) = Engine(limits=TeamLimits()).check(file).findings
    assert (missing.code, missing.count, len(missing.samples)) == ("csv/missing-cell", 3, 1)
    assert pickle.loads(pickle.dumps(TeamLimits(team="b"))) == TeamLimits(team="b")
    with pytest.raises(UsageError, match="Limits: samples is 0; it must be a whole number above 0"):
        TeamLimits(samples=0)


async def asynchronous(event: Progress) -> None:
    """Told of nothing."""


class Following:
    """The same, as an object."""

    async def __call__(self, event: Progress) -> None:
        """Told of nothing."""


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"primary_key": 3}, "primary_key must be the name of a column, or several, not 3"),
        ({"primary_key": ["name", None]}, "primary_key must be the name of a column, or several, not None"),
        (
            {"primary_key": "age", "primaryKey": "name"},
            r"primary_key=\['age'\] contradicts the definition's primaryKey",
        ),
        (
            {"primary_key": "age", "primaryKeyJSONPath": "name"},
            "contradicts the definition's primaryKeyJSONPath, 'name'",
        ),
        ({"schema": 3}, "schema must be a mapping or the path of a file, not int"),
        ({"select": 3}, "select: 3 isn't a code"),
        ({"ignore": [3]}, "ignore: 3 isn't a code"),
        ({"ignore": "acess"}, "there is no code 'acess'; did you mean access"),
        ({"progress": 3}, "progress: 3 can't be called"),
        ({"progress": asynchronous}, "progress is asynchronous, and is called where nothing can wait for it"),
        ({"progress": Following()}, "progress is asynchronous"),
        ({"limit_records": -1}, "the number of records to read must be a whole number of at least 1, not -1"),
        ({"limit_records": "3"}, "the number of records to read must be a whole number of at least 1, not '3'"),
    ],
)
def test_arguments_of_check_that_cannot_be_meant(given: dict[str, Any], told: str, file: Path) -> None:
    for data in (file, pl.read_csv(file), iter([{"name": "Ann", "age": 7}])):
        with pytest.raises(UsageError, match=told):
            Engine().check(data, **given)


def test_a_key_that_is_given_twice(file: Path) -> None:
    definition = {"ingestMethod": "CSV", "ingestURL": str(file), "primaryKey": ["name"]}
    with pytest.raises(UsageError, match=r"primary_key=\['age'\] contradicts the definition's primaryKey, \['name'\]"):
        Engine(roots=file.parent).check(definition, primary_key="age")
    schema: dict[str, Any] = {"fields": []}
    with pytest.raises(UsageError, match="contradicts the definition's schema"):
        Engine().check({**definition, "schema": "s.json"}, schema=schema)
    for same in ("name", ["name"], ("name",)):
        assert Engine(roots=file.parent).check(definition, primary_key=same).counts.records == 2
    assert Engine(roots=file.parent).check({**definition, "primaryKey": "name"}, primary_key="name").counts.records == 2


class Told:
    """Something that has a path."""

    def __init__(self, path: Any) -> None:
        self.path = path

    def __fspath__(self) -> Any:
        return self.path


def test_whatever_has_a_path_is_one(file: Path) -> None:
    for place in (PurePosixPath(file), Told(str(file))):
        report = Engine().check(place, limit_records=1)
        assert (report.source.name, report.counts.records) == ("people.csv", 1)
    assert Engine().describe(Told(str(file)))["ingestMethod"] == "CSV"
    for odd in ("", Told(b"people.csv"), "people\0.csv"):
        with pytest.raises(UsageError, match="a path or URL is a text that isn't empty"):
            Engine().check(odd)
    assert [f.code for f in Engine().check("x" * 5000).findings] == ["access/not-found"]


def test_a_source_definition_is_run_as_it_is(file: Path) -> None:
    source = from_mapping({"resourceID": "P", "ingestMethod": "CSV", "ingestURL": file.name}, folder=file.parent)
    report = Engine().check(source, limit_records=1)
    assert (report.run.resource_id, report.counts.records) == ("P", 1)
    with pytest.raises(UsageError, match="a SourceDefinition is whole: primaryKey can't be added"):
        Engine().check(source, primary_key="name")


@pytest.mark.parametrize(
    "values",
    [range(3), iter("abc"), deque("abc"), (n for n in range(3)), {1: 1, 2: 2, 3: 3}.keys(), pl.Series([1, 2, 3])],
)
def test_any_values_in_an_order_are_a_column(values: Any) -> None:
    assert Engine().check({"a": values}).counts.records == 3


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"name": "Ann", "age": 7}, "'name' are a str.*a single record belongs into a list"),
        ({"name": ["Ann"], "age": 7}, "'age' are a int"),
        ({"age": {1, 2}}, "'age' are a set.*has no order"),
    ],
)
def test_a_mapping_that_is_neither_definition_nor_columns(data: Any, told: str) -> None:
    with pytest.raises(UsageError, match=f"neither a definition.*nor a mapping from column to values.*{told}"):
        Engine().check(data)


def test_a_definition_is_not_described_as_if_it_were_data(file: Path) -> None:
    with pytest.raises(UsageError, match="'ingestMethod' is a str where the values of a column have to be"):
        Engine().describe({"ingestMethod": "CSV", "ingestURL": str(file)})


def test_a_definition_is_told_by_what_it_names(file: Path) -> None:
    engine = Engine(roots=file.parent)
    assert engine.check({"delimiter": ","}, ingestMethod="CSV", ingestURL=str(file)).counts.records == 2
    package = {"resources": [{"name": "people", "path": file.name}]}
    assert engine.check(package).source.ingest_url == file.name
    meant = engine.check({"ingest_url": str(file), "ingest_method": "CSV"})
    assert {"definition/unknown-key"} <= {f.code for f in meant.findings}


class Said(Reporter):
    """The verdict alone."""

    name = "said"

    def render(self, report: Report) -> str:
        return report.verdict


class Beside(Catalog):
    """One source beside the program."""

    name = "beside"

    @classmethod
    def opens(cls, location: str) -> bool:
        return location.startswith("beside:")

    @classmethod
    def open(cls, location: str) -> Beside:
        return cls()

    def ids(self) -> Iterator[str]:
        return iter(["S"])

    def get(self, resource_id: str) -> SourceDefinition:
        return from_mapping({"resourceID": resource_id, "ingestMethod": "INLINE", "data": [{"id": "a"}]})


def test_classes_of_catalogues_and_reporters_are_plugins() -> None:
    engine = Engine("beside:here", plugins=[Said, Beside, Ages])
    report = engine.run("S")
    assert engine.render(report, "said").strip() == "passed"
    assert "ages" in {line.checker for line in report.coverage}


class Odd(Catalog):
    """A catalogue that answers as it's told to."""

    name = "odd"

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    @classmethod
    def opens(cls, location: str) -> bool:
        return False

    @classmethod
    def open(cls, location: str) -> Odd:
        raise NotImplementedError

    def ids(self) -> Iterator[str]:
        return iter(["R"])

    def get(self, resource_id: str) -> SourceDefinition:
        if isinstance(self.answer, BaseException):
            raise self.answer
        answer: SourceDefinition = self.answer
        return answer


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, r"get\('R'\) gave None where a SourceDefinition belongs; .* Odd has to raise UnknownSource"),
        ({"resourceID": "R"}, r"gave a dict where .*toolkit.from_mapping makes one"),
        ([], "gave a list where"),
        (KeyError("R"), r"get\('R'\) failed: KeyError: 'R'; .* Odd has to raise UnknownSource"),
        (OSError("no disk"), "failed: OSError: no disk"),
    ],
)
def test_a_catalogue_that_answers_oddly(answer: Any, told: str) -> None:
    engine = Engine(Odd(answer))
    for ask in (engine.run, engine.events):
        with pytest.raises(CatalogError, match=told):
            ask("R")


def test_what_a_catalogue_raises_on_purpose_passes_through() -> None:
    for error in (UnknownSource("R"), DefinitionError("it's broken"), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            Engine(Odd(error)).run("R")


def test_a_source_on_hold_is_not_run() -> None:
    source = from_mapping({"resourceID": "R", "ingestMethod": "CSV", "ingestURL": "x.csv", "hold": True})
    engine = Engine(Odd(source))
    for ask in (engine.run, engine.events):
        with pytest.raises(SourceOnHold):
            ask("R")


def test_a_snapshot_that_is_no_digest() -> None:
    for snapshot in (3, "zz", "abc"):
        with pytest.raises(UsageError, match="isn't the SHA-256 of a snapshot"):
            Engine(Odd(None)).run("R", snapshot=snapshot)  # type: ignore[arg-type]


def test_streams_and_types_are_no_tables() -> None:
    for data in (io.BytesIO(b"id\n1\n"), Limits, 5):
        with pytest.raises(UsageError, match=r"can't check (a|an|the class) "):
            Engine().check(data)


@pytest.mark.parametrize(
    ("name", "near"),
    [("primary_keys", "primary_key"), ("err_perc", "errPerc"), ("sep", "delimiter"), ("limit_record", "limit_records")],
)
def test_a_misspelt_argument_is_refused(name: str, near: str) -> None:
    with pytest.raises(UsageError, match=f"no argument '{name}'.*did you mean {near}\\?"):
        Engine().check({"id": [1, 1]}, **{name: "id"})


def test_an_argument_that_nothing_takes_is_refused() -> None:
    with pytest.raises(UsageError, match="no definition has a member 'colour'"):
        Engine().check({"id": [1, 1]}, colour="red")


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (
            ImportError("libx.so: failed to map segment"),
            "a package that reads it can't be imported: libx.so: failed to map",
        ),
        (ValueError("boo"), "give a path, .* or a frame .boo"),
    ],
)
def test_a_frame_whose_library_fails_is_not_taken_for_something_else(raised: Exception, told: str) -> None:
    class Frame:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise raised

    with pytest.raises(UsageError, match=f"can't check a Frame: {told}"):
        Engine().check(Frame())


def test_a_frame_that_memory_does_not_suffice_for() -> None:
    class Frame:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise MemoryError

    with pytest.raises(MemoryError):
        Engine().check(Frame())


def test_a_report_is_shown_in_one_line() -> None:
    assert repr(Engine(without="checkers").check({"id": [1, 2]})) == "<Report frame: passed, 2 records>"
    unread = Engine().check("there/is/none.csv")
    assert repr(unread) == "<Report none.csv: inconclusive, 1 error, 0 records: access/not-found x 1>"
    assert repr(unread).isascii()


def test_a_definition_on_hold_is_not_checked(file: Path) -> None:
    held = {"ingestMethod": "CSV", "ingestURL": str(file), "hold": True}
    engine = Engine(roots=file.parent)
    for check in (
        lambda: engine.check(held),
        lambda: engine.check(from_mapping({"resourceID": "held", **held})),
        lambda: engine.check(file, hold=True),
        lambda: engine.check(pl.read_csv(file), hold=True),
    ):
        with pytest.raises(SourceOnHold):
            check()
    assert engine.check({**held, "hold": False}).counts.records == 2


def test_file_objects_and_texts_of_data_are_told_what_to_give(file: Path) -> None:
    inline = r"or give the text as a definition, \{'ingestMethod': 'INLINE', .*'data': text\}"
    with file.open() as opened, pytest.raises(UsageError, match=f"TextIOWrapper: give its path, '{file}', {inline}"):
        Engine().check(opened)
    for stream in (io.StringIO("a\n1\n"), io.BytesIO(b"a\n1\n")):
        with pytest.raises(UsageError, match=f"IO: write what it reads to a file and give its path, {inline}"):
            Engine().check(stream)
    with pytest.raises(UsageError, match=f"a text of several lines is no path: .*, {inline}"):
        Engine().check("a,b\n1,2\n")
    odd = file.with_name("a\nb.csv")
    odd.write_bytes(file.read_bytes())
    assert Engine().check(odd).counts.records == 2


def test_what_a_query_raises_is_its_own() -> None:
    with pytest.raises(pl.exceptions.ColumnNotFoundError, match="nosuch"):
        Engine().check(pl.LazyFrame({"a": [1]}).select("nosuch"))
