"""Whatever a definition holds, it's read with notes or refused with a reason; nothing else is raised."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from potable.engine.definition.codes import CODES
from potable.engine.definition.members import CARRIED, MEMBERS
from potable.engine.definition.methods import METHODS, PARAMETERS
from potable.engine.definition.model import Origin, SourceDefinition
from potable.engine.definition.parse import looks_like_definition, parse_text
from potable.engine.errors import DefinitionError
from potable.engine.lint import lint_source
from potable.engine.plugins import Plugins

NOWHERE = Path("/nonexistent-folder-of-potable")
PLUGINS = Plugins(codes={c.id: c for c in CODES})

native = sorted(MEMBERS.keys() | PARAMETERS.keys() | CARRIED)
inner_names = [
    "fields", "delimiter", "method", "min", "max", "increase", "skip", "ValueExists", "CondValueExists", "path",
    "condPath", "valueRegex", "env", "file", "a", "name", "resourceID", "missingValues", "value",
]  # fmt: skip
texts = st.one_of(
    st.sampled_from(["", " ", "$", "$.a b", "a", "off", "1", "-1", "1e999", "${X}", "re::(", "(?=", "[", "<a/>", "x\0y",
                     "https://u:p@h:x/?token=1", "://", "&#034;", "&#9999999;", "\ud800", "null", *METHODS]),
    st.text(max_size=4),
)  # fmt: skip
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(st.sampled_from(inner_names), texts), inner, max_size=3)
    ),
    max_leaves=6,
)
members = st.dictionaries(st.one_of(st.sampled_from(native), texts), values, max_size=6)
with_id = members.map(lambda m: {"resourceID": "A", **m})
foundry = st.fixed_dictionaries(
    {"sourceInformation": st.one_of(members, values)},
    optional={
        "ingestConfiguration": st.one_of(members, values),
        "contentSpecification": st.one_of(members, values),
        "originalRecordIdentifierSpec": values,
        "schema": values,
        "transformationInfo": values,
        "IngestConfiguration": members,
    },
)
resource_names = [
    "name",
    "path",
    "data",
    "schema",
    "dialect",
    "format",
    "mediatype",
    "hash",
    "bytes",
    "encoding",
    "title",
]
dialects = st.dictionaries(st.sampled_from(["delimiter", "header", "headerRows", "quoteChar", "x"]), values, max_size=3)
resources = st.dictionaries(st.sampled_from(resource_names), st.one_of(values, dialects), max_size=6)
packages = st.fixed_dictionaries(
    {"resources": st.lists(st.one_of(resources, values), max_size=3)}, optional={"name": values}
)
descriptors = st.dictionaries(texts, members, max_size=3)
documents = st.one_of(values, with_id, st.lists(with_id, max_size=2), foundry, packages, descriptors)


def read(text: str, file: str) -> list[SourceDefinition]:
    try:
        return parse_text(text, file=file, folder=NOWHERE)
    except DefinitionError:
        return []


@settings(max_examples=200, deadline=None)
@given(documents)
def test_any_json_is_read_or_refused(value: Any) -> None:
    looks_like_definition(value)
    for source in read(json.dumps(value), "f.json"):
        assert source.resource_id
        found = lint_source(source, PLUGINS)
        for o in found:
            assert o.code in PLUGINS.codes
            assert o.location.file == "f.json"
            assert o.location.line == 1
            assert len(o.message) < 1000
        pickle.loads(pickle.dumps(source))


@settings(max_examples=100, deadline=None)
@given(with_id)
def test_yaml_and_json_mean_the_same(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=True)  # JSON is YAML, but for lone surrogates
    if "\\ud" in text:
        return
    as_json, as_yaml = read(text, "f"), read(text, "f.yaml")
    assert [replace(s, origin=Origin()) for s in as_json] == [replace(s, origin=Origin()) for s in as_yaml]
    assert [n.message for s in as_json for n in s.notes] == [n.message for s in as_yaml for n in s.notes]
