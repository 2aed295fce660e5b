"""A plugin's catalogue that gives what it shouldn't, or raises, is told as its fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from potable.engine.catalog import open_catalog
from potable.engine.contracts.catalog import Catalog
from potable.engine.errors import CatalogError, UnknownSource
from potable.engine.findings import Occurrence
from potable.engine.given.arguments import definition_of
from potable.engine.toolkit import from_mapping

HERE = r" \(test_catalogs_of_plugins\.py:\d+\)"


def definition(name: str) -> Any:
    return from_mapping({"resourceID": name, "ingestMethod": "CSV", "ingestURL": "a.csv"}, folder=Path())


class Shelf(Catalog):
    """Two sources, whatever the location."""

    name = "shelf"

    @classmethod
    def opens(cls, location: str) -> bool:
        return True

    @classmethod
    def open(cls, location: str) -> Any:
        return cls()

    def ids(self) -> Iterator[str]:
        return iter(["a", "b"])

    def get(self, resource_id: str) -> Any:
        if resource_id not in self.ids():
            raise UnknownSource(resource_id)
        return definition(resource_id)


def shelf(**members: Callable[..., Any]) -> Catalog:
    wrapped = {name: classmethod(f) if name in ("opens", "open") else f for name, f in members.items()}
    return open_catalog("x", [type("Odd", (Shelf,), wrapped)])


def broken(*_: Any) -> Any:
    raise ValueError("boo")


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"opens": broken}, "in opens: ValueError: boo"),
        ({"open": broken}, "in open: ValueError: boo"),
        ({"open": lambda cls, location: None}, "in open: TypeError: open gave None where a Odd belongs"),
        ({"ids": broken}, "in ids: ValueError: boo"),
        ({"ids": lambda self: None}, "in ids: TypeError: ids gave None: yield each, or give a list"),
        ({"ids": lambda self: [1]}, "in ids: TypeError: it gave an int where str belongs"),
        ({"definitions": lambda self: [{}]}, "in definitions: TypeError: it gave a dict where .* belongs"),
        ({"faults": lambda self: ["x"]}, "in faults: TypeError: it gave a str where Occurrence belongs"),
        ({"faults": lambda self: [Occurrence("x/y", "m")]}, "in faults: LookupError: it reported the code x/y: .*"),
        ({"contents": lambda self: [3]}, "in contents: TypeError: it gave an int where .* or Occ.* belongs"),
    ],
)  # fmt: skip
def test_a_catalogue_at_fault(members: dict[str, Any], told: str) -> None:
    def look() -> None:
        for each in ("ids", "faults", "definitions", "contents"):
            list(getattr(shelf(**members), each)())

    with pytest.raises(CatalogError) as e:
        look()
    assert re.fullmatch(f"the catalogue shelf failed, {told}({HERE})?", str(e.value))


def test_the_definition_of_another_source_is_never_taken() -> None:
    with pytest.raises(CatalogError, match=r"get\('a'\) gave the definition of 'b'; .* Odd has to raise UnknownSource"):
        shelf(get=lambda self, name: definition("b")).get("a")
    odd = type("Odd", (Shelf,), {"get": lambda self, name: definition("b")})()
    with pytest.raises(CatalogError, match=r"get\('a'\) gave the definition of 'b'"):
        definition_of(odd, "a")


def test_what_it_raises_on_purpose_is_raised() -> None:
    with pytest.raises(UnknownSource):
        shelf().get("nosuch")


def test_one_without_fault_is_as_it_is() -> None:
    found = shelf(ids=lambda self: ["b", "a", "b"])
    assert list(found.ids()) == ["b", "a"]
    assert list(found.faults()) == []
    found = shelf()
    assert [s.resource_id for s in found.definitions()] == ["a", "b"]
    assert list(found.contents()) == list(found.definitions())
    assert found.get("b") == definition("b")
