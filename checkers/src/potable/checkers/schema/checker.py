"""The ``schema`` checker: values and header against a Table Schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from potable.checkers.declared.table_schema import TableSchema, schema_place
from potable.checkers.names.headers import HeaderFold, header_line
from potable.checkers.schema.codes import CODES
from potable.checkers.schema.descriptor import check_descriptor
from potable.checkers.schema.header import CODES as HEADER_CODES
from potable.checkers.schema.header import check_header
from potable.engine.checker import Checker, Fold, Rule
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence


class SchemaChecker(Checker):
    """A source's records against its Table Schema: header, types, formats, constraints.

    ``unique`` and the keys are the ``keys`` checker's.
    """

    name = "schema"
    codes = CODES

    def skip_reason(self, source: SourceDefinition) -> str | None:
        """Nothing to check without fields."""
        schema = TableSchema.of(source)
        if schema is None:
            return "no schema declared" if source.json_schema is None else "no Table Schema declared"
        return None if schema.fields else "the schema has no fields"

    def check_definition(self, source: SourceDefinition) -> Iterable[Occurrence]:
        """Members of the schema that can't be used."""
        schema = TableSchema.of(source)
        if schema is None:
            return
        yield from check_descriptor(source)
        from potable.checkers.schema.plan import plan_all  # heavy: only for a source that has a schema

        for plan in plan_all(schema.fields, source.format):
            for problem in plan.problems:
                yield Occurrence(problem.code, problem.message, location=schema_place(source, problem.pointer))

    def rules(self, source: SourceDefinition) -> Iterator[Rule]:
        """Rules of types and constraints."""
        from potable.checkers.schema.plan import plan_all  # heavy: only for a source that has a schema

        schema = TableSchema.of(source)
        for plan in plan_all(schema.fields if schema else (), source.format):
            yield from plan.rules

    def folds(self, source: SourceDefinition) -> Iterator[Fold[Any]]:
        """The header of each file."""
        schema = TableSchema.of(source)
        if schema is not None:
            yield HeaderFold("header", HEADER_CODES, partial(check_header, schema), header_line(source))
