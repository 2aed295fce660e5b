"""Catalogs: a folder of files, or one file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import ClassVar, Self

import pytest

from potable.engine.catalog import FileCatalog, FolderCatalog, open_catalog
from potable.engine.catalog.guarded import Guarded
from potable.engine.contracts.catalog import Catalog
from potable.engine.definition.files import FileReader
from potable.engine.definition.model import SourceDefinition
from potable.engine.errors import CatalogError, DefinitionError, UnknownSource


def write(folder: Path, **files: str) -> Path:
    """Files in a folder; ``__`` in a name is ``/``, ``_yaml`` at its end ``.yaml``."""
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        path = folder / (stem.replace("__", "/") + "." + suffix)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
    return folder


def ids(catalog: Catalog) -> list[str]:
    return list(catalog.ids())


def faults(catalog: Catalog) -> list[tuple[str, str | None, int | None, str | None]]:
    return [(f.code, f.location.file, f.location.line, f.location.path) for f in catalog.faults()]


def test_a_folder_with_everything_in_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_yaml="resourceID: A\ningestMethod: CSV\ningestURL: data/a.csv\n",
        sub__b_json='{"resourceID": "B"}',
        sub__many_yml="one: {sourceID: C, ingestMethod: CSV}\ntwo: {ingestURL: x.csv}\n",
        sub__deep__docs_yaml="resourceID: D\n---\nresourceID: E\n",
        foundry_json=json.dumps({
            "sourceInformation": {"resourceID": "F", "name": "f", "dataSource": "f"},
            "ingestConfiguration": {"ingestMethod": "CSV", "ingestURL": "f.csv"},
            "contentSpecification": {},
        }),
        datapackage_json='{"name": "p", "resources": [{"name": "r", "path": "r.csv"}]}',
    )  # fmt: skip
    catalog = open_catalog(str(tmp_path))
    assert isinstance(catalog, FolderCatalog)
    assert ids(catalog) == ["A", "B", "C", "D", "E", "F", "p:r", "two"]
    assert faults(catalog) == []
    assert [s.resource_id for s in catalog.definitions()] == ids(catalog)
    for resource_id in ids(catalog):
        assert catalog.get(resource_id).resource_id == resource_id
    deep = catalog.get("E")
    assert deep.origin.file == "sub/deep/docs.yaml"
    assert deep.origin.folder == tmp_path / "sub/deep"
    assert deep.resolve("x.csv") == tmp_path / "sub/deep/x.csv"


def test_what_is_no_definition_is_left_alone(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_yaml="resourceID: A\nschema: a.schema.json\nqcRulesYamlFile: qc.yaml\n",
        a_schema_json='{"fields": [{"name": "resourceID"}, {"name": "b"}]}',
        doc_json='{"type": "object", "properties": {"resourceID": {"type": "string"}, "ingestURL": {}}}',
        qc_yaml="ValueExists:\n- path: resourceID\n",
        rows_json='[{"id": 1, "name": "x"}, {"id": 2}]',
        record_json='{"id": 1, "resources": 5}',
        lines_json='{"id": 1, "name": "x", "more": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}\n{"id": 2}\n',
        broken_data_json='[{"id": 1, "name": ',
        compose_yaml="base: &b {image: x}\nservice:\n  <<: *b\n",
        empty_yaml="",
        comment_yaml="# nothing here\n",
        text_yaml="just a text\n",
        list_yaml="- a\n- b\n",
        numbers_json="[1, 2]",
        data_csv="resourceID,ingestURL\n1,2\n",
    )
    (tmp_path / ".hidden.yaml").write_text("resourceID: H\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.yaml").write_text("resourceID: G\n")
    (tmp_path / "latin.json").write_bytes(b'{"name": "caf\xe9"}')
    for name, count in (("export.json", 3), ("large.json", 5000)):
        rows = [{"resourceID": f"R{i}", "name": "a record of a registry"} for i in range(count)]
        (tmp_path / name).write_text(json.dumps(rows))
    catalog = open_catalog(str(tmp_path))
    assert ids(catalog) == ["A"]
    assert faults(catalog) == []


def test_one_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_yaml="resourceID: A\n",
        b_yaml="resourceID: B\nkey: [1\n",
        c_json='{"resourceID": "C",\n}',
        d_json='{"resourceID": ',
        e_yaml="resourceID: E\n---\ningestMethod: CSV\n---\nresourceID: F\n",
        f_yaml="x: &a [1]\nresourceID: *a\n",
        g_yaml="{{{ no yaml at all",
        h_json="{no json",
    )
    (tmp_path / "i.yaml").write_bytes(b"name: x\nresourceID: caf\xe9\n")
    catalog = open_catalog(str(tmp_path))
    assert ids(catalog) == ["A", "E", "F"]
    assert faults(catalog) == [
        ("definition/invalid", "b.yaml", 3, None),
        ("definition/invalid", "c.json", 2, None),
        ("definition/invalid", "d.json", 1, None),
        ("definition/invalid", "e.yaml", 3, "/resourceID"),
        ("definition/invalid", "f.yaml", 2, None),
        ("definition/invalid", "g.yaml", 1, None),
        ("definition/invalid", "h.json", 1, None),
        ("definition/invalid", "i.yaml", 2, None),
    ]
    assert catalog.get("F").origin.file == "e.yaml"


def test_asking_for_a_broken_one_tells_what_is_wrong_with_it(tmp_path: Path) -> None:
    write(tmp_path, a_yaml="resourceID: A\n", b_yaml="resourceID: B\nkey: [1\n")
    with pytest.raises(DefinitionError) as caught:
        open_catalog(str(tmp_path)).get("B")
    assert (caught.value.file, caught.value.line) == ("b.yaml", 3)


@pytest.mark.parametrize("unknown", ["x", "lab", "name", "X.1"])
def test_a_source_that_a_broken_one_merely_mentions_is_unknown(tmp_path: Path, unknown: str) -> None:
    write(tmp_path, b_yaml="resourceID: B\nname: [x, see X.1\nowner: lab\n", c_json='{"sourceID": "C", "name": "x"')
    catalog = open_catalog(str(tmp_path))
    with pytest.raises(UnknownSource):
        catalog.get(unknown)
    for meant in ("B", "C"):
        with pytest.raises(DefinitionError):
            catalog.get(meant)


def test_one_by_its_key_alone_is_meant_too(tmp_path: Path) -> None:
    write(tmp_path, a_yaml="mice:\n  ingestMethod: CSV\n  sourceID: [\n", b_yaml="rats:\n  ingestMethod: [\n")
    catalog = open_catalog(str(tmp_path))
    for meant in ("mice", "rats"):
        with pytest.raises(DefinitionError):
            catalog.get(meant)


def test_an_unknown_source_gets_near_names(tmp_path: Path) -> None:
    write(tmp_path, a_yaml="resourceID: LAB_0001-Mice\n", b_yaml="resourceID: OTHER\n")
    with pytest.raises(UnknownSource) as caught:
        open_catalog(str(tmp_path)).get("LAB_001-Mice")
    assert caught.value.near == ("LAB_0001-Mice",)
    with pytest.raises(UnknownSource) as caught:
        open_catalog(str(tmp_path)).get("zzz")
    assert caught.value.near == ()


@pytest.mark.parametrize(
    "text",
    [
        'resourceID: "LAB\\x5f1"\n',
        '{"resourceID": "LAB\\u005f1"}',
        "resourceID:\n  LAB_1 # that one\n",
        "LAB_1: {ingestURL: x.csv}\n",
        '{"resources": [{"name": "LAB_1", "path": "x"}]}',
        "- resourceID: LAB_1\n  ingestMethod: CSV\n",
    ],
)
def test_an_identifier_is_found_however_it_is_written(tmp_path: Path, text: str) -> None:
    write(tmp_path, other_yaml="resourceID: LAB_10\nname: not LAB_1\n")
    (tmp_path / "it.yaml").write_text(text)
    assert open_catalog(str(tmp_path)).get("LAB_1").origin.file == "it.yaml"


def test_an_identifier_that_is_a_part_of_another_is_not_it(tmp_path: Path) -> None:
    write(
        tmp_path, a_yaml="resourceID: LAB_1.a\n", b_yaml="resourceID: XLAB_1\n", c_yaml="name: LAB_1\nresourceID: C\n"
    )
    with pytest.raises(UnknownSource):
        open_catalog(str(tmp_path)).get("LAB_1")


def test_an_identifier_given_twice(tmp_path: Path) -> None:
    write(
        tmp_path,
        b_yaml="name: second\nresourceID: A\n",
        a_yaml="name: first\nresourceID: A\n",
        c_yaml="resourceID: A\n",
    )
    catalog = open_catalog(str(tmp_path))
    assert ids(catalog) == ["A"]
    assert faults(catalog) == [
        ("definition/duplicate-id", "b.yaml", 2, "/resourceID"),
        ("definition/duplicate-id", "c.yaml", 1, "/resourceID"),
    ]
    source = catalog.get("A")
    assert source.name == "first"
    assert [(n.code, n.location.file, n.location.line, n.message) for n in source.notes] == [
        ("definition/duplicate-id", "a.yaml", 2, "the resourceID A is also that of b.yaml, line 2, which is never run"),
        ("definition/duplicate-id", "a.yaml", 2, "the resourceID A is also that of c.yaml, line 1, which is never run"),
    ]
    assert [s.name for s in catalog.definitions()] == ["first", "second", ""]


def test_changes_are_seen(tmp_path: Path) -> None:
    write(tmp_path, a_yaml="resourceID: A\nname: one\nschema: s.json\n", s_json='{"fields": []}')
    catalog = open_catalog(str(tmp_path))
    assert catalog.get("A").name == "one"
    write(tmp_path, a_yaml="resourceID: A\nname: two\nschema: s.json\n")
    assert catalog.get("A").name == "two"
    write(tmp_path, s_json='{"fields": [{"name": "x"}]}')
    assert catalog.get("A").table_schema == {"fields": [{"name": "x"}]}
    write(tmp_path, b_yaml="resourceID: B\n")
    assert ids(catalog) == ["A", "B"]
    (tmp_path / "a.yaml").unlink()
    with pytest.raises(UnknownSource):
        catalog.get("A")


def test_a_definition_that_names_no_file_is_made_once_and_others_are_as_their_files_are_now(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_yaml="resourceID: A\ningestURL: a.csv\n",
        b_yaml="resourceID: B\ningestURL: b.csv\nschema: shared/s.json\n",
        sub__c_yaml="resourceID: C\ningestURL: c.csv\n",
        shared__s_json='{"fields": [{"name": "one"}]}',
    )
    catalog = FolderCatalog.open(str(tmp_path))
    a, b, c = catalog.definitions()
    assert b.table_schema == {"fields": [{"name": "one"}]}
    again = list(catalog.definitions())
    assert (again[0] is a, again[1] is b, again[2] is c) == (True, False, True)
    write(tmp_path, shared__s_json='{"fields": [{"name": "two"}]}')
    assert catalog.get("B").table_schema == {"fields": [{"name": "two"}]}
    (tmp_path / "_defaults.yaml").write_text("owner: lab\nschema: shared/s.json\n")
    shared = {"fields": [{"name": "two"}]}
    assert [(s.info.get("owner"), s.table_schema) for s in catalog.definitions()] == [("lab", shared)] * 3
    (tmp_path / "shared/s.json").unlink()
    assert [n.code for n in catalog.get("C").notes] == ["definition/missing-file"]
    (tmp_path / "_defaults.yaml").unlink()
    assert [catalog.get("A"), catalog.get("C")] == [a, c]


def test_an_old_file_is_kept_while_its_stamp_stays(tmp_path: Path) -> None:
    path = write(tmp_path, a_yaml="resourceID: A\nname: one\n") / "a.yaml"
    os.utime(path, (1_000_000_000, 1_000_000_000))
    catalog = open_catalog(str(tmp_path))
    assert catalog.get("A").name == catalog.get("A").name == "one"
    path.write_text("resourceID: A\nname: longer\n")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert catalog.get("A").name == "longer"  # its size tells


def test_a_new_file_is_read_each_time_but_taken_apart_once(tmp_path: Path) -> None:
    path = write(tmp_path, a_yaml="resourceID: A\nname: one\n") / "a.yaml"
    reader = FileReader(tmp_path)
    first = reader.read(path)
    assert reader.read(path) is first
    path.write_text("resourceID: A\nname: two\n")  # of the same size, within the resolution of its time stamp
    (second,) = reader.read(path).results()
    assert isinstance(second, SourceDefinition)
    assert second.name == "two"


# -- defaults ---------------------------------------------------------------------------------------------------


def test_defaults_are_shared_by_a_folder_and_those_in_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        _defaults_yaml="""\
            owner: the lab
            errPerc: 1
            ingestMethod: CSV
            checks: {text: off, dates: {order: dmy}}
            severity:
              schema/pattern: {a: off}
            primaryKey: id
            schema: shared.json
        """,
        shared_json='{"fields": [{"name": "id"}]}',
        a_yaml="resourceID: A\n",
        sub___defaults_yaml="errPerc: 2\nchecks: {numbers: off}\n",
        sub__b_yaml="""\
            resourceID: B
            checks: {text: {strict: true}, dates: {year: 2000}}
            severity: {schema/pattern: {b: info}}
            primaryKeyJSONPath: $.key
            owner: ~
        """,
    )  # fmt: skip
    catalog = open_catalog(str(tmp_path))
    assert ids(catalog) == ["A", "B"]
    a, b = catalog.get("A"), catalog.get("B")
    assert (a.info, a.err_perc, a.ingest_method, a.primary_key) == ({"owner": "the lab"}, 1.0, "CSV", ("$.id",))
    assert a.checks == {"text": False, "dates": {"order": "dmy"}}
    assert a.table_schema == b.table_schema == {"fields": [{"name": "id"}]}
    assert (b.info, b.err_perc, b.ingest_method, b.primary_key) == ({}, 2.0, "CSV", ("$.key",))
    assert b.checks == {"text": {"strict": True}, "dates": {"year": 2000, "order": "dmy"}, "numbers": False}
    assert b.severity == {"schema/pattern": {"$.a": "off", "$.b": "info"}}
    assert b.schema_file == "../shared.json"
    assert (a.notes, b.notes) == ((), ())
    for member, file, line in (
        ("/errPerc", "sub/_defaults.yaml", 1),
        ("/checks/numbers", "sub/_defaults.yaml", 2),
        ("/checks/dates/order", "_defaults.yaml", 4),
        ("/checks/dates/year", "sub/b.yaml", 2),
        ("/ingestMethod", "_defaults.yaml", 3),
        ("/resourceID", "sub/b.yaml", 1),
    ):
        place = b.place(member)
        assert (place.file, place.line, place.path) == (file, line, member)


def test_a_definitions_own_form_of_a_member_replaces_the_defaults_other_form(tmp_path: Path) -> None:
    write(
        tmp_path,
        _defaults_yaml="qcRules: {ValueExists: [{path: a}]}\nschema: {fields: []}\naccounting: {increase: 5}\n",
        qc_yaml="ValueExists: [{path: b}]\n",
        a_yaml="resourceID: A\nqcRulesYamlFile: qc.yaml\njsonSchema: {type: object}\nskipCheck: true\n",
        b_yaml="resourceID: B\nqcRules: {CondValueExists: []}\n",
    )
    catalog = open_catalog(str(tmp_path))
    a = catalog.get("A")
    assert a.qc_rules == {"ValueExists": [{"path": "b"}]}
    assert (a.table_schema, a.json_schema, a.accounting) == (None, {"type": "object"}, {"skip": True})
    assert catalog.get("B").qc_rules == {"CondValueExists": []}


def test_a_fault_in_the_defaults_is_placed_there(tmp_path: Path) -> None:
    write(tmp_path, _defaults_yaml="owner: x\nerrPerc: lots\neerPerc: 1\n", a_yaml="resourceID: A\n")
    notes = open_catalog(str(tmp_path)).get("A").notes
    assert [(n.code, n.location.file, n.location.line) for n in notes] == [
        ("definition/bad-value", "_defaults.yaml", 2),
        ("definition/unknown-key", "_defaults.yaml", 3),
    ]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: [", 1, "not YAML"),
        ("- a\n", 1, "one mapping"),
        ("owner: x\nresourceID: A\n", 2, "can't have a resourceID"),
    ],
)
def test_defaults_that_cannot_be_used_are_told_once(tmp_path: Path, text: str, line: int, reason: str) -> None:
    write(tmp_path, _defaults_yaml=text, a_yaml="resourceID: A\n", b_yaml="resourceID: B\n", s_json='{"fields": []}')
    catalog = open_catalog(str(tmp_path))
    assert faults(catalog) == [("definition/invalid", "_defaults.yaml", line, "/resourceID" if line == 2 else None)]
    with pytest.raises(DefinitionError, match=reason):
        catalog.get("A")


def test_empty_defaults_change_nothing(tmp_path: Path) -> None:
    write(tmp_path, _defaults_yaml="# none yet\n", a_yaml="resourceID: A\n")
    assert open_catalog(str(tmp_path)).get("A").notes == ()


def test_defaults_reach_the_other_formats(tmp_path: Path) -> None:
    write(
        tmp_path,
        _defaults_yaml="owner: lab\nerrPerc: 3\n",
        f_yaml="x: {ingestMethod: CSV, errPerc: '1'}\ny: {ingestURL: a}\n",
    )
    catalog = open_catalog(str(tmp_path))
    assert (catalog.get("x").err_perc, catalog.get("y").err_perc) == (1.0, 3.0)
    assert catalog.get("x").info == {"owner": "lab"}


# -- one file ---------------------------------------------------------------------------------------------------


def test_a_file_of_several(tmp_path: Path) -> None:
    write(tmp_path, cat_yaml="x: {ingestMethod: CSV}\ny: {ingestMethod: CSV}\n", _defaults_yaml="owner: lab\n")
    catalog = open_catalog(tmp_path / "cat.yaml")
    assert isinstance(catalog, FileCatalog)
    assert ids(catalog) == ["x", "y"]
    assert catalog.get("y").info == {"owner": "lab"}
    assert catalog.get("y").origin.file == "cat.yaml"
    with pytest.raises(UnknownSource):
        catalog.get("z")


def test_a_file_is_a_definition_whatever_it_holds(tmp_path: Path) -> None:
    write(tmp_path, a_yaml="name: x\n", b_txt="resourceID: B\n", c_json="")
    assert faults(open_catalog(tmp_path / "a.yaml")) == [("definition/invalid", "a.yaml", 1, "/resourceID")]
    assert ids(open_catalog(tmp_path / "b.txt")) == ["B"]
    assert faults(open_catalog(tmp_path / "c.json")) == [("definition/invalid", "c.json", 1, None)]


def test_a_file_with_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfresourceID: A\r\nname: x\r\nerrPerc: y\r\n")
    (note,) = open_catalog(tmp_path / "a.yaml").get("A").notes
    assert (note.code, note.location.line) == ("definition/bad-value", 3)


def test_a_file_that_goes_away(tmp_path: Path) -> None:
    write(tmp_path, a_yaml="resourceID: A\n")
    catalog = open_catalog(tmp_path / "a.yaml")
    (tmp_path / "a.yaml").unlink()
    assert faults(catalog) == [("definition/invalid", "a.yaml", None, None)]
    assert ids(catalog) == []


# -- which catalog ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("location", ["nowhere", "https://example.org/cat?token=x", "a\0b", ""])
def test_no_catalog_there(tmp_path: Path, location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if location == "":
        location = str(tmp_path / "none")
    with pytest.raises(CatalogError) as caught:
        open_catalog(location)
    assert "token" not in str(caught.value)
    for kind in (FolderCatalog, FileCatalog):
        assert not kind.opens(location)
        with pytest.raises(CatalogError):
            kind.open(location)


class ListCatalog(Catalog):
    """A plugin's catalog."""

    name: ClassVar[str] = "list"

    def __init__(self, names: list[str]) -> None:
        self.names = names

    @classmethod
    def opens(cls, location: str) -> bool:
        return location.startswith("list:")

    @classmethod
    def open(cls, location: str) -> Self:
        return cls(location.removeprefix("list:").split(","))

    def get(self, resource_id: str) -> SourceDefinition:
        if resource_id == "broken":
            raise DefinitionError("broken")
        return SourceDefinition(resource_id=resource_id)

    def ids(self) -> Iterator[str]:
        return iter(self.names)


