"""A definition against methods, plugins, options and codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any, ClassVar

import pytest

from potable.engine.catalog import open_catalog
from potable.engine.checker import Checker
from potable.engine.contracts.fetching import FetchContext, Fetcher
from potable.engine.contracts.reading import ReadContext, Reader, Reading
from potable.engine.contracts.snapshot import Snapshot
from potable.engine.definition.codes import CODES
from potable.engine.definition.model import SourceDefinition
from potable.engine.definition.parse import from_mapping, parse_text
from potable.engine.findings import Code, Occurrence, Severity
from potable.engine.limits import Limits
from potable.engine.lint import lint_catalog, lint_source
from potable.engine.plugins import Plugins

CSV = "ingestMethod: CSV\ningestURL: a\n"
XML = "ingestMethod: XML\ningestURL: a.xml\n"
WEB = "ingestMethod: WEB\ningestURL: a\nparserType: json\n"


def code(name: str) -> Code:
    return Code(id=name, severity=Severity.ERROR, title="t", meaning="m", why="w", example="e", mend="m")


class Files(Fetcher):
    name = "files"
    schemes = frozenset({"file", "https"})

    def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
        raise NotImplementedError


class Harvest(Fetcher):
    name = "harvest"
    methods = frozenset({"OAI", "LABNET", "FTP"})

    def fetch(self, source: SourceDefinition, context: FetchContext) -> Snapshot:
        raise NotImplementedError


class Tables(Reader):
    name = "tables"
    formats = frozenset({"csv", "json", "xml", "labnet", "fits"})

    def check_definition(self, source: SourceDefinition) -> Iterable[Occurrence]:
        if source.name == "break the reader":
            raise KeyError("widths")
        if "widths" in source.extra:
            yield Occurrence("definition/bad-value", "no widths", location=source.place("/widths"))

    def open(self, source: SourceDefinition, snapshot: Snapshot, context: ReadContext) -> Reading:
        raise NotImplementedError


class Sizes(Checker):
    """Says what it was given."""

    name = "sizes"
    codes = (code("sizes/odd"), code("sizes/even"))
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"least": {"type": "integer", "default": 3}, "field": {"type": "string"}},
    }

    def check_definition(self, source: SourceDefinition) -> Iterable[Occurrence]:
        if "field" in self.options:
            message = f"{self.options['least']} {self.context.limits.samples} {sorted(self.context.checkers)}"
            yield Occurrence("sizes/odd", message, location=source.place("/checks/sizes/field"))


class Off(Checker):
    name = "off-by-default"
    default_on = False

    def check_definition(self, source: SourceDefinition) -> Iterable[Occurrence]:
        yield Occurrence("definition/bad-value", "I was asked", location=source.place("/name"))


class Failing(Checker):
    name = "failing"

    def check_definition(self, source: SourceDefinition) -> Iterable[Occurrence]:
        if source.name == "http":
            self.context.http.get("https://example.org")
        if source.name == "scratch":
            (self.context.scratch / "x").touch()
        if source.name == "raise":
            yield Occurrence("definition/bad-value", "first", location=source.place("/name"))
            raise KeyError("fields")


PLUGINS = Plugins(
    checkers={c.name: c for c in (Sizes, Off, Failing)},
    fetchers={"files": Files, "harvest": Harvest},
    readers={"tables": Tables},
    codes={c.id: c for c in (*CODES, *Sizes.codes, code("access/timeout"))},
)


def lint(text: str, folder: Path = Path(), **options: Any) -> list[tuple[str, int | None, str | None]]:
    (source,) = parse_text(dedent(text), file="f.yaml", folder=folder)
    found = lint_source(source, PLUGINS, **options)
    return [(o.code.removeprefix("definition/"), o.location.line, o.location.path) for o in found]


def only(text: str) -> Occurrence:
    (source,) = parse_text(dedent(text), file="f.yaml")
    (found,) = lint_source(source, PLUGINS)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "resourceID: A\ningestMethod: CSV\ningestURL: a.csv",
        "resourceID: A\ningestMethod: CSV\ningestURL: data\nfilenamePattern: '*.csv'",
        "resourceID: A\ningestMethod: CSV\ningestURL: data\nfilenamePattern: '^a.*[.]csv$'",
        "resourceID: A\ningestMethod: WEB\ningestURL: https://e.org\nparserType: json",
        "resourceID: A\nparserType: xml\ningestMethod: WEB\ningestURL: https://e.org\ndocumentElement: a",
        "resourceID: A\ningestMethod: WEB\ningestURL: a\ndocumentElement: a\nfilterJsonPath: $.a\nfilterValue: ''",
        "resourceID: A\ningestMethod: XML\ningestURL: a.xml\ntopElement: a\ndocumentElement: b",
        "resourceID: A\ningestMethod: XML\ningestURL: a.xml\ntopElement: a",
        "resourceID: A\ningestMethod: FTP\nftpHost: h\ndocumentElement: b",
        "resourceID: A\ningestMethod: LABNET\nserver: x",
        "resourceID: A\ningestMethod: fits\ningestURL: a.fits",
        "resourceID: A\n" + CSV + "checks: {sizes: {least: 5}}\nseverity: {sizes/odd: off}",
        "resourceID: A\n" + CSV + "maxDocs: -1",
        "resourceID: A\n" + CSV + "maxDocs: 1",
        "resourceID: A\n" + CSV + "qcRules: {ValueExists: [{path: a b, valueRegex: '\\\\Qa\\\\E'}]}",
        "resourceID: A\n" + CSV + "qcRules: {CondValueExists: [{path: a, condPath: $.b, value: x}]}",
    ],
)
def test_a_right_definition_has_no_fault(text: str) -> None:
    assert lint(text) == []


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ("ingestURL: a.csv", ("missing-parameter", 1, "/ingestMethod")),
        ("ingestMethod: CSV", ("missing-parameter", 1, "/ingestURL")),
        ("ingestMethod: CSV\ningestURL: ''", ("missing-parameter", 3, "/ingestURL")),
        ("ingestMethod: CVS\ningestURL: a.csv", ("unknown-method", 2, "/ingestMethod")),
        ("ingestMethod: ASPERA\ningestURL: a.csv", ("unsupported-method", 2, "/ingestMethod")),
        ("ingestMethod: SCRIPT\narguments: a", ("unsupported-method", 2, "/ingestMethod")),
        ("ingestMethod: PARQUET\ningestURL: a.parquet", ("unsupported-method", 2, "/ingestMethod")),
        ("ingestMethod: OAI\ningestURL: https://e.org/oai", ("unsupported-method", 2, "/ingestMethod")),
        ("ingestMethod: CSV\ningestURL: gopher://e.org/a", ("unsupported-method", 3, "/ingestURL")),
        ("ingestMethod: XML\ningestURL: a.xml", ("missing-parameter", 1, "/documentElement")),
        ("ingestMethod: XML\ningestURL: a.xml\ndocumentElement: ''", ("missing-parameter", 4, "/documentElement")),
        ("ingestMethod: XML\ningestURL: a.xml\ntopElement: ''", ("missing-parameter", 1, "/documentElement")),
        (XML + "documentElement: rows/row", ("bad-value", 4, "/documentElement")),
        (XML + "documentElement: 5", ("bad-value", 4, "/documentElement")),
        (XML + "documentElement: a\ntopElement: '*'", ("bad-value", 5, "/topElement")),
        ("ingestMethod: WEB\ningestURL: a.xml", ("missing-parameter", 1, "/documentElement")),
        ("ingestMethod: FTP\nparserType: json", ("missing-parameter", 1, "/ftpHost")),
        (WEB + "offsetParam: o", ("missing-parameter", 1, "/limitParam")),
        (WEB + "filterJsonPath: a", ("missing-parameter", 1, "/filterValue")),
        (WEB + "filterValue: a", ("missing-parameter", 1, "/filterJsonPath")),
        (WEB + "filterJsonPath: a\nfilterValue: 're::(?=a)'",
         ("bad-regex", 6, "/filterValue")),
        (WEB + "filterJsonPath: $.a b\nfilterValue: 'x'",
         ("bad-path", 5, "/filterJsonPath")),
        (WEB + "idJsonPath: a\nmergeIngestURLTemplate: 'https://e.org/'",
         ("bad-value", 6, "/mergeIngestURLTemplate")),
        (WEB + "mergeIngestURLTemplate: 'https://e.org/${id}'",
         ("missing-parameter", 1, "/idJsonPath")),
        ("ingestMethod: WEB\ningestURL: a\ndocumentElement: r\nidJsonPath: a\n"
         "mergeIngestURLTemplate: 'https://e.org/${id}'", ("bad-value", 6, "/mergeIngestURLTemplate")),
        (CSV + "filenamePattern: '[a'", ("bad-regex", 4, "/filenamePattern")),
        (CSV + "maxDocs: 0", ("bad-value", 4, "/maxDocs")),
        (CSV + "severity: {sizes/off: off}", ("unknown-code", 4, "/severity/sizes~1off")),
        (CSV + "severity: {definition/invalid: off}", ("no-effect", 4, "/severity/definition~1invalid")),
        (CSV + "checks: {size: {}}", ("unknown-checker", 4, "/checks/size")),
        (CSV + "checks: {size: off}", ("unknown-checker", 4, "/checks/size")),
        (CSV + "checks: {sizes: {least: x}}", ("bad-value", 4, "/checks/sizes/least")),
        (CSV + "checks: {sizes: {most: 1}}", ("bad-value", 4, "/checks/sizes/most")),
        (CSV + "qcRules: {ValueExist: []}", ("unknown-key", 4, "/qcRules/ValueExist")),
        (CSV + "qcRules: {ValueExists: {}}", ("bad-value", 4, "/qcRules/ValueExists")),
        (CSV + "qcRules:\n  ValueExists:\n  - a", ("bad-value", 6, "/qcRules/ValueExists/0")),
        (CSV + "qcRules:\n  ValueExists:\n  - {}", ("bad-value", 6, "/qcRules/ValueExists/0")),
        (CSV + "qcRules:\n  ValueExists:\n  - path: $.a b",
         ("bad-path", 6, "/qcRules/ValueExists/0/path")),
        (CSV + "qcRules:\n  CondValueExists:\n  - path: a",
         ("bad-value", 6, "/qcRules/CondValueExists/0")),
        (CSV + "qcRules:\n  CondValueExists:\n  - {path: a, condPath: '$'}",
         ("bad-path", 6, "/qcRules/CondValueExists/0/condPath")),
        (CSV + "qcRules:\n  ValueExists:\n  - path: a\n    valueRegex: '(a)\\1'",
         ("bad-regex", 7, "/qcRules/ValueExists/0/valueRegex")),
        (CSV + "qcRules:\n  ValueExists:\n  - {path: a, valueRegex: 5}",
         ("bad-value", 6, "/qcRules/ValueExists/0/valueRegex")),
        (CSV + "qcRules:\n  ValueExists:\n  - {path: a, regex: a}",
         ("unknown-key", 6, "/qcRules/ValueExists/0/regex")),
    ],
)  # fmt: skip
def test_each_fault_is_found_once_at_its_place(members: str, found: tuple[str, int, str]) -> None:
    assert lint(f"resourceID: A\n{members}") == [found]


@pytest.mark.parametrize(
    ("members", "line", "path", "message", "hint"),
    [
        ("ingestMethod: CSV\ningestUrl: a.csv", 3, "/ingestUrl",
         "the method CSV needs ingestURL; 'ingestUrl' isn't known and has no effect", "Did you mean ingestURL?"),
        ("url: a.csv\ningestMethod: CSV", 2, "/url",
         "the method CSV needs ingestURL; 'url' isn't known and has no effect", "Did you mean ingestURL?"),
        ("ingestURL: a.csv\ningestmethod: CSV", 3, "/ingestmethod",
         "the definition has no ingestMethod; 'ingestmethod' isn't known and has no effect",
         "Did you mean ingestMethod?"),
        (XML + "topElemnt: a", 4, "/topElemnt",
         "the method XML needs documentElement or topElement; 'topElemnt' isn't known and has no effect",
         "Did you mean topElement?"),
        (WEB + "offsetParam: o\nlimitparam: l", 6, "/limitparam",
         "paging by offsetParam needs limitParam; 'limitparam' isn't known and has no effect",
         "Did you mean limitParam?"),
    ],
)  # fmt: skip
def test_a_misspelt_member_that_is_needed_is_told_once(
    members: str, line: int, path: str, message: str, hint: str
) -> None:
    found = only(f"resourceID: A\n{members}")
    assert (found.code, found.message, found.hint) == ("definition/missing-parameter", message, hint)
    assert (found.location.line, found.location.path) == (line, path)


def test_a_misspelt_member_hides_nothing_else() -> None:
    text = "resourceID: A\ningestMethod: CSV\ningestUrl: a.csv\n"
    assert lint(text + "primarykeys: id\nheaderLine: x") == [
        ("missing-parameter", 3, "/ingestUrl"),
        ("unknown-key", 4, "/primarykeys"),
        ("bad-value", 5, "/headerLine"),
    ]
    assert lint(text + "ingestURL: a.csv") == [("unknown-key", 3, "/ingestUrl")]
    # Where what is missing is told as less, the unknown key is told too.
    assert lint(text + "severity: {definition/missing-parameter: off}") == [
        ("unknown-key", 3, "/ingestUrl"),
        ("missing-parameter", 3, "/ingestUrl"),
    ]


def test_databases(tmp_path: Path) -> None:
    plugins = ["unsupported-method"]
    assert [c for c, *_ in lint("resourceID: A\ningestMethod: SQL\njdbcURL: jdbc:sqlite:a\nsql: SELECT 1")] == plugins
    assert lint("resourceID: A\ningestMethod: DISCO\njdbcURL: jdbc:sqlite:a\ntableNames: a,b\n") == [
        ("missing-parameter", 1, "/joinInfo"),
        ("unsupported-method", 2, "/ingestMethod"),
    ]
    joined = "resourceID: A\ningestMethod: DISCO\njdbcURL: jdbc:sqlite:a\ntableNames: a,b\njoinInfo: a.x = b.y\n"
    assert [c for c, *_ in lint(joined)] == plugins
    assert lint("resourceID: A\ningestMethod: DISCO\njdbcURL: jdbc:sqlite:a\n")[0] == (
        "missing-parameter",
        1,
        "/tableName",
    )


def test_a_parameter_that_cannot_be_used_is_not_missing_as_well() -> None:
    assert lint("resourceID: A\ningestMethod: SQL\njdbcURL: jdbc:x:y\nsql: [a]")[-1] == ("bad-value", 4, "/sql")
    assert "missing-parameter" not in [c for c, *_ in lint("resourceID: A\ningestMethod: SQL\njdbcURL: x:y\nsql: [a]")]
    sample = "resourceID: A\n" + CSV + "sampleMode: true\nsampleSize: some\n"
    assert lint(sample) == [("bad-value", 5, "/sampleSize")]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("ingestMethod: CVS\ningestURL: a", "Did you mean CSV?"),
        ("ingestMethod: LABNETS", "Did you mean LABNET?"),
        (CSV + "severity: {sizes/od: off}", "Did you mean sizes/odd?"),
        (CSV + "severity: {sizs: off}", "Did you mean sizes?"),
        (CSV + "checks: {sizs: {}}", "Did you mean sizes?"),
        (CSV + "checks: {access: off}",
         "access isn't a checker: its codes are switched off by severity: {access: off}."),
        (CSV + "qcRules: {ValueExist: []}", "Did you mean ValueExists?"),
        (XML + "documentElement: $.rows.row", "Write row."),
        (XML + "documentElement: //a:rows/a:row", "Write a:row."),
        (XML + "documentElement: '{urn:a.b}row'", "Write row."),
        (XML + "documentElement: <row>", "Write row."),
        (XML + "documentElement: row[1]", "Write row."),
        (XML + "documentElement: row, item", None),
        (XML + "documentElement: '@id'", None),
    ],
)  # fmt: skip
def test_hints_name_what_was_meant(text: str, hint: str | None) -> None:
    assert only(f"resourceID: A\n{text}").hint == hint


@pytest.mark.parametrize(
    ("method", "meant"),
    [("xls", "EXCEL"), ("NDJSON", "JSONL"), ("Tab", "TSV"), ("https", "WEB"), ("PostgreSQL", "SQL")],
)
def test_a_method_that_is_called_as_its_format_or_protocol(method: str, meant: str) -> None:
    found = only(f"resourceID: A\ningestMethod: {method}\ningestURL: a.csv")
    assert (found.code, found.hint) == ("definition/unknown-method", f"Did you mean {meant}?")


def test_an_unknown_method_names_the_known_ones() -> None:
    found = only("resourceID: A\ningestMethod: QQQQQQ")
    assert found.hint is not None
    assert {"CSV", "OAI", "LABNET"} <= set(found.hint.removeprefix("Known are ").removesuffix(".").split(", "))


def test_checkers_see_their_options_and_context() -> None:
    found = only("resourceID: A\ningestMethod: CSV\ningestURL: a\nchecks:\n  sizes:\n    field: x\n")
    assert found.code == "sizes/odd"
    assert found.message == "3 20 ['failing', 'off-by-default', 'sizes']"
    assert (found.location.line, found.location.path) == (6, "/checks/sizes/field")
    (source,) = parse_text("resourceID: A\ningestMethod: CSV\ningestURL: a\nchecks: {sizes: {field: x, least: 7}}")
    (found,) = lint_source(source, PLUGINS, Limits(samples=2))
    assert found.message == "7 2 ['failing', 'off-by-default', 'sizes']"


def test_a_bad_option_hides_no_other_fault() -> None:
    options = "checks:\n  sizes:\n    field: x\n    least: many\n    most: 3\n"
    text = f"resourceID: A\ningestMethod: CSV\ningestURL: a\n{options}"
    assert lint(text) == [
        ("sizes/odd", 6, "/checks/sizes/field"),
        ("bad-value", 7, "/checks/sizes/least"),
        ("bad-value", 8, "/checks/sizes/most"),
    ]
    assert lint(text.replace("field: x", "field: [x]"))[0] == ("bad-value", 6, "/checks/sizes/field")


def test_a_checker_that_is_off_is_not_asked() -> None:
    text = "resourceID: A\nname: raise\ningestMethod: CSV\ningestURL: a\nchecks: {failing: off}"
    assert lint(text) == []
    assert lint(text.replace("failing: off", "failing: off, off-by-default: on")) == [("bad-value", 2, "/name")]
    assert lint(text.replace("failing: off", "failing: on"), without={"failing"}) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("raise", "KeyError: 'fields'"),
        ("http", "no scratch folder and no network"),
        ("scratch", "no scratch folder and no network"),
    ],
)
def test_a_checker_that_fails_is_a_note_and_hurts_no_other(name: str, said: str) -> None:
    (source,) = parse_text(
        f"resourceID: A\nname: {name}\ningestMethod: CSV\ningestURL: a\nchecks: {{sizes: {{field: x}}}}"
    )
    found = lint_source(source, PLUGINS)
    crashed = [o for o in found if o.code == "definition/checker-crashed"]
    assert len(crashed) == 1
    assert crashed[0].message.startswith("the checker failing failed on this definition: ")
    assert said in crashed[0].message
    assert crashed[0].details == {"checker": "failing"}
    assert "sizes/odd" in [o.code for o in found]
    assert ("first" in [o.message for o in found]) == (name == "raise")


def test_the_reader_of_the_format_is_asked() -> None:
    assert lint("resourceID: A\ningestMethod: fits\ningestURL: a.fits\nwidths: 1") == [("bad-value", 4, "/widths")]
    assert lint("resourceID: A\ningestMethod: PARQUET\ningestURL: a\nwidths: 1")[0][0] == "unsupported-method"
    failed = only("resourceID: A\nname: break the reader\n" + CSV)
    assert (failed.code, failed.details) == ("definition/checker-crashed", {"reader": "tables"})
    assert failed.message == "the reader tables failed on this definition: KeyError: 'widths' (test_lint.py:56)"


def test_findings_come_in_the_order_of_their_lines() -> None:
    found = lint("resourceID: A\nerrPerc: x\ningestMethod: CVS\nchecks: {q: {}}\nfoo_bar: 1\n")
    assert [line for _, line, _ in found] == [2, 3, 4]  # an unknown method's parameters may be anything


def test_every_code_that_lint_gives_is_documented() -> None:
    documented = {c.id for c in CODES}
    assert len(documented) == len(CODES)
    assert all(c.family == "definition" and c.mend and c.example and c.why for c in CODES)
    source = from_mapping({"ingestMethod": "CVS", "errPerc": "x", "passwrd": "y", "checks": {"q": {}}})
    assert {o.code for o in lint_source(source, PLUGINS)} <= documented


def test_a_whole_catalog(tmp_path: Path) -> None:
    for name, text in {
        "a.yaml": "resourceID: A\n" + CSV + "",
        "b.yaml": "resourceID: B\ningestMethod: CVS\ningestURL: b.csv\n",
        "c.yaml": "resourceID: A\ningestMethod: CSV\ningestURL: c.csv\nerrPerc: x\n",
        "d.yaml": "resourceID: [\n",
    }.items():
        (tmp_path / name).write_text(text)
    found = [
        (resource_id, o.code, o.location.file, o.location.line)
        for resource_id, o in lint_catalog(open_catalog(tmp_path), PLUGINS)
    ]
    assert found == [
        (None, "definition/duplicate-id", "c.yaml", 1),
        (None, "definition/invalid", "d.yaml", 2),
        ("A", "definition/bad-value", "c.yaml", 4),
        ("B", "definition/unknown-method", "b.yaml", 2),
    ]
