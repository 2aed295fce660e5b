"""The law of the schema checker: any cutting of the data gives the same findings."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from potable.checkers.schema import SchemaChecker
from potable.engine.definition.model import SourceDefinition
from potable.engine.testing import check_checker

VALUES = st.sampled_from(
    [
        "",
        "1",
        "2.5",
        " 3",
        "x",
        "2020-01-01",
        "2020-02-30",
        "true",
        "9" * 25,
        "1e400",
        "NaN",
        "a@b.de",
        "P1D",
        "[1]",
        "{}",
    ]
)
FIELD = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(
            ["integer", "number", "date", "boolean", "string", "duration", "array", "geopoint", "list"]
        ),
        "constraints": st.fixed_dictionaries(
            {},
            optional={
                "required": st.booleans(),
                "minimum": st.sampled_from([1, "2020-01-01", "P1D"]),
                "maximum": st.sampled_from([2, "2.5", "2020-01-01"]),
                "enum": st.sampled_from([[1, 2], ["x"], ["true"]]),
                "pattern": st.sampled_from(["[0-9]+", "x|true"]),
                "minLength": st.just(2),
                "maxLength": st.just(4),
            },
        ),
    },
)


@given(FIELD, FIELD, st.lists(st.tuples(VALUES, VALUES | st.none()), min_size=1, max_size=20))
@settings(max_examples=30, deadline=None)
def test_any_cutting_gives_the_same(
    one: dict[str, Any], other: dict[str, Any], rows: list[tuple[str, str | None]]
) -> None:
    schema = {"fields": [{"name": "a", **one}, {"name": "b", **other}, {"name": "c"}]}
    source = SourceDefinition(resource_id="test", ingest_method="CSV", table_schema=schema)
    check_checker(SchemaChecker, {"a": [r[0] for r in rows], "b": [r[1] for r in rows]}, source=source, cuttings=2)
