"""Where the records of a document are, told from its first bytes."""

from __future__ import annotations

from typing import Any

import pytest

from potable.engine.describe.documents import json_element, xml_elements


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ('{"a": 1, "items": [{"x": 1}]}', "items"),
        ('{"a": {"deep": [{"x": 1}]}, "items": [{"x": 1}]}', "items"),
        ('{"a": {"hits": {"hits": [{"x": [{"y": 1}]}]}}}', "hits"),
        ('{"a": [1, 2], "b": ["{", "["], "c": [{"x": 1}', "c"),
        ('{"a\\"b": [{}]}', 'a"b'),
        ('{"a": "[{", "b": {"c": 1}}', None),
        ('[{"items": [{"x": 1}]}]', None),
        ("", None),
        ("{", None),
        ('{"a": [[{"x": 1}]]}', None),
    ],
)
def test_json(text: str, element: str | None) -> None:
    assert json_element(text.encode()) == element


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<a><b><c/></b><b><c/></b></a>", {"topElement": "a", "documentElement": "b"}),
        ("<a><date/><bs><b x='1'/><b/></bs></a>", {"topElement": "bs", "documentElement": "b"}),
        ("<a><n/><n/><b><c>1</c><c>2</c></b><b><c>3</c></b></a>", {"topElement": "a", "documentElement": "b"}),
        ("<a><b>1</b><b>2</b></a>", {"topElement": "a", "documentElement": "b"}),
        ("<o:a xmlns:o='u'><o:b><c/></o:b><o:b><c/>", {"topElement": "o:a", "documentElement": "o:b"}),
        ("<?xml version='1.0' encoding='x'?><a><b><c>\u00e4</c></b></a>", {"topElement": "a", "documentElement": "b"}),
        ("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", {}),
        ("<a/>", {}),
        ("", {}),
        ("no", {}),
    ],
)  # fmt: skip
def test_xml(text: str, found: dict[str, Any]) -> None:
    assert xml_elements(text.encode()) == found