def test_a_plugins_catalog_is_asked_first() -> None:
    catalog = open_catalog("list:a,broken,b", [ListCatalog])
    assert isinstance(catalog, Guarded)
    assert isinstance(catalog.inner, ListCatalog)
    assert [s.resource_id for s in catalog.definitions()] == ["a", "b"]
    assert [(f.code, f.message) for f in catalog.faults()] == [("definition/invalid", "broken")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_pipes_and_devices_among_the_definitions_are_told_and_not_read(tmp_path: Path) -> None:
    write(tmp_path, good_yaml="resourceID: A\ningestMethod: CSV\ningestURL: data/a.csv\n")
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "zeros.json").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "folder.yaml").mkdir()
    catalog = FolderCatalog.open(str(tmp_path))
    assert ids(catalog) == ["A"]
    assert {(f.location.file, f.message) for f in catalog.faults()} == {
        (name, "the file can't be read: it's a pipe, a socket or a device") for name in ("pipe.yaml", "zeros.json")
    }


def test_a_folder_that_may_not_be_looked_into_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is defined in it would be missing without a word."""
    write(tmp_path, a_yaml="resourceID: A\ningestMethod: CSV\n", shut__b_yaml="resourceID: B\ningestMethod: CSV\n")
    monkeypatch.chdir(tmp_path)  # another user mayn't come here through all folders above
    tmp_path.chmod(0o755)
    Path("shut").chmod(0)
    me = os.geteuid()
    os.seteuid(me or 65534)
    try:
        catalog = FolderCatalog(".")
        (fault,) = catalog.faults()
        assert (ids(catalog), fault.code, fault.location.file) == (["A"], "definition/invalid", "shut")
        assert "the folder can't be read, and what is defined in it isn't known: Permission denied" in fault.message
    finally:
        os.seteuid(me)
        Path("shut").chmod(0o755)
    assert (ids(catalog), list(catalog.faults())) == (["A", "B"], [])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("_default.yaml", "what the definitions of a folder share is called _defaults.yaml"),
        ("_Defaults.yml", "what the definitions of a folder share is called _defaults.yaml"),
        ("sub/_default.json", "what the definitions of a folder share is called _defaults.yaml"),
        ("defaults.yaml", None),
        ("_defaults.yml", None),
    ],
)
def test_defaults_under_another_name(tmp_path: Path, name: str, reason: str | None) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / name).write_text('{"errPerc": 1}')
    (tmp_path / "a.yaml").write_text("resourceID: A\ningestMethod: CSV\ningestURL: a.csv\n")
    told = [(o.code, o.location.file, o.message.partition(":")[0]) for o in open_catalog(str(tmp_path)).faults()]
    assert told == ([("definition/invalid", name, reason)] if reason else [])


def test_defaults_in_two_files(tmp_path: Path) -> None:
    (tmp_path / "_defaults.yaml").write_text("errPerc: 1\n")
    (tmp_path / "_defaults.json").write_text('{"errPerc": 2}')
    (tmp_path / "a.yaml").write_text("resourceID: A\ningestMethod: CSV\ningestURL: a.csv\n")
    [told] = open_catalog(str(tmp_path)).faults()
    said = "_defaults.json lies beside it: keep the defaults of a folder in one file"
    assert (told.location.file, told.message) == ("_defaults.yaml", said)


@pytest.mark.parametrize("resources", ["{}", '{"r": {"path": "a.csv"}}', '["a.csv"]', '[{"name": "r"}]', "[]"])
def test_a_data_package_without_resources(tmp_path: Path, resources: str) -> None:
    (tmp_path / "datapackage.json").write_text(f'{{"name": "p", "resources": {resources}}}')
    [told] = open_catalog(str(tmp_path)).faults()
    assert (told.code, told.location.file) == ("definition/invalid", "datapackage.json")
    assert told.message.startswith("a Data Package has resources")
