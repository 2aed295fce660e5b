"""What a fetcher, reader or reporter of somebody else does wrong is told as its fault, at its author's line."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from potable.engine import (
    Checker,
    Code,
    DocumentCheck,
    Engine,
    Fault,
    FileCheck,
    Fold,
    Late,
    Limits,
    Location,
    Occurrence,
    Outcome,
    Rule,
    Severity,
    hookimpl,
)
from potable.engine.contracts.catalog import Reporter
from potable.engine.contracts.fetching import Fetcher
from potable.engine.contracts.reading import Chunk, ChunkParser, Cut, Reader, Reading
from potable.engine.contracts.report import Report
from potable.engine.contracts.snapshot import Part, Snapshot
from potable.engine.errors import EngineFault, PluginError, UsageError
from potable.engine.findings import Tally
from potable.engine.reporting.rendering import rendered

HERE = r" \(test_plugins_at_fault\.py:\d+\)"
FETCHED = "2024-05-31T12:00:00Z"


def engine(fetch: Any = None, reading: Any = None) -> Engine:
    class Odd(Fetcher):
        """Gives what it is told to."""

        name = "odd"
        schemes = frozenset({"odd"})

        def fetch(self, source: Any, context: Any) -> Any:
            path = context.scratch / "a.csv"
            path.write_text("a,b\n1,2\n")
            return fetch(path) if fetch else Snapshot(parts=(Part(name="a.csv", path=path, bytes=8),), fetched=FETCHED)

    class Strange(Reader):
        """Reads as it is told to."""

        name = "strange"
        formats = frozenset({"strange"})

        def open(self, source: Any, snapshot: Any, context: Any) -> Any:
            return reading()

    return Engine(plugins=[Odd, Strange])


def crash(report: Report) -> tuple[str, str]:
    assert report.verdict == "inconclusive"
    [line] = [line for line in report.coverage if line.status == "crashed"]
    return line.checker, line.reason


def undeclared(path: Path) -> Any:
    raise Fault(Occurrence("odd/undeclared", "no"))


def no_occurrence(path: Path) -> Any:
    raise Fault("no")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fetch", "reason"),
    [
        (lambda path: None, "TypeError: fetch gave None where a Snapshot belongs"),
        (lambda path: Snapshot(parts=(), fetched=FETCHED), "ValueError: fetch gave a Snapshot without parts; .*"),
        (
            lambda path: Snapshot(parts=(path,), fetched=FETCHED),
            "TypeError: Snapshot.parts holds a PosixPath .*" + HERE,
        ),
        (lambda path: Part(name="a", path=str(path), bytes=8), "TypeError: Part.path is a str, not a .*" + HERE),  # type: ignore[arg-type]
        (lambda path: Part(name=3, path=path, bytes=8), "TypeError: Part.name is an int, not a text" + HERE),  # type: ignore[arg-type]
        (lambda path: Part(name="a", path=path, bytes=None), "TypeError: Part.bytes is None, not a whole .*" + HERE),  # type: ignore[arg-type]
        (lambda path: Part(name="a", path=path, bytes=8, sha256="ab"), "ValueError: Part.sha256 is 'ab': .*" + HERE),
        (
            lambda path: Snapshot(parts=(Part(name="a", path=path, bytes=8, sha256="0" * 64),), fetched=FETCHED),
            "ValueError: the part 'a' has sha256='0{64}', and its file '492d5e[0-9a-f]{58}': give .*" + HERE,
        ),
        (
            lambda path: Snapshot(
                parts=(Part(name="a", path=path, bytes=8),),
                fetched=FETCHED,
                originals=(Part(name="a.gz", path=path, bytes=8, sha256="0" * 64),),
            ),
            "ValueError: the part 'a.gz' has sha256='0{64}', and its file .*" + HERE,
        ),
        (
            lambda path: Snapshot(parts=(Part(name="a", path=path, bytes=8),), fetched="2024-05-31T12:00:00"),
            "ValueError: Snapshot.fetched is '2024-05-31T12:00:00', without its zone: write ISO 8601 in UTC, .*" + HERE,
        ),
        (
            lambda path: Snapshot(parts=(Part(name="a", path=path, bytes=8),), fetched="yesterday" * 100),
            "ValueError: Snapshot.fetched is 'yesterday.{91}', no time: write ISO 8601 in UTC, .*" + HERE,
        ),
        (
            lambda path: Snapshot(parts=(Part(name="a", path=path, bytes=8),), fetched=FETCHED, etag=1),  # type: ignore[arg-type]
            "TypeError: Snapshot.etag is an int, not a text" + HERE,
        ),
        (lambda path: Part(name="a", path=path, bytes=8, headers=[1]), "TypeError: Part.headers is a list, .*" + HERE),  # type: ignore[arg-type]
        (
            lambda path: Snapshot(parts=(Part(name="a", path=path, bytes=8),), fetched=None),  # type: ignore[arg-type]
            "TypeError: Snapshot.fetched is None, not a text: write ISO 8601 in UTC, with Z" + HERE,
        ),
        (
            lambda path: Snapshot(parts=(Part(name="a", path=path, bytes=8),), fetched=FETCHED, details={"a": {1}}),
            "TypeError: Snapshot.details holds a value of the type set, which JSON doesn't have" + HERE,
        ),
        (undeclared, "it reported the code odd/undeclared, which no plugin documents" + HERE),
        (no_occurrence, "TypeError: a Fault is made of an Occurrence, not of a str" + HERE),
        (lambda path: {}["k"], "KeyError: 'k'" + HERE),
        (lambda path: sys.exit(3), "SystemExit: 3" + HERE),
    ],
)
def test_a_fetcher_at_fault(fetch: Any, reason: str) -> None:
    checker, told = crash(engine(fetch).check({"ingestMethod": "CSV", "ingestURL": "odd:x"}))
    assert checker == "access"
    assert re.fullmatch("the fetcher odd: " + reason, told), told


def test_what_a_fetcher_rightly_says_of_its_parts_is_shown() -> None:
    digest = hashlib.sha256(b"a,b\n1,2\n").hexdigest()

    def fetch(path: Path) -> Any:
        part = Part(name="a.csv", path=path, bytes=8, sha256=digest)
        return Snapshot(parts=(part,), fetched="2024-05-31T14:00:00+02:00", originals=(part,))

    shown = engine(fetch).check({"ingestMethod": "CSV", "ingestURL": "odd:x"}).to_dict()["source"]["snapshot"]
    assert (shown["sha256"], shown["fetched"]) == (digest, FETCHED)


def test_parts_may_be_a_list() -> None:
    def fetch(path: Path) -> Any:
        return Snapshot(parts=[Part(name="a.csv", path=path, bytes=8)], fetched=FETCHED)  # type: ignore[arg-type]

    assert engine(fetch).check({"ingestMethod": "CSV", "ingestURL": "odd:x"}).counts.records == 1


class Plain(Reading):
    """One cut, and nothing of it."""

    typed, columns, codes = False, ("$.a",), ()

    def cuts(self) -> Iterator[Any]:
        yield Cut(index=0, part=0, byte=0, line=1, first_record=1, records=1, data=b"x")

    def again(self, records: Any = None) -> Iterator[Any]:
        return self.cuts()

    def parser(self) -> ChunkParser:
        return Parses()

    def tallies(self) -> Sequence[Tally]:
        return ()

    def digests(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        pass


class Parses(ChunkParser):
    def parse(self, cut: Any, fields: Any = None, records: Any = None) -> Any:
        return None


class One(Chunk):
    """A chunk of one record, in which something is set otherwise."""

    index, typed, columns, file, tallies = 0, False, ("$.a",), "a.csv", ()

    def __init__(self, members: dict[str, Any]) -> None:
        self.frame, self.numbers = pl.DataFrame({"$.a": ["1"]}), np.array([1], np.uint64)
        vars(self).update(members)

    def locate(self, rows: Sequence[int]) -> list[Location]:
        return [Location(file="a.csv", record=1) for _ in rows]


def chunk(**members: Any) -> Any:
    parser = type("Gives", (ChunkParser,), {"parse": lambda self, cut, fields=None, records=None: One(members)})
    return type("Given", (Plain,), {"parser": lambda self: parser()})


class Cuts(Plain):
    def cuts(self) -> Iterator[Any]:
        yield "x"


class Breaks(Plain):
    def cuts(self) -> Iterator[Any]:
        raise ValueError("boo")


class Says(Plain):
    def cuts(self) -> Iterator[Any]:
        raise Fault(Occurrence("strange/undeclared", "no"))


@pytest.mark.parametrize(
    ("reading", "reason"),
    [
        (lambda: None, "TypeError: open gave None where a Reading belongs" + HERE),
        (lambda: {}["k"], "KeyError: 'k'" + HERE),
        (Plain, "TypeError: parse gave None where a Chunk belongs" + HERE),
        (Cuts, "TypeError: cuts gave a str where a Cut belongs" + HERE),
        (type("None", (Plain,), {"cuts": lambda self: None}), "TypeError: cuts gave None: yield each, or .*" + HERE),
        (type("None", (Plain,), {"parser": lambda self: 3}), "TypeError: parser gave an int where .* belongs" + HERE),
        (
            type("None", (chunk(),), {"digests": lambda self: None}),
            "TypeError: digests gave None: give a mapping from names to hashes" + HERE,
        ),
        (
            type("None", (chunk(),), {"tallies": lambda self: None}),
            "TypeError: tallies gave None: yield each, or give a list" + HERE,
        ),
        (
            chunk(frame=pl.DataFrame({"$.a": [1]})),
            r"TypeError: parse gave a chunk whose column \$\.a is of the type Int64: columns are texts, .*" + HERE,
        ),
        (
            chunk(frame=pl.DataFrame({"$.a": ["1", "2"]})),
            "TypeError: parse gave a chunk whose frame has 2 rows, and whose numbers are 1" + HERE,
        ),
        (chunk(frame={}), "TypeError: parse gave a chunk whose frame is a dict, not a DataFrame of Polars" + HERE),
        (chunk(numbers=[1]), "TypeError: parse gave a chunk whose numbers are a list, not an array of uint64" + HERE),
        (
            chunk(frame=pl.DataFrame({"$.*": ["1"]})),
            r"TypeError: parse gave a chunk with a column \$\.\*, which stands for all fields .*" + HERE,
        ),
        (chunk(tallies=["x"]), "TypeError: parse gave a chunk whose tallies hold a str" + HERE),
        (Breaks, "ValueError: boo" + HERE),
        (Says, "it reported the code strange/undeclared, which no plugin documents" + HERE),
    ],
)
def test_a_reader_at_fault(reading: Any, reason: str) -> None:
    report = engine(reading=reading).check({"ingestMethod": "STRANGE", "ingestURL": "odd:x"})
    [line] = [line for line in report.coverage if line.status == "crashed"]
    assert line.checker == "strange"
    assert re.fullmatch(reason, line.reason), line.reason


def test_a_chunk_without_fault_is_read() -> None:
    report = engine(reading=chunk()).check({"ingestMethod": "STRANGE", "ingestURL": "odd:x"})
    assert (report.verdict, report.counts.records) == ("passed", 1)


@pytest.mark.parametrize(
    ("base", "words"), [(Reader, "Mine has no formats: "), (Fetcher, "Mine has no methods and no schemes: ")]
)
def test_what_serves_nothing_is_refused(base: type, words: str) -> None:
    mine = type("Mine", (base,), {"name": "mine", "open": None, "fetch": None})
    hook = f"potable_{base.__name__.lower()}s"
    plugin = SimpleNamespace(__name__="mine", potable_api=1, **{hook: hookimpl(lambda: [mine])})
    for given, named in (plugin, "mine: "), (mine, ""):
        with pytest.raises(PluginError, match=f"^plugins: {named}{words}"):
            Engine(plugins=[given])


@pytest.mark.parametrize(
    ("render", "told"),
    [
        (lambda self, report: None, "the reporter mine failed: it gave a NoneType where a text belongs"),
        (lambda self, report: b"x", "the reporter mine failed: it gave a bytes where a text belongs"),
        (lambda self, report: report.nosuch, "the reporter mine failed: AttributeError: .*'nosuch'" + HERE),
        (lambda self, report: sys.exit(0), "the reporter mine failed: SystemExit: 0" + HERE),
    ],
)
def test_a_reporter_at_fault(render: Any, told: str) -> None:
    report = Engine().check({"a": ["1"]})
    mine = type("Mine", (Reporter,), {"name": "mine", "render": render, "__module__": __name__})
    for several in {False, HERE in told}:
        with pytest.raises(EngineFault, match=f"^{told}$") as e:
            rendered(mine(), [report], several=several)
        assert not isinstance(e.value, UsageError)


class Sum(Fold[int]):
    """Asks for columns."""

    name, codes, fields = "sum", ("sum/x",), ("a", "$.b", "$.c")

    def start(self) -> int:
        return 0

    def update(self, state: int, chunk: Any) -> int:
        return state + len(chunk.frame["$.b"])

    def merge(self, left: int, right: int) -> int:
        return left + right

    def finish(self, state: int) -> Outcome:
        return Outcome(metrics={"n": state})


class Sums(Checker):
    """Sums up."""

    name = "sum"
    codes = (Code(id="sum/x", severity=Severity.ERROR, title="t", meaning="m", why="w", example="e", mend="x"),)

    def folds(self, source: Any) -> Iterable[Fold[Any]]:
        yield Sum()

    def documents(self, source: Any) -> Iterable[DocumentCheck]:
        yield DocumentCheck(codes=["sum/x"], check=self.check)

    def check(self, record: Any) -> Iterable[Occurrence]:
        int(record["a"])
        return []


def test_a_column_that_a_fold_asks_for_and_the_table_lacks_is_told() -> None:
    [line] = [c for c in Engine(plugins=Sums).check({"a": ["1"], "c": ["2"]}).coverage if c.checker == "sum"]
    assert (line.status, line.reason) == ("ran", "not checked: there is no field $.b")
    report = Engine(plugins=Sums).check({"a": ["1"], "b": ["2"], "c": ["3"]})
    assert [c.reason for c in report.coverage if c.checker == "sum"] == [""]


def test_a_check_of_records_that_crashes_says_at_which() -> None:
    table = {"a": [str(n % 7) if n != 3_000 else "x" for n in range(1, 5_001)], "b": ["1"] * 5_000, "c": ["1"] * 5_000}
    [line] = [c for c in Engine(plugins=Sums).check(table).coverage if c.checker == "sum"]
    assert line.status == "crashed"
    assert re.fullmatch(f"ValueError: invalid literal .* 'x'{HERE} at record 3,000", line.reason)


@pytest.mark.parametrize(
    ("say", "reason"),
    [
        (
            lambda: Occurrence("sum/x", "m", details={"d": {1, 2}}),
            "TypeError: Occurrence.details holds a value of the type",
        ),
        (lambda: Occurrence("sum/x", "m", details=[1]), "TypeError: Occurrence.details is a list, not a mapping"),  # type: ignore[arg-type]
        (lambda: Occurrence("sum/x", "m", location="3"), "TypeError: Occurrence.location is a str, not a Location"),  # type: ignore[arg-type]
        (lambda: Tally(code="sum/x", count=-1), "ValueError: Tally.count is -1"),
        (
            lambda: Tally(code="sum/x", count=1, records=["x"]),
            "TypeError: Tally.records holds 'x'",
        ),  # type: ignore[list-item]
    ],
)
def test_a_finding_that_no_report_can_hold(say: Any, reason: str) -> None:
    class Ends(Sum):
        def finish(self, state: int) -> Outcome:
            return Outcome(findings=[say()])

    checker = type("Odd", (Sums,), {"folds": lambda self, source: [Ends()], "documents": lambda self, source: ()})
    where, told = crash(Engine(plugins=checker).check({"a": ["1"], "b": ["1"], "c": ["1"]}))
    assert (where, told.startswith(reason)) == ("sum", True), told


def test_details_are_as_json_has_them() -> None:
    class Ends(Sum):
        def finish(self, state: int) -> Outcome:
            details = {"n": np.int64(3), "share": np.float64(0.5), "odd": float("nan"), "all": (1, np.array([2]))}
            return Outcome(findings=[Occurrence("sum/x", "m", details=details)], metrics={"inf": float("inf")})

    checker = type("Odd", (Sums,), {"folds": lambda self, source: [Ends()], "documents": lambda self, source: ()})
    report = Engine(plugins=checker).check({"a": ["1"], "b": ["1"], "c": ["1"]})
    [finding] = [
        f for f in json.loads(json.dumps(report.to_dict(), allow_nan=False))["findings"] if f["code"] == "sum/x"
    ]
    assert finding["details"] == {"n": 3, "share": 0.5, "odd": None, "all": [1, [2]]}


def ruled(**members: Any) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "code": "sum/x",
        "fields": ["a"],
        "wrong": lambda a: a.text == "1",
        "message": "m",
        **members,
    }
    return {"rules": lambda self, source: [Rule(**rule)]}


def folded(**members: Any) -> dict[str, Any]:
    return {"folds": lambda self, source: [type("Odd", (Sum,), members)()]}


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (ruled(fields=[]), "ValueError: a Rule is over one field or more"),
        (ruled(match="all"), "ValueError: Rule.match is 'all': it's 'each' or 'any' or 'one'"),
        (ruled(on_missing_field="tell"), "ValueError: Rule.on_missing_field is 'tell': it's 'skip' or 'report'"),
        (ruled(message=3), "TypeError: Rule.message is an int, not a text"),
        (ruled(fields=["$.a["]), "ValueError: a rule of sum/x names the field '$.a[': the bracket isn't closed"),
        (folded(fields=("$.a[",)), "ValueError: the fold sum names the field '$.a[': the bracket isn't closed"),
        (folded(fields="a"), "TypeError: fields of the fold sum: write a tuple of texts"),
        (
            folded(finish=lambda self, state: Outcome(late=Late(rules=[3]))),  # type: ignore[list-item]
            "TypeError: Late.rules holds an int where a Rule belongs",
        ),
        ({"skip_reason": lambda self, source: True}, "TypeError: skip_reason gave True, neither a text nor None"),
        (
            {"check_definition": lambda self, source: [Occurrence("sum/y", "m")]},
            "the checker sum failed on this definition: it reported the code sum/y, which no plugin",
        ),
    ],
)
def test_a_checker_at_fault(members: Any, reason: str) -> None:
    plain = {"folds": lambda self, source: (), "documents": lambda self, source: ()}
    checker = type("Odd", (Sums,), {**plain, **members})
    where, told = crash(Engine(plugins=checker).check({"a": ["1"], "b": ["1"], "c": ["1"]}))
    assert (where, told.startswith(reason)) == ("sum", True), told


def late(records: Any) -> dict[str, Any]:
    rule = Rule("sum/x", "a", wrong=lambda a: a.text == "1", message="late {{value}}: {value}")
    return folded(finish=lambda self, state: Outcome(late=Late(rules=[rule], records=records)))


def checked(check: Any = lambda record: [], **more: Any) -> dict[str, Any]:
    return {"documents": lambda self, source: [DocumentCheck(codes=["sum/x"], check=check, **more)]}


def said(**members: Any) -> dict[str, Any]:
    found = {"code": "sum/x", "message": "m", **members}
    return folded(finish=lambda self, state: Outcome(findings=[Occurrence(**found)]))


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (late(["1", "x"]), "TypeError: Late.records holds '1': write whole numbers, those of records"),
        (late("12"), "TypeError: Late.records is a str: write a list or an array of whole numbers"),
        (late(5), "TypeError: Late.records is an int: write a list or an array of whole numbers"),
        (late([1, None]), "TypeError: Late.records holds None: write whole numbers, those of records"),
        (late([1.5]), "TypeError: Late.records holds 1.5: write whole numbers, those of records"),
        (late([True]), "TypeError: Late.records holds True: write whole numbers, those of records"),
        (late(np.array([0.5])), "TypeError: Late.records holds np.float64(0.5): write whole numbers, those of records"),
        (late([0, 1]), "ValueError: Late.records holds 0: records are counted from 1"),
        (late(np.array([-1, 1])), "ValueError: Late.records holds -1: records are counted from 1"),
        (ruled(fields=[1]), "TypeError: Rule.fields holds 1: write a list of texts"),
        (ruled(wrong="a > 1"), "TypeError: Rule.wrong is a str, not a function"),
        (ruled(id=3), "TypeError: Rule.id is an int, not a text"),
        (ruled(details={"a": {1}}), "TypeError: Rule.details holds a value of the type set, which JSON doesn't have"),
        (ruled(code="sum/y"), "rule sum/y on $.a: it reported the code sum/y, which no plugin documents; did you"),
        (
            ruled(wrong=lambda: True),
            "rule sum/x on $.a: TypeError: <lambda>() takes 0 positional arguments but 1 was given",
        ),
        (
            ruled(wrong=lambda a: a.nosuch),
            "rule sum/x on $.a: AttributeError: 'Field' object has no attribute 'nosuch'",
        ),
        ({"rules": lambda *_: [("sum/x", "a")]}, "TypeError: rules gave a tuple where a Rule belongs"),
        ({"rules": lambda *_: None}, "TypeError: rules gave None: yield each, or give a list"),
        (
            {"folds": lambda *_: [Sum]},
            "TypeError: folds gave the class Sum where a Fold belongs: make an object of it, ",
        ),
        ({"check_access": lambda *_: 1}, "TypeError: check_access gave an int: yield each, or give a list"),
        (
            {"check_access": lambda *_: [Occurrence("sum/y", "m")]},
            "it reported the code sum/y, which no plugin documents; did you mean sum/x?",
        ),
        ({"files": lambda *_: [FileCheck(codes="sum/x", check=3)]}, "TypeError: FileCheck.check is an int, not a func"),
        ({"__init__": lambda self: None}, "TypeError: <lambda>() takes 1 positional argument but 3 were given"),
        (folded(update=lambda *_: None), "TypeError: update of the fold sum gave None: return the state"),
        (folded(finish=lambda *_: [1]), "TypeError: finish of the fold sum gave a list: return an Outcome"),
        (folded(finish=lambda *_: Outcome(metrics=[1])), "TypeError: Outcome.metrics is a list, not a mapping"),
        (folded(finish=lambda *_: Outcome(late=[1])), "TypeError: Outcome.late is a list, not a Late"),
        (folded(finish=lambda *_: Outcome(unchecked=[1])), "TypeError: Outcome.unchecked holds 1: write a list of tex"),
        (said(code="sum/y"), "it reported the code sum/y, which no plugin documents; did you mean sum/x?"),
        (said(location=3), "TypeError: Occurrence.location is an int, not a Location"),
        (folded(finish=lambda *_: Location(record=0)), "ValueError: Location.record is 0; it's counted from 1"),
        (folded(finish=lambda *_: Location(byte=-1)), "ValueError: Location.byte is -1; it's counted from 0"),
        (folded(finish=lambda *_: Location(line="2")), "TypeError: Location.line is '2', not a whole number"),
        (folded(finish=lambda *_: Tally(code="sum/x", count=1.5)), "TypeError: Tally.count is 1.5, not a whole number"),
        (
            folded(finish=lambda *_: Tally(code="sum/x", count=1, records=("1", "2"))),
            "TypeError: Tally.records ho",
        ),
        (folded(finish=lambda *_: Tally(code="sum/x", count=1, records=[1, 2])), "ValueError: Tally.records has 2 num"),
        (
            checked(lambda record: [Occurrence("sum/y", "m")]),
            "it reported the code sum/y, which no plugin documents;",
        ),
        ({"rules": lambda *_: sys.exit(3)}, "it called exit(3)"),
        (checked(lambda record: None), "TypeError: a check of records gave None: yield each, or give a list"),
        (checked(3), "TypeError: DocumentCheck.check is an int, not a function"),
        (checked(passes=True), "TypeError: DocumentCheck.passes is a bool, not a function"),
        (checked(suspects=lambda chunk: [9]), "ValueError: suspects gave the row 9: give rows from 0 to 1, ascending"),
        (
            checked(suspects=lambda chunk: [1, 0]),
            "ValueError: suspects gave the row 0: give rows from 0 to 1, ascending",
        ),
        (
            checked(suspects=lambda chunk: np.array([True, False])),
            "TypeError: suspects gave np.True_ where the number of a row belongs",
        ),
        (checked(suspects=lambda chunk: 0), "TypeError: suspects gave an int: give a list of rows, or None"),
    ],
)
def test_a_fault_names_the_thing_and_its_line(members: Any, reason: str) -> None:
    plain = {"folds": lambda self, source: (), "documents": lambda self, source: ()}
    checker = type("Odd", (Sums,), {**plain, **members})
    where, told = crash(Engine(plugins=checker).check({"a": ["1", "1"], "b": ["1", "1"], "c": ["1", "1"]}))
    assert (where, re.search(HERE, told) is not None) == ("sum", True), told
    assert re.sub(HERE, "", told).startswith(reason), told


def test_a_column_by_its_plain_name() -> None:
    class Plain(Sum):
        def update(self, state: int, chunk: Chunk) -> int:
            return len(chunk.frame["a"])

    checker = type("Odd", (Sums,), {"folds": lambda self, source: [Plain()], "documents": lambda self, source: ()})
    _, told = crash(Engine(plugins=checker).check({"a": ["1"], "b": ["1"], "c": ["1"]}))
    said = 'ColumnNotFoundError: "a" not found: a column is called by its path, as "$.a"'
    assert re.sub(HERE, "", told) == said


@pytest.mark.parametrize(
    ("asked", "severity", "reason"),
    [
        ({"select": "other"}, {}, "none of its codes is among those that were asked for"),
        ({"ignore": "sum"}, {}, "none of its codes is among those that were asked for"),
        ({}, {"sum": "off"}, "all its codes are switched off"),
        ({"select": "other"}, {"sum": "off"}, "all its codes are switched off"),
    ],
)
def test_why_none_of_its_codes_is_looked_for(asked: dict[str, str], severity: dict[str, str], reason: str) -> None:
    code = Code(id="other/x", severity=Severity.INFO, title="t", meaning="m", why="w", example="e", mend="d")
    other = type("Other", (Checker,), {"name": "other", "codes": (code,)})
    table = {"a": ["1"], "b": ["1"], "c": ["1"]}
    report = Engine(plugins=[Sums, other]).check(table, severity=severity, **asked)
    assert [line.reason for line in report.coverage if line.checker == "sum"] == [reason]


def test_what_is_said_is_bounded_and_filed_under_the_field_s_canonical_path() -> None:
    class Ends(Sum):
        def finish(self, state: int) -> Outcome:
            return Outcome(findings=[Occurrence("sum/x", "m" * 9_999, "a"), Tally(code="sum/x", field="$.a", count=2)])

    checker = type("Odd", (Sums,), {"folds": lambda self, source: [Ends()], "documents": lambda self, source: ()})
    table = {"a": ["1"], "b": ["1"], "c": ["1"]}
    [finding] = Engine(plugins=checker).check(table, select="sum").findings
    assert (finding.field, finding.count) == ("$.a", 3)
    assert finding.samples[0].message == "m" * 1_999 + "…"
    assert not Engine(plugins=checker).check(table, select="sum", severity={"sum/x": {"a": "off"}}).findings


@pytest.mark.parametrize(
    ("reason", "told"), [(" a\nb ", "a b"), ("", "it gives no reason"), ("x" * 999, "x" * 499 + "…")]
)
def test_a_reason_to_skip_is_a_line(reason: str, told: str) -> None:
    checker = type("Odd", (Sums,), {"skip_reason": lambda self, source: reason})
    [line] = [c for c in Engine(plugins=checker).check({"a": ["1"]}).coverage if c.checker == "sum"]
    assert (line.status, line.reason) == ("skipped", told)


@pytest.mark.parametrize("samples", [1, 2])
def test_records_with_several_findings_are_counted_exactly(samples: int) -> None:
    def check(record: Any) -> Iterator[Occurrence]:
        for _ in range(int(record["a"])):
            yield Occurrence("sum/x", "m", "$.a")
        if record["a"] == "3":
            yield Occurrence("sum/x", "m", "$.a", details={"n": 1})

    checker = type("Odd", (Sums,), {**checked(check), "folds": lambda self, source: ()})
    table = {"a": ["3", "0", "1", "2", "1"] * 1_000}
    report = Engine(plugins=checker, limits=Limits(samples=samples, chunk_bytes=4_096)).check(table, select="sum")
    [finding] = report.findings
    assert (finding.count, report.counts.records_with_errors) == (8_000, 4_000)
    assert finding.details == {"n": 1_000}
    assert [s.location.record for s in finding.samples] == [1, 1][:samples]


@pytest.mark.parametrize(
    "records", [[2, 1], {1, 2}, (n for n in (2, 1, 1)), np.array([2, 1]), range(1, 3), [1, 10**12]]
)
def test_records_for_the_second_pass_in_any_form(records: Any) -> None:
    checker = type("Late", (Sums,), {**late(records), "documents": lambda self, source: ()})
    report = Engine(plugins=checker).check({"a": ["1", "1", "1"], "b": ["1"] * 3, "c": ["1"] * 3}, select="sum")
    [finding] = report.findings
    assert finding.count == (1 if 10**12 in records else 2)
    assert finding.samples[0].message == "late {value}: 1"


def test_an_options_schema_that_is_none() -> None:
    odd = type("Odd", (Sums,), {"options_schema": {"type": 7}})
    report = Engine(plugins=odd).check({"a": ["1"], "b": ["1"], "c": ["1"]}, checks={"sum": {"n": 1}})
    assert report.verdict == "inconclusive"
    assert {c.checker for c in report.coverage if c.status == "crashed"} == {"sum"}
    none = type("None", (Sums,), {"options_schema": None})
    with pytest.raises(PluginError, match=r"^plugins: None\.options_schema is no mapping: write a JSON Schema$"):
        Engine(plugins=[Sums, none])


def test_places_and_fields_of_a_finding_are_as_json_has_them() -> None:
    said = Occurrence("sum/x", "m", fields="$.a", location=Location(record=np.int64(3)))  # type: ignore[arg-type]
    assert (said.fields, json.dumps(said.location.record)) == (("$.a",), "3")
    with pytest.raises(TypeError, match=r"Location.file is a PosixPath, not a text"):
        Location(file=Path("a"))  # type: ignore[arg-type]
    assert Outcome(unchecked="nothing").unchecked == ("nothing",)
