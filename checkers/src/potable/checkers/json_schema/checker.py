"""The ``json-schema`` checker: records against a JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from potable.checkers.declared.formats import TABLE_FORMATS
from potable.checkers.json_schema.codes import CODES, VIOLATION
from potable.checkers.names.headers import HeaderFold, header_line
from potable.checkers.names.likely import Columns, did_you_mean, likely_columns, shown
from potable.engine.checker import Checker, DocumentCheck, Fold
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Location, Occurrence
from potable.engine.paths import column_path

if TYPE_CHECKING:
    from potable.checkers.json_schema.validation import Judge


class JsonSchemaChecker(Checker):
    """Each record against the definition's JSON Schema: drafts 2020-12, 2019-09, 7, 6 and 4, by its ``$schema``.

    References lead to the schema itself or to files below the definition's folder; nothing is fetched. The regular
    expressions of a schema run in a linear-time engine.
    """

    name = "json-schema"
    codes = CODES
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "formats": {
                "type": "boolean",
                "default": True,
                "description": "Whether a `format` (date, email, uri, ...) must hold; false: it's a note.",
            }
        },
    }

    _judged: tuple[SourceDefinition, Judge] | None = None

    def skip_reason(self, source: SourceDefinition) -> str | None:
        """Nothing to check without a schema."""
        if source.json_schema is not None:
            return None if self._judge(source).usable else "the schema can't be used"
        return "no schema declared" if source.table_schema is None else "no JSON Schema declared"

    def check_definition(self, source: SourceDefinition) -> Iterable[Occurrence]:
        """What of the schema can't be used."""
        if source.json_schema is None:
            return
        for problem in self._judge(source).problems:
            rule = problem.location.path
            yield Occurrence(problem.code, problem.message, rule=rule, location=problem.location, hint=problem.hint)

    def documents(self, source: SourceDefinition) -> Iterator[DocumentCheck]:
        """The check of a record."""
        judge = self._judge(source)
        if judge.usable:
            check = partial(_check, judge)
            yield DocumentCheck(codes=[VIOLATION.id], check=check, passes=judge.quick, suspects=judge.suspects)

    def folds(self, source: SourceDefinition) -> Iterator[Fold[Any]]:
        """Required members that a table has no column for."""
        if source.format in TABLE_FORMATS:
            judge = self._judge(source)
            if judge.required:
                check = partial(_check_columns, judge)
                yield HeaderFold("columns", (VIOLATION.id,), check, header_line(source))

    def _judge(self, source: SourceDefinition) -> Judge:
        if self._judged is None or self._judged[0] is not source:
            from potable.checkers.json_schema.validation import Judge  # heavy: only for a source that has a schema

            self._judged = (source, Judge(source, formats=self.options["formats"]))
        return self._judged[1]


def _check(judge: Judge, document: Any) -> Iterator[Occurrence]:
    for told, places in judge.violations(document, judge.read(document)):
        more = f" (and in {places - 1:,} more places)" if places > 1 else ""
        yield Occurrence(
            VIOLATION.id, told.message + more, told.field, rule=told.rule, value=told.value,
            location=Location(path=told.pointer),
        )  # fmt: skip


def _check_columns(judge: Judge, columns: Columns, place: Location) -> Iterator[Occurrence]:
    """Required members that aren't among a file's columns."""
    for name, rule in judge.required.items():
        path = column_path(name)
        if path not in columns:
            message = f"there is no column {shown(path)}, which the schema requires"
            message += did_you_mean(likely_columns(path, columns))
            yield Occurrence(VIOLATION.id, message, path, rule=rule, location=place)
