"""Every ``definition/*`` code is found by lint in a catalogue on disk: in its file, at its line, with a mend."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from potable.engine import API_VERSION, Checker, Engine, hookimpl
from potable.engine.definition.codes import CODES

CSV = "resourceID: A\ningestMethod: CSV\n"
FOUND: dict[str, tuple[dict[str, str], str, int | None, str]] = {
    "invalid": ({"a.yaml": "name: x\ningestMethod: CSV\n"}, "a.yaml", 1, "it has no resourceID"),
    "unknown-method": ({"a.yaml": "resourceID: A\n\ningestMethod: CVS\n"}, "a.yaml", 3, "Did you mean CSV?"),
    "unsupported-method": ({"a.yaml": "resourceID: A\ningestMethod: ASPERA\n"}, "a.yaml", 2, "fetches sources"),
    "missing-parameter": ({"a.yaml": CSV + "ingestURL: x\nsampleMode: true\n"}, "a.yaml", 1, "needs sampleSize"),
    "unknown-key": ({"a.yaml": CSV + "ingestURL: x\nfileNamePattern: y\n"}, "a.yaml", 4, "mean filenamePattern?"),
    "duplicate-key": ({"a.yaml": CSV + "ingestURL: x\ningestURL: y\n"}, "a.yaml", 4, "given twice"),
    "bad-regex": ({"a.yaml": CSV + "ingestURL: x\nfilenamePattern: '(?=a)'\n"}, "a.yaml", 4, "can't be used"),
    "bad-path": ({"a.yaml": CSV + "ingestURL: x\nprimaryKey:\n  - $.Cell Name\n"}, "a.yaml", 5, "$.'Cell Name'"),
    "missing-file": ({"a.yaml": CSV + "ingestURL: x\nschema: none.json\n"}, "a.yaml", 4, "isn't there"),
    "plaintext-secret": ({"a.yaml": CSV + "ingestURL: x\npassword: hunter2\n"}, "a.yaml", 4, "${NAME}"),
    "duplicate-id": ({"a.yaml": CSV + "ingestURL: x\n", "b.yaml": "#\n" + CSV + "ingestURL: y\n"}, "b.yaml", 2, "a.y"),
    "legacy-format": ({"a.json": '{"SourceInformation":\n {"ResourceID": "A", "Name": "a", "DataSource": "d"},\n'
                       '"IngestConfiguration": {"IngestMethod": "CSV", "IngestURL": "x"}, "ContentSpecification": {}}'},
                      "a.json", 1, "PascalCase"),
    "script-ignored": ({"a.yaml": CSV + "ingestURL: x\npreprocessScript: x.py\n"}, "a.yaml", 4, "isn't run"),
    "no-effect": ({"a.yaml": CSV + "ingestURL: x\nlocale: de_DE\n"}, "a.yaml", 4, "decimalChar"),
    "bad-value": ({"a.yaml": CSV + "ingestURL: x\nheaderLine: first\n"}, "a.yaml", 4, "a whole number"),
    "whitespace": ({"a.yaml": CSV + "ingestURL: 'x '\n"}, "a.yaml", 3, "ends with blanks"),
    "unknown-code": ({"a.yaml": CSV + "ingestURL: x\nseverity:\n  csv/blank-rows: off\n"}, "a.yaml", 5, "blank-row?"),
    "unknown-checker": ({"a.yaml": CSV + "ingestURL: x\nchecks:\n  labb: {}\n"}, "a.yaml", 5, "Did you mean lab?"),
    "checker-crashed": ({"a.yaml": CSV + "ingestURL: crash\n"}, "a.yaml", 1, "KeyError"),
}  # fmt: skip
"""By code: files, and where and how it's told in one of them."""


class Lab(Checker):
    """Fails on a definition that asks for it."""

    name = "lab"

    def check_definition(self, source: Any) -> Any:
        return {}[source.ingest_url] if source.ingest_url == "crash" else ()


@pytest.fixture(scope="module")
def plugin() -> ModuleType:
    def potable_checkers() -> list[type[Checker]]:
        return [Lab]

    module: Any = SimpleNamespace(__name__="lab", potable_api=API_VERSION, potable_checkers=hookimpl(potable_checkers))
    return module


def test_they_are_all_here() -> None:
    # What a filter leaves out, and which fields there are, shows in the data alone.
    in_runs = {"definition/nothing-kept", "definition/unknown-field"}
    assert {f"definition/{name}" for name in FOUND} | in_runs == {code.id for code in CODES}


@pytest.mark.parametrize("name", FOUND)
def test_found_at_its_place_with_a_mend(tmp_path: Path, plugin: ModuleType, name: str) -> None:
    files, file, line, words = FOUND[name]
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    engine = Engine(catalog=tmp_path, plugins=[plugin], without=["checkers"])
    mends = {code.id: code.mend for code in CODES}
    found = [
        (o.location.file, o.location.line, f"{o.message} {o.hint or mends[o.code]}")
        for _, o in engine.lint()
        if o.code == f"definition/{name}"
    ]
    assert [(f, n) for f, n, _ in found] == [(file, line)]
    assert words in found[0][2]
    others = {o.code for _, o in engine.lint()} - {f"definition/{name}"}
    assert others == set()


def test_a_sound_catalogue_has_none(tmp_path: Path, plugin: ModuleType) -> None:
    (tmp_path / "a.yaml").write_text(CSV + "ingestURL: x\nsampleMode: true\nsampleSize: 5\n")
    assert Engine(catalog=tmp_path, plugins=[plugin], without=["checkers"]).lint() == []
