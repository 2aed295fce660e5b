"""The ``identifiers`` checker: whether identifiers are written as their kind is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from potable.checkers.declared.fields import bad_paths, by_chosen, field_list, left_out_of
from potable.checkers.declared.switched import is_on
from potable.checkers.declared.table_schema import SchemaField, TableSchema
from potable.checkers.identifiers.codes import CODES, ODD_SHAPE
from potable.engine.checker import VALUE_PATH, Checker, Fold
from potable.engine.definition.model import SourceDefinition
from potable.engine.findings import Occurrence
from potable.engine.toolkit import likely


class IdentifiersChecker(Checker):
    """RRIDs, DOIs, ORCID iDs, PMIDs, UUIDs, ISSNs, ISBNs, URLs, e-mail addresses, and compact identifiers of the
    Bioregistry's prefixes.

    It looks at the fields whose first values are such, and at those that the definition names with their kind; in all
    others, at those that are built otherwise than nearly all of their field. Without the extra ``identifiers`` the
    Bioregistry's prefixes aren't known, and compact identifiers aren't looked at.
    """

    name = "identifiers"
    codes = CODES
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "fields": {
                "type": "object",
                "default": {},
                "propertyNames": {"format": VALUE_PATH},
                "additionalProperties": {"type": "string", "minLength": 1},
                "description": "By field: its kind, one of rrid, doi, orcid, pmid, uuid, issn, isbn, url, email, curie "
                "(any prefix), or a prefix of the Bioregistry.",
            },
            "except": field_list("Fields that aren't looked at."),
        },
    }

    def check_definition(self, source: SourceDefinition) -> Iterator[Occurrence]:
        """Fields that can't be read as paths, kinds that aren't known."""
        for option in ("fields", "except"):
            yield from bad_paths(source, f"/checks/identifiers/{option}", list(self.options[option]))
        if not self.options["fields"]:
            return
        from potable.checkers.identifiers.kinds import SHAPES, Curie, kind_of  # heavy
        from potable.checkers.identifiers.registry import EXTRA, registry

        for name, kind in self.options["fields"].items():
            if kind_of(kind) is not None:
                continue
            known = registry()
            mend = f"install {EXTRA} for the Bioregistry's prefixes" if known is None else ""
            if known is not None:
                shapes = [s.name for s in SHAPES] + [Curie.name]
                near = likely(kind, [*shapes, *(e.prefix for e in known.entries.values())])
                mend = (
                    f"did you mean {near[0]}?"
                    if near
                    else f"known are {', '.join(shapes)} and the Bioregistry's prefixes"
                )
            place = source.place(f"/checks/identifiers/fields/{name}")
            yield Occurrence("definition/bad-value", f"{kind!r} is no known kind of identifier; {mend}", location=place)

    def folds(self, source: SourceDefinition) -> Iterator[Fold[Any]]:
        """All in one look."""
        from potable.checkers.identifiers.fold import IdentifiersFold  # heavy
        from potable.checkers.identifiers.kinds import kind_of
        from potable.checkers.identifiers.shaped import ShapeFold

        on = {c.id for c in CODES if is_on(source, c)}
        given = by_chosen(source, self.options["fields"])
        kinds = {path: kind for path, kind in given.items() if kind_of(kind) is not None}
        samples, left_out = self.context.limits.samples, left_out_of(self.options["except"])
        # What a Table Schema says of a field's form is told by the checker of schemas.
        schema = TableSchema.of(source) if source.checks.get("schema") is not False else None
        fields = schema.fields if schema is not None else ()
        if on.difference({ODD_SHAPE.id}):
            addresses = [f.path for f in fields if f.type == "string" and f.given.get("format") == "email"]
            yield IdentifiersFold(source, samples, on, kinds, [*left_out, *set(addresses).difference(kinds)])
        if ODD_SHAPE.id in on:
            shaped = [f.path for f in fields if not _constraints(f).keys().isdisjoint(("pattern", "enum"))]
            yield ShapeFold(source, samples, [*left_out, *kinds, *shaped])


def _constraints(field: SchemaField) -> Mapping[str, Any]:
    given = field.given.get("constraints")
    return given if isinstance(given, Mapping) else {}
